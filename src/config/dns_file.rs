//! A file of recorded DNS answers: `{"name": {"TXT": ["…"], "A": ["…"], "MX": ["10 host"]}, "other": {"rcode": "NXDOMAIN"}}`.
//! A name that is not listed does not exist.

use super::desk::{Desk, Problems};
use super::files;
use crate::model::{Diagnostic, DnsAnswer, RecordType, Zone, ZoneEntry};
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// Reads the file, or says what is wrong with it and where.
pub fn read_zone(path: &Path) -> Result<Zone, Problems> {
    let mut desk = Desk::default();
    let source = match files::read(path) {
        Ok(source) => source,
        Err(why) => {
            let message = format!("DNS file `{}` can not be read: {why}", files::shown(path));
            desk.put(Diagnostic::plain(message, files::remedy(&why).map(str::to_owned)));
            return Err(desk.finish());
        }
    };
    desk.keep(&source.file, source.text.clone());
    let names: BTreeMap<String, Entry> = match serde_json::from_str(&source.text) {
        Ok(names) => names,
        Err(error) => {
            let at = offset(&source.text, error.line(), error.column());
            let help = "expected {\"name\": {\"TXT\": [\"…\"], \"A\": [\"…\"], \"MX\": [\"10 host\"]}, \"other\": {\"rcode\": \"NXDOMAIN\"}}";
            let words = error.to_string();
            let words = words.split(" at line ").next().unwrap_or(&words);
            desk.at(
                &source,
                at..at,
                format!("not a file of DNS answers: {words}"),
                "here",
                Some(help.to_owned()),
            );
            return Err(desk.finish());
        }
    };
    let mut zone = Zone::default();
    for (name, entry) in names {
        zone.put(&name, entry.into());
    }
    Ok(zone)
}

/// Byte offset of a 1-based line and byte column.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    before + column.saturating_sub(1)
}

/// What is written of one name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "UPPERCASE", default)]
#[derive(Default)]
struct Entry {
    txt: Vec<Text>,
    a: Vec<Ipv4Addr>,
    aaaa: Vec<Ipv6Addr>,
    mx: Vec<Exchange>,
    cname: Vec<String>,
    ptr: Vec<String>,
    ns: Vec<String>,
    #[serde(rename = "rcode")]
    rcode: Option<Rcode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Rcode {
    Noerror,
    Nxdomain,
    Servfail,
    Refused,
    Timeout,
}

/// A TXT record: one text, or a list of strings that make up one text (RFC 6376 §3.6.2.2).
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Text;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text, or a list of strings that make up one")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut parts: A) -> Result<Text, A::Error> {
                let mut text = String::new();
                while let Some(part) = parts.next_element::<String>()? {
                    text.push_str(&part);
                }
                Ok(Text(text))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// `10 host`.
struct Exchange(String);

impl<'de> Deserialize<'de> for Exchange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let well_formed = text
            .split_once(' ')
            .is_some_and(|(preference, host)| preference.parse::<u16>().is_ok() && !host.trim().is_empty());
        match well_formed {
            true => Ok(Exchange(text.trim_end_matches('.').to_ascii_lowercase())),
            false => Err(D::Error::invalid_value(
                Unexpected::Str(&text),
                &"a preference and a host, such as \"10 mx.brand.example\"",
            )),
        }
    }
}

impl From<Entry> for ZoneEntry {
    fn from(entry: Entry) -> Self {
        match entry.rcode {
            Some(Rcode::Nxdomain) => return ZoneEntry::Answer(DnsAnswer::NoName),
            Some(Rcode::Servfail) => return ZoneEntry::Answer(DnsAnswer::Failed("SERVFAIL".to_owned())),
            Some(Rcode::Refused) => return ZoneEntry::Answer(DnsAnswer::Failed("REFUSED".to_owned())),
            Some(Rcode::Timeout) => return ZoneEntry::Answer(DnsAnswer::Timeout),
            Some(Rcode::Noerror) | None => (),
        }
        let bare = |name: String| name.trim_end_matches('.').to_ascii_lowercase();
        let words = |names: Vec<String>| names.into_iter().map(bare).collect::<Vec<_>>();
        ZoneEntry::Records(BTreeMap::from([
            (RecordType::Txt, entry.txt.into_iter().map(|text| text.0).collect()),
            (RecordType::A, entry.a.iter().map(Ipv4Addr::to_string).collect()),
            (RecordType::Aaaa, entry.aaaa.iter().map(Ipv6Addr::to_string).collect()),
            (
                RecordType::Mx,
                entry.mx.into_iter().map(|exchange| exchange.0).collect(),
            ),
            (RecordType::Cname, words(entry.cname)),
            (RecordType::Ptr, words(entry.ptr)),
            (RecordType::Ns, words(entry.ns)),
        ]))
    }
}

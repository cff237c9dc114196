//! DNS answers as they came: what is recorded here is exactly what the verifiers judge.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The record types this product asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    /// Text (SPF, DKIM, DMARC).
    Txt,
    /// IPv4 address.
    A,
    /// IPv6 address.
    Aaaa,
    /// Mail exchanger, written `10 host`.
    Mx,
    /// Alias.
    Cname,
    /// Reverse name.
    Ptr,
    /// Name server.
    Ns,
}

impl RecordType {
    /// The presentation name (`TXT`).
    pub fn as_str(self) -> &'static str {
        match self {
            RecordType::Txt => "TXT",
            RecordType::A => "A",
            RecordType::Aaaa => "AAAA",
            RecordType::Mx => "MX",
            RecordType::Cname => "CNAME",
            RecordType::Ptr => "PTR",
            RecordType::Ns => "NS",
        }
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One answer (RFC 1035, RFC 2308). `Failed` and `Timeout` mean "could not look"; `NoName` and `NoData` mean "not there".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "answer", content = "value")]
pub enum DnsAnswer {
    /// The records, in presentation form; the strings of one TXT record are joined (RFC 6376 §3.6.2.2).
    Records(Vec<String>),
    /// NXDOMAIN.
    NoName,
    /// The name exists, without this type.
    NoData,
    /// SERVFAIL, REFUSED and the like, with the rcode's name or the resolver's error.
    Failed(String),
    /// No answer in time.
    Timeout,
}

impl DnsAnswer {
    /// The records, or none where there are none; `None` where we could not look.
    pub fn known(&self) -> Option<&[String]> {
        match self {
            DnsAnswer::Records(records) => Some(records),
            DnsAnswer::NoName | DnsAnswer::NoData => Some(&[]),
            DnsAnswer::Failed(_) | DnsAnswer::Timeout => None,
        }
    }
}

/// Recorded answers by question. Names are lower-case without the final dot. Serialised as a sorted list
/// of `{name, type, answer}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<DnsEntry>", into = "Vec<DnsEntry>")]
pub struct DnsRecords {
    answers: BTreeMap<(String, RecordType), DnsAnswer>,
}

/// One recorded question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsEntry {
    /// Lower-case name without the final dot.
    pub name: String,
    /// The type asked for.
    #[serde(rename = "type")]
    pub kind: RecordType,
    /// What came.
    pub answer: DnsAnswer,
}

impl DnsRecords {
    /// The recorded answer to a question, if it was asked.
    pub fn get(&self, name: &str, kind: RecordType) -> Option<&DnsAnswer> {
        self.answers.get(&(normal(name), kind))
    }

    /// Records an answer; the first one stays (one run judges one state of the world).
    pub fn record(&mut self, name: &str, kind: RecordType, answer: DnsAnswer) {
        self.answers.entry((normal(name), kind)).or_insert(answer);
    }

    /// All entries, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, RecordType, &DnsAnswer)> {
        self.answers
            .iter()
            .map(|((name, kind), answer)| (name.as_str(), *kind, answer))
    }
}

fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

impl From<Vec<DnsEntry>> for DnsRecords {
    fn from(entries: Vec<DnsEntry>) -> Self {
        let mut records = DnsRecords::default();
        for entry in entries {
            records.record(&entry.name, entry.kind, entry.answer);
        }
        records
    }
}

impl From<DnsRecords> for Vec<DnsEntry> {
    fn from(records: DnsRecords) -> Self {
        let entry = |((name, kind), answer)| DnsEntry { name, kind, answer };
        records.answers.into_iter().map(entry).collect()
    }
}

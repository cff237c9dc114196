//! Does an authenticated domain speak for the From domain (RFC 7489 §3.1, RFC 9989 §4.4)? Strict means equal. Relaxed means of one
//! organisation, which receivers find in two ways: by the public suffix list, or by the tree walk over DMARC records.

use super::dmarc::{self, Unknown, Walk};
use super::suffix;
use crate::model::{DnsRecords, RecordType};

/// The mode that a DMARC record asks for (`adkim=`, `aspf=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One organisation is enough.
    Relaxed,
    /// The domains must be equal.
    Strict,
}

/// What alignment comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aligned {
    /// Aligned, by every reading.
    Yes,
    /// Not aligned, by any reading.
    No,
    /// By one reading of two: receivers differ.
    Differs,
    /// DNS failed, so the tree walk is not known, and the suffix list does not settle it.
    Unknown,
}

/// One authenticated domain against the From domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alignment {
    /// The From domain.
    pub from: String,
    /// The authenticated domain: DKIM's `d=` or SPF's.
    pub domain: String,
    /// Equal?
    pub strict: bool,
    /// Of one organisation by the public suffix list?
    pub by_list: bool,
    /// Of one organisation by the tree walk? `None` where DNS failed.
    pub by_walk: Option<bool>,
    /// Organisational domains by the tree walk, of From and of the domain, where known.
    pub walked: Option<(String, String)>,
}

/// Compares two domains. Names are lower-case A-labels without the final dot. `NotAsked` names what has to be looked up first.
pub fn align(dns: &DnsRecords, from: &str, domain: &str) -> Result<Alignment, Vec<(String, RecordType)>> {
    let public = suffix::is_public(domain);
    let strict = from == domain && !public;
    let by_list =
        strict || (!public && suffix::organisation(from).is_some_and(|own| suffix::organisation(domain) == Some(own)));
    let mut found = Alignment {
        from: from.to_owned(),
        domain: domain.to_owned(),
        strict,
        by_list,
        by_walk: Some(strict),
        walked: None,
    };
    // Equal domains need no walk, and neither a public suffix nor domains without a common end can be of one organisation.
    if strict || public || !share_an_end(from, domain) {
        return Ok(found);
    }
    match (dmarc::walk(dns, from), dmarc::walk(dns, domain)) {
        (Ok(own), Ok(other)) => {
            found.by_walk = Some(own.organisation == other.organisation);
            found.walked = Some((own.organisation, other.organisation));
        }
        (own, other) => {
            let missing = [not_asked(own), not_asked(other)].concat();
            if !missing.is_empty() {
                return Err(missing);
            }
            found.by_walk = None;
        }
    }
    Ok(found)
}

fn not_asked(walk: Result<Walk, Unknown>) -> Vec<(String, RecordType)> {
    match walk {
        Err(Unknown::NotAsked(names)) => names,
        _ => Vec::new(),
    }
}

fn share_an_end(left: &str, right: &str) -> bool {
    left.rsplit('.').next() == right.rsplit('.').next()
}

/// An answer by each of the two readings; `None` where it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Both {
    /// By the public suffix list.
    pub list: Option<bool>,
    /// By the tree walk.
    pub walk: Option<bool>,
}

impl Both {
    /// The same answer by both.
    pub fn same(answer: Option<bool>) -> Both {
        Both {
            list: answer,
            walk: answer,
        }
    }

    /// Both are needed.
    pub fn and(self, other: Both) -> Both {
        let and = |left, right| match (left, right) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        Both {
            list: and(self.list, other.list),
            walk: and(self.walk, other.walk),
        }
    }

    /// One is enough.
    pub fn or(self, other: Both) -> Both {
        let or = |left, right| match (left, right) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
        Both {
            list: or(self.list, other.list),
            walk: or(self.walk, other.walk),
        }
    }

    /// The two in one word.
    pub fn sum(self) -> Aligned {
        match (self.list, self.walk) {
            (Some(true), Some(true)) => Aligned::Yes,
            (Some(false), Some(false)) => Aligned::No,
            (Some(_), Some(_)) => Aligned::Differs,
            _ => Aligned::Unknown,
        }
    }
}

impl Alignment {
    /// What it comes to in the mode that each reading's record asks for.
    pub fn in_modes(&self, list: Mode, walk: Mode) -> Both {
        let of = |mode, relaxed| match mode {
            Mode::Strict => Some(self.strict),
            Mode::Relaxed => relaxed,
        };
        Both {
            list: of(list, Some(self.by_list)),
            walk: of(walk, self.by_walk),
        }
    }

    /// The same in one mode.
    pub fn in_mode(&self, mode: Mode) -> Aligned {
        self.in_modes(mode, mode).sum()
    }

    /// In words: `From mail.brand.example, signed by brand.example: relaxed pass, strict fail, policy adkim=r`. `verb` is `signed by`
    /// or `sent for`, `tag` is `adkim` or `aspf`; the modes are those of the two readings.
    pub fn told(&self, verb: &str, tag: &str, list: Mode, walk: Mode) -> String {
        let word = |aligned| if aligned { "pass" } else { "fail" };
        let relaxed = match (self.by_list, self.by_walk) {
            (_, None) => "not known (DNS failed)".to_owned(),
            (list, Some(walk)) if list == walk => word(list).to_owned(),
            (list, Some(walk)) => {
                let of = self
                    .walked
                    .as_ref()
                    .map(|(own, other)| format!(", {own} and {other}"))
                    .unwrap_or_default();
                format!(
                    "{} by the public suffix list but {} by the tree walk{of}",
                    word(list),
                    word(walk)
                )
            }
        };
        let letter = |mode| if mode == Mode::Strict { "s" } else { "r" };
        let mode = match list == walk {
            true => letter(walk).to_owned(),
            false => format!("{} by RFC 7489 and {tag}={} by RFC 9989", letter(list), letter(walk)),
        };
        format!(
            "From {}, {verb} {}: relaxed {relaxed}, strict {}, policy {tag}={mode}",
            self.from,
            self.domain,
            word(self.strict)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DnsAnswer;

    /// Records at these domains; every other name of the walks was asked for and is not there.
    fn zone(records: &[(&str, &str)]) -> DnsRecords {
        let mut dns = DnsRecords::default();
        for (domain, text) in records {
            dns.record(
                &format!("_dmarc.{domain}"),
                RecordType::Txt,
                DnsAnswer::Records(vec![(*text).to_owned()]),
            );
        }
        dns
    }

    fn settle(records: &[(&str, &str)], from: &str, domain: &str) -> Alignment {
        let mut dns = zone(records);
        loop {
            match align(&dns, from, domain) {
                Ok(found) => return found,
                Err(missing) => missing
                    .iter()
                    .for_each(|(name, kind)| dns.record(name, *kind, DnsAnswer::NoName)),
            }
        }
    }

    const BRAND: &[(&str, &str)] = &[("brand.example", "v=DMARC1; p=reject")];

    #[test]
    fn a_subdomain_aligns_relaxed_but_not_strict() {
        let found = settle(BRAND, "mail.brand.example", "brand.example");
        assert_eq!(
            (found.in_mode(Mode::Relaxed), found.in_mode(Mode::Strict)),
            (Aligned::Yes, Aligned::No)
        );
        assert_eq!(
            found.told("signed by", "adkim", Mode::Relaxed, Mode::Relaxed),
            "From mail.brand.example, signed by brand.example: relaxed pass, strict fail, policy adkim=r"
        );
    }

    #[test]
    fn equal_domains_align_without_a_question() {
        let found = align(&DnsRecords::default(), "brand.example", "brand.example").unwrap();
        assert_eq!(
            (found.in_mode(Mode::Relaxed), found.in_mode(Mode::Strict)),
            (Aligned::Yes, Aligned::Yes)
        );
    }

    #[test]
    fn look_alikes_do_not_align() {
        for other in [
            "notbrand.example",
            "brand.example.evil.test",
            "brand.test",
            "esp.example",
        ] {
            assert_eq!(
                settle(BRAND, "brand.example", other).in_mode(Mode::Relaxed),
                Aligned::No,
                "{other}"
            );
        }
    }

    #[test]
    fn a_public_suffix_never_aligns() {
        for suffix in ["co.uk", "uk", "com", "example"] {
            let from = format!("brand.{suffix}");
            assert_eq!(
                settle(&[(suffix, "v=DMARC1; p=none")], &from, suffix).in_mode(Mode::Relaxed),
                Aligned::No,
                "{suffix}"
            );
            assert_eq!(
                settle(&[], suffix, suffix).in_mode(Mode::Strict),
                Aligned::No,
                "{suffix}"
            );
        }
    }

    #[test]
    fn where_the_readings_differ_it_says_so() {
        let records = [
            ("news.brand.example", "v=DMARC1; p=none; psd=n"),
            ("brand.example", "v=DMARC1; p=reject"),
        ];
        let found = settle(&records, "news.brand.example", "brand.example");
        assert_eq!(found.in_mode(Mode::Relaxed), Aligned::Differs);
        let told = found.told("sent for", "aspf", Mode::Relaxed, Mode::Relaxed);
        let differ = "pass by the public suffix list but fail by the tree walk, news.brand.example and brand.example";
        assert!(told.contains(differ), "{told}");

        // Without any record the walk ends at each domain itself, while the list sees one organisation.
        assert_eq!(
            settle(&[], "mail.brand.example", "brand.example").in_mode(Mode::Relaxed),
            Aligned::Differs
        );
    }

    #[test]
    fn a_walk_that_failed_is_not_known() {
        let mut dns = zone(&[]);
        dns.record("_dmarc.brand.example", RecordType::Txt, DnsAnswer::Timeout);
        for name in ["_dmarc.mail.brand.example", "_dmarc.example"] {
            dns.record(name, RecordType::Txt, DnsAnswer::NoName);
        }
        let found = align(&dns, "mail.brand.example", "brand.example").unwrap();
        assert_eq!(found.in_mode(Mode::Relaxed), Aligned::Unknown);
    }
}

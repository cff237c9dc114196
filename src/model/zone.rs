//! DNS written down in advance: every name that exists, with its records or the way in which asking for it fails. What is not
//! written down does not exist.

use super::dns::{DnsAnswer, RecordType};
use std::collections::BTreeMap;

/// Aliases followed for one answer.
const MAX_ALIASES: usize = 8;

/// What is written of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZoneEntry {
    /// It exists, with these records by type, in presentation form.
    Records(BTreeMap<RecordType, Vec<String>>),
    /// Every question about it gets this answer.
    Answer(DnsAnswer),
}

/// Names with their entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zone {
    names: BTreeMap<String, ZoneEntry>,
}

impl Zone {
    /// Writes a name down; case and a final dot do not matter.
    pub fn put(&mut self, name: &str, entry: ZoneEntry) {
        self.names.insert(normal(name), entry);
    }

    /// Is anything written of this name?
    pub fn lists(&self, name: &str) -> bool {
        self.names.contains_key(&normal(name))
    }

    /// The answer to a question; aliases (CNAME) are followed.
    pub fn answer(&self, name: &str, kind: RecordType) -> DnsAnswer {
        let mut name = normal(name);
        for _ in 0..MAX_ALIASES {
            let records = match self.names.get(&name) {
                None => return DnsAnswer::NoName,
                Some(ZoneEntry::Answer(answer)) => return answer.clone(),
                Some(ZoneEntry::Records(records)) => records,
            };
            if let Some(found) = records.get(&kind).filter(|found| !found.is_empty()) {
                return DnsAnswer::Records(found.clone());
            }
            match records.get(&RecordType::Cname).and_then(|targets| targets.first()) {
                Some(target) => name = normal(target),
                None => return DnsAnswer::NoData,
            }
        }
        DnsAnswer::Failed("SERVFAIL: the aliases have no end".to_owned())
    }
}

fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(kind: RecordType, text: &str) -> ZoneEntry {
        ZoneEntry::Records(BTreeMap::from([(kind, vec![text.to_owned()])]))
    }

    #[test]
    fn what_is_not_written_down_does_not_exist() {
        let mut zone = Zone::default();
        zone.put("Brand.example.", records(RecordType::Txt, "v=spf1 -all"));
        zone.put("slow.example", ZoneEntry::Answer(DnsAnswer::Timeout));
        assert_eq!(
            zone.answer("brand.example", RecordType::Txt),
            DnsAnswer::Records(vec!["v=spf1 -all".into()])
        );
        assert_eq!(zone.answer("BRAND.example.", RecordType::A), DnsAnswer::NoData);
        assert_eq!(zone.answer("other.example", RecordType::A), DnsAnswer::NoName);
        assert_eq!(zone.answer("slow.example", RecordType::Mx), DnsAnswer::Timeout);
    }

    #[test]
    fn aliases_are_followed_and_a_circle_of_them_fails() {
        let mut zone = Zone::default();
        zone.put("alias.example", records(RecordType::Cname, "real.example"));
        zone.put("real.example", records(RecordType::A, "192.0.2.1"));
        zone.put("a.example", records(RecordType::Cname, "b.example"));
        zone.put("b.example", records(RecordType::Cname, "a.example"));
        assert_eq!(
            zone.answer("alias.example", RecordType::A),
            DnsAnswer::Records(vec!["192.0.2.1".into()])
        );
        assert!(matches!(zone.answer("a.example", RecordType::A), DnsAnswer::Failed(_)));
    }
}

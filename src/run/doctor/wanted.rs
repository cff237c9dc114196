//! What has to be looked up before a line can be said, and the question that several of them ask: does a domain align?

use crate::mail::alignment::{Aligned, Mode, align};
use crate::model::{DnsRecords, RecordType};

/// Names that have to be looked up.
pub type Wanted = Vec<(String, RecordType)>;

/// Relaxed alignment; `None` where it is not known yet.
pub fn aligned(from: &str, domain: &str, dns: &DnsRecords, wanted: &mut Wanted) -> Option<bool> {
    match align(dns, from, domain) {
        Ok(alignment) => match alignment.in_mode(Mode::Relaxed) {
            Aligned::Yes => Some(true),
            Aligned::No => Some(false),
            _ => None,
        },
        Err(questions) => {
            wanted.extend(questions);
            None
        }
    }
}

//! An evaluation of SPF in words: what decided, what it cost, and the records it went through as a tree.

use crate::model::{SpfRecordRead, SpfResult, SpfTerm, SpfTrace};

/// Terms that may ask DNS, and lookups that may find nothing (RFC 7208 §4.6.4).
const LIMITS: (u32, u32) = (10, 2);
/// Lines of a tree that are shown.
const MOST: usize = 30;

/// The lines.
pub fn lines(trace: &SpfTrace) -> Vec<String> {
    let decided = match &trace.decided {
        Some(why) if matches!(trace.read.result, SpfResult::PermError | SpfResult::TempError) => {
            format!("ended by an error: {why}")
        }
        Some(decided) => format!("decided by {decided}"),
        None if trace.read.result == SpfResult::None => "no record to decide".to_owned(),
        None => "no term matched".to_owned(),
    };
    let cost = format!(
        "{} of {} terms that ask DNS, {} of {} lookups that found nothing",
        trace.lookups, LIMITS.0, trace.voids, LIMITS.1
    );
    let mut lines = vec![format!("{decided}; {cost}")];
    let nested = |term: &SpfTerm| term.read.is_some() || term.asked.is_some();
    if trace.read.terms.iter().any(nested) {
        tree(&trace.read, 0, &mut lines);
    }
    if lines.len() > MOST {
        let more = lines.len() - MOST;
        lines.truncate(MOST);
        lines.push(format!("… and {more} lines more"));
    }
    lines
}

/// A record, and below it the terms that matched, led on, or asked for a name of their own.
fn tree(read: &SpfRecordRead, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let record = read.record.as_deref().unwrap_or("no SPF record");
    lines.push(format!("{indent}{}: {record}", read.domain));
    for term in &read.terms {
        let asked = term.asked.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        match &term.read {
            Some(inner) => {
                let result = format!("{:?}", inner.result).to_lowercase();
                lines.push(format!("{indent}- {}{asked}: {result}", term.term));
                tree(inner, depth + 1, lines);
            }
            None if term.matched => lines.push(format!("{indent}- {}{asked}: matches", term.term)),
            None if term.asked.is_some() => lines.push(format!("{indent}- {}{asked}: does not match", term.term)),
            None => {}
        }
    }
}

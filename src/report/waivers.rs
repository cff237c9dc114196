//! What is waived, in words: by finding, and what became of every waiver.

use super::sheet::Sheet;
use super::tally::counted;
use crate::model::{Finding, WaiverUse};

/// `until 2026-12-31: cdn moves (without it: fail)`; nothing for a finding that nobody waived.
pub fn words(finding: &Finding) -> Option<String> {
    let waived = finding.waived.as_ref()?;
    Some(format!(
        "until {}: {} (without it: {})",
        waived.until, waived.why, waived.verdict
    ))
}

/// One line a waiver that was needed, or that nothing needs any more. Of one whose check could not be judged nothing is known.
pub fn told(sheet: &Sheet) -> Vec<String> {
    sheet.waivers.iter().filter_map(line).collect()
}

fn line(used: &WaiverUse) -> Option<String> {
    let waiver = &used.waiver;
    let place = format!("{} ({}:{})", waiver.subject(), waiver.at.file, waiver.at.line);
    if used.is_idle() {
        return Some(format!("{place} waives nothing any more: delete it"));
    }
    let findings = counted(used.waived as usize, "finding");
    (used.waived > 0).then(|| format!("{place} waives {findings} until {}: {}", waiver.until, waiver.why))
}

//! What became of the lab's faults: a fault that was active and turned nothing red was survived, and is worth a line.

use super::sheet::Sheet;
use super::tally::counted;
use super::tries::{self, Tries};
use crate::model::Verdict;

/// One line a fault: `junk was active for 3 deliveries: 1 not well, 2 survived`. Empty in the real world.
pub fn told(sheet: &Sheet) -> Vec<String> {
    let mut faults: Vec<&String> = sheet.rows.iter().flat_map(|row| &row.faults).collect();
    faults.sort();
    faults.dedup();
    let line = |fault: &&String| {
        let ill = |tries: &Tries<'_>| -> Option<bool> {
            let mut active = tries.all().filter(|row| row.faults.contains(fault)).peekable();
            active.peek()?;
            Some(active.any(|row| !matches!(row.verdict, Verdict::Pass | Verdict::Skip)))
        };
        let (ill, well): (Vec<bool>, Vec<bool>) = tries::of(&sheet.rows)
            .filter_map(|tries| ill(&tries))
            .partition(|ill| *ill);
        let deliveries = counted(well.len() + ill.len(), "delivery");
        match (well.len(), ill.len()) {
            (_, 0) => format!("{fault} was active for {deliveries} and survived"),
            (0, _) => format!("{fault} was active for {deliveries} and noticed"),
            (well, ill) => format!("{fault} was active for {deliveries}: noticed in {ill}, survived by {well}"),
        }
    };
    faults.iter().map(line).collect()
}

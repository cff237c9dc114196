//! A delivery's attempts as reports show them: the one that decides first, the others beside it.

use super::sheet::Row;
use super::span;
use crate::model::CheckId;

/// A delivery with all its attempts.
pub struct Tries<'s> {
    /// The one that decides.
    pub row: &'s Row,
    /// The others, in their order.
    pub others: Vec<&'s Row>,
}

/// Rows by delivery.
pub fn of(rows: &[Row]) -> impl Iterator<Item = Tries<'_>> {
    rows.chunk_by(|_, next| next.standing.number > 1)
        .filter_map(|attempts| {
            let row = attempts.iter().find(|row| row.standing.decides)?;
            let others = attempts.iter().filter(|other| !other.standing.decides);
            Some(Tries {
                row,
                others: others.collect(),
            })
        })
}

impl<'s> Tries<'s> {
    /// All of them, in no order.
    pub fn all(&self) -> impl Iterator<Item = &'s Row> {
        std::iter::once(self.row).chain(self.others.iter().copied())
    }

    /// `2/3`: the try that decides, of how many; nothing where there was one.
    pub fn mark(&self) -> String {
        match &self.row.standing {
            standing if standing.is_one_of_several() => format!("{}/{}", standing.number, standing.of),
            _ => String::new(),
        }
    }

    /// `1st try: missing; 3rd try: pending`; nothing where there was one.
    pub fn others_words(&self) -> String {
        let words = |row: &&Row| format!("{} try: {}", ordinal(row.standing.number), came_to(row));
        self.others.iter().map(words).collect::<Vec<_>>().join("; ")
    }
}

/// `1st of 2 tries`; nothing where there was one.
pub fn place(row: &Row) -> String {
    match row.standing.is_one_of_several() {
        true => format!("{} of {} tries", ordinal(row.standing.number), row.standing.of),
        false => String::new(),
    }
}

/// What a try came to, in a few words.
pub fn came_to(row: &Row) -> String {
    let mut arrival = row.findings.iter().filter(|finding| finding.check == CheckId::Arrival);
    let late = arrival.any(|finding| finding.reason == "arrival.late");
    match row.timing.arrival_ms.filter(|_| late) {
        Some(ms) => format!("late, {}", span::words(ms)),
        None => row.placement_words(),
    }
}

/// `1st`, `2nd`, `3rd`, `4th`: there are no more than six.
pub fn ordinal(number: u32) -> String {
    let ending = match number {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

//! Sets of message numbers and UIDs (RFC 3501 `sequence-set`).

use super::cursor::{Cursor, Read};

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Number(u32),
    /// `*`, the largest number there is.
    Last,
}

/// A set such as `1:4,7,9:*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceSet(Vec<(End, End)>);

/// More ranges than this in one set are refused.
const MAX_RANGES: usize = 1_000;

impl SequenceSet {
    /// Reads a set.
    pub fn parse(cursor: &mut Cursor<'_>) -> Read<SequenceSet> {
        let mut ranges = Vec::new();
        loop {
            let first = end(cursor)?;
            let last = match cursor.eat(b':') {
                true => end(cursor)?,
                false => first,
            };
            ranges.push((first, last));
            if ranges.len() > MAX_RANGES {
                return Err(cursor.wrong("too many ranges"));
            }
            if !cursor.eat(b',') {
                return Ok(SequenceSet(ranges));
            }
        }
    }

    /// Is a number in the set, where `last` is the largest number in use? Ranges work both ways round, so `n:*` holds the
    /// last message even where its number is less than `n` (RFC 3501 §6.4.8).
    pub fn holds(&self, number: u32, last: u32) -> bool {
        let value = |end| match end {
            End::Number(number) => number,
            End::Last => last,
        };
        self.0.iter().any(|(one, other)| {
            let (one, other) = (value(*one), value(*other));
            (one.min(other)..=one.max(other)).contains(&number)
        })
    }
}

fn end(cursor: &mut Cursor<'_>) -> Read<End> {
    if cursor.eat(b'*') {
        return Ok(End::Last);
    }
    match cursor.number()? {
        0 => Err(cursor.wrong("0 is no message number")),
        number => Ok(End::Number(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(set: &str, numbers: &[u32]) -> Vec<u32> {
        let set = SequenceSet::parse(&mut Cursor::new(set.as_bytes())).unwrap();
        let last = numbers.last().copied().unwrap_or(0);
        numbers
            .iter()
            .copied()
            .filter(|number| set.holds(*number, last))
            .collect()
    }

    #[test]
    fn ranges_lists_and_the_star() {
        assert_eq!(held("2:4,9", &[1, 3, 4, 5, 9]), [3, 4, 9]);
        assert_eq!(held("4:2", &[1, 3, 4, 5]), [3, 4]);
        assert_eq!(held("*", &[1, 3, 5]), [5]);
        assert_eq!(held("1:*", &[]), [] as [u32; 0]);
    }

    #[test]
    fn the_last_message_is_in_every_open_range() {
        assert_eq!(held("100:*", &[1, 3, 5]), [5]);
        assert_eq!(held("*:100", &[1, 3, 5]), [5]);
    }

    #[test]
    fn zero_and_garbage_are_refused() {
        for set in ["0", "1:0", "", "a", "1,", "4294967296"] {
            assert!(SequenceSet::parse(&mut Cursor::new(set.as_bytes())).is_err(), "{set}");
        }
    }
}

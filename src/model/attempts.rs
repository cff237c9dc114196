//! What several attempts of one delivery come to, where the later ones are retries: which one decides, and whether it passed only then.

use super::finding::Verdict;

/// Where an attempt stands among those of its delivery. An attempt that nothing followed stands alone and decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Which try it was, from 1.
    pub number: u32,
    /// How many there were.
    pub of: u32,
    /// Is it the one by which the delivery is counted?
    pub decides: bool,
    /// Does it decide, and well, where an earlier one had not been well?
    pub flaky: bool,
}

impl Standing {
    /// One attempt, and no other.
    pub const ALONE: Standing = Standing {
        number: 1,
        of: 1,
        decides: true,
        flaky: false,
    };

    /// Was the delivery tried more than once?
    pub fn is_one_of_several(&self) -> bool {
        self.of > 1
    }
}

/// An attempt as far as it matters here: whose, is it a retry of the one before it, its verdict.
pub type Attempt<K> = (K, bool, Verdict);

/// The standing of each. A retry follows the attempt it repeats.
///
/// The last attempt that could be looked at decides: a retry of which nothing is known takes no failure away.
pub fn standings<K: PartialEq>(attempts: &[Attempt<K>]) -> Vec<Standing> {
    let chains = attempts.chunk_by(|(before, ..), (key, retry, _)| *retry && before == key);
    chains.flat_map(chain).collect()
}

fn chain<K>(attempts: &[Attempt<K>]) -> Vec<Standing> {
    let known = attempts.iter().rposition(|(_, _, verdict)| *verdict != Verdict::Blind);
    let deciding = known.unwrap_or(attempts.len() - 1);
    let well = !matches!(attempts[deciding].2, Verdict::Fail | Verdict::Blind);
    let count = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let standing = |index| Standing {
        number: count(index + 1),
        of: count(attempts.len()),
        decides: index == deciding,
        flaky: index == deciding && well && index > 0,
    };
    (0..attempts.len()).map(standing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Blind, Fail, Pass, Warn};

    /// Number, of, decides, flaky.
    fn told(attempts: &[Attempt<u8>]) -> Vec<(u32, u32, bool, bool)> {
        let tell = |standing: Standing| (standing.number, standing.of, standing.decides, standing.flaky);
        standings(attempts).into_iter().map(tell).collect()
    }

    #[test]
    fn the_last_attempt_that_tells_anything_decides() {
        assert_eq!(
            told(&[(1, false, Fail), (1, true, Pass)]),
            [(1, 2, false, false), (2, 2, true, true)]
        );
        assert_eq!(
            told(&[(1, false, Blind), (1, true, Fail), (1, true, Warn)]),
            [(1, 3, false, false), (2, 3, false, false), (3, 3, true, true)]
        );
        assert_eq!(
            told(&[(1, false, Fail), (1, true, Fail)]),
            [(1, 2, false, false), (2, 2, true, false)]
        );
    }

    #[test]
    fn a_retry_that_nobody_could_look_at_takes_no_failure_away() {
        assert_eq!(
            told(&[(1, false, Fail), (1, true, Blind)]),
            [(1, 2, true, false), (2, 2, false, false)]
        );
        assert_eq!(
            told(&[(1, false, Blind), (1, true, Blind)]),
            [(1, 2, false, false), (2, 2, true, false)]
        );
    }

    #[test]
    fn repeats_and_other_deliveries_stand_alone() {
        let alone = (1, 1, true, false);
        assert_eq!(told(&[(1, false, Fail), (1, false, Pass), (2, true, Pass)]), [alone; 3]);
    }
}

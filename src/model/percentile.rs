//! Percentiles by nearest rank: the value at rank ⌈p/100 · n⌉, so a small sample's p95 is its slowest member.

/// Of a sorted list; `None` where it is empty. `percent` is 1 to 100.
pub fn nearest_rank(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::nearest_rank;

    #[test]
    fn ranks() {
        let sorted: Vec<u64> = (1..=18).collect();
        assert_eq!(nearest_rank(&sorted, 50), Some(9));
        assert_eq!(nearest_rank(&sorted, 95), Some(18));
        assert_eq!(nearest_rank(&[7], 1), Some(7));
        assert_eq!(nearest_rank(&[], 50), None);
    }
}

//! Durations as people read them.

/// Milliseconds in at most three significant figures: `12 ms`, `0.42 s`, `4.1 s`, `41 s`, `2 m 05 s`, `1 h 02 m`.
pub fn words(ms: u64) -> String {
    match ms {
        0..100 => format!("{ms} ms"),
        100..995 => format!("{:.2} s", ms as f64 / 1000.0),
        995..9_950 => format!("{:.1} s", ms as f64 / 1000.0),
        9_950..59_500 => format!("{:.0} s", ms as f64 / 1000.0),
        59_500..3_600_000 => {
            let seconds = ms.saturating_add(500) / 1000;
            format!("{} m {:02} s", seconds / 60, seconds % 60)
        }
        _ => format!("{} h {:02} m", ms / 3_600_000, ms / 60_000 % 60),
    }
}

/// Seconds for a column, one decimal: `  4.1s`.
pub fn column(ms: u64) -> String {
    format!("{:5.1}s", ms as f64 / 1000.0)
}

/// A budget: whole seconds without a fraction (`60 s`).
pub fn budget(ms: u64) -> String {
    if ms.is_multiple_of(1000) && ms < 600_000 {
        format!("{} s", ms / 1000)
    } else {
        words(ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_fit_the_size() {
        let shown = [0, 99, 420, 994, 995, 4_100, 41_000, 59_700, 125_000, 3_725_000].map(words);
        let wanted = [
            "0 ms", "99 ms", "0.42 s", "0.99 s", "1.0 s", "4.1 s", "41 s", "1 m 00 s", "2 m 05 s", "1 h 02 m",
        ];
        assert_eq!(shown, wanted);
        assert_eq!([budget(60_000), budget(1_500)], ["60 s", "1.5 s"]);
    }
}

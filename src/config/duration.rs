//! Durations as people write them: a number and a unit, "500ms", "60s", "10m", "2h", "7d".

/// Reads a duration into milliseconds.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let split = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .ok_or_else(|| "a duration needs a unit".to_owned())?;
    let (number, unit) = text.split_at(split);
    let factor = match unit.trim() {
        "ms" => 1.0,
        "s" => 1_000.0,
        "m" => 60_000.0,
        "h" => 3_600_000.0,
        "d" => 86_400_000.0,
        _ => return Err(format!("`{}` is not a unit of time", unit.trim())),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| "a duration begins with a number".to_owned())?;
    let ms = number * factor;
    // A month is far beyond any wait this program can mean; it also keeps every sum of durations within u64.
    if ms > 31.0 * 24.0 * 3_600_000.0 {
        return Err("longer than a month".to_owned());
    }
    Ok(ms.round() as u64)
}

/// What to write instead.
pub(super) const HELP: &str = "write a number and a unit: \"500ms\", \"60s\", \"10m\", \"2h\", \"7d\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_required() {
        assert_eq!(parse("500ms"), Ok(500));
        assert_eq!(parse("60s"), Ok(60_000));
        assert_eq!(parse("1.5 s"), Ok(1_500));
        assert_eq!(parse("10m"), Ok(600_000));
        assert_eq!(parse("2h"), Ok(7_200_000));
        for wrong in ["", "60", "s", "-1s", "1.2.3s", "5 parsecs", "99999999h", "1e9s"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}

//! How durations and times are told in findings: one form everywhere.

use crate::model::SmtpReply;
use time::OffsetDateTime;
use time::macros::format_description;

/// Milliseconds for people: `740 ms`, `30 s`, `1.24 s`, `3 min 05 s`, `12 h 00 min`.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 if ms % 1_000 < 10 => format!("{} s", ms / 1_000),
        1_000..60_000 => format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10),
        60_000..3_600_000 => format!("{} min {:02} s", ms / 60_000, ms / 1_000 % 60),
        _ => format!("{} h {:02} min", ms / 3_600_000, ms / 60_000 % 60),
    }
}

/// A difference with its sign: `+1.20 s`, `-40 ms`.
pub fn signed(ms: i64) -> String {
    let sign = if ms < 0 { '-' } else { '+' };
    format!("{sign}{}", duration(ms.unsigned_abs()))
}

/// A reply as the server gave it: `550 5.7.26 Unauthenticated mail … (at rcpt)`.
pub fn reply(reply: &SmtpReply) -> String {
    format!("{reply} (at {})", reply.phase)
}

/// A moment in UTC to the second: `2026-11-23 09:12:31Z`.
pub fn moment(at: OffsetDateTime) -> String {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
    // A moment so near the end of representable time that it has no UTC form is told as it is.
    let utc = at.checked_to_offset(time::UtcOffset::UTC).unwrap_or(at);
    utc.format(form).unwrap_or_else(|_| utc.to_string())
}

/// `a, b or c` of quoted words.
pub fn either(words: &[String]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

/// `a, b and c`.
pub fn both(words: &[String]) -> String {
    match words {
        [init @ .., last] if !init.is_empty() => format!("{} and {last}", init.join(", ")),
        words => either(words),
    }
}

/// `1 copy`, `2 copies`: a count with its noun.
pub fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {many}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_grow_units() {
        assert_eq!(duration(740), "740 ms");
        assert_eq!(duration(1_249), "1.24 s");
        assert_eq!(duration(30_000), "30 s");
        assert_eq!(duration(185_000), "3 min 05 s");
        assert_eq!(duration(43_200_000), "12 h 00 min");
        assert_eq!(signed(-40), "-40 ms");
    }

    #[test]
    fn a_list_of_choices_reads_as_english() {
        let words = ["inbox", "tab:updates", "other"].map(str::to_owned);
        assert_eq!(either(&words), "inbox, tab:updates or other");
        assert_eq!(either(&[]), "nothing");
        assert_eq!(both(&words), "inbox, tab:updates and other");
        assert_eq!(both(&words[..1]), "inbox");
    }

    #[test]
    fn moments_are_utc() {
        assert_eq!(
            moment(time::macros::datetime!(2026-11-23 10:00:00 +01:00)),
            "2026-11-23 09:00:00Z"
        );
    }
}

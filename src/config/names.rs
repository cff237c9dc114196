//! Names of suites, cases, routes and mailboxes: they become delivery ids, report rows and file names, so they stay plain.

/// Longest name.
const LONGEST: usize = 64;

/// Why a case name is not one, or `None`: `[a-z0-9-]`, so that ids can be typed, globbed and used as file names everywhere.
pub(super) fn case_problem(name: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    problem(name, plain, "a case name consists of a-z, 0-9 and `-`")
}

/// The same for the names of routes and mailboxes, which may also have upper case, `_` and `.`.
pub(super) fn table_problem(name: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    problem(name, plain, "a name consists of letters, digits, `-`, `_` and `.`")
}

fn problem(name: &str, plain: impl Fn(char) -> bool, words: &'static str) -> Option<&'static str> {
    if name.is_empty() {
        Some("a name may not be empty")
    } else if name.len() > LONGEST {
        Some("a name may not be longer than 64 characters")
    } else if !name.chars().all(plain) {
        Some(words)
    } else if name.starts_with(['.', '-']) {
        Some("a name begins with a letter or a digit")
    } else {
        None
    }
}

/// A plain name made of any text: what a suite's file stem becomes.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.to_lowercase().chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.truncate(LONGEST);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "suite".to_owned()
    } else {
        slug.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_not_leave_their_folder() {
        for odd in ["", "../x", "a/b", "a\0b", "Order", "a b", "-x", &"x".repeat(300)] {
            assert!(case_problem(odd).is_some(), "{odd:?}");
        }
        assert_eq!(case_problem("order-confirmation-2"), None);
        assert_eq!(table_problem("Gmail_1.de"), None);
        assert!(table_problem("..").is_some());
    }

    #[test]
    fn a_slug_is_always_a_name() {
        for text in ["Spring launch (EU)", "../../etc", "日本", "", "a--b"] {
            assert_eq!(case_problem(&slug(text)), None, "{text}");
        }
        assert_eq!(slug("Spring launch (EU)"), "spring-launch-eu");
    }
}

//! Addresses as users write them: checked before anything is built from them.

use crate::model::header_text;

/// Why `text` is no plain address (`local@domain`), or `None`.
pub(super) fn problem(text: &str) -> Option<&'static str> {
    let plain = |c: char| {
        !c.is_control() && !c.is_whitespace() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')' | '[' | ']')
    };
    let Some((local, domain)) = text.split_once('@') else {
        return Some("an address has the form name@domain");
    };
    if text.contains(['\r', '\n', '\0']) {
        Some("an address may not contain a line break")
    } else if local.is_empty() || domain.is_empty() || domain.contains('@') || !text.chars().all(plain) {
        Some("an address has the form name@domain")
    } else if text.len() > 254 || local.len() > 64 {
        Some("an address is at most 254 characters long, 64 before the @")
    } else if domain.split('.').any(str::is_empty) {
        Some("the domain has an empty label")
    } else {
        None
    }
}

/// Why `text` is neither an address nor `Name <address>`, or `None`.
pub(super) fn named_problem(text: &str) -> Option<&'static str> {
    if let Some(why) = header_text::value_problem(text) {
        return Some(why);
    }
    match text.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((_, address)) => problem(address),
        None => problem(text.trim()),
    }
}

/// Do two senders differ? Names only where both state one; local parts as written, domains without case (RFC 5321 §2.4).
pub(super) fn differ(one: &str, other: &str) -> bool {
    let parts = |text: &str| match text.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').to_owned(), address.to_owned()),
        None => (String::new(), text.trim().to_owned()),
    };
    let mailbox = |address: &str| {
        let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
        (local.to_owned(), domain.to_ascii_lowercase())
    };
    let ((name, address), (other_name, other_address)) = (parts(one), parts(other));
    let names_differ = !name.is_empty() && !other_name.is_empty() && name != other_name;
    names_differ || mailbox(&address) != mailbox(&other_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_differ_by_mailbox_or_by_stated_names() {
        let brand = "Brand Receipts <receipts@brand.example>";
        for same in [
            brand,
            "receipts@Brand.example",
            "\"Brand Receipts\" <receipts@brand.example>",
        ] {
            assert!(!differ(brand, same), "{same}");
        }
        for other in [
            "Brand <receipts@brand.example>",
            "news@brand.example",
            "receipts@brand.test",
        ] {
            assert!(differ(brand, other), "{other}");
        }
    }

    #[test]
    fn addresses() {
        for good in ["a@b.example", "seed.one+x@mail.brand.example"] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c.example",
            "a@b..example",
            "a@b.example\r\nBcc: x@y.example",
            "<a@b.example>",
        ] {
            assert!(problem(bad).is_some(), "{bad:?}");
        }
        assert_eq!(named_problem("Brand Receipts <receipts@brand.example>"), None);
        assert_eq!(named_problem("receipts@brand.example"), None);
        assert!(named_problem("Brand\r\nBcc: x <receipts@brand.example>").is_some());
        assert!(named_problem("Brand <receipts>").is_some());
    }
}

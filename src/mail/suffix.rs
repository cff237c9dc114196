//! Organisational domains by the public suffix list (RFC 7489 §3.2). The list is compiled in; a suffix that it does not know counts
//! as one label (the list's own default rule `*`), so `brand.example` and `brand.test` are organisational domains.

/// The organisational domain: one label below the public suffix. `None` for a public suffix itself and for what is no domain.
pub fn organisation(domain: &str) -> Option<String> {
    let well_formed = !domain.is_empty() && domain.split('.').all(|label| !label.is_empty());
    well_formed
        .then(|| psl::domain_str(domain).map(str::to_owned))
        .flatten()
}

/// Is it a public suffix under which anyone can register (`co.uk`, `com`, a bare label)?
pub fn is_public(domain: &str) -> bool {
    match psl::suffix(domain.as_bytes()) {
        Some(suffix) => suffix.as_bytes() == domain.as_bytes() && suffix.typ() != Some(psl::Type::Private),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_knows_more_than_the_last_two_labels() {
        assert_eq!(organisation("mail.brand.co.uk").as_deref(), Some("brand.co.uk"));
        assert_eq!(organisation("co.uk"), None);
        assert_eq!(organisation("a.b.example").as_deref(), Some("b.example"));
        assert_eq!(organisation("brand.test").as_deref(), Some("brand.test"));
        assert_eq!(organisation("example"), None);
        assert_eq!(organisation(""), None);
        assert_eq!(organisation("a..example"), None);
    }

    #[test]
    fn suffixes_anyone_registers_under_are_public_and_hosting_suffixes_are_not() {
        assert!(is_public("co.uk") && is_public("com") && is_public("example"));
        assert!(!is_public("github.io") && !is_public("brand.example"));
    }
}

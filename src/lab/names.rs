//! Domain names: organisations and addresses taken apart.

/// The organisational domain by the public suffix list, or the last two labels where the list does not know the suffix.
pub fn organisation(host: &str) -> String {
    let known = psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known());
    match psl::domain_str(host).filter(|_| known) {
        Some(domain) => domain.to_owned(),
        None => {
            let labels: Vec<&str> = host.split('.').collect();
            labels[labels.len().saturating_sub(2)..].join(".")
        }
    }
}

/// `seed+anything@domain` without its addition.
pub fn plain_address(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or(local)),
        None => address.to_owned(),
    }
}

/// The lower-case domain of `Name <a@b>` or `a@b`.
pub fn domain_of(mailbox: &str) -> Option<String> {
    let address = mailbox.rsplit('<').next()?.trim().trim_end_matches('>');
    let (_, domain) = address.rsplit_once('@')?;
    (!domain.is_empty()).then(|| domain.to_ascii_lowercase())
}

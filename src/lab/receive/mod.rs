//! The providers' receiving side: each stamps trace headers and Authentication-Results in its own style. Nothing is verified
//! here: the lab writes down what it knows it did, so no bug of a verifier can hide behind it.

pub mod facts;
pub mod fastmail;
pub mod generic;
pub mod gmail;
pub mod icloud;
pub mod outlook;
pub mod yahoo;

use crate::lab::letter::Letter;
use crate::model::SeedMailbox;
use crate::model::profile::Dialect;

/// Puts a provider's headers on top of the message (and, at Microsoft, rebuilds its MIME).
pub fn stamp(letter: &mut Letter, seed: &SeedMailbox, facts: &facts::Facts) {
    let fields = match (seed.provider.as_str(), seed.profile.dialect) {
        ("icloud", _) => icloud::fields(facts),
        ("fastmail", _) => fastmail::fields(facts),
        (_, dialect) => of_dialect(dialect, letter, facts),
    };
    for (name, value) in fields.into_iter().rev() {
        letter.prepend(name, &value);
    }
}

fn of_dialect(dialect: Dialect, letter: &mut Letter, facts: &facts::Facts) -> Vec<(&'static str, String)> {
    match dialect {
        Dialect::Gmail => gmail::fields(facts),
        Dialect::Yahoo => yahoo::fields(facts),
        Dialect::Outlook => outlook::receive(letter, facts),
        Dialect::Generic => generic::fields(facts),
    }
}

/// Puts a verdict into the message that pretends to be the provider's, before the provider has touched it.
pub fn forge(letter: &mut Letter, facts: &facts::Facts) {
    let claim = format!(
        "{}; dkim=fail header.d={domain}; spf=fail smtp.mailfrom={}; dmarc=fail header.from={domain}",
        facts.authserv_id,
        facts.mail_from,
        domain = facts.from_domain
    );
    letter.prepend("Authentication-Results", &claim);
}

/// The second set of an ARC chain whose first set is lost: it says of itself that the chain had failed.
pub fn seal(letter: &mut Letter, facts: &facts::Facts) {
    let results = format!(
        "i=2; mx.forwarder.example; dmarc=pass header.from={}",
        facts.from_domain
    );
    letter.prepend("ARC-Authentication-Results", &results);
    let signature =
        "i=2; a=rsa-sha256; c=relaxed/relaxed; d=forwarder.example; s=arc; h=from:to:subject; bh=AAAA; b=AAAA";
    letter.prepend("ARC-Message-Signature", signature);
    letter.prepend(
        "ARC-Seal",
        "i=2; a=rsa-sha256; t=1763888401; cv=fail; d=forwarder.example; s=arc; b=AAAA",
    );
}

//! The providers' receiving side: each stamps trace headers and Authentication-Results in its own style. Nothing is verified
//! here: the lab writes down what it knows it did, so no bug of a verifier can hide behind it.

pub mod facts;
pub mod generic;
pub mod gmail;
pub mod outlook;
pub mod yahoo;

use crate::lab::letter::Letter;
use crate::model::profile::Dialect;

/// Puts a provider's headers on top of the message (and, at Microsoft, rebuilds its MIME).
pub fn stamp(letter: &mut Letter, dialect: Dialect, facts: &facts::Facts) {
    let fields = match dialect {
        Dialect::Gmail => gmail::fields(facts),
        Dialect::Yahoo => yahoo::fields(facts),
        Dialect::Outlook => outlook::receive(letter, facts),
        Dialect::Generic => generic::fields(facts),
    };
    for (name, value) in fields.into_iter().rev() {
        letter.prepend(name, &value);
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

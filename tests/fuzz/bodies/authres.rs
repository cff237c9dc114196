//! Authentication-Results: whatever comes with a message, the provider's own word stays the same.

use inboxqa::mail::Reading;
use inboxqa::mail::authres::{Authres, TrustedAuthres};
use inboxqa::model::profile::AuthresTrust;

/// What the provider writes above a message of anybody's.
const OWN: &str = "Received: from a.example by mx.example; Mon, 23 Nov 2026 09:00:00 +0000\r\n\
    Authentication-Results: mx.example; dkim=fail header.d=brand.example; spf=softfail smtp.mailfrom=x.example; dmarc=fail\r\n";
/// What stands between, as every real message has it.
const BETWEEN: &str = "Received: from b.example by a.example; Mon, 23 Nov 2026 08:59:59 +0000\r\n";

/// The bytes are a field's value, then a header section below the provider's own stamp.
pub fn authres(data: &[u8]) {
    let field = [b"Authentication-Results: ", data, b"\r\n\r\n"].concat();
    for trust in [ids(false), ids(true), AuthresTrust::Microsoft, AuthresTrust::Nobody] {
        let found = read(&field, &trust);
        found.word();
        for authres in found.trusted.iter().chain(&found.untrusted) {
            well_formed(authres);
        }
        assert!(trust != AuthresTrust::Nobody || found.trusted.is_none());
    }
    let alone = read(&[OWN.as_bytes(), b"\r\n"].concat(), &ids(false)).trusted;
    for forged in [&field, data] {
        let raw = [OWN.as_bytes(), BETWEEN.as_bytes(), forged].concat();
        for repeats in [false, true] {
            assert_eq!(read(&raw, &ids(repeats)).trusted, alone, "somebody else is believed");
        }
    }
}

fn ids(repeats: bool) -> AuthresTrust {
    let ids = vec!["mx.example".to_owned(), "*.mx.example".to_owned()];
    match repeats {
        true => AuthresTrust::RepeatedServId(ids),
        false => AuthresTrust::ServId(ids),
    }
}

fn read(raw: &[u8], trust: &AuthresTrust) -> TrustedAuthres {
    Reading::new(raw).authentication_results(trust)
}

fn well_formed(authres: &Authres) {
    authres.compauth();
    for result in &authres.results {
        assert!(!result.method.is_empty(), "{result:?}");
        assert!(
            !result.method.contains(|char: char| char.is_ascii_uppercase()),
            "{result:?}"
        );
        result.signer();
    }
}

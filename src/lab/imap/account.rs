//! Who may log in: passwords and OAuth tokens, and the SASL messages that carry them (RFC 4616, RFC 7628, XOAUTH2).

use crate::model::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// An account of an IMAP server.
#[derive(Debug, Clone)]
pub struct ImapAccount {
    /// Its mailbox in the store.
    pub mailbox: String,
    /// Password for LOGIN and PLAIN; `None`: passwords are refused, as Microsoft does.
    pub password: Option<Secret>,
    /// Which access tokens XOAUTH2 and OAUTHBEARER take; `None`: none at all.
    pub bearer: Option<Bearer>,
}

/// Tells whether an access token is good.
#[derive(Clone)]
pub struct Bearer(Arc<Accepts>);

type Accepts = dyn Fn(&[u8]) -> bool + Send + Sync;

impl Bearer {
    /// As somebody else keeps the books.
    pub fn by(accepts: impl Fn(&[u8]) -> bool + Send + Sync + 'static) -> Bearer {
        Bearer(Arc::new(accepts))
    }

    /// One token that never changes.
    pub fn one(token: Secret) -> Bearer {
        Bearer::by(move |given| token.expose().as_bytes() == given)
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(***)")
    }
}

impl ImapAccount {
    /// An account with a password.
    pub fn with_password(mailbox: &str, password: Secret) -> ImapAccount {
        ImapAccount {
            mailbox: mailbox.to_owned(),
            password: Some(password),
            bearer: None,
        }
    }
}

/// Accounts by user name.
pub type Accounts = BTreeMap<String, ImapAccount>;

/// What a client offers to prove who it is.
pub enum Proof {
    /// A password.
    Password(Vec<u8>),
    /// An OAuth access token.
    Bearer(Vec<u8>),
}

/// A user name with its proof.
pub struct Credentials {
    /// User name.
    pub user: String,
    /// Proof.
    pub proof: Proof,
}

impl Credentials {
    /// From LOGIN's arguments.
    pub fn login(user: &[u8], password: &[u8]) -> Credentials {
        Credentials {
            user: String::from_utf8_lossy(user).into_owned(),
            proof: Proof::Password(password.to_vec()),
        }
    }

    /// From a SASL response in base64; `None` where it is malformed or the mechanism unknown.
    pub fn sasl(mechanism: &str, response: &[u8]) -> Option<Credentials> {
        let message = STANDARD.decode(response).ok()?;
        match mechanism {
            "PLAIN" => plain(&message),
            "XOAUTH2" | "OAUTHBEARER" => bearer(&message),
            _ => None,
        }
    }
}

/// `[authzid] NUL authcid NUL passwd`.
fn plain(message: &[u8]) -> Option<Credentials> {
    let mut fields = message.splitn(3, |byte| *byte == 0);
    let _authzid = fields.next()?;
    let (user, password) = (fields.next()?, fields.next()?);
    Some(Credentials::login(user, password))
}

/// `user=… ^A auth=Bearer … ^A ^A`, or `n,a=…, ^A … auth=Bearer … ^A ^A`.
fn bearer(message: &[u8]) -> Option<Credentials> {
    let text = std::str::from_utf8(message).ok()?;
    let fields = || text.split('\x01');
    let first = fields().next()?;
    let user = first.strip_prefix("user=").or_else(|| {
        let mut header = first.split(',');
        header.find_map(|field| field.strip_prefix("a="))
    })?;
    let token = fields().find_map(|field| field.strip_prefix("auth=Bearer "))?;
    Some(Credentials {
        user: user.to_owned(),
        proof: Proof::Bearer(token.as_bytes().to_vec()),
    })
}

/// The account of a user name, which counts in any case.
pub fn find<'a>(accounts: &'a Accounts, user: &str) -> Option<&'a ImapAccount> {
    let mut named = accounts.iter().filter(|(name, _)| name.eq_ignore_ascii_case(user));
    named.next().map(|(_, account)| account)
}

/// Is the proof right for the account?
pub fn accepts(account: &ImapAccount, proof: &Proof) -> bool {
    match proof {
        Proof::Password(given) => {
            let expected = account.password.as_ref();
            expected.is_some_and(|secret| secret.expose().as_bytes() == given.as_slice())
        }
        Proof::Bearer(given) => account.bearer.as_ref().is_some_and(|bearer| (bearer.0)(given)),
    }
}

/// Text as a SASL challenge.
pub fn challenge(text: &str) -> String {
    STANDARD.encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_sasl_messages() {
        let read = |mechanism, message: &str| Credentials::sasl(mechanism, STANDARD.encode(message).as_bytes());
        let plain = read("PLAIN", "\0seed@mailbox.example\0p w\"").unwrap();
        assert_eq!(plain.user, "seed@mailbox.example");
        assert!(matches!(plain.proof, Proof::Password(password) if password == b"p w\""));
        for (mechanism, message) in [
            ("XOAUTH2", "user=seed@mailbox.example\x01auth=Bearer t0k\x01\x01"),
            (
                "OAUTHBEARER",
                "n,a=seed@mailbox.example,\x01host=h\x01port=993\x01auth=Bearer t0k\x01\x01",
            ),
        ] {
            let credentials = read(mechanism, message).unwrap();
            assert_eq!(credentials.user, "seed@mailbox.example");
            assert!(matches!(credentials.proof, Proof::Bearer(token) if token == b"t0k"));
        }
        for (mechanism, message) in [("PLAIN", "no nul"), ("XOAUTH2", "user=x"), ("SCRAM", "n,,n=x")] {
            assert!(read(mechanism, message).is_none());
        }
    }
}

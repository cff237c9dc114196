//! An access token as IMAP carries it: XOAUTH2 (Google's and Microsoft's documents) and OAUTHBEARER (RFC 7628).

use crate::model::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A mechanism with its messages.
pub struct Exchange {
    /// `XOAUTH2` or `OAUTHBEARER`.
    pub mechanism: &'static str,
    /// The first message, base64.
    pub first: String,
    /// What is said to the challenge that tells of a refusal; only then does the server end with NO.
    pub consent: &'static str,
}

/// The exchange for what a server `offers` (`AUTH=…`); `None` where it takes no tokens.
pub fn exchange(offers: impl Fn(&str) -> bool, username: &str, host: &str, token: &Secret) -> Option<Exchange> {
    let token = token.expose();
    if offers("AUTH=XOAUTH2") {
        let message = format!("user={username}\x01auth=Bearer {token}\x01\x01");
        return Some(Exchange {
            mechanism: "XOAUTH2",
            first: STANDARD.encode(message),
            consent: "",
        });
    }
    if offers("AUTH=OAUTHBEARER") {
        let name = username.replace('=', "=3D").replace(',', "=2C");
        let message = format!("n,a={name},\x01host={host}\x01port=993\x01auth=Bearer {token}\x01\x01");
        return Some(Exchange {
            mechanism: "OAUTHBEARER",
            first: STANDARD.encode(message),
            // A lone ^A (RFC 7628 §3.2.3).
            consent: "AQ==",
        });
    }
    None
}

/// The challenge of a refusal in words: base64 of a JSON object (`{"status":"400","schemes":"Bearer","scope":"…"}`).
pub fn told(challenge: &str) -> Option<String> {
    let bytes = STANDARD.decode(challenge.trim()).ok()?;
    let object: Value = serde_json::from_slice(&bytes).ok()?;
    let words: Vec<String> = object
        .as_object()?
        .iter()
        .filter_map(|(key, value)| {
            let value = value.as_str().map(str::to_owned).unwrap_or_else(|| value.to_string());
            (!value.is_empty()).then(|| format!("{key} {value}"))
        })
        .collect();
    let text: String = words.join(", ").chars().filter(|c| !c.is_control()).take(300).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(words: &'static [&'static str]) -> impl Fn(&str) -> bool {
        |word| words.contains(&word)
    }

    #[test]
    fn messages_are_as_the_documents_say() {
        let token = Secret::new("ya29.vF9d");
        let x = exchange(
            offered(&["AUTH=OAUTHBEARER", "AUTH=XOAUTH2"]),
            "a@b.example",
            "h",
            &token,
        )
        .unwrap();
        assert_eq!((x.mechanism, x.consent), ("XOAUTH2", ""));
        assert_eq!(
            STANDARD.decode(x.first).unwrap(),
            b"user=a@b.example\x01auth=Bearer ya29.vF9d\x01\x01"
        );
        let o = exchange(offered(&["AUTH=OAUTHBEARER"]), "a,b@b.example", "h.example", &token).unwrap();
        assert_eq!(
            STANDARD.decode(o.first).unwrap(),
            b"n,a=a=2Cb@b.example,\x01host=h.example\x01port=993\x01auth=Bearer ya29.vF9d\x01\x01"
        );
        assert!(exchange(offered(&["AUTH=PLAIN"]), "a", "h", &token).is_none());
    }

    #[test]
    fn a_refusals_json_is_told_in_words() {
        let challenge = STANDARD.encode(r#"{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}"#);
        assert_eq!(
            told(&challenge).unwrap(),
            "schemes Bearer, scope https://mail.google.com/, status 400"
        );
        for nonsense in ["", "!!", "bm90IGpzb24=", "W10="] {
            assert_eq!(told(nonsense), None, "{nonsense}");
        }
    }
}

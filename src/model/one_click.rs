//! The URI that unsubscribes by one POST (RFC 8058). A type of its own: what follows links takes no such thing, and what presses it takes
//! nothing else.

use super::probe::Reason;
use std::fmt;

/// The URI. Can not be copied or stored; pressing uses it up.
#[derive(Debug)]
#[must_use = "made only to be pressed"]
pub struct OneClick(String);

impl OneClick {
    /// The one https URI of List-Unsubscribe, where List-Unsubscribe-Post is there (`post`) and a signature that verifies covers both
    /// (`signed`); else the reason why nobody may press it: `no-one-click`, `unsigned`. By convention (held by a test) only the drill's
    /// check approves of one.
    pub fn approved(uris: &[String], post: bool, signed: Result<(), String>) -> Result<OneClick, Reason> {
        let secure = |uri: &&String| uri.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
        let secure: Vec<&String> = uris.iter().filter(secure).collect();
        let missing = |what: &str| Reason::new("no-one-click", what);
        match secure.as_slice() {
            [] => Err(missing("List-Unsubscribe has no https URI")),
            [_] if !post => Err(missing("there is no List-Unsubscribe-Post: List-Unsubscribe=One-Click")),
            [uri] => match signed {
                Ok(()) => Ok(OneClick((*uri).clone())),
                Err(why) => Err(Reason::new("unsigned", why)),
            },
            several => Err(missing(&format!("List-Unsubscribe has {} https URIs", several.len()))),
        }
    }

    /// As it is written in the message.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OneClick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

//! A delivery: case × route × seed mailbox × attempt. One token, one row everywhere.

use serde::{Deserialize, Serialize};
use std::fmt;

/// `suite/case/route/mailbox`: stable between runs, used by JUnit, history, filters and rerun commands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeliveryId {
    /// Suite slug (file stem).
    pub suite: String,
    /// Case name.
    pub case: String,
    /// Route name.
    pub route: String,
    /// Mailbox name.
    pub mailbox: String,
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.suite, self.case, self.route, self.mailbox)
    }
}

/// The unguessable correlation id of one attempt: 32 lower-case hex digits (128 random bits). Made by `compose::token`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// Number of hex digits.
    pub const LENGTH: usize = 32;

    /// Accepts 32 lower-case hex digits.
    pub fn parse(text: &str) -> Option<Token> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (text.len() == Self::LENGTH && text.bytes().all(hex)).then(|| Token(text.to_owned()))
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One planned attempt to deliver one case through one route to one seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Stable identity.
    pub id: DeliveryId,
    /// 1 for the first attempt; `--retries` and `--repeat` count on.
    pub attempt: u32,
    /// Correlation id of this attempt.
    pub token: Token,
    /// Is it planned for the case that the attempt before it comes to nothing (`--retries`)?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
}

/// Header that carries the token (first choice for correlation).
pub const TOKEN_HEADER: &str = "X-InboxQA-Token";
/// Header that names the delivery for people who find a test message in a seed.
pub const DELIVERY_HEADER: &str = "X-InboxQA-Delivery";

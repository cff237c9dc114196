//! How a message names its delivery, and which attempt of it: `suite/case/route/mailbox`, with ` #2` behind it for the second.

use crate::model::DeliveryId;

/// What a message says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Suite.
    pub suite: String,
    /// Case.
    pub case: String,
    /// Attempt, from 1.
    pub attempt: u32,
}

impl Named {
    /// Reads it; `None` where there is no case.
    pub fn read(text: &str) -> Option<Named> {
        let (id, attempt) = match text.rsplit_once(" #") {
            Some((id, number)) => (id, number.trim().parse().ok()?),
            None => (text, 1),
        };
        let mut parts = id.split('/').map(str::to_owned);
        Some(Named {
            suite: parts.next()?,
            case: parts.next()?,
            attempt,
        })
    }
}

/// One attempt of a delivery, as the lab knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The delivery.
    pub id: DeliveryId,
    /// From 1.
    pub number: u32,
}

#[cfg(test)]
mod tests {
    use super::Named;

    #[test]
    fn a_message_says_which_attempt_it_is() {
        let named = |attempt| {
            Some(Named {
                suite: "s".into(),
                case: "c".into(),
                attempt,
            })
        };
        assert_eq!(Named::read("s/c/r/m"), named(1));
        assert_eq!(Named::read("s/c/r/m #3"), named(3));
        assert_eq!(Named::read("s"), None);
    }
}

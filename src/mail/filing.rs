//! Where a provider says it filed a message, and why: Outlook's `X-Microsoft-Antispam-Mailbox-Delivery`
//! (`ucf:0;jmr:0;ex:0;auth:1;dest:I;OFR:None;`) and iCloud's `X-Apple-MoveToFolder`. Notes of the moment of delivery: the folder in which a
//! message is seen counts, they only explain it.

use super::headers::Headers;

/// A provider's note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// Where to, in words: `inbox`, `junk`, `a folder chosen by a rule`.
    pub place: &'static str,
    /// A setting of the user's that decided, such as `TrustedSenderList`.
    pub user_override: Option<String>,
    /// The note as written.
    pub note: String,
}

/// Reads the note of a message, where its provider writes one.
pub fn of(headers: &Headers<'_>) -> Option<Filing> {
    if let Some(field) = headers.first("X-Microsoft-Antispam-Mailbox-Delivery") {
        let note = field.unfolded();
        let place = match value(&note, "dest")? {
            "I" => "inbox",
            "J" => "junk",
            "C" => "a folder chosen by a rule",
            _ => return None,
        };
        return Some(Filing {
            place,
            user_override: user_override(&note),
            note,
        });
    }
    let note = headers.first("X-Apple-MoveToFolder")?.unfolded();
    let place = match note.trim().to_ascii_lowercase().as_str() {
        "inbox" => "inbox",
        "junk" => "junk",
        _ => return None,
    };
    Some(Filing {
        place,
        user_override: None,
        note,
    })
}

/// Outlook's `OFR:`, where it is one of the settings by which a seed stops being a stranger: a safe sender, a contact, a rule.
pub fn user_override(note: &str) -> Option<String> {
    let reason = value(note, "OFR")?;
    let personal = [
        "TrustedSenderList",
        "SenderInAddressBook",
        "CustomRules",
        "BlockedSender",
    ];
    personal
        .iter()
        .find(|known| reason.starts_with(**known))
        .map(|known| (*known).to_owned())
}

fn value<'n>(note: &'n str, name: &str) -> Option<&'n str> {
    let mut parts = note.split(';').filter_map(|part| part.split_once(':'));
    parts.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlook_and_icloud() {
        let filed = |text: &str| of(&Headers::of(text.as_bytes()));
        let outlook = filed(
            "X-Microsoft-Antispam-Mailbox-Delivery: ucf:0;jmr:0;ex:0;auth:1;dest:I;OFR:TrustedSenderList;\r\n\r\n",
        )
        .unwrap();
        assert_eq!(
            (outlook.place, outlook.user_override.as_deref()),
            ("inbox", Some("TrustedSenderList"))
        );
        let junk = filed("X-Microsoft-Antispam-Mailbox-Delivery: dest:J;OFR:SpamFilterAuthJ;\r\n\r\n").unwrap();
        assert_eq!((junk.place, junk.user_override), ("junk", None));
        assert_eq!(filed("X-Apple-MoveToFolder: Junk \r\n\r\n").unwrap().place, "junk");
        for nothing in [
            "Subject: x\r\n\r\n",
            "X-Microsoft-Antispam-Mailbox-Delivery: dest;;:\r\n\r\n",
            "X-Apple-MoveToFolder: ?\r\n\r\n",
        ] {
            assert_eq!(filed(nothing), None);
        }
    }
}

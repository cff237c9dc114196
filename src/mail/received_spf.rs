//! Received-SPF (RFC 7208 §9.1): what the receiving server noted of the client whose address it checked.

use super::headers::Headers;
use super::received;
use super::structured::{Token, segments};
use std::net::IpAddr;

/// What the field says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedSpf {
    /// `client-ip`.
    pub client: IpAddr,
    /// `helo`.
    pub helo: Option<String>,
    /// `envelope-from`, without brackets.
    pub mail_from: Option<String>,
}

/// The topmost field, if the receiving side wrote it: every Received line above it is by a host of `received_by`, or passes it on
/// inside. Below anybody else's line it came with the message.
pub fn trusted(headers: &Headers<'_>, received_by: &[String]) -> Option<ReceivedSpf> {
    let at = headers.fields.iter().position(|header| header.is("Received-SPF"))?;
    let above = headers.fields[..at]
        .iter()
        .filter(|header| header.is("Received"))
        .count();
    let lines = received::of_headers(headers);
    let ours = |line: &received::Received| {
        let by = line.by.as_deref().unwrap_or_default();
        received_by.iter().any(|suffix| received::has_suffix(by, suffix)) || received::is_passed_on(line)
    };
    if !lines.iter().take(above).all(ours) {
        return None;
    }
    read(&headers.fields[at].unfolded())
}

fn read(value: &str) -> Option<ReceivedSpf> {
    let tokens: Vec<Token> = segments(value).into_iter().flatten().collect();
    let words = tokens.iter().filter_map(Token::word);
    let pairs: Vec<(String, String)> = words
        .filter_map(|word| word.split_once('='))
        .map(|(key, value)| {
            (
                key.to_ascii_lowercase(),
                value.trim_matches(['<', '>', '[', ']']).to_owned(),
            )
        })
        .collect();
    let get = |wanted: &str| {
        pairs
            .iter()
            .find(|(key, _)| key == wanted)
            .map(|(_, value)| value.clone())
    };
    Some(ReceivedSpf {
        client: get("client-ip")?.parse().ok()?,
        helo: get("helo").filter(|helo| !helo.is_empty()),
        mail_from: get("envelope-from"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: &str = "Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=192.0.2.7;\r\n helo=out.brand.example; \
        envelope-from=\"bounce@brand.example\"; receiver=<UNKNOWN>\r\n";

    #[test]
    fn the_receiving_servers_word_is_read_and_a_senders_is_not() {
        let own = format!("{FIELD}Received: from x by mx.company.example; Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\n");
        let brought = format!("Received: from x by mx.other.example; Mon, 23 Nov 2026 10:00:00 +0000\r\n{FIELD}\r\n");
        let by = ["company.example".to_owned()];
        let found = trusted(&Headers::of(own.as_bytes()), &by).unwrap();
        assert_eq!(found.client.to_string(), "192.0.2.7");
        assert_eq!(found.helo.as_deref(), Some("out.brand.example"));
        assert_eq!(found.mail_from.as_deref(), Some("bounce@brand.example"));
        assert_eq!(trusted(&Headers::of(brought.as_bytes()), &by), None);
    }
}

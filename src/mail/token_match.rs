//! Which delivery does a message belong to? The token is looked for where providers and ESPs leave it: its own header, headers in
//! which ESPs carry metadata, the decoded text, the plus-address. Never the subject, the date or the Message-ID.

use super::embedded;
use super::headers::{Header, Headers};
use crate::model::delivery::TOKEN_HEADER;
use crate::model::{MatchedBy, Token};
use mail_parser::{MessageParser, MimeHeaders, PartType};

/// Fields that name a recipient.
const RECIPIENTS: &[&str] = &[
    "To",
    "Cc",
    "Delivered-To",
    "X-Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Apparently-To",
    "X-Forwarded-To",
    "X-RCPT-TO",
];

/// What ties `raw` to the delivery of `token`: the strongest place first. `None` where the token is in none of them.
/// A bounce or a forward that quotes the message does not count as the message.
pub fn find(raw: &[u8], token: &Token) -> Option<MatchedBy> {
    let headers = Headers::of(raw);
    let wanted = token.as_str();
    if headers.all(TOKEN_HEADER).any(|header| header.unfolded() == wanted) {
        return Some(MatchedBy::Header);
    }
    let carries = |header: &Header<'_>| header.unfolded().contains(wanted);
    if headers
        .fields
        .iter()
        .any(|header| is_metadata(header) && carries(header))
    {
        return Some(MatchedBy::Metadata);
    }
    if in_body(raw, wanted) {
        return Some(MatchedBy::Body);
    }
    let plus = format!("+{wanted}@");
    let to_token = |header: &Header<'_>| header.unfolded().to_ascii_lowercase().contains(&plus);
    let is_recipient = |header: &Header<'_>| RECIPIENTS.iter().any(|name| header.is(name));
    let addressed = headers
        .fields
        .iter()
        .any(|header| is_recipient(header) && to_token(header));
    addressed.then_some(MatchedBy::Address)
}

/// Extension fields (`X-PM-Metadata-…`, `X-Mailgun-Variables`, `X-SES-…`) and Feedback-ID.
fn is_metadata(header: &Header<'_>) -> bool {
    let extension = header
        .name
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("x-"));
    let recipient = RECIPIENTS.iter().any(|name| header.is(name));
    (extension && !recipient && !header.is(TOKEN_HEADER)) || header.is("Feedback-ID")
}

/// The token in a decoded text or HTML part of the message itself (nested messages and delivery reports are not searched).
fn in_body(raw: &[u8], wanted: &str) -> bool {
    let raw = embedded::closed(raw);
    let Some(message) = MessageParser::default().parse(&raw) else {
        return false;
    };
    let is_report = message
        .parts
        .first()
        .and_then(|root| root.content_type())
        .is_some_and(|kind| {
            kind.subtype()
                .is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"))
        });
    !is_report
        && message.parts.iter().any(|part| match &part.body {
            PartType::Text(text) | PartType::Html(text) => text.contains(wanted),
            _ => false,
        })
}

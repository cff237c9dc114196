//! A rendered message into bytes: multipart/alternative with the text first, quoted-printable, 7-bit, CRLF, no line over 998 octets.
//! Deterministic: the same letter makes the same bytes.

use super::token::hex;
use crate::model::delivery::{DELIVERY_HEADER, TOKEN_HEADER};
use crate::model::{DeliveryId, Diagnostic, Token, header_text};
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use std::collections::BTreeMap;
use std::time::SystemTime;
use time::OffsetDateTime;

/// Latest date that can be written, 9999-12-31 UTC.
const LATEST: i64 = 253_402_300_799;

/// Everything a message consists of.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// From: an address or `Name <address>`.
    pub from: String,
    /// Reply-To, in the same form.
    pub reply_to: Option<String>,
    /// To: the seed's address.
    pub to: String,
    /// Subject, rendered.
    pub subject: String,
    /// HTML part, rendered.
    pub html: Option<String>,
    /// Text part, rendered.
    pub text: Option<String>,
    /// Further headers: of the route and of the case. They can not replace what the letter itself says.
    pub headers: BTreeMap<String, String>,
    /// Random bytes of the Message-ID. Fresh for every attempt: providers drop what they have seen before.
    pub message_id: [u8; 16],
    /// Date.
    pub date: OffsetDateTime,
    /// Correlation id: in its own header, and hidden in the body for senders that drop headers.
    pub token: Token,
    /// Names the delivery for people who find the message in a seed.
    pub delivery_id: DeliveryId,
    /// Which attempt of it, from 1.
    pub attempt: u32,
}

impl Letter {
    /// The delivery's id, with ` #2` behind it where this is its second attempt.
    pub fn named(&self) -> String {
        match self.attempt {
            0 | 1 => self.delivery_id.to_string(),
            attempt => format!("{} #{attempt}", self.delivery_id),
        }
    }

    /// The headers beyond those that say who writes to whom about what: our two, then the route's and the case's.
    pub fn all_headers(&self) -> impl Iterator<Item = (&str, String)> {
        let own = [(TOKEN_HEADER, self.token.to_string()), (DELIVERY_HEADER, self.named())];
        let added = self.headers.iter().map(|(name, value)| (name.as_str(), value.clone()));
        own.into_iter().chain(added)
    }
}

/// Builds the message. A diagnostic names the part that can not be written.
pub fn build(letter: &Letter) -> Result<Vec<u8>, Diagnostic> {
    let refuse = |field: &str, why: &str| {
        let message = format!(
            "case `{}` has a message that can not be built: {field}",
            letter.delivery_id.case
        );
        Diagnostic {
            label: why.to_owned(),
            ..Diagnostic::plain(message, None)
        }
    };
    let from = mailbox(&letter.from).map_err(|why| refuse("its From", why))?;
    let to = mailbox(&letter.to).map_err(|why| refuse("its To", why))?;
    let mut builder = Message::builder().from(from.clone()).to(to);
    if let Some(reply_to) = &letter.reply_to {
        builder = builder.reply_to(mailbox(reply_to).map_err(|why| refuse("its Reply-To", why))?);
    }
    if let Some(why) = header_text::value_problem(&letter.subject) {
        return Err(refuse("its Subject", why));
    }
    builder = builder
        .subject(letter.subject.as_str())
        .date(date(letter.date).ok_or_else(|| refuse("its Date", "the time is out of range"))?)
        .message_id(Some(format!("<{}@{}>", hex(&letter.message_id), from.email.domain())));
    builder = own_headers(builder, letter)
        .map_err(|(name, why)| refuse(&format!("header `{}`", name.escape_debug()), why))?;
    let message = parts(builder, letter).map_err(|why| refuse("its content", &why))?;
    Ok(message.formatted())
}

fn own_headers(builder: MessageBuilder, letter: &Letter) -> Result<MessageBuilder, (String, &'static str)> {
    if let Some(name) = letter.headers.keys().find(|name| header_text::is_ours(name)) {
        return Err((name.clone(), "is written by the program and can not be set"));
    }
    letter.all_headers().try_fold(builder, |builder, (name, value)| {
        let problem = header_text::name_problem(name).or_else(|| header_text::value_problem(&value));
        let name_of = |_| (name.to_owned(), "is not a header name");
        match problem {
            Some(why) => Err((name.to_owned(), why)),
            None => {
                let header = HeaderName::new_from_ascii(name.to_owned()).map_err(name_of)?;
                Ok(builder.raw_header(HeaderValue::new(header, value)))
            }
        }
    })
}

fn parts(builder: MessageBuilder, letter: &Letter) -> Result<Message, String> {
    let (html, text) = marked(letter);
    let html = html.map(|html| part(ContentType::TEXT_HTML, &html));
    let message = match (html, text) {
        (Some(html), Some(text)) => {
            // Not the whole token, or it would be found in the boundary by whoever looks for it in the body.
            let boundary = format!("=_inboxqa_{}", &letter.token.as_str()[..20]);
            let alternative = MultiPart::alternative().boundary(boundary);
            builder.multipart(
                alternative
                    .singlepart(part(ContentType::TEXT_PLAIN, &text))
                    .singlepart(html),
            )
        }
        (Some(html), None) => builder.singlepart(html),
        (None, text) => builder.singlepart(part(ContentType::TEXT_PLAIN, &text.unwrap_or_default())),
    };
    message.map_err(|error| error.to_string())
}

/// The HTML and the text part with the token in them.
pub fn marked(letter: &Letter) -> (Option<String>, Option<String>) {
    let html = letter.html.as_ref().map(|html| marked_html(html, &letter.token));
    let text = match (&html, &letter.text) {
        (Some(_), text) => text.clone(),
        (None, text) => Some(marked_text(text.as_deref().unwrap_or_default(), &letter.token)),
    };
    (html, text)
}

/// Quoted-printable always: every line stays short and 7-bit whatever the template holds.
fn part(content_type: ContentType, text: &str) -> SinglePart {
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    let encoded = quoted_printable::encode(unix.replace('\n', "\r\n"));
    SinglePart::builder()
        .header(content_type)
        .body(Body::dangerous_pre_encoded(
            encoded,
            ContentTransferEncoding::QuotedPrintable,
        ))
}

/// The token as a comment before the end of the body: invisible, and behind the preheader that clients show in lists.
fn marked_html(html: &str, token: &Token) -> String {
    let mark = format!("<!-- inboxqa:{token} -->");
    let end = html.to_ascii_lowercase().rfind("</body");
    let (head, tail) = html.split_at(end.unwrap_or(html.len()));
    format!("{head}{mark}{tail}")
}

/// Only a message without HTML shows the token, as a last line.
fn marked_text(text: &str, token: &Token) -> String {
    format!("{}\n\ninboxqa:{token}\n", text.trim_end_matches(['\r', '\n']))
}

/// Reads an address or `Name <address>`. The library takes names as they come and panics on line breaks in them: checked first.
fn mailbox(text: &str) -> Result<Mailbox, &'static str> {
    if let Some(why) = header_text::value_problem(text) {
        return Err(why);
    }
    let text = text.trim();
    let (name, address) = match text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) => (name.trim(), address),
        None => ("", text),
    };
    if !address.is_ascii() {
        return Err("an address is ASCII: write an international domain in its xn-- form");
    }
    let address: Address = address.parse().map_err(|_| "is not an address")?;
    let name = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
        .map_or_else(|| name.to_owned(), unquoted);
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// A quoted string without its escapes (RFC 5322 §3.2.4).
fn unquoted(quoted: &str) -> String {
    let mut characters = quoted.chars();
    let mut text = String::new();
    while let Some(c) = characters.next() {
        text.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    text
}

fn date(date: OffsetDateTime) -> Option<SystemTime> {
    (0..=LATEST).contains(&date.unix_timestamp()).then(|| date.into())
}

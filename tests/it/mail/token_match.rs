//! A message is found by its token wherever providers and ESPs leave it, and by nothing else.

use inboxqa::mail::token_match::find;
use inboxqa::model::{MatchedBy, Token};
use proptest::prelude::*;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn found(raw: &str) -> Option<MatchedBy> {
    find(raw.replace('\n', "\r\n").as_bytes(), &Token::parse(TOKEN).unwrap())
}

#[test]
fn in_its_own_header() {
    assert_eq!(
        found(&format!("From: a@b.example\nx-inboxqa-token:\n {TOKEN}\n\nhello\n")),
        Some(MatchedBy::Header)
    );
}

#[test]
fn another_deliverys_header_is_no_match() {
    let other = TOKEN.replace('0', "1");
    assert_eq!(found(&format!("X-InboxQA-Token: {other}\n\nhello\n")), None);
}

#[test]
fn in_the_metadata_of_an_esp() {
    assert_eq!(
        found(&format!("X-PM-Metadata-token: {TOKEN}\n\nhello\n")),
        Some(MatchedBy::Metadata)
    );
    let variables = format!("X-Mailgun-Variables: {{\"token\":\n \"{TOKEN}\"}}\n\nhello\n");
    assert_eq!(found(&variables), Some(MatchedBy::Metadata));
}

#[test]
fn in_a_body_broken_by_quoted_printable() {
    let (head, tail) = TOKEN.split_at(11);
    let raw = format!(
        "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>ref {head}=\n{tail}</p>\n"
    );
    assert_eq!(found(&raw), Some(MatchedBy::Body));
}

#[test]
fn in_a_base64_part() {
    use base64::Engine;
    let body = base64::engine::general_purpose::STANDARD.encode(format!("reference {TOKEN}"));
    let raw = format!(
        "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\
         Content-Transfer-Encoding: base64\n\n{body}\n--b--\n"
    );
    assert_eq!(found(&raw), Some(MatchedBy::Body));
}

#[test]
fn in_the_plus_address() {
    assert_eq!(
        found(&format!("Delivered-To: seed+{TOKEN}@mail.example\n\nhello\n")),
        Some(MatchedBy::Address)
    );
}

#[test]
fn subject_and_message_id_prove_nothing() {
    assert_eq!(
        found(&format!(
            "Subject: {TOKEN}\nMessage-ID: <{TOKEN}@brand.example>\n\nhello\n"
        )),
        None
    );
}

#[test]
fn a_bounce_that_quotes_the_message_is_not_the_message() {
    let raw = format!(
        "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\nyour mail {TOKEN}\n\
         --b\nContent-Type: message/rfc822\n\nX-InboxQA-Token: {TOKEN}\n\nreference {TOKEN}\n--b--\n"
    );
    assert_eq!(found(&raw), None);
}

#[test]
fn a_forward_that_encloses_the_message_is_not_the_message() {
    let raw = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nlook at this\n\
         --b\nContent-Type: message/rfc822\n\nX-InboxQA-Token: {TOKEN}\n\nreference {TOKEN}\n--b--\n"
    );
    assert_eq!(found(&raw), None);
}

proptest! {
    #[test]
    fn any_bytes_are_survived(raw in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = find(&raw, &Token::parse(TOKEN).unwrap());
    }
}

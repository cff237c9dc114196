//! Which ids of sending services a message bears: whole ones, from where the services write them, and never two.

use inboxqa::mail::esp_id::borne;
use inboxqa::model::{EspId, LogKind};
use proptest::prelude::*;

const UUID: &str = "8fda00ab-7c0e-4a5e-9d6b-0a1b2c3d4e5f";
const OTHER: &str = "8fda00ab-7c0e-4a5e-9d6b-0a1b2c3d4e50";
const DELIVERY: &str = "dgTQ0QMGAJ3lhgOc5YYDAZQ7F5vAAAAAAAAAAQ==";

fn of(raw: &str) -> Vec<String> {
    let ids = borne(raw.replace('\n', "\r\n").as_bytes());
    ids.iter().map(EspId::to_string).collect()
}

fn html(body: &str) -> String {
    format!("From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n<html><body>{body}</body></html>\n")
}

fn cio_link(id: &str) -> String {
    use base64::Engine;
    let facts = format!("{{\"email_id\":\"{id}\",\"href\":\"https://shop.example/\",\"link_id\":1}}");
    let facts = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(facts);
    format!("<a href=\"https://e.brand.example/e/c/{facts}/00ff\">x</a>")
}

fn pm_link(id: &str) -> String {
    format!("<a href=\"https://click.pstmrk.it/3s/shop.example%2F/AbCd/EfGhAQ/AQ/{id}/1/AbCdEfGhIj\">x</a>")
}

#[test]
fn headers_of_postmark_and_of_customerio() {
    assert_eq!(of(&format!("X-PM-Message-Id: {}\n\nx\n", UUID.to_uppercase())), [UUID]);
    assert_eq!(of(&format!("Message-Id: <{UUID}@mtasv.net>\n\nx\n")), [UUID]);
    let mailer = format!("X-Mailer: Customer.io ({DELIVERY};\n +https://whatis.customeriomail.com)\n\nx\n");
    assert_eq!(of(&mailer), [DELIVERY.trim_end_matches('=')]);
    assert_eq!(
        of(&format!("X-PM-Message-Id: {UUID}\n{mailer}")).len(),
        2,
        "Customer.io behind which Postmark works"
    );
}

#[test]
fn links_pixels_and_unsubscribe_addresses_where_the_headers_are_silent() {
    let id = DELIVERY.trim_end_matches('=');
    assert_eq!(of(&html(&pm_link(UUID))), [UUID]);
    assert_eq!(of(&html(&cio_link(DELIVERY))), [id]);
    assert_eq!(
        of(&html(&format!(
            "<a href=\"https://e.brand.example/unsubscribe/{DELIVERY}\">x</a>"
        ))),
        [id]
    );
    let named = format!("X-PM-Message-Id: {OTHER}\n{}", html(&pm_link(UUID)));
    assert_eq!(of(&named), [OTHER], "the header decides");
}

#[test]
fn what_names_two_messages_names_none() {
    assert!(of(&html(&(pm_link(UUID) + &pm_link(OTHER)))).is_empty());
    assert!(of(&format!("X-PM-Message-Id: {UUID}\nX-PM-Message-Id: {OTHER}\n\nx\n")).is_empty());
}

#[test]
fn an_answer_and_a_report_speak_of_another_message() {
    let answer = format!(
        "In-Reply-To: <{UUID}@mtasv.net>\nReferences: <{UUID}@mtasv.net>\n{}",
        html(&pm_link(UUID))
    );
    assert!(of(&answer).is_empty());
    let report = format!(
        "Content-Type: multipart/report; boundary=b\nX-PM-Message-Id: {UUID}\n\n--b\nContent-Type: message/rfc822\n\nX-PM-Message-Id: {UUID}\n\nx\n--b--\n"
    );
    assert!(of(&report).is_empty());
    let forward = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nlook\n--b\nContent-Type: message/rfc822\n\nX-PM-Message-Id: {UUID}\n\n{}\n--b--\n",
        pm_link(UUID)
    );
    assert!(of(&forward).is_empty());
}

#[test]
fn an_id_in_the_words_or_a_part_of_one_is_none() {
    for raw in [
        format!("Subject: {UUID}\n\nYour reference is {UUID}\n"),
        format!("X-PM-Message-Id: {UUID}0\n\nx\n"),
        format!("X-PM-Message-Id: {}\n\nx\n", &UUID[1..]),
        format!("Message-Id: <{UUID}@brand.example>\n\nx\n"),
        format!("Message-Id: <{UUID}@mtasv.net.evil.example>\n\nx\n"),
        "X-Mailer: Customer.io (short; +https://whatis.customeriomail.com)\n\nx\n".to_owned(),
        html(&format!("<a href=\"https://shop.example/orders/{UUID}/1\">x</a>")),
    ] {
        assert!(of(&raw).is_empty(), "{raw}");
    }
}

#[test]
fn a_reply_names_one_uuid_or_nothing() {
    let told = |text: &str| EspId::postmark_in(text).map(|id| id.to_string());
    assert_eq!(told(&format!("Ok: queued as {UUID}")).as_deref(), Some(UUID));
    assert_eq!(told(&format!("<{UUID}@mtasv.net>")).as_deref(), Some(UUID));
    assert_eq!(told(&format!("{UUID} {OTHER}")), None);
    assert_eq!(told(&format!("{UUID}-1")), None);
    assert_eq!(told("Ok: queued as 4F2A91"), None);
    assert!(EspId::new(LogKind::CustomerIo, "a/../../v1").is_none());
}

proptest! {
    #[test]
    fn any_bytes_are_survived(raw in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = borne(&raw);
    }
}

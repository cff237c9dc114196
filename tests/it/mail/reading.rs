//! A whole message is read: addresses, subject, parts; hostile ones too.

use inboxqa::mail::{Reading, address};
use proptest::prelude::*;

#[test]
fn addresses_of_every_form() {
    let raw =
        b"From: =?utf-8?Q?Brand_Re=C3=A7us?= <Receipts@Brand.example>\r\nFrom: \"Other, Inc.\" <o@other.example>\r\n\
        Reply-To: Team: a@x.example, \"B\" <b@Y.example.>;, c@z.example\r\n\r\n";
    let reading = Reading::new(raw);
    let from = reading.from();
    assert_eq!(from.len(), 2);
    assert_eq!(from[0].to_string(), "Brand Reçus <Receipts@Brand.example>");
    assert_eq!(from[0].domain, "brand.example");
    assert_eq!(from[1].name.as_deref(), Some("Other, Inc."));
    let domains: Vec<String> = reading.reply_to().into_iter().map(|address| address.domain).collect();
    assert_eq!(domains, ["x.example", "y.example", "z.example"]);
}

#[test]
fn mailboxes_are_compared_as_mail_does() {
    let one = &address::parse("A <a@Brand.Example>")[0];
    let other = &address::parse("a@brand.example")[0];
    assert!(one.same_mailbox(other));
    assert!(!one.same_mailbox(&address::parse("A@brand.example")[0]));
}

#[test]
fn both_parts_of_an_alternative_are_found_and_attachments_are_not() {
    let raw = b"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
        --a\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9\r\n\
        --a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>caf\xc3\xa9</p>\r\n--a--\r\n\
        --m\r\nContent-Type: text/html; name=x.html\r\nContent-Disposition: attachment\r\n\r\n<a href='https://x.example'>x</a>\r\n--m--\r\n";
    let reading = Reading::new(raw);
    assert_eq!(reading.text().map(str::trim), Some("café"));
    assert_eq!(reading.html().map(str::trim), Some("<p>café</p>"));
    assert_eq!(reading.links(), []);
}

#[test]
fn nothing_is_made_up() {
    let reading = Reading::new(b"Content-Type: text/html\r\n\r\n<p>only html</p>");
    assert_eq!(reading.text(), None);
    assert_eq!((reading.subject(), reading.message_id()), (None, None));
    assert!(reading.from().is_empty());
    let empty = Reading::new(b"");
    assert_eq!((empty.html(), empty.text(), empty.links().len()), (None, None, 0));
}

#[test]
fn a_thousand_nested_parts_are_survived() {
    let nested: String = (0..2000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
        .collect();
    Reading::new(nested.as_bytes()).links();
}

proptest! {
    #[test]
    fn any_bytes_are_survived(raw in proptest::collection::vec(any::<u8>(), 0..3000)) {
        let reading = Reading::new(&raw);
        reading.links();
        reading.pixels();
        reading.from();
        reading.reply_to();
        reading.subject();
    }

    #[test]
    fn any_structure_is_survived(
        raw in "(?s)((From|Reply-To|Subject|Content-Type|Content-Transfer-Encoding): ?[ -~é]{0,30}(\r\n)?( text/html| multipart/mixed; boundary=b| base64)?\r\n){0,6}(\r\n)?(--b\r\n|<a href=|=C3|[ -~]{0,20}\r\n){0,20}"
    ) {
        let reading = Reading::new(raw.as_bytes());
        reading.links();
        reading.from();
        reading.reply_to();
    }
}

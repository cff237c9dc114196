//! Which header fields a message brought along, and which the mailbox provider wrote on it: a rule about the sender's fields must not
//! be broken by a stamp of the receiver's.

use super::headers::{Header, Headers};
use super::received::{self, Received};

/// Names, or beginnings of names, of fields that mail servers write.
const STAMPS: &[&str] = &[
    "arc-",
    "authentication-results",
    "delivered-to",
    "received",
    "return-path",
    "x-apparently-to",
    "x-apple-",
    "x-arc-",
    "x-bimi-",
    "x-delivered-to",
    "x-dmarc-",
    "x-forefront-",
    "x-gm-",
    "x-google-",
    "x-icl-",
    "x-incoming",
    "x-mail-from",
    "x-me-",
    "x-microsoft-",
    "x-ms-",
    "x-message-",
    "x-originating-ip",
    "x-proofpoint-",
    "x-received",
    "x-resolved-to",
    "x-sid-",
    "x-spam",
    "x-ymail",
];

/// The fields that came with the message, top to bottom: those below the line in which the provider took it in, without stamps.
/// `received_by` are suffixes of the provider's hosts. Where that line can not be told, stamps go by their names alone.
pub fn fields<'h, 'a>(headers: &'h Headers<'a>, received: &[Received], received_by: &[String]) -> Vec<&'h Header<'a>> {
    let taken_in = received::trusted_client(received, received_by)
        .and_then(|found| received.iter().position(|line| std::ptr::eq(line, found)))
        .and_then(|nth| {
            let mut lines = headers
                .fields
                .iter()
                .enumerate()
                .filter(|(_, field)| field.is("Received"));
            lines.nth(nth)
        });
    let from = taken_in.map_or(0, |(index, _)| index + 1);
    // Microsoft puts more of its own below what came.
    let end = headers
        .fields
        .iter()
        .rposition(|field| field.is("X-IncomingHeaderCount"));
    let end = end.unwrap_or(headers.fields.len()).max(from);
    let is_stamp = |field: &&Header<'_>| {
        let name = field.name.to_ascii_lowercase();
        STAMPS.iter().any(|stamp| name.starts_with(stamp))
    };
    headers.fields[from..end]
        .iter()
        .filter(|field| !is_stamp(field))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(raw: &str) -> Vec<String> {
        let headers = Headers::of(raw.as_bytes());
        let received = received::of_headers(&headers);
        let found = fields(
            &headers,
            &received,
            &["google.com".to_owned(), "outlook.com".to_owned()],
        );
        found.into_iter().map(|field| field.name.to_owned()).collect()
    }

    #[test]
    fn what_stands_above_the_line_of_taking_in_is_the_providers() {
        let gmail = "Delivered-To: x\r\nX-Strange: x\r\nReceived: from a (a [203.0.113.9]) by mx.google.com with ESMTPS id 1\r\n\
             Received-SPF: pass\r\nAuthentication-Results: mx.google.com\r\nReceived: from b by a\r\nFrom: x\r\nX-Google-Sender: x\r\nTo: x\r\n\r\n";
        assert_eq!(names(gmail), ["From", "To"]);
        let outlook = "Received: from a (203.0.113.9) by mx.outlook.com (10.0.0.1) with Microsoft SMTP Server id 1\r\n\
             From: x\r\nX-IncomingHeaderCount: 9\r\nMessage-ID: <x@prod.outlook.com>\r\nX-Any: x\r\n\r\n";
        assert_eq!(names(outlook), ["From"]);
    }

    #[test]
    fn without_that_line_names_decide() {
        assert_eq!(
            names("Return-Path: <x>\r\nReceived: from b by a\r\nSubject: x\r\nX-MS-Has-Attach: x\r\n\r\n"),
            ["Subject"]
        );
        assert_eq!(
            names("X-IncomingHeaderCount: 9\r\nSubject: x\r\n\r\n"),
            Vec::<String>::new()
        );
    }
}

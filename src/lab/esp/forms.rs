//! The written forms of Postmark, Customer.io and a service of no particular name: links, pixels, unsubscribe addresses and
//! headers. `tests/data/vendors/` holds the published facts these must match.

use crate::lab::ids;
use crate::lab::letter::Letter;
use crate::lab::mime::TextKind;
use crate::lab::plan::{RoutePlan, Vendor};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What Postmark leaves unescaped in a destination: the unreserved characters of RFC 3986 §2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Invented account numbers.
const SERVER: &str = "1234567";
const ACCOUNT: &str = "765432";

/// The service's id of one message.
pub fn message_id(vendor: Vendor) -> String {
    match vendor {
        Vendor::Postmark => ids::uuid(),
        Vendor::CustomerIo => ids::url_safe_padded::<29>(),
        Vendor::Generic => ids::hex::<12>(),
    }
}

/// A tracking link.
pub fn link(vendor: Vendor, host: &str, id: &str, number: u32, part: TextKind, destination: &str) -> String {
    match vendor {
        Vendor::Postmark => {
            let (scheme, bare) = destination.split_once("://").unwrap_or(("", destination));
            let text = if part == TextKind::Plain { "t" } else { "" };
            let secure = if scheme == "https" { "s" } else { "" };
            let bare = utf8_percent_encode(bare, ESCAPED);
            let (first, second, last) = (ids::word::<4>(), ids::word::<4>(), ids::word::<10>());
            format!("https://{host}/3{text}{secure}/{bare}/{first}/{second}AQ/AQ/{id}/{number}/{last}")
        }
        Vendor::CustomerIo => {
            let href = json(destination);
            let facts = format!(
                "{{\"email_id\":{},\"href\":{href},\"internal\":\"{}\",\"link_id\":{number}}}",
                json(id),
                "cio_03000a0b0c"
            );
            format!(
                "https://{host}/e/c/{}/{}",
                URL_SAFE_NO_PAD.encode(facts),
                ids::hex::<32>()
            )
        }
        Vendor::Generic => format!("https://{host}/c/{id}/{number}"),
    }
}

/// A JSON string with `&` written `\u0026`.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('&', "\\u0026")
}

/// An open pixel: its URL and its HTML.
pub fn pixel(vendor: Vendor, host: &str, id: &str) -> (String, String) {
    match vendor {
        Vendor::Postmark => {
            let url = format!(
                "https://{host}/open?m=v3_1.{}.{}",
                ids::url_safe::<16>(),
                ids::url_safe::<24>()
            );
            let html = format!("<img src=\"{url}\" width=\"1\" height=\"1\" border=\"0\" alt=\"\" />");
            (url, html)
        }
        Vendor::CustomerIo => {
            let facts = format!("{{\"email_id\":{}}}", json(id));
            let url = format!("https://{host}/e/o/{}", STANDARD.encode(facts));
            let style = "height: 1px !important; max-height: 1px !important; max-width: 1px !important; \
                         width: 1px !important; display: none !important";
            let html = format!("<img src=\"{url}\" style=\"{style}\" alt=\"\"/>");
            (url, html)
        }
        Vendor::Generic => {
            let url = format!("https://{host}/o/{id}.gif");
            let html = format!("<img src=\"{url}\" width=\"1\" height=\"1\" alt=\"\">");
            (url, html)
        }
    }
}

/// The List-Unsubscribe URL (RFC 8058 one-click).
pub fn unsubscribe_url(plan: &RoutePlan, id: &str) -> String {
    let host = plan.unsubscribe_host();
    match plan.vendor {
        Vendor::Postmark => format!(
            "https://{host}/unsubscribe?m=1.{}.{}",
            ids::url_safe::<16>(),
            ids::url_safe::<24>()
        ),
        Vendor::CustomerIo | Vendor::Generic => format!("https://{host}/unsubscribe/{id}"),
    }
}

/// The value of List-Unsubscribe.
pub fn list_unsubscribe(plan: &RoutePlan, id: &str, url: &str) -> String {
    match plan.vendor {
        Vendor::Postmark => format!("<{url}>"),
        Vendor::CustomerIo => format!(
            "<mailto:32.{}@unsubscribe2.customer.io>,\r\n <{url}>",
            base32(id.as_bytes())
        ),
        Vendor::Generic => format!("<mailto:unsubscribe+{id}@{}>,\r\n <{url}>", plan.return_path),
    }
}

/// base32 without padding (RFC 4648 §6).
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    bytes
        .chunks(5)
        .flat_map(|chunk| {
            let word = (0..5).fold(0u64, |word, index| {
                word << 8 | u64::from(*chunk.get(index).unwrap_or(&0))
            });
            let letters = (chunk.len() * 8).div_ceil(5);
            (0..letters).map(move |index| LETTERS[(word >> (35 - 5 * index)) as usize & 31] as char)
        })
        .collect()
}

/// Removes the service's control headers and adds the ones it signs its work with.
/// The ids are the service's own and that of the service behind it.
pub fn stamp_headers(
    letter: &mut Letter,
    plan: &RoutePlan,
    (id, relay): (&str, Option<&str>),
    recipient: &str,
    wrong_stream: bool,
) {
    match plan.vendor {
        Vendor::Postmark => postmark_headers(letter, plan.marketing != wrong_stream, id, recipient),
        Vendor::CustomerIo => {
            letter.set(
                "X-Mailer",
                &format!("Customer.io ({id};\r\n +https://whatis.customeriomail.com)"),
            );
            letter.set("X-Report-Abuse-To", "badactor@customer.io");
            // The transport is Postmark, and the SMTP entry that of another stream.
            if wrong_stream || relay.is_some() {
                let id = relay.map_or_else(ids::uuid, str::to_owned);
                postmark_headers(letter, plan.marketing != wrong_stream, &id, recipient);
            }
        }
        Vendor::Generic => letter.set("X-Report-Abuse-To", &format!("abuse@{}", plan.esp_domain)),
    }
}

fn postmark_headers(letter: &mut Letter, bulk: bool, id: &str, recipient: &str) {
    let tag = letter.get("X-PM-Tag");
    letter.remove(|name| name.starts_with("x-pm-"));
    let coded = tag.as_deref().map_or("_".to_owned(), |tag| STANDARD.encode(tag));
    letter.set(
        "Feedback-ID",
        &format!("s{SERVER}-{coded}:s{SERVER}:a{ACCOUNT}:postmark"),
    );
    letter.push("X-Complaints-To", "abuse@postmarkapp.com");
    letter.push("X-PM-Message-Id", id);
    if let Some(tag) = tag {
        letter.push("X-PM-Tag", &tag);
    }
    let receipt = STANDARD.encode(format!("m0|{ACCOUNT}|{SERVER}|{recipient}"));
    letter.push("X-PM-RCPT", &format!("|{receipt}|"));
    letter.push(
        "X-PM-Message-Options",
        &format!("v1;1.{}.{}", ids::url_safe::<16>(), ids::url_safe::<24>()),
    );
    let pool = if bulk { "application-bulk-1" } else { "transactional-3" };
    letter.push("X-PM-MTA-Pool", pool);
    if bulk {
        letter.set("Precedence", "bulk");
    }
}

/// A Message-ID of the service's own making, with its brackets.
pub fn own_message_id(plan: &RoutePlan, id: &str) -> String {
    match plan.vendor {
        Vendor::Postmark => format!("<{id}@mtasv.net>"),
        Vendor::CustomerIo | Vendor::Generic => format!("<{}@{}>", ids::hex::<16>(), plan.esp_domain),
    }
}

//! A message as a sending service writes it from the fields of a request: addresses, encoded words, parts.

use crate::lab::ids;
use crate::lab::letter::Letter;
use crate::lab::mime::quoted_printable;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Bytes of an encoded word's content (RFC 2047 §2 allows 75 characters in all).
const WORD: usize = 42;

/// The parts, text first; a lone part is the whole body.
pub fn body(letter: &mut Letter, text: Option<&str>, html: Option<&str>) {
    let part = |kind: &str, content: &str| {
        let content = content.replace("\r\n", "\n").replace('\n', "\r\n");
        let head =
            format!("Content-Type: text/{kind}; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n");
        (head, quoted_printable(content.as_bytes()))
    };
    let parts: Vec<(String, Vec<u8>)> = [
        text.map(|text| part("plain", text)),
        html.map(|html| part("html", html)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let [first, second] = parts.as_slice() else {
        let kind = if html.is_some() { "html" } else { "plain" };
        letter.push("Content-Type", &format!("text/{kind}; charset=UTF-8"));
        letter.push("Content-Transfer-Encoding", "quoted-printable");
        letter.put_body(parts.into_iter().flat_map(|(_, content)| content).collect());
        return;
    };
    let boundary = format!("mk3-{}", ids::hex::<16>());
    letter.push(
        "Content-Type",
        &format!("multipart/alternative; boundary=\"{boundary}\""),
    );
    let mut all = Vec::new();
    for (head, content) in [first, second] {
        all.extend_from_slice(format!("--{boundary}\r\n{head}\r\n").as_bytes());
        all.extend_from_slice(content);
        all.extend_from_slice(b"\r\n");
    }
    all.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    letter.put_body(all);
}

/// `Name <address>` with the name encoded where it must be.
pub fn address(written: &str) -> String {
    match written.rsplit_once('<') {
        Some((name, rest)) => format!("{} <{rest}", words(name.trim())),
        None => written.to_owned(),
    }
}

/// Encoded words (RFC 2047) where a text is not ASCII.
pub fn words(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut chunks: Vec<String> = vec![String::new()];
    for letter in text.chars() {
        if chunks
            .last()
            .is_some_and(|chunk| chunk.len() + letter.len_utf8() > WORD)
        {
            chunks.push(String::new());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(letter);
        }
    }
    let encoded: Vec<String> = chunks
        .iter()
        .map(|chunk| format!("=?UTF-8?B?{}?=", STANDARD.encode(chunk)))
        .collect();
    encoded.join("\r\n ")
}

//! What goes wrong with the words of a text part: the wrong charset, an advertisement, the end cut off.

use crate::lab::fault::Active;
use crate::lab::fault_kind::FaultKind;
use crate::lab::html;
use crate::lab::letter::Letter;
use crate::lab::mime::{TextKind, change_texts};

/// What Windows-1252 reads at 0x80 to 0x9F; 0 where it has nothing and Latin-1's control is read.
const HIGH: [u16; 32] = [
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
    0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
];
/// What a free plan puts below the content.
const ADVERTISEMENT: &str = "Sent with Mailer, the easy way to write to your customers. Start for free.";

/// Spoils the words of a part where a fault says so.
pub fn words(text: Vec<u8>, kind: TextKind, active: &Active<'_>) -> Vec<u8> {
    let text = match active.has(FaultKind::Mojibake) {
        true => text.into_iter().map(misread).collect::<String>().into_bytes(),
        false => text,
    };
    match (active.has(FaultKind::InsertedFooter), kind) {
        (false, _) => text,
        (true, TextKind::Html) => html::before_body_end(&text, &format!("<p align=\"center\">{ADVERTISEMENT}</p>\n")),
        (true, TextKind::Plain) => [text, format!("\r\n-- \r\n{ADVERTISEMENT}\r\n").into_bytes()].concat(),
    }
}

/// What Postmark puts below every message of a broadcast stream.
pub fn broadcast_footer(letter: &mut Letter, url: &str) {
    change_texts(letter, &mut |kind, text| {
        Some(match kind {
            TextKind::Html => {
                let link = format!("<p>No longer want these messages? <a href=\"{url}\">Unsubscribe</a></p>\n");
                html::before_body_end(text, &link)
            }
            TextKind::Plain => {
                let line = format!("\r\n\r\nNo longer want these messages? Unsubscribe: {url}\r\n");
                [text, line.as_bytes()].concat()
            }
        })
    });
}

/// Where pictures of `broken-image` lead: the lab's web server has nothing there.
pub const GONE: &str = "/gone";

/// The first picture leads to nowhere.
pub fn break_image(html: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&html).into_owned();
    let broken = text.find("<img").and_then(|tag| {
        let from = tag + text[tag..].find("src=\"https://")? + "src=\"https://".len();
        let path = from + text[from..].find('/')?;
        Some(format!("{}{GONE}{}", &text[..path], &text[path..]))
    });
    broken.map_or(html, String::into_bytes)
}

/// The beginning of an HTML part: about three fifths of it, up to a tag.
pub fn cut(mut html: Vec<u8>) -> Vec<u8> {
    let most = html.len() * 3 / 5;
    let tag = html[..most].iter().rposition(|byte| *byte == b'<');
    html.truncate(tag.unwrap_or(most));
    html
}

fn misread(byte: u8) -> char {
    let high = byte.checked_sub(0x80).and_then(|at| HIGH.get(usize::from(at))).copied();
    high.filter(|code| *code != 0)
        .and_then(|code| char::from_u32(u32::from(code)))
        .unwrap_or(char::from(byte))
}

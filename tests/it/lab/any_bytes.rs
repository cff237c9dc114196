//! What a client sends through the lab may be anything: nothing panics, and what is not changed keeps its bytes.

use inboxqa::lab::html;
use inboxqa::lab::letter::Letter;
use inboxqa::lab::mime::{TextKind, change_texts, rebuild};
use proptest::prelude::*;

/// Pieces that look like mail, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("Content-Type: multipart/mixed; boundary=b\r\n".as_bytes().to_vec()),
        Just(
            "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n"
                .as_bytes()
                .to_vec()
        ),
        Just("Content-Transfer-Encoding: quoted-printable\r\n".as_bytes().to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"--b\r\n".to_vec()),
        Just(b"\r\n--b--\r\n".to_vec()),
        Just(b"=\r\n=3".to_vec()),
        Just(b"<a href=\"https://x.example/?a=1&amp;b&#x".to_vec()),
        Just(b"<!-- ".to_vec()),
        Just(b"</body>".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..12),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_letter_nobody_changed_is_the_same(raw in pieces()) {
        let mut letter = Letter::parse(&raw);
        prop_assert_eq!(letter.bytes(), raw.clone());
        change_texts(&mut letter, &mut |_, _| None);
        prop_assert_eq!(letter.bytes(), raw);
        rebuild(&mut letter);
    }

    #[test]
    fn changed_text_is_read_back_as_it_was_put_in(raw in pieces(), text in "[ -~é\t]{0,90}(\r\n[ -~é\t]{0,90}){0,3}") {
        let mut letter = Letter::parse(&raw);
        let mut parts = 0;
        change_texts(&mut letter, &mut |_, _| { parts += 1; Some(text.clone().into_bytes()) });
        let mut read = Vec::new();
        change_texts(&mut letter, &mut |_: TextKind, now| { read.push(now.to_vec()); None });
        prop_assume!(!text.contains("--b") && read.len() == parts);
        for now in read {
            prop_assert_eq!(String::from_utf8_lossy(&now).into_owned(), text.clone());
        }
    }

    #[test]
    fn any_html_is_scanned(source in pieces()) {
        let anchors = html::anchors(&source);
        let same: Vec<_> = anchors
            .iter()
            .filter_map(|anchor| {
                let text = std::str::from_utf8(&source[anchor.href.clone()]).ok()?;
                Some((anchor.href.clone(), text.to_owned()))
            })
            .collect();
        prop_assert_eq!(html::splice(&source, &same), source.clone());
        html::urls(&source);
        html::before_body_end(&source, "x");
        html::unescape(&String::from_utf8_lossy(&source));
    }
}

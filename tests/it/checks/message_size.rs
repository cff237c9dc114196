//! `message-size`: Gmail's clip, at its edges and elsewhere, and what lies behind it.

use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::MessageSize;
use inboxqa::model::Verdict;

const CLIP: usize = 102 * 1024;

/// An HTML letter of exactly this many bytes (decoded) whose tail comes last.
fn sized(bytes: usize, tail: &str) -> Scene {
    let head = "<p>Hello</p><a href='https://shop.brand.example/a'>A</a><!--";
    let fill = bytes - head.len() - tail.len() - 3;
    let html = format!("{head}{}-->{tail}", "x".repeat(fill));
    delivered(format!("Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}").as_bytes())
}

fn at_yahoo(mut scene: Scene) -> Scene {
    scene.policy.provider.provider = "yahoo".into();
    scene
}

const TAIL: &str = "<a href='https://shop.brand.example/a'>A again</a><a href='https://www.brand.example/unsubscribe?u=1'>Unsubscribe</a>\
    <img src='https://ea.brand.example/o/1' width='1' height='1'>";

#[test]
fn small_passes_and_no_html_is_skipped() {
    sized(20_000, "").judged(MessageSize, Verdict::Pass, "ok");
    sized(90 * 1024, "").judged(MessageSize, Verdict::Pass, "ok");
    delivered(b"Subject: x\r\n\r\nplain\r\n").judged(MessageSize, Verdict::Skip, "no-html");
    delivered(b"")
        .absent()
        .judged(MessageSize, Verdict::Skip, "not-observed");
}

#[test]
fn near_the_limit_gmail_warns() {
    sized(90 * 1024 + 1, "").judged(MessageSize, Verdict::Warn, "near");
    sized(CLIP, "").judged(MessageSize, Verdict::Warn, "near");
    at_yahoo(sized(CLIP, "")).judged(MessageSize, Verdict::Pass, "ok");
}

#[test]
fn beyond_it_gmail_fails_and_others_warn() {
    sized(CLIP + 1, "").judged(MessageSize, Verdict::Fail, "clipped");
    at_yahoo(sized(CLIP + 1, "")).judged(MessageSize, Verdict::Warn, "clipped");
}

#[test]
fn the_size_is_that_of_the_decoded_part() {
    let html = format!("<p>{}</p>", "=C3=BC".repeat(30_000));
    let letter =
        format!("Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{html}");
    assert!(letter.len() > CLIP);
    delivered(letter.as_bytes()).judged(MessageSize, Verdict::Pass, "ok");
}

#[test]
fn what_lies_behind_the_cut_is_named() {
    let finding = sized(110_000, TAIL).judged(MessageSize, Verdict::Fail, "clipped");
    for part in ["the open pixel", "the unsubscribe link 'Unsubscribe'", "1 other link"] {
        assert!(finding.summary.contains(part), "{part}: {}", finding.summary);
    }
    let nothing = sized(110_000, "<p>bye</p>").judged(MessageSize, Verdict::Fail, "clipped");
    assert!(nothing.summary.contains("no link and no pixel"), "{}", nothing.summary);
    let huge = sized(2_000_000, TAIL).judged(MessageSize, Verdict::Fail, "clipped");
    assert!(huge.summary.contains("could not be read"), "{}", huge.summary);
}

#[test]
fn words() {
    let scenes = [
        ("small", sized(20_000, TAIL)),
        ("near", sized(100_000, TAIL)),
        ("clipped", sized(120_000, TAIL)),
        ("elsewhere", at_yahoo(sized(120_000, TAIL))),
    ];
    let rows: Vec<(&str, &Scene)> = scenes.iter().map(|(name, scene)| (*name, scene)).collect();
    golden(MessageSize, &rows);
}

//! `text-part`: can who reads plain text, or no images and no HTML, read the message?

use super::check::{Check, Needs, Rule, Subject};
use super::web;
use crate::model::{CheckId, Finding, Verdict};
use std::collections::BTreeSet;

const ID: CheckId = CheckId::TextPart;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "a text part that says what the HTML part says",
    explain: "A message with an HTML part has a text/plain alternative, it is not empty, comes first (RFC 2046 §5.1.4: the last alternative is the one shown), holds no HTML, and shares words with the HTML part. A text \
part that was composed and did not arrive fails; one that was never there warns. The words are compared loosely: less than a third of the text part's words in the HTML part warns.\n\
Why it matters: watches, screen readers, mail programs on a terminal and some filters read it; a missing or foreign text part is a mark of spam tools.\n\
What to do: write it by hand, or let the template engine make it; check that the sending service does not drop it.",
    sources: &["RFC 2046 §5.1.4 (multipart/alternative)"],
    reasons: &[
        ("ok", "there, and it says the same"),
        ("text-only", "the message is text alone"),
        ("missing", "there is no text part"),
        ("lost", "a text part was composed and did not arrive"),
        ("empty", "the text part holds no words"),
        ("html-empty", "the HTML part shows nothing"),
        ("html-in-text", "the text part holds HTML"),
        ("order", "the text part comes after the HTML part"),
        ("diverges", "the text part says something else than the HTML part"),
        ("no-content", "there is neither text nor HTML"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

const WHY: &str = "Watches, screen readers and some filters read the text part. ";
/// Tags and entities that no text means to show.
const MARKUP: &[&str] = &[
    "</p>", "</td>", "</div>", "</a>", "<br", "<table", "<html", "&nbsp;", "&amp;", "&#",
];
/// Words below which a comparison says nothing.
const FEW: usize = 20;
/// Characters of a word that counts.
const LONG: usize = 4;

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let (html, text) = (subject.reading.html(), subject.reading.text());
    if html.is_some() && shows_nothing(subject) {
        return vec![html_empty()];
    }
    let Some(text) = text else {
        return vec![absent(subject, html.is_some())];
    };
    if html.is_none() {
        return vec![Finding::new(
            ID,
            Verdict::Pass,
            "text-only",
            "the message is text alone",
        )];
    }
    let mut findings: Vec<Finding> = [
        empty(text),
        markup(subject, text),
        order(subject),
        diverges(subject, text),
    ]
    .into_iter()
    .flatten()
    .collect();
    if findings.is_empty() {
        let count = text.split_whitespace().count();
        findings.push(Finding::new(
            ID,
            Verdict::Pass,
            "ok",
            format!("{count} words of plain text"),
        ));
    }
    findings
}

/// Neither a word nor a picture, the open pixel apart.
fn shows_nothing(subject: &Subject<'_>) -> bool {
    subject.reading.page().is_ok_and(|page| {
        let pictures = page.images.len() > subject.reading.pixels().len();
        !pictures && !page.visible.contains(is_seen)
    })
}

/// Blanks and what joins or separates letters without showing are not.
fn is_seen(char: char) -> bool {
    let joins = matches!(char, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    !(char.is_whitespace() || char.is_control() || joins)
}

fn html_empty() -> Finding {
    Finding::new(ID, Verdict::Fail, "html-empty", "the HTML part shows nothing")
        .with("words or pictures", "neither")
        .help("Most readers see the HTML part, and so an empty message. Its template is empty, or rendered to nothing.")
}

fn absent(subject: &Subject<'_>, html: bool) -> Finding {
    if !html {
        return Finding::new(
            ID,
            Verdict::Skip,
            "no-content",
            "there is neither a text nor an HTML part",
        );
    }
    let composed = subject.original.is_some_and(|original| original.text().is_some());
    let expected = "text/plain beside text/html";
    match composed {
        true => Finding::new(
            ID,
            Verdict::Fail,
            "lost",
            "the text part that was composed did not arrive",
        )
        .with(expected, "HTML alone")
        .help(format!(
            "{WHY}Look at the sending service's settings, and at whether the route's template has a text version."
        )),
        false => Finding::new(ID, Verdict::Warn, "missing", "there is no text part")
            .with(expected, "HTML alone")
            .help(format!(
                "{WHY}Write one: `text = \"…\"` in the case, or in the template the sending service holds."
            )),
    }
}

fn empty(text: &str) -> Option<Finding> {
    (!text.contains(char::is_alphanumeric)).then(|| {
        Finding::new(ID, Verdict::Fail, "empty", "the text part holds no words")
            .with("the words of the message", web::short(text.trim()))
            .help(format!("{WHY}Its template rendered to nothing."))
    })
}

/// Who writes about HTML shows it in both parts.
fn markup(subject: &Subject<'_>, text: &str) -> Option<Finding> {
    let lower = text.to_lowercase();
    let shown = subject.reading.page().map(|page| page.visible.to_lowercase());
    let meant = |word: &str| shown.as_ref().is_ok_and(|shown| shown.contains(word));
    let found: Vec<String> = MARKUP
        .iter()
        .filter(|word| lower.contains(**word) && !meant(word))
        .map(|word| (*word).to_owned())
        .collect();
    let first = found.first()?;
    Some(
        Finding::new(
            ID,
            Verdict::Fail,
            "html-in-text",
            format!("the text part holds HTML: {first}"),
        )
        .with("plain text", web::listed(&found))
        .help(format!(
            "{WHY}The HTML template stands in the text's place, or a value was escaped for HTML."
        )),
    )
}

/// Where there is exactly one part of each kind: which comes first?
fn order(subject: &Subject<'_>) -> Option<Finding> {
    let raw = String::from_utf8_lossy(subject.evidence.raw()?).to_lowercase();
    let places = |kind: &str| {
        raw.match_indices(&format!("\ncontent-type: {kind}"))
            .map(|(at, _)| at)
            .collect::<Vec<_>>()
    };
    let (text, html) = (places("text/plain"), places("text/html"));
    let ([text], [html]) = (text.as_slice(), html.as_slice()) else {
        return None;
    };
    (html < text && raw.contains("multipart/alternative")).then(|| {
        Finding::new(ID, Verdict::Fail, "order", "the text part comes after the HTML part")
            .with("text/plain first (RFC 2046 §5.1.4)", "text/html first")
            .help("Mail programs show the last alternative that they can: readers see plain text.")
    })
}

fn diverges(subject: &Subject<'_>, text: &str) -> Option<Finding> {
    let page = subject.reading.page().ok()?;
    let (shown, plain) = (words(&page.visible), words(text));
    if shown.len() < FEW || plain.is_empty() {
        return None;
    }
    let shared = plain.intersection(&shown).count();
    (shared * 3 < plain.len()).then(|| {
        let foreign: Vec<String> = plain.difference(&shown).take(5).cloned().collect();
        Finding::new(
            ID,
            Verdict::Warn,
            "diverges",
            format!(
                "{shared} of {} words of the text part are in the HTML part",
                plain.len()
            ),
        )
        .with(
            "the same message in both",
            format!("only in the text part: {}", foreign.join(", ")),
        )
        .help("Readers of plain text get another message: usually an old version, or a placeholder.")
    })
}

/// Distinct long words, lower-case, without those of URLs. Where a script has no blanks between words, pairs of letters stand for them.
fn words(text: &str) -> BTreeSet<String> {
    let plain = text.split_whitespace().filter(|word| !word.contains("://"));
    let mut words = BTreeSet::new();
    for word in plain {
        if word.contains(is_unspaced) {
            let letters: Vec<char> = word.chars().filter(|char| char.is_alphanumeric()).collect();
            words.extend(letters.windows(2).map(|pair| pair.iter().collect::<String>()));
            continue;
        }
        let bare = word.trim_matches(|char: char| !char.is_alphanumeric()).to_lowercase();
        if bare.chars().count() >= LONG {
            words.insert(bare);
        }
    }
    words
}

/// Thai, Lao, Burmese and Khmer letters, kana, and Chinese characters.
fn is_unspaced(char: char) -> bool {
    matches!(
        char,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'
    )
}

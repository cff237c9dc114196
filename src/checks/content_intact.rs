//! `content-intact`: does the reader get the words that were sent?

use super::check::{Check, Needs, Rule, Subject};
use super::word_changes::{Kind, Place, Told, sort, text_words};
use super::words::count;
use crate::mail::reading::{MAX_MESSAGE, Reading};
use crate::mail::word_diff::{self, MAX_WORDS};
use crate::model::{CheckId, Finding, Verdict};
use std::collections::BTreeMap;

const ID: CheckId = CheckId::ContentIntact;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "the words arrive as they were sent",
    explain: "The subject, the visible words of the HTML part (preheader included) and the words of the text part, compared with the message as it was handed over. \
No difference are: white space, how characters are written in bytes (charset, encoding, entities), invisible characters, markup, addresses of the web in the text part (`link-destination` compares those), \
our own token, a part that was not composed (a text part that the service made), and words in the place of a template tag that was left for the service to fill. \
What is added behind the last word is a footer and allowed where the contract says `may_append_footer = true`. Texts of more than 20,000 words are not compared.\n\
`[-…-]` marks words that are gone, `{+…+}` words that are new.\n\
Why it matters: branding, a garbled name or a missing half is what the customer sees, and nothing on the sending side shows it.\n\
What to do: the reason says what kind of difference it is. Look at the sending service's settings (branding, footers, plans) and at every relay behind it.",
    sources: &[
        "RFC 2045 §6 (transfer encodings undo without loss)",
        "RFC 2046 §4.1.2 (charset)",
    ],
    reasons: &[
        ("ok", "the same words"),
        ("part-lost", "the HTML part or the text part is gone"),
        ("truncated", "the end is missing"),
        ("mojibake", "letters beyond ASCII are garbled: a wrong charset"),
        ("lost-words", "words are gone"),
        ("changed-words", "other words stand in the place of some"),
        ("added-words", "words were added: branding, a footer, a banner"),
        ("no-original", "the composed message is not known"),
        ("not-comparable", "a part is too long, or could not be parsed"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

/// Differences told in one finding.
const MAX_TOLD: usize = 6;

/// One place of the message, looked at.
enum Look {
    Compared(Place),
    /// It was sent and is not there.
    Gone(&'static str),
    /// It can not be compared, and why.
    Blind(&'static str, String),
}

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(original) = subject.original else {
        let why = "the composed message is not known: a saved message, or a template that the sending service holds";
        return vec![Finding::new(ID, Verdict::Skip, "no-original", why)];
    };
    let looks = [subject_line, html_part, text_part].map(|look| look(original, subject.reading));
    let mut found: BTreeMap<Kind, Vec<Told>> = BTreeMap::new();
    let (mut blind, mut same, mut footers) = (Vec::new(), Vec::new(), 0);
    for look in looks.into_iter().flatten() {
        match look {
            Look::Blind(name, why) => blind.push(format!("{name}: {why}")),
            Look::Gone(name) => found.entry(Kind::PartLost).or_default().push(Told::gone(name)),
            Look::Compared(place) => {
                let sorted = sort(&place, subject.policy.contract.may_append_footer);
                footers += sorted.footer;
                same.push(format!(
                    "{} in {}",
                    count(place.sent.len(), "word", "words"),
                    place.name
                ));
                for (kind, told) in sorted.told {
                    found.entry(kind).or_default().push(told);
                }
            }
        }
    }
    let mut findings: Vec<Finding> = found.iter().map(|(kind, told)| spoken(*kind, told)).collect();
    if !blind.is_empty() {
        let limits = format!("parts that can be parsed, of at most {MAX_WORDS} words");
        let finding = Finding::new(
            ID,
            Verdict::Blind,
            "not-comparable",
            format!("not compared: {}", blind.join("; ")),
        );
        let help =
            "Nothing is known about these words, neither good nor bad. A shorter or simpler part can be compared.";
        findings.push(finding.with(limits, blind.join("\n")).help(help));
    }
    if findings.is_empty() {
        let footer = match footers {
            0 => String::new(),
            words => format!(
                "; a footer of {} was added, as the contract allows",
                count(words, "word", "words")
            ),
        };
        let summary = format!("the same words: {}{footer}", same.join(", "));
        findings.push(Finding::new(ID, Verdict::Pass, "ok", summary));
    }
    findings
}

fn subject_line(original: &Reading<'_>, delivered: &Reading<'_>) -> Option<Look> {
    const NAME: &str = "the subject";
    let sent = original.subject()?;
    let found = delivered.subject();
    if found.is_none() && delivered.headers().truncated {
        return Some(Look::Blind(
            NAME,
            "the header section is too long to be read to its end".to_owned(),
        ));
    }
    Some(compare(
        NAME,
        word_diff::words(&sent),
        word_diff::words(&found.unwrap_or_default()),
    ))
}

fn html_part(original: &Reading<'_>, delivered: &Reading<'_>) -> Option<Look> {
    const NAME: &str = "the HTML part";
    original.html()?;
    if let Some(look) = absent(NAME, delivered.html(), delivered) {
        return Some(look);
    }
    Some(match (original.page(), delivered.page()) {
        (Ok(sent), Ok(found)) => compare(NAME, word_diff::words(&sent.visible), word_diff::words(&found.visible)),
        (Err(why), _) | (_, Err(why)) => Look::Blind(NAME, why.words().to_owned()),
    })
}

fn text_part(original: &Reading<'_>, delivered: &Reading<'_>) -> Option<Look> {
    const NAME: &str = "the text part";
    let sent = original.text()?;
    let found = delivered.text();
    let look = absent(NAME, found, delivered);
    Some(look.unwrap_or_else(|| compare(NAME, text_words(sent), text_words(found.unwrap_or_default()))))
}

/// What is to be said of a part that is not there, or of which the end was not read.
fn absent(name: &'static str, found: Option<&str>, delivered: &Reading<'_>) -> Option<Look> {
    let cut = delivered.raw().len() > MAX_MESSAGE;
    let why = || format!("the message is larger than {} MiB", MAX_MESSAGE / 1024 / 1024);
    match found {
        _ if cut => Some(Look::Blind(name, why())),
        None => Some(Look::Gone(name)),
        Some(_) => None,
    }
}

fn compare(name: &'static str, sent: Option<Vec<String>>, found: Option<Vec<String>>) -> Look {
    match (sent, found) {
        (Some(sent), Some(found)) => Look::Compared(Place { name, sent, found }),
        _ => Look::Blind(name, format!("more than {MAX_WORDS} words")),
    }
}

/// One finding of everything that is of one kind.
fn spoken(kind: Kind, told: &[Told]) -> Finding {
    let mut places: Vec<&str> = told.iter().map(|told| told.place).collect();
    places.dedup();
    let places = places.join(" and ");
    let words: usize = told.iter().map(|told| told.words).sum();
    let words = count(words, "word", "words");
    let (old, new) = told
        .first()
        .map_or(("", ""), |first| (first.old.as_str(), first.new.as_str()));
    let (code, summary, help) = match kind {
        Kind::PartLost => ("part-lost", format!("not there any more: {places}"), PART_LOST),
        Kind::Truncated => (
            "truncated",
            format!("{words} missing at the end of {places}, from '{old}'"),
            TRUNCATED,
        ),
        Kind::Garbled => (
            "mojibake",
            format!("letters garbled in {places}: '{old}' reads '{new}'"),
            GARBLED,
        ),
        Kind::Lost => ("lost-words", format!("{words} lost from {places}: '{old}'"), CHANGED),
        Kind::Changed => (
            "changed-words",
            format!("{words} changed in {places}: '{old}' reads '{new}'"),
            CHANGED,
        ),
        Kind::Added => ("added-words", format!("{words} added to {places}: '{new}'"), ADDED),
    };
    let mut lines: Vec<String> = told.iter().take(MAX_TOLD).map(|told| told.line.clone()).collect();
    if let Some(more) = told.len().checked_sub(MAX_TOLD).filter(|more| *more > 0) {
        lines.push(format!("and {}", count(more, "more difference", "more differences")));
    }
    Finding::new(ID, Verdict::Fail, code, summary)
        .with("the words as they were sent", lines.join("\n"))
        .help(help)
}

const PART_LOST: &str = "Some readers see nothing, or the bare text. Look at what converts the message on its way.";
const TRUNCATED: &str = "What came behind is lost as well: links, the open pixel, how to unsubscribe. Look for a limit of size at the sending service and at every relay, and for a character in the message that ends it.";
const GARBLED: &str = "Somewhere the charset that is stated and the one that is used differ. Send UTF-8 and say so in Content-Type; where it was sent so, ask the sending service what converts it.";
const CHANGED: &str = "The reader gets another text than the one that was approved. Look at what the sending service, its filters and every relay do to it.";
const ADDED: &str = "Branding of a free plan, a footer, a gateway's banner. Switch it off where it is added; if it is agreed on, say `may_append_footer = true` in the route's contract (for what is added at the end).";

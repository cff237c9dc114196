//! `preheader`: what stands beside the subject in the list of messages?

use super::check::{Check, Needs, Rule, Subject};
use super::web;
use crate::mail::unsubscribe;
use crate::model::{CheckId, Finding, Verdict};

const ID: CheckId = CheckId::Preheader;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "the words beside the subject say something",
    explain: "Mail programs show the first words of a message beside its subject: of the HTML part, the hidden preheader included, or of the text part where there is no HTML. They should say something of their own: not \
\"View in browser\", not a URL, not the way to unsubscribe, not the subject once more. Only a warning, since nothing breaks.\n\
Why it matters: they are read before the message is opened, or not opened.\n\
What to do: put a hidden element with a sentence of its own right behind `<body>` (`display:none; max-height:0; overflow:hidden`).",
    sources: &[
        "The field's practice: the first words stand beside the subject in Gmail, Apple Mail and Outlook; no standard says how many",
    ],
    reasons: &[
        ("ok", "it says something of its own"),
        ("empty", "there are no words"),
        (
            "navigation",
            "it begins with a link to the web version, to unsubscribe, or a URL",
        ),
        ("same-as-subject", "it repeats the subject"),
        ("unreadable", "the HTML part could not be read"),
        ("no-content", "there is neither text nor HTML"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(|subject| vec![judge(subject)]),
};

/// Characters that lists show at most.
const SHOWN: usize = 100;
/// What the first words should not be, lower-case.
const NAVIGATION: &[&str] = &[
    "view in browser",
    "view this email",
    "view online",
    "view as a web",
    "view it in your browser",
    "having trouble viewing",
    "if you can't see",
    "trouble reading",
    "im browser",
    "online ansehen",
    "voir dans",
    "ver en el navegador",
    "http://",
    "https://",
    "www.",
];

fn judge(subject: &Subject<'_>) -> Finding {
    let words = match (subject.reading.html(), subject.reading.page()) {
        (Some(_), Err(unreadable)) => {
            let finding = Finding::new(ID, Verdict::Blind, "unreadable", "the HTML part could not be read");
            return finding
                .with("words that can be read", unreadable.words())
                .help("Nothing is known of what lists show.");
        }
        (Some(_), Ok(page)) => first(&page.visible),
        (None, _) => match subject.reading.text() {
            Some(text) => first(text),
            None => {
                return Finding::new(
                    ID,
                    Verdict::Skip,
                    "no-content",
                    "there is neither a text nor an HTML part",
                );
            }
        },
    };
    let lower = words.to_lowercase();
    let subject_line = subject.reading.subject().unwrap_or_default();
    let same = repeats(&lower, &first(&subject_line).to_lowercase());
    let start: String = lower.chars().take(40).collect();
    let warn =
        |code, summary: &str| {
            Finding::new(ID, Verdict::Warn, code, summary)
            .with("a sentence of its own", if words.is_empty() { "nothing".to_owned() } else { format!("'{words}'") })
            .help("It is read before the message is opened. Put a hidden element with a sentence right behind <body>.")
        };
    match () {
        () if words.is_empty() => warn("empty", "lists show nothing beside the subject"),
        () if NAVIGATION.iter().any(|word| start.starts_with(word)) || unsubscribe::by_text(&start).is_some() => {
            warn("navigation", "lists show a way to elsewhere beside the subject")
        }
        () if same => warn("same-as-subject", "lists show the subject twice"),
        () => Finding::new(ID, Verdict::Pass, "ok", format!("'{}'", web::short(&words))),
    }
}

/// The first characters, white space and what takes no place collapsed.
fn first(text: &str) -> String {
    let unseen = |char: char| {
        matches!(
            char,
            '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{2007}'
        )
    };
    let seen: String = text
        .chars()
        .take(20_000)
        .map(|char| if unseen(char) { ' ' } else { char })
        .collect();
    let words: Vec<&str> = seen.split_whitespace().collect();
    words.join(" ").chars().take(SHOWN).collect()
}

/// Do the words begin with the subject? A short one ("Order") begins many a sentence.
fn repeats(words: &str, subject: &str) -> bool {
    const SHORT: usize = 10;
    let long = subject.chars().count() >= SHORT;
    let rest = words.strip_prefix(subject).filter(|_| !subject.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || long && !rest.starts_with(char::is_alphanumeric))
}

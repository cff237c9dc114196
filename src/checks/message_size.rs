//! `message-size`: does Gmail show the message to its end?

use super::check::{Check, Needs, Rule, Subject};
use super::{web, words};
use crate::mail::links::{self, Link};
use crate::mail::{page, pixel};
use crate::model::{CheckId, Finding, LinkKind, Verdict};
use std::collections::BTreeMap;

const ID: CheckId = CheckId::MessageSize;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "Gmail shows the message to its end",
    explain: "Gmail cuts a message off after about 102 KB of HTML and offers the rest behind \"View entire message\". What counts is the HTML part decoded, \
after the sending service rewrote its links and added its own; images that are linked do not count. At a Gmail mailbox more than 102 KB fails, elsewhere it warns; \
between 90 KB and the limit a Gmail mailbox warns, since the next longer name or tracked link may pass it.\n\
Why it matters: behind the cut are, as a rule, the open pixel (no opens are counted) and the unsubscribe link (readers press \"spam\" instead); often the layout breaks.\n\
What to do: minify the HTML, take out comments and unused styles, shorten tracked URLs, leave part of the content to the web page.",
    sources: &["Gmail's \"[Message clipped]\", about 102 KB by the field's measurements: Google publishes no number"],
    reasons: &[
        ("ok", "small enough"),
        ("near", "within a tenth of the limit"),
        ("clipped", "larger than Gmail shows"),
        ("no-html", "there is no HTML part"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(|subject| vec![judge(subject)]),
};

/// Gmail states no number; senders measured about 102 KB, read here as 102 × 1024 bytes so that what is said to be clipped is.
const CLIP: usize = 102 * 1024;
const NEAR: usize = 90 * 1024;
const HELP: &str = "What lies behind the cut is not loaded: opens are not counted, and who finds no unsubscribe link presses \"spam\". Minify the HTML, take out comments and unused styles, shorten tracked URLs, or leave part of the content to the web page.";

fn judge(subject: &Subject<'_>) -> Finding {
    let Some(html) = subject.reading.html() else {
        return Finding::new(ID, Verdict::Skip, "no-html", "there is no HTML part");
    };
    let at_gmail = ["gmail", "workspace"].contains(&subject.policy.provider.provider.as_str());
    let size = html.len();
    let kib = told(size);
    if size > CLIP {
        let verdict = if at_gmail { Verdict::Fail } else { Verdict::Warn };
        let place = if at_gmail {
            "Gmail clips it"
        } else {
            "at Gmail it would be clipped"
        };
        let beyond = beyond(subject, html);
        return Finding::new(ID, verdict, "clipped", format!("{kib} of HTML: {place}, {beyond}"))
            .with("at most 102 KB of HTML", format!("{kib}; {beyond}"))
            .help(HELP);
    }
    if size > NEAR && at_gmail {
        return Finding::new(
            ID,
            Verdict::Warn,
            "near",
            format!("{kib} of HTML: Gmail clips at about 102 KB"),
        )
        .with(
            format!("at most {}", told(NEAR)),
            format!("{kib}, {} % of the limit", size * 100 / CLIP),
        )
        .help(HELP);
    }
    let close = if size > NEAR { ", close to Gmail's limit" } else { "" };
    Finding::new(ID, Verdict::Pass, "ok", format!("{kib} of HTML{close}"))
}

fn told(bytes: usize) -> String {
    format!("{}.{} KB", bytes / 1024, bytes % 1024 * 10 / 1024)
}

/// What a reader does not get to see: the difference between the whole part and its beginning.
fn beyond(subject: &Subject<'_>, html: &str) -> String {
    let shown = page::read(&html[..html.floor_char_boundary(CLIP)]);
    let (Ok(whole), Ok(shown)) = (subject.reading.page(), shown) else {
        return "what lies behind the cut could not be read".to_owned();
    };
    let list = subject.reading.list_headers();
    let pixels = pixel::of_page(whole).len().saturating_sub(pixel::of_page(&shown).len());
    let hidden = lost(&links::of_page(whole, list), &links::of_page(&shown, list));
    let unsubscribe: Vec<String> = hidden
        .iter()
        .filter(|link| link.kind == LinkKind::Unsubscribe)
        .map(web::name)
        .collect();
    let mut told = Vec::new();
    if pixels > 0 {
        told.push("the open pixel".to_owned());
    }
    if !unsubscribe.is_empty() {
        told.push(format!("the unsubscribe link {}", web::listed(&unsubscribe)));
    }
    let others = hidden.len() - unsubscribe.len();
    if others > 0 {
        told.push(words::count(others, "other link", "other links"));
    }
    match told.is_empty() {
        true => "no link and no pixel lies behind the cut".to_owned(),
        false => format!("behind the cut: {}", told.join(", ")),
    }
}

/// Links of the whole that the beginning does not have, or not so often. The link that is cut in two has lost its text: it goes by its URL.
fn lost(whole: &[Link], shown: &[Link]) -> Vec<Link> {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for link in shown {
        *left.entry(link.url.as_str()).or_default() += 1;
    }
    let is_lost = |link: &&Link| match left.get_mut(link.url.as_str()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    whole.iter().filter(is_lost).cloned().collect()
}

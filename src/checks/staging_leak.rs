//! `staging-leak`: does anything of a test environment or an unfinished draft go out to customers?

use super::check::{Check, Needs, Rule, Subject};
use super::web;
use super::words::count;
use crate::mail::reading::Reading;
use crate::mail::{received, vendors};
use crate::model::{CheckId, Finding, Verdict};
use std::collections::BTreeSet;
use std::net::IpAddr;

const ID: CheckId = CheckId::StagingLeak;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "nothing of a test environment and no draft",
    explain: "Looks at the hosts of all links and images (inside tracking links too), at the subject and at the words: localhost, private addresses, names that exist nowhere (`.local`, `.test`, `.invalid`, example.com), hosts \
called staging, stage, stg, dev, uat or preprod, tunnels (ngrok, trycloudflare), \"Lorem ipsum\", FIXME, and subjects marked [TEST], [DRAFT] or \"Copy of\" fail. Hosts called test, qa, preview, sandbox or beta warn: \
some are real. Names under `.example` are not judged: documentation and the lab live there.\n\
Why it matters: readers land on pages that only the office network has, or read what nobody meant to send.\n\
What to do: look at the environment's base URL in the template's data. Where a suite is run against staging on purpose, set `checks = { staging-leak = \"off\" }` for it.",
    sources: &[
        "RFC 6761 and RFC 2606 (names that exist nowhere)",
        "RFC 6762 (.local)",
        "RFC 1918 (private addresses)",
    ],
    reasons: &[
        ("ok", "nothing of the kind"),
        ("host", "a link or image leads to a test environment"),
        ("maybe-host", "a host's name sounds like a test environment"),
        ("placeholder", "placeholder text was left in"),
        ("subject", "the subject is marked as a test or draft"),
        ("unreadable", "the HTML part could not be searched"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

const HELP: &str = "Readers land where only the office network leads, or read what nobody meant to send. Look at the base URL in the template's data, and at the draft.";
/// Top-level names that resolve nowhere (RFC 2606, RFC 6761, RFC 6762, RFC 8375).
const NOWHERE: &[&str] = &[
    "local",
    "localhost",
    "test",
    "invalid",
    "internal",
    "lan",
    "home",
    "corp",
    "localdomain",
];
const RESERVED: &[&str] = &["example.com", "example.net", "example.org"];
const TUNNELS: &[&str] = &[
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "trycloudflare.com",
    "loca.lt",
];
const STAGES: &[&str] = &[
    "staging",
    "stage",
    "stg",
    "dev",
    "develop",
    "development",
    "uat",
    "preprod",
    "localhost",
];
/// Some are real: qa is also Qatar.
const PERHAPS: &[&str] = &["test", "testing", "preview", "sandbox", "beta", "demo", "qa"];
/// Lower-case. No bare TODO: it is a word in Spanish and Portuguese.
const PLACEHOLDERS: &[&str] = &[
    "lorem ipsum",
    "dolor sit amet",
    "fixme",
    "[todo",
    "todo(",
    "insert text here",
    "your text here",
];
/// In brackets, alone or before a colon or a blank: "[TestFlight]" is a name.
const MARKS: &[&str] = &["test", "draft", "staging", "dev"];
/// Only in capitals: "Test: how well do you sleep?" is a subject.
const CAPITALS: &[&str] = &["TEST", "DRAFT"];
/// What a copy is of, where it is the reader's: "Copy of your signed agreement".
const COPIES: &[&str] = &["your ", "our ", "the ", "my ", "this "];
/// Sites that the public reaches, whatever their names sound like.
const PUBLIC: &[&str] = &["dev.azure.com", "dev.mysql.com", "dev.twitch.tv"];

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let hosts = hosts(subject);
    let named = |wanted: Suspicion| -> Vec<String> {
        hosts
            .iter()
            .filter(|host| suspicion(host) == Some(wanted))
            .cloned()
            .collect()
    };
    let mut findings = Vec::new();
    let mut add = |verdict, code: &str, summary: String, expected: &str, found: &[String]| {
        findings.push(
            Finding::new(ID, verdict, code, summary)
                .with(expected, web::listed(found))
                .help(HELP),
        );
    };
    let sure = named(Suspicion::Sure);
    if let Some(first) = sure.first() {
        add(
            Verdict::Fail,
            "host",
            format!("links or images lead to {first}"),
            "hosts that customers reach",
            &sure,
        );
    }
    let perhaps = named(Suspicion::Perhaps);
    if let Some(first) = perhaps.first() {
        add(
            Verdict::Warn,
            "maybe-host",
            format!("{first} sounds like a test environment"),
            "hosts that customers reach",
            &perhaps,
        );
    }
    let placeholders = placeholders(subject);
    if let Some(first) = placeholders.first() {
        add(
            Verdict::Fail,
            "placeholder",
            format!("placeholder text was left in: {first}"),
            "finished text",
            &placeholders,
        );
    }
    let line = subject.reading.subject().unwrap_or_default();
    if is_marked(line.trim_start(), subject.reading.list_headers().id.is_some()) {
        add(
            Verdict::Fail,
            "subject",
            "the subject is marked as a test or draft".to_owned(),
            "a subject for customers",
            &[web::short(&line)],
        );
    }
    if let (true, Err(unreadable)) = (
        findings.is_empty() && subject.reading.html().is_some(),
        subject.reading.page(),
    ) {
        let finding = Finding::new(ID, Verdict::Blind, "unreadable", "the HTML part could not be searched");
        return vec![
            finding
                .with("links that can be read", unreadable.words())
                .help("Nothing is known about its links."),
        ];
    }
    if findings.is_empty() {
        let summary = format!("{}, none of a test environment", count(hosts.len(), "host", "hosts"));
        findings.push(Finding::new(ID, Verdict::Pass, "ok", summary));
    }
    findings
}

/// The hosts of links and images, as delivered with those inside tracking links, and as composed: a tracking link may not tell.
fn hosts(subject: &Subject<'_>) -> BTreeSet<String> {
    let composed = subject.original.map(hosts_of).unwrap_or_default();
    hosts_of(subject.reading).into_iter().chain(composed).collect()
}

fn hosts_of(reading: &Reading<'_>) -> BTreeSet<String> {
    let images = reading.page().map_or(&[][..], |page| &page.images);
    let outlooks = reading.page().map_or(&[][..], |page| &page.outlook_only);
    let urls = reading
        .links()
        .iter()
        .map(|link| link.url.as_str())
        .chain(images.iter().map(|image| image.src.as_str()))
        .chain(outlooks.iter().map(String::as_str));
    urls.flat_map(|url| {
        let peeled = vendors::peel(url);
        peeled.urls().filter_map(vendors::host).collect::<Vec<_>>()
    })
    .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suspicion {
    Sure,
    Perhaps,
}

fn suspicion(host: &str) -> Option<Suspicion> {
    let bare = host.trim_matches(['[', ']']);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return received::is_private(ip).then_some(Suspicion::Sure);
    }
    if PUBLIC.contains(&host) {
        return None;
    }
    let under = |domain: &&&str| host == **domain || host.ends_with(&format!(".{domain}"));
    let labels: Vec<&str> = host.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    if NOWHERE.contains(&last) || RESERVED.iter().chain(TUNNELS).any(|domain| under(&domain)) {
        return Some(Suspicion::Sure);
    }
    // The registered domain may be called anything (test.de is a magazine): only what stands before it tells.
    let registered = crate::mail::suffix::organisation(host).map_or(2, |domain| domain.split('.').count());
    let before = &labels[..labels.len().saturating_sub(registered)];
    let words = || {
        before
            .iter()
            .flat_map(|label| label.split('-'))
            .map(|word| word.trim_end_matches(|char: char| char.is_ascii_digit()))
    };
    match () {
        () if words().any(|word| STAGES.contains(&word)) => Some(Suspicion::Sure),
        () if words().any(|word| PERHAPS.contains(&word)) => Some(Suspicion::Perhaps),
        () => None,
    }
}

/// Does a subject say that it is a test, a draft or a copy of one? Lists put their own name into brackets.
fn is_marked(subject: &str, by_list: bool) -> bool {
    let lower = subject.to_lowercase();
    let ends = |rest: &str| rest.starts_with([']', ')', ':', ' ']);
    let bracketed = |mark: &&str| {
        let inner = lower.strip_prefix(['[', '(']);
        inner.and_then(|inner| inner.strip_prefix(*mark)).is_some_and(ends)
    };
    // "TEST DRIVE the new one" is about driving.
    let shouted = |mark: &&str| match subject.strip_prefix(*mark) {
        Some(rest) if rest.starts_with(':') => true,
        Some(rest) if rest.starts_with(' ') => {
            let next = rest.split_whitespace().next().unwrap_or_default();
            !next.chars().any(char::is_alphabetic) || next.chars().any(char::is_lowercase)
        }
        _ => false,
    };
    let copied = |rest: &str| !COPIES.iter().any(|whose| rest.starts_with(whose));
    let in_brackets = !by_list && MARKS.iter().any(bracketed);
    in_brackets || CAPITALS.iter().any(shouted) || lower.strip_prefix("copy of ").is_some_and(copied)
}

fn placeholders(subject: &Subject<'_>) -> Vec<String> {
    let visible = subject
        .reading
        .page()
        .map(|page| page.visible.as_str())
        .unwrap_or_default();
    let text = subject.reading.text().unwrap_or_default();
    let all = format!("{visible}\n{text}").to_lowercase();
    PLACEHOLDERS
        .iter()
        .filter(|word| all.contains(*word))
        .map(|word| format!("'{word}'"))
        .collect()
}

//! `client-support`: which mail clients lose what of the message's HTML and CSS?

use super::check::{Check, Needs, Rule, Subject};
use super::{client_marks, words};
use crate::mail::markup::{self, Marks, Used};
use crate::model::mail_clients::{Feature, MailClients, Support, mail_clients};
use crate::model::{CheckId, Finding, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

const ID: CheckId = CheckId::ClientSupport;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "the mail clients that matter show what the HTML uses",
    explain: "Every property, unit, selector, element, attribute and image format of the HTML part is held against the support data of Can I email \
(caniemail.com; a dated copy is part of the program, and of each client the newest version that was tested counts). Without a word in the contract it is told which of \
Gmail, Outlook, Yahoo and Apple Mail lose what, and nothing fails. A contract that names its `clients` (\"gmail\", \"outlook/windows\") fails where one of them does not support \
what is used; features named in `may_lose` (\"css-border-radius\") are let go. Support in part, and clients a feature was not tested in, are told and never fail. \
What stands in Outlook's conditional comments is not looked at. That a client drops a property says nothing of how much the message suffers: many fall back well.\n\
Why it matters: Outlook for Windows lays out with Word, Gmail takes out styles it does not know: a layout can fall apart for half of the readers.\n\
What to do: use what these clients share (tables, inline styles, px), or give the others a fallback and say so with `may_lose`.",
    sources: &["Can I email (caniemail.com), a dated copy under the MIT licence"],
    reasons: &[
        ("ok", "the clients show everything that is used"),
        (
            "told",
            "some clients lose something, and the contract names none that must not",
        ),
        ("lost", "a client that the contract names does not support what is used"),
        ("no-html", "there is no HTML part"),
        ("unreadable", "the HTML part could not be read"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(|subject| vec![judge(subject)]),
};

/// Clients that are told of where the contract names none.
const USUAL: [&str; 4] = ["gmail", "outlook", "yahoo", "apple-mail"];
/// Features that are listed, and clients of one.
const MAX_LISTED: usize = 12;
/// Features supported in part whose notes are told; of more the names alone.
const MAX_EXPLAINED: usize = 3;

fn judge(subject: &Subject<'_>) -> Finding {
    let Some(html) = subject.reading.html() else {
        return Finding::new(ID, Verdict::Skip, "no-html", "there is no HTML part");
    };
    let marks = match markup::read(html) {
        Ok(marks) => marks,
        Err(unreadable) => {
            return Finding::new(ID, Verdict::Blind, "unreadable", "the HTML part could not be read")
                .with("HTML that can be read", unreadable.words())
                .help("Nothing is known of what clients make of it.");
        }
    };
    let contract = &subject.policy.contract;
    let asked: Vec<&str> = match contract.clients.is_empty() {
        true => USUAL.to_vec(),
        false => contract.clients.iter().map(String::as_str).collect(),
    };
    let facts = mail_clients();
    let held = Held::against(facts, &marks, &asked, &contract.may_lose);
    let summary = match held.lost.is_empty() {
        true => format!("of {} used none is lost in {}", held.features(), shown(&asked)),
        false => format!(
            "of {} used {} lost in some of {}",
            held.features(),
            are(held.lost.len()),
            shown(&asked)
        ),
    };
    let observed = held.told(facts);
    match (held.lost.is_empty(), contract.clients.is_empty()) {
        (true, _) => Finding::new(ID, Verdict::Pass, "ok", summary).with("", observed),
        (false, true) => Finding::new(ID, Verdict::Pass, "told", summary).with("", observed),
        (false, false) => Finding::new(ID, Verdict::Fail, "lost", summary)
            .with(format!("what {} support", shown(&asked)), observed)
            .help("Readers with these clients see another layout. Use what all of them support, or give a fallback and name the feature in the contract's `may_lose`. The facts of each: https://www.caniemail.com/features/SLUG/."),
    }
}

fn are(count: usize) -> String {
    match count {
        1 => "1 is".to_owned(),
        more => format!("{more} are"),
    }
}

fn shown(asked: &[&str]) -> String {
    asked.join(", ")
}

/// A client, and the notes on its support.
type Noted<'f> = (String, Vec<&'f str>);

/// What a message uses, held against the clients.
struct Held<'f> {
    used: usize,
    lost: Vec<(&'f Feature, Used, Vec<String>)>,
    partly: Vec<(&'f Feature, Vec<Noted<'f>>)>,
    untested: usize,
    let_go: usize,
}

impl<'f> Held<'f> {
    fn against(facts: &'f MailClients, marks: &Marks, asked: &[&str], may_lose: &[String]) -> Held<'f> {
        let mut held = Held {
            used: 0,
            lost: Vec::new(),
            partly: Vec::new(),
            untested: 0,
            let_go: 0,
        };
        for (feature, of_feature) in facts.features.iter().zip(all_marks(facts)) {
            let Some(used) = uses(marks, of_feature) else {
                continue;
            };
            held.used += 1;
            let (mut no, mut partly, mut tested) = (Vec::new(), Vec::new(), true);
            let mut met = BTreeSet::new();
            for name in asked {
                let support = feature.support(name);
                tested &= !support.is_empty();
                for (client, support, notes) in support {
                    let client = facts.shown(&client);
                    // "outlook" and "outlook/windows" may both be named.
                    if !met.insert(client.clone()) {
                        continue;
                    }
                    match support {
                        Support::No => no.push(client),
                        Support::Partly => partly.push((client, notes)),
                        Support::Yes => {}
                    }
                }
            }
            held.untested += usize::from(!tested);
            if !no.is_empty() && may_lose.contains(&feature.slug) {
                held.let_go += 1;
            } else if !no.is_empty() {
                held.lost.push((feature, used, no));
            } else if !partly.is_empty() {
                held.partly.push((feature, partly));
            }
        }
        held
    }

    fn features(&self) -> String {
        words::count(self.used, "feature", "features")
    }

    /// Features that the same clients lose go together.
    fn told(&self, facts: &MailClients) -> String {
        let mut by_clients: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (feature, used, clients) in &self.lost {
            let times = if used.times > 1 {
                format!(", {} times", used.times)
            } else {
                String::new()
            };
            let line = format!("{} ({}; `{}`{times})", feature.title.trim(), feature.slug, used.example);
            by_clients.entry(clients.join(", ")).or_default().push(line);
        }
        let mut told: Vec<String> = by_clients
            .into_iter()
            .map(|(clients, lines)| format!("not in {clients}: {}", cut(&lines)))
            .collect();
        if !self.partly.is_empty() {
            let explained = self.partly.len() <= MAX_EXPLAINED;
            let line = |(feature, clients): &(&Feature, Vec<Noted<'_>>)| match explained {
                true => format!("{} in {}", feature.title.trim(), noted(clients)),
                false => feature.title.trim().to_owned(),
            };
            told.push(format!(
                "in part: {}",
                cut(&self.partly.iter().map(line).collect::<Vec<_>>())
            ));
        }
        if self.let_go > 0 {
            told.push(format!(
                "{} may be lost by the contract",
                words::count(self.let_go, "feature", "features")
            ));
        }
        if self.untested > 0 {
            told.push(format!(
                "{} not tested in all of these",
                words::count(self.untested, "feature", "features")
            ));
        }
        told.push(format!("facts of {}", facts.date));
        told.join("; ")
    }
}

fn cut(lines: &[String]) -> String {
    let more = lines.len().saturating_sub(MAX_LISTED);
    let listed = lines.iter().take(MAX_LISTED).cloned().collect::<Vec<_>>().join(", ");
    match more {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

/// Clients for which the same is said go together.
fn noted(partly: &[Noted<'_>]) -> String {
    let mut by_note: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (client, notes) in partly {
        by_note.entry(notes.join(" ")).or_default().push(client.clone());
    }
    let told = by_note.into_iter().map(|(note, clients)| match note.is_empty() {
        true => cut(&clients),
        false => format!("{} ({})", cut(&clients), note.trim_end_matches('.')),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The marks of every feature, in the order of the facts; worked out once.
fn all_marks(facts: &MailClients) -> &'static [Vec<String>] {
    static ALL: OnceLock<Vec<Vec<String>>> = OnceLock::new();
    let of = |feature: &Feature| client_marks::of(&feature.slug);
    ALL.get_or_init(|| facts.features.iter().map(of).collect())
}

/// What is used of a feature, over all its marks.
fn uses(marks: &Marks, of_feature: &[String]) -> Option<Used> {
    let found: Vec<&Used> = of_feature.iter().filter_map(|mark| marks.get(mark)).collect();
    let first = found.first()?;
    Some(Used {
        times: found.iter().map(|used| used.times).sum(),
        example: first.example.clone(),
    })
}

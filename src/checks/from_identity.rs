//! `from-identity`: does the reader see who the mail is from, exactly as agreed?

use super::check::{Check, Needs, Rule, Subject};
use crate::mail::address::{self, Address};
use crate::model::{CheckId, Finding, Verdict};

const ID: CheckId = CheckId::FromIdentity;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "From and Reply-To are as agreed",
    explain: "The delivered message has exactly one From address, and its display name, local part and domain are those of the contract \
(`contract.from`); what the contract does not state is compared with the message as composed. Reply-To likewise (`contract.reply_to`). \
Names are compared decoded, letter by letter, with white space collapsed.\n\
Why it matters: the From is what readers recognise, what filters learn a reputation for, and what DMARC is about. A sending service that \
rewrites it, or a second From field, changes all three.\n\
What to do: look in the sending service for a sender signature or workspace default that overrides the message's own From.",
    sources: &["RFC 5322 §3.6.2 (From, Reply-To)", "RFC 2047 (names in other letters)"],
    reasons: &[
        ("ok", "as agreed"),
        ("no-from", "there is no From address"),
        ("several-from", "more than one From field or address"),
        ("name", "another display name"),
        ("local-part", "another address at the right domain"),
        ("domain", "another domain"),
        ("reply-to", "replies go to another address"),
        ("no-reply-to", "the agreed Reply-To is missing"),
        ("reply-to-added", "a Reply-To was added that nobody agreed to"),
        (
            "no-expectation",
            "neither the contract nor a composed message says what to expect",
        ),
        ("unreadable", "the header section is too large to be read to its end"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

const HELP: &str = "Readers and filters know the sender by its From. Look for a sender signature or workspace default that overrides the message's \
own, or correct the contract.";

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let contract = &subject.policy.contract;
    let agreed = contract.from.as_deref().map(address::parse).unwrap_or_default();
    let composed = subject.original.map(|original| original.from()).unwrap_or_default();
    let found = subject.reading.from();
    if found.is_empty() && subject.reading.headers().truncated {
        return vec![
            finding(
                Verdict::Blind,
                "unreadable",
                "the header section is too large to be read to its end",
            )
            .with("one From field", "no From field among the headers that were read"),
        ];
    }
    let Some(expected) = expected_from(agreed.first(), composed.first()) else {
        let summary = "no From is stated in the contract and no composed message is known";
        return vec![Finding::new(ID, Verdict::Skip, "no-expectation", summary)];
    };
    let mut findings = match found.as_slice() {
        [] => vec![finding(Verdict::Fail, "no-from", "there is no From address").with(shown(&expected), "none")],
        [one] if subject.reading.headers().all("From").count() == 1 => differences(&expected, one),
        several => {
            let observed = several.iter().map(shown).collect::<Vec<_>>().join(", ");
            let summary = format!("{} From addresses instead of one", several.len());
            vec![finding(Verdict::Fail, "several-from", summary).with(shown(&expected), observed)]
        }
    };
    findings.extend(reply_to(subject));
    if findings.is_empty() {
        let from = found.first().map(shown).unwrap_or_default();
        findings.push(
            Finding::new(ID, Verdict::Pass, "ok", format!("from {from}, as agreed")).with(shown(&expected), from),
        );
    }
    findings
}

/// The contract's address, with the composed message's name where the contract states none.
fn expected_from(agreed: Option<&Address>, composed: Option<&Address>) -> Option<Address> {
    let expected = agreed.or(composed)?;
    let name = expected.name.clone();
    let same = composed.filter(|composed| composed.same_mailbox(expected));
    Some(Address {
        name: name.or_else(|| same.and_then(|composed| composed.name.clone())),
        ..expected.clone()
    })
}

fn differences(expected: &Address, found: &Address) -> Vec<Finding> {
    let observed = || (shown(expected), shown(found));
    let mut findings = Vec::new();
    let mut add = |code, summary: String| {
        let (expected, found) = observed();
        findings.push(finding(Verdict::Fail, code, summary).with(expected, found));
    };
    if expected.domain != found.domain {
        add(
            "domain",
            format!("From is at {}, expected {}", found.domain, expected.domain),
        );
    } else if !expected.same_mailbox(found) {
        add(
            "local-part",
            format!("From is {}, expected {}", found.address, expected.address),
        );
    }
    if let Some(name) = &expected.name
        && !same_name(name, found.name.as_deref().unwrap_or_default())
    {
        let other = found
            .name
            .as_deref()
            .map_or("no name".to_owned(), |name| format!("{name:?}"));
        add("name", format!("the From name is {other}, expected {name:?}"));
    }
    findings
}

fn reply_to(subject: &Subject<'_>) -> Option<Finding> {
    let agreed = subject.policy.contract.reply_to.as_deref().map(address::parse);
    let composed = subject.original.map(|original| original.reply_to());
    let expected = agreed.or(composed)?;
    let found = subject.reading.reply_to();
    let list = |addresses: &[Address]| addresses.iter().map(shown).collect::<Vec<_>>().join(", ");
    let agrees = expected.len() == found.len()
        && expected
            .iter()
            .all(|one| found.iter().any(|other| one.same_mailbox(other)));
    let finding = match (expected.is_empty(), found.is_empty()) {
        _ if agrees => return None,
        (false, true) => {
            finding(Verdict::Fail, "no-reply-to", "the agreed Reply-To is missing").with(list(&expected), "none")
        }
        (true, _) => {
            let summary = format!("Reply-To {} was added", list(&found));
            finding(Verdict::Warn, "reply-to-added", summary).with("none", list(&found))
        }
        _ => finding(Verdict::Fail, "reply-to", format!("replies go to {}", list(&found)))
            .with(list(&expected), list(&found)),
    };
    Some(finding)
}

fn finding(verdict: Verdict, code: &str, summary: impl Into<String>) -> Finding {
    Finding::new(ID, verdict, code, summary).help(HELP)
}

fn same_name(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

/// An address with its name quoted, so that invisible and bidirectional characters show.
fn shown(address: &Address) -> String {
    match &address.name {
        Some(name) => format!("{name:?} <{}>", address.address),
        None => address.address.clone(),
    }
}

//! `stream`: did the message travel by the stream that its kind of mail belongs to?

use super::check::{Check, Needs, Rule, Subject};
use super::web;
use crate::model::{Category, CheckId, Finding, Verdict};

const ID: CheckId = CheckId::Stream;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "order mail and campaigns each travel by their own stream",
    explain: "Reads from the delivered message by which stream it travelled, not from what was asked for: Postmark's X-PM-MTA-Pool (`transactional-N`, `application-bulk-N`), the domain of its own DKIM \
signature (pm.mtasv.net, ab.mtasv.net) and `Precedence: bulk`. A marketing message in a transactional stream fails, and so does a receipt in a bulk stream. A message that calls itself transactional and reminds of a \
cart warns: it advertises, whatever the case says. Where the message tells nothing of its stream, the check is skipped.\n\
Why it matters: receipts live on the reputation of their stream. One promotion through it draws complaints that delay password resets; services close accounts for it (Postmark's terms). Receipts in a bulk stream get an \
unsubscribe link, and who follows it gets no receipts.\n\
What to do: choose the other stream: Postmark `X-PM-Message-Stream`, or another SMTP token; Customer.io over Postmark: another SMTP entry for this message.",
    sources: &[
        "Postmark, Message Streams and Terms of Service",
        "RFC 2076 §3.9 (Precedence)",
    ],
    reasons: &[
        ("ok", "the stream fits the kind of mail"),
        (
            "promotion-in-transactional",
            "a marketing message travelled by the transactional stream",
        ),
        (
            "receipt-in-bulk",
            "a transactional message travelled by the bulk stream",
        ),
        (
            "precedence",
            "a transactional message says `Precedence: bulk`, and nothing else tells its stream",
        ),
        (
            "cart-recovery",
            "a message that reminds of a cart is sent as transactional",
        ),
        ("contradictory", "the signs do not agree on the stream"),
        ("no-signs", "the message tells nothing of its stream"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(|subject| vec![judge(subject)]),
};

/// Words of subjects that remind of a cart, lower-case.
const CART: &[&str] = &[
    "your cart",
    "your basket",
    "your bag is waiting",
    "in your bag",
    "left something behind",
    "left these behind",
    "forgot something",
    "complete your order",
    "complete your purchase",
    "finish your order",
    "finish checking out",
    "still interested in",
];

/// What a sign says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Transactional,
    Bulk,
}

fn judge(subject: &Subject<'_>) -> Finding {
    let signs = signs(subject);
    let told: Vec<String> = signs.iter().map(|(_, words)| words.clone()).collect();
    let observed = web::listed(&told);
    let says = |wanted: Stream| signs.iter().any(|(stream, _)| *stream == wanted);
    let category = subject.policy.category;
    match (says(Stream::Transactional), says(Stream::Bulk), category) {
        (true, true, _) => Finding::new(ID, Verdict::Warn, "contradictory", "the signs do not agree on the stream")
            .with("signs of one stream", observed)
            .help("Two services, or two streams, had the message in hand. Look at the route's headers and at what is between."),
        (true, false, Category::Marketing) => fail("promotion-in-transactional", "a marketing message travelled by the transactional stream")
            .with("a broadcast (bulk) stream", observed)
            .help("Complaints about promotions delay receipts and password resets, and services close accounts for it. Choose the other stream: Postmark X-PM-Message-Stream or its SMTP token; Customer.io over Postmark: another SMTP entry."),
        (false, true, Category::Transactional) if only_precedence(&signs) => Finding::new(ID, Verdict::Warn, "precedence", format!("a transactional message says {observed}"))
            .with("no Precedence on order mail", observed)
            .help("Nothing else tells its stream. Some programs add the field to keep automatic replies away (Auto-Submitted does that, RFC 3834), and some filters take the message for a campaign."),
        (false, true, Category::Transactional) => fail("receipt-in-bulk", "a transactional message travelled by the bulk stream")
            .with("a transactional stream", observed)
            .help("It shares the reputation of campaigns and gets an unsubscribe link: who follows it gets no receipts. Choose the other stream: Postmark X-PM-Message-Stream or its SMTP token."),
        _ => cart(subject).unwrap_or_else(|| fits(category, &observed)),
    }
}

/// Is the one sign a field that anybody may add?
fn only_precedence(signs: &[(Stream, String)]) -> bool {
    signs.iter().all(|(_, words)| words.starts_with("Precedence"))
}

fn fits(category: Category, observed: &str) -> Finding {
    match observed.is_empty() {
        true => Finding::new(
            ID,
            Verdict::Skip,
            "no-signs",
            "not judged: the message tells nothing of its stream",
        ),
        false => Finding::new(ID, Verdict::Pass, "ok", format!("{category} mail, {observed}")),
    }
}

/// Each sign of a stream, with its words.
fn signs(subject: &Subject<'_>) -> Vec<(Stream, String)> {
    let mut signs = Vec::new();
    let header = |name: &str| {
        subject
            .reading
            .header(name)
            .map(|field| field.unfolded().trim().to_ascii_lowercase())
    };
    if let Some(pool) = header("X-PM-MTA-Pool") {
        let bulk = pool.contains("bulk") || pool.contains("broadcast");
        match (pool.starts_with("transactional"), bulk) {
            (true, _) => signs.push((Stream::Transactional, format!("X-PM-MTA-Pool: {pool}"))),
            (false, true) => signs.push((Stream::Bulk, format!("X-PM-MTA-Pool: {pool}"))),
            (false, false) => {}
        }
    }
    let signers = subject.evidence.authentication.iter().flat_map(|auth| &auth.dkim);
    for fact in signers {
        match fact.domain.as_str() {
            "pm.mtasv.net" => signs.push((Stream::Transactional, "signed by pm.mtasv.net".to_owned())),
            "ab.mtasv.net" => signs.push((Stream::Bulk, "signed by ab.mtasv.net".to_owned())),
            _ => {}
        }
    }
    // Discussion lists and automatic replies write it too, and travel by nobody's stream.
    let of_none = subject.reading.list_headers().discussion || subject.reading.is_automatic_answer();
    let precedence = header("Precedence").filter(|word| !of_none && (word == "bulk" || word == "list"));
    if let Some(precedence) = precedence {
        signs.push((Stream::Bulk, format!("Precedence: {precedence}")));
    }
    signs
}

/// A reminder of a cart advertises, whatever its category says.
fn cart(subject: &Subject<'_>) -> Option<Finding> {
    if subject.policy.category != Category::Transactional {
        return None;
    }
    let line = subject.reading.subject()?;
    let folded = line.to_lowercase();
    CART.iter().find(|words| folded.contains(*words))?;
    let finding = Finding::new(
        ID,
        Verdict::Warn,
        "cart-recovery",
        "a message that reminds of a cart is sent as transactional",
    );
    Some(finding.with("category = \"marketing\" and a marketing route", format!("Subject: {}", web::short(&line))).help(
        "It advertises something that was not bought: it needs consent and an unsubscribe link, and belongs on the marketing route. If it is order mail all the same, set `checks = { stream = \"off\" }` for the case.",
    ))
}

fn fail(code: &str, summary: &str) -> Finding {
    Finding::new(ID, Verdict::Fail, code, summary)
}

//! `unsubscribe-drill`: does one click unsubscribe a reader? Judges the POST and the list after it; `suppression` judges what follows.

use super::check::{Check, Needs, Rule, Subject};
use super::list_unsubscribe::{Cover, cover};
use super::{web, words};
use crate::mail::reading::Reading;
use crate::model::{
    CheckId, Drill, Evidence, Finding, Listed, OneClick, Policy, Press, PressAnswer, Reason, Verdict, Why,
};

const ID: CheckId = CheckId::UnsubscribeDrill;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "one click unsubscribes, and the service's list says so",
    explain: "Only where a case asks for it (`drill = { kind = \"unsubscribe\", … }`) and the seed allows it (`drill = true`). Presses as a mailbox provider does: one POST of \
`List-Unsubscribe=One-Click` to the https URI of List-Unsubscribe, without a cookie or login, no redirect followed, only where List-Unsubscribe-Post is there and a signature that \
verifies covers both (RFC 8058 §3.2, §4). It must be answered 2xx, and the sending service's suppression list must name the seed within the stated time. At the end the seed is \
taken off that list again. A list that stays silent after a 2xx is a warning here: what decides is whether the next message is held back, and that is `suppression`.\n\
Why it matters: Gmail and Yahoo press it for their users and watch what happens; who is not let go presses \"spam\".\n\
What to do: let the URI answer a POST by itself: no page that asks, no login, no cookie. Where a firewall or a form token (CSRF) guards it, open it for this path.",
    sources: &["RFC 8058 §3.2, §4", "Postmark, Suppressions API"],
    reasons: &[
        ("ok", "the POST was answered 2xx, and the list names the seed"),
        ("not-asked", "the case asks for no drill"),
        ("not-seen", "the message was not seen, so there was nothing to press"),
        ("redirects", "the POST is redirected: a provider does not follow"),
        (
            "needs-cookie",
            "the POST is refused and a cookie is set: a provider has none",
        ),
        ("refused", "the POST is refused (4xx or 5xx)"),
        (
            "no-one-click",
            "there is no single https URI, or no List-Unsubscribe-Post",
        ),
        (
            "unsigned",
            "no signature that verifies covers the fields, so a provider does not press",
        ),
        ("bad-certificate", "the certificate of the URI's host is refused"),
        ("fenced", "the URI leads to an address that is not public"),
        (
            "not-listed",
            "answered 2xx, and the list does not name the seed (warns)",
        ),
        ("no-answer", "nobody answered the POST"),
        ("list-unknown", "the list could not be asked after the POST"),
        (
            "not-pressed",
            "the drill could not begin: list, journal, or the run was stopped",
        ),
    ],
    needs: Needs::Drill,
    follows: &[],
    run: Rule::Each(judge),
};

/// The URI that a drill may press: the message's, where all of RFC 8058 holds.
///
/// # Errors
/// `no-one-click`, `unsigned`, `signature-unknown`.
pub fn approve(evidence: &Evidence, policy: &Policy) -> Result<OneClick, Reason> {
    let reading = Reading::new(evidence.raw().unwrap_or_default());
    let subject = Subject {
        reading: &reading,
        original: None,
        evidence,
        policy,
    };
    let verified = evidence.authentication.as_ref().filter(|auth| !auth.offline);
    let signed = match verified.map(|auth| cover(auth, &subject)) {
        Some(Cover::Signed) => Ok(()),
        Some(Cover::Unsigned(why)) => Err(why),
        Some(Cover::Unknown(why)) => return Err(Reason::new("signature-unknown", why)),
        None => return Err(Reason::new("signature-unknown", "signatures were not verified")),
    };
    let list = reading.list_headers();
    OneClick::approved(&list.unsubscribe, list.one_click, signed)
}

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let drill = subject.evidence.drill.as_ref();
    drill.map(of).into_iter().collect()
}

fn of(drill: &Drill) -> Finding {
    match &drill.press {
        Press::NotPressed(reason) => not_pressed(reason),
        Press::Failed { uri, why } => failed(uri, why),
        Press::Answered(answer) if answer.agrees() => after(drill, answer),
        Press::Answered(answer) => against(drill, answer),
    }
}

fn not_pressed(reason: &Reason) -> Finding {
    let found = |verdict, code, summary: &str| {
        Finding::new(ID, verdict, code, summary).with("a message whose one click may be pressed", reason.detail.clone())
    };
    match reason.code.as_str() {
        "not-seen" => Finding::new(ID, Verdict::Skip, "not-seen", "not drilled: the message was not seen"),
        "no-one-click" => found(
            Verdict::Fail,
            "no-one-click",
            "there is nothing that one click could press",
        )
        .help("`list-unsubscribe` says which field is missing. Nothing was pressed."),
        "unsigned" => found(
            Verdict::Fail,
            "unsigned",
            "the unsubscribe fields are not signed, so nobody presses them",
        )
        .help("Providers ignore unsigned fields (RFC 8058 §4), and so does the drill. `list-unsubscribe` says more."),
        code => found(
            Verdict::Blind,
            "not-pressed",
            &format!("the drill could not begin: {code}"),
        )
        .help("Nothing was pressed and nothing is known of unsubscribing, neither good nor bad."),
    }
}

fn failed(uri: &str, why: &Why) -> Finding {
    let (verdict, code, summary) = match why.code.as_str() {
        "bad-certificate" => (
            Verdict::Fail,
            "bad-certificate",
            "the certificate of the unsubscribe URI is refused",
        ),
        "fenced" | "not-https" => (Verdict::Fail, "fenced", "the unsubscribe URI may not be requested"),
        _ => (
            Verdict::Blind,
            "no-answer",
            "nobody answered the POST that unsubscribes",
        ),
    };
    Finding::new(ID, verdict, code, summary)
        .with(EXPECTED, format!("POST {}: {}: {}", web::short(uri), why.code, why.detail))
        .help(match verdict {
            Verdict::Blind => "Whether it works is not known: look at the host, and at the network of this machine.",
            _ => "A mailbox provider would not reach it either. Put the URI on a public host with a certificate of its name.",
        })
}

const EXPECTED: &str =
    "2xx to one POST of List-Unsubscribe=One-Click, without cookie, login or redirect (RFC 8058 §3.2)";

fn against(drill: &Drill, answer: &PressAnswer) -> Finding {
    let (code, summary, help) = match answer.status {
        300..=399 => (
            "redirects",
            "the POST that unsubscribes is redirected",
            "A provider does not follow it, so nobody is unsubscribed. Answer the POST itself, and keep the page for people who open the link.",
        ),
        _ if answer.sets_cookie => (
            "needs-cookie",
            "the POST that unsubscribes is refused without a cookie",
            "A provider has no session of the reader's. The token in the URI must do: take the form token (CSRF) off this path.",
        ),
        _ => (
            "refused",
            "the POST that unsubscribes is refused",
            "Look whether the path takes a POST without a login, and whether a firewall stops clients that are no browser.",
        ),
    };
    Finding::new(ID, Verdict::Fail, code, summary)
        .with(EXPECTED, format!("{}; {}", told(answer), listed(drill)))
        .help(help)
}

fn after(drill: &Drill, answer: &PressAnswer) -> Finding {
    let noted = words::duration(drill.terms.noted_ms);
    let expected = format!("{EXPECTED}, and the seed on the list within {noted}");
    let observed = format!("{}; {}", told(answer), listed(drill));
    let found = |verdict, code, summary: &str| {
        Finding::new(ID, verdict, code, summary).with(expected.clone(), observed.clone())
    };
    match &drill.listed {
        Listed::Seen { after_ms, entry } => {
            let summary = format!("one click: {}, listed after {} ({entry})", answer.status, words::duration(*after_ms));
            Finding::new(ID, Verdict::Pass, "ok", summary)
        }
        Listed::Absent { .. } => found(Verdict::Warn, "not-listed", "answered as if unsubscribed, and the list does not name the seed")
            .help("`suppression` tells whether the next message was held back. If it was, the list may lag or be another one; if not, the answer is a lie."),
        Listed::Blind(_) | Listed::NotAsked(_) => found(Verdict::Blind, "list-unknown", "answered 2xx, and the list could not be asked")
            .help("Nothing is known of the list. Look at the log's token and at the service's status page."),
    }
}

fn told(answer: &PressAnswer) -> String {
    let to = answer
        .location
        .as_deref()
        .map(|to| format!(" to {}", web::short(to)))
        .unwrap_or_default();
    let cookie = if answer.sets_cookie { ", with Set-Cookie" } else { "" };
    format!("POST {}: {}{to}{cookie}", web::short(&answer.uri), answer.status)
}

fn listed(drill: &Drill) -> String {
    let list = &drill.list;
    match &drill.listed {
        Listed::Seen { after_ms, entry } => format!("{list}: listed after {} ({entry})", words::duration(*after_ms)),
        Listed::Absent { waited_ms } => format!("{list}: not listed within {}", words::duration(*waited_ms)),
        Listed::Blind(why) => format!("{list}: {}: {}", why.code, why.detail),
        Listed::NotAsked(reason) => format!("{list}: not asked, {}", reason.detail),
    }
}

//! `list-unsubscribe`: can a mailbox provider offer its own "unsubscribe" button, and does the message deserve one?

use super::check::{Check, Needs, Rule, Subject};
use super::standing::{self, Standing};
use super::{web, words};
use crate::mail::address;
use crate::model::{Authentication, Category, CheckId, DkimFact, Finding, Verdict};
use url::Url;

const ID: CheckId = CheckId::ListUnsubscribe;
const FIELD: &str = "List-Unsubscribe";
const POST: &str = "List-Unsubscribe-Post";
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "the header fields for one-click unsubscribing are right",
    explain: "A marketing message has one List-Unsubscribe field with exactly one https URI (a mailto beside it is fine), \
`List-Unsubscribe-Post: List-Unsubscribe=One-Click`, and both are in the `h=` of a DKIM signature that verifies (RFC 2369 §3.2, RFC 8058 §3.1 and §4). The URI carries an opaque \
token, not the reader's address. On a transactional message the fields are a warning: who presses the button gets no receipts any more. Nothing is requested: only \
`unsubscribe-drill` does that, where a case asks for it.\n\
Why it matters: Gmail requires one-click of bulk senders since 2024; Yahoo requires the field, takes a mailto and recommends one-click. Both show a button of their own, and without a button \
readers press \"spam\".\n\
What to do: let the sending service write the fields (Postmark: a broadcast stream; Customer.io: the unsubscribe link tag in the body), and let it sign them.",
    sources: &[
        "RFC 2369 §3.2",
        "RFC 8058 §3.1, §4",
        "Google, Email sender guidelines",
        "Yahoo, Sender Best Practices",
    ],
    reasons: &[
        ("ok", "one https URI, the Post field, both signed"),
        (
            "not-needed",
            "no such field on a transactional message, as it should be",
        ),
        ("discussion", "mail of a discussion list, which says how to leave it"),
        ("missing", "a marketing message without List-Unsubscribe"),
        ("unexpected", "a transactional message offers to unsubscribe"),
        ("several-fields", "the field stands more than once"),
        ("malformed", "there is no URI in angle brackets"),
        (
            "no-https",
            "there is no https URI: mailto and http can not be pressed with one click",
        ),
        ("several-https", "more than one https URI"),
        ("no-post", "List-Unsubscribe-Post is missing"),
        (
            "post-form",
            "List-Unsubscribe-Post has another value than List-Unsubscribe=One-Click",
        ),
        (
            "readable-address",
            "the URI holds the recipient's address in clear text",
        ),
        ("no-token", "the URI is the same for every reader: it names nobody"),
        ("unsigned", "no DKIM signature that verifies covers both fields"),
        (
            "signature-unknown",
            "whether a signature covers them could not be found out",
        ),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

const WHY: &str = "Gmail requires one-click unsubscribing of bulk senders, Yahoo recommends it, and without a button readers press \"spam\". ";

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let marketing = subject.policy.category == Category::Marketing;
    let fields = subject.reading.headers().all(FIELD).count();
    if fields == 0 {
        return vec![absent(marketing)];
    }
    if subject.policy.category == Category::Transactional {
        return vec![match subject.reading.list_headers().discussion {
            true => of_a_list(),
            false => unexpected(subject),
        }];
    }
    let mut findings = form(subject, fields);
    findings.extend(post(subject));
    findings.extend(token(subject));
    findings.extend(signed(subject));
    if findings.is_empty() {
        let signed = match verified(subject) {
            Some(_) => "signed",
            None => "whether it is signed was not verified",
        };
        let uri = https(subject).first().map(|uri| web::short(uri)).unwrap_or_default();
        findings.push(Finding::new(
            ID,
            Verdict::Pass,
            "ok",
            format!("one click, {signed}: {uri}"),
        ));
    }
    findings
}

fn absent(marketing: bool) -> Finding {
    if !marketing {
        let summary = "no List-Unsubscribe, and none is needed";
        return Finding::new(ID, Verdict::Pass, "not-needed", summary);
    }
    fail("missing", "there is no List-Unsubscribe")
        .with("List-Unsubscribe with one https URI, and List-Unsubscribe-Post", "neither field")
        .help(format!(
            "{WHY}Let the sending service write the fields: Postmark does on broadcast streams, Customer.io where the body has its unsubscribe link tag."
        ))
}

/// RFC 8058 is for who sends in bulk; a list that readers write to says how to leave it (RFC 2369 §3.2), and that is all.
fn of_a_list() -> Finding {
    let summary = "a discussion list (List-Post) says how to leave it; one-click is asked of campaigns";
    Finding::new(ID, Verdict::Pass, "discussion", summary)
}

fn unexpected(subject: &Subject<'_>) -> Finding {
    let uris = &subject.reading.list_headers().unsubscribe;
    Finding::new(ID, Verdict::Warn, "unexpected", "a transactional message offers to unsubscribe")
        .with("no List-Unsubscribe on order mail", web::listed(uris))
        .help(
            "Who presses the provider's button gets no receipts any more. Usually the message went through a stream for campaigns: look at the route's stream.",
        )
}

fn form(subject: &Subject<'_>, fields: usize) -> Vec<Finding> {
    let uris = &subject.reading.list_headers().unsubscribe;
    let expected = "one List-Unsubscribe field with exactly one https URI (RFC 8058 §3.1)";
    let written = || {
        let values = subject.reading.headers().all(FIELD).map(|field| field.decoded());
        web::listed(&values.map(|value| web::short(&value)).collect::<Vec<_>>())
    };
    let told = |code, summary: String| {
        vec![
            fail(code, summary)
                .with(expected, written())
                .help(format!("{WHY}Look at what builds the field.")),
        ]
    };
    let secure = https(subject).len();
    match () {
        () if fields > 1 => told("several-fields", format!("List-Unsubscribe stands {fields} times")),
        () if uris.is_empty() => told(
            "malformed",
            "List-Unsubscribe holds no URI in angle brackets".to_owned(),
        ),
        () if secure == 0 => told("no-https", "List-Unsubscribe has no https URI".to_owned()),
        () if secure > 1 => told("several-https", format!("List-Unsubscribe has {secure} https URIs")),
        () => Vec::new(),
    }
}

fn post(subject: &Subject<'_>) -> Option<Finding> {
    let values: Vec<String> = subject
        .reading
        .headers()
        .all(POST)
        .map(|field| field.unfolded().trim().to_owned())
        .collect();
    let help = format!(
        "{WHY}Add exactly `{POST}: {ONE_CLICK}`, where the URI unsubscribes by a POST without any further question."
    );
    let expected = format!("{POST}: {ONE_CLICK} (RFC 8058 §3.1)");
    match values.as_slice() {
        [] => Some(
            fail("no-post", format!("there is no {POST}"))
                .with(expected, "none")
                .help(help),
        ),
        [one] if one.eq_ignore_ascii_case(ONE_CLICK) => None,
        other => Some(
            fail("post-form", format!("{POST} does not say {ONE_CLICK}"))
                .with(expected, web::listed(other))
                .help(help),
        ),
    }
}

/// A URI that names the reader in clear text, or nobody at all.
fn token(subject: &Subject<'_>) -> Option<Finding> {
    let uri = https(subject).into_iter().next()?;
    let plain = percent_encoding::percent_decode_str(&uri)
        .decode_utf8_lossy()
        .to_lowercase();
    let address = recipient(subject).filter(|address| plain.contains(address.as_str()));
    if let Some(address) = address {
        let finding = warn(
            "readable-address",
            "the unsubscribe URI holds the reader's address in clear text",
        );
        return Some(finding.with("an opaque token", web::short(&uri)).help(format!(
            "Addresses end up in logs, and where nothing else in the URI is hard to forge, whoever knows an address ({address}) can unsubscribe its owner. Use a token that says nothing (RFC 8058 §3.1)."
        )));
    }
    let parsed = Url::parse(&uri).ok()?;
    let names_nobody = parsed.path().trim_matches('/').is_empty() && parsed.query().unwrap_or_default().is_empty();
    names_nobody.then(|| {
        fail("no-token", "the unsubscribe URI is the same for every reader")
            .with(
                "a URI with a token that tells reader and list (RFC 8058 §3.1)",
                web::short(&uri),
            )
            .help("A POST to it can not tell who is to be unsubscribed. Look at what builds the field.")
    })
}

/// What becomes of a pair of fields under the message's signatures.
pub(super) enum Cover {
    /// A signature that verifies covers both.
    Signed,
    /// Whether one does could not be found out.
    Unknown(String),
    /// None does.
    Unsigned(String),
}

/// Are both fields in the `h=` of a signature that counts?
pub(super) fn cover(auth: &Authentication, subject: &Subject<'_>) -> Cover {
    let covering: Vec<&DkimFact> = auth.dkim.iter().filter(|fact| covers(fact)).collect();
    // One entry is all that Microsoft tells of several signatures: a body that it saw changed fails them all.
    let failed = |fact: &DkimFact| matches!(standing::of(fact, subject), Standing::ProviderFails(words) if words.contains("body hash"));
    let doubted = auth.dkim.iter().any(failed);
    if covering.iter().any(|fact| counts(fact, subject, doubted)) {
        return Cover::Signed;
    }
    let unknown = covering.iter().find_map(|fact| match standing::of(fact, subject) {
        Standing::Unknown(_, words) if !doubted => Some(format!("{}: {words}", fact.domain)),
        _ => None,
    });
    if let Some(unknown) = unknown {
        return Cover::Unknown(unknown);
    }
    Cover::Unsigned(match covering.as_slice() {
        [] if auth.dkim.is_empty() => "the message is not signed".to_owned(),
        [] => format!(
            "signed by {}, without these fields",
            words::both(&auth.dkim.iter().map(|fact| fact.domain.clone()).collect::<Vec<_>>())
        ),
        facts => {
            let told: Vec<String> = facts
                .iter()
                .map(|fact| format!("{}: {}", fact.domain, fact.detail))
                .collect();
            format!("covered only by signatures that do not verify: {}", told.join("; "))
        }
    })
}

fn signed(subject: &Subject<'_>) -> Option<Finding> {
    let expected = format!("a verifying DKIM signature over {FIELD} and {POST} (RFC 8058 §4)");
    match cover(verified(subject)?, subject) {
        Cover::Signed => None,
        Cover::Unknown(observed) => {
            let summary = "whether a verifying signature covers the fields is not known";
            let finding = Finding::new(ID, Verdict::Blind, "signature-unknown", summary).with(expected, observed);
            Some(finding.help("Nothing is known of the signature, neither good nor bad."))
        }
        Cover::Unsigned(observed) => {
            let finding =
                fail("unsigned", "no verifying signature covers the unsubscribe fields").with(expected, observed);
            Some(finding.help(format!(
                "{WHY}Receivers are not to offer one click where the fields are not signed. Add both to what the sending service signs (`h=`)."
            )))
        }
    }
}

/// Our own verdicts, where DNS was asked.
fn verified<'a>(subject: &Subject<'a>) -> Option<&'a Authentication> {
    subject.evidence.authentication.as_ref().filter(|auth| !auth.offline)
}

fn covers(fact: &DkimFact) -> bool {
    let signed = |name: &str| fact.signed_headers.iter().any(|field| field.eq_ignore_ascii_case(name));
    signed(FIELD) && signed(POST)
}

/// Where the provider rebuilt the body and says nothing of the signature, the header fields are proven by `b=` all the same.
fn counts(fact: &DkimFact, subject: &Subject<'_>, doubted: bool) -> bool {
    match standing::of(fact, subject) {
        Standing::Verified(_) | Standing::ByProvider(_) => true,
        Standing::Unknown(..) => !doubted && fact.body_hash_ok == Some(false) && fact.headers_ok == Some(true),
        Standing::ProviderFails(_) | Standing::Broken(_) => false,
    }
}

/// The reader's address, lower-case: where we sent it, or the one address of To.
fn recipient(subject: &Subject<'_>) -> Option<String> {
    let sent = subject
        .evidence
        .submission
        .as_ref()
        .map(|submission| submission.envelope_to.clone());
    let stated = || match address::of_header(subject.reading.header("To")?).as_slice() {
        [one] => Some(one.address.clone()),
        _ => None,
    };
    sent.or_else(stated).map(|address| address.to_lowercase())
}

fn https(subject: &Subject<'_>) -> Vec<String> {
    let uris = subject.reading.list_headers().unsubscribe.iter();
    let secure = uris.filter(|uri| uri.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://")));
    secure.cloned().collect()
}

fn fail(code: &str, summary: impl Into<String>) -> Finding {
    Finding::new(ID, Verdict::Fail, code, summary)
}

fn warn(code: &str, summary: impl Into<String>) -> Finding {
    Finding::new(ID, Verdict::Warn, code, summary)
}

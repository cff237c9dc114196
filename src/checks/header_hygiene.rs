//! `header-hygiene`: is the header section one that every receiver reads alike?

use super::check::{Check, Needs, Rule, Subject};
use super::header_form::{self, fail, quoted};
use super::{web, words};
use crate::mail::headers::Header;
use crate::mail::{brought, received};
use crate::model::profile::AuthresTrust;
use crate::model::{CheckId, Finding, Verdict};
use time::{Duration, OffsetDateTime};

const ID: CheckId = CheckId::HeaderHygiene;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "the header section is well-formed",
    explain: "The fields that the message brought along (those the mailbox provider wrote on it are left out): exactly one From, with one address, one Date \
near the time of sending, one Message-ID (RFC 5322 §3.6); no field twice that may stand once; no line over 998 bytes (§2.1.1; in the body too, where the provider keeps \
it as it came); no raw bytes over 127, unless the message travelled by SMTPUTF8 (RFC 6532); nothing between the fields that is none; and in the fields readers see, \
encoded words that are whole, short enough and of a known charset (RFC 2047).\n\
Why it matters: Gmail and Yahoo refuse messages with doubled or missing fields, filters count a wrong Date as a sign of spam, servers break long lines and with them the \
signature, and what one reader decodes, another shows as =?utf-8?B?…?=.\n\
What to do: the reason names the field. Look at what builds the message, and at what the sending service adds to it.",
    sources: &[
        "RFC 5322 §2.1.1, §3.6",
        "RFC 2047 §5",
        "RFC 6532",
        "Google, Email sender guidelines",
        "Yahoo, Sender Best Practices",
    ],
    reasons: &[
        ("ok", "nothing to complain of"),
        ("no-from", "there is no From field, or no address in it"),
        (
            "several-from",
            "more than one From field, or more than one address in it",
        ),
        ("no-date", "there is no Date"),
        ("date-form", "the Date can not be read"),
        ("date-ahead", "the Date is more than 30 minutes after the arrival"),
        (
            "date-behind",
            "the Date is more than 3 hours (warns) or 24 hours (fails) before the sending",
        ),
        (
            "no-message-id",
            "there is no Message-ID, or the provider had to make one",
        ),
        ("message-id-form", "the Message-ID is not of the form <left@right>"),
        ("no-subject", "there is no Subject, or nothing in it"),
        ("duplicate-field", "a field that may stand once stands more often"),
        ("not-a-field", "a line in the header section is no field"),
        ("long-line", "a header line is longer than 998 bytes"),
        ("long-body-line", "a line of the body is longer than 998 bytes"),
        ("raw-8bit", "a header field holds bytes over 127"),
        ("encoded-word-long", "an encoded word is longer than 75 characters"),
        ("encoded-word-charset", "an encoded word names a charset nobody knows"),
        (
            "encoded-word-cut",
            "a character is cut in two by the border of an encoded word",
        ),
        (
            "encoded-word-broken",
            "an encoded word is not closed, or holds what it must not",
        ),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

/// Fields that may stand once: RFC 5322 §3.6, RFC 2045 §3, RFC 2369 §3, RFC 2919 §3, RFC 8058 §3.1. From has a reason of its own.
const ONCE: &[&str] = &[
    "Date",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Subject",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Id",
];
/// Later than the arrival by more than this is no matter of clocks: a wrong time zone is an hour at least.
const AHEAD: Duration = Duration::minutes(30);
/// Before the sending: what filters begin to count, and what is plainly wrong.
const BEHIND: Duration = Duration::hours(3);
const FAR_BEHIND: Duration = Duration::hours(24);

/// Everything that is wrong with the header section; `ok` where nothing is.
pub(super) fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let reading = subject.reading;
    let fields = brought::fields(
        reading.headers(),
        reading.received(),
        &subject.policy.provider.received_by,
    );
    let mut findings = Vec::new();
    findings.extend(from(subject, &fields));
    findings.extend(date(subject, &fields));
    findings.extend(message_id(subject, &fields));
    findings.extend(no_subject(subject));
    findings.extend(duplicates(&fields));
    findings.extend(header_form::strays(subject));
    findings.extend(header_form::long_lines(&fields));
    findings.extend(header_form::long_body_lines(subject));
    findings.extend(header_form::raw_bytes(subject, &fields));
    findings.extend(header_form::encoded(&fields));
    if reading.headers().truncated {
        // What is missing may stand behind the cut.
        findings.retain(|finding| !finding.reason.starts_with("header-hygiene.no-"));
        findings.push(header_form::cut(ID));
    }
    if findings.is_empty() {
        let fields = words::count(fields.len(), "field", "fields");
        let summary = format!("{fields}, nothing to complain of");
        findings.push(Finding::new(ID, Verdict::Pass, "ok", summary));
    }
    findings
}

fn named<'f>(fields: &[&'f Header<'f>], name: &str) -> Vec<&'f Header<'f>> {
    fields.iter().copied().filter(|field| field.is(name)).collect()
}

fn no_subject(subject: &Subject<'_>) -> Option<Finding> {
    let line = subject.reading.subject();
    line.is_none_or(|line| line.trim().is_empty()).then(|| {
        Finding::new(ID, Verdict::Warn, "no-subject", "the message has no subject")
            .with("a Subject with words (RFC 5322 §3.6.5 lets it be absent)", "none")
            .help("Readers see \"(no subject)\" and do not open it, and filters count it as a sign of spam. Look at what fills it.")
    })
}

fn from(subject: &Subject<'_>, fields: &[&Header<'_>]) -> Option<Finding> {
    let found = named(fields, "From");
    let addresses = subject.reading.from();
    let none = addresses.iter().all(|address| address.domain.is_empty());
    let observed = || web::listed(&found.iter().map(|field| quoted(field)).collect::<Vec<_>>());
    let help = "Receivers refuse a message that does not say who it is from, once (RFC 5322 §3.6.2, RFC 7489 §6.6.1). Look for what adds or drops the field.";
    let finding = match (found.len(), addresses.len()) {
        (0, _) => fail("no-from", "there is no From field").with("one From field", "none"),
        (1, _) if none => fail("no-from", "there is no address in the From field").with("one From address", observed()),
        (1, 1) => return None,
        // `Brand, Inc <news@…>`: the comma ends an address that is none.
        (1, several) if addresses.iter().any(|one| one.domain.is_empty()) => {
            let summary = format!("the From field has {several} addresses: a comma in a name has to stand in quotes");
            fail("several-from", summary).with("one From address: \"Brand, Inc\" <news@…>", observed())
        }
        (1, several) => {
            fail("several-from", format!("the From field has {several} addresses")).with("one From address", observed())
        }
        (several, _) => fail("several-from", format!("{several} From fields")).with("one From field", observed()),
    };
    Some(finding.help(help))
}

fn date(subject: &Subject<'_>, fields: &[&Header<'_>]) -> Option<Finding> {
    let help = "Readers sort by it, Yahoo refuses dates out of range, and filters count them as a sign of spam. Look at the clock and the time zone of what builds the message.";
    let Some(field) = named(fields, "Date").first().copied() else {
        return Some(
            fail("no-date", "there is no Date")
                .with("one Date field (RFC 5322 §3.6.1)", "none")
                .help(help),
        );
    };
    let Some(date) = received::stamp(&field.unfolded()) else {
        let expected = "a date such as Mon, 23 Nov 2026 09:00:00 +0000 (RFC 5322 §3.3)";
        return Some(
            fail("date-form", "the Date can not be read")
                .with(expected, quoted(field))
                .help(help),
        );
    };
    let (sent, arrived) = times(subject)?;
    let told = |by: Duration| words::duration(u64::try_from(by.whole_milliseconds()).unwrap_or(u64::MAX));
    let finding = if date - arrived > AHEAD {
        fail(
            "date-ahead",
            format!("the Date is {} after the arrival", told(date - arrived)),
        )
        .with(
            format!("no later than the arrival, {}", words::moment(arrived)),
            quoted(field),
        )
    } else if sent - date > BEHIND {
        let far = sent - date > FAR_BEHIND;
        let verdict = if far { Verdict::Fail } else { Verdict::Warn };
        Finding::new(
            ID,
            verdict,
            "date-behind",
            format!("the Date is {} before the sending", told(sent - date)),
        )
        .with(
            format!("about when it was sent, {}", words::moment(sent)),
            quoted(field),
        )
    } else {
        return None;
    };
    Some(finding.help(help))
}

/// When the message was first handed over, and when it was seen, by our clock. Of a saved message the oldest and the
/// topmost Received line tell.
fn times(subject: &Subject<'_>) -> Option<(OffsetDateTime, OffsetDateTime)> {
    let seen = subject.evidence.arrival.seen();
    let arrived = seen
        .and_then(|arrival| arrival.sightings.first())
        .map(|sighting| sighting.at);
    let tries = subject.evidence.submission.as_ref().map(|submission| &submission.tries);
    let sent = tries.and_then(|tries| tries.first()).map(|first| first.at);
    let stamped = subject.reading.received().iter().find_map(|line| line.at);
    let arrived = arrived.or(stamped)?;
    // Of a saved message the oldest Received line is next to the sending: queues may have held it for hours since.
    let oldest = subject.reading.received().iter().rev().find_map(|line| line.at);
    Some((sent.or(oldest).unwrap_or(arrived), arrived))
}

fn message_id(subject: &Subject<'_>, fields: &[&Header<'_>]) -> Option<Finding> {
    let help = "Threads, bounces and duplicate detection hang on it, and Gmail asks for it. Look at what builds the message; a provider that has to make one up takes it as a sign of spam.";
    let expected = "one Message-ID of the form <left@right> (RFC 5322 §3.6.4)";
    let Some(field) = named(fields, "Message-ID").first().copied() else {
        let added = subject
            .reading
            .header("Message-ID")
            .filter(|_| subject.policy.provider.authres == AuthresTrust::Microsoft);
        let observed = added.map_or("none".to_owned(), |field| {
            format!("made by the provider: {}", quoted(field))
        });
        return Some(
            fail("no-message-id", "the message came without a Message-ID")
                .with(expected, observed)
                .help(help),
        );
    };
    let id = field.unfolded();
    // Google's own words for what it had to do.
    if id.contains("SMTPIN_ADDED_MISSING") {
        let summary = "the message came without a Message-ID";
        return Some(
            fail("no-message-id", summary)
                .with(expected, format!("made by Google: {id}"))
                .help(help),
        );
    }
    let inner = id
        .strip_prefix('<')
        .and_then(|rest| rest.split_once('>'))
        .map(|(inner, _)| inner);
    let plain = |inner: &str| {
        inner.split('@').filter(|side| !side.is_empty()).count() == 2
            && inner.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let sound = inner.is_some_and(plain) && !id.contains("SMTPIN_ADDED_BROKEN");
    (!sound).then(|| {
        fail("message-id-form", "the Message-ID is malformed")
            .with(expected, quoted(field))
            .help(help)
    })
}

fn duplicates(fields: &[&Header<'_>]) -> Option<Finding> {
    let twice: Vec<(&str, usize)> = ONCE
        .iter()
        .map(|name| (*name, named(fields, name).len()))
        .filter(|(_, count)| *count > 1)
        .collect();
    let (first, count) = twice.first()?;
    let observed: Vec<String> = twice
        .iter()
        .flat_map(|(name, _)| named(fields, name).into_iter().map(quoted))
        .collect();
    let finding = fail("duplicate-field", format!("{first} stands {count} times"))
        .with("each of these fields once (RFC 5322 §3.6)", web::listed(&observed))
        .help("Receivers differ in which one they take, so a second one is how forgeries are hidden: Gmail and Yahoo refuse it. Look at what the template, the route's `headers` and the sending service each add.");
    Some(finding)
}

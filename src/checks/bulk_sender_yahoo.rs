//! `bulk-sender-yahoo`: is the message what Yahoo asks of bulk senders?

use super::bulk_rules::Rules;
use super::bulk_sender::{NO_BULK, finding, no_bulk, not_visible, rule};
use super::bulk_sender_gmail::FROM;
use super::check::{Check, Needs, Rule, Subject};
use crate::model::{CheckId, Finding};

const ID: CheckId = CheckId::BulkSenderYahoo;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "what Yahoo asks of bulk senders",
    explain: "Yahoo's Sender Requirements (Yahoo and AOL mailboxes), in force since February 2024, for unsubscribing since June 2024; who is a bulk sender is not published: \
SPF and DKIM both pass, a DMARC record is published, DKIM or SPF aligns with the From domain, forward and reverse DNS, one From address, no field twice, none that can not be decoded, \
a Date that is not out of range, and for marketing mail List-Unsubscribe (one-click is highly recommended and otherwise flagged, mailto is accepted) and a link in the body. \
The spam rate (below 0.3 %) and unsubscribing within two days are not visible in a message. Judged at every mailbox: the rules are about the message. Each line of `observed` is a rule.\n\
Why it matters: mail that does not comply is deferred (421 4.7.0 [TSS04]) or refused (553, 554) or goes to Bulk.\n\
What to do: the first line that fails says where to begin, and which check says more.",
    sources: &["Yahoo, Sender Best Practices, in force since February 2024"],
    reasons: &[
        ("ok", "every rule that can be seen passes"),
        ("spf", "SPF does not pass"),
        ("dkim", "no signature verifies, or none of your own domain (warns)"),
        ("dmarc-record", "there is no usable DMARC record"),
        (
            "alignment",
            "neither DKIM nor SPF aligns, or by one reading of two (warns)",
        ),
        ("reverse-dns", "the sending address has no name that leads back to it"),
        ("from", "there is not exactly one From address"),
        (
            "form",
            "a field stands twice or can not be decoded, or the Date is missing or out of range",
        ),
        (
            "list-unsubscribe",
            "marketing mail without List-Unsubscribe, or without one-click (warns)",
        ),
        ("body-link", "no link to unsubscribe in the body"),
        ("unknown", "DNS could not be asked for what a rule needs"),
        NO_BULK,
    ],
    needs: Needs::Verification,
    follows: &[],
    run: Rule::Each(judge),
};

const FORM: &[&str] = &[
    "duplicate-field",
    "no-date",
    "date-form",
    "date-ahead",
    "date-behind",
    "raw-8bit",
    "encoded-word-charset",
    "encoded-word-broken",
];
/// Yahoo's reply to what it can not authenticate.
const POLICY: &str = "554 5.7.9";
/// And to what is malformed, or comes from where it should not.
const REFUSED: &str = "553 or 554";

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    if let Some(skipped) = no_bulk(ID, subject) {
        return skipped;
    }
    let Some(rules) = Rules::of(subject) else {
        return Vec::new();
    };
    let rulings = [
        rule("spf", "SPF", POLICY, rules.spf()),
        rule("dkim", "DKIM", POLICY, rules.dkim()),
        rule("dmarc-record", "DMARC record", POLICY, rules.dmarc_record()),
        rule("alignment", "alignment", POLICY, rules.aligned()),
        rule("reverse-dns", "reverse DNS", REFUSED, rules.reverse_name()),
        rule("from", "From", REFUSED, rules.form(FROM, "one address")),
        rule(
            "form",
            "RFC 5322",
            REFUSED,
            rules.form(FORM, "no field stands twice, all can be decoded, the Date is near"),
        ),
        rule("list-unsubscribe", "List-Unsubscribe", "", rules.list_unsubscribe()),
        rule("body-link", "unsubscribe link in the body", "", rules.body_link()),
        rule(
            "",
            "unsubscribed within two days",
            "",
            not_visible("only a drill can tell"),
        ),
        rule(
            "",
            "spam rate below 0.3 %",
            "",
            not_visible("Yahoo's complaint feedback loop tells it"),
        ),
    ];
    vec![finding(ID, "Yahoo", &rulings)]
}

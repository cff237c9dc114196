//! `bulk-sender-gmail`: is the message what Gmail asks of bulk senders?

use super::bulk_rules::Rules;
use super::bulk_sender::{NO_BULK, finding, no_bulk, not_visible, rule};
use super::check::{Check, Needs, Rule, Subject};
use crate::model::{CheckId, Finding};

const ID: CheckId = CheckId::BulkSenderGmail;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "what Gmail asks of bulk senders",
    explain: "Google's Email sender guidelines, in force since 1 February 2024 for who sends about 5,000 messages a day to personal Gmail accounts (and once counted, always counted): \
SPF and DKIM both pass, a DMARC record is published, DKIM or SPF aligns with the From domain (one is enough), TLS, forward and reverse DNS, one From address, Message-ID, Date, no field twice, \
and for marketing mail one-click unsubscribe (RFC 8058) with both fields signed, and a link in the body. The spam rate (below 0.3 %) and unsubscribing within 48 hours are \
not visible in a message. Judged at every mailbox: the rules are about the message. Each line of `observed` is a rule; the SMTP reply is the one Google documents for it.\n\
Why it matters: mail that does not comply is deferred (4.7.x) first and refused (5.7.x) then, for all your mail, not for this message alone.\n\
What to do: the first line that fails says where to begin, and which check says more.",
    sources: &["Google, Email sender guidelines, in force since 2024-02-01", "RFC 8058"],
    reasons: &[
        ("ok", "every rule that can be seen passes"),
        ("spf", "SPF does not pass"),
        ("dkim", "no signature verifies, or none of your own domain (warns)"),
        ("dmarc-record", "there is no usable DMARC record"),
        (
            "alignment",
            "neither DKIM nor SPF aligns, or by one reading of two (warns)",
        ),
        ("tls", "it came in the clear, or over a withdrawn version (warns)"),
        ("reverse-dns", "the sending address has no name that leads back to it"),
        ("from", "there is not exactly one From address"),
        (
            "form",
            "Message-ID or Date is missing or malformed, or a field stands twice",
        ),
        (
            "one-click",
            "marketing mail without one-click unsubscribe, or with unsigned fields",
        ),
        ("body-link", "no link to unsubscribe in the body"),
        ("unknown", "DNS could not be asked for what a rule needs"),
        NO_BULK,
    ],
    needs: Needs::Verification,
    follows: &[],
    run: Rule::Each(judge),
};

/// What `header-hygiene` says of a From that is none.
pub(super) const FROM: &[&str] = &["no-from", "several-from"];
const FORM: &[&str] = &[
    "no-message-id",
    "message-id-form",
    "no-date",
    "date-form",
    "duplicate-field",
];

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    if let Some(skipped) = no_bulk(ID, subject) {
        return skipped;
    }
    let Some(rules) = Rules::of(subject) else {
        return Vec::new();
    };
    let rulings = [
        rule("spf", "SPF", "421 4.7.27 or 550 5.7.27", rules.spf()),
        rule("dkim", "DKIM", "421 4.7.30 or 550 5.7.30", rules.dkim()),
        rule(
            "dmarc-record",
            "DMARC record",
            "421 4.7.40 or 550 5.7.40",
            rules.dmarc_record(),
        ),
        rule("alignment", "alignment", "421 4.7.32 or 5.7.32", rules.aligned()),
        rule("tls", "TLS", "421 4.7.29 or 550 5.7.29", rules.tls()),
        rule(
            "reverse-dns",
            "reverse DNS",
            "451 4.7.23 or 550 5.7.25",
            rules.reverse_name(),
        ),
        rule("from", "From", "550 5.7.1", rules.form(FROM, "one address")),
        rule(
            "form",
            "RFC 5322",
            "550 5.7.1",
            rules.form(FORM, "Message-ID and Date are sound, no field stands twice"),
        ),
        rule("one-click", "one-click unsubscribe", "", rules.one_click()),
        rule("body-link", "unsubscribe link in the body", "", rules.body_link()),
        rule(
            "",
            "unsubscribed within 48 hours",
            "",
            not_visible("only a drill can tell"),
        ),
        rule(
            "",
            "spam rate below 0.3 %",
            "",
            not_visible("Google's Postmaster Tools tell it"),
        ),
    ];
    vec![finding(ID, "Gmail", &rulings)]
}

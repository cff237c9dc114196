//! `bulk-sender-microsoft`: is the message what Microsoft asks of bulk senders?

use super::bulk_rules::Rules;
use super::bulk_sender::{NO_BULK, finding, no_bulk, not_visible, rule};
use super::bulk_sender_gmail::FROM;
use super::check::{Check, Needs, Rule, Subject};
use crate::model::{CheckId, Finding};

const ID: CheckId = CheckId::BulkSenderMicrosoft;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "what Microsoft asks of bulk senders",
    explain: "Microsoft's requirements for high-volume senders to Outlook.com, Hotmail.com and Live.com (more than 5,000 messages a day of one From domain), in force since 5 May 2025: \
SPF passes, DKIM passes, and a DMARC record of at least p=none with which DKIM or SPF aligns, preferably both: where one alone aligns the check warns. One valid From address. \
A working way to unsubscribe from marketing mail is recommended and its absence flagged; reverse DNS is no stated rule. \
Judged at every mailbox: the rules are about the message. Each line of `observed` is a rule.\n\
Why it matters: mail that does not comply is refused with 550 5.7.515, \"sending domain does not meet the required authentication level\".\n\
What to do: the first line that fails says where to begin, and which check says more. A return path below your own domain (a CNAME to the sending service) lets SPF align too.",
    sources: &["Microsoft, Outlook's requirements for high-volume senders, in force since 2025-05-05"],
    reasons: &[
        ("ok", "every rule that can be seen passes"),
        ("spf", "SPF does not pass"),
        ("dkim", "no signature verifies, or none of your own domain (warns)"),
        ("dmarc-record", "there is no usable DMARC record"),
        ("alignment", "neither DKIM nor SPF aligns, or only one of them (warns)"),
        ("from", "there is not exactly one From address"),
        ("unsubscribe", "marketing mail without a way to unsubscribe (warns)"),
        ("unknown", "DNS could not be asked for what a rule needs"),
        NO_BULK,
    ],
    needs: Needs::Verification,
    follows: &[],
    run: Rule::Each(judge),
};

const LEVEL: &str = "550 5.7.515";

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    if let Some(skipped) = no_bulk(ID, subject) {
        return skipped;
    }
    let Some(rules) = Rules::of(subject) else {
        return Vec::new();
    };
    let rulings = [
        rule("spf", "SPF", LEVEL, rules.spf()),
        rule("dkim", "DKIM", LEVEL, rules.dkim()),
        rule("dmarc-record", "DMARC record", LEVEL, rules.dmarc_record()),
        rule("alignment", "alignment", LEVEL, rules.both_aligned()),
        rule("from", "From", "", rules.form(FROM, "one address")),
        rule("unsubscribe", "unsubscribing", "", rules.any_unsubscribe()),
        rule(
            "",
            "complaints and bounces",
            "",
            not_visible("Microsoft's SNDS tells them"),
        ),
    ];
    vec![finding(ID, "Microsoft", &rulings)]
}

//! How the rules of bulk senders are told: what is said of each, in a line with the SMTP reply to expect, and what they come to together.

use super::check::Subject;
use super::words;
use crate::model::{CheckId, Finding, Verdict};

/// What is said of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Pass,
    /// Enough for now, and not what is asked.
    Flagged,
    Fail,
    /// It could have been seen, and DNS failed.
    Unknown,
    NotApplicable,
    NotVisible,
}

impl Said {
    fn word(self) -> &'static str {
        match self {
            Said::Pass => "pass",
            Said::Flagged => "flagged",
            Said::Fail => "fail",
            Said::Unknown => "not known",
            Said::NotApplicable => "not applicable",
            Said::NotVisible => "not visible from here",
        }
    }
}

/// What is said, and why.
pub(super) type Answer = (Said, String);

/// One rule of a provider: its reason code, its name, what is said of it, and how a message is refused for it.
pub(super) struct Ruling {
    pub code: &'static str,
    pub name: &'static str,
    pub answer: Answer,
    /// The reply that a message gets; empty where it gets none.
    pub reply: &'static str,
}

/// A rule with its answer.
pub(super) fn rule(code: &'static str, name: &'static str, reply: &'static str, answer: Answer) -> Ruling {
    Ruling {
        code,
        name,
        answer,
        reply,
    }
}

/// An answer.
pub(super) fn said(said: Said, words: impl Into<String>) -> Answer {
    (said, words.into())
}

/// What is counted at the provider, and in no message.
pub(super) fn not_visible(words: &str) -> Answer {
    said(Said::NotVisible, words)
}

/// A bounce or an automatic reply goes to one reader who wrote first: rules for bulk mail say nothing of it.
pub(super) fn no_bulk(id: CheckId, subject: &Subject<'_>) -> Option<Vec<Finding>> {
    let summary = "not judged: a bounce or an automatic reply is no bulk mail";
    let answers = subject.reading.is_automatic_answer();
    answers.then(|| vec![Finding::new(id, Verdict::Skip, NO_BULK.0, summary)])
}

pub(super) const NO_BULK: (&str, &str) = ("no-bulk", "a bounce or an automatic reply");

/// The finding of a provider's rules: a line for each.
pub(super) fn finding(id: CheckId, whose: &str, rulings: &[Ruling]) -> Finding {
    let of = |wanted: Said| rulings.iter().filter(move |ruling| ruling.answer.0 == wanted);
    let asks = format!("what {whose} asks of bulk senders");
    let names = |wanted: Said| of(wanted).map(Ruling::briefly).collect::<Vec<_>>().join(", ");
    let worst = [Said::Fail, Said::Unknown, Said::Flagged]
        .into_iter()
        .find_map(|wanted| of(wanted).next().map(|first| (wanted, first)));
    let (verdict, code, summary) = match worst {
        Some((Said::Fail, first)) => (Verdict::Fail, first.code, format!("not {asks}: {}", names(Said::Fail))),
        Some((Said::Unknown, _)) => {
            let summary = format!("not known whether it is {asks}: {}", names(Said::Unknown));
            (Verdict::Blind, "unknown", summary)
        }
        Some((_, first)) => {
            let summary = format!("{asks}, with a reservation: {}", names(Said::Flagged));
            (Verdict::Warn, first.code, summary)
        }
        None => {
            let (passed, hidden) = (of(Said::Pass).count(), of(Said::NotVisible).count());
            let (rules, are) = (
                words::count(passed, "rule passes", "rules pass"),
                words::count(hidden, "is", "are"),
            );
            let summary = format!("{asks}: {rules}, {are} not visible from here");
            (Verdict::Pass, "ok", summary)
        }
    };
    let lines: Vec<String> = rulings.iter().map(Ruling::line).collect();
    let help = worst.map_or("", |(said, first)| match said {
        Said::Unknown => "Nothing is known about this rule, neither good nor bad. Look at what failed, and run again.",
        _ => remedy(first.code),
    });
    Finding::new(id, verdict, code, summary)
        .with("every rule that can be seen from here passes", lines.join("\n"))
        .help(help)
}

impl Ruling {
    fn briefly(&self) -> String {
        match (self.answer.0, self.reply) {
            (Said::Fail, "") | (Said::Unknown, _) => self.name.to_owned(),
            (Said::Fail, reply) => format!("{} ({reply})", self.name),
            _ => format!("{}: {}", self.name, self.answer.1),
        }
    }

    fn line(&self) -> String {
        let (said, words) = &self.answer;
        let reply = match (said, self.reply) {
            (Said::Fail, "") => "; no reply of its own, it counts against the sender".to_owned(),
            (Said::Fail, reply) => format!("; refused with {reply}"),
            _ => String::new(),
        };
        format!("{}: {}, {words}{reply}", self.name, said.word())
    }
}

/// What to do where this rule is the first that is not met.
fn remedy(code: &str) -> &'static str {
    match code {
        "spf" => "Permit the sending address for the envelope domain; `spf` says more.",
        "dkim" => "Let the route sign with your own domain, with a key that is published; `dkim-signature` says more.",
        "dmarc-record" => "Publish one record at the From domain: _dmarc TXT \"v=DMARC1; p=none; rua=mailto:…\".",
        "alignment" => {
            "Sign with the From domain, and give the route a return path below it; `from-alignment` says more."
        }
        "tls" => "Turn on STARTTLS for outgoing mail, with TLS 1.2 or newer; `transport-tls` says more.",
        "reverse-dns" => {
            "The operator of the sending server gives its address a name (PTR) that leads back to it (A, AAAA)."
        }
        "one-click" | "list-unsubscribe" => {
            "Send List-Unsubscribe with an https address and List-Unsubscribe-Post: List-Unsubscribe=One-Click, both signed by DKIM (RFC 8058)."
        }
        "body-link" | "unsubscribe" => "Put a link to unsubscribe into the body, where readers find it.",
        _ => "Look at what builds the header section; `header-hygiene` says more.",
    }
}

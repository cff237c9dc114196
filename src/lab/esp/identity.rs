//! Faults that touch who a message says it is from and how it is known, before signing.

use crate::lab::esp::forms;
use crate::lab::fault::Active;
use crate::lab::fault_kind::FaultKind;
use crate::lab::letter::Letter;
use crate::lab::plan::RoutePlan;
use crate::lab::zone::ELSEWHERE;
use crate::model::delivery::TOKEN_HEADER;

/// Applies them.
pub fn distort(letter: &mut Letter, plan: &RoutePlan, id: &str, active: &Active<'_>) {
    if let Some(fault) = active.get(FaultKind::FromChanged)
        && let Some(from) = letter.get("From")
    {
        letter.set("From", &other_from(&from, fault.word()));
    }
    if active.has(FaultKind::StripTokenHeader) {
        letter.remove(|name| name.eq_ignore_ascii_case(TOKEN_HEADER));
    }
    if active.has(FaultKind::NewMessageId) {
        letter.set("Message-ID", &forms::own_message_id(plan, id));
    }
}

/// `Name <local@domain>` with one of the three changed.
fn other_from(from: &str, what: &str) -> String {
    let (name, address) = match from.rsplit_once('<') {
        Some((name, rest)) => (name.trim(), rest.trim_end_matches('>').trim()),
        None => ("", from.trim()),
    };
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let other_local = if local == "mailer" { "postman" } else { "mailer" };
    match what {
        "name" => format!("Somebody Else <{address}>"),
        "local" => format!("{name} <{other_local}@{domain}>"),
        _ => format!("{name} <{local}@{ELSEWHERE}>"),
    }
}

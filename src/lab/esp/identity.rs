//! Faults that touch the header section before signing: who a message says it is from, how it is known, and its form.

use crate::lab::esp::forms;
use crate::lab::fault::Active;
use crate::lab::fault_kind::FaultKind;
use crate::lab::letter::Letter;
use crate::lab::mime::change_texts;
use crate::lab::plan::RoutePlan;
use crate::lab::zone::ELSEWHERE;
use crate::model::delivery::{DELIVERY_HEADER, TOKEN_HEADER};

/// Bytes of an unfolded field that is too long (RFC 5322 §2.1.1).
const TOO_LONG: usize = 1_200;

/// Applies them.
pub fn distort(letter: &mut Letter, plan: &RoutePlan, id: &str, active: &Active<'_>) {
    if let Some(fault) = active.get(FaultKind::FromChanged)
        && let Some(from) = letter.get("From")
    {
        letter.set("From", &other_from(&from, fault.word()));
    }
    if let (true, Some(from)) = (active.has(FaultKind::FromNameDrift), letter.get("From")) {
        letter.set("From", &drifted(&from));
    }
    if active.has(FaultKind::StripTokenHeader) {
        letter.remove(|name| name.eq_ignore_ascii_case(TOKEN_HEADER));
    }
    if active.has(FaultKind::StripToken) {
        strip_token(letter);
    }
    if active.has(FaultKind::NewMessageId) {
        letter.set("Message-ID", &forms::own_message_id(plan, id));
    }
    if active.has(FaultKind::TwoFromHeaders) {
        letter.push("From", &format!("Somebody Else <mailer@{ELSEWHERE}>"));
    }
    if let (true, Some(subject)) = (active.has(FaultKind::DuplicateHeader), letter.get("Subject")) {
        letter.push("Subject", &subject);
    }
    if active.has(FaultKind::LongLines) {
        for name in ["X-Campaign-Data", "X-Campaign-Segment"] {
            letter.push(name, &"a1".repeat(TOO_LONG / 2));
        }
    }
}

/// What names the delivery goes as well: nothing that we wrote is left.
fn strip_token(letter: &mut Letter) {
    let token = letter.get(TOKEN_HEADER).unwrap_or_default();
    letter.remove(|name| {
        [TOKEN_HEADER, DELIVERY_HEADER]
            .iter()
            .any(|own| name.eq_ignore_ascii_case(own))
    });
    if token.is_empty() {
        return;
    }
    let without = |value: &str| value.replace(&format!("+{token}@"), "@").replace(&token, "");
    for name in ["To", "X-PM-Metadata-inboxqa"] {
        if let Some(value) = letter.get(name).filter(|value| value.contains(&token)) {
            letter.set(name, &without(&value));
        }
    }
    change_texts(letter, &mut |_, text| {
        let text = std::str::from_utf8(text).ok()?;
        text.contains(&token).then(|| without(text).into_bytes())
    });
}

/// The name with an addition, as where each stream has its own setting.
fn drifted(from: &str) -> String {
    match from.rsplit_once('<') {
        Some((name, rest)) => format!("{} Team <{rest}", name.trim()),
        None => format!("Team <{from}>"),
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

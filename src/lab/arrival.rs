//! A message at its mailbox provider: what the MX finds out, what it stamps, and where the message is filed.

use crate::lab::esp::service::Outgoing;
use crate::lab::esp::signing::Verdict;
use crate::lab::fault::{Active, Fault};
use crate::lab::fault_kind::FaultKind;
use crate::lab::plan::RoutePlan;
use crate::lab::receive::{self, facts::Facts};
use crate::lab::zone::GENERIC_MX;
use crate::model::profile::{AuthresTrust, Dialect};
use crate::model::{FolderRole, SeedMailbox};
use std::time::Duration;
use time::OffsetDateTime;

/// A message for a seed mailbox.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Mailbox name.
    pub mailbox: String,
    /// Where it belongs.
    pub place: FolderRole,
    /// Gmail's category tab.
    pub tab: Option<&'static str>,
    /// A folder of the user's, made by a rule, instead.
    pub folder: Option<String>,
    /// Moved to junk so long after.
    pub move_after: Option<Duration>,
    /// The inbox gets a new UIDVALIDITY first.
    pub renumber: bool,
    /// The message.
    pub raw: Vec<u8>,
    /// When it arrived by the provider's clock, UTC.
    pub at: OffsetDateTime,
}

/// The provider's part: stamps the message and says where it is filed. `renumber`: the inbox gets a new UIDVALIDITY first.
pub fn arrive(
    outgoing: &Outgoing,
    plan: &RoutePlan,
    seed: &SeedMailbox,
    recipient: &str,
    active: &Active<'_>,
    renumber: bool,
) -> Stored {
    let at = OffsetDateTime::now_utc() + active.time(FaultKind::ClockSkew);
    let profile = &seed.profile;
    let junk = active.has(FaultKind::Junk);
    let facts = facts(outgoing, seed, recipient, active, at);
    let mut letter = outgoing.letter.clone();
    if active.has(FaultKind::ArcBroken) {
        receive::seal(&mut letter, &facts);
    }
    if active.has(FaultKind::ForgedAuthResults) {
        receive::forge(&mut letter, &facts);
    }
    receive::stamp(&mut letter, seed, &facts);
    let promotion = plan.marketing || active.has(FaultKind::Promotions);
    let tab = if promotion { "promotions" } else { "primary" };
    let moves = active.get(FaultKind::MoveAfter);
    Stored {
        mailbox: seed.name.clone(),
        place: if junk { FolderRole::Junk } else { FolderRole::Inbox },
        tab: (profile.dialect == Dialect::Gmail && !junk).then_some(tab),
        folder: active.get(FaultKind::UserRule).and_then(Fault::written),
        move_after: moves.map(Fault::time),
        renumber,
        raw: letter.bytes(),
        at,
    }
}

/// What the provider's MX finds out about a message.
fn facts(outgoing: &Outgoing, seed: &SeedMailbox, recipient: &str, active: &Active<'_>, at: OffsetDateTime) -> Facts {
    let profile = &seed.profile;
    let host = profile
        .received_by
        .first()
        .map_or(GENERIC_MX.to_owned(), |host| format!("mx.{host}"));
    let mut stamps = outgoing.stamps.clone();
    if active.has(FaultKind::ProviderFailsDkim) {
        stamps
            .iter_mut()
            .for_each(|stamp| stamp.verdict = Verdict::BadSignature);
    }
    Facts {
        recipient: recipient.to_owned(),
        authserv_id: match &profile.authres {
            AuthresTrust::ServId(names) | AuthresTrust::RepeatedServId(names) => {
                names.first().map_or(host.clone(), |name| name.replace('*', "1"))
            }
            AuthresTrust::Microsoft | AuthresTrust::Nobody => host.clone(),
        },
        host,
        mail_from: outgoing.mail_from.clone(),
        client: outgoing.client,
        helo: outgoing.helo.clone(),
        tls: outgoing.tls,
        spf_pass: outgoing.spf_pass,
        stamps,
        from_domain: outgoing.from_domain.clone(),
        junk: active.has(FaultKind::Junk),
        rewritten: active.has(FaultKind::MicrosoftRewrite),
        at,
    }
}

//! One message through a sending service.

use crate::lab::esp::signing::{Stamp, sign};
use crate::lab::esp::{forms, identity, links, spoil};
use crate::lab::fault::Active;
use crate::lab::fault_kind::FaultKind;
use crate::lab::ids;
use crate::lab::keys::Keyring;
use crate::lab::letter::Letter;
use crate::lab::mime::{TextKind, change_texts};
use crate::lab::names::domain_of;
use crate::lab::plan::{RoutePlan, Vendor};
use crate::lab::tracking::{PressManner, Tracked, Tracking};
use crate::lab::zone::stray_mta;
use std::net::Ipv4Addr;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// What a service works with.
pub struct Tools<'a> {
    /// The route's plan.
    pub plan: &'a RoutePlan,
    /// Signing keys.
    pub keys: &'a Keyring,
    /// The tracking hosts' register.
    pub tracking: &'a Tracking,
    /// Faults of this delivery.
    pub active: &'a Active<'a>,
}

/// How the message came in.
pub struct Incoming<'a> {
    /// Envelope recipient.
    pub recipient: &'a str,
    /// What the client called itself.
    pub helo: &'a str,
    /// Queue id.
    pub queue_id: &'a str,
    /// The service's id, where it has one already.
    pub id: Option<&'a str>,
    /// When, UTC.
    pub at: OffsetDateTime,
}

/// A message as the service hands it to the provider's MX, with what the MX will find out about it.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The service's id.
    pub id: String,
    /// The id of the service behind it, where the message passes two.
    pub relay_id: Option<String>,
    /// The message.
    pub letter: Letter,
    /// MAIL FROM.
    pub mail_from: String,
    /// The service's address.
    pub client: Ipv4Addr,
    /// What it calls itself.
    pub helo: String,
    /// Is the address in the SPF record?
    pub spf_pass: bool,
    /// Is TLS used?
    pub tls: bool,
    /// The signatures, top to bottom.
    pub stamps: Vec<Stamp>,
    /// Domain of the From header.
    pub from_domain: String,
}

/// Does everything to the message that a service does before it queues it.
pub fn process(tools: &Tools<'_>, raw: &[u8], incoming: &Incoming<'_>) -> Outgoing {
    let Tools {
        plan,
        keys,
        tracking,
        active,
    } = tools;
    let mut letter = Letter::parse(raw);
    let id = incoming
        .id
        .map_or_else(|| forms::message_id(plan.vendor), str::to_owned);
    identity::distort(&mut letter, plan, &id, active);
    let wrong_stream = active.has(FaultKind::WrongStream);
    let relay_id = (plan.vendor != plan.transport).then(|| forms::message_id(plan.transport));
    let relay = relay_id.as_deref();
    forms::stamp_headers(&mut letter, plan, (&id, relay), incoming.recipient, wrong_stream);
    links::track(&mut letter, plan, &id, active, tracking);
    if plan.vendor == Vendor::Postmark {
        fill_placeholders(&mut letter, plan, &id, tracking, active);
    }
    let bulk = plan.marketing != wrong_stream;
    if bulk && !letter.has("List-Unsubscribe") && !active.has(FaultKind::NoListUnsubscribe) {
        offer_unsubscribe(&mut letter, plan, &id, tracking, active);
    }
    if wrong_stream && bulk {
        spoil::broadcast_footer(&mut letter, &forms::unsubscribe_url(plan, &id));
    }
    letter.remove(|name| name == "return-path");
    let stamps = sign(&mut letter, plan, keys, active, incoming.at.unix_timestamp());
    letter.prepend("Received", &submission_hop(plan, incoming));
    let astray = active.has(FaultKind::SpfFail);
    Outgoing {
        id,
        relay_id,
        mail_from: match plan.transport {
            Vendor::Postmark => format!("pm_bounces@{}", plan.return_path),
            Vendor::CustomerIo | Vendor::Generic => format!("bounce+{}@{}", ids::hex::<6>(), plan.return_path),
        },
        client: if astray { plan.stray_client } else { plan.client },
        helo: if astray { stray_mta(plan) } else { plan.mta.clone() },
        spf_pass: !astray && !active.has(FaultKind::ManySpfLookups),
        tls: !active.has(FaultKind::PlainDelivery),
        stamps,
        from_domain: letter.get("From").as_deref().and_then(domain_of).unwrap_or_default(),
        letter,
    }
}

fn offer_unsubscribe(letter: &mut Letter, plan: &RoutePlan, id: &str, tracking: &Tracking, active: &Active<'_>) {
    let url = forms::unsubscribe_url(plan, id);
    letter.push("List-Unsubscribe", &forms::list_unsubscribe(plan, id, &url));
    letter.push("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    tracking.register(&url, id, Tracked::Unsubscribe(press_manner(active)));
}

/// Postmark puts its own address in the place of this, in every stream: a link where it stands alone in HTML.
fn fill_placeholders(letter: &mut Letter, plan: &RoutePlan, id: &str, tracking: &Tracking, active: &Active<'_>) {
    const PLACEHOLDERS: [&str; 2] = ["{{{ pm:unsubscribe }}}", "{{{ pm:unsubscribe_url }}}"];
    let url = forms::unsubscribe_url(plan, id);
    let mut found = false;
    change_texts(letter, &mut |kind, text| {
        let mut text = String::from_utf8_lossy(text).into_owned();
        let before = text.clone();
        for placeholder in PLACEHOLDERS {
            while let Some(at) = text.find(placeholder) {
                let quoted = text[..at].ends_with(['"', '\'']);
                let filled = match kind == TextKind::Html && !quoted && placeholder == PLACEHOLDERS[0] {
                    true => format!("<a href=\"{url}\">Unsubscribe</a>"),
                    false => url.clone(),
                };
                text.replace_range(at..at + placeholder.len(), &filled);
            }
        }
        found |= text != before;
        (text != before).then(|| text.into_bytes())
    });
    if found {
        tracking.register(&url, id, Tracked::Unsubscribe(press_manner(active)));
    }
}

fn press_manner(active: &Active<'_>) -> PressManner {
    [
        (FaultKind::UnsubscribeRedirects, PressManner::Redirects),
        (FaultKind::UnsubscribeNeedsCookie, PressManner::NeedsCookie),
        (FaultKind::IgnoreUnsubscribe, PressManner::Ignores),
        (FaultKind::ReceiptSuppressed, PressManner::Overdoes),
    ]
    .into_iter()
    .find(|(kind, _)| active.has(*kind))
    .map_or(PressManner::Obeys, |(_, manner)| manner)
}

fn submission_hop(plan: &RoutePlan, incoming: &Incoming<'_>) -> String {
    let helo: String = incoming.helo.chars().filter(char::is_ascii_graphic).collect();
    format!(
        "from {helo} ([192.0.2.250])\r\n\tby {} with ESMTPSA id {};\r\n\t{}",
        plan.host,
        incoming.queue_id,
        date(incoming.at)
    )
}

/// Adds the hop inside the service, when the message leaves its queue.
pub fn leave_queue(outgoing: &mut Outgoing, plan: &RoutePlan, at: OffsetDateTime) {
    let hop = format!(
        "from {} (10.97.2.17)\r\n\tby {} with ESMTP id {};\r\n\t{}",
        plan.host,
        outgoing.helo,
        ids::hex::<8>(),
        date(at)
    );
    outgoing.letter.prepend("Received", &hop);
}

/// RFC 5322 §3.3.
fn date(at: OffsetDateTime) -> String {
    at.format(&Rfc2822).unwrap_or_default()
}

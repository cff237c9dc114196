//! The way of a message through the lab: accepted by a submission server, worked on by the sending service, held where a
//! fault says so, stamped by the provider, filed in the seed mailbox.

use crate::lab::arrival::{Stored, arrive};
use crate::lab::attempt::{Attempt, Named};
use crate::lab::dns_server::Zone;
use crate::lab::esp::forms;
use crate::lab::esp::service::{Incoming, Tools, leave_queue, process};
use crate::lab::fault::{Active, Fault, Value};
use crate::lab::fault_kind::FaultKind;
use crate::lab::ids;
use crate::lab::keys::Keyring;
use crate::lab::ledger::{Entry, Ledger};
use crate::lab::letter::Letter;
use crate::lab::names::{domain_of, plain_address};
use crate::lab::plan::{RoutePlan, Vendor};
use crate::lab::smtp_door::{Decision, Desk, Submitted};
use crate::lab::tracking::Tracking;
use crate::lab::zone;
use crate::model::delivery::DELIVERY_HEADER;
use crate::model::{DeliveryId, LogKind, SeedMailbox};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::Instant;

/// Between two copies of a duplicated message.
const BETWEEN_COPIES: Duration = Duration::from_millis(150);

/// Takes finished messages.
pub type Deposit = Arc<dyn Fn(Stored) + Send + Sync>;

/// What the post office works with; all of it is fixed when the lab starts.
pub struct PostOffice {
    /// Plans by route name.
    pub plans: BTreeMap<String, RoutePlan>,
    /// The seeds.
    pub mailboxes: Vec<SeedMailbox>,
    /// DKIM keys.
    pub keys: Keyring,
    /// What the sending services remember.
    pub ledger: Ledger,
    /// The tracking hosts' register.
    pub tracking: Arc<Tracking>,
    /// Faults.
    pub faults: Arc<Vec<Fault>>,
    /// Where messages end up.
    pub deposit: Deposit,
    /// DNS, for brands that are met only when they write.
    pub zone: Zone,
    /// When a greylisted delivery was first tried.
    pub first_tried: Mutex<HashMap<DeliveryId, Instant>>,
    /// Campaign messages taken so far.
    pub promotions: AtomicU32,
    /// Mailboxes whose inbox was renumbered.
    pub renumbered: Mutex<BTreeSet<String>>,
}

/// The submission servers' view of the post office.
pub struct Counter(pub Arc<PostOffice>);

impl Desk for Counter {
    fn knows(&self, recipient: &str) -> bool {
        self.0.mailbox(recipient).is_some()
    }

    fn id(&self, route: &str) -> Option<String> {
        let plan = self.0.plans.get(route)?;
        (plan.vendor == Vendor::Postmark).then(|| forms::message_id(plan.vendor))
    }

    fn take(&self, message: Submitted) -> Decision {
        let at = OffsetDateTime::now_utc();
        let office = &self.0;
        let attempts: Vec<(Attempt, String)> = message
            .recipients
            .iter()
            .filter_map(|recipient| Some((office.delivery(&message, recipient)?, recipient.clone())))
            .collect();
        for (attempt, _) in &attempts {
            if let Some(refusal) = office.refusal(attempt) {
                return refusal;
            }
        }
        let message = Arc::new(message);
        for (attempt, recipient) in attempts {
            tokio::spawn(carry(office.clone(), message.clone(), recipient, attempt, at));
        }
        Decision::Accept
    }
}

impl PostOffice {
    /// The seed behind an address; `seed+anything@` counts as `seed@`.
    fn mailbox(&self, recipient: &str) -> Option<&SeedMailbox> {
        let plain = plain_address(recipient);
        let named = |name: &str| {
            self.mailboxes
                .iter()
                .find(|seed| seed.address.eq_ignore_ascii_case(name))
        };
        named(recipient).or_else(|| named(&plain))
    }

    /// Which delivery a message is, and which attempt of it: the header names suite, case and attempt, the login the route, the
    /// envelope the mailbox.
    pub fn delivery(&self, message: &Submitted, recipient: &str) -> Option<Attempt> {
        let mailbox = self.mailbox(recipient)?.name.clone();
        let header = || Named::read(&Letter::parse(&message.raw).get(DELIVERY_HEADER)?);
        let named = message.case.clone().or_else(header).unwrap_or_default();
        Some(Attempt {
            number: named.attempt.max(1),
            id: DeliveryId {
                suite: named.suite,
                case: named.case,
                route: message.route.clone(),
                mailbox,
            },
        })
    }

    fn refusal(&self, attempt: &Attempt) -> Option<Decision> {
        let active = Active::of(&self.faults, attempt);
        if let Some(Value::Code(code)) = active.get(FaultKind::Reject).map(|fault| fault.value.clone()) {
            let text = "Message refused by policy of the lab".to_owned();
            return Some(Decision::Reply(code, "5.7.1", text));
        }
        let left = self.left(&active, FaultKind::Greylist, &attempt.id)?;
        let text = format!("Greylisted, try again in {} seconds", left.as_secs() + 1);
        Some(Decision::Reply(451, "4.7.1", text))
    }

    /// How long a fault that counts from the first try still holds; `None` once it is over.
    pub fn left(&self, active: &Active<'_>, kind: FaultKind, id: &DeliveryId) -> Option<Duration> {
        let wait = active.get(kind)?.time();
        let mut first_tried = self.first_tried.lock().unwrap_or_else(PoisonError::into_inner);
        let until = *first_tried.entry(id.clone()).or_insert_with(Instant::now) + wait;
        until
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
    }

    /// Puts a recipient on the list of the stream that a refused message names.
    pub fn suppress(&self, message: &Submitted, recipient: &str) {
        if let Some(plan) = self.plans.get(&message.route) {
            let id = message.id.as_deref().unwrap_or_default();
            let entry = Entry::of(plan, &message.raw, id, recipient, OffsetDateTime::now_utc());
            self.ledger.suppress(&entry, "ManualSuppression", "Recipient");
        }
    }

    /// Has the recipient unsubscribed from what this message belongs to?
    pub fn holds_back(&self, message: &Submitted, recipient: &str) -> bool {
        let plan = self.plans.get(&message.route);
        plan.is_some_and(|plan| {
            let id = message.id.as_deref().unwrap_or_default();
            let entry = Entry::of(plan, &message.raw, id, recipient, OffsetDateTime::now_utc());
            self.ledger.holds_back(&entry)
        })
    }

    /// Is this the first time for this mailbox?
    fn renumbers_first(&self, mailbox: &str) -> bool {
        let mut renumbered = self.renumbered.lock().unwrap_or_else(PoisonError::into_inner);
        renumbered.insert(mailbox.to_owned())
    }
}

/// Carries one message to one seed.
async fn carry(
    office: Arc<PostOffice>,
    message: Arc<Submitted>,
    recipient: String,
    attempt: Attempt,
    at: OffsetDateTime,
) {
    let active = Active::of(&office.faults, &attempt);
    let (Some(plan), Some(seed)) = (office.plans.get(&attempt.id.route), office.mailbox(&recipient)) else {
        return;
    };
    let plan = &settled(&office, plan, &message.raw).await;
    let tools = Tools {
        plan,
        keys: &office.keys,
        tracking: &office.tracking,
        active: &active,
    };
    let incoming = Incoming {
        recipient: &recipient,
        helo: &message.helo,
        queue_id: &message.queue_id,
        id: message.id.as_deref(),
        at,
    };
    let mut outgoing = process(&tools, &message.raw, &incoming);
    let ids = (outgoing.id.as_str(), outgoing.relay_id.as_deref());
    if !taken(&office, plan, &message.raw, ids, &incoming, &active) {
        return;
    }
    tokio::time::sleep(transit() + active.time(FaultKind::Delay) + queue(&office, plan, &active)).await;
    leave_queue(&mut outgoing, plan, OffsetDateTime::now_utc());
    tokio::time::sleep(active.time(FaultKind::MxGreylist)).await;
    let copies = if active.has(FaultKind::Duplicate) { 2 } else { 1 };
    for copy in 0..copies {
        if copy > 0 {
            tokio::time::sleep(BETWEEN_COPIES).await;
        }
        if !active.has(FaultKind::Drop) {
            let renumber = active.has(FaultKind::UidvalidityChange) && office.renumbers_first(&seed.name);
            (office.deposit)(arrive(&outgoing, plan, seed, &recipient, &active, renumber));
        }
    }
    let answer =
        json!({"DeliveryMessage": "smtp;250 2.0.0 OK", "DestinationServer": "mx", "DestinationIP": "198.51.100.1"});
    for id in [Some(&outgoing.id), outgoing.relay_id.as_ref()].into_iter().flatten() {
        office.ledger.happened(id, "Delivered", answer.clone());
    }
}

/// Writes the message into the service's ledger. Does it leave the service, and is not refused at the provider's?
fn taken(
    office: &PostOffice,
    plan: &RoutePlan,
    raw: &[u8],
    (id, relay): (&str, Option<&str>),
    incoming: &Incoming<'_>,
    active: &Active<'_>,
) -> bool {
    let mut entry = Entry::of(plan, raw, id, incoming.recipient, incoming.at);
    if active.has(FaultKind::SuppressedSeed) || office.ledger.holds_back(&entry) {
        match entry.service {
            LogKind::Postmark => office.ledger.refuse_suppressed(entry, raw),
            LogKind::CustomerIo => office.ledger.drop_unsubscribed(entry),
        }
        return false;
    }
    if let Some(fault) = active.get(FaultKind::TopicOptOut)
        && entry.service == LogKind::CustomerIo
    {
        office
            .ledger
            .drop_opted_out(entry, &fault.written().unwrap_or_default());
        return false;
    }
    entry.queued = active.has(FaultKind::EspQueued);
    let queued = entry.queued;
    let relayed = relay.map(|relay| entry.relayed(relay, raw));
    let ids: Vec<String> = [Some(&entry), relayed.as_ref()]
        .into_iter()
        .flatten()
        .map(|entry| entry.id.clone())
        .collect();
    office.ledger.note(entry);
    // Behind Customer.io the message is Postmark's as well.
    if let Some(entry) = relayed {
        office.ledger.note(entry);
    }
    if let Some(fault) = active.get(FaultKind::Bounce) {
        for id in ids {
            office.ledger.bounced(&id, fault.word());
        }
        return false;
    }
    !queued
}

/// A service whose contract names no domain to sign for signs for the domain that writes, and has its keys published.
async fn settled(office: &PostOffice, plan: &RoutePlan, raw: &[u8]) -> RoutePlan {
    let mut plan = plan.clone();
    let from = Letter::parse(raw).get("From").as_deref().and_then(domain_of);
    if let (true, Some(domain)) = (plan.brands.is_empty(), from) {
        plan.adopt(domain);
        // A From domain that is no domain name can not be signed for by anybody.
        let _ = office.zone.publish(&zone::brand_records(&plan, &office.keys)).await;
    }
    plan
}

/// How long a message waits behind campaigns, where they share a queue.
fn queue(office: &PostOffice, plan: &RoutePlan, active: &Active<'_>) -> Duration {
    if plan.marketing {
        office.promotions.fetch_add(1, Ordering::Relaxed);
    }
    match active.has(FaultKind::PromoSpike) {
        true => Duration::from_secs(office.promotions.load(Ordering::Relaxed).into()),
        false => Duration::ZERO,
    }
}

/// The usual time between acceptance and arrival: 50 to 200 ms.
fn transit() -> Duration {
    let [byte] = ids::bytes::<1>();
    Duration::from_millis(50 + u64::from(byte) * 150 / 255)
}

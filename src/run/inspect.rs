//! Judges saved messages: the same evidence, checks and report rows as a run, without a sending side and a mailbox. Messages stream
//! through: a reading thread, a few in flight on all cores, their results in order; the bytes are let go once they are judged.

mod html;
mod mbox;
mod pasted;
mod provenance;
mod saved;

pub use provenance::Stated;
pub use saved::{Source, is_html, passed_over, source};

use super::judge;
use crate::checks;
use crate::checks::merge_tags::find_tags;
use crate::mail::Reading;
use crate::mail::headers::Headers;
use crate::model::{Category, Contract, DnsRecords, JudgedDelivery, Probe, RawMessage, Reason, Why, Zone};
use crate::net::Net;
use crate::probe::auth;
use crate::probe::{hsts, links, spam};
use futures_util::{StreamExt, stream};
use saved::Saved;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// Messages judged at once where DNS or HTTP is waited for.
const WAITING: usize = 16;
/// Bytes of the messages in flight together, in KiB; a larger message goes alone.
const BUDGET_KIB: u32 = 64 * 1024;

/// Who answers DNS.
pub enum Dns {
    /// The network.
    Live,
    /// What was written down.
    Recorded(Zone),
    /// Nobody: nothing is verified.
    Offline,
}

/// What is known besides the messages.
pub struct Setup {
    /// Who answers DNS.
    pub dns: Dns,
    /// The door, where DNS is asked or links are requested.
    pub net: Option<Net>,
    /// Request links and pixels? Needs the door.
    pub probe: bool,
    /// What the user states of them.
    pub stated: Stated,
}

/// A judged message.
pub struct Inspected {
    /// What the checks say.
    pub judged: JudgedDelivery,
    /// What stood above it, was none of it and was taken off.
    pub taken_off: Vec<&'static str>,
}

impl From<JudgedDelivery> for Inspected {
    fn from(judged: JudgedDelivery) -> Self {
        Inspected {
            judged,
            taken_off: Vec::new(),
        }
    }
}

/// Judges every message of the sources, and hands each result on in order. Ends early, between messages, when `stop` is cancelled.
pub async fn inspect(setup: Setup, sources: Vec<Source>, stop: CancellationToken, mut each: impl FnMut(Inspected)) {
    let waits = setup.net.is_some();
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let at_once = if waits { WAITING.max(cores) } else { cores + 1 };
    let (sender, receiver) = mpsc::channel(1);
    let reader = tokio::task::spawn_blocking({
        let stop = stop.clone();
        move || saved::read(sources, &sender, &stop)
    });
    let setup = Arc::new(setup);
    let budget = Arc::new(Semaphore::new(BUDGET_KIB as usize));
    let incoming = stream::unfold((receiver, budget), |(mut receiver, budget)| async {
        let saved = receiver.recv().await?;
        let permit = reserve(&saved, &budget).await;
        Some(((saved, permit), (receiver, budget)))
    });
    let judged = incoming.map(|(saved, permit)| {
        let setup = setup.clone();
        let name = saved.name.clone();
        let task = tokio::spawn(async move { one(&setup, saved, permit).await });
        async move { task.await.unwrap_or_else(|_| broken_down(name).into()) }
    });
    let mut judged = Box::pin(judged.buffered(at_once));
    while let Some(judged) = judged.next().await {
        each(judged);
    }
    // The reader ends with its channel; if it broke down, what it had read is judged.
    let _ = reader.await;
}

/// Room for a message among those in flight.
async fn reserve(saved: &Saved, budget: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    let bytes = saved.bytes.as_ref().map_or(0, Vec::len);
    let wanted = u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX).min(BUDGET_KIB);
    budget.clone().acquire_many_owned(wanted).await.ok()
}

async fn one(setup: &Setup, saved: Saved, _room: Option<OwnedSemaphorePermit>) -> Inspected {
    let Saved { name, bytes, is_html } = saved;
    if is_html {
        return html_alone(setup, name, bytes).await.into();
    }
    match bytes.and_then(message) {
        Err(why) => unreadable(setup, name, why).into(),
        Ok((raw, taken_off)) => Inspected {
            judged: whole(setup, name, raw).await,
            taken_off,
        },
    }
}

/// Judges a message.
async fn whole(setup: &Setup, name: String, raw: Vec<u8>) -> JudgedDelivery {
    let reading = Reading::new(&raw);
    let policy = provenance::policy(&reading, &setup.stated, setup.probe);
    let mut evidence = judge::bare(name, Probe::NotAsked(Reason::new("file", "a saved message")));
    let input = provenance::auth_input(&reading, &policy, setup.stated.at);
    let mut dns = DnsRecords::default();
    let authentication = match (&setup.dns, &setup.net) {
        (Dns::Recorded(zone), _) => auth::over(zone, &input, &mut dns),
        (Dns::Live, Some(net)) => auth::gather(net, &input, &mut dns).await,
        _ => auth::offline(&input),
    };
    evidence.authentication = Some(authentication);
    evidence.dns = dns;
    if let (true, Some(net)) = (setup.probe, &setup.net) {
        evidence.urls = links::follow(net, &links::asks(&reading, None, &policy)).await;
        evidence.urls.extend(hsts::ask(net, &reading, &policy).await);
    }
    if let Some(net) = &setup.net {
        evidence.spam = spam::ask(net, &policy.spam, &input).await;
    }
    drop(reading);
    evidence.file = Some(RawMessage(raw));
    without_bytes(judge::judge(evidence, policy))
}

/// Judges an HTML file.
async fn html_alone(setup: &Setup, name: String, bytes: Result<Vec<u8>, Why>) -> JudgedDelivery {
    let raw = match bytes.and_then(html::part) {
        Ok(raw) => raw,
        Err(why) => return unreadable(setup, name, why),
    };
    let reading = Reading::new(&raw);
    let policy = provenance::policy(&reading, &setup.stated, setup.probe);
    let why = Reason::new(checks::Subject::TEMPLATE, "an HTML file");
    let mut evidence = judge::bare(name, Probe::NotAsked(why));
    if let (true, Some(net)) = (setup.probe, &setup.net) {
        let mut asks = links::asks(&reading, None, &policy);
        asks.retain(|ask| find_tags(&ask.url).is_empty());
        evidence.urls = links::follow(net, &asks).await;
    }
    drop(reading);
    evidence.file = Some(RawMessage(raw));
    let mut judged = without_bytes(judge::judge(evidence, policy));
    // Nobody wrote this header section.
    judged.digest.headers.clear();
    judged
}

/// The message in these bytes, if they can be one at all, and what was taken off.
fn message(raw: Vec<u8>) -> Result<(Vec<u8>, Vec<&'static str>), Why> {
    let (raw, taken_off) = pasted::trimmed(raw);
    if raw.is_empty() {
        return Err(Why::new("empty", "there is nothing in it"));
    }
    if let Some(why) = pasted::no_lines(&raw) {
        return Err(Why::new("not-a-message", why));
    }
    match Headers::of(&raw).fields.is_empty() {
        true => Err(Why::new("not-a-message", "it has no header field, so it is no message")),
        false => Ok((raw, taken_off)),
    }
}

fn unreadable(setup: &Setup, name: String, why: Why) -> JudgedDelivery {
    let policy = provenance::policy(&Reading::new(b""), &setup.stated, false);
    judge::judge(judge::bare(name, Probe::Blind(why)), policy)
}

fn broken_down(name: String) -> JudgedDelivery {
    let why = Why::new(
        "internal",
        "judging this message broke down: that is a mistake in inboxqa, please report it with the message",
    );
    let policy = provenance::policy_of(
        Contract::default(),
        Category::Transactional,
        provenance::nobody(),
        false,
    );
    judge::judge(judge::bare(name, Probe::Blind(why)), policy)
}

/// What reports show, without what was judged: thousands of messages would not fit.
fn without_bytes(mut judged: JudgedDelivery) -> JudgedDelivery {
    judged.evidence.file = None;
    judged.evidence.dns = DnsRecords::default();
    judged
}

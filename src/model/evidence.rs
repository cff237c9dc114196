//! Everything gathered about one delivery: what needed the network, plus the raw bytes. Checks judge this and nothing else.

use super::authentication::Authentication;
use super::delivery::Delivery;
use super::dns::DnsRecords;
use super::drill::{DrillOf, FollowedOf};
use super::esp::{EspFate, EspStory, EspTrace};
use super::http::UrlProbe;
use super::probe::Probe;
use super::raw::RawMessage;
use super::spam::SpamAsked;
use super::submission::Submission;
use super::watch::{Arrival, WatchLog};
use serde::{Deserialize, Serialize};

/// The unsubscribe drill of a delivery.
pub type Drill = DrillOf<Evidence>;
/// A further message of a drill.
pub type Followed = FollowedOf<Evidence>;

/// What the evidence is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "subject", content = "value")]
pub enum Subject {
    /// A delivery of a run.
    Delivery(Delivery),
    /// A saved message, by path.
    File(String),
}

/// The evidence of one delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is about.
    pub subject: Subject,
    /// The message as we composed it; `None` where the ESP holds the template, or for a saved file.
    pub original: Option<RawMessage>,
    /// The sending side; `None` for a saved file.
    pub submission: Option<Submission>,
    /// Did it arrive? `NotAsked` for a saved file (its bytes are in `file`) and for a message that was refused.
    pub arrival: Probe<Arrival>,
    /// The bytes of a saved file.
    pub file: Option<RawMessage>,
    /// What the logs of the sending services tell, one entry a log of the route.
    #[serde(default)]
    pub esp: Vec<EspTrace>,
    /// How the mailbox was watched.
    pub watch: WatchLog,
    /// DNS answers as they came.
    pub dns: DnsRecords,
    /// Our own verification, `None` where there are no bytes.
    pub authentication: Option<Authentication>,
    /// URLs that were asked for (or deliberately not), in order of appearance.
    pub urls: Vec<UrlProbe>,
    /// What spam engines make of it, where any is configured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spam: Vec<SpamAsked>,
    /// The unsubscribe drill, where the case asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill: Option<Drill>,
    /// Faults of the lab that were active for this delivery (empty in the real world).
    pub faults: Vec<String>,
}

impl Evidence {
    /// What is known at the beginning: what it is about, and whether it arrived.
    pub fn begun(subject: Subject, arrival: Probe<Arrival>) -> Evidence {
        Evidence {
            subject,
            original: None,
            submission: None,
            arrival,
            file: None,
            esp: Vec::new(),
            watch: WatchLog::default(),
            dns: DnsRecords::default(),
            authentication: None,
            urls: Vec::new(),
            spam: Vec::new(),
            drill: None,
            faults: Vec::new(),
        }
    }

    /// The delivered bytes, where there are any.
    pub fn raw(&self) -> Option<&[u8]> {
        match (&self.arrival, &self.file) {
            (Probe::Seen(arrival), _) => Some(&arrival.raw.0),
            (_, Some(file)) => Some(&file.0),
            _ => None,
        }
    }

    /// What became of the message by the first log that knows it.
    pub fn esp_fate(&self) -> Option<EspFate> {
        let mut told = self.esp.iter().filter_map(EspTrace::story).map(EspStory::fate);
        told.find(|fate| *fate != EspFate::Unlisted)
    }

    /// The probe of a delivered URL.
    pub fn url(&self, url: &str) -> Option<&UrlProbe> {
        self.urls.iter().find(|probe| probe.url == url)
    }
}

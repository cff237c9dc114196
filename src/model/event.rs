//! What a run tells while it goes on. Events may be lost and decide nothing.

use super::delivery::DeliveryId;
use super::finding::Verdict;

/// One thing worth showing live.
#[derive(Debug, Clone)]
pub enum RunEvent {
    /// The plan is made.
    Planned {
        /// Deliveries that will be judged.
        deliveries: usize,
        /// Messages that will be sent: a drill sends more than one.
        messages: usize,
        /// Messages more at most, should deliveries come to nothing.
        spares: usize,
    },
    /// A delivery came to nothing and is tried once more.
    Again {
        /// Which delivery.
        id: DeliveryId,
        /// The attempt that begins.
        attempt: u32,
    },
    /// A step of preparation or an aside ("reading the baseline of 3 mailboxes").
    Note(String),
    /// The route answered.
    Sent {
        /// Which delivery.
        id: DeliveryId,
        /// In words (`accepted`, `refused 550 …`).
        outcome: String,
    },
    /// First sighting.
    Seen {
        /// Which delivery.
        id: DeliveryId,
        /// Folder.
        folder: String,
        /// Milliseconds after acceptance.
        after_ms: u64,
    },
    /// Judged.
    Judged {
        /// Which delivery.
        id: DeliveryId,
        /// Its verdict.
        verdict: Verdict,
        /// The placement in words.
        placement: String,
        /// Arrival in ms, where it arrived.
        after_ms: Option<u64>,
    },
}

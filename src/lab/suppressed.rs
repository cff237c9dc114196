//! The suppression lists of the lab's sending services: whom nothing is sent to, by which stream, and why.

use time::OffsetDateTime;

/// What stands for the stream at Customer.io: a person unsubscribes from the whole workspace.
pub const WORKSPACE: &str = "workspace";

/// One suppressed address of one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The route whose server it is.
    pub route: String,
    /// Stream.
    pub stream: String,
    /// Address.
    pub address: String,
    /// `HardBounce`, `SpamComplaint`, `ManualSuppression`.
    pub reason: &'static str,
    /// `Recipient`, `Customer`, `Admin`.
    pub origin: &'static str,
    /// When, UTC.
    pub at: OffsetDateTime,
    /// Whom it holds mail back from.
    pub reach: Reach,
}

/// What an entry of a suppression list holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing but the message of the fault that made it: a fault does not act on other deliveries to its seed.
    Told,
    /// Whatever goes to the address on its stream.
    Stream,
    /// Whatever goes to the address, by every stream of every server.
    Everywhere,
}

impl Suppressed {
    /// The same address on the same list?
    pub fn same(&self, other: &Suppressed) -> bool {
        (&self.route, &self.stream, &self.address) == (&other.route, &other.stream, &other.address)
    }

    /// Is it on this stream's list?
    pub fn is_listed(&self, route: &str, stream: &str) -> bool {
        self.reach == Reach::Everywhere || (self.route == route && self.stream == stream)
    }
}

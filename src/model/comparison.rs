//! Two ways of sending the same case, side by side: what a team reads before it moves a message from one route to another, or after it
//! changed something between two runs.

use super::category::Category;

/// One case, the old way and the new way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Suite slug and case name, `suite/case`.
    pub case: String,
    /// Category.
    pub category: Category,
    /// What it is compared with.
    pub old: Side,
    /// What is to take its place.
    pub new: Side,
    /// What differs, placement first.
    pub differences: Vec<Difference>,
    /// What the new way fails and a waiver lets pass: it does not hold the move back, and is told beside it.
    pub waived: Vec<String>,
    /// What it comes to.
    pub readiness: Readiness,
}

/// The deliveries of one case through one route in one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Side {
    /// Run id.
    pub run: String,
    /// Route.
    pub route: String,
    /// How many.
    pub deliveries: usize,
    /// Reached the inbox or one of its tabs.
    pub inbox: usize,
    /// Of which nothing is known: a mailbox that could not be looked into, a message still under way.
    pub unknown: usize,
    /// Median arrival in ms of what arrived, by nearest rank.
    pub p50_ms: Option<u64>,
    /// 95th percentile, likewise.
    pub p95_ms: Option<u64>,
    /// The widest uncertainty of one arrival, in ms: smaller differences mean nothing.
    pub resolution_ms: u64,
}

/// What a difference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// Where it ended up.
    Placement,
    /// Verdicts of checks.
    Checks,
    /// DKIM, SPF, DMARC with alignment.
    Authentication,
    /// Where links lead.
    Links,
    /// Who tracks links and opens.
    Tracking,
    /// Sender, subject and words.
    Content,
}

impl Aspect {
    /// The word reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Aspect::Placement => "placement",
            Aspect::Checks => "checks",
            Aspect::Authentication => "authentication",
            Aspect::Links => "links",
            Aspect::Tracking => "tracking",
            Aspect::Content => "content",
        }
    }
}

/// One difference. Texts may quote hostile mail: writers escape them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub aspect: Aspect,
    /// The mailboxes in which it is seen.
    pub mailboxes: Vec<String>,
    /// The old way.
    pub old: String,
    /// The new way.
    pub new: String,
}

/// May the case move to the new way?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// Everything the old way reached was reached the new way, and no check failed.
    Ready,
    /// No: why.
    NotReady(Vec<String>),
    /// Not known: what could not be looked at.
    Unknown(Vec<String>),
}

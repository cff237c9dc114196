//! Floor 0: the nouns of the product. Plain data, `std` + `serde` + `time`, no I/O, no async, no `crate::` imports
//! from higher floors. Every other room speaks in these words.

pub mod authentication;
pub mod category;
pub mod check_id;
pub mod comparison;
pub mod delivery;
pub mod diagnostic;
pub mod digest;
pub mod dns;
pub mod doctor;
pub mod drill;
pub mod endpoints;
pub mod esp;
pub mod event;
pub mod evidence;
pub mod finding;
pub mod header_text;
pub mod held;
pub mod http;
pub mod mailbox;
pub mod oauth;
pub mod one_click;
pub mod percentile;
pub mod placement;
pub mod policy;
pub mod probe;
pub mod profile;
pub mod raw;
pub mod region;
pub mod report;
pub mod route;
pub mod secret;
pub mod severity;
pub mod submission;
pub mod suite;
pub mod tls;
pub mod waiver;
pub mod watch;
pub mod zone;

pub use authentication::{
    Authentication, DkimFact, DkimResult, DmarcFact, DmarcReading, DmarcResult, SpfFact, SpfRecordRead, SpfResult,
    SpfTerm, SpfTrace,
};
pub use category::Category;
pub use check_id::CheckId;
pub use delivery::{Delivery, DeliveryId, Token};
pub use diagnostic::{Diagnostic, Place};
pub use digest::{AlignmentRow, Digest, HopRow, LinkKind, LinkRow, PixelRow, ProviderWord};
pub use dns::{DnsAnswer, DnsRecords, RecordType};
pub use doctor::{DoctorLine, Level};
pub use drill::{DrillTerms, Listed, Press, PressAnswer, Reactivation, Suppression};
pub use endpoints::Endpoints;
pub use esp::{EspAnswer, EspEvent, EspEventKind, EspFate, EspLog, EspStory, EspTrace, LogKind};
pub use event::RunEvent;
pub use evidence::{Drill, Evidence, Followed, Subject};
pub use finding::{Finding, Verdict, Waived};
pub use held::Held;
pub use http::{Hop, HopEnd, Purpose, UrlProbe};
pub use mailbox::SeedMailbox;
pub use one_click::OneClick;
pub use placement::{Placement, PlacementState};
pub use policy::{LinkPolicy, Policy};
pub use probe::{Looked, Probe, Reason, Why};
pub use profile::{FolderRole, Profile};
pub use raw::RawMessage;
pub use region::Region;
pub use report::{JudgedDelivery, Report, RunFinding, Totals};
pub use route::{Contract, Route, RoutePolicy};
pub use secret::{Secret, SecretRef};
pub use severity::Severity;
pub use submission::{SendOutcome, SmtpReply, Submission, Try};
pub use suite::{Case, Gate, Suite};
pub use tls::TlsFacts;
pub use waiver::{Waiver, WaiverUse};
pub use watch::{Arrival, Gap, Mark, MatchedBy, Sighting, WatchLog};
pub use zone::{Zone, ZoneEntry};

//! The stable ids of all checks. Reports, configuration, README rows and file names use exactly these words.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! check_ids {
    ($($variant:ident = $id:literal),* $(,)?) => {
        /// A check's stable identity. `Display` and `FromStr` use the kebab-case id.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum CheckId {
            $(#[doc = concat!("`", $id, "`")] #[serde(rename = $id)] $variant,)*
        }

        impl CheckId {
            /// Every id, in catalogue order.
            pub const ALL: &'static [CheckId] = &[$(CheckId::$variant),*];

            /// The kebab-case id.
            pub fn as_str(self) -> &'static str {
                match self { $(CheckId::$variant => $id),* }
            }
        }

        impl FromStr for CheckId {
            type Err = UnknownCheck;
            fn from_str(text: &str) -> Result<Self, UnknownCheck> {
                match text { $($id => Ok(CheckId::$variant),)* _ => Err(UnknownCheck(text.to_owned())) }
            }
        }
    };
}

check_ids! {
    Arrival = "arrival",
    Placement = "placement",
    Duplicate = "duplicate",
    FromAlignment = "from-alignment",
    DkimSignature = "dkim-signature",
    DkimStrength = "dkim-strength",
    Spf = "spf",
    Dmarc = "dmarc",
    ProviderVerdict = "provider-verdict",
    TransportTls = "transport-tls",
    FromIdentity = "from-identity",
    Stream = "stream",
    HeaderHygiene = "header-hygiene",
    LinkRewrite = "link-rewrite",
    LinkDestination = "link-destination",
    LinkHealth = "link-health",
    DoubleTracking = "double-tracking",
    OpenPixel = "open-pixel",
    ListUnsubscribe = "list-unsubscribe",
    UnsubscribeLink = "unsubscribe-link",
    UnsubscribeDrill = "unsubscribe-drill",
    Suppression = "suppression",
    ContentIntact = "content-intact",
    MergeTags = "merge-tags",
    MessageSize = "message-size",
    TextPart = "text-part",
    Images = "images",
    Preheader = "preheader",
    StagingLeak = "staging-leak",
    ClientSupport = "client-support",
    SpamScore = "spam-score",
    EspEvents = "esp-events",
    BulkSenderGmail = "bulk-sender-gmail",
    BulkSenderYahoo = "bulk-sender-yahoo",
    BulkSenderMicrosoft = "bulk-sender-microsoft",
    ArrivalPercentile = "arrival-percentile",
    InboxRate = "inbox-rate",
    EventLatency = "event-latency",
    FromNameConsistency = "from-name-consistency",
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no check id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCheck(pub String);

impl fmt::Display for UnknownCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown check '{}'", self.0)
    }
}

impl std::error::Error for UnknownCheck {}

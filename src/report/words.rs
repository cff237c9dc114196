//! The words of the enumerations that several formats write.

use crate::model::{DkimResult, DmarcResult, LinkKind, MatchedBy, SpfResult};

/// RFC 8601 §2.7.1.
pub fn dkim(result: DkimResult) -> &'static str {
    match result {
        DkimResult::Pass => "pass",
        DkimResult::Fail => "fail",
        DkimResult::PermError => "permerror",
        DkimResult::TempError => "temperror",
    }
}

/// RFC 8601 §2.7.2.
pub fn spf(result: SpfResult) -> &'static str {
    match result {
        SpfResult::Pass => "pass",
        SpfResult::Fail => "fail",
        SpfResult::SoftFail => "softfail",
        SpfResult::Neutral => "neutral",
        SpfResult::None => "none",
        SpfResult::TempError => "temperror",
        SpfResult::PermError => "permerror",
    }
}

/// RFC 7489 §11.2.
pub fn dmarc(result: DmarcResult) -> &'static str {
    match result {
        DmarcResult::Pass => "pass",
        DmarcResult::Fail => "fail",
        DmarcResult::None => "none",
        DmarcResult::TempError => "temperror",
        DmarcResult::PermError => "permerror",
    }
}

/// What may be done with a link.
pub fn link(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Link => "link",
        LinkKind::Unsubscribe => "unsubscribe",
        LinkKind::NoFollow => "no-follow",
    }
}

/// What tied a message to its delivery.
pub fn matched(by: MatchedBy) -> &'static str {
    match by {
        MatchedBy::Header => "header",
        MatchedBy::Metadata => "metadata",
        MatchedBy::Body => "body",
        MatchedBy::Address => "address",
        MatchedBy::EspId => "esp-id",
    }
}

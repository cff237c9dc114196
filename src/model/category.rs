//! The categories of mail: what decides which rules apply.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of mail it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Order mail.
    Transactional,
    /// Campaigns.
    Marketing,
    /// An operational mail with an offer in it.
    Hybrid,
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Category::Transactional => "transactional",
            Category::Marketing => "marketing",
            Category::Hybrid => "hybrid",
        })
    }
}

//! The regions of Customer.io and their hosts.

use serde::{Deserialize, Serialize};

/// Where a Customer.io workspace lives: each region has hosts of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Region {
    /// `api.customer.io`, `track.customer.io`.
    #[default]
    Us,
    /// `api-eu.customer.io`, `track-eu.customer.io`.
    Eu,
}

impl Region {
    /// Host of the App API.
    pub fn app_host(self) -> &'static str {
        match self {
            Region::Us => "api.customer.io",
            Region::Eu => "api-eu.customer.io",
        }
    }

    /// Host of the Track API.
    pub fn track_host(self) -> &'static str {
        match self {
            Region::Us => "track.customer.io",
            Region::Eu => "track-eu.customer.io",
        }
    }
}

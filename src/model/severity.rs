//! How loud a check may be, as stated by suite or case.

use serde::{Deserialize, Serialize};

/// How loud a check may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Do not run it (reported as skipped `turned-off`).
    Off,
    /// Failures count as warnings.
    Warn,
    /// As the check says.
    Fail,
}

//! What a route logs in with.

use crate::model::Secret;

/// Login name and password, both secret (some vendors use one token as both). `Debug` prints `***`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Login name.
    pub username: Secret,
    /// Password.
    pub password: Secret,
}

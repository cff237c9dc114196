//! Secrets: a reference that may be committed, and a value that never prints.

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// A resolved secret. `Debug` and `Display` print `***`; it can not be serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Secret(value.into())
    }

    /// The value, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A server's words without the value: some repeat the line they refuse, as it stood or as a quoted string.
    pub fn hidden_in(&self, text: &str) -> String {
        let quoted = self.0.replace('\\', "\\\\").replace('"', "\\\"");
        match self.0.is_empty() {
            true => text.to_owned(),
            false => text.replace(&quoted, "***").replace(&self.0, "***"),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where a secret comes from, as written in TOML: `${env:NAME}`, `${env:NAME:-default}`, `${file:PATH}`, or a literal (which is
/// itself secret).
#[derive(Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// `${env:NAME}`.
    Env(String),
    /// `${env:NAME:-default}`: the default counts where the variable is unset or empty, and is itself secret.
    EnvOr(String, Secret),
    /// `${file:PATH}`, relative to the file that holds the reference; one trailing line break is removed.
    File(String),
    /// The value itself.
    Literal(Secret),
}

impl SecretRef {
    /// Reads the TOML form.
    pub fn parse(text: &str) -> SecretRef {
        let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        match inner.and_then(|inner| inner.split_once(':')) {
            Some(("env", rest)) => match rest.split_once(":-") {
                Some((name, default)) => SecretRef::EnvOr(name.to_owned(), Secret::new(default)),
                None => SecretRef::Env(rest.to_owned()),
            },
            Some(("file", path)) => SecretRef::File(path.to_owned()),
            _ => SecretRef::Literal(Secret::new(text)),
        }
    }

    /// Does the file hold the secret itself?
    pub fn is_literal(&self) -> bool {
        matches!(self, SecretRef::Literal(_))
    }
}

impl fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretRef::Env(name) => write!(f, "${{env:{name}}}"),
            SecretRef::EnvOr(name, _) => write!(f, "${{env:{name}:-***}}"),
            SecretRef::File(path) => write!(f, "${{file:{path}}}"),
            SecretRef::Literal(_) => f.write_str("***"),
        }
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| SecretRef::parse(&text))
    }
}

impl Serialize for SecretRef {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{self:?}"))
    }
}

//! Named misbehaviours of the lab, each scopable to cases, routes and mailboxes. A fault acts on the deliveries it matches and
//! on nothing else.

use crate::lab::attempt::Attempt;
use crate::lab::fault_kind::FaultKind;
use crate::model::DeliveryId;
use globset::GlobMatcher;
use std::fmt;
use std::time::Duration;

/// A fault's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// None.
    Nothing,
    /// A time.
    Time(Duration),
    /// An SMTP code, 500..=599.
    Code(u16),
    /// One of the fault's words.
    Word(&'static str),
    /// As written: what the IMAP server reads by itself (`fetch:2`, `always`).
    Written(String),
}

/// One fault with its value and scope.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Which.
    pub kind: FaultKind,
    /// Its value.
    pub value: Value,
    /// As written, without the scope but for the attempt (`delay=5`, `drop@attempt=1`).
    pub spec: String,
    /// Which deliveries.
    pub scope: Scope,
}

/// Which deliveries a fault acts on: all globs that are there must match.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// By case.
    pub case: Option<GlobMatcher>,
    /// By route.
    pub route: Option<GlobMatcher>,
    /// By mailbox.
    pub mailbox: Option<GlobMatcher>,
    /// By attempt.
    pub attempt: Option<GlobMatcher>,
}

impl Fault {
    /// Does it act on this attempt?
    pub fn acts_on(&self, attempt: &Attempt) -> bool {
        self.matches(&attempt.id) && fits(&self.scope.attempt, &attempt.number.to_string())
    }

    /// Does it act on this delivery, in whichever attempt?
    pub fn matches(&self, id: &DeliveryId) -> bool {
        fits(&self.scope.case, &id.case) && fits(&self.scope.route, &id.route) && fits(&self.scope.mailbox, &id.mailbox)
    }

    /// Does it act on this route (whatever the case and mailbox)?
    pub fn matches_route(&self, route: &str) -> bool {
        fits(&self.scope.route, route)
    }

    /// Does it act on this mailbox (whatever the case and route)?
    pub fn matches_mailbox(&self, mailbox: &str) -> bool {
        fits(&self.scope.mailbox, mailbox)
    }

    /// Was it narrowed to some routes?
    pub fn names_routes(&self) -> bool {
        self.scope.route.is_some()
    }

    /// The time, for faults that take seconds; zero otherwise.
    pub fn time(&self) -> Duration {
        match self.value {
            Value::Time(time) => time,
            _ => Duration::ZERO,
        }
    }

    /// The value as the IMAP part of the lab reads it.
    pub fn written(&self) -> Option<String> {
        match &self.value {
            Value::Written(text) => Some(text.clone()),
            Value::Time(time) => Some(time.as_secs_f64().to_string()),
            _ => None,
        }
    }

    /// The word, for faults that take one; empty otherwise.
    pub fn word(&self) -> &'static str {
        match self.value {
            Value::Word(word) => word,
            _ => "",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spec)
    }
}

fn fits(glob: &Option<GlobMatcher>, name: &str) -> bool {
    glob.as_ref().is_none_or(|glob| glob.is_match(name))
}

/// The faults that act on one attempt of a delivery.
#[derive(Debug, Clone, Default)]
pub struct Active<'a>(Vec<&'a Fault>);

impl<'a> Active<'a> {
    /// Those of `faults` that match.
    pub fn of(faults: &'a [Fault], attempt: &Attempt) -> Active<'a> {
        Active(faults.iter().filter(|fault| fault.acts_on(attempt)).collect())
    }

    /// The fault, if it acts here (the last one given wins).
    pub fn get(&self, kind: FaultKind) -> Option<&'a Fault> {
        self.0.iter().rev().find(|fault| fault.kind == kind).copied()
    }

    /// Does it act here?
    pub fn has(&self, kind: FaultKind) -> bool {
        self.get(kind).is_some()
    }

    /// The time of a fault that takes seconds; zero where it does not act.
    pub fn time(&self, kind: FaultKind) -> Duration {
        self.get(kind).map_or(Duration::ZERO, Fault::time)
    }

    /// As [`Fault::spec`] tells them, in the order given.
    pub fn specs(&self) -> Vec<String> {
        self.0.iter().map(|fault| fault.spec.clone()).collect()
    }
}

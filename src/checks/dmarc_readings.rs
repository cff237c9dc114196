//! DMARC's verdict by each of the two standards that receivers follow: RFC 7489 with the public suffix list, RFC 9989 with the tree
//! walk. Each has its own record, policy, mode and organisation.

use super::check::Subject;
use super::spoken_for;
use crate::mail::reading::Reading;
use crate::model::{Authentication, DmarcResult, Evidence, Policy};

/// What a receiver of one standard makes of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Pass, fail, none (no record), permerror (a record that is not used), temperror (not known).
    pub result: DmarcResult,
    /// The policy that applies to the From domain, where a usable record was found.
    pub policy: Option<String>,
    /// The record, or why there is none, in words.
    pub detail: String,
}

/// Both of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readings {
    /// RFC 7489.
    pub list: Made,
    /// RFC 9989.
    pub walk: Made,
}

/// Asks both.
pub fn of(auth: &Authentication, by: crate::mail::alignment::Both) -> Readings {
    let ours = &auth.dmarc;
    let walk = made(ours.result, by.walk, &ours.policy, &ours.detail);
    let list = match &ours.list {
        Some(list) => made(list.result, by.list, &list.policy, &list.detail),
        None => made(ours.result, by.list, &ours.policy, &ours.detail),
    };
    Readings { list, walk }
}

fn made(looked_up: DmarcResult, aligned: Option<bool>, policy: &Option<String>, detail: &str) -> Made {
    let result = match (looked_up, aligned) {
        (DmarcResult::Pass | DmarcResult::Fail, Some(true)) => DmarcResult::Pass,
        (DmarcResult::Pass | DmarcResult::Fail, Some(false)) => DmarcResult::Fail,
        (DmarcResult::Pass | DmarcResult::Fail, None) => DmarcResult::TempError,
        (other, _) => other,
    };
    Made {
        result,
        policy: policy.clone(),
        detail: detail.to_owned(),
    }
}

/// The two verdicts over evidence; `None` where nothing was verified, or there is not exactly one From address.
pub fn over(evidence: &Evidence, policy: &Policy) -> Option<Readings> {
    let (raw, auth) = (evidence.raw()?, evidence.authentication.as_ref()?);
    auth.from_domain.as_ref()?;
    let reading = Reading::new(raw);
    let subject = Subject {
        reading: &reading,
        original: None,
        evidence,
        policy,
    };
    Some(of(auth, spoken_for::ask(&subject, auth).by))
}

impl Made {
    /// In words: `pass, p=reject` or `none`.
    fn words(&self) -> String {
        let result = format!("{:?}", self.result).to_lowercase();
        match &self.policy {
            Some(policy) => format!("{result}, p={policy}"),
            None => result,
        }
    }
}

impl Readings {
    /// The policy, or the two of them.
    pub fn policies(&self) -> String {
        let word = |made: &Made| made.policy.clone().unwrap_or_else(|| "none".to_owned());
        match word(&self.list) == word(&self.walk) {
            true => format!("p={}", word(&self.walk)),
            false => format!("p={} by RFC 9989, p={} by RFC 7489", word(&self.walk), word(&self.list)),
        }
    }

    /// Which readings agree, and where they differ, how.
    pub fn told(&self) -> Vec<String> {
        let (list, walk) = (self.list.words(), self.walk.words());
        if self.list == self.walk {
            return vec![
                format!("both readings (RFC 7489, RFC 9989): {walk}"),
                self.walk.detail.clone(),
            ];
        }
        if list == walk && (self.walk.policy.is_none() || self.list.result == DmarcResult::TempError) {
            return vec![
                format!("both readings (RFC 7489, RFC 9989): {walk}"),
                self.walk.detail.clone(),
            ];
        }
        let head = match list == walk {
            true => format!("both readings come to {walk}, from different records or words:"),
            false => "the readings differ:".to_owned(),
        };
        vec![
            head,
            format!("RFC 9989 (tree walk): {walk}; {}", self.walk.detail),
            format!("RFC 7489 (public suffix list): {list}; {}", self.list.detail),
        ]
    }
}

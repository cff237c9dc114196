//! A plan as it is stored with its run, and how it becomes a plan again: the messages as they were composed, the policies as they were
//! resolved. Routes and mailboxes are read from their files anew, since secrets are not stored, and must be what they were.

use super::plan::{Plan, Planned};
use crate::config::Loaded;
use crate::model::Gate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Files that a plan was made from, absolute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// Suites.
    pub suites: Vec<PathBuf>,
    /// The mailboxes file.
    pub mailboxes: PathBuf,
}

/// The stored form.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredPlan {
    /// Where routes and mailboxes are read anew.
    pub sources: Sources,
    /// The mailboxes file where the user named one.
    pub mailboxes_file: Option<String>,
    /// What every report says.
    pub notices: Vec<String>,
    deliveries: Vec<Planned>,
    gates: BTreeMap<String, Gate>,
    files: Vec<String>,
    web_hosts: Vec<String>,
    /// Settings by name; secrets in them are masked.
    routes: BTreeMap<String, Value>,
    mailboxes: BTreeMap<String, Value>,
}

impl StoredPlan {
    /// The plan with what else its reports need. `notices` are those of the run, besides the plan's own.
    pub fn of(
        plan: &Plan,
        sources: Sources,
        mailboxes_file: Option<String>,
        notices: &[String],
    ) -> serde_json::Result<StoredPlan> {
        Ok(StoredPlan {
            sources,
            mailboxes_file,
            notices: [&plan.notices, notices].concat(),
            deliveries: plan.deliveries.clone(),
            gates: plan.gates.clone(),
            files: plan.files.clone(),
            web_hosts: plan.web_hosts.clone(),
            routes: masked(&plan.routes)?,
            mailboxes: masked(&plan.mailboxes)?,
        })
    }

    /// The plan again. `open` tells which deliveries still need their route and mailbox. The error says what has changed since.
    pub fn plan(self, loaded: &Loaded, open: impl Fn(&Planned) -> bool) -> Result<Plan, String> {
        let mut plan = Plan {
            gates: self.gates,
            files: self.files,
            web_hosts: self.web_hosts,
            ..Plan::default()
        };
        for planned in self.deliveries.iter().filter(|planned| open(planned)) {
            let drill = planned.drill.iter().map(|drill| &drill.terms.receipt_route);
            for name in drill.chain([&planned.delivery.id.route]) {
                let route = same("route", name, &self.routes, &loaded.routes)?;
                plan.routes.entry(name.clone()).or_insert_with(|| route.clone());
            }
            let name = &planned.delivery.id.mailbox;
            let seed = same("mailbox", name, &self.mailboxes, &loaded.mailboxes)?;
            plan.mailboxes.entry(name.clone()).or_insert_with(|| seed.clone());
        }
        plan.deliveries = self.deliveries;
        Ok(plan)
    }
}

fn masked<T: Serialize>(all: &BTreeMap<String, T>) -> serde_json::Result<BTreeMap<String, Value>> {
    all.iter()
        .map(|(name, one)| Ok((name.clone(), serde_json::to_value(one)?)))
        .collect()
}

/// What the files say now, where that is what they said then. A message was composed for one address and one way there, and goes
/// nowhere else.
fn same<'l, T: Serialize>(
    what: &str,
    name: &str,
    then: &BTreeMap<String, Value>,
    now: &'l BTreeMap<String, T>,
) -> Result<&'l T, String> {
    let found = now
        .get(name)
        .ok_or_else(|| format!("{what} {name} is in the files no more"))?;
    let settings = serde_json::to_value(found).map_err(|error| error.to_string())?;
    match then.get(name) == Some(&settings) {
        true => Ok(found),
        false => Err(format!("{what} {name} has changed since the run began")),
    }
}

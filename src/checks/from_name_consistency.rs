//! `from-name-consistency`: does one sender have one name over the whole run?

use super::check::{Check, Needs, Rule};
use super::web;
use crate::mail::reading::Reading;
use crate::model::report::RunFinding;
use crate::model::{CheckId, Finding, Gate, JudgedDelivery, Verdict};
use std::collections::{BTreeMap, BTreeSet};

const ID: CheckId = CheckId::FromNameConsistency;
/// Deliveries told by name for each form.
const MOST_TOLD: usize = 3;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "one From address has one name over the run",
    explain: "Compares the From display name of every message that was seen, by its address: the same address with two names fails, and so does one that has a name here and none there. Different addresses may have \
different names (\"Brand Receipts\", \"Brand News\"). Needs at least two messages of one address.\n\
Why it matters: readers know a sender by its name; two names of one address look like a forgery, split threads and contact pictures, and filters weigh name and address together.\n\
What to do: the report names the routes; set the same name there (Postmark sender signature, Customer.io From identity), or state it as `from` in the contract of each.",
    sources: &[
        "RFC 5322 §3.6.2 (From)",
        "Google, Email sender guidelines (messages of one kind come from one From address)",
    ],
    reasons: &[
        ("ok", "every address has one name"),
        ("drift", "an address has several names"),
        ("no-pair", "no address was seen twice"),
    ],
    needs: Needs::Run,
    follows: &[],
    run: Rule::Run(judge),
};

/// Names by address, and where each was seen.
type Names = BTreeMap<String, BTreeMap<String, Vec<String>>>;

fn judge(deliveries: &[JudgedDelivery], _: &Gate) -> Vec<RunFinding> {
    let names = names(deliveries);
    let seen = names.values().flat_map(BTreeMap::values).map(Vec::len);
    if deliveries.len() < 2 || seen.sum::<usize>() < 2 {
        return Vec::new();
    }
    let drifted: Vec<&String> = names
        .iter()
        .filter(|(_, forms)| forms.len() > 1)
        .map(|(address, _)| address)
        .collect();
    let findings = match drifted.is_empty() {
        true => vec![sound(&names)],
        false => drifted
            .into_iter()
            .map(|address| drift(address, &names[address]))
            .collect(),
    };
    findings
        .into_iter()
        .map(|finding| RunFinding {
            group: String::new(),
            finding,
        })
        .collect()
}

fn sound(names: &Names) -> Finding {
    if names.values().all(|forms| forms.values().all(|seen| seen.len() < 2)) {
        return Finding::new(ID, Verdict::Skip, "no-pair", "no From address was seen twice");
    }
    let told: Vec<String> = names
        .iter()
        .filter_map(|(address, forms)| Some(format!("{} <{address}>", named(forms.keys().next()?))))
        .collect();
    Finding::new(ID, Verdict::Pass, "ok", web::listed(&told))
}

fn drift(address: &str, forms: &BTreeMap<String, Vec<String>>) -> Finding {
    let told: Vec<String> = forms
        .iter()
        .map(|(name, seen)| format!("{} at {}", named(name), places(seen)))
        .collect();
    Finding::new(ID, Verdict::Fail, "drift", format!("{address} has {} names", forms.len()))
        .with("one name for one address", web::listed(&told))
        .help("Readers know a sender by its name. Set the same one at every route and stream, and state it as `from` in the contract of each.")
}

fn named(name: &str) -> String {
    match name {
        "" => "no name".to_owned(),
        name => format!("'{name}'"),
    }
}

fn places(seen: &[String]) -> String {
    let distinct: BTreeSet<&String> = seen.iter().collect();
    let told: Vec<&str> = distinct.iter().take(MOST_TOLD).map(|place| place.as_str()).collect();
    match distinct.len().saturating_sub(MOST_TOLD) {
        0 => told.join(", "),
        more => format!("{}, and {more} more", told.join(", ")),
    }
}

fn names(deliveries: &[JudgedDelivery]) -> Names {
    let mut names = Names::new();
    for judged in deliveries {
        let Some(raw) = judged.evidence.raw() else { continue };
        let place = match &judged.evidence.subject {
            crate::model::Subject::Delivery(delivery) => format!("{} / {}", delivery.id.case, delivery.id.route),
            crate::model::Subject::File(_) => continue,
        };
        // Several addresses are another check's matter.
        let from = Reading::new(raw).from();
        let [one] = from.as_slice() else { continue };
        let name = one.name.clone().unwrap_or_default();
        let forms = names.entry(one.address.to_lowercase()).or_default();
        forms.entry(name).or_default().push(place);
    }
    names
}

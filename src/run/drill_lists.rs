//! The lists of the services that a drilled message passes: looked at before anybody presses, asked after it, and cleared at the end.
//! Behind Customer.io the message is Postmark's too, and either may be the one that takes the reader off.

use super::plan::Planned;
use super::reactivation;
use crate::model::{Evidence, Reactivation, Reason, Suppression, Why};
use crate::route::Log;
use crate::store::{Begun, Settled, Store, Unsubscribing};

/// One list, and the seed as it names it.
pub struct Listing<'s> {
    log: &'s Log,
    what: Unsubscribing,
}

/// The lists of a route's services for one delivery; none where no service keeps one.
pub fn of<'s>(logs: &'s [Log], run: &str, planned: &Planned, evidence: &Evidence) -> Vec<Listing<'s>> {
    let id = &planned.delivery.id;
    let told = |log: &Log| {
        let mut own = evidence.esp.iter().filter(|trace| trace.log == log.kind);
        own.find_map(|trace| trace.story()?.stream.clone())
    };
    let listing = |log: &'s Log| Listing {
        log,
        what: Unsubscribing {
            run: run.to_owned(),
            delivery: id.to_string(),
            route: id.route.clone(),
            log: log.kind.to_string(),
            stream: told(log).unwrap_or_else(|| log.stream().to_owned()),
            address: log.listed_as(&planned.envelope_to, &planned.person).to_owned(),
        },
    };
    logs.iter().filter(|log| log.has_list()).map(listing).collect()
}

impl Listing<'_> {
    /// For reports: `postmark, stream broadcast`.
    pub fn words(&self) -> String {
        format!("{}, stream {}", self.what.log, self.what.stream)
    }

    /// What to do by hand where it can not be undone.
    pub fn seed(&self) -> String {
        let what = &self.what;
        format!(
            "{} on stream {} of route {} ({})",
            what.address, what.stream, what.route, what.log
        )
    }
}

/// A seed that is on a list already can not be drilled.
pub async fn free(lists: &[Listing<'_>]) -> Result<(), Reason> {
    for list in lists {
        let what = &list.what;
        match list.log.suppressed(&what.stream, &what.address).await {
            Ok(None) => {}
            Ok(Some(entry)) => {
                let text = format!("{} is on the list of {}: {entry}", what.address, what.log);
                return Err(Reason::new("already-listed", text));
            }
            Err(why) => return Err(Reason::new("log-unreachable", why.detail)),
        }
    }
    Ok(())
}

/// A row a list in the journal, before anybody presses. Where one can not be written nothing is pressed.
pub async fn begin(store: &Store, lists: &[Listing<'_>]) -> Result<Vec<Begun>, Reason> {
    let mut rows = Vec::new();
    for list in lists {
        match store.begin_drill(&list.what).await {
            Ok(begun) => rows.push(begun),
            Err(error) => {
                for begun in rows {
                    // A row that stays open is looked at by the next start, which finds nothing to undo.
                    let _ = store.settle_drill(begun, Settled::Nothing).await;
                }
                return Err(Reason::new("journal", format!("nothing was pressed: {error}")));
            }
        }
    }
    Ok(rows)
}

/// The first list that names the seed.
pub async fn entry(lists: &[Listing<'_>]) -> Result<Option<Suppression>, Why> {
    for list in lists {
        if let Some(entry) = list.log.suppressed(&list.what.stream, &list.what.address).await? {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// Takes the seed off every list on which the drill put it. What is left undone anywhere outranks what was done elsewhere.
pub async fn lift(store: &Store, lists: &[Listing<'_>], rows: Vec<Begun>, certain: bool) -> Reactivation {
    let mut end = Reactivation::NotNeeded;
    for (list, begun) in lists.iter().zip(rows) {
        let one = reactivation::lift(store, list.log, &list.what, begun, certain).await;
        if rank(&one) > rank(&end) {
            end = one;
        }
    }
    end
}

fn rank(end: &Reactivation) -> u8 {
    match end {
        Reactivation::NotNeeded => 0,
        Reactivation::Done => 1,
        Reactivation::Left(_) => 2,
        Reactivation::Refused(_) => 3,
    }
}

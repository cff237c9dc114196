//! Starts the whole small internet on a runtime thread of its own and hands out plain data about it.

use crate::lab::attempt::Attempt;
use crate::lab::fault::Active;
use crate::lab::imap::{MailStore, Transcripts};
use crate::lab::oauth_desk::OAuthDesk;
use crate::lab::opening::{Blueprint, Open, open};
use crate::lab::post_office::Deposit;
use crate::lab::tracking::Tracked;
use crate::lab::web_desk::WebRequest;
use crate::model::{DeliveryId, Endpoints, LogKind, Secret, Why};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// The running lab. Stops when dropped.
pub struct World {
    open: Open,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl World {
    /// Starts the lab. Returns when every server listens.
    ///
    /// # Errors
    /// Codes `lab-…`: a socket, a key or a thread could not be had, or the blueprint contradicts itself.
    pub fn start(blueprint: Blueprint) -> Result<World, Why> {
        World::start_watched(blueprint, Arc::new(|_| {}))
    }

    /// As [`World::start`]; `watcher` is told of every message that arrives.
    ///
    /// # Errors
    /// As for [`World::start`].
    pub fn start_watched(blueprint: Blueprint, watcher: Deposit) -> Result<World, Why> {
        let failed = |error: &dyn std::fmt::Display| Why::new("lab-thread", format!("the lab's thread: {error}"));
        let (ready, opened) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let run = move || {
            let runtime = match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(ready.send(Err(Why::new("lab-thread", error.to_string())))),
            };
            runtime.block_on(async {
                match open(blueprint, watcher).await {
                    Ok((open, _dns)) => {
                        let _ = ready.send(Ok(open));
                        let _ = stopped.await;
                    }
                    Err(why) => drop(ready.send(Err(why))),
                }
            });
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new()
            .name("inboxqa-lab".to_owned())
            .spawn(run)
            .map_err(|error| failed(&error))?;
        let open = opened.recv().map_err(|error| failed(&error))??;
        Ok(World {
            open,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// How `net` reaches the lab.
    pub fn endpoints(&self) -> Endpoints {
        self.open.endpoints.clone()
    }

    /// The login minted for a route; `None` where the route logs in with nothing (or is unknown).
    pub fn route_credentials(&self, route: &str) -> Option<(String, Secret)> {
        self.open.route_logins.get(route).cloned().flatten()
    }

    /// The password minted for a seed mailbox.
    pub fn mailbox_password(&self, mailbox: &str) -> Option<Secret> {
        self.open.mailbox_passwords.get(mailbox).cloned()
    }

    /// The tokens minted for a route's logs, in their order.
    pub fn log_tokens(&self, route: &str) -> Vec<Secret> {
        let kinds = self.open.log_kinds.get(route).into_iter().flatten();
        let token = |kind: &LogKind| match kind {
            LogKind::Postmark => self.open.postmark.token(route),
            LogKind::CustomerIo => self.open.customerio.token(route),
        };
        kinds.filter_map(token).collect()
    }

    /// Site id and key minted for a route's Track API.
    pub fn track_credentials(&self, route: &str) -> Option<(Secret, Secret)> {
        self.open.customerio.track(route)
    }

    /// The authorization servers of the seeds' providers: client secrets, refresh tokens, and how to take them back.
    pub fn oauth(&self) -> OAuthDesk {
        self.open.oauth.clone()
    }

    /// The seeds' mailboxes, as their owner sees them.
    pub fn store(&self) -> MailStore {
        self.open.store.clone()
    }

    /// The faults that act on an attempt of a delivery, as written without their scope.
    pub fn active_faults(&self, id: &DeliveryId, attempt: u32) -> Vec<String> {
        let attempt = Attempt {
            id: id.clone(),
            number: attempt,
        };
        Active::of(&self.open.faults, &attempt).specs()
    }

    /// Every HTTP request so far, oldest first.
    pub fn requests(&self) -> Vec<WebRequest> {
        self.open.requests.all()
    }

    /// Every click, pixel and unsubscribe link the services have made so far, as `host/path?query`, in no order.
    pub fn tracked(&self) -> Vec<(String, Tracked)> {
        self.open.tracking.all()
    }

    /// What was said on every IMAP connection.
    pub fn transcripts(&self) -> Transcripts {
        self.open.transcripts.clone()
    }

    /// The lab's certificate authority, PEM.
    pub fn root_pem(&self) -> &str {
        &self.open.root_pem
    }

    /// How to reach everything, for people: hosts, ports, logins. Holds the minted passwords, which protect nothing.
    pub fn describe(&self) -> String {
        self.open.description.clone()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

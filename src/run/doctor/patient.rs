//! What is examined: a route or a mailbox, with what it takes to log in.

use crate::mailbox::Account;
use crate::model::{EspLog, LogKind, Route, Secret};
use crate::route::Credentials;

/// A route with what it takes to log in.
pub struct RouteToExamine {
    /// The route.
    pub route: Route,
    /// Its credentials, or why they are not there (an unset secret), in words.
    pub credentials: Result<Option<Credentials>, String>,
    /// Login of Customer.io's Track API, or why it is not there.
    pub track: Result<Option<Credentials>, String>,
    /// Extra trust anchor.
    pub extra_root_pem: Option<Vec<u8>>,
    /// Events that the cases send by it.
    pub events: Vec<String>,
    /// Seeds that are to get a message of a topic by it: address and topic.
    pub topics: Vec<(String, String)>,
    /// Keys to its logs in their order, or why they are not there.
    pub logs: Result<Vec<Secret>, String>,
}

impl RouteToExamine {
    /// The key to a service: the route's own, where it sends by that service, or that of its log, which is given then. `None` where the
    /// route has nothing to do with it; the error says why there is no key, in words.
    pub fn key(&self, service: LogKind) -> Option<Result<(Secret, Option<&EspLog>), String>> {
        if self.route.kind.service() == Some(service) {
            let login = self.credentials.as_ref().map_err(Clone::clone);
            let none = || Secret::new("");
            let key = login.map(|login| login.as_ref().map_or_else(none, |login| login.password.clone()));
            return Some(key.map(|key| (key, None)));
        }
        let at = self.route.logs.iter().position(|log| log.kind == service)?;
        match &self.logs {
            Ok(keys) => keys.get(at).map(|key| Ok((key.clone(), self.route.logs.get(at)))),
            Err(why) => Some(Err(why.clone())),
        }
    }
}

/// A mailbox with what it takes to log in.
pub struct MailboxToExamine {
    /// Table name.
    pub name: String,
    /// The account, or why it can not be opened, in words.
    pub account: Result<Account, String>,
}

//! What is examined: a route or a mailbox, with what it takes to log in.

use crate::mailbox::Account;
use crate::model::{Route, Secret};
use crate::route::Credentials;

/// A route with what it takes to log in.
pub struct RouteToExamine {
    /// The route.
    pub route: Route,
    /// Its credentials, or why they are not there (an unset secret), in words.
    pub credentials: Result<Option<Credentials>, String>,
    /// Extra trust anchor.
    pub extra_root_pem: Option<Vec<u8>>,
    /// Events that the cases send by it.
    pub events: Vec<String>,
    /// Keys to its logs in their order, or why they are not there.
    pub logs: Result<Vec<Secret>, String>,
}

/// A mailbox with what it takes to log in.
pub struct MailboxToExamine {
    /// Table name.
    pub name: String,
    /// The account, or why it can not be opened, in words.
    pub account: Result<Account, String>,
}

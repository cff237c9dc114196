//! Routes: ways to send, with the contract each makes about every message.

use super::category::Category;
use super::esp::{EspLog, LogKind};
use super::region::Region;
use super::secret::SecretRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the submission connection is secured. Plain credentials are never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Security {
    /// STARTTLS, required (RFC 3207).
    Starttls,
    /// Implicit TLS (RFC 8314).
    Tls,
}

/// A route by SMTP submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SmtpRoute {
    /// Host; also the name the certificate must carry.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Security.
    pub security: Security,
    /// Login name; without it no AUTH is done.
    pub username: Option<SecretRef>,
    /// Password.
    pub password: Option<SecretRef>,
    /// Headers added to every message.
    pub headers: BTreeMap<String, String>,
    /// Envelope sender; default: the From address.
    pub envelope_from: Option<String>,
    /// Extra trust anchor: path of a PEM file, relative to the routes file.
    pub ca_file: Option<String>,
}

/// Which links Postmark rewrites (`TrackLinks`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are Postmark's")]
pub enum TrackLinks {
    None,
    HtmlAndText,
    HtmlOnly,
    TextOnly,
}

/// A route by Postmark's API (`POST /email`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostmarkRoute {
    /// The server's API token.
    pub token: SecretRef,
    /// Message stream.
    pub stream: String,
    /// `Tag`.
    pub tag: Option<String>,
    /// `TrackOpens`; `None`: as the server is set.
    pub track_opens: Option<bool>,
    /// `TrackLinks`; `None`: as the server is set.
    pub track_links: Option<TrackLinks>,
    /// Hand messages over by the batch endpoints, as batches of one.
    #[serde(default)]
    pub batch: bool,
    /// Headers added to every message.
    pub headers: BTreeMap<String, String>,
}

/// A route by Customer.io's APIs: transactional messages, events that trigger campaigns, broadcasts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerIoRoute {
    /// Where the workspace lives.
    pub region: Region,
    /// The App API key.
    pub token: SecretRef,
    /// Site id and key of the Track API; events need them.
    pub track: Option<(SecretRef, SecretRef)>,
    /// Headers added to every message.
    pub headers: BTreeMap<String, String>,
}

/// What kind of route it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum RouteKind {
    /// SMTP submission.
    Smtp(SmtpRoute),
    /// Postmark's API.
    Postmark(PostmarkRoute),
    /// Customer.io's APIs.
    #[serde(rename = "customerio")]
    CustomerIo(CustomerIoRoute),
}

impl RouteKind {
    /// Headers added to every message.
    pub fn headers(&self) -> &BTreeMap<String, String> {
        match self {
            RouteKind::Smtp(smtp) => &smtp.headers,
            RouteKind::Postmark(postmark) => &postmark.headers,
            RouteKind::CustomerIo(customerio) => &customerio.headers,
        }
    }

    /// An extra trust anchor, as the user named it.
    pub fn ca_file(&self) -> Option<&str> {
        match self {
            RouteKind::Smtp(smtp) => smtp.ca_file.as_deref(),
            RouteKind::Postmark(_) | RouteKind::CustomerIo(_) => None,
        }
    }

    /// Login name and password, or what stands for both.
    pub fn login(&self) -> Option<(&SecretRef, &SecretRef)> {
        match self {
            RouteKind::Smtp(smtp) => smtp.username.as_ref().zip(smtp.password.as_ref()),
            RouteKind::Postmark(postmark) => Some((&postmark.token, &postmark.token)),
            RouteKind::CustomerIo(customerio) => Some((&customerio.token, &customerio.token)),
        }
    }

    /// The service whose answer names its own id of the message; SMTP servers do not.
    pub fn service(&self) -> Option<LogKind> {
        match self {
            RouteKind::Smtp(_) => None,
            RouteKind::Postmark(_) => Some(LogKind::Postmark),
            RouteKind::CustomerIo(_) => Some(LogKind::CustomerIo),
        }
    }

    /// Site id and key of Customer.io's Track API, which has a login of its own.
    pub fn track_login(&self) -> Option<(&SecretRef, &SecretRef)> {
        match self {
            RouteKind::CustomerIo(customerio) => customerio.track.as_ref().map(|(site, key)| (site, key)),
            RouteKind::Smtp(_) | RouteKind::Postmark(_) => None,
        }
    }
}

/// A route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// Table name.
    pub name: String,
    /// Kind with its settings.
    pub kind: RouteKind,
    /// Parallel submissions.
    pub concurrency: u32,
    /// Submissions a second at most; 0 = no limit.
    pub rate_per_second: f64,
    /// Who can be asked what became of a message.
    #[serde(default)]
    pub logs: Vec<EspLog>,
    /// The contract.
    pub contract: Contract,
}

impl Route {
    /// Is what it takes handed to Postmark as it is? Not what Customer.io hands on: that is made by Customer.io first.
    pub fn is_postmark(&self) -> bool {
        match &self.kind {
            RouteKind::Postmark(_) => true,
            RouteKind::CustomerIo(_) => false,
            RouteKind::Smtp(smtp) => {
                let host = smtp.host.trim_end_matches('.').to_ascii_lowercase();
                host.ends_with(".postmarkapp.com") || self.logs.iter().any(|log| log.kind == LogKind::Postmark)
            }
        }
    }

    /// Can every service that a message passes be asked whom it holds mail back from, and be told to send to somebody again? At
    /// Customer.io the login of the Track API is needed for that.
    pub fn has_lists(&self) -> bool {
        let has_list = |log: &EspLog| match log.kind {
            LogKind::Postmark => true,
            LogKind::CustomerIo => self.kind.track_login().is_some(),
        };
        !self.logs.is_empty() && self.logs.iter().all(has_list)
    }
}

/// Expected tracking of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "tracking", content = "by")]
pub enum Tracking {
    /// Nothing stated: not judged.
    #[default]
    Unstated,
    /// Must not be tracked.
    Off,
    /// Must go through this host.
    Host {
        /// The tracking host.
        host: String,
        /// Parts that are rewritten: `html`, `text`.
        parts: Vec<String>,
        /// Link kinds that stay as they are: `unsubscribe`, or globs of URLs.
        except: Vec<String>,
    },
}

/// What a route must do to every message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Categories that may use the route; empty = all.
    pub categories: Vec<Category>,
    /// Expected From: `Name <address>` or an address alone.
    pub from: Option<String>,
    /// Expected Reply-To address.
    pub reply_to: Option<String>,
    /// Domains that must each have a verifying DKIM signature.
    pub dkim: Vec<String>,
    /// Expected envelope sender domain.
    pub return_path: Option<String>,
    /// Click tracking.
    pub clicks: Tracking,
    /// Open tracking.
    pub opens: Tracking,
    /// Globs of query parameters the route may append.
    pub may_append: Vec<String>,
    /// May the route add words behind the last one of a part?
    #[serde(default)]
    pub may_append_footer: bool,
    /// Mail clients that must show everything a message uses: `family` or `family/platform`. Empty: told, not judged.
    #[serde(default)]
    pub clients: Vec<String>,
    /// Features of HTML and CSS that they may lose all the same, by slug.
    #[serde(default)]
    pub may_lose: Vec<String>,
    /// Selectors by domain, for `doctor` (a selector is otherwise learnt from a delivered message).
    pub selectors: BTreeMap<String, String>,
}

/// `[policy]` of the routes file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RoutePolicy {
    /// Route by category for cases that name none.
    pub default_route: BTreeMap<Category, String>,
}

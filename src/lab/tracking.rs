//! What the lab's tracking hosts know: which click leads where, which pixel belongs to whom, and how each misbehaves.
//! Faults of links sit here, behind ids, so they can not leak to other deliveries.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What a known path of a tracking host does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tracked {
    /// A click that leads to `destination`.
    Click {
        /// Where it leads.
        destination: String,
        /// How the hop behaves.
        manner: ClickManner,
    },
    /// An open pixel.
    Pixel(PixelManner),
    /// An unsubscribe link: GET shows a page, the POST of one click (RFC 8058) unsubscribes.
    Unsubscribe(PressManner),
}

/// How a click hop behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClickManner {
    /// Redirects to the destination.
    #[default]
    Redirect,
    /// 404.
    Dead,
    /// Redirects to itself.
    Loop,
    /// Redirects to its own http URL, which redirects to the destination.
    Downgrade,
    /// Redirects to its own host at the port of the wrong certificate.
    BadCertificate,
    /// Redirects to a link-local address.
    Private,
    /// 429.
    TooMany,
}

/// How a pixel behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PixelManner {
    /// A transparent GIF.
    #[default]
    Image,
    /// 404.
    Dead,
    /// 200 with an HTML page.
    Page,
}

/// How an unsubscribe link takes the POST of one click.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PressManner {
    /// 200, and the reader is off this stream.
    #[default]
    Obeys,
    /// Redirects to a page that asks.
    Redirects,
    /// 403 and a cookie, without which nothing happens.
    NeedsCookie,
    /// 200, and nothing else.
    Ignores,
    /// 200, and the reader is off every stream, receipts as well.
    Overdoes,
}

/// The register of tracked URLs. Shared between the sending services and the web server.
#[derive(Debug, Default)]
pub struct Tracking(Mutex<HashMap<String, Owned>>);

/// A tracked URL and the service's id of the message it belongs to.
#[derive(Debug, Clone)]
struct Owned {
    tracked: Tracked,
    message: String,
}

impl Tracking {
    /// Registers an absolute `http(s)` URL of a message.
    pub fn register(&self, url: &str, message: &str, tracked: Tracked) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let message = message.to_owned();
        known.insert(key_of(url), Owned { tracked, message });
    }

    /// Everything registered, as `host/path?query`.
    pub fn all(&self) -> Vec<(String, Tracked)> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .iter()
            .map(|(key, owned)| (key.clone(), owned.tracked.clone()))
            .collect()
    }

    /// What is known of `host` and `path` (with its query), and the message it belongs to.
    pub fn find(&self, host: &str, path: &str) -> Option<(Tracked, String)> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let owned = known.get(&format!("{}{path}", host.to_ascii_lowercase()))?;
        Some((owned.tracked.clone(), owned.message.clone()))
    }
}

/// `host/path?query`: the scheme does not matter, a downgraded click is the same click.
fn key_of(url: &str) -> String {
    let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
    match bare.find('/') {
        Some(slash) => format!("{}{}", bare[..slash].to_ascii_lowercase(), &bare[slash..]),
        None => format!("{}/", bare.to_ascii_lowercase()),
    }
}

//! Saved letters of a check's data folder, and chains of requests, put into scenes.

use super::scene::{Scene, delivered};
use inboxqa::model::route::Tracking;
use inboxqa::model::{CheckId, Hop, HopEnd, Purpose, RawMessage, UrlProbe};

/// `tests/data/checks/<id>/<name>.eml`.
pub fn letter(id: CheckId, name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/checks/{id}/{name}.eml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The delivered letter of that name beside `composed.eml`.
pub fn sent(id: CheckId, name: &str) -> Scene {
    let mut scene = delivered(&letter(id, name));
    scene.evidence.original = Some(RawMessage(letter(id, "composed")));
    scene.policy.contract.clicks = clicks("click.pstmrk.it");
    scene
}

/// Clicks by a host in both parts, unsubscribe links excepted.
pub fn clicks(host: &str) -> Tracking {
    Tracking::Host {
        host: host.into(),
        parts: vec!["html".into(), "text".into()],
        except: vec!["unsubscribe".into()],
    }
}

/// A request and its answer.
pub fn hop(url: &str, status: u16) -> Hop {
    Hop {
        url: url.into(),
        status: Some(status),
        location: None,
        peer: None,
        tls: None,
        hsts: None,
        content_type: Some("text/html; charset=utf-8".into()),
        body_bytes: 60,
        body_head: "3c21646f63747970652068746d6c3e".into(),
        elapsed_ms: 12,
    }
}

/// A chain that began at `url`.
pub fn chain(url: &str, hops: Vec<Hop>, end: HopEnd) -> UrlProbe {
    UrlProbe {
        url: url.into(),
        purpose: Purpose::Link,
        hops,
        end,
    }
}

/// An HTML letter that no parser is let loose on: nested far too deeply.
pub fn unreadable() -> Vec<u8> {
    format!(
        "Subject: x\r\nContent-Type: text/html\r\n\r\n{}",
        "<div>".repeat(50_000)
    )
    .into_bytes()
}

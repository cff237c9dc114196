//! `[route.NAME.log]`: who can be asked what became of a route's messages.

use super::desk::Desk;
use super::files::Source;
use super::reference;
use super::routes_file::{RawLog, RawLogKind};
use crate::model::{EspLog, LogKind, Place};
use std::collections::BTreeMap;
use toml::Spanned;

/// Turns raw logs into logs; `headers` are the route's own, `secrets` learns where each token stands.
pub(super) fn logs(
    name: &str,
    raw: Vec<RawLog>,
    headers: &BTreeMap<String, String>,
    secrets: &mut BTreeMap<String, Place>,
    source: &Source,
    desk: &mut Desk,
) -> Vec<EspLog> {
    let mut logs = Vec::new();
    for (index, log) in raw.into_iter().enumerate() {
        // The schema has told what is missing.
        let (Some(kind), Some(token)) = (log.kind, log.token) else {
            continue;
        };
        reference::check(&token, source, desk);
        secrets.insert(place_key(name, index), source.place(token.span()));
        let kind = match kind {
            RawLogKind::Postmark => LogKind::Postmark,
        };
        let stated = log.stream.map(Spanned::into_inner);
        let by_header = headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case("X-PM-Message-Stream"))
            .map(|(_, stream)| stream.clone());
        logs.push(EspLog {
            kind,
            token: token.into_inner(),
            stream: stated.or(by_header).unwrap_or_else(|| "outbound".to_owned()),
        });
    }
    logs
}

/// The key under which the place of a log's token is kept.
pub(super) fn place_key(route: &str, index: usize) -> String {
    format!("{route}.log[{index}].token")
}

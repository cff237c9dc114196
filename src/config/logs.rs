//! `[route.NAME.log]`: who can be asked what became of a route's messages.

use super::desk::Desk;
use super::files::Source;
use super::reference;
use super::route_api;
use super::routes_file::{RawLog, RawLogKind};
use crate::model::{EspLog, LogKind, Place, Region};
use std::collections::BTreeMap;
use toml::Spanned;

/// Turns raw logs into logs; `headers` and `region` are the route's own, `secrets` learns where each token stands.
pub(super) fn logs(
    name: &str,
    raw: Vec<RawLog>,
    headers: &BTreeMap<String, String>,
    region: Option<&Spanned<String>>,
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
        let region = match kind {
            RawLogKind::Postmark => Region::default(),
            RawLogKind::CustomerIo => route_api::region(log.region.as_ref().or(region), source, desk),
        };
        let kind = match kind {
            RawLogKind::Postmark => LogKind::Postmark,
            RawLogKind::CustomerIo => LogKind::CustomerIo,
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
            region,
        });
    }
    logs
}

/// The key under which the place of a log's token is kept.
pub(super) fn place_key(route: &str, index: usize) -> String {
    format!("{route}.log[{index}].token")
}

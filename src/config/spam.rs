//! `[spam]` of the routes file, and the same by options.

use super::desk::Desk;
use super::files::Source;
use super::routes_file::RawSpam;
use crate::model::spam::{SpamEngine, SpamPolicy};
use toml::Spanned;
use url::Url;

/// Why a text is no URL of rspamd, or `None`.
pub fn rspamd_problem(text: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(text) else {
        return Some("expected a URL such as http://127.0.0.1:11333");
    };
    if !["http", "https"].contains(&url.scheme()) || url.host().is_none() {
        Some("expected a URL such as http://127.0.0.1:11333")
    } else if !url.username().is_empty() || url.password().is_some() {
        Some("rspamd's normal worker takes no login: name it without one")
    } else if !["", "/"].contains(&url.path()) || url.query().is_some() || url.fragment().is_some() {
        Some("expected scheme, host and port alone")
    } else {
        None
    }
}

/// Why a text is no address of spamd, or `None`.
pub fn spamd_problem(text: &str) -> Option<&'static str> {
    let host_and_port = text.rsplit_once(':').and_then(|(host, port)| {
        let port: u16 = port.parse().ok()?;
        (port > 0).then_some(host)
    });
    match host_and_port.map(super::checked::host_problem) {
        Some(None) => None,
        _ => Some("expected host and port such as 127.0.0.1:783"),
    }
}

/// Reads `[spam]`; what is wrong with it is reported.
pub(super) fn policy(raw: RawSpam, source: &Source, desk: &mut Desk) -> SpamPolicy {
    let mut policy = SpamPolicy::default();
    let mut take =
        |value: Option<Spanned<String>>, problem: fn(&str) -> Option<&'static str>, what, engine: fn(String) -> _| {
            let found = super::checked::checked(value, problem, what, source, desk);
            policy.engines.extend(found.map(engine));
        };
    take(raw.rspamd, rspamd_problem, "an address of rspamd", SpamEngine::Rspamd);
    take(
        raw.spamassassin,
        spamd_problem,
        "an address of spamd",
        SpamEngine::SpamAssassin,
    );
    policy.limit = raw
        .limit
        .filter(|limit| is_number(limit, source, desk))
        .map(Spanned::into_inner);
    policy
}

fn is_number(limit: &Spanned<f64>, source: &Source, desk: &mut Desk) -> bool {
    let finite = limit.get_ref().is_finite();
    if !finite {
        let message = format!("`{}` is no score", limit.get_ref());
        desk.at(source, limit.span(), message, "expected a number such as 5.0", None);
    }
    finite
}

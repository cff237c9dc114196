//! The OAuth keys of a mailbox entry, with its provider's endpoints.

use super::desk::Desk;
use super::files::Source;
use super::mailboxes_file::{RawLogin, RawMailbox};
use super::providers;
use crate::model::oauth::{Grant, OAuth};
use std::ops::Range;
use toml::Spanned;
use url::Url;

/// Scope of Microsoft's client credentials: whatever the organisation's administrator consented to.
const MICROSOFT_DEFAULT: &str = "https://outlook.office365.com/.default";

/// Where problems with an entry are told.
pub(super) struct Entry<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its provider.
    pub provider: &'a str,
    /// As written.
    pub raw: &'a RawMailbox,
    /// Where it stands.
    pub span: Range<usize>,
}

/// How the entry logs in by OAuth; `None` where it does not, or where what it says can not be used (which is on the desk then).
pub(super) fn convert(entry: &Entry<'_>, source: &Source, desk: &mut Desk) -> Option<OAuth> {
    let raw = entry.raw;
    let grant = match raw.login {
        Some(RawLogin::Password) => return None,
        Some(RawLogin::Oauth) => Grant::RefreshToken,
        Some(RawLogin::ClientCredentials) => Grant::ClientCredentials,
        None if raw.client_id.is_some() || raw.refresh_token.is_some() => Grant::RefreshToken,
        None => return None,
    };
    let base = providers::entry(entry.provider);
    let tenant = raw.tenant.as_ref().or(base.and_then(|base| base.tenant.as_ref()));
    let url = |of: fn(&RawMailbox) -> &Option<Spanned<String>>| {
        let written = of(raw).as_ref().or(base.and_then(|base| of(base).as_ref()))?;
        Some(match tenant {
            Some(tenant) => written.get_ref().replace("{tenant}", tenant.get_ref()),
            None => written.get_ref().clone(),
        })
    };
    let mut lacks = |key: &str, help: &str| {
        let message = format!("mailbox `{}` logs in by OAuth and has no `{key}`", entry.name);
        desk.at(
            source,
            entry.span.clone(),
            message,
            format!("`{key}` is missing"),
            Some(help.to_owned()),
        );
    };
    let client_id = raw.client_id.as_ref();
    if client_id.is_none() {
        lacks(
            "client_id",
            "the id of the client you registered with the provider; the README says how",
        );
    }
    let token_url = url(|entry| &entry.token_url);
    if token_url.is_none() {
        lacks(
            "token_url",
            "this provider has no OAuth that a client of your own may use: state its token_url, or use a password",
        );
    }
    if grant == Grant::ClientCredentials && raw.client_secret.is_none() {
        lacks(
            "client_secret",
            "a client that logs in by itself proves itself by its secret",
        );
    }
    if grant == Grant::ClientCredentials && raw.tenant.is_none() && entry.provider != "imap" {
        lacks(
            "tenant",
            "the directory in which the client is registered, by name or id",
        );
    }
    for written in [&raw.token_url, &raw.authorize_url, &raw.device_url]
        .into_iter()
        .flatten()
    {
        https_only(written, source, desk);
    }
    let scope = match (grant, raw.scope.as_ref().or(base.and_then(|base| base.scope.as_ref()))) {
        (Grant::ClientCredentials, _) if raw.scope.is_none() => MICROSOFT_DEFAULT.to_owned(),
        (_, scope) => scope.cloned().unwrap_or_default(),
    };
    Some(OAuth {
        grant,
        client_id: client_id?.get_ref().clone(),
        client_secret: raw.client_secret.as_ref().map(|secret| secret.get_ref().clone()),
        refresh_token: raw.refresh_token.as_ref().map(|secret| secret.get_ref().clone()),
        scope,
        token_url: token_url?,
        authorize_url: url(|entry| &entry.authorize_url),
        device_url: url(|entry| &entry.device_url),
    })
}

fn https_only(written: &Spanned<String>, source: &Source, desk: &mut Desk) {
    let usable = Url::parse(written.get_ref()).is_ok_and(|url| url.scheme() == "https" && url.host_str().is_some());
    if !usable {
        desk.at(
            source,
            written.span(),
            format!("`{}` is no https URL", written.get_ref().escape_debug()),
            "secrets are sent there",
            Some("write it out: https://login.provider.example/token".to_owned()),
        );
    }
}

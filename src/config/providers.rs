//! The compiled-in providers (`providers.toml`), and how a mailbox entry overrides one.

use super::duration;
use super::mailboxes_file::{RawDialect, RawMailbox};
use crate::model::Profile;
use crate::model::policy::ProviderFacts;
use crate::model::profile::{AuthresTrust, Dialect};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Providers by key. A provider is a mailbox entry of defaults; one that is `like` another states only what differs.
static PROVIDERS: LazyLock<BTreeMap<String, RawMailbox>> = LazyLock::new(|| {
    let tables: BTreeMap<String, toml::Table> =
        toml::from_str(include_str!("providers.toml")).expect("compiled in, and a test reads it");
    let entry = |key: &String| (key.clone(), resolved(&tables, key));
    tables.keys().map(entry).collect()
});

fn resolved(tables: &BTreeMap<String, toml::Table>, key: &str) -> RawMailbox {
    let mut own = tables[key].clone();
    let like = own.remove("like");
    let mut all = like
        .and_then(|like| tables.get(like.as_str()?).cloned())
        .unwrap_or_default();
    all.extend(own);
    toml::from_str(&all.to_string()).expect("compiled in, and a test reads it")
}

/// The defaults of a provider.
pub(super) fn entry(provider: &str) -> Option<&'static RawMailbox> {
    PROVIDERS.get(provider)
}

/// All provider keys.
pub(super) fn keys() -> impl Iterator<Item = &'static str> + Clone {
    PROVIDERS.keys().map(String::as_str)
}

/// What judging needs to know of every provider whose facts are complete without a mailbox entry, by key.
pub fn facts() -> Vec<ProviderFacts> {
    let bare = RawMailbox::default();
    let fact = |key: &'static str| {
        let profile = profile(key, &bare).ok()?;
        Some(ProviderFacts {
            provider: key.to_owned(),
            byte_exact: profile.byte_exact,
            authres: profile.authres,
            received_by: profile.received_by,
        })
    };
    keys().filter_map(fact).collect()
}

/// The profile of a mailbox: its own values before the provider's. `Err` names the key that is missing in both.
pub(super) fn profile(provider: &str, own: &RawMailbox) -> Result<Profile, &'static str> {
    let base = PROVIDERS.get(provider);
    let host = own
        .host
        .as_ref()
        .or(base.and_then(|base| base.host.as_ref()))
        .map(|host| host.get_ref().clone());
    let port = own
        .port
        .as_ref()
        .or(base.and_then(|base| base.port.as_ref()))
        .map(|port| *port.get_ref());
    let poll = own
        .poll
        .as_ref()
        .or(base.and_then(|base| base.poll.as_ref()))
        .map(|poll| poll.get_ref().as_str());
    let dialect = dialect(own.dialect.or(base.and_then(|base| base.dialect)));
    let serv_ids = own
        .authserv_id
        .clone()
        .or(base.and_then(|base| base.authserv_id.clone()));
    let list = |of: fn(&RawMailbox) -> &Option<Vec<String>>| {
        of(own)
            .clone()
            .or(base.and_then(|base| of(base).clone()))
            .unwrap_or_default()
    };
    let flag = |of: fn(&RawMailbox) -> Option<bool>, otherwise| of(own).or(base.and_then(of)).unwrap_or(otherwise);
    Ok(Profile {
        dialect,
        host: host.ok_or("host")?,
        port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or(993),
        poll_ms: poll
            .and_then(|poll| duration::parse(poll).ok())
            .unwrap_or(5_000)
            .max(10),
        idle: flag(|entry| entry.idle, true),
        plus: flag(|entry| entry.plus, false),
        junk_names: list(|entry| &entry.junk),
        junk_stated: own.junk.is_some(),
        byte_exact: flag(|entry| entry.byte_exact, true),
        authres: authres(dialect, serv_ids, flag(|entry| entry.authserv_repeats, false)),
        received_by: list(|entry| &entry.received_by),
    })
}

/// Microsoft writes no name into its Authentication-Results: where none is configured, its own rule applies.
fn authres(dialect: Dialect, serv_ids: Option<Vec<String>>, repeats: bool) -> AuthresTrust {
    match serv_ids {
        Some(ids) if !ids.is_empty() && repeats => AuthresTrust::RepeatedServId(ids),
        Some(ids) if !ids.is_empty() => AuthresTrust::ServId(ids),
        None if dialect == Dialect::Outlook => AuthresTrust::Microsoft,
        _ => AuthresTrust::Nobody,
    }
}

fn dialect(raw: Option<RawDialect>) -> Dialect {
    match raw {
        Some(RawDialect::Gmail) => Dialect::Gmail,
        Some(RawDialect::Yahoo) => Dialect::Yahoo,
        Some(RawDialect::Outlook) => Dialect::Outlook,
        Some(RawDialect::Generic) | None => Dialect::Generic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_complete() {
        assert_eq!(
            keys().collect::<Vec<_>>(),
            [
                "aol",
                "fastmail",
                "gmail",
                "icloud",
                "imap",
                "m365",
                "outlook",
                "workspace",
                "yahoo"
            ]
        );
        let nothing: RawMailbox = toml::from_str("").unwrap();
        for key in keys().filter(|key| *key != "imap") {
            let profile = profile(key, &nothing).unwrap();
            assert!(
                profile.poll_ms >= 1_000 && !profile.junk_names.is_empty() && !profile.received_by.is_empty(),
                "{key}"
            );
        }
        assert_eq!(profile("imap", &nothing), Err("host"));
        assert_eq!(
            profile("outlook", &nothing).map(|profile| profile.authres),
            Ok(AuthresTrust::Microsoft)
        );
    }

    #[test]
    fn a_mailbox_overrides_every_fact() {
        let own: RawMailbox = toml::from_str(
            "host = 'h'\nport = 1993\npoll = '2s'\nidle = false\nplus = false\njunk = ['X']\nbyte_exact = false\ndialect = 'generic'\nauthserv_id = []\nreceived_by = ['r']",
        )
        .unwrap();
        let expected = Profile {
            dialect: Dialect::Generic,
            host: "h".into(),
            port: 1993,
            poll_ms: 2_000,
            idle: false,
            plus: false,
            junk_names: vec!["X".into()],
            junk_stated: true,
            byte_exact: false,
            authres: AuthresTrust::Nobody,
            received_by: vec!["r".into()],
        };
        assert_eq!(profile("gmail", &own), Ok(expected));
    }
}

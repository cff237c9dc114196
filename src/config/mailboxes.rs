//! The mailboxes file into seed mailboxes.

use super::desk::Desk;
use super::files::Source;
use super::mailboxes_file::{MailboxesFile, RawMailbox};
use super::{address, duration, names, oauth, providers, reference, suggest};
use crate::model::{Place, SeedMailbox};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// What was read of the mailboxes file.
#[derive(Debug, Default)]
pub(super) struct Mailboxes {
    /// By name.
    pub seeds: BTreeMap<String, SeedMailbox>,
    /// Names that stand in the file, also those that could not be used: a reference to one is no error of its own.
    pub named: Vec<String>,
    /// Where each secret stands, by `mailbox.field`.
    pub secrets: BTreeMap<String, Place>,
}

/// Turns the raw file into seed mailboxes.
pub(super) fn convert(raw: MailboxesFile, source: &Source, desk: &mut Desk) -> Mailboxes {
    let mut read = Mailboxes::default();
    let mut addresses: BTreeMap<String, String> = BTreeMap::new();
    for (name, entry) in raw.mailbox {
        let span = name.span();
        let name = name.into_inner();
        if let Some(why) = names::table_problem(&name) {
            desk.at(
                source,
                span.clone(),
                format!("`{}` can not name a mailbox", name.escape_debug()),
                why,
                None,
            );
        }
        read.named.push(name.clone());
        let entry = entry.into_inner();
        for (field, secret) in [
            ("password", &entry.password),
            ("client_secret", &entry.client_secret),
            ("refresh_token", &entry.refresh_token),
        ] {
            if let Some(secret) = secret {
                reference::check(secret, source, desk);
                read.secrets
                    .insert(format!("{name}.{field}"), source.place(secret.span()));
            }
        }
        if let Some(seed) = mailbox(&name, span, &entry, source, desk) {
            same_address(&mut addresses, &seed, &entry, source, desk);
            read.seeds.insert(name, seed);
        }
    }
    read
}

fn mailbox(
    name: &str,
    span: Range<usize>,
    entry: &RawMailbox,
    source: &Source,
    desk: &mut Desk,
) -> Option<SeedMailbox> {
    let address = checked_address(entry.address.as_ref(), source, desk);
    let provider = known_provider(entry.provider.as_ref(), source, desk);
    if let Some(poll) = &entry.poll
        && let Err(why) = duration::parse(poll.get_ref())
    {
        desk.at(
            source,
            poll.span(),
            format!("`{}` is not a duration", poll.get_ref()),
            why,
            Some(duration::HELP.to_owned()),
        );
    }
    for text in [&entry.host, &entry.username, &entry.client_id, &entry.tenant]
        .into_iter()
        .flatten()
    {
        if let Some(why) = line_problem(text.get_ref()) {
            desk.at(source, text.span(), "not usable as it is written", why, None);
        }
    }
    let (address, provider) = (address?, provider?);
    let profile = match providers::profile(&provider, entry) {
        Ok(profile) => profile,
        Err(key) => {
            let help = format!("give the {key} of the IMAP server: {key} = \"imap.mail.brand.example\"");
            desk.at(
                source,
                span.clone(),
                format!("mailbox `{name}` has no `{key}`"),
                format!("provider `{provider}` has none of its own"),
                Some(help),
            );
            return None;
        }
    };
    let oauth = oauth::convert(
        &oauth::Entry {
            name,
            provider: &provider,
            raw: entry,
            span,
        },
        source,
        desk,
    );
    Some(SeedMailbox {
        name: name.to_owned(),
        oauth,
        provider,
        username: entry
            .username
            .as_ref()
            .map_or_else(|| address.clone(), |username| username.get_ref().clone()),
        address,
        password: entry.password.as_ref().map(|password| password.get_ref().clone()),
        ca_file: entry.ca.clone(),
        tags: entry.tags.clone(),
        drill: entry.drill == Some(true),
        profile,
    })
}

fn checked_address(address: Option<&Spanned<String>>, source: &Source, desk: &mut Desk) -> Option<String> {
    let address = address?;
    match address::problem(address.get_ref()) {
        None => Some(address.get_ref().clone()),
        Some(why) => {
            let help = address
                .get_ref()
                .starts_with("${")
                .then(|| "only secrets may be references: an address is written out".to_owned());
            desk.at(
                source,
                address.span(),
                format!("`{}` is not an address", address.get_ref().escape_debug()),
                why,
                help,
            );
            None
        }
    }
}

fn known_provider(provider: Option<&Spanned<String>>, source: &Source, desk: &mut Desk) -> Option<String> {
    let provider = provider?;
    if providers::keys().any(|key| key == provider.get_ref()) {
        return Some(provider.get_ref().clone());
    }
    let help = suggest::nearest(provider.get_ref(), providers::keys()).map(|near| format!("did you mean `{near}`?"));
    let help =
        help.unwrap_or_else(|| "for a server that is not listed use provider = \"imap\" and give its host".to_owned());
    desk.at(
        source,
        provider.span(),
        format!("unknown provider `{}`", provider.get_ref().escape_debug()),
        "not a known provider",
        Some(help),
    );
    None
}

/// Values that end up in IMAP commands or host names are one line, and no reference that nobody would resolve.
fn line_problem(text: &str) -> Option<&'static str> {
    if text.starts_with("${") {
        Some("only secrets may be references")
    } else if text.is_empty() || text.chars().any(char::is_control) {
        Some("must be one line of text")
    } else {
        None
    }
}

/// Two entries of one address would count one message as two.
fn same_address(
    seen: &mut BTreeMap<String, String>,
    seed: &SeedMailbox,
    entry: &RawMailbox,
    source: &Source,
    desk: &mut Desk,
) {
    if let (Some(other), Some(address)) = (
        seen.insert(seed.address.to_lowercase(), seed.name.clone()),
        &entry.address,
    ) {
        let message = format!("mailboxes `{other}` and `{}` have the same address", seed.name);
        desk.at(
            source,
            address.span(),
            message,
            "used twice",
            Some("give each mailbox an account of its own".to_owned()),
        );
    }
}

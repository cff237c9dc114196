//! Selections of seed mailboxes: names, `@provider`, `#tag`.

use super::desk::Desk;
use super::files::Source;
use super::mailboxes::Mailboxes;
use super::{providers, suggest};
use toml::Spanned;

/// The names selected, in the order of the mailboxes file; no list selects all. A selector that selects nothing is an error: a provider
/// that is silently not tested would look like one that passed.
pub(super) fn mailboxes(
    list: Option<&Spanned<Vec<Spanned<String>>>>,
    known: &Mailboxes,
    source: &Source,
    desk: &mut Desk,
) -> Vec<String> {
    let Some(list) = list else {
        return known.seeds.keys().cloned().collect();
    };
    if list.get_ref().is_empty() {
        desk.at(
            source,
            list.span(),
            "no mailbox is selected",
            "an empty list",
            Some("leave `mailboxes` out to select all".to_owned()),
        );
    }
    let mut chosen = Vec::new();
    for selector in list.get_ref() {
        let hits: Vec<&String> = known
            .seeds
            .values()
            .filter(|seed| selects(selector.get_ref(), seed))
            .map(|seed| &seed.name)
            .collect();
        if hits.is_empty() && !known.named.contains(selector.get_ref()) {
            nothing(selector, known, source, desk);
        }
        chosen.extend(hits);
    }
    known
        .seeds
        .keys()
        .filter(|name| chosen.contains(name))
        .cloned()
        .collect()
}

fn selects(selector: &str, seed: &crate::model::SeedMailbox) -> bool {
    match (selector.strip_prefix('@'), selector.strip_prefix('#')) {
        (Some(provider), _) => seed.provider == provider,
        (_, Some(tag)) => seed.tags.iter().any(|own| own == tag),
        _ => seed.name == selector,
    }
}

fn nothing(selector: &Spanned<String>, known: &Mailboxes, source: &Source, desk: &mut Desk) {
    let text = selector.get_ref();
    let shown = text.escape_debug();
    let (message, words): (String, Vec<String>) = if let Some(provider) = text.strip_prefix('@') {
        let message = match providers::keys().any(|key| key == provider) {
            true => format!("no mailbox of provider `{provider}`"),
            false => format!("unknown provider `{}`", provider.escape_debug()),
        };
        (
            message,
            known.seeds.values().map(|seed| format!("@{}", seed.provider)).collect(),
        )
    } else if text.starts_with('#') {
        let tags = known
            .seeds
            .values()
            .flat_map(|seed| &seed.tags)
            .map(|tag| format!("#{tag}"));
        (format!("no mailbox has the tag `{shown}`"), tags.collect())
    } else {
        (
            format!("undefined mailbox `{shown}`"),
            known.seeds.keys().cloned().collect(),
        )
    };
    let mut words = words;
    words.sort();
    words.dedup();
    desk.at(
        source,
        selector.span(),
        message,
        "selects nothing",
        suggest::help(text, words.iter().map(String::as_str)),
    );
}

//! A route's contract.

use super::address;
use super::checked::{all_checked, checked, host_problem};
use super::defaults::DEFAULTS;
use super::desk::Desk;
use super::either::WordOr;
use super::files::Source;
use super::routes_file::{RawClicks, RawContract, RawOpens, RawPart};
use super::suggest;
use super::suite_file::RawCategory;
use crate::model::mail_clients::mail_clients;
use crate::model::route::Tracking;
use crate::model::{Category, Contract};
use toml::Spanned;

/// May a category use a route? An empty list is no restriction.
pub(super) fn allows(contract: &Contract, category: Category) -> bool {
    contract.categories.is_empty() || contract.categories.contains(&category)
}

/// The model's word for a category.
pub(super) fn category(raw: RawCategory) -> Category {
    match raw {
        RawCategory::Transactional => Category::Transactional,
        RawCategory::Marketing => Category::Marketing,
        RawCategory::Hybrid => Category::Hybrid,
    }
}

/// Reads a contract; what is wrong with it is reported.
pub(super) fn contract(raw: RawContract, source: &Source, desk: &mut Desk) -> Contract {
    Contract {
        categories: raw.categories.into_iter().map(category).collect(),
        from: checked(raw.from, address::named_problem, "a From address", source, desk),
        reply_to: checked(raw.reply_to, address::named_problem, "an address", source, desk),
        dkim: all_checked(raw.dkim, host_problem, "a domain", source, desk),
        return_path: checked(raw.return_path, host_problem, "a domain", source, desk),
        clicks: raw
            .clicks
            .map(|clicks| tracked(clicks, clicks_host, "clicks", source, desk))
            .unwrap_or_default(),
        opens: raw
            .opens
            .map(|opens| tracked(opens, opens_host, "opens", source, desk))
            .unwrap_or_default(),
        may_append: all_checked(raw.may_append, super::content::glob_problem, "a glob", source, desk),
        may_append_footer: raw.may_append_footer,
        clients: known(raw.clients, &CLIENT, &mail_clients().names(), source, desk),
        may_lose: known(raw.may_lose, &FEATURE, &mail_clients().slugs(), source, desk),
        selectors: raw.selectors,
    }
}

/// What a name of the support data is called, and how one looks.
type Kind = (&'static str, &'static str);
const CLIENT: Kind = (
    "a mail client",
    "write a family or a family and its platform, such as \"gmail\", \"yahoo\", \"apple-mail/ios\" or \"outlook/windows\"",
);
const FEATURE: Kind = (
    "a feature",
    "write the last part of its page at https://www.caniemail.com/features/, such as \"css-border-radius\"",
);

/// The nearest of the names; a property or an element may be named without what stands before it.
fn meant<'k>(name: &str, known: &'k [String]) -> Option<&'k str> {
    let beginnings = ["css-", "html-", "image-"].into_iter();
    let whole = beginnings.map(|beginning| format!("{beginning}{name}"));
    let exact = whole
        .into_iter()
        .find_map(|whole| known.iter().find(|known| **known == whole));
    exact
        .map(String::as_str)
        .or_else(|| suggest::nearest(name, known.iter().map(String::as_str)))
}

/// The names that the support data has.
fn known(
    names: Vec<Spanned<String>>,
    (what, looks): &Kind,
    known: &[String],
    source: &Source,
    desk: &mut Desk,
) -> Vec<String> {
    let mut kept = Vec::new();
    for name in names {
        if known.contains(name.get_ref()) {
            kept.push(name.into_inner());
            continue;
        }
        desk.at(
            source,
            name.span(),
            format!("`{}` is not {what} of caniemail.com", name.get_ref().escape_debug()),
            "unknown name",
            Some(match meant(name.get_ref(), known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => (*looks).to_owned(),
            }),
        );
    }
    kept
}

/// Reads `"off"` or a table with a host.
fn tracked<T>(
    raw: Spanned<WordOr<T>>,
    host: impl Fn(T, &Source, &mut Desk) -> Option<Tracking>,
    key: &str,
    source: &Source,
    desk: &mut Desk,
) -> Tracking {
    let span = raw.span();
    match raw.into_inner() {
        WordOr::Word(word) if word == "off" => Tracking::Off,
        WordOr::Word(word) => {
            let help = format!("write \"off\", or {key} = {{ host = \"…\" }}");
            desk.at(
                source,
                span,
                format!("`{}` is not a value of `{key}`", word.escape_debug()),
                "unknown word",
                Some(help),
            );
            Tracking::Unstated
        }
        WordOr::Table(table) => host(table, source, desk).unwrap_or_default(),
    }
}

fn clicks_host(raw: RawClicks, source: &Source, desk: &mut Desk) -> Option<Tracking> {
    let except = all_checked(raw.except, super::content::glob_problem, "a glob", source, desk);
    let part = |part| match part {
        RawPart::Html => "html".to_owned(),
        RawPart::Text => "text".to_owned(),
    };
    let parts = raw
        .parts
        .map_or_else(|| DEFAULTS.parts.clone(), |parts| parts.into_iter().map(part).collect());
    checked(raw.host, host_problem, "a host name", source, desk).map(|host| Tracking::Host { host, parts, except })
}

fn opens_host(raw: RawOpens, source: &Source, desk: &mut Desk) -> Option<Tracking> {
    let html = vec!["html".to_owned()];
    checked(raw.host, host_problem, "a host name", source, desk).map(|host| Tracking::Host {
        host,
        parts: html,
        except: Vec::new(),
    })
}

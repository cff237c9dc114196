//! A route's table while its kind is read.

use super::desk::Desk;
use super::files::Source;
use std::collections::BTreeMap;
use toml::Spanned;

/// The route whose kind is read.
pub(super) struct Named<'a> {
    pub name: &'a Spanned<String>,
    pub headers: BTreeMap<String, String>,
    pub source: &'a Source,
}

/// Reports a key without which there is no route.
pub(super) fn missing(route: &Named<'_>, kind: &str, key: &str, example: &str, desk: &mut Desk) {
    let message = format!("[route.{}] of kind \"{kind}\" has no `{key}`", route.name.get_ref());
    let help = format!("add `{key} = {example}`");
    let label = format!("`{key}` is missing");
    desk.at(route.source, route.name.span(), message, label, Some(help));
}

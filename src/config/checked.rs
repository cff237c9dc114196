//! Values that are taken over only if they pass a rule.

use super::desk::Desk;
use super::files::Source;
use toml::Spanned;

/// The value if it has no problem; the problem is reported.
pub(super) fn checked(
    value: Option<Spanned<String>>,
    problem: fn(&str) -> Option<&'static str>,
    what: &str,
    source: &Source,
    desk: &mut Desk,
) -> Option<String> {
    let value = value?;
    match problem(value.get_ref()) {
        None => Some(value.into_inner()),
        Some(why) => {
            desk.at(
                source,
                value.span(),
                format!("`{}` is not {what}", value.get_ref().escape_debug()),
                why,
                None,
            );
            None
        }
    }
}

/// The values that have no problem.
pub(super) fn all_checked(
    values: Vec<Spanned<String>>,
    problem: fn(&str) -> Option<&'static str>,
    what: &str,
    source: &Source,
    desk: &mut Desk,
) -> Vec<String> {
    values
        .into_iter()
        .filter_map(|value| checked(Some(value), problem, what, source, desk))
        .collect()
}

/// Why a text can not be a host's name, or `None`.
pub(super) fn host_problem(host: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if host.starts_with("${") {
        Some("only secrets may be references")
    } else if host.is_empty() || host.len() > 253 || !host.chars().all(plain) {
        Some("expected a name such as mail.brand.example, without scheme, path or blanks")
    } else {
        None
    }
}

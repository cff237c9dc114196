//! References to secrets as users write them: one that is mistyped must not be sent to a server as a password.

use super::desk::Desk;
use super::files::Source;
use super::suggest;
use crate::model::SecretRef;
use toml::Spanned;

/// Reports a reference that names nothing, or that is of no kind there is. A literal that merely looks like one is refused too: who
/// really has the password `${…}` puts it into a variable.
pub(super) fn check(secret: &Spanned<SecretRef>, source: &Source, desk: &mut Desk) {
    if let Some((message, help)) = problem(secret.get_ref()) {
        desk.at(source, secret.span(), message, "no secret can be read from here", help);
    }
}

fn problem(secret: &SecretRef) -> Option<(String, Option<String>)> {
    let help = || Some("write ${env:NAME} for an environment variable or ${file:PATH} for a file".to_owned());
    match secret {
        SecretRef::Env(name) | SecretRef::EnvOr(name, _) if !is_variable(name) => Some((
            format!("`{}` can not name an environment variable", name.escape_debug()),
            help(),
        )),
        SecretRef::File(path) if path.trim().is_empty() => {
            Some(("the reference to a file names no file".to_owned(), help()))
        }
        SecretRef::Literal(value) if is_shell(value.expose()) => {
            let name = value.expose().trim_start_matches(['$', '{']).trim_end_matches('}');
            // A name in capitals is a variable's; anything else may be half a secret.
            let named = is_variable(name) && !name.contains(|c: char| c.is_ascii_lowercase());
            Some(match named {
                true => (
                    format!("`${name}` is not read from the environment here"),
                    Some(format!("write ${{env:{name}}}")),
                ),
                false => (
                    "what begins with `$` is no reference to a secret".to_owned(),
                    Some(
                        "write ${env:NAME}; a secret that really begins with `$` goes into a variable or a file"
                            .to_owned(),
                    ),
                ),
            })
        }
        SecretRef::Literal(value) => {
            let inner = value.expose().strip_prefix("${")?.strip_suffix('}')?;
            // Only the kind is told: what follows the colon may be secret.
            let told = match inner.split_once(':').map(|(kind, _)| kind) {
                Some(kind) if kind.len() <= 8 && kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                    let near = suggest::nearest(kind, ["env", "file"]);
                    (
                        format!("`{kind}` is no kind of reference to a secret"),
                        near.map(|near| format!("did you mean ${{{near}:…}}?")).or_else(help),
                    )
                }
                _ => (
                    "this looks like a reference to a secret, and is none".to_owned(),
                    help(),
                ),
            };
            Some(told)
        }
        _ => None,
    }
}

/// As a shell or another tool refers to a variable: `$NAME`, and `${NAME` that was never closed.
fn is_shell(text: &str) -> bool {
    text.starts_with('$') && !(text.starts_with("${") && text.ends_with('}'))
}

/// What a shell can export: letters, digits and `_`, no digit first.
fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_reference_is_no_password() {
        let told =
            |text: &str| problem(&SecretRef::parse(text)).map(|(message, help)| (message, help.unwrap_or_default()));
        let (message, help) = told("${evn:SEED}").unwrap();
        assert_eq!(message, "`evn` is no kind of reference to a secret");
        assert_eq!(help, "did you mean ${env:…}?");
        for text in [
            "${env:}",
            "${env: SEED}",
            "${env:1ST}",
            "${file:}",
            "${SEED}",
            "${vault:a/b}",
        ] {
            assert!(told(text).is_some(), "{text}");
        }
        for text in ["${env:SEED_1}", "${env:SEED:-x}", "${file:a b}", "hunter2"] {
            assert!(told(text).is_none(), "{text}");
        }
        let (message, help) = told("$SEED_GMAIL_1").unwrap();
        assert_eq!(message, "`$SEED_GMAIL_1` is not read from the environment here");
        assert_eq!(help, "write ${env:SEED_GMAIL_1}");
        for text in ["${half", "$money}", "$ecret!"] {
            let (message, help) = told(text).unwrap();
            assert!(
                !message.contains(&text[1..]) && !help.contains("ecret!"),
                "{message} {help}"
            );
        }
    }
}

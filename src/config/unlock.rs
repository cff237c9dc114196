//! Resolves secrets, late: only those of the selected plan are ever read, and none in the lab.

use super::files;
use crate::model::{Diagnostic, Secret, SecretRef};
use std::path::Path;

/// Resolves a reference. `${file:…}` is relative to `base_dir`, the folder of the file that holds the reference; `env` reads the
/// environment. A variable that is set to nothing counts as unset: CI systems set missing secrets to empty strings.
pub fn unlock(secret: &SecretRef, base_dir: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Secret, Diagnostic> {
    let variable = |name: &str| env(name).filter(|value| !value.is_empty());
    match secret {
        SecretRef::Literal(value) => Ok(value.clone()),
        SecretRef::EnvOr(name, default) => Ok(variable(name).map_or_else(|| default.clone(), Secret::new)),
        SecretRef::Env(name) => variable(name).map(Secret::new).ok_or_else(|| {
            let help = format!("set it before the run (export {name}=…; in CI as a secret of that name), or use --lab, which needs no secret");
            problem(format!("the environment variable `{name}` is not set"), help)
        }),
        SecretRef::File(path) => from_file(&files::join(base_dir, path)),
    }
}

fn from_file(path: &Path) -> Result<Secret, Diagnostic> {
    let shown = files::shown(path);
    let source = files::read(path).map_err(|why| {
        problem(
            format!("the secret file `{shown}` can not be read: {why}"),
            files::remedy(&why)
                .unwrap_or("write the secret into it, alone; the path is relative to the file that names it")
                .to_owned(),
        )
    })?;
    let text = source
        .text
        .strip_suffix('\n')
        .map(|text| text.strip_suffix('\r').unwrap_or(text))
        .unwrap_or(&source.text);
    match text.is_empty() {
        true => Err(problem(
            format!("the secret file `{shown}` is empty"),
            "write the secret into it, alone".to_owned(),
        )),
        false => Ok(Secret::new(text)),
    }
}

fn problem(message: String, help: String) -> Diagnostic {
    Diagnostic {
        message,
        place: None,
        label: "needed by the selected deliveries".to_owned(),
        help: Some(help),
    }
}

/// Reads a certificate authority's PEM file, relative to the file that names it.
pub fn read_ca(base_dir: &Path, file: &str) -> Result<Vec<u8>, Diagnostic> {
    let path = files::join(base_dir, file);
    let help = "`ca` names a PEM file, relative to the file it stands in".to_owned();
    let source = files::read(&path).map_err(|why| {
        Diagnostic::plain(
            format!("certificate file `{}` can not be read: {why}", files::shown(&path)),
            Some(help.clone()),
        )
    })?;
    match source.text.contains("-----BEGIN CERTIFICATE-----") {
        true => Ok(source.text.into_bytes()),
        false => Err(Diagnostic::plain(
            format!("`{}` holds no certificate", files::shown(&path)),
            Some(help),
        )),
    }
}

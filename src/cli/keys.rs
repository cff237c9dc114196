//! From a mailbox's configuration to an account with its secrets, and what happens to refresh tokens that a server replaces.

use crate::config::Loaded;
use crate::mailbox::Account;
use crate::mailbox::oauth::{Keeper, TokenSource};
use crate::model::{Diagnostic, Secret, SecretRef, SeedMailbox};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What has to be said of replaced refresh tokens once the run is over.
#[derive(Clone, Default)]
pub(super) struct Rotations(Arc<Mutex<Vec<String>>>);

impl Rotations {
    /// The notices so far.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps a mailbox's new refresh token where the old one was read from, if that is a file.
    fn keeper(&self, mailbox: &str, reference: Option<&SecretRef>, dir: &Path) -> Keeper {
        let (notices, mailbox) = (self.0.clone(), mailbox.to_owned());
        let file = match reference {
            Some(SecretRef::File(path)) => Some(dir.join(path)),
            _ => None,
        };
        Arc::new(move |token: &Secret| {
            let told = match &file {
                Some(file) => save(file, token).err().map(|error| {
                    format!(
                        "mailbox {mailbox}: the provider replaced the refresh token and {} can not be written: {error}; \
                         make it writable, or run `inboxqa login {mailbox}` before the old token ends",
                        file.display()
                    )
                }),
                None => Some(format!(
                    "mailbox {mailbox}: the provider replaced the refresh token, which can not be kept where it came from; the old one \
                     usually goes on working for a while: run `inboxqa login {mailbox} --save FILE` in time and store the new one"
                )),
            };
            if let Some(told) = told {
                let mut notices = notices.lock().unwrap_or_else(PoisonError::into_inner);
                notices.retain(|known| *known != told);
                notices.push(told);
            }
        })
    }
}

/// An account with everything its login needs, and the secrets in it.
pub(super) fn account(
    loaded: &Loaded,
    seed: &SeedMailbox,
    rotations: &Rotations,
) -> Result<(Account, Vec<Secret>), Vec<Diagnostic>> {
    let env = |name: &str| std::env::var(name).ok();
    let secrets = loaded.unlock_mailbox(seed, &env)?;
    let extra_root_pem = loaded.mailbox_ca(seed).map_err(|problem| vec![problem])?;
    let all = [&secrets.password, &secrets.client_secret, &secrets.refresh_token];
    let known = all.into_iter().flatten().cloned().collect();
    let oauth = seed.oauth.clone().map(|client| {
        let keeper = rotations.keeper(&seed.name, client.refresh_token.as_ref(), &loaded.mailboxes_dir);
        TokenSource::new(client, secrets.client_secret, secrets.refresh_token, keeper)
    });
    let account = Account {
        seed: seed.clone(),
        password: secrets.password,
        oauth,
        extra_root_pem,
    };
    Ok((account, known))
}

/// Writes a token so that only its owner can read it, and so that the file holds the old or the new one, whatever happens.
pub(super) fn save(file: &Path, token: &Secret) -> std::io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let draft: PathBuf = folder.join(format!(".token.{}.tmp", std::process::id()));
    let mut options = std::fs::File::options();
    options.write(true).create_new(true).mode(0o600);
    let written = options.open(&draft).and_then(|mut open| {
        open.write_all(format!("{}\n", token.expose()).as_bytes())?;
        open.sync_all()
    });
    written.and_then(|()| std::fs::rename(&draft, file)).inspect_err(|_| {
        // The draft is ours; what can not be removed is left, the error matters more.
        let _ = std::fs::remove_file(&draft);
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_replaced_token_goes_back_to_its_file_or_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        std::fs::write(&file, "old\n").unwrap();
        let rotations = Rotations::default();
        let reference = SecretRef::parse("${file:token}");
        rotations.keeper("seed", Some(&reference), dir.path())(&Secret::new("new"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new\n");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(rotations.take().is_empty());

        let reference = SecretRef::parse("${env:RT}");
        let keeper = rotations.keeper("seed", Some(&reference), dir.path());
        keeper(&Secret::new("newer"));
        keeper(&Secret::new("newest"));
        let told = rotations.take();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].contains("inboxqa login seed") && !told[0].contains("newe"),
            "{told:?}"
        );

        let reference = SecretRef::parse("${file:token/below/a/file}");
        rotations.keeper("seed", Some(&reference), dir.path())(&Secret::new("newest"));
        let told = rotations.take();
        assert!(told[0].contains("can not be written"), "{told:?}");
    }
}

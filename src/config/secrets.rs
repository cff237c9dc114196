//! The secrets of what is loaded, read when they are needed and not before: of one route, of its logs, of one mailbox, and the trust
//! anchors that stand beside them.

use super::load::Loaded;
use super::{logs, unlock};
use crate::model::route::RouteKind;
use crate::model::{Diagnostic, Route, Secret, SecretRef, SeedMailbox};
use std::path::{Path, PathBuf};

/// The secrets of one mailbox.
#[derive(Debug, Clone, Default)]
pub struct MailboxSecrets {
    /// Password or app password.
    pub password: Option<Secret>,
    /// Secret of its OAuth client.
    pub client_secret: Option<Secret>,
    /// OAuth refresh token.
    pub refresh_token: Option<Secret>,
}

impl Loaded {
    /// Username and password of a route; `None` where it does no login. `env` reads the environment.
    pub fn unlock_route(
        &self,
        route: &Route,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<(Secret, Secret)>, Vec<Diagnostic>> {
        let Some((username, password)) = route.kind.login() else {
            return Ok(None);
        };
        let open = |field: &str, secret| self.open(route, field, secret, env);
        // One secret that stands for both is told once.
        if username == password && !matches!(route.kind, RouteKind::Smtp(_)) {
            let token = open("token", username).map_err(|problem| vec![problem])?;
            return Ok(Some((token.clone(), token)));
        }
        match (open("username", username), open("password", password)) {
            (Ok(username), Ok(password)) => Ok(Some((username, password))),
            (username, password) => Err([username.err(), password.err()].into_iter().flatten().collect()),
        }
    }

    /// Site id and key of Customer.io's Track API; `None` where the route has none.
    pub fn unlock_track(
        &self,
        route: &Route,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<(Secret, Secret)>, Vec<Diagnostic>> {
        let Some((site, key)) = route.kind.track_login() else {
            return Ok(None);
        };
        let open = |field: &str, secret| self.open(route, field, secret, env);
        match (open("site_id", site), open("track_key", key)) {
            (Ok(site), Ok(key)) => Ok(Some((site, key))),
            (site, key) => Err([site.err(), key.err()].into_iter().flatten().collect()),
        }
    }

    /// One secret of a route; the error points at where it is written.
    fn open(
        &self,
        route: &Route,
        field: &str,
        secret: &SecretRef,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Secret, Diagnostic> {
        let place = self.places.get(&format!("{}.{field}", route.name));
        unlock::unlock(secret, self.route_dir(route), env).map_err(|problem| Diagnostic {
            place: place.cloned(),
            ..problem
        })
    }

    /// Tokens of a route's logs, in their order.
    pub fn unlock_logs(
        &self,
        route: &Route,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Vec<Secret>, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let mut tokens = Vec::new();
        for (index, log) in route.logs.iter().enumerate() {
            match unlock::unlock(&log.token, self.route_dir(route), env) {
                Ok(token) => tokens.push(token),
                Err(problem) => problems.push(Diagnostic {
                    place: self.places.get(&logs::place_key(&route.name, index)).cloned(),
                    ..problem
                }),
            }
        }
        if problems.is_empty() { Ok(tokens) } else { Err(problems) }
    }

    fn route_dir(&self, route: &Route) -> &Path {
        self.route_dirs
            .get(&route.name)
            .map_or(Path::new("."), PathBuf::as_path)
    }

    /// Secrets of a mailbox, as far as it has them and its way to log in needs them.
    pub fn unlock_mailbox(
        &self,
        mailbox: &SeedMailbox,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<MailboxSecrets, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let mut open = |field: &str, secret: Option<&SecretRef>| {
            let place = self.places.get(&format!("mailbox {}.{field}", mailbox.name));
            let unlocked = secret
                .map(|secret| unlock::unlock(secret, &self.mailboxes_dir, env))
                .transpose();
            unlocked.unwrap_or_else(|problem| {
                problems.push(Diagnostic {
                    place: place.cloned(),
                    ..problem
                });
                None
            })
        };
        let secrets = match &mailbox.oauth {
            None => MailboxSecrets {
                password: open("password", mailbox.password.as_ref()),
                ..MailboxSecrets::default()
            },
            Some(oauth) => MailboxSecrets {
                password: None,
                client_secret: open("client_secret", oauth.client_secret.as_ref()),
                refresh_token: open("refresh_token", oauth.refresh_token.as_ref()),
            },
        };
        if problems.is_empty() {
            Ok(secrets)
        } else {
            Err(problems)
        }
    }

    /// The PEM text of a route's own trust anchor.
    pub fn route_ca(&self, route: &Route) -> Result<Option<Vec<u8>>, Diagnostic> {
        let dir = self.route_dir(route);
        route.kind.ca_file().map(|file| unlock::read_ca(dir, file)).transpose()
    }

    /// The PEM text of a mailbox server's own trust anchor.
    pub fn mailbox_ca(&self, mailbox: &SeedMailbox) -> Result<Option<Vec<u8>>, Diagnostic> {
        mailbox
            .ca_file
            .as_deref()
            .map(|file| unlock::read_ca(&self.mailboxes_dir, file))
            .transpose()
    }
}

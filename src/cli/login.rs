//! `inboxqa login MAILBOX`: a person grants access once, and the refresh token goes into a file that only they can read.

use super::args::LoginArgs;
use super::exit::Exit;
use super::keys::{self, Rotations};
use super::world::{LabSeed, lab_seed};
use super::{files, terminal};
use crate::config;
use crate::mailbox::oauth::{Granted, Loopback, TokenSource, ask_device, await_device};
use crate::mailbox::{Account, examine_login};
use crate::model::oauth::{Grant, OAuth};
use crate::model::{Endpoints, Secret, SeedMailbox};
use crate::net::Net;
use crate::report::tally;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) async fn login(args: LoginArgs) -> Exit {
    match attempt(&args).await {
        Ok(()) => Exit::Pass,
        Err(exit) => exit,
    }
}

/// What a login works with.
struct Desk {
    net: Net,
    account: Account,
    secret: Option<Secret>,
    /// Keeps the lab's servers alive.
    _lab: Option<LabSeed>,
}

async fn attempt(args: &LoginArgs) -> Result<(), Exit> {
    let file = files::mailboxes(args.mailboxes.as_ref(), &[], files::Reach::by(args.lab)).told();
    let loaded = files::load(&[], &file)?;
    let seed = loaded
        .mailboxes
        .get(&args.mailbox)
        .ok_or_else(|| unknown(&args.mailbox, &loaded))?;
    let Some(client) = seed.oauth.clone() else {
        return Err(fatal(&format!(
            "mailbox {} logs in by password; state `client_id` in {} to log in by OAuth",
            seed.name,
            file.name()
        )));
    };
    let usual = usual_place(&loaded.mailboxes_dir, &seed.name);
    // What the lab grants is worth nothing, and would lie where the real one is looked for.
    let place = match &args.save {
        None if args.lab => None,
        save => Some(save.clone().unwrap_or(usual.clone())),
    };
    if let Some(place) = &place
        && client.grant == Grant::RefreshToken
        && place.exists()
        && !args.force
    {
        return Err(fatal(&format!(
            "{} is there already; --force replaces it",
            place.display()
        )));
    }
    let desk = open(&loaded, seed, args.lab)?;
    match client.grant {
        // Nobody has to grant anything: the login alone is proved.
        Grant::ClientCredentials => prove(&desk.account, &desk.net).await,
        Grant::RefreshToken => {
            let granted = grant(&desk, &client, args.browser)
                .await
                .map_err(|failure| fatal(&failure.detail()))?;
            let Some(refresh) = granted.refresh else {
                return Err(fatal(
                    "access was granted, but without a refresh token: check that the scope asks for one (offline_access)",
                ));
            };
            match &place {
                Some(place) => {
                    keys::save(place, &refresh).map_err(|error| {
                        fatal(&format!("the token can not be written to {}: {error}", place.display()))
                    })?;
                    told(&seed.name, place, &loaded.mailboxes_dir);
                }
                None => terminal::out(&format!(
                    "Granted in the lab, and not kept. Without --lab the refresh token goes into {}.",
                    usual.display()
                )),
            }
            let account = with_token(&desk, client, refresh);
            prove(&account, &desk.net).await
        }
    }
}

/// Beside the mailboxes file, in the folder that git ignores.
fn usual_place(dir: &Path, mailbox: &str) -> PathBuf {
    dir.join(".inboxqa").join(format!("{mailbox}.refresh-token"))
}

fn unknown(name: &str, loaded: &config::Loaded) -> Exit {
    let names: Vec<&str> = loaded.mailboxes.keys().map(String::as_str).collect();
    fatal(&format!(
        "no mailbox `{}`; there are {}",
        name.escape_debug(),
        names.join(", ")
    ))
}

fn fatal(text: &str) -> Exit {
    terminal::error(text);
    Exit::Usage
}

fn open(loaded: &config::Loaded, seed: &SeedMailbox, lab: bool) -> Result<Desk, Exit> {
    let failed = |text: String| fatal(&text);
    if lab {
        let lab = lab_seed(seed).map_err(failed)?;
        let net = Net::open(lab.endpoints.clone(), Vec::new()).map_err(|why| failed(why.detail))?;
        return Ok(Desk {
            net,
            account: lab.account.clone(),
            secret: lab.client_secret.clone(),
            _lab: Some(lab),
        });
    }
    // The old refresh token, if there is one, is not needed: it may be what this login is to replace.
    let mut fresh = seed.clone();
    if let Some(oauth) = &mut fresh.oauth {
        oauth.refresh_token = None;
    }
    let show = |problems: Vec<crate::model::Diagnostic>| files::show(&problems, &loaded.sources);
    let env = |name: &str| std::env::var(name).ok();
    let secret = loaded.unlock_mailbox(&fresh, &env).map_err(show)?.client_secret;
    let (account, _) = keys::account(loaded, &fresh, &Rotations::default()).map_err(show)?;
    let endpoints = Endpoints {
        dns: loaded.network.dns.clone(),
        ..Endpoints::default()
    };
    Ok(Desk {
        net: Net::open(endpoints, Vec::new()).map_err(|why| failed(why.detail))?,
        account,
        secret,
        _lab: None,
    })
}

/// By a code where the provider has that (any browser will do), else by a browser on this machine.
async fn grant(desk: &Desk, client: &OAuth, browser: bool) -> Result<Granted, crate::mailbox::Failure> {
    let address = &desk.account.seed.address;
    if client.device_url.is_some() && !browser {
        let code = ask_device(&desk.net, client).await?;
        terminal::note(&format!(
            "Open {} in any browser, sign in as {address}, and type the code {}",
            visible(&code.verification_uri),
            visible(&code.user_code)
        ));
        return await_device(&desk.net, client, desk.secret.as_ref(), &code).await;
    }
    let loopback = Loopback::open(client, address).await?;
    terminal::note(&format!(
        "Open this page in a browser on this machine and sign in as {address}:\n\n  {}\n",
        loopback.url
    ));
    loopback.granted(&desk.net, client, desk.secret.as_ref()).await
}

/// A server's text is nobody's terminal command.
fn visible(text: &str) -> String {
    crate::report::escape::visible(text).into_owned()
}

fn with_token(desk: &Desk, client: OAuth, refresh: Secret) -> Account {
    let forget = Arc::new(|_: &Secret| {});
    Account {
        oauth: Some(TokenSource::new(client, desk.secret.clone(), Some(refresh), forget)),
        ..desk.account.clone()
    }
}

/// What to write where, now that the token is in its file.
fn told(mailbox: &str, place: &Path, dir: &Path) {
    let relative = place.strip_prefix(dir).unwrap_or(place);
    let variable = mailbox
        .to_uppercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    terminal::out(&format!(
        "The refresh token is in {} (mode 0600). It is a secret: it opens the mailbox.\n\
         In the mailboxes file:  refresh_token = \"${{file:{}}}\"\n\
         In CI, store the file's text as a secret {variable}_RT and write:  refresh_token = \"${{env:{variable}_RT}}\"",
        place.display(),
        relative.display()
    ));
}

async fn prove(account: &Account, net: &Net) -> Result<(), Exit> {
    match examine_login(account, net).await {
        Ok(report) => {
            terminal::out(&format!(
                "Logged in at {} by {}: {}.",
                account.seed.profile.host,
                report.method,
                tally::counted(report.folders.len(), "folder")
            ));
            Ok(())
        }
        Err(why) => Err(fatal(&format!(
            "the token was granted, but the login fails: {}",
            visible(&why.detail)
        ))),
    }
}

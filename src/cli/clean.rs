//! `inboxqa clean`: the one command that writes to a seed. It shows what it found, asks, and says what it did.

use super::args::CleanArgs;
use super::exit::Exit;
use super::keys::{self, Rotations};
use super::{files, terminal};
use crate::config::Loaded;
use crate::mailbox::{Account, TestMail, find_tests, remove_tests};
use crate::model::{Endpoints, Why};
use crate::net::Net;
use crate::report::escape::visible;
use crate::report::tally;
use std::collections::BTreeMap;
use time::OffsetDateTime;

pub(super) async fn clean(args: CleanArgs) -> Exit {
    match attempt(&args).await {
        Ok(exit) | Err(exit) => exit,
    }
}

fn fatal(text: &str) -> Exit {
    terminal::error(text);
    Exit::Usage
}

async fn attempt(args: &CleanArgs) -> Result<Exit, Exit> {
    let seeds = files::mailboxes(args.mailboxes.as_ref(), &[], files::Reach::OwnAlone);
    let loaded = files::load(&[], &seeds.from)?;
    let accounts = accounts(&loaded, &args.names)?;
    let endpoints = Endpoints {
        dns: loaded.network.dns.clone(),
        ..Endpoints::default()
    };
    let net = Net::open(endpoints, Vec::new()).map_err(|why| fatal(&why.detail))?;
    let until = OffsetDateTime::now_utc() - args.older_than;
    let mut found = Vec::new();
    let mut blind = false;
    for account in &accounts {
        match find_tests(account, &net, until).await {
            Ok(mail) => {
                show(&account.seed.name, &mail);
                found.push((account, mail));
            }
            Err(why) => blind |= unreadable(&account.seed.name, &why),
        }
    }
    found.retain(|(_, mail)| !mail.messages.is_empty());
    let count: usize = found.iter().map(|(_, mail)| mail.messages.len()).sum();
    if count > 0 && !args.dry_run {
        let question = format!(
            "{} will be removed from {}",
            tally::counted(count, "test message"),
            tally::counted(found.len(), "mailbox")
        );
        if !args.yes
            && !terminal::confirmed(
                &question,
                "Remove?",
                "Nothing was removed: say --yes to remove without being asked.",
            )
        {
            return Ok(Exit::Usage);
        }
        for (account, mail) in &found {
            blind |= remove(account, &net, mail).await;
        }
    }
    Ok(if blind { Exit::Blind } else { Exit::Pass })
}

fn accounts(loaded: &Loaded, names: &[String]) -> Result<Vec<Account>, Exit> {
    if let Some(name) = names.iter().find(|name| !loaded.mailboxes.contains_key(*name)) {
        let known: Vec<&str> = loaded.mailboxes.keys().map(String::as_str).collect();
        return Err(fatal(&format!(
            "no mailbox `{}`; there are {}",
            name.escape_debug(),
            known.join(", ")
        )));
    }
    let chosen = loaded
        .mailboxes
        .values()
        .filter(|seed| names.is_empty() || names.contains(&seed.name));
    let opened = chosen.map(|seed| {
        let account = keys::account(loaded, seed, &Rotations::default());
        account
            .map(|(account, _)| account)
            .map_err(|problems| files::show(&problems, &loaded.sources))
    });
    opened.collect()
}

/// `gmail-1: 12 test messages (10 in All Mail, 2 in Spam)`.
fn show(mailbox: &str, mail: &TestMail) {
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for message in &mail.messages {
        *folders.entry(&message.folder).or_default() += 1;
    }
    let folders: Vec<String> = folders
        .iter()
        .map(|(folder, count)| format!("{count} in {folder}"))
        .collect();
    let places = if folders.is_empty() {
        String::new()
    } else {
        format!(" ({})", folders.join(", "))
    };
    terminal::out(&visible(&format!(
        "{mailbox}: {}{places}",
        tally::counted(mail.messages.len(), "test message")
    )));
    for unseen in &mail.unseen {
        terminal::out(&visible(&format!("{mailbox}: not looked at: {unseen}")));
    }
}

fn unreadable(mailbox: &str, why: &Why) -> bool {
    terminal::error(&visible(&format!("{mailbox}: {}: {}", why.code, why.detail)));
    true
}

/// Was something left that should have gone?
async fn remove(account: &Account, net: &Net, mail: &TestMail) -> bool {
    let name = &account.seed.name;
    match remove_tests(account, net, &mail.messages).await {
        Ok(cleaned) => {
            let done = [(cleaned.removed, "removed"), (cleaned.to_trash, "moved to the trash")];
            let done = done
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"));
            terminal::out(&format!("{name}: {}", done.collect::<Vec<_>>().join(", ")));
            for left in &cleaned.left {
                terminal::error(&visible(&format!("{name}: left: {left}")));
            }
            !cleaned.left.is_empty()
        }
        Err(why) => unreadable(name, &why),
    }
}

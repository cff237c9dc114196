//! A seed mailbox on the lab's IMAP server, a watcher on it, and mail for it.

use super::script::{account, pki};
use inboxqa::lab::imap::layout::{self, FolderPlan};
use inboxqa::lab::imap::{Filed, ImapAccount, ImapFaults, ImapWorld, MailStore, serve};
use inboxqa::mailbox::{Account, Ticket, Timing, Watched, Watcher, baseline};
use inboxqa::model::profile::Dialect;
use inboxqa::model::{Arrival, Endpoints, FolderRole, Mark, Probe, Token};
use inboxqa::net::Net;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_util::sync::CancellationToken;

pub const SEED: &str = "seed-1";

pub struct Seed {
    pub account: Account,
    pub net: Net,
    pub store: MailStore,
    pub faults: ImapFaults,
    pub world: ImapWorld,
    pub stop: CancellationToken,
    server: JoinHandle<std::io::Result<()>>,
}

impl Drop for Seed {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Seed {
    pub async fn start(dialect: Dialect) -> Seed {
        Seed::with_folders(dialect, layout::usual(dialect)).await
    }

    pub async fn with_folders(dialect: Dialect, folders: Vec<FolderPlan>) -> Seed {
        let pki = pki();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pki.key));
        let tls = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![pki.certificate], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let account = account(listener.local_addr().unwrap().port(), dialect);
        let store = MailStore::new();
        store.add_mailbox_with(SEED, dialect, folders);
        let faults = ImapFaults::new();
        let mut world = ImapWorld::new(dialect, store.clone());
        let login = ImapAccount::with_password(SEED, account.password.clone().unwrap());
        world.accounts.insert(account.seed.username.clone(), login);
        world.faults.insert(SEED.to_owned(), faults.clone());
        let server = tokio::spawn(serve(listener, Arc::new(tls), world.clone()));
        let endpoints = Endpoints {
            roots: vec![pki.authority.to_vec()],
            ..Endpoints::default()
        };
        Seed {
            account,
            net: Net::open(endpoints, vec![]).unwrap(),
            store,
            faults,
            world,
            stop: CancellationToken::new(),
            server,
        }
    }

    pub async fn marks(&self) -> Vec<Mark> {
        baseline(&self.account, &self.net).await.unwrap()
    }

    pub async fn watcher(&self) -> Watcher {
        let marks = self.marks().await;
        Watcher::open(self.account.clone(), self.net.clone(), marks, self.stop.clone())
    }

    pub fn deliver(&self, role: FolderRole, raw: &[u8]) -> Filed {
        self.store
            .deliver(SEED, role, raw.to_vec(), OffsetDateTime::now_utc())
            .unwrap()
    }

    /// Waits until the watcher has read a message: it asked for one, and then for something else.
    pub async fn has_read(&self) {
        let read = || {
            let commands = self.commands();
            let body = commands.iter().position(|line| line.contains("BODY.PEEK[]"));
            body.is_some_and(|at| at + 1 < commands.len())
        };
        let wait = async {
            while !read() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(LONG, wait).await.expect("a message is read");
    }

    /// Every command of every connection, in order.
    pub fn commands(&self) -> Vec<String> {
        let connections = self.world.transcripts.of(SEED);
        let lines = connections.into_iter().flat_map(|connection| connection.lines);
        lines.filter(|line| line.starts_with("C: ")).collect()
    }
}

pub fn token(number: u32) -> Token {
    Token::parse(&format!("{number:032x}")).unwrap()
}

pub fn mail(token: &Token) -> Vec<u8> {
    format!(
        "Received: from a.example by b.example; Mon, 23 Nov 2026 10:00:00 +0000\r\n\
         From: Shop <shop@brand.example>\r\nTo: seed@mail.example\r\nSubject: Order\r\n\
         X-InboxQA-Token: {token}\r\n\r\nThe total is {{9999999}}.\r\n* BYE\r\n"
    )
    .into_bytes()
}

pub fn timing(give_up: Duration) -> Timing {
    Timing {
        accepted: Instant::now(),
        accepted_at: OffsetDateTime::now_utc(),
        give_up,
        quiet: Duration::from_millis(200),
    }
}

/// Long enough never to be reached by a message that is there.
pub const LONG: Duration = Duration::from_secs(60);
/// Short enough to be waited for.
pub const SHORT: Duration = Duration::from_millis(600);

pub async fn watch(ticket: Ticket, give_up: Duration) -> Watched {
    ticket.watch(timing(give_up)).await
}

pub fn arrival(watched: &Watched) -> &Arrival {
    match &watched.arrival {
        Probe::Seen(arrival) => arrival,
        other => panic!("not seen: {other:?}\n{:?}", watched.log),
    }
}

pub fn blind(watched: &Watched) -> &str {
    match &watched.arrival {
        Probe::Blind(why) => &why.code,
        other => panic!("not blind: {other:?}\n{:?}", watched.log),
    }
}

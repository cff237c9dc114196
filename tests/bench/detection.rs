//! How much later does the watcher see a message than it could be seen? Against plain IMAP clients on the same Dovecot in the same
//! run: one that asks every 20 ms, and one that idles.
//!
//! `cargo bench --bench detection` (root on Debian, with the packages `ci/test` installs)
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a measurement that can not be set up has nothing to say; the servers' modules serve the tests too"
)]

#[path = "../it/real/daemon.rs"]
mod daemon;
#[path = "../it/real/dovecot.rs"]
mod dovecot;

use dovecot::{Dovecot, PASSWORD};
use inboxqa::mailbox::{Account, Timing, Watcher, baseline};
use inboxqa::model::profile::{AuthresTrust, Dialect};
use inboxqa::model::{Endpoints, Probe, Profile, Secret, SeedMailbox, Token};
use inboxqa::net::Net;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

const USER: &str = "seed@mail.example";
const MESSAGES: u32 = 40;
const POLLS: [u64; 2] = [1_000, 250];
const PEER_POLL: Duration = Duration::from_millis(20);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let Some(dovecot) = Dovecot::start("detection") else {
        println!("no figure: Dovecot can not run here");
        return;
    };
    println!(
        "{MESSAGES} messages each, delivered at moments spread over the interval; ms after a plain client that asks every 20 ms"
    );
    for poll in POLLS {
        let (late, _) = measure(&dovecot, poll, false).await;
        report(
            &format!("polling every {poll} ms"),
            late,
            &format!("half the interval + 30 = {}", poll / 2 + 30),
        );
    }
    let (late, notified) = measure(&dovecot, 5_000, true).await;
    let own = median(notified.clone());
    report("a plain client that idles", notified, "Dovecot's own notification");
    report("IDLE", late, &format!("its notification + 50 = {:.0}", own + 50.0));
}

fn report(what: &str, mut late: Vec<f64>, bound: &str) {
    late.sort_by(f64::total_cmp);
    let at = |share: f64| late[((late.len() - 1) as f64 * share).round() as usize];
    println!(
        "{what:<28} p50 {:>6.1}   p95 {:>6.1}   max {:>6.1}   ({bound})",
        at(0.5),
        at(0.95),
        at(1.0)
    );
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Milliseconds by which the watcher, and a plain idling client, are later than the polling one.
async fn measure(dovecot: &Dovecot, poll_ms: u64, idle: bool) -> (Vec<f64>, Vec<f64>) {
    let (account, net) = door(dovecot, poll_ms, idle);
    let watcher = Watcher::open(
        account.clone(),
        net.clone(),
        baseline(&account, &net).await.unwrap(),
        CancellationToken::new(),
    );
    let mut asker = Peer::open(&account, &net).await.asking();
    let mut idler = Peer::open(&account, &net).await.idling();
    let (mut late, mut notified) = (Vec::new(), Vec::new());
    for number in 0..MESSAGES {
        let token = Token::parse(&format!("{:032x}", u128::from(poll_ms) << 64 | u128::from(number))).unwrap();
        let ticket = watcher.expect(token.clone());
        // The deliveries are spread evenly over the interval, in an order that does not follow the poll.
        let phase = u64::from(number * 17 % MESSAGES) * poll_ms.min(1_000) / u64::from(MESSAGES);
        tokio::time::sleep(Duration::from_millis(poll_ms.min(1_000) + phase)).await;
        let accepted = Instant::now();
        let watched = tokio::spawn(ticket.watch(Timing {
            accepted,
            accepted_at: OffsetDateTime::now_utc(),
            give_up: Duration::from_secs(60),
            quiet: Duration::from_millis(1),
        }));
        let delivery = format!("From: a@brand.example\r\nX-InboxQA-Token: {token}\r\n\r\nHello\r\n");
        dovecot.deliver(USER, "INBOX", delivery.as_bytes());
        let visible = asker.recv().await.unwrap().duration_since(accepted).as_secs_f64() * 1e3;
        let idled = idler.recv().await.unwrap().duration_since(accepted).as_secs_f64() * 1e3;
        let watched = watched.await.unwrap();
        let Probe::Seen(arrival) = &watched.arrival else {
            panic!("not seen: {:?}", watched.arrival);
        };
        late.push(arrival.sightings[0].after_ms as f64 - visible);
        notified.push(idled - visible);
    }
    watcher.close().await;
    (late, notified)
}

fn door(dovecot: &Dovecot, poll_ms: u64, idle: bool) -> (Account, Net) {
    let profile = Profile {
        dialect: Dialect::Generic,
        host: "localhost".to_owned(),
        port: dovecot.port,
        poll_ms,
        idle,
        plus: false,
        junk_names: vec![],
        junk_stated: false,
        byte_exact: true,
        authres: AuthresTrust::Nobody,
        received_by: vec![],
    };
    let account = Account {
        seed: SeedMailbox {
            name: "seed".to_owned(),
            provider: "imap".to_owned(),
            address: USER.to_owned(),
            username: USER.to_owned(),
            password: None,
            oauth: None,
            ca_file: None,
            tags: vec![],
            drill: false,
            profile,
        },
        password: Some(Secret::new(PASSWORD)),
        oauth: None,
        extra_root_pem: None,
    };
    let endpoints = Endpoints {
        roots: vec![dovecot.authority.clone()],
        ..Endpoints::default()
    };
    (account, Net::open(endpoints, vec![]).unwrap())
}

/// A client with nothing of the product but its TLS.
struct Peer(BufReader<TlsStream<TcpStream>>);

impl Peer {
    async fn open(account: &Account, net: &Net) -> Peer {
        let host = &account.seed.profile.host;
        let tcp = net.connect(host, account.seed.profile.port).await.unwrap();
        let (tls, _) = net.secure(host, tcp, None).await.unwrap();
        let mut peer = Peer(BufReader::new(tls));
        peer.line().await;
        peer.command("a LOGIN", &format!("a LOGIN {USER} {PASSWORD}")).await;
        peer.command("a EXAMINE", "a EXAMINE INBOX").await;
        peer
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.0.read_line(&mut line).await.unwrap(), 0, "the server hung up");
        line
    }

    async fn send(&mut self, text: &str) {
        self.0.write_all(format!("{text}\r\n").as_bytes()).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// Sends and reads to the tagged answer; was a message announced?
    async fn command(&mut self, what: &str, text: &str) -> bool {
        self.send(text).await;
        let mut news = false;
        loop {
            let line = self.line().await;
            news |= line.trim_end().ends_with(" EXISTS");
            if line.starts_with("a ") {
                assert!(line.starts_with("a OK"), "{what}: {line}");
                return news;
            }
        }
    }

    /// Asks again and again until nobody listens.
    fn asking(mut self) -> mpsc::UnboundedReceiver<Instant> {
        let (seen, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while !seen.is_closed() {
                if self.command("NOOP", "a NOOP").await {
                    let _ = seen.send(Instant::now());
                }
                tokio::time::sleep(PEER_POLL).await;
            }
        });
        receiver
    }

    /// Idles until nobody listens.
    fn idling(mut self) -> mpsc::UnboundedReceiver<Instant> {
        let (seen, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            self.send("a IDLE").await;
            loop {
                let line = tokio::select! {
                    line = self.line() => line,
                    () = seen.closed() => return,
                };
                if line.trim_end().ends_with(" EXISTS") {
                    let _ = seen.send(Instant::now());
                }
            }
        });
        receiver
    }
}

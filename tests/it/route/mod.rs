//! Submission against scripted SMTP servers on real sockets with real TLS.

mod accepted;
mod login;
mod lost;
mod refused;
mod server;
mod starttls;

use inboxqa::model::route::{RouteKind, Security, SmtpRoute};
use inboxqa::model::{Contract, Delivery, DeliveryId, Endpoints, Mark, Route, Secret, SendOutcome, SmtpReply, Token};
use inboxqa::net::Net;
use inboxqa::route::{Credentials, Deadlines, Worker};
use inboxqa::store::{Baseline, Intent, RunRow, Store};
use server::{Plan, Server};
use std::collections::BTreeMap;
use std::time::Duration;
use tempfile::TempDir;
use time::OffsetDateTime;

const FROM: &str = "bounces@brand.example";
const TO: &str = "seed@gmail.example";
const MESSAGE: &[u8] = b"Subject: hello\r\n\r\nfirst\r\n.\r\n..two\r\nlast\r\n";

/// A journal to take intents from.
struct Journal {
    store: Store,
    baseline: Baseline,
    count: u128,
    _dir: TempDir,
}

impl Journal {
    async fn open() -> Journal {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("runs.sqlite")).await.unwrap();
        let run = RunRow {
            id: "r".into(),
            suite: "s".into(),
            files: Vec::new(),
            world: "lab".into(),
            started_at: OffsetDateTime::now_utc(),
        };
        store.begin_run(&run).await.unwrap();
        let mark = Mark {
            folder: "INBOX".into(),
            uid_validity: 1,
            uid_next: 1,
        };
        let baseline = store.baseline("r", "gmail-1", &[mark]).await.unwrap();
        Journal {
            store,
            baseline,
            count: 0,
            _dir: dir,
        }
    }

    async fn intent_to(&mut self, to: &str) -> Intent {
        self.count += 1;
        let delivery = Delivery {
            id: DeliveryId {
                suite: "s".into(),
                case: format!("c{}", self.count),
                route: "r".into(),
                mailbox: "gmail-1".into(),
            },
            attempt: 1,
            token: Token::parse(&format!("{:032x}", self.count)).unwrap(),
            retry: false,
        };
        self.store.intend("r", &delivery, &self.baseline, to).await.unwrap()
    }

    async fn intent(&mut self) -> Intent {
        self.intent_to(TO).await
    }
}

fn deadlines() -> Deadlines {
    Deadlines {
        opening: Duration::from_secs(20),
        command: Duration::from_secs(20),
        body: Duration::from_secs(20),
        dot: Duration::from_secs(20),
    }
}

/// For servers that are going to be silent before the dot.
fn impatient() -> Deadlines {
    let short = Duration::from_millis(300);
    Deadlines {
        opening: short,
        command: short,
        body: short,
        ..deadlines()
    }
}

/// For servers that are going to be silent after it.
fn impatient_at_the_dot() -> Deadlines {
    Deadlines {
        dot: Duration::from_millis(300),
        ..deadlines()
    }
}

fn credentials() -> Credentials {
    Credentials {
        username: Secret::new("user"),
        password: Secret::new("correct horse"),
    }
}

/// The settings of an SMTP route.
pub fn smtp_of(route: Route) -> SmtpRoute {
    match route.kind {
        RouteKind::Smtp(smtp) => smtp,
        other => panic!("{other:?}"),
    }
}

fn route_to(server: &Server) -> Route {
    Route {
        name: "postmark-tx".into(),
        kind: RouteKind::Smtp(SmtpRoute {
            host: "localhost".into(),
            port: server.port,
            security: if server.implicit {
                Security::Tls
            } else {
                Security::Starttls
            },
            username: None,
            password: None,
            headers: BTreeMap::new(),
            envelope_from: None,
            ca_file: None,
        }),
        concurrency: 1,
        rate_per_second: 0.0,
        logs: Vec::new(),
        contract: Contract::default(),
    }
}

fn worker(server: &Server, deadlines: Deadlines) -> Worker {
    let net = Net::open(Endpoints::default(), Vec::new()).unwrap();
    let ca = Some(server.ca_pem.clone().into_bytes());
    Worker::with_deadlines(&route_to(server), Some(credentials()), ca, net, deadlines)
}

/// One try of `raw` against a server that behaves as planned.
async fn submit(plan: Plan, raw: &[u8], deadlines: Deadlines) -> (SendOutcome, Server) {
    let server = Server::start(plan).await;
    let mut journal = Journal::open().await;
    let mut worker = worker(&server, deadlines);
    let sent = worker.submit(journal.intent().await, FROM, raw).await;
    let settled = journal.store.settle(sent).await.unwrap();
    worker.quit().await;
    (settled.outcome, server)
}

async fn outcome(plan: Plan) -> SendOutcome {
    submit(plan, MESSAGE, deadlines()).await.0
}

fn code_of(outcome: &SendOutcome) -> &str {
    match outcome {
        SendOutcome::NotSent { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

fn refusal(outcome: SendOutcome) -> SmtpReply {
    match outcome {
        SendOutcome::Refused(reply) => reply,
        other => panic!("{other:?}"),
    }
}

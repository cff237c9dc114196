//! The servers themselves: what is handed to the sending side arrives, signed and verified, in the right folder.

use super::daemon::wait_for;
use super::host::{MailHost, SMTP_USER};
use inboxqa::model::route::{RouteKind, Security, SmtpRoute};
use inboxqa::model::{Contract, Delivery, DeliveryId, Endpoints, Mark, Route, Secret, SendOutcome, Token};
use inboxqa::net::Net;
use inboxqa::route::{Credentials, Worker, verify_login};
use inboxqa::store::{RunRow, Store};
use std::collections::BTreeMap;

fn route(host: &MailHost) -> Route {
    Route {
        name: "own".into(),
        kind: RouteKind::Smtp(SmtpRoute {
            host: "localhost".into(),
            port: host.smtp_port,
            security: Security::Starttls,
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

fn credentials(password: &str) -> Credentials {
    Credentials {
        username: Secret::new(SMTP_USER),
        password: Secret::new(password),
    }
}

fn net() -> Net {
    Net::open(Endpoints::default(), Vec::new()).unwrap()
}

/// Sends one message to a seed of the host.
async fn send(host: &MailHost, seed: &str, headers: &str) -> SendOutcome {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("runs.sqlite")).await.unwrap();
    let run = RunRow {
        id: "r".into(),
        suite: "s".into(),
        files: Vec::new(),
        world: "real".into(),
        started_at: time::OffsetDateTime::now_utc(),
    };
    store.begin_run(&run).await.unwrap();
    let mark = Mark {
        folder: "INBOX".into(),
        uid_validity: 1,
        uid_next: 1,
    };
    let baseline = store.baseline("r", seed, &[mark]).await.unwrap();
    let delivery = Delivery {
        id: DeliveryId {
            suite: "s".into(),
            case: "c".into(),
            route: "own".into(),
            mailbox: seed.into(),
        },
        attempt: 1,
        token: Token::parse(&"a".repeat(32)).unwrap(),
        retry: false,
    };
    let to = MailHost::address(seed);
    let intent = store.intend("r", &delivery, &baseline, &to).await.unwrap();
    let ca = Some(host.ca_pem.clone().into_bytes());
    let mut worker = Worker::new(&route(host), Some(credentials(host.password)), ca, net());
    let message = format!(
        "From: Brand <receipts@brand.example>\r\nTo: <{to}>\r\nSubject: hello\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\
         Message-ID: <1@brand.example>\r\n{headers}\r\nThe message.\r\n.\r\nIts end.\r\n"
    );
    let sent = worker
        .submit(intent, "bounces@pm-bounces.brand.example", message.as_bytes())
        .await;
    worker.quit().await;
    store.settle(sent).await.unwrap().outcome
}

#[tokio::test]
async fn mail_travels_through_postfix_opendkim_and_dovecot() {
    let Some(host) = MailHost::start("real::travel") else {
        return;
    };
    let outcome = send(&host, "one", "").await;
    let SendOutcome::Accepted(reply) = outcome else {
        panic!("{outcome:?}\n{}", host.log())
    };
    assert!(reply.text.contains("queued as"), "{reply:?}");
    let text = wait_for("the message in the inbox", || {
        let text = host.messages(&MailHost::address("one"), "INBOX");
        text.contains("Its end.").then_some(text)
    });
    assert!(
        text.contains("Authentication-Results: mx.seeds.example;\n\tdkim=pass (2048-bit key"),
        "{text}"
    );
    assert!(text.contains("[127.0.0.25]"), "{text}");

    assert!(matches!(
        send(&host, "two", "X-Test-Junk: yes\r\n").await,
        SendOutcome::Accepted(_)
    ));
    wait_for("the message in Junk", || {
        let junk = host.messages(&MailHost::address("two"), "Junk");
        junk.contains("Its end.").then_some(())
    });
}

#[tokio::test]
async fn a_wrong_password_is_told_in_postfix_own_words() {
    let Some(host) = MailHost::start("real::travel") else {
        return;
    };
    let ca = || Some(host.ca_pem.clone().into_bytes());
    let facts = verify_login(
        &crate::route::smtp_of(route(&host)),
        Some(credentials(host.password)),
        ca(),
        &net(),
    )
    .await
    .unwrap();
    assert!(
        facts.authenticated && facts.extensions.iter().any(|line| line == "8BITMIME"),
        "{facts:?}"
    );
    let why = verify_login(
        &crate::route::smtp_of(route(&host)),
        Some(credentials("wrong")),
        ca(),
        &net(),
    )
    .await
    .unwrap_err();
    assert_eq!(why.code, "auth");
    assert!(why.detail.contains("535 5.7.8"), "{why:?}");
}

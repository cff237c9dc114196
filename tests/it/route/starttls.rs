//! Whoever sits on the line can prevent the login, but not read the credentials nor steer the session.

use super::server::{Do, Plan, say};
use super::{MESSAGE, code_of, deadlines, submit};

async fn fails_closed(plan: Plan, code: &str) {
    let (outcome, server) = submit(plan, MESSAGE, deadlines()).await;
    assert_eq!(code_of(&outcome), code, "{outcome:?}");
    assert!(!server.heard_credentials());
    server.told(|told| assert!(told.messages.is_empty() && !told.plain.iter().any(|line| line.starts_with("MAIL"))));
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_credentials() {
    fails_closed(
        Plan {
            plain_ehlo: say("250-smtp.brand.example\r\n250 AUTH PLAIN LOGIN"),
            ..Plan::good()
        },
        "starttls",
    )
    .await;
}

#[tokio::test]
async fn a_server_that_refuses_starttls_gets_no_credentials() {
    fails_closed(
        Plan {
            starttls: say("502 5.5.1 no"),
            ..Plan::good()
        },
        "starttls",
    )
    .await;
}

#[tokio::test]
async fn bytes_behind_the_answer_to_starttls_end_it() {
    let injected = Do::Say(b"220 go ahead\r\n250-evil.example\r\n250 AUTH PLAIN\r\n".to_vec());
    fails_closed(
        Plan {
            starttls: injected,
            ..Plan::good()
        },
        "starttls",
    )
    .await;
}

#[tokio::test]
async fn a_certificate_for_another_name_ends_it() {
    fails_closed(
        Plan {
            name: "other.example",
            ..Plan::good()
        },
        "tls",
    )
    .await;
    fails_closed(
        Plan {
            implicit: true,
            name: "other.example",
            ..Plan::good()
        },
        "tls",
    )
    .await;
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_ends_it() {
    let server = super::Server::start(Plan::good()).await;
    let net = inboxqa::net::Net::open(inboxqa::model::Endpoints::default(), Vec::new()).unwrap();
    let mut worker = inboxqa::route::Worker::new(&super::route_to(&server), Some(super::credentials()), None, net);
    let mut journal = super::Journal::open().await;
    let sent = worker.submit(journal.intent().await, super::FROM, MESSAGE).await;
    assert_eq!(code_of(&sent.outcome().outcome), "tls");
    assert!(!server.heard_credentials());
}

#[tokio::test]
async fn what_was_promised_in_the_clear_is_forgotten() {
    // Only the clear side offers AUTH: it must not be believed.
    let plan = Plan {
        plain_ehlo: say("250-smtp.brand.example\r\n250-AUTH PLAIN\r\n250 STARTTLS"),
        ehlo: say("250 smtp.brand.example"),
        ..Plan::good()
    };
    fails_closed(plan, "auth").await;
}

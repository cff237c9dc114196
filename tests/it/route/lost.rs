//! Silence, hang-ups and nonsense: before the dot the message is certainly not sent, after it nobody knows.

use super::server::{Do, Plan};
use super::{MESSAGE, code_of, deadlines, impatient, impatient_at_the_dot, submit};
use inboxqa::model::SendOutcome;

/// The plans that do `what` at each step before the dot.
fn before_the_dot(what: &Do) -> Vec<(&'static str, Plan)> {
    let what = || what.clone();
    vec![
        (
            "greeting",
            Plan {
                greeting: what(),
                ..Plan::good()
            },
        ),
        (
            "greeting under TLS",
            Plan {
                implicit: true,
                greeting: what(),
                ..Plan::good()
            },
        ),
        (
            "EHLO in the clear",
            Plan {
                plain_ehlo: what(),
                ..Plan::good()
            },
        ),
        (
            "STARTTLS",
            Plan {
                starttls: what(),
                ..Plan::good()
            },
        ),
        (
            "EHLO",
            Plan {
                ehlo: what(),
                ..Plan::good()
            },
        ),
        (
            "AUTH",
            Plan {
                auth: vec![what()],
                ..Plan::good()
            },
        ),
        (
            "MAIL",
            Plan {
                mail: what(),
                ..Plan::good()
            },
        ),
        (
            "RCPT",
            Plan {
                rcpt: what(),
                ..Plan::good()
            },
        ),
        (
            "DATA",
            Plan {
                data: what(),
                ..Plan::good()
            },
        ),
    ]
}

fn large() -> Vec<u8> {
    [
        b"Subject: x\r\n\r\n".to_vec(),
        [&[b'x'; 76][..], b"\r\n"].concat().repeat(300_000),
    ]
    .concat()
}

#[tokio::test]
async fn a_connection_lost_before_the_dot_sent_nothing() {
    for (step, plan) in before_the_dot(&Do::Close) {
        let (outcome, _) = submit(plan, MESSAGE, deadlines()).await;
        assert_eq!(code_of(&outcome), "lost", "{step}: {outcome:?}");
    }
    let plan = Plan {
        body: Some((100_000, Do::Close)),
        ..Plan::good()
    };
    assert_eq!(code_of(&submit(plan, &large(), deadlines()).await.0), "lost");
}

#[tokio::test]
async fn silence_before_the_dot_sent_nothing() {
    for (step, plan) in before_the_dot(&Do::Hang) {
        let (outcome, _) = submit(plan, MESSAGE, impatient()).await;
        assert_eq!(code_of(&outcome), "timeout", "{step}: {outcome:?}");
    }
    let plan = Plan {
        body: Some((100_000, Do::Hang)),
        ..Plan::good()
    };
    assert_eq!(code_of(&submit(plan, &large(), impatient()).await.0), "timeout");
}

#[tokio::test]
async fn nonsense_before_the_dot_sent_nothing() {
    for (step, plan) in before_the_dot(&Do::Say(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())) {
        let (outcome, _) = submit(plan, MESSAGE, deadlines()).await;
        assert!(
            matches!(code_of(&outcome), "protocol" | "starttls"),
            "{step}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn after_the_dot_only_an_answer_tells() {
    let nonsense = Do::Say(b"\0\xff{}\r\n".to_vec());
    for (what, deadlines) in [
        (Do::Close, deadlines()),
        (Do::Hang, impatient_at_the_dot()),
        (nonsense, deadlines()),
    ] {
        let (outcome, server) = submit(
            Plan {
                dot: what.clone(),
                ..Plan::good()
            },
            MESSAGE,
            deadlines,
        )
        .await;
        assert!(matches!(outcome, SendOutcome::Unknown(_)), "{what:?}: {outcome:?}");
        // The server had it: sending it again would have delivered it twice.
        server.told(|told| assert_eq!(told.messages.len(), 1));
    }
}

#[tokio::test]
async fn a_connection_in_doubt_is_never_used_again() {
    for what in [Do::Hang, Do::Close, Do::Say(b"nonsense\r\n".to_vec())] {
        let server = super::Server::start(Plan {
            dot: what,
            ..Plan::good()
        })
        .await;
        let mut journal = super::Journal::open().await;
        let mut worker = super::worker(&server, impatient_at_the_dot());
        for _ in 0..2 {
            let sent = worker.submit(journal.intent().await, super::FROM, MESSAGE).await;
            assert!(matches!(sent.outcome().outcome, SendOutcome::Unknown(_)));
        }
        server.told(|told| assert_eq!(told.connections, 2));
    }
}

#[tokio::test]
async fn nobody_at_home_is_not_sent() {
    let server = super::Server::start(Plan::good()).await;
    let mut nobody = super::route_to(&server);
    let inboxqa::model::route::RouteKind::Smtp(smtp) = &mut nobody.kind else {
        panic!("an SMTP route")
    };
    smtp.port = crate::real::daemon::free_port();
    let net = inboxqa::net::Net::open(inboxqa::model::Endpoints::default(), Vec::new()).unwrap();
    let mut worker = inboxqa::route::Worker::new(&nobody, None, None, net);
    let mut journal = super::Journal::open().await;
    let sent = worker.submit(journal.intent().await, super::FROM, MESSAGE).await;
    assert_eq!(code_of(&sent.outcome().outcome), "connect");
}

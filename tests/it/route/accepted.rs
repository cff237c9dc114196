//! Messages that are taken, and how they look on the wire.

use super::server::{Do, Plan, Server, say};
use super::{FROM, Journal, MESSAGE, deadlines, submit, worker};
use inboxqa::model::SendOutcome;

#[tokio::test]
async fn a_message_arrives_byte_for_byte_with_its_own_reply() {
    for implicit in [false, true] {
        let (outcome, server) = submit(
            Plan {
                implicit,
                ..Plan::good()
            },
            MESSAGE,
            deadlines(),
        )
        .await;
        let SendOutcome::Accepted(reply) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(
            (reply.phase.as_str(), reply.code, reply.enhanced.as_deref()),
            ("dot", 250, Some("2.0.0"))
        );
        assert_eq!(reply.text, "2.0.0 queued as 4711");
        server.told(|told| {
            assert_eq!(told.messages, [MESSAGE]);
            assert!(
                told.secured
                    .contains(&"MAIL FROM:<bounces@brand.example> SIZE=41\r\n".to_owned()),
                "{told:?}"
            );
            assert!(
                told.secured.contains(&"RCPT TO:<seed@gmail.example>\r\n".to_owned()),
                "{told:?}"
            );
        });
    }
}

#[tokio::test]
async fn a_message_without_final_line_end_gets_one() {
    let (_, server) = submit(Plan::good(), b"Subject: x\r\n\r\nend", deadlines()).await;
    server.told(|told| assert_eq!(told.messages, [b"Subject: x\r\n\r\nend\r\n"]));
}

#[tokio::test]
async fn a_large_message_goes_over_in_pieces() {
    let line = [b".".as_slice(), &[b'x'; 76], b"\r\n"].concat();
    let large = [b"Subject: x\r\n\r\n".to_vec(), line.repeat(20_000)].concat();
    let (outcome, server) = submit(Plan::good(), &large, deadlines()).await;
    assert!(matches!(outcome, SendOutcome::Accepted(_)), "{outcome:?}");
    server.told(|told| assert!(told.messages == [large]));
}

#[tokio::test]
async fn one_connection_serves_many_messages() {
    let server = Server::start(Plan::good()).await;
    let mut journal = Journal::open().await;
    let mut worker = worker(&server, deadlines());
    for _ in 0..3 {
        let sent = worker.submit(journal.intent().await, FROM, MESSAGE).await;
        assert!(matches!(sent.outcome().outcome, SendOutcome::Accepted(_)));
    }
    assert_eq!(worker.tls().unwrap().version, "TLSv1.3");
    worker.quit().await;
    server.told(|told| {
        assert_eq!((told.connections, told.messages.len()), (1, 3));
        assert_eq!(told.secured.last().unwrap(), "QUIT\r\n");
    });
}

#[tokio::test]
async fn a_kept_connection_that_went_stale_is_replaced_before_the_message() {
    for rset in [Do::Close, say("421 4.4.2 idle for too long")] {
        let server = Server::start(Plan { rset, ..Plan::good() }).await;
        let mut journal = Journal::open().await;
        let mut worker = worker(&server, deadlines());
        for _ in 0..2 {
            let sent = worker.submit(journal.intent().await, FROM, MESSAGE).await;
            assert!(
                matches!(sent.outcome().outcome, SendOutcome::Accepted(_)),
                "{:?}",
                sent.outcome()
            );
        }
        server.told(|told| assert_eq!((told.connections, told.messages.len()), (2, 2)));
    }
}

#[tokio::test]
async fn a_refused_message_does_not_spoil_the_connection() {
    let server = Server::start(Plan {
        rcpt: say("550 5.1.1 no such user"),
        ..Plan::good()
    })
    .await;
    let mut journal = Journal::open().await;
    let mut worker = worker(&server, deadlines());
    for _ in 0..2 {
        let sent = worker.submit(journal.intent().await, FROM, MESSAGE).await;
        assert!(matches!(sent.outcome().outcome, SendOutcome::Refused(_)));
    }
    server.told(|told| assert_eq!(told.connections, 1));
}

#[tokio::test]
async fn sloppy_but_clear_replies_are_understood() {
    let plans = [
        Plan {
            dot: Do::Say(b"250\r\n".to_vec()),
            ..Plan::good()
        },
        Plan {
            dot: Do::Say(b"250 queued\n".to_vec()),
            ..Plan::good()
        },
        Plan {
            mail: Do::Say(b"250 na\xefve\r\n".to_vec()),
            ..Plan::good()
        },
        Plan {
            rcpt: say(&format!("250-{}\r\n250 ok", "x".repeat(3000))),
            ..Plan::good()
        },
        Plan {
            rcpt: say("251 will forward"),
            ..Plan::good()
        },
    ];
    for plan in plans {
        let outcome = super::outcome(plan.clone()).await;
        assert!(matches!(outcome, SendOutcome::Accepted(_)), "{plan:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn bytes_above_127_are_announced_and_refused_where_the_server_can_not_take_them() {
    let message = "Subject: x\r\n\r\nGrüße\r\n".as_bytes();
    let (outcome, server) = submit(Plan::good(), message, deadlines()).await;
    assert!(matches!(outcome, SendOutcome::Accepted(_)), "{outcome:?}");
    server.told(|told| {
        assert!(
            told.secured.iter().any(|line| line.contains("BODY=8BITMIME")),
            "{told:?}"
        )
    });

    let without = Plan {
        ehlo: say("250-smtp.brand.example\r\n250 AUTH PLAIN"),
        ..Plan::good()
    };
    let (outcome, server) = submit(without, message, deadlines()).await;
    assert_eq!(super::code_of(&outcome), "8bitmime");
    server.told(|told| assert!(!told.secured.iter().any(|line| line.starts_with("MAIL"))));
}

#[tokio::test]
async fn a_message_over_the_stated_size_is_not_even_begun() {
    let small = Plan {
        ehlo: say("250-smtp.brand.example\r\n250-SIZE 10\r\n250 AUTH PLAIN"),
        ..Plan::good()
    };
    assert_eq!(super::code_of(&super::outcome(small).await), "too-large");
}

#[tokio::test]
async fn what_could_smuggle_a_second_message_or_a_command_is_never_sent() {
    let smuggling = b"Subject: x\r\n\r\nfirst\n.\nMAIL FROM:<evil@brand.example>\r\n";
    let (outcome, server) = submit(Plan::good(), smuggling, deadlines()).await;
    assert_eq!(super::code_of(&outcome), "bad-message");
    assert_eq!(server.told(|told| told.connections), 0);

    let mut journal = Journal::open().await;
    let mut worker = worker(&server, deadlines());
    for address in ["", "no-at", "a@b.example>\r\nRCPT TO:<x@y.example"] {
        let intent = journal.intent_to(address).await;
        let sent = worker.submit(intent, FROM, MESSAGE).await;
        assert_eq!(super::code_of(&sent.outcome().outcome), "bad-address", "{address}");
    }
    assert_eq!(server.told(|told| told.connections), 0);
}

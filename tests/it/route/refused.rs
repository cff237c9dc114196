//! Refusals at every step: 4xx may be tried again, 5xx is final, and the server's words are kept.

use super::server::{Plan, say};
use super::{code_of, deadlines, outcome, refusal, submit};
use inboxqa::model::SendOutcome;

/// The plans that answer `text` at one step each, with the step's name.
fn at_each_step(text: &str) -> Vec<(&'static str, Plan)> {
    vec![
        (
            "connect",
            Plan {
                greeting: say(text),
                ..Plan::good()
            },
        ),
        (
            "connect",
            Plan {
                implicit: true,
                greeting: say(text),
                ..Plan::good()
            },
        ),
        (
            "ehlo",
            Plan {
                plain_ehlo: say(text),
                ..Plan::good()
            },
        ),
        (
            "ehlo",
            Plan {
                ehlo: say(text),
                ..Plan::good()
            },
        ),
        (
            "mail",
            Plan {
                mail: say(text),
                ..Plan::good()
            },
        ),
        (
            "rcpt",
            Plan {
                rcpt: say(text),
                ..Plan::good()
            },
        ),
        (
            "data",
            Plan {
                data: say(text),
                ..Plan::good()
            },
        ),
        (
            "dot",
            Plan {
                dot: say(text),
                ..Plan::good()
            },
        ),
    ]
}

#[tokio::test]
async fn a_5xx_is_final_with_code_enhanced_code_and_text() {
    for (phase, plan) in at_each_step("550-5.7.26 unauthenticated sender,\r\n550 5.7.26 see help") {
        let reply = refusal(outcome(plan).await);
        assert_eq!((reply.phase.as_str(), reply.code), (phase, 550));
        assert_eq!(reply.enhanced.as_deref(), Some("5.7.26"));
        assert_eq!(reply.text, "5.7.26 unauthenticated sender, see help");
    }
}

#[tokio::test]
async fn a_4xx_may_be_tried_again() {
    let mut plans = at_each_step("451 4.7.1 greylisted, come back");
    plans.push((
        "starttls",
        Plan {
            starttls: say("454 4.7.0 TLS not available now"),
            ..Plan::good()
        },
    ));
    plans.push((
        "auth",
        Plan {
            auth: vec![say("454 4.7.0 try again")],
            ..Plan::good()
        },
    ));
    for (phase, plan) in plans {
        match outcome(plan).await {
            SendOutcome::Deferred(reply) => assert_eq!(reply.phase, phase),
            other => panic!("{phase}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn the_basic_code_decides_where_the_enhanced_one_disagrees() {
    match outcome(Plan {
        dot: say("421 5.7.32 blocked for now"),
        ..Plan::good()
    })
    .await
    {
        SendOutcome::Deferred(reply) => assert_eq!(reply.enhanced.as_deref(), Some("5.7.32")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_refused_half_way_keeps_the_reason() {
    let large = [
        b"Subject: x\r\n\r\n".to_vec(),
        [&[b'x'; 76][..], b"\r\n"].concat().repeat(200_000),
    ]
    .concat();
    let plan = Plan {
        body: Some((100_000, say("552 5.3.4 too big"))),
        ..Plan::good()
    };
    let reply = refusal(submit(plan, &large, deadlines()).await.0);
    assert_eq!(
        (reply.phase.as_str(), reply.code, reply.enhanced.as_deref()),
        ("body", 552, Some("5.3.4"))
    );
}

#[tokio::test]
async fn data_is_begun_only_after_354() {
    let (outcome, server) = submit(
        Plan {
            data: say("250 ok"),
            ..Plan::good()
        },
        super::MESSAGE,
        deadlines(),
    )
    .await;
    assert_eq!(code_of(&outcome), "protocol");
    server.told(|told| assert!(!told.secured.iter().any(|line| line.starts_with("Subject")), "{told:?}"));
}

#[tokio::test]
async fn nothing_but_250_after_the_dot_is_acceptance() {
    for text in ["354 go on", "251 somewhere", "252 perhaps", "334 what"] {
        let outcome = outcome(Plan {
            dot: say(text),
            ..Plan::good()
        })
        .await;
        assert!(matches!(outcome, SendOutcome::Unknown(_)), "{text}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one() {
    let plan = Plan {
        rcpt: say("250 ok\r\n354 go on\r\n250 queued"),
        ..Plan::good()
    };
    assert_eq!(code_of(&outcome(plan).await), "protocol");
}

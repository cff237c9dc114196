//! The rule against double sends.

use super::{delivery, marks, reply, run_row, store_with_run, tried};
use inboxqa::model::{SendOutcome, Token};
use inboxqa::store::{Store, StoreError};
use tempfile::tempdir;

const TO: &str = "seed@gmail.example";

/// Tries `launch/order` once with `outcome`, then asks for another try.
async fn second_try_after(outcome: Option<SendOutcome>) -> Result<(), StoreError> {
    let dir = tempdir().unwrap();
    let store = store_with_run(&dir.path().join("runs.sqlite"), "r1").await;
    let baseline = store.baseline("r1", "gmail-1", &marks()).await.unwrap();
    let intent = store.intend("r1", &delivery("order", 1), &baseline, TO).await.unwrap();
    assert_eq!(intent.envelope_to(), TO);
    if let Some(outcome) = outcome {
        let settled = store.settle(intent.spent(tried(outcome.clone()))).await.unwrap();
        assert_eq!(settled.outcome, outcome);
    }
    store.intend("r1", &delivery("order", 1), &baseline, TO).await.map(drop)
}

#[tokio::test]
async fn only_a_try_that_was_certainly_not_sent_allows_another() {
    let not_sent = SendOutcome::NotSent {
        code: "connect".into(),
        text: "refused".into(),
    };
    second_try_after(Some(not_sent)).await.unwrap();
    second_try_after(Some(SendOutcome::Deferred(reply(450)))).await.unwrap();
    let may_be_sent = [
        None,
        Some(SendOutcome::Accepted(reply(250))),
        Some(SendOutcome::Refused(reply(550))),
        Some(SendOutcome::Suppressed("inactive".into())),
        Some(SendOutcome::Unknown("lost after the message".into())),
    ];
    for outcome in may_be_sent {
        let refused = second_try_after(outcome.clone()).await.unwrap_err();
        assert!(
            matches!(refused, StoreError::AlreadyTried { .. }),
            "{outcome:?}: {refused}"
        );
    }
}

#[tokio::test]
async fn one_token_is_never_sent_for_two_deliveries() {
    let dir = tempdir().unwrap();
    let store = store_with_run(&dir.path().join("runs.sqlite"), "r1").await;
    let baseline = store.baseline("r1", "gmail-1", &marks()).await.unwrap();
    let _intent = store.intend("r1", &delivery("order", 1), &baseline, TO).await.unwrap();
    let refused = store
        .intend("r1", &delivery("sale", 1), &baseline, TO)
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::AlreadyTried { .. }), "{refused}");
}

#[tokio::test]
async fn the_next_attempt_is_a_delivery_of_its_own() {
    let dir = tempdir().unwrap();
    let store = store_with_run(&dir.path().join("runs.sqlite"), "r1").await;
    let baseline = store.baseline("r1", "gmail-1", &marks()).await.unwrap();
    let mut order = delivery("order", 1);
    let _first = store.intend("r1", &order, &baseline, TO).await.unwrap();
    order.attempt = 2;
    order.token = Token::parse(&"b".repeat(32)).unwrap();
    let _second = store.intend("r1", &order, &baseline, TO).await.unwrap();
}

#[tokio::test]
async fn a_baseline_allows_sends_to_its_own_mailbox_in_its_own_run_alone() {
    let dir = tempdir().unwrap();
    let store = store_with_run(&dir.path().join("runs.sqlite"), "r1").await;
    store.begin_run(&run_row("r2")).await.unwrap();
    let yahoo = store.baseline("r1", "yahoo-1", &marks()).await.unwrap();
    let other_run = store.baseline("r2", "gmail-1", &marks()).await.unwrap();
    for baseline in [yahoo, other_run] {
        let refused = store
            .intend("r1", &delivery("order", 1), &baseline, TO)
            .await
            .unwrap_err();
        assert_eq!(refused.why().code, "no-baseline");
    }
}

#[tokio::test]
async fn a_run_that_was_not_begun_has_no_baseline() {
    let dir = tempdir().unwrap();
    let store = Store::open(&dir.path().join("runs.sqlite")).await.unwrap();
    assert_eq!(
        store
            .baseline("nope", "gmail-1", &marks())
            .await
            .unwrap_err()
            .why()
            .code,
        "store-failed"
    );
}

#[tokio::test]
async fn an_intent_that_was_dropped_is_unknown_at_the_next_start_but_not_to_a_run_beside_it() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("runs.sqlite");
    let store = store_with_run(&path, "r1").await;
    let baseline = store.baseline("r1", "gmail-1", &marks()).await.unwrap();
    drop(store.intend("r1", &delivery("order", 5), &baseline, TO).await.unwrap());
    assert_eq!(store.unsettled().await.unwrap(), []);

    let beside = Store::open(&path).await.unwrap();
    assert_eq!(
        beside.unsettled().await.unwrap(),
        [],
        "the first store is still at work"
    );

    drop(store);
    let later = beside.unsettled().await.unwrap();
    assert_eq!(later.len(), 1);
    assert_eq!(later[0].delivery, "launch/order/postmark-tx/gmail-1");
    assert_eq!((later[0].run.as_str(), later[0].attempt), ("r1", 1));
    assert_eq!(later[0].token, delivery("order", 5).token.as_str());
    assert_eq!(later[0].envelope_to, TO);
}

#[tokio::test]
async fn an_intent_is_settled_by_the_store_it_came_from() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("runs.sqlite");
    let store = store_with_run(&path, "r1").await;
    let baseline = store.baseline("r1", "gmail-1", &marks()).await.unwrap();
    let intent = store.intend("r1", &delivery("order", 5), &baseline, TO).await.unwrap();
    let other = Store::open(&path).await.unwrap();
    let sent = intent.spent(tried(SendOutcome::Accepted(reply(250))));
    assert_eq!(other.settle(sent).await.unwrap_err().why().code, "not-intended");
}

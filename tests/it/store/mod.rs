//! The run store: nothing that was reported is lost, nothing is sent twice, and what a run found is read back as it was.

mod journal;
mod kill;
mod place;
mod runs;

use inboxqa::model::{Delivery, DeliveryId, Mark, SendOutcome, SmtpReply, Token, Try};
use inboxqa::store::{RunRow, Store};
use std::path::Path;
use time::OffsetDateTime;

fn delivery(case: &str, token: u128) -> Delivery {
    Delivery {
        id: DeliveryId {
            suite: "launch".into(),
            case: case.into(),
            route: "postmark-tx".into(),
            mailbox: "gmail-1".into(),
        },
        attempt: 1,
        token: Token::parse(&format!("{token:032x}")).unwrap(),
        retry: false,
    }
}

fn run_row(id: &str) -> RunRow {
    RunRow {
        id: id.into(),
        suite: "launch".into(),
        files: vec!["suites/launch.toml".into()],
        world: "lab".into(),
        started_at: OffsetDateTime::now_utc(),
    }
}

fn marks() -> Vec<Mark> {
    vec![Mark {
        folder: "INBOX".into(),
        uid_validity: 7,
        uid_next: 42,
    }]
}

fn tried(outcome: SendOutcome) -> Try {
    Try {
        esp_id: None,
        at: OffsetDateTime::now_utc(),
        outcome,
    }
}

fn reply(code: u16) -> SmtpReply {
    SmtpReply {
        phase: "dot".into(),
        code,
        enhanced: None,
        text: "so be it".into(),
    }
}

async fn store_with_run(path: &Path, run: &str) -> Store {
    let store = Store::open(path).await.unwrap();
    store.begin_run(&run_row(run)).await.unwrap();
    store
}

//! Templates with their data, and the message that is made of them.

use inboxqa::compose::message::{Letter, build};
use inboxqa::compose::template::{Globals, Rendered, render};
use inboxqa::mail::Reading;
use inboxqa::model::suite::SourceText;
use inboxqa::model::{Case, Category, DeliveryId, Place, Token};
use time::macros::datetime;

/// The first line is the subject, what stands behind a line of `%%` is the data (JSON), the rest is the HTML and the text.
pub fn template(data: &[u8]) {
    let all = String::from_utf8_lossy(data);
    let (template, json) = all.split_once("\n%%\n").unwrap_or((&all, "{}"));
    let (subject, body) = template.split_once('\n').unwrap_or(("subject", template));
    let data = serde_json::from_str(json).unwrap_or_else(|_| serde_json::json!({ "name": json, "list": [1, 2, 3] }));
    match render(&case(subject, body, data), &globals()) {
        Ok(rendered) => built(rendered),
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(problem.message.starts_with("case `order`"), "{problem:?}");
            }
        }
    }
}

/// What can be rendered says in the message what it said before, and no more headers than before.
fn built(rendered: Rendered) {
    let letter = Letter {
        from: "Brand <a@brand.example>".into(),
        reply_to: None,
        to: "seed@mailbox.example".into(),
        subject: rendered.subject.clone(),
        html: rendered.html.clone(),
        text: rendered.text,
        headers: Default::default(),
        message_id: [7; 16],
        date: datetime!(2026-11-23 09:00:00 UTC),
        token: Token::parse("00112233445566778899aabbccddeeff").unwrap(),
        delivery_id: DeliveryId {
            suite: "s".into(),
            case: "order".into(),
            route: "tx".into(),
            mailbox: "m".into(),
        },
        attempt: 1,
    };
    let Ok(raw) = build(&letter) else { return };
    let reading = Reading::new(&raw);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(reading.subject().as_deref().map(words), Some(words(&rendered.subject)));
    let names: Vec<&str> = reading.headers().fields.iter().map(|field| field.name).collect();
    assert_eq!(
        names,
        [
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "X-InboxQA-Token",
            "X-InboxQA-Delivery",
            "MIME-Version",
            "Content-Type"
        ]
    );
    assert!(
        raw.split(|byte| *byte == b'\n')
            .all(|line| line.len() <= 999 && line.is_ascii()),
        "no line is too long"
    );
    let marked = inboxqa::compose::message::marked(&letter).0;
    let html = reading.html().map(|html| html.replace("\r\n", "\n"));
    assert_eq!(html.as_deref().map(words), marked.as_deref().map(words));
}

fn globals() -> Globals {
    Globals {
        token: "t0".into(),
        route: "tx".into(),
        mailbox: "gmail-1".into(),
        now: datetime!(2026-11-23 09:00:00 UTC),
    }
}

fn place() -> Place {
    Place {
        file: "s.toml".into(),
        line: 1,
        column: 1,
        span: 0..0,
    }
}

fn case(subject: &str, body: &str, data: serde_json::Value) -> Case {
    let file = |name: &str, text: &str| SourceText {
        text: text.into(),
        file: name.into(),
        at: place(),
        offset: 0,
    };
    Case {
        name: "order".into(),
        at: place(),
        category: Category::Transactional,
        subject: Some(file("subject", subject)),
        on: Default::default(),
        load: None,
        topic: None,
        drill: None,
        from: None,
        reply_to: None,
        html: Some(file("t.html", body)),
        text: Some(file("t.txt", body)),
        data,
        headers: Default::default(),
        routes: vec![],
        mailboxes: vec![],
        placement: Default::default(),
        within_ms: 0,
        skip_links: vec![],
        expected_links: vec![],
        probe: false,
        checks: Default::default(),
        allowed_tags: vec![],
        tags: vec![],
    }
}

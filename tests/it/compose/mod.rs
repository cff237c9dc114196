//! Tests of `compose`.

mod message;
mod quickstart;
mod template;

use inboxqa::model::suite::SourceText;
use inboxqa::model::{Case, Category, Place};

/// A case with an inline subject and parts as if read from files.
fn case(subject: &str, html: Option<&str>, text: Option<&str>, data: serde_json::Value) -> Case {
    let at = |span: std::ops::Range<usize>| Place {
        file: "s.toml".into(),
        line: 4,
        column: 11,
        span,
    };
    let file = |name: &str, text: &str| SourceText {
        text: text.into(),
        file: name.into(),
        at: at(60..70),
        offset: 0,
    };
    Case {
        name: "order".into(),
        at: at(0..8),
        category: Category::Transactional,
        subject: Some(SourceText {
            text: subject.into(),
            file: "s.toml".into(),
            at: at(40..42 + subject.len()),
            offset: 41,
        }),
        on: Default::default(),
        load: None,
        from: None,
        reply_to: None,
        html: html.map(|html| file("t.html", html)),
        text: text.map(|text| file("t.txt", text)),
        data,
        headers: Default::default(),
        routes: vec![],
        mailboxes: vec![],
        placement: Default::default(),
        within_ms: 0,
        skip_links: vec![],
        expected_links: vec![],
        probe: true,
        topic: None,
        drill: None,
        checks: Default::default(),
        allowed_tags: vec![],
        tags: vec![],
    }
}

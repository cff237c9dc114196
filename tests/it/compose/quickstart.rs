//! The quickstart renders for every route and mailbox, as the first run of a newcomer does.

use inboxqa::compose::message::{Letter, build};
use inboxqa::compose::template::{Globals, render};
use inboxqa::compose::token::mint;
use inboxqa::config::load;
use inboxqa::model::DeliveryId;
use inboxqa::report::diagnostic;
use mail_parser::MessageParser;
use std::path::Path;
use time::macros::datetime;

#[test]
fn every_message_of_the_quickstart_can_be_built() {
    let loaded = load(&["suites/quickstart.toml".into()], Path::new("mailboxes.example.toml")).unwrap();
    for case in &loaded.suites[0].cases {
        let route = &loaded.routes[&case.routes[0]];
        let now = datetime!(2026-03-01 12:00:00 UTC);
        let globals = Globals {
            token: "t".into(),
            route: route.name.clone(),
            mailbox: "gmail-1".into(),
            now,
        };
        let rendered = render(case, &globals)
            .unwrap_or_else(|problems| panic!("{}", diagnostic::render(&problems, &loaded.sources, false)));
        let letter = Letter {
            from: route.contract.from.clone().unwrap(),
            reply_to: route.contract.reply_to.clone(),
            to: "seed@gmail.example".into(),
            subject: rendered.subject,
            html: rendered.html,
            text: rendered.text,
            headers: Default::default(),
            message_id: [1; 16],
            date: now,
            token: mint([2; 16]),
            delivery_id: DeliveryId {
                suite: "quickstart".into(),
                case: case.name.clone(),
                route: route.name.clone(),
                mailbox: "gmail-1".into(),
            },
            attempt: 1,
        };
        let raw = build(&letter).unwrap();
        let message = MessageParser::default().parse(&raw).unwrap();
        let seen = format!(
            "Subject: {}\n\n{}\n----\n{}",
            message.subject().unwrap(),
            message.body_text(0).unwrap(),
            message.body_html(0).unwrap()
        );
        insta::assert_snapshot!(case.name.clone(), seen.replace('\r', ""));
    }
}

//! Logging in: PLAIN, LOGIN, refusals, and the login alone, as `doctor` does it.

use super::server::{Plan, Server, say};
use super::{MESSAGE, code_of, credentials, deadlines, outcome, route_to, smtp_of, submit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use inboxqa::model::{Endpoints, SendOutcome, Why};
use inboxqa::net::Net;
use inboxqa::route::{LoginFacts, verify_login};

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

#[tokio::test]
async fn plain_is_used_where_it_is_offered() {
    let (_, server) = submit(Plan::good(), MESSAGE, deadlines()).await;
    let expected = format!("AUTH PLAIN {}\r\n", base64("\0user\0correct horse"));
    server.told(|told| assert!(told.secured.contains(&expected), "{told:?}"));
}

#[tokio::test]
async fn login_is_used_where_plain_is_not_offered() {
    let plan = Plan {
        ehlo: say("250-smtp.brand.example\r\n250 auth login"),
        auth: vec![
            say(&format!("334 {}", base64("Username:"))),
            say(&format!("334 {}", base64("Password:"))),
            say("235 welcome"),
        ],
        ..Plan::good()
    };
    let (outcome, server) = submit(plan, MESSAGE, deadlines()).await;
    assert!(matches!(outcome, SendOutcome::Accepted(_)), "{outcome:?}");
    let expected = ["AUTH LOGIN".to_owned(), base64("user"), base64("correct horse")];
    server.told(|told| assert_eq!(told.secured[1..4], expected.map(|line| format!("{line}\r\n"))));
}

#[tokio::test]
async fn a_refused_login_is_not_a_refused_message_and_tells_no_secret() {
    let plan = Plan {
        auth: vec![say("535-5.7.8 bad\r\n535 5.7.8 credentials")],
        ..Plan::good()
    };
    let SendOutcome::NotSent { code, text } = outcome(plan).await else {
        panic!()
    };
    assert_eq!(code, "auth");
    assert!(text.contains("535 5.7.8 bad credentials"), "{text}");
    assert!(!text.contains("horse"), "{text}");
}

#[tokio::test]
async fn a_server_that_asks_on_and_on_is_left() {
    let plan = Plan {
        auth: vec![say("334 VXNlcm5hbWU6"); 20],
        ..Plan::good()
    };
    assert_eq!(code_of(&outcome(plan).await), "auth");
    let endless = Plan {
        ehlo: say("250-smtp.brand.example\r\n250 AUTH LOGIN"),
        auth: vec![say("334 VXNlcm5hbWU6"); 20],
        ..Plan::good()
    };
    assert_eq!(code_of(&outcome(endless).await), "auth");
}

async fn login(plan: Plan) -> (Result<LoginFacts, Why>, Server) {
    let server = Server::start(plan).await;
    let net = Net::open(Endpoints::default(), Vec::new()).unwrap();
    let ca = Some(server.ca_pem.clone().into_bytes());
    let facts = verify_login(&smtp_of(route_to(&server)), Some(credentials()), ca, &net).await;
    (facts, server)
}

#[tokio::test]
async fn a_login_alone_sends_nothing_and_tells_what_it_saw() {
    let (facts, server) = login(Plan::good()).await;
    let facts = facts.unwrap();
    assert!(facts.authenticated);
    assert_eq!(facts.size_limit, Some(100_000_000));
    assert_eq!(facts.extensions, ["AUTH LOGIN PLAIN", "8BITMIME", "SIZE 100000000"]);
    assert_eq!(facts.tls.version, "TLSv1.3");
    server.told(|told| assert!(!told.secured.iter().any(|line| line.starts_with("MAIL"))));
}

#[tokio::test]
async fn a_login_that_fails_says_where() {
    let (refused, _) = login(Plan {
        auth: vec![say("535 5.7.8 no")],
        ..Plan::good()
    })
    .await;
    assert_eq!(refused.unwrap_err().code, "auth");
    let (refused, _) = login(Plan {
        greeting: say("554 5.7.1 your address is listed"),
        ..Plan::good()
    })
    .await;
    let why = refused.unwrap_err();
    assert_eq!(why.code, "connect");
    assert!(why.detail.contains("your address is listed"), "{why:?}");
}

//! Our OAuth login against a real Dovecot, which asks a server of the test about every token.

use super::dovecot::USER;
use super::oauth::{Bench, GOOGLE, bench};
use crate::real::dovecot::Dovecot;
use inboxqa::lab::oauth_desk::OAuthDesk;
use inboxqa::mailbox::{Account, baseline, examine_login};
use inboxqa::model::Endpoints;
use inboxqa::net::Net;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

/// Answers Dovecot's question whether a token is good, from the lab's books.
fn token_info(desk: OAuthDesk) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            let mut header = String::from("-");
            while !header.trim().is_empty() {
                header.clear();
                stream.read_line(&mut header).unwrap();
            }
            let token = line.split("access_token=").nth(1).unwrap_or_default();
            let token = token.split(' ').next().unwrap_or_default();
            let (status, body) = match desk.accepts("seed", token.as_bytes()) {
                true => ("200 OK", format!("{{\"email\":\"{USER}\"}}")),
                false => ("401 Unauthorized", "{\"error\":\"invalid_token\"}".to_owned()),
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
        }
    });
    port
}

fn dovecot(test: &str, mechanisms: &str, bench: &Bench) -> Option<Dovecot> {
    let port = token_info(bench.world.oauth());
    let extra = format!(
        "auth_mechanisms = {mechanisms}\npassdb {{\n driver = oauth2\n mechanisms = xoauth2 oauthbearer\n args = DIR/oauth/conf.ext\n}}\n"
    );
    let conf = format!("tokeninfo_url = http://127.0.0.1:{port}/tokeninfo?access_token=\nusername_attribute = email\n");
    Dovecot::with_file(test, &extra, "oauth/conf.ext", &conf)
}

/// The lab's seed, at Dovecot instead of the lab's own server.
fn door(bench: &Bench, dovecot: &Dovecot) -> (Account, Net) {
    let mut account = bench.account();
    account.seed.username = USER.to_owned();
    account.seed.profile.host = "localhost".to_owned();
    account.seed.profile.port = dovecot.port;
    let mut endpoints: Endpoints = bench.world.endpoints();
    endpoints.roots.push(dovecot.authority.clone());
    (account, Net::open(endpoints, vec![]).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_mechanisms_are_taken_and_a_bad_token_is_told_in_words() {
    for (mechanisms, method) in [
        ("plain xoauth2 oauthbearer", "xoauth2"),
        ("plain oauthbearer", "oauthbearer"),
    ] {
        let bench = bench(GOOGLE);
        let Some(dovecot) = dovecot(
            "both_mechanisms_are_taken_and_a_bad_token_is_told_in_words",
            mechanisms,
            &bench,
        ) else {
            return;
        };
        let (account, net) = door(&bench, &dovecot);
        assert_eq!(examine_login(&account, &net).await.unwrap().method, method);
        // Ended in the middle: renewed once.
        bench.world.oauth().expire("seed");
        baseline(&account, &net).await.unwrap();
        // Good at the authorization server, but for somebody else's mailbox.
        let mut stranger = account.clone();
        stranger.seed.username = "stranger@mail.example".to_owned();
        let why = baseline(&stranger, &net).await.unwrap_err();
        assert_eq!(why.code, "imap-login-refused");
        assert!(why.detail.contains("status"), "{}", why.detail);
        assert!(why.detail.contains("for this very account"), "{}", why.detail);
    }
}

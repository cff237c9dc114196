//! What goes over the wire, seen without a library's help: framing, caps, and answers to clients that speak badly.

use super::host::{Host, PASSWORD, USER};
use inboxqa::model::profile::Dialect::{Generic, Gmail, Outlook, Yahoo};

#[tokio::test]
async fn a_password_in_literals() {
    let host = Host::start(Generic).await;
    let mut raw = host.raw().await;
    raw.send(format!("a LOGIN {{{}}}\r\n", USER.len()).as_bytes()).await;
    assert!(raw.line().await.unwrap().starts_with("+ "));
    raw.send(format!("{USER} {{{}+}}\r\n{PASSWORD}\r\n", PASSWORD.len()).as_bytes())
        .await;
    let answer = raw.until("a").await;
    assert!(answer.last().unwrap().starts_with("tag OK"), "{answer:?}");
}

#[tokio::test]
async fn sasl_responses_inline_and_asked_for() {
    use base64::Engine;
    let host = Host::start(Yahoo).await;
    let plain = base64::engine::general_purpose::STANDARD.encode(format!("\0{USER}\0{PASSWORD}"));
    let answer = host.raw().await.ask(&format!("AUTHENTICATE PLAIN {plain}")).await;
    assert_eq!(answer, ["tag OK AUTHENTICATE completed"]);
    let mut raw = host.raw().await;
    raw.send(b"a AUTHENTICATE PLAIN\r\n").await;
    assert_eq!(raw.line().await.unwrap(), "+ \r\n");
    raw.send(format!("{plain}\r\n").as_bytes()).await;
    assert_eq!(raw.until("a").await, ["tag OK AUTHENTICATE completed"]);
    let mut raw = host.raw().await;
    raw.send(b"a AUTHENTICATE PLAIN\r\n").await;
    raw.line().await;
    raw.send(b"*\r\n").await;
    assert!(raw.until("a").await[0].starts_with("tag BAD"));
}

#[tokio::test]
async fn bad_commands_are_told_so_and_the_session_goes_on() {
    for dialect in [Gmail, Yahoo, Outlook, Generic] {
        let host = Host::start(dialect).await;
        let mut raw = host.raw().await;
        assert!(
            raw.ask("EXAMINE INBOX").await[0].starts_with("tag BAD"),
            "not logged in"
        );
        let mut raw = host.raw_session().await;
        for command in [
            "XYZZY",
            "FETCH 1 (FLAGS)",
            "LOGIN a b",
            "LIST",
            "UID FETCH 0:* (FLAGS)",
            "EXAMINE \"INBOX",
            "STATUS INBOX (SIZE)",
        ] {
            let answer = raw.ask(command).await;
            assert!(answer[0].starts_with("tag BAD"), "{dialect:?} {command}: {answer:?}");
        }
        assert!(raw.ask("NOOP").await.last().unwrap().starts_with("tag OK"));
    }
}

#[tokio::test]
async fn a_client_that_never_makes_sense_is_sent_away() {
    let host = Host::start(Generic).await;
    let mut raw = host.raw().await;
    raw.send("nonsense\r\n".repeat(40).as_bytes()).await;
    let said = String::from_utf8_lossy(&raw.rest().await).into_owned();
    assert!(said.ends_with("* BYE Too many invalid IMAP commands.\r\n"), "{said}");
}

#[tokio::test]
async fn literals_and_lines_have_their_caps() {
    let host = Host::start(Generic).await;
    let mut raw = host.raw().await;
    raw.send(b"a LOGIN {99999999999999999999}\r\n").await;
    assert_eq!(raw.until("a").await, ["tag NO [TOOBIG] Literal too big"]);
    assert!(
        raw.ask("NOOP").await[0].starts_with("tag OK"),
        "the connection is in order"
    );
    raw.send(b"b LOGIN {400000000+}\r\n").await;
    assert!(String::from_utf8_lossy(&raw.rest().await).contains("* BYE Command line too long"));
    let mut raw = host.raw().await;
    raw.send(&[b'A'; 70_000]).await;
    assert!(String::from_utf8_lossy(&raw.rest().await).contains("* BYE Command line too long"));
}

#[tokio::test]
async fn a_folder_name_can_not_smuggle_a_command() {
    let host = Host::start(Generic).await;
    let mut raw = host.raw_session().await;
    let answer = raw.ask("EXAMINE {23+}\r\nINBOX\"\r\nA1 DELETE INBOX").await;
    assert_eq!(answer.len(), 1, "{answer:?}");
    assert!(answer[0].starts_with("tag NO"));
}

#[tokio::test]
async fn clients_that_vanish_or_speak_no_tls_disturb_nobody() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let host = Host::start(Generic).await;
    let mut raw = host.raw().await;
    raw.send(b"a LOGIN {500}\r\nonly a part").await;
    drop(raw);
    let mut plain = tokio::net::TcpStream::connect(("127.0.0.1", host.port)).await.unwrap();
    plain.write_all(b"a CAPABILITY\r\n").await.unwrap();
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said).await;
    assert!(!said.starts_with(b"*"), "nothing is said without TLS");
    assert!(host.raw_session().await.ask("NOOP").await[0].starts_with("tag OK"));
}

#[tokio::test]
async fn commands_sent_at_once_are_answered_in_order() {
    let host = Host::start(Gmail).await;
    let mut raw = host.raw_session().await;
    raw.send(b"a EXAMINE INBOX\r\nb IDLE\r\nDONE\r\nc NOOP\r\n").await;
    assert!(raw.until("a").await.last().unwrap().starts_with("tag OK [READ-ONLY]"));
    assert!(raw.until("b").await[0].starts_with("+ "));
    assert_eq!(raw.until("c").await.len(), 1);
}

//! The lab's submission servers, spoken to by hand.

use super::bench::{Bench, Client, letter, tls_config};
use inboxqa::model::Secret;

#[tokio::test]
async fn a_wrong_password_and_a_stranger_are_refused() {
    let bench = Bench::start(&[]);
    let mut client = Client::connect(&bench.world, "receipts").await;
    assert!(client.capabilities.contains(&"AUTH PLAIN LOGIN".to_owned()));
    assert!(!client.capabilities.contains(&"PIPELINING".to_owned()));
    assert!(client.ask("MAIL FROM:<a@brand.example>").await.starts_with("530 5.7.0"));
    let (user, password) = bench.world.route_credentials("receipts").unwrap();
    assert!(
        client
            .login(&user, &Secret::new("wrong"))
            .await
            .starts_with("535 5.7.8")
    );
    assert!(client.login(&user, &password).await.starts_with("235 "));
    assert!(client.ask("MAIL FROM:<a@brand.example>").await.starts_with("250 "));
    assert!(
        client
            .ask("RCPT TO:<customer@elsewhere.example>")
            .await
            .starts_with("550 5.1.1")
    );
    assert!(client.ask("DATA").await.starts_with("503 "));
}

#[tokio::test]
async fn login_in_two_steps() {
    use base64::Engine;
    let code = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let bench = Bench::start(&[]);
    let mut client = Client::connect(&bench.world, "sales").await;
    let (user, password) = bench.world.route_credentials("sales").unwrap();
    assert!(client.ask("AUTH LOGIN").await.starts_with("334 "));
    assert!(client.ask(&code(&user)).await.starts_with("334 "));
    assert!(client.ask(&code(password.expose())).await.starts_with("235 "));
}

#[tokio::test]
async fn dots_arrive_unstuffed_and_plus_addresses_reach_their_seed() {
    let mut bench = Bench::start(&[]);
    let mut client = Client::open(&bench.world, "receipts").await;
    let raw = letter("order", "receipts", "gmail").replace("seed.one@gmail.example", "seed.one+0123@gmail.example");
    for command in ["MAIL FROM:<a@brand.example>", "RCPT TO:<seed.one+0123@gmail.example>"] {
        assert!(client.ask(command).await.starts_with("250 "));
    }
    assert!(client.ask("DATA").await.starts_with("354 "));
    assert!(
        client
            .ask(&format!("{}.", raw.replace("\r\n.", "\r\n..")))
            .await
            .starts_with("250 ")
    );
    let stored = bench.next().await;
    assert_eq!(stored.mailbox, "gmail");
    let text = String::from_utf8_lossy(&stored.raw).into_owned();
    assert!(text.contains("\r\n.a line that begins with a dot\r\n"), "{text}");
}

#[tokio::test]
async fn refused_for_good_and_refused_for_now() {
    let mut bench = Bench::start(&["reject=554@case=refused", "greylist=0.4@case=grey"]);
    assert!(
        bench
            .submit("refused", "receipts", "gmail")
            .await
            .starts_with("554 5.7.1")
    );
    assert!(bench.submit("grey", "receipts", "gmail").await.starts_with("451 4.7.1"));
    let until = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
    while !bench.submit("grey", "receipts", "gmail").await.starts_with("250 ") {
        assert!(tokio::time::Instant::now() < until, "greylisted for ever");
    }
    let stored = bench.next().await;
    assert!(String::from_utf8_lossy(&stored.raw).contains("launch/grey/receipts/gmail"));
    assert!(bench.submit("fine", "receipts", "gmail").await.starts_with("250 "));
}

#[tokio::test]
async fn commands_smuggled_in_before_tls_are_forgotten() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bench = Bench::start(&[]);
    let mut tcp = tokio::net::TcpStream::connect(bench.socket("relay.brand.example", 587).await)
        .await
        .unwrap();
    tcp.write_all(b"EHLO a.example\r\nSTARTTLS\r\nMAIL FROM:<smuggled@brand.example>\r\n")
        .await
        .unwrap();
    let mut seen = Vec::new();
    // The greeting is a 220 too, and EHLO's answer may end in STARTTLS: only the words of the last answer tell.
    while !seen.ends_with(b"Ready to start TLS\r\n") {
        assert!(tcp.read_buf(&mut seen).await.unwrap() > 0);
    }
    let name = "relay.brand.example".to_owned().try_into().unwrap();
    let tls = tokio_rustls::TlsConnector::from(tls_config(&bench.world));
    let mut secure = tls.connect(name, tcp).await.unwrap();
    // Were the smuggled command remembered, its answer (or a session with a sender) would come first.
    secure.write_all(b"RCPT TO:<seed.one@gmail.example>\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n") {
        assert!(secure.read_buf(&mut answer).await.unwrap() > 0);
    }
    assert!(
        answer.starts_with(b"503 5.5.1 MAIL first"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}

//! Tests of `net`: the fence and the forward table against real sockets.

mod unending;

use inboxqa::model::Endpoints;
use inboxqa::net::{GetError, Net};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

/// Answers every connection with the same bytes and counts the connections.
async fn server(answer: Vec<u8>) -> (SocketAddr, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let mut head = [0u8; 4096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(&answer).await;
        }
    });
    (address, count)
}

fn endpoints(forward: &[((&str, u16), SocketAddr)]) -> Endpoints {
    let forward: BTreeMap<_, _> = forward
        .iter()
        .map(|((ip, port), to)| ((ip.parse::<IpAddr>().unwrap(), *port), *to))
        .collect();
    Endpoints {
        dns: vec!["127.0.0.1:9".parse().unwrap()],
        forward,
        roots: vec![],
    }
}

#[tokio::test]
async fn a_loopback_url_is_never_requested() {
    let (address, count) = server(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()).await;
    let net = Net::open(endpoints(&[]), vec![]).unwrap();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433"] {
        let url = Url::parse(&format!("http://{host}:{}/", address.port())).unwrap();
        let refused = net.get(&url).await.unwrap_err();
        assert!(matches!(refused, GetError::Fenced(_)), "{host}: {refused:?}");
    }
    assert_eq!(
        count.load(std::sync::atomic::Ordering::SeqCst),
        0,
        "something was requested"
    );
}

#[tokio::test]
async fn a_host_that_the_user_opened_is_requested() {
    let (address, _) = server(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    let net = Net::open(endpoints(&[]), vec!["LocalHost".to_owned()]).unwrap();
    let answer = net
        .get(&Url::parse(&format!("http://localhost:{}/", address.port())).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.status, 404);
    assert_eq!(answer.peer, Some(address));
}

#[tokio::test]
async fn a_redirect_is_reported_not_followed_and_a_body_is_capped() {
    let mut answer = b"HTTP/1.1 302 Found\r\nlocation: /next?a=1&b=2\r\ncontent-type: text/html\r\n\r\n".to_vec();
    answer.resize(answer.len() + 300_000, b'x');
    let (address, count) = server(answer).await;
    let net = Net::open(endpoints(&[]), vec!["localhost".to_owned()]).unwrap();
    let answer = net
        .get(&Url::parse(&format!("http://localhost:{}/", address.port())).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.location.as_deref(), Some("/next?a=1&b=2"));
    assert_eq!(answer.body.len(), 64 * 1024);
    assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test]
async fn credentials_and_other_schemes_are_refused() {
    let net = Net::open(endpoints(&[]), vec![]).unwrap();
    for (url, fenced) in [
        ("https://user:pw@shop.example/", true),
        ("javascript:alert(1)", false),
        ("file:///etc/passwd", false),
    ] {
        match net.get(&Url::parse(url).unwrap()).await.unwrap_err() {
            GetError::Fenced(_) => assert!(fenced, "{url}"),
            GetError::NotHttp(_) => assert!(!fenced, "{url}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}

//! Servers that never come to an end: bombs, pictures without end, heads without end, silence. Each is cut off by us, and what is known
//! by then is told.

use inboxqa::model::Endpoints;
use inboxqa::net::{Answer, GetError, Net};
use std::io::Write;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

/// More than what lies in the buffers of two sockets: a server that could write this much was listened to.
const TOO_MUCH: usize = 64 * 1024 * 1024;

fn net() -> Net {
    let endpoints = Endpoints {
        dns: vec!["127.0.0.1:9".parse().unwrap()],
        ..Endpoints::default()
    };
    Net::open(endpoints, vec!["localhost".to_owned()]).unwrap()
}

/// Takes one request and gives the connection on.
async fn requested(listener: TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut head = [0u8; 4096];
    assert!(stream.read(&mut head).await.unwrap() > 0);
    stream
}

/// Answers with `head`, then with `piece` again and again until the other side hangs up; tells how much went out.
async fn pouring(head: &str, piece: Vec<u8>) -> (Url, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://localhost:{}/", listener.local_addr().unwrap().port())).unwrap();
    let head = head.to_owned();
    let server = tokio::spawn(async move {
        let mut stream = requested(listener).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut written = 0;
        while written < TOO_MUCH && stream.write_all(&piece).await.is_ok() {
            written += piece.len();
        }
        written
    });
    (url, server)
}

async fn poured(head: &str, piece: Vec<u8>) -> Result<Answer, GetError> {
    let (url, server) = pouring(head, piece).await;
    let answer = net().get(&url).await;
    let written = server.await.unwrap();
    assert!(written < TOO_MUCH, "{written} bytes were taken");
    answer
}

/// One megabyte of spaces as a gzip member; members follow each other (RFC 1952 §2.2), so any number of them is one body.
fn packed() -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_body_is_cut_after_it_was_unpacked() {
    let packed = packed();
    assert!(packed.len() < 2048, "{} bytes unpack to a megabyte", packed.len());
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: gzip\r\n\r\n";
    let answer = poured(head, packed).await.unwrap();
    assert_eq!(answer.body, vec![b' '; 64 * 1024]);
}

/// What we never said that we take is not unpacked at all.
#[tokio::test]
async fn other_packings_stay_packed() {
    for coding in ["br", "zstd", "deflate", "gzip, gzip"] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: {coding}\r\n\r\n");
        let answer = poured(&head, packed()).await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (200, 64 * 1024), "{coding}");
        assert_eq!(answer.body[..2], [0x1f, 0x8b], "{coding}");
    }
}

#[tokio::test]
async fn a_picture_without_end_is_known_by_its_beginning() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: image/gif\r\ncontent-length: 100000000000\r\n\r\nGIF89a\u{7f}\u{7f}\u{7f}\u{7f}";
    let answer = poured(head, vec![0; 64 * 1024]).await.unwrap();
    assert_eq!(answer.body.len(), 64 * 1024);
    assert_eq!(&answer.body[..6], b"GIF89a");
}

#[tokio::test]
async fn chunks_and_heads_without_end_are_cut() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let answer = poured(head, b"1\r\nx\r\n".repeat(4096)).await.unwrap();
    assert_eq!(answer.body, vec![b'x'; 64 * 1024]);
    for piece in ["x".repeat(64 * 1024), "a: b\r\n".repeat(1000)] {
        let error = poured("HTTP/1.1 200 OK\r\nx: ", piece.into_bytes()).await.unwrap_err();
        assert!(
            matches!(&error, GetError::Failed { code, .. } if code == "protocol"),
            "{error:?}"
        );
    }
}

/// A server that writes so much at once and then `drop` every second, for ever.
async fn dripping(beginning: &'static str, drop: &'static str) -> Result<Answer, GetError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://localhost:{}/", listener.local_addr().unwrap().port())).unwrap();
    let (begun, has_begun) = oneshot::channel();
    tokio::spawn(async move {
        let mut stream = requested(listener).await;
        stream.write_all(beginning.as_bytes()).await.unwrap();
        begun.send(()).unwrap();
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            if stream.write_all(drop.as_bytes()).await.is_err() {
                return;
            }
        }
    });
    let asked = tokio::spawn(async move { net().get(&url).await });
    has_begun.await.unwrap();
    // From here on time passes as fast as nothing happens.
    tokio::time::pause();
    asked.await.unwrap()
}

#[tokio::test]
async fn a_head_that_drips_is_not_waited_for() {
    for (beginning, drop) in [
        ("", ""),
        ("HTTP/1.1 200 OK\r\nx-a: b", "b"),
        ("HTTP/1.1 200 OK\r\n", "a: b\r\n"),
    ] {
        let error = dripping(beginning, drop).await.unwrap_err();
        assert!(
            matches!(&error, GetError::Failed { code, .. } if code == "timeout"),
            "{error:?}"
        );
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_body_that_drips_is_left_where_it_is() {
    let answer = dripping(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 1000\r\n\r\n<html>",
        "x",
    )
    .await;
    let answer = answer.unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.body.starts_with(b"<html>") && answer.body.len() < 100);
}

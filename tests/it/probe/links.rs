//! Chains of links against real servers: followed to their end, recorded hop by hop, stopped where they must be.

use inboxqa::mail::Reading;
use inboxqa::model::{Endpoints, HopEnd, LinkPolicy, Policy, Purpose, UrlProbe};
use inboxqa::net::Net;
use inboxqa::probe::links::{Ask, MAX_HOPS, asks, follow};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// A web server on loopback that answers by path and notes every request.
struct Site {
    base: String,
    seen: Arc<Mutex<Vec<String>>>,
    net: Net,
}

type Answers = fn(&str, &str) -> String;

fn redirect(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

fn ok(kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nset-cookie: a=b\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, base: &str, answers: Answers, seen: &Mutex<Vec<String>>) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.lock().unwrap().push(head);
    let _ = stream.write_all(answers(&path, base).as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn site(answers: Answers) -> Site {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (there, noted) = (base.clone(), seen.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            serve(stream, &there, answers, &noted).await;
        }
    });
    Site {
        base,
        seen,
        net: net(Vec::new()),
    }
}

fn net(roots: Vec<Vec<u8>>) -> Net {
    let endpoints = Endpoints {
        dns: vec!["127.0.0.1:9".parse().unwrap()],
        roots,
        ..Endpoints::default()
    };
    Net::open(endpoints, vec!["localhost".to_owned()]).unwrap()
}

fn ask(url: String) -> Ask {
    Ask {
        url,
        purpose: Purpose::Link,
        refuse: None,
        never: Vec::new(),
    }
}

impl Site {
    async fn follow(&self, path: &str) -> UrlProbe {
        follow(&self.net, &[ask(format!("{}{path}", self.base))])
            .await
            .remove(0)
    }

    fn paths(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .map(|head| head.split(' ').nth(1).unwrap().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn a_chain_is_recorded_hop_by_hop_to_its_end() {
    let site = site(|path, base| match path {
        "/click" => redirect("/second?a=1&b=2"),
        "/second?a=1&b=2" => redirect(&format!("{base}/landing#part")),
        _ => ok("text/html", "<html>"),
    })
    .await;
    let probe = site.follow("/click").await;
    assert_eq!(probe.end, HopEnd::Answered);
    let told: Vec<_> = probe
        .hops
        .iter()
        .map(|hop| (hop.url.replace(&site.base, ""), hop.status))
        .collect();
    assert_eq!(
        told,
        [
            ("/click".to_owned(), Some(302)),
            ("/second?a=1&b=2".to_owned(), Some(302)),
            ("/landing#part".to_owned(), Some(200))
        ]
    );
    assert_eq!(
        probe.hops[0].location.as_deref(),
        Some(format!("{}/second?a=1&b=2", site.base).as_str())
    );
    assert_eq!(probe.hops[2].body_head, "3c68746d6c3e");
    assert_eq!(probe.hops[2].content_type.as_deref(), Some("text/html"));
    assert!(probe.hops[2].peer.is_some());
}

#[tokio::test]
async fn only_plain_gets_are_made_and_each_url_once() {
    let site = site(|_, _| ok("text/html", "")).await;
    let one = ask(format!("{}/a", site.base));
    let probes = follow(&site.net, &[one.clone(), ask(format!("{}/b", site.base)), one]).await;
    assert_eq!(probes.len(), 2);
    let seen = site.seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    for head in seen.iter() {
        let lower = head.to_ascii_lowercase();
        assert!(head.starts_with("GET /"), "{head}");
        assert!(
            !lower.contains("cookie:") && !lower.contains("authorization:") && !lower.contains("referer:"),
            "{head}"
        );
    }
}

#[tokio::test]
async fn loops_and_endless_chains_are_ended() {
    let site = site(|path, _| match path {
        "/a" => redirect("/b"),
        "/b" => redirect("/a#again"),
        longer => redirect(&format!("{longer}x")),
    })
    .await;
    let probe = site.follow("/a").await;
    assert!(
        matches!(&probe.end, HopEnd::Loop(url) if url.ends_with("/a#again")),
        "{:?}",
        probe.end
    );
    assert_eq!(probe.hops.len(), 2);
    let probe = site.follow("/x").await;
    assert_eq!(probe.end, HopEnd::TooManyHops(MAX_HOPS));
    assert_eq!(probe.hops.len(), MAX_HOPS as usize);
}

#[tokio::test]
async fn what_is_not_the_open_web_is_not_requested() {
    let site = site(|path, _| match path {
        "/tel" => redirect("tel:+49301234"),
        "/broken" => redirect("http://[::bad"),
        "/metadata" => redirect("http://169.254.169.254/latest/"),
        "/router" => redirect("http://10.0.0.1/"),
        _ => ok("text/html", ""),
    })
    .await;
    assert_eq!(
        site.follow("/tel").await.end,
        HopEnd::NotHttp("tel:+49301234".to_owned())
    );
    assert!(matches!(site.follow("/broken").await.end, HopEnd::NotHttp(_)));
    for path in ["/metadata", "/router"] {
        let probe = site.follow(path).await;
        assert!(matches!(probe.end, HopEnd::Fenced(_)), "{:?}", probe.end);
        assert_eq!(probe.hops.len(), 1, "what the fence refused was not requested");
    }
    assert!(matches!(
        follow(&site.net, &[ask("no url".to_owned())]).await[0].end,
        HopEnd::NotHttp(_)
    ));
}

#[tokio::test]
async fn an_unsubscribe_behind_a_redirect_is_not_requested() {
    let site = site(|path, base| match path {
        "/plain" => redirect("/unsubscribe?u=1"),
        "/wrapped" => redirect("https://click.pstmrk.it/3s/shop.brand.example%2Funsubscribe/a/b/AQ/c/1/d"),
        "/listed" => redirect(&format!("{base}/q/77")),
        _ => ok("text/html", ""),
    })
    .await;
    for path in ["/plain", "/wrapped"] {
        let probe = site.follow(path).await;
        assert!(matches!(probe.end, HopEnd::Unsubscribe(_)), "{:?}", probe.end);
        assert_eq!(probe.hops.len(), 1);
    }
    let listed = Ask {
        never: vec![format!("{}/q/77", site.base)],
        ..ask(format!("{}/listed", site.base))
    };
    assert!(matches!(
        follow(&site.net, &[listed]).await[0].end,
        HopEnd::Unsubscribe(_)
    ));
    assert_eq!(site.paths(), ["/plain", "/wrapped", "/listed"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_from_an_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let probe = follow(&net(Vec::new()), &[ask(format!("http://localhost:{port}/"))])
        .await
        .remove(0);
    assert!(
        matches!(&probe.end, HopEnd::Failed { code, .. } if code == "refused"),
        "{:?}",
        probe.end
    );
    assert_eq!(probe.hops[0].status, None);
}

#[tokio::test]
async fn a_step_from_https_to_http_is_not_taken() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![issued.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(
                    stream,
                    "",
                    |_, _| redirect("http://localhost:1/"),
                    &Mutex::new(Vec::new()),
                )
                .await;
            }
        }
    });
    let url = format!("https://localhost:{port}/");
    let trusting = net(vec![issued.cert.der().to_vec()]);
    let probe = follow(&trusting, &[ask(url.clone())]).await.remove(0);
    assert_eq!(probe.end, HopEnd::Downgrade("http://localhost:1/".to_owned()));
    assert!(probe.hops[0].tls.is_some());

    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let probe = follow(&net(vec![other.cert.der().to_vec()]), &[ask(url)])
        .await
        .remove(0);
    assert!(matches!(probe.end, HopEnd::BadCertificate(_)), "{:?}", probe.end);
}

pub fn policy(probe: bool, skip: &[&str]) -> Policy {
    Policy {
        links: LinkPolicy {
            probe,
            skip: skip.iter().map(|glob| (*glob).to_owned()).collect(),
            expected: Vec::new(),
        },
        ..crate::checks::scene::policy()
    }
}

const DELIVERED: &str = "Content-Type: text/html\r\n\r\n<a href='https://a.example/1'>One</a><a href='https://a.example/1'>Again</a>\
    <a href='https://a.example/login/x'>Sign in</a><a href='https://a.example/secret'>Secret</a><a href='mailto:x@a.example'>x</a>\
    <a href='https://a.example/u/9'>Unsubscribe</a><img src='https://t.example/p' width=1 height=1>";
const COMPOSED: &str =
    "Content-Type: text/html\r\n\r\n<a href='https://a.example/secret' data-inboxqa='no-follow'>Secret</a>";

#[test]
fn what_to_ask_follows_the_message_and_the_policy() {
    let reading = Reading::new(DELIVERED.as_bytes());
    let original = Reading::new(COMPOSED.as_bytes());
    let found = asks(&reading, Some(&original), &policy(true, &["*/login/*"]));
    let told: Vec<(&str, &str)> = found
        .iter()
        .map(|ask| {
            let refused = match &ask.refuse {
                None => "",
                Some(HopEnd::Unsubscribe(_)) => "unsubscribe",
                Some(HopEnd::NotRequested(why)) if why.contains("no-follow") => "no-follow",
                Some(HopEnd::NotRequested(why)) if why.contains("*/login/*") => "skip",
                other => panic!("{other:?}"),
            };
            (ask.url.as_str(), refused)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("https://a.example/1", ""),
            ("https://a.example/login/x", "skip"),
            ("https://a.example/secret", "no-follow"),
            ("https://a.example/u/9", "unsubscribe"),
            ("https://t.example/p", "")
        ]
    );
    assert_eq!(found[4].purpose, Purpose::Pixel);
}

#[tokio::test]
async fn without_probing_nothing_is_requested_and_everything_is_recorded() {
    let reading = Reading::new(DELIVERED.as_bytes());
    let found = asks(&reading, None, &policy(false, &[]));
    let probes = follow(&net(Vec::new()), &found).await;
    assert_eq!(probes.len(), 5);
    assert!(probes.iter().all(|probe| probe.hops.is_empty()));
    assert!(matches!(&probes[0].end, HopEnd::NotRequested(why) if why.contains("probe = false")));
}

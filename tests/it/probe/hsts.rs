//! http links under HSTS, against real servers: who is asked, and that nothing of the message itself is requested.

use super::gather::serve as serve_dns;
use inboxqa::mail::Reading;
use inboxqa::model::{DnsAnswer, DnsRecords, Endpoints, HopEnd, Policy, Purpose, RecordType, UrlProbe};
use inboxqa::net::Net;
use inboxqa::probe::hsts;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The brand's own web server has a certificate of its own name, the tracking host one of its service.
const HOSTS: [(&str, &str, &str); 2] = [
    ("brand.example", "198.51.100.1", "brand.example"),
    ("click.mail.brand.example", "198.51.100.2", "track.esp.example"),
];

struct Web {
    net: Net,
    asked: Arc<Mutex<Vec<String>>>,
}

/// Every host answers with this policy. `mail.brand.example` has an address where nobody listens.
async fn web(policy: &'static str, certificates: [&str; 2]) -> Web {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut zone = DnsRecords::default();
    let mut endpoints = Endpoints::default();
    let asked = Arc::new(Mutex::new(Vec::new()));
    for ((host, address, _), certificate) in HOSTS.into_iter().zip(certificates) {
        zone.record(host, RecordType::A, DnsAnswer::Records(vec![address.to_owned()]));
        let issued = rcgen::generate_simple_self_signed(vec![certificate.to_owned()]).unwrap();
        endpoints.roots.push(issued.cert.der().to_vec());
        let socket = server(issued, policy, asked.clone()).await;
        endpoints
            .forward
            .insert((address.parse::<IpAddr>().unwrap(), 443), socket);
    }
    endpoints.dns = vec![serve_dns(zone, false).await];
    Web {
        net: Net::open(endpoints, Vec::new()).unwrap(),
        asked,
    }
}

async fn server(
    issued: rcgen::CertifiedKey<rcgen::KeyPair>,
    policy: &'static str,
    asked: Arc<Mutex<Vec<String>>>,
) -> SocketAddr {
    let key = rustls::pki_types::PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![issued.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut head = [0u8; 4096];
            let length = stream.read(&mut head).await.unwrap_or(0);
            let line = String::from_utf8_lossy(&head[..length]);
            asked
                .lock()
                .unwrap()
                .push(line.lines().next().unwrap_or_default().to_owned());
            let answer = format!("HTTP/1.1 200 OK\r\n{policy}content-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

const MESSAGE: &[u8] = b"Subject: x\r\nContent-Type: text/html\r\n\r\n<a href='http://click.mail.brand.example/e/c/abc'>Shop</a>\
<a href='https://shop.brand.example/x'>x</a><a href='http://click.mail.brand.example:8080/'>y</a><a href='http://203.0.113.7/'>z</a>\r\n";

async fn ask(web: &Web, policy: &Policy) -> Vec<UrlProbe> {
    hsts::ask(&web.net, &Reading::new(MESSAGE), policy).await
}

const STRICT: &str = "strict-transport-security: max-age=31536000; includeSubDomains\r\n";

#[tokio::test]
async fn where_https_does_not_work_the_domains_above_are_asked_for_their_policy() {
    let web = web(STRICT, ["brand.example", "track.esp.example"]).await;
    let found = ask(&web, &super::links::policy(true, &[])).await;
    let told: Vec<(&str, bool)> = found
        .iter()
        .map(|probe| (probe.url.as_str(), probe.end == HopEnd::Answered))
        .collect();
    assert_eq!(
        told,
        [
            ("https://click.mail.brand.example/", false),
            ("https://mail.brand.example/", false),
            ("https://brand.example/", true),
        ]
    );
    assert!(matches!(found[0].end, HopEnd::BadCertificate(_)), "{:?}", found[0].end);
    assert!(found.iter().all(|probe| probe.purpose == Purpose::Hsts));
    assert_eq!(
        found[2].hops[0].hsts.as_deref(),
        Some("max-age=31536000; includeSubDomains")
    );
    assert_eq!(
        *web.asked.lock().unwrap(),
        ["GET / HTTP/1.1"],
        "front pages alone are requested"
    );
}

#[tokio::test]
async fn a_host_that_answers_over_https_needs_no_further_question() {
    let web = web(STRICT, ["brand.example", "click.mail.brand.example"]).await;
    let found = ask(&web, &super::links::policy(true, &[])).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].end, HopEnd::Answered);
}

#[tokio::test]
async fn where_links_may_not_be_requested_nobody_is_asked() {
    let web = web(STRICT, ["brand.example", "track.esp.example"]).await;
    assert!(ask(&web, &super::links::policy(false, &[])).await.is_empty());
    assert!(web.asked.lock().unwrap().is_empty());
}

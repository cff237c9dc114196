//! What tests of the lab share: a blueprint in the shape of the quickstart, a plain SMTP client, a box that collects what
//! was delivered.

use inboxqa::lab::arrival::Stored;
use inboxqa::lab::{Blueprint, Fault, World};
use inboxqa::model::profile::{AuthresTrust, Dialect};
use inboxqa::model::route::{RouteKind, Security, SmtpRoute, Tracking};
use inboxqa::model::{Category, Contract, FolderRole, Profile, Route, Secret, SecretRef, SeedMailbox};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;

/// A running lab and what it delivers.
pub struct Bench {
    pub world: World,
    delivered: mpsc::UnboundedReceiver<Stored>,
}

impl Bench {
    pub fn start(faults: &[&str]) -> Bench {
        Bench::of(blueprint(), faults)
    }

    /// Another blueprint than the usual one.
    pub fn of(mut blueprint: Blueprint, faults: &[&str]) -> Bench {
        let (sender, delivered) = mpsc::unbounded_channel();
        let deposit = Arc::new(move |stored| drop(sender.send(stored)));
        blueprint.faults = faults.iter().map(|text| Fault::parse(text).unwrap()).collect();
        Bench {
            world: World::start_watched(blueprint, deposit).unwrap(),
            delivered,
        }
    }

    /// The next message that arrives, within a generous time.
    pub async fn next(&mut self) -> Stored {
        let next = tokio::time::timeout(Duration::from_secs(20), self.delivered.recv());
        next.await.expect("nothing was delivered").unwrap()
    }

    /// Sends the usual letter of a case and returns the reply to its final dot.
    pub async fn submit(&self, case: &str, route: &str, mailbox: &str) -> String {
        let mut client = Client::open(&self.world, route).await;
        client.send(mailbox, letter(case, route, mailbox).as_bytes()).await
    }

    /// Sends and receives.
    pub async fn deliver(&mut self, case: &str, route: &str, mailbox: &str) -> Stored {
        let reply = self.submit(case, route, mailbox).await;
        assert!(reply.starts_with("250 "), "{reply}");
        self.next().await
    }

    /// Where the lab serves a host's port.
    pub async fn socket(&self, host: &str, port: u16) -> std::net::SocketAddr {
        let address = super::dns::addresses(&self.world, host).await.unwrap()[0];
        *self.world.endpoints().forward.get(&(address, port)).unwrap()
    }

    /// A reqwest client that sees the lab as the internet: every host of the map, no redirects.
    pub async fn browser(&self, hosts: &[&str]) -> reqwest::Client {
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .tls_backend_preconfigured((*tls_config(&self.world)).clone());
        for host in hosts {
            builder = builder.resolve(host, self.socket(host, 443).await);
        }
        builder.build().unwrap()
    }
}

pub fn tls_config(world: &World) -> Arc<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    for root in world.endpoints().roots {
        roots.add(root.into()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A plain SMTP client.
pub struct Client {
    stream: BufReader<Box<dyn Duplex>>,
    pub capabilities: Vec<String>,
}

impl Client {
    /// Connects, secures, logs in.
    pub async fn open(world: &World, route: &str) -> Client {
        let mut client = Client::connect(world, route).await;
        if let Some((user, password)) = world.route_credentials(route) {
            let reply = client.login(&user, &password).await;
            assert!(reply.starts_with("235 "), "{reply}");
        }
        client
    }

    /// Connects and secures.
    pub async fn connect(world: &World, route: &str) -> Client {
        let (host, port, starttls) = match route {
            "receipts" => ("smtp.postmarkapp.com", 587, true),
            "sales" => ("smtp.mailer.example", 465, false),
            "bare" => ("smtp.bare.example", 587, true),
            _ => ("relay.brand.example", 587, true),
        };
        let address: IpAddr = super::dns::addresses(world, host).await.unwrap()[0];
        let socket = world.endpoints().forward[&(address, port)];
        let mut tcp = TcpStream::connect(socket).await.unwrap();
        if starttls {
            let mut plain = BufReader::new(&mut tcp);
            for (say, expect) in [
                ("", "220 "),
                ("EHLO client.example\r\n", "250 "),
                ("STARTTLS\r\n", "220 "),
            ] {
                plain.write_all(say.as_bytes()).await.unwrap();
                assert!(reply(&mut plain).await.starts_with(expect));
            }
        }
        let name = host.to_owned().try_into().unwrap();
        let secure = TlsConnector::from(tls_config(world)).connect(name, tcp).await.unwrap();
        let mut client = Client {
            stream: BufReader::new(Box::new(secure)),
            capabilities: Vec::new(),
        };
        if !starttls {
            assert!(reply(&mut client.stream).await.starts_with("220 "));
        }
        let ehlo = client.ask("EHLO client.example").await;
        client.capabilities = ehlo.lines().map(|line| line[4..].to_owned()).collect();
        client
    }

    pub async fn ask(&mut self, command: &str) -> String {
        self.stream
            .write_all(format!("{command}\r\n").as_bytes())
            .await
            .unwrap();
        self.stream.flush().await.unwrap();
        reply(&mut self.stream).await
    }

    pub async fn login(&mut self, user: &str, password: &Secret) -> String {
        use base64::Engine;
        let text = format!("\0{user}\0{}", password.expose());
        let coded = base64::engine::general_purpose::STANDARD.encode(text);
        self.ask(&format!("AUTH PLAIN {coded}")).await
    }

    /// One message to one mailbox; returns the reply to the final dot.
    pub async fn send(&mut self, mailbox: &str, raw: &[u8]) -> String {
        let to = address(mailbox);
        for command in [
            "MAIL FROM:<sender@brand.example> BODY=8BITMIME".to_owned(),
            format!("RCPT TO:<{to}>"),
        ] {
            let reply = self.ask(&command).await;
            assert!(reply.starts_with("250 "), "{command}: {reply}");
        }
        assert!(self.ask("DATA").await.starts_with("354 "));
        let stuffed = String::from_utf8(raw.to_vec()).unwrap().replace("\r\n.", "\r\n..");
        self.ask(&format!("{stuffed}\r\n.").replace("\r\n\r\n.\r\n", "\r\n.\r\n"))
            .await
    }
}

/// A whole reply, lines joined by line breaks; the last line's `250 ` comes first.
async fn reply(stream: &mut (impl AsyncBufReadExt + Unpin)) -> String {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read_line(&mut line));
        assert!(
            read.await.expect("no reply").unwrap() > 0,
            "the server hung up after {lines:?}"
        );
        let last = line.as_bytes().get(3) == Some(&b' ');
        lines.push(line.trim_end().to_owned());
        if last {
            lines.rotate_right(1);
            return lines.join("\n");
        }
    }
}

pub fn address(mailbox: &str) -> String {
    format!("seed.one@{mailbox}.example")
}

/// A receipt as the product would send it.
pub fn letter(case: &str, route: &str, mailbox: &str) -> String {
    let from = match route {
        "sales" => "Brand News <hello@news.brand.example>",
        _ => "Brand Receipts <receipts@brand.example>",
    };
    format!(
        "From: {from}\r\n\
         To: {to}\r\n\
         Reply-To: help@brand.example\r\n\
         Subject: Order 1042 is confirmed\r\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0000\r\n\
         Message-ID: <own-1@brand.example>\r\n\
         X-InboxQA-Token: 0123456789abcdef0123456789abcdef\r\n\
         X-InboxQA-Delivery: launch/{case}/{route}/{mailbox}\r\n\
         X-PM-Message-Stream: outbound\r\n\
         X-PM-Metadata-token: 0123456789abcdef0123456789abcdef\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=\"b-1\"\r\n\
         \r\n\
         --b-1\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\
         \r\n\
         Grüße! Your order:\r\n\
         https://shop.brand.example/orders/1042?key=a&lang=en\r\n\
         .a line that begins with a dot\r\n\
         Unsubscribe: https://www.brand.example/unsubscribe?c=1\r\n\
         --b-1\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\
         \r\n\
         <html><body><p>Gr=C3=BC=C3=9Fe</p>\r\n\
         <a href=3D\"https://shop.brand.example/orders/1042?key=3Da&amp;lang=3Den\">You=\r\n\
         r order</a>\r\n\
         <A class=3D'b' href=3D'https://shop.brand.example/search?q=3Dred%20shoes'>More</A>\r\n\
         <!-- <a href=3D\"https://shop.brand.example/hidden\">no</a> -->\r\n\
         <a href=3D\"mailto:help@brand.example\">Help</a>\r\n\
         <a href=3D\"https://www.brand.example/unsubscribe?c=3D1\">Leave</a>\r\n\
         <img src=3D\"https://cdn.brand.example/logo.png\" width=3D\"80\"></body></html>\r\n\
         --b-1--\r\n",
        to = address(mailbox)
    )
}

pub fn blueprint() -> Blueprint {
    Blueprint {
        routes: vec![receipts(), sales(), plain(), bare()],
        mailboxes: vec![
            seed("gmail", Dialect::Gmail, "google.com"),
            seed("yahoo", Dialect::Yahoo, "yahoo.com"),
            seed("outlook", Dialect::Outlook, "outlook.com"),
            seed("own", Dialect::Generic, "mail.own.example"),
        ],
        web_hosts: ["shop.brand.example", "www.brand.example", "cdn.brand.example"]
            .map(str::to_owned)
            .to_vec(),
        faults: Vec::new(),
        held: Vec::new(),
    }
}

fn route(name: &str, host: &str, port: u16, security: Security, login: bool, contract: Contract) -> Route {
    let secret = || login.then(|| SecretRef::parse("${env:NEVER_READ}"));
    Route {
        name: name.to_owned(),
        kind: RouteKind::Smtp(SmtpRoute {
            host: host.to_owned(),
            port,
            security,
            username: secret(),
            password: secret(),
            headers: BTreeMap::new(),
            envelope_from: None,
            ca_file: None,
        }),
        concurrency: 1,
        rate_per_second: 0.0,
        logs: Vec::new(),
        contract,
    }
}

fn tracked(host: &str, parts: &[&str]) -> Tracking {
    Tracking::Host {
        host: host.to_owned(),
        parts: parts.iter().map(|part| (*part).to_owned()).collect(),
        except: vec!["unsubscribe".to_owned()],
    }
}

fn receipts() -> Route {
    let contract = Contract {
        categories: vec![Category::Transactional],
        from: Some("Brand Receipts <receipts@brand.example>".to_owned()),
        dkim: vec!["brand.example".to_owned()],
        return_path: Some("pm-bounces.brand.example".to_owned()),
        clicks: tracked("click.pstmrk.it", &["html", "text"]),
        opens: tracked("ea.pstmrk.it", &[]),
        ..Contract::default()
    };
    route(
        "receipts",
        "smtp.postmarkapp.com",
        587,
        Security::Starttls,
        true,
        contract,
    )
}

fn sales() -> Route {
    let contract = Contract {
        categories: vec![Category::Marketing],
        from: Some("Brand News <hello@news.brand.example>".to_owned()),
        dkim: vec!["news.brand.example".to_owned()],
        selectors: [("news.brand.example".to_owned(), "krs".to_owned())].into(),
        return_path: Some("bounces.mailer.example".to_owned()),
        clicks: tracked("e.news.brand.example", &["html"]),
        opens: tracked("e.news.brand.example", &[]),
        ..Contract::default()
    };
    route("sales", "smtp.mailer.example", 465, Security::Tls, true, contract)
}

fn plain() -> Route {
    let contract = Contract {
        from: Some("receipts@brand.example".to_owned()),
        dkim: vec!["brand.example".to_owned()],
        clicks: tracked("go.brand.example", &["html"]),
        opens: tracked("go.brand.example", &[]),
        ..Contract::default()
    };
    route("plain", "relay.brand.example", 587, Security::Starttls, false, contract)
}

/// A route that states nothing.
fn bare() -> Route {
    let contract = Contract::default();
    route("bare", "smtp.bare.example", 587, Security::Starttls, true, contract)
}

fn seed(name: &str, dialect: Dialect, received_by: &str) -> SeedMailbox {
    let host = format!("imap.{name}.example");
    SeedMailbox {
        name: name.to_owned(),
        provider: name.to_owned(),
        address: address(name),
        username: address(name),
        password: None,
        oauth: None,
        ca_file: None,
        tags: Vec::new(),
        drill: false,
        profile: Profile {
            dialect,
            host,
            port: 993,
            poll_ms: 1000,
            idle: true,
            plus: true,
            junk_names: vec!["Junk".to_owned()],
            junk_stated: false,
            byte_exact: dialect != Dialect::Outlook,
            authres: AuthresTrust::ServId(vec![format!("mx.{received_by}")]),
            received_by: vec![received_by.to_owned()],
        },
    }
}

/// The inbox, for readable assertions.
pub const INBOX: FolderRole = FolderRole::Inbox;

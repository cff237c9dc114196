//! A raw IMAP server over TLS that follows a script: well-behaved by default, and as evil as a test wants it to be.

use inboxqa::mailbox::Account;
use inboxqa::model::profile::{AuthresTrust, Dialect};
use inboxqa::model::{Endpoints, Profile, Secret, SeedMailbox};
use inboxqa::net::Net;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// A certificate for `localhost` and the authority that signed it.
pub struct Pki {
    pub authority: CertificateDer<'static>,
    pub certificate: CertificateDer<'static>,
    pub key: Vec<u8>,
}

pub fn pki() -> Pki {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    Pki {
        authority: authority.der().clone(),
        certificate: certificate.der().clone(),
        key: key.serialize_der(),
    }
}

/// One command of the client.
pub struct Ask {
    /// 0 for the first connection.
    pub connection: usize,
    /// Upper-case; for UID FETCH it is `FETCH`.
    pub verb: String,
    pub rest: String,
}

/// What the server does with it. `{tag}` stands for the tag.
pub enum Act {
    Say(Vec<u8>),
    SayAndClose(Vec<u8>),
}

pub fn say(text: &str) -> Option<Act> {
    Some(Act::Say(text.as_bytes().to_vec()))
}

pub fn leave(text: &str) -> Option<Act> {
    Some(Act::SayAndClose(text.as_bytes().to_vec()))
}

type Script = dyn Fn(&Ask) -> Option<Act> + Send + Sync;

pub struct Server {
    pub net: Net,
    pub port: u16,
    pub connections: Arc<AtomicUsize>,
}

impl Server {
    /// `script` is asked first (with verb `GREETING` at the beginning); where it has nothing to say, the server behaves.
    pub async fn start(script: impl Fn(&Ask) -> Option<Act> + Send + Sync + 'static) -> Server {
        let pki = pki();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pki.key));
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![pki.certificate], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        let script: Arc<Script> = Arc::new(script);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection = counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(acceptor.clone(), stream, connection, script.clone()));
            }
        });
        let endpoints = Endpoints {
            roots: vec![pki.authority.to_vec()],
            ..Endpoints::default()
        };
        Server {
            net: Net::open(endpoints, vec![]).unwrap(),
            port,
            connections,
        }
    }

    pub fn account(&self) -> Account {
        account(self.port, Dialect::Generic)
    }
}

pub fn account(port: u16, dialect: Dialect) -> Account {
    Account {
        seed: SeedMailbox {
            name: "seed-1".to_owned(),
            provider: "imap".to_owned(),
            address: "seed@mail.example".to_owned(),
            username: "seed@mail.example".to_owned(),
            password: None,
            oauth: None,
            ca_file: None,
            tags: vec![],
            drill: false,
            profile: Profile {
                dialect,
                host: "localhost".to_owned(),
                port,
                poll_ms: 50,
                idle: true,
                plus: true,
                junk_names: vec![],
                junk_stated: false,
                byte_exact: true,
                authres: AuthresTrust::Nobody,
                received_by: vec![],
            },
        },
        password: Some(Secret::new("pass\"wo\\rd")),
        oauth: None,
        extra_root_pem: None,
    }
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, connection: usize, script: Arc<Script>) {
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let mut stream = BufReader::new(stream);
    let mut ask = Ask {
        connection,
        verb: "GREETING".to_owned(),
        rest: String::new(),
    };
    let mut tag = "*".to_owned();
    loop {
        let act = script(&ask).unwrap_or_else(|| behave(&ask));
        match act {
            Act::Say(bytes) => {
                if stream.write_all(&filled(&bytes, &tag)).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
            Act::SayAndClose(bytes) => {
                let _ = stream.write_all(&filled(&bytes, &tag)).await;
                let _ = stream.shutdown().await;
                return;
            }
        }
        let mut line = String::new();
        match stream.read_line(&mut line).await {
            Ok(length) if length > 0 => {}
            _ => return,
        }
        let mut words = line.trim_end().splitn(3, ' ');
        let first = words.next().unwrap_or_default().to_owned();
        let mut verb = words.next().unwrap_or_default().to_uppercase();
        let mut rest = words.next().unwrap_or_default().to_owned();
        if verb == "UID" {
            let (real, arguments) = rest.split_once(' ').unwrap_or((&rest, ""));
            (verb, rest) = (real.to_uppercase(), arguments.to_owned());
        }
        if verb.is_empty() {
            // DONE, or the answer to a continuation: the tag stays.
            (verb, rest) = ("ANSWER".to_owned(), first);
        } else {
            tag = first;
        }
        ask = Ask { connection, verb, rest };
    }
}

fn filled(bytes: &[u8], tag: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(5).position(|window| window == b"{tag}") {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(tag.as_bytes());
        rest = &rest[at + 5..];
    }
    out.extend_from_slice(rest);
    out
}

pub const LIST: &str = "* LIST () \"/\" INBOX\r\n* LIST (\\Junk) \"/\" Junk\r\n* LIST (\\Noselect) \"/\" Top\r\n";

fn behave(ask: &Ask) -> Act {
    let text = match ask.verb.as_str() {
        "GREETING" => "* OK hello\r\n".to_owned(),
        "CAPABILITY" => "* CAPABILITY IMAP4rev1 IDLE ID AUTH=PLAIN\r\n{tag} OK done\r\n".to_owned(),
        "LIST" => format!("{LIST}{{tag}} OK done\r\n"),
        "EXAMINE" => {
            "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 10] next\r\n{tag} OK [READ-ONLY] done\r\n"
                .to_owned()
        }
        "IDLE" => "+ idling\r\n".to_owned(),
        _ => "{tag} OK done\r\n".to_owned(),
    };
    Act::Say(text.into_bytes())
}

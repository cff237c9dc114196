//! A host of the lab on an unknown port, with its own certificate, and clients for it.

use async_imap::Session;
use futures_util::FutureExt;
use inboxqa::lab::imap::{Bearer, ImapAccount, ImapFaults, ImapWorld, MailStore, serve};
use inboxqa::model::Secret;
use inboxqa::model::profile::Dialect;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub const NAME: &str = "imap.mailbox.example";
pub const MAILBOX: &str = "seed-1";
pub const USER: &str = "seed.one@mailbox.example";
/// A password with everything that breaks careless quoting.
pub const PASSWORD: &str = "p w\"\\{3}";
pub const TOKEN: &str = "ya29.token-of-the-seed";
/// Nothing here takes this long unless it hangs.
pub const LIMIT: Duration = Duration::from_secs(20);

pub struct Host {
    pub port: u16,
    pub ca_pem: String,
    ca: CertificateDer<'static>,
    pub world: ImapWorld,
    pub store: MailStore,
    pub faults: ImapFaults,
    task: JoinHandle<std::io::Result<()>>,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Host {
    pub async fn start(dialect: Dialect) -> Host {
        let store = MailStore::new();
        store.add_mailbox(MAILBOX, dialect);
        let faults = ImapFaults::new();
        let mut world = ImapWorld::new(dialect, store.clone());
        let account = ImapAccount {
            bearer: Some(Bearer::one(Secret::new(TOKEN))),
            ..ImapAccount::with_password(MAILBOX, Secret::new(PASSWORD))
        };
        world.accounts.insert(USER.to_owned(), account);
        world.faults.insert(MAILBOX.to_owned(), faults.clone());
        Host::serving(world, store, faults).await
    }

    /// Serves a world that was made elsewhere.
    pub async fn serving(world: ImapWorld, store: MailStore, faults: ImapFaults) -> Host {
        let certified = rcgen::generate_simple_self_signed([NAME.to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let ca = certified.cert.der().clone();
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let tls = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![ca.clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(serve(listener, Arc::new(tls), world.clone()));
        Host {
            port,
            ca_pem: certified.cert.pem(),
            ca,
            world,
            store,
            faults,
            task,
        }
    }

    pub async fn connect(&self) -> TlsStream<TcpStream> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.ca.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let name = ServerName::try_from(NAME).unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .unwrap()
    }

    /// A client of another hand, its greeting read.
    pub async fn client(&self) -> async_imap::Client<TlsStream<TcpStream>> {
        let mut client = async_imap::Client::new(self.connect().await);
        client.read_response().await.unwrap().unwrap();
        client
    }

    pub async fn session(&self) -> Session<TlsStream<TcpStream>> {
        let login = self.client().await.login(USER, PASSWORD).await;
        login.map_err(|(error, _)| error).unwrap()
    }

    /// A client by hand, its greeting read.
    pub async fn raw(&self) -> Raw {
        let mut raw = Raw {
            stream: BufReader::new(self.connect().await),
            count: 0,
        };
        raw.line().await.unwrap();
        raw
    }

    /// A client by hand, logged in.
    pub async fn raw_session(&self) -> Raw {
        let mut raw = self.raw().await;
        let password = PASSWORD.replace('\\', "\\\\").replace('"', "\\\"");
        let answer = raw.ask(&format!("LOGIN {USER} \"{password}\"")).await;
        assert!(answer.last().unwrap().contains(" OK "), "{answer:?}");
        raw
    }

    pub fn deliver(&self, raw: &[u8]) -> u32 {
        let role = inboxqa::model::FolderRole::Inbox;
        self.store.deliver(MAILBOX, role, raw.to_vec(), AT).unwrap().uid
    }
}

/// When delivered test mail arrived.
pub const AT: OffsetDateTime = datetime!(2026-11-03 23:04:05 UTC);

/// Lines in and out, every wait bounded.
pub struct Raw {
    stream: BufReader<TlsStream<TcpStream>>,
    count: u32,
}

impl Raw {
    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// The next line with its line break; `None` at the end of the connection.
    pub async fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let read = timeout(LIMIT, self.stream.read_until(b'\n', &mut line)).await;
        let read = read.expect("a line in time").unwrap_or(0);
        (read > 0).then(|| String::from_utf8_lossy(&line).into_owned())
    }

    /// Is there nothing to read at this moment?
    pub fn is_silent(&mut self) -> bool {
        self.stream.fill_buf().now_or_never().is_none()
    }

    /// Everything until the connection ends.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let end = timeout(LIMIT, self.stream.read_to_end(&mut rest)).await;
        // An end without close_notify is an error of TLS, and just what some tests want.
        let _ = end.expect("the end in time");
        rest
    }

    /// Sends a command with a fresh tag and reads up to its tagged line. The tag is removed from the answer.
    pub async fn ask(&mut self, command: &str) -> Vec<String> {
        self.count += 1;
        let tag = format!("t{}", self.count);
        self.send(format!("{tag} {command}\r\n").as_bytes()).await;
        self.until(&tag).await
    }

    /// Reads lines up to the one with a tag.
    pub async fn until(&mut self, tag: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await.expect("the tagged line");
            let line = line.trim_end().to_owned();
            if let Some(rest) = line.strip_prefix(&format!("{tag} ")) {
                lines.push(format!("tag {rest}"));
                return lines;
            }
            lines.push(line);
        }
    }
}

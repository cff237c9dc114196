//! A scripted submission server: says what the plan says at each step, and remembers what it was told.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the server does at a step.
#[derive(Debug, Clone)]
pub enum Do {
    /// Says this, byte for byte.
    Say(Vec<u8>),
    /// Says nothing, and keeps the connection.
    Hang,
    /// Closes the connection.
    Close,
}

/// The usual way to say a line.
pub fn say(text: &str) -> Do {
    Do::Say(format!("{text}\r\n").into_bytes())
}

/// The server's behaviour.
#[derive(Debug, Clone)]
pub struct Plan {
    /// TLS from the first byte on.
    pub implicit: bool,
    /// Name in the certificate.
    pub name: &'static str,
    pub greeting: Do,
    pub plain_ehlo: Do,
    pub starttls: Do,
    pub ehlo: Do,
    /// Answers to AUTH and the lines after it, in turn.
    pub auth: Vec<Do>,
    pub mail: Do,
    pub rcpt: Do,
    pub data: Do,
    /// After this many bytes of the message, do that instead of reading on.
    pub body: Option<(usize, Do)>,
    pub dot: Do,
    /// RSET; also what tells whether a kept connection is still good.
    pub rset: Do,
}

impl Plan {
    /// Accepts everything.
    pub fn good() -> Plan {
        Plan {
            implicit: false,
            name: "localhost",
            greeting: say("220 smtp.brand.example ESMTP"),
            plain_ehlo: say("250-smtp.brand.example\r\n250 STARTTLS"),
            starttls: say("220 2.0.0 go ahead"),
            ehlo: say("250-smtp.brand.example\r\n250-AUTH LOGIN PLAIN\r\n250-8BITMIME\r\n250 SIZE 100000000"),
            auth: vec![say("235 2.7.0 welcome")],
            mail: say("250 2.1.0 ok"),
            rcpt: say("250 2.1.5 ok"),
            data: say("354 go on"),
            body: None,
            dot: say("250 2.0.0 queued as 4711"),
            rset: say("250 2.0.0 ok"),
        }
    }
}

/// What the server was told.
#[derive(Debug, Default)]
pub struct Told {
    pub connections: usize,
    /// Every line before TLS.
    pub plain: Vec<String>,
    /// Every command line under TLS.
    pub secured: Vec<String>,
    /// Messages taken in to their dot, dot-stuffing undone.
    pub messages: Vec<Vec<u8>>,
}

pub struct Server {
    pub port: u16,
    pub implicit: bool,
    pub ca_pem: String,
    told: Arc<Mutex<Told>>,
}

impl Server {
    pub async fn start(plan: Plan) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (acceptor, ca_pem) = tls(plan.name);
        let told = Arc::new(Mutex::new(Told::default()));
        let server = Server {
            port,
            implicit: plan.implicit,
            ca_pem,
            told: told.clone(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                told.lock().unwrap().connections += 1;
                let visit = Visit {
                    plan: plan.clone(),
                    told: told.clone(),
                    acceptor: acceptor.clone(),
                };
                tokio::spawn(visit.serve(stream));
            }
        });
        server
    }

    pub fn told<T>(&self, look: impl FnOnce(&Told) -> T) -> T {
        look(&self.told.lock().unwrap())
    }

    /// Did any byte of the credentials, in any encoding used here, pass?
    pub fn heard_credentials(&self) -> bool {
        self.told(|told| {
            told.plain
                .iter()
                .chain(&told.secured)
                .any(|line| line.to_ascii_uppercase().contains("AUTH"))
        })
    }
}

fn tls(name: &str) -> (TlsAcceptor, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()])
        .unwrap()
        .signed_by(&key, &ca)
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), ca.pem())
}

struct Visit {
    plan: Plan,
    told: Arc<Mutex<Told>>,
    acceptor: TlsAcceptor,
}

/// The visit is over.
struct Over;

impl Visit {
    async fn serve(self, stream: TcpStream) {
        if self.plan.implicit {
            if let Ok(mut stream) = self.acceptor.accept(stream).await.map(BufReader::new)
                && act(&mut stream, &self.plan.greeting).await.is_ok()
            {
                let _ = self.secured(&mut stream).await;
            }
            return;
        }
        let mut stream = BufReader::new(stream);
        if self.in_the_clear(&mut stream).await.is_err() {
            return;
        }
        if let Ok(secured) = self.acceptor.accept(stream.into_inner()).await {
            let _ = self.secured(&mut BufReader::new(secured)).await;
        }
    }

    async fn in_the_clear(&self, stream: &mut BufReader<TcpStream>) -> Result<(), Over> {
        act(stream, &self.plan.greeting).await?;
        loop {
            let line = read(stream).await?;
            self.told.lock().unwrap().plain.push(line.clone());
            match verb(&line).as_str() {
                "EHLO" => act(stream, &self.plan.plain_ehlo).await?,
                "STARTTLS" => return act(stream, &self.plan.starttls).await,
                _ => act(stream, &say("221 2.0.0 bye")).await?,
            }
        }
    }

    async fn secured<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut BufReader<S>) -> Result<(), Over> {
        let plan = &self.plan;
        let mut auth = plan.auth.iter();
        loop {
            let line = read(stream).await?;
            self.told.lock().unwrap().secured.push(line.clone());
            match verb(&line).as_str() {
                "EHLO" => act(stream, &plan.ehlo).await?,
                "MAIL" => act(stream, &plan.mail).await?,
                "RCPT" => act(stream, &plan.rcpt).await?,
                "RSET" => act(stream, &plan.rset).await?,
                "QUIT" => act(stream, &say("221 2.0.0 bye")).await?,
                "DATA" => {
                    act(stream, &plan.data).await?;
                    if matches!(&plan.data, Do::Say(text) if text.starts_with(b"354")) {
                        self.message(stream).await?;
                    }
                }
                _ => act(stream, auth.next().unwrap_or(&say("503 5.5.1 enough"))).await?,
            }
        }
    }

    async fn message<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut BufReader<S>) -> Result<(), Over> {
        let mut message = Vec::new();
        loop {
            let mut line = Vec::new();
            if stream.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
                return Err(Over);
            }
            if line == b".\r\n" {
                break;
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            if let Some((limit, what)) = &self.plan.body
                && message.len() >= *limit
            {
                act(stream, what).await?;
                return Err(Over);
            }
        }
        self.told.lock().unwrap().messages.push(message);
        act(stream, &self.plan.dot).await
    }
}

fn verb(line: &str) -> String {
    line.split([' ', '\r']).next().unwrap_or_default().to_ascii_uppercase()
}

async fn read<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Result<String, Over> {
    let mut line = String::new();
    match stream.read_line(&mut line).await {
        Ok(count) if count > 0 => Ok(line),
        _ => Err(Over),
    }
}

async fn act<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, what: &Do) -> Result<(), Over> {
    match what {
        Do::Say(text) => {
            let said = stream.get_mut().write_all(text).await;
            let said = said.and(stream.get_mut().flush().await);
            said.map_err(|_| Over)
        }
        Do::Hang => std::future::pending().await,
        Do::Close => Err(Over),
    }
}

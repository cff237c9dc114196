//! The lab's submission servers (RFC 6409): STARTTLS or TLS from the start, AUTH PLAIN and LOGIN, 8BITMIME, no pipelining.
//! One listener a host and port; several routes may share it and are told apart by their login.

use crate::lab::ids;
use crate::lab::smtp_wire::{Wire, reply_text};
use crate::model::{Secret, Why};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN, Request};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Largest message, in bytes.
pub const MOST_BYTES: usize = 26_214_400;
/// Recipients of one message.
const MOST_RECIPIENTS: usize = 100;

/// A message the server took.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The route whose login was used (or the only one of the listener).
    pub route: String,
    /// Queue id, as told in the reply.
    pub queue_id: String,
    /// What the client called itself.
    pub helo: String,
    /// RCPT TO.
    pub recipients: Vec<String>,
    /// The message, dots unstuffed.
    pub raw: Vec<u8>,
}

/// What the owner of a listener says to a message, before it is accepted.
pub enum Decision {
    /// 250.
    Accept,
    /// Any other reply: code, enhanced code, text.
    Reply(u16, &'static str, String),
}

/// The owner of a listener.
pub trait Desk: Send + Sync + 'static {
    /// May mail be sent to this address?
    fn knows(&self, recipient: &str) -> bool;
    /// Takes a message, or says why not. Called once a message, at its final dot.
    fn take(&self, message: Submitted) -> Decision;
}

/// One login of a listener.
#[derive(Debug, Clone)]
pub struct Login {
    /// Route it belongs to.
    pub route: String,
    /// User name; `None` where the route logs in with nothing.
    pub credentials: Option<(String, Secret)>,
}

/// One listener.
pub struct Submission {
    /// The host it plays.
    pub host: String,
    /// STARTTLS, or TLS from the first byte.
    pub starttls: bool,
    /// Its logins.
    pub logins: Vec<Login>,
    /// TLS.
    pub tls: Arc<rustls::ServerConfig>,
    /// Who takes the messages.
    pub desk: Arc<dyn Desk>,
}

/// Starts a listener on a free loopback port; it stops with the runtime.
///
/// # Errors
/// `lab-smtp`.
pub async fn start(submission: Submission) -> Result<SocketAddr, Why> {
    let failed = |error: std::io::Error| Why::new("lab-smtp", format!("the lab's submission server: {error}"));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let submission = Arc::new(submission);
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                continue;
            };
            let submission = submission.clone();
            tokio::spawn(async move {
                let _ = stream.set_nodelay(true);
                // A broken connection is the client's affair: nothing was accepted that was not answered.
                let _ = converse(&submission, Wire::plain(stream)).await;
            });
        }
    });
    Ok(address)
}

/// What a session has come to.
#[derive(Default)]
struct State {
    helo: Option<String>,
    route: Option<String>,
    sender: bool,
    recipients: Vec<String>,
}

impl State {
    fn forget_mail(&mut self) {
        self.sender = false;
        self.recipients.clear();
    }
}

async fn converse(submission: &Submission, mut wire: Wire) -> std::io::Result<()> {
    let acceptor = TlsAcceptor::from(submission.tls.clone());
    if !submission.starttls {
        wire = wire.secure(&acceptor).await?;
    }
    wire.say(&format!("220 {} ESMTP ready\r\n", submission.host)).await?;
    let mut state = State::default();
    while let Some(line) = wire.line().await? {
        let parsed = Request::parse(&mut line.iter()).map(Request::into_owned);
        match parsed {
            Ok(Request::StartTls) if !wire.is_secure() => {
                wire.say(&reply_text(220, "2.0.0", "Ready to start TLS")).await?;
                // Whatever was sent along before the handshake is dropped with the plain stream's buffer (RFC 3207 §4.2).
                wire = wire.secure(&acceptor).await?;
                state = State::default();
            }
            Ok(Request::Quit) => return wire.say(&reply_text(221, "2.0.0", "Bye")).await,
            Ok(Request::Auth {
                mechanism,
                initial_response,
            }) => {
                let answer = login(submission, &mut wire, &mut state, mechanism, &initial_response).await?;
                wire.say(&answer).await?;
            }
            Ok(Request::Data) => data(submission, &mut wire, &mut state).await?,
            Ok(request) => {
                let answer = command(submission, &mut state, wire.is_secure(), request);
                wire.say(&answer).await?;
            }
            Err(_) => wire.say(&reply_text(500, "5.5.1", "Command not understood")).await?,
        }
    }
    Ok(())
}

/// Answers the commands that need nothing more from the wire.
fn command(submission: &Submission, state: &mut State, secure: bool, request: Request<String>) -> String {
    match request {
        Request::Ehlo { host } | Request::Helo { host } => {
            *state = State {
                route: state.route.take(),
                helo: Some(host),
                ..State::default()
            };
            greeting(submission, secure)
        }
        Request::Mail { from } => match (allowed(submission, state, secure), from.size > MOST_BYTES) {
            (Err(refusal), _) => refusal,
            (Ok(()), true) => reply_text(552, "5.3.4", "Message too big"),
            (Ok(()), false) => {
                state.forget_mail();
                state.sender = true;
                reply_text(250, "2.1.0", "Sender ok")
            }
        },
        Request::Rcpt { .. } if !state.sender => reply_text(503, "5.5.1", "MAIL first"),
        Request::Rcpt { to } if !submission.desk.knows(&to.address) => {
            reply_text(550, "5.1.1", &format!("<{}>: no seed mailbox of this lab", to.address))
        }
        Request::Rcpt { .. } if state.recipients.len() >= MOST_RECIPIENTS => {
            reply_text(452, "4.5.3", "Too many recipients")
        }
        Request::Rcpt { to } => {
            state.recipients.push(to.address);
            reply_text(250, "2.1.5", "Recipient ok")
        }
        Request::Rset => {
            state.forget_mail();
            reply_text(250, "2.0.0", "Reset")
        }
        Request::Noop { .. } => reply_text(250, "2.0.0", "Ok"),
        Request::Vrfy { .. } => reply_text(252, "2.0.0", "Send some mail, I will try my best"),
        Request::StartTls => reply_text(503, "5.5.1", "TLS is already active"),
        _ => reply_text(502, "5.5.1", "Command not implemented"),
    }
}

fn greeting(submission: &Submission, secure: bool) -> String {
    let mut lines = vec![
        submission.host.clone(),
        "8BITMIME".to_owned(),
        format!("SIZE {MOST_BYTES}"),
    ];
    lines.push("ENHANCEDSTATUSCODES".to_owned());
    if !secure {
        lines.push("STARTTLS".to_owned());
    } else if submission.logins.iter().any(|login| login.credentials.is_some()) {
        lines.push("AUTH PLAIN LOGIN".to_owned());
    }
    let last = lines.len() - 1;
    let line = |(index, text): (usize, &String)| format!("250{}{text}\r\n", if index == last { ' ' } else { '-' });
    lines.iter().enumerate().map(line).collect()
}

/// May this session send now? An open login is used where no one logged in.
fn allowed(submission: &Submission, state: &mut State, secure: bool) -> Result<(), String> {
    if state.helo.is_none() {
        return Err(reply_text(503, "5.5.1", "EHLO first"));
    }
    if !secure {
        return Err(reply_text(530, "5.7.0", "Must issue a STARTTLS command first"));
    }
    if state.route.is_none() {
        let open = submission.logins.iter().find(|login| login.credentials.is_none());
        state.route = open.map(|login| login.route.clone());
    }
    match state.route {
        Some(_) => Ok(()),
        None => Err(reply_text(530, "5.7.0", "Authentication required")),
    }
}

async fn login(
    submission: &Submission,
    wire: &mut Wire,
    state: &mut State,
    mechanism: u64,
    initial: &str,
) -> std::io::Result<String> {
    if !wire.is_secure() {
        return Ok(reply_text(538, "5.7.11", "Encryption required for authentication"));
    }
    let given = match mechanism {
        AUTH_PLAIN => {
            let response = match initial {
                "" => wire.ask("").await?,
                there => Some(there.to_owned()),
            };
            response.as_deref().and_then(plain_login)
        }
        AUTH_LOGIN => {
            let user = match initial {
                "" => wire.ask("VXNlcm5hbWU6").await?,
                there => Some(there.to_owned()),
            };
            let password = wire.ask("UGFzc3dvcmQ6").await?;
            let text = |response: Option<String>| response.as_deref().and_then(decoded);
            text(user).zip(text(password))
        }
        _ => return Ok(reply_text(504, "5.5.4", "Mechanism not supported")),
    };
    let known = given.and_then(|(user, password)| {
        submission.logins.iter().find(|login| {
            let right = |(name, secret): &(String, Secret)| *name == user && secret.expose() == password;
            login.credentials.as_ref().is_some_and(right)
        })
    });
    Ok(match known {
        Some(login) => {
            state.route = Some(login.route.clone());
            reply_text(235, "2.7.0", "Authentication successful")
        }
        None => reply_text(535, "5.7.8", "Authentication credentials invalid"),
    })
}

fn decoded(response: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(response.trim()).ok()?).ok()
}

/// `[authzid] NUL authcid NUL password` (RFC 4616).
fn plain_login(response: &str) -> Option<(String, String)> {
    let text = decoded(response)?;
    let mut parts = text.splitn(3, '\0').skip(1);
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}

async fn data(submission: &Submission, wire: &mut Wire, state: &mut State) -> std::io::Result<()> {
    if state.recipients.is_empty() {
        return wire.say(&reply_text(503, "5.5.1", "RCPT first")).await;
    }
    wire.say("354 End data with <CR><LF>.<CR><LF>\r\n").await?;
    let Some(raw) = wire.message(MOST_BYTES).await? else {
        state.forget_mail();
        return wire.say(&reply_text(552, "5.3.4", "Message too big")).await;
    };
    let queue_id = ids::hex::<6>().to_ascii_uppercase();
    let message = Submitted {
        route: state.route.clone().unwrap_or_default(),
        queue_id: queue_id.clone(),
        helo: state.helo.clone().unwrap_or_default(),
        recipients: std::mem::take(&mut state.recipients),
        raw,
    };
    state.forget_mail();
    let answer = match submission.desk.take(message) {
        Decision::Accept => reply_text(250, "2.0.0", &format!("Ok: queued as {queue_id}")),
        Decision::Reply(code, enhanced, text) => reply_text(code, enhanced, &text),
    };
    wire.say(&answer).await
}

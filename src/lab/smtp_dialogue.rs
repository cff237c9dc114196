//! What a submission server answers to each command (RFC 5321, RFC 4954), apart from the wire.

use crate::lab::smtp_door::Submission;
use crate::lab::smtp_wire::{Wire, reply_text};
use crate::model::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN, Request};

/// Largest message, in bytes.
pub const MOST_BYTES: usize = 26_214_400;
/// Recipients of one message.
const MOST_RECIPIENTS: usize = 100;

/// What a session has come to.
#[derive(Default)]
pub struct State {
    /// EHLO name.
    pub helo: Option<String>,
    /// Route of the login.
    pub route: Option<String>,
    /// MAIL was accepted.
    pub sender: bool,
    /// Accepted recipients.
    pub recipients: Vec<String>,
}

impl State {
    /// Forgets the transaction.
    pub fn forget_mail(&mut self) {
        self.sender = false;
        self.recipients.clear();
    }
}

/// Answers the commands that need nothing more from the wire.
pub fn command(submission: &Submission, state: &mut State, secure: bool, request: Request<String>) -> String {
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

/// Answers AUTH, asking for what is missing.
///
/// # Errors
/// The connection is gone.
pub async fn login(
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

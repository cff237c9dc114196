//! The lab's submission servers (RFC 6409): STARTTLS or TLS from the start, AUTH PLAIN and LOGIN, 8BITMIME, no pipelining.
//! One listener a host and port; several routes may share it and are told apart by their login.

use crate::lab::ids;
use crate::lab::smtp_dialogue::{MOST_BYTES, State, command, login};
use crate::lab::smtp_door::{Decision, Submission, Submitted};
use crate::lab::smtp_wire::{Wire, reply_text};
use crate::model::Why;
use smtp_proto::Request;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

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
    let route = state.route.clone().unwrap_or_default();
    let id = submission.desk.id(&route);
    let told = id.clone().unwrap_or_else(|| queue_id.clone());
    let message = Submitted {
        route,
        queue_id,
        id,
        case: None,
        helo: state.helo.clone().unwrap_or_default(),
        recipients: std::mem::take(&mut state.recipients),
        raw,
    };
    state.forget_mail();
    let answer = match submission.desk.take(message) {
        Decision::Accept => reply_text(250, "2.0.0", &format!("Ok: queued as {told}")),
        Decision::Reply(code, enhanced, text) => reply_text(code, enhanced, &text),
    };
    wire.say(&answer).await
}

//! The listener: TLS from the first byte, a task a connection.

use super::session::Session;
use super::world::ImapWorld;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// How long a TLS handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Connections served at once; more are closed at the door.
const MAX_CONNECTIONS: usize = 500;

/// Serves one IMAP host with implicit TLS until the listener fails. Dropping the future ends all its connections.
pub async fn serve(listener: TcpListener, tls: Arc<rustls::ServerConfig>, world: ImapWorld) -> io::Result<()> {
    let acceptor = TlsAcceptor::from(tls);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < MAX_CONNECTIONS => {
                    connections.spawn(connection(acceptor.clone(), stream, world.clone()));
                }
                Ok(_) => {}
                // The client took it back before we looked.
                Err(error) if matches!(
                    error.kind(),
                    ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
                ) => {}
                Err(error) => return Err(error),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(acceptor: TlsAcceptor, stream: TcpStream, world: ImapWorld) {
    let recorder = world.transcripts.begin();
    // Without it the answer to a small command waits for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    match timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await {
        Err(_) => recorder.event("no TLS handshake in time"),
        Ok(Err(error)) => recorder.event(&format!("no TLS: {error}")),
        Ok(Ok(stream)) => {
            let ended = Session::new(stream, world, recorder.clone()).serve().await;
            if let Err(error) = ended {
                recorder.event(&format!("lost: {error}"));
            }
        }
    }
}

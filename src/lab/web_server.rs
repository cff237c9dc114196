//! The lab's web on three loopback sockets: one HTTPS, one HTTP and one with a certificate for another name, each for every host
//! the lab plays.

use crate::lab::pki::Authority;
use crate::lab::web_desk::{Desk, Site, answer};
use crate::model::Why;
use axum::Router;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Where the web listens.
#[derive(Debug, Clone, Copy)]
pub struct WebSockets {
    /// Port 443.
    pub https: SocketAddr,
    /// Port 80.
    pub http: SocketAddr,
    /// [`crate::lab::web_desk::IMPOSTOR_PORT`].
    pub impostor: SocketAddr,
}

/// Starts the three sockets on free loopback ports; they stop with the runtime.
///
/// # Errors
/// `lab-web`.
pub async fn start(site: Site, authority: &Authority) -> Result<WebSockets, Why> {
    let alpn: &[&[u8]] = &[b"http/1.1"];
    let honest = authority.server("web.lab.example", alpn)?;
    let stranger = authority.impostor("someone-else.example", alpn)?;
    let (https, secure) = secured(honest).await?;
    let (impostor, wrong) = secured(stranger).await?;
    let plain = bind().await?;
    let http = plain.local_addr().map_err(failed)?;
    let app = |scheme| {
        Router::new().fallback(answer).with_state(Desk {
            site: site.clone(),
            scheme,
        })
    };
    let (over_tls, over_wrong, over_plain) = (app("https"), app("https"), app("http"));
    tokio::spawn(async move { axum::serve(secure, over_tls).await });
    tokio::spawn(async move { axum::serve(wrong, over_wrong).await });
    tokio::spawn(async move { axum::serve(plain, over_plain).await });
    Ok(WebSockets { https, http, impostor })
}

async fn bind() -> Result<TcpListener, Why> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)
}

/// A TLS listener whose handshakes run beside each other: a client that dawdles holds up nobody.
async fn secured(config: Arc<rustls::ServerConfig>) -> Result<(SocketAddr, Handshaken), Why> {
    let listener = bind().await?;
    let address = listener.local_addr().map_err(failed)?;
    let acceptor = TlsAcceptor::from(config);
    let (ready, done) = mpsc::channel(64);
    tokio::spawn(async move {
        loop {
            // A failed accept is the client's loss; only a closed queue (the server is gone) ends the loop.
            let Ok((stream, peer)) = listener.accept().await else {
                continue;
            };
            if ready.is_closed() {
                return;
            }
            let (acceptor, ready) = (acceptor.clone(), ready.clone());
            tokio::spawn(async move {
                if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                    let _ = ready.send((stream, peer)).await;
                }
            });
        }
    });
    Ok((address, Handshaken { done, address }))
}

struct Handshaken {
    done: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl axum::serve::Listener for Handshaken {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.done.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

fn failed(error: impl fmt::Display) -> Why {
    Why::new("lab-web", format!("the lab's web server: {error}"))
}

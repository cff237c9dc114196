//! Floor 2: the one door to the outside: resolver, TLS, connect, fence.
//!
//! Two kinds of destination pass through it. Hosts the user configured (submission and IMAP servers, APIs) are connected to as
//! they are. URLs found in messages are hostile: every address is checked by [`fence`] before it is dialled, and the address
//! that was checked is the address that is dialled. A (address, port) that is a key of `Endpoints.forward` is dialled at its
//! forwarded socket: that is how the lab's invented internet is reached.

mod api;
mod connect;
mod fence;
mod http;
mod resolver;
mod tls;

pub use api::{ApiAnswer, ApiError, ApiRequest};
pub use http::{Answer, GetError};

use crate::model::{DnsAnswer, Endpoints, RecordType, TlsFacts, Why};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Net {
    shared: Arc<Shared>,
}

struct Shared {
    endpoints: Endpoints,
    allow_hosts: Vec<String>,
    resolver: resolver::Resolver,
    trust: tls::Trust,
}

impl Net {
    /// Opens the door onto the given endpoints. `allow_hosts` are names for which the fence stands open
    /// (`[network] allow`). Fails with `dns-config` where the system's resolver configuration can not be read.
    pub fn open(endpoints: Endpoints, allow_hosts: Vec<String>) -> Result<Net, Why> {
        let resolver = resolver::Resolver::new(&endpoints.dns)?;
        let trust = tls::Trust::new(&endpoints.roots)?;
        let allow_hosts = allow_hosts
            .iter()
            .map(|host| host.trim_end_matches('.').to_ascii_lowercase())
            .collect();
        Ok(Net {
            shared: Arc::new(Shared {
                endpoints,
                allow_hosts,
                resolver,
                trust,
            }),
        })
    }

    /// Asks DNS one question; bounded in time (6 s), never an error: what went wrong is part of the answer.
    pub async fn lookup(&self, name: &str, kind: RecordType) -> DnsAnswer {
        self.shared.resolver.lookup(name, kind).await
    }

    /// The addresses of a host, IPv4 first. IP literals and `localhost` (RFC 6761 §6.3) need no question.
    /// Codes: `dns-failed`, `dns-timeout`, `no-such-host`.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Why> {
        self.shared.resolver.addresses(host).await
    }

    /// Connects to a host the user configured. Nagle is off (lettre writes body and final dot apart).
    /// Codes: those of [`Net::addresses`], `refused`, `timeout`.
    pub async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Why> {
        let targets = self
            .addresses(host)
            .await?
            .into_iter()
            .map(|ip| self.dial(ip, port))
            .collect::<Vec<_>>();
        connect::first(&targets, host, port).await
    }

    /// TLS over a connection, verified for `host` against the trust anchors, plus `extra_root_pem` where the user named one.
    /// Codes: `bad-certificate`, `bad-ca-file`, `tls`, `timeout`.
    pub async fn secure(
        &self,
        host: &str,
        stream: TcpStream,
        extra_root_pem: Option<&[u8]>,
    ) -> Result<(TlsStream<TcpStream>, TlsFacts), Why> {
        self.shared.trust.secure(host, stream, extra_root_pem).await
    }

    /// Where (address, port) is dialled: at its forwarded socket, or at itself.
    fn dial(&self, ip: IpAddr, port: u16) -> SocketAddr {
        self.forwarded(ip, port).unwrap_or(SocketAddr::new(ip, port))
    }

    fn forwarded(&self, ip: IpAddr, port: u16) -> Option<SocketAddr> {
        self.shared.endpoints.forward.get(&(ip, port)).copied()
    }
}

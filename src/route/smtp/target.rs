//! Where a sender connects to and how.

use crate::model::TlsFacts;
use crate::model::Why;
use crate::model::route::{Security, SmtpRoute};
use crate::net::Net;
use crate::route::credentials::Credentials;
use crate::route::deadlines::Deadlines;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A submission server with all that is needed to use it.
pub struct Target {
    /// Host; the name the certificate must carry.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) credentials: Option<Credentials>,
    pub(super) deadlines: Deadlines,
    extra_root_pem: Option<Vec<u8>>,
    net: Net,
}

impl Target {
    /// The server of a route.
    pub fn new(
        route: &SmtpRoute,
        credentials: Option<Credentials>,
        extra_root_pem: Option<Vec<u8>>,
        net: Net,
        deadlines: Deadlines,
    ) -> Target {
        Target {
            host: route.host.clone(),
            port: route.port,
            security: route.security,
            credentials,
            deadlines,
            extra_root_pem,
            net,
        }
    }

    pub(super) async fn connect(&self) -> Result<TcpStream, Why> {
        self.net.connect(&self.host, self.port).await
    }

    pub(super) async fn secure(&self, stream: TcpStream) -> Result<(TlsStream<TcpStream>, TlsFacts), Why> {
        self.net
            .secure(&self.host, stream, self.extra_root_pem.as_deref())
            .await
    }
}

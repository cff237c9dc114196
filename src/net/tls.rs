//! TLS on rustls with ring: trust anchors of the system, or of the endpoints; nothing is ever left unverified.

use crate::model::{TlsFacts, Why};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const PATIENCE: Duration = Duration::from_secs(10);

/// The trust anchors in force.
pub(super) struct Trust {
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl Trust {
    /// `der` replaces the system's anchors where it is not empty.
    pub(super) fn new(der: &[Vec<u8>]) -> Result<Trust, Why> {
        let mut roots = RootCertStore::empty();
        if der.is_empty() {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            }
        }
        for certificate in der {
            let bad = |error| Why::new("bad-ca-file", format!("a trust anchor can not be used: {error}"));
            roots.add(CertificateDer::from(certificate.as_slice())).map_err(bad)?;
        }
        Ok(Trust {
            roots: Arc::new(roots),
            provider: Arc::new(rustls::crypto::ring::default_provider()),
        })
    }

    pub(super) async fn secure(
        &self,
        host: &str,
        stream: TcpStream,
        extra_root_pem: Option<&[u8]>,
    ) -> Result<(TlsStream<TcpStream>, TlsFacts), Why> {
        let config = self.config(extra_root_pem, None)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare).map_err(|_| Why::new("tls", format!("{host} is no valid TLS name")))?;
        let handshake = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let stream = match tokio::time::timeout(PATIENCE, handshake).await {
            Err(_) => {
                return Err(Why::new(
                    "timeout",
                    format!("TLS handshake with {host}: nothing within {PATIENCE:?}"),
                ));
            }
            Ok(Err(error)) => return Err(refusal(host, &error)),
            Ok(Ok(stream)) => stream,
        };
        let (_, session) = stream.get_ref();
        let facts = TlsFacts {
            version: session
                .protocol_version()
                .map_or_else(String::new, |version| version_name(version.as_str())),
            cipher: session
                .negotiated_cipher_suite()
                .and_then(|suite| suite.suite().as_str())
                .map(str::to_owned),
            certificate_sha256: session
                .peer_certificates()
                .and_then(<[_]>::first)
                .map_or_else(String::new, |leaf| sha256(leaf)),
        };
        Ok((stream, facts))
    }

    /// A configuration for one HTTP request, with a witness that notes version and certificate of its handshake.
    pub(super) fn http_config(&self, seen: Seen) -> Result<ClientConfig, Why> {
        let mut config = self.config(None, Some(seen))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A resumed session shows no certificate: every request proves the server afresh.
        config.resumption = Resumption::disabled();
        Ok(config)
    }

    fn config(&self, extra_root_pem: Option<&[u8]>, seen: Option<Seen>) -> Result<ClientConfig, Why> {
        let roots = match extra_root_pem {
            None => self.roots.clone(),
            Some(pem) => Arc::new(extended(&self.roots, pem)?),
        };
        let broken = |error: &dyn std::fmt::Display| Why::new("tls", format!("TLS can not be set up: {error}"));
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, self.provider.clone())
            .build()
            .map_err(|error| broken(&error))?;
        let verifier: Arc<dyn ServerCertVerifier> = match seen {
            None => verifier,
            Some(seen) => Arc::new(Witness { verifier, seen }),
        };
        let config = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| broken(&error))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(config)
    }
}

fn extended(roots: &RootCertStore, pem: &[u8]) -> Result<RootCertStore, Why> {
    let mut roots = roots.clone();
    let mut added = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let bad = |error: &dyn std::fmt::Display| {
            Why::new("bad-ca-file", format!("the `ca` file is no PEM certificate: {error}"))
        };
        roots
            .add(certificate.map_err(|error| bad(&error))?)
            .map_err(|error| bad(&error))?;
        added += 1;
    }
    if added == 0 {
        return Err(Why::new("bad-ca-file", "the `ca` file holds no PEM certificate"));
    }
    Ok(roots)
}

/// What a handshake showed.
pub(super) type Seen = Arc<Mutex<Option<TlsFacts>>>;

/// Verifies exactly as the inner verifier does and notes what it saw: reqwest does not tell the version.
#[derive(Debug)]
struct Witness {
    verifier: Arc<WebPkiServerVerifier>,
    seen: Seen,
}

impl Witness {
    fn note(&self, version: &str, leaf: &CertificateDer<'_>) {
        if let Ok(mut slot) = self.seen.lock() {
            *slot = Some(TlsFacts {
                version: version.to_owned(),
                cipher: None,
                certificate_sha256: sha256(leaf),
            });
        }
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.verifier.verify_server_cert(leaf, chain, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.note("TLSv1.2", leaf);
        self.verifier.verify_tls12_signature(message, leaf, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.note("TLSv1.3", leaf);
        self.verifier.verify_tls13_signature(message, leaf, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

fn version_name(version: Option<&str>) -> String {
    // rustls writes `TLSv1_3`.
    version.unwrap_or_default().replace('_', ".")
}

fn sha256(certificate: &[u8]) -> String {
    ring::digest::digest(&ring::digest::SHA256, certificate)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn refusal(host: &str, error: &std::io::Error) -> Why {
    match certificate_problem(error) {
        Some(problem) => Why::new(
            "bad-certificate",
            format!("the certificate of {host} is refused: {problem}"),
        ),
        None => Why::new("tls", format!("TLS with {host} failed: {error}")),
    }
}

/// The library's name of a problem, or what it means where the name alone says nothing.
fn in_words(problem: &rustls::CertificateError) -> String {
    let name = match problem {
        rustls::CertificateError::Other(inner) => inner.to_string(),
        known => known.to_string(),
    };
    match name.contains("CaUsedAsEndEntity") {
        true => "it is made for a certificate authority, not for a server".to_owned(),
        false => name,
    }
}

/// The certificate error somewhere in a chain of sources, if that is what it was.
pub(super) fn certificate_problem(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut current = Some(error);
    while let Some(error) = current {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let found = error
            .downcast_ref::<rustls::Error>()
            .or(inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()));
        if let Some(rustls::Error::InvalidCertificate(problem)) = found {
            return Some(in_words(problem));
        }
        // An I/O error answers for its inner error's sources, not for the inner error itself.
        current = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

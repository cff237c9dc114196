//! The lab's own certificate authority: certificates are minted for whatever name a client asks for (SNI).

use crate::model::Why;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Names for which a certificate is kept; beyond, they are minted again.
const MOST_KEPT: usize = 2000;

/// The certificate authority. Cheap to clone.
#[derive(Clone)]
pub struct Authority(Arc<Inner>);

struct Inner {
    issuer: CertifiedIssuer<'static, KeyPair>,
    minted: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authority")
    }
}

impl Authority {
    /// A new authority with a key of its own.
    ///
    /// # Errors
    /// `lab-pki` where keys can not be made.
    pub fn new() -> Result<Authority, Why> {
        let key = KeyPair::generate().map_err(failed)?;
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "inboxqa lab CA");
        let issuer = CertifiedIssuer::self_signed(params, key).map_err(failed)?;
        Ok(Authority(Arc::new(Inner {
            issuer,
            minted: Mutex::default(),
        })))
    }

    /// The authority's certificate, DER.
    pub fn root_der(&self) -> Vec<u8> {
        self.0.issuer.der().to_vec()
    }

    /// The authority's certificate, PEM.
    pub fn root_pem(&self) -> String {
        self.0.issuer.pem()
    }

    /// A server configuration that presents a certificate for the name the client asks for, or for `fallback` where the
    /// client names none (it dialled an address).
    ///
    /// # Errors
    /// `lab-pki`.
    pub fn server(&self, fallback: &str, alpn: &[&[u8]]) -> Result<Arc<rustls::ServerConfig>, Why> {
        self.config(fallback, true, alpn)
    }

    /// A server configuration that presents a certificate for `name`, whatever the client asks for.
    ///
    /// # Errors
    /// `lab-pki`.
    pub fn impostor(&self, name: &str, alpn: &[&[u8]]) -> Result<Arc<rustls::ServerConfig>, Why> {
        self.config(name, false, alpn)
    }

    fn config(&self, fallback: &str, by_name: bool, alpn: &[&[u8]]) -> Result<Arc<rustls::ServerConfig>, Why> {
        let resolver = Minting {
            authority: self.clone(),
            fallback: fallback.to_owned(),
            by_name,
        };
        let mut config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(failed)?
                .with_no_client_auth()
                .with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(Arc::new(config))
    }

    fn certificate(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let mut minted = self.0.minted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = minted.get(name) {
            return Some(known.clone());
        }
        let fresh = Arc::new(self.mint(name)?);
        if minted.len() < MOST_KEPT {
            minted.insert(name.to_owned(), fresh.clone());
        }
        Some(fresh)
    }

    fn mint(&self, name: &str) -> Option<CertifiedKey> {
        let key = KeyPair::generate().ok()?;
        let mut params = CertificateParams::new(vec![name.to_owned()]).ok()?;
        params.distinguished_name.push(DnType::CommonName, name);
        let leaf = params.signed_by(&key, &self.0.issuer).ok()?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing = rustls::crypto::ring::sign::any_supported_type(&private).ok()?;
        let chain = vec![leaf.der().clone(), self.0.issuer.der().clone()];
        Some(CertifiedKey::new(chain, signing))
    }
}

/// Chooses by SNI.
#[derive(Debug)]
struct Minting {
    authority: Authority,
    fallback: String,
    by_name: bool,
}

impl ResolvesServerCert for Minting {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asked = hello.server_name().filter(|_| self.by_name);
        self.authority.certificate(asked.unwrap_or(&self.fallback))
    }
}

fn failed(error: impl fmt::Display) -> Why {
    Why::new("lab-pki", format!("the lab's certificates: {error}"))
}

//! One GET, or the one POST that unsubscribes, fenced: the address that was checked is the address that is dialled.

use super::tls::{Seen, certificate_problem};
use super::{Net, fence};
use crate::model::{OneClick, TlsFacts, Why};
use reqwest::dns::{Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue, LOCATION, SET_COOKIE, STRICT_TRANSPORT_SECURITY};
use reqwest::{Client, Method, Response, redirect, retry};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::{Host, Url};

const BODY_CAP: usize = 64 * 1024;
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(15);
/// RFC 8058 §3.2.
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const USER_AGENT: &str = concat!("inboxqa/", env!("CARGO_PKG_VERSION"), " (link check of a test message)");

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// `Location` as sent.
    pub location: Option<String>,
    /// `Strict-Transport-Security` as sent; over http it means nothing (RFC 6797 §8.1).
    pub hsts: Option<String>,
    /// `Content-Type` as sent.
    pub content_type: Option<String>,
    /// The socket that answered.
    pub peer: Option<SocketAddr>,
    /// Did it set a cookie? (None is ever sent back.)
    pub sets_cookie: bool,
    /// TLS facts for https.
    pub tls: Option<TlsFacts>,
    /// The first bytes of the (decompressed) body, at most 64 KiB.
    pub body: Vec<u8>,
    /// From the request to the end of the headers, milliseconds.
    pub elapsed_ms: u64,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GetError {
    /// The fence refused it; the text says which address and why.
    Fenced(String),
    /// Neither http nor https.
    NotHttp(String),
    /// The certificate is refused.
    BadCertificate(String),
    /// Nothing could be learnt. Codes: `dns-failed`, `dns-timeout`, `no-such-host`, `refused`, `timeout`, `closed`, `protocol`.
    Failed {
        /// Stable code.
        code: String,
        /// In words.
        text: String,
    },
}

impl From<Why> for GetError {
    fn from(why: Why) -> Self {
        GetError::Failed {
            code: why.code,
            text: why.detail,
        }
    }
}

/// A resolver that refuses: every host is pinned to checked addresses, so it must never be asked.
pub(super) struct Refuse;

impl Resolve for Refuse {
    fn resolve(&self, name: Name) -> Resolving {
        let refusal = format!("{} was not pinned to a checked address", name.as_str());
        Box::pin(async move { Err(std::io::Error::other(refusal).into()) })
    }
}

impl Net {
    /// One GET of a URL found in a message: no redirect followed, no cookie, no credential, no proxy; refused by the fence
    /// where its host is not public; body read up to 64 KiB; bounded in time (15 s).
    pub async fn get(&self, url: &Url) -> Result<Answer, GetError> {
        ask(self, url, Method::GET).await
    }

    /// Unsubscribes: the one POST of RFC 8058 §3.2, under the conditions of [`Net::get`], https only. Never repeated.
    pub async fn press(&self, target: OneClick) -> Result<Answer, GetError> {
        let url = Url::parse(target.as_str()).map_err(|error| GetError::NotHttp(format!("no valid URL: {error}")))?;
        match url.scheme() {
            "https" => ask(self, &url, Method::POST).await,
            other => Err(GetError::NotHttp(format!("{other}: is not pressed, only https is"))),
        }
    }
}

async fn ask(net: &Net, url: &Url, method: Method) -> Result<Answer, GetError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(GetError::NotHttp(format!("{}: is not requested", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(GetError::Fenced("the URL carries a user name or password".to_owned()));
    }
    let port = url.port_or_known_default().unwrap_or(443);
    let host = url
        .host()
        .ok_or_else(|| GetError::NotHttp("the URL has no host".to_owned()))?;
    let targets = targets(net, &host, port).await?;
    let seen = Seen::default();
    let started = Instant::now();
    let tls = net.shared.trust.http_config(seen.clone())?;
    let answered = request(url, method, &targets, tls).await;
    let response = answered.map_err(|error| classify(&error))?;
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let headers = response.headers().clone();
    let answer = Answer {
        status: response.status().as_u16(),
        location: header(&headers, LOCATION),
        hsts: header(&headers, STRICT_TRANSPORT_SECURITY).filter(|_| url.scheme() == "https"),
        content_type: header(&headers, CONTENT_TYPE),
        sets_cookie: headers.contains_key(SET_COOKIE),
        peer: response.remote_addr(),
        tls: seen.lock().ok().and_then(|mut slot| slot.take()),
        body: Vec::new(),
        elapsed_ms,
    };
    Ok(Answer {
        body: body(response).await,
        ..answer
    })
}

/// The sockets to dial: every address of the host that the fence lets through.
async fn targets(net: &Net, host: &Host<&str>, port: u16) -> Result<Vec<SocketAddr>, GetError> {
    let (name, found) = match host {
        // The HTTP client dials a literal as it stands, so a literal is never forwarded.
        Host::Ipv4(ip) => return literal(IpAddr::V4(*ip), port),
        Host::Ipv6(ip) => return literal(IpAddr::V6(*ip), port),
        Host::Domain(name) => ((*name).to_owned(), net.addresses(name).await?),
    };
    let open = net
        .shared
        .allow_hosts
        .iter()
        .any(|allowed| name.trim_end_matches('.').eq_ignore_ascii_case(allowed));
    let mut refused = String::new();
    let mut targets = Vec::new();
    for ip in found {
        match (net.forwarded(ip, port), fence::forbidden(ip)) {
            (Some(forwarded), _) => targets.push(forwarded),
            (None, Some(kind)) if !open => refused = format!("{name}: {kind}"),
            _ => targets.push(SocketAddr::new(ip, port)),
        }
    }
    if targets.is_empty() {
        Err(GetError::Fenced(refused))
    } else {
        Ok(targets)
    }
}

fn literal(ip: IpAddr, port: u16) -> Result<Vec<SocketAddr>, GetError> {
    match fence::forbidden(ip) {
        Some(kind) => Err(GetError::Fenced(kind)),
        None => Ok(vec![SocketAddr::new(ip, port)]),
    }
}

async fn request(
    url: &Url,
    method: Method,
    targets: &[SocketAddr],
    tls: rustls::ClientConfig,
) -> Result<Response, reqwest::Error> {
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .dns_resolver(Arc::new(Refuse))
        .connect_timeout(CONNECT_PATIENCE)
        .timeout(PATIENCE)
        .user_agent(USER_AGENT)
        .tls_backend_preconfigured(tls);
    let mut dialled = url.clone();
    let mut headers = HeaderMap::new();
    if let Some(Host::Domain(name)) = url.host() {
        builder = builder.resolve_to_addrs(name, targets);
        // A port in the URL would win over the pinned one: it moves to the Host header.
        if let (Some(port), Ok(host)) = (url.port(), format!("{name}:{}", url.port().unwrap_or_default()).parse())
            && targets.iter().any(|target| target.port() != port)
            && dialled.set_port(None).is_ok()
        {
            headers.insert(HOST, host);
        }
    }
    let presses = method == Method::POST;
    let request = builder.build()?.request(method, dialled).headers(headers);
    match presses {
        true => request.header(CONTENT_TYPE, FORM).body(ONE_CLICK).send().await,
        false => request.send().await,
    }
}

async fn body(mut response: Response) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A body that breaks off is kept as far as it came: nothing here is judged by its end.
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk[..chunk.len().min(BODY_CAP - bytes.len())]);
        if bytes.len() >= BODY_CAP {
            break;
        }
    }
    bytes
}

fn header(headers: &HeaderMap, name: reqwest::header::HeaderName) -> Option<String> {
    headers
        .get(name)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn classify(error: &reqwest::Error) -> GetError {
    if let Some(problem) = certificate_problem(error) {
        return GetError::BadCertificate(problem);
    }
    let code = if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "refused"
    } else if is_no_http(error) {
        "protocol"
    } else if error.is_request() {
        "closed"
    } else {
        "protocol"
    };
    GetError::Failed {
        code: code.to_owned(),
        text: innermost(error),
    }
}

/// Did something come that is no answer in HTTP, or one whose head has no end?
fn is_no_http(error: &reqwest::Error) -> bool {
    let first: &dyn std::error::Error = error;
    std::iter::successors(Some(first), |error| error.source())
        .filter_map(|error| error.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_parse)
}

/// The innermost cause says what happened; the outer ones repeat the URL.
pub(super) fn innermost(error: &dyn std::error::Error) -> String {
    let mut current: &dyn std::error::Error = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}

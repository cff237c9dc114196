//! The lab's web: click and open tracking, landing pages, images and unsubscribe pages for every host it plays, on one HTTPS
//! socket, one HTTP socket and one with a certificate for another name. Every request is noted.

use crate::lab::pki::Authority;
use crate::lab::tracking::{ClickManner, PixelManner, Tracked, Tracking};
use crate::model::Why;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HOST, HeaderValue, LOCATION, RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Port of the tracking hosts behind which the certificate is wrong.
pub const IMPOSTOR_PORT: u16 = 8443;
/// Requests remembered at most.
const MOST_REQUESTS: usize = 100_000;
/// Time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A transparent 1×1 GIF.
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// One request the lab's web received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The URL asked for, as the client sees it.
    pub url: String,
    /// `User-Agent`.
    pub user_agent: String,
    /// The status it was answered with.
    pub status: u16,
}

/// Requests so far, shared.
#[derive(Debug, Clone, Default)]
pub struct Requests(Arc<Mutex<Vec<WebRequest>>>);

impl Requests {
    fn note(&self, request: WebRequest) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST_REQUESTS {
            all.push(request);
        }
    }

    /// All of them, oldest first.
    pub fn all(&self) -> Vec<WebRequest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the web serves.
#[derive(Debug, Clone)]
pub struct Site {
    /// Tracked URLs.
    pub tracking: Arc<Tracking>,
    /// Hosts with pages and images on every path.
    pub pages: BTreeSet<String>,
    /// Requests so far.
    pub requests: Requests,
}

/// Where the web listens.
#[derive(Debug, Clone, Copy)]
pub struct WebSockets {
    /// Port 443.
    pub https: SocketAddr,
    /// Port 80.
    pub http: SocketAddr,
    /// [`IMPOSTOR_PORT`].
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

#[derive(Clone)]
struct Desk {
    site: Site,
    scheme: &'static str,
}

/// What is sent back.
enum Reply {
    Redirect(String),
    Gif,
    Page(&'static str),
    Missing,
    Slower,
}

async fn answer(State(desk): State<Desk>, request: Request) -> Response {
    let (site, headers) = (&desk.site, request.headers());
    let host = text(headers, HOST.as_str());
    let name = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let reply = match site.tracking.find(&name, path) {
        Some(tracked) => track(tracked, desk.scheme, &name, path, request.method()),
        None if site.pages.contains(&name) && is_image(request.uri().path()) => Reply::Gif,
        None if site.pages.contains(&name) => Reply::Page("The page you were looking for."),
        None => Reply::Missing,
    };
    let response = write(reply);
    site.requests.note(WebRequest {
        method: request.method().to_string(),
        url: format!("{}://{host}{path}", desk.scheme),
        user_agent: text(headers, USER_AGENT.as_str()),
        status: response.status().as_u16(),
    });
    response
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers
        .get(name)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .unwrap_or_default()
}

fn is_image(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(ending.as_str(), "gif" | "png" | "jpg" | "jpeg" | "webp" | "svg" | "ico")
}

fn track(tracked: Tracked, scheme: &str, host: &str, path: &str, method: &Method) -> Reply {
    match tracked {
        Tracked::Click { destination, manner } => match manner {
            ClickManner::Redirect => Reply::Redirect(destination),
            ClickManner::Dead => Reply::Missing,
            ClickManner::Loop => Reply::Redirect(format!("{scheme}://{host}{path}")),
            ClickManner::Downgrade if scheme == "https" => Reply::Redirect(format!("http://{host}{path}")),
            ClickManner::Downgrade => Reply::Redirect(destination),
            ClickManner::BadCertificate => Reply::Redirect(format!("https://{host}:{IMPOSTOR_PORT}{path}")),
            ClickManner::Private => Reply::Redirect("https://169.254.169.254/latest/meta-data/".to_owned()),
            ClickManner::TooMany => Reply::Slower,
        },
        Tracked::Pixel(PixelManner::Image) => Reply::Gif,
        Tracked::Pixel(PixelManner::Dead) => Reply::Missing,
        Tracked::Pixel(PixelManner::Page) => Reply::Page("This is no image."),
        Tracked::Unsubscribe if method == Method::POST => Reply::Page("You are unsubscribed."),
        Tracked::Unsubscribe => Reply::Page("Press the button to unsubscribe."),
    }
}

fn write(reply: Reply) -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let page = |words: &str| Body::from(format!("<!doctype html><title>Lab</title><p>{words}</p>\n"));
    let (status, kind, body, extra) = match reply {
        Reply::Redirect(to) => {
            let location = HeaderValue::from_bytes(to.as_bytes())
                .ok()
                .map(|value| (LOCATION, value));
            (StatusCode::FOUND, html, page("Moved."), location)
        }
        Reply::Gif => (
            StatusCode::OK,
            HeaderValue::from_static("image/gif"),
            Body::from(GIF),
            None,
        ),
        Reply::Page(words) => (StatusCode::OK, html, page(words), None),
        Reply::Missing => (StatusCode::NOT_FOUND, html, page("Not found."), None),
        Reply::Slower => {
            let later = (RETRY_AFTER, HeaderValue::from_static("3600"));
            (
                StatusCode::TOO_MANY_REQUESTS,
                html,
                page("Too many requests."),
                Some(later),
            )
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    if let Some((name, value)) = extra {
        response.headers_mut().insert(name, value);
    }
    response
}

fn failed(error: impl fmt::Display) -> Why {
    Why::new("lab-web", format!("the lab's web server: {error}"))
}

//! What the lab's web answers: clicks, pixels, pages, images, unsubscribe pages; and the record of every request.

use crate::lab::customerio_desk::CustomerIoDesk;
use crate::lab::esp::spoil::GONE;
use crate::lab::oauth_desk::{OAuthDesk, OAuthReply};
use crate::lab::postmark_desk::PostmarkDesk;
use crate::lab::suppressed::Reach;
use crate::lab::tracking::{ClickManner, PixelManner, PressManner, Tracked, Tracking};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, HeaderValue, LOCATION, RETRY_AFTER, SET_COOKIE, USER_AGENT,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Port of the tracking hosts behind which the certificate is wrong.
pub const IMPOSTOR_PORT: u16 = 8443;
/// Bytes of a request's body that are read.
const MOST_BODY: usize = 64 * 1024;
/// Requests remembered at most.
const MOST_REQUESTS: usize = 100_000;
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
    /// `Content-Type`.
    pub content_type: String,
    /// Did it bring a cookie or a login?
    pub credentials: bool,
    /// Its body, where that is text.
    pub body: String,
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
#[derive(Clone)]
pub struct Site {
    /// Tracked URLs.
    pub tracking: Arc<Tracking>,
    /// Hosts with pages and images on every path.
    pub pages: BTreeSet<String>,
    /// The authorization servers.
    pub oauth: OAuthDesk,
    /// Postmark's API.
    pub postmark: PostmarkDesk,
    /// Customer.io's APIs.
    pub customerio: CustomerIoDesk,
    /// Requests so far.
    pub requests: Requests,
}

/// What one socket's handler works with.
#[derive(Clone)]
pub struct Desk {
    /// What is served.
    pub site: Site,
    /// `https` or `http`.
    pub scheme: &'static str,
}

/// What is sent back.
enum Reply {
    Redirect(String),
    Gif,
    Page(&'static str),
    /// Refused, with a cookie to bring along.
    Cookie,
    Missing,
    Slower,
    Json(u16, String),
}

/// Answers a request and notes it.
pub async fn answer(State(desk): State<Desk>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let host = text(&head.headers, HOST.as_str());
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let asked = Asked {
        scheme: desk.scheme,
        name: host.split(':').next().unwrap_or_default().to_ascii_lowercase(),
        path: path.to_owned(),
        method: head.method.clone(),
        token: text(&head.headers, "X-Postmark-Server-Token"),
        authorization: text(&head.headers, AUTHORIZATION.as_str()),
        content_type: text(&head.headers, CONTENT_TYPE.as_str()),
        // What can not be read is answered like what was not sent.
        body: axum::body::to_bytes(body, MOST_BODY).await.unwrap_or_default(),
    };
    let response = write(reply(&desk.site, &asked));
    desk.site.requests.note(WebRequest {
        method: head.method.to_string(),
        url: format!("{}://{host}{path}", desk.scheme),
        user_agent: text(&head.headers, USER_AGENT.as_str()),
        content_type: asked.content_type,
        credentials: head.headers.contains_key(COOKIE) || head.headers.contains_key(AUTHORIZATION),
        body: String::from_utf8_lossy(&asked.body).into_owned(),
        status: response.status().as_u16(),
    });
    response
}

/// A request, as far as answers depend on it.
struct Asked {
    scheme: &'static str,
    name: String,
    path: String,
    method: Method,
    /// `X-Postmark-Server-Token`.
    token: String,
    authorization: String,
    content_type: String,
    body: Bytes,
}

fn reply(site: &Site, asked: &Asked) -> Reply {
    let Asked { scheme, name, path, .. } = asked;
    let url = format!("{scheme}://{name}{path}");
    if let Some(answer) = site.oauth.answer(asked.method.as_str(), &url, &asked.body) {
        return match answer {
            OAuthReply::Json(status, json) => Reply::Json(status, json),
            OAuthReply::Redirect(to) => Reply::Redirect(to),
        };
    }
    if let Some((status, json)) = site
        .postmark
        .answer(asked.method.as_str(), name, path, &asked.token, &asked.body)
    {
        return Reply::Json(status, json);
    }
    let (method, login) = (asked.method.as_str(), asked.authorization.as_str());
    if let Some((status, json)) = site.customerio.answer(method, name, path, login, &asked.body) {
        return Reply::Json(status, json);
    }
    let file = path.split('?').next().unwrap_or_default();
    match site.tracking.find(name, path) {
        Some((tracked, message)) => {
            count(site, &tracked, &message, asked);
            track(tracked, scheme, name, path, asked.presses())
        }
        None if file.starts_with(GONE) => Reply::Missing,
        None if site.pages.contains(name) && is_image(file) => Reply::Gif,
        None if site.pages.contains(name) => Reply::Page("The page you were looking for."),
        None => Reply::Missing,
    }
}

impl Asked {
    /// Is it the POST of one click (RFC 8058 §3.2)?
    fn presses(&self) -> bool {
        self.method == Method::POST && self.body.as_ref() == b"List-Unsubscribe=One-Click"
    }
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

/// A service counts what it answers, wherever that leads, and does what was pressed.
fn count(site: &Site, tracked: &Tracked, message: &str, asked: &Asked) {
    match tracked {
        Tracked::Unsubscribe(PressManner::Obeys) if asked.presses() => {
            site.postmark.unsubscribed(message, Reach::Stream);
        }
        Tracked::Unsubscribe(PressManner::Overdoes) if asked.presses() => {
            site.postmark.unsubscribed(message, Reach::Everywhere);
        }
        _ if asked.method != Method::GET => {}
        Tracked::Pixel(PixelManner::Dead) | Tracked::Unsubscribe(_) => {}
        Tracked::Pixel(_) => site.postmark.opened(message),
        Tracked::Click {
            manner: ClickManner::Dead | ClickManner::TooMany,
            ..
        } => {}
        Tracked::Click { destination, .. } => site.postmark.clicked(message, destination),
    }
}

fn track(tracked: Tracked, scheme: &str, host: &str, path: &str, presses: bool) -> Reply {
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
        Tracked::Unsubscribe(_) if !presses => Reply::Page("Press the button to unsubscribe."),
        Tracked::Unsubscribe(PressManner::Redirects) => Reply::Redirect(format!("{scheme}://{host}/preferences")),
        Tracked::Unsubscribe(PressManner::NeedsCookie) => Reply::Cookie,
        Tracked::Unsubscribe(_) => Reply::Page("You are unsubscribed."),
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
        Reply::Cookie => {
            let cookie = (SET_COOKIE, HeaderValue::from_static("session=1; Secure; HttpOnly"));
            (StatusCode::FORBIDDEN, html, page("Your session is over."), Some(cookie))
        }
        Reply::Missing => (StatusCode::NOT_FOUND, html, page("Not found."), None),
        Reply::Json(status, json) => (
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            HeaderValue::from_static("application/json"),
            Body::from(json),
            None,
        ),
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

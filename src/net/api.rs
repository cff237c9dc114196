//! One request to an API that the user configured, with credentials: no fence, no redirect, no retry. What went wrong tells whether
//! the request can have been acted upon.

use super::Net;
use super::http::{Refuse, innermost};
use super::tls::{Seen, certificate_problem};
use crate::model::Why;
use reqwest::{Client, Method, redirect, retry};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Bytes of an answer that are read.
const BODY_CAP: usize = 4 * 1024 * 1024;
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(30);
const USER_AGENT: &str = concat!("inboxqa/", env!("CARGO_PKG_VERSION"));

/// A request. Header values and bodies may hold secrets, so none of this is printed.
pub struct ApiRequest<'a> {
    /// `GET`, `POST`, `PUT`, `DELETE`.
    pub method: &'a str,
    /// Where to; https where credentials go along.
    pub url: &'a Url,
    /// Header fields.
    pub headers: &'a [(&'a str, &'a str)],
    /// Media type and bytes.
    pub body: Option<(&'a str, Vec<u8>)>,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct ApiAnswer {
    /// Status code.
    pub status: u16,
    /// `Retry-After` in seconds, where it is a number.
    pub retry_after: Option<u64>,
    /// The (decompressed) body, at most 4 MiB.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// The request was certainly not received: no address, no connection, no trusted certificate.
    NotSent(Why),
    /// It may have been received and acted upon.
    Unknown(Why),
}

impl ApiError {
    /// Code and words, whichever it is.
    pub fn why(&self) -> &Why {
        match self {
            ApiError::NotSent(why) | ApiError::Unknown(why) => why,
        }
    }
}

impl Net {
    /// Sends one request to a host the user configured. Bounded in time (30 s) and size.
    /// Codes: those of [`Net::addresses`], `not-https`, `bad-certificate`, `refused`, `timeout`, `closed`.
    pub async fn api(&self, request: ApiRequest<'_>) -> Result<ApiAnswer, ApiError> {
        if request.url.scheme() != "https" {
            let why = format!("{}: credentials are sent over https only", request.url.scheme());
            return Err(ApiError::NotSent(Why::new("not-https", why)));
        }
        self.service(request).await
    }

    /// The same to a service that gets no credentials, over http too.
    pub async fn service(&self, request: ApiRequest<'_>) -> Result<ApiAnswer, ApiError> {
        let (host, port) = destination(request.url).map_err(ApiError::NotSent)?;
        let found = self.addresses(&host).await.map_err(ApiError::NotSent)?;
        let targets: Vec<SocketAddr> = found.into_iter().map(|ip| self.dial(ip, port)).collect();
        let tls = self
            .shared
            .trust
            .http_config(Seen::default())
            .map_err(ApiError::NotSent)?;
        let built = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .dns_resolver(Arc::new(Refuse))
            .connect_timeout(CONNECT_PATIENCE)
            .timeout(PATIENCE)
            .user_agent(USER_AGENT)
            .tls_backend_preconfigured(tls)
            .resolve_to_addrs(&host, &targets)
            .build();
        let client = built.map_err(|error| ApiError::NotSent(Why::new("refused", innermost(&error))))?;
        exchange(client, request, &host).await
    }
}

async fn exchange(client: Client, request: ApiRequest<'_>, host: &str) -> Result<ApiAnswer, ApiError> {
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| ApiError::NotSent(Why::new("protocol", format!("{} is no method", request.method))))?;
    let mut builder = client.request(method, request.url.clone());
    for (name, value) in request.headers {
        builder = builder.header(*name, *value);
    }
    if let Some((kind, bytes)) = request.body {
        builder = builder.header("Content-Type", kind).body(bytes);
    }
    let mut response = builder.send().await.map_err(|error| classify(host, &error))?;
    let retry_after = response
        .headers()
        .get("Retry-After")
        .and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let status = response.status().as_u16();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => break,
            Ok(Some(chunk)) if body.len() + chunk.len() > BODY_CAP => {
                return Err(ApiError::Unknown(Why::new(
                    "closed",
                    format!("{host} answered with more than {BODY_CAP} bytes"),
                )));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => return Err(classify(host, &error)),
        }
    }
    Ok(ApiAnswer {
        status,
        retry_after,
        body,
    })
}

fn destination(url: &Url) -> Result<(String, u16), Why> {
    match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) => Ok((host.trim_matches(['[', ']']).to_owned(), port)),
        _ => Err(Why::new("protocol", format!("{url} names no host"))),
    }
}

fn classify(host: &str, error: &reqwest::Error) -> ApiError {
    if let Some(problem) = certificate_problem(error) {
        return ApiError::NotSent(Why::new("bad-certificate", format!("{host}: {problem}")));
    }
    let text = format!("{host}: {}", innermost(error));
    if error.is_connect() {
        ApiError::NotSent(Why::new("refused", text))
    } else if error.is_builder() {
        ApiError::NotSent(Why::new("protocol", text))
    } else if error.is_timeout() {
        ApiError::Unknown(Why::new("timeout", text))
    } else {
        ApiError::Unknown(Why::new("closed", text))
    }
}

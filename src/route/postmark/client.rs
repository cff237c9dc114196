//! One server of Postmark's, asked over https with its token.

use super::answers::Refusal;
use crate::model::{Secret, Why};
use crate::net::{ApiAnswer, ApiError, ApiRequest, Net};
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::Url;

const API: &str = "https://api.postmarkapp.com";
/// Questions may be asked again; pauses between them.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// Asks.
pub struct Client<'a> {
    net: &'a Net,
    token: &'a Secret,
}

impl<'a> Client<'a> {
    /// With a server's API token.
    pub fn new(net: &'a Net, token: &'a Secret) -> Client<'a> {
        Client { net, token }
    }

    /// `GET path?query`. Asked again where nothing came or the server says "later" (429, 5xx): a question changes nothing.
    /// `None` where there is no such thing (404, or Postmark's 701: no such message).
    pub async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Option<T>, Why> {
        let url = url(path, query)?;
        let mut pauses = PAUSES.iter();
        loop {
            let answered = self.once(&url).await;
            let again = match &answered {
                Err(_) => true,
                Ok(answer) => answer.status == 429 || answer.status >= 500,
            };
            match pauses.next().filter(|_| again) {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return read(answered?),
            }
        }
    }

    /// `POST path` with a JSON body, once: what it does can not be undone.
    pub async fn post(&self, path: &[&str], body: &[u8]) -> Result<ApiAnswer, ApiError> {
        let url = url(path, &[]).map_err(ApiError::NotSent)?;
        let headers = [
            ("Accept", "application/json"),
            ("X-Postmark-Server-Token", self.token.expose()),
        ];
        let request = ApiRequest {
            method: "POST",
            url: &url,
            headers: &headers,
            body: Some(("application/json", body.to_vec())),
        };
        self.net.api(request).await
    }

    async fn once(&self, url: &Url) -> Result<ApiAnswer, Why> {
        let headers = [
            ("Accept", "application/json"),
            ("X-Postmark-Server-Token", self.token.expose()),
        ];
        let request = ApiRequest {
            method: "GET",
            url,
            headers: &headers,
            body: None,
        };
        self.net.api(request).await.map_err(|error| error.why().clone())
    }
}

fn url(path: &[&str], query: &[(&str, &str)]) -> Result<Url, Why> {
    let broken = || Why::new("log-protocol", "the request can not be written as a URL");
    let mut url = Url::parse(API).map_err(|_| broken())?;
    url.path_segments_mut().map_err(|()| broken())?.extend(path);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

fn read<T: DeserializeOwned>(answer: ApiAnswer) -> Result<Option<T>, Why> {
    if answer.status == 200 {
        let read = serde_json::from_slice(&answer.body);
        return read.map(Some).map_err(|error| {
            Why::new(
                "log-protocol",
                format!("Postmark's answer is not what it documents: {error}"),
            )
        });
    }
    let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status == 404 || refusal.error_code == 701 {
        return Ok(None);
    }
    Err(refused(answer.status, &refusal))
}

fn refused(status: u16, refusal: &Refusal) -> Why {
    let said = match refusal.error_code {
        0 => format!("Postmark answered {status}"),
        code => format!("Postmark answered {status}, error {code}: {}", refusal.message),
    };
    let (code, hint) = match status {
        401 | 403 => ("log-key", "; the log needs a server's API token, not the account's"),
        429 => ("log-busy", ""),
        _ => ("log-refused", ""),
    };
    Why::new(code, format!("{said}{hint}"))
}

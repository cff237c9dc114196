//! One server of Postmark's, asked over https with its token.

use super::answers::Refusal;
use crate::model::{Secret, Why};
use crate::net::{ApiAnswer, ApiError, ApiRequest, Net};
use crate::route::question;
use serde::de::DeserializeOwned;

const API: &str = "https://api.postmarkapp.com";

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

    /// `GET path?query`; a question, so it may be asked again. `None` where there is no such thing (404, or Postmark's 701: no such
    /// message).
    pub async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Option<T>, Why> {
        let url = question::url(API, path, query)?;
        let headers = [
            ("Accept", "application/json"),
            ("X-Postmark-Server-Token", self.token.expose()),
        ];
        read(question::ask(self.net, &url, &headers).await?)
    }

    /// `POST path` with a JSON body, for what may be said twice: asked again as a question is.
    pub async fn repeat<T: DeserializeOwned>(&self, path: &[&str], body: &[u8]) -> Result<Option<T>, Why> {
        let once = || async { self.post(path, body).await.map_err(|error| error.why().clone()) };
        read(question::patiently(once).await?)
    }

    /// `POST path` with a JSON body, once: what it does can not be undone.
    pub async fn post(&self, path: &[&str], body: &[u8]) -> Result<ApiAnswer, ApiError> {
        let url = question::url(API, path, &[]).map_err(ApiError::NotSent)?;
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

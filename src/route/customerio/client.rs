//! One workspace of Customer.io's, asked over https with the App API key, and told over https with the login of the Track API.

use super::answers::Refusal;
use crate::model::{Region, Secret, Why};
use crate::net::{ApiAnswer, ApiError, ApiRequest, Net};
use crate::route::credentials::Credentials;
use crate::route::question;
use crate::route::request::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;

/// First step of every path of the Track API.
const TRACK: &str = "api";

/// Asks.
pub struct Client<'a> {
    net: &'a Net,
    region: Region,
    token: &'a Secret,
}

impl<'a> Client<'a> {
    /// With an App API key.
    pub fn new(net: &'a Net, region: Region, token: &'a Secret) -> Client<'a> {
        Client { net, region, token }
    }

    /// `GET path?query` of the App API; a question, so it may be asked again. `None` where there is no such thing (404).
    pub async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Option<T>, Why> {
        let origin = format!("https://{}", self.region.app_host());
        let url = question::url(&origin, path, query)?;
        let bearer = format!("Bearer {}", self.token.expose());
        let headers = [("Accept", "application/json"), ("Authorization", bearer.as_str())];
        read(question::ask(self.net, &url, &headers).await?)
    }

    /// Is this the login of the Track API? `Err` with `log-key` where it is not.
    pub async fn greets(net: &Net, region: Region, login: &Credentials) -> Result<(), Why> {
        let origin = format!("https://{}", region.track_host());
        let url = question::url(&origin, &["api", "v1", "accounts", "region"], &[])?;
        let authorization = basic(login);
        let headers = [("Authorization", authorization.as_str())];
        let told: Option<serde_json::Value> = read(question::ask(net, &url, &headers).await?)?;
        match told {
            Some(_) => Ok(()),
            None => Err(Why::new(
                "log-protocol",
                "Customer.io does not tell the account's region",
            )),
        }
    }

    /// `PUT path` of the Track API with a JSON body, for what may be said twice.
    pub async fn change(net: &Net, region: Region, login: &Credentials, path: &[&str], body: &[u8]) -> Result<(), Why> {
        let url = question::url(&format!("https://{}", region.track_host()), path, &[])?;
        let authorization = basic(login);
        let headers = [
            ("Accept", "application/json"),
            ("Authorization", authorization.as_str()),
        ];
        let once = || async {
            let request = ApiRequest {
                method: "PUT",
                url: &url,
                headers: &headers,
                body: Some(("application/json", body.to_vec())),
            };
            net.api(request).await.map_err(|error| error.why().clone())
        };
        let told: Option<serde_json::Value> = read(question::patiently(once).await?)?;
        match told {
            Some(_) => Ok(()),
            None => Err(Why::new("not-lifted", "Customer.io does not know this person")),
        }
    }

    /// One request that hands a message over, once: what it does can not be undone. `track` is the login of the Track API.
    pub async fn post(&self, request: &Request, track: Option<&Credentials>) -> Result<ApiAnswer, ApiError> {
        let is_track = request.path.first().is_some_and(|step| step == TRACK);
        let (host, authorization) = match (is_track, track) {
            (false, _) => (self.region.app_host(), format!("Bearer {}", self.token.expose())),
            (true, Some(login)) => (self.region.track_host(), basic(login)),
            (true, None) => {
                let why = "an event needs `site_id` and `track_key` of the Track API";
                return Err(ApiError::NotSent(Why::new("auth", why)));
            }
        };
        let url = question::url(&format!("https://{host}"), &request.steps(), &[]).map_err(ApiError::NotSent)?;
        let headers = [
            ("Accept", "application/json"),
            ("Authorization", authorization.as_str()),
        ];
        let request = ApiRequest {
            method: "POST",
            url: &url,
            headers: &headers,
            body: Some(("application/json", request.body.clone())),
        };
        self.net.api(request).await
    }
}

fn basic(login: &Credentials) -> String {
    let pair = format!("{}:{}", login.username.expose(), login.password.expose());
    format!("Basic {}", STANDARD.encode(pair))
}

fn read<T: DeserializeOwned>(answer: ApiAnswer) -> Result<Option<T>, Why> {
    let said = || Refusal::words(&answer.body);
    let (code, hint) = match answer.status {
        200 => {
            let read = serde_json::from_slice(&answer.body);
            let told = |error| format!("Customer.io's answer is not what it documents: {error}");
            return read.map(Some).map_err(|error| Why::new("log-protocol", told(error)));
        }
        404 => return Ok(None),
        401 | 403 => (
            "log-key",
            "; the App API and the Track API have keys of their own, and each region has too",
        ),
        429 => ("log-busy", ""),
        _ => ("log-refused", ""),
    };
    Err(Why::new(
        code,
        format!("Customer.io answered {}: {}{hint}", answer.status, said()),
    ))
}

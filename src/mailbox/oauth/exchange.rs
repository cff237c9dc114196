//! The token endpoint (RFC 6749 §3.2): a form goes out, tokens or a reason come back.

use crate::mailbox::failure::Failure;
use crate::mailbox::refusal::Refusal;
use crate::model::Secret;
use crate::model::oauth::OAuth;
use crate::net::{ApiRequest, Net};
use serde::Deserialize;
use std::time::Duration;
use url::{Url, form_urlencoded};

/// How long a token lasts whose end the server does not tell.
const USUAL: Duration = Duration::from_secs(600);

/// Tokens, as granted.
#[derive(Debug, Clone)]
pub struct Granted {
    /// Access token.
    pub access: Secret,
    /// How long it lasts.
    pub lasts: Duration,
    /// Refresh token, where one came along.
    pub refresh: Option<Secret>,
}

/// The fields of a request; they hold secrets and are never printed.
pub(super) struct Form(Vec<(&'static str, String)>);

impl Form {
    /// With the client's own fields.
    pub(super) fn of(client: &OAuth, secret: Option<&Secret>) -> Form {
        let mut form = Form(vec![("client_id", client.client_id.clone())]);
        if let Some(secret) = secret {
            form.push("client_secret", secret.expose());
        }
        form
    }

    /// One field more.
    pub(super) fn push(&mut self, name: &'static str, value: &str) {
        self.0.push((name, value.to_owned()));
    }

    fn encoded(&self) -> Vec<u8> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.0 {
            body.append_pair(name, value);
        }
        body.finish().into_bytes()
    }
}

#[derive(Deserialize)]
struct Success {
    access_token: String,
    expires_in: Option<f64>,
    refresh_token: Option<String>,
}

/// RFC 6749 §5.2.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    pub error: String,
    #[serde(default)]
    pub error_description: String,
}

/// Asks for tokens; a refusal becomes a [`Failure::TokenRefused`] with its remedy.
pub(super) async fn ask(net: &Net, url: &str, form: &Form) -> Result<Granted, Failure> {
    match try_ask(net, url, form).await? {
        Ok(granted) => Ok(granted),
        Err(reason) => Err(refused(&reason)),
    }
}

/// The same with the server's reason handed on: some ways of granting wait while it says that nobody has decided yet.
pub(super) async fn try_ask(net: &Net, url: &str, form: &Form) -> Result<Result<Granted, Reason>, Failure> {
    let (status, body) = post(net, url, form).await?;
    if status == 200 {
        let success: Success = serde_json::from_slice(&body)
            .map_err(|_| Failure::Connect(format!("{} answered with no token", host(url))))?;
        let seconds = success.expires_in.unwrap_or(USUAL.as_secs_f64());
        return Ok(Ok(Granted {
            access: Secret::new(success.access_token),
            lasts: Duration::try_from_secs_f64(seconds)
                .unwrap_or(USUAL)
                .min(Duration::from_secs(86_400)),
            refresh: success.refresh_token.filter(|token| !token.is_empty()).map(Secret::new),
        }));
    }
    let reason: Reason = serde_json::from_slice(&body).unwrap_or_default();
    match reason.error.as_str() {
        "" => Err(Failure::Connect(format!(
            "{} answered with HTTP {status} and no reason",
            host(url)
        ))),
        _ => Ok(Err(reason)),
    }
}

/// Posts a form and returns status and body.
pub(super) async fn post(net: &Net, url: &str, form: &Form) -> Result<(u16, Vec<u8>), Failure> {
    let parsed = Url::parse(url).map_err(|error| Failure::Connect(format!("{url} is no URL: {error}")))?;
    let request = ApiRequest {
        method: "POST",
        url: &parsed,
        headers: &[("Accept", "application/json")],
        body: Some(("application/x-www-form-urlencoded", form.encoded())),
    };
    let answer = net.api(request).await.map_err(|error| {
        let why = error.why();
        Failure::Connect(format!(
            "the token server can not be reached: {} [{}]",
            why.detail, why.code
        ))
    })?;
    Ok((answer.status, answer.body))
}

fn host(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    parsed
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| "the token server".to_owned())
}

/// The first line of a description: Microsoft appends trace ids and a time stamp.
pub(super) fn refused(reason: &Reason) -> Failure {
    let first = reason.error_description.lines().next().unwrap_or_default();
    let words: String = first.chars().filter(|c| !c.is_control()).take(300).collect();
    let text = match words.is_empty() {
        true => reason.error.clone(),
        false => format!("{}: {words}", reason.error),
    };
    let (remedy, final_) = match reason.error.as_str() {
        "invalid_grant" => (
            "the refresh token is revoked, expired or of another client: run `inboxqa login` for this mailbox again \
             (a Google client in \"Testing\" gets tokens for seven days only)",
            true,
        ),
        "invalid_client" | "unauthorized_client" => (
            "check `client_id` and `client_secret`, and that the client may use this kind of grant",
            true,
        ),
        "invalid_scope" => (
            "the client may not ask for this scope: add the IMAP permission to it",
            true,
        ),
        "access_denied" => ("access was not granted", true),
        "expired_token" => ("the code has expired: start again", true),
        "temporarily_unavailable" | "server_error" | "slow_down" => {
            ("the token server has a problem of its own", false)
        }
        _ => ("see the provider's documentation of this error", true),
    };
    Failure::TokenRefused(Refusal {
        text,
        remedy: Some(remedy),
        final_,
        stay_away: None,
    })
}

/// Nobody has granted anything yet.
pub(super) fn never_granted() -> Failure {
    Failure::TokenRefused(Refusal {
        text: "no refresh token is configured".to_owned(),
        remedy: Some("run `inboxqa login` for this mailbox once and state its `refresh_token`"),
        final_: true,
        stay_away: None,
    })
}

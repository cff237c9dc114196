//! The device grant (RFC 8628): a person types a code into a browser anywhere, we ask until they have.

use super::exchange::{self, Form, Granted};
use crate::mailbox::failure::Failure;
use crate::model::Secret;
use crate::model::oauth::OAuth;
use crate::net::Net;
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;

/// What a person has to do.
#[derive(Debug, Clone)]
pub struct DeviceCode {
    /// The page to open.
    pub verification_uri: String,
    /// The code to type there.
    pub user_code: String,
    device_code: Secret,
    interval: Duration,
    until: Instant,
}

/// RFC 8628 §3.2.
#[derive(Deserialize)]
struct Answer {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: u64,
    #[serde(default = "five")]
    interval: u64,
}

fn five() -> u64 {
    5
}

/// Asks for a code.
pub async fn ask_device(net: &Net, client: &OAuth) -> Result<DeviceCode, Failure> {
    let Some(url) = &client.device_url else {
        return Err(Failure::Connect("this provider has no device login".to_owned()));
    };
    let mut form = Form::of(client, None);
    form.push("scope", &client.scope);
    let (status, body) = exchange::post(net, url, &form).await?;
    if status != 200 {
        let reason = serde_json::from_slice(&body).unwrap_or_default();
        return Err(exchange::refused(&reason));
    }
    let answer: Answer = serde_json::from_slice(&body)
        .map_err(|error| Failure::Connect(format!("the device login answered without a code: {error}")))?;
    Ok(DeviceCode {
        verification_uri: answer.verification_uri,
        user_code: answer.user_code,
        device_code: Secret::new(answer.device_code),
        interval: Duration::from_secs(answer.interval.clamp(1, 60)),
        until: Instant::now() + Duration::from_secs(answer.expires_in.min(3600)),
    })
}

/// Waits until the person has decided, or the code has expired.
pub async fn await_device(
    net: &Net,
    client: &OAuth,
    secret: Option<&Secret>,
    code: &DeviceCode,
) -> Result<Granted, Failure> {
    let mut form = Form::of(client, secret);
    form.push("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    form.push("device_code", code.device_code.expose());
    let mut interval = code.interval;
    loop {
        tokio::time::sleep(interval).await;
        match exchange::try_ask(net, &client.token_url, &form).await? {
            Ok(granted) => return Ok(granted),
            Err(reason) => match reason.error.as_str() {
                "authorization_pending" if Instant::now() < code.until => {}
                // RFC 8628 §3.5: five seconds more from now on.
                "slow_down" if Instant::now() < code.until => interval += Duration::from_secs(5),
                "authorization_pending" | "slow_down" => {
                    return Err(exchange::refused(&exchange::Reason {
                        error: "expired_token".to_owned(),
                        error_description: "nobody typed the code in time".to_owned(),
                    }));
                }
                _ => return Err(exchange::refused(&reason)),
            },
        }
    }
}

//! The authorization code grant for programs on a person's own machine (RFC 8252): the browser comes back to 127.0.0.1 on a port of
//! ours, and a proof key (RFC 7636) makes the code worthless to anybody who overhears it.

use super::exchange::{self, Form, Granted, Reason};
use crate::mailbox::failure::Failure;
use crate::model::Secret;
use crate::model::oauth::OAuth;
use crate::net::Net;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// A person may take this long.
const PATIENCE: Duration = Duration::from_secs(600);
/// A browser may take this long to say what it wants, and this many bytes.
const REQUEST: (Duration, u64) = (Duration::from_secs(10), 16 * 1024);

/// A listener waiting for the browser.
pub struct Loopback {
    listener: TcpListener,
    redirect: String,
    state: String,
    verifier: Secret,
    /// The page to open.
    pub url: String,
}

impl Loopback {
    /// Listens on a free port of 127.0.0.1 and makes the URL to open. `login_hint` preselects the account.
    pub async fn open(client: &OAuth, login_hint: &str) -> Result<Loopback, Failure> {
        let Some(authorize) = &client.authorize_url else {
            return Err(Failure::Connect("this provider has no login by browser".to_owned()));
        };
        let failed =
            |error: std::io::Error| Failure::Connect(format!("no port on 127.0.0.1 can be listened on: {error}"));
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let redirect = format!("http://127.0.0.1:{port}");
        let (state, verifier) = (random()?, random()?);
        let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
        let mut url =
            Url::parse(authorize).map_err(|error| Failure::Connect(format!("{authorize} is no URL: {error}")))?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.client_id)
            .append_pair("redirect_uri", &redirect)
            .append_pair("scope", &client.scope)
            .append_pair("state", &state)
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(digest))
            .append_pair("code_challenge_method", "S256")
            // Google gives a refresh token only where both are asked for; others ignore them.
            .append_pair("access_type", "offline")
            .append_pair("prompt", "consent")
            .append_pair("login_hint", login_hint);
        Ok(Loopback {
            listener,
            redirect,
            state,
            verifier: Secret::new(verifier),
            url: url.into(),
        })
    }

    /// Waits for the browser and turns its code into tokens.
    pub async fn granted(self, net: &Net, client: &OAuth, secret: Option<&Secret>) -> Result<Granted, Failure> {
        let code = tokio::time::timeout(PATIENCE, self.code()).await.unwrap_or_else(|_| {
            Err(exchange::refused(&Reason {
                error: "expired_token".to_owned(),
                error_description: "nobody granted access in the browser in time".to_owned(),
            }))
        })?;
        let mut form = Form::of(client, secret);
        form.push("grant_type", "authorization_code");
        form.push("code", code.expose());
        form.push("redirect_uri", &self.redirect);
        form.push("code_verifier", self.verifier.expose());
        exchange::ask(net, &client.token_url, &form).await
    }

    /// Whatever else asks at this port (an icon, another program) is told that there is nothing.
    async fn code(&self) -> Result<Secret, Failure> {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                continue;
            };
            if let Some(answer) = self.serve(stream).await {
                return answer;
            }
        }
    }

    async fn serve(&self, stream: TcpStream) -> Option<Result<Secret, Failure>> {
        let mut stream = BufReader::new(stream.take(REQUEST.1));
        let mut line = String::new();
        tokio::time::timeout(REQUEST.0, stream.read_line(&mut line))
            .await
            .ok()?
            .ok()?;
        let path = line.strip_prefix("GET ")?.split(' ').next()?;
        let url = Url::parse(&self.redirect).ok()?.join(path).ok()?;
        let value = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        // An answer to somebody else's question is none to ours (RFC 6749 §10.12).
        let ours = value("state").as_deref() == Some(self.state.as_str());
        let answer = match (ours, value("code"), value("error")) {
            (true, Some(code), _) => Some(Ok(Secret::new(code))),
            (true, None, Some(error)) => Some(Err(exchange::refused(&Reason {
                error,
                error_description: value("error_description").unwrap_or_default(),
            }))),
            _ => None,
        };
        let (status, words) = match &answer {
            Some(Ok(_)) => ("200 OK", "Access was granted. You may close this page."),
            Some(Err(_)) => ("200 OK", "Access was not granted. You may close this page."),
            None => ("404 Not Found", "There is nothing here."),
        };
        let page = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{words}",
            words.len()
        );
        // The browser may be gone; its answer is what counts.
        let _ = stream.get_mut().get_mut().write_all(page.as_bytes()).await;
        answer
    }
}

/// 256 random bits.
fn random() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Failure::Connect("the system gives no random numbers".to_owned()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

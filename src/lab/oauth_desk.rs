//! The authorization servers of the lab's mailbox providers: token, device and authorization endpoints. The person who grants access
//! is played too: whoever opens the authorization page has granted, and a device code is granted at the second question.

use crate::lab::ids;
use crate::model::oauth::{Grant, OAuth};
use crate::model::{Secret, SeedMailbox};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use url::{Url, form_urlencoded};

/// How long an access token lasts, as Google and Microsoft give them out.
const LASTS: Duration = Duration::from_secs(3599);

/// One mailbox's client.
#[derive(Debug, Clone)]
struct Client {
    oauth: OAuth,
    secret: Option<Secret>,
}

#[derive(Debug, Default)]
struct State {
    /// Refresh tokens with their mailboxes.
    refresh: BTreeMap<String, String>,
    /// Access tokens with their mailboxes and ends.
    access: BTreeMap<String, (String, Instant)>,
    /// Device codes with their mailboxes and how often they were asked for.
    devices: BTreeMap<String, (String, u32)>,
    /// Authorization codes: mailbox, redirect, challenge.
    codes: BTreeMap<String, (String, String, String)>,
}

/// The desk. Clones share their books.
#[derive(Debug, Clone, Default)]
pub struct OAuthDesk {
    clients: Arc<BTreeMap<String, Client>>,
    state: Arc<Mutex<State>>,
}

/// What is sent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OAuthReply {
    /// JSON with its status.
    Json(u16, String),
    /// To this URL.
    Redirect(String),
}

type Form = BTreeMap<String, String>;

impl OAuthDesk {
    /// For the seeds that log in by OAuth.
    pub fn new(seeds: &[SeedMailbox]) -> OAuthDesk {
        let client = |seed: &SeedMailbox| {
            let oauth = seed.oauth.clone()?;
            let secret = oauth.client_secret.as_ref().map(|_| Secret::new(ids::word::<24>()));
            Some((seed.name.clone(), Client { oauth, secret }))
        };
        let desk = OAuthDesk {
            clients: Arc::new(seeds.iter().filter_map(client).collect()),
            state: Arc::default(),
        };
        for mailbox in desk.clients.keys() {
            desk.lock().refresh.insert(minted("rt"), mailbox.clone());
        }
        desk
    }

    /// Hosts of its endpoints.
    pub fn hosts(&self) -> BTreeSet<String> {
        let urls = self.clients.values().flat_map(|client| {
            let oauth = &client.oauth;
            [
                Some(&oauth.token_url),
                oauth.authorize_url.as_ref(),
                oauth.device_url.as_ref(),
            ]
        });
        let hosts = urls
            .flatten()
            .filter_map(|url| Url::parse(url).ok()?.host_str().map(str::to_owned));
        hosts.collect()
    }

    /// The secret of a mailbox's client.
    pub fn client_secret(&self, mailbox: &str) -> Option<Secret> {
        self.clients.get(mailbox)?.secret.clone()
    }

    /// A refresh token of a mailbox that was granted before.
    pub fn refresh_token(&self, mailbox: &str) -> Option<Secret> {
        let state = self.lock();
        let mut held = state.refresh.iter().filter(|(_, of)| *of == mailbox);
        held.next().map(|(token, _)| Secret::new(token.clone()))
    }

    /// Is this access token good for the mailbox?
    pub fn accepts(&self, mailbox: &str, token: &[u8]) -> bool {
        let state = self.lock();
        let held = std::str::from_utf8(token)
            .ok()
            .and_then(|token| state.access.get(token));
        held.is_some_and(|(of, until)| of == mailbox && *until > Instant::now())
    }

    /// Ends every access token of a mailbox.
    pub fn expire(&self, mailbox: &str) {
        self.lock().access.retain(|_, (of, _)| of != mailbox);
    }

    /// Takes the grant back: no token of the mailbox is good any more.
    pub fn revoke(&self, mailbox: &str) {
        self.expire(mailbox);
        self.lock().refresh.retain(|_, of| of != mailbox);
    }

    /// Answers a request to `url` (as the client sees it); `None` where it is none of this desk's.
    pub fn answer(&self, method: &str, url: &str, body: &[u8]) -> Option<OAuthReply> {
        let (page, query) = url.split_once('?').unwrap_or((url, ""));
        let of = |endpoint: fn(&OAuth) -> Option<&String>| {
            let mut clients = self.clients.values();
            clients.any(|client| endpoint(&client.oauth).is_some_and(|known| known == page))
        };
        let form: Form = form_urlencoded::parse(body).into_owned().collect();
        if of(|oauth| Some(&oauth.token_url)) && method == "POST" {
            return Some(self.token(&form));
        }
        if of(|oauth| oauth.device_url.as_ref()) && method == "POST" {
            return Some(self.device(&form));
        }
        if of(|oauth| oauth.authorize_url.as_ref()) && method == "GET" {
            let asked: Form = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            return Some(self.authorize(&asked));
        }
        None
    }

    fn token(&self, form: &Form) -> OAuthReply {
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let Some(mailbox) = self.granted(form) else {
            return match field("grant_type") {
                "urn:ietf:params:oauth:grant-type:device_code" => {
                    refused("authorization_pending", "AADSTS70016: the user has not decided yet")
                }
                _ => refused("invalid_grant", "Token has been expired or revoked."),
            };
        };
        let Some(client) = self.clients.get(&mailbox) else {
            return refused("invalid_grant", "Token has been expired or revoked.");
        };
        let proven = client
            .secret
            .as_ref()
            .is_none_or(|secret| secret.expose() == field("client_secret"));
        if client.oauth.client_id != field("client_id") || !proven {
            return refused("invalid_client", "The client is not known, or its secret is wrong.");
        }
        let (access, refresh) = (minted("at"), minted("rt"));
        let mut state = self.lock();
        state
            .access
            .insert(access.clone(), (mailbox.clone(), Instant::now() + LASTS));
        let mut answer =
            serde_json::json!({"token_type": "Bearer", "expires_in": LASTS.as_secs(), "access_token": access});
        if client.oauth.grant == Grant::RefreshToken {
            // The old one goes on working, as Microsoft's do.
            state.refresh.insert(refresh.clone(), mailbox);
            answer["refresh_token"] = refresh.into();
        }
        OAuthReply::Json(200, answer.to_string())
    }

    /// The mailbox that a token request may have a token for.
    fn granted(&self, form: &Form) -> Option<String> {
        let field = |name: &str| form.get(name).cloned().unwrap_or_default();
        let mut state = self.lock();
        match field("grant_type").as_str() {
            "refresh_token" => state.refresh.get(&field("refresh_token")).cloned(),
            "client_credentials" => {
                let own = |client: &Client| {
                    client.oauth.grant == Grant::ClientCredentials && client.oauth.client_id == field("client_id")
                };
                self.clients
                    .iter()
                    .find(|(_, client)| own(client))
                    .map(|(mailbox, _)| mailbox.clone())
            }
            "urn:ietf:params:oauth:grant-type:device_code" => {
                let (mailbox, asked) = state.devices.get_mut(&field("device_code"))?;
                *asked += 1;
                (*asked > 1).then(|| mailbox.clone())
            }
            "authorization_code" => {
                // A code is good once (RFC 6749 §4.1.2), for the redirect and the proof key it was asked for with.
                let (mailbox, redirect, challenge) = state.codes.remove(&field("code"))?;
                let digest = ring::digest::digest(&ring::digest::SHA256, field("code_verifier").as_bytes());
                let proven = URL_SAFE_NO_PAD.encode(digest) == challenge && redirect == field("redirect_uri");
                proven.then_some(mailbox)
            }
            _ => None,
        }
    }

    fn by_client(&self, form: &Form) -> Option<String> {
        let id = form.get("client_id")?;
        let hint = form.get("login_hint");
        let mut fitting = self.clients.iter().filter(|(_, client)| client.oauth.client_id == *id);
        // Several mailboxes may share a client; the hint names one where it is given.
        fitting
            .next()
            .map(|(mailbox, _)| mailbox.clone())
            .filter(|_| hint.is_none_or(|hint| !hint.is_empty()))
    }

    fn device(&self, form: &Form) -> OAuthReply {
        let Some(mailbox) = self.by_client(form) else {
            return refused("invalid_client", "The client is not known.");
        };
        let code = minted("dc");
        self.lock().devices.insert(code.clone(), (mailbox, 0));
        let answer = serde_json::json!({
            "device_code": code, "user_code": "LAB4YOU", "verification_uri": "https://login.lab.example/device",
            "expires_in": 900, "interval": 1, "message": "The lab types the code by itself."
        });
        OAuthReply::Json(200, answer.to_string())
    }

    fn authorize(&self, asked: &Form) -> OAuthReply {
        let field = |name: &str| asked.get(name).cloned().unwrap_or_default();
        let Some(mut back) = Url::parse(&field("redirect_uri"))
            .ok()
            .filter(|url| url.host_str() == Some("127.0.0.1"))
        else {
            return refused("invalid_request", "redirect_uri is missing or not registered");
        };
        let mailbox = self
            .by_client(asked)
            .filter(|_| field("code_challenge_method") == "S256");
        match mailbox {
            Some(mailbox) => {
                let code = minted("co");
                let granted = (mailbox, field("redirect_uri"), field("code_challenge"));
                self.lock().codes.insert(code.clone(), granted);
                back.query_pairs_mut().append_pair("code", &code);
            }
            None => {
                back.query_pairs_mut().append_pair("error", "access_denied");
            }
        }
        back.query_pairs_mut().append_pair("state", &field("state"));
        OAuthReply::Redirect(back.into())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn minted(kind: &str) -> String {
    format!("{kind}-{}", ids::word::<32>())
}

/// RFC 6749 §5.2.
fn refused(error: &str, description: &str) -> OAuthReply {
    OAuthReply::Json(
        400,
        serde_json::json!({"error": error, "error_description": description}).to_string(),
    )
}

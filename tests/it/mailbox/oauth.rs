//! OAuth against the lab's authorization servers: tokens fetched, renewed, revoked, rotated; a person's grant by code and by browser.

use crate::run::kit::lab_account;
use inboxqa::lab::{Blueprint, World};
use inboxqa::mailbox::oauth::{Loopback, TokenSource, ask_device, await_device};
use inboxqa::mailbox::{Account, baseline, examine_login};
use inboxqa::model::oauth::OAuth;
use inboxqa::model::{Secret, SeedMailbox};
use inboxqa::net::Net;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Bench {
    pub world: World,
    net: Net,
    seed: SeedMailbox,
}

/// A lab with one seed, configured as a user would.
pub fn bench(entry: &str) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mailboxes.toml");
    std::fs::write(&file, format!("[mailbox.seed]\n{entry}\n")).unwrap();
    let loaded = inboxqa::config::load(&[], &file).unwrap_or_else(|problems| panic!("{problems:?}"));
    let seed = loaded.mailboxes["seed"].clone();
    let blueprint = Blueprint {
        mailboxes: vec![seed.clone()],
        ..Blueprint::default()
    };
    let world = World::start(blueprint).unwrap();
    let net = Net::open(world.endpoints(), vec![]).unwrap();
    Bench { world, net, seed }
}

const OUTLOOK: &str =
    "provider = \"outlook\"\naddress = \"seed@outlook.example\"\nclient_id = \"app\"\nrefresh_token = \"${env:RT}\"";
pub const GOOGLE: &str = "provider = \"gmail\"\naddress = \"seed@gmail.example\"\nlogin = \"oauth\"\nclient_id = \"desktop\"\nclient_secret = \"${env:CS}\"";

impl Bench {
    pub fn account(&self) -> Account {
        lab_account(&self.world, self.seed.clone())
    }

    fn client(&self) -> OAuth {
        self.seed.oauth.clone().unwrap()
    }

    /// The account with tokens granted otherwise than by the lab's own minting.
    fn with(&self, secret: Option<Secret>, refresh: Option<Secret>) -> Account {
        Account {
            oauth: Some(TokenSource::new(
                self.client(),
                secret,
                refresh,
                Arc::new(|_: &Secret| {}),
            )),
            ..self.account()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_is_fetched_and_an_ended_one_is_renewed_once() {
    let bench = bench(OUTLOOK);
    let account = bench.account();
    assert_eq!(examine_login(&account, &bench.net).await.unwrap().method, "xoauth2");
    let before = account.oauth.as_ref().unwrap().access(&bench.net).await.unwrap();
    bench.world.oauth().expire("seed");
    baseline(&account, &bench.net).await.unwrap();
    let after = account.oauth.as_ref().unwrap().access(&bench.net).await.unwrap();
    assert_ne!(before, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_grant_is_told_with_what_to_do_and_without_the_token() {
    let bench = bench(OUTLOOK);
    let account = bench.account();
    let refresh = bench.world.oauth().refresh_token("seed").unwrap();
    bench.world.oauth().revoke("seed");
    let why = baseline(&account, &bench.net).await.unwrap_err();
    assert_eq!(why.code, "oauth-refused");
    for part in ["invalid_grant", "expired or revoked", "run `inboxqa login`"] {
        assert!(why.detail.contains(part), "{}", why.detail);
    }
    assert!(!why.detail.contains(refresh.expose()), "{}", why.detail);
    let never = bench.with(None, None);
    let why = baseline(&never, &bench.net).await.unwrap_err();
    assert!(why.detail.contains("no refresh token is configured"), "{}", why.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_another_account_is_refused_with_the_servers_reason_in_words() {
    let bench = bench(OUTLOOK);
    let mut account = bench.account();
    account.seed.username = "somebody.else@outlook.example".into();
    let why = baseline(&account, &bench.net).await.unwrap_err();
    assert_eq!(why.code, "imap-login-refused");
    for part in ["AUTHENTICATE failed", "status 400", "for this very account"] {
        assert!(why.detail.contains(part), "{}", why.detail);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn microsoft_takes_no_password() {
    let bench = bench(OUTLOOK);
    let mut account = bench.account();
    account.oauth = None;
    let why = baseline(&account, &bench.net).await.unwrap_err();
    assert_eq!(why.code, "imap-login-refused");
    assert!(why.detail.contains("no passwords over IMAP any more"), "{}", why.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_refresh_tokens_are_handed_to_the_keeper_and_used() {
    let bench = bench(OUTLOOK);
    let kept: Arc<Mutex<Vec<Secret>>> = Arc::default();
    let keeper = kept.clone();
    let refresh = bench.world.oauth().refresh_token("seed");
    let source = TokenSource::new(
        bench.client(),
        None,
        refresh,
        Arc::new(move |token: &Secret| keeper.lock().unwrap().push(token.clone())),
    );
    let first = source.access(&bench.net).await.unwrap();
    source.renew(&bench.net, &first).await.unwrap();
    let kept = kept.lock().unwrap().clone();
    assert_eq!(kept.len(), 2);
    assert_ne!(kept[0], kept[1]);
    let account = bench.with(None, Some(kept[1].clone()));
    baseline(&account, &bench.net).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_typed_elsewhere_grants_access() {
    let bench = bench(OUTLOOK);
    let code = ask_device(&bench.net, &bench.client()).await.unwrap();
    assert!(!code.user_code.is_empty() && code.verification_uri.starts_with("https://"));
    let granted = await_device(&bench.net, &bench.client(), None, &code).await.unwrap();
    let account = bench.with(None, granted.refresh);
    assert_eq!(examine_login(&account, &bench.net).await.unwrap().method, "xoauth2");
}

/// What a browser does: opens the page, follows its redirect. Returns the redirect's target.
async fn browse(net: &Net, page: &str) -> String {
    let answer = net.get(&page.parse().unwrap()).await.unwrap();
    assert_eq!(answer.status, 302);
    answer.location.unwrap()
}

async fn visit(url: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).await.unwrap();
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_on_this_machine_grants_access_and_nobody_elses_answer_counts() {
    let bench = bench(GOOGLE);
    let client = bench.client();
    let secret = bench.world.oauth().client_secret("seed");
    let loopback = Loopback::open(&client, "seed@gmail.example").await.unwrap();
    let back = browse(&bench.net, &loopback.url).await;
    let waiting = {
        let (net, client, secret) = (bench.net.clone(), client.clone(), secret.clone());
        tokio::spawn(async move { loopback.granted(&net, &client, secret.as_ref()).await })
    };
    let (base, _) = back.split_once('?').unwrap();
    assert!(
        visit(&format!("{base}?code=forged&state=guessed"))
            .await
            .starts_with("HTTP/1.1 404")
    );
    assert!(visit(&format!("{base}favicon.ico")).await.starts_with("HTTP/1.1 404"));
    assert!(visit(&back).await.contains("Access was granted"));
    let granted = waiting.await.unwrap().unwrap();
    let account = bench.with(secret, granted.refresh);
    assert_eq!(examine_login(&account, &bench.net).await.unwrap().method, "xoauth2");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overheard_code_is_worthless_without_the_proof_key() {
    let bench = bench(GOOGLE);
    let client = bench.client();
    let ours = Loopback::open(&client, "seed@gmail.example").await.unwrap();
    let back = browse(&bench.net, &ours.url).await;
    let theirs = Loopback::open(&client, "seed@gmail.example").await.unwrap();
    let state = theirs
        .url
        .split("state=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let code = back
        .split("code=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let door = theirs
        .url
        .split("redirect_uri=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let door = door.replace("%3A", ":").replace("%2F", "/");
    let secret = bench.world.oauth().client_secret("seed");
    let waiting = {
        let (net, client) = (bench.net.clone(), client.clone());
        tokio::spawn(async move { theirs.granted(&net, &client, secret.as_ref()).await })
    };
    visit(&format!("{door}/?code={code}&state={state}")).await;
    let failure = waiting.await.unwrap().unwrap_err();
    assert_eq!(failure.code(), "oauth-refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisations_own_client_needs_nobody() {
    let bench = bench(
        "provider = \"m365\"\naddress = \"seed@brand.example\"\nlogin = \"client-credentials\"\nclient_id = \"daemon\"\n\
         client_secret = \"${env:CS}\"\ntenant = \"brand.example\"",
    );
    assert_eq!(bench.client().scope, "https://outlook.office365.com/.default");
    assert!(
        bench.client().token_url.contains("/brand.example/"),
        "{}",
        bench.client().token_url
    );
    assert_eq!(
        examine_login(&bench.account(), &bench.net).await.unwrap().method,
        "xoauth2"
    );
    let why = baseline(&bench.with(Some(Secret::new("wrong")), None), &bench.net)
        .await
        .unwrap_err();
    assert!(why.detail.contains("invalid_client"), "{}", why.detail);
    assert!(!why.detail.contains("wrong "), "{}", why.detail);
}

//! Postmark's log, asked over real sockets: the product's client against the lab's API, and the lab's API against the published bodies.

use super::bench::{Bench, Client, address, blueprint, letter};
use inboxqa::lab::held::HeldTemplate;
use inboxqa::model::{EspEventKind, EspFate, EspLog, EspStory, Held, LogKind, Secret, SecretRef, Token};
use inboxqa::net::{ApiRequest, Net};
use inboxqa::route::{Log, Wanted};
use serde_json::{Value, json};
use time::OffsetDateTime;
use url::Url;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "ffffffffffffffffffffffffffffffff";

fn stated() -> EspLog {
    EspLog {
        kind: LogKind::Postmark,
        token: SecretRef::parse("${env:NEVER_READ}"),
        stream: "outbound".into(),
        region: Default::default(),
    }
}

/// The bench whose receipts route has a log.
fn bench(faults: &[&str]) -> Bench {
    let mut blueprint = blueprint();
    blueprint.routes[0].logs = vec![stated()];
    Bench::of(blueprint, faults)
}

async fn send(bench: &Bench) {
    let mut client = Client::open(&bench.world, "receipts").await;
    let metadata = format!("X-PM-Metadata-inboxqa: {TOKEN}\r\nMIME-Version");
    let raw = letter("order", "receipts", "gmail").replacen("MIME-Version", &metadata, 1);
    assert!(client.send("gmail", raw.as_bytes()).await.starts_with("250 "));
}

fn net(bench: &Bench) -> Net {
    Net::open(bench.world.endpoints(), vec![]).unwrap()
}

fn log(bench: &Bench) -> Log {
    let token = bench.world.log_tokens("receipts").remove(0);
    Log::new(&stated(), token, net(bench))
}

async fn story(bench: &Bench, id: Option<&str>, token: &str) -> EspStory {
    let recipient = address("gmail");
    let token = Token::parse(token).unwrap();
    let wanted = Wanted {
        token: &token,
        id,
        recipient: &recipient,
        topic: None,
        person: &recipient,
        seen: false,
        since: OffsetDateTime::now_utc(),
    };
    log(bench).story(wanted).await.unwrap()
}

#[tokio::test]
async fn a_message_is_found_by_its_metadata_and_by_its_id_and_by_no_other_ones() {
    let mut bench = bench(&[]);
    send(&bench).await;
    bench.next().await;
    // The lab notes the delivery right after it handed the message over.
    let found = loop {
        let found = story(&bench, None, TOKEN).await;
        if found.has(EspEventKind::Delivered) {
            break found;
        }
    };
    assert_eq!(found.fate(), EspFate::Delivered);
    assert_eq!(found.stream.as_deref(), Some("outbound"));
    let id = found.id.clone().unwrap();
    assert_eq!(story(&bench, Some(&id), TOKEN).await, found);
    assert_eq!(story(&bench, Some("no-such-id"), TOKEN).await, found);
    for asked in [None, Some(id.as_str())] {
        assert_eq!(story(&bench, asked, OTHER).await.fate(), EspFate::Unlisted, "{asked:?}");
    }
}

#[tokio::test]
async fn a_suppressed_recipient_is_told_with_the_list_and_only_for_our_own_message() {
    let bench = bench(&["suppressed-seed"]);
    send(&bench).await;
    let told = loop {
        let EspFate::Dropped(told) = story(&bench, None, TOKEN).await.fate() else {
            continue;
        };
        break told;
    };
    for part in [
        "SMTPApiError",
        "suppression list of stream outbound",
        "ManualSuppression",
    ] {
        assert!(told.contains(part), "{told}");
    }
    let other = story(&bench, None, OTHER).await;
    assert!(other.events.is_empty(), "the error is of another message: {other:?}");
}

#[tokio::test]
async fn a_bounce_is_told_with_its_type_and_the_servers_words() {
    let bench = bench(&["bounce=HardBounce"]);
    send(&bench).await;
    let told = loop {
        let EspFate::Bounced(told) = story(&bench, None, TOKEN).await.fate() else {
            continue;
        };
        break told;
    };
    assert!(told.starts_with("HardBounce: ") && told.contains("550 5.1.1"), "{told}");
}

#[tokio::test]
async fn a_wrong_token_is_told_with_postmarks_own_code() {
    let bench = bench(&[]);
    let recipient = address("gmail");
    let wanted = Wanted {
        token: &Token::parse(TOKEN).unwrap(),
        id: None,
        recipient: &recipient,
        topic: None,
        person: &recipient,
        seen: true,
        since: OffsetDateTime::now_utc(),
    };
    let wrong = Log::new(&stated(), Secret::new("wrong".to_owned()), net(&bench));
    let why = wrong.story(wanted).await.unwrap_err();
    assert_eq!(why.code, "log-key");
    assert!(why.detail.contains("401, error 10"), "{}", why.detail);
}

#[tokio::test]
async fn the_labs_answers_have_the_published_shape() {
    let published: Value = {
        let path = format!("{}/tests/data/vendors/postmark.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str::<Value>(&std::fs::read_to_string(path).unwrap()).unwrap()["api"].take()
    };
    let bounced = bench(&["bounce=HardBounce"]);
    send(&bounced).await;
    while story(&bounced, None, TOKEN).await.events.is_empty() {}
    let bounces = get(&bounced, "bounces").await;
    same(&bounces["Bounces"][0], &published["bounce"], "bounce");
    let listed = get(&bounced, "message-streams/outbound/suppressions/dump").await;
    same(&listed["Suppressions"][0], &published["suppression"], "suppression");

    let mut delivered = bench(&[]);
    send(&delivered).await;
    delivered.next().await;
    while story(&delivered, None, TOKEN).await.events.is_empty() {}
    let messages = get(&delivered, "messages/outbound").await;
    same(
        &messages["Messages"][0],
        &published["messages"]["Messages"][0],
        "message",
    );
    let id = messages["Messages"][0]["MessageID"].as_str().unwrap();
    let details = get(&delivered, &format!("messages/outbound/{id}/details")).await;
    same(&details["MessageEvents"][0], &published["event"], "event");
}

#[tokio::test]
async fn templates_and_batches_are_answered_in_the_published_shape() {
    let published: Value = {
        let path = format!("{}/tests/data/vendors/postmark.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str::<Value>(&std::fs::read_to_string(path).unwrap()).unwrap()["api"].take()
    };
    let mut blueprint = blueprint();
    blueprint.routes[0].logs = vec![stated()];
    blueprint.held = vec![HeldTemplate {
        route: "receipts".into(),
        held: Held::Template("welcome".into()),
        from: "Brand Receipts <receipts@brand.example>".into(),
        reply_to: None,
        subject: "Welcome".into(),
        html: Some(format!("<p>Welcome</p><!-- {TOKEN} -->")),
        text: Some("Welcome".into()),
        token: TOKEN.into(),
    }];
    let bench = Bench::of(blueprint, &[]);
    let template = get(&bench, "templates/welcome").await;
    same(&template, &published["template"], "template");

    let mut asked = template.clone();
    asked["TestRenderModel"] = json!({"inboxqa": OTHER});
    let rendered = post(&bench, "templates/validate", &asked).await;
    same(&rendered, &published["validation"], "validation");
    for part in ["Subject", "HtmlBody", "TextBody"] {
        same(&rendered[part], &published["validation"][part], part);
    }
    let html = rendered["HtmlBody"]["RenderedContent"].as_str().unwrap();
    assert_eq!(html, format!("<p>Welcome</p><!-- {OTHER} -->"));

    let message = |to: &str| {
        let delivery = json!([{"Name": "X-InboxQA-Delivery", "Value": "suite/order/receipts/gmail"}]);
        json!({"From": "receipts@brand.example", "To": to, "Subject": "x", "TextBody": "x", "Headers": delivery})
    };
    let answers = post(
        &bench,
        "email/batch",
        &json!([message(&address("gmail")), message("stranger@gmail.example")]),
    )
    .await;
    same(&answers[0], &published["sent"], "sent");
    // One refused message does not refuse the other: it has a code of its own.
    assert_eq!(
        (&answers[0]["ErrorCode"], &answers[1]["ErrorCode"]),
        (&json!(0), &json!(300)),
        "{answers}"
    );
}

async fn get(bench: &Bench, path: &str) -> Value {
    answered(bench, "GET", path, None).await
}

async fn post(bench: &Bench, path: &str, body: &Value) -> Value {
    answered(bench, "POST", path, Some(body)).await
}

async fn answered(bench: &Bench, method: &str, path: &str, body: Option<&Value>) -> Value {
    let token = bench.world.log_tokens("receipts").remove(0);
    let url = Url::parse(&format!("https://api.postmarkapp.com/{path}?count=10&offset=0")).unwrap();
    let request = ApiRequest {
        method,
        url: &url,
        headers: &[("X-Postmark-Server-Token", token.expose())],
        body: body.map(|body| ("application/json", body.to_string().into_bytes())),
    };
    let answer = net(bench).api(request).await.unwrap();
    assert_eq!(answer.status, 200, "{path}");
    serde_json::from_slice(&answer.body).unwrap()
}

/// The same fields, each of the same type where neither is null.
fn same(ours: &Value, published: &Value, what: &str) {
    let fields = |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(fields(ours), fields(published), "{what}");
    for (name, theirs) in published.as_object().unwrap() {
        let own = &ours[name];
        let alike = own.is_null() || theirs.is_null() || std::mem::discriminant(own) == std::mem::discriminant(theirs);
        assert!(alike, "{what}.{name}: {own} against {theirs}");
    }
}

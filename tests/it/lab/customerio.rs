//! Customer.io's APIs as the lab plays them, over real sockets and against the published shapes.

use super::bench::{Bench, address, blueprint};
use inboxqa::lab::HeldTemplate;
use inboxqa::model::route::{CustomerIoRoute, RouteKind};
use inboxqa::model::{EspLog, Held, LogKind, Region, SecretRef};
use inboxqa::net::{ApiAnswer, ApiRequest, Net};
use serde_json::{Value, json};
use url::Url;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn secret() -> SecretRef {
    SecretRef::parse("${env:NEVER_READ}")
}

/// The bench whose sales route is a workspace with one campaign.
fn bench() -> Bench {
    let mut blueprint = blueprint();
    let route = &mut blueprint.routes[1];
    route.kind = RouteKind::CustomerIo(CustomerIoRoute {
        region: Region::Eu,
        token: secret(),
        track: Some((secret(), secret())),
        headers: Default::default(),
    });
    route.logs = vec![EspLog {
        kind: LogKind::CustomerIo,
        token: secret(),
        stream: "outbound".into(),
        region: Region::Eu,
    }];
    blueprint.held = vec![HeldTemplate {
        route: route.name.clone(),
        held: Held::Event {
            name: "sale_started".into(),
            carries_token: true,
        },
        from: "Brand News <hello@news.brand.example>".into(),
        reply_to: None,
        subject: "Sale".into(),
        html: Some("<p>Sale</p>".into()),
        text: None,
        token: TOKEN.into(),
    }];
    Bench::of(blueprint, &[])
}

async fn ask(bench: &Bench, method: &str, url: &str, login: &str, body: Option<&Value>) -> ApiAnswer {
    let net = Net::open(bench.world.endpoints(), vec![]).unwrap();
    let url = Url::parse(url).unwrap();
    let request = ApiRequest {
        method,
        url: &url,
        headers: &[("Authorization", login)],
        body: body.map(|body| ("application/json", body.to_string().into_bytes())),
    };
    net.api(request).await.unwrap()
}

fn bearer(bench: &Bench) -> String {
    format!("Bearer {}", bench.world.log_tokens("sales")[0].expose())
}

fn basic(bench: &Bench) -> String {
    use base64::Engine;
    let (site, key) = bench.world.track_credentials("sales").unwrap();
    let pair = format!("{}:{}", site.expose(), key.expose());
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

fn message() -> Value {
    json!({
        "to": address("gmail"), "identifiers": {"email": address("gmail")}, "from": "Brand News <hello@news.brand.example>",
        "subject": "Sale", "body": "<p>Sale</p>", "headers": {"X-InboxQA-Token": TOKEN},
        "message_data": {"inboxqa": TOKEN, "inboxqa_delivery": "launch/sale/sales/gmail"}
    })
}

fn published() -> Value {
    let path = format!("{}/tests/data/vendors/customerio.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str::<Value>(&std::fs::read_to_string(path).unwrap()).unwrap()["api"].take()
}

fn read(answer: &ApiAnswer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// Every published field is there, of the same type where neither is null.
fn has(ours: &Value, published: &Value, what: &str) {
    for (name, theirs) in published.as_object().unwrap() {
        let own = ours.get(name).unwrap_or_else(|| panic!("{what} has no {name}: {ours}"));
        let alike = own.is_null() || theirs.is_null() || std::mem::discriminant(own) == std::mem::discriminant(theirs);
        assert!(alike, "{what}.{name}: {own} against {theirs}");
    }
}

#[tokio::test]
async fn the_labs_answers_have_the_published_shape() {
    let (mut bench, published) = (bench(), published());
    let app = "https://api-eu.customer.io/v1";
    let sent = ask(
        &bench,
        "POST",
        &format!("{app}/send/email"),
        &bearer(&bench),
        Some(&message()),
    )
    .await;
    assert_eq!(sent.status, 200);
    has(&read(&sent), &published["sent"], "sent");
    bench.next().await;
    let id = read(&sent)["delivery_id"].as_str().unwrap().to_owned();
    let told = ask(&bench, "GET", &format!("{app}/messages/{id}"), &bearer(&bench), None).await;
    let told = read(&told)["message"].clone();
    has(&told, &published["message"], "message");
    let event =
        json!({"name": "sale_started", "data": {"inboxqa": TOKEN, "inboxqa_delivery": "launch/sale/sales/gmail"}});
    let url = format!(
        "https://track-eu.customer.io/api/v1/customers/{}/events",
        address("gmail")
    );
    let taken = ask(&bench, "POST", &url, &basic(&bench), Some(&event)).await;
    assert_eq!((taken.status, read(&taken)), (200, published["event"].clone()));
    bench.next().await;
}

#[tokio::test]
async fn keys_are_of_one_api_and_one_region_and_a_refusal_says_why() {
    let (bench, published) = (bench(), published());
    let send = "https://api-eu.customer.io/v1/send/email";
    for login in [basic(&bench), "Bearer wrong".to_owned()] {
        let refused = ask(&bench, "POST", send, &login, Some(&message())).await;
        assert_eq!(refused.status, 401);
        has(&read(&refused), &published["error"], "error");
    }
    let mut nobody = message();
    nobody["identifiers"] = json!({});
    let refused = ask(&bench, "POST", send, &bearer(&bench), Some(&nobody)).await;
    assert_eq!(refused.status, 400);
    assert!(
        read(&refused)["meta"]["error"]
            .as_str()
            .unwrap()
            .contains("identifiers")
    );
}

#[tokio::test]
async fn an_event_that_nothing_answers_is_taken_all_the_same() {
    let bench = bench();
    let event = json!({"name": "sale_satrted", "data": {}});
    let url = format!(
        "https://track-eu.customer.io/api/v1/customers/{}/events",
        address("gmail")
    );
    let taken = ask(&bench, "POST", &url, &basic(&bench), Some(&event)).await;
    assert_eq!((taken.status, read(&taken)), (200, json!({})));
}

//! Clicks, pixels and pages of the lab, fetched by an ordinary HTTP client.

use super::bench::{Bench, tls_config};
use quoted_printable::{ParseMode, decode};

/// Every URL on a host in a delivered message, in order.
pub fn urls_on(raw: &[u8], host: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(&decode(raw, ParseMode::Robust).unwrap()).into_owned();
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '<' | '>');
    text.match_indices(&format!("https://{host}/"))
        .map(|(at, _)| text[at..].split(ends).next().unwrap().replace("&amp;", "&"))
        .collect()
}

/// Status and Location of one request.
async fn get(client: &reqwest::Client, url: &str) -> (u16, String) {
    let answer = client.get(url).send().await.unwrap();
    let location = answer
        .headers()
        .get("location")
        .map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), location.unwrap_or_default())
}

#[tokio::test]
async fn clicks_lead_where_they_led_before_and_pixels_are_images() {
    let mut bench = Bench::start(&[]);
    let client = bench
        .browser(&[
            "click.pstmrk.it",
            "ea.pstmrk.it",
            "shop.brand.example",
            "cdn.brand.example",
        ])
        .await;
    let stored = bench.deliver("order", "receipts", "gmail").await;
    let clicks = urls_on(&stored.raw, "click.pstmrk.it");
    let order = "https://shop.brand.example/orders/1042?key=a&lang=en";
    let search = "https://shop.brand.example/search?q=red%20shoes";
    let mut led = Vec::new();
    for click in &clicks {
        led.push(get(&client, click).await);
    }
    assert_eq!(led, [order, order, search].map(|to| (302, to.to_owned())));
    let page = client.get(order).send().await.unwrap();
    assert_eq!(
        (page.status().as_u16(), page.headers()["content-type"].to_str().unwrap()),
        (200, "text/html; charset=utf-8")
    );
    for image in [
        &urls_on(&stored.raw, "ea.pstmrk.it")[0],
        "https://cdn.brand.example/logo.png",
    ] {
        let answer = client.get(image).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "image/gif");
        assert!(answer.bytes().await.unwrap().starts_with(b"GIF89a"));
    }
    assert_eq!(get(&client, "https://click.pstmrk.it/3s/unknown").await.0, 404);
    let asked = bench.world.requests();
    assert_eq!(asked.len(), 7);
    assert_eq!(
        (asked[0].method.as_str(), &asked[0].url, asked[0].status),
        ("GET", &clicks[0], 302)
    );
}

#[tokio::test]
async fn each_misbehaviour_of_a_click_stays_with_its_delivery() {
    let mut bench = Bench::start(&[
        "dead-link@case=dead",
        "redirect-loop@case=loop",
        "downgrade@case=down",
        "bad-certificate@case=cert",
        "private-redirect@case=private",
        "link-429@case=slow",
    ]);
    let client = bench.browser(&["click.pstmrk.it"]).await;
    for case in ["dead", "loop", "down", "cert", "private", "slow", "fine"] {
        let stored = bench.deliver(case, "receipts", "gmail").await;
        let click = &urls_on(&stored.raw, "click.pstmrk.it")[0];
        let path = &click["https://click.pstmrk.it".len()..];
        let expected = match case {
            "dead" => (404, String::new()),
            "loop" => (302, click.clone()),
            "down" => (302, format!("http://click.pstmrk.it{path}")),
            "cert" => (302, format!("https://click.pstmrk.it:8443{path}")),
            "private" => (302, "https://169.254.169.254/latest/meta-data/".to_owned()),
            "slow" => (429, String::new()),
            _ => (302, "https://shop.brand.example/orders/1042?key=a&lang=en".to_owned()),
        };
        assert_eq!(get(&client, click).await, expected, "{case}");
    }
}

#[tokio::test]
async fn the_wrong_certificate_is_for_another_name_of_the_same_authority() {
    let bench = Bench::start(&[]);
    let at = bench.socket("click.pstmrk.it", 8443).await;
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured((*tls_config(&bench.world)).clone())
        .resolve("click.pstmrk.it", at)
        .build()
        .unwrap();
    let error = client.get("https://click.pstmrk.it/").send().await.unwrap_err();
    assert!(format!("{error:?}").contains("NotValidForName"), "{error:?}");
}

#[tokio::test]
async fn a_downgraded_click_goes_on_over_http() {
    let mut bench = Bench::start(&["downgrade"]);
    let stored = bench.deliver("order", "receipts", "gmail").await;
    let click = urls_on(&stored.raw, "click.pstmrk.it")
        .remove(0)
        .replace("https://", "http://");
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_backend_preconfigured((*tls_config(&bench.world)).clone())
        .resolve("click.pstmrk.it", bench.socket("click.pstmrk.it", 80).await)
        .build()
        .unwrap();
    assert_eq!(
        get(&client, &click).await,
        (302, "https://shop.brand.example/orders/1042?key=a&lang=en".to_owned())
    );
}

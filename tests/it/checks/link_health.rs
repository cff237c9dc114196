//! `link-health`: what each link's chain came to.

use super::letters::{chain, hop, sent, unreadable};
use super::scene::{Scene, golden};
use inboxqa::mail::Reading;
use inboxqa::model::CheckId::LinkHealth;
use inboxqa::model::{Hop, HopEnd, LinkKind, Purpose, UrlProbe, Verdict};

const PAGE: &str = "https://shop.brand.example/orders/A-1042";

/// Every ordinary link of the letter leads to a page; the first one to what is given.
fn first(hops: Vec<Hop>, end: HopEnd) -> Scene {
    let mut scene = sent(LinkHealth, "delivered");
    let raw = scene.arrival().raw.clone();
    let reading = Reading::new(&raw.0);
    let mut links = reading
        .links()
        .iter()
        .filter(|link| link.is_web() && link.kind == LinkKind::Link);
    scene.evidence.urls.push(chain(&links.next().unwrap().url, hops, end));
    for link in links {
        let hops = vec![hop(&link.url, 302), hop(PAGE, 200)];
        scene.evidence.urls.push(chain(&link.url, hops, HopEnd::Answered));
    }
    scene
}

fn answered(status: u16) -> Scene {
    first(
        vec![hop("https://click.pstmrk.it/3s/x", 302), hop(PAGE, status)],
        HopEnd::Answered,
    )
}

fn failed(code: &str) -> HopEnd {
    HopEnd::Failed {
        code: code.into(),
        text: "in words".into(),
    }
}

/// One link, and nothing that was asked.
fn alone(href: &str) -> Scene {
    let raw = format!("Subject: x\r\nContent-Type: text/html\r\n\r\n<a href=\"{href}\">See your receipt</a>\r\n");
    super::scene::delivered(raw.as_bytes())
}

#[test]
fn an_address_that_leads_nowhere_fails_without_a_request() {
    for href in [
        "",
        "#",
        " ",
        "/r/1",
        "shop.brand.example/r/1",
        "https//shop.brand.example/",
        "\u{201d}https://shop.brand.example/\u{201d}",
        "htps://shop.brand.example/",
        "https://shop brand.example/",
        "http://",
        "javascript:void(0)",
    ] {
        let finding = alone(href).judged(LinkHealth, Verdict::Fail, "no-address");
        assert!(
            finding.observed.starts_with("'See your receipt': "),
            "{href}: {}",
            finding.observed
        );
    }
    for href in [
        "mailto:a@brand.example",
        "tel:+49301234",
        "brandapp://orders/1",
        "#details",
        "{{ order.url }}",
        "sms:+49",
    ] {
        alone(href).judged(LinkHealth, Verdict::Skip, "no-links");
    }
}

/// In a text part "https://" may stand in a sentence.
#[test]
fn prose_of_a_text_part_is_no_link_that_leads_nowhere() {
    let text = "Subject: x\r\n\r\nAlways type https:// first\r\n";
    super::scene::delivered(text.as_bytes()).judged(LinkHealth, Verdict::Skip, "no-links");
}

#[test]
fn pages_pass_and_the_unsubscribe_link_is_not_counted() {
    let finding = answered(200).judged(LinkHealth, Verdict::Pass, "ok");
    assert_eq!(
        finding.summary,
        "5 links followed to a page, 1 not requested on purpose"
    );
}

/// A message with one link that is http, the answers of the front pages, and the policy of the brand's domain.
fn plain(own: HopEnd, policy: Option<&str>) -> Scene {
    let link = "http://e.news.brand.example/c/1";
    let raw = format!("Subject: x\r\nContent-Type: text/html\r\n\r\n<a href='{link}'>Shop</a>\r\n");
    let mut scene = super::scene::delivered(raw.as_bytes());
    let front = |host: &str, hsts: Option<&str>, end: HopEnd| {
        let url = format!("https://{host}/");
        let hop = Hop {
            hsts: hsts.map(str::to_owned),
            ..hop(&url, 200)
        };
        UrlProbe {
            purpose: Purpose::Hsts,
            ..chain(&url, vec![hop], end)
        }
    };
    scene.evidence.urls = vec![
        chain(link, vec![hop(link, 302), hop(PAGE, 200)], HopEnd::Answered),
        front("e.news.brand.example", None, own),
        front("news.brand.example", None, failed("refused")),
        front("brand.example", policy, HopEnd::Answered),
    ];
    scene
}

#[test]
fn an_http_link_under_the_brands_hsts_is_dead_to_those_who_know_the_brand() {
    let stranger = || HopEnd::BadCertificate("the certificate is for track.esp.example".into());
    let strict = Some("includeSubDomains; max-age=\"31536000\"");
    let finding = plain(stranger(), strict).judged(LinkHealth, Verdict::Fail, "hsts");
    assert!(
        finding.summary.contains("brand.example has browsers ask https"),
        "{}",
        finding.summary
    );
    plain(failed("refused"), strict).judged(LinkHealth, Verdict::Fail, "hsts");
    for (own, policy) in [
        (HopEnd::Answered, strict),
        (stranger(), None),
        (stranger(), Some("max-age=31536000")),
        (stranger(), Some("max-age=0; includeSubDomains")),
        (failed("timeout"), strict),
    ] {
        plain(own, policy).judged(LinkHealth, Verdict::Pass, "ok");
    }
}

#[test]
fn statuses_are_told_apart() {
    for (status, verdict, code) in [
        (404, Verdict::Fail, "dead"),
        (410, Verdict::Fail, "dead"),
        (500, Verdict::Fail, "server-error"),
        (503, Verdict::Fail, "server-error"),
        (400, Verdict::Fail, "status"),
        (304, Verdict::Fail, "status"),
        (401, Verdict::Blind, "refused-us"),
        (403, Verdict::Blind, "refused-us"),
        (407, Verdict::Blind, "refused-us"),
        (429, Verdict::Blind, "refused-us"),
    ] {
        answered(status).judged(LinkHealth, verdict, code);
    }
}

#[test]
fn a_bot_challenge_is_no_dead_page() {
    let challenge = Hop {
        body_head: "3c21444f43545950452068746d6c3e3c68746d6c3e3c686561643e3c7469746c653e4a75737420612073656375".into(),
        ..hop(PAGE, 503)
    };
    first(vec![challenge], HopEnd::Answered).judged(LinkHealth, Verdict::Blind, "refused-us");
}

#[test]
fn ends_of_chains_are_told_apart() {
    for (end, verdict, code) in [
        (HopEnd::Loop(PAGE.into()), Verdict::Fail, "loop"),
        (HopEnd::TooManyHops(10), Verdict::Fail, "too-many-hops"),
        (
            HopEnd::Downgrade("http://shop.brand.example/".into()),
            Verdict::Fail,
            "downgrade",
        ),
        (
            HopEnd::BadCertificate("expired".into()),
            Verdict::Fail,
            "bad-certificate",
        ),
        (HopEnd::Fenced("10.0.0.1: private".into()), Verdict::Fail, "fenced"),
        (HopEnd::NotHttp("tel:1".into()), Verdict::Fail, "not-http"),
        (failed("no-such-host"), Verdict::Fail, "no-such-host"),
        (failed("dns-failed"), Verdict::Blind, "unreachable"),
        (failed("timeout"), Verdict::Blind, "unreachable"),
    ] {
        first(vec![hop("https://click.pstmrk.it/3s/x", 302)], end).judged(LinkHealth, verdict, code);
    }
}

#[test]
fn what_is_not_requested_is_no_failure() {
    for end in [
        HopEnd::Unsubscribe("its URL says 'unsubscribe'".into()),
        HopEnd::NotRequested("login".into()),
    ] {
        let finding = first(Vec::new(), end).judged(LinkHealth, Verdict::Pass, "ok");
        assert_eq!(
            finding.summary,
            "4 links followed to a page, 2 not requested on purpose"
        );
    }
    let mut none = answered(200);
    none.evidence.urls.clear();
    none.judged(LinkHealth, Verdict::Skip, "not-requested");
    none.arrival().raw.0 = b"Subject: x\r\n\r\nno links\r\n".to_vec();
    none.judged(LinkHealth, Verdict::Skip, "no-links");
    none.arrival().raw.0 = unreadable();
    none.judged(LinkHealth, Verdict::Blind, "unreadable");
}

#[test]
fn two_kinds_of_trouble_are_two_findings_the_failure_first() {
    let mut scene = answered(404);
    let second = &mut scene.evidence.urls[1];
    second.hops[1] = hop(PAGE, 429);
    let found = scene.say(LinkHealth);
    let reasons: Vec<&str> = found.iter().map(|finding| finding.reason.as_str()).collect();
    assert_eq!(reasons, ["link-health.dead", "link-health.refused-us"]);
}

#[test]
fn the_words() {
    let rows = [
        ("pages", answered(200)),
        ("404", answered(404)),
        ("429", answered(429)),
        (
            "private",
            first(
                vec![hop(PAGE, 302)],
                HopEnd::Fenced("https://10.0.0.1/: private".into()),
            ),
        ),
    ];
    let rows: Vec<(&str, &Scene)> = rows.iter().map(|(name, scene)| (*name, scene)).collect();
    golden(LinkHealth, &rows);
}

//! `unsubscribe-drill`: one POST, answered as a mailbox provider needs it, and the list after it.

use super::post::post;
use super::scene::{Scene, delivered, golden};
use inboxqa::checks::unsubscribe_drill::approve;
use inboxqa::model::CheckId::UnsubscribeDrill;
use inboxqa::model::*;

pub fn terms() -> DrillTerms {
    DrillTerms {
        receipt: "order-confirmation".into(),
        receipt_route: "tx".into(),
        noted_ms: 60_000,
        within_ms: 30_000,
    }
}

pub fn entry() -> Suppression {
    Suppression {
        reason: "ManualSuppression".into(),
        origin: "Recipient".into(),
        since: None,
    }
}

pub fn answered(status: u16) -> PressAnswer {
    PressAnswer {
        uri: "https://news.brand.example/unsubscribe/4f1b".into(),
        status,
        location: None,
        sets_cookie: false,
        elapsed_ms: 21,
    }
}

/// A drill whose further messages were not sent.
pub fn drill(press: Press, listed: Listed) -> Drill {
    let mut drill = Drill::not_pressed(terms(), Reason::new("not-seen", "the message was not seen"));
    drill.list = "postmark, stream broadcast".into();
    (drill.press, drill.listed) = (press, listed);
    drill
}

fn drilled(drill: Drill) -> Scene {
    let mut scene = delivered(b"From: a@brand.example\r\n\r\nhello\r\n");
    scene.policy.category = Category::Marketing;
    scene.evidence.drill = Some(drill);
    scene
}

fn pressed(answer: PressAnswer, listed: Listed) -> Scene {
    drilled(drill(Press::Answered(answer), listed))
}

fn not_pressed(code: &str) -> Scene {
    drilled(Drill::not_pressed(terms(), Reason::new(code, "in words")))
}

fn failed(code: &str) -> Scene {
    let why = Why::new(code, "in words");
    let uri = answered(0).uri;
    drilled(drill(Press::Failed { uri, why }, absent()))
}

pub fn seen() -> Listed {
    let entry = entry();
    Listed::Seen { after_ms: 1_200, entry }
}

pub fn absent() -> Listed {
    Listed::Absent { waited_ms: 60_000 }
}

fn redirected() -> Scene {
    let mut answer = answered(302);
    answer.location = Some("/preferences".into());
    pressed(answer, absent())
}

fn cookie() -> Scene {
    let mut answer = answered(403);
    answer.sets_cookie = true;
    pressed(answer, absent())
}

fn silent() -> Scene {
    pressed(
        answered(200),
        Listed::Blind(Why::new("log-key", "Postmark answered 401")),
    )
}

#[test]
fn each_answer_is_what_it_is() {
    let said = |scene: &Scene, verdict, code: &str| drop(scene.judged(UnsubscribeDrill, verdict, code));
    said(&pressed(answered(202), seen()), Verdict::Pass, "ok");
    said(&pressed(answered(200), absent()), Verdict::Warn, "not-listed");
    said(&redirected(), Verdict::Fail, "redirects");
    said(&cookie(), Verdict::Fail, "needs-cookie");
    for status in [400, 405, 500] {
        said(&pressed(answered(status), absent()), Verdict::Fail, "refused");
    }
    said(&silent(), Verdict::Blind, "list-unknown");
    said(&failed("bad-certificate"), Verdict::Fail, "bad-certificate");
    said(&failed("fenced"), Verdict::Fail, "fenced");
    said(&failed("timeout"), Verdict::Blind, "no-answer");
    said(&not_pressed("no-one-click"), Verdict::Fail, "no-one-click");
    said(&not_pressed("unsigned"), Verdict::Fail, "unsigned");
    said(&not_pressed("not-seen"), Verdict::Skip, "not-seen");
    for code in [
        "log-unreachable",
        "journal",
        "interrupted",
        "already-listed",
        "signature-unknown",
    ] {
        said(&not_pressed(code), Verdict::Blind, "not-pressed");
    }
    delivered(b"").judged(UnsubscribeDrill, Verdict::Skip, "not-asked");
}

const FIELDS: &str = "List-Unsubscribe: <mailto:u@brand.example>, <https://news.brand.example/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";

/// The reason why a message's URI may not be pressed.
fn refused(scene: &Scene) -> String {
    approve(&scene.evidence, &scene.policy).unwrap_err().code
}

#[test]
fn only_a_signed_https_uri_with_the_post_field_may_be_pressed() {
    let mut signed = post();
    signed.fields = FIELDS;
    let scene = signed.scene();
    let target = approve(&scene.evidence, &scene.policy).unwrap();
    assert_eq!(target.as_str(), "https://news.brand.example/u/1");
    for (fields, code) in [
        ("", "no-one-click"),
        ("List-Unsubscribe: <https://news.brand.example/u/1>\r\n", "no-one-click"),
        (
            "List-Unsubscribe: <http://news.brand.example/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            "no-one-click",
        ),
        (
            "List-Unsubscribe: <https://a.example/1>, <https://b.example/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            "no-one-click",
        ),
    ] {
        let mut other = post();
        other.fields = fields;
        assert_eq!(refused(&other.scene()), code, "{fields}");
    }
    let mut unsigned = post();
    unsigned.fields = FIELDS;
    unsigned.signed = &["from", "to", "subject"];
    assert_eq!(refused(&unsigned.scene()), "unsigned");
    let mut changed = post();
    changed.fields = FIELDS;
    changed.changed = vec![("/u/1", "/u/2")];
    assert_eq!(refused(&changed.scene()), "unsigned");
    let mut unverified = scene;
    unverified.evidence.authentication = None;
    assert_eq!(refused(&unverified), "signature-unknown");
}

#[test]
fn words() {
    golden(
        UnsubscribeDrill,
        &[
            ("works", &pressed(answered(200), seen())),
            ("not listed", &pressed(answered(200), absent())),
            ("redirects", &redirected()),
            ("needs a cookie", &cookie()),
            ("refused", &pressed(answered(405), absent())),
            ("bad certificate", &failed("bad-certificate")),
            ("no answer", &failed("timeout")),
            ("list unknown", &silent()),
            ("unsigned", &not_pressed("unsigned")),
            ("not begun", &not_pressed("log-unreachable")),
        ],
    );
}

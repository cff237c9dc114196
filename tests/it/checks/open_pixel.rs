//! `open-pixel`: how many, of which host, and what it answers.

use super::letters::{chain, hop, letter, unreadable};
use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::OpenPixel;
use inboxqa::model::route::Tracking;
use inboxqa::model::{Hop, HopEnd, Purpose, UrlProbe, Verdict};

const PIXEL: &str = "https://ea.pstmrk.it/open?m=v3_1.Qk3vT9xLm2Pz7Rw4Ys8NdA.aGVsbG8";

fn scene(name: &str) -> Scene {
    let mut scene = delivered(&letter(OpenPixel, name));
    scene.policy.contract.opens = Tracking::Host {
        host: "ea.pstmrk.it".into(),
        parts: Vec::new(),
        except: Vec::new(),
    };
    scene.evidence.urls = vec![answering(gif())];
    scene
}

fn answering(hop: Hop) -> UrlProbe {
    UrlProbe {
        purpose: Purpose::Pixel,
        ..chain(PIXEL, vec![hop], HopEnd::Answered)
    }
}

fn gif() -> Hop {
    Hop {
        hsts: None,
        content_type: Some("image/gif".into()),
        body_head: "474946383961".into(),
        ..hop(PIXEL, 200)
    }
}

fn probed(probe: UrlProbe) -> Scene {
    let mut scene = scene("one");
    scene.evidence.urls = vec![probe];
    scene
}

#[test]
fn one_pixel_that_is_an_image_passes_whatever_others_track() {
    scene("one").judged(OpenPixel, Verdict::Pass, "ok");
    scene("foreign-beside").judged(OpenPixel, Verdict::Pass, "ok");
}

#[test]
fn a_pixel_that_was_not_requested_is_judged_by_being_there() {
    let off = UrlProbe {
        end: HopEnd::NotRequested("probe = false".into()),
        ..chain(PIXEL, Vec::new(), HopEnd::Answered)
    };
    probed(off).judged(OpenPixel, Verdict::Pass, "present");
    let mut unasked = scene("one");
    unasked.evidence.urls.clear();
    unasked.judged(OpenPixel, Verdict::Pass, "present");
}

#[test]
fn none_two_and_a_strangers_fail() {
    scene("none").judged(OpenPixel, Verdict::Fail, "missing");
    scene("two").judged(OpenPixel, Verdict::Fail, "several");
    let finding = scene("other-host").judged(OpenPixel, Verdict::Fail, "missing");
    assert!(finding.observed.contains("t.elsewhere.example"), "{}", finding.observed);
}

#[test]
fn what_it_answers_counts() {
    probed(answering(hop(PIXEL, 404))).judged(OpenPixel, Verdict::Fail, "dead");
    probed(answering(hop(PIXEL, 200))).judged(OpenPixel, Verdict::Fail, "not-image");
    let mislabelled = Hop {
        hsts: None,
        content_type: Some("image/gif".into()),
        ..hop(PIXEL, 200)
    };
    probed(answering(mislabelled)).judged(OpenPixel, Verdict::Fail, "not-image");
    let empty = Hop {
        body_bytes: 0,
        body_head: String::new(),
        ..gif()
    };
    probed(answering(empty)).judged(OpenPixel, Verdict::Fail, "not-image");
    probed(chain(PIXEL, vec![], HopEnd::BadCertificate("expired".into()))).judged(
        OpenPixel,
        Verdict::Fail,
        "bad-certificate",
    );
}

#[test]
fn each_broken_way_to_the_pixel_has_its_reason() {
    let to = "https://elsewhere.example/x.gif".to_owned();
    for (end, code) in [
        (HopEnd::Loop(to.clone()), "loop"),
        (HopEnd::TooManyHops(10), "too-many-hops"),
        (HopEnd::Downgrade(to.clone()), "downgrade"),
        (HopEnd::Fenced(to.clone()), "fenced"),
        (HopEnd::NotHttp(to), "not-http"),
        (
            HopEnd::Failed {
                code: "no-such-host".into(),
                text: "NXDOMAIN".into(),
            },
            "no-such-host",
        ),
    ] {
        probed(chain(PIXEL, vec![hop(PIXEL, 302)], end)).judged(OpenPixel, Verdict::Fail, code);
    }
    probed(answering(hop(PIXEL, 503))).judged(OpenPixel, Verdict::Fail, "server-error");
    probed(answering(hop(PIXEL, 400))).judged(OpenPixel, Verdict::Fail, "status");
}

#[test]
fn what_could_not_be_looked_at_is_blind() {
    let failed = HopEnd::Failed {
        code: "dns-failed".into(),
        text: "SERVFAIL".into(),
    };
    probed(chain(PIXEL, vec![], failed)).judged(OpenPixel, Verdict::Blind, "unreachable");
    probed(answering(hop(PIXEL, 429))).judged(OpenPixel, Verdict::Blind, "refused-us");
    let mut deep = scene("one");
    deep.arrival().raw.0 = unreadable();
    deep.judged(OpenPixel, Verdict::Blind, "unreadable");
}

#[test]
fn opens_that_are_off_stay_off() {
    for (name, verdict, code) in [("none", Verdict::Pass, "none"), ("one", Verdict::Fail, "unexpected")] {
        let mut scene = scene(name);
        scene.policy.contract.opens = Tracking::Off;
        scene.judged(OpenPixel, verdict, code);
    }
}

#[test]
fn without_a_word_or_an_html_part_it_is_skipped() {
    scene("text-only").judged(OpenPixel, Verdict::Skip, "no-html");
    let mut scene = scene("one");
    scene.policy.contract.opens = Tracking::Unstated;
    scene.judged(OpenPixel, Verdict::Skip, "not-stated");
}

#[test]
fn the_words() {
    let rows = [
        ("one", scene("one")),
        ("none", scene("none")),
        ("two", scene("two")),
        ("another host's", scene("other-host")),
        ("dead", probed(answering(hop(PIXEL, 404)))),
        ("a page", probed(answering(hop(PIXEL, 200)))),
        ("429", probed(answering(hop(PIXEL, 429)))),
    ];
    let rows: Vec<(&str, &Scene)> = rows.iter().map(|(name, scene)| (*name, scene)).collect();
    golden(OpenPixel, &rows);
}

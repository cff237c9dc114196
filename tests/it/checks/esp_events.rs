//! `esp-events`: the log explains what did not arrive, contradicts what did, or could not be asked.

use super::post::post;
use super::scene::{ACCEPTED, Scene, golden};
use inboxqa::model::CheckId::{Arrival, EspEvents, Placement};
use inboxqa::model::*;

fn story(events: &[(EspEventKind, &str)]) -> EspStory {
    let event = |(kind, detail): &(EspEventKind, &str)| EspEvent {
        kind: *kind,
        at: Some(ACCEPTED),
        detail: (*detail).to_owned(),
        certain: false,
    };
    EspStory {
        id: Some("8fda00ab-0000-4000-8000-000000000001".into()),
        stream: Some("outbound".into()),
        events: events.iter().map(event).collect(),
        ..EspStory::default()
    }
}

fn logged(mut scene: Scene, answer: EspAnswer) -> Scene {
    scene.evidence.esp = vec![EspTrace {
        log: LogKind::Postmark,
        asked_at: ACCEPTED,
        answer,
    }];
    scene
}

fn arrived(story: EspStory) -> Scene {
    logged(post().scene(), EspAnswer::Told(story))
}

fn missing(story: EspStory) -> Scene {
    logged(post().scene().absent(), EspAnswer::Told(story))
}

const DELIVERED: (EspEventKind, &str) = (EspEventKind::Delivered, "Delivered smtp;250 2.0.0 OK");
const BOUNCED: (EspEventKind, &str) = (
    EspEventKind::Bounced,
    "HardBounce: unknown user; smtp;550 5.1.1 does not exist",
);
const DROPPED: (EspEventKind, &str) = (EspEventKind::Dropped, "SMTPApiError: inactive recipient");

#[test]
fn agreement_passes_and_contradiction_fails() {
    arrived(story(&[DELIVERED])).judged(EspEvents, Verdict::Pass, "ok");
    for told in [BOUNCED, DROPPED] {
        arrived(story(&[told])).judged(EspEvents, Verdict::Fail, "contradiction");
    }
    arrived(story(&[])).judged(EspEvents, Verdict::Warn, "lagging");
    arrived(EspStory::default()).judged(EspEvents, Verdict::Warn, "unlisted");
}

#[test]
fn what_did_not_arrive_is_explained_and_takes_its_place() {
    for (told, reason) in [(BOUNCED, "rejected"), (DROPPED, "suppressed")] {
        let scene = missing(story(&[told]));
        scene.judged(EspEvents, Verdict::Pass, "explains");
        let finding = scene.judged(Arrival, Verdict::Fail, reason);
        assert!(finding.observed.contains(told.1), "{}", finding.observed);
        scene.judged(Placement, Verdict::Fail, reason);
    }
    let queued = EspStory {
        queued: true,
        ..story(&[])
    };
    missing(queued.clone()).judged(EspEvents, Verdict::Pass, "explains");
    missing(queued).judged(Placement, Verdict::Blind, "pending");
    missing(story(&[DELIVERED])).judged(EspEvents, Verdict::Warn, "delivered-nowhere");
    missing(story(&[DELIVERED])).judged(Arrival, Verdict::Fail, "missing");
    missing(EspStory::default()).judged(EspEvents, Verdict::Warn, "no-explanation");
}

#[test]
fn a_suppressed_seed_passes_where_that_is_expected() {
    let mut scene = missing(story(&[DROPPED]));
    scene.policy.placement = vec!["suppressed".into()];
    scene.judged(Arrival, Verdict::Pass, "as-expected");
    scene.judged(Placement, Verdict::Pass, "ok");
    // Absence alone proves nothing.
    let mut silent = missing(EspStory::default());
    silent.policy.placement = vec!["suppressed".into()];
    silent.judged(Placement, Verdict::Fail, "missing");
}

#[test]
fn what_we_loaded_must_be_counted_where_it_is_counted_at_all() {
    let mut scene = arrived(story(&[DELIVERED]));
    scene.policy.contract.opens = route::Tracking::Host {
        host: "ea.pstmrk.it".into(),
        parts: Vec::new(),
        except: Vec::new(),
    };
    let hop = Hop {
        url: "https://ea.pstmrk.it/open?m=1".into(),
        status: Some(200),
        location: None,
        peer: None,
        tls: None,
        hsts: None,
        content_type: Some("image/gif".into()),
        body_bytes: 43,
        body_head: "47494638".into(),
        elapsed_ms: 9,
    };
    scene.evidence.urls = vec![UrlProbe {
        url: hop.url.clone(),
        purpose: Purpose::Pixel,
        hops: vec![hop],
        end: HopEnd::Answered,
    }];
    scene.judged(EspEvents, Verdict::Warn, "open-not-counted");
    let with = |kind, counts| {
        let mut scene = scene.clone();
        let mut told = story(&[DELIVERED, (kind, "Opened Email opened")]);
        told.counts_opens = counts;
        scene.evidence.esp[0].answer = EspAnswer::Told(told);
        scene
    };
    with(EspEventKind::Opened, None).judged(EspEvents, Verdict::Pass, "ok");
    with(EspEventKind::Other, Some(false)).judged(EspEvents, Verdict::Pass, "ok");
    let mut clicked = scene.clone();
    clicked.policy.contract.opens = route::Tracking::Off;
    clicked.policy.contract.clicks = route::Tracking::Host {
        host: "ea.pstmrk.it".into(),
        parts: Vec::new(),
        except: Vec::new(),
    };
    clicked.evidence.urls[0].purpose = Purpose::Link;
    clicked.judged(EspEvents, Verdict::Warn, "click-not-counted");
}

/// Customer.io held it back, so Postmark behind it never saw it; and what nothing tells apart is not said to be unknown.
#[test]
fn a_log_that_could_not_know_the_message_is_skipped() {
    let mut behind = missing(story(&[DROPPED]));
    let mut second = behind.evidence.esp[0].clone();
    second.answer = EspAnswer::Told(EspStory::default());
    behind.evidence.esp.push(second);
    let told = behind.say(EspEvents);
    assert_eq!(
        told.iter().map(|finding| finding.reason.as_str()).collect::<Vec<_>>(),
        ["esp-events.explains", "esp-events.not-reached"]
    );
    let reason = Reason::new("not-findable", "nothing in this message tells it apart in this log");
    logged(post().scene(), EspAnswer::NotAsked(reason)).judged(EspEvents, Verdict::Skip, "not-findable");
}

#[test]
fn no_log_is_skipped_and_a_silent_one_is_blind() {
    post().scene().judged(EspEvents, Verdict::Skip, "no-log");
    let why = Why::new("log-key", "Postmark answered 401, error 10");
    logged(post().scene(), EspAnswer::Blind(why)).judged(EspEvents, Verdict::Blind, "unreachable");
    let reason = Reason::new("not-sent", "the message was not handed over");
    logged(post().scene(), EspAnswer::NotAsked(reason)).judged(EspEvents, Verdict::Skip, "not-asked");
}

#[test]
fn words() {
    let dead = Why::new("log-key", "Postmark answered 401, error 10");
    golden(
        EspEvents,
        &[
            ("agrees", &arrived(story(&[DELIVERED]))),
            ("contradicts", &arrived(story(&[BOUNCED]))),
            ("explains", &missing(story(&[DROPPED]))),
            ("delivered nowhere", &missing(story(&[DELIVERED]))),
            ("unreachable", &logged(post().scene(), EspAnswer::Blind(dead))),
        ],
    );
}

//! `spam-score`: what spam engines made of the message.

use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::SpamScore;
use inboxqa::model::spam::{SpamAction, SpamAsked, SpamEngine, SpamOpinion, SpamSymbol};
use inboxqa::model::{Probe, Verdict, Why};

fn asked(opinion: Probe<SpamOpinion>) -> Scene {
    let mut scene = delivered(b"Subject: x\r\n\r\nHello\r\n");
    let engine = SpamEngine::Rspamd("http://127.0.0.1:11333".to_owned());
    scene.evidence.spam = vec![SpamAsked { engine, opinion }];
    scene
}

fn scored(score: f64, action: SpamAction) -> Scene {
    let symbol = |name: &str, score, description: &str| SpamSymbol {
        name: name.to_owned(),
        score,
        description: description.to_owned(),
    };
    asked(Probe::Seen(SpamOpinion {
        score,
        required: 15.0,
        action,
        symbols: vec![
            symbol("ARC_NA", 0.0, ""),
            symbol("MISSING_DATE", 1.0, "Date header is missing"),
            symbol("FORGED_SENDER", score - 1.0, ""),
        ],
    }))
}

fn spam(word: &str) -> SpamAction {
    SpamAction::Spam(word.to_owned())
}

#[test]
fn the_engine_decides_where_no_limit_is_stated() {
    scored(2.0, SpamAction::Accept).judged(SpamScore, Verdict::Pass, "ok");
    scored(7.0, spam("add header")).judged(SpamScore, Verdict::Fail, "spam");
    scored(5.0, SpamAction::Defer("greylist".to_owned())).judged(SpamScore, Verdict::Warn, "deferred");
}

#[test]
fn a_limit_decides_by_the_score() {
    let limited = |score, action| {
        let mut scene = scored(score, action);
        scene.policy.spam.limit = Some(3.0);
        scene
    };
    limited(3.0, SpamAction::Accept).judged(SpamScore, Verdict::Fail, "spam");
    limited(2.9, SpamAction::Defer("greylist".to_owned())).judged(SpamScore, Verdict::Pass, "ok");
    limited(2.9, spam("add header")).judged(SpamScore, Verdict::Pass, "ok");
}

#[test]
fn an_engine_that_does_not_answer_is_blind_and_without_one_nothing_is_judged() {
    asked(Probe::Blind(Why::new("refused", "127.0.0.1:11333: connection refused"))).judged(
        SpamScore,
        Verdict::Blind,
        "no-answer",
    );
    delivered(b"Subject: x\r\n\r\nHello\r\n").judged(SpamScore, Verdict::Skip, "no-engine");
    delivered(b"").absent().judged(SpamScore, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    golden(
        SpamScore,
        &[
            ("let through", &scored(2.0, SpamAction::Accept)),
            ("marked", &scored(7.0, spam("add header"))),
            (
                "no answer",
                &asked(Probe::Blind(Why::new("refused", "127.0.0.1:11333: connection refused"))),
            ),
        ],
    );
}

//! `provider-verdict`: disagreement fails, agreement in failing does not, and nobody else's word counts.

use super::post::{Post, post};
use super::scene::golden;
use inboxqa::model::CheckId::ProviderVerdict;
use inboxqa::model::Verdict;
use inboxqa::model::profile::AuthresTrust;

const AGREES: &str = "dkim=pass header.i=@brand.example header.s=k1; spf=pass (google.com: ok) smtp.mailfrom=b1@bounces.esp.example; \
    dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=mail.brand.example";

fn stated(mut post: Post, results: &str) -> Post {
    post.stamps = format!(
        "{}Authentication-Results: mx.google.example; {results}\r\n",
        post.stamps
    );
    post
}

#[test]
fn agrees() {
    let finding = stated(post(), AGREES)
        .scene()
        .judged(ProviderVerdict, Verdict::Pass, "ok");
    assert!(finding.summary.contains("DKIM, SPF, DMARC"), "{}", finding.summary);
}

#[test]
fn each_disagreement_has_its_reason() {
    for (of, to, reason) in [
        ("dkim=pass", "dkim=fail (bad signature)", "dkim"),
        ("spf=pass (google.com: ok)", "spf=softfail", "spf"),
        ("dmarc=pass", "dmarc=fail", "dmarc"),
    ] {
        let finding = stated(post(), &AGREES.replace(of, to))
            .scene()
            .judged(ProviderVerdict, Verdict::Fail, reason);
        assert!(finding.summary.contains(&to[..8]), "{}", finding.summary);
    }
    let changed = post().changed("Thank you", "Thank us");
    stated(changed, AGREES)
        .scene()
        .judged(ProviderVerdict, Verdict::Fail, "dkim");
}

#[test]
fn agreement_in_failing_is_agreement() {
    let failing = AGREES
        .replace("dkim=pass", "dkim=neutral (body hash did not verify)")
        .replace("dmarc=pass", "dmarc=fail");
    let changed = post().changed("Thank you", "Thank us");
    stated(changed, &failing)
        .scene()
        .judged(ProviderVerdict, Verdict::Pass, "ok");
}

#[test]
fn what_one_side_could_not_judge_is_not_compared() {
    let trouble =
        "dkim=temperror header.i=@brand.example; spf=none smtp.mailfrom=b1@bounces.esp.example; dmarc=bestguesspass";
    stated(post(), trouble)
        .scene()
        .judged(ProviderVerdict, Verdict::Skip, "not-comparable");
    stated(post().txt_fails(), AGREES)
        .scene()
        .judged(ProviderVerdict, Verdict::Skip, "not-comparable");
    let elsewhere = "dkim=fail header.d=other.example; spf=fail smtp.mailfrom=x@other.example";
    stated(post(), elsewhere)
        .scene()
        .judged(ProviderVerdict, Verdict::Skip, "not-comparable");
}

/// A mailbox nobody knows may well write verdicts: only whom to believe is not known.
#[test]
fn where_nobody_is_believed_it_says_whose_there_are() {
    let mut scene = stated(post(), AGREES).scene();
    scene.policy.provider.authres = AuthresTrust::Nobody;
    let finding = scene.judged(ProviderVerdict, Verdict::Skip, "nobody-believed");
    assert!(
        finding.summary.ends_with("there are those of mx.google.example"),
        "{}",
        finding.summary
    );
    let mut none = post().scene();
    none.policy.provider.authres = AuthresTrust::Nobody;
    none.judged(ProviderVerdict, Verdict::Skip, "not-stated");
}

#[test]
fn a_forged_field_is_ignored_and_counted() {
    let mut forged = post();
    forged.stamps += "Authentication-Results: mx.evil.example; dkim=fail header.d=brand.example\r\n";
    let finding = forged.scene().judged(ProviderVerdict, Verdict::Skip, "not-stated");
    assert!(
        finding.summary.contains("1 Authentication-Results of others ignored"),
        "{}",
        finding.summary
    );
    let mut beside = stated(post(), AGREES);
    beside.stamps += "Authentication-Results: mx.google.example; dkim=fail header.d=brand.example\r\n";
    beside.scene().judged(ProviderVerdict, Verdict::Pass, "ok");
    post()
        .scene()
        .absent()
        .judged(ProviderVerdict, Verdict::Skip, "not-observed");
}

#[test]
fn where_the_provider_rebuilt_the_body_its_word_is_not_held_against_itself() {
    let says = |dkim: &str| {
        format!(
            "Authentication-Results: spf=pass (sender IP is 203.0.113.9)\r\n smtp.mailfrom=bounces.esp.example; dkim={dkim}\r\n header.d=brand.example;dmarc=fail action=none\r\n header.from=mail.brand.example\r\n"
        )
    };
    for dkim in ["pass (signature was verified)", "fail (body hash did not verify)"] {
        let finding = post()
            .at_outlook(&says(dkim))
            .judged(ProviderVerdict, Verdict::Pass, "ok");
        assert!(finding.summary.ends_with("agree on SPF"), "{}", finding.summary);
    }
}

#[test]
fn words() {
    let scenes = [
        ("agree", &stated(post(), AGREES).scene()),
        (
            "the signature",
            &stated(post(), &AGREES.replace("dkim=pass", "dkim=fail (bad signature)")).scene(),
        ),
        (
            "SPF and DMARC",
            &stated(
                post(),
                &AGREES
                    .replace("spf=pass", "spf=fail")
                    .replace("dmarc=pass", "dmarc=fail"),
            )
            .scene(),
        ),
        ("nothing stated", &post().scene()),
    ];
    golden(ProviderVerdict, &scenes);
}

//! `header-hygiene`: each way a header section goes wrong has its reason, and what the provider wrote is not held against the sender.

use super::letters::letter;
use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::HeaderHygiene;
use inboxqa::model::profile::AuthresTrust;
use inboxqa::model::{RawMessage, Subject, Verdict};

fn sound() -> String {
    String::from_utf8(letter(HeaderHygiene, "sound")).unwrap()
}

/// The sound letter with one thing changed.
fn with(from: &str, to: &str) -> Scene {
    let sound = sound();
    assert!(sound.contains(from), "{from}");
    delivered(sound.replacen(from, to, 1).as_bytes())
}

const LAST: &str = "MIME-Version: 1.0\r\n";

fn adding(line: &str) -> Scene {
    with(LAST, &format!("{LAST}{line}\r\n"))
}

#[test]
fn sound_headers_pass() {
    delivered(sound().as_bytes()).judged(HeaderHygiene, Verdict::Pass, "ok");
    with("Date: Mon, 23 Nov 2026 09:00:00", "Date: Mon, 23 Nov 2026 06:30:00").judged(
        HeaderHygiene,
        Verdict::Pass,
        "ok",
    );
    let at_limit = format!("X-Long: {}", "a".repeat(990));
    adding(&at_limit).judged(HeaderHygiene, Verdict::Pass, "ok");
}

#[test]
fn each_flaw_has_its_reason() {
    let from = "From: =?utf-8?Q?Brand_Gr=C3=BC=C3=9Fe?= <receipts@mail.brand.example>\r\n";
    let date = "Date: Mon, 23 Nov 2026 09:00:00 +0000\r\n";
    let id = "Message-ID: <0123@mail.brand.example>\r\n";
    let subject = "Subject: =?utf-8?B?R3LDvMOfZQ==?= =?utf-8?Q?_17?=\r\n";
    let long_word = format!("Subject: =?utf-8?Q?{}?=\r\n", "a".repeat(80));
    for (of, to, verdict, reason) in [
        (from, "", Verdict::Fail, "no-from"),
        (from, "From: Brand\r\n", Verdict::Fail, "no-from"),
        (
            from,
            "From: a@brand.example\r\nFrom: b@brand.example\r\n",
            Verdict::Fail,
            "several-from",
        ),
        (
            from,
            "From: a@brand.example, b@brand.example\r\n",
            Verdict::Fail,
            "several-from",
        ),
        (subject, "", Verdict::Warn, "no-subject"),
        (subject, "Subject: \r\n", Verdict::Warn, "no-subject"),
        (subject, "Subject: =?utf-8?Q?_?=\r\n", Verdict::Warn, "no-subject"),
        (
            from,
            "From: Brand, Inc <receipts@mail.brand.example>\r\n",
            Verdict::Fail,
            "several-from",
        ),
        (date, "", Verdict::Fail, "no-date"),
        (date, "Date: yesterday\r\n", Verdict::Fail, "date-form"),
        (
            date,
            "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n",
            Verdict::Fail,
            "date-ahead",
        ),
        (
            date,
            "Date: Mon, 23 Nov 2026 01:00:00 +0000\r\n",
            Verdict::Warn,
            "date-behind",
        ),
        (
            date,
            "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n",
            Verdict::Fail,
            "date-behind",
        ),
        (id, "", Verdict::Fail, "no-message-id"),
        (
            id,
            "Message-ID: <1.SMTPIN_ADDED_MISSING@mx.google.com>\r\n",
            Verdict::Fail,
            "no-message-id",
        ),
        (id, "Message-ID: 0123\r\n", Verdict::Fail, "message-id-form"),
        (
            id,
            "Message-ID: <a b@brand.example>\r\n",
            Verdict::Fail,
            "message-id-form",
        ),
        (
            LAST,
            "MIME-Version: 1.0\r\nmime-version: 1.0\r\n",
            Verdict::Fail,
            "duplicate-field",
        ),
        (
            LAST,
            "MIME-Version: 1.0\r\nthis is no field\r\n",
            Verdict::Fail,
            "not-a-field",
        ),
        (subject, "Subject: Gr\u{fc}\u{df}e\r\n", Verdict::Fail, "raw-8bit"),
        (subject, &long_word, Verdict::Warn, "encoded-word-long"),
        (
            subject,
            "Subject: =?utf-9?Q?x?=\r\n",
            Verdict::Fail,
            "encoded-word-charset",
        ),
        (
            subject,
            "Subject: =?utf-8?B?R3LD?=\r\n =?utf-8?Q?=BC=C3=9Fe?=\r\n",
            Verdict::Fail,
            "encoded-word-cut",
        ),
        (
            subject,
            "Subject: =?utf-8?Q?Order 17?=\r\n",
            Verdict::Fail,
            "encoded-word-broken",
        ),
    ] {
        let found = with(of, to).say(HeaderHygiene);
        let [first, ..] = &found[..] else { panic!("{to}") };
        assert_eq!(
            (first.verdict, first.reason.as_str()),
            (verdict, format!("header-hygiene.{reason}").as_str()),
            "{to}"
        );
        assert!(found.iter().all(|finding| finding.reason == first.reason), "{found:?}");
    }
}

#[test]
fn long_lines_count_where_the_body_is_as_it_came() {
    adding(&format!("X-Long: {}", "a".repeat(991))).judged(HeaderHygiene, Verdict::Fail, "long-line");
    adding(&format!("X-Long:\r\n {}\r\n b", "a".repeat(998))).judged(HeaderHygiene, Verdict::Fail, "long-line");
    let mut body = with("Thank you.", &"long ".repeat(300));
    body.judged(HeaderHygiene, Verdict::Fail, "long-body-line");
    body.policy.provider.byte_exact = false;
    body.judged(HeaderHygiene, Verdict::Pass, "ok");
}

#[test]
fn what_the_provider_wrote_is_not_held_against_the_sender() {
    let stamps = format!("X-Provider: {} \u{fc}\r\nSubject: twice\r\n", "a".repeat(2_000));
    with("Delivered-To:", &format!("{stamps}Delivered-To:")).judged(HeaderHygiene, Verdict::Pass, "ok");
    adding(&format!("X-MS-Exchange-Data: {}", "a".repeat(2_000))).judged(HeaderHygiene, Verdict::Pass, "ok");

    let mut outlook = with("Message-ID: <0123@mail.brand.example>\r\n", "");
    outlook.policy.provider.authres = AuthresTrust::Microsoft;
    let raw = String::from_utf8(outlook.evidence.raw().unwrap().to_vec()).unwrap();
    let made = raw.replacen(
        "\r\n\r\n",
        "\r\nX-IncomingHeaderCount: 9\r\nMessage-ID: <1@x.prod.outlook.com>\r\n\r\n",
        1,
    );
    outlook.arrival().raw = RawMessage(made.into_bytes());
    let finding = outlook.judged(HeaderHygiene, Verdict::Fail, "no-message-id");
    assert!(
        finding.observed.contains("made by the provider"),
        "{}",
        finding.observed
    );
}

#[test]
fn smtputf8_mail_may_hold_utf8() {
    let raw = sound()
        .replacen("with ESMTPS", "with UTF8SMTPS", 1)
        .replacen("To: seed", "To: Gr\u{fc}\u{df}e <seed", 1);
    let raw = raw.replacen("<seed@mailbox.example\r\nReply", "<seed@mailbox.example>\r\nReply", 1);
    delivered(raw.as_bytes()).judged(HeaderHygiene, Verdict::Pass, "ok");
}

#[test]
fn what_is_missing_behind_a_cut_is_not_known() {
    let flood = "X-A: b\r\n".repeat(5_000);
    let found = with("From:", &format!("{flood}From:")).say(HeaderHygiene);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].verdict, found[0].reason.as_str()),
        (Verdict::Blind, "header-hygiene.headers-cut")
    );
    delivered(b"")
        .absent()
        .judged(HeaderHygiene, Verdict::Skip, "not-observed");
}

#[test]
fn a_saved_message_is_dated_by_its_received_lines() {
    let file = |raw: String| {
        let mut scene = delivered(b"").not_asked();
        scene.evidence.subject = Subject::File("saved.eml".into());
        scene.evidence.submission = None;
        scene.evidence.file = Some(RawMessage(raw.into_bytes()));
        scene
    };
    file(sound()).judged(HeaderHygiene, Verdict::Pass, "ok");
    let late = sound().replacen("23 Nov 2026 09:00:00 +0000", "24 Nov 2026 09:00:00 +0000", 1);
    file(late).judged(HeaderHygiene, Verdict::Fail, "date-ahead");
    // It waited two days in a queue; its Date is as old as its oldest line.
    let old = "Received: from app by mta.brand.example; Mon, 23 Nov 2026 09:00:02 +0000\r\n";
    let queued = sound().replacen("MIME-Version", &format!("{old}MIME-Version"), 1);
    let top =
        "Received: from mta.brand.example ([203.0.113.9]) by mx.google.example; Wed, 25 Nov 2026 09:00:01 +0000\r\n";
    file(format!("{top}{queued}")).judged(HeaderHygiene, Verdict::Pass, "ok");
    file(format!("From x@y Mon Nov 23\r\n{}", sound())).judged(HeaderHygiene, Verdict::Pass, "ok");
}

#[test]
fn words() {
    let scenes = [
        ("sound", delivered(sound().as_bytes())),
        ("two From fields", adding("From: Somebody Else <x@evil.example>")),
        ("no Message-ID", with("Message-ID: <0123@mail.brand.example>\r\n", "")),
        ("an hour ahead", with("09:00:00 +0000", "10:00:00 +0000")),
        ("half a day behind", with("09:00:00 +0000", "09:00:00 +1200")),
        ("Subject twice", adding("Subject: again")),
        ("a broken header section", adding("a line of text\r\nX-Raw: \u{fc}")),
        ("a long line", adding(&format!("X-Data: {}", "a1".repeat(600)))),
        (
            "encoded words",
            with(
                "Subject: =?utf-8?B?R3LDvMOfZQ==?=",
                "Subject: =?utf-8?B?R3LD?= =?x-none?Q?a?=",
            ),
        ),
    ];
    let rows: Vec<(&str, &Scene)> = scenes.iter().map(|(name, scene)| (*name, scene)).collect();
    golden(HeaderHygiene, &rows);
}

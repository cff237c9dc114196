//! Two reports at a fixed time: one where all is well, one with every verdict, hostile mail and a stopped run.

use inboxqa::model::authentication::{DkimFact, DmarcFact, DmarcResult, SpfFact, SpfResult};
use inboxqa::model::digest::{AlignmentRow, HopRow, LinkRow, PixelRow, ProviderWord};
use inboxqa::model::policy::ProviderFacts;
use inboxqa::model::probe::FolderLook;
use inboxqa::model::profile::AuthresTrust;
use inboxqa::model::{
    Arrival, Authentication, Category, CheckId, Contract, Delivery, DeliveryId, Digest, DkimResult, DnsRecords,
    Evidence, Finding, FolderRole, Gap, Hop, HopEnd, JudgedDelivery, LinkKind, LinkPolicy, Looked, MatchedBy, Policy,
    Probe, Purpose, RawMessage, Reason, Report, RunFinding, SendOutcome, Sighting, SmtpReply, Subject, Submission,
    Token, Try, UrlProbe, Verdict, WatchLog, Why,
};
use std::collections::BTreeMap;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

pub const START: OffsetDateTime = datetime!(2026-03-02 10:15:02 UTC);

/// Text that tries everything at once.
pub const HOSTILE: &str =
    "\u{1b}]52;c;aGk=\u{7}<script>alert('x')</script>\r\n::error::owned |`a`| ]]> \u{202e}gpj.exe &amp; {{x}}\u{0}";

pub fn green() -> Report {
    let deliveries = ["gmail", "outlook", "yahoo"].into_iter().flat_map(|provider| {
        [("order-confirmation", "postmark-tx"), ("spring-sale", "cio-marketing")]
            .map(|(case, route)| good(case, route, provider))
    });
    report(deliveries.collect())
}

pub fn every_verdict() -> Report {
    let mut report = report(vec![
        good("order-confirmation", "postmark-tx", "gmail"),
        junked(),
        hostile(),
        unreadable_mailbox(),
        refused(),
        skipped(),
    ]);
    report.interrupted = true;
    report.notices = vec![
        "the fence is open for staging.brand.example".into(),
        "extra trust anchor test-ca.pem for gmail-1".into(),
    ];
    report.run_findings = vec![RunFinding {
        group: "cio-marketing".into(),
        finding: Finding::new(
            CheckId::InboxRate,
            Verdict::Fail,
            "below-gate",
            "Too few messages reached the inbox",
        )
        .with("at least 98 % of 4", "25 %: 1 of 4")
        .help("Look at the placements above: the gate counts inbox and tabs."),
    }];
    report
}

/// Deliveries that were tried more than once: well at the second try, lost at both, unknown at the second.
pub fn retried() -> Report {
    let tries = |provider: &str, last: JudgedDelivery| {
        let first = lost("order-confirmation", "postmark-tx", provider);
        [first, again(last)]
    };
    let own = |provider: &str| good("order-confirmation", "postmark-tx", provider);
    let deliveries = [
        tries("gmail", own("gmail")).to_vec(),
        tries("yahoo", lost("order-confirmation", "postmark-tx", "yahoo")).to_vec(),
        tries("outlook", closed("order-confirmation", "postmark-tx", "outlook")).to_vec(),
        vec![good("spring-sale", "cio-marketing", "gmail")],
    ];
    report(deliveries.concat())
}

/// As the second attempt.
fn again(mut judged: JudgedDelivery) -> JudgedDelivery {
    if let Subject::Delivery(delivery) = &mut judged.evidence.subject {
        delivery.attempt = 2;
        delivery.retry = true;
    }
    judged
}

/// Accepted, and nowhere in the mailbox.
fn lost(case: &str, route: &str, provider: &str) -> JudgedDelivery {
    let mut judged = closed(case, route, provider);
    let look = FolderLook {
        folder: "INBOX".into(),
        uid_validity: 1,
        from_uid: 11,
        next_uid: 11,
        began_at: START,
    };
    let looked = Looked::complete(&["INBOX".to_owned()], vec![look], START);
    judged.evidence.arrival = Probe::Absent(looked.unwrap());
    for (check, summary) in [
        (CheckId::Arrival, "missing: it is in no folder of the mailbox"),
        (CheckId::Placement, "missing, expected inbox"),
    ] {
        let finding = Finding::new(check, Verdict::Fail, "missing", summary)
            .with("inbox", "swept \"every\" folder <all>")
            .help("Look into the route's own log.");
        replace(&mut judged, finding);
    }
    judged
}

/// Accepted, and the mailbox could not be looked into.
fn closed(case: &str, route: &str, provider: &str) -> JudgedDelivery {
    let mut judged = good(case, route, provider);
    judged.evidence.arrival = Probe::Blind(Why::new("imap-login", "the login was refused"));
    judged.evidence.authentication = None;
    judged.digest = Digest::default();
    judged.findings = [CheckId::Arrival, CheckId::Placement]
        .map(|check| {
            Finding::new(
                check,
                Verdict::Blind,
                "mailbox-error",
                "The mailbox could not be looked into",
            )
            .with("", "imap-login: the login was refused")
            .help("inboxqa doctor")
        })
        .to_vec();
    judged.findings.push(not_observed(CheckId::DkimSignature));
    judged
}

/// A saved message, judged alone.
pub fn saved_message() -> Report {
    let mut judged = good("x", "y", "gmail");
    judged.evidence.subject = Subject::File("mail/receipt.eml".into());
    judged.evidence.submission = None;
    judged.evidence.arrival = Probe::NotAsked(Reason::new("file", "a saved message"));
    Report {
        files: vec![],
        mailboxes_file: None,
        suite: "check".into(),
        world: Report::SAVED.into(),
        ..report(vec![judged])
    }
}

/// Saved messages with every verdict.
pub fn saved_messages() -> Report {
    let mut report = every_verdict();
    report.run_findings.clear();
    for (index, judged) in report.deliveries.iter_mut().enumerate() {
        judged.evidence.subject = Subject::File(format!("mail/{index}.eml"));
        judged.evidence.submission = None;
        judged.evidence.faults.clear();
        judged.evidence.arrival = Probe::NotAsked(Reason::new("file", "a saved message"));
    }
    report
}

fn report(deliveries: Vec<JudgedDelivery>) -> Report {
    Report {
        id: "20260302-101502-7f3k".into(),
        suite: "launch".into(),
        files: vec!["suites/launch.toml".into()],
        mailboxes_file: Some("our seeds.toml".into()),
        world: "lab".into(),
        started_at: START,
        finished_at: START + Duration::milliseconds(3_240),
        gates: BTreeMap::new(),
        interrupted: false,
        notices: vec![],
        deliveries,
        run_findings: vec![],
        waivers: vec![],
        unjudged: Vec::new(),
    }
}

pub fn good(case: &str, route: &str, provider: &str) -> JudgedDelivery {
    let mut judged = JudgedDelivery {
        evidence: evidence(case, route, provider),
        policy: policy(provider),
        findings: Vec::new(),
        digest: digest(),
    };
    let pass = [
        CheckId::Arrival,
        CheckId::Placement,
        CheckId::FromAlignment,
        CheckId::DkimSignature,
        CheckId::Dmarc,
        CheckId::LinkHealth,
    ];
    judged.findings = pass
        .map(|check| Finding::new(check, Verdict::Pass, "ok", "As it should be"))
        .to_vec();
    judged.findings.push(Finding::new(
        CheckId::MergeTags,
        Verdict::Skip,
        "turned-off",
        "Turned off by the suite",
    ));
    judged
}

fn junked() -> JudgedDelivery {
    let mut judged = good("spring-sale", "cio-marketing", "yahoo");
    if let Probe::Seen(arrival) = &mut judged.evidence.arrival {
        arrival.sightings[0].folder = "Bulk".into();
        arrival.sightings[0].role = FolderRole::Junk;
        arrival.sightings[0].after_ms = 61_000;
        arrival.sightings[0].absent_until_ms = Some(60_200);
    }
    judged.evidence.faults = vec!["junk".into(), "break-body".into()];
    let authentication = judged.evidence.authentication.as_mut().unwrap();
    authentication.dkim[0].result = DkimResult::Fail;
    authentication.dkim[0].reason = "body-hash".into();
    judged.digest.provider = Some(ProviderWord {
        trusted: true,
        dkim: Some("fail".into()),
        spf: Some("pass".into()),
        dmarc: Some("fail".into()),
    });
    judged.digest.alignment.dmarc = DmarcResult::Fail;
    replace(
        &mut judged,
        Finding::new(CheckId::Arrival, Verdict::Fail, "late", "It came after the budget")
            .with("within 60 s", "61 s after acceptance, resolution 0.80 s")
            .help("Compare the hops to see who held it."),
    );
    replace(&mut judged, Finding::new(CheckId::Placement, Verdict::Fail, "spam", "The message is in the junk folder")
        .with("inbox", "spam (Bulk)")
        .help("Look at authentication first: a message whose signature fails is junked by most providers. Then compare the reputation of the sending domain in the provider's postmaster tools."));
    replace(
        &mut judged,
        Finding::new(
            CheckId::DkimSignature,
            Verdict::Fail,
            "body-hash",
            "The body was changed after signing",
        )
        .with("a valid signature of mail.brand.example", "body hash differs"),
    );
    judged
}

fn hostile() -> JudgedDelivery {
    let mut judged = good("spring-sale", "cio-marketing", "gmail");
    judged.digest.subject = Some(HOSTILE.into());
    judged.digest.from = Some(format!("{HOSTILE} <sale@mail.brand.example>"));
    judged.digest.headers = format!("Subject: {HOSTILE}\r\nX-Long: {}\r\n", "x".repeat(200));
    judged.digest.links[0].text = HOSTILE.into();
    judged.digest.links[0].delivered = format!("https://click.track.example/{HOSTILE}");
    judged.digest.hops[0].by = HOSTILE.into();
    judged.evidence.faults = vec!["dead-link".into()];
    replace(
        &mut judged,
        Finding::new(
            CheckId::LinkHealth,
            Verdict::Warn,
            "dead",
            format!("A link is dead: {HOSTILE}"),
        )
        .with("status 200", format!("404 at {HOSTILE}"))
        .help(HOSTILE),
    );
    judged
}

fn unreadable_mailbox() -> JudgedDelivery {
    let mut judged = good("order-confirmation", "postmark-tx", "yahoo");
    judged.evidence.arrival = Probe::Blind(Why::new(
        "imap-login-refused",
        "NO [AUTHENTICATIONFAILED] Invalid credentials",
    ));
    judged.evidence.authentication = None;
    judged.evidence.watch.gaps = vec![Gap {
        from: START,
        until: None,
        code: "imap-login-refused".into(),
        detail: "NO [AUTHENTICATIONFAILED] Invalid credentials".into(),
    }];
    judged.digest = Digest::default();
    let blind = |check| {
        Finding::new(
            check,
            Verdict::Blind,
            "mailbox-error",
            "The mailbox could not be looked into",
        )
        .with(
            "inbox",
            "imap-login-refused: NO [AUTHENTICATIONFAILED] Invalid credentials",
        )
        .help("Make a new app password for the seed and set it in mailboxes.toml.")
    };
    judged.findings = vec![
        blind(CheckId::Arrival),
        blind(CheckId::Placement),
        not_observed(CheckId::DkimSignature),
    ];
    judged
}

fn refused() -> JudgedDelivery {
    let mut judged = good("spring-sale", "cio-marketing", "outlook");
    let reply = SmtpReply {
        phase: "rcpt".into(),
        code: 550,
        enhanced: Some("5.7.1".into()),
        text: format!("no {HOSTILE}"),
    };
    judged.evidence.submission.as_mut().unwrap().tries = vec![Try {
        esp_id: None,
        at: START,
        outcome: SendOutcome::Refused(reply),
    }];
    judged.evidence.submission.as_mut().unwrap().accepted_at = None;
    judged.evidence.arrival = Probe::NotAsked(Reason::new("send-refused", "the route refused the message"));
    judged.evidence.authentication = None;
    judged.digest = Digest::default();
    let failed = |check| {
        Finding::new(check, Verdict::Fail, "rejected", "The route refused the message").with("inbox", "550 5.7.1 no")
    };
    judged.findings = vec![
        failed(CheckId::Arrival),
        failed(CheckId::Placement),
        not_observed(CheckId::DkimSignature),
    ];
    judged
}

fn skipped() -> JudgedDelivery {
    let mut judged = refused();
    let why = SendOutcome::NotSent {
        code: "interrupted".into(),
        text: "stopped before it was sent".into(),
    };
    judged.evidence.submission.as_mut().unwrap().tries = vec![Try {
        esp_id: None,
        at: START,
        outcome: why,
    }];
    if let Subject::Delivery(delivery) = &mut judged.evidence.subject {
        delivery.attempt = 2;
    }
    judged.findings = vec![not_observed(CheckId::Arrival), not_observed(CheckId::Placement)];
    judged
}

fn not_observed(check: CheckId) -> Finding {
    Finding::new(check, Verdict::Skip, "not-observed", "The message was not seen")
}

fn replace(judged: &mut JudgedDelivery, finding: Finding) {
    let place = judged
        .findings
        .iter_mut()
        .find(|old| old.check == finding.check)
        .unwrap();
    *place = finding;
}

fn evidence(case: &str, route: &str, provider: &str) -> Evidence {
    let id = DeliveryId {
        suite: "launch".into(),
        case: case.into(),
        route: route.into(),
        mailbox: format!("{provider}-1"),
    };
    let token = Token::parse("0123456789abcdef0123456789abcdef").unwrap();
    Evidence {
        subject: Subject::Delivery(Delivery {
            id,
            attempt: 1,
            token,
            retry: false,
        }),
        original: Some(RawMessage(b"Subject: x\r\n\r\nx".to_vec())),
        submission: Some(submission(provider)),
        arrival: Probe::Seen(arrival()),
        file: None,
        watch: WatchLog {
            rounds: 3,
            clock_skew_ms: Some(-120),
            ..WatchLog::default()
        },
        dns: DnsRecords::default(),
        authentication: Some(authentication()),
        urls: vec![
            url("https://click.track.example/1", Purpose::Link),
            url("https://open.track.example/o.gif", Purpose::Pixel),
        ],
        esp: Vec::new(),
        spam: Vec::new(),
        drill: None,
        faults: vec![],
    }
}

fn submission(provider: &str) -> Submission {
    let reply = SmtpReply {
        phase: "dot".into(),
        code: 250,
        enhanced: Some("2.0.0".into()),
        text: "queued as 4F1".into(),
    };
    Submission {
        envelope_from: "bounce@bounces.brand.example".into(),
        envelope_to: format!("seed@{provider}.example"),
        tries: vec![Try {
            esp_id: None,
            at: START,
            outcome: SendOutcome::Accepted(reply),
        }],
        accepted_at: Some(START),
        tls: None,
    }
}

fn arrival() -> Arrival {
    let sighting = Sighting {
        folder: "INBOX".into(),
        role: FolderRole::Inbox,
        uid_validity: 1,
        uid: 7,
        at: START + Duration::milliseconds(420),
        after_ms: 420,
        absent_until_ms: Some(380),
        internal_date: Some(START),
        size: 2048,
        gmail_id: None,
        tab: None,
        matched_by: MatchedBy::Header,
        message_id: None,
        from: None,
    };
    Arrival {
        sightings: vec![sighting],
        copies: vec![0],
        quiet_look: None,
        raw: RawMessage(b"Subject: x\r\n\r\nx".to_vec()),
    }
}

fn authentication() -> Authentication {
    let dkim = DkimFact {
        domain: "mail.brand.example".into(),
        selector: "s1".into(),
        algorithm: "rsa-sha256".into(),
        canonicalization: "relaxed/relaxed".into(),
        identity: None,
        signed_headers: vec!["from".into()],
        length: None,
        body_length: 1,
        signed_at: None,
        expires_at: None,
        bits: Some(2048),
        key_flags: vec![],
        key_records: 1,
        result: DkimResult::Pass,
        reason: "ok".into(),
        detail: "signature and body hash verify".into(),
        body_hash_ok: Some(true),
        headers_ok: Some(true),
    };
    let spf = SpfFact {
        domain: "bounces.brand.example".into(),
        client: "203.0.113.9".parse().unwrap(),
        client_source: "received".into(),
        result: SpfResult::Pass,
        detail: "v=spf1 ip4:203.0.113.0/24 -all".into(),
        trace: None,
    };
    let dmarc = DmarcFact {
        result: DmarcResult::Pass,
        record_domain: Some("brand.example".into()),
        policy: Some("reject".into()),
        ..DmarcFact::default()
    };
    Authentication {
        offline: false,
        from_domain: Some("mail.brand.example".into()),
        dkim: vec![dkim],
        spf: Some(spf),
        dmarc,
    }
}

fn digest() -> Digest {
    let hop = |by: &str, after: i64, delay_ms| HopRow {
        by: by.into(),
        at: Some(START + Duration::milliseconds(after)),
        delay_ms,
    };
    Digest {
        subject: Some("Order 1042 is confirmed".into()),
        from: Some("Brand Receipts <receipts@mail.brand.example>".into()),
        headers: "From: Brand Receipts <receipts@mail.brand.example>\r\nSubject: Order 1042 is confirmed\r\n".into(),
        hops: vec![
            hop("out.esp.example", 0, None),
            hop("mx.provider.example", 1_000, Some(1_000)),
        ],
        alignment: AlignmentRow {
            dkim: vec![true],
            spf: Some(false),
            dmarc: DmarcResult::Pass,
        },
        provider: Some(ProviderWord {
            trusted: true,
            dkim: Some("pass".into()),
            spf: Some("pass".into()),
            dmarc: Some("pass".into()),
        }),
        links: vec![
            LinkRow {
                text: "Track order".into(),
                original: Some("https://shop.brand.example/orders/1042?a=1&b=2".into()),
                delivered: "https://click.track.example/1".into(),
                vendor: Some("customerio".into()),
                kind: LinkKind::Link,
            },
            LinkRow {
                text: "Unsubscribe".into(),
                original: None,
                delivered: "https://click.track.example/unsubscribe/2".into(),
                vendor: None,
                kind: LinkKind::Unsubscribe,
            },
        ],
        pixels: vec![PixelRow {
            url: "https://open.track.example/o.gif".into(),
            vendor: Some("customerio".into()),
        }],
    }
}

fn url(url: &str, purpose: Purpose) -> UrlProbe {
    let hop = |url: &str, status| Hop {
        url: url.into(),
        status: Some(status),
        location: None,
        peer: None,
        tls: None,
        hsts: None,
        content_type: None,
        body_bytes: 10,
        body_head: String::new(),
        elapsed_ms: 12,
    };
    let hops = match purpose {
        Purpose::Link => vec![
            hop(url, 302),
            hop("https://shop.brand.example/orders/1042?a=1&b=2", 200),
        ],
        Purpose::Pixel | inboxqa::model::Purpose::Image | inboxqa::model::Purpose::Hsts => vec![hop(url, 200)],
    };
    UrlProbe {
        url: url.into(),
        purpose,
        hops,
        end: HopEnd::Answered,
    }
}

fn policy(provider: &str) -> Policy {
    Policy {
        category: Category::Marketing,
        within_ms: 60_000,
        give_up_ms: 600_000,
        quiet_ms: 5_000,
        placement: vec!["inbox".into()],
        contract: Contract::default(),
        provider: ProviderFacts {
            provider: provider.into(),
            byte_exact: true,
            authres: AuthresTrust::Nobody,
            received_by: vec![],
        },
        severity: BTreeMap::new(),
        links: LinkPolicy::default(),
        allowed_tags: vec![],
        triggered: false,
        waivers: Vec::new(),
        spam: Default::default(),
    }
}

//! Scenes: evidence and policy of one delivery, set up in a few words, and what the judge says of them.

use inboxqa::checks;
use inboxqa::model::digest::Digest;
use inboxqa::model::probe::FolderLook;
use inboxqa::model::profile::AuthresTrust;
use inboxqa::model::*;
use std::collections::BTreeMap;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// When the route accepts in every scene.
pub const ACCEPTED: OffsetDateTime = datetime!(2026-11-23 09:00:00 UTC);

/// One delivery, to be changed by a test and then judged.
#[derive(Clone)]
pub struct Scene {
    pub evidence: Evidence,
    pub policy: Policy,
}

/// A message accepted by the route, seen in INBOX after 1.2 s, one copy, watched on; the look before began at 1.0 s.
pub fn delivered(raw: &[u8]) -> Scene {
    let submission = Submission {
        envelope_from: "bounce@mail.brand.example".into(),
        envelope_to: "seed@mailbox.example".into(),
        tries: vec![Try {
            esp_id: None,
            at: ACCEPTED,
            outcome: SendOutcome::Accepted(reply(250, None, "queued as 4F1B")),
        }],
        accepted_at: Some(ACCEPTED),
        tls: None,
    };
    let arrival = Arrival {
        sightings: vec![sighting("INBOX", FolderRole::Inbox, 11, 1_200, Some(1_000))],
        copies: vec![0],
        quiet_look: Some(vec![look("INBOX", 11, 12, 7), look("Junk", 4, 4, 7)]),
        raw: RawMessage(raw.to_vec()),
    };
    let evidence = Evidence {
        subject: Subject::Delivery(Delivery {
            id: DeliveryId {
                suite: "launch".into(),
                case: "order".into(),
                route: "tx".into(),
                mailbox: "gmail-1".into(),
            },
            attempt: 1,
            token: Token::parse("00112233445566778899aabbccddeeff").unwrap(),
            retry: false,
        }),
        original: None,
        submission: Some(submission),
        arrival: Probe::Seen(arrival),
        file: None,
        watch: WatchLog::default(),
        dns: DnsRecords::default(),
        authentication: None,
        urls: Vec::new(),
        esp: Vec::new(),
        spam: Vec::new(),
        drill: None,
        faults: Vec::new(),
    };
    Scene {
        evidence,
        policy: policy(),
    }
}

/// 30 s budget, inbox, a byte-exact provider called `gmail` that nobody has to believe.
pub fn policy() -> Policy {
    Policy {
        category: Category::Transactional,
        within_ms: 30_000,
        give_up_ms: 600_000,
        quiet_ms: 5_000,
        placement: vec!["inbox".into()],
        contract: Contract::default(),
        provider: policy::ProviderFacts {
            provider: "gmail".into(),
            byte_exact: true,
            authres: AuthresTrust::ServId(vec!["mx.google.example".into()]),
            received_by: vec!["google.example".into()],
        },
        severity: BTreeMap::new(),
        links: LinkPolicy::default(),
        allowed_tags: Vec::new(),
        triggered: false,
        waivers: Vec::new(),
        spam: Default::default(),
    }
}

pub fn reply(code: u16, enhanced: Option<&str>, text: &str) -> SmtpReply {
    SmtpReply {
        phase: "dot".into(),
        code,
        enhanced: enhanced.map(str::to_owned),
        text: text.into(),
    }
}

pub fn sighting(folder: &str, role: FolderRole, uid: u32, after_ms: u64, absent_until_ms: Option<u64>) -> Sighting {
    Sighting {
        folder: folder.into(),
        role,
        uid_validity: 1,
        uid,
        at: ACCEPTED + Duration::milliseconds(after_ms as i64),
        after_ms,
        absent_until_ms,
        internal_date: Some(datetime!(2026-11-23 09:00:01 UTC)),
        size: 2_048,
        gmail_id: None,
        tab: None,
        matched_by: MatchedBy::Header,
        message_id: None,
        from: None,
    }
}

/// A complete look that began `seconds` after acceptance.
pub fn look(folder: &str, from_uid: u32, next_uid: u32, seconds: i64) -> FolderLook {
    FolderLook {
        folder: folder.into(),
        uid_validity: 1,
        from_uid,
        next_uid,
        began_at: ACCEPTED + Duration::seconds(seconds),
    }
}

impl Scene {
    /// The one sighting of a delivered scene.
    pub fn first(&mut self) -> &mut Sighting {
        &mut self.arrival().sightings[0]
    }

    pub fn arrival(&mut self) -> &mut Arrival {
        match &mut self.evidence.arrival {
            Probe::Seen(arrival) => arrival,
            other => panic!("not a delivered scene: {other:?}"),
        }
    }

    /// The route's last word.
    pub fn outcome(mut self, outcome: SendOutcome) -> Scene {
        self.evidence.submission.as_mut().unwrap().tries[0].outcome = outcome;
        self
    }

    /// Every folder swept after the end of the looking: nowhere.
    pub fn absent(mut self) -> Scene {
        let folders = ["INBOX".to_owned(), "Junk".to_owned()];
        let looks = vec![look("INBOX", 11, 11, 600), look("Junk", 4, 6, 601)];
        self.evidence.arrival = Probe::Absent(Looked::complete(&folders, looks, ACCEPTED).unwrap());
        self
    }

    pub fn blind(mut self, code: &str, detail: &str) -> Scene {
        self.evidence.arrival = Probe::Blind(Why::new(code, detail));
        self
    }

    pub fn not_asked(mut self) -> Scene {
        self.evidence.arrival = Probe::NotAsked(Reason::new("send-refused", "nothing was sent"));
        self
    }

    pub fn expects(mut self, placement: &[&str]) -> Scene {
        self.policy.placement = placement.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// The findings of one check.
    pub fn say(&self, id: CheckId) -> Vec<Finding> {
        let all = checks::judge(&self.evidence, &self.policy);
        let found: Vec<Finding> = all.into_iter().filter(|finding| finding.check == id).collect();
        documented(&found);
        found
    }

    /// The one finding of a check.
    pub fn only(&self, id: CheckId) -> Finding {
        let mut found = self.say(id);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    /// Asserts a check's one verdict and reason, and gives the finding back.
    #[track_caller]
    pub fn judged(&self, id: CheckId, verdict: Verdict, code: &str) -> Finding {
        let finding = self.only(id);
        assert_eq!(
            (finding.verdict, finding.reason.as_str()),
            (verdict, format!("{id}.{code}").as_str()),
            "{finding:?}"
        );
        finding
    }
}

/// Every reason a check gives is one that `inboxqa explain` tells, and whatever is not a pass or a skip says what to do.
pub fn documented(findings: &[Finding]) {
    for finding in findings {
        let check = checks::explain(finding.check);
        let code = finding.reason.split_once('.').unwrap().1;
        let mut known = check.reasons.iter().chain(checks::COMMON_REASONS);
        assert!(
            known.any(|(reason, _)| *reason == code),
            "undocumented reason {}",
            finding.reason
        );
        assert!(!finding.summary.is_empty(), "{finding:?}");
        if [Verdict::Fail, Verdict::Warn, Verdict::Blind].contains(&finding.verdict) {
            assert!(
                !finding.help.is_empty() && !finding.observed.is_empty(),
                "no help or observation: {finding:?}"
            );
        }
    }
}

/// What a run-level check says of a run of these deliveries.
pub fn over_run(id: CheckId, scenes: &[Scene], gate: &Gate) -> Vec<Finding> {
    let judged = |scene: &Scene| JudgedDelivery {
        evidence: scene.evidence.clone(),
        policy: scene.policy.clone(),
        findings: Vec::new(),
        digest: Digest::default(),
    };
    let deliveries: Vec<JudgedDelivery> = scenes.iter().map(judged).collect();
    let found = checks::judge_run(&deliveries, gate)
        .into_iter()
        .map(|found| found.finding);
    let found: Vec<Finding> = found.filter(|finding| finding.check == id).collect();
    documented(&found);
    found
}

/// Holds the words of a check against `tests/data/checks/<id>/findings.snap`, where a person can read them.
/// `INSTA_UPDATE=always` rewrites the file.
pub fn golden(id: CheckId, scenes: &[(&str, &Scene)]) {
    let said: Vec<_> = scenes.iter().map(|(name, scene)| (*name, scene.say(id))).collect();
    hold(id, &said);
}

/// The same for a run-level check.
pub fn run_golden(id: CheckId, gate: &Gate, runs: &[(&str, &[Scene])]) {
    let said: Vec<_> = runs
        .iter()
        .map(|(name, scenes)| (*name, over_run(id, scenes, gate)))
        .collect();
    hold(id, &said);
}

fn hold(id: CheckId, said: &[(&str, Vec<Finding>)]) {
    let mut text = String::new();
    for (name, findings) in said {
        text += &format!("# {name}\n");
        for finding in findings {
            text += &format!("{} {}: {}\n", finding.verdict, finding.reason, finding.summary);
            for (label, words) in [
                ("expected", &finding.expected),
                ("observed", &finding.observed),
                ("help", &finding.help),
            ] {
                if !words.is_empty() {
                    text += &format!("  {label}: {}\n", words.replace('\n', "\n            "));
                }
            }
        }
    }
    let folder = format!("{}/tests/data/checks/{id}", env!("CARGO_MANIFEST_DIR"));
    insta::with_settings!({ snapshot_path => folder, prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("findings", text);
    });
}

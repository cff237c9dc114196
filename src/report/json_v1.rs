//! Writes `inboxqa/report/1`: sheet → the frozen structs of `json_document`.

use super::json_document as v1;
use super::origin;
use super::pieces::{self, Pieces};
use super::redact::Redacted;
use super::sheet::{LinkLine, Row, Sheet, Timing, Verified};
use super::words;
use crate::model::{Finding, WaiverUse};
use time::OffsetDateTime;
use time::UtcOffset;
use time::format_description::well_known::Rfc3339;

/// The whole document, indented, ending in a line break.
pub fn render(report: &Redacted) -> String {
    pieces::render(Json::default(), report)
}

/// The document, row by row.
#[derive(Default)]
pub struct Json {
    begun: bool,
}

/// Where the rows stand. No text of mail can hold it: JSON has no line break within a string.
const NO_ROWS: &str = "\n  \"deliveries\": []";

impl Pieces for Json {
    fn rows(&mut self, report: &Redacted) -> String {
        let mut text = String::new();
        for row in &report.sheet().rows {
            text.push_str(if std::mem::replace(&mut self.begun, true) {
                ",\n    "
            } else {
                "\n    "
            });
            text.push_str(&pretty(&delivery(row)).replace('\n', "\n    "));
        }
        text
    }

    fn frame(&self, report: &Redacted) -> (String, String) {
        let text = pretty(&document(report.sheet()));
        let (before, after) = text.split_once(NO_ROWS).expect("the document has the list");
        let end = if self.begun { "\n  ]" } else { "]" };
        (format!("{before}\n  \"deliveries\": ["), format!("{end}{after}\n"))
    }
}

fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).expect("plain structs with string keys become JSON")
}

/// The JSON Schema of the document.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(v1::Document).to_value()
}

/// The document without its rows.
fn document(sheet: &Sheet) -> v1::Document {
    let totals = &sheet.totals;
    v1::Document {
        schema: v1::SCHEMA,
        run: v1::Run {
            id: sheet.id.clone(),
            suite: sheet.suite.clone(),
            started_at: stamp(sheet.started_at),
            finished_at: stamp(sheet.finished_at),
            world: origin::world(sheet).to_owned(),
            interrupted: sheet.interrupted,
            version: env!("CARGO_PKG_VERSION"),
            notices: sheet.notices.clone(),
        },
        totals: v1::Totals {
            deliveries: totals.deliveries,
            pass: totals.pass,
            warn: totals.warn,
            fail: totals.fail,
            skip: totals.skip,
            blind: totals.blind,
            flaky: sheet.flaky.deliveries,
        },
        deliveries: Vec::new(),
        run_findings: sheet
            .run_findings
            .iter()
            .map(|found| v1::RunFinding {
                group: found.group.clone(),
                finding: finding(&found.finding),
            })
            .collect(),
        waivers: sheet.waivers.iter().map(waiver).collect(),
    }
}

fn stamp(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC).format(&Rfc3339).unwrap_or_default()
}

fn delivery(row: &Row) -> v1::Delivery {
    v1::Delivery {
        id: row.id.clone(),
        case: row.case.clone(),
        category: row.category.to_string(),
        route: row.route.clone(),
        mailbox: row.mailbox.clone(),
        provider: row.provider.clone(),
        attempt: row.attempt,
        retry: row.retry,
        decides: row.standing.decides,
        flaky: row.standing.flaky,
        verdict: row.verdict.as_str(),
        matched_by: row.matched_by.map(words::matched),
        placement: row.placement.as_ref().map(|placement| v1::Placement {
            state: placement.state.to_string(),
            folder: placement.folder.clone(),
            tab: placement.tab.clone(),
        }),
        timing: timing(&row.timing),
        authentication: row.authentication.as_ref().map(|ours| authentication(ours, row)),
        links: row.links.iter().map(link).collect(),
        pixels: row
            .pixels
            .iter()
            .map(|pixel| v1::Pixel {
                url: pixel.url.clone(),
                vendor: pixel.vendor.clone(),
                status: pixel.status,
            })
            .collect(),
        findings: row.findings.iter().map(finding).collect(),
        faults: row.faults.clone(),
    }
}

fn timing(timing: &Timing) -> v1::Timing {
    let hop = |hop: &crate::model::HopRow| v1::Hop {
        by: hop.by.clone(),
        at: hop.at.map(stamp),
        delay_ms: hop.delay_ms,
    };
    v1::Timing {
        accepted_at: timing.accepted_at.map(stamp),
        first_seen_at: timing.first_seen_at.map(stamp),
        arrival_ms: timing.arrival_ms,
        resolution_ms: timing.resolution_ms,
        clock_skew_ms: timing.clock_skew_ms,
        hops: timing.hops.iter().map(hop).collect(),
    }
}

fn authentication(ours: &Verified, row: &Row) -> v1::Authentication {
    let dkim = ours.dkim.iter().map(|line| v1::Dkim {
        domain: line.domain.clone(),
        selector: line.selector.clone(),
        algorithm: line.algorithm.clone(),
        bits: line.bits,
        result: words::dkim(line.result),
        reason: line.reason.clone(),
        aligned: line.aligned,
    });
    v1::Authentication {
        from_domain: ours.from_domain.clone(),
        dkim: dkim.collect(),
        spf: ours.spf.as_ref().map(|spf| v1::Spf {
            result: words::spf(spf.result),
            domain: spf.domain.clone(),
            client: spf.client.clone(),
            aligned: spf.aligned,
        }),
        dmarc: v1::Dmarc {
            result: words::dmarc(ours.dmarc),
            policy: ours.dmarc_policy.clone(),
            record_domain: ours.dmarc_domain.clone(),
        },
        provider: row.provider_word.as_ref().map(|word| v1::Provider {
            trusted: word.trusted,
            dkim: word.dkim.clone(),
            spf: word.spf.clone(),
            dmarc: word.dmarc.clone(),
        }),
    }
}

fn link(line: &LinkLine) -> v1::Link {
    v1::Link {
        text: line.text.clone(),
        original: line.original.clone(),
        delivered: line.delivered.clone(),
        vendor: line.vendor.clone(),
        last: line.hops.last().map(|hop| hop.url.clone()),
        status: line.hops.last().and_then(|hop| hop.status),
        kind: words::link(line.kind),
        hops: line
            .hops
            .iter()
            .map(|hop| v1::UrlHop {
                url: hop.url.clone(),
                status: hop.status,
            })
            .collect(),
    }
}

fn finding(finding: &Finding) -> v1::Finding {
    v1::Finding {
        check: finding.check.as_str(),
        verdict: finding.verdict.as_str(),
        reason: finding.reason.clone(),
        summary: finding.summary.clone(),
        expected: finding.expected.clone(),
        observed: finding.observed.clone(),
        help: finding.help.clone(),
        waived: finding.waived.as_ref().map(|waived| v1::Waived {
            until: waived.until.clone(),
            why: waived.why.clone(),
            verdict: waived.verdict.as_str(),
        }),
    }
}

fn waiver(used: &WaiverUse) -> v1::Waiver {
    let waiver = &used.waiver;
    v1::Waiver {
        check: waiver.check.as_str(),
        reason: waiver.reason.clone(),
        case: waiver.case.clone(),
        route: waiver.route.clone(),
        until: waiver.until.clone(),
        why: waiver.why.clone(),
        file: waiver.at.file.clone(),
        line: waiver.at.line,
        waived: used.waived,
        idle: used.is_idle(),
    }
}

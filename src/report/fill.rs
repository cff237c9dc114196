//! Report → sheet: joins each delivery's evidence, digest and findings into one row. Pure; no bytes are parsed here.

use super::counts::Counts;
use super::sheet::{DkimLine, LinkLine, PixelLine, Row, Sheet, SpfLine, Timing, UrlHop, Verified};
use crate::model::AlignmentRow;
use crate::model::digest::LinkRow;
use crate::model::report::standings;
use crate::model::{
    Authentication, Evidence, Gap, HopEnd, JudgedDelivery, Placement, Report, SendOutcome, Sighting, SmtpReply,
    Standing, Subject, UrlProbe,
};

impl Sheet {
    /// The sheet of a report. It holds secrets if the report does.
    pub(super) fn of(report: &Report) -> Sheet {
        let mut counts = Counts::default();
        counts.add(report);
        Sheet {
            id: report.id.clone(),
            suite: report.suite.clone(),
            files: report.files.clone(),
            mailboxes_file: report.mailboxes_file.clone(),
            world: report.world.clone(),
            started_at: report.started_at,
            finished_at: report.finished_at,
            interrupted: report.interrupted,
            notices: report.notices.clone(),
            totals: counts.totals,
            flaky: counts.flaky,
            checks: counts.checks,
            waived: counts.waived,
            worst: counts.worst,
            rows: rows(&report.deliveries),
            run_findings: report.run_findings.clone(),
            waivers: report.waivers.clone(),
        }
    }

    /// Counts rows that were shown before.
    pub(super) fn counts(&mut self, counts: Counts) {
        (self.totals, self.flaky, self.checks) = (counts.totals, counts.flaky, counts.checks);
        (self.waived, self.worst) = (counts.waived, counts.worst);
    }
}

fn rows(deliveries: &[JudgedDelivery]) -> Vec<Row> {
    let standings = standings(deliveries).into_iter();
    deliveries
        .iter()
        .zip(standings)
        .map(|(judged, standing)| row(judged, standing))
        .collect()
}

fn row(judged: &JudgedDelivery, standing: Standing) -> Row {
    let (evidence, digest) = (&judged.evidence, &judged.digest);
    let (delivery, path) = match &evidence.subject {
        Subject::Delivery(delivery) => (Some(delivery), String::new()),
        Subject::File(path) => (None, path.clone()),
    };
    let name = |part: Option<&String>| part.unwrap_or(&path).clone();
    Row {
        id: delivery.map_or_else(|| path.clone(), |delivery| delivery.id.to_string()),
        suite: delivery.map(|delivery| delivery.id.suite.clone()),
        case: name(delivery.map(|delivery| &delivery.id.case)),
        category: judged.policy.category,
        route: delivery.map(|delivery| delivery.id.route.clone()),
        mailbox: name(delivery.map(|delivery| &delivery.id.mailbox)),
        provider: judged.policy.provider.provider.clone(),
        attempt: delivery.map(|delivery| delivery.attempt),
        retry: delivery.is_some_and(|delivery| delivery.retry),
        standing,
        verdict: judged.verdict(),
        subject: digest.subject.clone(),
        from: digest.from.clone(),
        sending: evidence
            .submission
            .as_ref()
            .and_then(|submission| submission.outcome())
            .map(sending),
        matched_by: first_sighting(evidence).map(|sighting| sighting.matched_by),
        placement: Placement::of(evidence),
        timing: timing(judged),
        authentication: evidence
            .authentication
            .as_ref()
            .map(|ours| verified(ours, &digest.alignment)),
        provider_word: digest.provider.clone(),
        links: digest.links.iter().map(|link| link_line(link, evidence)).collect(),
        pixels: digest
            .pixels
            .iter()
            .map(|pixel| PixelLine {
                url: pixel.url.clone(),
                vendor: pixel.vendor.clone(),
                status: evidence
                    .url(&pixel.url)
                    .and_then(|probe| probe.hops.last())
                    .and_then(|hop| hop.status),
            })
            .collect(),
        findings: judged.findings.clone(),
        gaps: evidence.watch.gaps.iter().map(gap).collect(),
        faults: evidence.faults.clone(),
        headers: digest.headers.clone(),
    }
}

fn first_sighting(evidence: &Evidence) -> Option<&Sighting> {
    evidence.arrival.seen().and_then(|arrival| arrival.sightings.first())
}

fn timing(judged: &JudgedDelivery) -> Timing {
    let first = first_sighting(&judged.evidence);
    Timing {
        accepted_at: judged
            .evidence
            .submission
            .as_ref()
            .and_then(|submission| submission.accepted_at),
        first_seen_at: first.map(|sighting| sighting.at),
        arrival_ms: first.map(|sighting| sighting.after_ms),
        resolution_ms: first.and_then(|seen| Some(seen.after_ms.saturating_sub(seen.absent_until_ms?))),
        clock_skew_ms: judged.evidence.watch.clock_skew_ms,
        within_ms: judged.policy.within_ms,
        hops: judged.digest.hops.clone(),
    }
}

fn sending(outcome: &SendOutcome) -> String {
    let reply = |word: &str, reply: &SmtpReply| format!("{word} at {}: {reply}", reply.phase);
    match outcome {
        SendOutcome::Accepted(answer) => reply("accepted", answer),
        SendOutcome::Refused(answer) => reply("refused", answer),
        SendOutcome::Deferred(answer) => reply("deferred", answer),
        SendOutcome::Suppressed(text) => format!("suppressed: {text}"),
        SendOutcome::Unknown(text) => format!("unknown: {text}"),
        SendOutcome::NotSent { code, text } => format!("not sent ({code}): {text}"),
    }
}

fn gap(gap: &Gap) -> String {
    let length = match gap.until {
        Some(until) => format!("for {:.1} s", (until - gap.from).as_seconds_f64()),
        None => "until the end".to_owned(),
    };
    format!("{} {length}: {}", gap.code, gap.detail)
}

fn verified(ours: &Authentication, alignment: &AlignmentRow) -> Verified {
    let dkim = ours.dkim.iter().enumerate().map(|(index, fact)| DkimLine {
        domain: fact.domain.clone(),
        selector: fact.selector.clone(),
        algorithm: fact.algorithm.clone(),
        bits: fact.bits,
        result: fact.result,
        reason: fact.reason.clone(),
        detail: fact.detail.clone(),
        aligned: alignment.dkim.get(index).copied().unwrap_or(false),
    });
    Verified {
        from_domain: ours.from_domain.clone(),
        dkim: dkim.collect(),
        spf: ours.spf.as_ref().map(|fact| SpfLine {
            result: fact.result,
            domain: fact.domain.clone(),
            client: fact.client.to_string(),
            detail: fact.detail.clone(),
            aligned: alignment.spf.unwrap_or(false),
        }),
        dmarc: alignment.dmarc,
        dmarc_policy: ours.dmarc.policy.clone(),
        dmarc_domain: ours.dmarc.record_domain.clone(),
    }
}

fn link_line(link: &LinkRow, evidence: &Evidence) -> LinkLine {
    let probe = evidence.url(&link.delivered);
    LinkLine {
        text: link.text.clone(),
        original: link.original.clone(),
        delivered: link.delivered.clone(),
        vendor: link.vendor.clone(),
        kind: link.kind,
        hops: probe.map(hops).unwrap_or_default(),
        end: probe.and_then(|probe| end(&probe.end)),
    }
}

fn hops(probe: &UrlProbe) -> Vec<UrlHop> {
    let hop = |hop: &crate::model::Hop| UrlHop {
        url: hop.url.clone(),
        status: hop.status,
        elapsed_ms: hop.elapsed_ms,
    };
    probe.hops.iter().map(hop).collect()
}

fn end(end: &HopEnd) -> Option<String> {
    Some(match end {
        HopEnd::Answered => return None,
        HopEnd::Loop(url) => format!("loops back to {url}"),
        HopEnd::TooManyHops(count) => format!("more than {count} hops"),
        HopEnd::Downgrade(url) => format!("leads from https to {url}"),
        HopEnd::NotHttp(text) => format!("leads to what is no web address: {text}"),
        HopEnd::Fenced(text) => format!("refused by the fence: {text}"),
        HopEnd::Unsubscribe(url) => format!("stopped before an unsubscribe link: {url}"),
        HopEnd::BadCertificate(text) => format!("certificate: {text}"),
        HopEnd::Failed { code, text } => format!("{code}: {text}"),
        HopEnd::NotRequested(text) => format!("not requested: {text}"),
    })
}

//! One delivery on the page: what was found, how long it took and by which way, who it proves to be from, where its links lead,
//! and the header section as it came.

use super::escape::visible;
use super::sheet::{LinkLine, Row, Sheet, Timing, Verified};
use super::{rerun, span, tally, waivers, words};
use crate::model::{Finding, ProviderWord, Verdict};
use maud::{Markup, html};
use time::macros::format_description;

/// Width of the timing bar in user units.
const BAR: u64 = 120;

/// Everything inside its block.
pub fn body(sheet: &Sheet, row: &Row, id: &str) -> Markup {
    html! {
        (facts(sheet, row))
        (findings(id, &row.findings))
        (way(&row.timing))
        (authentication(row))
        (links(row))
        @if !row.headers.is_empty() {
            details { summary { "Headers as they came" } pre { (lines(&row.headers)) } }
        }
    }
}

/// What is not well stands open, the rest folds away.
fn findings(id: &str, all: &[Finding]) -> Markup {
    let (well, ill): (Vec<&Finding>, Vec<&Finding>) = all
        .iter()
        .partition(|finding| matches!(finding.verdict, Verdict::Pass | Verdict::Skip));
    let table = |findings: &[&Finding]| html! { table { @for found in findings { (finding(&anchor(id, all, found), found, "")) } } };
    html! {
        @if !ill.is_empty() { (table(&ill)) }
        @if !well.is_empty() {
            details {
                summary { (tally::by_verdict(well.iter().map(|finding| finding.verdict))) }
                (table(&well))
            }
        }
    }
}

/// `d3-placement`; `d3-link-health-2` where a check says a second thing.
fn anchor(id: &str, all: &[Finding], found: &Finding) -> String {
    let mut same = all.iter().filter(|other| other.check == found.check);
    match same.position(|other| std::ptr::eq(other, found)) {
        None | Some(0) => format!("{id}-{}", found.check),
        Some(earlier) => format!("{id}-{}-{}", found.check, earlier + 1),
    }
}

/// A finding as table row; its anchor leads to it.
pub fn finding(anchor: &str, finding: &Finding, group: &str) -> Markup {
    let detail = |label: &str, text: &str| html! { @if !text.is_empty() { dt { (label) } dd { (lines(text)) } } };
    let plain = matches!(finding.verdict, Verdict::Pass | Verdict::Skip);
    html! {
        tr class=(finding.verdict) id=(anchor) {
            td { span.tone { (finding.word()) } }
            td { (finding.check) @if !group.is_empty() { " · " (visible(group)) } }
            td {
                (visible(&finding.summary)) " " code.quiet { (visible(&finding.reason)) }
                @if !(finding.expected.is_empty() && finding.observed.is_empty() && (plain || finding.help.is_empty()) && finding.waived.is_none()) {
                    dl.facts {
                        (detail("expected", &finding.expected))
                        (detail("observed", &finding.observed))
                        @if !plain { (detail("fix", &finding.help)) }
                        @if let Some(words) = waivers::words(finding) { (detail("waived", &words)) }
                    }
                }
            }
        }
    }
}

fn facts(sheet: &Sheet, row: &Row) -> Markup {
    let fact =
        |label: &str, text: Option<&str>| html! { @if let Some(text) = text { dt { (label) } dd { (visible(text)) } } };
    let rerun = rerun::command(sheet, row);
    html! {
        dl.facts {
            (fact("subject", row.subject.as_deref()))
            (fact("from", row.from.as_deref()))
            (fact("route said", row.sending.as_deref()))
            (fact("found by", row.matched_by.map(words::matched)))
            @for gap in &row.gaps { (fact("blind time", Some(gap))) }
            @for fault in &row.faults { (fact("lab fault", Some(fault))) }
            @if let Some(command) = rerun { dt { "rerun" } dd { code { (visible(&command)) } } }
        }
    }
}

/// Arrival against its budget; the paler part is the time between the last look without it and the first with it.
pub fn bar(timing: &Timing) -> Markup {
    let Some(arrival) = timing.arrival_ms else {
        return html! { span.bar.quiet { "-" } };
    };
    let full = timing.within_ms.max(arrival).max(1);
    let length = |ms: u64| (ms.saturating_mul(BAR) / full).max(1);
    let sure = arrival.saturating_sub(timing.resolution_ms.unwrap_or(0));
    let tone = if arrival > timing.within_ms { "late" } else { "arrival" };
    let label = format!("{} of {}", span::words(arrival), span::budget(timing.within_ms));
    html! {
        span.bar {
            (label)
            svg width=(BAR) height="10" viewBox={ "0 0 " (BAR) " 10" } role="img" aria-label=(label) {
                rect.budget width=(length(timing.within_ms)) height="10" {}
                rect class={ "unsure " (tone) } width=(length(arrival)) height="10" {}
                rect class=(tone) width=(length(sure)) height="10" {}
            }
        }
    }
}

fn way(timing: &Timing) -> Markup {
    let format = format_description!("[hour]:[minute]:[second]");
    let at = |hop: &crate::model::HopRow| {
        hop.at
            .and_then(|at| at.to_offset(time::UtcOffset::UTC).format(format).ok())
    };
    let delay = |ms: i64| format!("{}{}", if ms < 0 { "-" } else { "+" }, span::words(ms.unsigned_abs()));
    html! {
        @if !timing.hops.is_empty() {
            h3 { "The way it took" }
            table.narrow {
                tr { th { "host" } th { "its clock, UTC" } th.number { "since the hop before" } }
                @for hop in &timing.hops {
                    tr {
                        td { (visible(&hop.by)) }
                        td { (at(hop).unwrap_or_else(|| "-".to_owned())) }
                        td.number { (hop.delay_ms.map(delay).unwrap_or_default()) }
                    }
                }
            }
            @if let Some(skew) = timing.clock_skew_ms { p.quiet { "The provider's clock differs from ours by " (skew) " ms." } }
        }
    }
}

fn authentication(row: &Row) -> Markup {
    html! {
        @if let Some(ours) = &row.authentication {
            h3 { "Authentication for " (visible(ours.from_domain.as_deref().unwrap_or("no single From domain"))) }
            table {
                tr { th { "what" } th { "domain" } th { "we say" } th { "aligned" } th { "provider says" } th { "why" } }
                (authentication_rows(ours, row.provider_word.as_ref()))
            }
        }
    }
}

fn authentication_rows(ours: &Verified, word: Option<&ProviderWord>) -> Markup {
    let said = |part: fn(&ProviderWord) -> Option<&String>| match word {
        Some(word) if word.trusted => part(word).map_or("-", String::as_str).to_owned(),
        Some(_) => "not trusted".to_owned(),
        None => "-".to_owned(),
    };
    let line = |cells: [&str; 6]| html! { tr { @for cell in cells { td { (visible(cell)) } } } };
    let yes = |aligned: bool| if aligned { "yes" } else { "no" };
    let dkim_said = said(|word| word.dkim.as_ref());
    let policy = ours
        .dmarc_policy
        .as_ref()
        .map(|policy| format!("p={policy}"))
        .unwrap_or_default();
    html! {
        @for (index, dkim) in ours.dkim.iter().enumerate() {
            (line([
                &format!("DKIM {} {}", dkim.selector, dkim.algorithm),
                &dkim.domain,
                words::dkim(dkim.result),
                yes(dkim.aligned),
                if index == 0 { &dkim_said } else { "" },
                &format!("{}: {}", dkim.reason, dkim.detail),
            ]))
        }
        @if ours.dkim.is_empty() { (line(["DKIM", "-", "none", "no", &dkim_said, "no signature"])) }
        @if let Some(spf) = &ours.spf {
            (line([
                &format!("SPF from {}", spf.client),
                &spf.domain,
                words::spf(spf.result),
                yes(spf.aligned),
                &said(|word| word.spf.as_ref()),
                &spf.detail,
            ]))
        }
        (line([
            "DMARC",
            ours.dmarc_domain.as_deref().unwrap_or("-"),
            words::dmarc(ours.dmarc),
            "",
            &said(|word| word.dmarc.as_ref()),
            &policy,
        ]))
    }
}

fn links(row: &Row) -> Markup {
    html! {
        @if !row.links.is_empty() || !row.pixels.is_empty() {
            h3 { "Links and pixels" }
            table {
                tr { th { "text" } th { "composed" } th { "delivered, and where it led" } }
                @for link in &row.links { (link_row(link)) }
                @for pixel in &row.pixels {
                    tr {
                        td.quiet { "open pixel" @if let Some(vendor) = &pixel.vendor { " (" (visible(vendor)) ")" } }
                        td {}
                        td { code { (visible(&pixel.url)) } " " (status(pixel.status)) }
                    }
                }
            }
        }
    }
}

fn link_row(link: &LinkLine) -> Markup {
    let kind = words::link(link.kind);
    html! {
        tr {
            td { (visible(&link.text)) @if kind != "link" { " " span.quiet { "(" (kind) ", never requested)" } } }
            td { @if let Some(original) = &link.original { code { (visible(original)) } } @else { span.quiet { "not known" } } }
            td {
                code { (visible(&link.delivered)) }
                @if let Some(vendor) = &link.vendor { " " span.quiet { "(" (visible(vendor)) ")" } }
                @if !link.hops.is_empty() {
                    ol.chain { @for hop in &link.hops { li { (status(hop.status)) " " code { (visible(&hop.url)) } " " span.quiet { (span::words(hop.elapsed_ms)) } } } }
                }
                @if let Some(end) = &link.end { p { (visible(end)) } }
            }
        }
    }
}

fn status(status: Option<u16>) -> Markup {
    html! { @match status { Some(status) => strong { (status) }, None => span.quiet { "no answer" } } }
}

/// Lines stay lines; everything else that acts becomes visible.
fn lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

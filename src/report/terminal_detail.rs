//! One delivery that is not well, told in full: each finding with expected, observed and remedy, what the provider said and what
//! we verified where that matters, and the command that repeats it.

use super::escape::visible;
use super::rerun;
use super::sheet::{Row, Sheet, Verified};
use super::style::Style;
use super::{span, tries, waivers, words};
use crate::model::{CheckId, Finding, HopRow, ProviderWord, Verdict};

/// Column of what belongs to the delivery, and of what belongs to one finding.
const OF_DELIVERY: usize = 7;
const OF_FINDING: usize = 9;
/// Column in which texts begin.
const TEXT: usize = 19;
/// A text of more bytes than this is not repeated.
const LONG: usize = 60;

/// Checks that ask different things of different kinds of mail.
const BY_CATEGORY: &[CheckId] = &[CheckId::Stream, CheckId::ListUnsubscribe, CheckId::UnsubscribeLink];

/// The findings that are neither pass nor skip.
pub fn red(row: &Row) -> impl Iterator<Item = &Finding> {
    row.findings
        .iter()
        .filter(|finding| !matches!(finding.verdict, Verdict::Pass | Verdict::Skip))
}

/// The block of a delivery, after an empty line; `word` stands before its title.
pub fn block(sheet: &Sheet, row: &Row, word: &str, style: Style) -> Vec<String> {
    let title = match tries::place(row) {
        place if place.is_empty() => row.title(),
        place => format!("{}, {place}", row.title()),
    };
    let head = format!(" {word} {}", style.strong(&visible(&title)));
    let mut lines = vec![String::new(), head];
    let red: Vec<&Finding> = red(row).collect();
    let mut told = 0;
    for alike in red.chunk_by(|one, other| fields(one) == fields(other) && one.waived == other.waived) {
        lines.extend(findings(alike, &red[..told], style));
        told += alike.len();
    }
    for (label, text) in evidence(row) {
        lines.extend(field(OF_DELIVERY, label, &text, style));
    }
    if !row.faults.is_empty() {
        lines.extend(field(OF_DELIVERY, "lab fault", &row.faults.join(", "), style));
    }
    if let Some(command) = rerun::command(sheet, row) {
        lines.push(labelled(OF_DELIVERY, "rerun", &visible(&command), style));
    }
    lines
}

/// Another try of the same delivery, in a line: what it came to, and by which reasons.
pub fn try_line(row: &Row, style: Style) -> Vec<String> {
    let reasons: Vec<&str> = red(row).map(|finding| finding.reason.as_str()).collect();
    let label = format!("{} try", tries::ordinal(row.standing.number));
    let text = format!("{} ({})", tries::came_to(row), reasons.join(", "));
    field(OF_DELIVERY, &label, &text, style)
}

/// Findings that say the same: reason and summary of each, then once expected, observed and what to do. A long text that a finding
/// `above` has told is not told again.
pub fn findings(alike: &[&Finding], above: &[&Finding], style: Style) -> Vec<String> {
    let mut lines: Vec<String> = alike.iter().flat_map(|finding| head(finding, style)).collect();
    for (label, text) in alike.first().map(|first| fields(first)).into_iter().flatten() {
        let again = text.len() > LONG && above.iter().any(|earlier| fields(earlier).contains(&(label, text)));
        lines.extend(field(OF_FINDING, label, if again { "as above" } else { text }, style));
    }
    if let Some(words) = alike.first().and_then(|first| waivers::words(first)) {
        lines.extend(field(OF_FINDING, "waived", &words, style));
    }
    lines
}

fn head(finding: &Finding, style: Style) -> Vec<String> {
    let (reason, summary) = (visible(&finding.reason), visible(&finding.summary));
    let room = style.width.max(TEXT + 20) - OF_DELIVERY;
    let indent = " ".repeat(OF_FINDING - OF_DELIVERY);
    let text = format!("{reason}  {summary}");
    let wrapped = textwrap::wrap(&text, whole_words(room).subsequent_indent(&indent));
    let mut lines: Vec<String> = wrapped
        .iter()
        .map(|line| format!("{}{line}", " ".repeat(OF_DELIVERY)))
        .collect();
    if let Some(first) = lines.first_mut() {
        *first = first.replacen(&*reason, &style.toned(finding.verdict, &reason), 1);
    }
    lines
}

/// Wraps between words only: a URL stays whole.
fn whole_words<'a>(width: usize) -> textwrap::Options<'a> {
    textwrap::Options::new(width)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}

fn fields(finding: &Finding) -> [(&'static str, &str); 3] {
    [
        ("expected", &finding.expected),
        ("observed", &finding.observed),
        ("fix", &finding.help),
    ]
}

/// A label and a text, wrapped at the style's width; nothing for an empty text. A line break in the text begins a new line, always
/// below the label: a list stays a list, and a text can not pose as another field.
fn field(indent: usize, label: &str, text: &str, style: Style) -> Vec<String> {
    let width = style.width.max(TEXT + 20) - TEXT;
    let wrapped = text.lines().flat_map(|line| {
        let line = visible(line).into_owned();
        let parts = textwrap::wrap(line.trim(), whole_words(width));
        parts.into_iter().map(|part| part.into_owned()).collect::<Vec<_>>()
    });
    let lines = wrapped.filter(|line| !line.is_empty()).enumerate();
    lines
        .map(|(index, line)| labelled(indent, if index == 0 { label } else { "" }, &line, style))
        .collect()
}

fn labelled(indent: usize, label: &str, text: &str, style: Style) -> String {
    let label = format!("{label:<width$}", width = TEXT - indent);
    format!("{}{}{text}", " ".repeat(indent), style.dim(&label))
}

/// The facts that help to understand the findings at hand.
fn evidence(row: &Row) -> Vec<(&'static str, String)> {
    let about = |checks: &[CheckId]| red(row).any(|finding| checks.contains(&finding.check));
    let mut facts = Vec::new();
    // Of a saved message the kind of mail is read off itself, and much hangs on it.
    if row.route.is_none() && about(BY_CATEGORY) {
        facts.push((
            "taken as",
            format!("{} mail; --category says it otherwise", row.category),
        ));
    }
    if about(&[
        CheckId::FromAlignment,
        CheckId::DkimSignature,
        CheckId::Spf,
        CheckId::Dmarc,
    ]) {
        facts.extend(
            row.provider_word
                .as_ref()
                .map(|word| ("provider", provider_words(word))),
        );
        facts.extend(
            row.authentication
                .as_ref()
                .map(|ours| ("verified", verified_words(ours))),
        );
    }
    if about(&[CheckId::Arrival, CheckId::Placement]) {
        let unseen = row.timing.arrival_ms.is_none();
        facts.extend(
            row.sending
                .as_ref()
                .filter(|_| unseen)
                .map(|sending| ("route", sending.clone())),
        );
        facts.extend(row.gaps.iter().take(3).map(|gap| ("gap", gap.clone())));
    }
    if about(&[CheckId::Arrival]) && !row.timing.hops.is_empty() {
        facts.push(("hops", hops_words(&row.timing.hops)));
    }
    facts
}

fn hops_words(hops: &[HopRow]) -> String {
    let delay = |ms: i64| format!(" {}{}", if ms < 0 { "-" } else { "+" }, span::words(ms.unsigned_abs()));
    let hop = |hop: &HopRow| format!("{}{}", hop.by, hop.delay_ms.map(delay).unwrap_or_default());
    hops.iter().map(hop).collect::<Vec<_>>().join(" → ")
}

pub(super) fn provider_words(word: &ProviderWord) -> String {
    if !word.trusted {
        return "said nothing that can be trusted".to_owned();
    }
    let said = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name}={value}"));
    let parts: Vec<String> = [
        said("spf", &word.spf),
        said("dkim", &word.dkim),
        said("dmarc", &word.dmarc),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!("said {}", parts.join(" "))
}

fn verified_words(ours: &Verified) -> String {
    let aligned = |aligned| if aligned { "aligned" } else { "not aligned" };
    let mut parts: Vec<String> = ours
        .dkim
        .iter()
        .map(|line| {
            format!(
                "DKIM {} {} ({}, {})",
                line.domain,
                words::dkim(line.result),
                line.reason,
                aligned(line.aligned)
            )
        })
        .collect();
    if parts.is_empty() {
        parts.push("no DKIM signature".to_owned());
    }
    if let Some(spf) = &ours.spf {
        parts.push(format!(
            "SPF {} {} ({})",
            spf.domain,
            words::spf(spf.result),
            aligned(spf.aligned)
        ));
    }
    parts.push(format!("DMARC {}", words::dmarc(ours.dmarc)));
    parts.join("; ")
}

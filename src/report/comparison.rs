//! Comparisons as text for a terminal: the two ways side by side, what differs, and whether the case may move.

use super::escape::{not_a_command, visible};
use super::span;
use super::style::Style;
use crate::model::comparison::{Comparison, Readiness, Side};
use crate::model::{Category, Verdict};
use std::fmt::Write;

/// All comparisons, by category, each category with its own word.
pub fn render(comparisons: &[Comparison], style: Style) -> String {
    let mut out = String::new();
    for category in [Category::Transactional, Category::Hybrid, Category::Marketing] {
        let these: Vec<&Comparison> = comparisons.iter().filter(|one| one.category == category).collect();
        if these.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{}\n", style.strong(&category.to_string()));
        for one in &these {
            out.push_str(&block(one, style));
            out.push('\n');
        }
    }
    for line in summary(comparisons) {
        let _ = writeln!(out, "{}", not_a_command(&line));
    }
    out
}

fn block(one: &Comparison, style: Style) -> String {
    let mut out = format!("  {} {}\n", style.verdict(verdict(&one.readiness)), visible(&one.case));
    for (name, side) in [("old", &one.old), ("new", &one.new)] {
        let _ = writeln!(out, "        {name}  {}", side_words(side));
    }
    for difference in &one.differences {
        let _ = writeln!(
            out,
            "        {}  {}",
            style.strong(difference.aspect.as_str()),
            style.dim(&visible(&difference.mailboxes.join(", ")))
        );
        let _ = writeln!(out, "          - {}", visible(&difference.old));
        let _ = writeln!(out, "          + {}", visible(&difference.new));
    }
    if one.differences.is_empty() {
        out.push_str("        nothing differs but the times\n");
    }
    out
}

fn side_words(side: &Side) -> String {
    let unknown = match side.unknown {
        0 => String::new(),
        count => format!(", {count} unknown"),
    };
    let arrival = match (side.p50_ms, side.p95_ms) {
        (Some(p50), Some(p95)) => format!(
            "arrival p50 {}, p95 {} (n = {}, to within {})",
            span::words(p50),
            span::words(p95),
            side.deliveries,
            span::words(side.resolution_ms)
        ),
        _ => "nothing arrived".to_owned(),
    };
    format!(
        "{} in run {}: {}/{} in the inbox{unknown}; {arrival}",
        visible(&side.route),
        visible(&side.run),
        side.inbox,
        side.deliveries
    )
}

fn verdict(readiness: &Readiness) -> Verdict {
    match readiness {
        Readiness::Ready => Verdict::Pass,
        Readiness::NotReady(_) => Verdict::Fail,
        Readiness::Unknown(_) => Verdict::Blind,
    }
}

/// One sentence a case: the answer to "may it move?".
fn summary(comparisons: &[Comparison]) -> Vec<String> {
    let line = |one: &Comparison| {
        let case = one.case.split_once('/').map_or(one.case.as_str(), |(_, case)| case);
        let what = match one.old.route == one.new.route {
            true => format!("{case} through {} as it is in run {}", one.new.route, one.new.run),
            false => format!("move {case} to {}", one.new.route),
        };
        match &one.readiness {
            Readiness::Ready if one.old.route == one.new.route => format!("good: {what}{}", waived(one)),
            Readiness::Ready => format!("ready to {what}{}", waived(one)),
            Readiness::NotReady(why) if one.old.route == one.new.route => {
                format!("not good: {what}: {}", why.join("; "))
            }
            Readiness::NotReady(why) => format!("not ready to {what}: {}", why.join("; ")),
            Readiness::Unknown(why) => format!("not known whether to {what}: {}", why.join("; ")),
        }
    };
    comparisons.iter().map(|one| visible(&line(one)).into_owned()).collect()
}

/// What a waiver lets pass is no reason against it, and no secret.
fn waived(one: &Comparison) -> String {
    match one.waived.is_empty() {
        true => String::new(),
        false => format!(", if what is waived may go along: {}", one.waived.join("; ")),
    }
}

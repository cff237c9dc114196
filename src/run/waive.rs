//! Applies waivers to findings, and says which of them are still needed. Pure.

use crate::checks;
use crate::config;
use crate::model::{Diagnostic, Finding, JudgedDelivery, RunFinding, Verdict, Waiver, WaiverUse};
use globset::Glob;
use time::OffsetDateTime;

/// A waiver that holds for more days than this is told in every report: it is a decision, and `checks` is the place for those.
const LONG: i64 = 180;

/// Those of a suite that fit a case and a route.
pub fn for_pair(waivers: &[Waiver], case: &str, route: &str) -> Vec<Waiver> {
    let fitting = |waiver: &&Waiver| fits(waiver.case.as_ref(), case) && fits(waiver.route.as_ref(), route);
    waivers.iter().filter(fitting).cloned().collect()
}

/// What is wrong with a waiver that only the checks know: a reason that its check never gives.
pub fn problem(waiver: &Waiver) -> Option<Diagnostic> {
    let reason = waiver.reason.as_ref()?;
    let own = checks::explain(waiver.check).reasons.iter().map(|(code, _)| *code);
    let known: Vec<String> = own.map(|code| format!("{}.{code}", waiver.check)).collect();
    (!known.contains(reason)).then(|| Diagnostic {
        message: format!("`{}` is no reason of `{}`", reason.escape_debug(), waiver.check),
        place: Some(waiver.at.clone()),
        label: "waives nothing".to_owned(),
        help: config::meant(reason, known.iter().map(String::as_str)),
    })
}

/// The notice of a waiver that holds for very long.
pub fn far_ahead(waiver: &Waiver, now: OffsetDateTime) -> Option<String> {
    let days = (config::day(&waiver.until)? - now.date()).whole_days();
    (days > LONG).then(|| {
        format!(
            "the waiver of {} holds for {days} days, until {}: what is accepted for good belongs into `checks`",
            waiver.subject(),
            waiver.until
        )
    })
}

/// Takes the failures of a delivery away that its policy waives.
pub fn each(findings: &mut [Finding], waivers: &[Waiver]) {
    for finding in findings {
        if let Some(waiver) = waivers.iter().find(|waiver| waiver.waives(finding)) {
            waiver.waive(finding);
        }
    }
}

/// The same for findings about a run. They are about no case, so a waiver that names cases says nothing of them.
pub fn of_run(found: &mut [RunFinding], waivers: &[Waiver]) {
    for judged in found {
        let fitting = |waiver: &&Waiver| about(waiver, judged) && waiver.waives(&judged.finding);
        if let Some(waiver) = waivers.iter().find(fitting) {
            waiver.waive(&mut judged.finding);
        }
    }
}

/// Every waiver that some delivery was judged by, once, as the suites state them.
pub fn stated(deliveries: &[JudgedDelivery]) -> Vec<Waiver> {
    let mut found: Vec<Waiver> = Vec::new();
    for waiver in deliveries.iter().flat_map(|judged| &judged.policy.waivers) {
        if !found.contains(waiver) {
            found.push(waiver.clone());
        }
    }
    found.sort_by_key(|waiver| (waiver.at.file.clone(), waiver.at.span.start));
    found
}

/// What became of every waiver.
pub fn uses(deliveries: &[JudgedDelivery], run_findings: &[RunFinding]) -> Vec<WaiverUse> {
    stated(deliveries)
        .into_iter()
        .map(|waiver| {
            let of_deliveries = deliveries
                .iter()
                .filter(|judged| judged.policy.waivers.contains(&waiver))
                .flat_map(|judged| &judged.findings);
            let of_run = run_findings.iter().filter(|judged| about(&waiver, judged));
            let all = of_deliveries.chain(of_run.map(|judged| &judged.finding));
            count(&waiver, all)
        })
        .collect()
}

/// Does a glob of a suite mean this name? No glob means every name.
pub fn fits(glob: Option<&String>, name: &str) -> bool {
    glob.is_none_or(|glob| Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(name)))
}

fn about(waiver: &Waiver, judged: &RunFinding) -> bool {
    waiver.case.is_none() && fits(waiver.route.as_ref(), &judged.group)
}

fn count<'a>(waiver: &Waiver, findings: impl Iterator<Item = &'a Finding>) -> WaiverUse {
    let (mut waived, mut well) = (0, 0);
    for finding in findings.filter(|finding| finding.check == waiver.check) {
        if waiver.waives(finding) && finding.waived.is_some() {
            waived += 1;
        } else if !matches!(finding.verdict, Verdict::Skip | Verdict::Blind) {
            well += 1;
        }
    }
    WaiverUse {
        waiver: waiver.clone(),
        waived,
        well,
    }
}

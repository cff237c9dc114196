//! `[suite] waive`: failures that are accepted until a day. A waiver is an exception, so it is held tightly: it ends by itself, it says
//! why, and it must be about something.

use super::suite_file::RawWaiver;
use super::suites::Reader;
use super::{content, suggest};
use crate::model::{Case, CheckId, Waiver};
use globset::Glob;
use std::str::FromStr;
use time::macros::format_description;
use time::{Date, Duration};
use toml::Spanned;

/// The parts of an `until`.
const DATE: &[time::format_description::BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
/// How far ahead a new date is suggested.
const SUGGESTED: Duration = Duration::days(30);

/// Reads a day such as `2026-12-31`.
pub fn day(text: &str) -> Option<Date> {
    Date::parse(text, DATE).ok()
}

fn written(day: Date) -> String {
    day.format(DATE).unwrap_or_default()
}

impl Reader<'_> {
    pub(super) fn waivers(&mut self, raw: Vec<Spanned<RawWaiver>>, cases: &[Case]) -> Vec<Waiver> {
        let waivers = raw.into_iter().filter_map(|waiver| self.waiver(waiver, cases));
        waivers.collect()
    }

    fn waiver(&mut self, raw: Spanned<RawWaiver>, cases: &[Case]) -> Option<Waiver> {
        let at = self.source.place(raw.span());
        let raw = raw.into_inner();
        let check = raw.check.and_then(|check| self.waived_check(&check));
        let reason = raw.reason.map(|reason| (reason.span(), reason.into_inner()));
        if let (Some(check), Some((span, reason))) = (check, &reason)
            && !reason
                .strip_prefix(check.as_str())
                .is_some_and(|rest| rest.starts_with('.'))
        {
            let help = format!("`inboxqa explain {check}` lists its reasons, such as `{check}.…`");
            let message = format!("`{}` is no reason of `{check}`", reason.escape_debug());
            self.at(span.clone(), message, "not of this check", Some(&help));
        }
        let why = raw.why.map(|why| {
            if why.get_ref().trim().is_empty() {
                let help = "say why the failure is accepted: it is shown in every report";
                self.at(
                    why.span(),
                    "a waiver has a reason".to_owned(),
                    "nothing is said",
                    Some(help),
                );
            }
            why.into_inner()
        });
        let names = |part: fn(&Case) -> &[String]| cases.iter().flat_map(part).map(String::as_str).collect::<Vec<_>>();
        let case = self.scope(raw.case, "case", &names(|case| std::slice::from_ref(&case.name)));
        let route = self.scope(raw.route, "route", &names(|case| &case.routes));
        let until = raw.until.and_then(|until| self.until(&until));
        Some(Waiver {
            check: check?,
            reason: reason.map(|(_, reason)| reason),
            case,
            route,
            until: written(until?),
            why: why?,
            at,
        })
    }

    fn waived_check(&mut self, written: &Spanned<String>) -> Option<CheckId> {
        let known = CheckId::from_str(written.get_ref()).ok();
        if known.is_none() {
            let help = suggest::help(written.get_ref(), CheckId::ALL.iter().map(|id| id.as_str()));
            let message = format!("unknown check `{}`", written.get_ref().escape_debug());
            self.at(written.span(), message, "not a check id", help.as_deref());
        }
        known
    }

    /// The day itself still counts. One that is over is refused: what was accepted for a while is to be decided again.
    fn until(&mut self, until: &Spanned<String>) -> Option<Date> {
        let suggested = written(self.today + SUGGESTED);
        let Some(day) = day(until.get_ref()) else {
            let message = format!("`{}` is not a day", until.get_ref().escape_debug());
            let help = format!("write year, month and day: \"{suggested}\"");
            self.at(until.span(), message, "expected a date", Some(&help));
            return None;
        };
        if day < self.today {
            let message = format!("this waiver ended on {}", written(day));
            let label = format!("today is {}, UTC", written(self.today));
            let help = format!("mend what it covers and delete it, or extend it: until = \"{suggested}\"");
            self.at(until.span(), message, &label, Some(&help));
        }
        Some(day)
    }

    /// A glob that fits nothing of the suite would waive nothing, silently.
    fn scope(&mut self, glob: Option<Spanned<String>>, what: &str, names: &[&str]) -> Option<String> {
        let glob = glob?;
        let text = glob.get_ref().clone();
        let shown = text.escape_debug().to_string();
        if let Some(why) = content::glob_problem(&text) {
            self.at(glob.span(), format!("`{shown}` is not a glob"), why, None);
            return None;
        }
        let fits = Glob::new(&text).map(|glob| glob.compile_matcher());
        // Where names are missing because they were wrong themselves, that is told already.
        if !names.is_empty() && !fits.is_ok_and(|fits| names.iter().any(|name| fits.is_match(name))) {
            let help = suggest::help(&text, names.iter().copied());
            let message = format!("`{shown}` fits no {what} of this suite");
            self.at(glob.span(), message, "waives nothing", help.as_deref());
        }
        Some(text)
    }
}

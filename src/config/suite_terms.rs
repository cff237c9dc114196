//! The terms a suite is written in: placements, severities, gates, durations, addresses, globs.

use super::either::Placements;
use super::suite_asks::RawLoad;
use super::suite_file::{RawGate, RawSeverity};
use super::suites::Reader;
use super::{address, content, duration, providers, suggest};
use crate::model::suite::Load;
use crate::model::{CheckId, Gate, LogKind, Severity};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// Words a placement may be; the tabs are Gmail's.
const PLACEMENTS: [&str; 14] = [
    "inbox",
    "tab",
    "spam",
    "other",
    "missing",
    "pending",
    "rejected",
    "suppressed",
    "mailbox-error",
    "tab:primary",
    "tab:social",
    "tab:promotions",
    "tab:updates",
    "tab:forums",
];

/// The placement that only a log can tell.
const SUPPRESSED: &str = "suppressed";

type Checks = BTreeMap<Spanned<String>, RawSeverity>;

impl Reader<'_> {
    /// What is expected where `inherited` is expected otherwise: a list holds for every provider.
    pub(super) fn placement_over(
        &mut self,
        inherited: &BTreeMap<String, Vec<String>>,
        raw: Placements,
    ) -> BTreeMap<String, Vec<String>> {
        let mut placement = match raw {
            Placements::All(_) => BTreeMap::new(),
            Placements::ByProvider(_) => inherited.clone(),
        };
        placement.extend(self.placement(raw));
        placement
    }

    pub(super) fn placement(&mut self, raw: Placements) -> BTreeMap<String, Vec<String>> {
        let mut placement = BTreeMap::new();
        let raw = match raw {
            Placements::All(words) => BTreeMap::from([(Spanned::new(0..0, "default".to_owned()), words)]),
            Placements::ByProvider(map) => map,
        };
        for (provider, words) in raw {
            let keys = providers::keys().chain(["default"]);
            if !keys.clone().any(|key| key == provider.get_ref()) {
                let help = suggest::help(provider.get_ref(), keys);
                self.at(
                    provider.span(),
                    format!("unknown provider `{}`", provider.get_ref().escape_debug()),
                    "not a provider",
                    help.as_deref(),
                );
            }
            for word in &words {
                if !PLACEMENTS.contains(&word.get_ref().as_str()) {
                    let help = suggest::help(word.get_ref(), PLACEMENTS);
                    self.at(
                        word.span(),
                        format!("unknown placement `{}`", word.get_ref().escape_debug()),
                        "not a placement",
                        help.as_deref(),
                    );
                }
            }
            placement.insert(
                provider.into_inner(),
                words.into_iter().map(Spanned::into_inner).collect(),
            );
        }
        placement
    }

    /// Where `suppressed` stands in these expectations.
    pub(super) fn suppressed_at(&self, raw: &Placements) -> Option<Range<usize>> {
        let word = raw.words().find(|word| word.get_ref() == SUPPRESSED)?;
        Some(word.span())
    }

    /// That nothing arrives proves no suppression: only the sending service's log does.
    pub(super) fn suppression_is_provable(
        &mut self,
        placement: &BTreeMap<String, Vec<String>>,
        routes: &[String],
        at: Range<usize>,
    ) {
        if !placement.values().flatten().any(|word| word == SUPPRESSED) {
            return;
        }
        for name in routes {
            if self.routes.routes.get(name).is_some_and(|route| route.logs.is_empty()) {
                let help = format!("add [route.{name}.log] with kind and token to the routes file");
                self.at(
                    at.clone(),
                    format!("`{SUPPRESSED}` can not be told on route `{name}`: it has no log"),
                    "that nothing arrives would prove nothing",
                    Some(&help),
                );
            }
        }
    }

    /// Topics are Customer.io's: its log knows who opted out of one.
    pub(super) fn topic(&mut self, topic: Option<Spanned<String>>, routes: &[String]) -> Option<String> {
        let topic = topic?;
        let asks_nobody = |name: &&String| {
            let known = self.routes.routes.get(*name);
            known.is_some_and(|route| route.logs.iter().all(|log| log.kind != LogKind::CustomerIo))
        };
        if let Some(name) = routes.iter().find(asks_nobody) {
            let message = format!("route `{name}` knows no topics: it has no log of Customer.io's");
            let help = format!("add [route.{name}.log] with kind = \"customerio\" and token, or leave `topic` out");
            self.at(topic.span(), message, "topics are Customer.io's", Some(&help));
        }
        Some(topic.into_inner())
    }

    /// A case can not name another sender than a route's contract agrees on: what would fail on arrival is not sent at all.
    pub(super) fn sender_is_agreed(&mut self, key: &str, stated: Option<&Spanned<String>>, routes: &[String]) {
        let Some(stated) = stated else { return };
        for name in routes {
            let contract = self.routes.routes.get(name).map(|route| &route.contract);
            let agreed = contract.and_then(|contract| match key {
                "from" => contract.from.clone(),
                _ => contract.reply_to.clone(),
            });
            let Some(agreed) = agreed.filter(|agreed| address::differ(agreed, stated.get_ref())) else {
                continue;
            };
            let help = format!("leave `{key}` out, or state it in [route.{name}.contract]: there it is `{agreed}`");
            let message = format!("route `{name}` agrees on another `{key}`");
            self.forbidden(stated.span(), message, &help);
        }
    }

    pub(super) fn checks(&mut self, raw: Checks) -> BTreeMap<CheckId, Severity> {
        let mut checks = BTreeMap::new();
        for (id, severity) in raw {
            let severity = match severity {
                RawSeverity::Off => Severity::Off,
                RawSeverity::Warn => Severity::Warn,
                RawSeverity::Fail => Severity::Fail,
            };
            match id.get_ref().parse::<CheckId>() {
                Ok(check) => {
                    checks.insert(check, severity);
                }
                Err(_) => {
                    let help = suggest::help(id.get_ref(), CheckId::ALL.iter().map(|id| id.as_str()));
                    self.at(
                        id.span(),
                        format!("unknown check `{}`", id.get_ref().escape_debug()),
                        "not a check id",
                        help.as_deref(),
                    );
                }
            }
        }
        checks
    }

    pub(super) fn gate(&mut self, raw: Option<&RawGate>) -> Gate {
        let Some(raw) = raw else { return Gate::default() };
        Gate {
            p50_ms: raw.p50.as_ref().map(|p50| self.duration(Some(p50), 0)),
            p95_ms: raw.p95.as_ref().map(|p95| self.duration(Some(p95), 0)),
            event_ms: raw.event.as_ref().map(|event| self.duration(Some(event), 0)),
            inbox_rate: raw.inbox_rate.as_ref().map(|rate| *rate.get_ref()),
        }
    }

    pub(super) fn load(&mut self, load: Spanned<RawLoad>) -> Option<Load> {
        let load = load.into_inner();
        let messages = load.messages.and_then(|count| u32::try_from(*count.get_ref()).ok())?;
        Some(Load {
            messages,
            every_ms: self.duration(load.every.as_ref(), 0),
        })
    }

    pub(super) fn within(&mut self, written: Option<&Spanned<String>>, otherwise: u64, give_up_ms: u64) -> u64 {
        let ms = self.duration(written, otherwise);
        if let Some(written) = written.filter(|written| ms == 0 && duration::parse(written.get_ref()).is_ok()) {
            self.at(
                written.span(),
                "`within` leaves no time at all".to_owned(),
                "every message would be late",
                Some("write how long a message may take: \"30s\""),
            );
        }
        if let Some(written) = written.filter(|_| ms > give_up_ms) {
            self.at(
                written.span(),
                "`within` is longer than `give_up`".to_owned(),
                "would never be reached",
                Some("late is not missing: `give_up` comes after `within`"),
            );
        }
        ms
    }

    pub(super) fn duration(&mut self, written: Option<&Spanned<String>>, otherwise: u64) -> u64 {
        let Some(written) = written else { return otherwise };
        duration::parse(written.get_ref()).unwrap_or_else(|why| {
            self.at(
                written.span(),
                format!("`{}` is not a duration", written.get_ref().escape_debug()),
                &why,
                Some(duration::HELP),
            );
            otherwise
        })
    }

    pub(super) fn addressed(&mut self, written: Option<Spanned<String>>) -> Option<String> {
        let written = written?;
        if let Some(why) = address::named_problem(written.get_ref()) {
            self.at(
                written.span(),
                format!("`{}` is not an address", written.get_ref().escape_debug()),
                why,
                Some("write `Name <name@domain>`"),
            );
        }
        Some(written.into_inner())
    }

    pub(super) fn globs(&mut self, written: Vec<Spanned<String>>) -> Vec<String> {
        for glob in &written {
            if let Some(why) = content::glob_problem(glob.get_ref()) {
                self.at(
                    glob.span(),
                    format!("`{}` is not a glob", glob.get_ref().escape_debug()),
                    why,
                    None,
                );
            }
        }
        written.into_iter().map(Spanned::into_inner).collect()
    }

    pub(super) fn at(&mut self, span: Range<usize>, message: String, label: &str, help: Option<&str>) {
        self.desk.at(self.source, span, message, label, help.map(str::to_owned));
    }
}

//! The compiled-in defaults (`defaults.toml`): what holds where the user's files say nothing.

use super::duration;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// All defaults. Durations in milliseconds.
#[derive(Debug)]
pub(super) struct Defaults {
    pub within_ms: u64,
    pub give_up_ms: u64,
    pub quiet_ms: u64,
    pub probe: bool,
    pub placement: BTreeMap<String, Vec<String>>,
    pub port: u16,
    pub concurrency: u32,
    pub rate: f64,
    pub parts: Vec<String>,
}

/// The defaults.
pub(super) static DEFAULTS: LazyLock<Defaults> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("defaults.toml")).expect("compiled in, and a test reads it");
    let ms = |text: &str| duration::parse(text).expect("compiled in, and a test reads it");
    Defaults {
        within_ms: ms(&file.suite.within),
        give_up_ms: ms(&file.suite.give_up),
        quiet_ms: ms(&file.suite.quiet),
        probe: file.suite.probe,
        placement: file.suite.placement,
        port: file.route.port,
        concurrency: file.route.concurrency,
        rate: file.route.rate,
        parts: file.route.parts,
    }
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    suite: SuiteDefaults,
    route: RouteDefaults,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SuiteDefaults {
    within: String,
    give_up: String,
    quiet: String,
    probe: bool,
    placement: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteDefaults {
    port: u16,
    concurrency: u32,
    rate: f64,
    parts: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::DEFAULTS;

    #[test]
    fn the_compiled_in_file_is_read() {
        assert_eq!(DEFAULTS.within_ms, 60_000);
        assert_eq!(DEFAULTS.placement["default"], ["inbox"]);
    }
}

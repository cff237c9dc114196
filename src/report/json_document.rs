//! `inboxqa/report/1`: the report for programs. These structs are the promise: fields are never renamed or removed under this
//! name, and internal types may change without it. Durations in milliseconds, times in RFC 3339 UTC, `null` where a fact is not
//! known or does not apply (a saved message has no route, no placement and no sending side).

use schemars::JsonSchema;
use serde::Serialize;

/// The value of `schema`.
pub const SCHEMA: &str = "inboxqa/report/1";

/// A run's report.
#[derive(Serialize, JsonSchema)]
pub struct Document {
    /// Always `inboxqa/report/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// The run.
    pub run: Run,
    /// Deliveries by verdict.
    pub totals: Totals,
    /// Deliveries, in plan order; one that was tried again (`--retries`) has an entry for every attempt.
    pub deliveries: Vec<Delivery>,
    /// Findings about the whole run.
    pub run_findings: Vec<RunFinding>,
    /// What became of the suites' waivers.
    pub waivers: Vec<Waiver>,
}

/// A failure that is accepted until a day.
#[derive(Serialize, JsonSchema)]
pub struct Waiver {
    /// Check id.
    pub check: &'static str,
    /// One reason of it, or `null` for all.
    pub reason: Option<String>,
    /// Glob of the cases.
    pub case: Option<String>,
    /// Glob of the routes.
    pub route: Option<String>,
    /// The last day, UTC.
    pub until: String,
    /// Why.
    pub why: String,
    /// The suite file.
    pub file: String,
    /// Line in it, from 1.
    pub line: usize,
    /// Findings it took the failure from.
    pub waived: u32,
    /// Nothing needs it any more: it can be deleted.
    pub idle: bool,
}

/// The waiver of a finding.
#[derive(Serialize, JsonSchema)]
pub struct Waived {
    /// The last day, UTC.
    pub until: String,
    /// Why.
    pub why: String,
    /// What the check said.
    #[schemars(extend("enum" = ["warn", "fail"]))]
    pub verdict: &'static str,
}

/// The run.
#[derive(Serialize, JsonSchema)]
pub struct Run {
    /// Run id.
    pub id: String,
    /// Suites' slugs, joined by a comma.
    pub suite: String,
    /// Start.
    pub started_at: String,
    /// End.
    pub finished_at: String,
    /// Where it ran.
    #[schemars(extend("enum" = ["lab", "real"]))]
    pub world: String,
    /// Stopped by a signal: the report is partial.
    pub interrupted: bool,
    /// Version of the program that wrote this.
    pub version: &'static str,
    /// Exceptions from the safe defaults that were in force: opened fences, extra trust anchors.
    pub notices: Vec<String>,
}

/// Deliveries by verdict, each by the attempt that decides it.
#[derive(Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names are the verdicts'")]
pub struct Totals {
    pub deliveries: u32,
    pub pass: u32,
    pub warn: u32,
    pub fail: u32,
    pub skip: u32,
    pub blind: u32,
    /// Of those that pass or warn: how many did so only after another try.
    pub flaky: u32,
}

/// One delivery, or one saved message (then id, case and mailbox are the file's path).
#[derive(Serialize, JsonSchema)]
pub struct Delivery {
    /// `suite/case/route/mailbox`.
    pub id: String,
    /// Case.
    pub case: String,
    /// Category.
    #[schemars(extend("enum" = ["transactional", "marketing", "hybrid"]))]
    pub category: String,
    /// Route.
    pub route: Option<String>,
    /// Seed mailbox.
    pub mailbox: String,
    /// Provider key.
    pub provider: String,
    /// Attempt, from 1.
    pub attempt: Option<u32>,
    /// Was it sent because the attempt before it came to nothing?
    pub retry: bool,
    /// Does the delivery count by this attempt? Of several tries one does: the last that could be looked at.
    pub decides: bool,
    /// Is it well only after another try?
    pub flaky: bool,
    /// Worst verdict of the findings.
    #[schemars(extend("enum" = ["pass", "warn", "fail", "skip", "blind"]))]
    pub verdict: &'static str,
    /// What tied the message to the delivery.
    #[schemars(extend("enum" = ["header", "metadata", "body", "address", "esp-id", null]))]
    pub matched_by: Option<&'static str>,
    /// Where it ended up.
    pub placement: Option<Placement>,
    /// When.
    pub timing: Timing,
    /// What was verified; `null` where there are no bytes.
    pub authentication: Option<Authentication>,
    /// Links, in order of appearance.
    pub links: Vec<Link>,
    /// Open pixels.
    pub pixels: Vec<Pixel>,
    /// Findings, in catalogue order.
    pub findings: Vec<Finding>,
    /// Lab faults that were active.
    pub faults: Vec<String>,
}

/// Where a message ended up.
#[derive(Serialize, JsonSchema)]
pub struct Placement {
    /// One of nine states.
    #[schemars(extend("enum" = ["inbox", "tab", "spam", "other", "missing", "pending", "rejected", "suppressed", "mailbox-error"]))]
    pub state: String,
    /// Folder as the server names it.
    pub folder: Option<String>,
    /// Gmail tab.
    pub tab: Option<String>,
}

/// Times.
#[derive(Serialize, JsonSchema)]
pub struct Timing {
    /// The route took responsibility.
    pub accepted_at: Option<String>,
    /// First sighting.
    pub first_seen_at: Option<String>,
    /// From acceptance to first sighting.
    pub arrival_ms: Option<u64>,
    /// How much earlier it may have arrived.
    pub resolution_ms: Option<u64>,
    /// The provider's clock minus ours.
    pub clock_skew_ms: Option<i64>,
    /// Received lines, oldest first.
    pub hops: Vec<Hop>,
}

/// One Received line.
#[derive(Serialize, JsonSchema)]
pub struct Hop {
    /// Host that wrote it.
    pub by: String,
    /// Its stamp.
    pub at: Option<String>,
    /// Since the hop before; negative where clocks differ.
    pub delay_ms: Option<i64>,
}

/// What was verified.
#[derive(Serialize, JsonSchema)]
pub struct Authentication {
    /// Domain of the single From address.
    pub from_domain: Option<String>,
    /// Signatures, top to bottom.
    pub dkim: Vec<Dkim>,
    /// SPF, where the client's address is known.
    pub spf: Option<Spf>,
    /// DMARC.
    pub dmarc: Dmarc,
    /// The provider's Authentication-Results.
    pub provider: Option<Provider>,
}

/// One DKIM signature.
#[derive(Serialize, JsonSchema)]
pub struct Dkim {
    /// `d=`.
    pub domain: String,
    /// `s=`.
    pub selector: String,
    /// `a=`.
    pub algorithm: String,
    /// Key size.
    pub bits: Option<u32>,
    /// Verdict.
    #[schemars(extend("enum" = ["pass", "fail", "permerror", "temperror", "none"]))]
    pub result: &'static str,
    /// Stable code (`ok`, `body-hash`, `no-key`, …).
    pub reason: String,
    /// Aligned with the From domain?
    pub aligned: bool,
}

/// SPF of the envelope sender.
#[derive(Serialize, JsonSchema)]
pub struct Spf {
    /// Verdict.
    #[schemars(extend("enum" = ["pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"]))]
    pub result: &'static str,
    /// Domain checked.
    pub domain: String,
    /// Client address.
    pub client: String,
    /// Aligned with the From domain?
    pub aligned: bool,
}

/// DMARC.
#[derive(Serialize, JsonSchema)]
pub struct Dmarc {
    /// Verdict: pass if something that aligns passed.
    #[schemars(extend("enum" = ["pass", "fail", "none", "temperror", "permerror"]))]
    pub result: &'static str,
    /// `none`, `quarantine` or `reject`.
    pub policy: Option<String>,
    /// Domain of the record.
    pub record_domain: Option<String>,
}

/// The provider's own words.
#[derive(Serialize, JsonSchema)]
pub struct Provider {
    /// Written by the provider itself? Otherwise the rest is `null`.
    pub trusted: bool,
    /// `dkim=`.
    pub dkim: Option<String>,
    /// `spf=`.
    pub spf: Option<String>,
    /// `dmarc=`.
    pub dmarc: Option<String>,
}

/// One link.
#[derive(Serialize, JsonSchema)]
pub struct Link {
    /// Visible text.
    pub text: String,
    /// As composed, where known.
    pub original: Option<String>,
    /// As delivered.
    pub delivered: String,
    /// Who wrapped it.
    pub vendor: Option<String>,
    /// Last URL requested; `null` where none was.
    #[serde(rename = "final")]
    pub last: Option<String>,
    /// HTTP status of the last answer.
    pub status: Option<u16>,
    /// What may be done with it.
    #[schemars(extend("enum" = ["link", "unsubscribe", "no-follow"]))]
    pub kind: &'static str,
    /// Requests made.
    pub hops: Vec<UrlHop>,
}

/// One request.
#[derive(Serialize, JsonSchema)]
pub struct UrlHop {
    /// URL asked for.
    pub url: String,
    /// HTTP status.
    pub status: Option<u16>,
}

/// One pixel.
#[derive(Serialize, JsonSchema)]
pub struct Pixel {
    /// Its URL.
    pub url: String,
    /// Whose it is.
    pub vendor: Option<String>,
    /// HTTP status of the last answer.
    pub status: Option<u16>,
}

/// What a check says.
#[derive(Serialize, JsonSchema)]
pub struct Finding {
    /// Check id.
    pub check: &'static str,
    /// Verdict.
    #[schemars(extend("enum" = ["pass", "warn", "fail", "skip", "blind"]))]
    pub verdict: &'static str,
    /// Stable code, `check.reason`.
    pub reason: String,
    /// One line.
    pub summary: String,
    /// What was expected.
    pub expected: String,
    /// What was seen.
    pub observed: String,
    /// Why it matters and what to do.
    pub help: String,
    /// The waiver by which it counts as a warning that `--strict` passes over; `null` where there is none.
    pub waived: Option<Waived>,
}

/// What a check says of the run.
#[derive(Serialize, JsonSchema)]
pub struct RunFinding {
    /// Route, or empty for the whole run.
    pub group: String,
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
}

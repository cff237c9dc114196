//! argv, declared.

use crate::model::Category;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use time::OffsetDateTime;

/// Sends the real message through the real route into seed mailboxes, looks, and answers with proof.
#[derive(Parser)]
#[command(name = "inboxqa", version, max_term_width = 110, after_help = EXITS)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// Where runs are kept unless something else is said.
pub(super) const STORE: &str = ".inboxqa/runs.sqlite";

const EXITS: &str = "Exit codes: 0 all pass · 1 a check failed · 2 usage or configuration error, nothing sent · \
                     3 nothing failed but something could not be looked at, or a report was lost after sending · \
                     4 the filter selected nothing · \
                     130/143 interrupted";

#[derive(Subcommand)]
pub(super) enum Command {
    /// Send a suite's messages through their routes, watch the seeds and judge what arrives
    Run(RunArgs),
    /// Judge saved messages: .eml files, Maildirs, mbox files, `-` for standard input; or HTML files before they are sent
    Check(CheckArgs),
    /// Judge a suite's messages as they are composed; nothing is sent, nobody is asked
    Lint(LintArgs),
    /// Look at everything a run depends on (DNS of every contract, tracking hosts, logins, folders) and send nothing
    Doctor(DoctorArgs),
    /// Grant access to a mailbox by OAuth once, and keep its refresh token in a file
    Login(LoginArgs),
    /// Remove old test messages from the seed mailboxes: only what carries our token
    Clean(CleanArgs),
    /// Lay the quickstart into a folder: suites, routes, seeds, templates; nothing is overwritten
    Init(InitArgs),
    /// Judge a stored run again, offline, from its evidence
    Recheck(RecheckArgs),
    /// Go on with a run that was interrupted: what was handed over is looked for and never sent again, the rest is sent
    Resume(ResumeArgs),
    /// Compare two stored runs, or two routes in one run: may a message move?
    Compare(CompareArgs),
    /// List stored runs
    History(HistoryArgs),
    /// Say what a check means, why it matters and how to mend it
    Explain(ExplainArgs),
    /// Print the JSON Schema of a file that users write
    Schema(SchemaArgs),
    /// Run the lab standing alone and print how to reach it
    Lab(LabArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man,
}

#[derive(Args)]
pub(super) struct RunArgs {
    /// Suite files
    #[arg(required = true, value_name = "SUITE")]
    pub suites: Vec<PathBuf>,
    /// Play the internet on loopback: no account, no network
    #[arg(long)]
    pub lab: bool,
    /// The mailboxes file [default: mailboxes.toml; under --lab any example will do, also the built-in one]
    #[arg(long, value_name = "FILE", env = "INBOXQA_MAILBOXES")]
    pub mailboxes: Option<PathBuf>,
    /// Select deliveries, e.g. 'case(order-*) & provider(gmail) & !tag(slow)'
    #[arg(short = 'E', value_name = "FILTER")]
    pub filter: Option<String>,
    /// Print who would be sent what, by which route, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Send without asking
    #[arg(long)]
    pub yes: bool,
    /// Warnings fail the run, and so does what passed only after another try
    #[arg(long)]
    pub strict: bool,
    /// Send up to N times more, each time as a new message, what is late, missing or was not taken by its route; not what was refused, nor
    /// what fails another check [passing then is flaky: it passes, and fails under --strict]
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=5))]
    pub retries: u32,
    /// Send every delivery N times (each with its own token)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeat: u32,
    /// Only the m-th of n parts, stable by delivery: hash:m/n
    #[arg(long, value_name = "hash:M/N", value_parser = partition)]
    pub partition: Option<(u64, u64)>,
    /// Let the lab misbehave: NAME[=VALUE][@case=GLOB,route=GLOB,mailbox=GLOB,attempt=GLOB]; may be repeated
    #[arg(long = "fault", value_name = "SPEC", requires = "lab")]
    pub faults: Vec<String>,
    #[command(flatten)]
    pub reports: ReportArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Saved messages: .eml files, mbox files, Maildirs or folders of .eml files, `-` for standard input; or HTML files (.html), judged
    /// before they are sent
    #[arg(required_unless_present = "html", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Judge by the contract of this route too
    #[arg(long, value_name = "NAME")]
    pub route: Option<String>,
    /// The routes file [default: routes.toml, else suites/routes.toml]
    #[arg(long, value_name = "FILE")]
    pub routes: Option<PathBuf>,
    /// What kind of mail it is [default: the route's only category, else what the message looks like]
    #[arg(long, value_enum)]
    pub category: Option<CategoryWord>,
    /// Whose mailbox it was saved from (gmail, yahoo, outlook …) [default: by the topmost Received line]
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// When it arrived: expiry is judged at that moment [default: the topmost Received line, else Date]
    #[arg(long, value_name = "TIME", value_parser = super::check::time)]
    pub at: Option<OffsetDateTime>,
    /// Ask no DNS: nothing is verified
    #[arg(long, conflicts_with_all = ["dns_file", "probe"])]
    pub offline: bool,
    /// Take DNS answers from a JSON file; a name that is not listed does not exist
    #[arg(long, value_name = "FILE")]
    pub dns_file: Option<PathBuf>,
    /// Ask this rspamd about every message: the URL of its normal worker, such as http://127.0.0.1:11333
    #[arg(long, value_name = "URL", value_parser = super::check::rspamd)]
    pub rspamd: Option<String>,
    /// Ask this SpamAssassin about every message: the address of its spamd, such as 127.0.0.1:783
    #[arg(long, value_name = "HOST:PORT", value_parser = super::check::spamd)]
    pub spamassassin: Option<String>,
    /// Request links and pixels (never those that unsubscribe); without it they are decoded alone
    #[arg(long)]
    pub probe: bool,
    /// Warnings count as failures
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub reports: ReportArgs,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum CategoryWord {
    Transactional,
    Marketing,
    Hybrid,
}

impl From<CategoryWord> for Category {
    fn from(word: CategoryWord) -> Self {
        match word {
            CategoryWord::Transactional => Category::Transactional,
            CategoryWord::Marketing => Category::Marketing,
            CategoryWord::Hybrid => Category::Hybrid,
        }
    }
}

#[derive(Args)]
pub(super) struct LintArgs {
    /// Suite files
    #[arg(required = true, value_name = "SUITE")]
    pub suites: Vec<PathBuf>,
    /// The mailboxes file [default: mailboxes.toml, else mailboxes.example.toml, else the built-in one]
    #[arg(long, value_name = "FILE", env = "INBOXQA_MAILBOXES")]
    pub mailboxes: Option<PathBuf>,
    /// Warnings count as failures
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub reports: ReportArgs,
}

#[derive(Args)]
pub(super) struct DoctorArgs {
    /// Suite files; what their cases use is examined
    #[arg(required = true, value_name = "SUITE")]
    pub suites: Vec<PathBuf>,
    /// Examine the lab instead of the internet
    #[arg(long)]
    pub lab: bool,
    /// The mailboxes file [default: mailboxes.toml; under --lab any example will do, also the built-in one]
    #[arg(long, value_name = "FILE", env = "INBOXQA_MAILBOXES")]
    pub mailboxes: Option<PathBuf>,
    /// Warnings count as failures
    #[arg(long)]
    pub strict: bool,
    /// Print JSON, with more than people want to read: what to send along when asking for help
    #[arg(long)]
    pub json: bool,
    /// Let the lab misbehave: NAME[=VALUE][@case=GLOB,route=GLOB,mailbox=GLOB,attempt=GLOB]; may be repeated
    #[arg(long = "fault", value_name = "SPEC", requires = "lab")]
    pub faults: Vec<String>,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Args)]
pub(super) struct LoginArgs {
    /// The mailbox, by its name in the mailboxes file
    pub mailbox: String,
    /// The mailboxes file [default: mailboxes.toml; under --lab any example will do, also the built-in one]
    #[arg(long, value_name = "FILE", env = "INBOXQA_MAILBOXES")]
    pub mailboxes: Option<PathBuf>,
    /// Where the refresh token goes [default: .inboxqa/MAILBOX.refresh-token beside the mailboxes file; under --lab nowhere]
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// Replace a token that is there
    #[arg(long)]
    pub force: bool,
    /// Use a browser on this machine even where a code could be typed elsewhere
    #[arg(long)]
    pub browser: bool,
    /// Try it on the lab, which plays the person too
    #[arg(long)]
    pub lab: bool,
}

#[derive(Args)]
pub(super) struct CleanArgs {
    /// The mailboxes, by their names in the mailboxes file [default: all]
    #[arg(value_name = "MAILBOX")]
    pub names: Vec<String>,
    /// The mailboxes file [default: mailboxes.toml]
    #[arg(long, value_name = "FILE", env = "INBOXQA_MAILBOXES")]
    pub mailboxes: Option<PathBuf>,
    /// Leave what is younger, such as 7d: a run may be waiting for it
    #[arg(long, value_name = "AGE", default_value = "1h", value_parser = age)]
    pub older_than: std::time::Duration,
    /// Show what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Remove without asking
    #[arg(long)]
    pub yes: bool,
}

#[derive(Args)]
pub(super) struct InitArgs {
    /// The folder
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Write a pipeline for this CI server too
    #[arg(long, value_enum)]
    pub ci: Option<Pipeline>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Pipeline {
    Github,
    Gitlab,
    Jenkins,
}

/// Where reports are written besides the terminal.
#[derive(Args, Clone)]
pub(super) struct ReportArgs {
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a JSON report
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write an HTML report
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write a Markdown report
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
}

#[derive(Args, Clone)]
pub(super) struct StoreArgs {
    /// The run store
    #[arg(
        long,
        value_name = "FILE",
        env = "INBOXQA_STORE",
        default_value = STORE
    )]
    pub store: PathBuf,
}

#[derive(Args)]
pub(super) struct RecheckArgs {
    /// Run id, a unique beginning of one, or `last`
    #[arg(default_value = "last")]
    pub run: String,
    /// Warnings fail the recheck, and so does what passed only after another try
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub reports: ReportArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Args)]
pub(super) struct ResumeArgs {
    /// Run id, a unique beginning of one, or `last`
    #[arg(default_value = "last")]
    pub run: String,
    /// Send without asking what is still to be sent
    #[arg(long)]
    pub yes: bool,
    /// Warnings fail the run, and so does what passed only after another try
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub reports: ReportArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Args)]
pub(super) struct CompareArgs {
    /// Two runs (old, new), or one whose routes are compared: id, unique beginning of one, or `last`
    #[arg(value_name = "RUN", num_args = 0..=2)]
    pub runs: Vec<String>,
    /// The route that is to be replaced: compares with the other routes of its cases in one run
    #[arg(long, value_name = "ROUTE")]
    pub baseline_route: Option<String>,
    /// The route that is to take its place, where cases have several
    #[arg(long, value_name = "ROUTE", requires = "baseline_route")]
    pub route: Option<String>,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Args)]
pub(super) struct HistoryArgs {
    /// How many runs
    #[arg(short = 'n', default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub count: u32,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Args)]
pub(super) struct ExplainArgs {
    /// A check id, or a reason code such as arrival.late; without it all checks are listed
    pub check: Option<String>,
}

#[derive(Args)]
pub(super) struct SchemaArgs {
    /// Which file
    #[arg(value_enum)]
    pub file: SchemaFile,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum SchemaFile {
    Suite,
    Routes,
    Mailboxes,
}

#[derive(Args)]
pub(super) struct LabArgs {
    /// Suite files whose routes and links the lab shall play
    #[arg(required = true, value_name = "SUITE")]
    pub suites: Vec<PathBuf>,
    /// The mailboxes file
    #[arg(long, value_name = "FILE", env = "INBOXQA_MAILBOXES")]
    pub mailboxes: Option<PathBuf>,
    /// Misbehave: NAME[=VALUE][@case=GLOB,route=GLOB,mailbox=GLOB,attempt=GLOB]; may be repeated
    #[arg(long = "fault", value_name = "SPEC")]
    pub faults: Vec<String>,
}

#[derive(Args)]
pub(super) struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

fn age(text: &str) -> Result<std::time::Duration, String> {
    crate::config::duration(text).map(std::time::Duration::from_millis)
}

fn partition(text: &str) -> Result<(u64, u64), String> {
    let wrong = || format!("`{text}` is not hash:M/N with 1 <= M <= N");
    let (part, of) = text
        .strip_prefix("hash:")
        .and_then(|rest| rest.split_once('/'))
        .ok_or_else(wrong)?;
    let (part, of): (u64, u64) = (part.parse().map_err(|_| wrong())?, of.parse().map_err(|_| wrong())?);
    if part >= 1 && part <= of {
        Ok((part, of))
    } else {
        Err(wrong())
    }
}

//! Floor 5: the command line. The only place that prints, exits, reads the environment and argv.

mod annotate;
mod args;
mod check;
mod clean;
mod compare;
mod doctor;
mod drills;
mod exit;
mod explain;
mod files;
mod history;
mod init;
mod keys;
mod lab;
mod lint;
mod live;
mod login;
mod recheck;
mod reports;
mod resume;
mod run;
mod schema;
mod signals;
mod streamed;
mod terminal;
mod world;

use args::{Cli, Command};
use clap::Parser;
use exit::Exit;

/// Parses argv, does what it says and returns the exit code.
pub fn main() -> std::process::ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Pass };
            // A closed pipe while printing help is nobody's problem.
            let _ = error.print();
            return code.into();
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::error(&format!("the runtime can not be started: {error}"));
            return Exit::Usage.into();
        }
    };
    let exit = runtime.block_on(dispatch(cli));
    // Reports are written; whatever hangs on a dead server is not waited for.
    runtime.shutdown_background();
    exit.into()
}

async fn dispatch(cli: Cli) -> Exit {
    match cli.command {
        Command::Run(args) => run::run(args).await,
        Command::Check(args) => check::check(args).await,
        Command::Lint(args) => lint::lint(&args),
        Command::Doctor(args) => doctor::doctor(args).await,
        Command::Login(args) => login::login(args).await,
        Command::Clean(args) => clean::clean(args).await,
        Command::Init(args) => init::init(&args),
        Command::Recheck(args) => recheck::recheck(args).await,
        Command::Resume(args) => resume::resume(args).await,
        Command::Compare(args) => compare::compare(args).await,
        Command::History(args) => history::history(args).await,
        Command::Explain(args) => explain::explain(&args),
        Command::Schema(args) => schema::schema(&args),
        Command::Lab(args) => lab::lab(args).await,
        Command::Completions(args) => schema::completions(&args),
        Command::Man => schema::man(),
    }
}

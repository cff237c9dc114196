//! What the program says of itself: JSON Schemas, completions, the manual page.

use super::args::{Cli, CompletionsArgs, SchemaArgs, SchemaFile};
use super::exit::Exit;
use super::terminal;
use crate::config::{self, Schema};
use clap::CommandFactory;

pub(super) fn schema(args: &SchemaArgs) -> Exit {
    let file = match args.file {
        SchemaFile::Suite => Schema::Suite,
        SchemaFile::Routes => Schema::Routes,
        SchemaFile::Mailboxes => Schema::Mailboxes,
    };
    terminal::out(&format!("{:#}", config::schema(file)));
    Exit::Pass
}

pub(super) fn completions(args: &CompletionsArgs) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "inboxqa", &mut script);
    terminal::out(&String::from_utf8_lossy(&script));
    Exit::Pass
}

pub(super) fn man() -> Exit {
    let mut page = Vec::new();
    match clap_mangen::Man::new(Cli::command()).render(&mut page) {
        Ok(()) => {
            terminal::out(&String::from_utf8_lossy(&page));
            Exit::Pass
        }
        Err(error) => {
            terminal::error(&format!("the manual page can not be made: {error}"));
            Exit::Usage
        }
    }
}

//! Which function answers which command, before and after login, and when the client is told what is new.

use super::command::Command;
use super::dialect;
use super::folders;
use super::layout;
use super::messages;
use super::reply::{Reply, Status};
use super::seat::Seat;
use crate::model::profile::Dialect;

/// Answers a command that needs nothing but the state of the session.
pub fn execute(dialect: Dialect, seat: &mut Option<Seat>, verb: &str, command: Command) -> Reply {
    let done = || Reply::ok(dialect::done(dialect, verb));
    match (command, seat) {
        (Command::Capability, seat) => {
            let mut reply = done();
            reply.line(&format!(
                "* CAPABILITY {}",
                dialect::capabilities(dialect, seat.is_some())
            ));
            reply
        }
        (Command::Logout, _) => {
            let mut reply = done();
            reply.line(dialect::bye(dialect));
            reply.ends = true;
            reply
        }
        (Command::Id(Some(0)), _) if dialect == Dialect::Outlook => Reply::bad(dialect::bad(dialect, verb, "empty")),
        (Command::Id(_), _) => {
            let mut reply = done();
            reply.line(dialect::id(dialect));
            reply
        }
        (Command::Noop, None) => done(),
        (_, None) => Reply::bad(dialect::bad(dialect, verb, "not logged in")),
        (command, Some(seat)) => {
            let numbers_count = matches!(
                command,
                Command::Fetch(..) | Command::Store(..) | Command::Search { .. }
            );
            let mut reply = at_seat(seat, verb, command);
            if reply.status != Status::Bad {
                // News must not shift the numbers of a command that speaks of numbers.
                seat.tell_news(!numbers_count || verb.starts_with("UID "), &mut reply);
            }
            reply
        }
    }
}

/// Commands of a logged-in client.
fn at_seat(seat: &mut Seat, verb: &str, command: Command) -> Reply {
    let dialect = seat.dialect;
    let done = || Reply::ok(dialect::done(dialect, verb));
    match command {
        Command::List(arguments) => folders::list(seat, &arguments),
        Command::Status { folder, items } => folders::status(seat, &folder, &items),
        Command::Open { folder, read_only } => folders::open(seat, &folder, read_only),
        Command::Fetch(numbers, items) => messages::fetch(seat, verb, &numbers, &items),
        Command::Search { uid, key } => messages::search(seat, verb, uid, &key),
        Command::Store(numbers, arguments) => messages::store(seat, verb, &numbers, &arguments),
        Command::Transfer {
            numbers,
            folder,
            take_away,
        } => messages::transfer(seat, verb, &numbers, &folder, take_away),
        Command::Expunge(only) => messages::expunge(seat, verb, only.as_ref()),
        Command::Leave { .. } if seat.opened.is_none() => {
            Reply::bad(dialect::bad(dialect, verb, "no mailbox selected"))
        }
        Command::Leave { expunge } => {
            if expunge && seat.opened.as_ref().is_some_and(|opened| !opened.read_only) {
                messages::expunge(seat, verb, None);
            }
            seat.opened = None;
            done()
        }
        Command::Namespace => {
            let mut reply = done();
            let delimiter = layout::delimiter(dialect);
            reply.line(&format!("* NAMESPACE ((\"\" \"{delimiter}\")) NIL NIL"));
            reply
        }
        Command::QuotaRoot(_) if dialect::has(dialect, "QUOTA") => {
            let mut reply = done();
            reply.line("* QUOTAROOT \"INBOX\" \"\"");
            reply.line("* QUOTA \"\" (STORAGE 1893244 15728640)");
            reply
        }
        Command::Enable(_) if dialect::has(dialect, "ENABLE") => {
            let mut reply = done();
            reply.line("* ENABLED");
            reply
        }
        Command::Noop => done(),
        _ => Reply::bad(dialect::bad(dialect, verb, "unknown command")),
    }
}

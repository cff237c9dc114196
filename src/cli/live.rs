//! Live progress: events of the run, shown as they come.

use super::terminal;
use crate::model::RunEvent;
use crate::report::live::Live;
use indicatif::ProgressDrawTarget;
use std::io::IsTerminal;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// The task that shows events.
pub(super) struct Listener {
    task: JoinHandle<()>,
}

impl Listener {
    /// Waits until every event was shown (all senders are gone).
    pub(super) async fn finish(self) {
        let _ = self.task.await;
    }
}

/// Starts showing.
pub(super) fn start() -> (UnboundedSender<RunEvent>, Listener) {
    let (sender, mut events) = unbounded_channel();
    let mut live = match std::io::stderr().is_terminal() {
        true => Live::bar(ProgressDrawTarget::stderr(), terminal::colors_on_stderr()),
        false => Live::lines(),
    };
    let task = tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if let Some(line) = live.tell(&event) {
                terminal::note(&line);
            }
        }
        live.end();
    });
    (sender, Listener { task })
}

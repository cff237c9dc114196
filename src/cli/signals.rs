//! SIGINT and SIGTERM: the first stops new sends and waiting, so that partial reports are still written; the second ends at once.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Signals so close to the first are the same wish: a terminal and a wrapper (a task runner, a CI agent) both pass on one Ctrl-C.
const ECHO: Duration = Duration::from_millis(500);

/// The signal that came first, if one came.
#[derive(Clone, Default)]
pub(super) struct Signals {
    first: Arc<AtomicU8>,
    began: Arc<OnceLock<Instant>>,
}

impl Signals {
    /// Listens; cancels `stop` at the first signal.
    pub(super) fn listen(stop: CancellationToken) -> Signals {
        let signals = Signals::default();
        for (number, kind) in [
            (2, tokio::signal::unix::SignalKind::interrupt()),
            (15, tokio::signal::unix::SignalKind::terminate()),
        ] {
            let (signals, stop) = (signals.clone(), stop.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = tokio::signal::unix::signal(kind) else {
                    return;
                };
                while stream.recv().await.is_some() {
                    signals.note(number, &stop);
                }
            });
        }
        signals
    }

    /// The number of the first signal.
    pub(super) fn first(&self) -> Option<u8> {
        Some(self.first.load(Ordering::SeqCst)).filter(|number| *number != 0)
    }

    fn note(&self, number: u8, stop: &CancellationToken) {
        let began = self.began.get_or_init(Instant::now);
        if self
            .first
            .compare_exchange(0, number, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
        {
            super::terminal::note("stopping: nothing more is sent; once more to end at once");
            stop.cancel();
        } else if began.elapsed() >= ECHO {
            std::process::exit(128 + i32::from(number));
        }
    }
}

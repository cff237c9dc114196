//! What a run shows while it goes on: a moving line on a terminal, a few quiet lines in a CI log. Only shows: events may be lost,
//! and nothing depends on them.

use super::escape::{not_a_command, visible};
use super::span;
use crate::model::{DeliveryId, RunEvent, Verdict};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeSet;
use std::time::Duration;

/// Shows events.
pub struct Live {
    bar: Option<ProgressBar>,
    planned: usize,
    sent: usize,
    judged: usize,
    red: usize,
    waiting: BTreeSet<DeliveryId>,
    told_judged: usize,
}

impl Live {
    /// A moving line, drawn by indicatif on the target `cli` chose (standard error); it vanishes at the end.
    pub fn bar(target: ProgressDrawTarget, color: bool) -> Live {
        let bar = ProgressBar::with_draw_target(None, target);
        let template = if color {
            "{spinner:.cyan} {msg} {elapsed:.dim}"
        } else {
            "{spinner} {msg} {elapsed}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Live {
            bar: Some(bar),
            ..Live::lines()
        }
    }

    /// Quiet lines: the plan, what was refused, each delivery that is not well, and progress by tenths.
    pub fn lines() -> Live {
        Live {
            bar: None,
            planned: 0,
            sent: 0,
            judged: 0,
            red: 0,
            waiting: BTreeSet::new(),
            told_judged: 0,
        }
    }

    /// Takes an event in; returns a line for `cli` to print, if there is one worth it.
    pub fn tell(&mut self, event: &RunEvent) -> Option<String> {
        self.count(event);
        let line = match (&self.bar, event) {
            (Some(bar), RunEvent::Note(text)) if self.planned == 0 || self.sent == 0 => {
                bar.set_message(visible(text).into_owned());
                None
            }
            (Some(bar), _) => {
                bar.set_message(self.moving());
                None
            }
            (None, event) => self.quiet(event),
        };
        line.map(|line| not_a_command(&line).into_owned())
    }

    /// Removes the moving line.
    pub fn end(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn count(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Planned { deliveries, .. } => self.planned += deliveries,
            RunEvent::Note(_) => {}
            RunEvent::Again { .. } => self.planned += 1,
            RunEvent::Sent { id, .. } => {
                self.sent += usize::from(self.waiting.insert(id.clone()));
            }
            RunEvent::Seen { id, .. } => {
                self.waiting.remove(id);
            }
            RunEvent::Judged { id, verdict, .. } => {
                self.judged += 1;
                self.red += usize::from(matches!(verdict, Verdict::Fail | Verdict::Blind));
                self.waiting.remove(id);
            }
        }
    }

    fn moving(&self) -> String {
        let mut parts = vec![
            format!("{}/{} judged", self.judged, self.planned),
            format!("{} sent", self.sent),
        ];
        if self.red > 0 {
            parts.push(format!("{} not well", self.red));
        }
        if let Some(id) = self.waiting.first() {
            let others = self.waiting.len() - 1;
            let more = if others > 0 {
                format!(" +{others}")
            } else {
                String::new()
            };
            parts.push(format!("waiting for {} / {} / {}{more}", id.case, id.route, id.mailbox));
        }
        visible(&parts.join(" · ")).into_owned()
    }

    fn quiet(&mut self, event: &RunEvent) -> Option<String> {
        match event {
            RunEvent::Note(text) => Some(format!("  {}", visible(text))),
            RunEvent::Planned { messages, spares, .. } => {
                let more = match spares {
                    0 => String::new(),
                    spares => format!(", up to {spares} more where one comes to nothing"),
                };
                Some(format!(
                    "  {} to send{more}",
                    super::tally::counted(*messages, "message")
                ))
            }
            RunEvent::Again { id, attempt } => Some(format!(
                "  {}: sent once more (attempt {attempt})",
                visible(&id.to_string())
            )),
            RunEvent::Sent { id, outcome } if !outcome.starts_with("accepted") => {
                Some(format!("  {}: {}", visible(&id.to_string()), visible(outcome)))
            }
            RunEvent::Judged {
                id,
                verdict,
                placement,
                after_ms,
            } if matches!(verdict, Verdict::Fail | Verdict::Blind) => {
                let after = after_ms
                    .map(|ms| format!(" after {}", span::words(ms)))
                    .unwrap_or_default();
                Some(format!(
                    "  {verdict} {}: {}{after}",
                    visible(&id.to_string()),
                    visible(placement)
                ))
            }
            RunEvent::Judged { .. } => self.tenth(),
            RunEvent::Sent { .. } | RunEvent::Seen { .. } => None,
        }
    }

    /// A line for each tenth of the deliveries, but not for fewer than ten, nor for the last: the report follows it.
    fn tenth(&mut self) -> Option<String> {
        let step = self.planned.div_ceil(10).max(10);
        if self.judged < self.told_judged + step || self.judged >= self.planned {
            return None;
        }
        self.told_judged = self.judged;
        Some(format!("  {} of {} judged", self.judged, self.planned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(mailbox: &str) -> DeliveryId {
        DeliveryId {
            suite: "launch".into(),
            case: "sale".into(),
            route: "cio".into(),
            mailbox: mailbox.into(),
        }
    }

    fn judged(mailbox: &str, verdict: Verdict) -> RunEvent {
        RunEvent::Judged {
            id: id(mailbox),
            verdict,
            placement: "spam (Bulk)".into(),
            after_ms: Some(900),
        }
    }

    #[test]
    fn a_log_gets_few_lines_and_no_escapes() {
        let mut live = Live::lines();
        let events = [
            RunEvent::Planned {
                deliveries: 40,
                messages: 40,
                spares: 0,
            },
            RunEvent::Sent {
                id: id("a"),
                outcome: "accepted".into(),
            },
            RunEvent::Sent {
                id: id("b"),
                outcome: "refused 550 \x1b[2J no".into(),
            },
            RunEvent::Seen {
                id: id("a"),
                folder: "INBOX".into(),
                after_ms: 5,
            },
            judged("a", Verdict::Pass),
            judged("b", Verdict::Fail),
        ];
        let lines: Vec<String> = events.iter().filter_map(|event| live.tell(event)).collect();
        let wanted = [
            "  40 messages to send",
            "  launch/sale/cio/b: refused 550 \\u{1b}[2J no",
            "  fail launch/sale/cio/b: spam (Bulk) after 0.90 s",
        ];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn progress_comes_by_tenths() {
        let mut live = Live::lines();
        live.tell(&RunEvent::Planned {
            deliveries: 400,
            messages: 400,
            spares: 0,
        });
        let lines = (0..400)
            .filter_map(|index| live.tell(&judged(&index.to_string(), Verdict::Pass)))
            .count();
        assert_eq!(lines, 9);
    }

    #[test]
    fn the_moving_line_says_what_it_waits_for() {
        let mut live = Live::bar(ProgressDrawTarget::hidden(), false);
        live.tell(&RunEvent::Planned {
            deliveries: 2,
            messages: 2,
            spares: 0,
        });
        live.tell(&RunEvent::Sent {
            id: id("a"),
            outcome: "accepted".into(),
        });
        live.tell(&RunEvent::Sent {
            id: id("b"),
            outcome: "accepted".into(),
        });
        assert_eq!(live.moving(), "0/2 judged · 2 sent · waiting for sale / cio / a +1");
        live.end();
    }
}

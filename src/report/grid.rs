//! Route × provider at a glance: how many deliveries reached the inbox, by the attempt that decides each, and how fast a route is against
//! its budget, by every message that arrived.

use super::sheet::{Row, Sheet};
use super::span;
use crate::model::PlacementState;
use crate::model::percentile::nearest_rank;
use std::collections::BTreeSet;

/// The table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Column heads, sorted.
    pub providers: Vec<String>,
    /// One line a route, in plan order.
    pub lines: Vec<GridLine>,
}

/// One route. Durations in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridLine {
    /// Route.
    pub route: String,
    /// One a provider; `None` where the route sent nothing there.
    pub cells: Vec<Option<Cell>>,
    /// Median arrival of what arrived, whichever try it was.
    pub p50_ms: Option<u64>,
    /// 95th percentile of what arrived.
    pub p95_ms: Option<u64>,
    /// Smallest and largest budget of its deliveries.
    pub budget_ms: (u64, u64),
}

/// Counts of one route at one provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// Reached the inbox or one of its tabs.
    pub inbox: u32,
    /// Placement is known.
    pub known: u32,
    /// Placement is not known: the mailbox could not be looked into, or the message is still under way.
    pub unknown: u32,
}

impl Cell {
    /// `3/3`, with `?` after it where something could not be looked at.
    pub fn words(self) -> String {
        format!(
            "{}/{}{}",
            self.inbox,
            self.known + self.unknown,
            if self.unknown > 0 { "?" } else { "" }
        )
    }
}

impl GridLine {
    /// `60 s`, or `30 s to 60 s`.
    pub fn budget_words(&self) -> String {
        match self.budget_ms {
            (low, high) if low == high => span::budget(low),
            (low, high) => format!("{} to {}", span::budget(low), span::budget(high)),
        }
    }

    /// Is the 95th percentile within the smallest budget? `None` where nothing arrived.
    pub fn in_time(&self) -> Option<bool> {
        self.p95_ms.map(|p95| p95 <= self.budget_ms.0)
    }
}

impl Grid {
    /// Counts the deliveries of a sheet; `None` where there are none (saved messages have no route).
    pub fn of(sheet: &Sheet) -> Option<Grid> {
        let sent: Vec<&Row> = sheet.rows.iter().filter(|row| row.route.is_some()).collect();
        let providers: BTreeSet<String> = sent.iter().map(|row| row.provider.clone()).collect();
        let providers = Vec::from_iter(providers);
        let mut routes: Vec<&str> = Vec::new();
        for route in sent.iter().filter_map(|row| row.route.as_deref()) {
            if !routes.contains(&route) {
                routes.push(route);
            }
        }
        let line = |route: &&str| {
            let rows: Vec<&Row> = sent
                .iter()
                .copied()
                .filter(|row| row.route.as_deref() == Some(*route))
                .collect();
            grid_line(route, &rows, &providers)
        };
        let lines = routes.iter().map(line).collect();
        (!sent.is_empty()).then_some(Grid { providers, lines })
    }
}

fn grid_line(route: &str, rows: &[&Row], providers: &[String]) -> GridLine {
    let mut arrivals: Vec<u64> = rows.iter().filter_map(|row| row.timing.arrival_ms).collect();
    arrivals.sort_unstable();
    let budgets = || rows.iter().map(|row| row.timing.within_ms);
    GridLine {
        route: route.to_owned(),
        cells: providers.iter().map(|provider| cell(rows, provider)).collect(),
        p50_ms: nearest_rank(&arrivals, 50),
        p95_ms: nearest_rank(&arrivals, 95),
        budget_ms: (budgets().min().unwrap_or(0), budgets().max().unwrap_or(0)),
    }
}

fn cell(rows: &[&Row], provider: &str) -> Option<Cell> {
    let mut cell = Cell::default();
    let own = rows.iter().filter(|row| row.provider == provider);
    for row in own.filter(|row| row.standing.decides) {
        match row.placement.as_ref().map(|placement| placement.state) {
            None | Some(PlacementState::MailboxError | PlacementState::Pending) => cell.unknown += 1,
            Some(PlacementState::Inbox | PlacementState::Tab) => {
                cell.inbox += 1;
                cell.known += 1;
            }
            Some(_) => cell.known += 1,
        }
    }
    (cell.known + cell.unknown > 0).then_some(cell)
}

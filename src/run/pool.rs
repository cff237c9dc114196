//! The workers of one route: a bounded number of connections, handed out one submission at a time, no faster than the
//! route's rate.

use crate::model::{Route, Secret};
use crate::net::Net;
use crate::route::{Credentials, Log, Worker};
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// What opening a route needs besides its settings.
#[derive(Clone, Default)]
pub struct RouteKeys {
    /// Login, where the route has one.
    pub credentials: Option<Credentials>,
    /// Login of Customer.io's Track API, where the route has one.
    pub track: Option<Credentials>,
    /// Extra trust anchor, PEM.
    pub extra_root_pem: Option<Vec<u8>>,
    /// Keys to the route's logs, in their order.
    pub logs: Vec<Secret>,
}

/// A route's workers.
pub struct Pool {
    route: Route,
    keys: RouteKeys,
    logs: Vec<Log>,
    net: Net,
    slots: Semaphore,
    idle: Mutex<Vec<Worker>>,
    next_start: Mutex<Instant>,
}

/// A worker on loan.
pub struct Loan<'a> {
    /// The worker.
    pub worker: Worker,
    _slot: SemaphorePermit<'a>,
}

impl Pool {
    /// A pool that opens connections as they are needed.
    pub fn new(route: Route, keys: RouteKeys, net: Net) -> Pool {
        let slots = Semaphore::new(route.concurrency.max(1) as usize);
        let logs = route.logs.iter().zip(&keys.logs);
        let logs = logs
            .map(|(log, key)| Log::new(log, key.clone(), net.clone()).track(keys.track.clone()))
            .collect();
        Pool {
            route,
            keys,
            logs,
            net,
            slots,
            idle: Mutex::default(),
            next_start: Mutex::new(Instant::now()),
        }
    }

    /// Waits for a free worker and for the route's rate. `None` once the pool is closed.
    pub async fn take(&self) -> Option<Loan<'_>> {
        let slot = self.slots.acquire().await.ok()?;
        self.keep_rate().await;
        let idle = self.idle.lock().await.pop();
        let fresh = || {
            Worker::new(
                &self.route,
                self.keys.credentials.clone(),
                self.keys.extra_root_pem.clone(),
                self.net.clone(),
            )
            .track(self.keys.track.clone())
        };
        Some(Loan {
            worker: idle.unwrap_or_else(fresh),
            _slot: slot,
        })
    }

    /// Who can be asked what became of the route's messages.
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// Takes a worker back.
    pub async fn give(&self, loan: Loan<'_>) {
        self.idle.lock().await.push(loan.worker);
    }

    /// Says goodbye on every idle connection.
    pub async fn close(&self) {
        self.slots.close();
        let idle = std::mem::take(&mut *self.idle.lock().await);
        for worker in idle {
            worker.quit().await;
        }
    }

    async fn keep_rate(&self) {
        if self.route.rate_per_second <= 0.0 {
            return;
        }
        let step = Duration::from_secs_f64(1.0 / self.route.rate_per_second);
        let start = {
            let mut next = self.next_start.lock().await;
            let start = (*next).max(Instant::now());
            *next = start + step;
            start
        };
        tokio::time::sleep_until(start).await;
    }
}

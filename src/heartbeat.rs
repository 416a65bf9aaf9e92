//! Liveness of the daemon's loops: beside each loop's work a timer notes, once a second, that the loop's task could run
//! (a beat). A loop that blocks its thread or never yields stops beating. Whether a beating loop makes progress is seen
//! elsewhere, from the age of the oldest update and letter that wait (`queue_stats`).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;

/// The time between two beats of a healthy loop.
const USUAL: Duration = Duration::from_secs(1);

/// The heartbeats of all loops of this process. Clones share the list of loops.
#[derive(Clone)]
pub struct Heartbeat {
    began: Instant,
    beat: Duration,
    loops: Arc<Mutex<Vec<Arc<Loop>>>>,
}

struct Loop {
    name: String,
    /// The loop's last beat, in milliseconds after `began`.
    last: AtomicU64,
}

/// A loop that has not beaten for some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// The loop's name.
    pub name: String,
    /// How long ago the loop beat last.
    pub lasts: Duration,
}

impl Default for Heartbeat {
    fn default() -> Self {
        Self { began: Instant::now(), beat: USUAL, loops: Arc::default() }
    }
}

impl Heartbeat {
    /// Registers a loop `name` at once; the returned future runs `work` with a heartbeat and removes the loop when the
    /// work ends.
    pub fn watch<T, W: Future<Output = T>>(&self, name: &str, work: W) -> impl Future<Output = T> + use<T, W> {
        let own = Arc::new(Loop { name: name.to_owned(), last: AtomicU64::new(self.now()) });
        self.all().push(Arc::clone(&own));
        let heartbeat = self.clone();
        async move {
            let ended = heartbeat.beat_beside(&own, work).await;
            heartbeat.all().retain(|other| !Arc::ptr_eq(other, &own));
            ended
        }
    }

    /// The loops that have not beaten for longer than `patience`.
    #[must_use]
    pub fn silent(&self, patience: Duration) -> Vec<Silence> {
        let now = self.now();
        let silence = |own: &Arc<Loop>| {
            let lasts = Duration::from_millis(now.saturating_sub(own.last.load(Ordering::Relaxed)));
            (lasts > patience).then(|| Silence { name: own.name.clone(), lasts })
        };
        self.all().iter().filter_map(silence).collect()
    }

    /// How long ago this value was created: the uptime of the daemon.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    async fn beat_beside<T>(&self, own: &Loop, work: impl Future<Output = T>) -> T {
        let mut beats = tokio::time::interval(self.beat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::pin!(work);
        loop {
            tokio::select! {
                ended = &mut work => return ended,
                _ = beats.tick() => own.last.store(self.now(), Ordering::Relaxed),
            }
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Loop>>> {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_loop_that_waits_beats_and_one_that_blocks_does_not() {
        let heartbeat = Heartbeat { beat: Duration::from_millis(5), ..Heartbeat::default() };
        let patience = Duration::from_millis(100);
        let waits = heartbeat.watch("waits", std::future::pending::<()>());
        // The loop is never polled: it looks like a loop that blocks its thread.
        let _blocks = heartbeat.watch("blocks", std::future::pending::<()>());
        let told_apart = async {
            while !heartbeat.silent(patience).iter().map(|silence| &*silence.name).eq(["blocks"]) {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = waits => {}
            () = told_apart => {}
        }
    }

    #[tokio::test]
    async fn a_loop_that_has_ended_is_not_missed() {
        let heartbeat = Heartbeat::default();
        assert_eq!(heartbeat.watch("short", async { 7 }).await, 7);
        assert_eq!(heartbeat.silent(Duration::ZERO), []);
    }
}

//! What the supervisor (systemd) is told of the daemon: ready, reloading, stopping, how much waits, and that the process
//! is alive. Where no supervisor listens, nothing is sent.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use crate::db::{Class, Database, View};
use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::queue_stats::{self, QueueStats};
use crate::realm::BotName;

/// The longest time between two signs of life.
const PACE: Duration = Duration::from_secs(10);
const SHORTEST_PACE: Duration = Duration::from_millis(100);
/// The supervisor hears a sign of life at least so many times before it gives up.
const SIGNS: u32 = 4;
/// The time between two texts about what waits.
const STATUS_PACE: Duration = Duration::from_secs(60);
/// How long a loop may be silent, and how long the writer may take to answer, before the daemon counts as hung.
const LONGEST_SILENCE: Duration = Duration::from_secs(20);
const LONGEST_ANSWER: Duration = Duration::from_secs(10);
/// Both limits, for [`is_alive`].
pub(super) const ALIVE: (Duration, Duration) = (LONGEST_SILENCE, LONGEST_ANSWER);

/// Tells the supervisor that the daemon is ready.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Tells the supervisor that the configuration is being read again; [`ready`] tells it that this is over.
pub fn reloading() {
    let mut states = vec![NotifyState::Reloading];
    states.extend(NotifyState::monotonic_usec_now().ok());
    tell(&states);
}

/// Tells the supervisor that the daemon stops.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the supervisor could not be told");
    }
}

/// Sends a sign of life every ten seconds, oftener if the supervisor's own limit asks for it, while the daemon
/// [`is_alive`]; and once a minute how much waits. Ends when the daemon stops.
pub(super) async fn report(
    database: Database,
    heartbeat: Heartbeat,
    bots: Vec<BotName>,
    mut stop: watch::Receiver<bool>,
) -> Result<()> {
    let pace = sd_notify::watchdog_enabled().map_or(PACE, |limit| (limit / SIGNS).clamp(SHORTEST_PACE, PACE));
    let mut signs = tokio::time::interval(pace);
    signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next_status = Instant::now();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return Ok(()),
            _ = signs.tick() => {}
        }
        if is_alive(&database, &heartbeat, ALIVE).await {
            tell(&[NotifyState::Watchdog]);
        } else {
            tracing::error!("a loop or the writer of the database hangs: the supervisor gets no sign of life");
        }
        if Instant::now() >= next_status {
            next_status = Instant::now() + STATUS_PACE;
            if let Some(text) = waiting(&database, bots.clone()).await {
                tell(&[NotifyState::Status(&text)]);
            }
        }
    }
}

/// Whether every loop has run within the first time, and the writer has ended a transaction within the second. A refusal
/// is an end: when the disk is full or another connection holds the database, a restart would not help. The writer's
/// progress counts and not its answer to this question, which waits behind the jobs of others.
pub(super) async fn is_alive(
    database: &Database,
    heartbeat: &Heartbeat,
    (silence, answer): (Duration, Duration),
) -> bool {
    let before = database.ended_transactions();
    let asked = database.write_async(|_| Ok::<_, crate::error::Error>(()));
    let is_answered = tokio::time::timeout(answer, asked).await.is_ok();
    (is_answered || database.ended_transactions() > before) && heartbeat.silent(silence).is_empty()
}

/// The text about the bots' queues; `None` when the database does not say.
async fn waiting(database: &Database, bots: Vec<BotName>) -> Option<String> {
    let measure = move |view: &View<'_>| {
        bots.iter().map(|name| queue_stats::of(view, *name)).collect::<Result<Vec<QueueStats>>>()
    };
    let measured = tokio::time::timeout(LONGEST_ANSWER, database.read_async(Class::Health, measure)).await;
    let queues = measured.ok()?.ok()?;
    let of = |count: fn(&QueueStats) -> i64| queues.iter().map(count).sum::<i64>();
    Some(format!("{} updates and {} messages wait", of(|queue| queue.updates), of(|queue| queue.letters)))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::clock::{Clock, Zone};
    use crate::db;

    const SHORT: Duration = Duration::from_millis(300);

    fn database(dir: &tempfile::TempDir) -> Database {
        let path = dir.path().join("shop.db");
        db::migrate(&path).unwrap();
        Database::open(&path, Zone::parse("Asia/Vladivostok").unwrap(), Clock::System).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_writer_that_hangs_is_no_sign_of_life_and_a_locked_database_is_one() {
        let dir = tempfile::tempdir().unwrap();
        let database = database(&dir);
        let alive = async |answer| is_alive(&database, &Heartbeat::default(), (SHORT, answer)).await;
        assert!(alive(LONGEST_ANSWER).await);

        let (go_on, waits) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel();
        let held = database.clone();
        let hang = std::thread::spawn(move || {
            held.write(move |_| {
                begun.send(()).unwrap();
                let _until_told = waits.recv();
                Ok::<_, crate::error::Error>(())
            })
        });
        has_begun.recv().unwrap();
        assert!(!alive(SHORT).await, "the writer hangs in a job");
        go_on.send(()).unwrap();
        hang.join().unwrap().unwrap();

        #[expect(clippy::disallowed_methods, reason = "a stranger's connection, without the pragmas of the product")]
        let other = rusqlite::Connection::open(database.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        // Each waits in vain in a transaction of its own, both together longer than the question may.
        let wait = || {
            let database = database.clone();
            std::thread::spawn(move || database.write_bulk(|_| Ok::<_, crate::error::Error>(())))
        };
        let waiting = [wait(), wait()];
        while database.writes_waiting() < 2 {
            tokio::task::yield_now().await;
        }
        assert!(alive(LONGEST_ANSWER).await, "another process holds the database: the writer goes on");
        drop(other);
        for waits in waiting {
            let _refused_or_not = waits.join().unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_loop_that_hangs_is_no_sign_of_life() {
        let dir = tempfile::tempdir().unwrap();
        let (database, heartbeat) = (database(&dir), Heartbeat::default());
        // The loop is never polled: it looks like a loop that blocks its thread.
        let _hangs = heartbeat.watch("poller", std::future::pending::<()>());
        let is_silent = async || !is_alive(&database, &heartbeat, (SHORT, LONGEST_ANSWER)).await;
        let becomes_silent = async {
            while !is_silent().await {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), becomes_silent).await.unwrap();
    }

    #[tokio::test]
    async fn what_waits_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let database = database(&dir);
        database.write_async(crate::texts::seed).await.unwrap();
        let told = waiting(&database, vec![BotName::Customer, BotName::Staff]).await;
        assert_eq!(told.as_deref(), Some("0 updates and 0 messages wait"));
    }
}

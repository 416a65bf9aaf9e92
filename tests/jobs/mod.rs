//! What the shop does by itself: by the daemon's scheduler, by cron, by both; and what a jumping clock does to it.

mod birthdays;
mod codes;
#[cfg(feature = "age")]
mod copies;
mod cron;
mod nights;
mod slots;

use std::sync::{Arc, LazyLock};

use dvorik::clock::{Clock, Timestamp};
use dvorik::daemon;
use dvorik::db::{Database, Failure};
use dvorik::ids::UserId;
use dvorik::jobs::{self, JobContext, JobReport, Ran};
use dvorik::realm::{BotName, Realm};
use dvorik::schedule::{Name, Trigger};
use tokio::sync::watch;
use tokio::task::block_in_place;

use crate::given;
use crate::harness::World;

/// 22.11.2026, a Sunday, noon in Vladivostok.
const NOON: &str = "2026-11-22T02:00:00Z";
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A process at work on the world's shop, with a clock of its own.
fn process(w: &World, clock: &Clock) -> JobContext {
    let db = block_in_place(|| daemon::open(w.config(), clock.clone())).unwrap();
    let bots = [BotName::Customer, BotName::Staff].map(|name| (name, w.desk(name).bot));
    JobContext { config: Arc::new(w.config().clone()), db, bots: bots.into() }
}

fn noon() -> Clock {
    Clock::manual(Timestamp::parse(NOON).unwrap())
}

/// What the scheduler's asking comes to.
async fn runs(kit: &JobContext, name: Name) -> Ran {
    asks(kit, name, Trigger::BySchedule).await
}

async fn asks(kit: &JobContext, name: Name, asked: Trigger) -> Ran {
    jobs::run(kit, name, asked, never()).await.unwrap()
}

fn never() -> watch::Receiver<bool> {
    static NEVER: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::Sender::new(false));
    NEVER.subscribe()
}

fn did(ran: &Ran) -> Option<&JobReport> {
    if let Ran::Done(did) = ran { Some(did) } else { None }
}

fn is_done(ran: &Ran) -> bool {
    did(ran).is_some()
}

/// Somebody the shop knows, whom Telegram need not.
fn somebody(kit: &JobContext, telegram_id: i64) -> UserId {
    given::customer(&kit.db, Realm::Real, telegram_id, None)
}

fn change(db: &Database, sql: &'static str) {
    block_in_place(|| db.write(move |tx| tx.change(sql, []))).unwrap_or_else(|e: Failure| panic!("{sql}: {e}"));
}

//! A broadcast's whole life at random, on a clock of its own: after every step the counters are what the rows say, and
//! the rows are the audience. `DVORIK_TEST_SEEDS` says how many lives (6), `DVORIK_TEST_SEED` repeats from one.

use dvorik::broadcast::{self, Batch, BroadcastId, Fate, Reply, Settled, Status, rules::Stop};
use dvorik::clock::{Clock, Timestamp};
use dvorik::daemon;
use dvorik::db::Database;
use dvorik::error::{Error, Result};
use dvorik::ids::UserId;
use dvorik::realm::Realm;
use dvorik::telegram::reply::Class;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::block_in_place;

use super::{acts, by, crowd, draft};
use crate::harness::{World, number};

const STEPS: usize = 300;
const PEOPLE: i64 = 24;

struct Life {
    db: Database,
    clock: Clock,
    rng: StdRng,
    under_way: Vec<broadcast::Claimed>,
    /// How often each recipient of a broadcast was called and may have got it.
    delivered: std::collections::HashMap<(BroadcastId, i64), usize>,
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_to_a_broadcast_every_recipient_is_accounted_for() {
    let seeds = number("DVORIK_TEST_SEEDS").unwrap_or(6);
    let first = number("DVORIK_TEST_SEED").unwrap_or_else(|| rand::random::<u32>().into());
    println!("DVORIK_TEST_SEED={first} DVORIK_TEST_SEEDS={seeds}");
    let w = World::closed().await;
    crowd(&w, PEOPLE);
    w.change("UPDATE settings SET value = '60000' WHERE key = 'rate_limit_per_minute'");
    let clock = Clock::manual(Timestamp::parse("2026-11-22T02:00:00Z").unwrap());
    for seed in first..first + seeds {
        let db = block_in_place(|| daemon::open(w.config(), clock.clone())).unwrap();
        let rng = StdRng::seed_from_u64(seed);
        let mut life = Life { db, clock: clock.clone(), rng, under_way: Vec::new(), delivered: Default::default() };
        for step in 0..STEPS {
            let what = life.lives();
            life.adds_up(&format!("seed {seed}, step {step}: {what}"));
        }
        acts(&life.db, broadcast::recover).unwrap();
        // The next life begins in an empty shop: what is listed after each step must not grow.
        for table in ["DELETE FROM deliveries", "DELETE FROM broadcasts", "DELETE FROM outbox", "DELETE FROM audit_log"]
        {
            w.change(table);
        }
    }
}

impl Life {
    fn any(&mut self) -> Option<BroadcastId> {
        let ids: Vec<BroadcastId> = block_in_place(|| {
            self.db.read(|view| {
                let (all, _) = broadcast::list(
                    view,
                    Realm::Real,
                    &broadcast::BroadcastFilter::default(),
                    dvorik::db::Slice { limit: 6, offset: 0 },
                )?;
                Ok::<_, Error>(all.into_iter().map(|b| b.id).collect())
            })
        })
        .unwrap();
        (!ids.is_empty()).then(|| ids[self.rng.random_range(0..ids.len())])
    }

    /// One step; refusals are part of life.
    fn lives(&mut self) -> &'static str {
        self.clock.advance_ms(self.rng.random_range(0..40_000));
        let Some(id) = self.any().filter(|_| self.rng.random_bool(0.94)) else {
            let _ = acts(&self.db, |tx| {
                let made = broadcast::create(tx, &draft("Привет, {{first_name}}"), &by())?;
                let token = broadcast::estimate(tx, &made.draft)?.token;
                broadcast::send(tx, made.id, &token, &by())
            });
            return "a new one";
        };
        let tried = |result: Result<()>| {
            if let Err(Error::Storage(failure)) = result {
                panic!("{failure}")
            }
        };
        let db = self.db.clone();
        match self.rng.random_range(0..20) {
            0 => tried(acts(&db, move |tx| broadcast::pause(tx, id, &by()).map(drop))),
            1 | 2 => tried(acts(&db, move |tx| broadcast::resume(tx, id, &by()).map(drop))),
            3 if self.rng.random_bool(0.5) => tried(acts(&db, move |tx| broadcast::cancel(tx, id, &by()).map(drop))),
            4 => tried(acts(&db, move |tx| broadcast::resend_unknown(tx, id, UserId(0), &by()).map(drop))),
            5 => tried(acts(&db, move |tx| {
                broadcast::retry_failed(tx, id, &["blocked".into(), "rejected".into()], UserId(0), &by()).map(drop)
            })),
            6 if self.rng.random_bool(0.3) => {
                self.under_way.clear();
                tried(acts(&db, |tx| broadcast::recover(tx).map(drop)));
                return "a crash";
            }
            7 if self.rng.random_bool(0.1) => tried(acts(&db, |tx| broadcast::hold_restored(tx).map(drop))),
            8 => tried(acts(&db, move |tx| broadcast::skip_canceled(tx, id).map(drop))),
            9 => {
                let sql = [
                    "UPDATE users SET muted_at = '2026-11-22T02:00:00Z' WHERE id % 7 = 1",
                    "UPDATE users SET muted_at = NULL",
                    "UPDATE users SET bot_blocked_at = NULL",
                    "UPDATE users SET status = iif(id % 11 = 3, 'blocked', 'active')",
                ];
                let sql = sql[self.rng.random_range(0..sql.len())];
                tried(acts(&db, move |tx| Ok(tx.change(sql, []).map(drop)?)));
            }
            10 => tried(acts(&db, move |tx| {
                let found = broadcast::get(tx, id)?;
                let token = broadcast::estimate_of(tx, &found)?.token;
                broadcast::send(tx, id, &token, &by()).map(drop)
            })),
            11 => {
                self.clock.advance_ms(3 * 3_600_000);
                tried(acts(&db, |tx| broadcast::hold_stale(tx, Realm::Real).map(drop)));
                return "a long night";
            }
            12 | 13 => {
                let some = self.rng.random_range(0..=PEOPLE);
                tried(acts(&db, move |tx| freezes(tx, id, some)));
                return "freezing";
            }
            _ => {
                self.turns();
                return "a turn";
            }
        }
        "a verb"
    }

    fn turns(&mut self) {
        let mut settled = Vec::new();
        while !self.under_way.is_empty() && self.rng.random_bool(0.8) {
            let claimed = self.under_way.swap_remove(self.rng.random_range(0..self.under_way.len()));
            let class = match self.rng.random_range(0..12) {
                0 => Some(Class::Blocked),
                1 => Some(Class::Rejected),
                2 => Some(Class::Unknown),
                3 => Some(Class::RetryAfter(5)),
                4 => Some(Class::NotConnected),
                5 => Some(Class::ServerRestart),
                6 => None,
                _ => Some(Class::Sent { message_id: Some(7) }),
            };
            if matches!(class, Some(Class::Sent { .. } | Class::Unknown)) {
                *self.delivered.entry((claimed.broadcast, claimed.user.0)).or_default() += 1;
            }
            let answer = class.map(|class| Reply { class, code: None, words: String::new() });
            settled.push(Settled { claimed, answer });
        }
        let stops = match (self.rng.random_bool(0.05), settled.first()) {
            (true, Some(one)) => vec![(one.claimed.broadcast, Stop::Rejected)],
            _ => Vec::new(),
        };
        let most = self.rng.random_range(0..6);
        let turn = Batch { settled, stops, most, after: None, resting: Vec::new() };
        let result = acts(&self.db, move |tx| broadcast::tick(tx, Realm::Real, &turn)).unwrap();
        assert!(i64::try_from(result.messages.len()).unwrap() <= most);
        self.under_way.extend(result.messages.into_iter().map(|message| message.claimed));
    }

    fn adds_up(&self, what: &str) {
        block_in_place(|| {
            self.db.read(|view| {
                let (all, _) = broadcast::list(
                    view,
                    Realm::Real,
                    &broadcast::BroadcastFilter::default(),
                    dvorik::db::Slice { limit: 8, offset: 0 },
                )?;
                for b in all {
                    let rows = broadcast::recount(view, b.id)?;
                    assert_eq!(b.counts, rows, "{what}: {b:?}");
                    assert!(!b.is_frozen || b.counts.total() <= PEOPLE, "{what}");
                    assert!(b.status != Status::Sent || b.counts.queued + b.counts.sending == 0, "{what}: {b:?}");
                }
                Ok::<_, Error>(())
            })
        })
        .unwrap();
        let mine = self.under_way.iter().filter(|claimed| claimed.attempt < 1).count();
        assert_eq!(mine, 0, "{what}: {:?}", Fate::Sending);
    }
}

fn freezes(tx: &dvorik::db::Tx<'_>, id: BroadcastId, some: i64) -> Result<()> {
    while !broadcast::clear_for(tx, id)? {}
    let left = broadcast::left_to_enter(tx, id)?;
    let step = usize::try_from(some).unwrap().min(left.len());
    broadcast::enter(tx, id, &left[..step])?;
    if step == left.len() { broadcast::frozen(tx, id) } else { Ok(()) }
}

//! Broadcasts from the word of an admin to Telegram's ledger, which is the judge of who got what.

mod crash;
mod pace;
mod rate;
mod sender;
mod sending;
mod simulation;
mod stops;
mod sweep;
mod whole;
mod word;
pub mod touch;

use std::collections::BTreeMap;

use builtin_telegram::Person;
use dvorik::actor::Actor;
use dvorik::broadcast::{self, Audience, Broadcast, BroadcastId, Counts, Draft, Media, Message, Origin, Status};
use dvorik::db::Database;
use dvorik::locks::{self, Lock};
use dvorik::realm::Realm;
use dvorik::segment::Filter;
use dvorik::settings;
use tokio::task::block_in_place;

use crate::harness::{PATIENCE, SHOP, World, becomes_true};

/// The first of the crowd's Telegram ids.
pub const CROWD: i64 = 500_001;

/// One use-case, from a test's thread.
pub fn acts<T: Send + 'static>(
    db: &Database,
    run: impl FnOnce(&dvorik::db::Tx<'_>) -> dvorik::error::Result<T> + Send + 'static,
) -> dvorik::error::Result<T> {
    block_in_place(|| db.write(run))
}

fn by() -> Actor {
    Actor::Cli("test".into())
}

/// A crowd of customers who have started the bot; their Telegram ids count from [`CROWD`].
pub fn crowd(w: &World, people: i64) {
    for id in CROWD..CROWD + people {
        w.tg.add_person(Person { id, first_name: format!("Клиент {id}"), ..Person::default() });
        w.tg.has_started(SHOP, id);
    }
    acts(&w.db(), move |tx| {
            tx.change(
                "INSERT INTO users (telegram_id, is_test, first_name, name_norm, source, source_normalized, created_at, created_day,
                     last_activity_at)
                 WITH RECURSIVE n(id) AS (SELECT ?1 UNION ALL SELECT id + 1 FROM n WHERE id + 1 < ?1 + ?2)
                 SELECT id, 0, 'Клиент ' || id, 'клиент ' || id, 'direct', 'direct', '2026-11-01T00:00:00Z', '2026-11-01',
                     '2026-11-01T00:00:00Z' FROM n",
                (CROWD, people),
            )?;
            Ok(())
        })
        .unwrap();
}

pub fn draft(body: &str) -> Draft {
    Draft {
        title: "Проба".into(),
        message: Message { body: body.into(), media: Media::None, buttons: Vec::new(), template: None },
        audience: Audience::Fitting(Filter::everybody()),
        realm: Realm::Real,
        origin: Origin::Admin,
    }
}

/// Writes, confirms and lets go, as `broadcast create` and `broadcast send --yes` do.
pub fn sends(db: &Database, draft: Draft) -> BroadcastId {
    let sent = acts(db, move |tx| {
        let made = broadcast::create(tx, &draft, &by())?;
        let estimate = broadcast::estimate(tx, &made.draft)?;
        broadcast::send(tx, made.id, &estimate.token, &by())
    });
    sent.unwrap().id
}

/// Sends whatever nobody knows the fate of again, as `broadcast resend-unknown` does. How many there were.
pub fn resends(db: &Database, id: BroadcastId) -> i64 {
    let (mut all, mut after) = (0, Some(dvorik::ids::UserId(0)));
    while let Some(from) = after {
        let (some, last) = acts(db, move |tx| broadcast::resend_unknown(tx, id, from, &by())).unwrap();
        (all, after) = (all + some, last);
    }
    all
}

/// Waits until the broadcast is no longer under way.
pub async fn ended(w: &World, id: BroadcastId) -> Broadcast {
    let db = w.db();
    let look = || block_in_place(|| db.read(|view| broadcast::get(view, id))).unwrap();
    let mut now = look();
    let has_ended = async || {
        now = look();
        !matches!(now.status, Status::Scheduled | Status::Sending)
    };
    assert!(becomes_true(PATIENCE * 4, has_ended).await, "still {now:?}");
    now
}

/// Waits until the daemon holds its lock: it listens to signals by then.
pub async fn is_up(w: &World) {
    let is_held = async || locks::holder(&w.config().database.path, Lock::Serve).unwrap().is_some();
    assert!(becomes_true(PATIENCE, is_held).await, "the daemon does not start");
}

/// How often each of the crowd was shown `words`.
pub fn readers(w: &World, words: &str) -> BTreeMap<i64, usize> {
    let mut readers = BTreeMap::new();
    for receipt in w.tg.receipts() {
        if receipt.delivered && receipt.bot.as_ref() == SHOP && receipt.text().is_some_and(|text| text.contains(words))
        {
            *readers.entry(receipt.chat_id.unwrap_or_default()).or_default() += 1;
        }
    }
    readers
}

/// The counters of a broadcast are what its rows say.
pub fn counted(w: &World, id: BroadcastId) -> Counts {
    let (counters, rows) = w
        .db()
        .read(|view| Ok::<_, dvorik::error::Error>((broadcast::get(view, id)?.counts, broadcast::recount(view, id)?)))
        .unwrap();
    assert_eq!(counters, rows);
    rows
}

/// As fast as Telegram allows.
pub fn hurries(w: &World) {
    w.sets(&settings::RATE_LIMIT_PER_MINUTE, "60000");
    w.sets(&settings::PAID_BROADCASTS, "true");
}

//! Watches for conflicts: another program uses a bot's token and takes updates meant for this daemon. The staff bot
//! tells the admins; if Telegram refuses the staff bot's token, the customer bot tells them.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;

use crate::conflicts;
use crate::db::Database;
use crate::error::Result;
use crate::realm::{BotName, Realm};
use crate::staff::{self, Group, Notice};
use crate::telegram::client::Bot;

/// The time between two reads of each bot's conflict count.
const CHECK_EVERY: Duration = Duration::from_secs(2);

/// Until told to stop: counts each new conflict of a bot in the database. Tells the admins, at most once an hour, when
/// a conflict lasts or comes from a webhook, which no restart of the daemon explains.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub(super) async fn watch(db: Database, bots: Vec<(BotName, Bot)>, mut stop: watch::Receiver<bool>) -> Result<()> {
    let mut known: HashMap<BotName, u64> = HashMap::new();
    while !*stop.borrow() {
        for (name, bot) in &bots {
            let (total, before) = (bot.conflicts(), known.get(name).copied().unwrap_or_default());
            if total == before {
                continue;
            }
            match keep(&db, *name, total.saturating_sub(before), messenger(&bots, name.realm()), bot).await {
                Ok(()) => drop(known.insert(*name, total)),
                Err(error) if error.is_passing() => tracing::warn!(%error, "a conflict could not be kept yet"),
                Err(error) => return Err(error),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(CHECK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
    Ok(())
}

async fn keep(db: &Database, name: BotName, more: u64, through: BotName, bot: &Bot) -> Result<()> {
    let is_alarming = bot.status().conflict.is_some_and(|conflict| conflict.is_alarming);
    if is_alarming {
        tracing::error!(bot = %name, "another program uses this bot's token; part of the updates never comes here");
    }
    let more = i64::try_from(more).unwrap_or(i64::MAX);
    db.write_async(move |tx| {
        conflicts::note(tx, name, more)?;
        if !is_alarming {
            return Ok(());
        }
        let (hour, times) = (tx.now().0.div_euclid(3600), conflicts::recent(tx, name)?.times.to_string());
        let called = crate::shop::bot_username(tx, name)?.map_or_else(|| name.to_string(), |name| format!("@{name}"));
        let values = [("bot", called.as_str()), ("count", times.as_str())];
        let once = format!("{name}:{hour}");
        let notice = Notice { key: "notice_conflict", values: &values, dedupe_key: Some(&once) };
        staff::tell_admins_through(tx, through, Group::Errors, &notice)
    })
    .await
}

/// The bot that tells the admins of this realm about a conflict.
fn messenger(bots: &[(BotName, Bot)], realm: Realm) -> BotName {
    let speaks = |wanted: BotName| bots.iter().any(|(name, bot)| *name == wanted && !bot.status().token_refused);
    if !speaks(realm.staff_bot()) && speaks(realm.customer_bot()) { realm.customer_bot() } else { realm.staff_bot() }
}

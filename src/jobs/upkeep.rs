//! Small loops beside the bots: noticing commits of other processes, keeping the gates' state, forgetting old updates.

use std::time::Duration;

use tokio::sync::watch;

use super::senders;
use crate::db::{Database, Failure, Signal, fold};
use crate::error::{Error, Result};
use crate::realm::BotName;
use crate::telegram::client::Bot;
use crate::telegram::gate::Limits;
use crate::user::remains::{self, Cleared, Pace};
use crate::{broadcast, conversation, discount, gates, inbox, outbox, settings, undelivered};

/// How soon work written by another process is noticed.
const GLANCE: Duration = Duration::from_millis(100);
const TIDY_EVERY: Duration = Duration::from_secs(600);
const CLEAR_EVERY: Duration = Duration::from_secs(1);
/// A reader's snapshot is short: half a second of tries.
const LAST_TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Wakes the loops when another process has committed: the command line writes into the same outbox. Ends the daemon when
/// the database file is not where it was: other processes would work on another one.
///
/// # Errors
/// [`Failure::Moved`]; a read that fails is tried again.
pub async fn watch_other_processes(db: Database, mut stop: watch::Receiver<bool>) -> Result<()> {
    let mut seen = None;
    while !*stop.borrow() {
        if !db.is_in_place() {
            return Err(Failure::Moved.into());
        }
        if let Ok(version) = db.data_version() {
            if seen.is_some_and(|seen| seen != version) {
                db.wake(Signal::Outbox);
                db.wake(Signal::Updates);
                db.wake(Signal::Broadcasts);
                db.wake(Signal::Exports);
            }
            seen = Some(version);
        }
        rest(GLANCE, &mut stop).await;
    }
    Ok(())
}

/// Takes up a gate as it was left, as fast as the shop pays for now: what Telegram slowed down stays as slow.
///
/// # Errors
/// Storage only.
pub fn take_up_gate(db: &Database, name: BotName, bot: &Bot) -> Result<()> {
    let (state, is_paid) = db.read(|view| {
        let is_paid = name.is_for_customers() && settings::PAID_BROADCASTS.is_on(view)?;
        Ok::<_, Error>((gates::find(view, name)?, is_paid))
    })?;
    let Some(state) = state else { return Ok(()) };
    // Left at the free ceiling, nothing had slowed it down: what is paid for since counts at once.
    let was_free = state.rate_x100 == Limits::default().per_second * 100;
    if is_paid && !was_free {
        bot.set_limits(senders::limits(is_paid, senders::CEILING));
    }
    bot.restore_gate(state);
    Ok(())
}

/// Stores every change of a gate, so that a pause Telegram asked for outlives a restart.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub async fn keep_gate(name: BotName, bot: Bot, db: Database, mut stop: watch::Receiver<bool>) -> Result<()> {
    let mut changes = bot.gate_changes();
    loop {
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return Ok(()) },
            _ = stop.wait_for(|stopping| *stopping) => return Ok(()),
        }
        let state = *changes.borrow_and_update();
        match db.write_async(move |tx| gates::keep(tx, name, state)).await {
            Err(Error::Storage(failure)) if failure.is_passing() => {
                tracing::warn!(bot = %name, %failure, "the gate's state could not be kept");
            }
            kept => kept?,
        }
    }
}

/// Stores the gates once more when everything has ended: the last answers may have closed one after its keeper ended.
pub async fn keep_last_gates(db: &Database, bots: &[(BotName, Bot)]) {
    for (name, bot) in bots {
        let (name, state) = (*name, bot.gate_state());
        if let Err(error) = db.write_async(move |tx| gates::keep(tx, name, state)).await {
            tracing::warn!(bot = %name, %error, "the gate's state could not be kept");
        }
    }
}

/// Forgets what has had its time, a thousand rows a transaction: handled updates after 48 hours, spent cards, states of
/// conversations and the drafts they were about, settled letters.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub async fn tidy(db: Database, mut stop: watch::Receiver<bool>) -> Result<()> {
    while !*stop.borrow() {
        let forgotten = db.write_async(|tx| {
            conversation::forget_old(tx)?;
            broadcast::cancel_abandoned(tx)?;
            let wordless = undelivered::tidy(tx)?;
            Ok(wordless.max(inbox::forget_old(tx)?).max(discount::forget_cards(tx)?).max(outbox::forget_old(tx)?))
        });
        match forgotten.await {
            Ok(1000) => continue,
            Err(error) if !Error::is_passing(&error) => return Err(error),
            _ => {}
        }
        rest(TIDY_EVERY, &mut stop).await;
    }
    Ok(())
}

/// Clears what erasures leave in the log and in the file, by whichever process they were made, until it succeeds.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub async fn clear_remains(db: Database, mut stop: watch::Receiver<bool>) -> Result<()> {
    // Raised by every erasure here, and with every other signal when another process has committed.
    let mut erased = db.signalled(Signal::Exports);
    while !*stop.borrow() {
        erased.borrow_and_update();
        let mine = db.clone();
        let cleared = tokio::task::spawn_blocking(move || remains::clear(&mine, Pace::Quick)).await;
        match cleared.unwrap_or_else(|error| Err(Failure::Internal(error.to_string()).into())) {
            Ok(Cleared::All | Cleared::ButFile | Cleared::NoRoom) => tokio::select! {
                changed = erased.changed() => if changed.is_err() { return Ok(()) },
                _ = stop.changed() => {}
            },
            Ok(Cleared::Busy) => rest(CLEAR_EVERY, &mut stop).await,
            Err(error) if !error.is_passing() => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "what erasures left in the files could not be cleared yet");
                rest(CLEAR_EVERY, &mut stop).await;
            }
        }
    }
    Ok(())
}

/// Empties the log at the end, so that the database is its one file. Others may be reading: then they leave the log.
pub async fn fold_last(db: Database) {
    let folded = tokio::task::spawn_blocking(move || {
        remains::clear(&db, Pace::Quick)?;
        let mut folded = fold::fold(db.path())?;
        for _ in 0..LAST_TRIES {
            if folded {
                break;
            }
            std::thread::sleep(BETWEEN_TRIES);
            folded = fold::fold(db.path())?;
        }
        Ok::<_, Error>(folded)
    });
    match folded.await {
        Ok(Ok(true)) => {}
        Ok(Ok(false)) => tracing::info!("another process has the database open: the log stays"),
        Ok(Err(error)) => tracing::warn!(%error, "the log could not be emptied"),
        Err(error) => tracing::warn!(%error, "the log could not be emptied"),
    }
}

async fn rest(wait: Duration, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        _ = stop.changed() => {}
    }
}

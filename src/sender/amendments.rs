//! Recalls and corrects delivered messages (pending edits), in one loop per bot. For each message the loop waits for
//! the rate limiter, calls Telegram and stores the outcome. Only the process that holds the sender's lock may run this.

use std::time::Duration;

use tokio::sync::watch;

use super::backoff::{LONGEST_WAIT, RETRY, passing, rest, wait_until};
use super::broadcasts::BroadcastSender;
use crate::broadcast;
use crate::db::Signal;
use crate::error::Result;
use crate::telegram::client::{Answer, Content, Outgoing};
use crate::telegram::gate::{Lane, Method};
use crate::telegram::reply::Class;

/// Recalls and corrects delivered messages until told to stop. A call to Telegram whose answer was lost is repeated
/// later: a second recall or correction is harmless.
///
/// # Errors
/// A bug in the storage layer.
pub async fn run(sender: BroadcastSender, mut stop: watch::Receiver<bool>) -> Result<()> {
    let mut signalled = sender.db.signalled(Signal::Broadcasts);
    while !*stop.borrow() {
        signalled.borrow_and_update();
        let realm = sender.name.realm();
        let found = sender
            .db
            .read(|view| Ok((broadcast::pending_edits(view, realm, 16)?, broadcast::next_pending_edit(view, realm)?)));
        let (edits, next) = passing(found)?.unwrap_or_default();
        if edits.is_empty() {
            let wait = wait_until(next, sender.db.clock().now_ms());
            tokio::select! {
                changed = signalled.changed() => if changed.is_err() { return Ok(()) },
                () = tokio::time::sleep(wait) => {}
                _ = stop.changed() => {}
            }
        }
        let mut closed_for = None;
        for edit in edits {
            // While Telegram asks for a pause in deletions, recalls wait and corrections go on.
            let closed = sender.bot.method_closed_for(Method::DeleteMessage);
            if matches!(edit.content, Content::Delete { .. }) && closed.is_some() {
                closed_for = closed;
                continue;
            }
            let permit = tokio::select! {
                permit = sender.bot.acquire(Lane::Broadcast, Some(edit.claimed.chat.0)) => permit,
                _ = stop.wait_for(|stopping| *stopping) => return Ok(()),
            };
            let outgoing = Outgoing::new(edit.claimed.chat.0, edit.content.clone());
            let Answer { class, description, .. } = sender.bot.send_with(permit, &outgoing).await;
            if class == Class::Token {
                // Telegram would refuse every further call too. A new token takes effect only after a restart.
                tracing::error!(bot = %sender.name, "Telegram refuses this bot's token; nothing is mended any more");
                let _ = stop.wait_for(|stopping| *stopping).await;
                return Ok(());
            }
            let note = move |tx: &crate::db::Tx<'_>| broadcast::settle_edit(tx, &edit, class, &description);
            if passing(sender.db.write_async(note).await)?.is_none() {
                rest(RETRY, &stop).await;
            }
        }
        if let Some(seconds) = closed_for {
            rest(Duration::from_secs(seconds).min(LONGEST_WAIT), &stop).await;
        }
    }
    Ok(())
}

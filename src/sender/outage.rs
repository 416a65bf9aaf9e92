//! Probes Telegram (a call of `getMe`) while Telegram does not answer, in one loop per bot: so no try of a message is
//! spent on finding out whether Telegram answers again. The loop stores how long the outage lasts, because this time
//! does not count against the limits of `crate::retry`. Only the process that holds the sender's lock may run this.

use tokio::sync::watch;

use super::backoff::until_answered;
use crate::clock::Millis;
use crate::db::{Database, Tx};
use crate::error::Result;
use crate::realm::BotName;
use crate::telegram::client::Bot;
use crate::{broadcast, outbox};

/// What the loop that probes Telegram needs.
pub struct Watcher {
    /// The name of the bot that probes.
    pub name: BotName,
    /// The bot's Telegram client.
    pub bot: Bot,
    /// The shop's database.
    pub db: Database,
}

impl Watcher {
    /// Probes Telegram until told to stop. An outage that an earlier process had stored is treated as over when the
    /// loop starts. Its length is unknown, and one try too many is better than giving a message up too early.
    ///
    /// # Errors
    /// A bug in the storage layer.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> Result<()> {
        let mut silences = self.bot.silences();
        self.keep(None, &stop).await?;
        let mut kept = None;
        while !*stop.borrow() {
            let silent = *silences.borrow_and_update();
            if silent.is_some() != kept.is_some() {
                self.keep(silent, &stop).await?;
                kept = silent;
            }
            tokio::select! {
                () = self.bot.probe_when_due(), if silent.is_some() => {}
                changed = silences.changed() => if changed.is_err() { return Ok(()) },
                _ = stop.changed() => {}
            }
        }
        Ok(())
    }

    /// Stores when the outage began (`silent`), or with `None` that it is over. Repeats this until the storage accepts
    /// it.
    async fn keep(&self, silent: Option<Millis>, stop: &watch::Receiver<bool>) -> Result<()> {
        let name = self.name;
        let keep = || {
            self.db.write_async(move |tx| match silent {
                Some(since) => outbox::outage_began(tx, name, since),
                None => over(tx, name),
            })
        };
        until_answered(stop, keep).await.map(drop)
    }
}

fn over(tx: &Tx<'_>, name: BotName) -> Result<()> {
    match outbox::outage_over(tx, name)? {
        Some(since) if name.is_for_customers() => broadcast::delay_pending_edits(tx, name.realm(), since),
        _ => Ok(()),
    }
}

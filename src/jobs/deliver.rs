//! The sender of the outbox: one loop a bot and lane, so that a slow automatic message never takes an answer's place.
//! Claim (committed) → gate → call → settle. Only the holder of the sender's lock may run this.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::db::{Database, Signal};
use crate::error::{Error, Result};
use crate::outbox::{self, Claimed, Lane, Payload};
use crate::realm::BotName;
use crate::telegram::client::{Answer, Bot, Content, File, Outgoing};
use crate::telegram::gate;
use crate::telegram::reply::Class;
use crate::{discount, qr};

/// Calls under way at once, a lane.
const SLOTS: usize = 8;
/// After a failure of the storage.
const RETRY: Duration = Duration::from_millis(500);
/// A look at the outbox even if nothing was signalled: a clock may have been set.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What a sender loop works with.
#[derive(Clone)]
pub struct Sender {
    /// Which bot sends.
    pub name: BotName,
    /// The bot, in this lane.
    pub bot: Bot,
    /// Which lane.
    pub lane: Lane,
    /// The shop's database.
    pub db: Database,
}

/// Whether the sender goes on after a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carried {
    On,
    /// Telegram does not know the token: every further letter would be refused too, so none is called.
    TokenRefused,
}

impl Sender {
    /// Delivers until told to stop; then finishes calls under way and puts back what was not called yet.
    ///
    /// # Errors
    /// A bug in the storage layer; the caller ends the daemon.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> Result<()> {
        let mut signalled = self.db.signalled(Signal::Outbox);
        let mut calls: JoinSet<Result<Carried>> = JoinSet::new();
        while !*stop.borrow() {
            signalled.borrow_and_update();
            let begun = self.begin(&mut calls, &stop).await?;
            if begun > 0 && calls.len() < SLOTS {
                continue;
            }
            // With every slot taken the next letter has to wait for one anyway.
            let wait = if calls.len() < SLOTS { self.until_next_due()? } else { LONGEST_WAIT };
            tokio::select! {
                changed = signalled.changed(), if calls.len() < SLOTS => if changed.is_err() { break },
                Some(ended) = calls.join_next() => {
                    if ended.unwrap_or_else(|e| Err(panicked(&e)))? == Carried::TokenRefused {
                        tracing::error!(bot = %self.name, "Telegram refuses this bot's token; nothing is sent any more");
                        stopped(&mut stop).await;
                    }
                }
                () = tokio::time::sleep(wait), if calls.len() < SLOTS => {}
                _ = stop.changed() => {}
            }
        }
        while let Some(ended) = calls.join_next().await {
            ended.unwrap_or_else(|e| Err(panicked(&e)))?;
        }
        Ok(())
    }

    /// Claims as many letters as there are free slots and starts their calls. Returns how many.
    async fn begin(&self, calls: &mut JoinSet<Result<Carried>>, stop: &watch::Receiver<bool>) -> Result<usize> {
        let (name, lane, free) = (self.name, self.lane, SLOTS - calls.len().min(SLOTS));
        if free == 0 {
            return Ok(0);
        }
        let idle = self.db.read(|view| outbox::is_idle(view, name, lane));
        let claimed = match idle {
            Ok(true) => return Ok(0),
            Ok(false) => self.db.write_async(move |tx| outbox::claim(tx, name, lane, free)).await,
            Err(error) => Err(error),
        };
        let claimed = match claimed {
            Ok(claimed) => claimed,
            Err(error) if error.is_passing() => {
                tokio::time::sleep(RETRY).await;
                return Ok(0);
            }
            Err(error) => return Err(error),
        };
        let begun = claimed.len();
        for letter in claimed {
            calls.spawn(self.clone().carry(letter, stop.clone()));
        }
        Ok(begun)
    }

    fn until_next_due(&self) -> Result<Duration> {
        let due = match self.db.read(|view| outbox::next_due(view, self.name, self.lane)) {
            Err(error) if error.is_passing() => return Ok(RETRY),
            due => due?,
        };
        let now = self.db.clock().now_ms().0;
        let wait = due.map_or(LONGEST_WAIT, |at| Duration::from_millis(at.saturating_sub(now).max(5).unsigned_abs()));
        Ok(wait.min(LONGEST_WAIT))
    }

    async fn carry(self, letter: Claimed, mut stop: watch::Receiver<bool>) -> Result<Carried> {
        let lane = match self.lane {
            Lane::Reply => gate::Lane::Reply,
            Lane::Automatic => gate::Lane::Automatic,
        };
        let content = match self.content(&letter.payload) {
            Ok(Some(content)) => content,
            Ok(None) => return self.keep(letter, Some(nothing_to_say())).await.map(|()| Carried::On),
            Err(error) if error.is_passing() => {
                tokio::time::sleep(RETRY).await;
                return self.keep(letter, None).await.map(|()| Carried::On);
            }
            Err(error) => return Err(error),
        };
        let pass = tokio::select! {
            pass = self.bot.pass(lane, Some(letter.chat.0)) => pass,
            () = stopped(&mut stop) => return self.keep(letter, None).await.map(|()| Carried::On),
        };
        let answer = self.bot.send_passed(pass, &Outgoing::new(letter.chat.0, content)).await;
        if !matches!(answer.class, Class::Sent { .. }) {
            let (class, error) = (answer.class.as_str(), &answer.description);
            tracing::info!(bot = %self.name, letter = %letter.id, class, error, "a letter was not delivered");
        }
        let carried = if answer.class == Class::Token { Carried::TokenRefused } else { Carried::On };
        self.keep(letter, Some(answer)).await.map(|()| carried)
    }

    /// Settles a letter (`None`: it was never called), however long the disk takes to recover: its outcome is known
    /// here and nowhere else.
    async fn keep(&self, letter: Claimed, answer: Option<Answer>) -> Result<()> {
        let kept = std::sync::Arc::new((letter, answer));
        loop {
            let mine = std::sync::Arc::clone(&kept);
            let settled = self.db.write_async(move |tx| match &mine.1 {
                Some(answer) => {
                    let error = Some(answer.description.as_str()).filter(|words| !words.is_empty());
                    outbox::settle(tx, &mine.0, &answer.class, error)
                }
                None => outbox::release(tx, &mine.0),
            });
            match settled.await {
                Err(Error::Storage(failure)) if failure.is_passing() => {
                    tracing::warn!(%failure, "a delivery could not be settled yet");
                    tokio::time::sleep(RETRY).await;
                }
                settled => return settled,
            }
        }
    }

    /// What to call Telegram with; `None` when the words are gone.
    fn content(&self, payload: &Payload) -> Result<Option<Content>> {
        Ok(Some(match payload.clone() {
            Payload::Text { html, keyboard } => Content::Text { html, keyboard },
            Payload::Edit { message_id, html, keyboard } => Content::EditText { message_id, html, keyboard },
            Payload::QrPhoto { public_id, caption, keyboard } => match self.draw(&public_id)? {
                Some(png) => Content::Photo { picture: File::png(png), caption_html: caption, keyboard },
                // A code without its picture still works at the counter; a missing message does not.
                None => Content::Text { html: caption, keyboard },
            },
            Payload::Gone => return Ok(None),
        }))
    }

    /// The QR picture of a code: a link into the staff bot. `None` until Telegram has told that bot's name.
    fn draw(&self, public_id: &str) -> Result<Option<Vec<u8>>> {
        let link = self.db.read(|view| discount::link(view, self.name.realm(), public_id))?;
        Ok(link.and_then(|link| qr::png(&link)))
    }
}

fn nothing_to_say() -> Answer {
    let description = String::from("the words are gone");
    Answer { class: Class::Rejected, code: None, description, file_id: None, verdict: None }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A closed channel means the daemon is gone: stop as well.
    let _ = stop.wait_for(|stopping| *stopping).await;
}

fn panicked(error: &tokio::task::JoinError) -> Error {
    Error::Storage(crate::db::Failure::Internal(format!("a delivery panicked: {error}")))
}

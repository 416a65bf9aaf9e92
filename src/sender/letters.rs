//! The sender of the outbox: one loop per bot and lane, so that a slow automatic message never delays a reply. For each
//! letter the loop waits for the rate limiter, claims the letter (committed), calls Telegram and settles the result.
//! Only the process that holds the sender's lock may run this.

use std::io::Read;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::backoff::{LONGEST_WAIT, RETRY, wait_until};
use crate::broadcast::{self, MediaType};
use crate::clock::Millis;
use crate::db::{Database, Failure, Signal, Tx};
use crate::error::{Error, Result};
use crate::ids::TelegramId;
use crate::outbox::{self, Claimed, Lane, Payload, Queue};
use crate::realm::BotName;
use crate::telegram::client::{Answer, Bot, Content, File, Keyboard, Outgoing, Permit};
use crate::telegram::gate;
use crate::telegram::reply::Class;
use crate::{backup, discount, export, metrics, qr, staff, undelivered};

/// Lets one export or copy of a backup be sent at a time: its file is read whole into memory, up to 50 MB.
static FILES: Semaphore = Semaphore::const_new(1);

/// What the loop of one bot and lane needs.
#[derive(Clone)]
pub struct LetterSender {
    /// The name of the bot that sends.
    pub name: BotName,
    /// The bot's Telegram client, bound to the lane.
    pub bot: Bot,
    /// The lane of the letters.
    pub lane: Lane,
    /// The shop's database.
    pub db: Database,
}

/// Whether the loop continues after a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AfterSend {
    On,
    /// Telegram refuses the token and would refuse every further letter, so no more calls are made.
    TokenRefused,
}

/// What the loop waits for besides the end of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitFor {
    /// A permit of the rate limiter: up to this many letters may be sent.
    Gate(usize),
    /// The next due letter, for at most this long.
    Letter(Duration),
    /// A free place for a call, because as many calls are under way as the rate limiter's rate needs.
    Slot,
}

impl LetterSender {
    /// Delivers letters until told to stop, then finishes calls under way. A letter stays `queued` until the rate
    /// limiter gives a permit. So a letter that is `sending` when the process dies was just being sent.
    ///
    /// # Errors
    /// A bug in the storage layer; the caller ends the daemon.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> Result<()> {
        let mut signalled = self.db.signalled(outbox::signal(self.name, self.lane));
        let mut calls: JoinSet<Result<AfterSend>> = JoinSet::new();
        while !*stop.borrow() {
            signalled.borrow_and_update();
            let next = self.next(self.bot.slots().saturating_sub(calls.len()))?;
            let (due, wait) = match next {
                WaitFor::Gate(due) => (due, LONGEST_WAIT),
                WaitFor::Letter(wait) => (0, wait),
                WaitFor::Slot => (0, LONGEST_WAIT),
            };
            tokio::select! {
                permit = self.bot.acquire(self.gate_lane(), None), if due > 0 => self.begin(permit, due, &mut calls).await?,
                changed = signalled.changed(), if matches!(next, WaitFor::Letter(_)) => if changed.is_err() { break },
                Some(ended) = calls.join_next() => {
                    if ended.unwrap_or_else(|e| Err(panicked(&e)))? == AfterSend::TokenRefused {
                        tracing::error!(bot = %self.name, "Telegram refuses this bot's token; nothing is sent any more");
                        stopped(&mut stop).await;
                    }
                }
                () = tokio::time::sleep(wait) => {}
                _ = stop.changed() => {}
            }
        }
        while let Some(ended) = calls.join_next().await {
            ended.unwrap_or_else(|e| Err(panicked(&e)))?;
        }
        Ok(())
    }

    const fn gate_lane(&self) -> gate::Lane {
        match self.lane {
            Lane::Reply => gate::Lane::Reply,
            Lane::Automatic => gate::Lane::Automatic,
        }
    }

    /// The queue of this bot and lane without the chats that must not be written to yet, and when the first of these
    /// chats may be written to again.
    fn queue(&self) -> (Queue, Option<Millis>) {
        let resting = self.bot.resting_chats(self.gate_lane());
        let rested = resting.iter().map(|(_, at)| *at).min();
        let resting = resting.into_iter().map(|(chat, _)| TelegramId(chat)).collect();
        (Queue { resting, ..Queue::of(self.name, self.lane) }, rested)
    }

    /// What the loop waits for when `free` more calls may begin.
    fn next(&self, free: usize) -> Result<WaitFor> {
        if free == 0 {
            return Ok(WaitFor::Slot);
        }
        let (queue, rested) = self.queue();
        let found: Result<(usize, Option<i64>)> = self.db.read(|view| {
            let due = outbox::count_due(view, &queue, free)?;
            Ok((due, if due == 0 { outbox::next_due(view, &queue)? } else { None }))
        });
        let at = match found {
            Err(error) if error.is_passing() => return Ok(WaitFor::Letter(RETRY)),
            found => match found? {
                (0, at) => rested.into_iter().chain(at.map(Millis)).min(),
                (due, _) => return Ok(WaitFor::Gate(due)),
            },
        };
        Ok(WaitFor::Letter(wait_until(at, self.db.clock().now_ms())))
    }

    /// Claims as many letters as the rate limiter gives permits for, and starts their calls to Telegram. An unused
    /// permit is given back to the rate limiter.
    async fn begin(&self, permit: Permit, due: usize, calls: &mut JoinSet<Result<AfterSend>>) -> Result<()> {
        let permits = self.bot.acquire_more(self.gate_lane(), permit, due);
        let (queue, limit) = (self.queue().0, permits.len());
        match self.db.write_async(move |tx| outbox::claim(tx, &queue, limit)).await {
            Ok(claimed) => {
                for (letter, permit) in claimed.into_iter().zip(permits) {
                    calls.spawn(self.clone().send_one(letter, permit));
                }
                Ok(())
            }
            Err(error) if error.is_passing() => {
                drop(permits);
                tokio::time::sleep(RETRY).await;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn send_one(self, letter: Claimed, mut permit: Permit) -> Result<AfterSend> {
        let is_file = matches!(letter.payload, Payload::Export { .. } | Payload::BackupCopy { .. });
        let _slot = match is_file.then(|| FILES.try_acquire()).transpose() {
            Ok(slot) => slot,
            Err(_) => return self.later(letter, permit).await,
        };
        let content = match self.content(letter.chat, &letter.payload) {
            Ok(Some(content)) => content,
            Ok(None) => return self.keep(letter, Some(nothing_to_say())).await.map(|()| AfterSend::On),
            Err(error) if error.is_passing() => return self.later(letter, permit).await,
            Err(error) => return Err(error),
        };
        permit.speaks_to(letter.chat.0);
        let answer = self.bot.send_with(permit, &Outgoing::new(letter.chat.0, content)).await;
        if !matches!(answer.class, Class::Sent { .. }) {
            let (class, error) = (answer.class.as_str(), &answer.description);
            tracing::info!(bot = %self.name, letter = %letter.id, class, error, "a letter was not delivered");
        }
        if matches!(answer.class, Class::Unknown | Class::ServerRestart) {
            ::metrics::counter!(metrics::LETTERS_DOUBTFUL, "bot" => self.name.as_str()).increment(1);
        }
        let next = if answer.class == Class::Token { AfterSend::TokenRefused } else { AfterSend::On };
        self.keep(letter, Some(answer)).await.map(|()| next)
    }

    /// Queues the letter again, because no call was made, and gives the permit back.
    async fn later(&self, letter: Claimed, permit: Permit) -> Result<AfterSend> {
        drop(permit);
        tokio::time::sleep(RETRY).await;
        self.keep(letter, None).await.map(|()| AfterSend::On)
    }

    /// Settles a letter (`answer` is `None` when Telegram was not called). Waits until the disk works again, because no
    /// other process knows the result.
    async fn keep(&self, letter: Claimed, answer: Option<Answer>) -> Result<()> {
        let kept = std::sync::Arc::new((letter, answer));
        loop {
            let mine = std::sync::Arc::clone(&kept);
            let settled = self.db.write_async(move |tx| match &mine.1 {
                Some(answer) => {
                    let error = Some(answer.description.as_str()).filter(|words| !words.is_empty());
                    remember_file(tx, &mine.0, answer)?;
                    backup::delete_former_copies(tx, &mine.0, &answer.class)?;
                    undelivered::settle(tx, &mine.0, &answer.class, error)
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

    /// The content of the letter's call to Telegram; `None` when the content was deleted or its file does not exist any
    /// more.
    fn content(&self, chat: TelegramId, payload: &Payload) -> Result<Option<Content>> {
        Ok(Some(match payload.clone() {
            Payload::Text { html, keyboard, .. } => Content::Text { html, keyboard },
            Payload::Edit { message_id, html, keyboard, .. } => Content::EditText { message_id, html, keyboard },
            Payload::QrPhoto { public_id, caption, keyboard, .. } => match self.draw(&public_id)? {
                Some(png) => Content::Photo { picture: File::png(png), caption_html: caption, keyboard },
                // A code without its QR picture still works at the counter, so the text is sent alone.
                None => Content::Text { html: caption, keyboard },
            },
            Payload::Media { file_id, media_type, caption, keyboard } => {
                return Ok(of_kind(&media_type, File::Id(file_id), caption, keyboard));
            }
            Payload::Upload { media, media_type, caption, keyboard } => {
                return Ok(self.upload(&media, &media_type, caption, keyboard));
            }
            Payload::Export { export } => return self.export(&export),
            Payload::BackupCopy { file, caption, .. } => return self.backup_copy(chat, file, caption),
            Payload::Delete { message_id } => Content::Delete { message_id },
            Payload::Gone => return Ok(None),
        }))
    }

    /// The bytes of a local file as content; `None` when the file no longer exists: the letter then fails.
    fn upload(&self, media: &str, kind: &str, caption_html: String, keyboard: Keyboard) -> Option<Content> {
        let name = self.db.read(|view| broadcast::media_name(view, media)).ok().flatten()?;
        let bytes = std::fs::read(broadcast::media::path(self.db.path(), media)).ok()?;
        of_kind(kind, File::Bytes { name, bytes: bytes.into() }, caption_html, keyboard)
    }

    /// The encrypted copy of a backup as content; `None` when its file no longer exists, or the recipient is an owner no
    /// more: the letter then fails.
    fn backup_copy(&self, chat: TelegramId, name: String, caption_html: String) -> Result<Option<Content>> {
        let is_owner =
            self.db.read(|view| Ok::<_, Error>(staff::owners(view)?.iter().any(|one| one.telegram_id == chat)))?;
        let bytes = if is_owner { std::fs::read(backup::copy_path(self.db.path(), &name)).ok() } else { None };
        let file = bytes.map(|bytes| File::Bytes { name, bytes: bytes.into() });
        Ok(file.map(|file| Content::Document { file, caption_html, keyboard: Keyboard::None }))
    }

    /// The file of an export as content; `None` when the file no longer exists, or the recipient may no longer have it.
    /// While the file is being made again, because a customer was erased, this is a temporary failure (`Unavailable`),
    /// and the letter waits.
    fn export(&self, id: &str) -> Result<Option<Content>> {
        let Some(mut opened) = export::open(&self.db, id)? else {
            let is_made_anew = self.db.read(|view| export::waits(view, id))?;
            return if is_made_anew {
                Err(Failure::Unavailable("an export is made anew".into()).into())
            } else {
                Ok(None)
            };
        };
        let mut bytes = Vec::new();
        if opened.file.read_to_end(&mut bytes).is_err() {
            return Ok(None);
        }
        let file = File::Bytes { name: opened.name, bytes: bytes.into() };
        Ok(Some(Content::Document { file, caption_html: String::new(), keyboard: Keyboard::None }))
    }

    /// The QR picture of a code, which holds a link into the staff bot. `None` until the staff bot's username is known.
    fn draw(&self, public_id: &str) -> Result<Option<Vec<u8>>> {
        let link = self.db.read(|view| discount::link(view, self.name.realm(), public_id))?;
        Ok(link.and_then(|link| qr::png(&link)))
    }
}

fn of_kind(kind: &str, file: File, caption_html: String, keyboard: Keyboard) -> Option<Content> {
    match MediaType::parse(kind)? {
        MediaType::None => None,
        MediaType::Photo => Some(Content::Photo { picture: file, caption_html, keyboard }),
        MediaType::Video => Some(Content::Video { file, caption_html, keyboard }),
        MediaType::Document => Some(Content::Document { file, caption_html, keyboard }),
    }
}

/// Stores Telegram's id of a file that was just uploaded with a letter.
fn remember_file(tx: &Tx<'_>, letter: &Claimed, answer: &Answer) -> Result<()> {
    let (Payload::Upload { media, media_type, .. }, Some(file_id)) = (&letter.payload, &answer.file_id) else {
        return Ok(());
    };
    let Some(kind) = MediaType::parse(media_type) else { return Ok(()) };
    tx.signal(Signal::Broadcasts);
    broadcast::remember_file_id(tx, letter.bot, (kind, media), file_id)
}

fn nothing_to_say() -> Answer {
    let description = String::from("the words are gone");
    Answer { class: Class::Rejected, code: None, description, file_id: None, verdict: None }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A closed channel means that the daemon has ended: stop as well.
    let _ = stop.wait_for(|stopping| *stopping).await;
}

fn panicked(error: &tokio::task::JoinError) -> Error {
    Error::Storage(Failure::Internal(format!("a delivery panicked: {error}")))
}

//! Receives and handles updates: one poller and one dispatcher per bot. The poller stores updates before it
//! acknowledges them; the dispatcher handles each chat's updates in order and different chats in parallel.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinSet};

use super::{CallbackAnswer, Desk, Handled, customer, staff};
use crate::db::Failure;
use crate::error::{Error, Result};
use crate::inbox::{self, Failed, InboxId, QueuedUpdate};
use crate::metrics;
use crate::staff::Group;
use crate::telegram::reply::Class;
use crate::telegram::update::{Update, UpdateKind};
use crate::texts;

/// Seconds that Telegram may hold a poll open.
const POLL_SECONDS: u64 = 30;
/// How long a poller or a dispatcher that stops waits for its last calls to Telegram.
const FAREWELL: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The pause while another poller or a webhook takes this bot's updates.
const CONFLICT_PAUSE: Duration = Duration::from_secs(5);
/// The most chats handled at the same time.
const MOST_AT_ONCE: usize = 64;
/// The most updates kept in memory; further ones wait in the table.
const MOST_IN_MEMORY: usize = 4096;
/// How long an update waits after a storage failure.
const RETRY: Duration = Duration::from_millis(500);

/// The kinds of update that the bots request from Telegram, by long poll and by webhook.
pub const ALLOWED: [&str; 4] = ["message", "callback_query", "my_chat_member", "chat_member"];

/// How a poller ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollerEnd {
    /// The poller was told to stop.
    Stopped,
    /// Telegram refuses the token: this bot cannot work.
    TokenRefused,
}

/// Polls Telegram until told to stop. The updates of each answer are stored with the next offset in one transaction;
/// only the next poll sends that offset, which acknowledges them.
///
/// # Errors
/// [`Failure::Internal`]: a bug; the caller ends the daemon.
pub async fn poll(desk: Desk, mut stop: watch::Receiver<bool>) -> Result<PollerEnd> {
    let mut offset = desk.db.read(|view| inbox::offset(view, desk.name))?;
    let mut pause = Duration::from_secs(1);
    while !*stop.borrow() {
        let answer = tokio::select! {
            answer = desk.bot.get_updates(offset, POLL_SECONDS, &ALLOWED) => answer,
            _ = stop.changed() => break,
        };
        match answer {
            Ok(batch) => {
                pause = Duration::from_secs(1);
                if batch.is_empty() {
                    continue;
                }
                let next = store(&desk, batch, &mut stop).await?.unwrap_or(offset);
                if next == offset {
                    // Updates without an id cannot be acknowledged and come again at once, so poll less often.
                    rest(CONFLICT_PAUSE, &mut stop).await;
                }
                offset = next;
            }
            Err(error) if error.class == Class::Token => {
                tracing::error!(bot = %desk.name, "Telegram refuses this bot's token; the bot is off");
                return Ok(PollerEnd::TokenRefused);
            }
            Err(error) => {
                let wait = if error.is_conflict() { CONFLICT_PAUSE } else { pause };
                tracing::warn!(bot = %desk.name, %error, wait_s = wait.as_secs(), "polling failed");
                pause = (pause * 2).min(LONGEST_PAUSE);
                rest(wait, &mut stop).await;
            }
        }
    }
    let _ = tokio::time::timeout(FAREWELL, desk.bot.get_updates(offset, 0, &ALLOWED)).await;
    Ok(PollerEnd::Stopped)
}

/// Stores the updates of one answer, however long the disk takes to recover. Returns the next offset; `None` when told
/// to stop first: Telegram still has these updates.
async fn store(desk: &Desk, batch: Vec<serde_json::Value>, stop: &mut watch::Receiver<bool>) -> Result<Option<i64>> {
    let batch = std::sync::Arc::new(batch);
    loop {
        let (name, mine) = (desk.name, std::sync::Arc::clone(&batch));
        match desk.db.write_async(move |tx| inbox::store(tx, name, &mine)).await {
            Ok(offset) => return Ok(Some(offset)),
            Err(Error::Storage(failure)) if failure.is_passing() => {
                tracing::warn!(bot = %desk.name, %failure, "updates could not be stored yet");
                rest(RETRY, stop).await;
                if *stop.borrow() {
                    return Ok(None);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

async fn rest(wait: Duration, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        _ = stop.changed() => {}
    }
}

/// Handles stored updates until told to stop, then finishes the updates that it has begun.
///
/// # Errors
/// [`Failure::Internal`]: a bug; the caller ends the daemon.
pub async fn dispatch(desk: Desk, mut stop: watch::Receiver<bool>) -> Result<()> {
    let mut arrived = desk.db.signalled(inbox::signal(desk.name));
    let mut queues = ChatQueues::default();
    let mut running = JoinSet::new();
    // Presses of buttons are answered outside the chat's queue: a closed rate limiter must not delay the chat's next
    // update.
    let mut answers = JoinSet::new();
    while !*stop.borrow() {
        arrived.borrow_and_update();
        if let Err(error) = queues.load(&desk) {
            if !error.is_passing() {
                return Err(error);
            }
            tracing::warn!(bot = %desk.name, %error, "updates cannot be read yet");
            rest(RETRY, &mut stop).await;
            continue;
        }
        queues.start(&desk, &mut running);
        tokio::select! {
            changed = arrived.changed() => if changed.is_err() { break },
            Some(ended) = running.join_next_with_id() => {
                if let Some(callback) = queues.finish(&desk, ended).await? && answers.len() < MOST_AT_ONCE {
                    answers.spawn(answer(desk.clone(), callback));
                }
            }
            Some(_) = answers.join_next() => {}
            _ = stop.changed() => {}
        }
    }
    while let Some(ended) = running.join_next_with_id().await {
        if let Some(callback) = queues.finish(&desk, ended).await? {
            answers.spawn(answer(desk.clone(), callback));
        }
    }
    let _ = tokio::time::timeout(FAREWELL, async { while answers.join_next().await.is_some() {} }).await;
    Ok(())
}

/// The result of handling one update: the answer to a pressed button, if one was pressed. After an error the update
/// stays queued.
type Ending = Result<Option<CallbackAnswer>>;

/// The updates in memory, in one queue for each chat. An update's `chat` is the id of its chat, else of its sender.
#[derive(Default)]
struct ChatQueues {
    waiting: HashMap<i64, VecDeque<QueuedUpdate>>,
    /// Chats with waiting updates and no running handler.
    ready: VecDeque<i64>,
    running: HashMap<Id, QueuedUpdate>,
    loaded_up_to: Option<InboxId>,
    in_memory: usize,
}

impl ChatQueues {
    fn load(&mut self, desk: &Desk) -> Result<()> {
        while self.in_memory < MOST_IN_MEMORY {
            let after = self.loaded_up_to.unwrap_or(InboxId(0));
            let found = desk.db.read(|view| inbox::queued(view, desk.name, after, 256))?;
            let Some(last) = found.last() else { return Ok(()) };
            self.loaded_up_to = Some(last.id);
            for stored in found {
                self.add(stored);
            }
        }
        Ok(())
    }

    fn add(&mut self, stored: QueuedUpdate) {
        self.in_memory += 1;
        let chat = stored.chat;
        let queue = self.waiting.entry(chat).or_default();
        queue.push_back(stored);
        let busy = self.running.values().any(|running| running.chat == chat);
        if queue.len() == 1 && !busy {
            self.ready.push_back(chat);
        }
    }

    fn start(&mut self, desk: &Desk, running: &mut JoinSet<Ending>) {
        while running.len() < MOST_AT_ONCE {
            let Some(chat) = self.ready.pop_front() else { return };
            let Some(stored) = self.waiting.get_mut(&chat).and_then(VecDeque::pop_front) else { continue };
            let handle = running.spawn(handle(desk.clone(), stored.clone()));
            self.running.insert(handle.id(), stored);
        }
    }

    /// Records how the handler of an update ended. A panic counts as a failed attempt, so an update that always panics
    /// is parked after five attempts and does not block its chat for ever.
    async fn finish(
        &mut self,
        desk: &Desk,
        ended: std::result::Result<(Id, Ending), tokio::task::JoinError>,
    ) -> Result<Option<CallbackAnswer>> {
        let (id, handled) = match ended {
            Ok((id, handled)) => (id, handled),
            Err(error) => (error.id(), Err(Failure::Internal("a handler panicked".into()).into())),
        };
        let Some(stored) = self.running.remove(&id) else { return Ok(None) };
        self.in_memory -= 1;
        let chat = stored.chat;
        let (callback, failed) = match handled {
            Ok(callback) => (callback, None),
            Err(error) => (None, Some(error)),
        };
        let result = if failed.is_none() { "done" } else { "failed" };
        ::metrics::counter!(metrics::UPDATES, "bot" => desk.name.as_str(), "result" => result).increment(1);
        if let Some(error) = failed
            && note_failure(desk, stored.id, &error).await? == Failed::WillRetry
        {
            self.in_memory += 1;
            self.waiting.entry(chat).or_default().push_front(stored);
        }
        match self.waiting.get(&chat).map(VecDeque::len) {
            Some(0) | None => drop(self.waiting.remove(&chat)),
            Some(_) => self.ready.push_back(chat),
        }
        Ok(callback)
    }
}

/// Counts a failed attempt, except for a passing storage failure, which the update did not cause.
async fn note_failure(desk: &Desk, id: InboxId, error: &Error) -> Result<Failed> {
    if let Error::Storage(failure) = error
        && failure.is_passing()
    {
        return Ok(Failed::WillRetry);
    }
    tracing::error!(bot = %desk.name, update = %id, %error, "an update could not be handled");
    let (words, realm) = (error.to_string(), desk.realm());
    let noted = desk.db.write_async(move |tx| {
        let noted = inbox::failed(tx, id, &words)?;
        if noted == Failed::Parked {
            crate::staff::tell_admins(tx, realm, Group::Errors, "notice_parked", &[], Some(&id.to_string()))?;
        }
        Ok(noted)
    });
    match noted.await {
        Err(Error::Storage(failure)) if failure.is_passing() => Ok(Failed::WillRetry),
        noted => noted,
    }
}

/// Handles one stored update. Its effect and its removal from the queue are one transaction: neither happens without
/// the other, and the effect does not happen twice.
///
/// # Errors
/// A storage failure, or an error of the effect; the update stays queued.
pub async fn handle_one(desk: &Desk, id: InboxId, update: &Update) -> Result<Option<CallbackAnswer>> {
    let Handled { press, effect } = if desk.name.is_for_customers() {
        customer::handle(desk, update).await?
    } else {
        staff::handle(desk, update).await?
    };
    let line = desk.db.write_async(move |tx| inbox::handle_once(tx, id, effect)).await?;
    Ok(press.map(|id| CallbackAnswer { id, text: line.flatten() }))
}

async fn handle(desk: Desk, stored: QueuedUpdate) -> Ending {
    let update = Update::from_text(&stored.raw);
    let handled = handle_one(&desk, stored.id, &update).await;
    if let Err(error) = &handled {
        if let (true, UpdateKind::CallbackQuery(press)) = (error.is_passing(), &update.kind) {
            say_try_again(&desk, press.id.clone()).await;
        }
        tokio::time::sleep(RETRY).await;
    }
    handled
}

/// Tells the person who pressed a button at once that the storage is busy; the press is handled later.
async fn say_try_again(desk: &Desk, id: String) {
    let words = desk.db.read(|view| texts::caption(view, "try_again"));
    if let Ok(words) = words {
        answer(desk.clone(), CallbackAnswer { id, text: Some(words) }).await;
    }
}

/// Answers a press of a button after its effect is committed; if the answer is lost, only the button's spinner stays.
async fn answer(desk: Desk, callback: CallbackAnswer) {
    let patience = Duration::from_secs(10);
    let call = desk.bot.answer_callback(&callback.id, callback.text.as_deref(), callback.text.is_some());
    if let Ok(Err(error)) = tokio::time::timeout(patience, call).await {
        tracing::debug!(bot = %desk.name, %error, "a press could not be answered");
    }
}

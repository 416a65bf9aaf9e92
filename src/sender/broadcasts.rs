//! The sender of broadcasts: one loop per bot. The loop waits for the rate limiter, runs a batch (one transaction that
//! settles results and claims the next rows) and calls Telegram. A row becomes `sending` only just before its call.
//! Memory does not grow with the audience. Only the process that holds the sender's lock may run this.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::backoff::{BREATH, LONGEST_WAIT, RETRY, passing, until_answered};
use super::freeze::freeze;
use super::limits;
use crate::broadcast::pace::{Pace, Room};
use crate::broadcast::rules::{Stop, Watch};
use crate::broadcast::{self, Batch, BroadcastId, ClaimedMessage, Reply, SenderWork, Settled};
use crate::clock::Millis;
use crate::db::{Database, Failure, Signal};
use crate::error::{Error, Result};
use crate::ids::TelegramId;
use crate::realm::BotName;
use crate::telegram::client::{Answer, Bot, Outgoing, Permit};
use crate::telegram::gate::{Lane, Verdict};
use crate::telegram::reply::Class;

/// The least time between two batches. A batch is one commit; the results that arrive between two batches share it.
const BATCH_EVERY: Duration = Duration::from_millis(20);
/// After a commit that took longer than this, permits are acquired again: they were counted in a rate window that has
/// passed.
const STALE: Duration = Duration::from_millis(200);
/// The time between two deletions of calls that are too old to count against a rate limit, [`TRIMMED_AT_ONCE`] rows per
/// transaction.
const TRIM_EVERY: Duration = Duration::from_secs(300);
const TRIMMED_AT_ONCE: usize = 1000;

/// What the loop that sends one bot's broadcasts needs.
#[derive(Clone)]
pub struct BroadcastSender {
    /// The name of the bot that sends.
    pub name: BotName,
    /// The bot's Telegram client.
    pub bot: Bot,
    /// The shop's database.
    pub db: Database,
    /// The fastest rate with Stars, in messages per second: Telegram's limit, unless a benchmark sets another.
    pub ceiling: u32,
}

/// The loop's state between batches.
struct LoopState {
    pace: Pace,
    watches: HashMap<BroadcastId, Watch>,
    batch: Batch,
    calls: JoinSet<FinishedCall>,
    freezing: JoinSet<Result<()>>,
    last_batch: Option<Instant>,
    floods: watch::Receiver<u64>,
    /// Why the next batch must pause every broadcast under way; `None` = they go on.
    stop_all: Option<Stop>,
    /// The number of queued rows of each broadcast, if the last batch was to claim rows and claimed none; otherwise
    /// `None`.
    stuck: Option<Vec<(BroadcastId, i64)>>,
    /// Batches claim no rows before this instant, unless a signal comes first.
    idle_until: Instant,
    /// Rows of canceled broadcasts are not marked as skipped before this instant.
    skip_from: Instant,
    /// The next step of a bulk action does not run before this instant.
    bulk_from: Instant,
    /// When calls that are too old to count against a rate limit are deleted next.
    trim_from: Instant,
}

/// A call to Telegram that has ended, with its result.
struct FinishedCall {
    settled: Settled,
    is_personal: bool,
    verdict: Option<Verdict>,
}

/// What the loop does next.
enum LoopStep {
    /// Ask the rate limiter for up to this many permits.
    Send(i64),
    /// Run a batch that claims nothing.
    Settle,
    /// Wait for this long, or until a call ends or a signal comes.
    Wait(Duration),
}

impl BroadcastSender {
    /// Sends until told to stop; then finishes calls under way and settles their results.
    ///
    /// # Errors
    /// A bug in the storage layer; the caller ends the process.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> Result<()> {
        let mut signalled = self.db.signalled(Signal::Broadcasts);
        let Some(mut state) = self.begin(&stop).await? else { return Ok(()) };
        while !*stop.borrow() {
            if signalled.has_changed().unwrap_or_default() {
                state.idle_until = Instant::now();
            }
            signalled.borrow_and_update();
            let Some(work) = passing(self.db.read(|view| broadcast::sender_work(view, self.name.realm())))? else {
                tokio::time::sleep(RETRY).await;
                continue;
            };
            self.set_rate(&work);
            self.look_after(&work, &mut state, &stop).await?;
            let next = self.next(&work, &mut state);
            let wait = if let LoopStep::Wait(wait) = next { wait } else { LONGEST_WAIT };
            tokio::select! {
                permit = self.bot.acquire(Lane::Broadcast, None), if matches!(next, LoopStep::Send(_)) => {
                    let LoopStep::Send(most) = next else { continue };
                    self.send(permit, (most, &work), &mut state).await?;
                }
                () = std::future::ready(()), if matches!(next, LoopStep::Settle) => self.run_batch(&mut state, Vec::new(), false).await?,
                changed = signalled.changed() => {
                    if changed.is_err() { break }
                    state.idle_until = Instant::now();
                }
                Some(ended) = state.calls.join_next() => state.call_ended(ended)?,
                flooded = state.floods.changed() => if flooded.is_ok() { state.stop_all = Some(Stop::Flood) },
                Some(ended) = state.freezing.join_next() => ended.unwrap_or_else(|e| Err(panicked(&e)))?,
                () = tokio::time::sleep(wait) => {}
                _ = stop.changed() => {}
            }
            while let Some(ended) = state.calls.try_join_next() {
                state.call_ended(ended)?;
            }
        }
        self.end(state).await
    }

    /// Reads the bot's stored calls of the last hour, which count against the limits per minute and hour. `None` when
    /// told to stop before the storage answered.
    async fn begin(&self, stop: &watch::Receiver<bool>) -> Result<Option<LoopState>> {
        let read = || std::future::ready(self.db.read(|view| broadcast::paced(view, self.name)));
        let Some(paced) = until_answered(stop, read).await? else { return Ok(None) };
        let (now, mut pace) = (self.db.clock().now_ms(), Pace::default());
        for (second, calls) in paced {
            pace.remember(second, calls, now);
        }
        Ok(Some(LoopState::new(pace, self.bot.floods())))
    }

    /// Waits for the calls under way and settles their results, however long the disk takes: no other process knows
    /// these results.
    async fn end(&self, mut state: LoopState) -> Result<()> {
        while let Some(ended) = state.calls.join_next().await {
            state.call_ended(ended)?;
        }
        while !state.batch.settled.is_empty() || !state.batch.stops.is_empty() {
            self.run_batch(&mut state, Vec::new(), false).await?;
        }
        // The last step of freezing is waited for, because a write that has begun cannot be canceled.
        while let Some(ended) = state.freezing.join_next().await {
            ended.unwrap_or_else(|e| Err(panicked(&e)))?;
        }
        Ok(())
    }

    /// Sets the rate limiter to the free rate or to the rate that the shop pays for.
    fn set_rate(&self, work: &SenderWork) {
        self.bot.set_limits(limits(work.is_paid, self.ceiling));
    }

    /// The work beside sending: enters audiences into the ledger of recipients, continues bulk actions, marks queued
    /// rows of canceled broadcasts as skipped, deletes stored calls that are too old to count against a limit.
    async fn look_after(&self, work: &SenderWork, state: &mut LoopState, stop: &watch::Receiver<bool>) -> Result<()> {
        self.stop_all(state)?;
        if let (Some(id), true) = (work.freezing.first(), state.freezing.is_empty()) {
            state.freezing.spawn(freeze(self.db.clone(), *id, stop.clone()));
        }
        let now = Instant::now();
        if work.is_bulk_pending && state.bulk_from <= now {
            let realm = self.name.realm();
            let continued = passing(self.db.write_bulk_async(move |tx| broadcast::continue_bulk(tx, realm)).await)?;
            state.bulk_from = Instant::now() + if continued.is_some() { BREATH } else { RETRY };
        }
        if let (Some(id), true) = (work.left_over.first().copied(), state.skip_from <= now) {
            let skipped = passing(self.db.write_bulk_async(move |tx| broadcast::skip_canceled(tx, id)).await)?;
            state.skip_from = Instant::now() + if skipped.is_some() { BREATH } else { RETRY };
        }
        if state.trim_from <= now {
            let name = self.name;
            let gone = passing(self.db.write_bulk_async(move |tx| broadcast::forget_paced(tx, name)).await)?;
            let is_over = gone.is_some_and(|gone| gone < TRIMMED_AT_ONCE);
            state.trim_from = Instant::now() + if is_over { TRIM_EVERY } else { RETRY };
        }
        Ok(())
    }

    /// If all broadcasts must stop, has the next batch pause those under way; the batch tells the admins.
    fn stop_all(&self, state: &mut LoopState) -> Result<()> {
        if state.floods.has_changed().unwrap_or_default() {
            state.floods.borrow_and_update();
            state.stop_all = Some(Stop::Flood);
        }
        let Some(why) = state.stop_all else { return Ok(()) };
        if let Some(sending) = passing(self.db.read(|view| broadcast::sending(view, self.name.realm())))? {
            state.stop_all = None;
            for broadcast in sending {
                state.watches.remove(&broadcast.id);
                state.batch.stops.push((broadcast.id, why));
            }
        }
        Ok(())
    }

    fn next(&self, work: &SenderWork, state: &mut LoopState) -> LoopStep {
        let now = self.db.clock().now_ms();
        let since = state.last_batch.map_or(BATCH_EVERY, |at| at.elapsed());
        let is_due = work.due.is_some_and(|due| due <= self.db.clock().now());
        let has_news = is_due || work.is_over || !state.batch.settled.is_empty() || !state.batch.stops.is_empty();
        let under_way = state.calls.len() + state.batch.settled.len();
        // One call at a time until Telegram has accepted one message of each broadcast.
        let slots = if state.is_proven(&work.claimable) { self.bot.slots() } else { 1 };
        let free = slots.saturating_sub(under_way).min(usize::try_from(work.batch).unwrap_or(usize::MAX));
        let mut waits = vec![LONGEST_WAIT];
        waits.extend(work.due.map(|due| self.db.clock().wait_for(due)));
        waits.extend(work.is_bulk_pending.then(|| left(state.bulk_from)));
        waits.extend((!work.left_over.is_empty()).then(|| left(state.skip_from)));
        if since < BATCH_EVERY {
            if has_news || work.is_claimable {
                waits.push(BATCH_EVERY.saturating_sub(since));
            }
        } else if work.is_claimable && free > 0 && left(state.idle_until) > Duration::ZERO {
            waits.push(left(state.idle_until));
        } else if work.is_claimable && free > 0 && self.bot.is_open(Lane::Broadcast) {
            match state.pace.room(work.limits, i64::try_from(under_way).unwrap_or(i64::MAX), now) {
                Room::For(most) => return LoopStep::Send(most.min(i64::try_from(free).unwrap_or(i64::MAX))),
                Room::From(at) => waits.push(until(at, now)),
                Room::Full => {}
            }
        } else if work.is_claimable && free > 0 {
            // The rate limiter is closed. Results are settled meanwhile, and a check every `RETRY` notices when the
            // rate limiter opens.
            waits.push(RETRY);
        }
        if has_news && since >= BATCH_EVERY {
            LoopStep::Settle
        } else {
            LoopStep::Wait(waits.into_iter().min().unwrap_or(LONGEST_WAIT))
        }
    }

    /// Acquires as many permits as the rate limiter gives, at most `most`, and runs a batch with them. An unused permit
    /// is given back to the rate limiter.
    async fn send(&self, permit: Permit, (most, work): (i64, &SenderWork), state: &mut LoopState) -> Result<()> {
        let permits = self.bot.acquire_more(Lane::Broadcast, permit, usize::try_from(most).unwrap_or_default());
        let before = state.calls.len();
        self.run_batch(state, permits, work.is_paid).await?;
        let begun = i64::try_from(state.calls.len().saturating_sub(before)).unwrap_or_default();
        state.pace.begun(work.limits, begun, self.db.clock().now_ms());
        Ok(())
    }

    /// Runs one batch and starts its calls. The batch is one transaction: settle results, apply stop rules, start due
    /// broadcasts, finish broadcasts without queued rows, claim one row per permit. A batch that could not be committed
    /// is kept and tried again.
    async fn run_batch(&self, state: &mut LoopState, permits: Vec<Permit>, is_paid: bool) -> Result<()> {
        let begun_at = Instant::now();
        state.last_batch = Some(begun_at);
        state.batch.most = i64::try_from(permits.len()).unwrap_or(i64::MAX);
        state.batch.resting =
            self.bot.resting_chats(Lane::Broadcast).into_iter().map(|(chat, _)| TelegramId(chat)).collect();
        let (batch, realm) = (Arc::new(std::mem::take(&mut state.batch)), self.name.realm());
        let mine = Arc::clone(&batch);
        let result = passing(self.db.write_async(move |tx| broadcast::tick(tx, realm, &mine)).await);
        let called = batch.settled.iter().filter(|one| one.answer.is_some()).count();
        let last = batch.after;
        let Some(result) = result? else {
            state.batch = Arc::unwrap_or_clone(batch);
            drop(permits);
            tokio::time::sleep(RETRY).await;
            return Ok(());
        };
        self.note_stuck(batch.most > 0 && result.messages.is_empty(), state)?;
        state.pace.ended(i64::try_from(called).unwrap_or(i64::MAX), self.db.clock().now_ms());
        state.batch.after = result.messages.first().map(|message| message.claimed.broadcast).or(last);
        let permits = if begun_at.elapsed() > STALE { self.renewed(permits) } else { permits };
        self.call(result.messages, permits, (state, is_paid));
        Ok(())
    }

    /// Replaces permits that were counted in a rate window that has passed: gives them back and acquires as many new
    /// permits as the rate limiter gives.
    fn renewed(&self, permits: Vec<Permit>) -> Vec<Permit> {
        let most = permits.len();
        drop(permits);
        (0..most).map_while(|_| self.bot.try_acquire(Lane::Broadcast)).collect()
    }

    /// Starts one call to Telegram per claimed row and permit. A row without a permit is not sent; the next batch
    /// queues it again.
    fn call(&self, messages: Vec<ClaimedMessage>, permits: Vec<Permit>, (state, is_paid): (&mut LoopState, bool)) {
        let mut permits = permits.into_iter();
        for message in messages {
            match permits.next() {
                Some(permit) => drop(state.calls.spawn(send_one(self.bot.clone(), message, permit, is_paid))),
                None => state.batch.settled.push(Settled { claimed: message.claimed, answer: None }),
            }
        }
    }

    /// Notes whether a batch claimed rows. When two batches in a row claimed none and the queue stayed the same, the
    /// broadcast waits for something else, such as the upload of a picture: then the loop pauses for [`RETRY`]. If
    /// Telegram refuses the bot's token, that wait would never end, so all broadcasts are paused.
    fn note_stuck(&self, is_empty: bool, state: &mut LoopState) -> Result<()> {
        let waiting = if is_empty {
            let sending = passing(self.db.read(|view| broadcast::sending(view, self.name.realm())))?;
            sending.map(|all| all.iter().map(|one| (one.id, one.counts.queued)).collect())
        } else {
            None
        };
        if waiting.is_some() && waiting == state.stuck {
            state.idle_until = Instant::now() + RETRY;
            if self.bot.status().token_refused {
                state.stop_all = Some(Stop::Token);
            }
        }
        state.stuck = waiting;
        Ok(())
    }
}

impl LoopState {
    fn new(pace: Pace, floods: watch::Receiver<u64>) -> Self {
        let (watches, batch, now) = (HashMap::new(), Batch::default(), Instant::now());
        let (calls, freezing) = (JoinSet::new(), JoinSet::new());
        Self {
            pace,
            watches,
            batch,
            calls,
            freezing,
            last_batch: None,
            floods,
            stop_all: None,
            stuck: None,
            idle_until: now,
            skip_from: now,
            bulk_from: now,
            trim_from: now,
        }
    }

    /// Whether the answers so far show, for each of these broadcasts, that Telegram accepts its message.
    fn is_proven(&self, claimable: &[BroadcastId]) -> bool {
        claimable.iter().all(|id| self.watches.get(id).is_some_and(Watch::is_proven))
    }

    fn call_ended(&mut self, ended: std::result::Result<FinishedCall, tokio::task::JoinError>) -> Result<()> {
        let FinishedCall { settled, is_personal, verdict } = ended.map_err(|error| panicked(&error))?;
        let (id, attempt) = (settled.claimed.broadcast, settled.claimed.attempt);
        let seen = settled
            .answer
            .as_ref()
            .and_then(|reply| self.watches.entry(id).or_default().see(&reply.class, attempt, is_personal));
        let flood = (verdict == Some(Verdict::PauseBroadcast)).then_some(Stop::Flood);
        if let Some(why) = seen.or(flood) {
            // Earlier failures are forgotten: the broadcast is resumed only after their cause was fixed.
            self.watches.remove(&id);
            self.batch.stops.push((id, why));
        }
        self.batch.settled.push(settled);
        Ok(())
    }
}

async fn send_one(bot: Bot, message: ClaimedMessage, mut permit: Permit, is_paid: bool) -> FinishedCall {
    let ClaimedMessage { claimed, content, is_personal } = message;
    let chat = claimed.chat.0;
    permit.speaks_to(chat);
    let Answer { class, code, description, verdict, .. } =
        bot.send_with(permit, &Outgoing { chat_id: chat, content, paid: is_paid }).await;
    if !matches!(class, Class::Sent { .. }) {
        let (class, broadcast, user) = (class.as_str(), claimed.broadcast, claimed.user);
        tracing::info!(bot = bot.label(), %broadcast, %user, class, error = description, "a message was not delivered");
    }
    let answer = Some(Reply { class, code, words: description });
    FinishedCall { settled: Settled { claimed, answer }, is_personal, verdict }
}

fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}

fn until(at: Millis, now: Millis) -> Duration {
    Duration::from_millis(at.0.saturating_sub(now.0).max(1).unsigned_abs())
}

fn panicked(error: &tokio::task::JoinError) -> Error {
    Failure::Internal(format!("a broadcast's call panicked: {error}")).into()
}

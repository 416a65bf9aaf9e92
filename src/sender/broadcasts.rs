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
use crate::broadcast::{self, Batch, BroadcastId, ClaimedMessage, Glance, Reply, Settled};
use crate::clock::Millis;
use crate::db::{Database, Failure, Signal};
use crate::error::{Error, Result};
use crate::ids::TelegramId;
use crate::realm::BotName;
use crate::telegram::client::{Answer, Bot, Outgoing, Permit};
use crate::telegram::gate::{Lane, Verdict};
use crate::telegram::reply::Class;

/// The most concurrent calls without Stars and with Stars: rate × latency, with a margin.
const SLOTS: usize = 8;
const PAID_SLOTS: usize = 128;
/// The least time between two batches. A batch is one commit; the results that arrive between two batches share it.
const TURN: Duration = Duration::from_millis(20);
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
struct Work {
    pace: Pace,
    watches: HashMap<BroadcastId, Watch>,
    turn: Batch,
    calls: JoinSet<FinishedCall>,
    freezing: JoinSet<Result<()>>,
    last_turn: Option<Instant>,
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
    sweep_from: Instant,
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
        let Some(mut work) = self.begin(&stop).await? else { return Ok(()) };
        while !*stop.borrow() {
            if signalled.has_changed().unwrap_or_default() {
                work.idle_until = Instant::now();
            }
            signalled.borrow_and_update();
            let Some(glance) = passing(self.db.read(|view| broadcast::glance(view, self.name.realm())))? else {
                tokio::time::sleep(RETRY).await;
                continue;
            };
            self.obey(&glance);
            self.look_after(&glance, &mut work, &stop).await?;
            let next = self.next(&glance, &mut work);
            let wait = if let LoopStep::Wait(wait) = next { wait } else { LONGEST_WAIT };
            tokio::select! {
                pass = self.bot.acquire(Lane::Broadcast, None), if matches!(next, LoopStep::Send(_)) => {
                    let LoopStep::Send(most) = next else { continue };
                    self.send(pass, (most, &glance), &mut work).await?;
                }
                () = std::future::ready(()), if matches!(next, LoopStep::Settle) => self.take_turn(&mut work, Vec::new(), false).await?,
                changed = signalled.changed() => {
                    if changed.is_err() { break }
                    work.idle_until = Instant::now();
                }
                Some(ended) = work.calls.join_next() => work.came_back(ended)?,
                flooded = work.floods.changed() => if flooded.is_ok() { work.stop_all = Some(Stop::Flood) },
                Some(ended) = work.freezing.join_next() => ended.unwrap_or_else(|e| Err(panicked(&e)))?,
                () = tokio::time::sleep(wait) => {}
                _ = stop.changed() => {}
            }
            while let Some(ended) = work.calls.try_join_next() {
                work.came_back(ended)?;
            }
        }
        self.end(work).await
    }

    /// Reads the bot's stored calls of the last hour, which count against the limits per minute and hour. `None` when
    /// told to stop before the storage answered.
    async fn begin(&self, stop: &watch::Receiver<bool>) -> Result<Option<Work>> {
        let read = || std::future::ready(self.db.read(|view| broadcast::paced(view, self.name)));
        let Some(paced) = until_answered(stop, read).await? else { return Ok(None) };
        let (now, mut pace) = (self.db.clock().now_ms(), Pace::default());
        for (second, calls) in paced {
            pace.remember(second, calls, now);
        }
        Ok(Some(Work::new(pace, self.bot.floods())))
    }

    /// Waits for the calls under way and settles their results, however long the disk takes: no other process knows
    /// these results.
    async fn end(&self, mut work: Work) -> Result<()> {
        while let Some(ended) = work.calls.join_next().await {
            work.came_back(ended)?;
        }
        while !work.turn.settled.is_empty() || !work.turn.stops.is_empty() {
            self.take_turn(&mut work, Vec::new(), false).await?;
        }
        // The last step of freezing is waited for, because a write that has begun cannot be canceled.
        while let Some(ended) = work.freezing.join_next().await {
            ended.unwrap_or_else(|e| Err(panicked(&e)))?;
        }
        Ok(())
    }

    /// Sets the rate limiter to the free rate or to the rate that the shop pays for.
    fn obey(&self, glance: &Glance) {
        self.bot.set_limits(limits(glance.is_paid, self.ceiling));
    }

    /// The work beside sending: enters audiences into the ledger of recipients, continues bulk actions, marks queued
    /// rows of canceled broadcasts as skipped, deletes stored calls that are too old to count against a limit.
    async fn look_after(&self, glance: &Glance, work: &mut Work, stop: &watch::Receiver<bool>) -> Result<()> {
        self.stop_all(work)?;
        if let (Some(id), true) = (glance.freezing.first(), work.freezing.is_empty()) {
            work.freezing.spawn(freeze(self.db.clone(), *id, stop.clone()));
        }
        let now = Instant::now();
        if glance.is_bulk_pending && work.sweep_from <= now {
            let realm = self.name.realm();
            let swept = passing(self.db.write_bulk_async(move |tx| broadcast::continue_bulk(tx, realm)).await)?;
            work.sweep_from = Instant::now() + if swept.is_some() { BREATH } else { RETRY };
        }
        if let (Some(id), true) = (glance.left_over.first().copied(), work.skip_from <= now) {
            let skipped = passing(self.db.write_bulk_async(move |tx| broadcast::skip_canceled(tx, id)).await)?;
            work.skip_from = Instant::now() + if skipped.is_some() { BREATH } else { RETRY };
        }
        if work.trim_from <= now {
            let name = self.name;
            let gone = passing(self.db.write_bulk_async(move |tx| broadcast::forget_paced(tx, name)).await)?;
            let is_over = gone.is_some_and(|gone| gone < TRIMMED_AT_ONCE);
            work.trim_from = Instant::now() + if is_over { TRIM_EVERY } else { RETRY };
        }
        Ok(())
    }

    /// If all broadcasts must stop, has the next batch pause those under way; the batch tells the admins.
    fn stop_all(&self, work: &mut Work) -> Result<()> {
        if work.floods.has_changed().unwrap_or_default() {
            work.floods.borrow_and_update();
            work.stop_all = Some(Stop::Flood);
        }
        let Some(why) = work.stop_all else { return Ok(()) };
        if let Some(sending) = passing(self.db.read(|view| broadcast::sending(view, self.name.realm())))? {
            work.stop_all = None;
            for broadcast in sending {
                work.watches.remove(&broadcast.id);
                work.turn.stops.push((broadcast.id, why));
            }
        }
        Ok(())
    }

    fn next(&self, glance: &Glance, work: &mut Work) -> LoopStep {
        let now = self.db.clock().now_ms();
        let since = work.last_turn.map_or(TURN, |at| at.elapsed());
        let is_due = glance.due.is_some_and(|due| due <= now.timestamp());
        let has_news = is_due || glance.is_over || !work.turn.settled.is_empty() || !work.turn.stops.is_empty();
        let under_way = work.calls.len() + work.turn.settled.len();
        let slots = match (work.is_proven(&glance.claimable), glance.is_paid) {
            // One call at a time until Telegram has accepted one message of each broadcast.
            (false, _) => 1,
            (true, true) => PAID_SLOTS,
            (true, false) => SLOTS,
        };
        let free = slots.saturating_sub(under_way).min(usize::try_from(glance.batch).unwrap_or(usize::MAX));
        let mut waits = vec![LONGEST_WAIT];
        waits.extend(glance.due.map(|due| until(due.millis(), now)));
        waits.extend(glance.is_bulk_pending.then(|| left(work.sweep_from)));
        waits.extend((!glance.left_over.is_empty()).then(|| left(work.skip_from)));
        if since < TURN {
            if has_news || glance.is_claimable {
                waits.push(TURN.saturating_sub(since));
            }
        } else if glance.is_claimable && free > 0 && left(work.idle_until) > Duration::ZERO {
            waits.push(left(work.idle_until));
        } else if glance.is_claimable && free > 0 && self.bot.is_open(Lane::Broadcast) {
            match work.pace.room(glance.limits, i64::try_from(under_way).unwrap_or(i64::MAX), now) {
                Room::For(most) => return LoopStep::Send(most.min(i64::try_from(free).unwrap_or(i64::MAX))),
                Room::From(at) => waits.push(until(at, now)),
                Room::Full => {}
            }
        } else if glance.is_claimable && free > 0 {
            // The rate limiter is closed. Results are settled meanwhile, and a check every `RETRY` notices when the
            // rate limiter opens.
            waits.push(RETRY);
        }
        if has_news && since >= TURN {
            LoopStep::Settle
        } else {
            LoopStep::Wait(waits.into_iter().min().unwrap_or(LONGEST_WAIT))
        }
    }

    /// Acquires as many permits as the rate limiter gives, at most `most`, and runs a batch with them. An unused permit
    /// is given back to the rate limiter.
    async fn send(&self, pass: Permit, (most, glance): (i64, &Glance), work: &mut Work) -> Result<()> {
        let passes = self.bot.acquire_more(Lane::Broadcast, pass, usize::try_from(most).unwrap_or_default());
        let before = work.calls.len();
        self.take_turn(work, passes, glance.is_paid).await?;
        let begun = i64::try_from(work.calls.len().saturating_sub(before)).unwrap_or_default();
        work.pace.begun(glance.limits, begun, self.db.clock().now_ms());
        Ok(())
    }

    /// Runs one batch and starts its calls. The batch is one transaction: settle results, apply stop rules, start due
    /// broadcasts, finish broadcasts without queued rows, claim one row per permit. A batch that could not be committed
    /// is kept and tried again.
    async fn take_turn(&self, work: &mut Work, passes: Vec<Permit>, is_paid: bool) -> Result<()> {
        let begun_at = Instant::now();
        work.last_turn = Some(begun_at);
        work.turn.most = i64::try_from(passes.len()).unwrap_or(i64::MAX);
        work.turn.resting =
            self.bot.resting_chats(Lane::Broadcast).into_iter().map(|(chat, _)| TelegramId(chat)).collect();
        let (told, realm) = (Arc::new(std::mem::take(&mut work.turn)), self.name.realm());
        let mine = Arc::clone(&told);
        let turned = passing(self.db.write_async(move |tx| broadcast::tick(tx, realm, &mine)).await);
        let called = told.settled.iter().filter(|one| one.answer.is_some()).count();
        let last = told.after;
        let Some(turned) = turned? else {
            work.turn = Arc::unwrap_or_clone(told);
            drop(passes);
            tokio::time::sleep(RETRY).await;
            return Ok(());
        };
        self.note_stuck(told.most > 0 && turned.parcels.is_empty(), work)?;
        work.pace.ended(i64::try_from(called).unwrap_or(i64::MAX), self.db.clock().now_ms());
        work.turn.after = turned.parcels.first().map(|parcel| parcel.claimed.broadcast).or(last);
        let passes = if begun_at.elapsed() > STALE { self.renewed(passes) } else { passes };
        self.call(turned.parcels, passes, (work, is_paid));
        Ok(())
    }

    /// Replaces permits that were counted in a rate window that has passed: gives them back and acquires as many new
    /// permits as the rate limiter gives.
    fn renewed(&self, passes: Vec<Permit>) -> Vec<Permit> {
        let most = passes.len();
        drop(passes);
        (0..most).map_while(|_| self.bot.try_acquire(Lane::Broadcast)).collect()
    }

    /// Starts one call to Telegram per claimed row and permit. A row without a permit is not sent; the next batch
    /// queues it again.
    fn call(&self, parcels: Vec<ClaimedMessage>, passes: Vec<Permit>, (work, is_paid): (&mut Work, bool)) {
        let mut passes = passes.into_iter();
        for parcel in parcels {
            match passes.next() {
                Some(pass) => drop(work.calls.spawn(send_one(self.bot.clone(), parcel, pass, is_paid))),
                None => work.turn.settled.push(Settled { claimed: parcel.claimed, answer: None }),
            }
        }
    }

    /// Notes whether a batch claimed rows. When two batches in a row claimed none and the queue stayed the same, the
    /// broadcast waits for something else, such as the upload of a picture: then the loop pauses for [`RETRY`]. If
    /// Telegram refuses the bot's token, that wait would never end, so all broadcasts are paused.
    fn note_stuck(&self, is_empty: bool, work: &mut Work) -> Result<()> {
        let waiting = if is_empty {
            let sending = passing(self.db.read(|view| broadcast::sending(view, self.name.realm())))?;
            sending.map(|all| all.iter().map(|one| (one.id, one.counts.queued)).collect())
        } else {
            None
        };
        if waiting.is_some() && waiting == work.stuck {
            work.idle_until = Instant::now() + RETRY;
            if self.bot.standing().token_refused {
                work.stop_all = Some(Stop::Token);
            }
        }
        work.stuck = waiting;
        Ok(())
    }
}

impl Work {
    fn new(pace: Pace, floods: watch::Receiver<u64>) -> Self {
        let (watches, turn, now) = (HashMap::new(), Batch::default(), Instant::now());
        let (calls, freezing) = (JoinSet::new(), JoinSet::new());
        Self {
            pace,
            watches,
            turn,
            calls,
            freezing,
            last_turn: None,
            floods,
            stop_all: None,
            stuck: None,
            idle_until: now,
            skip_from: now,
            sweep_from: now,
            trim_from: now,
        }
    }

    /// Whether the answers so far show, for each of these broadcasts, that Telegram accepts its message.
    fn is_proven(&self, claimable: &[BroadcastId]) -> bool {
        claimable.iter().all(|id| self.watches.get(id).is_some_and(Watch::is_proven))
    }

    fn came_back(&mut self, ended: std::result::Result<FinishedCall, tokio::task::JoinError>) -> Result<()> {
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
            self.turn.stops.push((id, why));
        }
        self.turn.settled.push(settled);
        Ok(())
    }
}

async fn send_one(bot: Bot, parcel: ClaimedMessage, mut pass: Permit, is_paid: bool) -> FinishedCall {
    let ClaimedMessage { claimed, content, is_personal } = parcel;
    let chat = claimed.chat.0;
    pass.speaks_to(chat);
    let Answer { class, code, description, verdict, .. } =
        bot.send_passed(pass, &Outgoing { chat_id: chat, content, paid: is_paid }).await;
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

//! The sender of broadcasts: one loop a bot. Gate → turn (settle what came back, claim what may go; one commit) → call.
//! A row is `sending` only when its call is about to be made. Memory does not grow with the audience. Only the holder of
//! the sender's lock may run this.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Did, Kit, Trouble};
use crate::broadcast::pace::{Pace, Room};
use crate::broadcast::rules::{Stop, Watch};
use crate::broadcast::{self, BroadcastId, Glance, Parcel, Reply, Settled, Turn};
use crate::clock::Millis;
use crate::db::{Database, Failure, Signal};
use crate::error::{Error, Result};
use crate::ids::TelegramId;
use crate::job::{self, Lease};
use crate::realm::BotName;
use crate::telegram::client::{Answer, Bot, Outgoing, Pass};
use crate::telegram::gate::{Lane, Limits, Verdict};
use crate::telegram::reply::Class;

/// Calls under way at once without and with Stars: rate × latency, with room to spare.
const SLOTS: usize = 8;
const PAID_SLOTS: usize = 128;
/// A turn is a commit: what comes back within this time shares one.
const TURN: Duration = Duration::from_millis(20);
/// After a failure of the storage.
const RETRY: Duration = Duration::from_millis(500);
/// A look at the clock even if nothing was signalled: it may have been set.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// How often a command looks whether a broadcast is over.
const GLANCE: Duration = Duration::from_millis(100);
/// Between two steps of a bulk writer, so that a redemption never waits for more than one.
const BREATH: Duration = Duration::from_millis(2);

/// What the loop works with.
#[derive(Clone)]
pub struct Sender {
    /// Which bot sends.
    pub name: BotName,
    /// The bot.
    pub bot: Bot,
    /// The shop's database.
    pub db: Database,
    /// Messages a second with Stars: Telegram's ceiling, unless somebody measures what lies above it.
    pub ceiling: u32,
}

/// What the loop remembers between turns.
struct Work {
    pace: Pace,
    watches: HashMap<BroadcastId, Watch>,
    turn: Turn,
    calls: JoinSet<Ended>,
    freezing: JoinSet<Result<()>>,
    last_turn: Option<tokio::time::Instant>,
}

/// A call that came back.
struct Ended {
    settled: Settled,
    is_personal: bool,
    verdict: Option<Verdict>,
}

/// What a loop does next.
enum Next {
    /// Ask the gate for so many calls.
    Send(i64),
    /// Take a turn that claims nothing.
    Settle,
    /// Wait for so long, or until something happens.
    Wait(Duration),
}

impl Sender {
    /// Sends until told to stop; then finishes calls under way and settles them.
    ///
    /// # Errors
    /// A bug in the storage layer; the caller ends the process.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> Result<()> {
        let mut signalled = self.db.signalled(Signal::Broadcasts);
        let mut work = self.begin().await?;
        while !*stop.borrow() {
            signalled.borrow_and_update();
            let Some(glance) = passing(self.db.read(|view| broadcast::glance(view, self.name.realm())))? else {
                tokio::time::sleep(RETRY).await;
                continue;
            };
            self.obey(&glance);
            self.look_after(&glance, &mut work, &stop).await?;
            let next = self.next(&glance, &mut work);
            let wait = if let Next::Wait(wait) = next { wait } else { LONGEST_WAIT };
            tokio::select! {
                pass = self.bot.pass(Lane::Broadcast, None), if matches!(next, Next::Send(_)) => {
                    let Next::Send(most) = next else { continue };
                    self.send(pass, (most, &glance), &mut work).await?;
                }
                () = std::future::ready(()), if matches!(next, Next::Settle) => self.take_turn(&mut work, Vec::new(), false).await?,
                changed = signalled.changed() => if changed.is_err() { break },
                Some(ended) = work.calls.join_next() => work.came_back(ended)?,
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

    async fn begin(&self) -> Result<Work> {
        let (name, now) = (self.name, self.db.clock().now_ms());
        let mut pace = Pace::default();
        self.db.write_async(move |tx| broadcast::forget_paced(tx, name)).await?;
        for (second, calls) in self.db.read(|view| broadcast::paced(view, name))? {
            pace.remember(second, calls, now);
        }
        let (watches, turn) = (HashMap::new(), Turn::default());
        Ok(Work { pace, watches, turn, calls: JoinSet::new(), freezing: JoinSet::new(), last_turn: None })
    }

    /// Calls under way end, however long the disk takes to take their outcome: it is known here and nowhere else.
    async fn end(&self, mut work: Work) -> Result<()> {
        work.freezing.abort_all();
        while let Some(ended) = work.calls.join_next().await {
            work.came_back(ended)?;
        }
        while !work.turn.settled.is_empty() || !work.turn.stops.is_empty() {
            self.take_turn(&mut work, Vec::new(), false).await?;
        }
        Ok(())
    }

    /// As fast as the shop pays for.
    fn obey(&self, glance: &Glance) {
        let limits = if glance.is_paid {
            let replies = 30;
            Limits { per_second: self.ceiling.saturating_add(replies), reserved_replies: replies, ..Limits::default() }
        } else {
            Limits::default()
        };
        self.bot.set_limits(limits);
    }

    /// What goes on beside the sending: audiences being frozen, rows of canceled broadcasts.
    async fn look_after(&self, glance: &Glance, work: &mut Work, stop: &watch::Receiver<bool>) -> Result<()> {
        if let (Some(id), true) = (glance.freezing.first(), work.freezing.is_empty()) {
            work.freezing.spawn(freeze(self.db.clone(), *id, stop.clone()));
        }
        if let Some(id) = glance.left_over.first().copied() {
            passing(self.db.write_bulk_async(move |tx| broadcast::skip_canceled(tx, id)).await)?;
            tokio::time::sleep(BREATH).await;
        }
        Ok(())
    }

    fn next(&self, glance: &Glance, work: &mut Work) -> Next {
        let now = self.db.clock().now_ms();
        let since = work.last_turn.map_or(TURN, |at| at.elapsed());
        let is_due = glance.due.is_some_and(|due| due <= now.timestamp());
        let has_news = is_due || glance.is_over || !work.turn.settled.is_empty() || !work.turn.stops.is_empty();
        let under_way = work.calls.len() + work.turn.settled.len();
        let slots = if glance.is_paid { PAID_SLOTS } else { SLOTS };
        let free = slots.saturating_sub(under_way).min(usize::try_from(glance.batch).unwrap_or(usize::MAX));
        let mut waits = vec![LONGEST_WAIT];
        waits.extend(glance.due.map(|due| until(due.millis(), now)));
        waits.extend((!glance.left_over.is_empty()).then_some(Duration::ZERO));
        if since < TURN {
            if has_news || glance.is_claimable {
                waits.push(TURN.saturating_sub(since));
            }
        } else if glance.is_claimable && free > 0 && self.bot.is_open(Lane::Broadcast) {
            match work.pace.room(glance.limits, i64::try_from(under_way).unwrap_or(i64::MAX), now) {
                Room::For(most) => return Next::Send(most.min(i64::try_from(free).unwrap_or(i64::MAX))),
                Room::From(at) => waits.push(until(at, now)),
                Room::Full => {}
            }
        } else if glance.is_claimable && free > 0 {
            // Closed: what came back meanwhile is settled, and a look now and then finds it open again.
            waits.push(RETRY);
        }
        if has_news && since >= TURN {
            Next::Settle
        } else {
            Next::Wait(waits.into_iter().min().unwrap_or(LONGEST_WAIT))
        }
    }

    /// As many as the gate lets through at once. A pass nobody needs any more goes back.
    async fn send(&self, pass: Pass, (most, glance): (i64, &Glance), work: &mut Work) -> Result<()> {
        let mut passes = vec![pass];
        while i64::try_from(passes.len()).unwrap_or(i64::MAX) < most {
            let Some(another) = self.bot.try_pass(Lane::Broadcast) else { break };
            passes.push(another);
        }
        let before = work.calls.len();
        self.take_turn(work, passes, glance.is_paid).await?;
        let begun = i64::try_from(work.calls.len().saturating_sub(before)).unwrap_or_default();
        work.pace.begun(glance.limits, begun, self.db.clock().now_ms());
        Ok(())
    }

    /// One transaction: settle, stop, finish, begin, and claim one row for each pass. What could not be committed is kept
    /// and tried again.
    async fn take_turn(&self, work: &mut Work, passes: Vec<Pass>, is_paid: bool) -> Result<()> {
        work.last_turn = Some(tokio::time::Instant::now());
        work.turn.most = i64::try_from(passes.len()).unwrap_or(i64::MAX);
        work.turn.resting =
            self.bot.resting_chats(Lane::Broadcast).into_iter().map(|(chat, _)| TelegramId(chat)).collect();
        let (told, realm) = (Arc::new(std::mem::take(&mut work.turn)), self.name.realm());
        let mine = Arc::clone(&told);
        let turned = passing(self.db.write_async(move |tx| broadcast::turn(tx, realm, &mine)).await);
        let called = told.settled.iter().filter(|one| one.answer.is_some()).count();
        let last = told.after;
        let Some(turned) = turned? else {
            work.turn = Arc::unwrap_or_clone(told);
            drop(passes);
            tokio::time::sleep(RETRY).await;
            return Ok(());
        };
        work.pace.ended(i64::try_from(called).unwrap_or(i64::MAX), self.db.clock().now_ms());
        work.turn.after = turned.parcels.first().map(|parcel| parcel.claimed.broadcast).or(last);
        for (parcel, pass) in turned.parcels.into_iter().zip(passes) {
            work.calls.spawn(carry(self.bot.clone(), parcel, pass, is_paid));
        }
        Ok(())
    }
}

impl Work {
    fn came_back(&mut self, ended: std::result::Result<Ended, tokio::task::JoinError>) -> Result<()> {
        let Ended { settled, is_personal, verdict } = ended.map_err(|error| panicked(&error))?;
        let id = settled.claimed.broadcast;
        let seen = settled
            .answer
            .as_ref()
            .and_then(|reply| self.watches.entry(id).or_default().see(&reply.class, is_personal));
        let flood = (verdict == Some(Verdict::PauseBroadcast)).then_some(Stop::Flood);
        if let Some(why) = seen.or(flood) {
            // Whoever lets it go on has mended something: what came before counts no more.
            self.watches.remove(&id);
            self.turn.stops.push((id, why));
        }
        self.turn.settled.push(settled);
        Ok(())
    }
}

async fn carry(bot: Bot, parcel: Parcel, mut pass: Pass, is_paid: bool) -> Ended {
    let Parcel { claimed, content, is_personal } = parcel;
    let chat = claimed.chat.0;
    pass.speaks_to(chat);
    let Answer { class, code, description, verdict, .. } =
        bot.send_passed(pass, &Outgoing { chat_id: chat, content, paid: is_paid }).await;
    if !matches!(class, Class::Sent { .. }) {
        let (class, broadcast, user) = (class.as_str(), claimed.broadcast, claimed.user);
        tracing::info!(bot = bot.label(), %broadcast, %user, class, error = description, "a message was not delivered");
    }
    let answer = Some(Reply { class, code, words: description });
    Ended { settled: Settled { claimed, answer }, is_personal, verdict }
}

/// Enters an audience into the ledger, a step at a time. What is interrupted goes on at the next start.
async fn freeze(db: Database, id: BroadcastId, stop: watch::Receiver<bool>) -> Result<()> {
    while passing(db.write_bulk_async(move |tx| broadcast::clear_for(tx, id)).await)? != Some(true) {
        if *stop.borrow() {
            return Ok(());
        }
        tokio::time::sleep(BREATH).await;
    }
    let reading = db.clone();
    let read = tokio::task::spawn_blocking(move || {
        reading.read(|view| {
            let draft = broadcast::get(view, id)?.draft;
            Ok((broadcast::members(view, draft.realm, &draft.audience)?, broadcast::entered(view, id)?))
        })
    });
    let (members, entered) = match read.await.unwrap_or_else(|error| Err(panicked(&error))) {
        Ok(found) => found,
        Err(Error::Refused(_)) => return db.write_async(move |tx| broadcast::unbuildable(tx, id)).await,
        Err(error) if error.is_passing() => {
            tokio::time::sleep(RETRY).await;
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let from = members.partition_point(|user| *user <= entered);
    for step in members.get(from..).unwrap_or_default().chunks(broadcast::STEP) {
        let step: Arc<[crate::ids::UserId]> = step.into();
        let going_on = loop {
            let mine = Arc::clone(&step);
            match passing(db.write_bulk_async(move |tx| broadcast::enter(tx, id, &mine)).await)? {
                Some(going_on) => break going_on,
                None => tokio::time::sleep(RETRY).await,
            }
        };
        if !going_on || *stop.borrow() {
            return Ok(());
        }
        tokio::time::sleep(BREATH).await;
    }
    passing(db.write_async(move |tx| broadcast::frozen(tx, id)).await).map(drop)
}

/// Starts broadcasts whose time has come, and holds those that are too late; sending them is the sender's.
///
/// # Errors
/// Storage only.
pub(super) async fn begin_due(kit: &Kit, lease: &Lease) -> std::result::Result<Did, Trouble> {
    let mut begun = 0;
    for realm in kit.realms() {
        begun += kit.db.write_async(move |tx| broadcast::turn(tx, realm, &Turn::default())).await?.begun;
    }
    let mine = lease.clone();
    kit.db.write_async(move |tx| job::mark(tx, &mine)).await?;
    Ok(Did::all(begun))
}

/// Waits until no broadcast is under way any more, or until told that it must end.
///
/// # Errors
/// None that lasts; a look that fails is taken again.
pub async fn until_over(db: &Database, mut ending: watch::Receiver<bool>) -> Result<()> {
    while !*ending.borrow() && passing(db.read(super::is_broadcasting))?.unwrap_or(true) {
        tokio::select! {
            () = tokio::time::sleep(GLANCE) => {}
            _ = ending.changed() => {}
        }
    }
    Ok(())
}

/// Recalls and corrects delivered messages until told to stop. A call that was lost is made again: both are harmless twice.
///
/// # Errors
/// A bug in the storage layer.
pub async fn run_errands(sender: Sender, mut stop: watch::Receiver<bool>) -> Result<()> {
    let mut signalled = sender.db.signalled(Signal::Broadcasts);
    while !*stop.borrow() {
        signalled.borrow_and_update();
        let errands =
            passing(sender.db.read(|view| broadcast::errands(view, sender.name.realm(), 16)))?.unwrap_or_default();
        if errands.is_empty() {
            tokio::select! {
                changed = signalled.changed() => if changed.is_err() { return Ok(()) },
                () = tokio::time::sleep(LONGEST_WAIT) => {}
                _ = stop.changed() => {}
            }
        }
        for errand in errands {
            let pass = tokio::select! {
                pass = sender.bot.pass(Lane::Broadcast, Some(errand.claimed.chat.0)) => pass,
                _ = stop.wait_for(|stopping| *stopping) => return Ok(()),
            };
            let answer = sender.bot.send_passed(pass, &Outgoing::new(errand.claimed.chat.0, errand.content)).await;
            let Some(done) = outcome(&answer) else { continue };
            let (claimed, words) = (errand.claimed, answer.description);
            let note = move |tx: &crate::db::Tx<'_>| {
                let error = Some(words.as_str()).filter(|_| !done);
                broadcast::errand_done(tx, &claimed, done, error)
            };
            passing(sender.db.write_async(note).await)?;
        }
    }
    Ok(())
}

/// Whether the message is as wished; `None` = ask again.
fn outcome(answer: &Answer) -> Option<bool> {
    match answer.class {
        Class::Sent { .. } => Some(true),
        Class::RetryAfter(_) | Class::NotConnected | Class::ServerRestart | Class::Token | Class::Unknown => None,
        _ => {
            let words = answer.description.to_lowercase();
            Some(["not modified", "message to delete not found"].iter().any(|as_wished| words.contains(as_wished)))
        }
    }
}

/// `None` when the storage failed for a while.
fn passing<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_passing() => {
            tracing::warn!(%error, "broadcasts wait for the storage");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn until(at: Millis, now: Millis) -> Duration {
    Duration::from_millis(at.0.saturating_sub(now.0).max(1).unsigned_abs())
}

fn panicked(error: &tokio::task::JoinError) -> Error {
    Failure::Internal(format!("a broadcast's call panicked: {error}")).into()
}

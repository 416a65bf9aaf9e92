//! Waits for the rate limiter, which hands out a permit for each call. The rate limiter learns how every call ends: a
//! permit that is dropped unused is not counted any more, a call that is dropped half way counts as doubtful.

use std::time::Duration;

use super::Bot;
use crate::clock::Millis;
use crate::telegram::gate::{Decision, Lane, Method, Verdict};
use crate::telegram::reply::Class;

/// The right to make one call, which the rate limiter has counted. A permit that is dropped before its call is not
/// counted any more.
#[derive(Debug)]
#[must_use = "a permit is a slot of the bot's rate"]
pub struct Permit {
    bot: Bot,
    lane: Lane,
    chat: Option<i64>,
    taken_at: Millis,
    stage: PermitStage,
    /// The method of the call, if it neither sends nor edits; `None`: the call sends or edits a message, or has not
    /// begun.
    method: Option<Method>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PermitStage {
    Held,
    Called,
    Settled,
}

impl Permit {
    /// Sets the chat of a permit that was acquired without one, so that the message counts in the chat's own limit.
    pub fn speaks_to(&mut self, chat: i64) {
        if self.chat.is_none() {
            self.chat = Some(chat);
            self.bot.with_gate(|gate, now| gate.speaks_to(chat, now));
        }
    }

    /// The lane in which the permit was acquired.
    pub(super) const fn lane(&self) -> Lane {
        self.lane
    }

    /// Notes that the call has begun: from here on it may have reached Telegram.
    pub(super) const fn is_called(&mut self, method: Option<Method>) {
        self.stage = PermitStage::Called;
        self.method = method;
    }

    /// Reports the class of the call's answer to the rate limiter. Returns its verdict after a 429.
    pub(super) fn settle(mut self, class: Class) -> Option<Verdict> {
        self.stage = PermitStage::Settled;
        self.bot.settle((self.lane, self.method), class)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        match self.stage {
            PermitStage::Held => {
                self.bot.with_gate(|gate, _| gate.give_back(self.lane, self.chat, self.taken_at));
                self.bot.inner.opened.notify_waiters();
            }
            PermitStage::Called => drop(self.bot.settle((self.lane, self.method), Class::Unknown)),
            PermitStage::Settled => {}
        }
    }
}

impl Bot {
    /// Waits until a call of this lane may go. `chat` is the chat to which the call sends, if it is known; its own
    /// limit must then allow a message, too. Dropping the future leaves the lane's queue. Callers do everything that
    /// may fail before they acquire a permit: one that is held for long is lost to other calls.
    pub async fn acquire(&self, lane: Lane, chat: Option<i64>) -> Permit {
        loop {
            while let Some(ms) = self.chat_busy_for(lane, chat) {
                tokio::time::sleep(ms).await;
            }
            let first = self.queue(lane).lock().await;
            if let Some(permit) = self.acquire_first(lane, chat).await {
                return permit;
            }
            drop(first);
        }
    }

    /// A permit if a call of this lane may go at once and no other caller waits for a permit of this lane.
    #[must_use]
    pub fn try_acquire(&self, lane: Lane) -> Option<Permit> {
        let _first = self.queue(lane).try_lock().ok()?;
        self.ask(lane, None).ok()
    }

    /// `first`, and as many further permits of this lane as are free at once; at most `most` permits in all.
    #[must_use]
    pub fn acquire_more(&self, lane: Lane, first: Permit, most: usize) -> Vec<Permit> {
        let mut permits = vec![first];
        while permits.len() < most {
            let Some(another) = self.try_acquire(lane) else { break };
            permits.push(another);
        }
        permits
    }

    /// For how many seconds a 429 still closes this method, rounded up; `None`: the method may be called.
    #[must_use]
    pub fn method_closed_for(&self, method: Method) -> Option<u64> {
        let left = self.with_gate(|gate, now| gate.method_closed_for(method, now))?;
        Some(left.unsigned_abs().div_ceil(1000))
    }

    /// Whether this lane is open now: neither a 429 nor a Telegram that does not answer closes it.
    #[must_use]
    pub fn is_open(&self, lane: Lane) -> bool {
        self.with_gate(|gate, now| gate.is_open(lane, now))
    }

    /// How many calls may be under way at once in a lane.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.with_gate(|gate, _| gate.slots())
    }

    /// The chats whose own limit does not allow a message of this lane yet, each with the time from which it does.
    /// Meanwhile a sender chooses letters to other chats.
    #[must_use]
    pub fn resting_chats(&self, lane: Lane) -> Vec<(i64, Millis)> {
        self.with_gate(|gate, now| gate.resting(lane, now))
    }

    /// Waits for a permit as the first caller in the lane's queue. `None` when the chat has got another message
    /// meanwhile: the lane must not wait for one chat, so the caller queues again.
    async fn acquire_first(&self, lane: Lane, chat: Option<i64>) -> Option<Permit> {
        loop {
            let opened = self.inner.opened.notified();
            tokio::pin!(opened);
            opened.as_mut().enable();
            let wait = match self.ask(lane, chat) {
                Ok(permit) => return Some(permit),
                Err(wait) => wait,
            };
            if self.chat_busy_for(lane, chat).is_some() {
                return None;
            }
            if self.probe_if_due().await {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = opened => {}
            }
        }
    }

    /// A permit, or how long the caller must wait before it asks again.
    fn ask(&self, lane: Lane, chat: Option<i64>) -> Result<Permit, Duration> {
        let taken_at = self.with_gate(|gate, now| match gate.next(lane, chat, now) {
            Decision::Go => Ok(gate.asked_at()),
            Decision::WaitUntil(at) => Err(nap(now, at)),
        })?;
        Ok(Permit { bot: self.clone(), lane, chat, taken_at, stage: PermitStage::Held, method: None })
    }

    fn chat_busy_for(&self, lane: Lane, chat: Option<i64>) -> Option<Duration> {
        let chat = chat?;
        self.with_gate(|gate, now| {
            let free = gate.chat_free_at(lane, chat);
            (free > now).then(|| nap(now, free))
        })
    }

    fn queue(&self, lane: Lane) -> &tokio::sync::Mutex<()> {
        let [reply, automatic, broadcast, press] = &self.inner.queues;
        match lane {
            Lane::Reply => reply,
            Lane::Automatic => automatic,
            Lane::Broadcast => broadcast,
            Lane::Press => press,
        }
    }
}

/// The longest time after which a caller that waits asks again, in milliseconds: the clock may have been set, or the
/// machine may have slept.
const LONGEST_NAP_MS: i64 = 5_000;

pub(super) fn nap(now: Millis, until: Millis) -> Duration {
    let ms = until.0.saturating_sub(now.0).clamp(1, LONGEST_NAP_MS);
    Duration::from_millis(ms.unsigned_abs())
}

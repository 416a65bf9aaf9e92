//! The queue of one bot's updates. Updates are numbered, filtered by the kinds that the bot asked for, and kept until
//! they are acknowledged. Only one caller at a time can wait for them in a long poll. Repeated and disordered updates,
//! which tests ask for, use the same queue.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::params::Params;
use super::refusal::Refusal;

/// Kinds of updates that Telegram sends only to a bot that asks for them by name.
const ON_REQUEST: &[&str] = &["chat_member", "message_reaction", "message_reaction_count"];
const DEFAULT_LIMIT: usize = 100;
const REMEMBERED: usize = 64;
/// The longest wait of a poll, in seconds; Telegram shortens longer waits to this.
const LONGEST_POLL_S: i64 = 50;

struct Entry {
    serial: u64,
    id: i64,
    update: Value,
    /// Whether the update must be delivered once even if an offset already covers its id.
    forced: bool,
}

/// The queue of one bot.
pub(super) struct Queue {
    next_id: i64,
    serial: u64,
    waiting: VecDeque<Entry>,
    disordered: bool,
    last: VecDeque<(i64, Value)>,
    allowed: Option<Vec<String>>,
    poll: u64,
    ended_by: &'static str,
    pub(super) bell: watch::Sender<()>,
}

/// A long poll that has begun: its number, the most updates for its answer, and how long it may wait.
pub(super) struct Poll {
    number: u64,
    limit: usize,
    pub(super) timeout_s: u64,
    pub(super) bell: watch::Receiver<()>,
}

impl Queue {
    pub(super) fn new(first_id: i64) -> Self {
        Self {
            next_id: first_id,
            serial: 0,
            waiting: VecDeque::new(),
            disordered: false,
            last: VecDeque::new(),
            allowed: None,
            poll: 0,
            ended_by: "other getUpdates request",
            bell: watch::Sender::new(()),
        }
    }

    /// Queues `{kind: content}` unless the bot did not ask for this kind.
    pub(super) fn push(&mut self, kind: &str, content: Value) {
        if self.wants(kind) {
            let id = self.next_id;
            self.next_id += 1;
            let mut update = Map::new();
            update.insert("update_id".into(), json!(id));
            update.insert(kind.into(), content);
            self.enqueue(id, Value::Object(update), false);
        }
    }

    /// Queues any update, even of a kind that the bot did not ask for. The update's own `update_id` is kept, whatever
    /// it is; a missing id is assigned. Returns the id.
    pub(super) fn push_raw(&mut self, mut update: Value) -> i64 {
        let own = update.get("update_id").and_then(Value::as_i64);
        let id = own.unwrap_or(self.next_id);
        if let Value::Object(map) = &mut update {
            map.insert("update_id".into(), json!(id));
        }
        if own.is_some() {
            self.disordered = true;
        }
        self.next_id = self.next_id.max(id.saturating_add(1));
        self.enqueue(id, update, own.is_some());
        id
    }

    /// Queues the latest update with this id once more, as Telegram does when it missed the acknowledgement. False when
    /// no such update is remembered.
    pub(super) fn push_again(&mut self, id: i64) -> bool {
        let Some((_, update)) = self.last.iter().rev().find(|(known, _)| *known == id).cloned() else {
            return false;
        };
        self.disordered = true;
        self.enqueue(id, update, true);
        true
    }

    /// Gives later updates ids from `id` on, which may be lower than before, as Telegram's ids are after a week without
    /// updates.
    pub(super) fn restart_from(&mut self, id: i64) {
        self.next_id = id;
        self.disordered = true;
    }

    pub(super) fn last_id(&self) -> Option<i64> {
        self.last.back().map(|(id, _)| *id)
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.bell.send_replace(());
    }

    pub(super) fn allowed(&self) -> Option<&[String]> {
        self.allowed.as_deref()
    }

    /// Stores the parameter `allowed_updates` of a call. Without the parameter the previous list stays in force.
    pub(super) fn allow(&mut self, params: &Params) {
        if let Some(list) = params.value("allowed_updates").and_then(Value::as_array) {
            let names: Vec<String> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            self.allowed = (!names.is_empty()).then_some(names);
        }
    }

    fn wants(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(names) => names.iter().any(|name| name == kind),
            None => !ON_REQUEST.contains(&kind),
        }
    }

    fn enqueue(&mut self, id: i64, update: Value, forced: bool) {
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back((id, update.clone()));
        self.serial += 1;
        self.waiting.push_back(Entry { serial: self.serial, id, update, forced });
        self.bell.send_replace(());
    }

    /// Begins a poll: acknowledges updates before its offset, stores the kinds that it asks for, and ends another poll
    /// that waits.
    pub(super) fn begin_poll(&mut self, params: &Params) -> Poll {
        self.allow(params);
        self.acknowledge(params.number("offset").unwrap_or(0));
        self.end_poll("other getUpdates request");
        let limit = params.number("limit").and_then(|limit| usize::try_from(limit).ok());
        let timeout = params.number("timeout").unwrap_or(0).clamp(0, LONGEST_POLL_S);
        let limit = limit.filter(|limit| (1..=DEFAULT_LIMIT).contains(limit)).unwrap_or(DEFAULT_LIMIT);
        Poll { number: self.poll, limit, timeout_s: timeout.unsigned_abs(), bell: self.bell.subscribe() }
    }

    /// Ends the poll that waits; it is answered with a 409 that names `by` as the cause.
    pub(super) fn end_poll(&mut self, by: &'static str) {
        self.poll += 1;
        self.ended_by = by;
        self.bell.send_replace(());
    }

    /// The updates for the answer to `poll`; when there are none, the poll must wait. A 409 if another poll or a
    /// webhook has ended this poll.
    pub(super) fn batch(&mut self, poll: &Poll) -> Result<Vec<Value>, Refusal> {
        if poll.number != self.poll {
            let hint = match self.ended_by {
                "other getUpdates request" => "; make sure that only one bot instance is running",
                _ => "",
            };
            return Err(Refusal::new(409, format!("Conflict: terminated by {}{hint}", self.ended_by)));
        }
        let given = self.waiting.iter_mut().take(poll.limit);
        Ok(given.map(|entry| (entry.forced = false, entry.update.clone()).1).collect())
    }

    fn acknowledge(&mut self, offset: i64) {
        if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let surplus = self.waiting.len().saturating_sub(keep);
            self.waiting.drain(..surplus);
        } else if self.disordered {
            self.waiting.retain(|entry| entry.forced || entry.id >= offset);
        } else {
            while self.waiting.front().is_some_and(|entry| entry.id < offset) {
                self.waiting.pop_front();
            }
        }
        self.bell.send_replace(());
    }

    /// The first waiting update and its serial number, for a webhook.
    pub(super) fn first(&self) -> Option<(u64, Value)> {
        self.waiting.front().map(|entry| (entry.serial, entry.update.clone()))
    }

    /// Removes the update with this serial number, because a webhook accepted it.
    pub(super) fn taken(&mut self, serial: u64) {
        self.waiting.retain(|entry| entry.serial != serial);
        self.bell.send_replace(());
    }
}

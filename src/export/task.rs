//! Exports that take too long for a client to wait. Each has a row in `exports`: it waits there until its file is made,
//! and is deleted after a day. Only the caller who ordered an export can get it. When a customer of the realm is
//! erased, the files are made again (`forget_person` increments `round`), except files that a chat has got already. An
//! admin who may no longer export customers gets no file, even if it was ordered before.

use rusqlite::{Row, named_params};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ExportKind, Pick, Plan, Rows, UsageFilter, record_as};
use crate::actor::Actor;
use crate::clock::{ShopMillis, Timestamp};
use crate::db::backup::Scrub;
use crate::db::{Failure, Signal, Tx, View, columns, from_json};
use crate::discount::template::Event;
use crate::discount::{self, Attempt, Condition};
use crate::error::Result;
use crate::ids::{AdminId, CampaignId, CashierId, DiscountId, TelegramId, TemplateId, UserId};
use crate::outbox::{self, Letter, Payload};
use crate::realm::{BotName, Realm};
use crate::secret;
use crate::telegram::client::Keyboard;
use crate::user::{Matches, UserSet};

columns! {
    select: Task from "exports" {
        id, plan = plan(kind, is_test, plan, people, said), is_excel, chat = chat_id, round,
        created_at = instant(created_ms), actor,
    }
}

const SAME: &str =
    "SELECT id FROM exports WHERE actor = :actor AND kind = :kind AND is_test = :realm AND is_excel = :excel
    AND plan = :plan AND people IS :people AND said = :said AND chat_id IS :chat AND state = 'waiting' AND created_ms > :since";
const PUT: &str = "INSERT INTO exports (id, actor, kind, is_test, is_excel, plan, people, said, chat_id, created_ms)
    VALUES (:id, :actor, :kind, :realm, :excel, :plan, :people, :said, :chat, :now)";
// Files are long, so only the last five finished exports of a caller are kept. Exports that wait or are being sent are
// kept, too.
const KEEP_FEW: &str = "DELETE FROM exports WHERE seq IN
    (SELECT seq FROM exports e WHERE actor = :actor AND state <> 'waiting'
        AND NOT EXISTS (SELECT 1 FROM outbox WHERE dedupe_key IS NOT NULL AND dedupe_key = 'export:' || e.id
                           AND state IN ('queued', 'sending'))
      ORDER BY seq DESC LIMIT -1 OFFSET 5)";
const WAITING: &str = select!("WHERE state = 'waiting' AND created_ms > :since ORDER BY seq LIMIT 1");
const CURRENT: &str = "SELECT 1 FROM exports WHERE id = :id AND round = :round AND state = 'waiting'";
const FINISH: &str = "UPDATE exports SET state = :state WHERE id = :id AND round = :round AND state = 'waiting'";
const BY_ID: &str = select!("WHERE id = :id AND created_ms > :since AND state = 'done'");
const STATE: &str = "SELECT state FROM exports WHERE id = :id AND actor = :actor AND created_ms > :since";
const MAY_HAVE: &str =
    "SELECT 1 FROM admins WHERE 'admin:' || id = :actor AND telegram_id = :chat AND status = 'active'
    AND role IN ('owner', 'marketing')";
const BEHIND: &str = "UPDATE exports SET seq = (SELECT max(seq) + 1 FROM exports)
    WHERE id = :id AND round = :round AND state = 'waiting'";
const WAITS: &str = "SELECT 1 FROM exports WHERE id = :id AND created_ms > :since AND state = 'waiting'";
const KEPT: &str = "SELECT id, round FROM exports WHERE created_ms > :since AND state <> 'failed'";
const FORGET: &str = "DELETE FROM exports WHERE seq IN
    (SELECT seq FROM exports WHERE created_ms <= :since ORDER BY created_ms LIMIT 1000)";
const FORGET_ACTOR: &str = "DELETE FROM exports WHERE actor = :actor";
// When a customer is erased: an export that was sent to a chat is not sent again, so its row is deleted, and later its
// file. The files of all other exports of the realm are made again (`MAKE_AGAIN`), because they may name the customer.
const FORGET_SENT: &str =
    "DELETE FROM exports WHERE is_test = :realm AND chat_id IS NOT NULL AND EXISTS (SELECT 1 FROM outbox
        WHERE dedupe_key IS NOT NULL AND dedupe_key = 'export:' || exports.id AND state NOT IN ('queued', 'sending'))";
const MAKE_AGAIN: &str =
    "UPDATE exports SET state = 'waiting', round = round + 1 WHERE is_test = :realm AND state <> 'failed'";

/// How long an export's file is kept, in milliseconds.
pub const KEPT_MS: i64 = 24 * 3600 * 1000;

/// Backups leave out exports, because a row shows who searched for what.
pub const EXPORTS_LEFT_OUT: Scrub = Scrub { table: "exports", sql: "DELETE FROM exports" };

/// An export whose file the daemon makes.
#[derive(Debug, Clone)]
pub struct Task {
    /// The export's unguessable id.
    pub id: String,
    /// The rows to export.
    pub plan: Plan,
    /// Whether semicolons separate the cells instead of commas.
    pub is_excel: bool,
    /// The chat to which the file is sent; `None` = the caller fetches the file.
    pub chat: Option<TelegramId>,
    /// Which making of the file this is, from 1. Incremented when the file must be made again, because a customer was
    /// erased.
    pub round: i64,
    /// When the export was ordered.
    pub created_at: Timestamp,
    /// The actor who ordered the export.
    pub actor: String,
}

/// The state of an ordered export.
#[derive(Debug, Clone)]
pub enum Ordered {
    /// This caller has no export with this id, or the export failed.
    No,
    /// The export's file is not finished yet.
    Waits,
    /// The export's file is finished.
    Done(Box<Task>),
}

/// The filter of an export, as JSON in the column `plan`. The customers of an export of customers are in the column
/// `people`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct StoredPlan {
    since: Option<String>,
    until: Option<String>,
    user: Option<i64>,
    discount: Option<i64>,
    campaign: Option<i64>,
    template: Option<i64>,
    event: Option<String>,
    status: Option<String>,
    cashier: Option<i64>,
}

impl StoredPlan {
    fn of(pick: &Pick) -> Self {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
        match pick.clone() {
            Pick::Users(_) => Self::default(),
            Pick::Discounts(filter) => Self {
                user: filter.user.map(|id| id.0),
                discount: filter.id.map(|id| id.0),
                campaign: filter.campaign.map(|id| id.0),
                template: filter.template.map(|id| id.0),
                event: filter.event.map(|word| word.as_str().to_owned()),
                status: filter.condition.map(|word| word.as_str().to_owned()),
                since: at(filter.since),
                until: at(filter.until),
                ..Self::default()
            },
            Pick::Usage(filter) => Self {
                status: filter.status.map(|word| word.as_str().to_owned()),
                cashier: filter.cashier.map(|id| id.0),
                since: filter.from.map(|day| day.to_string()),
                until: filter.to.map(|day| day.to_string()),
                ..Self::default()
            },
        }
    }

    fn pick(self, kind: ExportKind, found: Matches) -> Pick {
        let at = |at: Option<String>| at.and_then(|at| Timestamp::parse(&at));
        let day = |day: Option<String>| day.and_then(|day| day.parse().ok());
        match kind {
            ExportKind::Users => Pick::Users(found),
            ExportKind::Discounts => Pick::Discounts(discount::CodeFilter {
                user: self.user.map(UserId),
                id: self.discount.map(DiscountId),
                campaign: self.campaign.map(CampaignId),
                template: self.template.map(TemplateId),
                event: self.event.and_then(|word| Event::parse(&word)),
                condition: self.status.and_then(|word| Condition::parse(&word)),
                since: at(self.since),
                until: at(self.until),
                ..discount::CodeFilter::default()
            }),
            ExportKind::Usage => Pick::Usage(UsageFilter {
                status: self.status.and_then(|word| Attempt::parse(&word)),
                cashier: self.cashier.map(CashierId),
                from: day(self.since),
                to: day(self.until),
            }),
        }
    }
}

/// The customers as bits, one per row id, lowest id first: the form of the column `people`.
fn bits(users: &UserSet) -> Vec<u8> {
    let mut bits = Vec::new();
    for id in users.iter() {
        let Ok(id) = usize::try_from(id.0) else { continue };
        if bits.len() <= id / 8 {
            bits.resize(id / 8 + 1, 0_u8);
        }
        if let Some(byte) = bits.get_mut(id / 8) {
            *byte |= 1 << (id % 8);
        }
    }
    bits
}

fn users(bits: &[u8]) -> UserSet {
    let of_byte = |(at, byte): (usize, &u8)| {
        let byte = *byte;
        (0..8)
            .filter(move |bit| byte >> bit & 1 == 1)
            .filter_map(move |bit| i64::try_from(at * 8 + bit).ok().map(UserId))
    };
    bits.iter().enumerate().flat_map(of_byte).collect()
}

/// Orders an export: the daemon makes its file and, with a `chat`, sends the file there. Returns the export's id. The
/// same order by the same caller returns the export that still waits. Of a caller's finished exports the last five are
/// kept. Recorded in the audit log.
pub fn order(tx: &Tx<'_>, rows: &Rows, is_excel: bool, chat: Option<TelegramId>, by: &Actor) -> Result<String> {
    let (plan, actor) = (&rows.plan, by.to_string());
    let stored = serde_json::to_string(&StoredPlan::of(&plan.pick)).map_err(|e| Failure::Internal(e.to_string()))?;
    let said = plan.said.to_string();
    let people = if let Pick::Users(Matches::Some(users)) = &plan.pick { Some(bits(users)) } else { None };
    let same = named_params! {
        ":actor": actor, ":kind": plan.kind(), ":realm": plan.realm, ":excel": is_excel, ":plan": stored,
        ":people": people, ":said": said, ":chat": chat, ":since": since(tx),
    };
    if let Some(id) = tx.find(SAME, same, |row| row.get(0))? {
        return Ok(id);
    }
    let id = secret::random_text(22);
    tx.insert(
        PUT,
        named_params! {
            ":id": id, ":actor": actor, ":kind": plan.kind(), ":realm": plan.realm, ":excel": is_excel, ":plan": stored,
            ":people": people, ":said": said, ":chat": chat, ":now": tx.shop_ms(),
        },
    )?;
    tx.change(KEEP_FEW, named_params! { ":actor": actor })?;
    record_as(tx, rows, by, json!({ "task": id, "to_telegram": chat.is_some() }))?;
    tx.signal(Signal::Exports);
    Ok(id)
}

/// The export that has waited longest; `None` when none waits.
pub fn next_waiting(view: &View<'_>) -> Result<Option<Task>> {
    Ok(view.find(WAITING, named_params! { ":since": since(view) }, Task::from_row)?)
}

/// Whether the file that is being made for `task` is still wanted: the export was not deleted, and its file need not be
/// made again.
pub fn current(view: &View<'_>, task: &Task) -> Result<bool> {
    Ok(view.find(CURRENT, named_params! { ":id": task.id, ":round": task.round }, |_| Ok(()))?.is_some())
}

/// Stores that the file of `task` is finished and `bytes` long, and sends it to the export's chat if there is one.
/// `too_long` is the message that the chat gets instead of a file that is too long for Telegram. Returns whether the
/// file is still wanted.
pub fn finish(tx: &Tx<'_>, task: &Task, bytes: u64, too_long: &str) -> Result<bool> {
    let fits = task.chat.is_none() || bytes <= super::MOST_FOR_TELEGRAM;
    let is_kept = fits && may_have(tx, task)?;
    if !ended(tx, task, if is_kept { "done" } else { "failed" })? {
        return Ok(false);
    }
    let html = || Payload::text(too_long.to_owned(), Keyboard::None);
    let payload = if fits { Payload::Export { export: task.id.clone() } } else { html() };
    // The dedupe key has no `round`, so a file that is made again is still sent only once.
    say(tx, task, payload, format!("export:{}", task.id))?;
    Ok(is_kept)
}

/// Moves the export behind all waiting exports, because its file could not be made this time.
pub fn postpone(tx: &Tx<'_>, task: &Task) -> Result<()> {
    tx.change(BEHIND, named_params! { ":id": task.id, ":round": task.round })?;
    Ok(())
}

/// Marks the export as failed: its file is not made any more. `why` is the message sent to its chat.
pub fn give_up(tx: &Tx<'_>, task: &Task, why: &str) -> Result<()> {
    if ended(tx, task, "failed")? {
        let payload = Payload::text(why.to_owned(), Keyboard::None);
        say(tx, task, payload, format!("export_failed:{}", task.id))?;
    }
    Ok(())
}

fn ended(tx: &Tx<'_>, task: &Task, state: &'static str) -> Result<bool> {
    Ok(tx.change(FINISH, named_params! { ":id": task.id, ":round": task.round, ":state": state })? == 1)
}

/// Sends a letter to the export's chat, if it has a chat that may still get the file.
fn say(tx: &Tx<'_>, task: &Task, payload: Payload, dedupe_key: String) -> Result<()> {
    let Some(chat) = task.chat else { return Ok(()) };
    if may_have(tx, task)? {
        let letter = Letter::automatic(BotName::Staff, chat, String::new(), Keyboard::None);
        outbox::enqueue(tx, &Letter { payload, dedupe_key: Some(dedupe_key), ..letter })?;
    }
    Ok(())
}

/// Whether the export's chat still belongs to an active owner or marketing admin. Always true without a chat: then the
/// rights are checked when the file is fetched.
fn may_have(view: &View<'_>, task: &Task) -> Result<bool> {
    let Some(chat) = task.chat else { return Ok(true) };
    Ok(view.find(MAY_HAVE, named_params! { ":actor": task.actor, ":chat": chat }, |_| Ok(()))?.is_some())
}

/// Whether the file of the export `id` is being made.
pub fn waits(view: &View<'_>, id: &str) -> Result<bool> {
    Ok(view.find(WAITS, named_params! { ":id": id, ":since": since(view) }, |_| Ok(()))?.is_some())
}

/// The state of the export `id`, as its caller may see it.
pub fn get_done(view: &View<'_>, id: &str, by: &Actor) -> Result<Ordered> {
    let params = named_params! { ":id": id, ":actor": by.to_string(), ":since": since(view) };
    let state: Option<String> = view.find(STATE, params, |row| row.get(0))?;
    Ok(match state.as_deref() {
        None | Some("failed") => Ordered::No,
        Some("done") => done(view, id)?.map_or(Ordered::No, |task| Ordered::Done(Box::new(task))),
        Some(_) => Ordered::Waits,
    })
}

/// The finished export `id`; `None` also when its chat may no longer get it.
pub(super) fn done(view: &View<'_>, id: &str) -> Result<Option<Task>> {
    match view.find(BY_ID, named_params! { ":id": id, ":since": since(view) }, Task::from_row)? {
        Some(task) if may_have(view, &task)? => Ok(Some(task)),
        _ => Ok(None),
    }
}

/// The name of an export's file beside the database. Each time that the file is made again it has another name.
pub(super) fn stored_name(id: &str, round: i64) -> String {
    format!("{id}-{round}")
}

/// The names of the files that exports still need; other files beside the database are deleted.
pub fn kept_files(view: &View<'_>) -> Result<Vec<String>> {
    let name = |row: &Row<'_>| Ok(stored_name(&row.get::<_, String>(0)?, row.get(1)?));
    Ok(view.list(KEPT, named_params! { ":since": since(view) }, name)?)
}

/// Deletes the rows of up to 1,000 exports older than a day. [`super::sweep`] deletes their files later. Returns how
/// many.
pub fn forget_old(tx: &Tx<'_>) -> Result<usize> {
    Ok(tx.change(FORGET, named_params! { ":since": since(tx) })?)
}

/// Deletes the rows of every export that an admin ordered. [`super::sweep`] deletes their files later.
pub fn drop_of_admin(tx: &Tx<'_>, admin: AdminId) -> Result<()> {
    tx.change(FORGET_ACTOR, named_params! { ":actor": Actor::Admin(admin).to_string() })?;
    tx.signal(Signal::Exports);
    Ok(())
}

/// Removes an erased customer from the realm's exports: files are made again, except files that a chat has got already,
/// which are deleted. Call it after the customer's letters are emptied.
pub fn forget_person(tx: &Tx<'_>, realm: Realm) -> Result<()> {
    tx.change(FORGET_SENT, named_params! { ":realm": realm })?;
    tx.change(MAKE_AGAIN, named_params! { ":realm": realm })?;
    tx.signal(Signal::Exports);
    Ok(())
}

fn since(view: &View<'_>) -> ShopMillis {
    view.shop_ms().plus(-KEPT_MS)
}

fn plan(
    kind: ExportKind,
    realm: Realm,
    stored: Option<String>,
    people: Option<Vec<u8>>,
    said: Option<String>,
) -> rusqlite::Result<Plan> {
    // `Rows::of` counts the customers, so the number does not matter here.
    let found = people.map_or(Matches::Everybody(0), |bits| Matches::Some(users(&bits)));
    Ok(Plan { realm, pick: from_json::<StoredPlan>(stored)?.pick(kind, found), said: from_json(said)? })
}

fn instant(stored: ShopMillis) -> rusqlite::Result<Timestamp> {
    Ok(stored.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_comes_back_as_it_was() {
        for ids in [vec![], vec![1], vec![7, 8, 9], vec![1, 64, 1000, 123_457]] {
            let all: UserSet = ids.iter().copied().map(UserId).collect();
            assert_eq!(users(&bits(&all)).iter().map(|id| id.0).collect::<Vec<_>>(), ids);
        }
    }
}

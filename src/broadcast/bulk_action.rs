//! Bulk actions on the rows of a ledger, stored until they are finished: the first 1,000 rows are handled in the
//! caller's transaction, the others by the sender, one step per transaction, so that no caller waits and a crash loses
//! nothing.

use rusqlite::{Row, named_params};
use serde_json::{Value, json};

use super::amend::{self, Amendment};
use super::model::{Broadcast, BroadcastId};
use super::store;
use crate::actor::Actor;
use crate::audit;
use crate::db::{Signal, Tx, View};
use crate::error::{Error, Result};
use crate::ids::{AdminId, UserId, words};
use crate::realm::Realm;

// Rows of a paused broadcast wait: sending them again begins when it resumes.
macro_rules! ready {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            " FROM broadcast_sweeps s JOIN broadcasts b ON b.id = s.broadcast_id
            WHERE b.is_test = :realm AND (s.kind IN ('recall', 'correct') OR b.status <> 'paused')",
            $tail
        )
    };
}

const NEXT: &str =
    ready!("SELECT s.id, s.broadcast_id, s.kind, s.classes, s.after, s.admin_id", " ORDER BY s.id LIMIT 1");
const ANY: &str = ready!("SELECT 1", " LIMIT 1");
const CLASSES: &str = "SELECT classes FROM broadcast_sweeps WHERE broadcast_id = :id AND kind = :kind";
const REQUEUES: &str =
    "SELECT 1 FROM broadcast_sweeps WHERE broadcast_id = :id AND kind IN ('retry_failed', 'resend_unknown') LIMIT 1";
const MENDS: &str = "SELECT 1 FROM broadcast_sweeps WHERE broadcast_id = :id AND kind IN ('recall', 'correct') LIMIT 1";
const MORE_FAILED: &str = "SELECT 1 FROM deliveries INDEXED BY deliveries_failed
    WHERE broadcast_id = :id AND state = 'failed' AND user_id > :after LIMIT 1";
const MORE_UNKNOWN: &str = "SELECT 1 FROM deliveries INDEXED BY deliveries_unknown
    WHERE broadcast_id = :id AND state = 'unknown' AND user_id > :after LIMIT 1";
const MORE: &str = "SELECT 1 FROM deliveries WHERE broadcast_id = :id AND user_id > :after LIMIT 1";
const KEEP: &str = "INSERT INTO broadcast_sweeps (broadcast_id, kind, classes, after, admin_id)
    VALUES (:id, :kind, :classes, :after, :admin)";
const GO_ON: &str = "UPDATE broadcast_sweeps SET after = :after WHERE id = :sweep";
const DONE: &str = "DELETE FROM broadcast_sweeps WHERE id = :sweep";
const DROP: &str = "DELETE FROM broadcast_sweeps WHERE broadcast_id = :id AND kind = :kind";
const DROP_ALL: &str = "DELETE FROM broadcast_sweeps";

words!(
    /// What a bulk action does to rows of the ledger.
    BulkKind {
        /// Failed rows are sent again.
        RetryFailed = "retry_failed",
        /// Unknown rows are sent again.
        ResendUnknown = "resend_unknown",
        /// Delivered messages are deleted.
        Recall = "recall",
        /// Delivered messages get the broadcast's new text.
        Correct = "correct",
    }
);

/// A requested bulk action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkAction {
    /// Sends failed rows of these classes again.
    RetryFailed(Vec<String>),
    /// Sends unknown rows again.
    ResendUnknown,
    /// Recalls or corrects delivered messages.
    Mend(Amendment),
}

/// The result of the first step of a bulk action.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkProgress {
    /// The broadcast after the step.
    pub broadcast: Broadcast,
    /// Rows changed in this step.
    pub rows: i64,
    /// Whether every row has been handled; if not, the sender continues.
    pub is_whole: bool,
}

/// A stored bulk action that has rows left.
struct PendingBulk {
    id: i64,
    broadcast: BroadcastId,
    kind: BulkKind,
    classes: Vec<String>,
    after: UserId,
    admin: AdminId,
}

impl BulkAction {
    const fn kind(&self) -> BulkKind {
        match self {
            Self::RetryFailed(_) => BulkKind::RetryFailed,
            Self::ResendUnknown => BulkKind::ResendUnknown,
            Self::Mend(Amendment::Recall) => BulkKind::Recall,
            Self::Mend(Amendment::Correct(_)) => BulkKind::Correct,
        }
    }
}

/// Applies a bulk action to its first 1,000 rows and stores the rest for the sender. A repeated request starts from the
/// first row again; a retry then also covers the error classes of the earlier request. Audited.
///
/// # Errors
/// Those of [`amend::retry_failed`], [`amend::resend_unknown`] and [`amend::wish`].
pub fn begin_bulk(tx: &Tx<'_>, id: BroadcastId, wanted: &BulkAction, by: AdminId) -> Result<BulkProgress> {
    let kind = wanted.kind();
    let mut classes = if let BulkAction::RetryFailed(classes) = wanted { classes.clone() } else { Vec::new() };
    if let Some(before) = tx.find(CLASSES, named_params! { ":id": id, ":kind": kind }, |row| row.get::<_, String>(0))? {
        classes.extend(serde_json::from_str::<Vec<String>>(&before).unwrap_or_default());
    }
    if let BulkAction::Mend(wish) = wanted {
        amend::wish(tx, id, wish, &Actor::Admin(by))?;
    }
    tx.change(DROP, named_params! { ":id": id, ":kind": kind })?;
    let step = PendingBulk { id: 0, broadcast: id, kind, classes, after: UserId(0), admin: by };
    let (rows, last) = take(tx, &step)?;
    record(tx, &step, rows)?;
    if let Some(after) = last {
        let classes = json!(step.classes).to_string();
        tx.change(
            KEEP,
            named_params! { ":id": id, ":kind": kind, ":classes": classes, ":after": after, ":admin": by },
        )?;
        tx.signal(Signal::Broadcasts);
    }
    Ok(BulkProgress { broadcast: store::get(tx, id)?, rows, is_whole: last.is_none() })
}

/// Audits the retry or resend of a step; a recall or correction writes its own audit entry.
fn record(tx: &Tx<'_>, step: &PendingBulk, rows: i64) -> Result<()> {
    if matches!(step.kind, BulkKind::Recall | BulkKind::Correct) {
        return Ok(());
    }
    let (action, actor) = (step.kind.as_str(), Actor::Admin(step.admin));
    let (entity_id, after) = (step.broadcast.to_string(), json!({ "classes": step.classes, "rows": rows }));
    audit::record(
        tx,
        &audit::Entry { actor: &actor, action, entity: "broadcast", entity_id, before: Value::Null, after },
    )
}

/// Runs one step of the oldest pending bulk action of this realm. False when none is pending.
pub fn continue_bulk(tx: &Tx<'_>, realm: Realm) -> Result<bool> {
    let Some(kept) = tx.find(NEXT, &[(":realm", &realm)], from_row)? else { return Ok(false) };
    let last = match take(tx, &kept) {
        // The broadcast was canceled meanwhile: nothing is sent again.
        Err(Error::Refused(_)) => None,
        taken => taken?.1,
    };
    match last {
        Some(after) => tx.change(GO_ON, named_params! { ":sweep": kept.id, ":after": after })?,
        None => tx.change(DONE, named_params! { ":sweep": kept.id })?,
    };
    Ok(true)
}

/// Whether [`continue_bulk`] has something to do.
pub fn is_bulk_pending(view: &View<'_>, realm: Realm) -> Result<bool> {
    Ok(view.find(ANY, &[(":realm", &realm)], |_| Ok(()))?.is_some())
}

/// Whether rows of this broadcast are still being queued again, so that it cannot finish.
pub(super) fn is_requeueing(view: &View<'_>, id: BroadcastId) -> Result<bool> {
    Ok(view.find(REQUEUES, &[(":id", &id)], |_| Ok(()))?.is_some())
}

/// Whether delivered messages of this broadcast are still being recalled or corrected.
pub(super) fn is_mending(view: &View<'_>, id: BroadcastId) -> Result<bool> {
    Ok(view.find(MENDS, &[(":id", &id)], |_| Ok(()))?.is_some())
}

/// Drops every pending bulk action: a restored shop does nothing by itself.
pub(super) fn drop_all(tx: &Tx<'_>) -> Result<()> {
    tx.change(DROP_ALL, [])?;
    Ok(())
}

/// Runs one step of a stored bulk action. Returns how many rows it changed, and the recipient to continue after; `None`
/// = no rows are left.
fn take(tx: &Tx<'_>, kept: &PendingBulk) -> Result<(i64, Option<UserId>)> {
    let (id, after, by) = (kept.broadcast, kept.after, Actor::Admin(kept.admin));
    let mark = |wish| amend::mark(tx, id, &wish, after);
    let of_marked = |(rows, last)| (i64::try_from(rows).unwrap_or(i64::MAX), last);
    let ((rows, last), more) = match kept.kind {
        BulkKind::RetryFailed => (amend::retry_failed(tx, id, &kept.classes, after, &by)?, MORE_FAILED),
        BulkKind::ResendUnknown => (amend::resend_unknown(tx, id, after, &by)?, MORE_UNKNOWN),
        BulkKind::Recall => (of_marked(mark(Amendment::Recall)?), MORE),
        // The new text is stored in the broadcast already.
        BulkKind::Correct => (of_marked(mark(Amendment::Correct(String::new()))?), MORE),
    };
    let Some(last) = last else { return Ok((rows, None)) };
    let is_more = tx.find(more, named_params! { ":id": id, ":after": last }, |_| Ok(()))?.is_some();
    Ok((rows, is_more.then_some(last)))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<PendingBulk> {
    let classes = serde_json::from_str(&row.get::<_, String>(3)?).unwrap_or_default();
    let (id, broadcast, kind) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(PendingBulk { id, broadcast, kind, classes, after: row.get(4)?, admin: row.get(5)? })
}

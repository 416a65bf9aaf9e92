//! Bulk actions on the recipients' rows of a broadcast, stored until they are finished. The first 1,000 rows are
//! handled in the caller's transaction, further rows by the sender, one step per transaction: so no caller waits, and a
//! crash loses nothing.

use serde_json::{Value, json};

use super::amend::{self, Amendment};
use super::model::{Broadcast, BroadcastId, BulkKind, PendingBulk};
use super::transition::record;
use super::{ledger, store};
use crate::actor::Actor;
use crate::db::{Signal, Tx};
use crate::error::{Error, Result};
use crate::ids::{AdminId, UserId};
use crate::realm::Realm;

/// A requested bulk action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkAction {
    /// Sends failed rows of these classes again.
    RetryFailed(Vec<String>),
    /// Sends unknown rows again.
    ResendUnknown,
    /// Recalls or corrects delivered messages.
    Amend(Amendment),
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

impl BulkAction {
    const fn kind(&self) -> BulkKind {
        match self {
            Self::RetryFailed(_) => BulkKind::RetryFailed,
            Self::ResendUnknown => BulkKind::ResendUnknown,
            Self::Amend(Amendment::Recall) => BulkKind::Recall,
            Self::Amend(Amendment::Correct(_)) => BulkKind::Correct,
        }
    }
}

/// Applies a bulk action to its first 1,000 rows. If further rows are left, stores the action, and the sender continues
/// it. A repeated request starts from the first row again; a repeated retry also covers the error classes of the
/// earlier request. Recorded in the audit log.
///
/// # Errors
/// Those of [`amend::retry_failed`], [`amend::resend_unknown`] and [`amend::begin_amendment`].
pub fn begin_bulk(tx: &Tx<'_>, id: BroadcastId, wanted: &BulkAction, by: AdminId) -> Result<BulkProgress> {
    let kind = wanted.kind();
    let mut classes = if let BulkAction::RetryFailed(classes) = wanted { classes.clone() } else { Vec::new() };
    classes.extend(store::bulk_classes(tx, id, kind)?.unwrap_or_default());
    if let BulkAction::Amend(amendment) = wanted {
        amend::begin_amendment(tx, id, amendment, &Actor::Admin(by))?;
    }
    store::drop_bulk(tx, id, kind)?;
    let step = PendingBulk { id: 0, broadcast: id, kind, classes, after: UserId(0), admin: by };
    let (rows, last) = take(tx, &step)?;
    // `begin_amendment` has written the audit entry of a recall or correction.
    if matches!(kind, BulkKind::RetryFailed | BulkKind::ResendUnknown) {
        let after = json!({ "classes": step.classes, "rows": rows });
        record(tx, (kind.as_str(), id), Value::Null, after, &Actor::Admin(by))?;
    }
    if let Some(after) = last {
        store::keep_bulk(tx, &step, after)?;
        tx.signal(Signal::Broadcasts);
    }
    Ok(BulkProgress { broadcast: store::get(tx, id)?, rows, is_whole: last.is_none() })
}

/// Runs one step of the oldest pending bulk action of this realm. `false` when no action is pending.
pub fn continue_bulk(tx: &Tx<'_>, realm: Realm) -> Result<bool> {
    let Some(pending) = store::next_bulk(tx, realm)? else { return Ok(false) };
    let last = match take(tx, &pending) {
        // The broadcast was canceled after the action was stored: nothing is sent again.
        Err(Error::Refused(_)) => None,
        taken => taken?.1,
    };
    store::go_on_with_bulk(tx, &pending, last)?;
    Ok(true)
}

/// Runs one step of a bulk action. Returns how many rows it changed, and the recipient to continue after; `None` = no
/// rows are left.
fn take(tx: &Tx<'_>, pending: &PendingBulk) -> Result<(i64, Option<UserId>)> {
    let PendingBulk { broadcast: id, kind, after, .. } = *pending;
    let by = Actor::Admin(pending.admin);
    let mark = |amendment| {
        let (rows, last) = amend::mark_for_amendment(tx, id, &amendment, after)?;
        Ok::<_, Error>((i64::try_from(rows).unwrap_or(i64::MAX), last))
    };
    let (rows, last) = match kind {
        BulkKind::RetryFailed => amend::retry_failed(tx, id, &pending.classes, after, &by)?,
        BulkKind::ResendUnknown => amend::resend_unknown(tx, id, after, &by)?,
        BulkKind::Recall => mark(Amendment::Recall)?,
        // The new text is stored in the broadcast already.
        BulkKind::Correct => mark(Amendment::Correct(String::new()))?,
    };
    let Some(last) = last else { return Ok((rows, None)) };
    Ok((rows, ledger::is_any_left(tx, (id, kind), last)?.then_some(last)))
}

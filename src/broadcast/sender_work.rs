//! Reads from a snapshot what work waits for the broadcast sender, so that an idle sender does not use the database's
//! writer.

use super::model::BroadcastId;
use super::pace::BroadcastLimits;
use super::pending_edit::pending_edits;
use super::{confirm, store};
use crate::clock::Timestamp;
use crate::db::View;
use crate::error::Result;
use crate::realm::Realm;
use crate::settings;

/// The work that waits for the broadcast sender of one realm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderWork {
    /// When the next scheduled broadcast is due; a past time means now.
    pub due: Option<Timestamp>,
    /// Broadcasts that have started and whose audience is not frozen yet.
    pub freezing: Vec<BroadcastId>,
    /// Frozen broadcasts with queued recipients.
    pub claimable: Vec<BroadcastId>,
    /// Whether `claimable` has any broadcast.
    pub is_claimable: bool,
    /// Whether a broadcast has neither queued rows nor calls under way, so that it can finish.
    pub is_over: bool,
    /// Canceled broadcasts whose queued rows must be skipped.
    pub left_over: Vec<BroadcastId>,
    /// Whether a bulk action is pending.
    pub is_bulk_pending: bool,
    /// The shop's limits for broadcasts.
    pub limits: BroadcastLimits,
    /// The most recipients that are claimed in one batch.
    pub batch: i64,
    /// Whether the shop pays Stars for speed.
    pub is_paid: bool,
}

/// Reads what work waits for the broadcast sender of `realm`.
pub fn sender_work(view: &View<'_>, realm: Realm) -> Result<SenderWork> {
    let sending = store::sending(view, realm)?;
    let mut frozen = sending.iter().filter(|broadcast| broadcast.is_frozen);
    let claimable: Vec<BroadcastId> =
        frozen.clone().filter(|broadcast| broadcast.counts.queued > 0).map(|broadcast| broadcast.id).collect();
    Ok(SenderWork {
        due: store::next_due(view, realm)?,
        freezing: sending.iter().filter(|broadcast| !broadcast.is_frozen).map(|broadcast| broadcast.id).collect(),
        is_claimable: !claimable.is_empty(),
        claimable,
        is_over: frozen.any(|broadcast| broadcast.counts.queued == 0 && broadcast.counts.sending == 0),
        left_over: store::left_over(view, realm)?.iter().map(|broadcast| broadcast.id).collect(),
        is_bulk_pending: store::is_bulk_pending(view, realm)?,
        limits: confirm::limits(view)?,
        batch: settings::BROADCAST_BATCH_SIZE.int(view)?,
        is_paid: settings::PAID_BROADCASTS.is_on(view)?,
    })
}

/// Whether this realm has anything to send, recall or correct. A command that delivers runs until the answer is
/// `false`.
pub fn is_busy(view: &View<'_>, realm: Realm) -> Result<bool> {
    let work = sender_work(view, realm)?;
    let is_due = work.due.is_some_and(|due| due <= view.now());
    let sends = is_due || work.is_claimable || work.is_over || !work.freezing.is_empty();
    let is_sending = sends || work.is_bulk_pending || !store::sending(view, realm)?.is_empty();
    Ok(is_sending || !pending_edits(view, realm, 1)?.is_empty())
}

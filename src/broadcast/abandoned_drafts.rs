//! Drafts of broadcasts that an admin wrote in the customer bot's chat and whose conversation ended without a decision.
//! Only `jobs::upkeep` and the job `cleanup` call this module.

use rusqlite::named_params;

use super::lifecycle;
use super::model::BroadcastId;
use crate::actor::Actor;
use crate::conversation::DialogState;
use crate::db::Tx;
use crate::error::Result;

const ABANDONED: &str = "SELECT b.id FROM broadcasts b
    WHERE b.is_test IN (0, 1) AND b.status = 'draft' AND b.origin = 'chat'
      AND NOT EXISTS (SELECT 1 FROM conversation_states c
          WHERE c.state = :state AND c.expires_ms > :now AND json_extract(c.payload, '$.broadcast') = b.id)
    ORDER BY b.id LIMIT 100";

/// Cancels up to 100 drafts from the chat whose admin did not decide within ten minutes: a draft that stayed for ever
/// would block the deletion of its segment. Each cancellation is in the audit log. Returns how many were canceled.
pub fn cancel_abandoned(tx: &Tx<'_>) -> Result<usize> {
    let params = named_params! { ":state": DialogState::ChatBroadcast, ":now": tx.now_ms() };
    let abandoned: Vec<BroadcastId> = tx.list(ABANDONED, params, |row| row.get(0))?;
    for id in &abandoned {
        lifecycle::cancel(tx, *id, &Actor::Job("cleanup"))?;
    }
    Ok(abandoned.len())
}

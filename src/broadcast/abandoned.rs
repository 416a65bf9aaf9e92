//! Drafts from the chat whose conversation has ended without a decision. Only cleaning up calls this.

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

/// Cancels up to 100 drafts from the chat whose admin did not decide within ten minutes, so that none blocks the
/// deletion of its segment for ever. Audited. Returns how many.
pub fn cancel_abandoned(tx: &Tx<'_>) -> Result<usize> {
    let params = named_params! { ":state": DialogState::ChatBroadcast, ":now": tx.now_ms() };
    let abandoned: Vec<BroadcastId> = tx.list(ABANDONED, params, |row| row.get(0))?;
    for id in &abandoned {
        lifecycle::cancel(tx, *id, &Actor::Job("cleanup"))?;
    }
    Ok(abandoned.len())
}

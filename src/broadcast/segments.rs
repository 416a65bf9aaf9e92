//! Deletes a segment, unless a broadcast that has not ended needs it. Ended broadcasts keep the segment's filter as
//! their own.

use rusqlite::named_params;

use crate::actor::Actor;
use crate::db::Tx;
use crate::error::{Refusal, Result};
use crate::ids::SegmentId;
use crate::segment::{self, Segment};

const TO_COME: &str = "SELECT title FROM broadcasts
    WHERE segment_id = :id AND status IN ('draft', 'scheduled', 'sending', 'paused') ORDER BY id LIMIT 20";
// Copies the segment's filter into the broadcast, so that its confirmation stays valid.
const LEAVE_FILTER: &str = "UPDATE broadcasts SET segment_id = NULL,
        filters = (SELECT filter FROM segments WHERE id = :id) WHERE segment_id = :id";

/// Deletes a segment, and records that in the audit log. Returns the deleted segment. Ended broadcasts keep the
/// segment's filter as their own.
///
/// # Errors
/// `SEGMENT_NOT_FOUND`; `SEGMENT_IN_USE` naming at most 20 broadcasts that have not ended and use the segment.
pub fn delete_segment(tx: &Tx<'_>, id: SegmentId, by: &Actor) -> Result<Segment> {
    let gone = segment::get_by_id(tx, id)?;
    let uses: Vec<String> = tx.list(TO_COME, named_params! { ":id": id }, |row| row.get(0))?;
    if !uses.is_empty() {
        Err(Refusal::SegmentInUse { name: gone.name.clone(), uses })?;
    }
    tx.change(LEAVE_FILTER, named_params! { ":id": id })?;
    segment::delete(tx, &gone, by)?;
    Ok(gone)
}

//! The totals of unfinished broadcasts, for the metrics.

use super::model::Status;
use crate::db::View;
use crate::error::Result;

const AT_HAND: &str = "SELECT coalesce(sum(status = 'scheduled'), 0), coalesce(sum(status = 'sending'), 0),
        coalesce(sum(status = 'paused'), 0)
    FROM broadcasts WHERE is_test = 0 AND status IN ('scheduled', 'sending', 'paused')";
const RECIPIENTS: &str = "SELECT coalesce(sum(queued), 0), coalesce(sum(sending), 0), coalesce(sum(sent), 0),
        coalesce(sum(failed), 0), coalesce(sum(unknown), 0), coalesce(sum(skipped), 0)
    FROM broadcasts WHERE is_test = 0 AND status IN ('sending', 'paused')";

/// The number of unfinished broadcasts of the real shop, and of the recipients of those that have started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many broadcasts are scheduled, sending and paused.
    pub broadcasts: [(Status, i64); 3],
    /// How many recipients are in each state, by the state's word in the table.
    pub recipients: [(&'static str, i64); 6],
}

/// The present totals of unfinished broadcasts.
pub fn progress(view: &View<'_>) -> Result<Progress> {
    let broadcasts = view.get(AT_HAND, [], |row| {
        Ok([(Status::Scheduled, row.get(0)?), (Status::Sending, row.get(1)?), (Status::Paused, row.get(2)?)])
    })?;
    let recipients = view.get(RECIPIENTS, [], |row| {
        Ok([
            ("queued", row.get(0)?),
            ("sending", row.get(1)?),
            ("sent", row.get(2)?),
            ("failed", row.get(3)?),
            ("unknown", row.get(4)?),
            ("skipped", row.get(5)?),
        ])
    })?;
    Ok(Progress { broadcasts, recipients })
}

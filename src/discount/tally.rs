//! Counts attempts to check or redeem a code for the metrics, going on from the row that was counted last.

use rusqlite::Row;

use super::store::Attempt;
use crate::db::View;
use crate::error::Result;

const LAST: &str = "SELECT coalesce(max(id), 0) FROM discount_usage_logs";
const SINCE: &str =
    "SELECT status, count(*) FROM discount_usage_logs WHERE id > :after AND is_test = 0 GROUP BY status";

/// Attempts by result, up to a certain row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The number of attempts with each result, including those with 0.
    pub by_result: Vec<(Attempt, u64)>,
    /// The row id of the last attempt counted. Attempts of the test realm move it, too, but are not counted.
    last: i64,
}

/// A tally of zeros: only attempts made from now on are counted.
pub fn count_from_now(view: &View<'_>) -> Result<Tally> {
    let last = view.get(LAST, [], |row| row.get(0))?;
    Ok(Tally { by_result: Attempt::ALL.iter().map(|attempt| (*attempt, 0)).collect(), last })
}

/// Adds the attempts made since `tally` was counted last. Attempts in the test realm are left out.
pub fn count_on(view: &View<'_>, mut tally: Tally) -> Result<Tally> {
    let last = view.get(LAST, [], |row| row.get(0))?;
    let new = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
    for (word, count) in view.list(SINCE, &[(":after", &tally.last)], new)? {
        if let Some((_, sum)) = tally.by_result.iter_mut().find(|(attempt, _)| attempt.as_str() == word) {
            *sum = sum.saturating_add(count.unsigned_abs());
        }
    }
    tally.last = last;
    Ok(tally)
}

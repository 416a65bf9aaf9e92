//! How many rows the large tables have, kept by triggers of the database: `row_counts` has the totals of lists without a
//! filter (`migrations/V19__row_counts.sql`), `day_counts` has the numbers of each day of the shop, whose sums are the
//! figures of a period (`migrations/V23__day_counts.sql`). Otherwise they would be counted anew at each call. The last
//! days are counted when the view `day_figures` is read, until [`close_days`] closes them.

use rusqlite::named_params;

use crate::db::{Tx, View};
use crate::error::Result;
use crate::ids::words;
use crate::realm::Realm;

const OPEN_FROM: &str = "SELECT value FROM meta WHERE key = 'figures.open_from'";
const OPEN_LATER: &str = "UPDATE meta SET value = :today WHERE key = 'figures.open_from'";
// The days from `open_from` on have no rows of these kinds yet.
const CLOSE: &str = "INSERT INTO day_counts (what, is_test, key, day, rows)
    SELECT what, is_test, key, day, sum(rows) FROM day_figures
    WHERE what IN ('issued', 'issued_campaign', 'redeemed', 'redeemed_hour', 'redeemed_campaign')
        AND day >= :from AND day < :today GROUP BY what, is_test, key, day";
const ROWS: &str = "SELECT rows FROM row_counts WHERE what = :what AND is_test = :realm";

words!(
    /// The rows that are counted.
    Counted {
        /// Customers who are not erased.
        Users = "users",
        /// Codes that are neither revoked nor redeemed, expired ones among them.
        OpenCodes = "codes_open",
        /// Codes that are redeemed and not revoked.
        RedeemedCodes = "codes_redeemed",
        /// Revoked codes.
        RevokedCodes = "codes_revoked",
        /// Attempts at the counter.
        Attempts = "attempts",
        /// Audit entries; all of them count as rows of the real shop.
        Audit = "audit",
    }
);

/// The SQL of a sum of `day_figures`: of the rows of one kind (`what`) and key, over all days, or over those for which
/// `$days` holds.
macro_rules! kept_sum {
    ($what:literal, $key:literal $(, $days:literal)?) => {
        concat!(
            "(SELECT coalesce(sum(rows), 0) FROM day_figures WHERE what = '",
            $what,
            "' AND is_test = :realm AND key = ",
            $key,
            $(" ", $days,)?
            ")"
        )
    };
}
pub(crate) use kept_sum;

/// Closes the days before today: from now on `day_counts` has the numbers of their codes and redemptions. Returns whether
/// a day was closed. The nightly job calls this; without it figures are correct and take longer.
pub fn close_days(tx: &Tx<'_>) -> Result<bool> {
    let today = tx.today();
    let open_from: String = tx.get(OPEN_FROM, [], |row| row.get(0))?;
    if open_from >= today {
        return Ok(false);
    }
    tx.change(CLOSE, named_params! { ":from": open_from, ":today": today })?;
    tx.change(OPEN_LATER, named_params! { ":today": today })?;
    Ok(true)
}

/// How many rows of a realm there are.
pub fn kept(view: &View<'_>, what: Counted, realm: Realm) -> Result<i64> {
    Ok(view.get(ROWS, named_params! { ":what": what, ":realm": realm }, |row| row.get(0))?)
}

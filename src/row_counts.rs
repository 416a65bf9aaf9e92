//! How many rows the large tables have, kept by triggers of the database (`migrations/V19__row_counts.sql`): the total of
//! a list without a filter, which would otherwise be counted anew at each call.

use rusqlite::named_params;

use crate::db::View;
use crate::error::Result;
use crate::ids::words;
use crate::realm::Realm;

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

/// How many rows of a realm there are.
pub fn kept(view: &View<'_>, what: Counted, realm: Realm) -> Result<i64> {
    Ok(view.get(ROWS, named_params! { ":what": what, ":realm": realm }, |row| row.get(0))?)
}

//! When the newest row of a database was written. It tells how old a copy is that has no checksum file, and how far a copy
//! is behind the shop.

use crate::clock::Timestamp;
use crate::db::{Failure, View};

/// The rows that a shop cannot make anew: customers, codes, redemptions, recipients of broadcasts, the audit log.
const NEWEST: &str = "SELECT max(at) FROM (
    SELECT max(created_at) AS at FROM users
    UNION ALL SELECT max(created_at) FROM discounts
    UNION ALL SELECT max(at) FROM redemptions
    UNION ALL SELECT max(at) FROM audit_log
    UNION ALL SELECT strftime('%Y-%m-%dT%H:%M:%SZ', max(settled_ms) / 1000, 'unixepoch') FROM deliveries)";

/// When the newest of these rows was written; `None` when there is none.
pub(super) fn of(view: &View<'_>) -> Result<Option<Timestamp>, Failure> {
    let at: Option<String> = view.get(NEWEST, [], |row| row.get(0))?;
    Ok(at.as_deref().and_then(Timestamp::parse))
}

//! What a restore carries over from the database that it replaces, so that nothing is reverted that was redeemed,
//! undone, revoked or blocked after the backup was made. Codes are matched by `public_id`, people by Telegram id. Runs
//! on a private copy of the backup with the replaced database attached as `replaced`. Other changes made after the
//! backup are lost, and counted.

use rusqlite::named_params;

use crate::db::{Failure, Tx, View};

const TABLES: [&str; 3] = [
    "CREATE TEMP TABLE known_people (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL)",
    "CREATE TEMP TABLE known_codes (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL)",
    "CREATE TEMP TABLE pairs (theirs INTEGER PRIMARY KEY, ours INTEGER, code INTEGER NOT NULL)",
];
const KNOWN_PEOPLE: &str = "INSERT INTO temp.known_people
    SELECT r.id, o.id FROM replaced.users r JOIN main.users o ON o.is_test = r.is_test AND o.telegram_id = r.telegram_id";
const KNOWN_CODES: &str = "INSERT INTO temp.known_codes
    SELECT r.id, o.id FROM replaced.discounts r JOIN main.discounts o ON o.public_id = r.public_id";
// Gifts are carried over as codes: the next gift is due by the date of the last code, and `birthday_gifts` refers to
// the code. Without the code's row, the customer would get the gift a second time, and the code that they hold would
// not exist.
const GIFTS: &str =
    "INSERT INTO main.discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type,
        source_kind, source_id, created_at, created_day, created_by, expires_at, redeemed_at, revoked_at, revoke_reason,
        revoked_by)
    SELECT r.public_id, r.code, k.ours, t.id, r.is_test, r.value, r.value_type, r.usage_type,
        r.source_kind, r.source_id, r.created_at, r.created_day, r.created_by, r.expires_at, NULL, r.revoked_at,
        r.revoke_reason, r.revoked_by
      FROM replaced.discounts r JOIN temp.known_people k ON k.theirs = r.user_id
      JOIN replaced.discount_templates rt ON rt.id = r.template_id JOIN main.discount_templates t ON t.name = rt.name
     WHERE r.source_kind IN ('subscription', 'birthday')
       AND NOT EXISTS (SELECT 1 FROM main.discounts o WHERE o.public_id = r.public_id)
     ORDER BY r.id
    ON CONFLICT DO NOTHING";
const BIRTHDAYS: &str = "INSERT INTO main.birthday_gifts (user_id, year, day, discount_id)
    SELECT p.ours, r.year, r.day, c.ours FROM replaced.birthday_gifts r
      JOIN temp.known_people p ON p.theirs = r.user_id JOIN temp.known_codes c ON c.theirs = r.discount_id
     WHERE true
    ON CONFLICT DO NOTHING";
// A redemption has no id that is the same in both databases: of the redemptions of one code in one second, the nth in
// one database is matched with the nth in the other.
const PAIRS: &str = "INSERT INTO temp.pairs
    SELECT r.id, o.id, r.code FROM
        (SELECT t.id, k.ours AS code, t.at, row_number() OVER (PARTITION BY t.discount_id, t.at ORDER BY t.id) AS nth
           FROM replaced.redemptions t JOIN temp.known_codes k ON k.theirs = t.discount_id) r
      LEFT JOIN
        (SELECT id, discount_id, at, row_number() OVER (PARTITION BY discount_id, at ORDER BY id) AS nth
           FROM main.redemptions) o
        ON o.discount_id = r.code AND o.at = r.at AND o.nth = r.nth";
const NO_PAIRS: &str = "DELETE FROM temp.pairs";
const UNDO: &str = "UPDATE main.redemptions AS o
    SET undone_at = r.undone_at, undone_by = r.undone_by, undo_reason = r.undo_reason
    FROM temp.pairs p JOIN replaced.redemptions r ON r.id = p.theirs
    WHERE p.ours = o.id AND o.undone_at IS NULL AND r.undone_at IS NOT NULL";
const UNDONE_SINCE: &str = "SELECT count(*) FROM temp.pairs p JOIN replaced.redemptions r ON r.id = p.theirs
    WHERE p.ours IS NULL AND r.undone_at IS NOT NULL";
const REDEEM: &str =
    "INSERT INTO main.redemptions (discount_id, user_id, is_single, is_test, cashier_id, actor, at, day, hour,
        amount, undone_at, undone_by, undo_reason, broadcast_id)
    SELECT p.code, d.user_id, r.is_single, r.is_test, c.id,
        CASE WHEN r.cashier_id IS NULL THEN r.actor WHEN c.id IS NULL THEN 'restore' END,
        r.at, r.day, r.hour, r.amount, r.undone_at, r.undone_by, r.undo_reason, b.id
      FROM temp.pairs p JOIN replaced.redemptions r ON r.id = p.theirs JOIN main.discounts d ON d.id = p.code
      LEFT JOIN replaced.cashiers rc ON rc.id = r.cashier_id
      LEFT JOIN main.cashiers c ON c.is_test = rc.is_test AND c.telegram_id = rc.telegram_id
      LEFT JOIN replaced.broadcasts rb ON rb.id = r.broadcast_id
      LEFT JOIN main.broadcasts b ON b.id = rb.id AND b.created_at = rb.created_at
     WHERE p.ours IS NULL ORDER BY p.theirs
    ON CONFLICT DO NOTHING";
const MARK: &str = "UPDATE main.discounts AS d SET redeemed_at = (SELECT r.at FROM main.redemptions r
        WHERE r.discount_id = d.id AND r.is_single = 1 AND r.undone_at IS NULL)
    WHERE d.usage_type = 'single' AND d.id IN (SELECT code FROM temp.pairs)";
const ATTEMPTS: &str =
    "INSERT INTO main.discount_usage_logs (at, said_at, day, is_test, status, code_typed, discount_id, user_id,
        cashier_id, actor, redemption_id, message)
    SELECT l.at, l.said_at, l.day, l.is_test, l.status, l.code_typed, p.code, d.user_id, c.id,
        CASE WHEN l.cashier_id IS NULL THEN l.actor WHEN c.id IS NULL THEN 'restore' END, p.ours, l.message
      FROM temp.pairs p JOIN replaced.redemptions r ON r.id = p.theirs
      JOIN replaced.discount_usage_logs l ON l.discount_id = r.discount_id AND l.redemption_id = r.id
      JOIN main.discounts d ON d.id = p.code
      LEFT JOIN replaced.cashiers rc ON rc.id = l.cashier_id
      LEFT JOIN main.cashiers c ON c.is_test = rc.is_test AND c.telegram_id = rc.telegram_id
     WHERE p.ours IS NOT NULL AND NOT EXISTS (SELECT 1 FROM main.discount_usage_logs o
        WHERE o.discount_id = p.code AND o.at = l.at AND o.status = l.status)
     ORDER BY l.id";
const REVOKE: &str = "UPDATE main.discounts AS o
    SET revoked_at = r.revoked_at, revoke_reason = r.revoke_reason, revoked_by = r.revoked_by
    FROM replaced.discounts r WHERE r.public_id = o.public_id AND r.revoked_at IS NOT NULL AND o.revoked_at IS NULL";
const BLOCK: &str = "UPDATE main.users AS o SET status = 'blocked'
    FROM temp.known_people k JOIN replaced.users r ON r.id = k.theirs
    WHERE k.ours = o.id AND r.status = 'blocked' AND o.status = 'active'";
// Customers who muted promotions since the backup stay muted.
const MUTE: &str = "UPDATE main.users AS o SET muted_at = r.muted_at
    FROM temp.known_people k JOIN replaced.users r ON r.id = k.theirs
    WHERE k.ours = o.id AND r.muted_at IS NOT NULL AND o.muted_at IS NULL";
/// Cashiers and admins suspended since the backup stay suspended.
const SUSPEND: [&str; 2] = [
    "UPDATE main.cashiers AS o SET status = 'suspended', decided_at = r.decided_at, decided_by = r.decided_by
       FROM replaced.cashiers r WHERE r.is_test = o.is_test AND r.telegram_id = o.telegram_id
        AND r.status = 'suspended' AND o.status = 'active'",
    "UPDATE main.admins AS o SET status = 'suspended', decided_at = r.decided_at, decided_by = r.decided_by
       FROM replaced.admins r WHERE r.telegram_id = o.telegram_id AND r.status = 'suspended' AND o.status = 'active'",
];

const LOST_CUSTOMERS: &str = "SELECT count(*) FROM replaced.users r WHERE r.is_test = 0 AND r.telegram_id > 0
    AND NOT EXISTS (SELECT 1 FROM main.users o WHERE o.is_test = 0 AND o.telegram_id = r.telegram_id)";
const LOST_CODES: &str = "SELECT count(*) FROM replaced.discounts r WHERE r.is_test = 0
    AND NOT EXISTS (SELECT 1 FROM main.discounts o WHERE o.public_id = r.public_id)";
const LOST_REDEMPTIONS: &str = "SELECT count(*) FROM replaced.redemptions r WHERE r.is_test = 0 AND r.undone_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM temp.known_codes k WHERE k.theirs = r.discount_id)";
const ACTIVE: &str = "SELECT count(*) FROM discounts
    WHERE is_test = 0 AND redeemed_at IS NULL AND revoked_at IS NULL AND expires_at > :now";

/// How many rows a restore carried over, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CarriedOver {
    /// Redemptions made since the backup, of codes that the backup holds.
    pub redemptions: i64,
    /// Redemptions undone since the backup.
    pub undos: i64,
    /// Codes revoked since the backup.
    pub revocations: i64,
    /// Customers blocked since the backup; cashiers and admins suspended since the backup.
    pub blocks: i64,
    /// Birthday and subscription gifts issued since the backup, to customers whom the backup holds.
    pub gifts: i64,
}

/// How many rows made since the backup are lost, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lost {
    /// Customers who are not in the backup.
    pub customers: i64,
    /// Codes that are not in the backup.
    pub codes: i64,
    /// Redemptions of codes that are not in the backup.
    pub redemptions: i64,
}

/// Carries over what a restore must not revert. The caller has attached the replaced database as `replaced`, migrated
/// to the present schema.
pub(super) fn carry_over(tx: &Tx<'_>) -> Result<(CarriedOver, Lost), Failure> {
    let changed = |sql: &str| Ok::<_, Failure>(i64::try_from(tx.change(sql, [])?).unwrap_or(i64::MAX));
    for sql in TABLES {
        changed(sql)?;
    }
    changed(KNOWN_PEOPLE)?;
    let gifts = changed(GIFTS)?;
    changed(KNOWN_CODES)?;
    changed(BIRTHDAYS)?;
    changed(PAIRS)?;
    let undos = changed(UNDO)? + tx.get(UNDONE_SINCE, [], |row| row.get::<_, i64>(0))?;
    let redemptions = changed(REDEEM)?;
    changed(MARK)?;
    // Redemptions are matched once more: now every redemption that was carried over has its row in this database.
    changed(NO_PAIRS)?;
    changed(PAIRS)?;
    changed(ATTEMPTS)?;
    let revocations = changed(REVOKE)?;
    let mut blocks = changed(BLOCK)?;
    for sql in SUSPEND {
        blocks += changed(sql)?;
    }
    changed(MUTE)?;
    Ok((CarriedOver { redemptions, undos, revocations, blocks, gifts }, lost(tx)?))
}

fn lost(view: &View<'_>) -> Result<Lost, Failure> {
    let count = |sql: &str| view.get(sql, [], |row| row.get(0));
    Ok(Lost { customers: count(LOST_CUSTOMERS)?, codes: count(LOST_CODES)?, redemptions: count(LOST_REDEMPTIONS)? })
}

/// How many codes may be redeemed now.
pub(super) fn active(view: &View<'_>) -> Result<i64, Failure> {
    view.get(ACTIVE, named_params! { ":now": view.now() }, |row| row.get(0))
}

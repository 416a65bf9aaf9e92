//! The kept counts of `row_counts` are the numbers of rows, whatever changes the rows: also statements of another program.

use rusqlite::Connection;

use crate::backup::judge;

const TRUTH: &str = "SELECT what, is_test, rows, coalesce((SELECT n FROM (
    SELECT 'users' what, is_test, count(*) n FROM users WHERE telegram_id > 0 GROUP BY is_test
    UNION ALL SELECT 'codes_revoked', is_test, count(*) FROM discounts WHERE revoked_at IS NOT NULL GROUP BY is_test
    UNION ALL SELECT 'codes_redeemed', is_test, count(*) FROM discounts
        WHERE revoked_at IS NULL AND redeemed_at IS NOT NULL GROUP BY is_test
    UNION ALL SELECT 'codes_open', is_test, count(*) FROM discounts
        WHERE revoked_at IS NULL AND redeemed_at IS NULL GROUP BY is_test
    UNION ALL SELECT 'attempts', is_test, count(*) FROM discount_usage_logs GROUP BY is_test
    UNION ALL SELECT 'audit', 0, count(*) FROM audit_log) truth
    WHERE truth.what = kept.what AND truth.is_test = kept.is_test), 0) FROM row_counts kept";
const SEED: &str = "PRAGMA foreign_keys = off;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
    INSERT INTO users (telegram_id, is_test, name_norm, source, source_normalized, created_at, created_day, last_activity_at)
        SELECT 1000 + i, i % 5 = 0, '', 'direct', 'direct', '2026-01-01T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00Z' FROM n;
    INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type, source_kind,
            created_at, created_day, created_by, expires_at)
        SELECT printf('public-id-%010d', id), printf('АБВ%04d', id), id, 1, is_test, 1000, 'percent', 'single', 'manual',
            created_at, created_day, 'test', created_at FROM users;
    INSERT INTO discount_usage_logs (at, said_at, day, is_test, status, code_typed)
        SELECT created_at, created_at, created_day, is_test, 'not_found', '' FROM users;
    INSERT INTO audit_log (at, actor, action, entity) SELECT created_at, 'test', 'test', 'test' FROM users;";
/// Each changes about one row in seven; `:n` is another number each time.
const CHANGES: &[&str] = &[
    "UPDATE users SET telegram_id = -telegram_id WHERE id % 7 = :n % 7",
    "UPDATE users SET is_test = 1 - is_test WHERE id % 7 = :n % 7 AND telegram_id % 2 = 0",
    "UPDATE discounts SET redeemed_at = iif(redeemed_at IS NULL, created_at, NULL) WHERE id % 7 = :n % 7",
    "UPDATE discounts SET revoked_at = iif(revoked_at IS NULL, created_at, NULL) WHERE id % 7 = :n % 7",
    "UPDATE discounts SET is_test = 1 - is_test WHERE id % 7 = :n % 7 AND user_id % 2 = 0",
    "DELETE FROM users WHERE id % 23 = :n % 23",
    "DELETE FROM discounts WHERE id % 23 = :n % 23",
    "DELETE FROM discount_usage_logs WHERE id % 23 = :n % 23",
    "DELETE FROM audit_log WHERE id % 23 = :n % 23",
];

fn kept_and_true(shop: &Connection) -> Vec<(String, i64, i64, i64)> {
    let mut statement = shop.prepare(TRUTH).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn agree(shop: &Connection, after: &str) {
    let counts = kept_and_true(shop);
    assert_eq!(counts.len(), 12);
    let wrong: Vec<_> = counts.iter().filter(|(_, _, kept, truth)| kept != truth).collect();
    assert!(wrong.is_empty(), "after {after}: {wrong:?}");
}

#[test]
fn kept_counts_are_the_numbers_of_rows_after_any_change() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.db");
    dvorik::db::migrate(&path).unwrap();
    let shop = judge(&path);
    shop.execute_batch(SEED).unwrap();
    agree(&shop, "the inserts");
    for n in 0..10 {
        for change in CHANGES {
            shop.execute(change, [(":n", n)].as_slice()).unwrap();
            agree(&shop, change);
        }
    }
    assert!(kept_and_true(&shop).iter().filter(|(.., rows)| *rows > 0).count() >= 8, "{:?}", kept_and_true(&shop));
}

#[test]
fn a_shop_that_was_made_before_begins_with_its_numbers_of_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.db");
    dvorik::db::migrate(&path).unwrap();
    let shop = judge(&path);
    shop.execute_batch(SEED).unwrap();
    for change in CHANGES {
        shop.execute(change, [(":n", 3)].as_slice()).unwrap();
    }
    // As it was before the migration, whose file is then run by hand.
    let triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%\\_count\\_%' ESCAPE '\\'";
    let mut statement = shop.prepare(triggers).unwrap();
    let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    drop(statement);
    assert_eq!(names.len(), 10, "{names:?}");
    for name in names {
        shop.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    shop.execute_batch("DROP TABLE row_counts").unwrap();
    shop.execute_batch(include_str!("../migrations/V19__row_counts.sql")).unwrap();
    agree(&shop, "the migration");
}

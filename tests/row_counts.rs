//! The kept counts of `row_counts` and `day_counts` are the numbers of rows, whatever changes the rows: also statements of
//! another program.

use dvorik::clock::{Clock, Timestamp, Zone};
use dvorik::db::Database;
use dvorik::row_counts;
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
const DAY_TRUTH: &str = "
    SELECT 'registered' what, is_test, coalesce(campaign_id, 0) key, created_day day, count(*) rows FROM users GROUP BY 2, 3, 4
    UNION ALL SELECT 'subscribed', is_test, 0, created_day, sum(is_subscribed) FROM users GROUP BY 2, 4
    UNION ALL SELECT 'blocked', is_test, 0, created_day, count(bot_blocked_at) FROM users GROUP BY 2, 4
    UNION ALL SELECT 'clicks', u.is_test, k.campaign_id, k.day, count(*)
        FROM campaign_clicks k JOIN users u ON u.id = k.user_id GROUP BY 2, 3, 4
    UNION ALL SELECT 'issued', is_test, template_id, created_day, count(*) FROM discounts GROUP BY 2, 3, 4
    UNION ALL SELECT 'issued_campaign', d.is_test, u.campaign_id, d.created_day, count(*)
        FROM discounts d JOIN users u ON u.id = d.user_id AND u.campaign_id > 0 GROUP BY 2, 3, 4
    UNION ALL SELECT 'redeemed', r.is_test, d.template_id, r.day, sum(r.undone_at IS NULL)
        FROM redemptions r JOIN discounts d ON d.id = r.discount_id GROUP BY 2, 3, 4
    UNION ALL SELECT 'redeemed_hour', is_test, hour, day, sum(undone_at IS NULL) FROM redemptions GROUP BY 2, 3, 4
    UNION ALL SELECT 'redeemed_campaign', r.is_test, u.campaign_id, r.day, sum(r.undone_at IS NULL) FROM redemptions r
        JOIN discounts d ON d.id = r.discount_id JOIN users u ON u.id = d.user_id AND u.campaign_id > 0 GROUP BY 2, 3, 4";
const SEED: &str = "PRAGMA foreign_keys = off;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
    INSERT INTO users (telegram_id, is_test, name_norm, source, source_normalized, created_at, created_day, last_activity_at)
        SELECT 1000 + i, i % 5 = 0, '', 'direct', 'direct', '2026-01-01T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00Z' FROM n;
    INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type, source_kind,
            created_at, created_day, created_by, expires_at)
        SELECT printf('public-id-%010d', id), printf('АБВ%04d', id), id, 1, is_test, 1000, 'percent', 'single', 'manual',
            created_at, created_day, 'test', created_at FROM users;
    INSERT INTO campaigns (name, source_key, created_at) VALUES ('1', '1', '2026-01-01T00:00:00Z'),
        ('2', '2', '2026-01-01T00:00:00Z'), ('3', '3', '2026-01-01T00:00:00Z');
    UPDATE users SET campaign_id = nullif(id % 4, 0), created_day = printf('2026-01-%02d', 1 + id % 5), is_subscribed = id % 2;
    INSERT INTO campaign_clicks (campaign_id, user_id, at, day, is_new) SELECT 1 + id % 3, id, created_at, created_day, 0 FROM users;
    INSERT INTO redemptions (discount_id, is_single, is_test, actor, at, day, hour)
        SELECT id, id % 2, is_test, 'test', created_at, created_day, id % 24 FROM discounts WHERE id % 3;
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
    "UPDATE users SET is_subscribed = 1 - is_subscribed, bot_blocked_at = iif(bot_blocked_at IS NULL, created_at, NULL)
        WHERE id % 7 = :n % 7",
    "UPDATE users SET campaign_id = iif(campaign_id = 3, NULL, coalesce(campaign_id, 0) + 1) WHERE id % 7 = :n % 7",
    "UPDATE users SET created_day = '2026-01-07' WHERE id % 7 = :n % 7",
    "UPDATE discounts SET created_day = '2026-01-08' WHERE id % 7 = :n % 7",
    "UPDATE redemptions SET undone_at = iif(undone_at IS NULL, at, NULL) WHERE id % 7 = :n % 7",
    "UPDATE redemptions SET day = '2026-01-09', hour = 23 - hour WHERE id % 7 = :n % 7",
    "UPDATE redemptions SET is_test = 1 - is_test WHERE id % 7 = :n % 7",
    "DELETE FROM users WHERE id % 23 = :n % 23",
    "DELETE FROM campaign_clicks WHERE id % 23 = :n % 23 OR user_id NOT IN (SELECT id FROM users)",
    "DELETE FROM redemptions WHERE id % 23 = :n % 23 OR discount_id % 23 = :n % 23",
    "DELETE FROM discounts WHERE id % 23 = :n % 23",
    "DELETE FROM discount_usage_logs WHERE id % 23 = :n % 23",
    "DELETE FROM audit_log WHERE id % 23 = :n % 23",
];

fn kept_and_true(shop: &Connection) -> Vec<(String, i64, i64, i64)> {
    let mut statement = shop.prepare(TRUTH).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The sums of `day_figures` that are not the truth, and those that it lacks.
fn wrong_days(shop: &Connection) -> Vec<String> {
    let sql = format!(
        "WITH truth AS ({DAY_TRUTH}),
            told AS (SELECT what, is_test, key, day, sum(rows) rows FROM day_figures GROUP BY what, is_test, key, day)
        SELECT 'told ' || json_array(what, is_test, key, day, rows) FROM (SELECT * FROM told WHERE rows <> 0
            EXCEPT SELECT * FROM truth)
        UNION ALL SELECT 'true ' || json_array(what, is_test, key, day, rows) FROM (SELECT * FROM truth WHERE rows <> 0
            EXCEPT SELECT * FROM told)"
    );
    let mut statement = shop.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn agree(shop: &Connection, after: &str) {
    let wrong = wrong_days(shop);
    assert!(wrong.is_empty(), "after {after}: {wrong:#?}");
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
    let (zone, clock) = (Zone::parse("UTC").unwrap(), Clock::manual(Timestamp(0)));
    let db = Database::open(&path, zone, clock.clone()).unwrap();
    for n in 0..10 {
        // The first days are closed one after another, the others all at once.
        let day = if n < 5 { format!("2026-01-{:02}", 1 + n) } else { "2026-02-01".to_owned() };
        let noon = Timestamp::parse(&format!("{day}T12:00:00Z")).unwrap();
        clock.advance_ms((noon.0 - clock.now().0) * 1000);
        assert_eq!(db.write(row_counts::close_days).unwrap(), n < 6);
        agree(&shop, &day);
        for change in CHANGES {
            shop.execute(change, [(":n", n)].as_slice()).unwrap();
            agree(&shop, change);
        }
    }
    assert!(kept_and_true(&shop).iter().filter(|(.., rows)| *rows > 0).count() >= 8, "{:?}", kept_and_true(&shop));
    let kinds = "SELECT count(DISTINCT what) FROM day_counts WHERE rows > 0";
    assert_eq!(shop.query_row(kinds, [], |row| row.get::<_, i64>(0)).unwrap(), 9);
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
    let triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND (name LIKE '%\\_count\\_%' ESCAPE '\\' OR name LIKE '%\\_day\\_%' ESCAPE '\\')";
    let mut statement = shop.prepare(triggers).unwrap();
    let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    drop(statement);
    assert_eq!(names.len(), 23, "{names:?}");
    for name in names {
        shop.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    shop.execute_batch(
        "DROP VIEW day_figures; DROP TABLE row_counts; DROP TABLE day_counts;
        DELETE FROM meta WHERE key = 'figures.open_from'",
    )
    .unwrap();
    shop.execute_batch(include_str!("../migrations/V19__row_counts.sql")).unwrap();
    shop.execute_batch(include_str!("../migrations/V23__day_counts.sql")).unwrap();
    agree(&shop, "the migration");
    let open = "SELECT count(*) FROM day_counts WHERE what = 'redeemed_hour' AND rows > 0";
    assert!(shop.query_row(open, [], |row| row.get::<_, i64>(0)).unwrap() > 0, "all but the last day are closed");
}

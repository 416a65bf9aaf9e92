//! The migration on a shop that has lived: redemptions learn whose they are, indexes keep what they held.

use rusqlite::Connection;

/// A shop as the release before left it: one customer, a code redeemed and undone, redeemed again; another of a shared
/// code.
const LIVED: &str = "
    INSERT INTO users (id, telegram_id, is_test, name_norm, source, source_normalized, created_at, created_day, last_activity_at)
    VALUES (7, 7, 0, '', 'direct', 'direct', '2026-01-01T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00Z'),
           (9, 9, 1, '', 'direct', 'direct', '2026-01-01T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00Z');
    INSERT INTO discounts (id, public_id, code, user_id, template_id, is_test, value, value_type, usage_type, source_kind,
        created_at, created_day, created_by, expires_at)
    VALUES (1, 'public-id-000001', '0000001', 7, 3, 0, 1000, 'percent', 'single', 'manual', '2026-01-01T00:00:00Z',
            '2026-01-01', 'cli:test', '2027-01-01T00:00:00Z'),
           (2, 'public-id-000002', '0000002', 9, 3, 1, 1000, 'percent', 'shared', 'manual', '2026-01-01T00:00:00Z',
            '2026-01-01', 'cli:test', '2027-01-01T00:00:00Z');
    INSERT INTO redemptions (discount_id, is_single, is_test, actor, at, day, hour, undone_at)
    VALUES (1, 1, 0, 'cli:test', '2026-01-02T00:00:00Z', '2026-01-02', 0, '2026-01-02T00:00:00Z'),
           (1, 1, 0, 'cli:test', '2026-01-03T00:00:00Z', '2026-01-03', 0, NULL),
           (2, 0, 1, 'cli:test', '2026-01-04T00:00:00Z', '2026-01-04', 0, NULL);";

#[test]
fn redemptions_of_before_learn_whose_they_are() {
    let shop = Connection::open_in_memory().unwrap();
    shop.execute_batch(include_str!("../../migrations/V1__first_slice.sql")).unwrap();
    shop.execute_batch(include_str!("../../migrations/V2__whole_counter.sql")).unwrap();
    shop.execute_batch(LIVED).unwrap();
    shop.execute_batch(include_str!("../../migrations/V3__segments.sql")).unwrap();
    let mut people = shop.prepare("SELECT user_id FROM redemptions ORDER BY id").unwrap();
    let people: Vec<i64> = people.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(people, [7, 7, 9]);
    let standing =
        "SELECT count(*) FROM redemptions INDEXED BY redemptions_by_day WHERE is_test = 0 AND undone_at IS NULL";
    assert_eq!(shop.query_row(standing, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    let sound: String = shop.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

//! What a restore must not undo: whatever was redeemed, taken back, revoked, blocked or given since the backup stays so, as far
//! as the replaced database can be read; and what a backup must not bring in.

use std::fs;

use dvorik::campaign;
use dvorik::clock::Timestamp;
use dvorik::db::{Failure, Tx};
use dvorik::discount::{self, Issued};
use dvorik::ids::UserId;
use dvorik::realm::Realm;
use dvorik::user;

use crate::backup::{backs_up, files, judge, one, raw_sha, refuses, seen_at_a_terminal, sidecar};
use crate::cli::shop::{Shop, keys, person, words};
use crate::given;

const CONFIG: &str = "lang = \"ru\"\nshop_name = \"Дворик\"\n";

fn done(shop: &Shop, line: &str) {
    let ran = shop.runs(&words(line));
    assert_eq!(ran.code, 0, "{line}: {}{}", ran.out, ran.err);
}

fn redeem(shop: &Shop, code: &str) {
    done(shop, &format!("discount redeem {code}"));
}

/// The exit code of one more redemption of a code.
fn tried(shop: &Shop, code: &str) -> i32 {
    shop.runs(&["discount", "redeem", code]).code
}

/// Runs statements as another process would.
fn sql(shop: &Shop, statement: &str) {
    let statement = statement.to_owned();
    shop.database().write::<_, Failure, _>(move |tx| tx.change(&statement, []).map(drop)).unwrap();
}

/// A subscription gift and a birthday gift for Маша, as the bot and the job give them.
fn gifts(tx: &Tx<'_>) -> dvorik::error::Result<()> {
    discount::issue_subscription_gift(tx, &user::get(tx, UserId(1))?, None)?;
    let put = "INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type, source_kind,
            created_at, created_day, created_by, expires_at)
        SELECT 'birthday-gift-of-masha', 'АВС9999', 1, id, 0, 1500, 'percent', 'single', 'birthday',
            '2026-11-22T09:00:00Z', '2026-11-22', 'job:birthdays', '2999-01-01T00:00:00Z'
          FROM discount_templates WHERE name = 'birthday'";
    let gift = tx.insert(put, [])?;
    let ledger = "INSERT INTO birthday_gifts (user_id, year, day, discount_id) VALUES (1, 2026, '2026-11-22', ?1)";
    Ok(tx.change(ledger, [gift]).map(drop)?)
}

/// A newcomer with two codes, one of them used: the backup knows nothing of them.
fn newcomer(shop: &Shop) {
    let ira = person(501, "Ира", Some("ira"));
    shop.database().write(move |tx| campaign::arrive(tx, Realm::Real, &ira, None).map(drop)).unwrap();
    let code = || {
        let ran = shop.runs(&["discount", "issue", "@ira", "--template", "manual_10", "-q"]);
        ran.out.trim().to_owned()
    };
    let (first, _second) = (code(), code());
    redeem(shop, &first);
}

/// Codes of Маша by what happens to them after the backup.
struct Since {
    used: String,
    by_a_stranger: String,
    taken_back: String,
    used_and_taken_back: String,
    revoked: String,
    untouched: String,
}

/// A shop with a backup, and everything that may happen after one.
fn lives_on() -> (Shop, Since) {
    let shop = Shop::open();
    shop.configures(CONFIG);
    done(&shop, "cashier approve 1");
    let code = || shop.code("manual_10");
    let since = Since {
        used: code(),
        by_a_stranger: code(),
        taken_back: code(),
        used_and_taken_back: code(),
        revoked: code(),
        untouched: code(),
    };
    redeem(&shop, &since.taken_back);
    backs_up(&shop);
    for code in [&since.used, &since.by_a_stranger, &since.used_and_taken_back] {
        redeem(&shop, code);
    }
    let cashier = |id: i64, code: &str| {
        let statement = format!(
            "UPDATE redemptions SET actor = NULL, cashier_id = {id}
              WHERE discount_id = (SELECT id FROM discounts WHERE code = '{code}')"
        );
        sql(&shop, &statement);
    };
    cashier(1, &since.used);
    sql(
        &shop,
        "INSERT INTO cashiers (telegram_id, is_test, name, status, requested_at)
         VALUES (78, 0, 'Новая', 'active', '2026-11-22T09:00:00Z')",
    );
    cashier(2, &since.by_a_stranger);
    for code in [&since.taken_back, &since.used_and_taken_back] {
        done(&shop, &format!("discount undo {code}"));
    }
    done(&shop, &format!("discount revoke {}", since.revoked));
    done(&shop, "user block 2");
    given::mutes(&shop.database(), 42);
    shop.database().write(gifts).unwrap();
    newcomer(&shop);
    (shop, since)
}

#[test]
fn what_was_used_undone_revoked_or_given_since_the_backup_stays_so() {
    let (shop, since) = lives_on();
    let (code, shown) = seen_at_a_terminal(&shop, "backup restore last", "нет");
    assert_eq!(code, 130, "{shown}");
    for words in [
        "3 погашения после копии сохранятся",
        "2 отмены погашения сохранятся",
        "1 отзыв кода сохранится",
        "1 блокировка сохранится",
        "2 подарка после копии сохранятся",
        "; пропадут: 1 клиент, 2 кода, 1 погашение таких кодов",
    ] {
        assert!(shown.contains(words), "«{words}» is not in {shown}");
    }
    assert_eq!(files(&shop, "backups").len(), 2, "a restore that was not wanted leaves nothing behind");
    assert_eq!(shop.counts("SELECT count(*) FROM users"), 4);

    let answer = shop.runs(&["backup", "restore", "last", "--yes", "--json"]).json();
    let (carried, lost) = (&answer["after"]["carried"], &answer["after"]["lost"]);
    assert_eq!(keys(carried), ["blocks", "gifts", "redemptions", "revocations", "undos"]);
    let counts = |of: &serde_json::Value, names: &str| {
        words(names).into_iter().map(|name| of[name].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(counts(carried, "redemptions undos revocations blocks gifts"), [3, 2, 1, 1, 2]);
    assert_eq!(counts(lost, "customers codes redemptions"), [1, 2, 1]);

    assert_eq!(shop.counts("SELECT count(*) FROM users"), 3);
    assert_eq!(tried(&shop, &since.used), 5, "used since");
    assert_eq!(tried(&shop, &since.by_a_stranger), 5, "used since, by a cashier the backup does not know");
    assert_eq!(tried(&shop, &since.revoked), 5, "revoked since");
    for code in [&since.taken_back, &since.used_and_taken_back, &since.untouched] {
        assert_eq!(tried(&shop, code), 0, "it may be used, then and now");
    }
    let file = shop.path("dvorik.db");
    let by = |code: &str| {
        let sql = format!(
            "SELECT coalesce(actor, 'cashier:' || cashier_id) FROM redemptions r JOIN discounts d ON d.id = r.discount_id
              WHERE d.code = '{code}'"
        );
        one::<String>(&file, &sql)
    };
    assert_eq!((by(&since.used), by(&since.by_a_stranger)), ("cashier:1".into(), "restore".into()));
    assert_eq!(one::<String>(&file, "SELECT status FROM users WHERE id = 2"), "blocked");
    assert_eq!(one::<i64>(&file, "SELECT count(*) FROM users WHERE id = 1 AND muted_at IS NOT NULL"), 1);
    // Each redemption has its attempt, as at the counter.
    let attempts = "SELECT count(*) FROM redemptions r WHERE NOT EXISTS
        (SELECT 1 FROM discount_usage_logs l WHERE l.redemption_id = r.id AND l.status = 'success')";
    assert_eq!(one::<i64>(&file, attempts), 0);

    // The gifts are in their owners' hands, and are not given again.
    assert_eq!(
        one::<i64>(
            &file,
            "SELECT count(*) FROM birthday_gifts g JOIN discounts d ON d.id = g.discount_id
        WHERE g.user_id = 1 AND g.year = 2026 AND d.public_id = 'birthday-gift-of-masha'"
        ),
        1
    );
    let again = shop.database().write(|tx| discount::issue_subscription_gift(tx, &user::get(tx, UserId(1))?, None));
    assert!(!matches!(again, Ok(Issued::New(_))), "a second gift");
}

#[test]
fn whoever_lost_access_since_the_backup_does_not_get_it_back() {
    let shop = Shop::open();
    shop.configures(CONFIG);
    done(&shop, "cashier approve 1");
    sql(
        &shop,
        "INSERT INTO admins (telegram_id, name, role, status, created_at)
         VALUES (90, 'Вера', 'marketing', 'active', '2026-11-22T09:00:00Z'),
            (91, 'Надя', 'marketing', 'active', '2026-11-22T09:00:00Z')",
    );
    backs_up(&shop);
    done(&shop, "cashier suspend 1");
    done(&shop, "admin disable tg:90");
    done(&shop, "user block 2");
    let answer = shop.runs(&["backup", "restore", "last", "--yes", "--json"]).json();
    assert_eq!(answer["after"]["carried"]["blocks"], 3, "a customer, a cashier, an admin");
    let file = shop.path("dvorik.db");
    assert_eq!(one::<String>(&file, "SELECT status FROM cashiers WHERE id = 1"), "suspended");
    assert_eq!(one::<String>(&file, "SELECT status FROM admins WHERE telegram_id = 90"), "suspended");
    assert_eq!(one::<String>(&file, "SELECT status FROM admins WHERE telegram_id = 91"), "active");
}

#[test]
fn restoring_what_was_replaced_brings_everything_back() {
    let (shop, since) = lives_on();
    let all = "SELECT (SELECT count(*) FROM redemptions) * 1000 + (SELECT count(*) FROM discounts)";
    let before = shop.counts(all);
    let answer = shop.runs(&["backup", "restore", "last", "--yes", "--json"]).json();
    let kept = answer["before"]["kept"].as_str().unwrap().to_owned();
    redeem(&shop, &since.untouched);
    // The same redemptions are in both databases: only what is new is carried over, nothing twice.
    let back = shop.runs(&["backup", "restore", &kept, "--yes", "--json"]).json();
    assert_eq!(back["after"]["carried"]["redemptions"], 1);
    assert_eq!(back["after"]["lost"]["codes"], 0);
    assert_eq!(shop.counts(all), before + 1000);
    assert_eq!(tried(&shop, &since.untouched), 5);
}

#[test]
fn a_replaced_database_of_an_older_schema_is_read_as_well() {
    let (shop, other) = (Shop::bare(), Shop::bare());
    let live = shop.path("dvorik.db");
    let mut old = judge(&live);
    migrations(&mut old, 10);
    every_table_has_a_row(&old);
    old.execute_batch("PRAGMA application_id = 1146507851").unwrap();
    fs::copy(&live, other.path("dvorik.db")).unwrap();
    done(&other, "migrate");
    let copy = backs_up(&other);
    let redeem = "INSERT INTO redemptions (discount_id, user_id, is_single, is_test, actor, at, day, hour)
            VALUES (1, 1, 1, 0, 'cli:x', '2026-11-22T10:00:00Z', '2026-11-22', 20);
        UPDATE discounts SET redeemed_at = '2026-11-22T10:00:00Z' WHERE id = 1";
    old.execute_batch(redeem).unwrap();
    drop(old);
    let answer = shop.runs(&["backup", "restore", copy.to_str().unwrap(), "--yes", "--json"]).json();
    assert_eq!(answer["after"]["carried"]["redemptions"], 1, "{answer}");
    assert_eq!(one::<i64>(&live, "SELECT count(*) FROM redemptions r JOIN discounts d ON d.redeemed_at = r.at"), 1);
}

#[test]
fn what_may_come_back_to_life_is_said_and_can_be_revoked() {
    for (what, words) in [("missing", "Прежней базы нет"), ("damaged", "не читается"), ("newer", "более новая версия")]
    {
        let (shop, since) = lives_on();
        let live = shop.path("dvorik.db");
        match what {
            "missing" => fs::remove_file(&live).unwrap(),
            "damaged" => fs::write(&live, "not a database at all".repeat(500)).unwrap(),
            _ => judge(&live)
                .execute_batch("INSERT INTO refinery_schema_history VALUES (999, 'later', '2030-01-01', '1')")
                .unwrap(),
        }
        let (code, shown) = seen_at_a_terminal(&shop, "backup restore last", "нет");
        assert!(code == 130 && shown.contains(words), "{what}: {shown}");
        assert!(shown.contains("действуют 5 кодов") && shown.contains("--void-live"), "{what}: {shown}");
        if what == "missing" {
            let answer = shop.runs(&["backup", "restore", "last", "--yes", "--json"]).json();
            assert_eq!(answer["after"]["unread"]["why"], what);
            assert_eq!(tried(&shop, &since.used), 0, "nobody knows that it was used");
            continue;
        }
        let answer = shop.runs(&["backup", "restore", "last", "--void-live", "--yes", "--json"]).json();
        assert_eq!((&answer["after"]["voided"], &answer["after"]["carried"]), (&5.into(), &serde_json::Value::Null));
        for code in [&since.used, &since.untouched] {
            assert_eq!(tried(&shop, code), 5, "{what}");
        }
        assert_eq!(shop.counts("SELECT count(*) FROM discounts WHERE revoke_reason = 'restore'"), 5);
    }
}

/// A backup changed by `statement`, with a sidecar that vouches for it.
fn altered(shop: &Shop, name: &str, statement: &str) -> String {
    let backup = backs_up(shop);
    let path = shop.path(name);
    fs::copy(&backup, &path).unwrap();
    let hash = raw_sha(&fs::read(&path).unwrap());
    judge(&path).execute_batch(statement).unwrap();
    let bytes = fs::read(&path).unwrap();
    let length = fs::metadata(&backup).unwrap().len();
    let facts = fs::read_to_string(sidecar(&backup)).unwrap().replace(&hash, &raw_sha(&bytes));
    let facts = facts.replace(&format!("\"bytes\": {length}"), &format!("\"bytes\": {}", bytes.len()));
    fs::write(sidecar(&path), facts).unwrap();
    format!("./{name}")
}

#[test]
fn a_backup_with_foreign_or_altered_parts_is_refused() {
    let shop = Shop::open();
    for (number, (statement, what)) in [
        ("CREATE TRIGGER spy AFTER INSERT ON users BEGIN DELETE FROM redemptions; END", "trigger spy"),
        ("CREATE VIEW everybody AS SELECT * FROM users", "view everybody"),
        ("CREATE INDEX slow ON users (first_name)", "index slow"),
        ("DROP INDEX redemptions_once", "index redemptions_once"),
        ("DROP TRIGGER users_search_delete", "trigger users_search_delete"),
        ("ALTER TABLE cashiers ADD COLUMN secret TEXT", "table cashiers"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = altered(&shop, &format!("other{number}.db"), statement);
        let ran = refuses(&shop, &["backup", "restore", &name, "--yes", "--json"], 1, what);
        assert_eq!(ran.error()["details"]["problems"][0]["check"], "schema", "{}", ran.err);
        assert_eq!(shop.runs(&["backup", "verify", &name]).code, 1);
    }
    // What ANALYZE adds to a live database is nobody's secret.
    judge(&shop.path("dvorik.db")).execute_batch("ANALYZE").unwrap();
    backs_up(&shop);
    done(&shop, "backup restore last --yes");
}

#[test]
fn a_backup_with_rows_without_their_parents_is_refused() {
    let shop = Shop::open();
    let orphan = "PRAGMA foreign_keys = off; UPDATE user_tags SET user_id = 4242";
    done(&shop, "user tag 1 vip");
    let name = altered(&shop, "orphans.db", orphan);
    let ran = refuses(&shop, &["backup", "restore", &name, "--yes", "--json"], 1, "user_tags → users");
    assert_eq!(ran.error()["details"]["problems"][0]["check"], "foreign_keys");
    assert_eq!(shop.runs(&["backup", "verify", &name]).code, 1);
}

#[test]
fn a_database_of_the_tenth_migration_keeps_every_row_and_old_sqlite_finds_it_sound() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.db");
    let mut old = judge(&path);
    migrations(&mut old, 10);
    every_table_has_a_row(&old);
    let before = rows(&old);
    let (indices, triggers) = (objects(&old, "index"), objects(&old, "trigger"));
    drop(old);
    dvorik::db::migrate(&path).unwrap();

    let new = judge(&path);
    let after = rows(&new);
    for (table, old_rows) in &before {
        // A later migration may empty or add columns of its own; those rebuilt for their CHECKs keep each value.
        if ["discount_templates", "audit_log", "audit_personal", "conversation_states", "jobs"]
            .contains(&table.as_str())
        {
            assert_eq!(after.get(table), Some(old_rows), "{table}");
        }
        // Facts about the database itself may come to it.
        assert!(table == "meta" || after.get(table).map(Vec::len) == Some(old_rows.len()), "{table}");
    }
    let known = |kind: &str| objects(&new, kind);
    for (kind, old) in [("index", indices), ("trigger", triggers)] {
        let gone: Vec<_> = old.difference(&known(kind)).filter(|name| *name != "users_by_check").cloned().collect();
        assert_eq!(gone, Vec::<String>::new(), "{kind}es that are gone");
    }
    assert!(!new.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
    let parents: i64 = new
        .query_row(
            "SELECT count(*) FROM pragma_foreign_key_list('audit_personal') WHERE \"table\" = 'audit_log'",
            [],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(parents, 1, "the reference leads to the new table");
    drop(new);
    // The owner's own tool; Debian 12 has 3.40.
    let judged = std::process::Command::new("sqlite3").arg(&path).arg("PRAGMA integrity_check").output();
    let judged = judged.expect("the sqlite3 shell: apt-get install sqlite3");
    assert_eq!(String::from_utf8(judged.stdout).unwrap(), "ok\n", "{}", String::from_utf8_lossy(&judged.stderr));
}

/// The first migrations, as an older binary ran them.
fn migrations(connection: &mut rusqlite::Connection, newest: u32) {
    let mut scripts: Vec<_> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.to_owned();
            let version: u32 = name.strip_prefix('V')?.split_once("__")?.0.parse().ok()?;
            (version <= newest).then(|| {
                refinery::Migration::unapplied(name.trim_end_matches(".sql"), &fs::read_to_string(&path).unwrap())
                    .unwrap()
            })
        })
        .collect();
    scripts.sort();
    refinery::Runner::new(&scripts).run(connection).unwrap();
}

/// One row at least in each of the rebuilt tables and in those that refer to them, NULL where it may be.
fn every_table_has_a_row(old: &rusqlite::Connection) {
    let now = Timestamp::parse("2026-11-22T09:00:00Z").unwrap().to_string();
    let script = "
        INSERT INTO users (id, telegram_id, is_test, first_name, name_norm, source, source_normalized, created_at, created_day, last_activity_at)
            VALUES (1, 42, 0, 'Маша', 'маша', 'direct', 'direct', 'NOW', '2026-11-22', 'NOW');
        INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type, source_kind, created_at,
                created_day, created_by, expires_at)
            VALUES ('0123456789abcdef', 'АВС1234', 1, 3, 0, 1000, 'percent', 'single', 'manual', 'NOW', '2026-11-22', 'cli:x', 'NOW');
        INSERT INTO campaigns (name, source_key, template_id, created_at) VALUES ('x', 'vk', 3, 'NOW');
        INSERT INTO audit_log (id, at, actor, action, entity, before, after) VALUES (7, 'NOW', 'cli:x', 'a', 'user', NULL, '{\"a\":1}'),
            (9, 'NOW', 'cli:x', 'b', 'user', '{}', NULL), (11, 'NOW', 'cli:x', 'c', 'user', NULL, NULL);
        INSERT INTO audit_personal (audit_id, user_id, before, after) VALUES (9, 1, NULL, '{\"phone\":\"1\"}'), (11, 1, NULL, NULL);
        INSERT INTO conversation_states (bot, telegram_id, state, payload, expires_ms) VALUES ('customer', 42, 'birthday', NULL, 5);
        INSERT INTO jobs (name, since_ms, facts) VALUES ('cleanup', 1, NULL), ('backup', 2, '{\"bytes\":1}');
        INSERT INTO birthday_gifts VALUES (1, 2026, '2026-11-22', 1);
        INSERT INTO discount_reminders VALUES (1, -2, '2026-11-22')";
    old.execute_batch(&script.replace("NOW", &now)).unwrap();
}

/// All values of all tables as text.
fn rows(connection: &rusqlite::Connection) -> std::collections::BTreeMap<String, Vec<String>> {
    let names = objects(connection, "table");
    let ordinary = names.into_iter().filter(|name| !name.starts_with("user_search") && !name.starts_with("refinery"));
    let read = |table: String| {
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            (0..columns)
                .map(|at| row.get::<_, rusqlite::types::Value>(at))
                .map(|value| value.map(|v| format!("{v:?}")))
                .collect()
        };
        let values = statement.query_map([], row).unwrap().collect::<Result<Vec<String>, _>>().unwrap();
        (table, values)
    };
    ordinary.map(read).collect()
}

fn objects(connection: &rusqlite::Connection, kind: &str) -> std::collections::BTreeSet<String> {
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type = ?1").unwrap();
    statement.query_map([kind], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

//! `backup restore --bare`: a database file that nobody vouches for, from Litestream or from `sqlite3 .backup`. It becomes
//! the shop as a backup does, or it is refused with the next step, and nothing is half done.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use dvorik::access::{self, Scope};
use dvorik::actor::Actor;
use dvorik::db::{Failure, Tx};
use dvorik::ids::{AdminId, TelegramId};
use dvorik::staff::{self, Owner, Role};

use crate::backup::{files, judge, one, raw_sha, refuses, seen_at_a_terminal};
use crate::cli::shop::{Shop, words};

/// What Litestream adds to a database that it copies.
const LITESTREAM: &str = "CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER);
    CREATE TABLE _litestream_lock (id INTEGER); INSERT INTO _litestream_seq VALUES (1, 7)";

/// A copy of the shop's database by stock `sqlite3`, changed by `statement`; no sidecar.
pub fn bare(shop: &Shop, name: &str, statement: &str) -> PathBuf {
    let path = shop.path(name);
    let mut command = Command::new("sqlite3");
    command.arg(shop.path("dvorik.db")).arg(format!(".backup {name}")).current_dir(shop.path(""));
    let copied = command.output().expect("the sqlite3 shell: apt-get install sqlite3");
    assert!(copied.status.success() && copied.stderr.is_empty(), "{}", String::from_utf8_lossy(&copied.stderr));
    judge(&path).execute_batch(statement).unwrap();
    path
}

fn restores(shop: &Shop, path: &Path) -> serde_json::Value {
    let ran = shop.runs(&["backup", "restore", path.to_str().unwrap(), "--bare", "--yes", "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    ran.json()
}

/// A login token, a service token, an invitation, a letter that waits and one that was sent with a secret.
fn secrets(tx: &Tx<'_>) -> dvorik::error::Result<(String, String)> {
    staff::ensure_first_owner(tx, TelegramId(900))?;
    let login = access::issue_login_token(tx, AdminId(1), &Actor::Admin(AdminId(1)))?;
    staff::invite(tx, Role::Readonly, &Owner::of_shell("test"))?;
    tx.change(
        "INSERT INTO outbox (bot, chat_id, lane, kind, payload, not_before_ms, state, created_ms, settled_ms) VALUES
            ('customer', 43, 1, 'text', '{\"kind\":\"text\"}', 0, 'queued', 0, NULL),
            ('staff', 900, 0, 'text', '{\"html\":\"canary-letter\"}', 0, 'sent', 0, 1)",
        [],
    )?;
    let (_, service) = access::create_token(tx, "till", &[Scope::Redeem], None, &Owner::of_shell("test"))?;
    Ok((login, service))
}

#[test]
fn a_standby_is_promoted_from_a_bare_file_with_all_the_holds_of_a_restore() {
    let (first, standby) = (Shop::open(), Shop::bare());
    let code = first.code("manual_10");
    first.database().write(secrets).unwrap();
    let path = bare(&first, "follower.db", LITESTREAM);
    let before = raw_sha(&fs::read(&path).unwrap());

    let answer = restores(&standby, &path);
    let after = &answer["after"];
    assert_eq!((&after["unread"]["why"], &after["held"]), (&"missing".into(), &2.into()), "{answer}");
    assert_eq!(raw_sha(&fs::read(&path).unwrap()), before, "the file was changed");
    assert_eq!(after["sha256"], before);
    assert_eq!(files(&standby, "backups"), Vec::<String>::new());
    let live = standby.path("dvorik.db");
    assert!(!standby.path("dvorik.db-wal").exists());
    assert_eq!(one::<i64>(&live, "SELECT count(*) FROM users"), 3);
    assert_eq!(one::<i64>(&live, "SELECT count(*) FROM sqlite_schema WHERE name LIKE '\\_litestream%' ESCAPE '\\'"), 0);
    assert_eq!(one::<String>(&live, "PRAGMA integrity_check"), "ok");
    assert_eq!(one::<i64>(&live, "SELECT count(*) FROM outbox WHERE state = 'unknown'"), 2);
    assert_eq!(one::<i64>(&live, "SELECT count(*) FROM audit_log WHERE action = 'restore_backup'"), 1);
    // Nobody is logged in, and the old machine's secrets are gone from the bytes.
    for table in ["login_tokens", "invitations"] {
        assert_eq!(one::<i64>(&live, &format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    assert_eq!(one::<i64>(&live, "SELECT count(*) FROM service_tokens WHERE revoked_at IS NULL"), 0);
    let bytes = fs::read(&live).unwrap();
    assert!(!bytes.windows(13).any(|bytes| bytes == b"canary-letter"), "a letter that was sent is still there");
    // The code works once.
    assert_eq!([0, 5], [0, 1].map(|_| standby.runs(&["discount", "redeem", &code]).code));
}

#[test]
fn what_happened_since_is_carried_over_and_the_question_names_the_newest_row() {
    let shop = Shop::open();
    shop.configures("lang = \"ru\"\nshop_name = \"Дворик\"\n");
    let code = shop.code("manual_10");
    let path = bare(&shop, "copy.db", "UPDATE audit_log SET at = '2199-05-06T03:00:00Z'");
    assert_eq!(shop.runs(&["discount", "redeem", &code]).code, 0);
    let (ended, shown) = seen_at_a_terminal(&shop, "backup restore ./copy.db --bare", "нет");
    assert!(ended == 130 && shown.contains("06.05.2199 13:00") && shown.contains("1 погашение"), "{ended}: {shown}");
    assert_eq!(files(&shop, "backups"), Vec::<String>::new());
    let answer = restores(&shop, &path);
    assert_eq!(answer["after"]["carried"]["redemptions"], 1);
    assert!(answer["before"]["kept"].as_str().unwrap().contains("before-restore"), "{answer}");
    assert_eq!(shop.runs(&["discount", "redeem", &code]).code, 5);
}

#[test]
fn an_older_schema_is_migrated_on_the_way() {
    let shop = Shop::bare();
    let old = judge(&shop.path("old.db"));
    old.execute_batch(include_str!("../migrations/V1__first_slice.sql")).unwrap();
    let template = shop.path("new.db");
    dvorik::db::migrate(&template).unwrap();
    old.execute("ATTACH ?1 AS new", [template.to_str().unwrap()]).unwrap();
    old.execute_batch(
        "CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255));
         INSERT INTO refinery_schema_history SELECT * FROM new.refinery_schema_history WHERE version = 1",
    )
    .unwrap();
    drop(old);
    let answer = restores(&shop, &shop.path("old.db"));
    assert!(answer["after"]["migrated"][0].as_str().unwrap().contains("V2"), "{answer}");
    let drilled = shop.runs(&words("backup drill --file ./old.db"));
    assert!(
        drilled.code == 0 && drilled.out.starts_with("✓ Копия целая · схема 1 · "),
        "{}{}",
        drilled.out,
        drilled.err
    );
    assert_eq!(shop.runs(&["user", "list"]).code, 0);
}

/// Cuts or overwrites the file's bytes.
fn spoils(path: &Path, spoil: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    spoil(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_file_that_is_not_whole_or_not_ours_is_refused_with_the_next_step() {
    let shop = Shop::open();
    let at = |name: &str| shop.path(name);
    let sound = bare(&shop, "sound.db", "");
    fs::write(at("empty.db"), "").unwrap();
    fs::write(at("words.db"), "a shopping list ".repeat(600)).unwrap();
    judge(&at("photos.db")).execute_batch("CREATE TABLE photos (id); INSERT INTO photos VALUES (1)").unwrap();
    symlink(&sound, at("link.db")).unwrap();
    fs::create_dir(at("folder.db")).unwrap();
    spoils(&bare(&shop, "half.db", ""), |bytes| bytes.truncate(bytes.len() / 8192 * 4096));
    spoils(&bare(&shop, "torn.db", ""), |bytes| {
        let middle = bytes.len() / 8192 * 4096;
        bytes[middle..middle + 4096].fill(0);
    });
    let newer = "INSERT INTO refinery_schema_history VALUES (999, 'later', '2030-01-01', '1')";
    bare(&shop, "newer.db", newer);
    bare(&shop, "spied.db", "CREATE TRIGGER spy AFTER INSERT ON users BEGIN DELETE FROM redemptions; END");
    bare(&shop, "view.db", "CREATE VIEW _litestream_seq AS SELECT * FROM users");
    bare(&shop, "orphans.db", "PRAGMA foreign_keys = off; UPDATE users SET campaign_id = 4242");
    bare(&shop, "tokyo.db", "UPDATE meta SET value = 'Asia/Tokyo' WHERE key = 'timezone'");
    bare(&shop, "euro.db", "UPDATE meta SET value = 'EUR' WHERE key = 'currency'");
    for tail in ["-wal", "-journal"] {
        let beside = format!("{}{tail}", bare(&shop, &format!("log{tail}.db"), "").display());
        fs::write(beside, "the newest redemptions").unwrap();
    }
    for (name, code, what) in [
        ("empty.db", 1, "Файл пуст"),
        ("words.db", 1, "не копия dvorik"),
        ("photos.db", 1, "не копия dvorik"),
        ("link.db", 2, "обычный файл"),
        ("folder.db", 2, "обычный файл"),
        ("half.db", 1, "повреждена"),
        ("torn.db", 1, "повреждена"),
        ("newer.db", 1, "более новая версия"),
        ("spied.db", 1, "trigger spy"),
        ("view.db", 1, "view _litestream_seq"),
        ("orphans.db", 1, "users → campaigns"),
        ("tokyo.db", 78, "Asia/Tokyo"),
        ("euro.db", 78, "EUR"),
        ("log-wal.db", 1, "журнал"),
        ("log-journal.db", 1, "журнал"),
        ("nowhere.db", 3, "nowhere.db"),
    ] {
        let path = format!("./{name}");
        let ran = refuses(&shop, &["backup", "restore", &path, "--bare", "--yes", "--json"], code, what);
        assert!(ran.error()["hint"].as_str().is_some_and(|hint| hint.len() > 20), "{name}: no next step: {}", ran.err);
    }
    assert_eq!(files(&shop, "backups"), Vec::<String>::new());
    // Without --bare the same file needs its sidecar, and the way is named.
    let ran = refuses(&shop, &["backup", "restore", "./sound.db", "--yes"], 1, ".json");
    assert!(ran.err.contains("--bare"), "{}", ran.err);
    refuses(&shop, &["backup", "restore", "./sound.db", "--bare"], 2, "--yes");
    assert_eq!(shop.runs(&words("backup restore ./sound.db --bare --yes -q")).code, 0);
}

#[test]
fn a_file_that_is_written_while_it_is_read_is_refused() {
    let shop = Shop::open();
    let path = bare(&shop, "follower.db", "");
    let file = File::options().write(true).open(&path).unwrap();
    // Long enough to be read for many times the time of one write.
    file.set_len(64 << 20).unwrap();
    let follows = Arc::new(());
    let goes_on = Arc::downgrade(&follows);
    // Ends when `follows` is dropped, also by a failure below.
    std::thread::spawn(move || {
        let mut at = SystemTime::UNIX_EPOCH;
        while goes_on.strong_count() > 0 {
            at += Duration::from_millis(1);
            file.set_modified(at).unwrap();
        }
    });
    let ran = refuses(&shop, &words("backup restore ./follower.db --bare --yes"), 75, "в него писали");
    assert!(ran.err.contains("TERM"), "{}", ran.err);
}

#[test]
fn a_database_in_use_is_not_replaced() {
    let shop = Shop::open();
    bare(&shop, "copy.db", "");
    let database = shop.database();
    let ran = shop.runs(&words("backup restore ./copy.db --bare --yes"));
    assert_eq!(ran.code, 75, "{}", ran.err);
    assert!(database.read::<_, Failure, _>(|view| view.get("SELECT 1", [], |row| row.get::<_, i64>(0))).is_ok());
}

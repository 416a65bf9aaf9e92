//! `backup drill`: what a copy is worth, without touching the shop and without leaving anything.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use dvorik::campaign;
use dvorik::clock::{Clock, Timestamp};
use dvorik::locks::{self, Lock};
use dvorik::realm::Realm;
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};

use crate::backup::{backs_up, files, judge, refuses, sidecar};
use crate::bare::bare;
use crate::cli::shop::{Ran, Shop, keys, person, words};
use crate::harness::{PATIENCE, becomes_true};

fn drills(shop: &Shop, line: &str) -> Ran {
    shop.runs(&[words(line), vec!["--json"]].concat())
}

/// Runs statements as another process would; afterwards the database is one file.
fn sql(shop: &Shop, statement: &str) {
    judge(&shop.path("dvorik.db")).execute_batch(statement).unwrap();
}

/// A shop with a backup in which every row is from 09:00:00; since then came a customer, and a redemption 41 s later.
fn lives_on() -> Shop {
    let shop = Shop::open();
    let code = shop.code("manual_10");
    every_row_is_from(&shop, "2026-11-22T09:00:00Z");
    backs_up(&shop);
    let ira = person(501, "Ира", Some("ira"));
    shop.database().write(move |tx| campaign::arrive(tx, Realm::Real, &ira, None).map(drop)).unwrap();
    assert_eq!(shop.runs(&["discount", "redeem", &code]).code, 0);
    sql(
        &shop,
        "UPDATE users SET created_at = '2026-11-22T09:00:10Z' WHERE telegram_id = 501;
         UPDATE redemptions SET at = '2026-11-22T09:00:51Z'; UPDATE audit_log SET at = '2026-11-22T09:00:00Z'",
    );
    shop
}

fn every_row_is_from(shop: &Shop, at: &str) {
    let statement = "UPDATE users SET created_at = ':at'; UPDATE discounts SET created_at = ':at';
        UPDATE redemptions SET at = ':at'; UPDATE audit_log SET at = ':at'";
    sql(shop, &statement.replace(":at", at));
}

#[test]
fn a_backup_is_restored_beside_the_others_compared_and_removed() {
    let shop = Shop::open();
    shop.code("manual_10");
    let path = backs_up(&shop);
    let before = files(&shop, "backups");
    let ran = drills(&shop, "backup drill");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let found = ran.json();
    assert_eq!(found["schema"], "dvorik.backup.drill/1");
    let all = ["schema", "source", "sound", "behind_seconds", "missing", "newest"];
    assert_eq!(
        {
            let mut keys = keys(&found);
            keys.sort_unstable();
            keys
        },
        {
            let mut all = all;
            all.sort_unstable();
            all
        }
    );
    assert_eq!((&found["sound"], &found["behind_seconds"]), (&true.into(), &0.into()));
    let none = json!({ "users": 0, "discounts": 0, "redemptions": 0, "deliveries": 0, "audit_log": 0 });
    assert_eq!(found["missing"], none);
    assert!(found["newest"]["live"].is_string());
    assert_eq!(found["newest"]["live"], found["newest"]["copy"]);
    assert!(found["source"].as_str().unwrap().ends_with(path.file_name().unwrap().to_str().unwrap()));
    let said = shop.runs(&["backup", "drill"]).out;
    assert!(said.starts_with("✓ Копия целая · схема ") && said.ends_with("· не отстаёт\n"), "{said}");
    assert_eq!(files(&shop, "backups"), before, "something stays");
}

#[test]
fn what_the_copy_lacks_is_counted_by_row_and_too_far_behind_fails() {
    let shop = lives_on();
    let ran = drills(&shop, "backup drill last --max-behind 41");
    let found = ran.json();
    assert_eq!((ran.code, &found["behind_seconds"]), (0, &41.into()), "{}", ran.err);
    let missing = &found["missing"];
    let counts = ["users", "discounts", "redemptions", "deliveries", "audit_log"].map(|table| missing[table].as_i64());
    assert_eq!(counts, [Some(1), Some(0), Some(1), Some(0), Some(0)], "{found}");
    let newest = json!({ "live": "2026-11-22T09:00:51Z", "copy": "2026-11-22T09:00:00Z" });
    assert_eq!(found["newest"], newest);
    let said = shop.runs(&["backup", "drill"]).out.replace('\u{a0}', " ");
    assert!(said.contains("· отстаёт на 41 с\n  не хватает: погашения 1, клиенты 1\n"), "{said}");

    let late = drills(&shop, "backup drill --max-behind 40");
    assert_eq!((late.code, &late.json()["behind_seconds"]), (1, &41.into()));
    assert_eq!(late.error()["details"], json!({ "behind_seconds": 41, "max_behind": 40 }));
    assert!(late.error()["hint"].as_str().unwrap().contains("dvorik backup"), "{}", late.err);
}

#[test]
fn while_a_daemon_serves_the_lag_grows_and_a_stopped_shop_loses_nothing_more() {
    let shop = lives_on();
    let hour_ago = Clock::System.now().plus(-3600).to_string();
    sql(
        &shop,
        &format!(
            "UPDATE redemptions SET at = '{hour_ago}'; UPDATE users SET created_at = '{hour_ago}'
        WHERE telegram_id = 501; UPDATE audit_log SET at = '{hour_ago}'"
        ),
    );
    let behind = || drills(&shop, "backup drill --max-behind 100000").json()["behind_seconds"].as_i64().unwrap();
    assert_eq!(behind(), 0, "all that is missing was written in one second");
    let _serves = locks::take(&shop.path("dvorik.db"), Lock::Serve).unwrap();
    assert!((3600..3600 + 180).contains(&behind()), "{}", behind());
}

#[test]
fn what_is_written_during_the_drill_is_not_missing() {
    let shop = lives_on();
    let later = Timestamp(Clock::System.now().0 + 3600).to_string();
    sql(
        &shop,
        &format!(
            "UPDATE redemptions SET at = '{later}'; UPDATE users SET created_at = '{later}'
        WHERE telegram_id = 501; UPDATE audit_log SET at = '{later}'"
        ),
    );
    let found = drills(&shop, "backup drill").json();
    assert_eq!((&found["behind_seconds"], &found["missing"]["redemptions"]), (&0.into(), &0.into()));
}

#[test]
fn a_copy_that_is_not_whole_is_unsound_and_leaves_nothing_either() {
    let shop = Shop::open();
    let path = backs_up(&shop);
    let before = files(&shop, "backups");
    let unsound = |line: &str, what: &str| {
        let args = [words(line), vec!["--json"]].concat();
        let ran = refuses(&shop, &args, 1, what);
        let found: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((&found["sound"], &found["missing"]), (&false.into(), &Value::Null), "{line}");
        assert_eq!(files(&shop, "backups"), before, "{line}");
    };
    bare(&shop, "spied.db", "CREATE TRIGGER spy AFTER INSERT ON users BEGIN DELETE FROM redemptions; END");
    unsound("backup drill --file ./spied.db", "trigger spy");
    bare(&shop, "orphans.db", "PRAGMA foreign_keys = off; UPDATE users SET campaign_id = 4242");
    unsound("backup drill --file ./orphans.db", "users → campaigns");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    unsound("backup drill", "SHA-256");

    fs::remove_file(sidecar(&path)).unwrap();
    let before = files(&shop, "backups");
    refuses(&shop, &words("backup drill"), 1, ".json");
    bare(&shop, "tokyo.db", "UPDATE meta SET value = 'Asia/Tokyo' WHERE key = 'timezone'");
    refuses(&shop, &words("backup drill --file ./tokyo.db"), 78, "Asia/Tokyo");
    refuses(&shop, &words("backup drill --file ./nowhere.db"), 3, "nowhere.db");
    refuses(&shop, &words("backup drill last --file ./tokyo.db"), 2, "--file");
    assert_eq!(files(&shop, "backups"), before);
    assert_eq!(drills(&shop, "backup drill --file ./dvorik.db").code, 0, "the shop's own file is a whole copy of it");
}

/// A program in the place of Litestream: it names `database`, and restores by the command `restore`, to which `$7` is the
/// path of the copy.
fn litestream(shop: &Shop, database: &str, restore: &str) -> String {
    let path = shop.path("litestream");
    let script = format!(
        r#"#!/bin/sh
case "$*" in
    "databases -json -config ls.yml") printf '[{{"path": "{database}", "replica": "file"}}]' ;;
    "restore -integrity-check full -config ls.yml -o "*"/copy.db {database}") {restore} ;;
    *) echo "not understood: $*" >&2; exit 9 ;;
esac
"#
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn litestream_restores_its_own_copy_which_may_be_a_minute_behind() {
    let shop = lives_on();
    bare(&shop, "replica.db", "CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)");
    sql(&shop, "UPDATE users SET created_at = '2026-11-22T09:02:00Z' WHERE telegram_id = 501");
    let database = shop.path("dvorik.db").display().to_string();
    let program = litestream(&shop, &database, "/bin/cp replica.db \"$7\"");
    let run =
        |line: &str, program: &str| shop.runs_with(&[words(line), vec!["--json"]].concat(), &[("LITESTREAM", program)]);
    let ran = run("backup drill --litestream ls.yml", &program);
    assert_eq!(
        (ran.code, &ran.json()["sound"], &ran.json()["source"]),
        (0, &true.into(), &"ls.yml".into()),
        "{}",
        ran.err
    );
    assert_eq!(ran.json()["missing"]["users"], 0);

    // A redemption of 61 s ago is missing from the replica.
    let undone = "UPDATE discount_usage_logs SET redemption_id = NULL; DELETE FROM redemptions";
    judge(&shop.path("replica.db")).execute_batch(undone).unwrap();
    sql(&shop, "UPDATE users SET created_at = '2026-11-22T09:01:52Z' WHERE telegram_id = 501");
    let late = run("backup drill --litestream ls.yml", &program);
    assert_eq!((late.code, &late.json()["behind_seconds"]), (1, &61.into()), "{}", late.err);
    assert_eq!(run("backup drill --litestream ls.yml --max-behind 61", &program).code, 0);

    let before = files(&shop, "backups");
    let failing = litestream(&shop, &database, "echo 'time=x level=INFO' >&2; echo 'Error: no snapshots' >&2; exit 1");
    let failed = run("backup drill --litestream ls.yml", &failing);
    assert_eq!(failed.code, 1);
    assert!(failed.error()["message"].as_str().unwrap().ends_with("Error: no snapshots"), "{}", failed.err);
    let other = litestream(&shop, "/var/lib/dvorik/other.db", "exit 1");
    let other = run("backup drill --litestream ls.yml", &other);
    assert!(other.code == 78 && other.err.contains("/var/lib/dvorik/other.db"), "{}", other.err);
    let missing = run("backup drill --litestream ls.yml", "no-such-litestream");
    assert_eq!((missing.code, &missing.error()["code"]), (78, &"VALIDATION_ERROR".into()));
    assert!(missing.error()["hint"].as_str().unwrap().contains("litestream.io"), "{}", missing.err);
    assert_eq!(files(&shop, "backups"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_drill_is_swept_away_by_the_next_one_and_by_the_next_backup() {
    let shop = tokio::task::block_in_place(lives_on);
    let before = files(&shop, "backups");
    let database = shop.path("dvorik.db").display().to_string();
    let program = litestream(&shop, &database, ": >\"$7\"; : >begun; read line <gate");
    let made = Command::new("mkfifo").arg(shop.path("gate")).status().unwrap();
    assert!(made.success());
    for next in ["backup drill", "backup"] {
        let mut killed = shop.command(&words("backup drill --litestream ls.yml"));
        let mut killed =
            killed.env("LITESTREAM", &program).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        assert!(becomes_true(PATIENCE, async || shop.path("begun").exists()).await);
        rustix::process::kill_process(Pid::from_child(&killed), Signal::KILL).unwrap();
        killed.wait().unwrap();
        fs::remove_file(shop.path("begun")).unwrap();
        // Lets the program in the place of Litestream end.
        fs::write(shop.path("gate"), "\n").unwrap();
        let left = || {
            let names = files(&shop, "backups").into_iter().filter(|name| name.starts_with(".dvorik-drill-"));
            names.map(|name| shop.path("backups").join(name)).collect::<Vec<_>>()
        };
        let [directory] = &left()[..] else { panic!("the killed drill left {:?}", left()) };
        assert_eq!(fs::metadata(directory).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(shop.runs(&words(next)).code, 0);
        assert_eq!(left(), Vec::<std::path::PathBuf>::new(), "{next}");
    }
    assert!(files(&shop, "backups").len() > before.len());
}

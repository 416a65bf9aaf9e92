//! «One SQLite file» is meant literally: after an orderly end the file alone is the shop, no log of another file is
//! believed, and a daemon whose file is moved away stops before it confirms anything more. The judge reads copies of the
//! one file with plain SQLite.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;

use crate::cli::shop::{Shop, words};
use crate::given;
use crate::harness::{World, forgets_machine, number};

/// A query on a copy of the database file alone.
#[expect(clippy::disallowed_methods, reason = "the judge is stock SQLite on a copy")]
fn alone(database: &Path, sql: &str) -> i64 {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("copy.db");
    fs::copy(database, &copy).unwrap();
    let judge = Connection::open(&copy).unwrap();
    let sound: String = judge.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    judge.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn log(shop: &Shop) -> PathBuf {
    shop.path("dvorik.db-wal")
}

/// The database file's hash, read by another process: closing a handle here would drop SQLite's locks on it.
fn hash(shop: &Shop) -> String {
    let output = Command::new("sha256sum").arg(shop.path("dvorik.db")).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn after_every_command_the_file_alone_is_the_shop() {
    let shop = Shop::open();
    assert!(!log(&shop).exists(), "the library closes what it opened");
    fs::write(shop.path("people.csv"), "telegram_id,first_name\n501,Ира\n502,Оля\n").unwrap();
    let code = shop.code("manual_10");
    for (line, sql, count) in [
        ("migrate", "SELECT count(*) FROM users", 3),
        ("import users people.csv --yes", "SELECT count(*) FROM users", 5),
        ("user edit 1 --phone +79141234567", "SELECT count(*) FROM users WHERE phone IS NOT NULL", 1),
        ("user tag 1 vip", "SELECT count(*) FROM user_tags", 1),
        ("campaign create Листовка --key leaflet", "SELECT count(*) FROM campaigns", 1),
        ("settings set birthday_hour 11", "SELECT count(*) FROM settings WHERE key = 'birthday_hour'", 1),
        ("cashier approve 1", "SELECT count(*) FROM cashiers WHERE status = 'active'", 1),
        (&format!("discount redeem {code}"), "SELECT count(*) FROM redemptions", 1),
        (&format!("discount undo {code}"), "SELECT count(*) FROM redemptions WHERE undone_at IS NOT NULL", 1),
        (&format!("discount revoke {code}"), "SELECT count(*) FROM discounts WHERE revoked_at IS NOT NULL", 1),
        ("backup create", "SELECT count(*) FROM redemptions", 1),
        ("backup restore last --yes", "SELECT count(*) FROM audit_log WHERE action = 'restore_backup'", 1),
    ] {
        let ran = shop.runs(&words(line));
        assert_eq!(ran.code, 0, "{line}: {}{}", ran.out, ran.err);
        assert!(!log(&shop).exists(), "{line} leaves a log");
        assert_eq!(alone(&shop.path("dvorik.db"), sql), count, "{line}");
    }
    // Those that only read, and those that are refused.
    for line in [
        "user list",
        "doctor --offline",
        "status",
        "backup list",
        "discount show ААА1111",
        "user show 99",
        "migrate --status",
        "stats",
        "discount redeem ААА1111",
        "backup restore nothing.db --yes",
        "job run cleanup",
    ] {
        let ran = shop.runs(&words(line));
        assert!(!log(&shop).exists(), "{line} leaves a log: {}", ran.err);
    }
}

#[test]
fn commands_that_end_at_the_same_moment_leave_no_log() {
    let shop = Shop::open();
    for round in 0..number("DVORIK_TEST_ROUNDS").unwrap_or(6) {
        let start = |n: u64| {
            let mut command = shop.command(&["campaign", "create", "Листовка", "--key"]);
            let piped = command.arg(format!("t{round}x{n}")).stdout(Stdio::null()).stderr(Stdio::piped());
            piped.spawn().unwrap()
        };
        let running: Vec<Child> = (0..6).map(start).collect();
        for child in running {
            let ended = child.wait_with_output().unwrap();
            assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        }
        assert!(!log(&shop).exists(), "round {round}");
        let made = i64::try_from((round + 1) * 6).unwrap();
        assert_eq!(alone(&shop.path("dvorik.db"), "SELECT count(*) FROM campaigns"), made);
    }
}

#[test]
fn a_log_of_another_file_is_refused_with_the_cure() {
    let shop = Shop::open();
    let ran = shop.runs(&["backup", "-q"]);
    let copy = shop.path(ran.out.trim());
    // A daemon that was killed: the log is there, and needed.
    let database = shop.database();
    given::has_tags(&database, 42, &["vip"]);
    let kept = shop.path("kept-wal");
    assert!(Command::new("cp").arg(log(&shop)).arg(&kept).status().unwrap().success());
    drop(database);
    // Somebody restores with cp.
    fs::copy(&copy, shop.path("dvorik.db")).unwrap();
    fs::rename(&kept, log(&shop)).unwrap();
    let before = (hash(&shop), fs::read(log(&shop)).unwrap());
    for line in ["user list", "serve --no-bots", "migrate", "backup create", "user tag 1 x", "migrate --status"] {
        let ran = shop.runs(&words(line));
        assert_eq!((ran.code == 78 || ran.code == 1, ran.out.as_str()), (true, ""), "{line}: {}", ran.err);
        assert!(ran.err.contains("журнал другой базы"), "{line}: {}", ran.err);
        assert!(ran.err.contains("dvorik backup restore") && ran.err.contains(".db-wal.old"), "{line}: {}", ran.err);
    }
    let looked = shop.runs(&["doctor", "--offline"]);
    assert!(looked.code == 1 && looked.out.contains("журнал другой базы"), "{}", looked.out);
    assert_eq!((hash(&shop), fs::read(log(&shop)).unwrap()), before, "nothing was changed");

    // The cure as it is told.
    fs::rename(log(&shop), shop.path("dvorik.db-wal.old")).unwrap();
    assert_eq!(shop.counts("SELECT count(*) FROM users"), 3);
    // The other cure: the log goes with the file that is replaced.
    fs::copy(&copy, shop.path("dvorik.db")).unwrap();
    fs::rename(shop.path("dvorik.db-wal.old"), log(&shop)).unwrap();
    let ran = shop.runs(&["backup", "restore", "last", "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!log(&shop).exists());
    assert_eq!(alone(&shop.path("dvorik.db"), "SELECT count(*) FROM users"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_stopped_at_a_random_moment_leaves_one_whole_file() {
    let seed = number("DVORIK_TEST_SEED").unwrap_or_else(rand::random);
    println!("DVORIK_TEST_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut w = World::closed().await;
    let newcomer = w.people();
    let mut greeted = 0;
    for round in 0..number("DVORIK_TEST_STOPS").unwrap_or(5) {
        w.runs();
        // The first moments of its life as well, but never before it listens to signals.
        w.waits_for_log_times(" ready ", usize::try_from(round).unwrap() + 1).await;
        let people: Vec<_> = (0..rng.random_range(0..6)).map(|_| newcomer()).collect();
        for someone in &people {
            someone.opens(None);
        }
        let waits = rng.random_bool(0.5);
        for someone in people.iter().filter(|_| waits) {
            someone.hears("Привет").await;
            greeted += 1;
        }
        // The moment of the stop is the randomness itself.
        tokio::time::sleep(Duration::from_micros(rng.random_range(0..30_000))).await;
        assert_eq!(w.terminates().await, Some(0), "{}", w.log());
        let database = w.config().database.path.clone();
        assert!(!w.file("dvorik.db-wal").exists(), "round {round} left a log");
        let (known, told) = ("SELECT count(*) FROM users", "SELECT count(*) FROM outbox WHERE state = 'sent'");
        assert!(alone(&database, known) >= greeted && alone(&database, told) >= greeted, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_beside_a_daemon_leaves_the_log_to_it() {
    let mut w = World::closed().await;
    w.runs();
    w.waits_for_log(" ready ").await;
    let customer = w.customer("Анна");
    customer.opens(None);
    customer.hears("Привет").await;
    let (database, log) = (w.config().database.path.clone(), w.file("dvorik.db-wal"));
    let size = || fs::metadata(&log).unwrap().len();
    let written = || Command::new("sha256sum").arg(&database).output().unwrap().stdout;
    let (before, file) = (size(), written());
    for line in ["user tag 1 vip", "user list", "backup create"] {
        let ran = w.ran(&words(line));
        assert_eq!(ran.code, 0, "{line}: {}", ran.err);
    }
    assert!(size() >= before && written() == file, "a command has folded the daemon's log in");
    assert_eq!(w.terminates().await, Some(0));
    assert!(!log.exists());
    assert_eq!(alone(&database, "SELECT count(*) FROM user_tags"), 1);
}

/// What happens to the file under the daemon. Afterwards `kept` is the file it had open.
fn happens(what: &str, database: &Path, kept: &Path, other: &Path) {
    match what {
        "renamed" => fs::rename(database, kept).unwrap(),
        "removed" => {
            fs::hard_link(database, kept).unwrap();
            fs::remove_file(database).unwrap();
        }
        _ => {
            fs::hard_link(database, kept).unwrap();
            fs::rename(other, database).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_whose_file_is_moved_away_confirms_nothing_more_and_ends() {
    for what in ["renamed", "removed", "replaced"] {
        let mut w = World::closed().await;
        w.runs();
        let cashier = w.cashier("Пётр").await;
        let (_, first) = w.customer_with_code("Анна").await;
        let (_, second) = w.customer_with_code("Мария").await;
        cashier.says(&first);
        cashier.hears(&first).await;
        cashier.presses("Погасить");
        cashier.hears("Погашено").await;
        cashier.says(&second);
        cashier.hears(&second).await;
        let (database, kept, other) = (w.config().database.path.clone(), w.file("kept.db"), w.file("other.db"));
        let made = w.ran(&["backup", "-o", other.to_str().unwrap()]);
        assert_eq!(made.code, 0, "{}", made.err);

        happens(what, &database, &kept, &other);
        let began = Instant::now();
        // It ends by itself, also while nobody writes.
        if what == "renamed" {
            cashier.presses("Погасить");
        }
        assert_eq!(w.has_ended().await, Some(1), "{what}: {}", w.log());
        let took = began.elapsed();
        assert!(took < Duration::from_secs(2), "{what}: it went on for {took:?}");
        assert!(w.log().contains("перемещён, удалён или заменён"), "{what}: {}", w.log());
        assert!(cashier.may_hear("Погашено", Duration::ZERO).await.is_none(), "{what}: confirmed into a lost file");
        assert_eq!(alone(&kept, "SELECT count(*) FROM redemptions"), 1, "{what}: what was confirmed is in the file");
    }
}

/// What every command that opens a file from its user must do with a pipe and a device: refuse, and never wait for it.
#[test]
fn a_pipe_or_a_device_is_refused_wherever_a_file_is_named() {
    let shop = Shop::open();
    assert!(Command::new("mkfifo").arg(shop.path("pipe")).status().unwrap().success());
    let refused = |file: &str, line: &str, variables: &[(&str, &str)], code: i32| {
        // `timeout` ends a command that waits with 124.
        let mut command = Command::new("timeout");
        command.args(["--kill-after=1", "20", env!("CARGO_BIN_EXE_dvorik")]).args(words(line));
        command.current_dir(shop.path("")).stdin(Stdio::null());
        forgets_machine(&mut command);
        command.envs(variables.iter().copied());
        let ran = command.output().unwrap();
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(code), "{line} {variables:?} on {file}: {said}");
        assert!(said.contains("обычный файл") || said.contains("not a regular file"), "{line} {variables:?}: {said}");
    };
    for file in ["pipe", "/dev/zero"] {
        refused(file, &format!("-c {file} user list"), &[("DVORIK_LANG", "ru")], 78);
        for key in ["BOTS__CUSTOMER__TOKEN_FILE", "SECURITY__JWT_SECRET_FILE", "SECURITY__INTERNAL_API_KEY_FILE"] {
            let secret = (format!("DVORIK_{key}"), file.to_owned());
            shop.configures("lang = \"ru\"\n");
            refused(file, "user list", &[(&secret.0, &secret.1)], 78);
        }
        refused(file, "user list", &[("DVORIK_DATABASE__PATH", file)], 78);
        refused(file, &format!("message edit welcome --text-file {file}"), &[], 2);
        refused(file, &format!("import users {file}"), &[], 2);
        let path = if file == "pipe" { "./pipe" } else { file };
        refused(file, &format!("backup verify {path}"), &[], 2);
    }
}

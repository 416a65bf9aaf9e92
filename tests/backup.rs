//! Backups as an owner makes, doubts and restores them: the real binary on real files, while somebody else writes.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use dvorik::actor::Actor;
use dvorik::backup;
use dvorik::clock::{Clock, Timestamp, Zone};
use dvorik::db::backup::alone;
use dvorik::db::{Database, Failure, Tx};
use dvorik::ids::{AdminId, TelegramId, UserId};
use dvorik::locks::{self, Lock};
use dvorik::secret::sha256;
use dvorik::{access, erasure, staff};
use rusqlite::Connection;
use serde_json::Value;

use crate::cli::shop::{Ran, Shop, keys, words};
use crate::harness::{PATIENCE, ends_in_time, forgets_machine};

const CONFIG: &str = "lang = \"ru\"\nshop_name = \"Дворик\"\n";

/// The shop's database and its log. Read by another process: reading a file here would drop the locks SQLite has on it.
#[derive(PartialEq, Eq, Debug)]
struct Bytes(Vec<String>);

impl Bytes {
    fn of(shop: &Shop) -> Self {
        let hash = |name: &str| {
            let output = Command::new("sha256sum").arg(shop.path(name)).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        // An empty log is no log.
        let is_empty = fs::metadata(shop.path("dvorik.db-wal")).map_or(0, |found| found.len()) == 0;
        Self([hash("dvorik.db"), if is_empty { String::new() } else { hash("dvorik.db-wal") }].into())
    }
}

pub fn backs_up(shop: &Shop) -> PathBuf {
    let ran = shop.runs(&["backup", "-q"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    shop.path("").join(ran.out.trim())
}

pub fn sidecar(backup: &Path) -> PathBuf {
    backup.with_extension("json")
}

pub fn files(shop: &Shop, directory: &str) -> Vec<String> {
    let entries = fs::read_dir(shop.path(directory)).map(|all| all.map(|entry| entry.unwrap().file_name()));
    let mut names: Vec<_> = entries.into_iter().flatten().map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[expect(clippy::disallowed_methods, reason = "the judge is stock SQLite on a copy")]
pub fn judge(file: &Path) -> Connection {
    Connection::open(file).unwrap()
}

pub fn one<T: rusqlite::types::FromSql>(file: &Path, sql: &str) -> T {
    judge(file).query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Waits until the connections this process has dropped are closed: their thread folds the log in when it ends. Where a
/// test holds one open, this only waits in vain.
fn rests(shop: &Shop) {
    drop(alone(&shop.path("dvorik.db")));
}

/// Refused with this exit code and these words, and the database is byte by byte what it was.
pub fn refuses(shop: &Shop, args: &[&str], code: i32, words: &str) -> Ran {
    rests(shop);
    refuses_now(shop, args, code, words)
}

/// The same of a database that nobody has open for certain.
fn refuses_now(shop: &Shop, args: &[&str], code: i32, words: &str) -> Ran {
    let (before, beside) = (Bytes::of(shop), files(shop, ""));
    let ran = shop.runs(args);
    assert_eq!(ran.code, code, "{args:?}: {} {}", ran.out, ran.err);
    assert!(ran.err.contains(words), "{args:?}: {}", ran.err);
    assert_eq!(Bytes::of(shop), before, "{args:?} touched the database");
    let left: Vec<_> =
        files(shop, "").into_iter().filter(|name| !beside.contains(name) && !name.contains(".lock")).collect();
    assert!(left.iter().all(|name| name.ends_with("-shm") || name.ends_with("-wal")), "{args:?} left {left:?}");
    ran
}

#[test]
fn a_backup_is_a_private_checked_file_with_a_sidecar() {
    let shop = Shop::open();
    let ran = shop.runs(&["backup", "create", "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let made = ran.json();
    let facts = "bytes compared counts created_at migration path sha256 version";
    assert_eq!((&made["schema"], keys(&made["after"])), (&"dvorik.backup.create/1".into(), words(facts)));
    let path = shop.path("").join(made["after"]["path"].as_str().unwrap());
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("dvorik-2") && name.ends_with("Z.db"), "{name}");
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777, 0o700);
    for file in [&path, &sidecar(&path)] {
        assert_eq!(fs::metadata(file).unwrap().mode() & 0o777, 0o600);
    }
    let written: Value = serde_json::from_slice(&fs::read(sidecar(&path)).unwrap()).unwrap();
    assert_eq!((&written["schema"], &written["sha256"]), (&"dvorik.backup.file/1".into(), &made["after"]["sha256"]));
    assert_eq!((&written["compared"], &written["counts"]["users"]), (&true.into(), &3.into()));
    assert_eq!(one::<String>(&path, "PRAGMA integrity_check"), "ok");
    assert_eq!(one::<i64>(&path, "SELECT count(*) FROM users"), 3);
    assert_eq!(files(&shop, "backups").len(), 2);
}

#[test]
fn a_script_gets_the_path_alone() {
    let shop = Shop::open();
    for args in [&["backup"][..], &["backup", "create"], &["backup", "-q"]] {
        let out = shop.runs(args).out;
        let made = shop.path(out.strip_suffix('\n').unwrap());
        assert!(made.is_file() && !out.trim().contains(['\n', '\t']), "{args:?}: {out}");
    }
}

/// A file of three gibibytes, of which the disk holds one page.
fn huge(shop: &Shop, backup: &Path) -> PathBuf {
    let path = shop.path("huge.db");
    fs::copy(backup, &path).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_len(3 << 30).unwrap();
    path
}

#[test]
fn what_no_sidecar_vouches_for_is_refused_before_it_is_read() {
    let shop = Shop::open();
    let path = backs_up(&shop);
    let huge = huge(&shop, &path);
    let quickly = |words: &str| {
        let began = std::time::Instant::now();
        for verb in ["restore", "verify"] {
            let mut args = vec!["backup", verb, "./huge.db"];
            args.extend((verb == "restore").then_some("--yes"));
            refuses(&shop, &args, 1, words);
        }
        // Reading and copying it takes a minute; looking at it, milliseconds.
        assert!(began.elapsed() < std::time::Duration::from_secs(8), "{:?}", began.elapsed());
    };
    quickly(".json");
    fs::copy(sidecar(&path), shop.path("huge.json")).unwrap();
    quickly("SHA-256");
    fs::remove_file(shop.path("huge.json")).unwrap();
    fs::write(&huge, vec![b'x'; 4096]).unwrap();
    quickly("не копия dvorik");
    // An empty file is nobody's: what it lacks is a sidecar.
    for (bytes, words) in [("", ".json"), ("x", "не копия dvorik")] {
        fs::write(&huge, bytes).unwrap();
        quickly(words);
    }
}

#[test]
fn backups_are_listed_newest_first_and_verified() {
    let shop = Shop::open();
    assert_eq!(shop.runs(&["backup", "list", "--json"]).json()["total"], 0);
    let none = shop.runs(&["backup", "verify", "--json"]);
    assert_eq!((none.code, &none.error()["code"]), (3, &"NOT_FOUND".into()));
    let (first, second) = (backs_up(&shop), backs_up(&shop));
    assert_ne!(first, second);
    let listed = shop.runs(&["backups"]);
    assert_eq!(listed.out.lines().next(), Some("name\tcreated_at\tbytes\tstate\tkind\tpath"));
    let names: Vec<_> = shop.runs(&["backup", "list", "-q"]).out.lines().map(str::to_owned).collect();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(names, [name(&second), name(&first)]);
    for reference in ["last", &name(&first), name(&first).trim_end_matches(".db"), first.to_str().unwrap()] {
        let ran = shop.runs(&["backup", "verify", reference, "--json"]);
        assert_eq!((ran.code, &ran.json()["ok"]), (0, &true.into()), "{reference}");
    }
    let verified = shop.runs(&["backup", "verify", &name(&first), "--json"]).json();
    let written: Value = serde_json::from_slice(&fs::read(sidecar(&first)).unwrap()).unwrap();
    assert_eq!(verified["created_at"], written["created_at"]);
    let near = shop.runs(&["backup", "verify", &name(&first).replace("dvorik", "dvorig")]);
    assert!(near.code == 3 && near.err.contains("Возможно"), "{}", near.err);
    fs::write(&first, "x").unwrap();
    fs::remove_file(sidecar(&second)).unwrap();
    let states: Vec<_> = shop.runs(&["backup", "list", "--json"]).json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["state"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(states, ["unverified", "damaged"]);
}

#[test]
fn a_backup_goes_where_it_is_sent_and_replaces_nothing() {
    let shop = Shop::open();
    let there = shop.path("there.db");
    assert_eq!(shop.runs(&["backup", "-o", "there.db", "-q"]).out, "there.db\n");
    assert_eq!(shop.runs(&["backup", "verify", "./there.db"]).code, 0);
    let bytes = fs::read(&there).unwrap();
    refuses(&shop, &["backup", "-o", "there.db"], 5, "уже есть");
    refuses(&shop, &["backup", "-o", "dvorik.db"], 5, "уже есть");
    symlink("nowhere", shop.path("link.db")).unwrap();
    refuses(&shop, &["backup", "-o", "link.db"], 5, "уже есть");
    refuses(&shop, &["backup", "-o", "no/such/there.db"], 1, "no/such");
    assert_eq!(fs::read(&there).unwrap(), bytes);
    fs::create_dir(shop.path("disk")).unwrap();
    assert_eq!(shop.runs(&["backup", "-o", "disk"]).code, 0);
    assert_eq!(files(&shop, "disk").len(), 2);
}

#[test]
fn a_disk_that_takes_no_more_leaves_no_half_backup() {
    let shop = Shop::open();
    // Signals that are ignored stay ignored over exec: writing past the limit then fails as on a full disk.
    let limited = |blocks: &str| {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {} backup", env!("CARGO_BIN_EXE_dvorik"));
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(shop.path(""));
        forgets_machine(&mut command);
        ends_in_time(&mut command)
    };
    shop.database().write(many_tags).unwrap();
    // The first fails in the copy, the others wherever they come to.
    for blocks in ["64", "200", "600"] {
        let ran = limited(blocks);
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!((ran.status.code(), ran.stdout.len()), (Some(1), 0), "{blocks}: {said}");
        assert!(said.contains('✗') && !said.contains("panicked"), "{said}");
        assert_eq!(files(&shop, "backups"), Vec::<String>::new(), "{blocks}");
    }
    assert_eq!(limited("100000").status.code(), Some(0));
    assert_eq!(files(&shop, "backups").len(), 2);
}

/// Two megabytes of rows.
fn many_tags(tx: &Tx<'_>) -> Result<(), Failure> {
    (0..20_000).try_for_each(|number| {
        let tag = format!("{number:032}");
        tx.change("INSERT INTO user_tags (user_id, tag) VALUES (1, ?1)", [tag]).map(drop)
    })
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let shop = Shop::open();
    fs::write(shop.path("backups"), "").unwrap();
    refuses(&shop, &["backup"], 1, "backups");
    refuses(&shop, &["backup", "list"], 1, "backups");
    let none = Shop::bare();
    assert_eq!(none.runs(&["backup"]).code, 78);
    assert!(!none.path("dvorik.db").exists());
}

#[test]
fn no_secret_is_in_a_backup() {
    let shop = Shop::open();
    let database = shop.database();
    let token = database
        .write(|tx| {
            staff::ensure_first_owner(tx, TelegramId(900))?;
            let token = access::issue_login_token(tx, AdminId(1), &Actor::Admin(AdminId(1)))?;
            let put = "INSERT INTO outbox (bot, chat_id, lane, kind, payload, not_before_ms, state, created_ms)
                VALUES ('staff', 900, 0, 'text', ?1, 0, ?2, 0)";
            for state in ["queued", "sent"] {
                tx.change(put, (format!("{{\"html\":\"{token} {}\"}}", "x".repeat(9000)), state))?;
            }
            Ok::<_, dvorik::error::Error>(token)
        })
        .unwrap();
    assert!(fs::read(shop.path("dvorik.db-wal")).unwrap().windows(32).any(|bytes| bytes == token.as_bytes()));
    let path = backs_up(&shop);
    let bytes = fs::read(&path).unwrap();
    for secret in [token.clone(), sha256(&token), "canary".to_owned()] {
        assert!(!bytes.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "a secret was backed up");
    }
    assert_eq!(one::<i64>(&path, "SELECT count(*) FROM login_tokens"), 0);
    assert_eq!(one::<i64>(&path, "SELECT count(*) FROM outbox"), 2);
    assert_eq!(shop.runs(&["backup", "verify"]).code, 0);
}

/// Writes numbered rows until told to stop; what is counted has been acknowledged.
struct Busy {
    acknowledged: Arc<AtomicI64>,
    stop: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Busy {
    fn over(database: &Database) -> Self {
        let (acknowledged, stop) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicBool::new(false)));
        let write = |database: Database, acknowledged: Arc<AtomicI64>, stop: Arc<AtomicBool>| {
            while !stop.load(Ordering::SeqCst) {
                let put = "INSERT INTO subscription_checks (user_id, checked_at, result)
                    VALUES (1, '2026-11-22T09:00:00Z', 'subscribed')";
                let id = database.write::<_, Failure, _>(move |tx| tx.insert(put, [])).unwrap();
                acknowledged.fetch_max(id, Ordering::SeqCst);
            }
        };
        let start = |_| {
            let (database, acknowledged, stop) = (database.clone(), Arc::clone(&acknowledged), Arc::clone(&stop));
            std::thread::spawn(move || write(database, acknowledged, stop))
        };
        Self { threads: (0..4).map(start).collect(), acknowledged, stop }
    }

    fn so_far(&self) -> i64 {
        self.acknowledged.load(Ordering::SeqCst)
    }

    /// Returns once there is more than `before`.
    fn goes_on_after(&self, before: i64) {
        let began = std::time::Instant::now();
        while self.so_far() <= before {
            assert!(began.elapsed() < PATIENCE, "nothing is written any more");
            std::thread::yield_now();
        }
    }

    fn ends(self) {
        self.stop.store(true, Ordering::SeqCst);
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

#[test]
fn twenty_backups_made_under_load_restore_with_everything_acknowledged() {
    let (shop, other) = (Shop::open(), Shop::open());
    let database = shop.database();
    let busy = Busy::over(&database);
    let mut in_motion = 0;
    for _ in 0..20 {
        let before = busy.so_far();
        busy.goes_on_after(before);
        let acknowledged = busy.so_far();
        let path = backs_up(&shop);
        in_motion += i64::from(busy.so_far() > acknowledged);
        let ran = other.runs(&["backup", "restore", path.to_str().unwrap(), "--yes", "--json"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        let live = other.path("dvorik.db");
        assert!(!other.path("dvorik.db-wal").exists());
        assert_eq!(one::<String>(&live, "PRAGMA integrity_check"), "ok");
        let rows: i64 = one(&live, "SELECT count(*) FROM subscription_checks");
        assert!(rows >= acknowledged, "{rows} rows of {acknowledged} acknowledged");
        assert_eq!(one::<i64>(&live, "SELECT max(id) FROM subscription_checks"), rows, "a row is missing");
        let orphans = judge(&live).prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap();
        assert!(!orphans);
        assert_eq!(one::<i64>(&live, "SELECT count(*) FROM audit_log WHERE action = 'restore_backup'"), 1);
    }
    busy.ends();
    assert!(in_motion > 10, "nobody wrote while backups were made");
    assert_eq!(files(&other, "").iter().filter(|name| name.starts_with('.')).count(), 0, "left over");
    assert_eq!(files(&other, "backups").len(), 40);
}

#[test]
fn a_restore_brings_back_what_was_and_can_be_undone() {
    let shop = Shop::open();
    let before = backs_up(&shop);
    assert_eq!(shop.runs(&["campaign", "create", "Листовка", "--key", "leaflet"]).code, 0);
    let ran = shop.runs(&["backup", "restore", "last", "--yes", "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let answer = ran.json();
    let kept = answer["before"]["kept"].as_str().unwrap().to_owned();
    assert!(
        kept.contains("dvorik-before-restore-") && answer["next"].to_string().contains("backup restore dvorik-before")
    );
    assert_eq!(shop.counts("SELECT count(*) FROM campaigns"), 0);
    let name = before.file_name().unwrap().to_str().unwrap().to_owned();
    let audited = "SELECT count(*) FROM audit_log WHERE action = 'restore_backup' AND entity = 'backup'";
    assert_eq!(shop.counts(audited), 1);
    assert_eq!(shop.runs(&["backup", "verify", &kept]).code, 0);
    assert_eq!(shop.runs(&["discount", "issue", "@masha_k", "--template", "manual_10"]).code, 0);
    let kept_name = Path::new(&kept).file_name().unwrap().to_str().unwrap();
    assert_eq!(shop.runs(&["backup", "restore", kept_name, "--yes"]).code, 0);
    assert_eq!(shop.counts("SELECT count(*) FROM campaigns"), 1);
    assert_eq!(shop.counts("SELECT count(*) FROM discounts"), 0);
    // What restores replaced is in the list, but it is not what `last` means.
    let last = shop.runs(&["backup", "verify", "last", "--json"]).json();
    assert!(last["path"].as_str().unwrap().ends_with(&name));
    let listed = shop.runs(&["backup", "list", "--json"]).json();
    let mut kinds: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["before_restore", "before_restore", "ordinary"]);
    let mode = fs::metadata(shop.path("dvorik.db")).unwrap().mode() & 0o777;
    assert_eq!((mode, one::<String>(&shop.path("dvorik.db"), "PRAGMA journal_mode")), (0o600, "wal".into()));
}

#[test]
fn a_lost_or_destroyed_database_comes_back() {
    let shop = Shop::open();
    backs_up(&shop);
    // The log of a lost file must not be taken for the restored one's: this one would be believed.
    let log = {
        let database = shop.database();
        let late = "UPDATE users SET phone = '+79990000000'";
        database.write::<_, Failure, _>(move |tx| tx.change(late, []).map(drop)).unwrap();
        fs::read(shop.path("dvorik.db-wal")).unwrap()
    };
    rests(&shop);
    fs::remove_file(shop.path("dvorik.db")).unwrap();
    fs::write(shop.path("dvorik.db-wal"), log).unwrap();
    let ran = shop.runs(&["backup", "restore", "last", "--yes", "--json"]);
    assert_eq!((ran.code, &ran.json()["before"]["kept"]), (0, &Value::Null), "{}", ran.err);
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE phone IS NULL"), 3);
    for (seed, garbage) in
        [b"not a database at all".repeat(500), flipped(&shop.path("dvorik.db"), 7)].iter().enumerate()
    {
        fs::write(shop.path("dvorik.db"), garbage).unwrap();
        let ran = shop.runs(&["backup", "restore", "last", "--yes", "--json"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{seed}");
        let kept = ran.json()["before"]["kept"].as_str().unwrap().to_owned();
        assert!(kept.ends_with(".damaged"), "{kept}");
        assert_eq!(&fs::read(shop.path("").join(kept)).unwrap(), garbage);
        assert_eq!(shop.counts("SELECT count(*) FROM users"), 3);
    }
}

/// `sqlite3` or a torn copy can leave a database with its history of migrations and without some of its tables.
#[test]
fn half_a_database_is_called_damaged_and_a_backup_brings_it_back() {
    let shop = Shop::open();
    backs_up(&shop);
    for table in ["users", "meta", "outbox", "told"] {
        rests(&shop);
        judge(&shop.path("dvorik.db"))
            .execute_batch(&format!("PRAGMA foreign_keys = off; DROP TABLE {table}"))
            .unwrap();
        for line in ["user list", "status", "settings set support_contact @x", "serve --no-bots", "migrate"] {
            let args: Vec<&str> = line.split(' ').collect();
            let ran = refuses(&shop, &args, 78, "База повреждена");
            assert!(ran.err.contains("dvorik backup restore last"), "{table}, {line}: {}", ran.err);
        }
        refuses(&shop, &["backup"], 1, "База повреждена, исправной копии с неё не сделать");
        let doctor = shop.runs(&["doctor", "--offline", "--json"]);
        let items = doctor.json()["items"].as_array().unwrap().clone();
        let told = items.iter().find(|item| item["check"] == "database").unwrap();
        assert_eq!(
            (doctor.code, &told["finding"], &told["next"]),
            (1, &"incomplete".into(), &"dvorik backup restore last".into())
        );
        assert!(told["detail"].as_str().unwrap().contains(&format!("table {table}")), "{told}");
        let restored = shop.runs(&["backup", "restore", "last", "--yes"]);
        assert_eq!(restored.code, 0, "{table}: {}", restored.err);
        assert_eq!(shop.runs(&["user", "list", "-q"]).out, "2\n1\n", "{table}");
    }
}

/// The file with random bytes in most of its pages, its header among them every other time.
fn flipped(file: &Path, seed: usize) -> Vec<u8> {
    let mut bytes = fs::read(file).unwrap();
    let pages = bytes.len() / 4096;
    let mut state = seed as u64 * 2 + 1;
    for _ in 0..pages * 2 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (state >> 20) as usize % bytes.len();
        let at = if seed % 2 == 1 { at.max(4096) } else { at };
        bytes[at] ^= 1 + (state >> 50) as u8 % 255;
    }
    bytes
}

#[test]
fn a_damaged_backup_is_named_and_never_restored() {
    let shop = Shop::open();
    let path = backs_up(&shop);
    let (whole, facts) = (fs::read(&path).unwrap(), fs::read_to_string(sidecar(&path)).unwrap());
    let hash = serde_json::from_str::<Value>(&facts).unwrap()["sha256"].as_str().unwrap().to_owned();
    let mut unsound = 0;
    for seed in 0..30 {
        let bytes = flipped(&path, seed);
        fs::write(&path, &bytes).unwrap();
        let ran = shop.runs(&["backup", "verify", "last", "--json"]);
        assert_eq!(ran.code, 1, "{seed}");
        assert_eq!(ran.error()["details"]["problems"][0]["check"], "sha256", "{seed}");
        refuses(&shop, &["backup", "restore", "last", "--yes"], 1, "✗");
        // Even one whose hash somebody has made fit.
        let fit = raw_sha(&bytes);
        fs::write(sidecar(&path), facts.replace(&hash, &fit)).unwrap();
        unsound += i32::from(shop.runs(&["backup", "verify", "last"]).code == 1);
        fs::write(sidecar(&path), &facts).unwrap();
        fs::write(&path, &whole).unwrap();
    }
    assert!(unsound >= 28, "integrity alone found only {unsound} of 30");
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    refuses(&shop, &["backup", "restore", "last", "--yes"], 1, "✗");
    fs::write(&path, &whole).unwrap();
    assert_eq!(shop.runs(&["backup", "verify"]).code, 0);
}

#[test]
fn damage_that_only_a_full_check_sees_is_found() {
    let shop = Shop::open();
    let path = backs_up(&shop);
    let mut bytes = fs::read(&path).unwrap();
    let hash = raw_sha(&bytes);
    // The name stands in the table and in its index; now they differ.
    let at = bytes.windows(7).position(|seen| seen == b"masha_k").unwrap();
    bytes[at] = b'M' + 1;
    fs::write(&path, &bytes).unwrap();
    let facts = fs::read_to_string(sidecar(&path)).unwrap().replace(&hash, &raw_sha(&bytes));
    fs::write(sidecar(&path), facts).unwrap();
    let ran = refuses(&shop, &["backup", "restore", "last", "--yes", "--json"], 1, "users_by_username");
    assert_eq!(ran.error()["details"]["problems"][0]["check"], "integrity");
}

pub fn raw_sha(bytes: &[u8]) -> String {
    dvorik::secret::sha256_copy(&mut &*bytes, &mut std::io::sink()).unwrap().0
}

#[test]
fn rows_that_are_missing_are_counted() {
    let shop = Shop::open();
    let path = backs_up(&shop);
    let hash = raw_sha(&fs::read(&path).unwrap());
    judge(&path).execute("DELETE FROM cashiers", []).unwrap();
    let bytes = fs::read(&path).unwrap();
    let facts = fs::read_to_string(sidecar(&path)).unwrap().replace(&hash, &raw_sha(&bytes));
    fs::write(sidecar(&path), facts).unwrap();
    let ran = shop.runs(&["backup", "verify", "--json"]);
    let problems = &ran.error()["details"]["problems"];
    assert_eq!((ran.code, &problems[0]["check"]), (1, &"counts".into()));
    assert_eq!(problems[0]["what"], "cashiers: 1, 0");
    judge(&path).execute("PRAGMA foreign_keys = off", []).unwrap();
    refuses(&shop, &["backup", "restore", "last", "--yes"], 1, "cashiers: 1, 0");
}

#[test]
fn only_a_backup_of_this_shop_is_restored() {
    let shop = Shop::open();
    let path = backs_up(&shop);
    let restore = |reference: &str, code, words: &str| {
        drop(refuses(&shop, &["backup", "restore", reference, "--yes"], code, words))
    };
    restore("nothing.db", 3, "nothing.db");
    symlink(&path, shop.path("link.db")).unwrap();
    symlink(sidecar(&path), shop.path("link.json")).unwrap();
    restore("./link.db", 2, "обычный файл");
    restore("backups", 2, "обычный файл");
    assert!(Command::new("mkfifo").arg(shop.path("pipe.db")).status().unwrap().success());
    restore("./pipe.db", 2, "обычный файл");

    fs::copy(&path, shop.path("alone.db")).unwrap();
    restore("./alone.db", 1, ".json");
    fs::write(shop.path("text.db"), "hello").unwrap();
    fs::write(shop.path("empty.db"), "").unwrap();
    restore("./text.db", 1, "не копия dvorik");
    restore("./empty.db", 1, ".json");
    judge(&shop.path("other.db")).execute_batch("CREATE TABLE notes (text)").unwrap();
    restore("./other.db", 1, "не копия dvorik");

    fs::copy(&path, shop.path("newer.db")).unwrap();
    let later = "INSERT INTO refinery_schema_history VALUES (999, 'later', '2030-01-01', '1')";
    judge(&shop.path("newer.db")).execute_batch(later).unwrap();
    let fit = |hash: &Path| raw_sha(&fs::read(hash).unwrap());
    let facts = fs::read_to_string(sidecar(&path)).unwrap().replace(&fit(&path), &fit(&shop.path("newer.db")));
    fs::write(shop.path("newer.json"), facts).unwrap();
    restore("./newer.db", 1, "более новая");

    shop.configures(&format!("{CONFIG}timezone = \"Europe/Moscow\"\n"));
    restore("last", 78, "Asia/Vladivostok");
}

#[test]
fn a_pipe_with_the_name_of_a_drill_stops_no_backup() {
    let shop = Shop::open();
    fs::create_dir(shop.path("backups")).unwrap();
    let pipe = shop.path("backups/.dvorik-drill-x");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    backs_up(&shop);
    assert!(pipe.exists(), "what is no drill's stays");
}

#[test]
fn a_program_too_old_for_the_database_names_the_way_back_and_the_way_works() {
    let later = "INSERT INTO refinery_schema_history VALUES (999, 'later', '2030-01-01', '1')";
    let shop = Shop::open();
    judge(&shop.path("dvorik.db")).execute_batch(later).unwrap();
    let refused = shop.runs(&["user", "list"]);
    assert_eq!(refused.code, 78, "{}", refused.err);
    assert!(refused.err.contains("install.sh") && !refused.err.contains("restore"), "{}", refused.err);

    let shop = Shop::open();
    let name = backs_up(&shop).file_name().unwrap().to_str().unwrap().to_owned();
    judge(&shop.path("dvorik.db")).execute_batch(later).unwrap();
    let refused = shop.runs(&["user", "list", "--json"]);
    let hint = refused.error()["hint"].as_str().unwrap().to_owned();
    assert!(refused.code == 78 && hint.ends_with(&format!("dvorik backup restore {name} --void-live")), "{hint}");
    let back = shop.runs(&["backup", "restore", &name, "--void-live", "--yes"]);
    assert_eq!(back.code, 0, "{}", back.err);
    assert_eq!(shop.runs(&["user", "list"]).code, 0);
}

#[test]
fn nothing_is_restored_while_somebody_works_on_the_database() {
    let shop = Shop::open();
    backs_up(&shop);
    let live = shop.path("dvorik.db");
    for lock in [Lock::Serve, Lock::Sender] {
        let _held = locks::take(&live, lock).unwrap();
        let ran = refuses(&shop, &["backup", "restore", "last", "--yes"], 75, "Сначала остановите");
        assert!(ran.err.contains(&std::process::id().to_string()), "{}", ran.err);
    }
    let database = shop.database();
    // An open connection is enough, and the log has something in it that must survive the refusal.
    database
        .write::<_, Failure, _>(|tx| tx.change("UPDATE users SET phone = '+79990000000' WHERE id = 1", []))
        .unwrap();
    refuses(&shop, &["backup", "restore", "last", "--yes"], 75, "Базу открыла другая команда");
    drop(database);
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE phone IS NOT NULL"), 1);
}

#[test]
fn whoever_opened_the_old_file_and_waited_writes_into_neither() {
    let shop = Shop::open();
    let path = backs_up(&shop);
    rests(&shop);
    // Opened, not read yet: as a command that waits for the restore's lock.
    let late = judge(&shop.path("dvorik.db"));
    let ran = shop.runs(&["backup", "restore", "last", "--yes", "-q"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let write = late.execute("UPDATE users SET phone = '+79990000000'", []).unwrap_err();
    assert_eq!(write.sqlite_error_code(), Some(rusqlite::ErrorCode::ReadOnly), "{write}");
    let to_wal = late.pragma_update(None, "journal_mode", "wal").unwrap_err();
    assert_eq!(to_wal.sqlite_error_code(), Some(rusqlite::ErrorCode::ReadOnly), "{to_wal}");
    drop(late);
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE phone IS NULL"), 3);
    assert_eq!(one::<String>(&shop.path("dvorik.db"), "PRAGMA integrity_check"), "ok");
    assert!(path.exists());
}

#[test]
fn a_restore_needs_the_shops_name_or_yes() {
    let shop = Shop::open();
    shop.configures(CONFIG);
    backs_up(&shop);
    for args in [vec!["backup", "restore", "last"], vec!["backup", "restore", "last", "--no-input"]] {
        refuses(&shop, &args, 2, "--yes");
    }
    let typed = |answer: &str| {
        rests(&shop);
        let before = Bytes::of(&shop);
        let code = at_a_terminal(&shop, "backup restore last", answer);
        (code, Bytes::of(&shop) == before)
    };
    assert_eq!(typed("y"), (130, true));
    assert_eq!(typed("дворик"), (130, true));
    assert_eq!(typed("Дворик"), (0, false));
    assert_eq!(shop.counts("SELECT count(*) FROM audit_log WHERE action = 'restore_backup'"), 1);
}

/// Runs the binary with a terminal and a typed line; its exit code.
fn at_a_terminal(shop: &Shop, command: &str, answer: &str) -> i32 {
    seen_at_a_terminal(shop, command, answer).0
}

/// The same, and what was shown.
pub fn seen_at_a_terminal(shop: &Shop, command: &str, answer: &str) -> (i32, String) {
    use std::io::Write;
    let line = format!("{} {command}", env!("CARGO_BIN_EXE_dvorik"));
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(shop.path(""));
    forgets_machine(&mut script);
    script.env("PATH", "/usr/bin:/bin");
    script.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut running = script.spawn().unwrap();
    writeln!(running.stdin.as_mut().unwrap(), "{answer}").unwrap();
    let ended = running.wait_with_output().unwrap();
    (ended.status.code().unwrap(), String::from_utf8(ended.stdout).unwrap())
}

/// As a daemon that was killed: the last write is in the log only.
fn leaves_a_log(shop: &Shop) {
    let database = shop.database();
    let late = "UPDATE users SET phone = '+79990000000'";
    database.write::<_, Failure, _>(move |tx| tx.change(late, []).map(drop)).unwrap();
    let (from, to) = (shop.directory.path(), shop.path("killed"));
    fs::create_dir(&to).unwrap();
    let copied = Command::new("cp").arg(from.join("dvorik.db")).arg(from.join("dvorik.db-wal")).arg(&to).status();
    assert!(copied.unwrap().success());
    drop(database);
    rests(shop);
    for file in ["dvorik.db", "dvorik.db-wal"] {
        fs::rename(to.join(file), from.join(file)).unwrap();
    }
    assert!(fs::metadata(from.join("dvorik.db-wal")).unwrap().len() > 0);
}

#[test]
fn a_failed_copy_of_what_is_there_stops_the_restore() {
    let shop = Shop::open();
    let path = backs_up(&shop);
    leaves_a_log(&shop);
    let aside = shop.path("aside.db");
    fs::rename(sidecar(&path), shop.path("aside.json")).unwrap();
    fs::rename(&path, &aside).unwrap();
    fs::remove_dir(shop.path("backups")).unwrap();
    fs::write(shop.path("backups"), "").unwrap();
    refuses_now(&shop, &["backup", "restore", aside.to_str().unwrap(), "--yes"], 1, "backups");
}

#[test]
fn who_was_erased_stays_erased_and_old_letters_are_not_sent_again() {
    let shop = Shop::open();
    let waiting = |tx: &Tx<'_>| {
        let put = "INSERT INTO outbox (bot, chat_id, lane, kind, payload, not_before_ms, created_ms)
            VALUES ('customer', 43, 1, 'text', '{\"kind\":\"text\"}', 0, 0)";
        tx.change(put, []).map(drop)
    };
    shop.database().write::<_, Failure, _>(waiting).unwrap();
    backs_up(&shop);
    let erase = |tx: &Tx<'_>| {
        tx.change("DELETE FROM outbox", [])?;
        erasure::erase(tx, UserId(1), &sha256("42"), &Actor::Cli("masha".into())).map(drop)
    };
    shop.database().write(erase).unwrap();
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE telegram_id = 42"), 0);
    let answer = shop.runs(&["backup", "restore", "last", "--yes", "--json"]).json();
    assert_eq!((&answer["after"]["erased"], &answer["after"]["held"]), (&1.into(), &1.into()));
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE telegram_id = 42 OR first_name = 'Маша'"), 0);
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE telegram_id = 43"), 1);
    assert_eq!(shop.counts("SELECT count(*) FROM erased_people"), 1);
    assert_eq!(shop.counts("SELECT count(*) FROM outbox WHERE state = 'unknown'"), 1);
    assert_eq!(shop.counts("SELECT count(*) FROM outbox"), 1);
}

/// A database as the first release left it.
fn first_release(shop: &Shop) {
    let connection = judge(&shop.path("dvorik.db"));
    connection.execute_batch("PRAGMA journal_mode = wal").unwrap();
    connection.execute_batch(include_str!("../migrations/V1__first_slice.sql")).unwrap();
    let history = "CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY, name VARCHAR(255),
        applied_on VARCHAR(255), checksum VARCHAR(255))";
    connection.execute_batch(history).unwrap();
    let template = shop.path("new.db");
    dvorik::db::migrate(&template).unwrap();
    connection.execute("ATTACH ?1 AS new", [template.to_str().unwrap()]).unwrap();
    let copy = "INSERT INTO refinery_schema_history SELECT * FROM new.refinery_schema_history WHERE version = 1";
    connection.execute(copy, []).unwrap();
}

#[test]
fn migrating_makes_a_backup_first_or_does_nothing() {
    let shop = Shop::bare();
    first_release(&shop);
    fs::write(shop.path("backups"), "").unwrap();
    let ran = refuses(&shop, &["migrate", "--json"], 1, "backups");
    assert!(ran.error()["message"].as_str().unwrap().contains("База не обновлена"));
    let serving = shop.runs(&["serve", "--migrate", "--no-bots"]);
    assert_eq!(serving.code, 1, "{}", serving.err);
    assert!(shop.runs(&["migrate", "--status", "--json"]).json()["pending"].as_i64().unwrap() > 0);
    fs::remove_file(shop.path("backups")).unwrap();

    let ran = shop.runs(&["migrate", "--json"]);
    let answer = ran.json();
    assert_eq!(ran.code, 0, "{}", ran.err);
    let backup = answer["after"]["backup"].as_str().unwrap().to_owned();
    assert!(answer["next"].to_string().contains("dvorik backup restore dvorik-2"), "{answer}");
    let facts = shop.runs(&["backup", "verify", &backup, "--json"]).json();
    assert_eq!((&facts["ok"], &facts["migration"]), (&true.into(), &1.into()));
    assert_eq!(shop.runs(&["migrate", "--json"]).json()["after"]["backup"], Value::Null);
    assert_eq!(files(&shop, "backups").len(), 2, "a backup without a need");

    // What was made then can be restored now: it is migrated on the way.
    let answer = shop.runs(&["backup", "restore", &backup, "--yes", "--json"]).json();
    assert!(answer["after"]["migrated"][0].as_str().unwrap().contains("V2"), "{answer}");
    assert_eq!(shop.runs(&["user", "list"]).code, 0);
}

#[test]
fn old_backups_are_thinned_out_by_days_and_weeks() {
    let shop = Shop::open();
    shop.configures("[backup]\nkeep_daily = 2\nkeep_weekly = 0\n");
    let path = backs_up(&shop);
    for day in 10..20 {
        let name = shop.path(&format!("backups/dvorik-202611{day}T030000Z.db"));
        fs::copy(&path, &name).unwrap();
        fs::copy(sidecar(&path), sidecar(&name)).unwrap();
    }
    // A damaged one neither counts nor goes; what is not ours is not seen.
    fs::write(shop.path("backups/dvorik-20261120T030000Z.db"), "").unwrap();
    fs::write(shop.path("backups/notes.db"), "").unwrap();
    let all = files(&shop, "backups").len();
    let tried = shop.runs(&["backup", "prune", "-n", "--json"]).json();
    assert_eq!((tried["after"]["removed"].as_array().unwrap().len(), &tried["changed"]), (9, &false.into()));
    assert_eq!(shop.runs(&["backup", "prune"]).code, 2);
    assert_eq!(at_a_terminal(&shop, "backup prune", "n"), 130);
    assert_eq!(files(&shop, "backups").len(), all);
    assert_eq!(at_a_terminal(&shop, "backup prune", "y"), 0);
    assert_eq!(files(&shop, "backups").len(), all - 18);
    assert!(shop.path("backups/dvorik-20261119T030000Z.db").exists() && path.exists());
    let again = shop.runs(&["backup", "prune", "--yes", "--json"]).json();
    assert_eq!((&again["changed"], again["after"]["kept"].as_array().unwrap().len()), (&false.into(), 3));
}

#[test]
fn the_day_the_last_backup_of_somebody_goes_is_known_whatever_is_kept() {
    let shop = Shop::open();
    let path = backs_up(&shop);
    // A Sunday.
    let at = |text| Timestamp::parse(text).unwrap();
    let name = shop.path("backups/dvorik-20261122T030000Z.db");
    fs::rename(sidecar(&path), sidecar(&name)).unwrap();
    fs::rename(&path, &name).unwrap();
    for (daily, weekly, gone) in [(1, 0, "2026-11-23"), (20, 0, "2026-12-12"), (1, 6, "2026-12-28")] {
        shop.configures(&format!("[backup]\nkeep_daily = {daily}\nkeep_weekly = {weekly}\n"));
        let holds = |since| backup::holding(&shop.config(), at(since), at("2026-11-22T04:00:00Z")).unwrap();
        let holding = holds("2026-11-22T03:00:00Z");
        assert_eq!(holding.names, ["dvorik-20261122T030000Z.db"]);
        assert_eq!(holding.gone_on, gone.parse().ok(), "{daily} {weekly}");
        assert_eq!(holds("2026-11-22T03:00:01Z"), backup::Holding::default(), "made before they came");
    }
    // Made while the clock was two days ahead.
    let ahead = shop.path("backups/dvorik-before-restore-20261124T030000Z.db");
    fs::rename(sidecar(&name), sidecar(&ahead)).unwrap();
    fs::rename(&name, &ahead).unwrap();
    shop.configures("[backup]\nkeep_daily = 2\nkeep_weekly = 0\n");
    let holding = backup::holding(&shop.config(), at("2026-11-22T03:00:00Z"), at("2026-11-22T04:00:00Z")).unwrap();
    assert_eq!(holding.gone_on, "2026-11-26".parse().ok());
}

#[test]
fn roots_backups_belong_to_whom_the_database_belongs_to() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let shop = Shop::open();
    for file in files(&shop, "").iter().filter(|name| name.starts_with("dvorik.db")) {
        chown(shop.path(file), Some(4242), Some(4242)).unwrap();
    }
    let path = backs_up(&shop);
    assert_eq!(shop.runs(&["backup", "restore", "last", "--yes"]).code, 0);
    let all = files(&shop, "backups").into_iter().map(|name| shop.path("backups").join(name));
    for file in all.chain([shop.path("backups"), path, shop.path("dvorik.db")]) {
        let found = fs::metadata(&file).unwrap();
        assert_eq!((found.uid(), found.gid()), (4242, 4242), "{}", file.display());
        assert_eq!(found.permissions().mode() & 0o077, 0);
    }
}

/// A command whose `database.path` names a backup must not change the backup: its checksum would fit no more.
#[test]
fn a_backup_that_is_looked_into_stays_byte_by_byte_what_it_was() {
    let shop = Shop::open();
    shop.code("manual_10");
    let path = backs_up(&shop);
    let before = fs::read(&path).unwrap();
    let named = [("DVORIK_DATABASE__PATH", path.to_str().unwrap())];
    let looks = [
        "user list",
        "user show 1",
        "discount list",
        "stats",
        "status",
        "settings list",
        "message list",
        "audit list",
        "backup list",
    ];
    for line in
        looks.into_iter().chain(["doctor --offline", "migrate --status", "backup verify last", "backup drill last"])
    {
        let args: Vec<&str> = line.split(' ').collect();
        let ran = shop.runs_with(&args, &named);
        assert!(ran.code == 0 || line.starts_with("doctor"), "{line}: {} {}", ran.out, ran.err);
        assert!(fs::read(&path).unwrap() == before, "{line} changed the backup");
    }
    for line in [
        "user tag 1 vip",
        "settings set support_contact @x",
        "migrate",
        "serve --no-bots",
        "serve --migrate --no-bots",
        "backup restore last --yes",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        let ran = shop.runs_with(&args, &named);
        assert!(ran.code == 78 && ran.err.contains("dvorik backup restore"), "{line}: {} {}", ran.code, ran.err);
        assert!(fs::read(&path).unwrap() == before, "{line} changed the backup");
    }
    let elsewhere = shop.runs_with(&["user", "list"], &[named[0], ("DVORIK_TIMEZONE", "Asia/Tokyo")]);
    assert_eq!(elsewhere.code, 78, "another zone: {}", elsewhere.err);
    assert_eq!(shop.runs(&["backup", "verify", "last"]).code, 0);
}

#[test]
fn a_backup_put_in_place_by_hand_works_like_any_database() {
    let shop = Shop::open();
    let path = backs_up(&shop);
    for name in ["dvorik.db", "dvorik.db-wal", "dvorik.db-shm"] {
        let _ = fs::remove_file(shop.path(name));
    }
    fs::copy(&path, shop.path("dvorik.db")).unwrap();
    let zone = Zone::parse("Asia/Vladivostok").unwrap();
    let database = Database::open(&shop.path("dvorik.db"), zone, Clock::System).unwrap();
    let mode =
        database.read::<_, Failure, _>(|view| view.get("PRAGMA journal_mode", [], |row| row.get::<_, String>(0)));
    assert_eq!(mode.unwrap(), "wal");
    drop(database);
    // Also with the backup's checksum file beside it: what has been served is the shop.
    fs::copy(path.with_extension("json"), shop.path("dvorik.json")).unwrap();
    let tagged = shop.runs(&["settings", "set", "support_contact", "@shop"]);
    assert_eq!(tagged.code, 0, "{}", tagged.err);
}

//! Power cuts and a disk that fails. The real daemon runs under strace; the judge replays what it asked the disk to do, keeps
//! only what it had made durable at the instant of the cut, and opens that with plain SQLite.
//! `DVORIK_TEST_CUTS` says how many cuts (60), `DVORIK_TEST_SEED` repeats a run.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use dvorik::access::{self, Scope};
use dvorik::ids::UserId;
use dvorik::staff::Owner;
use dvorik::{discount, user};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;
use serde_json::json;

use crate::cli::shop::Shop;
use crate::harness::{Deadline, PATIENCE, becomes_true, ends_in_time, forgets_machine, number, plain_http};

/// Calls that change files, make them durable, or answer a client.
const CALLS: &str = "pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync,ftruncate,rename,renameat,renameat2,link,linkat,unlink,\
    unlinkat,mkdir,mkdirat";

/// One call, in the order of the log. `began` and `ended` are lines: calls of other threads may lie between.
#[derive(Debug)]
struct Call {
    name: String,
    /// Everything between the brackets, with all texts as they were.
    args: String,
    began: usize,
    ended: usize,
    succeeded: bool,
}

impl Call {
    /// The file behind the handle in the first argument.
    fn file(&self) -> Option<PathBuf> {
        let (_, rest) = self.args.split_once('<')?;
        Some(PathBuf::from(String::from_utf8(bytes(rest.split_once('>')?.0)).ok()?))
    }

    /// The texts in quotes.
    fn texts(&self) -> Vec<Vec<u8>> {
        self.args.split('"').skip(1).step_by(2).map(bytes).collect()
    }

    fn numbers(&self) -> Vec<i64> {
        self.args.split(", ").filter_map(|arg| arg.parse().ok()).collect()
    }

    fn is_sync(&self) -> bool {
        self.succeeded && matches!(self.name.as_str(), "fsync" | "fdatasync")
    }

    fn says(&self, words: &str) -> bool {
        matches!(self.name.as_str(), "write" | "writev" | "sendto" | "sendmsg")
            && self.texts().concat().windows(words.len()).any(|seen| seen == words.as_bytes())
    }
}

/// `\x64\x76` → `dv`.
fn bytes(hex: &str) -> Vec<u8> {
    hex.split("\\x").skip(1).map(|digits| u8::from_str_radix(digits, 16).unwrap()).collect()
}

/// The calls of a log of `strace -f -y -xx`.
fn calls(log: &Path) -> Vec<Call> {
    let mut open: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut all = Vec::new();
    for (at, line) in fs::read_to_string(log).unwrap().lines().enumerate() {
        let (thread, rest) = line.split_once(' ').unwrap();
        let rest = rest.trim_start();
        if let Some(head) = rest.strip_suffix(" <unfinished ...>") {
            open.insert(thread.to_owned(), (at, head.to_owned()));
        } else if rest.starts_with("<... ") {
            let Some((began, head)) = open.remove(thread) else { continue };
            let tail = rest.split_once(" resumed>").unwrap().1;
            all.extend(call(&format!("{head}{tail}"), began, at));
        } else {
            all.extend(call(rest, at, at));
        }
    }
    // A thread that was killed in a call: whether it happened is not known.
    all.extend(open.into_values().filter_map(|(began, head)| call(&format!("{head}) = ?"), began, usize::MAX)));
    all.sort_by_key(|call| call.began);
    all
}

fn call(text: &str, began: usize, ended: usize) -> Option<Call> {
    let (head, result) = text.rsplit_once(" = ")?;
    let (name, args) = head.trim_end().strip_suffix(')')?.split_once('(')?;
    let succeeded = !result.starts_with(['-', '?']);
    Some(Call { name: name.to_owned(), args: args.to_owned(), began, ended, succeeded })
}

/// What is done to one file.
enum Change {
    Write(usize, Vec<u8>),
    Cut(usize),
}

/// A file's past: what it was, and every change with the line it ended at and the line from which it is durable.
struct History {
    before: Vec<u8>,
    changes: Vec<(Change, usize, usize)>,
}

impl History {
    /// `counts` = syncs that are believed.
    fn of(file: &Path, before: Vec<u8>, calls: &[Call], counts: bool) -> Self {
        let mine: Vec<&Call> = calls.iter().filter(|call| call.file().as_deref() == Some(file)).collect();
        let durable = |ended: usize| {
            let sync = mine.iter().filter(|call| counts && call.is_sync() && call.began > ended).map(|call| call.ended);
            sync.min().unwrap_or(usize::MAX)
        };
        let change = |call: &&&Call| {
            let change = match call.name.as_str() {
                "pwrite64" => {
                    let data = call.texts().remove(0);
                    let offset = *call.numbers().last().unwrap();
                    Change::Write(usize::try_from(offset).unwrap(), data)
                }
                "ftruncate" => Change::Cut(usize::try_from(*call.numbers().last().unwrap()).unwrap()),
                _ => return None,
            };
            call.succeeded.then(|| (change, call.ended, durable(call.ended)))
        };
        Self { before, changes: mine.iter().filter_map(|call| change(&call)).collect() }
    }

    /// The file as the disk holds it when the power goes before line `cut`. What was not durable is lost, or with `torn`
    /// sometimes there, whole or in part.
    fn at(&self, cut: usize, torn: Option<&mut StdRng>) -> Vec<u8> {
        let mut file = self.before.clone();
        let mut torn = torn;
        for (change, ended, durable) in self.changes.iter().filter(|(_, ended, _)| *ended < cut) {
            let is_durable = *durable < cut;
            let luck = torn.as_mut().map_or(0, |rng| rng.random_range(0..3));
            if !is_durable && luck == 0 {
                continue;
            }
            match change {
                Change::Cut(length) => file.truncate(*length),
                Change::Write(offset, data) => {
                    let sectors = data.len().div_ceil(512);
                    let kept = match (is_durable, luck, torn.as_mut()) {
                        (false, 1, Some(rng)) => (rng.random_range(0..=sectors) * 512).min(data.len()),
                        _ => data.len(),
                    };
                    let end = offset + kept;
                    file.resize(file.len().max(end), 0);
                    file[*offset..end].copy_from_slice(&data[..kept]);
                }
            }
            assert!(*ended < cut);
        }
        file
    }
}

/// A daemon under strace. Killed when the test ends badly.
struct Traced {
    strace: Child,
    _deadline: Deadline,
    address: String,
    pid: i32,
}

impl Traced {
    /// Returns once it serves.
    fn start(shop: &Shop, options: &[&str]) -> Self {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o"]).arg(shop.path("strace.log")).args(options);
        command.arg(env!("CARGO_BIN_EXE_dvorik")).args(["serve", "--no-bots", "--no-scheduler"]);
        command.current_dir(shop.path(""));
        forgets_machine(&mut command);
        command.env("DVORIK_HTTP__LISTEN", "127.0.0.1:0").env("NO_COLOR", "1");
        let piped = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut strace = piped.spawn().expect("strace: apt-get install strace");
        let mut lines = BufReader::new(strace.stderr.take().unwrap()).lines();
        let ready = lines.by_ref().map(Result::unwrap).find(|line| line.contains(" ready "));
        let ready = ready.expect("the daemon has ended before it was ready");
        let address = ready.split_once("http=").unwrap().1.split_whitespace().next().unwrap().to_owned();
        // Nobody reads on: a full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        let pid = fs::read_to_string(shop.path("dvorik.db.serve.lock")).unwrap().trim().parse().unwrap();
        Self { _deadline: Deadline::of(&strace), strace, address, pid }
    }

    /// The power goes.
    fn dies(mut self) {
        let pid = rustix::process::Pid::from_raw(self.pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        self.strace.wait().unwrap();
    }

    async fn asks(&self, client: &reqwest::Client, token: &str, code: &str) -> u16 {
        let url = format!("http://{}/api/v1/discounts/redeem", self.address);
        let said = client.post(url).bearer_auth(token).json(&json!({ "code": code })).send().await.unwrap();
        said.status().as_u16()
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        let _gone = rustix::process::Pid::from_raw(self.pid)
            .map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::KILL));
        let _reaped = self.strace.wait();
    }
}

/// A shop with so many codes of Маша and a token that may redeem them. Nobody has it open.
fn till(codes: usize) -> (Shop, String, Vec<String>) {
    let shop = Shop::open();
    let made = shop.database().write(move |tx| {
        let (_, token) = access::create_token(tx, "till", &[Scope::Redeem], None, &Owner::of_shell("test"))?;
        let (masha, template) = (user::get(tx, UserId(1))?, discount::template::get_by_ref(tx, "manual_10")?);
        let by = dvorik::actor::Actor::Cli("test".into());
        let issue = |_| {
            let source = (discount::SourceKind::Manual, None);
            let order = discount::IssueRequest { user: &masha, template: &template, source, by: &by };
            Ok(discount::issue(tx, &order)?.discount().code.as_str().to_owned())
        };
        Ok::<_, dvorik::error::Error>((token, (0..codes).map(issue).collect::<Result<Vec<_>, dvorik::error::Error>>()?))
    });
    let (token, codes) = made.unwrap();
    assert!(!shop.path("dvorik.db-wal").exists());
    (shop, token, codes)
}

/// Codes redeemed in a database made of these two files; it must be sound.
#[expect(clippy::disallowed_methods, reason = "the judge is stock SQLite")]
fn redeemed(database: &[u8], log: &[u8]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dvorik.db");
    fs::write(&path, database).unwrap();
    fs::write(dir.path().join("dvorik.db-wal"), log).unwrap();
    let judge = Connection::open(&path).unwrap();
    let sound: String = judge.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let sql = "SELECT d.code FROM redemptions r JOIN discounts d ON d.id = r.discount_id
        WHERE d.redeemed_at = r.at AND r.undone_at IS NULL";
    let mut statement = judge.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_loses_no_redemption_that_was_confirmed() {
    let seed = number("DVORIK_TEST_SEED").unwrap_or_else(rand::random);
    let cuts = usize::try_from(number("DVORIK_TEST_CUTS").unwrap_or(60)).unwrap();
    println!("DVORIK_TEST_SEED={seed} DVORIK_TEST_CUTS={cuts}");
    let mut rng = StdRng::seed_from_u64(seed);
    let (shop, token, codes) = tokio::task::block_in_place(|| till((cuts / 2).max(20)));
    let (database, log) = (shop.path("dvorik.db"), shop.path("dvorik.db-wal"));
    let before = fs::read(&database).unwrap();
    let client = plain_http();
    let trace = format!("trace={CALLS}");
    let daemon = Traced::start(&shop, &["-y", "-xx", "-s", "200000", "-e", &trace]);
    for code in &codes {
        assert_eq!(daemon.asks(&client, &token, code).await, 200);
    }
    daemon.dies();

    let calls = calls(&shop.path("strace.log"));
    let answers: Vec<usize> = calls.iter().filter(|call| call.says("HTTP/1.1 200")).map(|call| call.began).collect();
    assert_eq!(answers.len(), codes.len(), "the judge sees every answer");
    let directory = fs::canonicalize(shop.path("")).unwrap();
    let (database, log) = (directory.join(database.file_name().unwrap()), directory.join(log.file_name().unwrap()));
    let file = History::of(&database, before.clone(), &calls, true);
    let wal = History::of(&log, Vec::new(), &calls, true);
    // The log is made by the daemon: its name is durable once its directory is.
    let named =
        calls.iter().find(|call| call.is_sync() && call.file().as_ref() == Some(&directory)).map(|call| call.ended);

    let last = calls.iter().map(|call| call.began).max().unwrap();
    // At each answer, and at as many instants between.
    let at_random: Vec<usize> = (0..cuts.saturating_sub(answers.len())).map(|_| rng.random_range(0..=last)).collect();
    let mut kept = 0;
    for cut in answers.iter().copied().chain(at_random) {
        let confirmed = answers.iter().filter(|answer| **answer <= cut).count();
        for torn in [false, true] {
            let torn = || torn.then(|| StdRng::seed_from_u64(seed ^ cut as u64));
            let is_named = named.is_some_and(|named| named < cut);
            let kept_log = if is_named { wal.at(cut, torn().as_mut()) } else { Vec::new() };
            let there = redeemed(&file.at(cut, torn().as_mut()), &kept_log);
            let lost: Vec<_> = codes.iter().take(confirmed).filter(|code| !there.contains(code)).collect();
            assert!(lost.is_empty(), "cut at line {cut}: {lost:?} of {confirmed} were confirmed and are lost");
            kept += confirmed;
        }
    }
    println!("{} answers, {kept} confirmed redemptions looked for, 0 lost", answers.len());

    // The judge itself can see a loss: without the syncs of the log, as `synchronous = NORMAL` leaves them out.
    let hopeful = History::of(&log, Vec::new(), &calls, false);
    let there = redeemed(&file.at(last, None), &hopeful.at(last, None));
    assert!(there.len() < codes.len(), "nothing was lost without a single sync of the log");
}

/// Where the first call that fits stands.
fn position(calls: &[Call], what: &str, fits: impl Fn(&Call) -> bool) -> usize {
    calls.iter().position(fits).unwrap_or_else(|| panic!("{what} was never done"))
}

/// A path as a call names it, from where the program runs.
fn resolved(directory: &Path, typed: &[u8]) -> PathBuf {
    directory.join(String::from_utf8(typed.to_owned()).unwrap())
}

/// The content of a new name was durable before it got it, and the name before the command said so.
fn is_durable((calls, said): (&[Call], usize), directory: &Path, name: &Path) {
    let shown = name.display();
    let named = |call: &Call| {
        let renames = ["rename", "renameat", "renameat2", "link", "linkat"].contains(&call.name.as_str());
        renames && call.succeeded && call.texts().last().is_some_and(|to| resolved(directory, to) == name)
    };
    let at = position(calls, &format!("naming {shown}"), named);
    let from = resolved(directory, &calls[at].texts()[0]);
    let of = |call: &Call, file: &Path| call.file().as_deref() == Some(file);
    let is_write = |call: &Call| matches!(call.name.as_str(), "write" | "pwrite64" | "ftruncate");
    let written = calls[..at].iter().rposition(|call| is_write(call) && of(call, &from));
    let written = written.unwrap_or_else(|| panic!("{} was never written", from.display()));
    let synced = calls[written..at].iter().any(|call| call.is_sync() && of(call, &from));
    assert!(synced, "{shown} was not synced before it was called so");
    let parent = name.parent().unwrap();
    let safe = calls[at..said].iter().any(|call| call.is_sync() && of(call, parent));
    assert!(safe, "the directory of {shown} was not synced before the command said so");
}

/// Runs a command under strace; what it did, and where it said its result.
fn traced(shop: &Shop, args: &[&str]) -> (Vec<Call>, usize, String) {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-y", "-xx", "-s", "200000", "-e"]).arg(format!("trace={CALLS}"));
    command.arg("-o").arg(shop.path("strace.log")).arg(env!("CARGO_BIN_EXE_dvorik")).args(args);
    command.current_dir(shop.path("")).stdin(Stdio::null());
    forgets_machine(&mut command);
    let ran = ends_in_time(&mut command);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let calls = calls(&shop.path("strace.log"));
    let out = String::from_utf8(ran.stdout).unwrap();
    let said = position(&calls, "the answer", |call| call.says(out.lines().next().unwrap()));
    (calls, said, out)
}

#[test]
fn a_backup_is_on_the_disk_before_the_command_says_so() {
    let shop = Shop::open();
    let directory = fs::canonicalize(shop.path("")).unwrap();
    let (calls, said, out) = traced(&shop, &["backup", "-q"]);
    let backups = directory.join("backups");
    let backup = backups.join(Path::new(out.trim()).file_name().unwrap());
    let made = |call: &Call| call.name.starts_with("mkdir") && call.texts()[0].ends_with(b"backups");
    let made = position(&calls, "the directory", made);
    let of = |call: &Call, file: &Path| call.file().as_deref() == Some(file);
    assert!(
        calls[made..said].iter().any(|call| call.is_sync() && of(call, &directory)),
        "a new directory has a name, too"
    );
    for name in [backup.clone(), backup.with_extension("json")] {
        is_durable((&calls, said), &directory, &name);
    }
}

#[test]
fn a_restored_database_is_on_the_disk_before_the_command_says_so() {
    let shop = Shop::open();
    let directory = fs::canonicalize(shop.path("")).unwrap();
    assert_eq!(shop.runs(&["backup"]).code, 0);
    let (calls, said, _) = traced(&shop, &["backup", "restore", "last", "--yes", "-q"]);
    is_durable((&calls, said), &directory, &directory.join("dvorik.db"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_confirms_nothing_it_does_not_keep() {
    // The log cannot be made durable for a while; it cannot be written.
    for fault in ["fsync,fdatasync:error=EIO:when=4..9", "pwrite64:error=EIO:when=20..40"] {
        let (shop, token, codes) = tokio::task::block_in_place(|| till(12));
        let log = fs::canonicalize(shop.path("")).unwrap().join("dvorik.db-wal");
        let client = plain_http();
        let (name, _) = fault.split_once(':').unwrap();
        let (trace, inject) = (format!("trace={name}"), format!("inject={fault}"));
        let daemon = Traced::start(&shop, &["-P", log.to_str().unwrap(), "-e", &trace, "-e", &inject]);
        let (mut refused, mut unready) = (0, 0);
        for code in &codes {
            for tries in 0.. {
                assert!(tries < 60, "{fault}: it does not recover");
                match daemon.asks(&client, &token, code).await {
                    200 => break,
                    503 => refused += 1,
                    other => panic!("{fault}: {other}"),
                }
                let ready = client.get(format!("http://{}/readyz", daemon.address)).send().await.unwrap();
                unready += u32::from(ready.status() == 503);
            }
        }
        assert!(refused > 0, "{fault}: no redemption met the fault");
        assert!(unready > 0, "{fault}: it said it was ready on a broken disk");
        let readyz = format!("http://{}/readyz", daemon.address);
        let is_ready = async || client.get(&readyz).send().await.unwrap().status() == 200;
        assert!(becomes_true(PATIENCE, is_ready).await, "{fault}: it does not recover by itself");
        daemon.dies();
        let read = |path: &str| fs::read(shop.path(path)).unwrap();
        let mut there = redeemed(&read("dvorik.db"), &read("dvorik.db-wal"));
        let mut confirmed = codes.clone();
        there.sort();
        confirmed.sort();
        assert_eq!(there, confirmed, "{fault}");
        // And the next process finds it sound.
        assert_eq!(shop.counts("SELECT count(*) FROM redemptions"), 12);
    }
}

//! `serve` and `migrate`: the lock, readiness, and databases and configurations that cannot be used.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use super::shop::{CANARY, Shop, keys};
use crate::harness::{Deadline, PATIENCE, free_address, number};

/// A serving daemon, killed when the test ends badly.
struct Daemon {
    child: Child,
    lines: BufReader<ChildStderr>,
    _deadline: Deadline,
}

impl Daemon {
    /// Returns once it has said that it is ready.
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        let mut daemon = Self { _deadline: Deadline::of(&child), lines, child };
        while !daemon.line().contains(" ready ") {}
        daemon
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "the daemon has ended");
        assert!(!line.contains("canary"), "the log repeats a token");
        line
    }

    /// SIGTERM; the exit code.
    fn stops(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn one_daemon_serves_a_database_and_commands_work_beside_it() {
    let shop = Shop::open();
    let daemon = Daemon::start(shop.command(&["serve", "--no-bots"]));
    let second = shop.runs(&["serve", "--no-bots"]);
    assert_eq!(second.code, 75);
    let pid = daemon.child.id().to_string();
    assert!(second.err.contains(&format!("(процесс {pid})")), "{}", second.err);
    assert_eq!(shop.runs(&["serve", "--json"]).error()["details"]["pid"].to_string(), pid);
    shop.code("manual_10");
    assert_eq!(shop.runs(&["migrate"]).code, 0);
    assert_eq!(daemon.stops(), Some(0));
    assert_eq!(Daemon::start(shop.command(&["serve", "--no-bots"])).stops(), Some(0), "the lock is free again");
}

#[test]
fn readiness_is_told_to_the_supervisor_and_names_bots_and_database() {
    let shop = Shop::bare();
    let socket = std::os::unix::net::UnixDatagram::bind(shop.path("notify")).unwrap();
    let mut command = shop.command(&["serve", "--migrate"]);
    command.env("NOTIFY_SOCKET", shop.path("notify")).env("DVORIK_TELEGRAM__API_BASE", "http://127.0.0.1:9");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let ready = std::iter::from_fn(|| {
        let mut line = String::new();
        lines.read_line(&mut line).ok().filter(|read| *read > 0).map(|_| line)
    })
    .find(|line| line.contains(" ready "));
    let ready = ready.unwrap_or_else(|| panic!("the daemon has ended"));
    assert!(ready.contains("customer") && ready.contains("dvorik.db") && !ready.contains("canary"), "{ready}");
    let mut told = [0; 64];
    let length = next(&socket, &mut told);
    assert_eq!(std::str::from_utf8(&told[..length]).unwrap().trim(), "READY=1");
    assert_eq!(Daemon { _deadline: Deadline::of(&child), child, lines }.stops(), Some(0));
}

/// The length of the next message. A signal to this process, such as the end of another test's child, interrupts a wait
/// with a time limit.
fn next(socket: &std::os::unix::net::UnixDatagram, told: &mut [u8]) -> usize {
    loop {
        match socket.recv(told) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            received => return received.unwrap(),
        }
    }
}

/// Reads one message of the supervisor's socket after the other until one fits.
fn hears(socket: &std::os::unix::net::UnixDatagram, fits: impl Fn(&str) -> bool) -> String {
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut told = [0; 512];
    loop {
        let length = next(socket, &mut told);
        let text = std::str::from_utf8(&told[..length]).unwrap().trim().to_owned();
        if fits(&text) {
            return text;
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a stranger's connection, without the pragmas of the product")]
fn signs_of_life_go_on_while_another_process_holds_the_database_and_a_stop_is_told() {
    let shop = Shop::open();
    let socket = std::os::unix::net::UnixDatagram::bind(shop.path("notify")).unwrap();
    let mut command = shop.command(&["serve", "--no-bots"]);
    command.env("NOTIFY_SOCKET", shop.path("notify")).env("WATCHDOG_USEC", "800000");
    let daemon = Daemon::start(command);
    hears(&socket, |text| text == "READY=1");
    hears(&socket, |text| text == "WATCHDOG=1");
    hears(&socket, |text| text.starts_with("STATUS=") && text.contains("updates and"));
    let held = rusqlite::Connection::open(shop.path("dvorik.db")).unwrap();
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    for _ in 0..3 {
        hears(&socket, |text| text == "WATCHDOG=1");
    }
    drop(held);
    let stopped = std::thread::spawn(move || daemon.stops());
    hears(&socket, |text| text == "STOPPING=1");
    assert_eq!(stopped.join().unwrap(), Some(0));
}

/// The supervisor gives up when it hears nothing for this long; the daemon speaks four times as often.
const WATCHDOG: Duration = Duration::from_secs(8);

/// How many signs of life are waited for: by default longer than a loop may be silent (20 s) before the signs end.
/// `DVORIK_TEST_WATCHDOGS` asks for more of them.
fn watchdogs() -> u64 {
    number("DVORIK_TEST_WATCHDOGS").unwrap_or(14)
}

/// The daemon with both bots while `telegram` is all that it reaches of Telegram: no sign of life may be late.
#[expect(clippy::print_stdout, reason = "a run tells what it met")]
fn lives_without_telegram(telegram: std::net::SocketAddr) {
    let shop = Shop::open();
    let socket = std::os::unix::net::UnixDatagram::bind(shop.path("notify")).unwrap();
    let mut command = shop.command(&["serve"]);
    command.env("NOTIFY_SOCKET", shop.path("notify")).env("WATCHDOG_USEC", WATCHDOG.as_micros().to_string());
    command.env("DVORIK_BOTS__STAFF__TOKEN", "7700701:canary-staff-token");
    command.env("DVORIK_TELEGRAM__API_BASE", format!("http://{telegram}"));
    // Letters wait for both bots, so that the senders have work, too.
    shop.code("manual_10");
    // Not a `Daemon`, which is killed after three minutes: `.ci/soak` runs this test for an hour. Its log is not read.
    let mut daemon = Killed(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    hears(&socket, |text| text == "READY=1");
    hears(&socket, |text| text == "WATCHDOG=1");
    let (began, mut longest) = (Instant::now(), Duration::ZERO);
    for sign in 0..watchdogs() {
        let before = Instant::now();
        hears(&socket, |text| text == "WATCHDOG=1");
        longest = longest.max(before.elapsed());
        assert!(longest < WATCHDOG, "sign {sign} came after {longest:?}: systemd has killed the daemon");
    }
    println!("{} signs of life in {:?}, the longest pause {longest:?}", watchdogs(), began.elapsed());
    assert_eq!(daemon.0.try_wait().unwrap(), None, "it still runs");
}

/// A process that ends with the test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[test]
fn signs_of_life_go_on_while_telegram_refuses_connections() {
    // Bound and not listening: connections are refused, and no other process gets this port.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    lives_without_telegram(socket.local_addr().unwrap());
}

#[test]
fn signs_of_life_go_on_while_telegram_accepts_and_never_answers() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().flatten().collect::<Vec<_>>());
    lives_without_telegram(address);
}

#[test]
fn a_health_check_is_told_whether_the_shop_is_ready() {
    let shop = Shop::open();
    let free = free_address();
    let listen = [("DVORIK_HTTP__LISTEN", &*free.to_string())];
    let silent = shop.runs_with(&["status", "--ready", "--json"], &listen);
    assert_eq!((silent.code, &silent.error()["code"]), (1, &"SERVICE_UNAVAILABLE".into()));
    assert!(silent.error()["message"].as_str().unwrap().contains(&free.to_string()), "{}", silent.err);

    let mut command = shop.command(&["serve", "--no-bots"]);
    command.env("DVORIK_HTTP__LISTEN", format!("0.0.0.0:{}", free.port()));
    let daemon = Daemon::start(command);
    let everywhere = [("DVORIK_HTTP__LISTEN", &*format!("0.0.0.0:{}", free.port()))];
    let ready = shop.runs_with(&["status", "--ready", "--json"], &everywhere);
    assert_eq!((ready.code, &ready.json()["ready"]), (0, &true.into()), "{}", ready.err);
    assert_eq!(daemon.stops(), Some(0));
}

#[test]
fn a_database_that_cannot_be_used_gets_one_clear_sentence() {
    let shop = Shop::bare();
    let said = |args: &[&str], variables: &[(&str, &str)], words: &str| {
        let ran = shop.runs_with(args, variables);
        assert_eq!((ran.code, ran.out.as_str()), (78, ""), "{args:?} {variables:?}: {}", ran.err);
        assert!(ran.err.starts_with("✗ ") && ran.err.contains(words), "{args:?}: {}", ran.err);
        assert!(ran.err.lines().count() <= 2, "{}", ran.err);
    };
    for args in
        [&["user", "list"][..], &["serve", "--no-bots"], &["discount", "show", "АБВ1234"], &["migrate", "--status"]]
    {
        said(args, &[], "Нет базы данных: ");
        said(args, &[], "Выполните: dvorik migrate");
    }
    fs::write(shop.path("notes.txt"), "a shopping list that is longer than a hundred bytes ".repeat(40)).unwrap();
    File::create(shop.path("empty.db")).unwrap();
    let at = |path: &'static str| [("DVORIK_DATABASE__PATH", path)];
    for args in [&["user", "list"][..], &["serve", "--no-bots"], &["migrate"]] {
        said(args, &at("notes.txt"), "Это не база dvorik: ");
        said(args, &at("no/such/directory.db"), "no/such/directory.db");
    }
    for args in [&["user", "list"][..], &["serve", "--no-bots"]] {
        said(args, &at("empty.db"), "Выполните: dvorik migrate");
    }
    // Not even root may create a file there.
    for args in [&["serve", "--migrate", "--no-bots"][..], &["migrate"]] {
        said(args, &at("/proc/dvorik.db"), "/proc/dvorik.db");
    }
    assert_eq!(fs::read_to_string(shop.path("notes.txt")).unwrap().len(), 52 * 40, "a foreign file is left alone");
    let status = shop.runs_with(&["migrate", "--status", "--json"], &at("empty.db"));
    assert_eq!((status.code, &status.json()["schema"]), (0, &"dvorik.migrate.status/1".into()));
    assert!(status.json()["pending"].as_i64().unwrap() >= 1);
}

#[test]
fn a_database_of_a_newer_dvorik_or_another_zone_is_refused() {
    let shop = Shop::open();
    let moved = shop.runs_with(&["user", "list"], &[("DVORIK_TIMEZONE", "Europe/Moscow")]);
    assert_eq!(moved.code, 78);
    assert!(moved.err.contains("Asia/Vladivostok") && moved.err.contains("Europe/Moscow"), "{}", moved.err);
    let future = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
        VALUES (999, 'future', '2030-01-01T00:00:00Z', '0')";
    let grow = move |tx: &dvorik::db::Tx<'_>| tx.change(future, []).map(drop);
    shop.database().write(grow).unwrap();
    for args in [&["user", "list"][..], &["serve", "--no-bots"], &["migrate"], &["migrate", "--status"]] {
        let ran = shop.runs(args);
        assert_eq!(ran.code, 78, "{args:?}: {}", ran.err);
        assert!(ran.err.contains("более новая версия dvorik"), "{args:?}: {}", ran.err);
    }
}

#[test]
fn migrating_tells_what_was_done() {
    let shop = Shop::bare();
    let made = shop.runs(&["migrate", "--json"]).json();
    assert_eq!((&made["schema"], &made["changed"]), (&"dvorik.migrate/1".into(), &true.into()));
    assert_eq!(keys(&made["after"]), ["applied", "backup", "created", "database"]);
    assert!(made["after"]["applied"][0].as_str().unwrap().contains("first_slice"));
    assert_eq!(shop.runs(&["migrate", "--json"]).json()["changed"], false);
    assert_eq!(shop.runs(&["migrate", "--status", "--json"]).json()["pending"], 0);
    assert_eq!(fs::metadata(shop.path("dvorik.db")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_broken_configuration_is_told_with_its_place_and_stops_only_what_needs_it() {
    let shop = Shop::bare();
    shop.configures(&format!("lang = \"ru\"\ntimezon = \"x\"\n[bots.customer]\ntoken = \"{CANARY}\"\n"));
    let ran = shop.runs(&["user", "list"]);
    assert_eq!(ran.code, 78);
    assert!(ran.err.contains("config.toml:2:1 timezon") && ran.err.contains("«timezone»"), "{}", ran.err);
    assert_eq!(shop.runs(&["stats", "--json"]).error()["details"][0]["key"], "timezon");
    assert_eq!(shop.runs(&["completions", "bash"]).code, 0);
    assert_eq!(shop.runs(&["--help"]).code, 0);
    assert_eq!(shop.runs(&["user", "list", "-c", "other.toml"]).code, 78);
}

#[test]
fn webhooks_without_a_secret_or_an_address_are_refused() {
    let shop = Shop::open();
    let base = ("DVORIK_TELEGRAM__WEBHOOK_BASE", "https://shop.example");
    let secret = ("DVORIK_BOTS__CUSTOMER__WEBHOOK_SECRET", "canary-secret");
    for (known, missing) in [(base, "bots.customer.webhook_secret"), (secret, "telegram.webhook_base")] {
        let ran = shop.runs_with(&["serve", "--webhook"], &[known]);
        assert_eq!(ran.code, 78);
        assert!(ran.err.contains(missing) && ran.err.contains("dvorik serve --polling"), "{}", ran.err);
        assert!(!ran.err.contains("canary"), "{}", ran.err);
        let ran = shop.runs_with(&["serve"], &[known, ("DVORIK_TELEGRAM__MODE", "webhook")]);
        assert_eq!(ran.code, 78);
        assert!(ran.err.contains(missing), "{}", ran.err);
    }
}

#[test]
fn a_port_that_is_taken_is_named_with_the_way_out() {
    let shop = Shop::open();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = shop.runs(&["serve", "--no-bots", "--listen", &address]);
    assert_eq!(ran.code, 75);
    assert!(ran.err.contains(&address) && ran.err.contains("dvorik serve --listen"), "{}", ran.err);
    assert_eq!(shop.runs(&["serve", "--no-bots", "--listen", "192.0.2.1:80"]).code, 78);
    assert_eq!(shop.runs(&["serve", "--no-bots", "--listen", "8000"]).code, 2);
}

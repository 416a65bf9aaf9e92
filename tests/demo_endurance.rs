//! What a demo must endure: a clock that is changed again and again, days that pass within seconds, and kills at any moment of
//! the tour. The numbers are small here; `.ci/soak` has the full ones.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::demo_page::Page;
use crate::harness::{PATIENCE, ends_in_time, forgets_machine, number};

/// A random generator, and its seed on the screen.
#[expect(clippy::print_stdout, reason = "a run tells the seed that repeats it")]
fn rng(what: &str) -> StdRng {
    let seed = number("DVORIK_TEST_SEED").unwrap_or_else(rand::random);
    println!("DVORIK_TEST_SEED={seed} {what}");
    StdRng::seed_from_u64(seed)
}

/// A command for the page's shop.
fn ran(page: &Page, words: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dvorik"));
    forgets_machine(&mut command);
    command.arg("--config").arg(page.directory.join("config.toml")).args(words).arg("--json");
    let told = ends_in_time(command.current_dir(page.tmp.path()).stdin(Stdio::null()));
    serde_json::from_slice(&told.stdout).unwrap_or_else(|error| panic!("{error}: {told:?}"))
}

/// Takes the events that come within this time.
fn listens(page: &mut Page, long: Duration) {
    let end = Instant::now() + long;
    while let Ok(event) = page.events.recv_timeout(end.saturating_duration_since(Instant::now())) {
        page.seen.push(event);
    }
}

/// Rows of the page's shop.
fn counted(page: &Page, sql: &str) -> i64 {
    #[expect(clippy::disallowed_methods, reason = "a look into the database of a demo")]
    let connection = rusqlite::Connection::open(page.directory.join("dvorik.db")).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// The jobs that are done, each with its day.
fn slots(page: &Page) -> Vec<(String, String)> {
    #[expect(clippy::disallowed_methods, reason = "a look into the database of a demo")]
    let connection = rusqlite::Connection::open(page.directory.join("dvorik.db")).unwrap();
    let mut read = connection.prepare("SELECT job, slot FROM job_slots WHERE slot > '2031-05-04'").unwrap();
    let slots = read.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    slots.map(Result::unwrap).collect()
}

/// The clock is changed at random while the daemon and many commands read it: none of them sees it go back.
#[test]
fn no_command_sees_the_clock_go_back() {
    let changes = number("DVORIK_TEST_CLOCK_CHANGES").unwrap_or(6);
    let mut rng = rng(&format!("DVORIK_TEST_CLOCK_CHANGES={changes}"));
    let mut page = Page::opens(&["--keep", "shop"]);
    let acts = [json!({ "rate": 60 }), json!({ "rate": 1 }), json!({ "spin": "hour" })];
    let acts: Vec<Value> = (0..changes).map(|_| acts[rng.random_range(0..acts.len())].clone()).collect();
    let pauses: Vec<u64> = (0..changes).map(|_| rng.random_range(0..1500)).collect();
    let (is_over, seen) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let directory = page.directory.clone();
    let tells_the_time = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dvorik"));
        forgets_machine(&mut command);
        command.arg("--config").arg(directory.join("config.toml")).args(["status", "--json"]).stdin(Stdio::null());
        let begun = Instant::now();
        let told = ends_in_time(&mut command);
        let status: Value = serde_json::from_slice(&told.stdout).unwrap();
        (begun, status["demo_clock"]["now"].as_str().unwrap().to_owned(), Instant::now())
    };
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    let told = tells_the_time();
                    seen.lock().unwrap().push(told);
                }
            });
        }
        for (act, pause) in acts.iter().zip(pauses) {
            // A spin refuses changes until it is over.
            while page.posts("clock", act).0 != 200 {
                listens(&mut page, Duration::from_millis(100));
            }
            listens(&mut page, Duration::from_millis(pause));
        }
        is_over.store(true, Ordering::SeqCst);
    });
    let seen = seen.into_inner().unwrap();
    assert!(seen.len() > 4, "{}", seen.len());
    for (_, time, end) in &seen {
        let backwards = seen.iter().find(|(begin, later, _)| begin > end && later < time);
        assert!(backwards.is_none(), "{time}, and then {backwards:?}");
    }
}

/// A spin passes a day in 24 seconds. Each customer gets one gift for a birthday, each daily job runs once a day, and no job
/// loses its lease.
#[test]
fn days_that_pass_within_seconds_are_whole_days() {
    let days = number("DVORIK_TEST_SPINS").unwrap_or(1);
    let mut page = Page::opens(&["--keep", "shop", "--at", "2031-05-04 22:05"]);
    // A broadcast of the next noon is sent, although the spin passes noon within a fraction of a second.
    let scheduled = ran(&page, &["broadcast", "schedule", "last", "--at", "2031-05-05 12:00", "--yes"]);
    assert_eq!(scheduled["changed"], true, "{scheduled}");
    for _ in 0..days {
        page.seen.clear();
        page.does("clock", &json!({ "spin": "day" }));
        page.sees(|kind, data| kind == "clock" && data["rate"] == 3600);
        page.sees(|kind, data| kind == "clock" && data["spinning"] == false);
    }
    page.does("clock", &json!({ "rate": 1 }));
    let gifts = "SELECT count(*) FROM (SELECT 1 FROM discounts WHERE source_kind = 'birthday' AND is_test = 0
        GROUP BY user_id, substr(created_at, 1, 4) HAVING count(*) > 1)";
    assert_eq!(counted(&page, gifts), 0, "somebody has two gifts for one birthday");
    assert!(
        counted(&page, "SELECT count(*) FROM discounts WHERE source_kind = 'birthday' AND created_at > '2031-05-04'")
            > 0
    );
    let first = NaiveDate::from_ymd_opt(2031, 5, 4).unwrap();
    let wanted: Vec<(String, String)> = (1..=days)
        .flat_map(|day| ["birthdays", "cleanup"].map(|job| (job.to_owned(), (first + Days::new(day)).to_string())))
        .collect();
    // The night's questions about every subscriber take their time, at Telegram's pace.
    let end = Instant::now() + PATIENCE;
    loop {
        let done = slots(&page);
        let missing: Vec<_> = wanted.iter().filter(|slot| !done.contains(slot)).collect();
        if missing.is_empty() {
            break;
        }
        assert!(Instant::now() < end, "{missing:?} of {done:?}");
        listens(&mut page, Duration::from_millis(200));
    }
    let broadcast = ran(&page, &["broadcast", "status", "last"]);
    assert!(matches!(broadcast["status"].as_str(), Some("sending" | "sent")), "{broadcast}");
    let log = std::fs::read_to_string(page.directory.join("daemon.log")).unwrap();
    let wrong: Vec<&str> = log.lines().filter(|line| line.contains("lease") || line.contains("ERROR")).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let jobs = ran(&page, &["job", "list"]);
    let failed: Vec<&Value> = jobs["items"].as_array().unwrap().iter().filter(|job| job["failures"] != 0).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

/// The daemon is killed at random moments while a customer writes and a broadcast is sent. The page comes back to the same
/// state, every message is answered, and every recipient of the broadcast is accounted for.
#[test]
fn kills_at_any_moment_of_the_tour_lose_nothing() {
    const HELP: &str = "Ваши коды — в «Мои скидки»";
    let kills = number("DVORIK_TEST_TOUR_KILLS").unwrap_or(3);
    let mut rng = rng(&format!("DVORIK_TEST_TOUR_KILLS={kills}"));
    let mut page = Page::opens(&["--keep", "shop"]);
    page.does("open", &json!({ "phone": "customer", "link": "poster" }));
    page.hears("customer", "Подпишитесь на наш канал");
    page.does("channel", &json!({ "join": true }));
    page.does("say", &json!({ "phone": "customer", "text": "Проверить подписку" }));
    page.hears("customer", "Ваша скидка");
    let sent = ran(&page, &["broadcast", "send", "last", "--yes", "--detach"]);
    assert_eq!(sent["changed"], true, "{sent}");
    let (mut written, mut in_between) = (0, 0);
    for _ in 0..kills {
        for _ in 0..rng.random_range(1..4) {
            page.does("say", &json!({ "phone": "customer", "text": "/help" }));
            written += 1;
        }
        listens(&mut page, Duration::from_millis(rng.random_range(0..400)));
        page.does("fault", &json!({ "kind": "kill" }));
        in_between += 1;
        page.does("say", &json!({ "phone": "customer", "text": "/help" }));
        written += 1;
        page.seen.retain(|(kind, _)| kind != "fault" && kind != "daemon");
        page.sees(|kind, data| kind == "daemon" && data["state"] == "up");
    }
    let answers = |page: &Page| {
        let told = page.seen.iter().filter(|(kind, _)| kind == "message").map(|(_, data)| &data["message"]);
        let of_bot = told.filter(|message| message["bot"] == true && message["text"].as_str().unwrap().contains(HELP));
        of_bot.map(|message| message["id"].as_i64()).collect::<BTreeSet<_>>().len()
    };
    let end = Instant::now() + PATIENCE;
    while answers(&page) < written {
        assert!(Instant::now() < end, "{} of {written} are answered", answers(&page));
        listens(&mut page, Duration::from_millis(200));
    }
    // A second answer only when a kill fell between Telegram's taking of a message and the note of it.
    assert!(answers(&page) <= written + in_between, "{} answers to {written} messages", answers(&page));
    let end = Instant::now() + PATIENCE * 6;
    let report = loop {
        let report = ran(&page, &["broadcast", "status", "last"]);
        if report["status"] == "sent" {
            break report;
        }
        assert!(Instant::now() < end, "{report}");
        if report["status"] == "paused" {
            ran(&page, &["broadcast", "resume", "last", "--yes", "--detach"]);
        }
        listens(&mut page, Duration::from_millis(500));
    };
    let parts = ["queued", "sent", "skipped", "failed", "unknown"].map(|part| report[part].as_i64().unwrap());
    assert_eq!(parts.iter().sum::<i64>(), report["total_recipients"], "{report}");
    assert_eq!(parts[0], 0, "{report}");
    // A window that is opened now shows the same messages as the one that has seen them come.
    let state = page.window().recv_timeout(PATIENCE).unwrap().1;
    let shown = state["phones"]["customer"]["messages"].as_array().unwrap().clone();
    let last: BTreeSet<_> = shown.iter().map(|message| message["id"].as_i64()).collect();
    let end = Instant::now() + PATIENCE;
    loop {
        let of_customer = |(kind, data): &&(String, Value)| kind == "message" && data["phone"] == "customer";
        let told = page.seen.iter().filter(of_customer);
        let come: BTreeSet<_> = told.map(|(_, data)| data["message"]["id"].as_i64()).collect();
        if last.is_subset(&come) && last.len() >= come.len().min(200) {
            break;
        }
        // The last events may still be on their way.
        assert!(Instant::now() < end, "{last:?} of {come:?}");
        listens(&mut page, Duration::from_millis(100));
    }
    assert_eq!(state["daemon"]["state"], "up");
    assert_eq!(state["phones"]["customer"]["member"], true);
}

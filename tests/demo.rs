//! `dvorik demo --headless`: its transcript for people and for scripts, a scenario that breaks; and the history of the demo's
//! shop.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use dvorik::clock::{Clock, Timestamp};
use dvorik::config::{Config, Environment};
use dvorik::daemon;
use dvorik::db::Database;
use dvorik::demo::{self, Ending, Event, Options, Scenario, history};
use dvorik::language::Language;
use dvorik::realm::Realm;
use dvorik::report::{self, Overview, Period};
use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{ends_in_time, forgets_machine};

const BINARY: &str = env!("CARGO_BIN_EXE_dvorik");

/// Runs in a directory of its own, so that no config of this machine is found.
fn dvorik(arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(BINARY);
    forgets_machine(&mut command);
    ends_in_time(command.args(arguments).current_dir(directory.path()).stdin(Stdio::null()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_newcomer_watches_the_whole_product_with_one_command() {
    let output = dvorik(&["demo", "--headless", "--scenario", "happy", "--lang", "ru"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}\n{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    for line in
        ["Погашено ✅ ", "Действует до: ", "kill -9", "[Погасить]", "выдано 1, погашено 1, сегодня 1", "Всё сошлось."]
    {
        assert!(told.contains(line), "{line} is missing in\n{told}");
    }
    assert!(!told.contains("demo."), "a catalogue key without words in\n{told}");
    assert!(!told.contains("builtin-customer-token"), "a token in\n{told}");
    assert_eq!(told.matches("✗").count(), 0);
    insta::assert_snapshot!("story_ru", without_chance(&told));
}

/// The shop of an English demo is English: the transcript shows every message that its people read, with buttons and
/// pictures.
#[test]
fn an_english_demo_plays_without_a_russian_letter() {
    let is_russian = |c: char| matches!(c, '\u{400}'..='\u{52f}');
    for (more, variable) in [("--lang=en", None), ("--json", Some(("DVORIK_LANG", "en")))] {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(BINARY);
        forgets_machine(&mut command);
        command.args(["demo", "--headless", "--scenario", "happy"]).arg(more).envs(variable);
        let output = ends_in_time(command.current_dir(directory.path()).stdin(Stdio::null()));
        let told = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{told}\n{}", text(&output.stderr));
        for line in ["Redeemed ✅ ", "Valid until: ", "[Redeem]", "Discount for subscribing", "Hello, "] {
            assert!(told.contains(line), "{line} is missing in\n{told}");
        }
        let russian: Vec<&str> = told.lines().filter(|line| line.contains(is_russian)).collect();
        assert_eq!(russian, Vec::<&str>::new());
    }
}

/// The story without what differs from run to run: the port, the code and how it is typed, dates and times.
fn without_chance(told: &str) -> String {
    let changing = [
        (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
        (r"\(cli:\S+\)", "(cli:[user])"),
        (r"наспех: .*", "наспех: [code]"),
        (r"[А-Я]{3}\d{4}", "[code]"),
        (r"\d\d\.\d\d\.\d{4}", "[date]"),
        (r"\b\d\d:\d\d\b", "[time]"),
        (r"\d+ вызов\w*", "[number] вызовов"),
        (r"\d+\.\d с", "[seconds] с"),
    ];
    changing
        .into_iter()
        .fold(told.to_owned(), |told, (what, name)| Regex::new(what).unwrap().replace_all(&told, name).into_owned())
}

#[test]
fn a_script_reads_every_step_and_a_summary() {
    let output = dvorik(&["demo", "--headless", "--json", "--seed", "7", "--lang", "en"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}\n{}", text(&output.stderr));
    let lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (summary, steps) = lines.split_last().unwrap();
    let names: Vec<&str> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, Scenario::Happy.step_names().collect::<Vec<_>>());
    for (at, step) in steps.iter().enumerate() {
        assert_eq!((&step["type"], &step["n"], &step["ok"]), (&"step".into(), &(at + 1).into(), &true.into()));
        for key in ["who", "does", "sees"] {
            assert!(step[key].as_str().is_some_and(|words| !words.is_empty()), "{key} of {step}");
        }
    }
    assert_eq!(summary["type"], "summary");
    assert_eq!(summary["schema"], "dvorik.demo/1");
    assert_eq!(summary["steps"], steps.len());
    assert_eq!(summary["ok"], true);
    assert!(summary["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(summary["directory"], Value::Null);
}

/// Behind the story's back the channel is forgotten again: the shop then answers something else, and the demo must say so.
#[tokio::test]
async fn a_shop_that_answers_otherwise_breaks_the_step_that_asked() {
    let directory = tempfile::tempdir().unwrap();
    let saboteur = directory.path().join("dvorik");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *'campaign create'*)\n'{BINARY}' \"$1\" \"$2\" settings set telegram_channel_id '' \
         >/dev/null 2>&1 ;;\nesac\nexec '{BINARY}' \"$@\"\n"
    );
    std::fs::write(&saboteur, script).unwrap();
    std::fs::set_permissions(&saboteur, std::fs::Permissions::from_mode(0o700)).unwrap();
    let options = Options {
        scenario: Scenario::Happy,
        seed: 1,
        language: Language::En,
        port: 0,
        paints: false,
        executable: saboteur,
    };
    let (mut steps, mut end) = (Vec::new(), None);
    let ending = demo::play(&options, |event| match event {
        Event::Step(step) => steps.push(step),
        Event::Ended(summary) => end = Some(summary),
        Event::Opened { .. } => {}
    });
    assert_eq!(ending.await.unwrap(), Ending::Broken);
    let broken = steps.pop().unwrap();
    let miss = broken.outcome.unwrap_err();
    assert_eq!(broken.name, "welcome", "{miss:?}");
    assert!(miss.expected.contains("Open channel"), "{miss:?}");
    assert!(steps.iter().all(|step| step.outcome.is_ok()));
    let end = end.unwrap();
    assert_eq!(end.failed, Some("welcome"));
    let kept = end.kept.unwrap();
    assert!(kept.join("dvorik.db").exists(), "the evidence is kept");
    std::fs::remove_dir_all(kept).unwrap();
}

/// No file may grow: the database cannot be made.
#[test]
fn a_broken_step_is_named_with_what_was_expected_and_seen_and_the_exit_code_is_1() {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "ulimit -f 1; exec \"$0\" \"$@\"", BINARY, "demo", "--headless", "--json", "--lang", "en"]);
    forgets_machine(&mut shell);
    let output = ends_in_time(&mut shell);
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [step, summary] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((&step["name"], &step["ok"], &step["expected"]), (&"init".into(), &false.into(), &"exit 0".into()));
    assert_eq!((&summary["failed"], &summary["ok"]), (&"init".into(), &false.into()));
    std::fs::remove_dir_all(summary["directory"].as_str().unwrap()).unwrap();
    let complaint: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(complaint["error"]["exit"], 1);
    assert_eq!(complaint["error"]["details"]["step"], "init");
    assert!(complaint["error"]["message"].as_str().unwrap().contains("“init” did not hold"), "{complaint}");
}

#[test]
fn without_a_terminal_the_command_that_works_is_named() {
    for arguments in [&["demo", "--terminal", "--lang", "en"][..], &["demo", "--terminal", "--json", "--lang", "en"]] {
        let output = dvorik(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("dvorik demo --headless --scenario happy"), "{}", text(&output.stderr));
    }
}

#[test]
fn an_unknown_scenario_is_answered_with_those_there_are() {
    let output = dvorik(&["demo", "--headless", "--scenario", "hapy", "--lang", "en"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("happy"), "{}", text(&output.stderr));
}

/// A shop whose history has been written, at noon of some Saturday.
struct Shop {
    db: Database,
    _directory: TempDir,
    residents: Vec<history::Resident>,
}

impl Shop {
    fn with_history(seed: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let owner = demo::owner_of_seed(seed, Language::Ru).to_string();
        let variables = [("DVORIK_OWNER_TELEGRAM_ID", owner.as_str()), ("DVORIK_TIMEZONE", "Asia/Vladivostok")];
        let environment = Environment::from_pairs(variables).in_directory(directory.path());
        let config = Config::load(None, &environment).unwrap();
        let now = Timestamp::parse("2026-11-21T08:30:00Z").unwrap();
        daemon::migrate(&config, Clock::manual(now)).unwrap();
        let db = daemon::open(&config, Clock::manual(now)).unwrap();
        let residents = history::write(&db, seed, Language::Ru, now).unwrap();
        Self { db, _directory: directory, residents }
    }

    /// The history most tests look at.
    fn usual() -> &'static Self {
        static USUAL: LazyLock<Shop> = LazyLock::new(|| Shop::with_history(1));
        &USUAL
    }

    /// Everything but the codes themselves, which are random in every shop.
    fn stats(&self) -> Overview {
        let to = "2026-11-21".parse().unwrap();
        let from = "2026-08-01".parse().unwrap();
        let mut stats = self.db.read(|view| report::overview(view, Realm::Real, Period { from, to })).unwrap();
        for last in &mut stats.last {
            last.code.clear();
        }
        stats
    }

    fn count(&self, sql: &str) -> i64 {
        crate::harness::count(&self.db, sql)
    }
}

#[test]
fn the_same_seed_writes_the_same_history() {
    let (one, same, other) = (Shop::with_history(7), Shop::with_history(7), Shop::usual());
    assert_eq!(one.stats(), same.stats());
    assert_eq!(one.residents, same.residents);
    assert_ne!(one.stats(), other.stats());
}

#[test]
fn the_history_is_a_shops() {
    let shop = Shop::usual();
    let stats = shop.stats();
    assert_eq!((stats.users_total, stats.users_new, shop.residents.len()), (1200, 1200, 1200));
    let rate = stats.redemption_rate().unwrap();
    assert!((0.2..0.7).contains(&rate), "{rate}");
    assert!(stats.redeemed_today > 0 && stats.active > 20 && stats.expired_unused > 100, "{stats:?}");
    assert!((20..120).contains(&stats.users_bot_blocked), "{stats:?}");
    let few = [
        ("SELECT count(*) FROM campaigns", 3..4),
        ("SELECT count(DISTINCT cashier_id) FROM redemptions", 3..4),
        ("SELECT count(*) FROM cashiers WHERE status = 'requested'", 1..2),
        ("SELECT count(*) FROM discounts WHERE source_kind = 'birthday'", 5..120),
        ("SELECT count(*) FROM discounts WHERE source_kind = 'campaign'", 5..200),
        ("SELECT count(*) FROM discount_usage_logs WHERE status = 'expired'", 3..80),
        ("SELECT count(*) FROM discount_usage_logs WHERE status = 'already_used'", 3..80),
        ("SELECT count(*) FROM discount_usage_logs WHERE status = 'not_found'", 3..80),
        ("SELECT count(*) FROM redemptions WHERE undone_at IS NOT NULL", 3..80),
        ("SELECT count(*) FROM user_tags WHERE tag = 'vip'", 5..150),
        ("SELECT count(DISTINCT day) FROM redemptions", 80..91),
        ("SELECT count(*) FROM redemptions WHERE hour NOT BETWEEN 9 AND 20", 0..1),
        ("SELECT count(*) FROM users WHERE created_at > '2026-11-21T08:30:00Z'", 0..1),
    ];
    for (sql, range) in few {
        let found = shop.count(sql);
        assert!(range.contains(&found), "{found}: {sql}");
    }
    let weekend = shop.count("SELECT count(*) FROM redemptions WHERE strftime('%w', day) IN ('0', '6')") / 2;
    let monday = shop.count("SELECT count(*) FROM redemptions WHERE strftime('%w', day) = '1'");
    assert!(weekend > monday, "{weekend} on a day of the weekend, {monday} on Mondays");
}

/// A letter of the past that goes out when the daemon starts would reach people long after the fact.
#[test]
fn nothing_of_the_history_is_left_to_be_sent() {
    let shop = Shop::usual();
    assert!(shop.count("SELECT count(*) FROM outbox") > 300);
    assert_eq!(shop.count("SELECT count(*) FROM outbox WHERE state <> 'sent'"), 0);
}

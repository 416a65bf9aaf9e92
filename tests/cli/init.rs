//! `init --no-input`: from an empty directory and the environment to a private configuration and a database.

use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use builtin_telegram::{BuiltinTelegram, Person};
use dvorik::clock::Clock;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;
use tokio::runtime::Handle;

use super::shop::{CANARY, nowhere};
use crate::harness::{OWNER, PATIENCE, World, becomes_true};

#[test]
fn init_makes_a_private_config_and_a_database_from_the_environment() {
    let shop = nowhere();
    let values = [
        ("DVORIK_OWNER_TELEGRAM_ID", "123456789"),
        ("DVORIK_TIMEZONE", "Europe/Moscow"),
        ("DVORIK_SHOP_NAME", "Лавка «#1\"»"),
        ("DVORIK_DATABASE__PATH", "data.db"),
    ];
    let made = shop.runs_with(&["init", "--no-input", "--json"], &values);
    assert_eq!((made.code, made.err.as_str()), (0, ""));
    let made = made.json();
    assert_eq!((&made["schema"], &made["changed"]), (&"dvorik.init/1".into(), &true.into()));
    assert_eq!(made["next"].as_array().unwrap().len(), 2);
    let after = &made["after"];
    assert_eq!((&after["lang"], &after["currency"], &after["owner_link"]), (&"ru".into(), &"RUB".into(), &Value::Null));
    for name in ["config.toml", "data.db"] {
        assert_eq!(fs::metadata(shop.path(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    let config = fs::read_to_string(shop.path("config.toml")).unwrap();
    assert!(config.contains("lang = \"ru\"") && config.contains("timezone = \"Europe/Moscow\""), "{config}");
    // From here on the file speaks for itself.
    assert_eq!(shop.runs(&["stats", "--json"]).json()["timezone"], "Europe/Moscow");
    assert_eq!(shop.counts("SELECT telegram_id FROM admins WHERE role = 'owner'"), 123_456_789);

    let again = shop.runs_with(&["init", "--no-input"], &[("DVORIK_LANG", "en")]);
    assert_eq!(again.code, 5);
    assert!(again.err.contains("--force"), "{}", again.err);
    assert_eq!(fs::read_to_string(shop.path("config.toml")).unwrap(), config);
    let forced = shop.runs_with(&["init", "--no-input", "--force"], &values);
    assert_eq!(forced.code, 0, "{}", forced.err);
}

#[test]
fn init_keeps_the_contact_that_customers_are_given() {
    let shop = nowhere();
    let long = "я".repeat(129);
    let refused = shop.runs(&["init", "--no-input", "--support-contact", &long, "--json"]);
    assert_eq!((refused.code, &refused.error()["code"]), (2, &"SETTING_INVALID_VALUE".into()));
    assert!(refused.err.contains("--support-contact: ") && !refused.err.contains("support_contact"), "{}", refused.err);
    let channel = shop.runs(&["init", "--no-input", "--channel", "not a channel", "--json"]);
    assert_eq!((channel.code, &channel.error()["code"]), (2, &"SETTING_INVALID_VALUE".into()));
    assert!(channel.err.contains("--channel: ") && !channel.err.contains("telegram_channel_id"), "{}", channel.err);
    assert!(!shop.path("config.toml").exists(), "nothing is half made");
    let made = shop.runs(&["init", "--no-input", "--support-contact", "@dvorik", "--json"]);
    assert_eq!((made.code, &made.json()["after"]["support_contact"]), (0, &"@dvorik".into()), "{}", made.err);
    assert_eq!(shop.runs(&["settings", "get", "support_contact", "--json"]).json()["value"], "@dvorik");
}

#[test]
fn init_writes_where_it_is_told_and_relative_paths_keep_their_meaning() {
    let shop = nowhere();
    fs::create_dir(shop.path("etc")).unwrap();
    let made = shop.runs_with(
        &["init", "--no-input", "--config", "etc/shop.toml", "--json"],
        &[("DVORIK_DATABASE__PATH", "data.db")],
    );
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(shop.path("data.db").exists() && shop.path("etc/shop.toml").exists());
    assert_eq!(made.json()["next"][1], "dvorik --config etc/shop.toml serve");
    assert_eq!(shop.runs(&["user", "list", "--config", "etc/shop.toml"]).code, 0);
}

#[test]
fn without_a_shop_every_command_names_init_and_makes_nothing() {
    let shop = nowhere();
    for line in ["serve", "serve --migrate", "status", "migrate", "migrate --status", "user list", "stats", "backup"] {
        let args: Vec<&str> = line.split(' ').collect();
        let ran = shop.runs_with(&args, &[("DVORIK_LANG", "ru")]);
        assert_eq!((ran.code, ran.out.as_str()), (78, ""), "{line}: {}", ran.err);
        let said: Vec<&str> = ran.err.lines().collect();
        assert!(
            said[0].starts_with("✗ Магазина здесь ещё нет.") && said[1] == "  Выполните: dvorik init",
            "{line}: {said:?}"
        );
        assert_eq!(said.len(), 2, "{line}: {said:?}");
    }
    assert_eq!(fs::read_dir(shop.directory.path()).unwrap().count(), 0, "nothing was made");
    assert_eq!(
        shop.runs_with(&["migrate"], &[("DVORIK_DATABASE__PATH", "data.db")]).code,
        0,
        "a named database is a shop"
    );
}

/// service.md §3: adopted, replaced, or refused.
#[test]
fn init_takes_an_empty_database_for_another_zone_and_keeps_one_with_people() {
    let of = |zone: &'static str| [("DVORIK_TIMEZONE", zone), ("DVORIK_DATABASE__PATH", "data.db")];
    let shop = nowhere();
    assert_eq!(shop.runs_with(&["migrate"], &of("Asia/Vladivostok")).code, 0);
    let refused = shop.runs_with(&["init", "--no-input"], &of("Europe/Moscow"));
    assert_eq!(refused.code, 2, "nobody to ask: {}", refused.err);
    assert!(refused.err.contains("dvorik init --no-input --force"), "{}", refused.err);
    assert!(!shop.path("config.toml").exists());
    let replaced = shop.runs_with(&["init", "--no-input", "--force"], &of("Europe/Moscow"));
    assert_eq!(replaced.code, 0, "{}", replaced.err);
    assert_eq!(shop.runs(&["stats", "--json"]).json()["timezone"], "Europe/Moscow");

    fs::remove_file(shop.path("config.toml")).unwrap();
    let adopted = shop
        .runs_with(&["init", "--no-input"], &[of("Europe/Moscow")[0], of("")[1], ("DVORIK_OWNER_TELEGRAM_ID", "5")]);
    assert_eq!(adopted.code, 0, "the same zone: {}", adopted.err);
    assert_eq!(shop.counts("SELECT count(*) FROM admins"), 1);
    fs::remove_file(shop.path("config.toml")).unwrap();
    let kept = shop.runs_with(&["init", "--no-input", "--force"], &of("Asia/Tokyo"));
    assert_eq!(kept.code, 78, "{}", kept.err);
    assert!(kept.err.contains("dvorik init --force --timezone Europe/Moscow --currency RUB"), "{}", kept.err);
    assert!(!shop.path("config.toml").exists());
    let hinted = ["init", "--no-input", "--timezone", "Europe/Moscow", "--currency", "RUB"];
    assert_eq!(shop.runs_with(&hinted, &[of("")[1]]).code, 0, "as the hint says");
    assert_eq!(shop.counts("SELECT count(*) FROM admins"), 1, "the people are still there");
}

#[test]
fn a_failed_init_leaves_nothing_behind() {
    let shop = nowhere();
    fs::write(shop.path("notes.txt"), "a shopping list ".repeat(60)).unwrap();
    let cases = [
        [("DVORIK_DATABASE__PATH", "notes.txt"), ("DVORIK_CURRENCY", "RUB")],
        [("DVORIK_DATABASE__PATH", "data.db"), ("DVORIK_CURRENCY", "roubles")],
    ];
    for variables in cases {
        let ran = shop.runs_with(&["init", "--no-input"], &variables);
        assert_eq!((ran.code, ran.out.as_str()), (78, ""), "{variables:?}: {}", ran.err);
        let left = fs::read_dir(shop.directory.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("config")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
    let ran = shop.runs(&["init", "--no-input", "--config", "no/such/config.toml"]);
    assert_eq!(ran.code, 78, "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn init_asks_telegram_whose_the_tokens_are() {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let telegram = BuiltinTelegram::start(any, || Clock::System.now_ms().0).await.unwrap();
    telegram.add_bot(CANARY, "dvorik_shop_bot");
    let base = telegram.base_url();
    let init = |token: &'static str, base: String| {
        tokio::task::spawn_blocking(move || {
            let shop = nowhere();
            let values = [("DVORIK_BOTS__CUSTOMER__TOKEN", token), ("DVORIK_TELEGRAM__API_BASE", &base)];
            (shop.runs_with(&["init", "--no-input", "--json", "-vv"], &values), shop)
        })
    };
    let (known, shop) = init(CANARY, base.clone()).await.unwrap();
    assert_eq!((known.code, &known.json()["after"]["bots"]["customer"]), (0, &"dvorik_shop_bot".into()));
    let link = tokio::task::spawn_blocking(move || {
        shop.runs(&["campaign", "create", "Весна", "--key", "spring", "--json"]).json()["after"]["tme_link"].clone()
    });
    assert_eq!(link.await.unwrap(), "https://t.me/dvorik_shop_bot?start=ref_spring");

    let (unknown, shop) = init("7700701:canary-unknown-token", base).await.unwrap();
    assert_eq!((unknown.code, &unknown.error()["code"]), (78, &"TELEGRAM_FAILED".into()));
    assert!(!shop.path("config.toml").exists());
    telegram.stop().await;

    let (silent, shop) = init(CANARY, "http://127.0.0.1:9".to_owned()).await.unwrap();
    assert_eq!((silent.code, &silent.json()["after"]["bots"]["customer"]), (0, &Value::Null), "only a warning");
    assert!(fs::read_to_string(shop.path("config.toml")).unwrap().contains(CANARY));
}

#[test]
fn flags_of_init_are_checked_before_anything_is_made() {
    let shop = nowhere();
    for (flag, value) in [("--timezone", "Vladivostok"), ("--currency", "roubles"), ("--channel", "a b")] {
        let ran = shop.runs(&["init", "--no-input", flag, value]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{flag}: {}", ran.err);
    }
    for flags in [vec!["--name", "north"], vec!["--now"], vec!["--systemd", "--name", "North Shop"]] {
        let ran = shop.runs(&[&["init", "--no-input"][..], &flags].concat());
        assert_eq!(ran.code, 2, "{flags:?}: {}", ran.err);
    }
    let ran = shop.runs(&["init", "--no-input", "--systemd", "--config", "shop.toml"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(fs::read_dir(shop.directory.path()).unwrap().count(), 0, "nothing was made");
    let made =
        shop.runs(&["init", "--no-input", "--lang", "en", "--timezone", "Europe/Berlin", "--channel", "@shop_x"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let config = fs::read_to_string(shop.path("config.toml")).unwrap();
    for line in ["lang = \"en\"", "timezone = \"Europe/Berlin\"", "currency = \"EUR\""] {
        assert!(config.contains(line), "{line}: {config}");
    }
    assert_eq!(shop.runs(&["settings", "get", "telegram_channel_id", "-q"]).out.trim(), "@shop_x");
}

#[test]
fn init_writes_through_no_link_that_lies_at_its_draft() {
    let shop = nowhere();
    fs::write(shop.path("precious"), "kept").unwrap();
    std::os::unix::fs::symlink(shop.path("precious"), shop.path("config.toml.new")).unwrap();
    let made = shop.runs(&["init", "--no-input"]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert_eq!(fs::read_to_string(shop.path("precious")).unwrap(), "kept");
    assert!(fs::symlink_metadata(shop.path("config.toml")).unwrap().is_file());
    assert!(fs::symlink_metadata(shop.path("config.toml.new")).is_err());
}

#[test]
fn a_damaged_database_and_an_unwritable_place_are_told_with_the_next_step() {
    let shop = nowhere();
    assert_eq!(shop.runs_with(&["migrate"], &[("DVORIK_DATABASE__PATH", "data.db")]).code, 0);
    let whole = fs::read(shop.path("data.db")).unwrap();
    fs::write(shop.path("data.db"), &whole[..whole.len() / 2]).unwrap();
    let ran = shop.runs_with(&["init", "--no-input"], &[("DVORIK_DATABASE__PATH", "data.db"), ("DVORIK_LANG", "ru")]);
    assert_eq!(ran.code, 78, "{}", ran.err);
    assert!(ran.err.contains("повреждена") && ran.err.contains("backup restore last"), "{}", ran.err);
    let ran = shop.runs_with(&["init", "--no-input", "--config", "no/such.toml"], &[("DVORIK_LANG", "ru")]);
    assert!(ran.code == 78 && ran.err.contains("--config"), "{}", ran.err);
}

/// A terminal at which a person runs a command of a shop.
struct Typist {
    keyboard: fs::File,
    screen: Arc<Mutex<String>>,
    process: Child,
}

impl Typist {
    fn runs(mut command: Command) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = fs::File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
        let process = command.spawn().unwrap();
        drop(command);
        let (keyboard, mut shown) = (fs::File::from(master.try_clone().unwrap()), fs::File::from(master));
        let screen = Arc::new(Mutex::new(String::new()));
        let seen = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = shown.read(&mut bytes) {
                seen.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        Self { keyboard, screen, process }
    }

    fn screen(&self) -> String {
        self.screen.lock().unwrap().clone()
    }

    /// Waits until the words stand on the screen.
    fn sees(&self, words: &str) {
        let stands = becomes_true(PATIENCE, async || self.screen().contains(words));
        let is_there = Handle::current().block_on(stands);
        assert!(is_there, "«{words}» never came:\n{}", self.screen());
    }

    fn types(&mut self, line: &str) {
        self.keyboard.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    fn ends(&mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}

impl Drop for Typist {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// What `init` would refuse in the end it refuses before it asks anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_of_this_shop_is_refused_before_the_first_question() {
    let shop = nowhere();
    assert_eq!(shop.runs_with(&["migrate"], &[("DVORIK_DATABASE__PATH", "whole.db")]).code, 0);
    let spoilt = |name: &str, sql: &str| {
        fs::copy(shop.path("whole.db"), shop.path(name)).unwrap();
        crate::backup::judge(&shop.path(name)).execute_batch(sql).unwrap();
    };
    spoilt("half.db", "PRAGMA foreign_keys = off; DROP TABLE users");
    spoilt("newer.db", "INSERT INTO refinery_schema_history VALUES (999, 'later', '', '')");
    fs::write(shop.path("notes.db"), "a shopping list ".repeat(60)).unwrap();
    crate::backup::judge(&shop.path("photos.db")).execute_batch("CREATE TABLE photos (name TEXT)").unwrap();
    fs::create_dir(shop.path("directory.db")).unwrap();
    let play = move || {
        for (name, said, next) in [
            ("half.db", "База повреждена", "backup restore last"),
            ("newer.db", "более новая версия dvorik", "install.sh"),
            ("notes.db", "Это не база dvorik", "DVORIK_DATABASE__PATH=shop.db dvorik init"),
            ("photos.db", "Это не база dvorik", "DVORIK_DATABASE__PATH=shop.db dvorik init"),
            ("directory.db", "Не получается использовать", "DVORIK_DATABASE__PATH=shop.db dvorik init"),
            ("no/such/shop.db", "Не получается использовать", "--config"),
        ] {
            let mut command = shop.command(&["init"]);
            command.env("DVORIK_DATABASE__PATH", name).env("DVORIK_LANG", "ru");
            let mut typist = Typist::runs(command);
            typist.sees(next);
            assert_eq!(typist.ends(), Some(78), "{name}: {}", typist.screen());
            let screen = typist.screen();
            assert!(screen.contains(said) && !screen.contains('?'), "{name}: {screen}");
            assert!(!shop.path("config.toml").exists());
        }
    };
    tokio::task::spawn_blocking(play).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_people_keeps_its_zone_and_is_not_asked_for_it() {
    let shop = nowhere();
    let made = [
        ("DVORIK_DATABASE__PATH", "data.db"),
        ("DVORIK_TIMEZONE", "Europe/Lisbon"),
        ("DVORIK_CURRENCY", "EUR"),
        ("DVORIK_OWNER_TELEGRAM_ID", "5"),
    ];
    assert_eq!(shop.runs_with(&["migrate"], &made).code, 0);
    let play = move || {
        let begins = |variables: &[(&str, &str)]| {
            let mut command = shop.command(&["init"]);
            command.env("DVORIK_DATABASE__PATH", "data.db").env("DVORIK_LANG", "ru").env("DVORIK_SHOP_NAME", "Лавка");
            Typist::runs({
                command.envs(variables.iter().copied());
                command
            })
        };
        let mut refused = begins(&[("DVORIK_TIMEZONE", "Asia/Tokyo")]);
        refused.sees("dvorik init --timezone Europe/Lisbon --currency EUR");
        assert_eq!(refused.ends(), Some(78));
        assert!(!refused.screen().contains('?'), "{}", refused.screen());

        let mut typist = begins(&[]);
        typist.sees("В ней есть люди, поэтому она остаётся: часовой пояс Europe/Lisbon, валюта EUR.");
        for question in ["Токен бота для клиентов", "Токен бота для сотрудников", "Кому писать клиентам"]
        {
            typist.sees(question);
            typist.types("");
        }
        assert_eq!(typist.ends(), Some(0), "{}", typist.screen());
        let config = fs::read_to_string(shop.path("config.toml")).unwrap();
        assert!(config.contains("timezone = \"Europe/Lisbon\"") && config.contains("currency = \"EUR\""), "{config}");
        assert_eq!(shop.counts("SELECT count(*) FROM admins"), 1);
    };
    tokio::task::spawn_blocking(play).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_presses_start_while_init_waits() {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let telegram = BuiltinTelegram::start(any, || Clock::System.now_ms().0).await.unwrap();
    telegram.add_bot(CANARY, "dvorik_shop_bot");
    telegram.add_bot("7700701:canary-staff-token", "dvorik_staff_bot");
    let igor =
        Person { id: 42, first_name: "Игорь".into(), username: Some("igor_dvorik".into()), ..Person::default() };
    telegram.add_person(igor);
    let base = telegram.base_url();
    let (tg, shop) = (telegram.clone(), nowhere());
    let play = move || {
        let mut command = shop.command(&["init"]);
        command.env("DVORIK_TELEGRAM__API_BASE", &base).env("DVORIK_LANG", "ru").env("DVORIK_SHOP_NAME", "Лавка");
        command.env("DVORIK_BOTS__CUSTOMER__TOKEN", CANARY).env("DVORIK_TIMEZONE", "Asia/Vladivostok");
        command.env("DVORIK_BOTS__STAFF__TOKEN", "7700701:canary-staff-token").env("DVORIK_CURRENCY", "RUB");
        let mut typist = Typist::runs(command);
        typist.sees("Канал магазина");
        typist.types("");
        typist.sees("Кому писать клиентам");
        typist.types("");
        typist.sees("(Enter — потом)");
        let screen = typist.screen();
        let start = screen.split_once("https://t.me/dvorik_staff_bot?start=").unwrap().1.split(' ').next().unwrap();
        tg.opens_link("dvorik_staff_bot", 42, Some(start));
        typist.sees("✓ Владелец: Игорь (@igor_dvorik)");
        assert_eq!(typist.ends(), Some(0), "{}", typist.screen());
        assert!(!typist.screen().contains("admin invite"), "there is an owner: {}", typist.screen());
        let answer = tg.last_text("dvorik_staff_bot", 42).unwrap();
        assert!(answer.starts_with("Готово, Игорь: вы владелец «Лавка»."), "{answer}");
        assert_eq!(shop.counts("SELECT telegram_id FROM admins WHERE role = 'owner' AND status = 'active'"), 42);
        let config = fs::read_to_string(shop.path("config.toml")).unwrap();
        assert!(!config.contains(start), "the link is written nowhere");
    };
    tokio::task::spawn_blocking(play).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_without_an_owner_shows_the_link_at_a_terminal_and_never_in_a_log() {
    let mut w = World::closed().await;
    w.reconfigures(&[(&format!("owner_telegram_id = {OWNER}\n"), "")]);
    w.change("DELETE FROM admins");
    let play = move || {
        let mut command = w.command().into_std();
        let log = fs::File::create(w.file("serve.log")).unwrap();
        let mut process = command.stdin(Stdio::null()).stderr(log).spawn().unwrap();
        let logged = becomes_true(PATIENCE, async || w.log().contains("dvorik admin invite --role owner"));
        assert!(Handle::current().block_on(logged), "{}", w.log());
        assert!(!w.log().contains("start=a_"), "{}", w.log());
        process.kill().unwrap();
        process.wait().unwrap();
        assert_eq!(w.count("SELECT count(*) FROM invitations"), 0);

        let mut typist = Typist::runs(w.command().into_std());
        typist.sees("Владельца ещё нет: отсканируйте код или откройте https://t.me/dvorik_staff_bot?start=a_");
        typist.process.kill().unwrap();
        typist.ends();
        assert_eq!(w.count("SELECT count(*) FROM invitations WHERE role = 'owner'"), 1);
    };
    tokio::task::spawn_blocking(play).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owners_link_alone_is_printed_and_nobody_waits() {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let telegram = BuiltinTelegram::start(any, || Clock::System.now_ms().0).await.unwrap();
    telegram.add_bot("7700701:canary-staff-token", "dvorik_staff_bot");
    let base = telegram.base_url();
    let make = move || {
        let shop = nowhere();
        let values =
            [("DVORIK_BOTS__STAFF__TOKEN", "7700701:canary-staff-token"), ("DVORIK_TELEGRAM__API_BASE", &*base)];
        let made = shop.runs_with(&["init", "--no-input", "--owner-link", "--json", "-vv"], &values);
        let link = made.json()["after"]["owner_link"].as_str().unwrap().to_owned();
        assert!(link.starts_with("https://t.me/dvorik_staff_bot?start=a_"), "{link}");
        assert!(!made.err.contains("start=a_"), "no link in a log: {}", made.err);
        assert_eq!(shop.counts("SELECT count(*) FROM invitations WHERE role = 'owner' AND used_at IS NULL"), 1);
        fs::remove_file(shop.path("config.toml")).unwrap();
        let plain = shop.runs_with(&["init", "--no-input", "--owner-link"], &values);
        assert!(plain.out.starts_with("https://t.me/dvorik_staff_bot?start=a_"), "{}", plain.out);
        assert_eq!(shop.counts("SELECT count(*) FROM invitations"), 1, "a new link ends the old one");
    };
    tokio::task::spawn_blocking(make).await.unwrap();
}

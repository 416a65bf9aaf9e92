//! `init` with a person who answers its questions, against the built-in Telegram.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;

use builtin_telegram::{BuiltinTelegram, Fault};

use super::*;

const CUSTOMER: &str = "7700700:canary-customer-token";
const STAFF: &str = "7700701:canary-staff-token";

/// The built-in Telegram with the shop's two bots and its channel.
async fn telegram() -> BuiltinTelegram {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let telegram = BuiltinTelegram::start(any, || Clock::System.now_ms().0).await.unwrap();
    telegram.add_bot(CUSTOMER, "dvorik_shop_bot");
    telegram.add_bot(STAFF, "dvorik_staff_bot");
    telegram.add_channel(-1_001_234_567_890, Some("dvorik_shop"), "Дворик");
    telegram
}

/// Runs `init` in an empty directory with these answers.
async fn init(base: &str, answers: &[&str]) -> (ExitCode, String, String, Shop) {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("config.toml");
    let pairs =
        [("DVORIK_LANG", "ru"), ("DVORIK_TELEGRAM__API_BASE", base), ("DVORIK_CONFIG", config.to_str().unwrap())];
    let environment = Environment::from_pairs(pairs).in_directory(directory.path());
    let environment = environment.with("DVORIK_DATABASE__PATH", directory.path().join("data.db").to_str().unwrap());
    let shop = Shop { environment, _directory: directory };
    let answers: Vec<String> = answers.iter().map(|answer| (*answer).to_owned()).collect();
    let run = move || {
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        let (exit, out, err) = shop.answered("init", &answers);
        (exit, out, err, shop)
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_is_ready_after_seven_answers_and_an_enter() {
    let telegram = telegram().await;
    telegram.set_bot_is_channel_admin("@dvorik_shop", "dvorik_shop_bot", true);
    let answers = ["Лавка", "", "", CUSTOMER, STAFF, "@dvorik_shop", "@dvorik_help", ""];
    let (exit, out, err, shop) = init(&telegram.base_url(), &answers).await;
    assert_eq!(exit, ExitCode::Ok, "{err}");
    assert!(err.contains("Это @dvorik_shop_bot") && err.contains("Это @dvorik_staff_bot"), "{err}");
    assert!(err.contains("«Дворик», бот в нём администратор"), "{err}");
    assert!(err.contains("Владелец: отсканируйте код или откройте https://t.me/dvorik_staff_bot?start=a_"), "{err}");
    let last: Vec<&str> = out.lines().rev().take(2).collect();
    assert!(last[1].ends_with("dvorik serve") && last[0].ends_with("dvorik admin invite --role owner"), "{out}");
    assert!(!out.contains("canary") && !err.contains("canary"), "a token was repeated");

    let path = shop.environment.config_file().unwrap();
    let config = std::fs::read_to_string(&path).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(config.contains(CUSTOMER) && config.contains(STAFF) && config.contains("shop_name = \"Лавка\""));
    let check = move || {
        assert_eq!(shop.says("settings get telegram_channel_id -q").1.trim(), "@dvorik_shop");
        assert_eq!(shop.says("settings get support_contact -q").1.trim(), "@dvorik_help");
        assert_eq!(shop.says("admin list -q").1.trim(), "", "the owner was put off by Enter");
        assert_eq!(shop.says("audit list --action invite_admin -q").1.lines().count(), 1);
        assert!(shop.says("campaign create Весна --key spring").1.contains("t.me/dvorik_shop_bot"));
        assert_eq!(shop.answered("init", &[]).0, ExitCode::Conflict, "nothing is written over");
    };
    tokio::task::spawn_blocking(check).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_answers_are_explained_and_asked_again() {
    let telegram = telegram().await;
    telegram.set_bot_is_channel_admin("@dvorik_shop", "dvorik_shop_bot", false);
    let answers = [
        "",
        "Владивосток",
        "Asia/Vladivostok",
        "roubles",
        "RUB",
        "not a token",
        "7700799:unknown-token",
        CUSTOMER,
        "",
        "@nowhere_at_all",
        "@dvorik_shop",
        "",
        "ы",
        "",
    ];
    let (exit, out, err, shop) = init(&telegram.base_url(), &answers).await;
    assert_eq!(exit, ExitCode::Ok, "{err}");
    for said in [
        "нет такого часового пояса",
        "не похоже на токен",
        "Telegram не принимает токен",
        "Telegram не знает канала @nowhere_at_all",
        "Добавьте @dvorik_shop_bot в администраторы",
    ] {
        assert!(err.contains(said), "{said} is missing in\n{err}");
    }
    assert_eq!(err.matches("Добавьте @dvorik_shop_bot").count(), 2, "asked again until «skip»: {err}");
    assert!(!err.contains("unknown-token"), "{err}");
    assert!(!err.contains("Владелец:"), "without a staff bot there is no link: {err}");
    assert!(out.contains("dvorik admin invite --role owner"), "{out}");
    let path = shop.environment.config_file().unwrap();
    assert!(std::fs::read_to_string(path).unwrap().contains("currency = \"RUB\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_channel_is_looked_at_again_until_the_bot_administers_it() {
    let telegram = telegram().await;
    telegram.set_bot_is_channel_admin("@dvorik_shop", "dvorik_shop_bot", true);
    // Telegram hides the members of a channel from a bot that does not administer it.
    let hidden = Fault::BadRequest("member list is inaccessible".into());
    telegram.fault(hidden.next(3).on_method("getChatMember"));
    let answers = ["", "", "", CUSTOMER, "", "@dvorik_shop", "", "", "", ""];
    let (exit, _, err, shop) = init(&telegram.base_url(), &answers).await;
    assert_eq!(exit, ExitCode::Ok, "{err}");
    assert_eq!(err.matches("Добавьте @dvorik_shop_bot").count(), 3, "{err}");
    assert!(err.contains("«Дворик», бот в нём администратор"), "{err}");
    let check = move || assert_eq!(shop.says("settings get telegram_channel_id -q").1.trim(), "@dvorik_shop");
    tokio::task::spawn_blocking(check).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_that_is_answered_asks_the_rest_and_chooses_the_currency() {
    let telegram = telegram().await;
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("config.toml");
    let base = telegram.base_url();
    let pairs = [("DVORIK_TELEGRAM__API_BASE", &*base), ("DVORIK_CONFIG", config.to_str().unwrap())];
    let environment = Environment::from_pairs(pairs).in_directory(directory.path());
    let environment = environment.with("DVORIK_DATABASE__PATH", directory.path().join("data.db").to_str().unwrap());
    let shop = Shop { environment, _directory: directory };
    let run = move || (shop.answered("init --lang ru", &["", "", "", "", "", ""]), shop);
    let ((exit, _, err), _shop) = tokio::task::spawn_blocking(run).await.unwrap();
    assert_eq!(exit, ExitCode::Ok, "{err}");
    assert!(err.contains("Валюта") && err.contains("[RUB]") && !err.contains("Язык:"), "{err}");
    assert!(std::fs::read_to_string(&config).unwrap().contains("lang = \"ru\""));

    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("config.toml");
    let pairs = [("LANG", "ru_RU.UTF-8"), ("DVORIK_CONFIG", config.to_str().unwrap())];
    let environment = Environment::from_pairs(pairs).in_directory(directory.path());
    let environment = environment.with("DVORIK_DATABASE__PATH", directory.path().join("data.db").to_str().unwrap());
    let shop = Shop { environment, _directory: directory };
    let run = move || (shop.answered("init", &["english?", "en", "", "", "", "", "", ""]), shop);
    let ((exit, out, err), _shop) = tokio::task::spawn_blocking(run).await.unwrap();
    assert_eq!(exit, ExitCode::Ok, "{err}");
    assert!(err.contains("Язык: ru или en [ru]") && err.contains("Ответьте ru или en."), "{err}");
    assert!(err.contains("Currency") && err.contains("[EUR]") && !err.contains("Валюта"), "{err}");
    assert!(out.contains("Become the owner: dvorik admin invite --role owner"), "{out}");
    let written = std::fs::read_to_string(&config).unwrap();
    assert!(written.contains("lang = \"en\"") && written.contains("currency = \"EUR\""), "{written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_leaves_nothing_behind() {
    let (exit, out, _, shop) = init("http://127.0.0.1:9", &["Лавка", ""]).await;
    assert_eq!((exit, out.as_str()), (ExitCode::Interrupted, ""));
    assert!(!shop.environment.config_file().unwrap().exists());
}

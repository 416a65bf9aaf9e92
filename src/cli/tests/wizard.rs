//! `init` with a person who answers its questions, against the built-in Telegram.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;

use builtin_telegram::BuiltinTelegram;

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
async fn a_shop_is_ready_after_seven_answers() {
    let telegram = telegram().await;
    telegram.set_bot_is_channel_admin("@dvorik_shop", "dvorik_shop_bot", true);
    let answers = ["Лавка", "", CUSTOMER, STAFF, "@dvorik_shop", "@dvorik_help", "123456789"];
    let (exit, out, err, shop) = init(&telegram.base_url(), &answers).await;
    assert_eq!(exit, ExitCode::Ok, "{err}");
    assert!(err.contains("Это @dvorik_shop_bot") && err.contains("Это @dvorik_staff_bot"), "{err}");
    assert!(err.contains("«Дворик», бот в нём администратор"), "{err}");
    assert!(out.lines().last().unwrap().ends_with("dvorik serve"), "{out}");
    assert!(!out.contains("canary") && !err.contains("canary"), "a token was repeated");

    let path = shop.environment.config_file().unwrap();
    let config = std::fs::read_to_string(&path).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(config.contains(CUSTOMER) && config.contains(STAFF) && config.contains("shop_name = \"Лавка\""));
    let check = move || {
        assert_eq!(shop.says("settings get telegram_channel_id -q").1.trim(), "@dvorik_shop");
        assert_eq!(shop.says("settings get support_contact -q").1.trim(), "@dvorik_help");
        assert!(shop.says("admin list -q").1.contains('1'), "the first owner");
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
        "not a token",
        "7700799:unknown-token",
        CUSTOMER,
        "",
        "@nowhere_at_all",
        "@dvorik_shop",
        "",
        "me",
        "42",
    ];
    let (exit, _, err, shop) = init(&telegram.base_url(), &answers).await;
    assert_eq!(exit, ExitCode::Ok, "{err}");
    for said in [
        "нет такого часового пояса",
        "не похоже на токен",
        "Telegram не принимает токен",
        "Telegram не знает канала @nowhere_at_all",
        "бот в нём не администратор",
        "нужно целое число",
    ] {
        assert!(err.contains(said), "{said} is missing in\n{err}");
    }
    assert!(!err.contains("unknown-token"), "{err}");
    let path = shop.environment.config_file().unwrap();
    assert!(std::fs::read_to_string(path).unwrap().contains("owner_telegram_id = 42"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_leaves_nothing_behind() {
    let (exit, out, _, shop) = init("http://127.0.0.1:9", &["Лавка", ""]).await;
    assert_eq!((exit, out.as_str()), (ExitCode::Interrupted, ""));
    assert!(!shop.environment.config_file().unwrap().exists());
}

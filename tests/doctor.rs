//! `doctor`, `status`, `bot`, `webhook` as the owner runs them, on shops that are sound and shops that are not.
//! `DVORIK_TEST_DAMAGES` says how many damaged databases are looked at (40).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use builtin_telegram::Fault;
use dvorik::db::examine::{Depth, examine};
use dvorik::settings;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::harness::{CHANNEL, OWNER, Ran, SHOP, STAFF, World};

const PAGE: usize = 4096;

#[expect(clippy::disallowed_methods, reason = "how hard a test tries is no configuration of the shop")]
fn damages() -> u64 {
    std::env::var("DVORIK_TEST_DAMAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// Status and finding of every line about `check`.
fn found(ran: &Ran, check: &str) -> Vec<(String, String)> {
    let items = ran.json()["items"].as_array().unwrap().clone();
    let of_check = items.into_iter().filter(|item| item["check"] == check);
    let word = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
    of_check.map(|item| (word(&item, "status"), word(&item, "finding"))).collect()
}

fn next(ran: &Ran, finding: &str) -> String {
    let items = ran.json()["items"].as_array().unwrap().clone();
    let item = items.into_iter().find(|item| item["finding"] == finding);
    item.unwrap_or_else(|| panic!("no {finding} in {}", ran.out))["next"].as_str().unwrap_or_default().to_owned()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(status, finding)| ((*status).to_owned(), (*finding).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_open_to_everybody_and_proxies_that_are_anybody_are_warned_of() {
    let mut w = World::closed().await;
    w.reconfigures(&[(
        "listen = \"127.0.0.1:0\"",
        "listen = \"0.0.0.0:0\"\ntrusted_proxies = [\"10.0.0.0/8\", \"0.0.0.0/0\"]",
    )]);
    let ran = w.ran(&["doctor", "--offline", "--json"]);
    assert_eq!(found(&ran, "http"), pairs(&[("warn", "open"), ("warn", "trusts_everybody")]));
    assert_eq!(ran.code, 0, "a warning is no failure");
    assert!(ran.out.contains("http.listen") && ran.out.contains("онтейнер"), "right on a machine and in a container");
}

/// A large database is read whole when the owner asks for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_database_is_read_page_by_page_only_when_deep_is_said() {
    let w = World::closed().await;
    let path = w.config().database.path.clone();
    let doctor = |deep: &[&str]| w.ran(&[&["doctor", "--offline", "--json"], deep].concat());
    assert_eq!(found(&doctor(&[]), "database"), pairs(&[("ok", "sound")]), "a small one is always read");
    w.change(
        "INSERT INTO audit_log (at, actor, action, entity, after)
        VALUES ('2026-01-01T00:00:00Z', 'test', 'test', 'test', '\"' || hex(zeroblob(40 * 1024 * 1024)) || '\"')",
    );
    tokio::task::block_in_place(|| {
        crate::backup::judge(&path).execute_batch("PRAGMA wal_checkpoint(truncate)").unwrap()
    });
    assert_eq!(found(&doctor(&[]), "database"), pairs(&[("ok", "unread")]));
    assert!(next(&doctor(&[]), "unread").ends_with("doctor --deep"));
    assert_eq!(found(&doctor(&["--deep"]), "database"), pairs(&[("ok", "sound")]));
    // A page of the large value: nothing that doctor or the daemon reads to begin with.
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / PAGE * PAGE;
    bytes[middle..middle + 4].copy_from_slice(&[0xff; 4]);
    fs::write(&path, bytes).unwrap();
    assert_eq!(found(&doctor(&[]), "database"), pairs(&[("ok", "unread")]));
    let ran = doctor(&["--deep"]);
    assert_eq!((ran.code, found(&ran, "database")), (1, pairs(&[("fail", "damaged")])), "{}", ran.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_another_program_holds_is_named_unless_a_daemon_serves() {
    let mut w = World::closed().await;
    let stranger = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = stranger.local_addr().unwrap().to_string();
    w.reconfigures(&[("listen = \"127.0.0.1:0\"", &format!("listen = \"{taken}\""))]);
    let ran = w.ran(&["doctor", "--offline", "--json"]);
    assert_eq!((ran.code, found(&ran, "http")), (1, pairs(&[("fail", "taken")])), "{}", ran.err);
    assert!(ran.out.contains(&taken) && next(&ran, "taken") == "ss -ltnp", "{}", ran.out);
    let serving = dvorik::locks::take(&w.config().database.path, dvorik::locks::Lock::Serve).unwrap();
    assert_eq!(
        found(&w.ran(&["doctor", "--offline", "--json"]), "http"),
        pairs(&[("ok", "sound")]),
        "it is the daemon's"
    );
    drop(serving);
    // An address that no machine has.
    w.reconfigures(&[(&taken, "192.0.2.1:8000")]);
    assert_eq!(found(&w.ran(&["doctor", "--offline", "--json"]), "http"), pairs(&[("fail", "cannot_listen")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_shop_is_called_sound() {
    let w = World::closed().await;
    let ran = w.ran(&["doctor", "--json"]);
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.err);
    for check in ["config", "rights", "disk", "sqlite", "database", "migrations", "work", "channel", "clock", "http"] {
        assert_eq!(found(&ran, check), pairs(&[("ok", "sound")]), "{check}");
    }
    assert_eq!(found(&ran, "bot"), pairs(&[("ok", "sound"), ("ok", "sound")]));
    assert_eq!(found(&ran, "updates"), pairs(&[("ok", "polled"), ("ok", "polled")]));
    assert_eq!(found(&ran, "daemon"), pairs(&[("warn", "absent")]));
    assert_eq!(found(&ran, "backup"), pairs(&[("warn", "none")]));
    assert_eq!(w.ran(&["doctor", "--strict"]).code, 1, "two warnings");
    let offline = w.ran(&["doctor", "--offline", "--json"]);
    assert_eq!((offline.code, found(&offline, "bot")), (0, vec![]));
    assert!(!format!("{}{}", ran.out, ran.err).contains("builtin-customer-token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_and_channels_that_do_not_answer_are_named() {
    let mut w = World::closed().await;
    w.tg.set_bot_is_channel_admin(CHANNEL, SHOP, false);
    let ran = w.ran(&["doctor", "--json"]);
    assert_eq!((ran.code, found(&ran, "channel")), (1, pairs(&[("fail", "not_admin")])));
    w.sets(&settings::TELEGRAM_CHANNEL_ID, "@no_such_channel");
    assert_eq!(found(&w.ran(&["doctor", "--json"]), "channel"), pairs(&[("fail", "unknown")]));
    w.sets(&settings::TELEGRAM_CHANNEL_ID, "");
    assert_eq!(found(&w.ran(&["doctor", "--json"]), "channel"), pairs(&[("warn", "unset")]));

    w.reconfigures(&[("1000002:builtin-staff-token", "1000002:builtin-revoked-token")]);
    let ran = w.ran(&["doctor", "--json"]);
    assert_eq!((ran.code, found(&ran, "bot")), (1, pairs(&[("ok", "sound"), ("fail", "token_refused")])));
    w.tg.stop().await;
    let ran = w.ran(&["doctor", "--json"]);
    assert_eq!((ran.code, found(&ran, "bot")), (1, pairs(&[("fail", "unreachable"), ("fail", "unreachable")])));
    for text in [&ran.out, &ran.err] {
        assert!(!text.contains("builtin-"), "a token in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_and_webhooks_are_brought_to_agree() {
    let mut w = World::closed().await;
    let refused = w.ran(&["webhook", "set"]);
    assert_eq!((refused.code, refused.err.contains("--yes")), (5, true), "{}", refused.err);
    w.takes_webhooks();
    let ran = w.ran(&["doctor", "--json"]);
    assert_eq!((ran.code, found(&ran, "updates")), (1, vec![("fail".into(), "elsewhere".into()); 4]));
    assert!(next(&ran, "elsewhere").ends_with("webhook set"));
    let set = w.ran(&["webhook", "set", "--json"]);
    assert_eq!((set.code, &set.json()["changed"]), (0, &json!(true)), "{}", set.err);
    assert_eq!(found(&w.ran(&["doctor", "--json"]), "updates"), vec![("ok".into(), "pushed".into()); 4]);
    let info = w.ran(&["webhook", "info", "--json"]).json();
    assert_eq!((&info["total"], &info["items"][0]["agrees"]), (&json!(4), &json!(true)));

    w.reconfigures(&[("mode = \"webhook\"", "mode = \"polling\"")]);
    let ran = w.ran(&["doctor", "--json"]);
    assert_eq!(found(&ran, "updates"), vec![("fail".into(), "webhook_in_the_way".into()); 4]);
    assert!(next(&ran, "webhook_in_the_way").ends_with("webhook delete"));
    assert_eq!(w.ran(&["webhook", "delete"]).code, 0);
    assert_eq!(found(&w.ran(&["doctor", "--json"]), "updates"), vec![("ok".into(), "polled".into()); 4]);
    for ran in [set, ran] {
        assert!(!format!("{}{}", ran.out, ran.err).contains("-secret"), "{}", ran.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_others_can_read_are_found_and_closed() {
    let w = World::closed().await;
    let (config, database) = (w.file("config.toml"), w.config().database.path.clone());
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    open(&database);
    let ran = w.ran(&["doctor", "--offline", "--json"]);
    assert_eq!((ran.code, found(&ran, "rights")), (1, pairs(&[("fail", "open")])));
    assert!(next(&ran, "open").ends_with("doctor --fix"));
    assert_eq!(mode(&database), 0o644, "looking changes nothing");
    open(&config);
    let ran = w.ran(&["doctor", "--offline", "--json"]);
    assert_eq!((ran.code, found(&ran, "config")), (1, pairs(&[("fail", "faulty")])));
    let ran = w.ran(&["doctor", "--offline", "--fix", "--json"]);
    assert_eq!((ran.code, found(&ran, "rights")[0].1.as_str()), (0, "closed"), "{} {}", ran.out, ran.err);
    assert_eq!(found(&w.ran(&["doctor", "--offline", "--json"]), "rights"), pairs(&[("ok", "sound")]));
    assert_eq!((mode(&config), mode(&database)), (0o600, 0o600));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_named_with_the_way_back_and_nothing_panics() {
    let w = World::closed().await;
    let sound = whole_copy(&w);
    let pages = sound.len() / PAGE;
    assert!(pages > 40, "a database worth damaging");
    for page in (1..=pages).step_by(pages / 8) {
        let mut bytes = sound.clone();
        bytes[(page - 1) * PAGE..page * PAGE].fill(0xff);
        put(&w, &bytes);
        let ran = w.ran(&["doctor", "--offline", "--json"]);
        assert_eq!((ran.code, ran.err.contains("panicked")), (1, false), "page {page}: {}", ran.err);
        let database = found(&ran, "database");
        let is_named = |(status, finding): &(String, String)| {
            status == "fail" && ["damaged", "foreign", "unreadable"].contains(&finding.as_str())
        };
        assert!(database.iter().any(is_named), "page {page}: {database:?}");
        assert!(next(&ran, &database[0].1).contains("backup"), "{}", ran.out);
        let listed = w.ran(&["user", "list"]);
        assert!(!listed.err.contains("panicked"), "page {page}: {}", listed.err);
    }
    fs::create_dir_all(w.file("backups")).unwrap();
    fs::write(w.file("backups/dvorik-20261122T090000Z.db"), "").unwrap();
    let ran = w.ran(&["doctor", "--offline", "--json"]);
    let finding = found(&ran, "database")[0].1.clone();
    assert!(next(&ran, &finding).ends_with("backup restore last"), "{}", ran.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn bits_flipped_anywhere_never_make_a_look_panic() {
    let w = World::closed().await;
    let sound = whole_copy(&w);
    let seed = rand::random();
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let path = w.file("damaged.db");
    let mut noticed = 0;
    for _ in 0..damages() {
        let mut bytes = sound.clone();
        for _ in 0..rng.random_range(1..200) {
            let at = rng.random_range(0..bytes.len());
            bytes[at] ^= 1 << rng.random_range(0..8);
        }
        fs::write(&path, bytes).unwrap();
        noticed += u64::from(
            examine(&path, Depth::Pages).map_or(true, |seen| !seen.damage.is_empty() || !seen.orphans.is_empty()),
        );
    }
    assert!(noticed > damages() / 2, "{noticed} of {} noticed", damages());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_missing_or_foreign_is_told_apart() {
    let w = World::bare().await;
    let ran = w.ran(&["doctor", "--offline", "--json"]);
    assert_eq!((ran.code, found(&ran, "database")), (1, pairs(&[("fail", "missing")])));
    assert!(next(&ran, "missing").ends_with("migrate"));
    fs::write(&w.config().database.path, "not a database, just words of some length to be read").unwrap();
    let ran = w.ran(&["doctor", "--offline", "--json"]);
    assert_eq!((ran.code, found(&ran, "database")), (1, pairs(&[("fail", "foreign")])));
}

#[tokio::test(flavor = "multi_thread")]
async fn stuck_work_and_a_clock_set_back_are_noticed() {
    let w = World::closed().await;
    w.change(
        "INSERT INTO updates (bot, update_id, lane, raw, state, received_ms) VALUES
            ('customer', 1, 1, '{}', 'queued', 1000), ('staff', 2, 1, '{}', 'parked', 1000)",
    );
    w.change(
        "INSERT INTO outbox (bot, chat_id, lane, kind, payload, not_before_ms, created_ms)
            VALUES ('customer', 1, 0, 'text', '{}', 1000, 1000)",
    );
    let ran = w.ran(&["doctor", "--offline", "--json"]);
    let expected = pairs(&[("warn", "late_updates"), ("warn", "late_letters"), ("warn", "parked")]);
    assert_eq!((ran.code, found(&ran, "work")), (0, expected));
    w.change("UPDATE updates SET received_ms = 4102444800000 WHERE update_id = 2");
    let ran = w.ran(&["doctor", "--offline", "--json"]);
    assert_eq!((ran.code, found(&ran, "clock")), (1, pairs(&[("fail", "set_back")])));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_screen_tells_how_the_shop_is() {
    let mut w = World::closed().await;
    let down = w.ran(&["status", "--json"]).json();
    assert_eq!(
        (&down["schema"], &down["daemon"]),
        (&json!("dvorik.status/1"), &json!({ "running": false, "pid": null }))
    );
    w.serves().await;
    let (_, code) = w.customer_with_code("Анна").await;
    let cashier = w.cashier("Касса 1").await;
    cashier.says(&code);
    let card = cashier.hears("Размер: 10 %").await;
    cashier.presses_under(&card, "Погасить");
    cashier.hears("Погашено ✅").await;
    let up = w.ran(&["status", "--json"]).json();
    assert_eq!(up["daemon"], json!({ "running": true, "pid": std::process::id() }));
    assert_eq!((&up["last_redemption"]["code"], &up["redeemed_today"]), (&json!(code), &json!(1)));
    assert_eq!(up["bots"][0]["username"], SHOP);
    let human = w.ran(&["status"]).out;
    assert!(human.contains(&code) && human.contains(SHOP), "{human}");
    let doctor = w.ran(&["doctor", "--json"]);
    assert_eq!((doctor.code, found(&doctor, "daemon")), (0, pairs(&[("ok", "serves")])), "{}", doctor.out);
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_are_synced_with_a_menu_for_each_who_sees_it() {
    let w = World::closed().await;
    let before = w.ran(&["bot", "list", "--json"]).json();
    assert_eq!((&before["total"], &before["items"][0]["username"]), (&json!(4), &Value::Null));
    let synced = w.ran(&["bot", "sync", "--json"]);
    assert_eq!(
        (synced.code, &synced.json()["after"]),
        (0, &json!({ "customer": SHOP, "staff": STAFF })),
        "{}",
        synced.err
    );
    assert_eq!(w.ran(&["bot", "list", "--json"]).json()["items"][0]["username"], format!("@{SHOP}"));
    let menus = w.tg.receipts();
    let menu = |scope: Value| {
        let of_scope = menus.iter().find(|receipt| {
            receipt.method == "setMyCommands" && &*receipt.bot == STAFF && receipt.params["scope"] == scope
        });
        of_scope.unwrap_or_else(|| panic!("no menu for {scope}")).params["commands"].to_string()
    };
    let (everybody, owner) =
        (menu(json!({ "type": "all_private_chats" })), menu(json!({ "type": "chat", "chat_id": OWNER })));
    assert!(everybody.contains("redeem") && !everybody.contains("requests"), "{everybody}");
    assert!(owner.contains("redeem") && owner.contains("requests") && owner.contains("get_token"), "{owner}");
    w.tg.fault(Fault::ServerErrorHtml(502).always().on_method("getMe"));
    let refused = w.ran(&["bot", "sync", "--json"]);
    assert_eq!((refused.code, &refused.error()["code"]), (75, &json!("TELEGRAM_UNAVAILABLE")));
}

/// The database in one file, nothing left in its log.
#[expect(clippy::disallowed_methods, reason = "a stranger's connection")]
fn whole_copy(w: &World) -> Vec<u8> {
    let target = w.file("copy.db");
    let connection = Connection::open(&w.config().database.path).unwrap();
    connection.execute("VACUUM INTO ?1", [target.to_str().unwrap()]).unwrap();
    fs::read(target).unwrap()
}

/// Puts these bytes in the place of the shop's database, which nobody has open.
fn put(w: &World, bytes: &[u8]) {
    let path = &w.config().database.path;
    for tail in ["-wal", "-shm"] {
        let _absent = fs::remove_file(PathBuf::from(format!("{}{tail}", path.display())));
    }
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

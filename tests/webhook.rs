//! The HTTP door from outside: webhooks with their secrets, what comes in broken or twice, who may hold whom up, and
//! what `/health` and `/readyz` say. `DVORIK_TEST_UPDATES` says how many updates are pushed in parallel (150).

use std::io::{Read, Write};
use std::net::TcpStream;

use builtin_telegram::Fault;
use dvorik::api::webhook;
use dvorik::daemon::ServeError;
use dvorik::realm::BotName;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::disk::SmallDisk;
use crate::given;
use crate::harness::{PATIENCE, SHOP, STAFF, World, becomes_true, plain_http};

const HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";
const BOTS: [BotName; 4] = [BotName::Customer, BotName::Staff, BotName::CustomerTest, BotName::StaffTest];

#[expect(clippy::disallowed_methods, reason = "how hard a test tries is no configuration of the shop")]
fn updates() -> i64 {
    std::env::var("DVORIK_TEST_UPDATES").ok().and_then(|text| text.parse().ok()).unwrap_or(150)
}

async fn pushed_world() -> World {
    let mut w = World::closed().await;
    w.takes_webhooks();
    w.serves().await;
    w
}

async fn push(w: &World, bot: BotName, secret: &str, body: impl Into<reqwest::Body>) -> Response {
    let url = format!("{}{}", w.http(), webhook::path(bot));
    plain_http().post(url).header(HEADER, secret).body(body).send().await.unwrap()
}

fn secret_of(bot: BotName) -> String {
    format!("{bot}-secret")
}

fn start(id: i64, person: i64, payload: &str) -> String {
    let who = json!({ "id": person, "is_bot": false, "first_name": "Анна" });
    json!({
        "update_id": id,
        "message": {
            "message_id": id, "date": 1_795_000_000, "from": who, "chat": { "id": person, "type": "private" },
            "text": format!("/start {payload}"),
        },
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_path_works_when_telegram_pushes() {
    let w = pushed_world().await;
    let (anna, code) = w.customer_with_code("Анна").await;
    let cashier = w.cashier("Касса 1").await;
    cashier.says(&code);
    let card = cashier.hears("Размер: 10 %").await;
    cashier.presses_under(&card, "Погасить");
    cashier.hears("Погашено ✅").await;
    anna.hears(&format!("Ваш код {code} использован")).await;
    for bot in [SHOP, STAFF] {
        let polls =
            w.tg.receipts().iter().filter(|receipt| &*receipt.bot == bot && receipt.method == "getUpdates").count();
        assert_eq!(polls, 0, "{bot} polled");
    }
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM redemptions"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_bots_own_secret_opens_its_webhook() {
    let w = pushed_world().await;
    let mut id = 0;
    for bot in BOTS {
        let right = secret_of(bot);
        let mut wrong: Vec<String> = BOTS.into_iter().filter(|other| *other != bot).map(secret_of).collect();
        wrong.extend(
            ["", "x", &right[1..], &right[..right.len() - 1], &right.to_uppercase(), &format!("{right}x")]
                .map(str::to_owned),
        );
        for secret in wrong {
            id += 1;
            let refused = push(&w, bot, &secret, start(id, 1, "")).await;
            assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{bot}: «{secret}»");
            assert_eq!(refused.headers()["content-type"], "application/problem+json");
            assert_eq!(refused.json::<Value>().await.unwrap()["code"], "WEBHOOK_SECRET_INVALID");
        }
        let url = format!("{}{}", w.http(), webhook::path(bot));
        let none = plain_http().post(&url).body(start(id, 1, "")).send().await.unwrap();
        assert_eq!(none.status(), StatusCode::FORBIDDEN);
        let twice = plain_http().post(&url).header(HEADER, &right).header(HEADER, &right).body(start(id, 1, ""));
        assert_eq!(twice.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    }
    assert_eq!(w.count("SELECT count(*) FROM updates"), 0, "a refused push leaves no row");
    for bot in BOTS {
        assert_eq!(push(&w, bot, &secret_of(bot), start(7, 1, "")).await.status(), StatusCode::OK, "{bot}");
    }
    assert_eq!(w.texts("SELECT bot FROM updates ORDER BY id"), BOTS.map(BotName::as_str));
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_at_the_secret_is_slowed_and_telegram_is_not() {
    let w = pushed_world().await;
    let bot = BOTS[0];
    let mut left = 1000;
    while push(&w, bot, "guess", start(1, 1, "")).await.status() != StatusCode::TOO_MANY_REQUESTS {
        left -= 1;
        assert!(left > 0, "nobody stops the guessing");
    }
    assert_eq!(push(&w, bot, &secret_of(bot), start(7, 1, "")).await.status(), StatusCode::OK);
    w.ends().await;
}

/// Whoever does not know the secret cannot make the door read anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_refused_before_the_body_arrives() {
    let w = pushed_world().await;
    let address = w.http().replace("http://", "");
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        let head = "POST /bot/main/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{";
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        String::from_utf8(answer.to_vec()).unwrap()
    });
    assert_eq!(answer.await.unwrap(), "HTTP/1.1 403");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_pushed_three_times_at_once_takes_effect_once() {
    let w = pushed_world().await;
    given::campaign(&w.db(), "fall");
    let (url, http) = (format!("{}{}", w.http(), webhook::path(BotName::Customer)), plain_http());
    let (updates, at_once) = (updates(), 32);
    (5000..5040).for_each(|person| w.tg.has_started(SHOP, person));
    let mut pushes = JoinSet::new();
    for number in 0..updates * 3 {
        let (id, url, http) = (number / 3, url.clone(), http.clone());
        if pushes.len() == at_once * 3 {
            assert_eq!(pushes.join_next().await.unwrap().unwrap(), StatusCode::OK);
        }
        pushes.spawn(async move {
            let body = start(1000 + id, 5000 + id % 40, "ref_fall");
            let sent = http.post(url).header(HEADER, secret_of(BotName::Customer)).body(body).send();
            sent.await.unwrap().status()
        });
    }
    for status in pushes.join_all().await {
        assert_eq!(status, StatusCode::OK);
    }
    let w = w.handles_everything().await;
    assert_eq!(w.count("SELECT count(*) FROM updates WHERE state = 'done'"), updates);
    assert_eq!(w.count("SELECT count(*) FROM campaign_clicks"), updates, "every /start counts once");
    // Sending takes its time: Telegram's limits hold for answers, too.
    assert_eq!(w.count("SELECT count(*) FROM outbox"), updates, "and is answered once");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_never_be_read_is_kept_cut_and_acknowledged() {
    let w = pushed_world().await;
    let big = format!("{{\"update_id\":501,\"message\":{{\"text\":\"{}\"}}}}", "я".repeat(600_000));
    let deep = format!("{{\"update_id\":502,\"message\":{}1{}}}", "[".repeat(300), "]".repeat(300));
    let bodies =
        [big.into_bytes(), deep.into_bytes(), b"<html>".to_vec(), b"".to_vec(), vec![0xff, 0xfe, 0], b"[]".to_vec()];
    for body in &bodies {
        for _ in 0..2 {
            let answer = push(&w, BotName::Customer, "customer-secret", body.clone()).await;
            assert_eq!(answer.status(), StatusCode::OK);
        }
    }
    assert_eq!(w.count("SELECT count(*) FROM updates"), i64::try_from(bodies.len()).unwrap(), "a repetition is known");
    assert_eq!(w.count("SELECT count(*) FROM updates WHERE update_id IN (501, 502)"), 2);
    assert!(w.count("SELECT max(length(raw)) FROM updates") < 10_000);
    w.handles_everything().await.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_is_told_once_where_to_push_and_again_when_that_changes() {
    let mut w = World::closed().await;
    w.takes_webhooks();
    w.serves().await;
    let told = |w: &World| w.tg.receipts().iter().filter(|receipt| receipt.method == "setWebhook").count();
    agreed(&w, 4, 4).await;
    assert_eq!(told(&w), 4);
    for receipt in w.tg.receipts().iter().filter(|receipt| receipt.method == "setWebhook") {
        let allowed = receipt.params["allowed_updates"].to_string();
        assert!(allowed.contains("chat_member") && allowed.contains("callback_query"), "{allowed}");
        assert!(receipt.params.get("drop_pending_updates").is_none(), "what waits is never dropped");
    }
    w.stops().await;
    w.serves().await;
    agreed(&w, 8, 4).await;
    assert_eq!(told(&w), 4, "it had been told");
    w.stops().await;
    w.reconfigures(&[("\"staff-secret\"", "\"new-secret\"")]);
    w.serves().await;
    agreed(&w, 12, 5).await;
    assert_eq!(told(&w), 5, "Telegram never tells the secret it knows; the shop remembers which it was");
    w.ends().await;
}

/// Waits until the bots have asked this often which webhook is set, and set it this often. A bot asks first, and
/// introduces itself meanwhile.
async fn agreed(w: &World, asked: usize, set: usize) {
    for (method, times) in [("getWebhookInfo", asked), ("getMe", asked), ("setWebhook", set)] {
        let count = w.tg.wait_count(|receipt| receipt.method == method, times, PATIENCE).await;
        assert_eq!(count, times, "{method}");
    }
    // A daemon that stops before it has stored what it set sets it again at the next start.
    w.waits_for_count("SELECT count(*) FROM meta WHERE key LIKE 'bot.%.webhook'", 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn turning_from_webhooks_to_polling_and_back_loses_nothing() {
    let mut w = pushed_world().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет, Анна!").await;
    w.stops().await;
    let boris = w.customer("Борис");
    boris.opens(None);
    w.reconfigures(&[("mode = \"webhook\"", "mode = \"polling\"")]);
    w.serves().await;
    boris.hears("Привет, Борис!").await;
    let closed = push(&w, BotName::Customer, "customer-secret", start(1, 1, "")).await;
    assert_eq!(closed.status(), StatusCode::NOT_FOUND, "a shop that polls takes no pushes");
    w.stops().await;
    let vera = w.customer("Вера");
    vera.opens(None);
    w.reconfigures(&[("mode = \"polling\"", "mode = \"webhook\"")]);
    w.serves().await;
    vera.hears("Привет, Вера!").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_refuses_pushes_is_not_ready_and_recovers() {
    let w = pushed_world().await;
    assert_eq!(readyz(&w).await.0, StatusCode::OK);
    let lock = w.locks_database();
    let refused = push(&w, BotName::Customer, "customer-secret", start(1, 5001, ""));
    let (refused, (status, body)) = tokio::join!(refused, not_ready(&w));
    assert_eq!((status, &body["failing"]), (StatusCode::SERVICE_UNAVAILABLE, &json!(["database"])), "{body}");
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE, "Telegram must send it again");
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "SERVICE_UNAVAILABLE");
    drop(lock);
    assert_eq!(push(&w, BotName::Customer, "customer-secret", start(1, 5001, "")).await.status(), StatusCode::OK);
    assert_eq!(becomes_ready(&w).await["status"], "ready");
    w.handles_everything().await.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_pushes_is_not_ready_and_recovers() {
    let Some(disk) = SmallDisk::mount() else { return };
    let mut w = World::bare().await;
    w.takes_webhooks();
    w.reconfigures(&[("[http]", &format!("[database]\npath = \"{}\"\n[http]", disk.path().join("shop.db").display()))]);
    w.serves().await;
    becomes_ready(&w).await;
    let (mut ballast, file) = (Vec::new(), disk.path().join("ballast"));
    while std::fs::write(&file, &ballast).is_ok() {
        ballast.extend([0; 4096]);
    }
    let (_, body) = not_ready(&w).await;
    assert!(body["failing"].as_array().unwrap().contains(&json!("disk")), "{body}");
    let mut stored = 0;
    let refused = loop {
        let answer = push(&w, BotName::Customer, "customer-secret", start(stored + 1, 5001, "")).await;
        if answer.status() != StatusCode::OK {
            break answer.status();
        }
        stored += 1;
    };
    assert_eq!(refused, StatusCode::SERVICE_UNAVAILABLE, "Telegram must send it again");
    std::fs::remove_file(file).unwrap();
    becomes_ready(&w).await;
    let again = push(&w, BotName::Customer, "customer-secret", start(stored + 1, 5001, "")).await;
    assert_eq!(again.status(), StatusCode::OK);
    let w = w.handles_everything().await;
    assert_eq!(w.count("SELECT count(*) FROM updates"), stored + 1, "every 200 has its row");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_named_and_the_other_bot_goes_on() {
    let mut w = World::closed().await;
    w.reconfigures(&[("1000002:builtin-staff-token", "1000002:builtin-revoked-token")]);
    w.serves().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет, Анна!").await;
    let (status, body) = not_ready(&w).await;
    assert_eq!((status, &body["failing"]), (StatusCode::SERVICE_UNAVAILABLE, &json!(["bot.staff"])), "{body}");
    w.stops().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_with_headers_that_keep_browsers_off() {
    let w = World::open().await;
    let answer =
        plain_http().get(format!("{}/health", w.http())).header("X-Request-Id", "my-id.1").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let headers = answer.headers().clone();
    assert_eq!(headers["x-request-id"], "my-id.1");
    assert_eq!(
        (&headers["x-content-type-options"], &headers["x-frame-options"]),
        (&"nosniff".parse().unwrap(), &"DENY".parse().unwrap())
    );
    assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let body: Value = answer.json().await.unwrap();
    assert_eq!((&body["status"], &body["version"]), (&json!("ok"), &json!(env!("CARGO_PKG_VERSION"))));
    let ready = becomes_ready(&w).await;
    let names: Vec<&str> =
        ready["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["database", "disk", "loops", "bot.customer", "bot.staff", "updates", "outbox"]);
    assert!(!ready.to_string().contains("builtin-customer-token"));
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_or_method_that_does_not_exist_is_a_problem_with_a_code() {
    let w = World::open().await;
    for (method, path, status, code) in [
        ("GET", "/", 404, "NOT_FOUND"),
        ("GET", "/api/v1/nowhere", 404, "NOT_FOUND"),
        ("POST", "/bot/main/webhook", 404, "NOT_FOUND"),
        ("GET", "/%ff%00", 422, "VALIDATION_ERROR"),
        ("DELETE", "/health", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/bot/main/webhook", 405, "METHOD_NOT_ALLOWED"),
    ] {
        let request = plain_http().request(method.parse().unwrap(), format!("{}{path}", w.http()));
        let answer = request.header("X-Request-Id", "bad id\t").send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (status, &"application/problem+json".parse().unwrap()),
            "{path}"
        );
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        let body: Value = answer.json().await.unwrap();
        assert_eq!((&body["code"], &body["status"], &body["request_id"]), (&json!(code), &json!(status), &json!(id)));
        assert_eq!(id.len(), 20, "an unsound id is replaced");
    }
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_say_nothing_hold_nobody_up_and_are_let_go() {
    let w = World::open().await;
    let address = w.http().replace("http://", "");
    let silent = tokio::task::spawn_blocking(move || {
        let mut silent: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(&address).unwrap()).collect();
        for stream in &mut silent {
            stream.write_all(b"GET /health HTTP/1.1\r\nHo").unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
        }
        silent
    });
    let mut silent = silent.await.unwrap();
    assert_eq!(plain_http().get(format!("{}/health", w.http())).send().await.unwrap().status(), StatusCode::OK);
    let ended = tokio::task::spawn_blocking(move || {
        let mut rest = Vec::new();
        silent.iter_mut().all(|stream| stream.read_to_end(&mut rest).is_ok())
    });
    assert!(ended.await.unwrap(), "the door hangs up");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_that_dies_ends_the_process_and_is_named() {
    let mut w = World::closed().await;
    w.runs();
    w.waits_for_log(" ready ").await;
    w.tg.fault(Fault::HangAfterAccept.always().on_method("getUpdates"));
    // At once: nothing of this program opens a database that lacks a table.
    w.locks_database().execute_batch("DROP TABLE gates; DROP TABLE outbox; COMMIT").unwrap();
    let code = w.has_ended().await;
    assert_eq!(code, Some(1), "{}", w.log());
    assert!(w.log().contains("a loop failed") && w.log().contains("sender"), "{}", w.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_daemons_cannot_have_one_port() {
    let one = World::open().await;
    let mut other = World::closed().await;
    other.reconfigures(&[("127.0.0.1:0", &one.http().replace("http://", ""))]);
    let ended =
        dvorik::daemon::serve_until(other.config(), Default::default(), |_| panic!("it serves"), async {}).await;
    assert!(matches!(ended, Err(ServeError::Listen { .. })), "{ended:?}");
    one.ends().await;
}

/// Neither the right secret nor the tokens are ever logged, also at the most talkative level.
#[tokio::test(flavor = "multi_thread")]
async fn refused_pushes_are_logged_without_any_secret() {
    let mut w = World::closed().await;
    w.takes_webhooks();
    let address = w.config().http.listen;
    w.reconfigures(&[("[http]", "[log]\nlevel = \"trace\"\n[http]")]);
    w.runs();
    w.waits_for_log(" ready ").await;
    let url = format!("http://{address}{}", webhook::path(BotName::Customer));
    let refused = plain_http().post(url).header(HEADER, "canary-guess").body("{}").send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    w.is_killed().await;
    let log = w.log();
    assert!(log.contains("a wrong secret or none"), "{log}");
    for canary in ["canary-guess", "customer-secret", "staff-secret", "builtin-customer-token"] {
        assert!(!log.contains(canary), "{canary} in {log}");
    }
}

async fn readyz(w: &World) -> (StatusCode, Value) {
    let answer = plain_http().get(format!("{}/readyz", w.http())).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

/// The first answer that is not 200; a look is believed for a second.
pub async fn not_ready(w: &World) -> (StatusCode, Value) {
    let mut last = (StatusCode::OK, Value::Null);
    let is_noticed = async || {
        last = readyz(w).await;
        last.0 != StatusCode::OK
    };
    assert!(becomes_true(PATIENCE, is_noticed).await, "trouble is not noticed");
    last
}

pub async fn becomes_ready(w: &World) -> Value {
    let mut last = (StatusCode::SERVICE_UNAVAILABLE, Value::Null);
    let is_ready = async || {
        last = readyz(w).await;
        last.0 == StatusCode::OK
    };
    assert!(becomes_true(PATIENCE, is_ready).await, "it does not recover by itself: {}", last.1);
    last.1
}

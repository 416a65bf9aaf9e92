//! Another program uses a bot's token: a stranger's webhook, a second poller. The owner is told, and every place that
//! is looked at says so.

use std::time::{Duration, Instant};

use builtin_telegram::Receipt;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{OWNER, PATIENCE, SHOP, STAFF, World, becomes_true, plain_http};

const TOKEN: &str = "1000001:builtin-customer-token";

/// A call of the stranger's program.
async fn strangers_call(base: &str, method: &str, body: Value) -> StatusCode {
    let url = format!("{base}/bot{TOKEN}/{method}");
    let client = plain_http();
    client.post(url).json(&body).send().await.unwrap().status()
}

async fn get(w: &World, path: &str) -> (StatusCode, String) {
    let client = plain_http();
    let answer = client.get(format!("{}{path}", w.http())).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// The notice of a conflict, through this bot.
async fn told(w: &World, bot: &'static str) -> std::sync::Arc<Receipt> {
    let notice = |r: &Receipt| {
        &*r.bot == bot && r.chat_id == Some(OWNER) && r.text().is_some_and(|text| text.contains("ещё одна программа"))
    };
    w.tg.wait_receipt(notice, 2 * PATIENCE).await.unwrap_or_else(|| panic!("nobody was told through {bot}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_webhook_is_told_and_shown_everywhere() {
    let mut w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    assert_eq!(get(&w, "/readyz").await.0, StatusCode::OK);
    let began = Instant::now();
    let set = strangers_call(&w.tg.base_url(), "setWebhook", json!({ "url": "http://127.0.0.1:1/hook" })).await;
    assert_eq!(set, StatusCode::OK);
    let notice = told(&w, STAFF).await;
    assert!(began.elapsed() < Duration::from_secs(60), "told after {:?}", began.elapsed());
    assert!(notice.text().unwrap().contains("@dvorik_shop_bot") && notice.text().unwrap().contains("/revoke"));
    let status = w.ran(&["status", "--json"]).json();
    let of = |name: &str| status["bots"].as_array().unwrap().iter().find(|bot| bot["name"] == name).unwrap().clone();
    assert!(of("customer")["conflicts_last_hour"].as_i64().unwrap() > 0, "{status}");
    assert_eq!(of("staff")["conflicts_last_hour"], 0);
    let screen = w.ran(&["status", "--lang", "ru"]).out;
    assert!(screen.contains("этим токеном пользуется ещё одна программа"), "{screen}");
    let doctor = w.ran(&["doctor", "--json"]);
    let found: Vec<&str> = doctor.out.lines().filter(|line| line.contains("\"conflicts\"")).collect();
    assert!(doctor.out.contains("conflicts") && doctor.code == 1, "{found:?} {}", doctor.out);
    assert!(get(&w, "/metrics").await.1.contains(r#"dvorik_poll_conflicts_total{bot="customer"}"#));
    let mut degraded = Value::Null;
    let is_degraded = async || {
        let (code, body) = get(&w, "/readyz").await;
        assert_eq!(code, StatusCode::OK, "{body}");
        degraded = serde_json::from_str(&body).unwrap();
        degraded["status"] == "degraded"
    };
    let most = Duration::from_secs(100).saturating_sub(began.elapsed());
    assert!(becomes_true(most, is_degraded).await, "{degraded}");
    assert!(began.elapsed() >= Duration::from_secs(59), "degraded after {:?}", began.elapsed());
    assert_eq!((&degraded["degraded"], &degraded["failing"]), (&json!(["bot.customer"]), &json!([])));
    let listen = format!("listen = \"{}\"", w.http().trim_start_matches("http://"));
    w.reconfigures(&[("listen = \"127.0.0.1:0\"", &listen)]);
    let ready = w.ran(&["status", "--ready", "--json"]);
    assert_eq!((ready.code, &ready.json()["degraded"]), (0, &json!(["bot.customer"])), "a restart would not help");
    // The answers go on while the way in is closed.
    let cashier = w.cashier("Касса 1").await;
    cashier.says("АБВ9999");
    cashier.hears("Такого кода нет").await;
    strangers_call(&w.tg.base_url(), "deleteWebhook", json!({})).await;
    anna.says("/help");
    anna.hears("Ваши коды").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_poller_is_told_through_the_customers_bot_when_the_staff_bots_token_is_refused() {
    let mut w = World::closed().await;
    w.tg.has_started(SHOP, OWNER);
    w.reconfigures(&[("1000002:builtin-staff-token", "1000009:builtin-revoked-token")]);
    w.serves().await;
    let base = w.tg.base_url();
    #[expect(clippy::disallowed_methods, reason = "the stranger's program; ended below")]
    let stranger = tokio::spawn(async move {
        loop {
            let _ = strangers_call(&base, "getUpdates", json!({ "timeout": 2 })).await;
        }
    });
    told(&w, SHOP).await;
    stranger.abort();
    assert_eq!(w.count("SELECT count(*) FROM outbox WHERE bot = 'staff'"), 0);
    w.stops().await;
}

//! Tests webhooks: the secret, the retries, the order of updates, and the conflict with getUpdates.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use tokio::sync::mpsc;

use super::*;

type Pushes = mpsc::UnboundedReceiver<(Option<String>, Value)>;

/// A webhook receiver that answers with the given codes, then 200.
async fn receiver(codes: Vec<u16>) -> (String, Pushes) {
    let (seen, pushes) = mpsc::unbounded_channel();
    let codes = Arc::new(Mutex::new(codes));
    let handler = |State((seen, codes)): State<(mpsc::UnboundedSender<_>, Arc<Mutex<Vec<u16>>>)>,
                   headers: HeaderMap,
                   body: String| async move {
        let secret = headers.get("x-telegram-bot-api-secret-token").map(|value| value.to_str().unwrap().to_owned());
        seen.send((secret, serde_json::from_str::<Value>(&body).unwrap())).unwrap();
        let code = codes.lock().unwrap().pop().unwrap_or(200);
        StatusCode::from_u16(code).unwrap()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let app = Router::new().fallback(handler).with_state((seen, codes));
    #[expect(clippy::disallowed_methods, reason = "the receiving end of a test")]
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, pushes)
}

#[tokio::test]
async fn updates_are_pushed_with_the_secret_until_they_are_taken() {
    let fixture = fixture().await;
    let (url, mut pushes) = receiver(vec![500]).await;
    fixture.tg.says(BOT, ANNA, "first");
    fixture.call("setWebhook", json!({ "url": url, "secret_token": "s3cret-x", "allowed_updates": ["message"] })).await;
    fixture.tg.says(BOT, ANNA, "second");
    fixture.tg.blocks(BOT, ANNA);
    let mut texts = Vec::new();
    for _ in 0..3 {
        let (secret, update) = tokio::time::timeout(PATIENCE, pushes.recv()).await.unwrap().unwrap();
        assert_eq!(secret.as_deref(), Some("s3cret-x"));
        texts.push(update["message"]["text"].as_str().unwrap().to_owned());
    }
    assert_eq!(texts, ["first", "first", "second"], "a refused push comes again");
    assert!(fixture.tg.wait_acknowledged(BOT, PATIENCE).await);
    let info = fixture.call("getWebhookInfo", json!({})).await["result"].clone();
    assert_eq!(info["url"], url);
    assert_eq!(info["pending_update_count"], 0, "{info}");
    assert!(info["last_error_message"].as_str().unwrap().contains("500"));
}

#[tokio::test]
async fn a_webhook_and_a_poll_exclude_each_other() {
    let fixture = fixture().await;
    let refused = "http://127.0.0.1:9/hook";
    let poll = fixture.call("getUpdates", json!({ "timeout": 50 }));
    tokio::pin!(poll);
    let ended = loop {
        tokio::select! {
            biased;
            body = &mut poll => break body,
            body = fixture.call("setWebhook", json!({ "url": refused })) => {
                assert_eq!(body["ok"], true);
                fixture.call("deleteWebhook", json!({})).await;
            }
        }
    };
    assert_eq!(ended["error_code"], 409, "{ended}");
    fixture.call("setWebhook", json!({ "url": refused })).await;
    let conflict = fixture.refusal("getUpdates", json!({})).await;
    assert!(conflict.starts_with("Conflict: can't use getUpdates method while webhook is active"), "{conflict}");
    fixture.tg.says(BOT, ANNA, "kept");
    fixture.call("deleteWebhook", json!({ "drop_pending_updates": false })).await;
    assert_eq!(fixture.call("getUpdates", json!({})).await["result"][0]["message"]["text"], "kept");
}

#[tokio::test]
async fn unsound_webhooks_are_refused() {
    let fixture = fixture().await;
    let plain = fixture.refusal("setWebhook", json!({ "url": "http://shop.example/hook" })).await;
    assert_eq!(plain, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook");
    let secret = json!({ "url": "https://shop.example/hook", "secret_token": "a b" });
    assert_eq!(fixture.refusal("setWebhook", secret).await, "Bad Request: secret token contains unallowed characters");
}

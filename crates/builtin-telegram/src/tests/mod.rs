//! Tests over real HTTP, driven with plain reqwest: the product's client is not used here.

mod crate_client;
mod faults;
mod judging;
mod library;
mod people;
mod polling;
mod webhook;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{BuiltinTelegram, Person};

pub(super) const TOKEN: &str = "1000001:builtin-customer-token";
pub(super) const OTHER_TOKEN: &str = "1000002:builtin-staff-token";
pub(super) const BOT: &str = "shop_bot";
pub(super) const OTHER_BOT: &str = "staff_bot";
pub(super) const ANNA: i64 = 501;
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// 2026-11-22T09:00:00Z, in milliseconds since the Unix epoch.
const MORNING_MS: i64 = 1_795_338_000_000;
/// A one-pixel PNG.
pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

/// A server with two bots, and a person, Anna, who has started the first bot.
pub(super) struct Fixture {
    pub(super) tg: BuiltinTelegram,
    pub(super) http: reqwest::Client,
    /// The server's time in milliseconds since the Unix epoch; it stands until a test moves it.
    pub(super) clock: Arc<AtomicI64>,
}

pub(super) async fn fixture() -> Fixture {
    let clock = Arc::new(AtomicI64::new(MORNING_MS));
    let now_ms = Arc::clone(&clock);
    let now_ms = move || now_ms.load(Ordering::SeqCst);
    let tg = BuiltinTelegram::start("127.0.0.1:0".parse().unwrap(), now_ms).await.unwrap();
    tg.add_bot(TOKEN, BOT);
    tg.add_bot(OTHER_TOKEN, OTHER_BOT);
    tg.add_person(Person { id: ANNA, first_name: "Анна".into(), last_name: None, username: Some("anna".into()) });
    tg.has_started(BOT, ANNA);
    let http = reqwest::Client::builder().tls_certs_only([]).no_proxy().timeout(PATIENCE).build().unwrap();
    Fixture { tg, http, clock }
}

impl Fixture {
    pub(super) fn url(&self, token: &str, method: &str) -> String {
        format!("{}/bot{token}/{method}", self.tg.base_url())
    }

    pub(super) async fn call(&self, method: &str, params: Value) -> Value {
        self.call_as(TOKEN, method, params).await
    }

    pub(super) async fn call_as(&self, token: &str, method: &str, params: Value) -> Value {
        let response = self.http.post(self.url(token, method)).json(&params).send().await.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        let expected = body["error_code"].as_u64().unwrap_or(200);
        assert_eq!(u64::from(status), expected, "status and error_code agree");
        body
    }

    /// Makes a call that the server refuses. Returns the description of the refusal.
    pub(super) async fn refusal(&self, method: &str, params: Value) -> String {
        let body = self.call(method, params).await;
        assert_eq!(body["ok"], false, "{body}");
        body["description"].as_str().unwrap().to_owned()
    }

    /// Sends HTML to Anna and returns the message.
    pub(super) async fn send(&self, text: &str) -> Value {
        let params = json!({ "chat_id": ANNA, "text": text, "parse_mode": "HTML" });
        let body = self.call("sendMessage", params).await;
        assert_eq!(body["ok"], true, "{body}");
        body["result"].clone()
    }

    pub(super) async fn upload(&self, token: &str, chat: i64, bytes: &'static [u8]) -> Value {
        let form = Form::new()
            .text("chat_id", chat.to_string())
            .text("caption", "<b>вот</b>")
            .text("parse_mode", "HTML")
            .part("photo", Part::bytes(bytes).file_name("qr.png"));
        self.http.post(self.url(token, "sendPhoto")).multipart(form).send().await.unwrap().json().await.unwrap()
    }
}

//! What comes in broken is refused with a code and the field; nothing of it is a failure of ours.

use dvorik::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, Said, heard};

async fn raw(api: &Api, token: &str, kind: &str, body: impl Into<reqwest::Body>) -> Said {
    let sent = api.request(Method::POST, "/discounts/redeem", token).header("Content-Type", kind).body(body);
    heard(sent.send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_read_strictly() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let bodies: [(Value, &str); 12] = [
        (json!({}), "code"),
        (json!([]), "code"),
        (json!({ "code": 7 }), "code"),
        (json!({ "code": "" }), "code"),
        (json!({ "code": "x".repeat(65) }), "code"),
        (json!({ "code": null }), "code"),
        (json!({ "code": "АБВ1234", "color": "red" }), "color"),
        (json!({ "code": "АБВ1234", "amount": "1" }), "amount"),
        (json!({ "code": "АБВ1234", "amount": -1 }), "amount"),
        (json!({ "code": "АБВ1234", "amount": 1.5 }), "amount"),
        (json!({ "code": "АБВ1234", "amount": 100_000_000_001_i64 }), "amount"),
        (json!({ "code": "АБВ1234", "cashier_id": "1" }), "cashier_id"),
    ];
    for (body, field) in bodies {
        let said = api.post("/discounts/redeem", &owner, body.clone()).await;
        assert_eq!((said.status, said.code()), (422, "VALIDATION_ERROR"), "{body}");
        assert!(said.field() == field || body == json!([]), "{body}: {}", said.json);
    }
    let json_kind = "application/json";
    for text in ["", "{", "{\"code\":\"x\"} x", "null", "7", "{\"code\":\"x\",\"code\":\"y\"}"] {
        let said = raw(&api, &owner, json_kind, text).await;
        assert_eq!((said.status, said.code()), (422, "VALIDATION_ERROR"), "{text}: {}", said.json);
    }
    assert_eq!(raw(&api, &owner, json_kind, vec![0xff, 0xfe]).await.status, 422);
    assert_eq!(raw(&api, &owner, "text/plain", "{\"code\":\"x\"}").await.field(), "Content-Type");
    let large = raw(&api, &owner, json_kind, format!("{{\"code\":\"{}\"}}", "x".repeat(65_536))).await;
    assert_eq!((large.status, large.code()), (400, "PAYLOAD_TOO_LARGE"));
    let deep = raw(&api, &owner, json_kind, "[".repeat(60_000)).await;
    assert_eq!(deep.status, 422);
    assert_eq!(api.w.count("SELECT count(*) FROM discount_usage_logs"), 0, "none of this was an attempt");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_read_strictly() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let queries = [
        ("/users?page=0", "page"),
        ("/users?page=x", "page"),
        ("/users?page=-1", "page"),
        ("/users?page=501", "page"),
        ("/users?page=4294967296", "page"),
        ("/users?per_page=0", "per_page"),
        ("/users?per_page=101", "per_page"),
        ("/users?colour=red", "colour"),
        ("/users?page=1&page=2", "page"),
        ("/users?gender=x", "gender"),
        ("/users?gender=unknown", "gender"),
        ("/users?is_subscribed=yes", "is_subscribed"),
        ("/users?age_from=121", "age_from"),
        ("/users?age_from=30&age_to=20", "age_from"),
        ("/users?birthday_month=13", "birthday_month"),
        ("/users?sort=phone", "sort"),
        ("/users?tag=", "tag"),
        ("/users/0", "id"),
        ("/users/-1", "id"),
        ("/users/x", "id"),
        ("/users/99999999999999999999", "id"),
        ("/users/1?x=1", "x"),
        ("/discounts?status=used", "status"),
        ("/discounts?user_id=0", "user_id"),
        ("/stats/overview?from=2026-13-01", "from"),
        ("/stats/overview?from=2026-1-1", "from"),
        ("/stats/overview?from=0001-01-01", "from"),
        ("/stats/overview?from=2026-02-01&to=2026-01-01", "from"),
        ("/stats/overview?from=1990-01-01&to=2026-01-01", "from"),
        ("/stats/timeseries?by=year", "by"),
        ("/discounts/1/qr?format=gif", "format"),
    ];
    for (path, field) in queries {
        let said = api.get(path, &owner).await;
        assert_eq!((said.status, said.code()), (422, "VALIDATION_ERROR"), "{path}: {}", said.json);
        assert_eq!(said.field(), field, "{path}: {}", said.json);
    }
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_methods_and_ids_of_requests() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let nowhere = api.get("/nowhere", &owner).await;
    assert_eq!((nowhere.status, nowhere.code()), (404, "NOT_FOUND"));
    let wrong = api.call(Method::DELETE, "/users", &owner, None).await;
    assert_eq!((wrong.status, wrong.code()), (405, "METHOD_NOT_ALLOWED"));
    let sent = api.request(Method::GET, "/auth/me", &owner).header("X-Request-Id", "till-7.42").send().await.unwrap();
    assert_eq!(sent.headers()["x-request-id"], "till-7.42");
    assert_eq!(sent.headers()["cache-control"], "no-store");
    assert_eq!(sent.headers()["x-content-type-options"], "nosniff");
    assert!(sent.headers().get("access-control-allow-origin").is_none());
    let unsound = api.request(Method::GET, "/auth/me", &owner).header("X-Request-Id", "a b").send().await.unwrap();
    assert_ne!(unsound.headers()["x-request-id"], "a b");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_reads_answers_only_from_a_configured_origin() {
    let api = Api::configured("cors_origins = [\"https://panel.example\"]\n").await;
    let owner = api.of(Role::Owner).await;
    let from = |origin: &'static str| {
        let call = api.request(Method::GET, "/auth/me", &owner).header("Origin", origin);
        async move { call.send().await.unwrap().headers().get("access-control-allow-origin").cloned() }
    };
    assert_eq!(from("https://panel.example").await.unwrap(), "https://panel.example");
    assert_eq!(from("https://panel.example.evil.test").await, None);
    assert_eq!(from("null").await, None);
    let asks = api.request(Method::OPTIONS, "/users/1", "").header("Origin", "https://panel.example");
    let asked = asks.header("Access-Control-Request-Method", "PATCH").send().await.unwrap();
    assert_eq!(asked.status(), 204);
    assert!(asked.headers()["access-control-allow-methods"].to_str().unwrap().contains("PATCH"));
    api.w.ends().await;
}

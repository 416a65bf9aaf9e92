//! Many people at once, a word to one, everything about one, and nothing of one any more.

use dvorik::access::Scope;
use dvorik::staff::Role;
use dvorik::user::UserStatus;
use reqwest::Method;
use serde_json::{Value, json};

use super::Api;
use crate::given;

/// So many people with ids from 1; every tenth of the test bots.
pub fn crowd(api: &Api, count: i64) {
    api.w.changes(format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO users (id, telegram_id, is_test, first_name, name_norm, source, source_normalized, created_at,
           created_day, last_activity_at)
         SELECT i, 500000 + i, i % 10 = 0, 'Имя ' || i, 'имя ' || i, 'direct', 'direct', '2026-11-22T03:00:00Z',
           '2026-11-22', '2026-11-22T03:00:00Z' FROM n"
    ));
}

fn row(said: &super::Said, at: usize) -> &Value {
    &said.json["items"][at]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_gets_their_own_outcome() {
    let api = Api::open().await;
    crowd(&api, 12);
    let marketing = api.of(Role::Marketing).await;
    api.w.change("UPDATE users SET status = 'blocked' WHERE id = 2");
    api.w.change("INSERT INTO user_tags (user_id, tag) SELECT 3, 'tag' || id FROM users WHERE id < 12");
    api.w.change("INSERT INTO user_tags (user_id, tag) SELECT 3, 'more' || id FROM users WHERE id < 10");
    api.w.change("INSERT INTO user_tags (user_id, tag) VALUES (1, 'old'), (4, 'vip')");
    api.w.change("UPDATE users SET telegram_id = -5 - 1000000000000 WHERE id = 5");
    let body = json!({
        "user_ids": [1, 2, 3, 4, 5, 10, 777, 1, -4, i64::MAX], "add_tags": ["VIP ", "new"], "remove_tags": ["old", "new"],
        "set_discount_from_template": "manual_10",
    });
    let said = api.post("/users/bulk", &marketing, body.clone()).await;
    assert_eq!(said.status, 200, "{}", said.json);
    assert_eq!((&said.json["done"], &said.json["failed"]), (&json!(2), &json!(7)));
    assert_eq!(row(&said, 0), &json!({ "user_id": 1, "ok": true, "discount_id": 1 }));
    assert_eq!(row(&said, 1), &json!({ "user_id": 2, "ok": false, "error": "USER_BLOCKED" }));
    assert_eq!(row(&said, 2), &json!({ "user_id": 3, "ok": false, "error": "TOO_MANY_TAGS" }));
    assert_eq!(row(&said, 3)["discount_id"], 2);
    for (at, id) in [(4, 5), (5, 10), (6, 777), (7, -4), (8, i64::MAX)] {
        assert_eq!(row(&said, at), &json!({ "user_id": id, "ok": false, "error": "USER_NOT_FOUND" }));
    }
    assert_eq!(
        api.w.texts("SELECT user_id || tag FROM user_tags WHERE user_id IN (1, 2, 4, 5) ORDER BY 1"),
        ["1vip", "4vip"]
    );
    assert_eq!(
        api.w.count("SELECT count(*) FROM user_tags WHERE user_id = 3"),
        20,
        "whoever is refused stays as they were"
    );
    assert_eq!(api.w.count("SELECT count(*) FROM discounts"), 2);
    assert_eq!(api.w.count("SELECT count(*) FROM audit_log WHERE action = 'issue_discount' AND actor = 'admin:2'"), 2);
    assert_eq!(api.w.count("SELECT count(*) FROM audit_personal"), 1, "only the first one's tags changed");
    assert_eq!(api.w.count("SELECT count(*) FROM outbox"), 0, "nobody is told");
    let test = json!({ "user_ids": [1, 10], "add_tags": ["t"] });
    let said = api.post("/users/bulk?is_test=true", &marketing, test).await;
    assert_eq!((&row(&said, 0)["error"], &row(&said, 1)["ok"]), (&json!("USER_NOT_FOUND"), &json!(true)));
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_for_all_changes_nobody() {
    let api = Api::open().await;
    crowd(&api, 3);
    let owner = api.of(Role::Owner).await;
    given::template(&api.w.db(), "subscription", |template| template.is_active = false);
    let many: Vec<i64> = (1..=1001).collect();
    let tags: Vec<String> = (0..21).map(|n| n.to_string()).collect();
    for (body, code, field) in [
        (json!({ "user_ids": many }), "VALIDATION_ERROR", "user_ids"),
        (json!({ "user_ids": [] }), "VALIDATION_ERROR", "user_ids"),
        (json!({}), "VALIDATION_ERROR", "user_ids"),
        (json!({ "user_ids": [1], "add_tags": tags }), "VALIDATION_ERROR", "add_tags"),
        (json!({ "user_ids": [1], "add_tags": ["x".repeat(33)] }), "TAG_TOO_LONG", "tags"),
        (json!({ "user_ids": [1], "add_tags": ["a\u{0}"] }), "VALIDATION_ERROR", "add_tags"),
        (json!({ "user_ids": [1], "add_tags": ["x"], "set_discount_from_template": "none" }), "TEMPLATE_NOT_FOUND", ""),
        (
            json!({ "user_ids": [1], "add_tags": ["x"], "set_discount_from_template": "subscription" }),
            "TEMPLATE_INACTIVE",
            "",
        ),
        (json!({ "user_ids": [1], "tags": ["x"] }), "VALIDATION_ERROR", "tags"),
    ] {
        let said = api.post("/users/bulk", &owner, body.clone()).await;
        assert_eq!((said.code(), said.field()), (code, field), "{body}: {}", said.json);
    }
    assert_eq!(api.w.count("SELECT count(*) FROM user_tags"), 0);
    let long = api.request(Method::POST, "/users/bulk", &owner).header("content-type", "application/json");
    let said =
        super::heard(long.body(format!("{{\"user_ids\":[1]{}}}", " ".repeat(1024 * 1024))).send().await.unwrap()).await;
    assert_eq!((said.status, said.code()), (400, "PAYLOAD_TOO_LARGE"));
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_people_are_changed_once_per_key_and_the_kept_answer_names_none() {
    let api = Api::open().await;
    crowd(&api, 1112);
    let owner = api.of(Role::Owner).await;
    let ids: Vec<i64> = (1..=1111).filter(|id| id % 10 != 0).take(1000).collect();
    let body = json!({ "user_ids": ids, "add_tags": ["vip"], "set_discount_from_template": "manual_10" });
    let send = || async {
        let call = api.request(Method::POST, "/users/bulk", &owner).header("Idempotency-Key", "many").json(&body);
        call.send().await.unwrap().text().await.unwrap()
    };
    let (one, other) = (send().await, send().await);
    assert_eq!(one, other);
    let said: Value = serde_json::from_str(&one).unwrap();
    assert_eq!((&said["done"], &said["failed"]), (&json!(1000), &json!(0)), "{one:.300}");
    assert_eq!(api.w.count("SELECT count(*) FROM discounts"), 1000);
    assert_eq!(api.w.count("SELECT count(*) FROM user_tags WHERE tag = 'vip'"), 1000);
    assert!(!one.contains("Имя") && !one.contains("telegram_id"));
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_to_one_is_checked_sent_and_says_when_the_bot_is_blocked() {
    let api = Api::open().await;
    let (anna, _) = api.w.customer_with_code("Анна").await;
    let marketing = api.of(Role::Marketing).await;
    let said = api.post("/users/1/message", &marketing, json!({ "body": "<b>Заказ</b> готов" })).await;
    assert_eq!((said.status, &said.json), (202, &json!({ "user_id": 1, "queued": true, "bot_blocked": false })));
    anna.hears("<b>Заказ</b> готов").await;
    for (body, code) in [
        ("<b>open", "TEXT_HTML_INVALID"),
        ("<script>x</script>", "TEXT_HTML_INVALID"),
        ("", "VALIDATION_ERROR"),
        (&*"ж".repeat(4097), "TEXT_HTML_INVALID"),
    ] {
        let said = api.post("/users/1/message", &marketing, json!({ "body": body })).await;
        assert_eq!((said.status, said.code(), said.field()), (422, code, "body"), "{body:.20}");
    }
    assert_eq!(api.post("/users/2/message", &marketing, json!({ "body": "x" })).await.code(), "USER_NOT_FOUND");
    assert_eq!(
        api.post("/users/1/message?is_test=true", &marketing, json!({ "body": "x" })).await.code(),
        "USER_NOT_FOUND"
    );
    given::blocks_bot(&api.w.db(), anna.id);
    assert_eq!(api.post("/users/1/message", &marketing, json!({ "body": "x" })).await.json["bot_blocked"], true);
    given::has_status(&api.w.db(), anna.id, UserStatus::Blocked);
    assert_eq!(api.post("/users/1/message", &marketing, json!({ "body": "x" })).await.code(), "USER_BLOCKED");
    let audited = api.w.texts("SELECT after FROM audit_log WHERE action = 'message_user' ORDER BY id LIMIT 1");
    assert_eq!(audited, ["{\"length\":11}"]);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_exports_a_person_and_erases_them() {
    let api = Api::open().await;
    let (_, code) = api.w.customer_with_code("Неповторимая").await;
    let (owner, marketing) = (api.of(Role::Owner).await, api.of(Role::Marketing).await);
    assert_eq!(api.post("/discounts/check", &api.token(&[Scope::Redeem]), json!({ "code": code })).await.status, 200);
    assert_eq!(api.get("/users/1/export", &marketing).await.code(), "OWNER_ONLY");
    assert_eq!(api.call(Method::DELETE, "/users/1", &marketing, None).await.code(), "OWNER_ONLY");
    let all = api.get("/users/1/export", &owner).await;
    assert_eq!((all.status, &all.json["schema"]), (200, &json!("dvorik.user.export/1")));
    assert_eq!(
        (&all.json["user"]["first_name"], &all.json["attempts"][0]["status"]),
        (&json!("Неповторимая"), &json!("checked"))
    );
    assert_eq!(api.w.count("SELECT count(*) FROM audit_log WHERE action = 'export_user' AND actor = 'admin:2'"), 1);
    for path in ["/users/2", "/users/1?is_test=true"] {
        assert_eq!(api.call(Method::DELETE, path, &owner, None).await.code(), "USER_NOT_FOUND", "{path}");
    }
    api.w.change(
        "INSERT INTO cashiers (telegram_id, is_test, name, status, requested_at)
        SELECT telegram_id, 0, 'x', 'active', created_at FROM users WHERE id = 1",
    );
    assert_eq!(api.call(Method::DELETE, "/users/1", &owner, None).await.code(), "CASHIER_ALREADY_EXISTS");
    api.w.change("UPDATE cashiers SET status = 'suspended'");
    let erased = api.call(Method::DELETE, "/users/1", &owner, None).await;
    assert_eq!((erased.status, &erased.json), (200, &json!({ "user_id": 1, "codes_revoked": 1 })));
    assert_eq!(api.call(Method::DELETE, "/users/1", &owner, None).await.code(), "USER_NOT_FOUND");
    assert_eq!(api.w.count("SELECT count(*) FROM users WHERE first_name IS NOT NULL OR telegram_id > 0"), 0);
    assert_eq!(api.w.count("SELECT count(*) FROM erased_people"), 1);
    api.w.ends().await;
}

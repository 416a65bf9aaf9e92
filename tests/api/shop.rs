//! The shop through the API: people, codes and figures, and what is hidden from whom.

use builtin_telegram::Person;
use dvorik::access::Scope;
use dvorik::ids::CashierId;
use dvorik::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::Api;
use crate::given;
use crate::harness::SHOP;

fn ids(said: &super::Said) -> Vec<i64> {
    said.json["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

/// Five real people, one of them blocked, and one of the test bots.
pub async fn peopled() -> Api {
    let api = Api::open().await;
    people(&api);
    api
}

/// Them.
pub fn people(api: &Api) {
    for (id, name, test, more) in [
        (1, "Анна", 0, "'+79141234567', 'female', '2000-12-05', 'active', 0"),
        (2, "Борис", 0, "NULL, 'male', '1950-05-01', 'active', 0"),
        (3, "Вера", 0, "NULL, 'female', NULL, 'blocked', 0"),
        (4, "Глеб", 0, "NULL, 'unknown', NULL, 'active', 0"),
        (5, "Пётр", 0, "NULL, 'male', NULL, 'active', 0"),
        (6, "Тест", 1, "'+79990000000', 'male', NULL, 'active', 0"),
    ] {
        let norm = name.to_lowercase().replace('ё', "е");
        api.w.changes(format!(
            "INSERT INTO users (id, telegram_id, is_test, first_name, name_norm, phone, gender, birthday, status,
               is_subscribed, source, source_normalized, created_at, created_day, last_activity_at)
             VALUES ({id}, {}, {test}, '{name}', '{norm}', {more}, 'direct', 'direct',
               '2026-11-22T03:00:00Z', '2026-11-22', '2026-11-22T03:00:00Z')",
            5000 + id
        ));
    }
    // The nightly check asks Telegram about them.
    for id in [5001, 5004] {
        api.w.someone(SHOP, Person { id, first_name: "Подписчик".into(), ..Person::default() }).subscribes();
    }
    api.w.change("UPDATE users SET is_subscribed = 1 WHERE id IN (1, 4)");
    api.w.change("UPDATE users SET birthday_md = substr(birthday, 6)");
    api.w.change("INSERT INTO user_tags (user_id, tag) VALUES (1, 'vip'), (4, 'vip')");
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_found_by_every_filter_and_page() {
    let api = peopled().await;
    let owner = api.of(Role::Owner).await;
    let found: [(&str, &[i64]); 16] = [
        ("", &[5, 4, 3, 2, 1]),
        ("?sort=created_at", &[1, 2, 3, 4, 5]),
        ("?sort=name&per_page=2", &[1, 2]),
        ("?sort=name&per_page=2&page=3", &[5]),
        ("?page=2", &[]),
        ("?is_test=true", &[6]),
        ("?search=ПЕТР", &[5]),
        ("?search=14123", &[1]),
        ("?is_subscribed=true", &[4, 1]),
        ("?gender=female", &[3, 1]),
        ("?status=blocked", &[3]),
        ("?birthday_month=12", &[1]),
        ("?age_from=60", &[2]),
        ("?tag=vip", &[4, 1]),
        ("?tag=vip&gender=female&source=direct", &[1]),
        ("?campaign=none", &[]),
    ];
    for (query, expected) in found {
        let said = api.get(&format!("/users{query}"), &owner).await;
        assert_eq!(said.status, 200, "{query}: {}", said.json);
        assert_eq!(ids(&said), expected, "{query}");
    }
    let page = api.get("/users?per_page=2&page=2", &owner).await.json;
    assert_eq!((&page["total"], &page["page"], &page["per_page"]), (&json!(5), &json!(2), &json!(2)));
    assert_eq!(page["items"][0]["created_at"], "2026-11-22T03:00:00Z");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_only_looks_learns_no_phone_and_no_change() {
    let api = peopled().await;
    let (owner, looker) = (api.of(Role::Owner).await, api.of(Role::Readonly).await);
    let script = api.token(&[Scope::UsersRead]);
    let edit = json!({ "phone": "8 914 765-43-21", "tags": ["vip", "Друг"] });
    let edited = api.call(Method::PATCH, "/users/1", &owner, Some(edit)).await;
    assert_eq!(
        (&edited.json["phone"], &edited.json["tags"]),
        (&json!("+79147654321"), &json!(["birthday_set", "vip", "друг"]))
    );
    for token in [&looker, &script] {
        for path in ["/users", "/users/1"] {
            let said = api.get(path, token).await;
            assert_eq!(said.status, 200);
            assert!(
                !said.json.to_string().contains("phone\":") && !said.json.to_string().contains("7654321"),
                "{path}"
            );
        }
        assert_eq!(ids(&api.get("/users?search=7654321", token).await), [0_i64; 0], "a phone is not to be guessed");
        let changes = api.get("/users/1", token).await.json["changes"].clone();
        assert_eq!(changes.as_array().unwrap().len(), 2);
        assert!(changes[0]["at"].is_string() && changes[0].get("after").is_none() && changes[0].get("actor").is_none());
    }
    let changes = api.get("/users/1", &owner).await.json["changes"].clone();
    assert_eq!(changes[0]["after"], json!({ "phone": "+79147654321" }));
    assert_eq!(changes[0]["before"], json!({ "phone": "+79141234567" }));
    assert_eq!(ids(&api.get("/users?search=7654321", &owner).await), [1]);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_whole_or_not_at_all() {
    let api = peopled().await;
    let marketing = api.of(Role::Marketing).await;
    let refused = [
        (json!({ "tags": ["new"], "phone": "12" }), "PHONE_INVALID"),
        (json!({ "tags": ["new"], "phone": "8914123456" }), "PHONE_INVALID"),
        (json!({ "tags": ["new"], "phone": "+89141234567" }), "PHONE_INVALID"),
        (json!({ "tags": ["new"], "birthday": "2999-01-01" }), "BIRTHDAY_INVALID"),
        (json!({ "tags": ["new"], "birthday": "1900-01-01" }), "BIRTHDAY_INVALID"),
        (json!({ "tags": ["new"], "birthday": "2001-02-29" }), "VALIDATION_ERROR"),
        (json!({ "tags": (0..21).map(|n| n.to_string()).collect::<Vec<_>>() }), "TOO_MANY_TAGS"),
        (json!({ "tags": ["x".repeat(33)] }), "TAG_TOO_LONG"),
        (json!({ "tags": ["new", ""] }), "VALIDATION_ERROR"),
        (json!({ "tags": ["new"], "telegram_id": 1 }), "VALIDATION_ERROR"),
    ];
    for (body, code) in refused {
        let said = api.call(Method::PATCH, "/users/2", &marketing, Some(body.clone())).await;
        assert_eq!(said.code(), code, "{body}: {}", said.json);
    }
    assert_eq!(api.w.count("SELECT count(*) FROM user_tags WHERE user_id = 2"), 0);
    assert_eq!(api.w.count("SELECT count(*) FROM audit_log WHERE entity = 'user'"), 0);
    let emptied = json!({ "birthday": null, "gender": "unknown", "status": "blocked", "tags": [] });
    let said = api.call(Method::PATCH, "/users/2", &marketing, Some(emptied)).await;
    assert_eq!((said.status, &said.json["birthday"], &said.json["status"]), (200, &Value::Null, &json!("blocked")));
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_here_is_nobody() {
    let api = peopled().await;
    let owner = api.of(Role::Owner).await;
    api.w.change("UPDATE users SET telegram_id = -5 - 1000000000000 WHERE id = 5");
    for id in ["5", "6", "777", "9223372036854775807"] {
        for (method, body) in [(Method::GET, None), (Method::PATCH, Some(json!({ "tags": ["x"] })))] {
            let said = api.call(method, &format!("/users/{id}"), &owner, body).await;
            assert_eq!((said.status, said.code()), (404, "USER_NOT_FOUND"), "{id}");
        }
        let issue = json!({ "user_id": id.parse::<i64>().unwrap(), "template_name": "manual_10" });
        assert_eq!(api.post("/discounts", &owner, issue).await.code(), "USER_NOT_FOUND");
    }
    assert_eq!(api.get("/users/6?is_test=true", &owner).await.json["first_name"], "Тест");
    let issue = json!({ "user_id": 6, "template_name": "manual_10" });
    let made = api.post("/discounts?is_test=true", &owner, issue).await;
    assert_eq!((made.status, &made.json["discount"]["is_test"]), (201, &json!(true)));
    let (id, code) = (made.json["discount"]["id"].clone(), made.json["discount"]["code"].clone());
    assert_eq!(api.get(&format!("/discounts/{id}"), &owner).await.code(), "CODE_NOT_FOUND");
    assert_eq!(api.post("/discounts/redeem", &owner, json!({ "code": code })).await.code(), "CODE_NOT_FOUND");
    assert_eq!(ids(&api.get("/discounts", &owner).await), [0_i64; 0]);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_lives_its_life_through_the_api() {
    let api = Api::open().await;
    let (anna, _) = api.w.customer_with_code("Анна").await;
    let (marketing, owner) = (api.of(Role::Marketing).await, api.of(Role::Owner).await);
    let till = api.token(&[Scope::Redeem]);
    let issue = json!({ "user_id": 1, "template_name": "manual_10", "notify": true });
    let made = api.post("/discounts", &marketing, issue).await;
    assert_eq!((made.status, &made.json["changed"]), (201, &json!(true)), "{}", made.json);
    let (id, code) =
        (made.json["discount"]["id"].as_i64().unwrap(), made.json["discount"]["code"].as_str().unwrap().to_owned());
    anna.hears(&code).await;
    let gift = json!({ "user_id": 1, "template_name": "subscription" });
    let had = api.post("/discounts", &marketing, gift).await;
    assert_eq!((had.status, &had.json["changed"]), (200, &json!(false)));

    let typed = json!({ "code": code.to_lowercase() });
    assert_eq!(api.post("/discounts/check", &till, typed.clone()).await.json["discount"]["status"], "active");
    let paid = json!({ "code": code, "amount": 123_450 });
    let redeemed = api.post("/discounts/redeem", &till, paid.clone()).await;
    assert_eq!((redeemed.status, &redeemed.json["discount"]["status"]), (200, &json!("redeemed")));
    anna.hears(&format!("Ваш код {code} использован")).await;
    let again = api.post("/discounts/redeem", &till, paid).await;
    assert_eq!((again.status, again.code()), (409, "CODE_ALREADY_USED"));
    assert_eq!(again.json["redeemed_at"], redeemed.json["redeemed_at"]);
    let undone = api.post(&format!("/discounts/{id}/undo"), &owner, json!({ "reason": "ошибка" })).await;
    assert_eq!((undone.status, &undone.json["discount"]["status"]), (200, &json!("active")), "{}", undone.json);
    assert_eq!(api.post(&format!("/discounts/{id}/undo"), &owner, json!({})).await.code(), "NOT_FOUND");
    let revoked = api.post(&format!("/discounts/{id}/revoke"), &marketing, json!({ "reason": "x" })).await;
    assert_eq!((revoked.status, &revoked.json["discount"]["status"]), (200, &json!("revoked")));
    assert_eq!(api.post("/discounts/check", &till, typed).await.code(), "CODE_REVOKED");

    let whole = api.get(&format!("/discounts/{id}"), &owner).await.json;
    let usage: Vec<&str> = whole["usage"].as_array().unwrap().iter().map(|of| of["status"].as_str().unwrap()).collect();
    assert_eq!(usage, ["checked", "success", "already_used", "undone", "revoked"]);
    assert_eq!(whole["usage"][0]["by"], "token:script-0");
    let by = api.w.texts("SELECT actor FROM audit_log WHERE entity = 'discount' ORDER BY id");
    assert_eq!(by, ["admin:2", "admin:3", "admin:2"]);
    for (query, count) in [
        ("", 2),
        ("?status=active", 1),
        ("?status=revoked", 1),
        ("?template=subscription", 1),
        ("?event=manual", 1),
        ("?template=nothing", 0),
        ("?campaign=nothing", 0),
        ("?user_id=1&sort=expires_at", 2),
        ("?user_id=2", 0),
    ] {
        assert_eq!(api.get(&format!("/discounts{query}"), &owner).await.json["total"], count, "{query}");
    }
    let one = api.get(&format!("/discounts?code={code}"), &owner).await;
    assert_eq!(ids(&one), [id]);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_of_very_many_codes_is_shown_the_newest_hundred_and_how_many_there_are() {
    let api = Api::open().await;
    api.w.customer_with_code("Анна").await;
    given::more_codes(&api.w.db(), 150, 60);
    let owner = api.of(Role::Owner).await;
    let shown = api.get("/users/1", &owner).await.json;
    let ids = |key: &str| shown[key].as_array().unwrap().iter().map(|code| code["id"].as_i64().unwrap()).collect();
    let (live, all): (Vec<i64>, Vec<i64>) = (ids("active_discounts"), ids("discount_history"));
    assert_eq!(live, (52..=151).collect::<Vec<_>>());
    assert_eq!(all, (112..=211).rev().collect::<Vec<_>>());
    assert_eq!((&shown["active_discounts_total"], &shown["discount_history_total"]), (&json!(151), &json!(211)));
    let whole = api.get("/users/1/export", &owner).await.json;
    assert_eq!(whole["discounts"].as_array().map(Vec::len), Some(211));
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_has_a_picture_once_the_bots_name_is_known() {
    let api = Api::open().await;
    api.w.customer_with_code("Анна").await;
    let looker = api.of(Role::Readonly).await;
    for (query, kind, begins) in [("", "image/svg+xml", &b"<svg"[..]), ("?format=png", "image/png", &b"\x89PNG"[..])] {
        let drawn = api.request(Method::GET, &format!("/discounts/1/qr{query}"), &looker).send().await.unwrap();
        assert_eq!(drawn.headers()["content-type"], kind);
        assert!(drawn.bytes().await.unwrap().starts_with(begins), "{kind}");
    }
    assert_eq!(api.get("/discounts/99/qr", &looker).await.code(), "CODE_NOT_FOUND");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cashier_at_a_till_is_checked_as_at_the_counter() {
    let api = Api::open().await;
    let (_, code) = api.w.customer_with_code("Анна").await;
    api.w.cashier("Касса").await;
    let till = api.token(&[Scope::Redeem]);
    let stranger = json!({ "code": code, "cashier_id": 99 });
    assert_eq!(api.post("/discounts/redeem", &till, stranger).await.code(), "CASHIER_NOT_FOUND");
    for _ in 0..5 {
        let wrong = json!({ "code": "ЯЯЯ0000", "cashier_id": 1 });
        assert_eq!(api.post("/discounts/check", &till, wrong).await.code(), "CODE_NOT_FOUND");
    }
    let locked = api.post("/discounts/redeem", &till, json!({ "code": code, "cashier_id": 1 })).await;
    assert_eq!((locked.status, locked.code()), (429, "CASHIER_LOCKED"));
    assert!(locked.json["until"].is_string());
    given::suspends(&api.w.db(), CashierId(1));
    let suspended = api.post("/discounts/redeem", &till, json!({ "code": code, "cashier_id": 1 })).await;
    assert_eq!((suspended.status, suspended.code()), (403, "CASHIER_NOT_ACTIVE"));
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_count_what_happened() {
    let api = Api::open().await;
    let (_, code) = api.w.customer_with_code("Анна").await;
    let (looker, script) = (api.of(Role::Readonly).await, api.token(&[Scope::StatsRead]));
    let till = api.token(&[Scope::Redeem]);
    assert_eq!(api.post("/discounts/redeem", &till, json!({ "code": code, "amount": 5000 })).await.status, 200);
    let board = api.get("/dashboard", &looker).await.json;
    let told =
        ["total_users", "subscribed_users", "active_discounts", "today_discount_usages"].map(|key| board[key].clone());
    assert_eq!(told, [1, 1, 0, 1].map(Value::from));
    assert_eq!(board["last_discount_usages"][0]["user_name"], "Анна");
    assert_eq!(api.get("/dashboard", &script).await.json["last_discount_usages"][0]["user_name"], Value::Null);
    assert_eq!(api.get("/dashboard?is_test=true", &looker).await.json["total_users"], 0);
    let all = api.get("/stats/overview", &looker).await.json;
    assert_eq!(
        (&all["discounts_issued"], &all["discounts_redeemed"], &all["redemption_rate"]),
        (&json!(1), &json!(1), &json!(1.0))
    );
    let by = api.get("/stats/cashiers", &looker).await.json["items"][0].clone();
    assert_eq!((&by["redeemed"], &by["amount"]), (&json!(1), &json!(5000)));
    let template = api.get("/stats/templates", &looker).await.json["items"][0].clone();
    assert_eq!((&template["name"], &template["discounts_redeemed"]), (&json!("subscription"), &json!(1)));
    assert_eq!(api.get("/stats/timeseries?by=hour", &looker).await.json["items"].as_array().unwrap().len(), 24);
    let of_source = api.get("/stats/timeseries?by=source", &looker).await.json["items"].clone();
    let told = json!([{ "key": "direct", "discounts_issued": 1, "discounts_redeemed": 1, "users_new": 1 }]);
    assert_eq!(of_source, told);
    assert_eq!(api.get("/stats/campaigns", &looker).await.json["items"], json!([]));
    assert_eq!(api.get("/stats/broadcasts", &looker).await.json["items"], json!([]));
    api.w.ends().await;
}

//! Cashiers and admins through the API: who asks, who decides, who is told, who is out.

use builtin_telegram::Person;
use dvorik::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::once::keyed;
use super::{Api, Said};
use crate::harness::STAFF;

/// Three real requests and one of the test bots.
async fn asked() -> Api {
    let api = Api::open().await;
    for (id, name, realm) in [(1, "Зоя", 0), (2, "Ира", 0), (3, "Кира", 0), (4, "Тест", 1)] {
        api.w.someone(STAFF, Person { id: 6000 + id, first_name: name.into(), ..Person::default() });
        api.w.tg.has_started(STAFF, 6000 + id);
        api.w.changes(format!(
            "INSERT INTO cashiers (id, telegram_id, is_test, name, status, requested_at)
             VALUES ({id}, {}, {realm}, '{name}', 'requested', '2026-11-22T03:00:00Z')",
            6000 + id
        ));
    }
    api
}

async fn patch(api: &Api, path: &str, token: &str, body: Value) -> Said {
    api.call(Method::PATCH, path, token, Some(body)).await
}

fn ids(said: &Said) -> Vec<i64> {
    said.json["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

fn told(api: &Api, who: i64) -> Vec<String> {
    api.w.texts(&format!("SELECT payload FROM outbox WHERE chat_id = {who} ORDER BY id"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_decides_and_the_cashier_is_told() {
    let api = asked().await;
    let owner = api.of(Role::Owner).await;
    assert_eq!(ids(&api.get("/cashiers/requests", &owner).await), [1, 2, 3]);
    assert_eq!(ids(&api.get("/cashiers/requests?is_test=true", &owner).await), [4]);
    assert_eq!(ids(&api.get("/cashiers/requests?per_page=1&page=2", &owner).await), [2]);
    let approved = api.post("/cashiers/1/approve", &owner, json!({ "name": "Касса 1" })).await;
    assert_eq!(approved.json, json!({ "id": 1, "status": "active", "changed": true, "is_test": false }));
    assert_eq!(api.get("/cashiers/1", &owner).await.json["name"], "Касса 1");
    assert_eq!(api.post("/cashiers/1/activate", &owner, json!({})).await.json["changed"], false);
    assert_eq!(told(&api, 6001).len(), 1, "once");
    for (path, status) in [
        ("/cashiers/1/suspend", "suspended"),
        ("/cashiers/1/activate", "active"),
        ("/cashiers/1/deactivate", "suspended"),
        ("/cashiers/2/decline", "declined"),
    ] {
        assert_eq!(api.post(path, &owner, json!({})).await.json["status"], status, "{path}");
    }
    assert_eq!((told(&api, 6001).len(), told(&api, 6002).len()), (4, 1));
    let early = api.post("/cashiers/3/suspend", &owner, json!({})).await;
    assert_eq!(
        (early.status, early.code(), &early.json["state"]),
        (409, "CASHIER_ALREADY_EXISTS", &json!("requested"))
    );
    let renamed = patch(&api, "/cashiers/3", &owner, json!({ "name": "Касса 3" })).await;
    assert_eq!((&renamed.json["name"], &renamed.json["status"]), (&json!("Касса 3"), &json!("requested")));
    assert_eq!(renamed.json["decided_at"], Value::Null, "a name is no decision");
    assert_eq!(told(&api, 6003).len(), 0);
    for name in [json!(""), json!(" "), json!("x".repeat(129)), json!("a\u{7}"), Value::Null] {
        assert_eq!(patch(&api, "/cashiers/3", &owner, json!({ "name": name })).await.field(), "name", "{name}");
    }
    let audited = api.w.texts("SELECT action FROM audit_log WHERE entity = 'cashier' ORDER BY id");
    let expected = [
        "approve_cashier",
        "suspend_cashier",
        "approve_cashier",
        "suspend_cashier",
        "decline_cashier",
        "rename_cashier",
    ];
    assert_eq!(audited, expected);
    let actors = api.w.texts("SELECT DISTINCT actor FROM audit_log WHERE entity = 'cashier'");
    assert!(actors.len() == 1 && actors[0].starts_with("admin:"), "{actors:?}");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cashiers_are_seen_by_everybody_and_decided_by_owners_in_their_own_world() {
    let api = asked().await;
    let (owner, looker) = (api.of(Role::Owner).await, api.of(Role::Readonly).await);
    assert_eq!(ids(&api.get("/cashiers", &owner).await), [3, 2, 1]);
    assert_eq!(ids(&api.get("/cashiers", &looker).await), [0_i64; 0], "who asks to work here is the owner's to see");
    assert_eq!(api.post("/cashiers/3/approve", &owner, json!({})).await.status, 200);
    assert_eq!(ids(&api.get("/cashiers", &looker).await), [3]);
    assert_eq!(ids(&api.get("/cashiers?status=suspended", &looker).await), [0_i64; 0]);
    for path in ["/cashiers/1", "/cashiers/requests", "/admins", "/admins/requests", "/admins/1"] {
        assert_eq!(api.get(path, &looker).await.code(), "OWNER_ONLY", "{path}");
    }
    assert_eq!(api.get("/cashiers/4", &owner).await.code(), "CASHIER_NOT_FOUND");
    assert_eq!(api.post("/cashiers/4/approve", &owner, json!({})).await.code(), "CASHIER_NOT_FOUND");
    assert_eq!(api.post("/admins/4/approve", &owner, json!({})).await.code(), "CASHIER_NOT_FOUND");
    assert_eq!(api.post("/cashiers/1/approve?is_test=true", &owner, json!({})).await.code(), "CASHIER_NOT_FOUND");
    assert_eq!(api.post("/cashiers/4/approve?is_test=true", &owner, json!({})).await.json["is_test"], true);
    assert_eq!(api.w.count("SELECT count(*) FROM cashiers WHERE status = 'active'"), 2);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_asked_becomes_an_admin_with_the_powers_that_were_said() {
    let api = asked().await;
    let owner = api.of(Role::Owner).await;
    assert_eq!(ids(&api.get("/admins/requests", &owner).await), [1, 2, 3]);
    let plain = api.post("/admins/1/approve", &owner, json!({})).await;
    assert_eq!((plain.status, &plain.json["role"]), (200, &json!("readonly")), "{}", plain.json);
    let powers = json!({
        "name": "Мария", "role": "marketing", "notification_groups": ["orders", "reports"], "can_broadcast_from_chat": true,
    });
    let made = api.post("/admins/2/approve", &owner, powers).await;
    let admin = api.get(&format!("/admins/{}", made.json["admin_id"]), &owner).await.json;
    let expected = [
        ("name", json!("Мария")),
        ("role", json!("marketing")),
        ("status", json!("active")),
        ("notification_groups", json!(["orders", "reports"])),
        ("can_broadcast_from_chat", json!(true)),
        ("telegram_id", json!(6002)),
    ];
    for (field, value) in expected {
        assert_eq!(admin[field], value, "{field}");
    }
    assert_eq!((told(&api, 6001).len(), told(&api, 6002).len()), (1, 1));
    let declined = api.post("/admins/3/decline", &owner, json!({})).await;
    assert_eq!((&declined.json["status"], told(&api, 6003).len()), (&json!("declined"), 1));
    assert_eq!(ids(&api.get("/admins/requests", &owner).await), [0_i64; 0]);
    for (body, field) in [
        (json!({ "role": "boss" }), "role"),
        (json!({ "name": " " }), "name"),
        (json!({ "notification_groups": ["x"] }), "notification_groups[0]"),
        (json!({ "notification_groups": vec!["orders"; 7] }), "notification_groups"),
        (json!({ "telegram_id": 1 }), "telegram_id"),
    ] {
        assert_eq!(api.post("/admins/3/approve", &owner, body.clone()).await.field(), field, "{body}");
    }
    let by_hand = api.post("/admins", &owner, json!({ "telegram_id": 1 })).await;
    assert_eq!(by_hand.code(), "METHOD_NOT_ALLOWED", "nobody is created by id");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_disabled_or_demoted_is_so_with_the_login_they_hold() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let other = api.admin(Role::Owner);
    let theirs = api.login(other).await;
    assert_eq!(api.get("/settings", &theirs).await.status, 200);
    let path = format!("/admins/{other}");
    assert_eq!(patch(&api, &path, &owner, json!({ "role": "readonly" })).await.json["role"], "readonly");
    assert_eq!(api.get("/settings", &theirs).await.code(), "OWNER_ONLY");
    assert_eq!(api.get("/auth/me", &theirs).await.json["role"], "readonly");
    let unused = api.login_token(other);
    let off = api.call(Method::DELETE, &path, &owner, None).await;
    assert_eq!((off.status, &off.json["status"]), (200, &json!("suspended")));
    for path in ["/auth/me", "/users", "/cashiers"] {
        assert_eq!(api.get(path, &theirs).await.code(), "TOKEN_REVOKED", "{path}");
    }
    let login = api.post("/auth/login-token", "", json!({ "token": unused })).await;
    assert_eq!((login.status, login.code()), (403, "ADMIN_NOT_ACTIVE"));
    assert_eq!(api.post(&format!("{path}/tokens"), &owner, json!({})).await.code(), "ADMIN_NOT_ACTIVE");
    assert_eq!(patch(&api, &path, &owner, json!({ "status": "active" })).await.json["status"], "active");
    assert_eq!(api.get("/auth/me", &theirs).await.status, 200, "enabled again, their login is good again");
    let audited = api.w.texts(
        "SELECT json_extract(before, '$.status') || '>' || json_extract(after, '$.status')
        FROM audit_log WHERE action = 'update_admin' ORDER BY id",
    );
    assert_eq!(audited, ["active>active", "active>suspended", "suspended>active"]);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_owner_stays() {
    let api = Api::open().await;
    // The first owner of the config is number 1.
    let owner = api.login(dvorik::ids::AdminId(1)).await;
    for body in [json!({ "role": "marketing" }), json!({ "status": "suspended" })] {
        let said = patch(&api, "/admins/1", &owner, body.clone()).await;
        assert_eq!((said.status, said.code()), (409, "LAST_OWNER"), "{body}");
    }
    assert_eq!(api.call(Method::DELETE, "/admins/1", &owner, None).await.code(), "LAST_OWNER");
    assert_eq!(patch(&api, "/admins/1", &owner, json!({ "name": "Ольга" })).await.json["name"], "Ольга");
    assert_eq!(patch(&api, "/admins/1", &owner, json!({ "status": "declined" })).await.field(), "status");
    assert_eq!(patch(&api, "/admins/77", &owner, json!({})).await.code(), "ADMIN_NOT_FOUND");
    api.admin(Role::Owner);
    assert_eq!(api.call(Method::DELETE, "/admins/1", &owner, None).await.status, 200, "another one is left");
    assert_eq!(api.get("/admins", &owner).await.code(), "TOKEN_REVOKED");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_token_is_shown_once_and_kept_nowhere() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let marketing = api.admin(Role::Marketing);
    let path = format!("/admins/{marketing}/tokens");
    let first = keyed(&api, &path, &owner, "same", &json!({})).await;
    let again = keyed(&api, &path, &owner, "same", &json!({})).await;
    assert_eq!((first.status, &first.json["expires_in"]), (200, &json!(600)));
    assert_ne!(first.json["token"], again.json["token"], "a secret is not kept, so it cannot be told again");
    assert_eq!(api.w.count("SELECT count(*) FROM idempotency_keys"), 0);
    let token = first.json["token"].as_str().unwrap();
    let everything = api.w.texts("SELECT coalesce(before, '') || coalesce(after, '') FROM audit_log").concat();
    assert!(!everything.contains(token) && !api.w.texts("SELECT hash FROM login_tokens").concat().contains(token));
    for said in [&first, &again] {
        let login = api.post("/auth/login-token", "", json!({ "token": said.json["token"] })).await;
        assert_eq!((login.status, &login.json["admin"]["id"]), (200, &json!(marketing.0)));
        let used = api.post("/auth/login-token", "", json!({ "token": said.json["token"] })).await;
        assert_eq!(used.code(), "ONE_TIME_TOKEN_USED");
    }
    assert_eq!(
        api.w.count("SELECT count(*) FROM audit_log WHERE action = 'issue_login_token' AND actor LIKE 'admin:%'"),
        2
    );
    assert_eq!(api.post("/admins/77/tokens", &owner, json!({})).await.code(), "ADMIN_NOT_FOUND");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_sent_twice_is_made_once_and_its_kept_answer_names_nobody() {
    let api = asked().await;
    let owner = api.of(Role::Owner).await;
    let name = json!({ "name": "Неповторимая" });
    for (path, key, body) in [
        ("/cashiers/1/approve", "a", &name),
        ("/cashiers/1/suspend", "b", &json!({})),
        ("/admins/2/approve", "c", &name),
        ("/admins/3/decline", "d", &json!({})),
        ("/auth/logout", "e", &json!({})),
    ] {
        let first = keyed(&api, path, &owner, key, body).await;
        assert_eq!(first.status, 200, "{path}: {}", first.json);
        if path != "/auth/logout" {
            assert_eq!(keyed(&api, path, &owner, key, body).await.json, first.json, "{path}");
        }
    }
    assert_eq!((told(&api, 6001).len(), told(&api, 6002).len()), (2, 1));
    let kept = api.w.texts("SELECT answer FROM idempotency_keys");
    assert!(kept.len() == 5 && !kept.concat().contains("Неповторимая") && !kept.concat().contains("600"), "{kept:?}");
    api.w.ends().await;
}

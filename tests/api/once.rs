//! A POST with an idempotency key takes effect once, however often and however parallel it is sent.

use std::collections::HashMap;

use dvorik::access::Scope;
use dvorik::ids::CashierId;
use dvorik::staff::Role;
use dvorik::user::UserStatus;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Api, Said, heard};
use crate::given;
use crate::harness::number;

pub async fn keyed(api: &Api, path: &str, token: &str, key: &str, body: &Value) -> Said {
    let sent = api.request(Method::POST, path, token).header("Idempotency-Key", key).json(body).send();
    heard_any(sent.await.unwrap()).await
}

/// A replayed problem carries the first request's id.
async fn heard_any(response: reqwest::Response) -> Said {
    Said { status: response.status().as_u16(), json: response.json().await.unwrap() }
}

/// The first answer to each key; the second must be the same bytes.
#[derive(Default)]
struct Answers {
    first: HashMap<u64, Vec<u8>>,
    twins: u64,
}

impl Answers {
    fn keep(&mut self, (key, status, bytes): (u64, u16, Vec<u8>)) {
        assert_eq!(status, 201);
        match self.first.get(&key) {
            Some(first) => {
                assert!(*first == bytes, "{key}");
                self.twins += 1;
            }
            None => drop(self.first.insert(key, bytes)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_get_the_same_bytes_and_one_effect() {
    let api = Api::open().await;
    api.w.customer_with_code("Анна").await;
    let owner = api.of(Role::Owner).await;
    let twins = number("DVORIK_TEST_TWINS").unwrap_or(200);
    let body = json!({ "user_id": 1, "template_name": "manual_10" });
    let (mut calls, mut answers) = (JoinSet::new(), Answers::default());
    for key in 0..twins {
        for _ in 0..2 {
            let call = api.request(Method::POST, "/discounts", &owner).header("Idempotency-Key", format!("twin-{key}"));
            let call = call.json(&body);
            calls.spawn(async move {
                let said = call.send().await.unwrap();
                (key, said.status().as_u16(), said.bytes().await.unwrap().to_vec())
            });
        }
        while calls.len() >= 64 {
            answers.keep(calls.join_next().await.unwrap().unwrap());
        }
    }
    calls.join_all().await.into_iter().for_each(|answer| answers.keep(answer));
    assert_eq!((answers.first.len() as u64, answers.twins), (twins, twins));
    let made = i64::try_from(twins).unwrap();
    assert_eq!(api.w.count("SELECT count(*) FROM discounts WHERE source_kind = 'manual'"), made);
    for key in [0, twins / 2, twins - 1] {
        let send = || async {
            let call = api.request(Method::POST, "/discounts", &owner).header("Idempotency-Key", format!("twin-{key}"));
            call.json(&body).send().await.unwrap().bytes().await.unwrap()
        };
        let (one, other) = (send().await, send().await);
        assert_eq!(one, other);
    }
    assert_eq!(api.w.count("SELECT count(*) FROM discounts WHERE source_kind = 'manual'"), made);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_with_one_key_are_answered_alike() {
    let api = Api::open().await;
    api.w.customer_with_code("Анна").await;
    let owner = api.of(Role::Owner).await;
    let body = json!({ "user_id": 1, "template_name": "manual_10" });
    for round in 0..30 {
        let send = || {
            let call =
                api.request(Method::POST, "/discounts", &owner).header("Idempotency-Key", format!("pair-{round}"));
            let call = call.json(&body);
            async move { call.send().await.unwrap().bytes().await.unwrap() }
        };
        let (one, other, third) = tokio::join!(send(), send(), send());
        assert!(one == other && other == third, "{one:?} {other:?} {third:?}");
    }
    assert_eq!(api.w.count("SELECT count(*) FROM discounts WHERE source_kind = 'manual'"), 30);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_one_caller_one_route_and_one_body() {
    let api = Api::open().await;
    let (_, code) = api.w.customer_with_code("Анна").await;
    let (owner, other) = (api.of(Role::Owner).await, api.of(Role::Owner).await);
    let body = json!({ "user_id": 1, "template_name": "manual_10" });
    let first = keyed(&api, "/discounts", &owner, "k", &body).await;
    assert_eq!(first.status, 201);
    let changed = json!({ "user_id": 1, "template_name": "manual_10", "notify": true });
    let reused = keyed(&api, "/discounts", &owner, "k", &changed).await;
    assert_eq!((reused.status, reused.code()), (422, "IDEMPOTENCY_KEY_REUSED"));
    let theirs = keyed(&api, "/discounts", &other, "k", &body).await;
    assert_ne!(theirs.json["discount"]["id"], first.json["discount"]["id"]);
    let till = api.token(&[Scope::Redeem]);
    let redeemed = keyed(&api, "/discounts/redeem", &till, "k", &json!({ "code": code })).await;
    assert_eq!((redeemed.status, &redeemed.json["changed"]), (200, &json!(true)));
    let again = keyed(&api, "/discounts/redeem", &till, "k", &json!({ "code": code })).await;
    assert_eq!((again.status, again.json), (200, redeemed.json));
    assert_eq!(api.w.count("SELECT count(*) FROM discount_usage_logs"), 1, "a repeated request is no attempt");
    let refused = keyed(&api, "/discounts/redeem", &till, "l", &json!({ "code": code })).await;
    assert_eq!((refused.status, refused.code()), (409, "CODE_ALREADY_USED"));
    let same = keyed(&api, "/discounts/redeem", &till, "l", &json!({ "code": code })).await;
    assert_eq!(same.json, refused.json, "a refusal that was logged is kept, too");
    let bad = api.request(Method::POST, "/discounts", &owner).header("Idempotency-Key", "x".repeat(129)).json(&body);
    assert_eq!(heard(bad.send().await.unwrap()).await.field(), "Idempotency-Key");
    api.w.ends().await;
}

/// A limit ends, a form is corrected, a customer stays blocked.
#[tokio::test(flavor = "multi_thread")]
async fn only_an_answer_that_lasts_is_kept() {
    let api = Api::open().await;
    let (anna, code) = api.w.customer_with_code("Анна").await;
    let owner = api.of(Role::Owner).await;
    let issue = json!({ "user_id": 1, "template_name": "manual_10" });
    // 429: the cashier is locked, and then is not.
    api.w.cashier("Вера").await;
    let redeem = json!({ "code": code, "cashier_id": 1 });
    for wrong in 0..5 {
        let guess = json!({ "code": format!("ЯЯЯ000{wrong}"), "cashier_id": 1 });
        assert_eq!(api.post("/discounts/check", &owner, guess).await.status, 404);
    }
    let locked = keyed(&api, "/discounts/redeem", &owner, "lock", &redeem).await;
    assert_eq!((locked.status, locked.code()), (429, "CASHIER_LOCKED"));
    api.w.change("DELETE FROM discount_usage_logs");
    let redeemed = keyed(&api, "/discounts/redeem", &owner, "lock", &redeem).await;
    assert_eq!((redeemed.status, &redeemed.json["changed"]), (200, &json!(true)), "{}", redeemed.json);
    // 403: the cashier may work again.
    let check = json!({ "code": code, "cashier_id": 1 });
    given::suspends(&api.w.db(), CashierId(1));
    assert_eq!(keyed(&api, "/discounts/check", &owner, "block", &check).await.status, 403);
    given::approves(&api.w.db(), CashierId(1));
    assert_ne!(keyed(&api, "/discounts/check", &owner, "block", &check).await.status, 403);
    // 400: the template is switched on again.
    given::template(&api.w.db(), "manual_10", |template| template.is_active = false);
    assert_eq!(keyed(&api, "/discounts", &owner, "off", &issue).await.code(), "TEMPLATE_INACTIVE");
    given::template(&api.w.db(), "manual_10", |template| template.is_active = true);
    assert_eq!(keyed(&api, "/discounts", &owner, "off", &issue).await.status, 201);
    // 409 and 404 are kept, whether or not a log row was written for them.
    given::has_status(&api.w.db(), anna.id, UserStatus::Blocked);
    let nobody = json!({ "user_id": 999_999, "template_name": "manual_10" });
    let (blocked, missing) = (
        keyed(&api, "/discounts", &owner, "blocked", &issue).await,
        keyed(&api, "/discounts", &owner, "missing", &nobody).await,
    );
    assert_eq!((blocked.status, blocked.code()), (409, "USER_BLOCKED"));
    assert_eq!((missing.status, missing.code()), (404, "USER_NOT_FOUND"));
    given::has_status(&api.w.db(), anna.id, UserStatus::Active);
    assert_eq!(keyed(&api, "/discounts", &owner, "blocked", &issue).await.json, blocked.json);
    assert_eq!(keyed(&api, "/discounts", &owner, "missing", &nobody).await.json, missing.json);
    let kept = api.w.texts("SELECT DISTINCT CAST(status AS TEXT) FROM idempotency_keys ORDER BY status");
    assert!(kept.iter().all(|status| ["200", "201", "404", "409"].contains(&status.as_str())), "{kept:?}");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_answer_names_no_person() {
    let api = Api::open().await;
    let (_, code) = api.w.customer_with_code("Неповторимая").await;
    let owner = api.of(Role::Owner).await;
    let issue = json!({ "user_id": 1, "template_name": "manual_10" });
    assert_eq!(keyed(&api, "/discounts", &owner, "a", &issue).await.status, 201);
    assert_eq!(keyed(&api, "/discounts/check", &owner, "b", &json!({ "code": code })).await.status, 200);
    assert_eq!(keyed(&api, "/discounts/redeem", &owner, "c", &json!({ "code": code })).await.status, 200);
    assert_eq!(keyed(&api, "/discounts/1/undo", &owner, "d", &json!({ "reason": "x" })).await.status, 200);
    assert_eq!(keyed(&api, "/discounts/1/revoke", &owner, "e", &json!({})).await.status, 200);
    let kept = api.w.texts("SELECT answer FROM idempotency_keys");
    assert_eq!(kept.len(), 5);
    assert!(!kept.concat().contains("Неповторимая") && !kept.concat().contains("telegram_id"), "{kept:?}");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_also_goes_with_what_has_no_body() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let out = api.request(Method::POST, "/auth/logout", &owner).header("Idempotency-Key", "bye").send().await.unwrap();
    assert_eq!(out.status().as_u16(), 200);
    assert_eq!(api.w.count("SELECT count(*) FROM ended_logins"), 1);
    api.w.ends().await;
}

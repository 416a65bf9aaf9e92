//! Work by order: jobs, and webhooks at the root.

use builtin_telegram::Fault;
use dvorik::access::Scope;
use dvorik::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, Said, heard};
use crate::harness::{World, plain_http};

const INTERNAL: &str = "not-a-secret-internal-key";

async fn keyed(api: &Api, method: Method, path: &str, key: &str) -> Said {
    let call = api.http.request(method, api.url(path)).header("X-Api-Key", key);
    heard(call.send().await.unwrap()).await
}

/// A shop that takes webhooks, with an internal key.
async fn pushed() -> Api {
    let mut w = World::closed().await;
    w.takes_webhooks();
    let security = format!("[security]\njwt_secret = \"{}\"\ninternal_api_key = \"{INTERNAL}\"\n[http]\n", super::KEY);
    w.reconfigures(&[("[http]\n", &security)]);
    w.serves().await;
    Api { w, http: plain_http() }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_and_done_on_demand() {
    let api = Api::open().await;
    let (owner, script) = (api.of(Role::Owner).await, api.token(&[Scope::JobsRun]));
    let list = api.get("/jobs", &script).await.json;
    let names: Vec<&str> = list["items"].as_array().unwrap().iter().map(|job| job["name"].as_str().unwrap()).collect();
    let all = ["birthdays", "reminders", "broadcasts", "outbox", "subscriptions", "cleanup", "backup", "report"];
    assert_eq!((names, &list["total"]), (all.to_vec(), &json!(8)));
    let page = api.get("/jobs?page=2&per_page=3", &owner).await.json;
    assert_eq!((&page["items"][0]["name"], page["items"].as_array().unwrap().len()), (&json!("outbox"), 3));
    assert_eq!(api.get("/jobs?page=99&per_page=100", &owner).await.json["items"], json!([]));

    let ran = api.post("/jobs/backup/run", &script, Value::Null).await;
    assert_eq!(
        (ran.status, &ran.json["name"], &ran.json["result"]),
        (200, &json!("backup"), &json!("done")),
        "{}",
        ran.json
    );
    assert!(std::fs::read_dir(api.w.file("backups")).unwrap().count() > 0);
    let done = api.get("/jobs", &owner).await.json["items"][6].clone();
    assert_eq!((&done["result"], &done["running"], &done["error"]), (&json!("done"), &json!(false), &Value::Null));
    let again = api.post("/jobs/backup/run", &owner, Value::Null).await;
    assert_eq!((again.status, &again.json["result"]), (200, &json!("not_due")), "{}", again.json);
    assert!(again.json["next_due_at"].is_string());
    let by = api.w.texts("SELECT actor || ' ' || entity_id FROM audit_log WHERE action = 'run_job' ORDER BY id");
    assert_eq!(by, ["token:script-0 backup", "admin:2 backup"]);

    let unknown = api.post("/jobs/lunch/run", &owner, Value::Null).await;
    assert_eq!((unknown.status, unknown.code()), (404, "NOT_FOUND"));
    assert_eq!(api.post("/jobs/backup/run", &api.token(&[Scope::Redeem]), Value::Null).await.code(), "SCOPE_MISSING");
    assert_eq!(api.get("/jobs", &api.of(Role::Marketing).await).await.code(), "OWNER_ONLY");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_somebody_is_at_is_not_begun_twice() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    api.w.change("INSERT OR IGNORE INTO jobs (name, since_ms) VALUES ('cleanup', 0)");
    api.w.change("UPDATE jobs SET lease = 'another process', leased_ms = 1e15 WHERE name = 'cleanup'");
    api.w.change("UPDATE jobs SET leased_ms = unixepoch('subsec') * 1000 + 60000 WHERE name = 'cleanup'");
    let ran = api.post("/jobs/cleanup/run", &owner, Value::Null).await;
    assert_eq!((ran.status, &ran.json["result"]), (202, &json!("running")), "{}", ran.json);
    api.w.change("UPDATE jobs SET lease = NULL, leased_ms = NULL WHERE name = 'cleanup'");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_ordered_again_under_its_key_is_not_done_again() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let order = |key: &str| {
        let call = api.request(Method::POST, "/jobs/outbox/run", &owner).header("Idempotency-Key", key);
        async move { heard(call.send().await.unwrap()).await }
    };
    let (one, two) = (order("k").await, order("k").await);
    assert_eq!((one.status, &one.json), (two.status, &two.json));
    let asked = || api.w.count("SELECT count(*) FROM audit_log WHERE action = 'run_job'");
    assert_eq!(asked(), 1);
    order("l").await;
    assert_eq!(asked(), 2);
    let twins = tokio::join!(order("m"), order("m"), order("m"), order("m"));
    for twin in [twins.0, twins.1, twins.2, twins.3] {
        assert!(twin.status == 200 || twin.code() == "IDEMPOTENCY_IN_PROGRESS", "{}", twin.json);
    }
    assert_eq!(asked(), 3, "whoever came while the first was under way was told so");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_arranged_by_an_owner_or_with_the_internal_key() {
    let api = pushed().await;
    let owner = api.of(Role::Owner).await;
    let ok = json!({ "main_bot": "ok", "auth_bot": "ok", "main_test_bot": "ok", "auth_test_bot": "ok" });
    let gone = api.post("/internal/telegram/delete-webhooks", &owner, Value::Null).await;
    assert_eq!((gone.status, &gone.json), (200, &ok), "{}", gone.json);
    let info = keyed(&api, Method::GET, "/internal/telegram/webhook-info", INTERNAL).await.json;
    assert_eq!((&info["main_bot"]["url"], &info["main_bot"]["agrees"]), (&Value::Null, &json!(false)), "{info}");
    let set = keyed(&api, Method::POST, "/internal/telegram/set-webhooks", INTERNAL).await;
    assert_eq!((set.status, &set.json), (200, &ok), "{}", set.json);
    let info = api.get("/internal/telegram/webhook-info", &owner).await.json;
    let url = format!("{}/bot/main/webhook", api.w.http());
    assert_eq!((&info["main_bot"]["url"], &info["main_bot"]["agrees"]), (&json!(url), &json!(true)), "{info}");
    assert!(!info.to_string().contains("customer-secret"));
    let noted = api.w.texts(
        "SELECT actor || ' ' || action || ' ' || json_extract(before, '$.url') || '>' || json_extract(after, '$.url')
         FROM audit_log WHERE entity = 'bot' AND entity_id = 'customer' ORDER BY id",
    );
    assert_eq!(noted, [format!("admin:2 delete_webhook {url}>"), format!("token:internal_api_key set_webhook >{url}")]);
    for (key, code) in [("wrong", "TOKEN_INVALID"), ("", "TOKEN_INVALID")] {
        let said = keyed(&api, Method::POST, "/internal/telegram/set-webhooks", key).await;
        assert_eq!((said.status, said.code()), (401, code), "«{key}»");
    }
    let twice = api.http.get(api.url("/internal/telegram/webhook-info")).header("X-Api-Key", INTERNAL);
    let twice = heard(twice.header("X-Api-Key", "x").send().await.unwrap()).await;
    assert_eq!(twice.status, 401);
    assert_eq!(api.get("/internal/telegram/webhook-info", "").await.code(), "UNAUTHORIZED");
    let marketing = api.of(Role::Marketing).await;
    assert_eq!(api.get("/internal/telegram/webhook-info", &marketing).await.code(), "OWNER_ONLY");
    assert_eq!(keyed(&api, Method::GET, "/users", INTERNAL).await.code(), "UNAUTHORIZED", "the key opens nothing else");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_polls_is_not_cut_off_and_a_key_nobody_set_opens_nothing() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let refused = api.post("/internal/telegram/set-webhooks", &owner, Value::Null).await;
    assert_eq!((refused.status, refused.field()), (422, "telegram.mode"), "{}", refused.json);
    let info = api.get("/internal/telegram/webhook-info", &owner).await.json;
    assert_eq!(info["main_bot"]["agrees"], true, "{info}");
    assert!(info.get("main_test_bot").is_none(), "{info}");
    assert_eq!(keyed(&api, Method::GET, "/internal/telegram/webhook-info", "").await.status, 401);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_telegram_says_is_passed_on() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    for (fault, status, code) in [
        (Fault::BadRequest("bad webhook".into()), 502, "TELEGRAM_FAILED"),
        (Fault::ServerErrorHtml(502), 503, "TELEGRAM_UNAVAILABLE"),
    ] {
        api.w.tg.fault(fault.next(1).on_method("deleteWebhook"));
        let said = api.post("/internal/telegram/delete-webhooks", &owner, Value::Null).await;
        assert_eq!((said.status, said.code()), (status, code), "{}", said.json);
        assert!(said.json["detail"].as_str().unwrap().starts_with("customer: "), "{}", said.json);
    }
    assert_eq!(api.w.count("SELECT count(*) FROM audit_log WHERE entity = 'bot'"), 0, "nothing was changed");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_without_a_body_takes_a_key_too() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let out = api.request(Method::POST, "/auth/logout", &owner).header("Idempotency-Key", "k").send().await.unwrap();
    assert_eq!(heard(out).await.status, 200);
    api.w.ends().await;
}

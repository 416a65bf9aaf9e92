//! What an attacker, or bad luck, gets from the admin API. Each of these failed when it was written.

use builtin_telegram::{Fault, Person, Receipt};
use dvorik::staff::Role;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Api;
use super::bulk::crowd;
use crate::harness::{OWNER, PATIENCE, STAFF, becomes_true, plain_http};

const CHAT: i64 = OWNER + 1;

/// A marketing admin with a chat of their own, and their login.
async fn with_chat(api: &Api) -> (i64, String) {
    let admin = api.admin(Role::Marketing);
    api.w.changes(format!("UPDATE admins SET telegram_id = {CHAT} WHERE id = {admin}"));
    let _person = api.w.someone(STAFF, Person { id: CHAT, first_name: "Марк".into(), ..Default::default() });
    api.w.tg.has_started(STAFF, CHAT);
    (admin.0, api.login(admin).await)
}

fn is_document(receipt: &Receipt) -> bool {
    receipt.method == "sendDocument" && receipt.chat_id == Some(CHAT)
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_somebody_sends_no_old_export_to_a_chat_again_let_alone_to_a_disabled_admin() {
    let api = Api::open().await;
    crowd(&api, 9);
    let owner = api.of(Role::Owner).await;
    let (admin, marketing) = with_chat(&api).await;
    assert_eq!(api.post("/export/users/send-to-telegram", &marketing, json!({})).await.status, 202);
    api.w.tg.wait_receipt(is_document, PATIENCE).await.expect("the first one");
    api.w.waits_for_count("SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'export:%' AND state = 'sent'", 1).await;
    assert_eq!(api.call(Method::DELETE, &format!("/admins/{admin}"), &owner, None).await.status, 200);
    assert_eq!(api.call(Method::DELETE, "/users/7", &owner, None).await.status, 200);
    api.w.waits_for_count("SELECT count(*) FROM exports WHERE state = 'waiting'", 0).await;
    assert_eq!(
        api.w.count("SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'export:%'"),
        1,
        "it leaves once more, to a disabled admin"
    );
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_waits_for_telegram_is_not_sent_to_an_admin_who_has_been_disabled_meanwhile() {
    let api = Api::open().await;
    crowd(&api, 9);
    let owner = api.of(Role::Owner).await;
    let (admin, marketing) = with_chat(&api).await;
    api.w.tg.fault(Fault::TooManyRequests { retry_after: 2 }.next(1).on_method("sendDocument").in_chat(CHAT));
    assert_eq!(api.post("/export/users/send-to-telegram", &marketing, json!({})).await.status, 202);
    api.w.tg.wait_receipt(is_document, PATIENCE).await.expect("a first try");
    assert_eq!(api.call(Method::DELETE, &format!("/admins/{admin}"), &owner, None).await.status, 200);
    api.w
        .waits_for_count(
            "SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'export:%' AND state IN ('queued', 'sending')",
            0,
        )
        .await;
    assert_eq!(
        api.w.count("SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'export:%' AND state = 'sent'"),
        0,
        "a disabled admin has got the customers"
    );
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_export_that_was_promised_to_a_chat_arrives() {
    let api = Api::open().await;
    crowd(&api, 20_000);
    let (_, marketing) = with_chat(&api).await;
    // The first is long and keeps the exporter at work.
    for filter in ["", "?age_to=1", "?age_to=2", "?age_to=3", "?age_to=4", "?age_to=5", "?age_to=6"] {
        let said = api.post(&format!("/export/users/send-to-telegram{filter}"), &marketing, json!({})).await;
        assert_eq!((said.status, &said.json["queued"]), (202, &json!(true)));
    }
    api.w.waits_for_count("SELECT count(*) FROM exports WHERE state = 'waiting'", 0).await;
    let promised = api.w.count("SELECT count(*) FROM audit_log WHERE entity = 'export'");
    api.w
        .waits_for_count(
            "SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'export:%' AND state IN ('queued', 'sending')",
            0,
        )
        .await;
    assert_eq!(
        api.w.count("SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'export:%' AND state = 'sent'"),
        promised
    );
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_through_a_declared_proxy_is_not_this_machine_whatever_header_the_proxy_writes() {
    let api = Api::configured("trusted_proxies = [\"127.0.0.1\"]\n").await;
    let ask = |name: &'static str, value: &'static str| {
        let request = api.http.get(format!("{}/metrics", api.w.http())).header(name, value);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(ask("X-Forwarded-For", "1.1.1.1").await, 401);
    assert_eq!(ask("X-Real-IP", "1.1.1.1").await, 401, "X-Real-IP");
    assert_eq!(ask("Forwarded", "for=1.1.1.1").await, 401, "Forwarded");
    assert_eq!(ask("X-Forwarded-For", "1.1.1.1:5555").await, 401, "with a port");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn marketing_does_not_release_a_late_hold() {
    let api = Api::open().await;
    crate::broadcasts::crowd(&api.w, 3);
    let marketing = api.of(Role::Marketing).await;
    let body = json!({ "title": "Ярмарка", "body": "Приходите", "filters": { "all": true } });
    let id = api.post("/broadcasts", &marketing, body).await.json["id"].as_i64().unwrap();
    let word = api.post("/broadcasts/estimate", &marketing, json!({ "broadcast_id": id })).await;
    let word = word.json["confirm_token"].clone();
    let at = json!({ "confirm_token": word, "at": "2999-01-01T00:00:00Z" });
    let said = api.post(&format!("/broadcasts/{id}/schedule"), &marketing, at).await;
    assert_eq!(said.status, 200, "{}", said.json);
    api.w.change("UPDATE broadcasts SET send_at = '2020-01-01T00:00:00Z'");
    api.w.sets(&dvorik::settings::BIRTHDAY_HOUR, "8");
    api.w.waits_for_count("SELECT count(*) FROM broadcasts WHERE status = 'paused' AND pause_reason = 'late'", 1).await;
    let said = api.call(Method::POST, &format!("/broadcasts/{id}/resume"), &marketing, None).await;
    assert_eq!(said.status, 403, "releasing a late hold is the owner's: {}", said.json);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_names_the_request() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let sent = api.request(Method::PUT, "/settings/birthday_hour", &owner).header("X-Request-Id", "trace-me");
    assert_eq!(sent.json(&json!({ "value": 8 })).send().await.unwrap().status(), 200);
    assert_eq!(
        api.w.count("SELECT count(*) FROM audit_log WHERE action = 'update_setting' AND request_id = 'trace-me'"),
        1
    );
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_and_fifty_six_strangers_who_do_not_read_lock_nobody_out() {
    let api = Api::open().await;
    let address = api.w.http().trim_start_matches("http://").to_owned();
    let ask = "GET /api/openapi.json HTTP/1.1\r\nHost: shop\r\n\r\n".repeat(100);
    let mut open = Vec::new();
    for _ in 0..256 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(ask.as_bytes()).await.unwrap();
        open.push(stream);
    }
    // Their own address is refused until the first of them have been cut off: a refused connection closes at once.
    let is_answered = async || {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let ask = b"GET /health HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n";
        let mut said = String::new();
        stream.write_all(ask).await.is_ok()
            && stream.read_to_string(&mut said).await.is_ok()
            && said.starts_with("HTTP/1.1 200")
    };
    assert!(becomes_true(PATIENCE, is_answered).await, "nobody answers any more");
    drop(open);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_login_works_while_somebody_guesses_from_the_same_address() {
    let api = Api::open().await;
    let admin = api.admin(Role::Owner);
    let login = api.login(admin).await;
    let mut left = 5000;
    while api.get("/auth/me", "dvt_guess").await.status != 429 {
        left -= 1;
        assert!(left > 0, "nobody stops the guessing");
    }
    for _ in 0..20 {
        api.get("/auth/me", "dvt_guess").await;
    }
    assert_eq!(api.get("/auth/me", &login).await.status, 200, "a token that was never seen but is good");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_failed_is_audited_as_such_with_its_classes() {
    let api = Api::open().await;
    crate::broadcasts::crowd(&api.w, 3);
    crate::broadcasts::hurries(&api.w);
    api.w.tg.fault(Fault::Forbidden("bot was blocked by the user".into()).always().on_sends().in_chat(500_001));
    let owner = api.of(Role::Owner).await;
    let body = json!({ "title": "Ярмарка", "body": "Приходите", "filters": { "all": true } });
    let id = api.post("/broadcasts", &owner, body).await.json["id"].as_i64().unwrap();
    let word =
        api.post("/broadcasts/estimate", &owner, json!({ "broadcast_id": id })).await.json["confirm_token"].clone();
    assert_eq!(api.post(&format!("/broadcasts/{id}/send"), &owner, json!({ "confirm_token": word })).await.status, 200);
    api.w.waits_for_count("SELECT count(*) FROM broadcasts WHERE status = 'sent'", 1).await;
    let said = api.post(&format!("/broadcasts/{id}/retry-failed"), &owner, json!({ "classes": ["blocked"] })).await;
    assert_eq!(said.status, 200, "{}", said.json);
    let rows = api.w.texts("SELECT actor || ' ' || action || ' ' || coalesce(before, '') || ' ' || coalesce(after, '') FROM audit_log WHERE entity = 'broadcast' ORDER BY id");
    assert!(rows.iter().any(|row| row.contains("retry") && row.contains("blocked")), "{rows:#?}");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_null_that_cannot_be_is_refused_and_empties_nothing_silently() {
    let api = Api::open().await;
    crowd(&api, 2);
    let owner = api.of(Role::Owner).await;
    for field in ["gender", "status", "tags"] {
        let said = api.call(Method::PATCH, "/users/1", &owner, Some(json!({ field: null }))).await;
        assert_eq!(said.status, 422, "{field}: {}", said.json);
    }
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_nobody_has_is_no_default() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let body = json!({ "value": 999_999 });
    let said = api.call(Method::PUT, "/settings/default_subscription_template_id", &owner, Some(body)).await;
    assert_ne!(said.status, 200, "{}", said.json);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_to_work_here_are_the_owners_to_see() {
    let api = Api::open().await;
    let looker = api.of(Role::Readonly).await;
    api.w.change("INSERT INTO cashiers (telegram_id, is_test, name, status, requested_at) VALUES (900, 0, 'Проситель', 'requested', '2026-11-22T03:00:00Z')");
    assert_eq!(api.get("/cashiers/requests", &looker).await.status, 403);
    let said = api.get("/cashiers?status=requested", &looker).await;
    assert_eq!(said.json["total"], 0, "{}", said.json);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approving_an_old_request_again_takes_nobody_their_role() {
    let api = Api::open().await;
    let (owner, boss) = (api.of(Role::Owner).await, api.admin(Role::Owner));
    let telegram = api.w.count(&format!("SELECT telegram_id FROM admins WHERE id = {boss}"));
    api.w.changes(format!(
        "INSERT INTO cashiers (telegram_id, is_test, name, status, requested_at)
         VALUES ({telegram}, 0, 'Хозяйка', 'declined', '2026-11-22T03:00:00Z')"
    ));
    let request = api.w.count("SELECT max(id) FROM cashiers");
    api.post(&format!("/admins/{request}/approve"), &owner, json!({})).await;
    assert_eq!(api.w.texts("SELECT role FROM admins ORDER BY id DESC LIMIT 1"), ["owner"]);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_can_be_sorted_by_its_own_default() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let mut refused = Vec::new();
    for path in [
        "/users",
        "/discounts",
        "/broadcasts",
        "/campaigns",
        "/cashiers",
        "/orders",
        "/logs/audit",
        "/logs/discount-usage",
    ] {
        if api.get(&format!("{path}?sort=-created_at"), &owner).await.status != 200 {
            refused.push(path);
        }
    }
    assert_eq!(refused, Vec::<&str>::new());
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_caller_went_away_is_not_run_again_under_the_same_key() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let address = api.w.http().trim_start_matches("http://").to_owned();
    let head = format!(
        "POST /api/v1/jobs/backup/run HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {owner}\r\nIdempotency-Key: once\r\nContent-Length: 0\r\n\r\n"
    );
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    api.w.waits_for_count("SELECT count(*) > 0 FROM audit_log WHERE action LIKE '%job%'", 1).await;
    drop(stream);
    api.w.waits_for_count("SELECT count(*) FROM idempotency_keys WHERE key = 'once'", 1).await;
    let call = api.request(Method::POST, "/jobs/backup/run", &owner).header("Idempotency-Key", "once");
    let said = super::heard(call.send().await.unwrap()).await;
    assert_eq!(api.w.count("SELECT count(*) FROM audit_log WHERE action LIKE '%job%'"), 1, "{}", said.json);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_a_semicolon_is_no_formula_where_semicolons_part_cells() {
    let api = Api::open().await;
    crowd(&api, 2);
    api.w.change("UPDATE users SET first_name = 'x;=HYPERLINK(1)' WHERE id = 1");
    let owner = api.of(Role::Owner).await;
    let csv = api.request(Method::GET, "/export/users", &owner).send().await.unwrap().text().await.unwrap();
    assert!(!csv.contains(";=HYPERLINK"), "{csv}");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_that_passes_through_the_api_is_logged_at_any_level() {
    let mut w = crate::harness::World::closed().await;
    w.reconfigures(&[(
        "[http]\n",
        &format!("[security]\njwt_secret = \"{}\"\n[log]\nlevel = \"trace\"\n[http]\n", super::KEY),
    )]);
    w.runs();
    w.waits_for_log(" ready ").await;
    let address =
        w.log().split("127.0.0.1:").nth(1).unwrap().chars().take_while(char::is_ascii_digit).collect::<String>();
    w.changes(
        "INSERT INTO users (id, telegram_id, is_test, first_name, name_norm, source, source_normalized, created_at, created_day,
           last_activity_at, phone) VALUES (1, 500001, 0, 'Канарейка', 'канарейка', 'direct', 'direct', '2026-11-22T03:00:00Z',
           '2026-11-22', '2026-11-22T03:00:00Z', '+79990001122')".to_owned(),
    );
    let api = Api { w, http: plain_http() };
    let owner = api.admin(Role::Owner);
    let one_time = api.login_token(owner);
    let base = format!("http://127.0.0.1:{address}/api/v1");
    let said =
        api.http.post(format!("{base}/auth/login-token")).json(&json!({ "token": one_time })).send().await.unwrap();
    let login = said.json::<serde_json::Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let mut statuses = Vec::new();
    for (method, path, body) in [
        (Method::GET, "/users?search=Канарейка", json!(null)),
        (Method::GET, "/users?search=79990001122&bad=79990001122", json!(null)),
        (Method::GET, "/users/1", json!(null)),
        (Method::GET, "/export/users?search=Канарейка", json!(null)),
        (Method::GET, "/users/%D0%9A%D0%B0%D0%BD%D0%B0%D1%80%D0%B5%D0%B9%D0%BA%D0%B0", json!(null)),
        (Method::GET, "/users/+79990001122", json!(null)),
        (
            Method::PATCH,
            "/users/1",
            json!({ "phone": "+79990001123", "birthday": "1999-07-31", "tags": ["канареечный"] }),
        ),
        (Method::PATCH, "/users/1", json!({ "phone": "канарейка-79990001124" })),
        (Method::POST, "/users/1/message", json!({ "body": "Секретное послание" })),
        (Method::POST, "/users/1/message", json!({ "body": "<b>Секретное послание" })),
        (Method::POST, "/users/bulk", json!({ "user_ids": [1], "add_tags": ["канареечный2"] })),
        (Method::GET, "/users/1/export", json!(null)),
        (Method::DELETE, "/users/1", json!(null)),
    ] {
        let call = api.http.request(method, format!("{base}{path}")).bearer_auth(&login);
        let call = if body.is_null() { call } else { call.json(&body) };
        statuses.push(call.send().await.unwrap().status().as_u16());
    }
    let mut w = api.w;
    w.is_killed().await;
    let log = w.log();
    let login_tail = login.rsplit('.').next().unwrap().to_owned();
    let mut leaks = Vec::new();
    for canary in ["Канарейка", "канаре", "999000112", "1999-07-31", "послание", "%D0%9A", &*one_time, &*login_tail]
    {
        leaks.extend(
            log.lines()
                .filter(|line| line.contains(canary))
                .take(3)
                .map(|line| line.chars().take(400).collect::<String>()),
        );
    }
    assert_eq!(leaks, Vec::<String>::new(), "{statuses:?}");
}

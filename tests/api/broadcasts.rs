//! The shop's voice through the API: written, looked at, confirmed, sent, held, mended; and what is refused.

use builtin_telegram::Fault;
use dvorik::access::Scope;
use dvorik::broadcast::BroadcastId;
use dvorik::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, Said};
use crate::broadcasts::{counted, crowd, ended, hurries, readers};
use crate::given;
use crate::harness::{PATIENCE, becomes_true};

fn draft() -> Value {
    json!({ "title": "Ярмарка", "body": "Приходите на ярмарку", "filters": { "all": true } })
}

async fn written(api: &Api, token: &str, body: Value) -> i64 {
    let made = api.post("/broadcasts", token, body).await;
    assert_eq!(made.status, 201, "{}", made.json);
    made.json["id"].as_i64().unwrap()
}

async fn word(api: &Api, token: &str, id: i64) -> Value {
    let said = api.post("/broadcasts/estimate", token, json!({ "broadcast_id": id })).await;
    assert_eq!(said.status, 200, "{}", said.json);
    said.json["confirm_token"].clone()
}

async fn does(api: &Api, token: &str, (id, verb): (i64, &str), body: Value) -> Said {
    api.post(&format!("/broadcasts/{id}/{verb}"), token, body).await
}

async fn edits(api: &Api, token: &str, id: i64, body: Value) -> Said {
    api.call(Method::PATCH, &format!("/broadcasts/{id}"), token, Some(body)).await
}

/// Telegram says that they have blocked the bot once it writes to them.
fn blocked(api: &Api, chat: i64) {
    api.w.tg.fault(Fault::Forbidden("bot was blocked by the user".into()).always().on_sends().in_chat(chat));
}

/// Waits until nothing is swept any more.
async fn swept(api: &Api) {
    api.w.waits_for_count("SELECT count(*) FROM broadcast_sweeps", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broadcast_is_written_confirmed_and_reaches_everybody_once() {
    let api = Api::open().await;
    crowd(&api.w, 30);
    hurries(&api.w);
    given::mutes(&api.w.db(), 500_001);
    given::blocks_bot(&api.w.db(), 500_002);
    blocked(&api, 500_003);
    let (owner, looker) = (api.of(Role::Owner).await, api.of(Role::Readonly).await);
    let body = json!({
        "title": "Ярмарка", "body": "Приходите, {{first_name}}", "filters": { "all": true }, "segment_id": null,
        "buttons": [[{ "text": "Меню", "url": "https://example.org/menu" }]],
    });
    let id = written(&api, &owner, body.clone()).await;
    let about = api.post("/broadcasts/estimate", &owner, json!({ "broadcast_id": id })).await.json;
    assert_eq!((&about["id"], &about["recipients"]), (&json!(id), &json!(28)));
    assert_eq!(about["left_out"], json!({ "muted": 1, "bot_blocked": 1, "test": 0 }));
    let sent = does(&api, &owner, (id, "send"), json!({ "confirm_token": about["confirm_token"] })).await;
    assert_eq!((sent.status, &sent.json["status"]), (200, &json!("scheduled")), "{}", sent.json);
    ended(&api.w, BroadcastId(id)).await;
    assert_eq!(readers(&api.w, "Приходите").len(), 27);
    let whole = api.get(&format!("/broadcasts/{id}"), &looker).await.json;
    for (key, value) in [
        ("status", json!("sent")),
        ("total_recipients", json!(30)),
        ("sent", json!(27)),
        ("failed", json!(1)),
        ("skipped", json!(2)),
        ("origin", json!("admin")),
        ("filters", json!({ "all": true })),
        ("buttons", body["buttons"].clone()),
    ] {
        assert_eq!(whole[key], value, "{key} of {whole}");
    }
    let statistics = &whole["statistics"];
    assert_eq!(statistics["failed_by_class"], json!({ "blocked": 1 }));
    assert_eq!(statistics["skipped_by_reason"], json!({ "muted": 1, "blocked_bot": 1 }));
    assert_eq!((&whole["last_error"]["class"], &whole["last_error"]["error_code"]), (&json!("blocked"), &json!(403)));
    let listed = api.get("/broadcasts?status=sent&origin=admin", &looker).await.json;
    assert_eq!((&listed["total"], &listed["items"][0]["sent"]), (&json!(1), &json!(27)));
    assert_eq!(api.get("/broadcasts?status=draft", &looker).await.json["total"], 0);
    assert_eq!(api.get("/broadcasts?is_test=true", &looker).await.json["total"], 0);
    assert_eq!(api.get(&format!("/broadcasts/{id}?is_test=true"), &looker).await.code(), "BROADCAST_NOT_FOUND");
    let audit =
        api.w.texts("SELECT action FROM audit_log WHERE entity = 'broadcast' AND actor LIKE 'admin:%' ORDER BY id");
    assert_eq!(audit, ["create_broadcast", "confirm_broadcast", "schedule_broadcast"]);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recipients_are_listed_by_state_and_class_page_by_page() {
    let api = Api::open().await;
    crowd(&api.w, 25);
    hurries(&api.w);
    for id in 500_001..500_006 {
        blocked(&api, id);
    }
    api.w.change(
        "UPDATE users SET muted_at = '2026-11-01T00:00:00Z', phone = '+79140000001' WHERE telegram_id = 500010",
    );
    let (owner, looker) = (api.of(Role::Owner).await, api.of(Role::Readonly).await);
    let id = written(&api, &owner, draft()).await;
    let token = word(&api, &owner, id).await;
    assert_eq!(does(&api, &owner, (id, "send"), json!({ "confirm_token": token })).await.status, 200);
    ended(&api.w, BroadcastId(id)).await;
    let path = |query: &str| format!("/broadcasts/{id}/deliveries{query}");
    for (query, total, rows) in [
        ("", 25, 20),
        ("?page=2", 25, 5),
        ("?status=failed", 5, 5),
        ("?status=failed&per_page=2&page=3", 5, 1),
        ("?status=failed&class=blocked", 5, 5),
        ("?class=rejected", 0, 0),
        ("?class=muted", 1, 1),
        ("?status=skipped", 1, 1),
        ("?status=sent&per_page=100", 19, 19),
        ("?status=queued", 0, 0),
        ("?status=sending", 0, 0),
        ("?status=unknown", 0, 0),
    ] {
        let said = api.get(&path(query), &owner).await;
        assert_eq!(said.status, 200, "{query}: {}", said.json);
        assert_eq!(
            (said.json["total"].as_i64(), said.json["items"].as_array().map(Vec::len)),
            (Some(total), Some(rows)),
            "{query}"
        );
    }
    let first = api.get(&path("?status=failed"), &owner).await.json["items"][0].clone();
    assert_eq!(
        (&first["user"], &first["status"], &first["class"]),
        (&json!("Клиент 500001"), &json!("failed"), &json!("blocked"))
    );
    let all = api.get(&path("?per_page=100"), &owner).await.json;
    let ids: Vec<i64> = all["items"].as_array().unwrap().iter().filter_map(|one| one["user_id"].as_i64()).collect();
    assert!(ids.is_sorted() && ids.len() == 25 && !all.to_string().contains("7914"), "{ids:?}");
    assert_eq!(api.get(&path(""), &looker).await.code(), "ROLE_FORBIDDEN");
    assert_eq!(api.get(&path(""), &api.token(&[Scope::BroadcastsRead])).await.code(), "SCOPE_MISSING");
    assert_eq!(api.get(&path("?class=A"), &owner).await.field(), "class");
    assert_eq!(api.get("/broadcasts/77/deliveries", &owner).await.code(), "BROADCAST_NOT_FOUND");
    let script = api.token(&[Scope::BroadcastsRead]);
    assert_eq!(api.get(&format!("/broadcasts/{id}"), &script).await.status, 200);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_for_one_broadcast_its_words_and_its_people() {
    let api = Api::open().await;
    crowd(&api.w, 20);
    let (owner, marketing) = (api.of(Role::Owner).await, api.of(Role::Marketing).await);
    let later = json!("2090-01-01T09:00:00Z");
    let (one, copy) = (written(&api, &owner, draft()).await, written(&api, &owner, draft()).await);
    let token = word(&api, &marketing, one).await;
    let confirm = |token: &Value| json!({ "confirm_token": token, "at": later });
    let stale = does(&api, &marketing, (copy, "schedule"), confirm(&token)).await;
    assert_eq!(
        (stale.status, stale.code()),
        (409, "BROADCAST_CONFIRMATION_STALE"),
        "a word for one is none for its copy"
    );
    for bad in ["x", "1.2.3", "20.99999999999999.00", "я\u{0}"] {
        assert_eq!(
            does(&api, &marketing, (one, "schedule"), confirm(&json!(bad))).await.code(),
            "BROADCAST_CONFIRMATION_STALE"
        );
    }
    assert_eq!(does(&api, &marketing, (one, "schedule"), json!({})).await.field(), "confirm_token");
    assert_eq!(
        does(&api, &marketing, (one, "schedule"), json!({ "confirm_token": "" })).await.field(),
        "confirm_token"
    );
    assert_eq!(edits(&api, &owner, one, json!({ "body": "Другое" })).await.status, 200);
    assert_eq!(does(&api, &marketing, (one, "schedule"), confirm(&token)).await.code(), "BROADCAST_CONFIRMATION_STALE");
    assert_eq!(edits(&api, &owner, one, json!({ "body": "Приходите на ярмарку" })).await.status, 200);
    let waits = does(&api, &marketing, (one, "schedule"), confirm(&token)).await;
    assert_eq!((waits.status, &waits.json["send_at"]), (200, &later), "{}", waits.json);
    // Of something that is no broadcast yet: for whichever becomes one of exactly these words.
    let unsaved = json!({ "body": "Приходите на ярмарку", "filters": { "all": true } });
    let about = api.post("/broadcasts/estimate", &marketing, unsaved).await.json;
    assert_eq!((&about["id"], &about["recipients"]), (&Value::Null, &json!(20)));
    assert_eq!(does(&api, &marketing, (copy, "schedule"), confirm(&about["confirm_token"])).await.status, 200);
    assert_eq!(api.w.count("SELECT count(*) FROM audit_log WHERE action = 'confirm_broadcast'"), 2);
    let refused = does(&api, &marketing, (copy, "send"), json!({ "confirm_token": token })).await;
    assert_eq!((refused.status, refused.code()), (403, "OWNER_ONLY"));
    crowd_doubles(&api);
    let grown = does(&api, &owner, (copy, "send"), json!({ "confirm_token": about["confirm_token"] })).await;
    assert_eq!((grown.code(), &grown.json["recipients"]), ("BROADCAST_CONFIRMATION_STALE", &json!(40)));
    api.w.change("UPDATE users SET muted_at = '2026-11-01T00:00:00Z'");
    let nobody = written(&api, &owner, draft()).await;
    let token = word(&api, &owner, nobody).await;
    let empty = does(&api, &owner, (nobody, "send"), json!({ "confirm_token": token })).await;
    assert_eq!((empty.status, empty.code()), (409, "BROADCAST_AUDIENCE_EMPTY"));
    api.w.ends().await;
}

fn crowd_doubles(api: &Api) {
    api.w.change(
        "INSERT INTO users (telegram_id, is_test, name_norm, source, source_normalized, created_at, created_day, last_activity_at)
         SELECT telegram_id + 100000, 0, '', 'direct', 'direct', created_at, created_day, last_activity_at FROM users",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_word_is_kept_however_late_it_is_asked_for_again() {
    let api = Api::open().await;
    crowd(&api.w, 5);
    let owner = api.of(Role::Owner).await;
    let id = written(&api, &owner, draft()).await;
    let body = json!({ "confirm_token": word(&api, &owner, id).await, "at": "2090-01-01T09:00:00Z" });
    let send = || async {
        let call =
            api.request(Method::POST, &format!("/broadcasts/{id}/schedule"), &owner).header("Idempotency-Key", "k");
        let said = call.json(&body).send().await.unwrap();
        (said.status().as_u16(), said.text().await.unwrap())
    };
    let first = send().await;
    crowd_doubles(&api);
    crowd_doubles_again(&api);
    assert_eq!((first.0, send().await), (200, first), "twenty people are not looked at for an answer that was given");
    assert_eq!(api.w.count("SELECT count(*) FROM audit_log WHERE action = 'schedule_broadcast'"), 1);
    let fresh = does(&api, &owner, (id, "schedule"), body).await;
    assert_eq!(fresh.code(), "BROADCAST_CONFIRMATION_STALE");
    api.w.ends().await;
}

fn crowd_doubles_again(api: &Api) {
    api.w.change(
        "INSERT INTO users (telegram_id, is_test, name_norm, source, source_normalized, created_at, created_day, last_activity_at)
         SELECT telegram_id + 1000000, 0, '', 'direct', 'direct', created_at, created_day, last_activity_at FROM users",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drafts_time_is_kept_and_taken_when_it_is_confirmed() {
    let api = Api::open().await;
    crowd(&api.w, 5);
    let owner = api.of(Role::Owner).await;
    let mut body = draft();
    body["send_at"] = json!("2090-01-01T12:00:00+03:00");
    let id = written(&api, &owner, body.clone()).await;
    let kept = api.get(&format!("/broadcasts/{id}"), &owner).await.json;
    assert_eq!((&kept["status"], &kept["send_at"]), (&json!("draft"), &json!("2090-01-01T09:00:00Z")));
    assert_eq!(
        edits(&api, &owner, id, json!({ "send_at": "2091-01-01T09:00:00Z" })).await.json["send_at"],
        "2091-01-01T09:00:00Z"
    );
    for past in ["2020-01-01T00:00:00Z", "0001-01-01T00:00:00Z"] {
        assert_eq!(edits(&api, &owner, id, json!({ "send_at": past })).await.field(), "send_at");
    }
    for odd in ["tomorrow", "2090-01-01", "2090-01-01T09:00:00", "+12090-01-01T09:00:00Z", "9999-12-31T23:59:59-01:00"]
    {
        assert_eq!(edits(&api, &owner, id, json!({ "send_at": odd })).await.code(), "VALIDATION_ERROR", "{odd}");
    }
    let token = word(&api, &owner, id).await;
    let past =
        does(&api, &owner, (id, "schedule"), json!({ "confirm_token": token, "at": "2020-01-01T00:00:00Z" })).await;
    assert_eq!((past.code(), past.field()), ("VALIDATION_ERROR", "at"));
    let waits = does(&api, &owner, (id, "schedule"), json!({ "confirm_token": token })).await;
    assert_eq!((&waits.json["status"], &waits.json["send_at"]), (&json!("scheduled"), &json!("2091-01-01T09:00:00Z")));
    let fixed = edits(&api, &owner, id, json!({ "send_at": "2092-01-01T09:00:00Z" })).await;
    assert_eq!(
        (fixed.status, fixed.code(), &fixed.json["state"]),
        (409, "BROADCAST_NOT_EDITABLE", &json!("scheduled"))
    );
    let again =
        does(&api, &owner, (id, "schedule"), json!({ "confirm_token": token, "at": "2092-01-01T09:00:00Z" })).await;
    assert_eq!(again.json["send_at"], "2092-01-01T09:00:00Z");
    let free = does(&api, &owner, (id, "unschedule"), json!({})).await;
    assert_eq!((&free.json["status"], &free.json["send_at"]), (&json!("draft"), &Value::Null));
    body["send_at"] = Value::Null;
    let now = written(&api, &owner, body).await;
    let token = word(&api, &owner, now).await;
    assert_eq!(does(&api, &owner, (now, "schedule"), json!({ "confirm_token": token })).await.status, 200);
    ended(&api.w, BroadcastId(now)).await;
    assert_eq!(readers(&api.w, "ярмарку").len(), 5, "without any time it leaves now");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_sent_is_refused_by_its_field_before_it_is_kept() {
    let api = Api::open().await;
    crowd(&api.w, 3);
    let owner = api.of(Role::Owner).await;
    let with = |more: Value| {
        let mut body = draft();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let button = |text: &str, url: &str| json!({ "buttons": [[{ "text": text, "url": url }]] });
    let all = json!({ "text": "x", "url": "https://a.b" });
    let cases = [
        (json!({ "body": "x", "filters": { "all": true } }), "VALIDATION_ERROR", "title"),
        (json!({ "title": "x", "filters": { "all": true } }), "VALIDATION_ERROR", "body"),
        (json!({ "title": "x", "body": "x" }), "VALIDATION_ERROR", "filters"),
        (with(json!({ "segment_id": 1 })), "VALIDATION_ERROR", "filters"),
        (with(json!({ "title": " " })), "VALIDATION_ERROR", "title"),
        (with(json!({ "title": "я".repeat(129) })), "VALIDATION_ERROR", "title"),
        (with(json!({ "title": "a\u{0}b" })), "VALIDATION_ERROR", "title"),
        (with(json!({ "body": "a\u{0}b" })), "VALIDATION_ERROR", "body"),
        (with(json!({ "body": "<b></b>".repeat(3000) })), "VALIDATION_ERROR", "body"),
        (with(json!({ "body": "" })), "BROADCAST_TEXT_INVALID", "body"),
        (with(json!({ "body": "<b>жирно" })), "BROADCAST_TEXT_INVALID", "body"),
        (with(json!({ "body": "{{discount_code}}" })), "BROADCAST_TEXT_INVALID", "body"),
        (with(json!({ "body": "я".repeat(4097) })), "BROADCAST_TEXT_INVALID", "body"),
        (with(button("", "https://a.b")), "BROADCAST_TEXT_INVALID", "buttons"),
        (with(button("x", "javascript:alert(1)")), "BROADCAST_TEXT_INVALID", "buttons"),
        (with(json!({ "buttons": [[]] })), "BROADCAST_TEXT_INVALID", "buttons"),
        (with(json!({ "buttons": vec![vec![all]; 11] })), "BROADCAST_TOO_LARGE", "buttons"),
        (
            with(json!({ "buttons": [[{ "text": "x", "url": "https://a.b", "color": "red" }]] })),
            "VALIDATION_ERROR",
            "buttons[0][0].color",
        ),
        (with(json!({ "media_type": "photo" })), "BROADCAST_MEDIA_INVALID", "media_file_id"),
        (with(json!({ "media_file_id": "AgAC" })), "BROADCAST_MEDIA_INVALID", "media_file_id"),
        (with(json!({ "media_type": "photo", "media_file_id": "../etc" })), "BROADCAST_MEDIA_INVALID", "media_file_id"),
        (with(json!({ "media_type": "audio" })), "VALIDATION_ERROR", "media_type"),
        (with(json!({ "template_id": 0 })), "VALIDATION_ERROR", "template_id"),
        (with(json!({ "template_id": 7777 })), "TEMPLATE_NOT_FOUND", ""),
        (with(json!({ "filters": { "agee": 1 } })), "SEGMENT_INVALID", "agee"),
        (with(json!({ "filters": { "is_test": true } })), "SEGMENT_INVALID", "is_test"),
        (with(json!({ "filters": null, "segment_id": 7777 })), "SEGMENT_NOT_FOUND", ""),
        (with(json!({ "filters": null, "segment_id": 0 })), "VALIDATION_ERROR", "segment_id"),
        (with(json!({ "filters": null, "target_user_ids": [] })), "VALIDATION_ERROR", "target_user_ids"),
        (with(json!({ "filters": null, "target_user_ids": [0] })), "VALIDATION_ERROR", "target_user_ids"),
        (with(json!({ "filters": null, "target_user_ids": [1, 7777] })), "USER_NOT_FOUND", ""),
        (
            with(json!({ "filters": null, "target_user_ids": (1..5002).collect::<Vec<_>>() })),
            "BROADCAST_TOO_LARGE",
            "target_user_ids",
        ),
        (with(json!({ "broadcast_id": 1 })), "VALIDATION_ERROR", "broadcast_id"),
        (with(json!({ "status": "sent" })), "VALIDATION_ERROR", "status"),
        (with(json!({ "title": null })), "VALIDATION_ERROR", "title"),
        (with(json!({ "buttons": null })), "VALIDATION_ERROR", "buttons"),
    ];
    for (body, code, field) in &cases {
        let said = api.post("/broadcasts", &owner, body.clone()).await;
        assert_eq!((said.code(), said.field()), (*code, *field), "{}", said.json);
    }
    assert_eq!(api.w.count("SELECT count(*) FROM broadcasts"), 0);
    let kept = written(&api, &owner, draft()).await;
    // The same of a change, and of what is only estimated; nothing is half done.
    for (body, code, field) in cases.iter().skip(4) {
        let mut change = body.clone();
        change["body"] = body["body"].clone();
        let said = edits(&api, &owner, kept, change).await;
        assert_eq!((said.code(), said.field()), (*code, *field), "{}", said.json);
    }
    let both = api.post("/broadcasts/estimate", &owner, json!({ "broadcast_id": kept, "body": "x" })).await;
    assert_eq!(both.field(), "broadcast_id");
    assert_eq!(api.post("/broadcasts/estimate", &owner, json!({})).await.field(), "body");
    assert_eq!(
        api.post("/broadcasts/estimate", &owner, json!({ "broadcast_id": 7777 })).await.code(),
        "BROADCAST_NOT_FOUND"
    );
    assert_eq!(api.w.count("SELECT count(*) FROM audit_log WHERE action = 'update_broadcast'"), 0);
    let same = edits(&api, &owner, kept, json!({})).await;
    assert_eq!((same.status, &same.json["title"]), (200, &json!("Ярмарка")));
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_changed_field_by_field() {
    let api = Api::open().await;
    crowd(&api.w, 3);
    let marketing = api.of(Role::Marketing).await;
    let id = written(&api, &marketing, draft()).await;
    let photo = json!({ "media_type": "photo", "media_file_id": "AgACAgI", "template_id": 1, "title": " Зима " });
    let edited = edits(&api, &marketing, id, photo).await.json;
    let of = |said: &Value, keys: [&str; 4]| keys.map(|key| said[key].clone());
    assert_eq!(
        of(&edited, ["media_type", "media_file_id", "template_id", "title"]),
        [json!("photo"), json!("AgACAgI"), json!(1), json!("Зима")]
    );
    for half in [json!({ "media_type": "video" }), json!({ "media_file_id": "AgAC" })] {
        let said = edits(&api, &marketing, id, half).await;
        assert_eq!((said.code(), said.field()), ("BROADCAST_MEDIA_INVALID", "media_file_id"));
    }
    let bare = edits(&api, &marketing, id, json!({ "media_file_id": null, "template_id": null })).await.json;
    assert_eq!(
        of(&bare, ["media_type", "media_file_id", "template_id", "title"]),
        [json!("none"), Value::Null, Value::Null, json!("Зима")]
    );
    let people = edits(&api, &marketing, id, json!({ "target_user_ids": [3, 1, 1] })).await.json;
    assert_eq!((&people["target_user_ids"], &people["filters"]), (&json!([1, 3]), &Value::Null));
    let token = word(&api, &marketing, id).await;
    let at = json!({ "confirm_token": token, "at": "2090-01-01T00:00:00Z" });
    assert_eq!(does(&api, &marketing, (id, "schedule"), at).await.status, 200);
    assert_eq!(edits(&api, &marketing, id, json!({ "body": "Иначе" })).await.json["status"], "scheduled");
    assert_eq!(does(&api, &marketing, (id, "cancel"), json!({})).await.json["status"], "canceled");
    let over = edits(&api, &marketing, id, json!({ "body": "Ещё раз" })).await;
    assert_eq!((over.status, over.code()), (409, "BROADCAST_NOT_EDITABLE"));
    let looker = api.of(Role::Readonly).await;
    assert_eq!(edits(&api, &looker, id, json!({})).await.code(), "ROLE_FORBIDDEN");
    assert_eq!(
        api.w.texts(
            "SELECT group_concat(action) FROM (SELECT action FROM audit_log WHERE entity = 'broadcast' ORDER BY id)"
        ),
        [
            "create_broadcast,update_broadcast,update_broadcast,update_broadcast,confirm_broadcast,schedule_broadcast,update_broadcast,cancel_broadcast"
        ]
    );
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broadcast_of_the_test_bots_is_written_to_their_people_only() {
    let api = Api::open().await;
    crowd(&api.w, 4);
    api.w.change("UPDATE users SET is_test = 1 WHERE telegram_id = 500001");
    let owner = api.of(Role::Owner).await;
    let made = api.post("/broadcasts?is_test=true", &owner, draft()).await;
    assert_eq!((made.status, &made.json["is_test"]), (201, &json!(true)));
    let id = made.json["id"].as_i64().unwrap();
    let about = api.post("/broadcasts/estimate?is_test=true", &owner, json!({ "broadcast_id": id })).await;
    assert_eq!(about.json["recipients"], 1);
    let elsewhere = api.post("/broadcasts/estimate", &owner, json!({ "broadcast_id": id })).await;
    assert_eq!(elsewhere.code(), "BROADCAST_NOT_FOUND");
    for verb in ["pause", "resume", "cancel", "unschedule", "recall", "resend-unknown"] {
        assert_eq!(does(&api, &owner, (id, verb), json!({})).await.code(), "BROADCAST_NOT_FOUND", "{verb}");
    }
    let named = json!({ "title": "x", "body": "x", "target_user_ids": [1, 2] });
    let about = api.post("/broadcasts/estimate", &owner, named).await.json;
    assert_eq!((&about["recipients"], &about["left_out"]["test"]), (&json!(1), &json!(1)));
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_goes_to_the_admin_who_asks_or_to_another() {
    let api = Api::open().await;
    crowd(&api.w, 2);
    let marketing = api.admin(Role::Marketing);
    api.w.changes(format!("UPDATE admins SET telegram_id = 500001 WHERE id = {marketing}"));
    let other = api.admin(Role::Owner);
    let token = api.login(marketing).await;
    let id =
        written(&api, &token, json!({ "title": "x", "body": "Проба, {{first_name}}", "filters": { "all": true } }))
            .await;
    let said = does(&api, &token, (id, "test"), json!({})).await;
    assert_eq!((said.status, said.json), (202, json!({ "id": id, "admin_id": marketing })));
    let heard =
        api.w.tg.wait_receipt(|call| call.chat_id == Some(500_001) && call.text().is_some(), PATIENCE).await.unwrap();
    assert!(heard.text().unwrap().contains("Проба, Клиент 500001"));
    let unreached = does(&api, &token, (id, "test"), json!({ "admin_id": other })).await;
    assert_eq!((unreached.status, unreached.code()), (404, "ADMIN_NOT_FOUND"), "they have not opened the bot");
    assert_eq!(does(&api, &token, (id, "test"), json!({ "admin_id": 7777 })).await.code(), "ADMIN_NOT_FOUND");
    assert_eq!(does(&api, &token, (id, "test"), json!({ "admin_id": 0 })).await.field(), "admin_id");
    assert_eq!(api.w.count("SELECT count(*) FROM audit_log WHERE action = 'test_broadcast'"), 1);
    assert_eq!(api.w.count("SELECT count(*) FROM deliveries"), 0);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_follow_is_refused_with_the_state() {
    let api = Api::open().await;
    crowd(&api.w, 2);
    let owner = api.of(Role::Owner).await;
    let id = written(&api, &owner, draft()).await;
    for (verb, body) in [
        ("pause", json!({})),
        ("resume", json!({})),
        ("unschedule", json!({})),
        ("resend-unknown", json!({})),
        ("retry-failed", json!({ "classes": ["rejected"] })),
        ("recall", json!({})),
        ("correct", json!({ "body": "x" })),
    ] {
        let said = does(&api, &owner, (id, verb), body).await;
        assert_eq!(
            (said.status, said.code(), &said.json["state"]),
            (409, "BROADCAST_INVALID_TRANSITION", &json!("draft")),
            "{verb}"
        );
    }
    assert_eq!(does(&api, &owner, (id, "cancel"), json!({})).await.status, 200);
    for verb in ["send", "schedule"] {
        let said = does(&api, &owner, (id, verb), json!({ "confirm_token": "x" })).await;
        assert_eq!((said.code(), &said.json["state"]), ("BROADCAST_INVALID_TRANSITION", &json!("canceled")), "{verb}");
    }
    for body in [json!({}), json!({ "classes": [] }), json!({ "classes": ["muted"] }), json!({ "classes": "rejected" })]
    {
        assert_eq!(does(&api, &owner, (id, "retry-failed"), body).await.code(), "VALIDATION_ERROR");
    }
    let marketing = api.of(Role::Marketing).await;
    for verb in ["retry-failed", "resend-unknown", "send"] {
        assert_eq!(does(&api, &marketing, (id, verb), json!({})).await.code(), "OWNER_ONLY", "{verb}");
    }
    api.w.ends().await;
}

/// A broadcast that was confirmed and is over, with a ledger of so many people in `state`.
async fn over(api: &Api, owner: &str, (people, state): (i64, &str), class: &str) -> i64 {
    crowd(&api.w, people);
    let id = written(api, owner, draft()).await;
    let at = json!({ "confirm_token": word(api, owner, id).await, "at": "2090-01-01T00:00:00Z" });
    assert_eq!(does(api, owner, (id, "schedule"), at).await.status, 200);
    api.w.changes(format!(
        "INSERT INTO deliveries (broadcast_id, user_id, state, class, message_id, settled_ms)
         SELECT {id}, id, '{state}', nullif('{class}', ''), iif('{state}' = 'sent', telegram_id, NULL), unixepoch() * 1000
           FROM users WHERE telegram_id >= 500001"
    ));
    api.w.changes(format!(
        "UPDATE broadcasts SET status = 'sent', frozen = 1, {state} = {people}, started_at = created_at,
            finished_at = created_at, send_at = created_at WHERE id = {id}"
    ));
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn many_failed_rows_are_queued_again_step_by_step() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let id = over(&api, &owner, (2500, "failed"), "rejected").await;
    api.w.changes(format!("UPDATE deliveries SET class = 'bad_message' WHERE broadcast_id = {id} AND user_id % 5 = 0"));
    let bad = api.w.count("SELECT count(*) FROM deliveries WHERE class = 'bad_message'");
    let none = does(&api, &owner, (id, "retry-failed"), json!({ "classes": ["gone"] })).await;
    assert_eq!((none.status, &none.json["rows"], &none.json["is_whole"]), (202, &json!(0), &json!(false)));
    let begun = does(&api, &owner, (id, "retry-failed"), json!({ "classes": ["rejected"] })).await;
    assert_eq!((begun.status, &begun.json["is_whole"]), (202, &json!(false)), "{}", begun.json);
    let rows = begun.json["rows"].as_i64().unwrap();
    assert!((700..=900).contains(&rows), "{rows}");
    swept(&api).await;
    let counts = counted(&api.w, BroadcastId(id));
    assert_eq!((counts.failed, counts.total()), (bad, 2500), "{counts:?}");
    assert_eq!(counts.queued + counts.sending + counts.sent, 2500 - bad);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn few_rows_nobody_knows_of_are_queued_again_at_once_and_sent() {
    let api = Api::open().await;
    hurries(&api.w);
    let owner = api.of(Role::Owner).await;
    let id = over(&api, &owner, (20, "unknown"), "unknown").await;
    let begun = does(&api, &owner, (id, "resend-unknown"), json!({})).await;
    assert_eq!(
        (begun.status, &begun.json["rows"], &begun.json["is_whole"]),
        (200, &json!(20), &json!(true)),
        "{}",
        begun.json
    );
    ended(&api.w, BroadcastId(id)).await;
    assert_eq!(counted(&api.w, BroadcastId(id)).sent, 20);
    assert_eq!(readers(&api.w, "ярмарку").len(), 20);
    let again = does(&api, &owner, (id, "resend-unknown"), json!({})).await;
    assert_eq!((again.status, &again.json["rows"]), (200, &json!(0)));
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_delivered_messages_are_marked_step_by_step_whatever_ends_the_process() {
    let mut api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let id = over(&api, &owner, (2500, "sent"), "").await;
    let begun = does(&api, &owner, (id, "correct"), json!({ "body": "В воскресенье" })).await;
    assert_eq!(
        (begun.status, &begun.json["rows"], &begun.json["is_whole"]),
        (202, &json!(1000), &json!(false)),
        "{}",
        begun.json
    );
    assert_eq!(begun.json["broadcast"]["body"], "В воскресенье");
    api.w.stops().await;
    api.w.serves().await;
    swept(&api).await;
    let touched =
        "SELECT count(*) FROM deliveries WHERE wish = 'correct' OR corrected_ms IS NOT NULL OR error IS NOT NULL";
    assert_eq!(api.w.count(touched), 2500, "every message was marked once, before or after the end");
    let wrong = does(&api, &owner, (id, "correct"), json!({ "body": "<b>" })).await;
    assert_eq!((wrong.status, wrong.code(), wrong.field()), (422, "BROADCAST_TEXT_INVALID", "body"));
    let audit =
        api.w.count("SELECT count(*) FROM audit_log WHERE action = 'correct_broadcast' AND actor LIKE 'admin:%'");
    assert_eq!(audit, 1);
    api.w.stops().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivered_broadcast_is_corrected_and_taken_back() {
    let api = Api::open().await;
    crowd(&api.w, 8);
    hurries(&api.w);
    let owner = api.of(Role::Owner).await;
    let id = written(&api, &owner, draft()).await;
    let token = word(&api, &owner, id).await;
    does(&api, &owner, (id, "send"), json!({ "confirm_token": token })).await;
    ended(&api.w, BroadcastId(id)).await;
    let corrected = does(&api, &owner, (id, "correct"), json!({ "body": "В воскресенье" })).await;
    assert_eq!(
        (corrected.status, &corrected.json["rows"], &corrected.json["is_whole"]),
        (200, &json!(8), &json!(true))
    );
    assert_eq!(api.w.tg.wait_count(|call| call.method == "editMessageText" && call.delivered, 8, PATIENCE).await, 8);
    api.w.waits_for_count("SELECT count(*) FROM deliveries WHERE wish IS NOT NULL", 0).await;
    let recalled = does(&api, &owner, (id, "recall"), json!({})).await;
    assert_eq!((recalled.status, &recalled.json["rows"]), (200, &json!(8)));
    assert_eq!(api.w.tg.wait_count(|call| call.method == "deleteMessage", 8, PATIENCE).await, 8);
    let mut shown = Value::Null;
    let is_recalled = async || {
        shown = api.get(&format!("/broadcasts/{id}"), &owner).await.json;
        shown["statistics"]["recalled"] == 8
    };
    assert!(becomes_true(PATIENCE, is_recalled).await, "{shown}");
    assert_eq!(api.get(&format!("/broadcasts/{id}"), &owner).await.json["statistics"]["corrected"], 8);
    let nothing = does(&api, &owner, (id, "recall"), json!({})).await;
    assert_eq!(nothing.code(), "BROADCAST_INVALID_TRANSITION", "there is nothing left to take back");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_sent_is_held_goes_on_and_is_given_up() {
    let api = Api::open().await;
    crowd(&api.w, 40);
    let (owner, marketing) = (api.of(Role::Owner).await, api.of(Role::Marketing).await);
    let id = written(&api, &owner, draft()).await;
    let token = word(&api, &owner, id).await;
    does(&api, &owner, (id, "send"), json!({ "confirm_token": token })).await;
    api.w.tg.wait_receipt(|call| call.text().is_some_and(|text| text.contains("ярмарку")), PATIENCE).await.unwrap();
    let held = does(&api, &marketing, (id, "pause"), json!({})).await;
    assert_eq!(
        (&held.json["status"], &held.json["pause_reason"]),
        (&json!("paused"), &json!("admin")),
        "{}",
        held.json
    );
    assert_eq!(does(&api, &marketing, (id, "pause"), json!({})).await.json["state"], "paused");
    assert_eq!(does(&api, &marketing, (id, "resume"), json!({})).await.json["status"], "scheduled");
    let shows = async |field: &str, wanted: Value| {
        let is_so = async || api.get(&format!("/broadcasts/{id}"), &owner).await.json[field] == wanted;
        assert!(becomes_true(PATIENCE, is_so).await, "{field} never was {wanted}");
    };
    shows("status", json!("sending")).await;
    assert_eq!(does(&api, &marketing, (id, "cancel"), json!({})).await.json["status"], "canceled");
    shows("queued", json!(0)).await;
    let last = api.get(&format!("/broadcasts/{id}/deliveries?class=canceled"), &owner).await;
    assert!(last.json["total"].as_i64().unwrap() > 20, "{}", last.json);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_no_body_is_done_once_a_key_too() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let id = written(&api, &owner, draft()).await;
    let send = || async {
        let call =
            api.request(Method::POST, &format!("/broadcasts/{id}/cancel"), &owner).header("Idempotency-Key", "k");
        let said = call.send().await.unwrap();
        (said.status().as_u16(), said.text().await.unwrap())
    };
    let first = send().await;
    assert_eq!((first.0, send().await), (200, first), "the second is no refusal");
    assert_eq!(does(&api, &owner, (id, "cancel"), json!({})).await.code(), "BROADCAST_INVALID_TRANSITION");
    assert_eq!(api.w.count("SELECT count(*) FROM audit_log WHERE action = 'cancel_broadcast'"), 1);
    api.w.ends().await;
}

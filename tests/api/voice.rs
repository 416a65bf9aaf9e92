//! Settings and texts through the API.

use dvorik::settings;
use dvorik::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::once::keyed;
use super::{Api, Said};
use crate::harness::OWNER;

async fn send(api: &Api, method: Method, path: &str, token: &str, body: Value) -> Said {
    api.call(method, path, token, Some(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_read_and_changed_in_their_own_types() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let all = api.get("/settings", &owner).await.json;
    let keys: Vec<&str> = all["items"].as_array().unwrap().iter().filter_map(|of| of["key"].as_str()).collect();
    assert_eq!(keys, settings::ALL.iter().map(|setting| setting.key).collect::<Vec<_>>());
    let changes = json!({
        "birthday_hour": 12, "auto_broadcast_from_admins": true, "code_prefix": "МД-", "sources": ["листовка", "vk"],
        "default_birthday_template_id": 2, "channel_url": "https://t.me/dvorik", "telegram_channel_id": "-1001234567890",
    });
    let told = "SELECT count(*) FROM outbox WHERE chat_id = ";
    let before = api.w.count(&format!("{told}{OWNER}"));
    let said = send(&api, Method::PATCH, "/settings", &owner, changes.clone()).await;
    assert_eq!(said.status, 200, "{}", said.json);
    for (key, value) in changes.as_object().unwrap() {
        let one = api.get(&format!("/settings/{key}"), &owner).await.json;
        assert_eq!(&one["value"], value, "{key}");
        assert!(said.json["items"].as_array().unwrap().contains(&one), "{key}");
    }
    assert_eq!(api.w.count(&format!("{told}{OWNER}")) - before, 7, "the group is told of each");
    let again = send(&api, Method::PATCH, "/settings", &owner, changes).await;
    assert_eq!(
        (again.status, api.w.count(&format!("{told}{OWNER}")) - before),
        (200, 7),
        "the same again is no change"
    );
    assert_eq!(
        api.w.count("SELECT count(*) FROM audit_log WHERE action = 'update_setting' AND actor LIKE 'admin:%'"),
        7
    );
    let unset =
        send(&api, Method::PUT, "/settings/default_birthday_template_id", &owner, json!({ "value": null })).await;
    assert_eq!((&unset.json["value"], &unset.json["default"]), (&Value::Null, &Value::Null));
    let audited = "SELECT before || '>' || coalesce(after, 'null') FROM audit_log WHERE entity_id = 'default_birthday_template_id'
        ORDER BY id DESC LIMIT 1";
    assert_eq!(api.w.texts(audited), ["2>null"]);
    api.w.ends().await;
}

/// The key of the copies and their switch may come together, in any order.
#[cfg(feature = "age")]
#[tokio::test(flavor = "multi_thread")]
async fn copies_are_switched_on_with_their_key_and_off_before_it() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let recipient = dvorik::encrypted_archive::AgeIdentity::generate().unwrap().recipient();
    let on = json!({ "backup_to_telegram": true });
    assert_eq!(send(&api, Method::PATCH, "/settings", &owner, on).await.code(), "SETTING_INVALID_VALUE");
    for (first, second) in [(true, recipient.as_str()), (false, "")] {
        let body = format!(r#"{{"backup_to_telegram":{first},"backup_recipient":"{second}"}}"#);
        let other = format!(r#"{{"backup_recipient":"{second}","backup_to_telegram":{first}}}"#);
        for body in [body, other] {
            let request = api.request(Method::PATCH, "/settings", &owner).header("Content-Type", "application/json");
            let said = request.body(body.clone()).send().await.unwrap();
            assert_eq!(said.status(), 200, "{body}");
        }
        let one = api.get("/settings/backup_recipient", &owner).await.json;
        assert_eq!(one["value"], second);
    }
    api.w.ends().await;
}

/// The link that comes together with another channel is the new channel's, whatever the order of the keys.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_comes_with_another_channel_stays() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let new = json!({ "channel_url": "https://t.me/new_shop", "telegram_channel_id": "@new_shop" });
    let said = send(&api, Method::PATCH, "/settings", &owner, new).await;
    assert_eq!(said.status, 200, "{}", said.json);
    let link = async || api.get("/settings/channel_url", &owner).await.json["value"].clone();
    assert_eq!(link().await, "https://t.me/new_shop");
    let path = "/settings/telegram_channel_id";
    assert_eq!(send(&api, Method::PUT, path, &owner, json!({ "value": "@newer_shop" })).await.status, 200);
    assert_eq!(link().await, "", "it led to the former channel");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_settings_change_together_or_not_at_all() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    for (key, value) in [
        ("reminder_hour", json!(24)),
        ("reminder_hour", json!("9")),
        ("reminder_hour", Value::Null),
        ("reminder_hour", json!(9.5)),
        ("paid_broadcasts", json!("true")),
        ("code_prefix", json!("x".repeat(13))),
        ("support_contact", json!("a\u{0}")),
        ("channel_url", json!("javascript:alert(1)")),
        ("telegram_channel_id", json!(-100)),
        ("sources", json!("a,b")),
        ("sources", json!([1])),
        ("default_subscription_template_id", json!(0)),
    ] {
        let said = send(&api, Method::PATCH, "/settings", &owner, json!({ "birthday_hour": 12, key: value })).await;
        assert_eq!((said.status, said.code(), said.field()), (400, "SETTING_INVALID_VALUE", key), "{value}");
        assert!(!said.json["errors"][0]["message"].as_str().unwrap().is_empty(), "the rule is named");
        let alone = send(&api, Method::PUT, &format!("/settings/{key}"), &owner, json!({ "value": value })).await;
        assert_eq!((alone.status, alone.code()), (400, "SETTING_INVALID_VALUE"), "{key} {value}");
    }
    let range = send(&api, Method::PUT, "/settings/birthday_hour", &owner, json!({ "value": 24 })).await;
    assert!(range.json["errors"][0]["message"].as_str().unwrap().contains("0–23"), "{}", range.json);
    let unknown = send(&api, Method::PATCH, "/settings", &owner, json!({ "birthday_hour": 12, "colour": 1 })).await;
    assert_eq!((unknown.status, unknown.code()), (404, "SETTING_NOT_FOUND"));
    for (method, path) in [(Method::GET, "/settings/colour"), (Method::PUT, "/settings/colour")] {
        let body = (method == Method::PUT).then(|| json!({ "value": 1 }));
        assert_eq!(api.call(method, path, &owner, body).await.code(), "SETTING_NOT_FOUND");
    }
    let twice = api.request(Method::PATCH, "/settings", &owner).header("Content-Type", "application/json");
    let twice = super::heard(twice.body(r#"{"birthday_hour":1,"birthday_hour":2}"#).send().await.unwrap()).await;
    assert_eq!((twice.status, twice.code()), (422, "VALIDATION_ERROR"));
    assert_eq!(api.get("/settings/birthday_hour", &owner).await.json["value"], 9);
    assert_eq!(
        api.w.count("SELECT count(*) FROM audit_log WHERE action = 'update_setting' AND actor LIKE 'admin:%'"),
        0
    );
    for role in [Role::Marketing, Role::Readonly] {
        let other = api.of(role).await;
        assert_eq!(api.get("/settings", &other).await.code(), "OWNER_ONLY");
        assert_eq!(send(&api, Method::PATCH, "/settings", &other, json!({})).await.code(), "OWNER_ONLY");
    }
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_offers_of_a_setting_what_its_rule_allows() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let document = super::matrix::document(&api).await;
    let offered = document["components"]["schemas"]["SettingsEdit"]["properties"].as_object().unwrap().clone();
    assert_eq!(offered.len(), settings::ALL.len());
    for (key, schema) in offered {
        for (limit, step) in [("minimum", -1), ("maximum", 1)] {
            let Some(edge) = schema[limit].as_i64() else { continue };
            let path = format!("/settings/{key}");
            let said = send(&api, Method::PUT, &path, &owner, json!({ "value": edge })).await;
            // The first template is the subscription's: no gift for birthdays.
            let is_other_events = key == "default_birthday_template_id";
            assert_eq!(said.status, if is_other_events { 404 } else { 200 }, "{key} {edge}: {}", said.json);
            let beyond = send(&api, Method::PUT, &path, &owner, json!({ "value": edge + step })).await;
            assert_eq!(beyond.code(), "SETTING_INVALID_VALUE", "{key} {edge}");
        }
    }
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_changed_shown_and_put_back() {
    let api = Api::open().await;
    let (marketing, looker) = (api.of(Role::Marketing).await, api.of(Role::Readonly).await);
    let was = api.get("/message-templates/welcome", &looker).await.json;
    assert_eq!((&was["is_changed"], &was["body"], &was["kind"]), (&json!(false), &was["default"], &json!("text")));
    assert!(was["placeholders"].as_array().unwrap().contains(&json!("first_name")), "{was}");
    let words = json!({ "body": "Здравствуйте, <b>{{first_name}}</b>!" });
    let said = send(&api, Method::PUT, "/message-templates/welcome", &marketing, words.clone()).await;
    assert_eq!((said.status, &said.json["body"], &said.json["is_changed"]), (200, &words["body"], &json!(true)));
    assert_eq!(said.json["default"], was["default"]);
    let changed = api.get("/message-templates?is_changed=true", &looker).await.json;
    assert_eq!((&changed["total"], &changed["items"][0]["key"]), (&json!(1), &json!("welcome")));
    let rest = api.get("/message-templates?is_changed=false", &looker).await.json["total"].as_i64().unwrap();
    assert_eq!(api.get("/message-templates?per_page=100", &looker).await.json["total"], rest + 1);
    let shown = api.post("/message-templates/welcome/preview", &marketing, json!({})).await.json;
    assert_eq!(shown, json!({ "key": "welcome", "html": "Здравствуйте, <b>Маша</b>!" }));
    let tried = json!({ "body": "Привет, {{first_name}} из {{shop_name}}" });
    let tried = api.post("/message-templates/welcome/preview", &marketing, tried).await.json;
    assert!(tried["html"].as_str().unwrap().starts_with("Привет, Маша из "), "{tried}");
    assert_eq!(
        api.get("/message-templates/welcome", &looker).await.json["body"],
        words["body"],
        "trying keeps nothing"
    );
    for _ in 0..2 {
        let reset = keyed(&api, "/message-templates/welcome/reset", &marketing, "r", &json!({})).await;
        assert_eq!((reset.status, &reset.json), (200, &was));
    }
    let audited = api.w.texts("SELECT action FROM audit_log WHERE entity = 'text' ORDER BY id");
    assert_eq!(audited, ["update_text", "reset_text"]);
    assert_eq!(send(&api, Method::PUT, "/message-templates/welcome", &looker, words).await.code(), "ROLE_FORBIDDEN");
    assert_eq!(api.post("/message-templates/welcome/preview", &looker, json!({})).await.code(), "ROLE_FORBIDDEN");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_telegram_would_refuse_are_refused_before_they_are_kept() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let put = |key: &'static str, words: String| send(&api, Method::PUT, key, &owner, json!({ "body": words }));
    let unknown = put("/message-templates/welcome", "Код {{discount_code}}".into()).await;
    assert_eq!((unknown.status, unknown.code()), (422, "TEXT_PLACEHOLDER_UNKNOWN"));
    assert!(unknown.json["allowed"].as_array().unwrap().contains(&json!("first_name")), "{}", unknown.json);
    for words in ["<b>жирный".to_owned(), "<script>x</script>".into(), "   ".into(), "a\u{0}b".into(), "я".repeat(4097)]
    {
        let said = put("/message-templates/welcome", words.clone()).await;
        assert_eq!((said.status, said.code(), said.field()), (422, "TEXT_HTML_INVALID", "body"), "{words:.20}");
        let tried = api.post("/message-templates/welcome/preview", &owner, json!({ "body": words })).await;
        assert_eq!(tried.code(), "TEXT_HTML_INVALID");
    }
    assert_eq!(put("/message-templates/button.help", "две\nстроки".into()).await.code(), "TEXT_HTML_INVALID");
    for words in [String::new(), "x".repeat(16_385)] {
        assert_eq!(put("/message-templates/welcome", words).await.code(), "VALIDATION_ERROR");
    }
    let surrogate =
        api.request(Method::PUT, "/message-templates/welcome", &owner).header("Content-Type", "application/json");
    let surrogate = super::heard(surrogate.body(r#"{"body":"\ud800"}"#).send().await.unwrap()).await;
    assert_eq!(surrogate.code(), "VALIDATION_ERROR");
    assert_eq!(put("/message-templates/no_such_text", "x".into()).await.code(), "TEXT_NOT_FOUND");
    assert_eq!(api.get("/message-templates/%00", &owner).await.code(), "TEXT_NOT_FOUND");
    assert_eq!(api.post("/message-templates/nothing/reset", &owner, json!({})).await.code(), "TEXT_NOT_FOUND");
    assert_eq!(api.w.count("SELECT count(*) FROM message_templates WHERE is_custom = 1"), 0);
    api.w.ends().await;
}

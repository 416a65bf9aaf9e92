//! Templates and campaigns through the API.

use dvorik::access::Scope;
use dvorik::realm::Realm;
use dvorik::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, Said};
use crate::given;

async fn patch(api: &Api, path: &str, token: &str, body: Value) -> Said {
    api.call(Method::PATCH, path, token, Some(body)).await
}

fn autumn() -> Value {
    json!({
        "name": "autumn_15", "title": "Осень", "value": 1500, "value_type": "percent", "duration_days": 14,
        "event": "manual", "usage_type": "shared", "recurrence": { "type": "days", "value": 30 },
        "reminders": [7, { "before_expiry": 2 }], "message_key": "discount_issued",
    })
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_made_changed_and_switched_off() {
    let api = Api::open().await;
    let (marketing, looker) = (api.of(Role::Marketing).await, api.of(Role::Readonly).await);
    let made = api.post("/discount-templates", &marketing, autumn()).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let path = format!("/discount-templates/{}", made.json["id"]);
    let seen = api.get(&path, &looker).await.json;
    assert_eq!(seen, made.json);
    for (field, value) in autumn().as_object().unwrap() {
        assert_eq!(&seen[field], value, "{field}");
    }
    assert_eq!(seen["is_active"], true);
    let edited =
        json!({ "value_type": "fixed", "value": 30_000, "recurrence": null, "message_key": null, "reminders": [] });
    let edited = patch(&api, &path, &marketing, edited).await;
    assert_eq!(edited.status, 200, "{}", edited.json);
    let expected = [("title", json!("Осень")), ("value", json!(30_000)), ("value_type", json!("fixed"))];
    for (field, value) in expected.into_iter().chain([("recurrence", Value::Null), ("message_key", Value::Null)]) {
        assert_eq!(edited.json[field], value, "{field}");
    }
    for recurrence in [json!({ "type": "monthly" }), json!({ "type": "yearly" })] {
        let said = patch(&api, &path, &marketing, json!({ "recurrence": recurrence })).await;
        assert_eq!(said.json["recurrence"], recurrence);
    }
    for _ in 0..2 {
        let off = api.call(Method::DELETE, &path, &marketing, None).await;
        assert_eq!((off.status, &off.json["is_active"]), (200, &json!(false)));
    }
    assert_eq!(api.w.count("SELECT is_active FROM discount_templates WHERE name = 'autumn_15'"), 0);
    let audited = api.w.texts("SELECT action FROM audit_log WHERE entity = 'template' ORDER BY id");
    assert_eq!(
        audited,
        ["create_template", "update_template", "update_template", "update_template", "update_template"]
    );
    let last = "SELECT json_extract(before, '$.is_active') || json_extract(after, '$.is_active') FROM audit_log ORDER BY id DESC LIMIT 1";
    assert_eq!(api.w.texts(last), ["10"]);
    let issue = json!({ "user_id": 1, "template_name": "autumn_15" });
    given::customer(&api.w.db(), Realm::Real, 5001, None);
    assert_eq!(api.post("/discounts", &marketing, issue).await.code(), "TEMPLATE_INACTIVE");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_listed_by_event_and_state() {
    let api = Api::open().await;
    let looker = api.of(Role::Readonly).await;
    for (query, names) in [
        ("", vec!["subscription", "birthday", "manual_10"]),
        ("?event=birthday", vec!["birthday"]),
        ("?is_active=false", vec![]),
        ("?per_page=1&page=3", vec!["manual_10"]),
    ] {
        let said = api.get(&format!("/discount-templates{query}"), &looker).await;
        let found: Vec<&str> =
            said.json["items"].as_array().unwrap().iter().filter_map(|of| of["name"].as_str()).collect();
        assert_eq!(found, names, "{query}");
    }
    let seeded = api.get("/discount-templates", &looker).await.json["items"][0].clone();
    assert_eq!(seeded["recurrence"], json!({ "type": "days", "value": 30 }));
    assert_eq!(seeded["reminders"], json!([{ "before_expiry": 2 }]));
    let script = api.token(&[Scope::DiscountsRead]);
    assert_eq!(api.get("/discount-templates", &script).await.code(), "SCOPE_MISSING");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_cannot_be_is_refused_by_its_field() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let wrong = [
        ("name", json!("Autumn")),
        ("name", json!(" autumn")),
        ("name", json!("")),
        ("title", json!("  ")),
        ("title", json!("a\u{0}b")),
        ("title", json!("x".repeat(129))),
        ("value", json!(0)),
        ("value", json!(10_001)),
        ("value", json!(i64::MAX)),
        ("value", json!("10")),
        ("duration_days", json!(0)),
        ("duration_days", json!(3651)),
        ("event", json!("party")),
        ("usage_type", json!("twice")),
        ("recurrence", json!("monthly")),
        ("recurrence.value", json!({ "type": "days" })),
        ("recurrence.value", json!({ "type": "monthly", "value": 3 })),
        ("recurrence.value", json!({ "type": "days", "value": 0 })),
        ("reminders[0]", json!([0])),
        ("reminders[1]", json!([7, { "before_expiry": 4000 }])),
        ("reminders[0]", json!([{ "before_expiry": 2, "x": 1 }])),
        ("reminders", json!(vec![1; 21])),
        ("reminders[0]", json!([[2]])),
        ("recurrence", json!(["days", 30])),
        ("color", json!("red")),
    ];
    for (field, value) in wrong {
        let key = field.split(['.', '[']).next().unwrap();
        let said = api.post("/discount-templates", &owner, with(autumn(), key, value.clone())).await;
        assert_eq!((said.code(), said.field()), ("VALIDATION_ERROR", field), "{value}: {}", said.json);
    }
    let mute = api.post("/discount-templates", &owner, with(autumn(), "message_key", json!("no_such_text"))).await;
    assert_eq!((mute.status, mute.code()), (404, "TEXT_NOT_FOUND"));
    let taken = api.post("/discount-templates", &owner, with(autumn(), "name", json!("birthday"))).await;
    assert_eq!((taken.status, taken.code()), (409, "TEMPLATE_NAME_TAKEN"));
    for id in ["999", "9223372036854775807"] {
        let said = patch(&api, &format!("/discount-templates/{id}"), &owner, json!({})).await;
        assert_eq!((said.status, said.code()), (404, "TEMPLATE_NOT_FOUND"));
    }
    let listed = patch(&api, "/discount-templates/1", &owner, json!([null, null])).await;
    assert_eq!((listed.code(), listed.field()), ("VALIDATION_ERROR", "body"), "a list is no object");
    let named = patch(&api, "/discount-templates/1", &owner, json!({ "name": "other" })).await;
    assert_eq!(named.field(), "name", "a template keeps its name");
    let over = patch(&api, "/discount-templates/1", &owner, json!({ "title": "New", "value": 10_001 })).await;
    assert_eq!(over.field(), "value");
    assert_eq!(api.w.texts("SELECT title FROM discount_templates WHERE id = 1"), ["Скидка за подписку"]);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_has_a_link_figures_and_a_picture() {
    let api = Api::open().await;
    let (marketing, looker) = (api.of(Role::Marketing).await, api.of(Role::Readonly).await);
    let made = api
        .post("/campaigns", &marketing, json!({ "name": "Листовки", "source_key": "leaflet-1", "template_id": 3 }))
        .await;
    assert_eq!((made.status, &made.json["template_id"]), (201, &json!(3)), "{}", made.json);
    assert_eq!(made.json["tme_link"], "https://t.me/dvorik_shop_bot?start=ref_leaflet-1");
    for (id, realm) in [(5001, Realm::Real), (5001, Realm::Real), (5002, Realm::Real), (5003, Realm::Test)] {
        given::customer(&api.w.db(), realm, id, Some("ref_leaflet-1"));
    }
    api.post("/discounts", &marketing, json!({ "user_id": 1, "template_name": "manual_10" })).await;
    let code = &api.w.texts("SELECT code FROM discounts")[0];
    let owner = api.of(Role::Owner).await;
    assert_eq!(api.post("/discounts/redeem", &owner, json!({ "code": code })).await.status, 200);
    let stats = api.get("/campaigns/1/stats", &looker).await.json;
    let expected = json!({
        "clicks": 3, "visitors": 2, "registrations": 2, "discounts_issued": 1, "discounts_redeemed": 1, "conversion": 0.5,
    });
    assert_eq!(stats, expected);
    let test = api.get("/campaigns/1/stats?is_test=true", &looker).await.json;
    assert_eq!((&test["clicks"], &test["registrations"], &test["conversion"]), (&json!(1), &json!(1), &json!(0.0)));
    let listed = api.get("/campaigns", &looker).await.json;
    assert_eq!((&listed["total"], &listed["items"][0]["clicks"]), (&json!(1), &json!(3)));
    let listed = api.get("/campaigns?is_test=true", &looker).await.json["items"][0].clone();
    assert_eq!((&listed["clicks"], &listed["tme_link"]), (&json!(1), &Value::Null), "no test bot has told its name");
    for (format, kind, begins) in
        [("svg", "image/svg+xml", &b"<svg"[..]), ("png", "image/png", b"\x89PNG"), ("pdf", "application/pdf", b"%PDF")]
    {
        let got = api.request(Method::GET, &format!("/campaigns/1/qr?format={format}"), &looker).send().await.unwrap();
        assert_eq!(got.headers()["content-type"], kind);
        assert!(got.bytes().await.unwrap().starts_with(begins));
    }
    let nowhere = api.get("/campaigns/1/qr?is_test=true", &looker).await;
    assert_eq!((nowhere.status, nowhere.code()), (404, "NOT_FOUND"), "the shop has no test bot");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_keeps_its_key_and_hands_out_no_gift() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let flyer = || json!({ "name": "Флаер", "source_key": "flyer" });
    assert_eq!(api.post("/campaigns", &owner, flyer()).await.status, 201);
    let taken = api.post("/campaigns", &owner, flyer()).await;
    assert_eq!((taken.status, taken.code()), (409, "CAMPAIGN_KEY_TAKEN"));
    for (field, value) in [
        ("source_key", json!("Flyer")),
        ("source_key", json!("fly_er")),
        ("source_key", json!("")),
        ("source_key", json!("x".repeat(49))),
        ("name", json!(" ")),
        ("name", json!("a\nb")),
        ("template_id", json!(0)),
        ("template_id", json!(1)),
        ("template_id", json!(2)),
    ] {
        let said = api
            .post("/campaigns", &owner, with(with(flyer(), "source_key", json!("other")), field, value.clone()))
            .await;
        assert_eq!((said.code(), said.field()), ("VALIDATION_ERROR", field), "{value}: {}", said.json);
    }
    let unknown =
        api.post("/campaigns", &owner, with(with(flyer(), "source_key", json!("o")), "template_id", json!(999))).await;
    assert_eq!((unknown.status, unknown.code()), (404, "TEMPLATE_NOT_FOUND"));
    assert_eq!(patch(&api, "/campaigns/1", &owner, json!({ "source_key": "x" })).await.field(), "source_key");
    let edited = patch(&api, "/campaigns/1", &owner, json!({ "template_id": 3 })).await.json;
    assert_eq!((&edited["name"], &edited["template_id"]), (&json!("Флаер"), &json!(3)));
    let edited = patch(&api, "/campaigns/1", &owner, json!({ "name": "Флаеры", "template_id": null })).await.json;
    assert_eq!((&edited["name"], &edited["template_id"]), (&json!("Флаеры"), &Value::Null));
    let audited = api.w.texts("SELECT after FROM audit_log WHERE action = 'update_campaign' ORDER BY id DESC LIMIT 1");
    assert_eq!(audited, [json!({ "name": "Флаеры", "template_id": null }).to_string()]);
    assert_eq!(patch(&api, "/campaigns/9", &owner, json!({})).await.code(), "CAMPAIGN_NOT_FOUND");
    assert_eq!(api.get("/campaigns/9/stats", &owner).await.code(), "CAMPAIGN_NOT_FOUND");
    api.w.ends().await;
}

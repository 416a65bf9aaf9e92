//! Segments through the API: saved, changed, looked at, refused by the path of what is wrong.

use dvorik::access::Scope;
use dvorik::segment::{Filter, Key};
use dvorik::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::matrix::document;
use super::{Api, Said};
use crate::broadcasts::crowd;

fn names(said: &Said) -> Vec<&str> {
    said.json["items"].as_array().unwrap().iter().filter_map(|item| item["name"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_lives_its_life_through_the_api() {
    let api = Api::open().await;
    crowd(&api.w, 6);
    api.w.change("UPDATE users SET gender = 'female' WHERE id % 2 = 0");
    let (marketing, looker) = (api.of(Role::Marketing).await, api.of(Role::Readonly).await);
    let body = json!({ "name": "  Все   женщины ", "filter": { "gender": "female" }, "in_bot_menu": true });
    let made = api.post("/segments", &marketing, body).await;
    assert_eq!((made.status, &made.json["name"]), (201, &json!("Все женщины")), "{}", made.json);
    assert_eq!((&made.json["filter"], &made.json["is_preset"]), (&json!({ "gender": "female" }), &json!(false)));
    let id = made.json["id"].as_i64().unwrap();
    let path = format!("/segments/{id}");
    assert_eq!(api.get(&path, &looker).await.json["people"], 3);
    assert_eq!(api.get(&format!("{path}?is_test=true"), &looker).await.json["people"], 0);
    let edited = api.call(Method::PATCH, &path, &marketing, Some(json!({ "filter": { "gender": "male" } }))).await;
    assert_eq!((&edited.json["name"], &edited.json["filter"]), (&json!("Все женщины"), &json!({ "gender": "male" })));
    let audit = "SELECT actor || ' ' || action || ' ' || coalesce(before, '') || ' ' || after FROM audit_log WHERE entity = 'segment' ORDER BY id";
    let audit = api.w.texts(audit);
    assert_eq!(audit.len(), 2, "{audit:?}");
    assert!(audit[0].starts_with("admin:") && audit[0].contains("create_segment"), "{audit:?}");
    assert!(
        audit[1].contains("update_segment") && audit[1].contains("female") && audit[1].contains("male"),
        "{audit:?}"
    );
    let (all, page) =
        (api.get("/segments?per_page=100", &looker).await, api.get("/segments?per_page=2&page=2", &looker).await);
    assert_eq!(names(&page), names(&all)[2..4]);
    assert_eq!(page.json["total"], all.json["items"].as_array().unwrap().len());
    assert_eq!(names(&all).last(), Some(&"Все женщины"));
    let gone = api.call(Method::DELETE, &path, &marketing, None).await;
    assert_eq!((gone.status, &gone.json["id"]), (200, &json!(id)));
    let missing = api.get(&path, &looker).await;
    assert_eq!((missing.status, missing.code()), (404, "SEGMENT_NOT_FOUND"));
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_counts_and_names_some_without_phones() {
    let api = Api::open().await;
    crowd(&api.w, 30);
    api.w.change("UPDATE users SET phone = '+79140000000' || id, gender = 'male'");
    api.w.change("UPDATE users SET muted_at = '2026-11-01T00:00:00Z' WHERE id <= 4");
    api.w.change("UPDATE users SET bot_blocked_at = '2026-11-01T00:00:00Z' WHERE id <= 1");
    let (owner, looker) = (api.of(Role::Owner).await, api.of(Role::Readonly).await);
    let filter = json!({ "gender": "male" });
    let look = json!({ "filter": filter, "sample": 3 });
    let seen = api.post("/segments/preview", &owner, look.clone()).await;
    assert_eq!(seen.status, 200, "{}", seen.json);
    assert_eq!((&seen.json["total"], &seen.json["reachable"]), (&json!(30), &json!(26)));
    assert_eq!(seen.json["left_out"], json!({ "muted": 3, "bot_blocked": 1, "test": 0 }));
    let sample = seen.json["sample"].as_array().unwrap();
    let keys = |one: &Value| one.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!((sample.len(), keys(&sample[0])), (3, vec!["display_name".to_owned(), "id".to_owned()]));
    let id = api.post("/segments", &owner, json!({ "name": "Мужчины-2", "filter": filter })).await.json["id"].clone();
    let saved = api.get(&format!("/segments/{id}/preview?sample=3"), &looker).await;
    assert_eq!(saved.json, seen.json, "a saved one is looked at in the same way");
    assert_eq!(api.get(&format!("/segments/{id}/preview"), &looker).await.json["sample"].as_array().unwrap().len(), 10);
    assert_eq!(api.get(&format!("/segments/{id}/preview?is_test=true"), &looker).await.json["total"], 0);
    assert_eq!(api.get(&format!("/segments/{id}/preview?sample=101"), &looker).await.field(), "sample");
    assert_eq!(
        api.post("/segments/preview", &owner, json!({ "filter": filter, "sample": 101 })).await.field(),
        "sample"
    );
    assert_eq!(api.post("/segments/preview", &looker, look).await.json, seen.json, "whoever only looks may look");
    let script = api.token(&[Scope::BroadcastsRead]);
    assert_eq!(api.get("/segments", &script).await.code(), "SCOPE_MISSING");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_filter_is_named_by_its_path() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let wrong = [
        (json!({}), "filter"),
        (json!([]), "filter"),
        (json!(null), "filter"),
        (json!({ "agee": 1 }), "agee"),
        (json!({ "age": { "from": 35, "to": 25 } }), "age.from"),
        (json!({ "age": { "till": 35 } }), "age.till"),
        (json!({ "tags": ["vip", 7] }), "tags[1]"),
        (json!({ "all": true, "gender": "male" }), "all"),
        (json!({ "registered": { "from": "2026-02-30" } }), "registered.from"),
        (json!({ "inactive_days": 0 }), "inactive_days"),
    ];
    for (filter, path) in wrong {
        for body in [json!({ "filter": filter }), json!({ "filter": filter, "name": "Новый" })] {
            let to = if body["name"].is_null() { "/segments/preview" } else { "/segments" };
            let said = api.post(to, &owner, body).await;
            assert_eq!(
                (said.status, said.code(), said.field()),
                (400, "SEGMENT_INVALID", path),
                "{filter}: {}",
                said.json
            );
        }
    }
    let twice = r#"{"name":"x y","filter":{"gender":"male","gender":"female"}}"#;
    let sent = api.request(Method::POST, "/segments", &owner).header("Content-Type", "application/json").body(twice);
    let said = super::heard(sent.send().await.unwrap()).await;
    assert_eq!(
        (said.code(), said.field()),
        ("VALIDATION_ERROR", "filter.gender"),
        "a key twice is not the last of them"
    );
    let all = json!({ "all": true });
    for name in ["", "  ", "2026", "1 2", "a\nb", "\u{0}x", &"я".repeat(65)] {
        let said = api.post("/segments", &owner, json!({ "name": name, "filter": all })).await;
        assert_eq!((said.code(), said.field()), ("VALIDATION_ERROR", "name"), "{name:?}");
    }
    assert_eq!(api.w.count("SELECT count(*) FROM audit_log WHERE entity = 'segment'"), 0);
    let taken = json!({ "name": "vip", "filter": all });
    let taken = api.post("/segments", &owner, taken).await;
    assert_eq!((taken.status, taken.code()), (409, "SEGMENT_NAME_TAKEN"));
    let missing = api.call(Method::PATCH, "/segments/9223372036854775807", &owner, Some(json!({}))).await;
    assert_eq!(missing.code(), "SEGMENT_NOT_FOUND");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_that_is_still_needed_stays() {
    let api = Api::open().await;
    crowd(&api.w, 2);
    let owner = api.of(Role::Owner).await;
    let segment =
        api.post("/segments", &owner, json!({ "name": "Ярмарка", "filter": { "all": true } })).await.json["id"].clone();
    let draft = json!({ "title": "Зовём", "body": "Приходите", "segment_id": segment });
    let draft = api.post("/broadcasts", &owner, draft).await.json["id"].clone();
    let path = format!("/segments/{segment}");
    let needed = api.call(Method::DELETE, &path, &owner, None).await;
    assert_eq!((needed.status, needed.code(), &needed.json["uses"]), (409, "SEGMENT_IN_USE", &json!(["Зовём"])));
    assert_eq!(api.post(&format!("/broadcasts/{draft}/cancel"), &owner, json!({})).await.status, 200);
    assert_eq!(api.call(Method::DELETE, &path, &owner, None).await.status, 200);
    let kept = api.get(&format!("/broadcasts/{draft}"), &owner).await;
    assert_eq!((&kept.json["filters"], &kept.json["segment_id"]), (&json!({ "all": true }), &Value::Null));
    api.w.ends().await;
}

/// The document says what the parser takes: every key, with its example; and knows no other.
#[tokio::test(flavor = "multi_thread")]
async fn the_document_describes_every_key_of_a_filter() {
    let api = Api::open().await;
    let document = document(&api).await;
    let schemas = &document["components"]["schemas"];
    let ways: Vec<Value> = ["FilterEverybody", "FilterKeys"].map(|way| schemas[way].clone()).into();
    let named =
        json!([{ "$ref": "#/components/schemas/FilterEverybody" }, { "$ref": "#/components/schemas/FilterKeys" }]);
    assert_eq!(schemas["SegmentFilter"]["oneOf"], named);
    assert_eq!(
        (&ways[0]["properties"]["all"]["enum"], &ways[0]["additionalProperties"]),
        (&json!([true]), &json!(false))
    );
    let keys = ways[1]["properties"].as_object().unwrap();
    let mut described: Vec<&str> = keys.keys().map(String::as_str).collect();
    let mut known: Vec<&str> = Key::ALL[1..].iter().map(|key| key.as_str()).collect();
    described.sort_unstable();
    known.sort_unstable();
    assert_eq!(described, known);
    assert_eq!((&ways[1]["minProperties"], &ways[1]["maxProperties"]), (&json!(1), &json!(10)));
    // At both ends of every number the parser agrees, and beyond them, too.
    for (key, about) in keys.iter().filter(|(_, about)| about["type"] == "integer") {
        let (low, high) = (about["minimum"].as_i64().unwrap(), about["maximum"].as_i64().unwrap());
        for (value, fits) in [(low, true), (high, true), (low - 1, false), (high + 1, false)] {
            let filter = json!({ key: value }).to_string();
            assert_eq!(Filter::parse(&filter).is_ok(), fits, "{filter}");
        }
    }
    for (key, about) in keys
        .iter()
        .filter(|(_, about)| about["properties"].is_object() && about["properties"]["from"]["type"] == "integer")
    {
        let end = &about["properties"]["to"];
        let high = end["maximum"].as_i64().unwrap();
        for (value, fits) in [(high, true), (high + 1, false)] {
            assert_eq!(Filter::parse(&json!({ key: { "to": value } }).to_string()).is_ok(), fits, "{key} {value}");
        }
    }
    api.w.ends().await;
}

//! What happened, through the API: attempts at the counter, changes, orders, the funnel.

use dvorik::access::Scope;
use dvorik::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, Said};

fn ids(said: &Said) -> Vec<i64> {
    assert_eq!(said.status, 200, "{}", said.json);
    said.json["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

fn user(api: &Api, id: i64, realm: i64, created: &str, more: &str) {
    api.w.changes(format!(
        "INSERT INTO users (id, telegram_id, is_test, first_name, name_norm, phone, source, source_normalized, created_at,
           created_day, last_activity_at, is_subscribed)
         VALUES ({id}, {}, {realm}, 'Имя{id}', 'имя{id}', '+79141234567', 'direct', 'direct', '{created}T03:00:00Z', '{created}',
           '{created}T03:00:00Z', {more})",
        5000 + id
    ));
}

/// A code of a person, redeemed or not.
fn code(api: &Api, id: i64, user: i64, (source, usage): (&str, &str), redeemed: bool) {
    let (realm, at) = (api.w.count(&format!("SELECT is_test FROM users WHERE id = {user}")), "'2026-11-10T03:00:00Z'");
    let redeemed_at = if redeemed && usage == "single" { at } else { "NULL" };
    api.w.changes(format!(
        "INSERT INTO discounts (id, public_id, code, user_id, template_id, is_test, value, value_type, usage_type, source_kind,
           created_at, created_day, created_by, expires_at, redeemed_at)
         VALUES ({id}, 'AAAAAAAAAAAAAAAAAAAA{id:02}', 'АБВ00{id:02}', {user}, 1, {realm}, 1000, 'percent', '{usage}', '{source}',
           {at}, '2026-11-10', 'system', '2099-01-01T00:00:00Z', {redeemed_at})"
    ));
    if redeemed {
        api.w.changes(format!(
            "INSERT INTO redemptions (discount_id, user_id, is_single, is_test, actor, at, day, hour)
             VALUES ({id}, {user}, {}, {realm}, 'cli:test', {at}, '2026-11-10', 13)",
            i64::from(usage == "single")
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_found_by_outcome_cashier_day_and_key() {
    let api = Api::open().await;
    user(&api, 1, 0, "2026-11-01", "0");
    user(&api, 2, 1, "2026-11-01", "0");
    api.w.change(
        "INSERT INTO cashiers (id, telegram_id, is_test, name, status, requested_at)
         VALUES (1, 7001, 0, 'Касса 1', 'active', '2026-11-01T03:00:00Z')",
    );
    for (id, at, status, realm, user, cashier) in [
        (1, "2026-11-09T13:59:59Z", "checked", 0, "1", "1"),
        (2, "2026-11-09T14:00:00Z", "success", 0, "1", "1"),
        (3, "2026-11-10T13:59:59Z", "not_found", 0, "NULL", "1"),
        (4, "2026-11-10T14:00:00Z", "undone", 0, "1", "NULL"),
        (5, "2026-11-10T14:00:00Z", "checked", 1, "2", "NULL"),
    ] {
        api.w.changes(format!(
            "INSERT INTO discount_usage_logs (id, at, said_at, day, is_test, status, code_typed, user_id, cashier_id, actor)
             VALUES ({id}, '{at}', '{at}', '2026-11-10', {realm}, '{status}', 'абв-0001', {user}, {cashier},
               iif({cashier} IS NULL, 'cli:test', NULL))"
        ));
    }
    let owner = api.of(Role::Owner).await;
    let found: [(&str, &[i64]); 9] = [
        ("", &[4, 3, 2, 1]),
        ("?is_test=true", &[5]),
        ("?status=checked", &[1]),
        ("?cashier_id=1", &[3, 2, 1]),
        ("?cashier_id=1&status=not_found", &[3]),
        // The shop's day begins at 14:00 UTC.
        ("?from=2026-11-10&to=2026-11-10", &[3, 2]),
        ("?from=2026-11-11", &[4]),
        ("?after=3&per_page=1", &[2]),
        ("?after=1", &[]),
    ];
    for (query, expected) in found {
        assert_eq!(ids(&api.get(&format!("/logs/discount-usage{query}"), &owner).await), expected, "{query}");
    }
    let marketing = api.of(Role::Marketing).await;
    let row = api.get("/logs/discount-usage?status=success", &marketing).await.json["items"][0].clone();
    let expected = json!({
        "id": 2, "created_at": "2026-11-09T14:00:00Z", "status": "success", "code": "абв-0001", "discount_id": null,
        "user_id": 1, "user_name": "Имя1", "cashier_id": 1, "cashier_name": "Касса 1", "redemption_id": null,
        "message": null, "is_test": false,
    });
    assert_eq!(row, expected);
    for token in [api.of(Role::Readonly).await, api.token(&[Scope::DiscountsRead])] {
        let said = api.get("/logs/discount-usage", &token).await;
        assert_eq!(ids(&said), [4, 3, 2, 1]);
        assert!(!said.json.to_string().contains("Имя") && !said.json.to_string().contains("7914"), "{}", said.json);
    }
    for (query, field) in [
        ("?status=used", "status"),
        ("?cashier_id=0", "cashier_id"),
        ("?after=0", "after"),
        ("?from=2026-11-10&to=2026-11-09", "from"),
        ("?to=3000-01-01", "to"),
        ("?color=red", "color"),
    ] {
        let said = api.get(&format!("/logs/discount-usage{query}"), &owner).await;
        assert_eq!((said.code(), said.field()), ("VALIDATION_ERROR", field), "{query}");
    }
    assert_eq!(ids(&api.get("/logs/discount-usage?from=1900-01-01&to=2999-12-31", &owner).await).len(), 4);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_reads_who_changed_what() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let name = format!("admin:{}", api.w.count("SELECT max(id) FROM admins"));
    for hour in [10, 11, 12] {
        let body = json!({ "value": hour });
        assert_eq!(api.call(Method::PUT, "/settings/birthday_hour", &owner, Some(body)).await.status, 200);
    }
    let all = ids(&api.get("/logs/audit?entity=setting&actor=cli:nobody", &owner).await);
    assert_eq!(all, [0_i64; 0], "typed as it is kept");
    let path = format!("/logs/audit?entity=setting&entity_id=birthday_hour&action=update_setting&actor={name}");
    let said = api.get(&path, &owner).await;
    let found = ids(&said);
    assert_eq!((found.len(), &said.json["total"]), (3, &json!(3)));
    assert!(found.is_sorted_by(|one, next| one > next), "newest first");
    let first = &said.json["items"][0];
    assert_eq!((&first["before"], &first["after"], &first["actor"]), (&json!(11), &json!(12), &json!(name)));
    assert_eq!(ids(&api.get(&format!("{path}&after={}", found[0]), &owner).await), found[1..]);
    assert_eq!(ids(&api.get(&format!("{path}&to=2020-01-01"), &owner).await), [0_i64; 0]);
    assert_eq!(ids(&api.get(&format!("{path}&from=2020-01-01"), &owner).await), found);
    for (query, field) in
        [("?actor=".to_owned() + &"x".repeat(129), "actor"), ("?after=-1".into(), "after"), ("?by=x".into(), "by")]
    {
        assert_eq!(api.get(&format!("/logs/audit{query}"), &owner).await.field(), field);
    }
    for role in [Role::Marketing, Role::Readonly] {
        let other = api.of(role).await;
        assert_eq!(api.get("/logs/audit", &other).await.code(), "OWNER_ONLY");
    }
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_moved_on_in_its_own_world() {
    let api = Api::open().await;
    for (id, realm) in [(1, 0), (2, 1)] {
        user(&api, id, realm, "2026-11-01", "0");
        api.w.changes(format!(
            "INSERT INTO orders (id, user_id, is_test, status, created_at, updated_at)
             VALUES ({id}, {id}, {realm}, 'draft', '2026-11-10T03:00:00Z', '2026-11-10T03:00:00Z')"
        ));
    }
    let (marketing, looker) = (api.of(Role::Marketing).await, api.of(Role::Readonly).await);
    for (query, expected) in [
        ("", vec![1]),
        ("?is_test=true", vec![2]),
        ("?status=draft&from=2026-11-10&to=2026-11-10", vec![1]),
        ("?status=created", vec![]),
        ("?to=2026-11-09", vec![]),
    ] {
        assert_eq!(ids(&api.get(&format!("/orders{query}"), &looker).await), expected, "{query}");
    }
    let patch = |path: &'static str, status: &str| {
        let body = json!({ "status": status });
        api.call(Method::PATCH, path, &marketing, Some(body))
    };
    let moved = patch("/orders/1", "processing").await;
    assert_eq!((moved.status, &moved.json["status"], &moved.json["user"]), (200, &json!("processing"), &json!("Имя1")));
    assert_eq!(patch("/orders/1", "processing").await.json, moved.json);
    assert_eq!(patch("/orders/1", "draft").await.field(), "status", "a draft is the customer's own word");
    for path in ["/orders/2", "/orders/1?is_test=true", "/orders/9223372036854775807"] {
        assert_eq!(patch(path, "created").await.code(), "NOT_FOUND", "{path}");
    }
    let audited = api.w.texts("SELECT before || after FROM audit_log WHERE entity = 'order'");
    assert_eq!(audited, [r#"{"status":"draft"}{"status":"processing"}"#]);
    let refused = api.call(Method::PATCH, "/orders/1", &looker, Some(json!({ "status": "created" }))).await;
    assert_eq!(refused.code(), "ROLE_FORBIDDEN");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_funnel_counts_people_of_the_period_at_every_step() {
    let api = Api::open().await;
    for (id, realm, created, subscribed) in [
        (1, 0, "2026-11-01", "1"),
        (2, 0, "2026-11-02", "0"),
        (3, 0, "2026-11-30", "0"),
        (4, 0, "2026-11-05", "0"),
        (5, 0, "2026-10-31", "1"),
        (6, 0, "2026-12-01", "1"),
        (7, 1, "2026-11-05", "1"),
    ] {
        user(&api, id, realm, created, subscribed);
    }
    code(&api, 1, 1, ("subscription", "single"), true);
    code(&api, 2, 1, ("manual", "single"), true);
    // Has left the channel since, and used a shared code.
    code(&api, 3, 2, ("subscription", "single"), false);
    code(&api, 4, 2, ("manual", "shared"), true);
    code(&api, 5, 3, ("manual", "single"), true);
    code(&api, 6, 5, ("manual", "single"), true);
    code(&api, 7, 7, ("manual", "single"), true);
    api.w.change("UPDATE redemptions SET undone_at = '2026-11-11T03:00:00Z' WHERE discount_id = 5");
    let (looker, script) = (api.of(Role::Readonly).await, api.token(&[Scope::StatsRead]));
    let steps = |of: [i64; 4]| {
        let keys = ["registered", "subscribed", "issued", "redeemed"];
        let share = |count: i64| (of[0] > 0).then(|| count as f64 / of[0] as f64);
        let step = |(key, count): (&str, i64)| json!({ "key": key, "count": count, "share": share(count) });
        Value::from(keys.into_iter().zip(of).map(step).collect::<Vec<_>>())
    };
    for (query, expected) in [
        ("from=2026-11-01&to=2026-11-30", [4, 2, 3, 2]),
        ("from=2026-11-01&to=2026-11-01", [1, 1, 1, 1]),
        ("from=2026-11-01&to=2026-11-30&is_test=true", [1, 1, 1, 1]),
        ("from=2020-01-01&to=2020-01-01", [0, 0, 0, 0]),
    ] {
        let said = api.get(&format!("/stats/funnel?{query}"), &looker).await;
        assert_eq!(said.json["steps"], steps(expected), "{query}");
        assert_eq!(api.get(&format!("/stats/funnel?{query}"), &script).await.json, said.json);
    }
    let by_source = api.get("/stats/funnel?from=2026-11-01&to=2026-11-30&by=source", &script).await.json;
    let whole =
        json!([{ "key": "direct", "registered": 4, "subscribed": 2, "issued": 3, "redeemed": 2, "share": 0.5 }]);
    assert_eq!((&by_source["steps"], &by_source["items"]), (&steps([4, 2, 3, 2]), &whole));
    assert_eq!(api.get("/stats/funnel?by=week", &script).await.field(), "by");
    assert_eq!(api.get("/stats/funnel?from=2026-02-01&to=2026-01-01", &looker).await.field(), "from");
    let told = api.w.ran(&["stats", "funnel", "--from", "2026-11-01", "--to", "2026-11-30", "--json"]);
    assert_eq!(told.json(), json!({ "schema": "dvorik.stats.funnel/1", "steps": steps([4, 2, 3, 2]) }));
    let week = api.w.ran(&["stats", "heatmap", "--from", "2026-11-01", "--to", "2026-11-30", "--json"]).json();
    let tuesday = &week["series"][1];
    assert_eq!(
        (&week["schema"], &tuesday["key"], &tuesday["redeemed"]),
        (&json!("dvorik.stats.heatmap/1"), &json!("2"), &json!(4))
    );
    assert_eq!((&tuesday["hours"][13], &week["series"][0]["redeemed"]), (&json!(4), &json!(0)));
    assert_eq!(week["series"].as_array().unwrap().len(), 7);
    api.w.ends().await;
}

//! A stranger who has read only the document calls every operation, with data that fits it and data that does not.

use std::process::Stdio;

use dvorik::access::Scope;
use dvorik::ids::AdminId;
use dvorik::staff::Role;
use serde_json::json;
use tokio::process::Command;

use super::{Api, shop};
use crate::harness::{PATIENCE, becomes_true, number};

/// A shop in which row 1 of everything is there, as the document's examples say.
async fn stocked() -> Api {
    let api = Api::configured("rate_limit_per_second = 0\n").await;
    shop::people(&api);
    let owner = api.login(AdminId(1)).await;
    api.w.change(
        "INSERT INTO cashiers (id, telegram_id, is_test, name, status, requested_at) VALUES
           (1, 7001, 0, 'Касса 1', 'active', '2026-11-01T03:00:00Z'),
           (2, 7002, 0, 'Новенькая', 'requested', '2026-11-01T03:00:00Z')",
    );
    api.w.change(
        "INSERT INTO orders (id, user_id, is_test, status, created_at, updated_at)
           VALUES (1, 1, 0, 'created', '2026-11-10T03:00:00Z', '2026-11-10T03:00:00Z')",
    );
    for (path, body) in [
        ("/discounts", json!({ "user_id": 1, "template_name": "manual_10" })),
        ("/campaigns", json!({ "source_key": "door", "name": "Дверь" })),
        ("/broadcasts", json!({ "title": "Сезон", "body": "Привет, {{first_name}}!", "segment_id": 1 })),
    ] {
        let said = api.post(path, &owner, body).await;
        assert_eq!(said.status, 201, "{path}: {}", said.json);
    }
    api.w.change("UPDATE discounts SET code = 'АБВ1234' WHERE id = 1");
    let estimate = api.post("/broadcasts/estimate", &owner, json!({ "broadcast_id": 1 })).await.json;
    let confirmed = json!({ "confirm_token": estimate["confirm_token"], "at": "2090-01-01T09:00:00Z" });
    assert_eq!(api.post("/broadcasts/1/schedule", &owner, confirmed).await.status, 200);
    // The bots tell their names soon.
    for path in ["/campaigns/1/qr", "/discounts/1/qr"] {
        let is_told = async || api.get(path, &owner).await.status != 503;
        assert!(becomes_true(PATIENCE, is_told).await, "{path} is never ready");
    }
    api
}

/// Runs the tool against a fresh shop; it fails by itself when it finds anything.
async fn is_as_documented(who: &str, token: impl AsyncFnOnce(&Api) -> String) {
    let api = stocked().await;
    let token = token(&api).await;
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("schemathesis");
    command.args(["--no-color", "--config-file", ".ci/schemathesis.toml", "run"]);
    command.arg(format!("{}/api/openapi.json", api.w.http()));
    let examples = number("DVORIK_TEST_EXAMPLES").unwrap_or(15).to_string();
    command.args(["--checks", "all", "--seed", "1", "--max-examples", &examples]);
    let report = format!("target/schemathesis/{who}.har");
    command.args(["--report", "har", "--report-har-path", &report]);
    if !token.is_empty() {
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    let ran = command.current_dir(root).stdin(Stdio::null()).output().await;
    let ran = ran.unwrap_or_else(|error| panic!("schemathesis cannot be run ({error}): pip install schemathesis"));
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    std::fs::write(root.join(format!("target/schemathesis/{who}.txt")), &said).unwrap();
    assert!(ran.status.success(), "as {who}:\n{said}{}", String::from_utf8_lossy(&ran.stderr));
    let still = api.get("/users", &token).await.status;
    assert_eq!(still, if token.is_empty() { 401 } else { 200 }, "as {who}: was locked out meanwhile");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs schemathesis, from PyPI; .ci/run does it"]
async fn the_document_holds_for_an_owner() {
    is_as_documented("owner", async |api| api.of(Role::Owner).await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs schemathesis, from PyPI; .ci/run does it"]
async fn the_document_holds_for_marketing() {
    is_as_documented("marketing", async |api| api.of(Role::Marketing).await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs schemathesis, from PyPI; .ci/run does it"]
async fn the_document_holds_for_whoever_only_looks() {
    is_as_documented("readonly", async |api| api.of(Role::Readonly).await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs schemathesis, from PyPI; .ci/run does it"]
async fn the_document_holds_for_a_script() {
    is_as_documented("script", async |api| api.token(Scope::ALL)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs schemathesis, from PyPI; .ci/run does it"]
async fn the_document_holds_without_a_token() {
    is_as_documented("nobody", async |_| String::new()).await;
}

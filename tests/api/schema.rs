//! A stranger who has read only the document calls every operation, with data that fits it and data that does not.

use std::process::Stdio;

use dvorik::access::Scope;
use dvorik::staff::Role;
use tokio::process::Command;

use super::{Api, shop};
use crate::harness::number;

/// Runs the tool against a fresh shop; it fails by itself when it finds anything.
async fn is_as_documented(who: &str, token: impl AsyncFnOnce(&Api) -> String) {
    let api = shop::peopled().await;
    let token = token(&api).await;
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("schemathesis");
    command.args(["--no-color", "--config-file"]).arg(root.join(".ci/schemathesis.toml")).arg("run");
    command.arg(format!("{}/api/openapi.json", api.w.http()));
    let examples = number("DVORIK_TEST_EXAMPLES").unwrap_or(15).to_string();
    command.args(["--checks", "all", "--seed", "1", "--workers", "2", "--max-examples", &examples]);
    if !token.is_empty() {
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    let ran = command.current_dir(api.w.file(".")).stdin(Stdio::null()).output().await;
    let ran = ran.unwrap_or_else(|error| panic!("schemathesis cannot be run ({error}): pip install schemathesis"));
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    println!("== {who}\n{said}{}", String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "as {who}: {}", said.lines().last().unwrap_or_default());
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
    is_as_documented("a script", async |api| api.token(Scope::ALL)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs schemathesis, from PyPI; .ci/run does it"]
async fn the_document_holds_without_a_token() {
    is_as_documented("nobody", async |_| String::new()).await;
}

//! The document and the list of errors, as they are kept in `docs/`. `DVORIK_WRITE_DOCS=1` writes them anew.

use std::collections::BTreeSet;
use std::path::Path;

use dvorik::catalogue::Code;
use serde_json::Value;

use super::Api;
use super::matrix::{document, operations};

#[expect(clippy::disallowed_methods, reason = "whether a test writes what it compares is no configuration of the shop")]
pub fn is_kept(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var("DVORIK_WRITE_DOCS").is_ok() {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "docs/{name} is stale: DVORIK_WRITE_DOCS=1 cargo test api::document");
}

#[test]
fn the_list_of_errors_is_the_catalogue() {
    let mut text = String::from(
        "# Errors\n\nEvery code the API answers with, as `application/problem+json`; the command line uses the same \
         words. Made from `src/catalogue.rs`.\n\n| Code | HTTP | Meaning |\n|---|---|---|\n",
    );
    for code in Code::ALL {
        text.push_str(&format!("| `{}` | {} | {} |\n", code.as_str(), code.status(), code.meaning()));
    }
    is_kept("errors.md", &text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_whole_and_as_kept() {
    let api = Api::open().await;
    let document = document(&api).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for operation in operations(&document) {
        let (about, name) = (&operation.about, format!("{} {}", operation.method, operation.path));
        assert!(about["summary"].as_str().is_some_and(|words| !words.is_empty()), "{name} has no words");
        assert!(ids.insert(about["operationId"].to_string()), "{name}: {} stands twice", about["operationId"]);
        assert!(about["responses"]["500"].is_object(), "{name}");
        for parameter in about["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{name}: {parameter}");
        }
    }
    let mut broken = Vec::new();
    references(&document, &mut |to| {
        if document.pointer(to.trim_start_matches('#')).is_none() {
            broken.push(to.to_owned());
        }
    });
    assert_eq!(broken, Vec::<String>::new(), "references to nothing");
    is_kept("openapi.json", &format!("{}\n", serde_json::to_string_pretty(&document).unwrap()));
    api.w.ends().await;
}

fn references(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| match value {
            Value::String(to) if key == "$ref" => found(to),
            value => references(value, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

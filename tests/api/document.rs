//! The document and the list of errors, as they are kept in `docs/`. `DVORIK_WRITE_DOCS=1` writes them anew.

use std::collections::BTreeSet;
use std::path::Path;

use dvorik::access::Scope;
use dvorik::catalogue::Code;
use dvorik::clock::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::Api;
use super::matrix::{document, operations};

#[expect(clippy::disallowed_methods, reason = "whether a test writes what it compares is no configuration of the shop")]
pub fn is_kept(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var("DVORIK_WRITE_DOCS").is_ok() {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "docs/{name} is stale: make docs");
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

/// The places where a schema may stand, with the path that leads there.
fn schemas(document: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    below("", document, &mut |path, value| {
        let is_schema = path.ends_with("/schema") || path.starts_with("/components/schemas/");
        if is_schema && value.is_object() && !path.contains("/example") {
            found.push((path.to_owned(), value.clone()));
        }
    });
    found
}

fn below(path: &str, value: &Value, seen: &mut impl FnMut(&str, &Value)) {
    seen(path, value);
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| below(&format!("{path}/{key}"), value, seen)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, value)| below(&format!("{path}/{n}"), value, seen));
        }
        _ => {}
    }
}

/// What five client generators stumbled over; `.ci/clients` runs them, this says why they would fail.
#[tokio::test(flavor = "multi_thread")]
async fn generators_can_read_the_document() {
    let api = Api::open().await;
    let document = document(&api).await;
    for (path, schema) in schemas(&document) {
        let has = |key: &str| schema.get(key).is_some();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            assert_ne!(property["type"], "null", "{path}: {name} can only be null");
        }
        assert!(!(has("properties") && (has("anyOf") || has("oneOf"))), "{path}: variants beside properties");
        let is_inline = path.matches('/').count() > 3 && !path.contains("/allOf/");
        assert!(!(is_inline && has("properties") && path.starts_with("/components/schemas/")), "{path} has no name");
        let is_title = schema["title"].is_string() && path.matches('/').count() == 3;
        assert!(!is_title, "{path} has a title beside its name");
    }
    for (name, page) in document["components"]["schemas"].as_object().unwrap() {
        if name.starts_with("Page_") || name.starts_with("Series_") {
            assert!(page["properties"]["items"]["items"]["$ref"].is_string(), "{name}: its items have no name");
        }
    }
    assert!(document["servers"][0]["url"].is_string() && document["info"]["license"]["name"].is_string());
    let tags: BTreeSet<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    assert!(document["tags"].as_array().unwrap().iter().all(|tag| tag["description"].is_string()));
    let used: BTreeSet<String> =
        operations(&document).iter().map(|one| one.about["tags"][0].as_str().unwrap().to_owned()).collect();
    assert_eq!(used, tags.iter().map(|tag| (*tag).to_owned()).collect(), "tags used and tags declared");
    api.w.ends().await;
}

/// The words of answers that clients compare with.
#[tokio::test(flavor = "multi_thread")]
async fn words_of_answers_are_enums_and_refusals_name_their_members() {
    let api = Api::open().await;
    let document = document(&api).await;
    let words = |schema: &Value| {
        let name = schema["$ref"].as_str().or_else(|| {
            let mut variants = schema["oneOf"].as_array()?.iter();
            variants.find_map(|variant| variant["$ref"].as_str())
        });
        let place = name.map_or_else(String::new, |name| format!("{}/enum", name.trim_start_matches('#')));
        document.pointer(&place).cloned().unwrap_or_default()
    };
    for (schema, fields) in [
        ("UserBody", &["status", "gender"][..]),
        ("DiscountBody", &["status", "value_type", "usage_type", "source_kind"]),
        ("BroadcastBody", &["status", "origin", "pause_reason"]),
        ("DeliveryBody", &["status"]),
        ("Attempt", &["status"]),
        ("UsageBody", &["status"]),
        ("LoginAdmin", &["role"]),
        ("LoggedIn", &["token_type"]),
        ("JobBody", &["cadence", "result"]),
        ("RunBody", &["result"]),
        ("OfBroadcast", &["status"]),
        ("BulkOutcome", &["error"]),
        ("Readiness", &["status"]),
        ("Problem", &["code"]),
    ] {
        for field in fields {
            let property = &document["components"]["schemas"][schema]["properties"][*field];
            assert!(words(property).as_array().is_some_and(|words| !words.is_empty()), "{schema}.{field}: {property}");
        }
    }
    let problem = &document["components"]["schemas"]["Problem"];
    for member in ["next_date", "redeemed_at", "last_day", "until", "state", "recipients", "uses", "allowed"] {
        assert!(problem["properties"][member].is_object(), "{member}");
        assert!(!problem["required"].as_array().unwrap().contains(&member.into()), "{member} is not always there");
    }
    let codes = words(&problem["properties"]["code"]);
    assert_eq!(codes.as_array().unwrap().len(), Code::ALL.len());
    let mut answered = BTreeSet::new();
    for operation in operations(&document) {
        for (status, response) in operation.about["responses"].as_object().unwrap() {
            answered.extend(
                response["x-codes"].as_array().into_iter().flatten().map(|code| code.as_str().unwrap().to_owned()),
            );
            let headers = &response["headers"];
            let name = format!("{} {} {status}", operation.method, operation.path);
            assert!(headers["X-Request-Id"].is_object(), "{name}");
            assert_eq!(headers["WWW-Authenticate"].is_object(), status == "401", "{name}");
            assert_eq!(headers["Retry-After"].is_object(), ["429", "503"].contains(&status.as_str()), "{name}");
            assert_eq!(
                headers["Content-Disposition"].is_object(),
                response["content"]["text/csv"].is_object(),
                "{name}"
            );
            let is_task =
                response["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/ExportTask";
            assert_eq!(headers["Location"].is_object(), is_task, "{name}");
        }
    }
    // No operation answers with it: each says which right is missing.
    let unused: Vec<&str> =
        Code::ALL.iter().map(|code| code.as_str()).filter(|code| !answered.contains(*code)).collect();
    assert_eq!(unused, ["FORBIDDEN"]);
    api.w.ends().await;
}

/// Private English: a reader of one sentence cannot know who «they» are or what «it» is.
const RIDDLES: &[&str] = &[
    "whoever",
    "somebody",
    "nobody",
    "everybody",
    "what became",
    "became of",
    "came of",
    "what somebody",
    "both worlds",
    "no world",
    "of the world",
    "anew",
    "for whom",
    "those who",
    "those that",
    "who else",
    "under way",
    "by itself: ",
    "stands so",
    "they had",
    "they are",
    "they may",
    "they have",
    "they blocked",
    "they asked",
    "when not given",
    "it is due",
    "may not.",
    "a word",
    "words to be",
    "had it",
    "at once.",
];
const RIDDLES_AT_THE_BEGINNING: &[&str] = &[
    "They ",
    "It ",
    "Those ",
    "That it",
    "That Telegram",
    "Whose",
    "Who ",
    "What ",
    "Why",
    "How far",
    "How often",
    "How many",
    "How long",
    "How soon",
    "How it",
    "So many",
    "Made",
    "Begun",
    "Held",
    "Given up",
    "To whom",
    "Under which",
    "As it ",
    "Some of them",
    "All of it",
    "All of them",
    "Whether it ",
    "Left out",
    "From wherever",
    "Kept ",
    "Something",
    "More of",
    "When it ",
    "Which ",
];

#[tokio::test(flavor = "multi_thread")]
async fn descriptions_are_plain_english() {
    let api = Api::open().await;
    let document = document(&api).await;
    let mut found = Vec::new();
    below("", &document, &mut |path, value| {
        let is_prose = path.ends_with("/description") || path.ends_with("/summary");
        let Some(text) = value.as_str().filter(|_| is_prose) else { return };
        let lower = text.to_lowercase();
        let is_riddle = RIDDLES.iter().any(|riddle| lower.contains(riddle))
            || RIDDLES_AT_THE_BEGINNING.iter().any(|riddle| text.starts_with(riddle));
        if is_riddle {
            found.push(text.to_owned());
        }
    });
    for code in Code::ALL {
        let meaning = code.meaning().to_lowercase();
        found.extend(RIDDLES.iter().filter(|riddle| meaning.contains(**riddle)).map(|_| code.meaning().to_owned()));
    }
    found.sort();
    found.dedup();
    assert_eq!(found, Vec::<String>::new());
    api.w.ends().await;
}

/// What the document says of headers is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_without_a_token_names_the_scheme_and_a_lock_says_how_long() {
    let api = super::shop::peopled().await;
    let header = |response: &reqwest::Response, name: &str| {
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    for path in ["/users", "/auth/me", "/internal/telegram/webhook-info"] {
        for token in ["", "wrong"] {
            let refused = api.request(Method::GET, path, token).send().await.unwrap();
            assert_eq!(
                (refused.status().as_u16(), header(&refused, "www-authenticate").as_str()),
                (401, "Bearer"),
                "{path}"
            );
        }
    }
    let login =
        api.request(Method::POST, "/auth/login-token", "").json(&json!({ "token": "wrong" })).send().await.unwrap();
    assert_eq!((login.status().as_u16(), header(&login, "www-authenticate").as_str()), (401, "Bearer"));
    let till = api.token(&[Scope::Redeem]);
    let mut locked = None;
    for n in 0..100 {
        let body = json!({ "code": format!("АБВ{n:04}") });
        let said = api.request(Method::POST, "/discounts/check", &till).json(&body).send().await.unwrap();
        if said.status() == 429 {
            locked = Some(said);
            break;
        }
    }
    let locked = locked.expect("a script that guesses is locked");
    let wait: i64 = header(&locked, "retry-after").parse().unwrap();
    let problem: Value = locked.json().await.unwrap();
    let until = Timestamp::parse(problem["until"].as_str().unwrap()).unwrap();
    let left = until.0 - api.w.db().clock().now().0;
    assert!((left..=left + 5).contains(&wait), "{wait} s, the lock ends in {left} s");
    api.w.ends().await;
}

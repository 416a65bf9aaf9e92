//! Role × method × route, generated from the document: every cell is called and asserted.

use dvorik::access::Scope;
use dvorik::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::Api;

/// One operation of the document.
pub struct Operation {
    pub method: Method,
    /// Under `/api/v1` unless it is one of the root, its parameters filled with the document's examples.
    pub path: String,
    pub about: Value,
}

pub async fn document(api: &Api) -> Value {
    let url = format!("{}/api/openapi.json", api.w.http());
    api.http.get(url).send().await.unwrap().json().await.unwrap()
}

pub fn operations(document: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, about) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let path = filled(path.strip_prefix("/api/v1").unwrap_or(path), about);
            all.push(Operation { method, path, about: about.clone() });
        }
    }
    all
}

fn filled(path: &str, about: &Value) -> String {
    let in_path = |parameter: &&Value| parameter["in"] == "path";
    about["parameters"].as_array().into_iter().flatten().filter(in_path).fold(path.to_owned(), |path, parameter| {
        let example = &parameter["example"];
        let example = example.as_str().map_or_else(|| example.to_string(), ToOwned::to_owned);
        path.replace(&format!("{{{}}}", parameter["name"].as_str().unwrap()), &example)
    })
}

fn names(value: &Value) -> Vec<&str> {
    value.as_array().map(|all| all.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_of_the_matrix_is_as_the_document_says() {
    let api = Api::open().await;
    let document = document(&api).await;
    let (mut cells, mut let_in) = (0, 0);
    for operation in operations(&document) {
        let Operation { method, path, about } = &operation;
        if about["x-roles"].is_null() {
            let is_open = path == "/auth/login-token" || super::is_at_the_root(path);
            assert!(is_open, "a route that nobody guards: {path}");
            continue;
        }
        let body = (*method != Method::GET).then(|| json!({}));
        let nobody = api.call(method.clone(), path, "", body.clone()).await;
        assert_eq!((nobody.status, nobody.code()), (401, "UNAUTHORIZED"), "{method} {path}");
        let mut callers = Vec::new();
        for role in Role::ALL {
            callers.push((names(&about["x-roles"]).contains(&role.as_str()), role.as_str(), api.of(*role).await));
        }
        for scope in Scope::ALL {
            callers.push((names(&about["x-scopes"]).contains(&scope.as_str()), scope.as_str(), api.token(&[*scope])));
        }
        for (may, who, token) in callers {
            let said = api.call(method.clone(), path, &token, body.clone()).await;
            let cell = format!("{method} {path} as {who}: {} {}", said.status, said.json);
            let barred = ["OWNER_ONLY", "ROLE_FORBIDDEN", "SCOPE_MISSING"].contains(&said.code());
            assert_eq!(!barred, may, "{cell}");
            assert!(said.status != 401 && said.status < 500 || said.code() == "SERVICE_UNAVAILABLE", "{cell}");
            let codes = &about["responses"][said.status.to_string()];
            assert!(!codes.is_null(), "a status the document does not know: {cell}");
            if said.status >= 400 {
                assert!(names(&codes["x-codes"]).contains(&said.code()), "a code the document does not know: {cell}");
            }
            cells += 1;
            let_in += usize::from(may);
        }
    }
    assert!(cells > 200 && let_in > 60, "{cells} cells, {let_in} let in");
    api.w.ends().await;
}

/// Who may what, as the specification has it: * everybody who logs in, O owners, M marketing, - nobody needs to; then the
/// scope of a script. The document and the guard come from one line of code; this does not.
const ROLES: &str = include_str!("roles.txt");

#[tokio::test(flavor = "multi_thread")]
async fn the_document_gives_every_route_to_whom_the_specification_does() {
    let api = Api::open().await;
    let mut found = Vec::new();
    for (path, item) in document(&api).await["paths"].as_object().unwrap() {
        for (method, about) in item.as_object().unwrap() {
            let who = match names(&about["x-roles"])[..] {
                [] => "-",
                ["owner"] => "O",
                ["owner", "marketing"] => "OM",
                ["owner", "marketing", "readonly"] => "*",
                _ => "?",
            };
            let path = path.trim_start_matches("/api/v1");
            let line = [&*method.to_uppercase(), path, who, &names(&about["x-scopes"]).join(" ")].join(" ");
            found.push(line.trim_end().to_owned());
        }
    }
    found.sort();
    let mut wanted: Vec<&str> = ROLES.lines().collect();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    api.w.ends().await;
}

//! The reading view: the OpenAPI document as one HTML page without scripts. Operations are grouped by tag, with their
//! allowed callers, parameters and responses; then the schemas they use (`shapes`).

mod html;
mod shapes;

use std::collections::BTreeMap;

use serde_json::Value;

use html::{code, escaped, prose};
use shapes::{example, kind, limits, properties};

/// The style sheet of the reading view, for light and dark mode, wide and narrow screens.
pub(in crate::api) const STYLE: &str = include_str!("style.css");

const INTRO: &str = "<p>Sign in with <code>POST /api/v1/auth/login-token</code> and the one-time token of the staff bot, or \
    make a token for a script with <code>dvorik token create</code>; then send <code>Authorization: Bearer …</code>. \
    Every refusal is <code>application/problem+json</code> with a <code>code</code> that is never renamed. \
    A POST may carry an <code>Idempotency-Key</code>: sent again within 24 hours, it has one effect and one answer. \
    Lists take <code>page</code> and <code>per_page</code>.</p>\
    <p>The same as <a href=\"/api/openapi.json\">OpenAPI</a>, and <a href=\"/api/docs/\">to try out</a>.</p>";

/// An operation of the API with its path and method.
struct Operation<'a> {
    id: &'a str,
    method: &'a str,
    path: &'a str,
    about: &'a Value,
}

/// The HTML page of this OpenAPI document.
pub(in crate::api) fn page(document: &Value) -> String {
    let groups = groups(document);
    let words = |key: &str| escaped(document["info"].get(key).and_then(Value::as_str).unwrap_or_default());
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{0} API {1}</title>\
         <link rel=\"stylesheet\" href=\"/api/redoc/style.css\"></head>\n<body>\
         <header><h1>{0} <small>API {1}</small></h1><p>{2}</p>{INTRO}</header>\n<nav>",
        words("title"),
        words("version"),
        words("description"),
    );
    groups.iter().for_each(|(tag, operations)| contents(&mut page, tag, operations));
    page.push_str("<a class=\"group\" href=\"#shapes\">shapes</a></nav>\n<main>");
    for (tag, operations) in &groups {
        page.push_str(&format!("\n<h2 id=\"tag-{0}\">{0}</h2>", escaped(tag)));
        operations.iter().for_each(|operation| section(&mut page, document, operation));
    }
    page.push_str("\n<h2 id=\"shapes\">shapes</h2>");
    for (name, schema) in document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten() {
        let name = escaped(name);
        page.push_str(&format!("\n<section class=\"shape\" id=\"shape-{name}\"><h3>{name}</h3>"));
        page.push_str(&said(schema));
        page.push_str(&properties(schema));
        page.push_str("</section>");
    }
    page.push_str("</main></body></html>\n");
    page
}

/// Operations grouped by their first tag, in the order of the paths.
fn groups(document: &Value) -> BTreeMap<&str, Vec<Operation<'_>>> {
    let mut groups: BTreeMap<&str, Vec<Operation<'_>>> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, about) in item.as_object().into_iter().flatten() {
            let id = about["operationId"].as_str().unwrap_or_default();
            let tag = about.pointer("/tags/0").and_then(Value::as_str).unwrap_or("other");
            groups.entry(tag).or_default().push(Operation { id, method, path, about });
        }
    }
    groups
}

fn contents(page: &mut String, tag: &str, operations: &[Operation<'_>]) {
    page.push_str(&format!("<details><summary>{}</summary><ul>", escaped(tag)));
    for Operation { id, method, path, .. } in operations {
        let path = escaped(path.strip_prefix("/api/v1").unwrap_or(path));
        page.push_str(&format!("<li><a href=\"#{}\"><b class=\"{method}\">{method}</b> {path}</a></li>", escaped(id)));
    }
    page.push_str("</ul></details>");
}

fn section(page: &mut String, document: &Value, operation: &Operation<'_>) {
    let Operation { id, method, path, about } = operation;
    let summary = prose(about["summary"].as_str().unwrap_or_default());
    page.push_str(&format!(
        "\n<section id=\"{}\" class=\"operation\"><h3>{summary}</h3><p class=\"line\"><b class=\"{method}\">{method}</b> \
         <code>{}</code></p>",
        escaped(id),
        escaped(path),
    ));
    page.push_str(&said(about));
    page.push_str(&format!("<p class=\"who\">{}</p>", who(about)));
    parameters(page, about);
    if let Some((kind, body)) =
        about.pointer("/requestBody/content").and_then(Value::as_object).and_then(|kinds| kinds.iter().next())
    {
        page.push_str(&format!("<h4>Body <small>{}</small></h4>", escaped(kind)));
        page.push_str(&shapes::linked(&body["schema"]));
        page.push_str(&properties(shapes::meant(document, &body["schema"])));
        page.push_str(&sample(document, &body["schema"]));
    }
    answers(page, document, about);
    page.push_str("</section>");
}

fn said(about: &Value) -> String {
    about["description"].as_str().map(|words| format!("<p>{}</p>", prose(words))).unwrap_or_default()
}

/// The callers who may use the operation.
fn who(about: &Value) -> String {
    let list = |key: &str| {
        let words = about[key].as_array().into_iter().flatten().filter_map(Value::as_str);
        words.map(|word| format!("<i>{}</i>", escaped(word))).collect::<Vec<_>>().join(" ")
    };
    let (roles, scopes) = (list("x-roles"), list("x-scopes"));
    if roles.is_empty() {
        return "Anybody".to_owned();
    }
    let by_key = about["security"].as_array().is_some_and(|all| all.len() > 1);
    let scopes = if scopes.is_empty() { String::new() } else { format!(" · tokens with {scopes}") };
    format!("{roles}{scopes}{}", if by_key { " · the internal key" } else { "" })
}

fn parameters(page: &mut String, about: &Value) {
    let Some(all) = about["parameters"].as_array().filter(|all| !all.is_empty()) else { return };
    page.push_str("<h4>Parameters</h4><dl>");
    for parameter in all {
        let schema = &parameter["schema"];
        let needed = if parameter["required"] == true { " <em>needed</em>" } else { "" };
        page.push_str(&format!(
            "<dt><code>{}</code> <small>{} · {}{}</small>{needed}</dt><dd>{}{}</dd>",
            escaped(parameter["name"].as_str().unwrap_or_default()),
            escaped(parameter["in"].as_str().unwrap_or_default()),
            kind(schema),
            limits(schema),
            prose(parameter["description"].as_str().unwrap_or_default()),
            parameter.get("example").map(|value| format!(" e.g. {}", code(value))).unwrap_or_default(),
        ));
    }
    page.push_str("</dl>");
}

fn answers(page: &mut String, document: &Value, about: &Value) {
    page.push_str("<h4>Answers</h4><dl class=\"answers\">");
    for (status, answer) in about["responses"].as_object().into_iter().flatten() {
        let class = if status.starts_with('2') { "good" } else { "bad" };
        page.push_str(&format!("<dt><b class=\"{class}\">{}</b></dt><dd>", escaped(status)));
        match answer["x-codes"].as_array() {
            Some(codes) => {
                let codes: Vec<String> = codes.iter().map(code).collect();
                page.push_str(&codes.join(" "));
            }
            None => {
                page.push_str(&prose(answer["description"].as_str().unwrap_or_default()));
                for (kind, content) in answer["content"].as_object().into_iter().flatten() {
                    page.push_str(&format!(" <small>{}</small> {}", escaped(kind), shapes::linked(&content["schema"])));
                    page.push_str(&sample(document, &content["schema"]));
                }
            }
        }
        page.push_str("</dd>");
    }
    page.push_str("</dl>");
}

fn sample(document: &Value, schema: &Value) -> String {
    let Some(value) = example(document, schema, 0).filter(|value| value.is_object() || value.is_array()) else {
        return String::new();
    };
    let text = serde_json::to_string_pretty(&value).unwrap_or_default();
    format!("<details class=\"sample\"><summary>example</summary><pre>{}</pre></details>", escaped(&text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_operation_is_told_whole_and_nothing_of_the_document_is_taken_for_html() {
        let page = page(&json!({
            "info": { "title": "shop", "version": "1", "description": "<b>" },
            "paths": { "/api/v1/users/{id}": { "get": {
                "operationId": "users_one", "tags": ["users"], "summary": "One `user`", "x-roles": ["owner"], "x-scopes": ["users:read"],
                "parameters": [{ "name": "id", "in": "path", "required": true, "description": "Row <id>", "example": 1,
                    "schema": { "type": "integer", "minimum": 1 } }],
                "responses": {
                    "200": { "description": "Found", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/User" } } } },
                    "404": { "description": "x", "x-codes": ["USER_NOT_FOUND"] } } } } },
            "components": { "schemas": { "User": { "type": "object", "required": ["id"],
                "properties": { "id": { "type": "integer", "description": "Its <script>" }, "next": { "$ref": "#/components/schemas/User" } } } } }
        }));
        for words in [
            "id=\"users_one\"",
            "One <code>user</code>",
            "<i>owner</i>",
            "users:read",
            "Row &lt;id&gt;",
            "at least 1",
            "USER_NOT_FOUND",
            "href=\"#shape-User\"",
            "id=\"shape-User\"",
            "Its &lt;script&gt;",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    }
}

//! The last step in making the OpenAPI document: what the macros cannot express. Client generators need named
//! components, so the items of pages and every inline object with a title become one; and every response lists its
//! headers.

use serde_json::{Map, Value, json};

use super::filter_schema::WORDS;

const SCHEMAS: &str = "#/components/schemas/";

/// Bodies that need exactly one of several fields: the name of each variant and its field.
const ONE_NEEDED: &[(&str, &[(&str, &str)])] =
    &[("IssueBody", &[("IssueByTemplateId", "template_id"), ("IssueByTemplateName", "template_name")])];

/// Members of a schema that hold values, not schemas.
const VALUES: &[&str] = &["example", "examples", "default", "enum", "const", "required"];

/// The OpenAPI document as it is served.
pub(in crate::api) fn arranged(mut document: Value) -> Value {
    if let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") {
        schemas.values_mut().for_each(spell_out_lines);
        share_items(schemas);
        for (name, variants) in ONE_NEEDED {
            split(schemas, name, variants);
        }
        hoist(schemas);
    }
    if let Some(Value::Object(components)) = document.get_mut("components") {
        components.insert("headers".to_owned(), headers());
    }
    for item in document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            describe_headers(operation);
            // An empty requirement alone means that no token is needed; for that, client generators know only the empty
            // list.
            if operation["security"] == json!([{}]) {
                operation["security"] = json!([]);
            }
        }
    }
    document
}

/// Replaces the format `line`, which a field names for the check `extract::line`, by what JSON Schema can express.
fn spell_out_lines(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("format").is_some_and(|format| format == "line") {
                members.remove("format");
                members.extend([("minLength".to_owned(), json!(1)), ("pattern".to_owned(), json!(WORDS))]);
            }
            members.values_mut().for_each(spell_out_lines);
        }
        Value::Array(items) => items.iter_mut().for_each(spell_out_lines),
        _ => {}
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("{SCHEMAS}{name}") })
}

/// Makes the items of pages refer to components. A generic page repeats its item inline; the part of the page's name
/// after the underscore is the item's name.
fn share_items(schemas: &mut Map<String, Value>) {
    let pages: Vec<String> = schemas.keys().filter(|name| name.contains('_')).cloned().collect();
    for page in pages {
        let Some((_, item)) = page.split_once('_') else { continue };
        let Some(place) = schemas.get_mut(&page).and_then(|page| page.pointer_mut("/properties/items/items")) else {
            continue;
        };
        let inline = std::mem::replace(place, reference(item));
        schemas.entry(item).or_insert(inline);
    }
}

/// Replaces the body called `name` by one variant for each alternative field. A variant has none of the other
/// alternative fields.
fn split(schemas: &mut Map<String, Value>, name: &str, variants: &[(&str, &str)]) {
    let Some(whole) = schemas.get(name).cloned() else { return };
    let one = |(title, field): &(&str, &str)| {
        let mut variant = whole.clone();
        if let Some(variant) = variant.as_object_mut() {
            variant.insert("title".to_owned(), json!(title));
        }
        if let Some(Value::Array(required)) = variant.get_mut("required") {
            required.push(json!(field));
        }
        if let Some(Value::Object(properties)) = variant.get_mut("properties") {
            properties.retain(|key, _| key == field || variants.iter().all(|(_, other)| key != other));
            if let Some(kinds) = properties.get_mut(*field).and_then(|property| property.get_mut("type")) {
                let kind = kinds.as_array().and_then(|kinds| kinds.iter().find(|kind| *kind != "null")).cloned();
                *kinds = kind.unwrap_or_else(|| kinds.take());
            }
        }
        variant
    };
    let one_of: Vec<Value> = variants.iter().map(one).collect();
    schemas.insert(name.to_owned(), json!({ "description": whole.get("description"), "oneOf": one_of }));
}

/// Makes a component of every inline object that has a title; the title becomes the component's name.
fn hoist(schemas: &mut Map<String, Value>) {
    let mut found = Map::new();
    for schema in schemas.values_mut() {
        hoist_within(schema, &mut found);
    }
    for (name, schema) in found {
        schemas.entry(name).or_insert(schema);
    }
}

fn hoist_within(schema: &mut Value, found: &mut Map<String, Value>) {
    let inner: Vec<&mut Value> = match schema {
        Value::Object(members) => {
            members.iter_mut().filter(|(key, _)| !VALUES.contains(&key.as_str())).map(|(_, value)| value).collect()
        }
        Value::Array(items) => items.iter_mut().collect(),
        _ => return,
    };
    for value in inner {
        hoist_within(value, found);
        let Some(title) = value.get("title").and_then(Value::as_str).map(ToOwned::to_owned) else { continue };
        let mut whole = std::mem::replace(value, reference(&title));
        if let Some(members) = whole.as_object_mut() {
            members.remove("title");
        }
        found.entry(title).or_insert(whole);
    }
}

/// The descriptions of all headers of responses.
fn headers() -> Value {
    let text = |about: &str, example: &str| json!({ "description": about, "schema": { "type": "string" }, "example": example });
    json!({
        "X-Request-Id": text("The id of the request, as in the log and in `request_id`.", "bRk2hT5wQm8xZp3nVd7c"),
        "WWW-Authenticate": text("The scheme that is expected.", "Bearer"),
        "Content-Disposition": text("The name of the file.", "attachment; filename=\"users-2026-11-22.csv\""),
        "Retry-After": {
            "description": "Seconds to wait before the next try.",
            "schema": { "type": "integer", "minimum": 1 }, "example": 1,
        },
    })
}

/// Names the headers of each response of an operation.
fn describe_headers(operation: &mut Value) {
    let Some(Value::Object(responses)) = operation.get_mut("responses") else { return };
    for (status, response) in responses {
        let is_file = response.pointer("/content/text~1csv").is_some();
        let Some(response) = response.as_object_mut() else { continue };
        let Value::Object(headers) = response.entry("headers").or_insert_with(|| json!({})) else { continue };
        let mut name = |header: &str| {
            headers.insert(header.to_owned(), json!({ "$ref": format!("#/components/headers/{header}") }));
        };
        name("X-Request-Id");
        match status.as_str() {
            "401" => name("WWW-Authenticate"),
            "429" | "503" => name("Retry-After"),
            _ if is_file => name("Content-Disposition"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inline_object_with_a_title_becomes_a_component_and_an_example_stays() {
        let mut schemas = Map::new();
        schemas.insert(
            "Body".to_owned(),
            json!({
                "example": { "title": "Sale" },
                "properties": { "title": { "type": "string" }, "age": { "type": "object", "title": "AgeRange" } },
            }),
        );
        hoist(&mut schemas);
        assert_eq!(schemas["AgeRange"], json!({ "type": "object" }));
        assert_eq!(schemas["Body"]["properties"]["age"], reference("AgeRange"));
        assert_eq!(schemas["Body"]["example"], json!({ "title": "Sale" }));
        assert_eq!(schemas["Body"]["properties"]["title"], json!({ "type": "string" }));
    }

    #[test]
    fn a_body_that_needs_one_of_two_fields_has_two_variants_without_the_other_field() {
        let mut schemas = Map::new();
        let field = json!({ "type": ["string", "null"] });
        let body = json!({ "required": ["user_id"], "properties": { "user_id": {}, "a": field, "b": field } });
        schemas.insert("Body".to_owned(), body);
        split(&mut schemas, "Body", &[("ByA", "a"), ("ByB", "b")]);
        let by_a = json!({
            "title": "ByA", "required": ["user_id", "a"], "properties": { "user_id": {}, "a": { "type": "string" } },
        });
        assert_eq!(schemas["Body"]["oneOf"][0], by_a);
    }
}

//! Schemas of the OpenAPI document as text: the type, its limits, its members, and an example.

use serde_json::{Map, Value, json};

use super::html::{code, escaped, prose};

/// The depth at which an example of a schema ends.
const DEEPEST: usize = 6;

/// The name of the component that a schema refers to.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn named<'a>(document: &'a Value, name: &str) -> &'a Value {
    document.pointer("/components/schemas").and_then(|all| all.get(name)).unwrap_or(&Value::Null)
}

/// The schema itself, or the component that it refers to.
pub(super) fn meant<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    referred(schema).map_or(schema, |name| named(document, name))
}

/// The alternatives of a schema that are not `null`, and whether `null` is one.
fn alternatives(schema: &Value) -> (Vec<&Value>, bool) {
    let all = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()).or_else(|| schema["allOf"].as_array());
    let real: Vec<&Value> = all.into_iter().flatten().filter(|one| one["type"] != "null").collect();
    let is_nullable = all.is_some_and(|all| all.iter().any(|one| one["type"] == "null"));
    (real, is_nullable)
}

/// The type of a schema as text, with a link if the schema is a component.
pub(super) fn kind(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        let name = escaped(name);
        return format!("<a href=\"#shape-{name}\">{name}</a>");
    }
    let (real, is_nullable) = alternatives(schema);
    if !real.is_empty() {
        let words: Vec<String> = real.into_iter().map(kind).collect();
        return format!("{}{}", words.join(" or "), if is_nullable { " or null" } else { "" });
    }
    match &schema["type"] {
        Value::String(word) if word == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(word) => format!("{}{}", escaped(word), format_of(schema)),
        Value::Array(words) => {
            let words: Vec<String> = words.iter().filter_map(Value::as_str).map(escaped).collect();
            format!("{}{}", words.join(" or "), format_of(schema))
        }
        _ => "any value".to_owned(),
    }
}

fn format_of(schema: &Value) -> String {
    schema["format"].as_str().map(|word| format!(" ({})", escaped(word))).unwrap_or_default()
}

/// The limits of a schema, as text that follows the type.
pub(super) fn limits(schema: &Value) -> String {
    let bound = |key: &str| schema.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), escaped));
    let mut words: Vec<String> = Vec::new();
    for (least, most, what) in
        [("minimum", "maximum", ""), ("minLength", "maxLength", " letters"), ("minItems", "maxItems", " items")]
    {
        words.extend(match (bound(least), bound(most)) {
            (Some(least), Some(most)) => Some(format!("{least} to {most}{what}")),
            (Some(least), None) => Some(format!("at least {least}{what}")),
            (None, Some(most)) => Some(format!("at most {most}{what}")),
            (None, None) => None,
        });
    }
    words.extend(bound("pattern").map(|pattern| format!("matches <code>{pattern}</code>")));
    words.extend(bound("default").map(|default| format!("usually {default}")));
    if let Some(values) = schema["enum"].as_array() {
        words.push(values.iter().map(code).collect::<Vec<_>>().join(" "));
    }
    words.iter().map(|word| format!(" · {word}")).collect()
}

/// The type of a body as a link to its component, or as text.
pub(super) fn linked(schema: &Value) -> String {
    if schema.is_null() {
        return String::new();
    }
    format!("<span class=\"kind\">{}</span>", kind(schema))
}

/// The members of a schema, one by one.
pub(super) fn properties(schema: &Value) -> String {
    let needed: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let Some(members) = schema["properties"].as_object() else {
        return if schema["enum"].is_array() {
            format!("<p>{}{}</p>", kind(schema), limits(schema))
        } else {
            String::new()
        };
    };
    let mut list = String::from("<dl>");
    for (name, member) in members {
        let mark = if needed.contains(&name.as_str()) { "" } else { " <em>may be left out</em>" };
        list.push_str(&format!(
            "<dt><code>{}</code> <small>{}{}</small>{mark}</dt><dd>{}{}</dd>",
            escaped(name),
            kind(member),
            limits(member),
            prose(member["description"].as_str().unwrap_or_default()),
            given(member).map(|value| format!(" e.g. {}", code(value))).unwrap_or_default(),
        ));
    }
    list.push_str("</dl>");
    list
}

fn given(schema: &Value) -> Option<&Value> {
    schema.get("example").or_else(|| schema["examples"].as_array()?.first())
}

/// An example of this schema, made from the document's own examples where there are any.
pub(super) fn example(document: &Value, schema: &Value, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    if let Some(value) = given(schema) {
        return Some(value.clone());
    }
    if let Some(name) = referred(schema) {
        return example(document, named(document, name), depth + 1);
    }
    if let Some(one) = alternatives(schema).0.first() {
        return example(document, one, depth + 1);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return Some(first.clone());
    }
    let word = schema["type"].as_str().or_else(|| schema["type"].as_array()?.iter().filter_map(Value::as_str).next());
    Some(match word? {
        "object" => {
            let members = schema["properties"].as_object().into_iter().flatten();
            let members =
                members.filter_map(|(name, member)| Some((name.clone(), example(document, member, depth + 1)?)));
            Value::Object(members.collect::<Map<String, Value>>())
        }
        "array" => Value::Array(example(document, &schema["items"], depth + 1).into_iter().collect()),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => schema.get("default").cloned().unwrap_or(json!(true)),
        "string" => json!(text_of(schema["format"].as_str())),
        _ => Value::Null,
    })
}

fn text_of(format: Option<&str>) -> &'static str {
    match format {
        Some("date-time") => "2026-11-22T03:00:00Z",
        Some("date") => "2026-11-22",
        _ => "…",
    }
}

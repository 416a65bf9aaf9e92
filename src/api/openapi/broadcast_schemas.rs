//! The schemas of a broadcast's draft as written in a request. They say which fields belong together.

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::filter_schema::{FILTER, WORDS, schema};
use crate::telegram::judge;

/// The schema of a new draft.
pub(in crate::api) struct CreateShape;
/// The schema of a change of a draft.
pub(in crate::api) struct EditShape;
/// The schema of an estimate.
pub(in crate::api) struct EstimateShape;

/// The three forms of an audience; a draft has one of them.
const AUDIENCES: [&str; 3] = ["target_user_ids", "segment_id", "filters"];

macro_rules! shape {
    ($shape:ident, $name:literal, $schema:expr) => {
        impl ToSchema for $shape {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }

        impl PartialSchema for $shape {
            fn schema() -> RefOr<Schema> {
                schema($schema)
            }
        }
    };
}

shape!(
    CreateShape,
    "BroadcastCreate",
    json!({
        "description": "A new broadcast. Exactly one of target_user_ids, segment_id and filters names the audience.",
        "oneOf": drafts("New", &AUDIENCES.map(Some), &["title", "body"]),
    })
);
shape!(
    EditShape,
    "BroadcastEdit",
    json!({
        "description": "The fields to change; an absent field stays. A new audience replaces the old one; \
            media_type and media_file_id together replace the media.",
        "oneOf": drafts("Change", &[&[None], AUDIENCES.map(Some).as_slice()].concat(), &[]),
    })
);
shape!(
    EstimateShape,
    "BroadcastEstimate",
    json!({
        "description": "A stored broadcast, or the text and audience of a draft.",
        "oneOf": std::iter::once(stored()).chain(drafts("Estimate", &AUDIENCES.map(Some), &["body"])).collect::<Vec<_>>(),
    })
);

fn stored() -> Value {
    json!({
        "type": "object", "title": "EstimateOfBroadcast", "additionalProperties": false, "required": ["broadcast_id"],
        "properties": { "broadcast_id": { "type": "integer", "format": "int64", "minimum": 1 } },
    })
}

/// The schema of every valid combination of fields: each of these audiences, without media and with it. A variant has
/// only the fields that belong together; its title becomes the name of a component.
fn drafts(what: &str, audiences: &[Option<&str>], required: &[&str]) -> Vec<Value> {
    let ways = audiences.iter().flat_map(|to| [(*to, false), (*to, true)]);
    ways.map(|way| draft(what, way, required)).collect()
}

fn draft(what: &str, (audience, with_file): (Option<&str>, bool), required: &[&str]) -> Value {
    let mut properties = words();
    if let Some(name) = audience {
        properties.insert(name.to_owned(), people_as(name));
    }
    let kinds = if with_file {
        let file_id = json!({
            "type": "string", "pattern": "^[A-Za-z0-9_-]{1,256}$", "description": "Telegram's `file_id` for the customer bot",
        });
        properties.insert("media_file_id".to_owned(), file_id);
        json!(["photo", "video", "document"])
    } else {
        json!(["none"])
    };
    let about = "The kind of media above the text";
    properties.insert("media_type".to_owned(), json!({ "type": "string", "enum": kinds, "description": about }));
    let file: &[&str] = if with_file { &["media_type", "media_file_id"] } else { &[] };
    let required: Vec<&str> = required.iter().copied().chain(audience).chain(file.iter().copied()).collect();
    let to = match audience {
        None => "ForSameAudience",
        Some("segment_id") => "ForSegment",
        Some("filters") => "ForFilter",
        Some(_) => "ForUsers",
    };
    let title = format!("{what}{to}{}", if with_file { "WithMedia" } else { "" });
    json!({
        "type": "object", "title": title, "additionalProperties": false, "required": required, "properties": properties,
    })
}

fn people_as(name: &str) -> Value {
    match name {
        "segment_id" => json!({
            "type": "integer", "format": "int64", "minimum": 1,
            "description": "The customers who match the segment when the broadcast starts",
        }),
        "filters" => {
            json!({ "$ref": FILTER, "description": "The customers who match the filter when the broadcast starts" })
        }
        _ => json!({
            "type": "array", "minItems": 1, "maxItems": 5000,
            "items": { "type": "integer", "format": "int64", "minimum": 1 },
            "description": "Row ids of customers",
        }),
    }
}

fn words() -> Map<String, Value> {
    let button = json!({
        "type": "object", "title": "Button", "description": "A button that opens a link", "additionalProperties": false, "required": ["text", "url"],
        "properties": {
            "text": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": WORDS },
            "url": { "type": "string", "maxLength": judge::MOST_LINK, "pattern": judge::LINK_PATTERN, "description": "http, https or tg; the scheme may be left out" },
        },
    });
    let words = json!({
        "title": { "type": "string", "minLength": 1, "maxLength": 128, "pattern": WORDS, "description": "The title inside the shop" },
        "body": {
            "type": "string", "maxLength": 16384, "pattern": r"^[^\x00]*$", "example": "Hello, {{first_name}}!",
            "description": "Telegram HTML with placeholders: {{first_name}}, {{display_name}}, and with a template \
                {{discount_code}}, {{discount_value}}, {{discount_expires_at}}, {{discount_title}}. At most 4,096 visible \
                characters, with media 1,024",
        },
        "buttons": {
            "type": "array", "maxItems": 10, "description": "Rows of buttons, at most ten buttons in all",
            "items": { "type": "array", "minItems": 1, "maxItems": 8, "items": button },
        },
        "template_id": {
            "type": ["integer", "null"], "format": "int64", "minimum": 1, "description": "Each recipient gets a code of this template",
        },
        "send_at": {
            "type": ["string", "null"], "format": "date-time", "example": "2030-01-01T09:00:00Z",
            "description": "The planned time, in the future; null = none. It is kept with the draft, and `schedule` uses it when it \
                names no other time. Nothing is sent before a confirmation. A scheduled broadcast gets another time by `schedule`",
        },
    });
    words.as_object().cloned().unwrap_or_default()
}

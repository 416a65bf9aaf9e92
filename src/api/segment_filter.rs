//! A segment's filter on the wire: what the strict parser of `segment` takes, as a schema.

use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Where the document keeps the filter's schema.
pub(super) const FILTER: &str = "#/components/schemas/SegmentFilter";

/// Words without control characters that are not empty, as a pattern.
pub(super) const WORDS: &str = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$";

/// The schema of a filter; filters themselves are [`crate::segment::Filter`].
pub(super) struct FilterShape;

impl ToSchema for FilterShape {
    fn name() -> std::borrow::Cow<'static, str> {
        "SegmentFilter".into()
    }
}

impl PartialSchema for FilterShape {
    fn schema() -> RefOr<Schema> {
        let everybody = json!({
            "type": "object", "title": "Everybody", "additionalProperties": false, "required": ["all"],
            "properties": { "all": { "type": "boolean", "enum": [true] } },
        });
        let fitting = json!({
            "type": "object", "title": "Whoever fits", "additionalProperties": false, "minProperties": 1, "maxProperties": 10,
            "properties": keys(),
        });
        schema(json!({
            "description": "Which customers, joined by AND. Days are the shop's, ranges include both ends, at least one of \
                which is given and the first of which is not after the second.",
            "example": { "is_subscribed": true, "age": { "from": 18, "to": 34 } },
            "oneOf": [everybody, fitting],
        }))
    }
}

/// A schema out of JSON: what the macros cannot say.
pub(super) fn schema(json: Value) -> RefOr<Schema> {
    serde_json::from_value(json).unwrap_or_default()
}

fn keys() -> Value {
    let flag = |about: &str| json!({ "type": "boolean", "description": about });
    let number = |least: u32, most: u32, about: &str| json!({ "type": "integer", "minimum": least, "maximum": most, "description": about });
    let tag = json!({ "type": "string", "minLength": 1, "maxLength": 32, "pattern": WORDS });
    let tags =
        |about: &str| json!({ "type": "array", "items": tag, "minItems": 1, "maxItems": 10, "description": about });
    let source = json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": WORDS });
    let years = json!({ "type": "integer", "minimum": 0, "maximum": 120 });
    let day = json!({ "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" });
    let times = json!({ "type": "integer", "minimum": 0, "maximum": 1_000_000 });
    json!({
        "is_subscribed": flag("Subscribed to the channel, as last proven"),
        "has_active_discounts": flag("Holds a code that may be redeemed"),
        "gender": { "type": "string", "enum": ["male", "female"], "description": "Known to be" },
        "age": range(&years, "Whole years today; nobody without a birthday"),
        "registered": range(&day, "The day of the first visit"),
        "tags": tags("Carries any of these"),
        "not_tags": tags("Carries none of these"),
        "source": {
            "description": "What brought them first: this, or any of these; case, spaces and `ref_` do not matter",
            "oneOf": [source, { "type": "array", "items": source, "minItems": 1, "maxItems": 10 }],
        },
        "campaign": {
            "type": "string", "pattern": "^[A-Za-z0-9-]{1,48}$", "description": "Registered through the campaign with this key",
        },
        "birthday_month": number(1, 12, "Born in this month"),
        "birthday_within_days": number(0, 365, "Has a birthday today or within so many days"),
        "redeemed_within_days": number(0, 36_500, "Has redeemed something within so many days"),
        "not_redeemed_within_days": number(0, 36_500, "Has not, be it never"),
        "redemptions": range(&times, "How many redemptions stand"),
        "inactive_days": number(1, 36_500, "Has not been seen for so many days"),
        "status": { "type": "string", "enum": ["active", "blocked"], "description": "`active` when not given" },
        "is_test": flag("People of the test bots, or real ones; as the request says when not given"),
    })
}

fn range(end: &Value, about: &str) -> Value {
    json!({
        "type": "object", "additionalProperties": false, "minProperties": 1, "description": about,
        "properties": { "from": end, "to": end },
    })
}

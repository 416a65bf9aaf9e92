//! The schema of a segment's filter, as `segment`'s strict parser accepts it.

use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The reference to the schema of a segment's filter in the OpenAPI document.
pub(in crate::api) const FILTER: &str = "#/components/schemas/SegmentFilter";

/// The pattern of a text that is not blank and has no control characters.
pub(in crate::api) const WORDS: &str = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$";

/// The schema of a segment's filter; the filters are [`crate::segment::Filter`].
pub(in crate::api) struct FilterShape;

impl ToSchema for FilterShape {
    fn name() -> std::borrow::Cow<'static, str> {
        "SegmentFilter".into()
    }
}

impl PartialSchema for FilterShape {
    fn schema() -> RefOr<Schema> {
        let everybody = json!({
            "type": "object", "title": "FilterEverybody", "additionalProperties": false, "required": ["all"],
            "properties": { "all": { "type": "boolean", "enum": [true] } },
        });
        let fitting = json!({
            "type": "object", "title": "FilterKeys", "additionalProperties": false, "minProperties": 1, "maxProperties": 10,
            "properties": keys(),
        });
        schema(json!({
            "description": "A filter of customers; all conditions must hold. Days are in the shop's time zone. A range includes \
                both ends and has at least one of them.",
            "example": { "is_subscribed": true, "age": { "from": 18, "to": 34 } },
            "oneOf": [everybody, fitting],
        }))
    }
}

/// A schema from JSON, for what the macros cannot express.
pub(in crate::api) fn schema(json: Value) -> RefOr<Schema> {
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
        "is_subscribed": flag("Whether the customer was subscribed to the channel at the last check"),
        "has_active_discounts": flag("Whether the customer holds an active code"),
        "gender": { "type": "string", "enum": ["male", "female"], "description": "The gender of the customer" },
        "age": range("AgeRange", &years, "Full years today; customers without a birthday do not match"),
        "registered": range("DayRange", &day, "The day of registration"),
        "tags": tags("The customer has at least one of these tags"),
        "not_tags": tags("The customer has none of these tags"),
        "source": {
            "description": "The first source of the customer, one or several; case, spaces and `ref_` are ignored",
            "oneOf": [source, { "type": "array", "items": source, "minItems": 1, "maxItems": 10 }],
        },
        "campaign": {
            "type": "string", "pattern": "^[A-Za-z0-9-]{1,48}$", "description": "The key of the campaign that registered the customer",
        },
        "birthday_month": number(1, 12, "The month of the birthday"),
        "birthday_within_days": number(0, 365, "The birthday is today or within this number of days"),
        "redeemed_within_days": number(0, 36_500, "The customer has redeemed a code within this number of days"),
        "not_redeemed_within_days": number(0, 36_500, "The customer has redeemed no code within this number of days"),
        "redemptions": range("CountRange", &times, "The number of redemptions that were not undone"),
        "inactive_days": number(1, 36_500, "The customer was not active for this number of days"),
        "status": { "type": "string", "enum": ["active", "blocked"], "description": "The status of the customer; `active` if absent" },
        "is_test": flag("Customers of the test bots or of the real bots; the request's `is_test` if absent"),
    })
}

fn range(title: &str, end: &Value, about: &str) -> Value {
    json!({
        "type": "object", "title": title, "additionalProperties": false, "minProperties": 1, "description": about,
        "properties": { "from": end, "to": end },
    })
}

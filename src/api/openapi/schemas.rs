//! The schemas that are written by hand, and the shapes of answers that a use-case builds itself.

use std::borrow::Cow;

use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, Array, ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type,
};
use utoipa::{PartialSchema, ToSchema};

use super::filter_schema::schema;
use crate::api::health::Check;
use crate::api::http::extract::Day;
use crate::api::settings::Changes;
use crate::api::template_body::{AfterIssue, MOST_DAYS, RecurrenceBody};
use crate::language::Language;
use crate::settings::{self, LONGEST_LINK, LONGEST_WORD, MOST_WORDS, Rule, Setting};
use crate::user::MOST_TAGS;

pub(in crate::api) use super::broadcast_schemas::{CreateShape, EditShape, EstimateShape};
pub(in crate::api) use super::filter_schema::FilterShape;
pub(in crate::api) use super::vocabulary::{
    Binary, CadenceWord, ErrorCode, ReadinessWord, RunOutcome, TokenType, WebhookOutcome,
};
pub(in crate::api) use crate::api::cashiers::{CashierBody, DecidedBody};
pub(in crate::api) use crate::api::http::extract::{Page, PageParams};
pub(in crate::api) use crate::api::template_body::ValueType;

impl ToSchema for Check {}

/// Written by hand, because the derived schema does not allow further members.
impl PartialSchema for Check {
    fn schema() -> RefOr<Schema> {
        schema(json!({
            "type": "object", "required": ["name", "ok"], "additionalProperties": true,
            "description": "One check. Further members are figures of this check, or the words of its failure.",
            "properties": {
                "name": { "type": "string", "description": "The name of the check", "example": "database" },
                "ok": { "type": "boolean", "description": "Whether the check passed" },
            },
        }))
    }
}

impl PartialSchema for RecurrenceBody {
    fn schema() -> RefOr<Schema> {
        let of = |title: &str, word: &str, about: &str| {
            let kind = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([word]));
            let object = ObjectBuilder::new()
                .title(Some(title))
                .description(Some(about))
                .property("type", kind)
                .required("type");
            object.additional_properties(Some(AdditionalProperties::FreeForm(false)))
        };
        let days = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(MOST_DAYS));
        let any = OneOfBuilder::new()
            .description(Some("When a customer may get the next code of the template."))
            .item(of(
                "RecurrenceMonthly",
                "monthly",
                "The same day of the next month, or its last day if it is shorter.",
            ))
            .item(
                of("RecurrenceDays", "days", "The number of days, of 24 hours each, after the last code.")
                    .property("value", days)
                    .required("value"),
            )
            .item(of("RecurrenceYearly", "yearly", "The same day of the next year."));
        RefOr::T(any.into())
    }
}

impl ToSchema for RecurrenceBody {
    fn name() -> Cow<'static, str> {
        "RecurrenceBody".into()
    }
}

impl PartialSchema for AfterIssue {
    fn schema() -> RefOr<Schema> {
        let days = ObjectBuilder::new().schema_type(Type::Integer).description(Some("Days after the issue."));
        RefOr::T(days.minimum(Some(1)).maximum(Some(MOST_DAYS)).into())
    }
}

impl ToSchema for AfterIssue {
    fn name() -> Cow<'static, str> {
        "AfterIssue".into()
    }
}

impl PartialSchema for Changes {
    fn schema() -> RefOr<Schema> {
        let settings = ObjectBuilder::new()
            .description(Some("New values by key; an absent setting stays."))
            .additional_properties(Some(AdditionalProperties::FreeForm(false)));
        let with = |object: ObjectBuilder, setting: &Setting| object.property(setting.key, schema_of(setting));
        RefOr::T(settings::ALL.iter().fold(settings, with).into())
    }
}

impl ToSchema for Changes {
    fn name() -> Cow<'static, str> {
        "SettingsEdit".into()
    }
}

/// The schema of a setting's value, from its rule.
fn schema_of(setting: &Setting) -> Schema {
    let about = Language::En.text(&format!("setting.about.{}", setting.key), &[]);
    let of = |kind: SchemaType| {
        ObjectBuilder::new().description(Some(&about)).default(Some(setting.default(Language::Ru))).schema_type(kind)
    };
    let text = || of(Type::String.into());
    match setting.rule {
        Rule::Int(low, high) => of(Type::Integer.into()).minimum(Some(low)).maximum(Some(high)).into(),
        Rule::Bool => of(Type::Boolean.into()).into(),
        Rule::Text(most) => text().max_length(Some(most)).pattern(Some(PLAIN)).into(),
        Rule::Channel => text().max_length(Some(64)).pattern(Some(CHANNEL)).into(),
        Rule::Link => text().max_length(Some(LONGEST_LINK)).pattern(Some(LINK)).into(),
        Rule::Recipient => text().max_length(Some(62)).pattern(Some(RECIPIENT)).into(),
        Rule::Template(_) => of(SchemaType::from_iter([Type::Integer, Type::Null])).minimum(Some(1)).into(),
        Rule::Words => {
            let word = ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(LONGEST_WORD))
                .pattern(Some(WORD));
            ArrayBuilder::new().items(word).max_items(Some(MOST_WORDS)).description(Some(about)).into()
        }
    }
}

/// The pattern of a setting that is one line, which may be empty.
const PLAIN: &str = r"^[^\x00-\x1F\x7F-\x9F]*$";
const WORD: &str = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$";
/// The pattern of the channel: empty, `@name`, or a chat id below zero.
const CHANNEL: &str = r"^(@[A-Za-z0-9_]{4,32}|-[1-9][0-9]{0,17})?$";
/// The pattern of the public half of an age key, or empty; its checksum is a rule beyond the schema.
const RECIPIENT: &str = "^(age1[02-9ac-hj-np-z]{58})?$";
/// The pattern of a link: empty, or an https link that `telegram::judge` accepts, without white space.
const LINK: &str = concat!(
    r"^(?:https://(?:(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9._\-!$,~*'();&+=]|[^\s\x00-\x9F])+\.",
    r"(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9._\-!$,~*'();&+=]|[^\s\x00-\x9F])*",
    r"|\.(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9._\-!$,~*'();&+=]|[^\s\x00-\x9F])+)",
    r"(?::0*(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?",
    r#"(?:[/?#][^\s\x00-\x1F\x7F-\x9F"<>]*)?)?$"#,
);

/// The schema of any setting's value.
pub(in crate::api) struct AnyValue;

impl PartialSchema for AnyValue {
    fn schema() -> RefOr<Schema> {
        let of = |kind: Type| ObjectBuilder::new().schema_type(kind);
        let words = ArrayBuilder::new().items(of(Type::String));
        let any = OneOfBuilder::new().description(Some("A value of any setting."));
        let plain = [Type::String, Type::Integer, Type::Boolean, Type::Null].into_iter();
        RefOr::T(plain.fold(any.item(words), |any, kind| any.item(of(kind))).into())
    }
}

impl ToSchema for AnyValue {
    fn name() -> Cow<'static, str> {
        "AnyValue".into()
    }
}

/// Matches exactly the days of the years 1900 to 2999.
const DAYS: &str = concat!(
    "^(?:(?:19|2[0-9])[0-9]{2}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)",
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:(?:19|2[0-9])(?:0[48]|[2468][048]|[13579][26])|2[048]00)-02-29)$"
);

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(DAYS)).examples([json!("2026-11-22")]);
        text.into()
    }
}

impl ToSchema for Day {}

/// The schema of a list of tags: at most [`MOST_TAGS`], none of them blank.
pub(in crate::api) fn tags() -> Array {
    let tag = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(32));
    let tag = tag.pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"));
    ArrayBuilder::new().items(tag).max_items(Some(MOST_TAGS)).examples([json!(["vip"])]).build()
}

/// An update of the Bot API. Further members are defined by Telegram.
#[derive(ToSchema)]
#[schema(as = TelegramUpdate)]
#[expect(dead_code, reason = "the shape of a push, for the document")]
pub(in crate::api) struct UpdateShape {
    /// The update's id.
    update_id: i64,
}

/// All data about a customer. Further members may be added.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of `user::export`, for the document")]
pub(in crate::api) struct UserExport {
    /// Always `dvorik.user.export/1`.
    schema: String,
    user: Value,
    tags: Vec<String>,
    discounts: Vec<Value>,
    subscription_checks: Vec<Value>,
    attempts: Vec<Value>,
    orders: Vec<Value>,
    campaign_clicks: Vec<Value>,
    deliveries: Vec<Value>,
}

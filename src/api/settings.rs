//! `/settings`: what the shop changes at run time, each setting's value as its own JSON type. The types and ranges in
//! the OpenAPI document are made from the settings' own rules. Admins are told of a change as for a change on the
//! command line.

use std::borrow::Cow;
use std::fmt;

use axum::response::Response;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type,
};
use utoipa::{PartialSchema, ToSchema};

use super::http::extract::{Body, Name};
use super::http::problem::Problem;
use super::http::request::Authorized;
use crate::access::Caller;
use crate::db::{Tx, View};
use crate::error::Result as ShopResult;
use crate::language::Language;
use crate::settings::{self, LONGEST_LINK, LONGEST_WORD, MOST_WORDS, Rule, Setting};
use crate::staff;

/// A setting.
#[derive(Serialize, ToSchema)]
pub(super) struct SettingBody {
    key: &'static str,
    /// The setting's present value.
    #[schema(value_type = AnyValue)]
    value: Value,
    /// The setting's default value.
    #[schema(value_type = AnyValue)]
    default: Value,
    /// The purpose of the setting.
    about: String,
}

impl SettingBody {
    fn of(view: &View<'_>, setting: &'static Setting) -> ShopResult<Self> {
        let about = Language::En.text(&format!("setting.about.{}", setting.key), &[]);
        Ok(Self { key: setting.key, value: setting.value(view)?, default: setting.default(), about })
    }
}

/// Every setting.
#[derive(Serialize, ToSchema)]
pub(super) struct SettingsBody {
    /// The settings in the order of the manual.
    items: Vec<SettingBody>,
}

fn all(view: &View<'_>) -> ShopResult<SettingsBody> {
    let items = settings::ALL.iter().map(|setting| SettingBody::of(view, setting)).collect::<ShopResult<_>>()?;
    Ok(SettingsBody { items })
}

/// List settings
#[utoipa::path(get, path = "/settings", tag = "settings",
    responses((status = 200, description = "All settings", body = SettingsBody)))]
pub(super) async fn list(ask: Authorized) -> Result<Response, Problem> {
    ask.read(|view, _| all(view)).await
}

/// Show a setting
#[utoipa::path(get, path = "/settings/{key}", tag = "settings",
    params(("key" = String, Path, min_length = 1, max_length = 64, description = "The key", example = "birthday_hour")),
    responses((status = 200, description = "The setting", body = SettingBody)))]
pub(super) async fn one(ask: Authorized, key: Name) -> Result<Response, Problem> {
    ask.read(move |view, _| SettingBody::of(view, settings::get_by_key(&key.0)?)).await
}

/// Change several settings, all or none
///
/// A value that a setting has already changes nothing. Admins of the group `settings` are notified of each change.
#[utoipa::path(patch, path = "/settings", tag = "settings", request_body = Changes,
    responses((status = 200, description = "Settings changed", body = SettingsBody)))]
pub(super) async fn edit(ask: Authorized, body: Body<Changes>) -> Result<Response, Problem> {
    ask.write(move |tx, caller| {
        // A change of the channel clears the link to the old channel, so a new link is set after the channel.
        let is_channel = |key: &str| key == settings::TELEGRAM_CHANNEL_ID.key;
        let (channel, others): (Vec<_>, Vec<_>) = body.value.0.iter().partition(|(key, _)| is_channel(key));
        for (key, value) in channel.into_iter().chain(others) {
            put(tx, key, value, caller)?;
        }
        all(tx)
    })
    .await
}

/// The new value of a setting.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewValue {
    /// A value of the type that `PATCH /settings` names for this key.
    #[schema(value_type = AnyValue, example = 10)]
    value: Value,
}

/// Change a setting
///
/// The value that the setting has already changes nothing. Admins of the group `settings` are notified of a change.
#[utoipa::path(put, path = "/settings/{key}", tag = "settings", request_body = NewValue,
    params(("key" = String, Path, min_length = 1, max_length = 64, description = "The key", example = "birthday_hour")),
    responses((status = 200, description = "Setting changed", body = SettingBody)))]
pub(super) async fn set(ask: Authorized, key: Name, body: Body<NewValue>) -> Result<Response, Problem> {
    ask.write(move |tx, caller| {
        put(tx, &key.0, &body.value.value, caller)?;
        SettingBody::of(tx, settings::get_by_key(&key.0)?)
    })
    .await
}

fn put(tx: &Tx<'_>, key: &str, value: &Value, caller: &Caller) -> ShopResult<()> {
    staff::put_setting(tx, settings::get_by_key(key)?, value, &caller.owner()?).map(drop)
}

/// New values of settings by key, each key once.
pub(super) struct Changes(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Changes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(EachOnce)
    }
}

struct EachOnce;

impl<'de> Visitor<'de> for EachOnce {
    type Value = Changes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Changes, A::Error> {
        let mut changes: Vec<(String, Value)> = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            if changes.iter().any(|(known, _)| *known == key) {
                return Err(serde::de::Error::custom(format_args!("`{key}` stands twice")));
            }
            changes.push((key, value));
        }
        Ok(Changes(changes))
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
        ObjectBuilder::new().description(Some(&about)).default(Some(setting.default())).schema_type(kind)
    };
    let text = || of(Type::String.into());
    match setting.rule {
        Rule::Int(low, high) => of(Type::Integer.into()).minimum(Some(low)).maximum(Some(high)).into(),
        Rule::Bool => of(Type::Boolean.into()).into(),
        Rule::Text(most) => text().max_length(Some(most)).pattern(Some(PLAIN)).into(),
        Rule::Channel => text().max_length(Some(64)).pattern(Some(CHANNEL)).into(),
        Rule::Link => text().max_length(Some(LONGEST_LINK)).pattern(Some(LINK)).into(),
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
/// The pattern of a link: empty, or an https link that `telegram::judge` accepts, without white space.
const LINK: &str = concat!(
    r"^(?:https://(?:(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9._\-!$,~*'();&+=]|[^\s\x00-\x9F])+\.",
    r"(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9._\-!$,~*'();&+=]|[^\s\x00-\x9F])*",
    r"|\.(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9._\-!$,~*'();&+=]|[^\s\x00-\x9F])+)",
    r"(?::0*(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?",
    r#"(?:[/?#][^\s\x00-\x1F\x7F-\x9F"<>]*)?)?$"#,
);

/// The schema of any setting's value.
pub(super) struct AnyValue;

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

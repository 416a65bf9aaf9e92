//! `/settings`: what the shop changes at run time, each setting's value as its own JSON type. The types and ranges in
//! the OpenAPI document are made from the settings' own rules. Admins are told of a change as for a change on the
//! command line.

use std::fmt;

use axum::response::Response;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::http::extract::{Body, Name};
use super::http::problem::Problem;
use super::http::request::Authorized;
#[cfg(test)]
use super::openapi::schemas;
use crate::access::Caller;
use crate::db::{Tx, View};
use crate::error::Result as ShopResult;
use crate::language::Language;
use crate::settings::{self, Setting};
use crate::{shop, staff};

/// A setting.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct SettingBody {
    key: &'static str,
    /// The setting's present value.
    #[cfg_attr(test, schema(value_type = schemas::AnyValue))]
    value: Value,
    /// The setting's default value.
    #[cfg_attr(test, schema(value_type = schemas::AnyValue))]
    default: Value,
    /// The purpose of the setting.
    about: String,
}

impl SettingBody {
    fn of(view: &View<'_>, setting: &'static Setting) -> ShopResult<Self> {
        let about = Language::En.text(&format!("setting.about.{}", setting.key), &[]);
        Ok(Self {
            key: setting.key,
            value: setting.value(view)?,
            default: setting.default(shop::language(view)?),
            about,
        })
    }
}

/// Every setting.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct SettingsBody {
    /// The settings in the order of the manual.
    items: Vec<SettingBody>,
}

fn all(view: &View<'_>) -> ShopResult<SettingsBody> {
    let items = settings::ALL.iter().map(|setting| SettingBody::of(view, setting)).collect::<ShopResult<_>>()?;
    Ok(SettingsBody { items })
}

/// List settings
#[cfg_attr(test, utoipa::path(get, path = "/settings", tag = "settings",
    responses((status = 200, description = "All settings", body = SettingsBody))))]
pub(super) async fn list(ask: Authorized) -> Result<Response, Problem> {
    ask.read(|view, _| all(view)).await
}

/// Show a setting
#[cfg_attr(test, utoipa::path(get, path = "/settings/{key}", tag = "settings",
    params(("key" = String, Path, min_length = 1, max_length = 64, description = "The key", example = "birthday_hour")),
    responses((status = 200, description = "The setting", body = SettingBody))))]
pub(super) async fn one(ask: Authorized, key: Name) -> Result<Response, Problem> {
    ask.read(move |view, _| SettingBody::of(view, settings::get_by_key(&key.0)?)).await
}

/// Change several settings, all or none
///
/// A value that a setting has already changes nothing. Admins of the group `settings` are notified of each change.
#[cfg_attr(test, utoipa::path(patch, path = "/settings", tag = "settings", request_body = Changes,
    responses((status = 200, description = "Settings changed", body = SettingsBody))))]
pub(super) async fn edit(ask: Authorized, body: Body<Changes>) -> Result<Response, Problem> {
    ask.write(move |tx, caller| {
        let mut changes: Vec<&(String, Value)> = body.value.0.iter().collect();
        changes.sort_by_key(|(key, value)| turn(key, value));
        for (key, value) in changes {
            put(tx, key, value, caller)?;
        }
        all(tx)
    })
    .await
}

/// The turn of a change among those of one request, whatever their order there. A change of the channel clears the link
/// to the old channel, so a new link is set after the channel. Copies are switched on after their key is set, and off
/// before it is unset.
fn turn(key: &str, value: &Value) -> u8 {
    match key {
        key if key == settings::BACKUP_TO_TELEGRAM.key && value == false => 0,
        key if key == settings::BACKUP_RECIPIENT.key || key == settings::TELEGRAM_CHANNEL_ID.key => 1,
        _ => 2,
    }
}

/// The new value of a setting.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct NewValue {
    /// A value of the type that `PATCH /settings` names for this key.
    #[cfg_attr(test, schema(value_type = schemas::AnyValue, example = 10))]
    value: Value,
}

/// Change a setting
///
/// The value that the setting has already changes nothing. Admins of the group `settings` are notified of a change.
#[cfg_attr(test, utoipa::path(put, path = "/settings/{key}", tag = "settings", request_body = NewValue,
    params(("key" = String, Path, min_length = 1, max_length = 64, description = "The key", example = "birthday_hour")),
    responses((status = 200, description = "Setting changed", body = SettingBody))))]
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

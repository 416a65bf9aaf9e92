//! Changes of settings by an owner: `settings` makes the change; this module tells the admins the old and the new
//! value.

use serde_json::Value;

use super::{Group, Owner, tell_admins};
use crate::db::Tx;
use crate::error::Result;
use crate::realm::Realm;
use crate::settings::{self, Setting, SettingChange};

/// Changes a setting and tells the admins the old and the new value.
///
/// # Errors
/// `SETTING_INVALID_VALUE`; `TEMPLATE_NOT_FOUND` for a default template that does not exist or is of another event.
pub fn change_setting(tx: &Tx<'_>, setting: &'static Setting, typed: &str, by: &Owner) -> Result<SettingChange> {
    let change = settings::set(tx, setting, typed, by.actor())?;
    tell_of_setting(tx, &change, by)?;
    Ok(change)
}

/// Changes a setting as [`change_setting`] does, from a JSON value of the setting's own type.
///
/// # Errors
/// `SETTING_INVALID_VALUE`; `TEMPLATE_NOT_FOUND` for a default template that does not exist or is of another event.
pub fn put_setting(tx: &Tx<'_>, setting: &'static Setting, value: &Value, by: &Owner) -> Result<SettingChange> {
    let change = settings::set_json(tx, setting, value, by.actor())?;
    tell_of_setting(tx, &change, by)?;
    Ok(change)
}

/// Restores a setting's default and tells the admins the old and the new value.
pub fn unset_setting(tx: &Tx<'_>, setting: &'static Setting, by: &Owner) -> Result<SettingChange> {
    let change = settings::unset(tx, setting, by.actor())?;
    tell_of_setting(tx, &change, by)?;
    Ok(change)
}

fn tell_of_setting(tx: &Tx<'_>, change: &SettingChange, by: &Owner) -> Result<()> {
    if change.before != change.after {
        let (before, after, actor) = (plain(&change.before), plain(&change.after), by.actor().to_string());
        let values = [("setting", change.key), ("before", &*before), ("after", &*after), ("actor", &*actor)];
        tell_admins(tx, Realm::Real, Group::Settings, "notice_setting", &values, None)?;
        if let Some(link) = &change.dropped_link {
            let none = plain(&Value::Null);
            let values =
                [("setting", settings::CHANNEL_URL.key), ("before", &**link), ("after", &*none), ("actor", &*actor)];
            tell_admins(tx, Realm::Real, Group::Settings, "notice_setting", &values, None)?;
        }
    }
    Ok(())
}

/// A setting's value as text for a message: no quotes; a list with commas; a dash for an empty value.
fn plain(value: &Value) -> String {
    let said = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    if said.is_empty() { "\u{2014}".to_owned() } else { said }
}

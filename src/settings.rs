//! The shop's settings: typed, range-checked, changed at run time. A setting that was never changed has no row. A read
//! is one cached statement in the caller's transaction, so the next use-case sees a change. The functions here do not
//! tell the admins of a change; `staff::change_setting`, `staff::put_setting` and `staff::unset_setting` do.

mod channel;

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use crate::actor::Actor;
use crate::audit;
use crate::db::{Tx, View};
use crate::encrypted_archive::AgeRecipient;
use crate::error::{Refusal, Result};
use crate::language::Language;
use crate::shop;
use crate::telegram::judge;

pub use channel::{ChannelInfo, channel_link, channel_to_ask_about, last_report, leads_elsewhere, remember_channel};

const FIND: &str = "SELECT value FROM settings WHERE key = :key";
const TEMPLATES_OF_EVENT: &str = "SELECT id, name FROM discount_templates WHERE event = :event ORDER BY id";
const PUT: &str = "INSERT INTO settings (key, value, updated_at, updated_by) VALUES (:key, :value, :at, :by)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by";

/// The most words in a setting that is a list.
pub const MOST_WORDS: usize = 50;
/// The most characters in a word of a setting that is a list.
pub const LONGEST_WORD: usize = 48;
/// The most characters in a setting that is a link.
pub const LONGEST_LINK: usize = 256;

/// The rule for a setting's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A whole number within this range, both ends included.
    Int(i64, i64),
    /// `true` or `false`.
    Bool,
    /// Text of at most this many characters; empty text unsets the setting.
    Text(usize),
    /// A channel: `@name`, or a numeric chat id below zero; empty text unsets the setting.
    Channel,
    /// An https link; empty text unsets the setting.
    Link,
    /// The row id of a template of the event with this word (`discount::template::Event`); empty text unsets the
    /// setting.
    Template(&'static str),
    /// A JSON list of at most [`MOST_WORDS`] words.
    Words,
    /// The public half of an age key, `age1…`; empty text unsets the setting.
    Recipient,
}

/// One setting: its key, rule and default.
#[derive(Debug)]
pub struct Setting {
    /// The setting's key, as used by bots, API and commands.
    pub key: &'static str,
    /// The rule for the setting's value.
    pub rule: Rule,
    default: Default,
}

/// The default of a setting.
#[derive(Debug, Clone, Copy)]
enum Default {
    /// A JSON value.
    Json(&'static str),
    /// A word in the language of the bots: its key in the catalogue.
    Word(&'static str),
}

macro_rules! settings {
    (@default $json:literal) => { Default::Json($json) };
    (@default (word $key:literal)) => { Default::Word($key) };
    ($($(#[$doc:meta])* $name:ident = $key:literal, $rule:expr, $default:tt;)+) => {
        $($(#[$doc])* pub const $name: Setting =
            Setting { key: $key, rule: $rule, default: settings!(@default $default) };)+
        /// Every setting, in the order lists show them.
        pub const ALL: &[Setting] = &[$($name),+];
    };
}

settings! {
    /// The channel whose subscribers get the subscription gift.
    TELEGRAM_CHANNEL_ID = "telegram_channel_id", Rule::Channel, "\"\"";
    /// The link of the button «Перейти в канал»; empty = derived from a public `telegram_channel_id`.
    CHANNEL_URL = "channel_url", Rule::Link, "\"\"";
    /// The shop's hour at which birthday gifts are given.
    BIRTHDAY_HOUR = "birthday_hour", Rule::Int(0, 23), "9";
    /// The shop's hour at which reminders are sent.
    REMINDER_HOUR = "reminder_hour", Rule::Int(0, 23), "11";
    /// The shop's hour of the weekly report. The report is sent on Monday, when the week is over.
    REPORT_HOUR = "report_hour", Rule::Int(0, 23), "10";
    /// The shop's hour of the daily backup.
    BACKUP_HOUR = "backup_hour", Rule::Int(0, 23), "3";
    /// Whether every owner gets an encrypted copy of the daily backup in the chat with the staff bot.
    BACKUP_TO_TELEGRAM = "backup_to_telegram", Rule::Bool, "false";
    /// For whom the copies are encrypted: the public half of the key that `backup key` shows.
    BACKUP_RECIPIENT = "backup_recipient", Rule::Recipient, "\"\"";
    /// The shop's hour of the daily cleanup.
    CLEANUP_HOUR = "cleanup_hour", Rule::Int(0, 23), "4";
    /// The most broadcast messages a minute.
    RATE_LIMIT_PER_MINUTE = "rate_limit_per_minute", Rule::Int(1, 60_000), "25";
    /// The most broadcast messages an hour; 0 = no limit per hour.
    RATE_LIMIT_PER_HOUR = "rate_limit_per_hour", Rule::Int(0, 3_600_000), "0";
    /// Whether the shop pays Stars to exceed the free rate (0.1 Star a message above 30 a second).
    PAID_BROADCASTS = "paid_broadcasts", Rule::Bool, "false";
    /// How many recipients of a broadcast one batch claims.
    BROADCAST_BATCH_SIZE = "broadcast_batch_size", Rule::Int(1, 1000), "30";
    /// Whether admins may broadcast from their chat with the customer bot.
    AUTO_BROADCAST_FROM_ADMINS = "auto_broadcast_from_admins", Rule::Bool, "false";
    /// The prefix shown before every code, never stored with it.
    CODE_PREFIX = "code_prefix", Rule::Text(12), "\"\"";
    /// The template of the subscription gift; unset = the only active template of the event `subscription`.
    DEFAULT_SUBSCRIPTION_TEMPLATE = "default_subscription_template_id", Rule::Template("subscription"), "null";
    /// The template of the birthday gift; unset = the only active template of the event `birthday`.
    DEFAULT_BIRTHDAY_TEMPLATE = "default_birthday_template_id", Rule::Template("birthday"), "null";
    /// For how many seconds a proven subscription is trusted before Telegram is asked again.
    SUBSCRIPTION_CACHE_SECONDS = "subscription_cache_seconds", Rule::Int(0, 86_400), "60";
    /// How long attempts, audit entries and subscription checks are kept, in days.
    LOG_RETENTION_DAYS = "log_retention_days", Rule::Int(30, 3650), "365";
    /// A broadcast whose planned time is more than this many minutes ago is paused instead of started; so is a
    /// broadcast under way after its sender stood still for longer.
    MAX_LATENESS_MINUTES = "max_lateness_minutes", Rule::Int(1, 10_080), "120";
    /// Sources of customers that the completion of commands in a shell suggests.
    SOURCES = "sources", Rule::Words, "[]";
    /// The shop's contact in the texts for customers, e.g. a phone or a username.
    SUPPORT_CONTACT = "support_contact", Rule::Text(128), "\"\"";
    /// The value of `{{first_name}}` for a customer without a name.
    FIRST_NAME_FALLBACK = "first_name_fallback", Rule::Text(64), (word "seeded.first_name_fallback");
}

/// The value of a setting before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    /// The former `channel_url`, if it was unset because the channel changed.
    pub dropped_link: Option<String>,
    /// The setting's key.
    pub key: &'static str,
    /// The setting's value before the change.
    pub before: Value,
    /// The setting's value after the change.
    pub after: Value,
}

impl Setting {
    /// The setting's value when it has no row, in a shop whose bots speak `language`.
    #[must_use]
    pub fn default(&self, language: Language) -> Value {
        match self.default {
            Default::Json(json) => serde_json::from_str(json).unwrap_or(Value::Null),
            Default::Word(key) => json!(language.text(key, &[])),
        }
    }

    /// The setting's present value as JSON. A stored word that is the default of another language counts as the default.
    pub fn value(&self, view: &View<'_>) -> Result<Value> {
        let stored: Option<String> = view.find(FIND, &[(":key", self.key)], |row| row.get(0))?;
        let stored = stored.and_then(|text| serde_json::from_str(&text).ok());
        match (stored, self.default) {
            (Some(value), Default::Json(_)) => Ok(value),
            (Some(value), Default::Word(_)) if !Language::ALL.map(|other| self.default(other)).contains(&value) => {
                Ok(value)
            }
            _ => Ok(self.default(shop::language(view)?)),
        }
    }

    /// The present value of a whole-number setting; 0 for a setting of another type.
    pub fn int(&self, view: &View<'_>) -> Result<i64> {
        Ok(self.value(view)?.as_i64().unwrap_or_default())
    }

    /// The present value of a text setting; `None` when unset.
    pub fn text(&self, view: &View<'_>) -> Result<Option<String>> {
        Ok(self.value(view)?.as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned))
    }

    /// The present value of a text setting; its default when unset or empty.
    pub fn text_or_default(&self, view: &View<'_>) -> Result<String> {
        if let Some(text) = self.text(view)? {
            return Ok(text);
        }
        Ok(self.default(shop::language(view)?).as_str().unwrap_or_default().to_owned())
    }

    /// The present value of a setting that is a list of words.
    pub fn words(&self, view: &View<'_>) -> Result<Vec<String>> {
        let value = self.value(view)?;
        let words = value.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(words.iter().filter_map(|word| word.as_str().map(ToOwned::to_owned)).collect())
    }

    /// The present value of a yes-or-no setting; `false` for a setting of another type.
    pub fn is_on(&self, view: &View<'_>) -> Result<bool> {
        Ok(self.value(view)?.as_bool().unwrap_or_default())
    }

    /// Reads a value that a person entered, by this setting's rule.
    ///
    /// # Errors
    /// `SETTING_INVALID_VALUE` naming the rule.
    pub fn parse(&self, typed: &str) -> Result<Value> {
        Ok(self.read(typed.trim()).ok_or_else(|| self.broken())?)
    }

    /// Reads a JSON value of this setting's own type: a number is not accepted as text, nor `"true"` as a boolean.
    ///
    /// # Errors
    /// `SETTING_INVALID_VALUE` naming the rule.
    pub fn accept(&self, value: &Value) -> Result<Value> {
        let typed = match (self.rule, value) {
            // JSON has one type of number, so 9.0 is the whole number 9.
            (Rule::Int(..) | Rule::Template(_), Value::Number(number)) => {
                let text = number.to_string();
                Some(text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned))
            }
            (Rule::Bool, Value::Bool(_)) => Some(value.to_string()),
            (Rule::Words, Value::Array(items)) if items.iter().all(Value::is_string) => Some(value.to_string()),
            (Rule::Template(_), Value::Null) => Some(String::new()),
            (Rule::Text(most), Value::String(text)) if text.chars().count() <= most => Some(text.trim().to_owned()),
            (Rule::Channel, Value::String(text)) if text.is_empty() || text.starts_with(['@', '-']) => {
                Some(text.clone())
            }
            (Rule::Link | Rule::Recipient, Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        Ok(typed.and_then(|typed| self.read(&typed)).ok_or_else(|| self.broken())?)
    }

    fn read(&self, typed: &str) -> Option<Value> {
        let int = |range: RangeInclusive<i64>| {
            typed.parse::<i64>().ok().filter(|number| range.contains(number)).map(Value::from)
        };
        match self.rule {
            Rule::Int(low, high) => int(low..=high),
            Rule::Bool => truth(typed),
            Rule::Text(most) => {
                (typed.chars().count() <= most && !typed.contains(char::is_control)).then(|| json!(typed))
            }
            Rule::Channel => channel(typed),
            Rule::Link => (typed.is_empty() || is_link(typed)).then(|| json!(typed)),
            Rule::Template(_) if typed.is_empty() => Some(Value::Null),
            Rule::Template(_) => int(1..=i64::MAX),
            Rule::Words => words(typed),
            Rule::Recipient => (typed.is_empty() || AgeRecipient::parse(typed).is_some()).then(|| json!(typed)),
        }
    }

    fn broken(&self) -> Refusal {
        let (rule, range) = match self.rule {
            Rule::Int(low, high) => ("setting.rule.int", format!("{low}–{high}")),
            Rule::Bool => ("setting.rule.bool", String::new()),
            Rule::Text(most) => ("setting.rule.text", most.to_string()),
            Rule::Channel => ("setting.rule.channel", String::new()),
            Rule::Link => ("setting.rule.link", String::new()),
            Rule::Template(_) => ("setting.rule.template", String::new()),
            Rule::Words => ("setting.rule.words", String::new()),
            Rule::Recipient => ("setting.rule.recipient", String::new()),
        };
        Refusal::SettingInvalidValue { key: self.key, rule, range }
    }
}

fn truth(typed: &str) -> Option<Value> {
    match typed.to_lowercase().as_str() {
        "true" | "on" | "yes" | "1" | "да" => Some(json!(true)),
        "false" | "off" | "no" | "0" | "нет" => Some(json!(false)),
        _ => None,
    }
}

fn channel(typed: &str) -> Option<Value> {
    let is_name =
        |name: &str| (4..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let name = typed.strip_prefix("https://t.me/").or_else(|| typed.strip_prefix('@')).unwrap_or(typed);
    match typed.parse::<i64>() {
        _ if typed.is_empty() => Some(json!("")),
        Ok(id) => (id < 0 && typed == id.to_string()).then(|| json!(typed)),
        Err(_) => is_name(name).then(|| json!(format!("@{name}"))),
    }
}

fn is_link(typed: &str) -> bool {
    typed.starts_with("https://")
        && typed.chars().count() <= LONGEST_LINK
        && !typed.contains(|sign: char| sign.is_whitespace() || matches!(sign, '"' | '<' | '>'))
        && judge::is_link(typed)
}

fn words(typed: &str) -> Option<Value> {
    let list: Vec<String> = if typed.starts_with('[') {
        serde_json::from_str(typed).ok()?
    } else {
        typed.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
    };
    let is_word = |word: &String| {
        (1..=LONGEST_WORD).contains(&word.chars().count())
            && !word.trim().is_empty()
            && !word.contains(char::is_control)
    };
    (list.len() <= MOST_WORDS && list.iter().all(is_word)).then(|| json!(list))
}

/// The setting with this key.
///
/// # Errors
/// `SETTING_NOT_FOUND` with the existing keys.
pub fn get_by_key(key: &str) -> Result<&'static Setting> {
    let known = || ALL.iter().map(|setting| setting.key).collect();
    let found = ALL.iter().find(|setting| setting.key == key);
    Ok(found.ok_or_else(|| Refusal::SettingNotFound { key: key.to_owned(), known: known() })?)
}

/// Checks that a template exists and is of the event that the setting's rule names. Accepts any value of other
/// settings.
fn check_template(view: &View<'_>, setting: &'static Setting, value: &Value) -> Result<()> {
    let (Rule::Template(event), Some(id)) = (setting.rule, value.as_i64()) else { return Ok(()) };
    let fitting =
        view.list(TEMPLATES_OF_EVENT, &[(":event", &event)], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
    if fitting.iter().any(|(fits, _)| *fits == id) {
        return Ok(());
    }
    let known = fitting.into_iter().map(|(_, name)| name).collect();
    Err(Refusal::TemplateNotFound { name: id.to_string(), known })?
}

/// Checks that copies are never sent without a key that opens them: `backup_to_telegram` cannot be switched on before
/// `backup_recipient` is set, nor `backup_recipient` be unset after. Accepts any value of other settings.
fn check_recipient(view: &View<'_>, setting: &'static Setting, value: &Value) -> Result<()> {
    let rule = if setting.key == BACKUP_TO_TELEGRAM.key && value == true && BACKUP_RECIPIENT.text(view)?.is_none() {
        "setting.rule.needs_recipient"
    } else if setting.key == BACKUP_RECIPIENT.key && value == "" && BACKUP_TO_TELEGRAM.is_on(view)? {
        "setting.rule.recipient_in_use"
    } else {
        return Ok(());
    };
    Err(Refusal::SettingInvalidValue { key: setting.key, rule, range: String::new() })?
}

/// Stores a setting's new value, audited. Setting the present value again changes nothing and is not audited.
///
/// # Errors
/// `SETTING_INVALID_VALUE`; `TEMPLATE_NOT_FOUND` for a default template that does not exist or is of another event.
pub fn set(tx: &Tx<'_>, setting: &'static Setting, typed: &str, by: &Actor) -> Result<SettingChange> {
    put(tx, setting, setting.parse(typed)?, by)
}

/// Stores a setting's new value as [`set`] does, from a JSON value of the setting's own type.
///
/// # Errors
/// `SETTING_INVALID_VALUE`; `TEMPLATE_NOT_FOUND` for a default template that does not exist or is of another event.
pub fn set_json(tx: &Tx<'_>, setting: &'static Setting, value: &Value, by: &Actor) -> Result<SettingChange> {
    put(tx, setting, setting.accept(value)?, by)
}

/// Restores a setting's default, audited. Writes nothing when the setting has its default already.
pub fn unset(tx: &Tx<'_>, setting: &'static Setting, by: &Actor) -> Result<SettingChange> {
    put(tx, setting, setting.default(shop::language(tx)?), by)
}

fn put(tx: &Tx<'_>, setting: &'static Setting, after: Value, by: &Actor) -> Result<SettingChange> {
    let mut change = SettingChange { dropped_link: None, key: setting.key, before: setting.value(tx)?, after };
    if change.before == change.after {
        return Ok(change);
    }
    check_template(tx, setting, &change.after)?;
    check_recipient(tx, setting, &change.after)?;
    tx.change(
        PUT,
        rusqlite::named_params! {
            ":key": setting.key,
            ":value": change.after.to_string(),
            ":at": tx.now(),
            ":by": by.to_string(),
        },
    )?;
    audit::record(
        tx,
        &audit::Entry {
            actor: by,
            action: "update_setting",
            entity: "setting",
            entity_id: setting.key.to_owned(),
            before: change.before.clone(),
            after: change.after.clone(),
        },
    )?;
    change.dropped_link = drop_link(tx, &change, by)?;
    Ok(change)
}

/// Unsets `channel_url` when the channel changes, because the link leads to the former channel. Returns the unset link.
fn drop_link(tx: &Tx<'_>, change: &SettingChange, by: &Actor) -> Result<Option<String>> {
    let is_another = change.key == TELEGRAM_CHANNEL_ID.key && change.before != json!("");
    let link = if is_another { CHANNEL_URL.text(tx)? } else { None };
    if link.is_some() {
        unset(tx, &CHANNEL_URL, by)?;
    }
    Ok(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_obeys_its_own_rule() {
        for setting in ALL {
            for default in Language::ALL.map(|language| setting.default(language)) {
                let typed = match &default {
                    Value::String(text) => text.clone(),
                    Value::Null => String::new(),
                    other => other.to_string(),
                };
                assert_eq!(setting.parse(&typed).unwrap(), default, "{}", setting.key);
            }
        }
    }

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        for (setting, typed) in [
            (&BIRTHDAY_HOUR, "24"),
            (&RATE_LIMIT_PER_MINUTE, "0"),
            (&TELEGRAM_CHANNEL_ID, "@a b"),
            (&TELEGRAM_CHANNEL_ID, "12"),
            (&CHANNEL_URL, "javascript:x"),
            (&CHANNEL_URL, "https://t.me:99999/x"),
            (&CHANNEL_URL, "https://dvorik"),
            (&AUTO_BROADCAST_FROM_ADMINS, "maybe"),
            (&CODE_PREFIX, "слишком-длинный"),
            (&BACKUP_RECIPIENT, "age1"),
            (&BACKUP_RECIPIENT, "AGE-SECRET-KEY-1"),
        ] {
            let refused = setting.parse(typed).unwrap_err();
            assert!(
                matches!(refused, crate::error::Error::Refused(Refusal::SettingInvalidValue { key, .. }) if key == setting.key)
            );
        }
    }

    #[test]
    fn a_value_that_comes_as_json_is_of_its_own_type() {
        for setting in ALL {
            let default = setting.default(Language::Ru);
            assert_eq!(setting.accept(&default).unwrap(), default, "{}", setting.key);
        }
        for (setting, value) in [
            (&BIRTHDAY_HOUR, json!("9")),
            (&BIRTHDAY_HOUR, json!(9.5)),
            (&BIRTHDAY_HOUR, json!(null)),
            (&AUTO_BROADCAST_FROM_ADMINS, json!("true")),
            (&AUTO_BROADCAST_FROM_ADMINS, json!(1)),
            (&CODE_PREFIX, json!(7)),
            (&CODE_PREFIX, json!("a\u{0}b")),
            (&TELEGRAM_CHANNEL_ID, json!(-100)),
            (&TELEGRAM_CHANNEL_ID, json!("dvorik_shop")),
            (&TELEGRAM_CHANNEL_ID, json!("@@dvorik_shop")),
            (&TELEGRAM_CHANNEL_ID, json!("-007")),
            (&CHANNEL_URL, json!(" https://t.me/dvorik")),
            (&SOURCES, json!("a,b")),
            (&SOURCES, json!(["a", 7])),
            (&SOURCES, json!(["  "])),
            (&DEFAULT_BIRTHDAY_TEMPLATE, json!(0)),
            (&DEFAULT_BIRTHDAY_TEMPLATE, json!("1")),
        ] {
            assert!(setting.accept(&value).is_err(), "{} {value}", setting.key);
        }
        assert_eq!(BIRTHDAY_HOUR.accept(&json!(9.0)).unwrap(), json!(9));
        assert_eq!(SOURCES.accept(&json!(["листовка", "vk"])).unwrap(), json!(["листовка", "vk"]));
    }

    #[test]
    fn a_channel_may_be_typed_three_ways() {
        for typed in ["@dvorik_shop", "dvorik_shop", "https://t.me/dvorik_shop"] {
            assert_eq!(TELEGRAM_CHANNEL_ID.parse(typed).unwrap(), json!("@dvorik_shop"));
        }
        assert_eq!(TELEGRAM_CHANNEL_ID.parse("-1001234567890").unwrap(), json!("-1001234567890"));
    }
}

//! The raw values of the two sources, config file and environment. This file checks only the shape (known key, right
//! type); `check` decides which values are allowed.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::document::Document;
use super::environment::Environment;
use super::error::{ConfigError, KeyPlace};
use super::keys::{KEYS, KeyType, find, variable};
use crate::language::{Sentence, closest};

/// A config value of the right type. No `Debug`: it may be a secret.
#[derive(Clone)]
pub(super) enum KeyValue {
    Text(String),
    Integer(i64),
    List(Vec<(String, KeyPlace)>),
}

impl KeyValue {
    /// The value in the form that it has in a config file.
    pub(super) fn to_toml(&self) -> toml::Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Integer(number) => (*number).into(),
            Self::List(items) => items.iter().map(|(item, _)| item.as_str()).collect::<Vec<_>>().into(),
        }
    }
}

/// A config value and where it was set.
#[derive(Clone)]
pub(super) struct Raw {
    pub(super) value: KeyValue,
    pub(super) place: KeyPlace,
}

/// The config values that one source sets, by key.
pub(super) type Layer = BTreeMap<&'static str, Raw>;

/// The values that a config file sets; an unknown key or a wrong type is reported.
pub(super) fn of_file(document: &Document, errors: &mut Vec<ConfigError>) -> Layer {
    let (table, syntax) = DeTable::parse_recoverable(document.text());
    if syntax.is_empty() {
        let mut walk = Walk { document, layer: Layer::new(), errors };
        walk.table("", table.get_ref());
        return walk.layer;
    }
    // What a parser recovers after a fault is guesswork: only the faults are reported.
    errors.extend(syntax.iter().map(|error| document.syntax_error(error)));
    Layer::new()
}

struct Walk<'a> {
    document: &'a Document,
    layer: Layer,
    errors: &'a mut Vec<ConfigError>,
}

impl Walk<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in entries {
            let key = format!("{prefix}{}", name.get_ref());
            let section = format!("{key}.");
            if let Some((key, kind)) = find(&key) {
                self.value(key, kind, value);
            } else if !KEYS.iter().any(|(known, _)| known.starts_with(&section)) {
                let place = self.document.place(name.span().start);
                self.errors.push(unknown_key(place, prefix, name.get_ref()));
            } else if let DeValue::Table(inner) = value.get_ref() {
                self.table(&section, inner);
            } else {
                let place = self.document.place(value.span().start);
                let reason = Sentence::new("config.reason.section").with("section", &key);
                self.errors.push(ConfigError::new(place, key, reason));
            }
        }
    }

    fn value(&mut self, key: &'static str, kind: KeyType, found: &toml::Spanned<DeValue<'_>>) {
        let place = self.document.place(found.span().start);
        match self.typed(kind, found) {
            Ok(value) => drop(self.layer.insert(key, Raw { value, place })),
            Err(reason) => self.errors.push(ConfigError::new(place, key, reason)),
        }
    }

    fn typed(&self, kind: KeyType, found: &toml::Spanned<DeValue<'_>>) -> Result<KeyValue, Sentence> {
        let wrong = |expected| Sentence::new(expected).with("found", found.get_ref().type_str());
        match (kind, found.get_ref()) {
            (KeyType::Text, DeValue::String(text)) => Ok(KeyValue::Text(text.clone().into_owned())),
            (KeyType::Integer, DeValue::Integer(number)) => i64::from_str_radix(number.as_str(), number.radix())
                .map(KeyValue::Integer)
                .map_err(|_| Sentence::new("config.reason.number_too_large")),
            (KeyType::List, DeValue::Array(items)) => {
                items.iter().map(|item| self.item(item)).collect::<Result<_, _>>().map(KeyValue::List)
            }
            (KeyType::Text, _) => Err(wrong("config.reason.not_text")),
            (KeyType::Integer, _) => Err(wrong("config.reason.not_integer")),
            (KeyType::List, _) => Err(wrong("config.reason.not_list")),
        }
    }

    fn item(&self, item: &toml::Spanned<DeValue<'_>>) -> Result<(String, KeyPlace), Sentence> {
        let text = item.get_ref().as_str().map(|text| (text.to_owned(), self.document.place(item.span().start)));
        text.ok_or_else(|| Sentence::new("config.reason.not_list").with("found", item.get_ref().type_str()))
    }
}

fn unknown_key(place: KeyPlace, prefix: &str, name: &str) -> ConfigError {
    let hint = suggestion(prefix, name).map(|known| Sentence::new("suggest.maybe").with("word", known));
    let shown = if is_harmless(name) { format!("{prefix}{name}") } else { format!("{prefix}…") };
    ConfigError::new(place, shown, Sentence::new("config.reason.unknown_key")).hint(hint)
}

/// The known key that was probably meant: one of the same section with a similar spelling, else one with the same name
/// in another section.
fn suggestion(prefix: &str, name: &str) -> Option<String> {
    let neighbours = KEYS.iter().filter_map(|(known, _)| known.strip_prefix(prefix)?.split('.').next());
    let near = closest(name, neighbours).map(|near| format!("{prefix}{near}"));
    let elsewhere = || KEYS.iter().find(|(known, _)| known.rsplit('.').next() == Some(name));
    near.or_else(|| elsewhere().map(|(known, _)| (*known).to_owned()))
}

/// Whether an error message may repeat this unknown name. A long name, or one with many digits, may be a token that was
/// pasted in the place of a key.
fn is_harmless(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.len() <= 30 && digits <= 2 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// The values that the environment sets. `DVORIK_` variables that are not keys are reported when they contain `__` or
/// look like a misspelt key; others (`DVORIK_CONFIG`, `DVORIK_TEST_…`, a script's own) are ignored.
pub(super) fn of_environment(env: &Environment, errors: &mut Vec<ConfigError>) -> Layer {
    let mut layer = Layer::new();
    for (name, value) in env.own() {
        let Some((key, kind)) = KEYS.iter().copied().find(|(key, _)| variable(key) == name) else {
            errors.extend(unknown_variable(name));
            continue;
        };
        let place = KeyPlace::Variable(name.to_owned());
        match value
            .ok_or_else(|| Sentence::new("config.reason.not_utf8"))
            .and_then(|text| from_text(kind, text, &place))
        {
            Ok(value) => drop(layer.insert(key, Raw { value, place })),
            Err(reason) => errors.push(ConfigError::new(place, key, reason)),
        }
    }
    layer
}

fn from_text(kind: KeyType, text: &str, place: &KeyPlace) -> Result<KeyValue, Sentence> {
    match kind {
        KeyType::Text => Ok(KeyValue::Text(text.to_owned())),
        KeyType::Integer => {
            text.trim().parse().map(KeyValue::Integer).map_err(|_| Sentence::new("config.reason.not_number"))
        }
        KeyType::List => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(KeyValue::List(items.map(|item| (item.to_owned(), place.clone())).collect()))
        }
    }
}

fn unknown_variable(name: &str) -> Option<ConfigError> {
    if name == "DVORIK_CONFIG" || name.starts_with("DVORIK_TEST_") {
        return None;
    }
    let known: Vec<String> = KEYS.iter().map(|(key, _)| variable(key)).collect();
    let flat = name.replace("__", "_").to_uppercase();
    let same = known.iter().find(|known| known.replace("__", "_") == flat).map(String::as_str);
    let body = |name: &str| name.trim_start_matches("DVORIK_").to_owned();
    let bodies: Vec<String> = known.iter().map(|name| body(name)).collect();
    let near = closest(&body(name), bodies.iter().map(String::as_str)).map(|near| format!("DVORIK_{near}"));
    let meant = same.map(str::to_owned).or(near);
    if meant.is_none() && !name.contains("__") {
        return None;
    }
    let shown = if name.len() <= 60 { name.to_owned() } else { String::from("DVORIK_…") };
    let hint = meant.map(|meant| Sentence::new("suggest.maybe").with("word", meant));
    Some(ConfigError::whole(KeyPlace::Variable(shown), Sentence::new("config.reason.unknown_variable")).hint(hint))
}

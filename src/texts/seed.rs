//! The texts as the program ships them: one file per language, with the same keys, placeholders and kinds.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::ids::words;
use crate::language::Language;

const RU: &str = include_str!("seed.ru.toml");
const EN: &str = include_str!("seed.en.toml");

/// A text as the program ships it: an entry of `seed.ru.toml` or `seed.en.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// The text's title in lists.
    pub title: String,
    /// The text's body: Telegram HTML with placeholders.
    pub body: String,
    /// The placeholders that the text may use besides the shop-wide ones.
    pub vars: Vec<String>,
    /// Where Telegram shows the text.
    #[serde(default)]
    pub kind: Kind,
}

words!(
    /// The kind of a text; Telegram's limits depend on it.
    #[derive(Default)]
    Kind as TextKind {
        /// A message: HTML, 4096 characters.
        #[default]
        Text = "text",
        /// The caption of a picture: HTML, 1024 characters.
        Caption = "caption",
        /// The answer to a pressed button: plain text, 200 characters.
        Alert = "alert",
        /// The caption of a button, or the text that a person may enter instead: plain text, 64 characters.
        Button = "button",
        /// The description of a command: plain text, 256 bytes.
        Command = "command",
    }
);

/// Placeholders that every text may use.
pub const SHOP_WIDE: [&str; 3] = ["shop_name", "support_contact", "channel_link"];

/// Every text that the program ships in `language`, by key.
#[must_use]
pub fn seeds(language: Language) -> &'static BTreeMap<String, Seed> {
    static BOTH: [OnceLock<BTreeMap<String, Seed>>; 2] = [OnceLock::new(), OnceLock::new()];
    let [ru, en] = &BOTH;
    // The files are compiled in and a test parses them, so the fallback is never taken.
    let (seeds, file) = match language {
        Language::Ru => (ru, RU),
        Language::En => (en, EN),
    };
    seeds.get_or_init(|| toml::from_str(file).unwrap_or_default())
}

/// The parts of the texts that are the same in every language: their keys, placeholders and kinds.
pub(super) fn common() -> &'static BTreeMap<String, Seed> {
    seeds(Language::Ru)
}

/// Whether there is a text `key`.
#[must_use]
pub fn exists(key: &str) -> bool {
    common().contains_key(key)
}

/// The placeholders that the text `key` may use, shop-wide ones last; none for an unknown key.
#[must_use]
pub fn placeholders(key: &str) -> Vec<&'static str> {
    let own = common().get(key).map(|seed| seed.vars.iter().map(String::as_str).chain(SHOP_WIDE).collect());
    own.unwrap_or_default()
}

/// Where Telegram shows the text `key`; [`Kind::Text`] for an unknown key.
#[must_use]
pub fn kind(key: &str) -> Kind {
    common().get(key).map(|seed| seed.kind).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{named, template};
    use super::*;

    fn parsed(file: &str) -> BTreeMap<String, Seed> {
        toml::from_str(file).unwrap()
    }

    /// The keys in the order of the file, in which people compare the two files.
    fn keys(file: &str) -> Vec<&str> {
        file.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')).collect()
    }

    #[test]
    fn every_seed_names_only_what_it_may() {
        for file in [RU, EN] {
            let seeds = parsed(file);
            assert!(seeds.len() > 40);
            for (key, seed) in &seeds {
                for name in named(&seed.body) {
                    let known = SHOP_WIDE.contains(&name) || seed.vars.iter().any(|var| var == name);
                    assert!(known, "{key} names {name}");
                }
            }
        }
    }

    #[test]
    fn both_languages_have_the_same_texts_with_the_same_placeholders() {
        assert_eq!(keys(RU), keys(EN));
        let (ru, en) = (parsed(RU), parsed(EN));
        assert_eq!((ru.len(), en.len()), (keys(RU).len(), keys(EN).len()));
        for (key, seed) in &ru {
            let other = &en[key];
            assert_eq!((&seed.vars, seed.kind), (&other.vars, other.kind), "{key}");
            let used = |seed: &Seed| {
                let mut names: Vec<String> = named(&seed.body).map(str::to_owned).collect();
                names.sort();
                names
            };
            assert_eq!(used(seed), used(other), "the placeholders and parts of {key}");
        }
    }

    #[test]
    fn the_english_texts_have_no_russian_letter() {
        let is_russian = |c: char| matches!(c, '\u{400}'..='\u{52f}');
        for (key, seed) in parsed(EN) {
            assert!(!seed.body.contains(is_russian) && !seed.title.contains(is_russian), "{key}");
        }
    }

    #[test]
    fn a_shop_without_a_contact_has_no_gap_in_a_seeded_text() {
        for file in [RU, EN] {
            for (key, seed) in parsed(file) {
                assert!(!template::needs(&seed.body, "support_contact"), "{key}");
            }
        }
    }
}

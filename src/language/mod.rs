//! The texts that the program shows to people: one catalogue per language (`ru.toml`, `en.toml`), dotted keys, `{name}`
//! placeholders, plural forms, and the way numbers, money and times are written. No other module holds such text. Every
//! module may call this one. The bots' texts that the shop may change are rows of `message_templates` in the database,
//! not keys here.

mod catalogue;
mod closest;
mod numbers;
#[cfg(test)]
mod pack;

use std::collections::BTreeMap;
use std::fmt::Display;

pub use catalogue::CatalogueProblem;
pub use closest::closest;

/// A language of the program's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Russian.
    Ru,
    /// English.
    En,
}

/// A text whose language is chosen later: a catalogue key and the values of its placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The text's key in the catalogue.
    pub key: &'static str,
    /// The name and the value of each placeholder.
    pub args: Vec<(&'static str, String)>,
}

impl Sentence {
    /// A sentence without placeholders.
    #[must_use]
    pub const fn new(key: &'static str) -> Self {
        Self { key, args: Vec::new() }
    }

    /// The same sentence with one more placeholder filled.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }

    /// The text of the sentence in `language`.
    #[must_use]
    pub fn say(&self, language: Language) -> String {
        let args: Vec<(&str, &dyn Display)> = self.args.iter().map(|(name, value)| (*name, value as _)).collect();
        language.text(self.key, &args)
    }
}

impl Language {
    /// Both languages, in the order in which error messages list them.
    pub const ALL: [Self; 2] = [Self::Ru, Self::En];

    /// Reads a language code, `ru` or `en`; anything else is `None`.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The language's code, `ru` or `en`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// The text under `key` with `{name}` placeholders replaced. For an unknown key the key itself is returned, and a
    /// placeholder without a value stays as written: a text that is missing in the catalogue must never stop the shop.
    #[must_use]
    pub fn text(self, key: &str, args: &[(&str, &dyn Display)]) -> String {
        let catalogue = catalogue::of(self);
        match catalogue.text(key).or_else(|| catalogue.last_form(key)) {
            Some(text) => catalogue::fill(text, args),
            None => key.to_owned(),
        }
    }

    /// The texts whose keys begin with `prefix`, by the rest of their keys, with their placeholders as written.
    #[must_use]
    pub fn texts_under(self, prefix: &str) -> BTreeMap<&'static str, &'static str> {
        catalogue::of(self).under(prefix)
    }

    /// Whether the catalogue has a text under `key`.
    #[must_use]
    pub fn knows(self, key: &str) -> bool {
        let catalogue = catalogue::of(self);
        catalogue.text(key).or_else(|| catalogue.last_form(key)).is_some()
    }

    /// The form of `key` that goes with the number `n`; `{n}` is filled with `n` as [`Language::number`] writes it.
    #[must_use]
    pub fn plural(self, key: &str, n: i64, args: &[(&str, &dyn Display)]) -> String {
        let Some(text) = catalogue::of(self).form(self, key, n) else { return self.text(key, args) };
        let number = self.number(n);
        let mut all: Vec<(&str, &dyn Display)> = vec![("n", &number)];
        all.extend_from_slice(args);
        catalogue::fill(text, &all)
    }

    /// The faults of the two catalogues: keys, placeholders or plural forms that only one catalogue has, empty texts,
    /// and Russian letters in the English one. Empty when the catalogues agree.
    #[must_use]
    pub fn problems() -> Vec<CatalogueProblem> {
        catalogue::problems()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_catalogues_agree() {
        assert_eq!(Language::problems(), []);
    }

    #[test]
    fn a_number_takes_its_form() {
        let say = |language: Language, n| language.plural("plural.discounts", n, &[]);
        let russian: Vec<String> = [1, 2, 5, 11, 21, 112, 8412].map(|n| say(Language::Ru, n)).into();
        assert_eq!(
            russian,
            ["1 скидка", "2 скидки", "5 скидок", "11 скидок", "21 скидка", "112 скидок", "8\u{a0}412 скидок"]
        );
        assert_eq!(say(Language::En, 1), "1 discount");
        assert_eq!(say(Language::En, 8412), "8,412 discounts");
    }

    #[test]
    fn an_unknown_key_is_answered_with_itself() {
        assert_eq!(Language::Ru.text("no.such.key", &[]), "no.such.key");
        assert_eq!(Language::En.plural("no.such.key", 2, &[]), "no.such.key");
    }
}

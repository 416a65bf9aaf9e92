//! Finding, filling and comparing the texts of the two catalogues (`ru.toml`, `en.toml`), which `build.rs` packs into the
//! program. A TOML table with the key `one` holds the plural forms of one phrase; every other table is a step of the
//! dotted key. Only `language` uses this module.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use super::Language;

const FORMS: [&str; 4] = ["one", "few", "many", "other"];

static RU: Catalogue<'static> = Catalogue {
    text: include_str!(concat!(env!("OUT_DIR"), "/ru.txt")),
    places: include!(concat!(env!("OUT_DIR"), "/ru.rs")),
};
static EN: Catalogue<'static> = Catalogue {
    text: include_str!(concat!(env!("OUT_DIR"), "/en.txt")),
    places: include!(concat!(env!("OUT_DIR"), "/en.rs")),
};

/// The texts of one language, packed as `pack::Packed` says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Catalogue<'a> {
    text: &'a str,
    places: &'a [[u32; 3]],
}

/// The text catalogue of `language`.
pub(super) fn of(language: Language) -> Catalogue<'static> {
    match language {
        Language::Ru => RU,
        Language::En => EN,
    }
}

impl<'a> Catalogue<'a> {
    /// The text under `key`; none if the key is unknown or is that of a counted phrase.
    pub(super) fn text(self, key: &str) -> Option<&'a str> {
        let found = self.places.binary_search_by(|place| self.key(*place).cmp(key)).ok()?;
        Some(self.value(*self.places.get(found)?))
    }

    /// The text of the counted phrase `key` for the number `n`; a form that the catalogue lacks falls back to
    /// [`Catalogue::last_form`].
    pub(super) fn form(self, language: Language, key: &str, n: i64) -> Option<&'a str> {
        self.text(&format!("{key}.{}", form(language, n))).or_else(|| self.last_form(key))
    }

    /// The text of the counted phrase `key` without a number: the last of `one`, `few`, `many`, `other` that it has.
    /// None if `key` is not a counted phrase: each of them has the form `one`.
    pub(super) fn last_form(self, key: &str) -> Option<&'a str> {
        let one = self.text(&format!("{key}.one"))?;
        Some(FORMS.iter().rev().find_map(|form| self.text(&format!("{key}.{form}"))).unwrap_or(one))
    }

    fn key(self, [start, end, _]: [u32; 3]) -> &'a str {
        self.part(start, end)
    }

    fn value(self, [_, start, end]: [u32; 3]) -> &'a str {
        self.part(start, end)
    }

    fn part(self, start: u32, end: u32) -> &'a str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The texts whose keys begin with `prefix`, by the rest of their keys.
    pub(super) fn under(self, prefix: &str) -> BTreeMap<&'a str, &'a str> {
        let all = self.places.iter().map(|place| (self.key(*place), self.value(*place)));
        all.filter_map(|(key, text)| Some((key.strip_prefix(prefix)?, text))).collect()
    }

    /// The entries by key: one text each, or the plural forms of one counted phrase.
    fn entries(self) -> BTreeMap<&'a str, CatalogueEntry<'a>> {
        let mut entries = BTreeMap::new();
        for place in self.places {
            let (key, text) = (self.key(*place), self.value(*place));
            match key.rsplit_once('.') {
                Some((phrase, form)) if FORMS.contains(&form) && self.last_form(phrase).is_some() => {
                    match entries.entry(phrase).or_default() {
                        CatalogueEntry::Plural(forms) => drop(forms.insert(form, text)),
                        CatalogueEntry::Text(_) => {}
                    }
                }
                _ => drop(entries.insert(key, CatalogueEntry::Text(text))),
            }
        }
        entries
    }
}

/// One entry of a text catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
enum CatalogueEntry<'a> {
    Text(&'a str),
    /// The plural forms of one counted phrase: the form's name (`one`, `few`, `many`, `other`) and its text.
    Plural(BTreeMap<&'a str, &'a str>),
}

impl Default for CatalogueEntry<'_> {
    fn default() -> Self {
        Self::Plural(BTreeMap::new())
    }
}

/// The name of the plural form for `n`, by CLDR's rules for whole numbers.
fn form(language: Language, n: i64) -> &'static str {
    let (tens, ones) = (n.unsigned_abs() % 100, n.unsigned_abs() % 10);
    match language {
        Language::En if n == 1 => "one",
        Language::En => "other",
        Language::Ru if ones == 1 && tens != 11 => "one",
        Language::Ru if (2..=4).contains(&ones) && !(12..=14).contains(&tens) => "few",
        Language::Ru => "many",
    }
}

/// A piece of a text of the catalogue.
enum Piece<'a> {
    Literal(&'a str),
    Placeholder(&'a str),
}

/// Cuts a text at its `{name}` placeholders. `{{name}}`, which bot texts use, is literal text here.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, tail) = rest.split_at(start);
        let close = if tail.starts_with("{{") { "}}" } else { "}" };
        let Some(end) = tail.find(close) else { break };
        let (inside, after) = tail.split_at(end + close.len());
        found.push(Piece::Literal(before));
        found.push(match inside.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(name) if is_name(name) => Piece::Placeholder(name),
            _ => Piece::Literal(inside),
        });
        rest = after;
    }
    found.push(Piece::Literal(rest));
    found
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Replaces the placeholders that `args` names; other placeholders stay as written.
pub(super) fn fill(text: &str, args: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Literal(literal) => filled.push_str(literal),
            Piece::Placeholder(name) => {
                let given = args.iter().find(|(given, _)| *given == name);
                let value = given.map_or_else(|| format!("{{{name}}}"), |(_, value)| value.to_string());
                filled.push_str(&within_quotes(&filled, value));
            }
        }
    }
    filled
}

/// `value` as it is inserted after the text `before`. Directly after an opening quotation mark, quotation marks in the
/// value are replaced by another form, so that a reader sees where the value ends.
fn within_quotes(before: &str, value: String) -> String {
    match before.chars().last() {
        Some('«') => value.replace('«', "„").replace('»', "“"),
        Some('"') => value.replace('"', "'"),
        _ => value,
    }
}

/// One difference between the two text catalogues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueProblem {
    /// The key at which the catalogues differ.
    pub key: String,
    /// What is wrong with the entry, in English.
    pub what: &'static str,
}

impl Display for CatalogueProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.what)
    }
}

pub(super) fn problems() -> Vec<CatalogueProblem> {
    compare(RU, EN)
}

fn compare(ru: Catalogue<'_>, en: Catalogue<'_>) -> Vec<CatalogueProblem> {
    let (ru, en) = (ru.entries(), en.entries());
    let keys: BTreeSet<&str> = ru.keys().chain(en.keys()).copied().collect();
    let mut found = Vec::new();
    if keys.is_empty() {
        found.push(CatalogueProblem { key: String::from("*"), what: "the catalogues are empty" });
    }
    for key in keys {
        let wrong = match (ru.get(key), en.get(key)) {
            (None, _) => Some("missing in ru"),
            (_, None) => Some("missing in en"),
            (Some(ru), Some(en)) => difference(ru, en),
        };
        found.extend(wrong.map(|what| CatalogueProblem { key: key.to_owned(), what }));
    }
    found
}

fn difference(ru: &CatalogueEntry<'_>, en: &CatalogueEntry<'_>) -> Option<&'static str> {
    let (ru_texts, en_texts) = (texts(ru), texts(en));
    if en_texts.iter().any(|text| text.chars().any(|letter| matches!(letter, '\u{400}'..='\u{52f}'))) {
        return Some("Cyrillic letters in en");
    }
    if ru_texts.iter().chain(&en_texts).any(|text| text.trim().is_empty()) {
        return Some("an empty text");
    }
    match (ru, en) {
        (CatalogueEntry::Text(ru), CatalogueEntry::Text(en)) if placeholders(ru) == placeholders(en) => None,
        (CatalogueEntry::Text(_), CatalogueEntry::Text(_)) => Some("placeholders differ"),
        (CatalogueEntry::Plural(ru), CatalogueEntry::Plural(en)) => plural_difference(ru, en),
        _ => Some("counted in one language only"),
    }
}

fn plural_difference(ru: &BTreeMap<&str, &str>, en: &BTreeMap<&str, &str>) -> Option<&'static str> {
    if !ru.keys().copied().eq(["few", "many", "one"]) {
        return Some("ru needs exactly one, few, many");
    }
    if !en.keys().copied().eq(["one", "other"]) {
        return Some("en needs exactly one, other");
    }
    let mut sets = ru.values().chain(en.values()).map(|text| placeholders(text));
    let first = sets.next();
    sets.any(|set| Some(set) != first).then_some("placeholders differ between the forms")
}

fn texts<'a>(entry: &CatalogueEntry<'a>) -> Vec<&'a str> {
    match entry {
        CatalogueEntry::Text(text) => vec![text],
        CatalogueEntry::Plural(forms) => forms.values().copied().collect(),
    }
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    let pieces = pieces(text).into_iter();
    pieces.filter_map(|piece| if let Piece::Placeholder(name) = piece { Some(name) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::pack::pack;
    use super::*;

    fn wrong(ru: &str, en: &str) -> Vec<String> {
        let packed = [ru, en].map(|text| pack(text).unwrap());
        let [ru, en] = [&packed[0], &packed[1]].map(|packed| Catalogue { text: &packed.text, places: &packed.places });
        compare(ru, en).iter().map(CatalogueProblem::to_string).collect()
    }

    #[test]
    fn every_kind_of_disagreement_is_found() {
        assert_eq!(wrong("a = 'а'", "a = 'a'\nb = 'b'"), ["b: missing in ru"]);
        assert_eq!(wrong("a = 'а {n}'", "a = 'a {m}'"), ["a: placeholders differ"]);
        assert_eq!(wrong("a = 'а'", "a = 'а'"), ["a: Cyrillic letters in en"]);
        assert_eq!(wrong("a = 'а'", "a = ''"), ["a: an empty text"]);
        let ru = "a = { one = 'а', few = 'б', many = 'в' }";
        assert_eq!(wrong(ru, "a = 'a'"), ["a: counted in one language only"]);
        assert_eq!(wrong("a = { one = 'а', many = 'в' }", "a = { one = 'a', other = 'b' }").len(), 1);
        assert_eq!(wrong(ru, "a = { one = 'a', other = 'b {n}' }"), ["a: placeholders differ between the forms"]);
        assert_eq!(wrong("", ""), ["*: the catalogues are empty"]);
    }

    #[test]
    fn placeholders_are_filled_and_bot_placeholders_are_left_alone() {
        let filled = fill("{who}: {{first_name}}, {unknown} {Not} {", &[("who", &"Анна")]);
        assert_eq!(filled, "Анна: {{first_name}}, {unknown} {Not} {");
    }

    #[test]
    fn a_filled_value_is_not_filled_again() {
        assert_eq!(fill("{a}{b}", &[("a", &"{b}"), ("b", &1)]), "{b}1");
    }
}

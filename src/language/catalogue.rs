//! Reading, filling and comparing the two text catalogues (`ru.toml`, `en.toml`). A TOML table whose only keys are
//! plural forms is one entry; every other table is a step of the dotted key. Only `language` uses this module.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::sync::OnceLock;

use super::Language;

const RU: &str = include_str!("ru.toml");
const EN: &str = include_str!("en.toml");
const FORMS: [&str; 4] = ["one", "few", "many", "other"];

/// One entry of a text catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CatalogueEntry {
    Text(String),
    Plural(Forms),
}

/// The plural forms of one counted phrase: the form's name (`one`, `few`, `many`, `other`) and its text. A form that
/// the catalogue lacks has no entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Forms(BTreeMap<String, String>);

impl Forms {
    /// The form for the number `n` by the rules of `language`; a form that the catalogue lacks falls back to
    /// [`Forms::other`].
    pub(super) fn of(&self, language: Language, n: i64) -> &str {
        self.0.get(form(language, n)).map_or_else(|| self.other(), String::as_str)
    }

    /// The form for a text without a number: the last of `one`, `few`, `many`, `other` that the phrase has.
    pub(super) fn other(&self) -> &str {
        FORMS.iter().rev().find_map(|form| self.0.get(*form)).map_or("", String::as_str)
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

/// The text catalogue of `language`, parsed at the first call and kept.
pub(super) fn of(language: Language) -> &'static BTreeMap<String, CatalogueEntry> {
    static BOTH: [OnceLock<BTreeMap<String, CatalogueEntry>>; 2] = [OnceLock::new(), OnceLock::new()];
    let [ru, en] = &BOTH;
    match language {
        Language::Ru => ru.get_or_init(|| read(RU)),
        Language::En => en.get_or_init(|| read(EN)),
    }
}

/// Reads a text catalogue. A catalogue that does not parse becomes empty: the program then shows every key instead of
/// its text, and the tests fail.
fn read(text: &str) -> BTreeMap<String, CatalogueEntry> {
    let mut entries = BTreeMap::new();
    if let Ok(table) = text.parse::<toml::Table>() {
        flatten("", &table, &mut entries);
    }
    entries
}

fn flatten(prefix: &str, table: &toml::Table, entries: &mut BTreeMap<String, CatalogueEntry>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::String(text) => drop(entries.insert(key, CatalogueEntry::Text(text.clone()))),
            toml::Value::Table(inner) => match forms(inner) {
                Some(forms) => drop(entries.insert(key, CatalogueEntry::Plural(forms))),
                None => flatten(&key, inner, entries),
            },
            _ => {}
        }
    }
}

fn forms(table: &toml::Table) -> Option<Forms> {
    if !table.contains_key("one") || !table.keys().all(|key| FORMS.contains(&key.as_str())) {
        return None;
    }
    table.iter().map(|(form, text)| Some((form.clone(), text.as_str()?.to_owned()))).collect::<Option<_>>().map(Forms)
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
    compare(of(Language::Ru), of(Language::En))
}

fn compare(ru: &BTreeMap<String, CatalogueEntry>, en: &BTreeMap<String, CatalogueEntry>) -> Vec<CatalogueProblem> {
    let keys: BTreeSet<&String> = ru.keys().chain(en.keys()).collect();
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
        found.extend(wrong.map(|what| CatalogueProblem { key: key.clone(), what }));
    }
    found
}

fn difference(ru: &CatalogueEntry, en: &CatalogueEntry) -> Option<&'static str> {
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

fn plural_difference(ru: &Forms, en: &Forms) -> Option<&'static str> {
    if !ru.0.keys().map(String::as_str).eq(["few", "many", "one"]) {
        return Some("ru needs exactly one, few, many");
    }
    if !en.0.keys().map(String::as_str).eq(["one", "other"]) {
        return Some("en needs exactly one, other");
    }
    let mut sets = ru.0.values().chain(en.0.values()).map(|text| placeholders(text));
    let first = sets.next();
    sets.any(|set| Some(set) != first).then_some("placeholders differ between the forms")
}

fn texts(entry: &CatalogueEntry) -> Vec<&str> {
    match entry {
        CatalogueEntry::Text(text) => vec![text],
        CatalogueEntry::Plural(forms) => forms.0.values().map(String::as_str).collect(),
    }
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    let pieces = pieces(text).into_iter();
    pieces.filter_map(|piece| if let Piece::Placeholder(name) = piece { Some(name) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(ru: &str, en: &str) -> Vec<String> {
        compare(&read(ru), &read(en)).iter().map(CatalogueProblem::to_string).collect()
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
        assert_eq!(wrong("=", "="), ["*: the catalogues are empty"]);
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

//! The texts as a TOML file: a table `[texts]` that names the body of each text by its key. Reading a file finds every
//! fault before anything is written.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::{check_body, get, list, put};
use crate::actor::Actor;
use crate::db::{Tx, View};
use crate::error::{Error, Refusal, Result};

const TABLE: &str = "texts";
/// The most characters of a key that is shown to people.
const LONGEST_KEY: usize = 64;

/// So many faults are named; there are far fewer texts. A file with more is no file of texts.
const MOST_FAULTS: usize = 500;

/// Bodies of texts by key.
pub type Bodies = BTreeMap<String, String>;

/// Why a file cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultyFile {
    /// The file is not TOML.
    Syntax {
        /// The line of the fault, from 1.
        line: usize,
        /// The character in the line, from 1.
        column: usize,
        /// The line, shortened.
        text: String,
        /// The parser's reason, one line.
        reason: String,
    },
    /// Every fault of the texts in the file.
    Faulty(Vec<TextFault>),
}

/// A text of a file that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFault {
    /// The key as written in the file.
    pub key: String,
    /// Why the shop refuses the text.
    pub why: Refusal,
}

/// What an import changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The keys of the texts that changed, in alphabetical order.
    pub changed: Vec<&'static str>,
    /// How many texts of the file were the same already.
    pub same: usize,
}

/// The present bodies of all texts, or only of those with the shop's own words.
pub fn bodies(view: &View<'_>, only_custom: bool) -> Result<Bodies> {
    let texts = list(view)?.into_iter().filter(|text| text.is_custom || !only_custom);
    Ok(texts.map(|text| (text.key.to_owned(), text.body)).collect())
}

/// A file with these bodies, one line each.
#[must_use]
pub fn to_toml(bodies: &Bodies) -> String {
    let texts: Table = bodies.iter().map(|(key, body)| (key.clone(), Value::String(body.clone()))).collect();
    Table::from_iter([(TABLE.to_owned(), Value::Table(texts))]).to_string()
}

/// Reads a file that [`to_toml`] or a person wrote, and checks every text.
///
/// # Errors
/// [`FaultyFile`] with every fault.
pub fn read(file: &str) -> std::result::Result<Bodies, FaultyFile> {
    let file = file.trim_start_matches('\u{feff}');
    let table: Table = file.parse().map_err(|error| syntax(file, &error))?;
    let mut found = Found::default();
    for (key, value) in &table {
        match value {
            Value::Table(texts) if key == TABLE => texts.iter().for_each(|(key, value)| found.take(key, value)),
            _ if found.faults.len() >= MOST_FAULTS => break,
            _ => found.refuse(key, "rule.texts_table"),
        }
    }
    if table.is_empty() {
        found.refuse(TABLE, "rule.texts_table");
    }
    if found.faults.is_empty() { Ok(found.bodies) } else { Err(FaultyFile::Faulty(found.faults)) }
}

/// The most characters of a faulty line that are shown.
const SHOWN: usize = 80;

fn syntax(file: &str, error: &toml::de::Error) -> FaultyFile {
    let before = error.span().and_then(|span| file.get(..span.start)).unwrap_or(file);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let text = file.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    FaultyFile::Syntax {
        line: before.matches('\n').count() + 1,
        column: before.get(start..).unwrap_or_default().chars().count() + 1,
        text: text.trim().chars().take(SHOWN).collect(),
        reason: error.message().replace('\n', " "),
    }
}

/// The texts of a file so far, and their faults.
#[derive(Default)]
struct Found {
    bodies: Bodies,
    faults: Vec<TextFault>,
}

impl Found {
    fn refuse(&mut self, key: &str, rule: &'static str) {
        let value: String = key.chars().take(LONGEST_KEY).collect();
        self.faults.push(TextFault { key: value.clone(), why: Refusal::Validation { field: "texts", value, rule } });
    }

    /// Takes one text. A key with dots that is written without quotation marks is a table to TOML.
    fn take(&mut self, key: &str, value: &Value) {
        if self.faults.len() >= MOST_FAULTS {
            return;
        }
        match value {
            Value::Table(inner) => inner.iter().for_each(|(name, value)| self.take(&format!("{key}.{name}"), value)),
            Value::String(body) => match check_body(key, body.trim_end()) {
                Ok(()) if self.bodies.contains_key(key) => self.refuse(key, "rule.text_twice"),
                Ok(()) => drop(self.bodies.insert(key.to_owned(), body.trim_end().to_owned())),
                Err(Error::Refused(why)) => {
                    self.faults.push(TextFault { key: key.chars().take(LONGEST_KEY).collect(), why });
                }
                // Checking a text reads no storage.
                Err(Error::Storage(_)) => {}
            },
            _ => self.refuse(key, "rule.text_string"),
        }
    }
}

/// Writes the bodies that differ from the present ones; one entry of the audit log for each. A body that the program
/// ships in the shop's language does not count as the shop's own words.
///
/// # Errors
/// `TEXT_NOT_FOUND`, `TEXT_PLACEHOLDER_UNKNOWN`, `TEXT_HTML_INVALID`; none for bodies from [`read`].
pub fn import(tx: &Tx<'_>, bodies: &Bodies, by: &Actor) -> Result<Imported> {
    let mut imported = Imported { changed: Vec::new(), same: 0 };
    for (key, body) in bodies {
        let before = get(tx, key)?;
        if before.body == *body {
            imported.same += 1;
            continue;
        }
        check_body(key, body)?;
        let is_custom = before.default != body;
        imported.changed.push(put(tx, before, body, is_custom, by)?.after.key);
    }
    Ok(imported)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::texts::Kind;

    fn faults(file: &str) -> Vec<(String, String)> {
        match read(file) {
            Err(FaultyFile::Faulty(faults)) => {
                let told = |fault: TextFault| match fault.why {
                    Refusal::Validation { rule, .. } => (fault.key, rule.to_owned()),
                    why => (fault.key, why.code().to_owned()),
                };
                faults.into_iter().map(told).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_fault_of_a_file_is_named() {
        let file = "title = 1\n[texts]\nwelcome = \"Hi {{phone}}\"\nhelp = 7\nmuted = \"<b>\"\nnobody = \"x\"\n\
                    unmuted = \"Good.\"\n[other]\nx = \"y\"\n";
        assert_eq!(
            faults(file),
            [
                ("other", "rule.texts_table"),
                ("help", "rule.text_string"),
                ("muted", "TEXT_HTML_INVALID"),
                ("nobody", "TEXT_NOT_FOUND"),
                ("welcome", "TEXT_PLACEHOLDER_UNKNOWN"),
                ("title", "rule.texts_table"),
            ]
            .map(|(key, why)| (key.to_owned(), why.to_owned()))
        );
        assert_eq!(faults(""), [("texts".to_owned(), "rule.texts_table".to_owned())]);
        assert_eq!(faults("texts = \"x\""), [("texts".to_owned(), "rule.texts_table".to_owned())]);
        let twice = "[texts]\n\"button.help\" = \"A\"\nbutton.help = \"B\"\n";
        assert_eq!(faults(twice), [("button.help".to_owned(), "rule.text_twice".to_owned())]);
    }

    #[test]
    fn a_file_that_is_not_toml_names_its_line() {
        let Err(FaultyFile::Syntax { line, column, text, reason }) = read("[texts]\nwelcome = \"Hi\"\nhelp = \n")
        else {
            panic!()
        };
        assert_eq!((line, column, text.as_str()), (3, 8, "help ="));
        assert!(!reason.contains('\n'), "{reason}");
        assert!(matches!(read("[texts]\nhelp = \"a\"\nhelp = \"b\""), Err(FaultyFile::Syntax { line: 3, .. })));
    }

    #[test]
    fn a_key_may_be_written_with_or_without_quotation_marks() {
        let read = |file| read(file).unwrap().into_iter().collect::<Vec<_>>();
        let help = [("button.help".to_owned(), "Help".to_owned())];
        assert_eq!(read("[texts]\n\"button.help\" = \"Help\"\n"), help);
        assert_eq!(read("\u{feff}[texts]\nbutton.help = \"Help \"\n"), help);
        assert_eq!(read("[texts.button]\nhelp = \"Help\"\n"), help);
    }

    proptest! {
        #[test]
        fn what_is_exported_reads_back(
            words in proptest::collection::vec("[ -~а-яё«»\n\t\r😀]{1,60}", 1..20),
        ) {
            let keys = crate::texts::seed::common().iter().filter(|(_, seed)| seed.kind == Kind::Text);
            let named = keys.zip(words).map(|((key, _), words)| (key.clone(), words.trim_end().to_owned()));
            let bodies: Bodies = named.filter(|(key, words)| check_body(key, words).is_ok()).collect();
            prop_assert_eq!(read(&to_toml(&bodies)).unwrap_or_default(), bodies);
        }
    }
}

//! What is wrong with a configuration and where. Never holds a value of the file: a secret may stand in any line.

use std::fmt;
use std::path::PathBuf;

use crate::language::{Language, Sentence};

/// The source of a configured value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// A character of the file, both counted from 1.
    File {
        /// The file as it was named or found.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The character in the line.
        col: usize,
    },
    /// The file as a whole.
    Whole(PathBuf),
    /// An environment variable.
    Variable(String),
    /// No source set it: the default applies.
    Default,
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, col } => write!(f, "{}:{line}:{col}", path.display()),
            Self::Whole(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Default => f.write_str("config"),
        }
    }
}

/// One fault of the configuration. The caller exits with 78.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The place of the fault.
    pub place: KeyPlace,
    /// The key it concerns, dotted; `None` when the whole file is at fault.
    pub key: Option<String>,
    /// Why it cannot be used.
    pub reason: Sentence,
    /// What to do about it.
    pub hint: Option<Box<Sentence>>,
}

impl ConfigError {
    pub(super) fn new(place: KeyPlace, key: impl Into<String>, reason: Sentence) -> Self {
        Self { place, key: Some(key.into()), reason, hint: None }
    }

    pub(super) const fn whole(place: KeyPlace, reason: Sentence) -> Self {
        Self { place, key: None, reason, hint: None }
    }

    pub(super) fn hint(mut self, hint: Option<Sentence>) -> Self {
        self.hint = hint.map(Box::new);
        self
    }

    /// `config.toml:12:5 telegram.mode: reason`, without the hint.
    #[must_use]
    pub fn say(&self, language: Language) -> String {
        let reason = self.reason.say(language);
        match &self.key {
            Some(key) => format!("{} {key}: {reason}", self.place),
            None => format!("{}: {reason}", self.place),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Language::En))?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, ". {}", hint.say(Language::En)))
    }
}

/// Every fault found, in the order of the file; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors {
    /// The faults.
    pub errors: Vec<ConfigError>,
    /// The language set in the broken configuration, if it could be read.
    pub lang: Option<Language>,
}

impl ConfigErrors {
    /// One line per fault in `language`, hints included.
    #[must_use]
    pub fn say(&self, language: Language) -> String {
        let line = |error: &ConfigError| match &error.hint {
            Some(hint) => format!("{}. {}", error.say(language), hint.say(language)),
            None => error.say(language),
        };
        self.errors.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Language::En))
    }
}

impl std::error::Error for ConfigErrors {}

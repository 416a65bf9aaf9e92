//! What is wrong with a configuration, and where. An error never contains a value of the file, because any value may be
//! a secret.

use std::fmt;
use std::path::PathBuf;

use crate::language::{Language, Sentence};

/// The source of a configured value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// A place in the config file; line and column count from 1.
    File {
        /// The config file's path, as it was named or found.
        path: PathBuf,
        /// The line of the file, from 1.
        line: usize,
        /// The character in the line, from 1.
        col: usize,
    },
    /// The config file as a whole.
    Whole(PathBuf),
    /// The environment variable with this name.
    Variable(String),
    /// No source sets the key: its default applies.
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
    /// Where the fault is.
    pub place: KeyPlace,
    /// The dotted key with the fault; `None` when the whole file is at fault.
    pub key: Option<String>,
    /// Why the key's value cannot be used.
    pub reason: Sentence,
    /// What to do about the fault; `None`: there is no advice.
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

    /// The fault as text, `config.toml:12:5 telegram.mode: reason`, without the hint.
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

/// All faults of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors {
    /// The faults in the order in which they were found; at least one.
    pub errors: Vec<ConfigError>,
    /// The language that the faulty configuration sets; `None`: not set, or not readable.
    pub lang: Option<Language>,
}

impl ConfigErrors {
    /// The faults as text in `language`, one line each, hints included.
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

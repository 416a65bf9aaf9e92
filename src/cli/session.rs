//! What every command works with: the configuration, the person at the shell, the output of results.

use std::cell::OnceCell;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::args::TextArgs;
use super::keyboard::Answers;
use super::output::{ChangeReport, ExitCode, FailureReport, Output, Voice, quoted};
use super::refuse::{self, Wrong};
use crate::backup;
use crate::clock::{Clock, Timestamp, Zone};
use crate::config::{Config, ConfigErrors, Environment, LogFormat, LogLevel};
use crate::daemon::{self, ServeError};
use crate::db::{self, Database, OpenError, StorageError, Tx};
use crate::erasure::key;
use crate::error::{Error, Result as ShopResult};
use crate::files::open_at_end_of_link;
use crate::language::Language;
use crate::logging;
use crate::staff::Owner;

/// One run of the program: what its command works with.
pub(super) struct Session<'a> {
    pub environment: Environment,
    /// The configuration, loaded before the command is known; some commands work without one.
    pub config: Result<Config, ConfigErrors>,
    /// The value of `--config` as entered.
    pub config_flag: Option<PathBuf>,
    /// The language of `--lang`.
    pub lang_flag: Option<Language>,
    /// Whether `--no-input` is set.
    pub no_input: bool,
    /// Whether this is a dry run (`-n`): every write is rolled back.
    pub rehearse: bool,
    /// Where the answers to questions come from.
    pub answers: Answers,
    /// The log level of `-v` or `-vv`.
    pub verbose: Option<LogLevel>,
    /// The shop's clock, once the database has been opened: a demo has one of its own.
    pub clock: OnceCell<Clock>,
    pub out: &'a mut Output,
}

impl Session<'_> {
    /// The configuration, for commands that need a shop. Without a configuration the command ends with exit code 78 and
    /// names `init`.
    pub(super) fn config(&self) -> Result<&Config, Wrong> {
        let config = self.config.as_ref().map_err(|faults| Wrong::Config(faults.clone()))?;
        if config.names_a_shop(&self.environment) {
            return Ok(config);
        }
        let hint = self.text("config.hint.run", &[("command", &"dvorik init")]);
        Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Config, self.text("machine.no_shop", &[]))
            .with_hint(hint)
            .into())
    }

    /// The shop's database, as every command opens it.
    pub(super) fn database(&self) -> Result<Database, Wrong> {
        let database = daemon::open(self.config()?, Clock::System)?;
        // Every database of one run has the same clock.
        let _ = self.clock.set(database.clock().clone());
        Ok(database)
    }

    /// The shop's present time; without a database that can be opened, the machine's.
    pub(super) fn now(&self) -> Timestamp {
        if self.clock.get().is_none() {
            drop(self.database());
        }
        self.clock.get().unwrap_or(&Clock::System).now()
    }

    /// The key that recognises erased customers. `None` while no customer has been erased and no key is set; refused
    /// (exit code 78) when the stored hashes were made with another key.
    pub(super) fn erasure_key(&self, database: &Database) -> Result<Option<SecretString>, Wrong> {
        let key = self.config()?.security.erasure_key().cloned();
        let fit = database.read(|view| key::fit(view, key.as_ref().map(ExposeSecret::expose_secret)))?;
        if fit.is_sound() {
            return Ok(key);
        }
        let words = if fit == key::Fit::Missing { "user.erasure_key_missing" } else { "user.erasure_key_wrong" };
        let hint = self.text("user.erasure_key_hint", &[]);
        Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Config, self.text(words, &[])).with_hint(hint).into())
    }

    /// Runs a use-case in a write transaction; a dry run returns what would have happened, and is rolled back.
    pub(super) fn write<T: Send + 'static>(
        &self,
        rehearse: bool,
        run: impl FnOnce(&Tx<'_>) -> ShopResult<T> + Send + 'static,
    ) -> Result<T, Wrong> {
        self.write_on(&self.database()?, rehearse, run)
    }

    /// Runs a use-case like `write`, but on a database that is open already, for commands with several transactions.
    pub(super) fn write_on<T: Send + 'static>(
        &self,
        database: &Database,
        rehearse: bool,
        run: impl FnOnce(&Tx<'_>) -> ShopResult<T> + Send + 'static,
    ) -> Result<T, Wrong> {
        let rehearse = rehearse || self.rehearse;
        let written = database.write(move |tx| {
            let done = run(tx).map_err(Unkept::Wrong)?;
            if rehearse { Err(Unkept::Rehearsed(done)) } else { Ok(done) }
        });
        match written {
            Ok(done) | Err(Unkept::Rehearsed(done)) => Ok(done),
            Err(Unkept::Wrong(error)) => Err(error.into()),
        }
    }

    /// The owner's rights of the person at the shell: shell access is owner access.
    pub(super) fn owner(&self) -> Owner {
        Owner::of_shell(&self.environment.user())
    }

    /// The text under `key` in the language catalogue.
    pub(super) fn text(&self, key: &str, args: &[(&str, &dyn std::fmt::Display)]) -> String {
        self.out.voice().lang.text(key, args)
    }

    /// The failure report of a file that a command was given and the system refuses, with the command that shows why.
    pub(super) fn unusable(&self, path: &Path, error: &io::Error, found: (&'static str, ExitCode)) -> FailureReport {
        refuse::unusable(path, &error.into(), found, self.out.voice())
    }

    /// Prints what was changed; after a dry run, what would be changed.
    pub(super) fn tell(&mut self, rehearsed: bool, change: ChangeReport) {
        if rehearsed { self.out.rehearsal(&change) } else { self.tell_change(change) }
    }

    /// The text of `--text`, or of the file that is named instead, without its last line break.
    pub(super) fn words(&self, words: &TextArgs) -> Result<String, Wrong> {
        let Some(path) = &words.text_file else { return Ok(words.text.clone().unwrap_or_default()) };
        let read = match path.as_os_str() == "-" {
            true => read_some(io::stdin().lock()),
            false => open_at_end_of_link(path).and_then(read_some),
        };
        read.map(|text| text.trim_end_matches(['\n', '\r']).to_owned()).map_err(|error| {
            let is_other = matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::IsADirectory);
            if is_other {
                let message = self.text("import.not_regular", &[("path", &path.display())]);
                return FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).into();
            }
            self.unusable(path, &error, ("VALIDATION_ERROR", ExitCode::Usage)).into()
        })
    }

    /// Prints what was changed, or would be changed by `-n`, with the commands that may follow.
    pub(super) fn tell_change(&mut self, mut change: ChangeReport) {
        if self.rehearse {
            return self.out.rehearsal(&change);
        }
        for next in &mut change.next {
            next.command = self.pasted(&next.command);
        }
        self.out.change(&change);
    }

    /// Prints why the command failed, with a hint about what helps. Returns the exit code.
    pub(super) fn tell_failure(&mut self, wrong: &Wrong) -> ExitCode {
        let mut failure = refuse::failure(wrong, self.out.voice());
        if let Wrong::Machine(ServeError::Open(OpenError::Newer(_))) = wrong {
            failure.hint = Some(self.way_back());
        }
        failure.hint = failure.hint.map(|hint| self.pasted(&hint));
        self.out.failure(&failure)
    }

    /// What a person may do whose database a newer program has migrated: install that program again, or restore the
    /// backup made before the migration.
    fn way_back(&self) -> String {
        let directory = self.config.as_ref().ok().map(|config| config.backup.dir.clone());
        let known = directory.and_then(|directory| backup::newest_known(&directory).ok().flatten());
        match known {
            Some(backup) => self.text("machine.newer_backup", &[("name", &quoted(&backup.name))]),
            None => self.text("machine.newer_hint", &[]),
        }
    }

    /// The text with this command's `--config` in each `dvorik` command, so that the command can be pasted.
    pub(super) fn pasted(&self, text: &str) -> String {
        match &self.config_flag {
            Some(path) => text.replace("dvorik ", &format!("dvorik --config {} ", quoted(&path.display().to_string()))),
            None => text.to_owned(),
        }
    }

    /// Starts the log on stderr if `-v` asks for it; without `-v` a command prints only its result.
    pub(super) fn start_log(&self) {
        let format = self.config.as_ref().map_or(LogFormat::Pretty, |config| config.log.format);
        if let Some(level) = self.verbose {
            logging::start(level, format);
        }
    }
}

/// The size limit of a text file, in bytes; no text in Telegram is longer.
pub(super) const MOST_TEXT: u64 = 64 * 1024;

fn read_some(from: impl Read) -> io::Result<String> {
    let mut text = String::new();
    from.take(MOST_TEXT).read_to_string(&mut text)?;
    Ok(text)
}

/// Why a transaction was rolled back.
enum Unkept<T> {
    Wrong(Error),
    Rehearsed(T),
}

impl<T> From<db::Failure> for Unkept<T> {
    fn from(failure: db::Failure) -> Self {
        Self::Wrong(failure.into())
    }
}

impl<T: Send + 'static> StorageError for Unkept<T> {
    fn storage(&self) -> Option<&db::Failure> {
        match self {
            Self::Wrong(error) => error.storage(),
            Self::Rehearsed(_) => None,
        }
    }
}

/// The log level of `-v`.
pub(super) const fn log_level(verbose: u8) -> Option<LogLevel> {
    match verbose {
        0 => None,
        1 => Some(LogLevel::Info),
        _ => Some(LogLevel::Debug),
    }
}

/// How values are written for people: by the config, else in UTC and roubles.
pub(super) fn voice(config: Option<&Config>, lang: Language) -> Voice {
    let zone = config.map_or(Zone::UTC, |config| config.timezone);
    Voice { lang, zone, currency: config.map_or_else(|| "RUB".to_owned(), |config| config.currency.clone()) }
}

//! What every command works with: the configuration, who sits at the shell, where results go.

use std::path::PathBuf;

use super::output::{Change, ExitCode, Output, Voice};
use super::page::quoted;
use super::refuse::{self, Wrong};
use crate::clock::{Clock, Zone};
use crate::config::{Config, ConfigErrors, Environment, LogFormat, LogLevel};
use crate::daemon;
use crate::db::Database;
use crate::language::Language;
use crate::logging;
use crate::staff::Owner;

/// One run of the program.
pub(super) struct Session<'a> {
    pub environment: Environment,
    /// Loaded before the command was known; some commands do without.
    pub config: Result<Config, ConfigErrors>,
    /// `--config` as typed.
    pub config_flag: Option<PathBuf>,
    /// `--no-input`.
    pub no_input: bool,
    /// `-v`, `-vv`.
    pub verbose: Option<LogLevel>,
    pub out: &'a mut Output,
}

impl Session<'_> {
    /// The configuration, for commands that need one.
    pub(super) fn config(&self) -> Result<&Config, Wrong> {
        self.config.as_ref().map_err(|faults| Wrong::Config(faults.clone()))
    }

    /// The shop's database, as every command opens it.
    pub(super) fn database(&self) -> Result<Database, Wrong> {
        Ok(daemon::open(self.config()?, Clock::System)?)
    }

    /// Shell access is owner access.
    pub(super) fn owner(&self) -> Owner {
        Owner::of_shell(&self.environment.user())
    }

    /// The catalogue text under `key`.
    pub(super) fn text(&self, key: &str, args: &[(&str, &dyn std::fmt::Display)]) -> String {
        self.out.voice().lang.text(key, args)
    }

    /// What was changed, with what may be done next.
    pub(super) fn tell_change(&mut self, mut change: Change) {
        for next in &mut change.next {
            next.command = self.pasted(&next.command);
        }
        self.out.change(&change);
    }

    /// Why nothing was, with what helps.
    pub(super) fn tell_failure(&mut self, wrong: &Wrong) -> ExitCode {
        let mut failure = refuse::failure(wrong, self.out.voice());
        failure.hint = failure.hint.map(|hint| self.pasted(&hint));
        self.out.failure(&failure)
    }

    /// A command to run next must meet the configuration this one was given.
    pub(super) fn pasted(&self, text: &str) -> String {
        match &self.config_flag {
            Some(path) => text.replace("dvorik ", &format!("dvorik --config {} ", quoted(&path.display().to_string()))),
            None => text.to_owned(),
        }
    }

    /// Commands log only when asked: what they have to say is their result.
    pub(super) fn start_log(&self) {
        let format = self.config.as_ref().map_or(LogFormat::Pretty, |config| config.log.format);
        if let Some(level) = self.verbose {
            logging::start(level, format);
        }
    }
}

/// What `-v` asks for.
pub(super) const fn log_level(verbose: u8) -> Option<LogLevel> {
    match verbose {
        0 => None,
        1 => Some(LogLevel::Info),
        _ => Some(LogLevel::Debug),
    }
}

/// How values are said: by the config, else in UTC and roubles.
pub(super) fn voice(config: Option<&Config>, lang: Language) -> Voice {
    let zone = config.map_or(Zone::UTC, |config| config.timezone);
    Voice { lang, zone, currency: config.map_or_else(|| "RUB".to_owned(), |config| config.currency.clone()) }
}

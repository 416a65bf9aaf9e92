//! Reports of commands: what was changed with the command that undoes it, or a failure with its code and exit code.

use serde_json::{Value as Json, json};

use super::format::Object;
use super::safe;
use super::table::painted;
use crate::cell::Tone;
use crate::config::ConfigErrors;
use crate::language::Language;

/// How the process ends. Scripts rely on the numbers, so the numbers never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitCode {
    /// The command is done, or there was nothing to do.
    Ok = 0,
    /// The command failed, or a check failed.
    Failure = 1,
    /// The command line is wrong, or a question could not be asked.
    Usage = 2,
    /// The object that the command names does not exist.
    NotFound = 3,
    /// The command is not allowed.
    Rights = 4,
    /// The object's state forbids the command: used, expired, duplicate, too early.
    Conflict = 5,
    /// The command is done in part.
    Partial = 6,
    /// Try again later: Telegram did not answer, or another process holds a lock.
    Retry = 75,
    /// The configuration is wrong, or a migration waits.
    Config = 78,
    /// The person interrupted the command.
    Interrupted = 130,
}

impl ExitCode {
    /// The number of this exit code.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

/// A refusal or failure, to be printed on stderr.
#[derive(Debug, Clone, PartialEq)]
pub struct FailureReport {
    /// A code of the error catalogue: `TEMPLATE_NOT_FOUND`.
    pub code: &'static str,
    /// The exit code of the process.
    pub exit: ExitCode,
    /// What happened and why, in the person's language.
    pub message: String,
    /// What helps against the failure: a sentence or a command.
    pub hint: Option<String>,
    /// Facts about the failure for scripts, `null` or an object.
    pub details: Json,
}

impl FailureReport {
    /// A failure without hint and details.
    #[must_use]
    pub fn new(code: &'static str, exit: ExitCode, message: impl Into<String>) -> Self {
        Self { code, exit, message: message.into(), hint: None, details: Json::Null }
    }

    /// The same failure with a hint about what helps.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure with facts for scripts.
    #[must_use]
    pub fn with_details(mut self, details: Json) -> Self {
        self.details = details;
        self
    }

    /// A failure that lists every fault of a configuration, exit code 78; details = `[{place, key, reason, hint}]`.
    #[must_use]
    pub fn of_config(faults: &ConfigErrors, lang: Language) -> Self {
        let details = faults.errors.iter().map(|fault| {
            let hint = fault.hint.as_ref().map(|hint| hint.say(lang));
            json!({ "place": fault.place.to_string(), "key": fault.key, "reason": fault.reason.say(lang), "hint": hint })
        });
        let failure = Self::new("VALIDATION_ERROR", ExitCode::Config, faults.say(lang));
        failure.with_details(details.collect())
    }

    pub(super) fn json(&self) -> Json {
        let Self { code, exit, message, hint, details } = self;
        json!({ "error": { "code": code, "exit": exit.number(), "message": message, "hint": hint, "details": details } })
    }

    /// The failure as text for people: `✗ message        [code 3]`, the hint below.
    pub(super) fn human(&self, lang: Language, width: u16, color: bool) -> String {
        let message = safe::text(&self.message);
        let mut lines = message.lines();
        let first = lines.next().unwrap_or_default();
        let tag = lang.text("output.exit", &[("code", &self.exit.number())]);
        let used = first.chars().count() + tag.chars().count() + 2;
        let gap = usize::from(width.min(87)).saturating_sub(used).max(2);
        let (cross, tag) = (painted("✗", Tone::Bad, color), painted(&tag, Tone::Faint, color));
        let head = format!("{cross} {first}{}{tag}\n", " ".repeat(gap));
        let rest = lines.map(|line| format!("  {line}\n"));
        let hint = self.hint.as_deref().map(safe::text).unwrap_or_default();
        let hint: Vec<String> = hint.lines().map(|line| format!("  {line}\n")).collect();
        std::iter::once(head).chain(rest).chain(hint).collect()
    }
}

/// The command that undoes or continues a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextCommand {
    /// The key in the language catalogue of the text that says what the command does: `next.revoke`.
    pub words: &'static str,
    /// The whole command, ready to paste.
    pub command: String,
}

/// What a command changed.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeReport {
    /// The name of the report's schema: `dvorik.discount.issue/1`
    pub schema: &'static str,
    /// False when nothing had to change.
    pub changed: bool,
    /// The object's state before the change, `null` if there was none.
    pub before: Json,
    /// The object's state after the change.
    pub after: Json,
    /// The id of the object, which `-q` prints.
    pub id: String,
    /// The sentence about the change for people.
    pub sentence: String,
    /// The commands that may follow.
    pub next: Vec<NextCommand>,
}

impl ChangeReport {
    pub(super) fn json(&self) -> Object {
        let commands: Vec<&str> = self.next.iter().map(|next| next.command.as_str()).collect();
        Object::from_pairs([
            ("schema", json!(self.schema)),
            ("changed", json!(self.changed)),
            ("before", self.before.clone()),
            ("after", self.after.clone()),
            ("next", json!(commands)),
        ])
    }

    /// The change as text for people: `✓ sentence`, then a line per command that may follow.
    pub(super) fn human(&self, lang: Language, color: bool) -> String {
        let mark = if self.changed { painted("✓", Tone::Good, color) } else { painted("·", Tone::Faint, color) };
        let next = self.next.iter().map(|next| {
            let command = safe::line(&next.command);
            format!("  {}: {command}\n", lang.text(next.words, &[]))
        });
        std::iter::once(format!("{mark} {}\n", safe::text(&self.sentence))).chain(next).collect()
    }

    /// The change as a row of TSV: the id and whether anything changed.
    pub(super) fn machine(&self) -> String {
        format!("id\tchanged\n{}\t{}\n", safe::tsv(&self.id), self.changed)
    }
}

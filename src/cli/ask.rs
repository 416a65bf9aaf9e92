//! Questions, and the ladder of danger: one code is changed without a question, more than one thing asks y/N, what
//! cannot be taken back asks for a name. The only place that reads what a person types. Where nobody can be asked and
//! `--yes` is not given, the command ends with exit 2 and has changed nothing.

use std::io::{self, BufRead, IsTerminal};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::output::{ExitCode, Failure};
use super::refuse::Wrong;
use super::session::Session;

/// So many wrong answers end a question.
const TRIES: usize = 3;

/// Who answers questions.
#[derive(Debug)]
pub(super) enum Answers {
    /// Somebody at a terminal.
    Typed,
    /// Nobody: a script, cron, `--no-input`.
    Nobody,
    /// Answers given beforehand, for tests.
    #[cfg(test)]
    Given(std::collections::VecDeque<String>),
}

impl Answers {
    /// Who sits at this process's terminal.
    pub(super) fn detect() -> Self {
        if io::stdin().is_terminal() && io::stderr().is_terminal() { Self::Typed } else { Self::Nobody }
    }

    /// A line, without its end; `None` when there is none any more.
    fn line(&mut self) -> Option<String> {
        match self {
            Self::Nobody => None,
            #[cfg(test)]
            Self::Given(answers) => answers.pop_front(),
            Self::Typed => {
                let mut line = String::new();
                let read = io::stdin().lock().read_line(&mut line).ok()?;
                (read > 0).then(|| line.trim_end_matches(['\n', '\r']).to_owned())
            }
        }
    }

    /// The same, with nothing shown of what is typed.
    fn hidden_line(&mut self) -> Option<String> {
        let _echo = matches!(self, Self::Typed).then(Echo::off);
        self.line()
    }
}

/// A terminal that does not show what is typed until this is dropped. One that cannot be told to is left as it is.
struct Echo(Option<Termios>);

impl Echo {
    fn off() -> Self {
        let Ok(before) = tcgetattr(io::stdin()) else { return Self(None) };
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent.local_modes.insert(LocalModes::ECHONL);
        Self(tcsetattr(io::stdin(), OptionalActions::Flush, &silent).ok().map(|()| before))
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // Nothing can be done about a terminal that has gone.
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, before);
        }
    }
}

impl Session<'_> {
    /// Whether anybody can be asked anything.
    pub(super) const fn can_ask(&self) -> bool {
        !matches!(self.answers, Answers::Nobody)
    }

    /// `question [y/N]`, unless `yes` has been said already.
    pub(super) fn confirm(&mut self, yes: bool, question: &str) -> Result<(), Wrong> {
        if yes {
            return Ok(());
        }
        let suffix = self.text("ask.yes_no", &[]);
        let answer = self.ask_or_end(&format!("{question} {suffix} "))?;
        let agreed = ["y", "yes", "д", "да"].contains(&answer.trim().to_lowercase().as_str());
        if agreed { Ok(()) } else { Err(self.declined()) }
    }

    /// Asks for `name` to be typed before what cannot be taken back, unless `yes` has been said already.
    pub(super) fn confirm_by_name(&mut self, yes: bool, question: &str, name: &str) -> Result<(), Wrong> {
        if yes {
            return Ok(());
        }
        let answer = self.ask_or_end(&format!("{question}: "))?;
        if answer.trim() == name.trim() { Ok(()) } else { Err(self.declined()) }
    }

    /// Asks until `read` takes the answer; an empty answer is `default`. Its complaint is a finished sentence.
    pub(super) fn ask<T>(
        &mut self,
        question: &str,
        default: &str,
        mut read: impl FnMut(&mut Self, &str) -> Result<T, String>,
    ) -> Result<T, Wrong> {
        let shown = if default.is_empty() { format!("{question}: ") } else { format!("{question} [{default}]: ") };
        for _ in 0..TRIES {
            let answer = self.ask_or_end(&shown)?;
            let answer = if answer.trim().is_empty() { default.to_owned() } else { answer.trim().to_owned() };
            match read(self, &answer) {
                Ok(value) => return Ok(value),
                Err(complaint) => self.out.note(&format!("✗ {complaint}")),
            }
        }
        Err(self.declined())
    }

    /// As [`Session::ask`] without a default, and nothing is shown of what is typed.
    pub(super) fn ask_hidden<T>(
        &mut self,
        question: &str,
        mut read: impl FnMut(&mut Self, &str) -> Result<T, String>,
    ) -> Result<T, Wrong> {
        for _ in 0..TRIES {
            self.out.prompt(&format!("{question}: "));
            let Some(answer) = self.answers.hidden_line() else { return Err(self.unasked()) };
            match read(self, answer.trim()) {
                Ok(value) => return Ok(value),
                Err(complaint) => self.out.note(&format!("✗ {complaint}")),
            }
        }
        Err(self.declined())
    }

    fn ask_or_end(&mut self, shown: &str) -> Result<String, Wrong> {
        if !self.can_ask() {
            return Err(self.unasked());
        }
        self.out.prompt(&format!("? {shown}"));
        self.answers.line().ok_or_else(|| self.declined())
    }

    fn unasked(&self) -> Wrong {
        let failure = Failure::new("VALIDATION_ERROR", ExitCode::Usage, self.text("ask.nobody", &[]));
        failure.with_hint(self.text("ask.say_yes", &[])).into()
    }

    fn declined(&self) -> Wrong {
        Failure::new("VALIDATION_ERROR", ExitCode::Interrupted, self.text("ask.declined", &[])).into()
    }
}

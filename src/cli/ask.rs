//! Asks questions, by how dangerous a command is: changing one code asks nothing, changing more than one thing asks
//! y/N, what cannot be undone asks for a name. Only this code reads what a person types. Without a terminal and without
//! `--yes`, the command ends with exit code 2 and has changed nothing.

use std::io::{self, BufRead, IsTerminal, Read};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::output::{ExitCode, FailureReport};
use super::refuse::Wrong;
use super::session::Session;
use crate::language::Language;

/// The number of wrong answers after which a question ends.
const TRIES: usize = 3;

/// Where the answers to questions come from.
#[derive(Debug)]
pub(super) enum Answers {
    /// A person at a terminal.
    Typed,
    /// No person: a script, cron, `--no-input`.
    Nobody,
    /// Answers that a test has given beforehand.
    #[cfg(test)]
    Given(std::collections::VecDeque<String>),
}

impl Answers {
    /// Detects whether this process has a terminal.
    pub(super) fn detect() -> Self {
        if io::stdin().is_terminal() && io::stderr().is_terminal() { Self::Typed } else { Self::Nobody }
    }

    /// Whether a person can be shown something and type.
    pub(super) const fn is_at_terminal(&self) -> bool {
        !matches!(self, Self::Nobody)
    }

    /// The next line of the input, without its line break; `None` at the end of the input.
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

    /// The next line of the input, read without showing it on the terminal.
    fn hidden_line(&mut self) -> Option<String> {
        match (&self, Quiet::begin()) {
            (Self::Typed, Some(_quiet)) => unshown_line(io::stdin().lock().bytes()),
            _ => self.line(),
        }
    }
}

/// A terminal that does not show what is typed and passes on every key at once, until this value is dropped. Ctrl-C
/// comes as a key too: a program killed here would leave the terminal in that state.
struct Quiet(Termios);

impl Quiet {
    fn begin() -> Option<Self> {
        let before = tcgetattr(io::stdin()).ok()?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(io::stdin(), OptionalActions::Drain, &silent).ok().map(|()| Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // If the terminal is gone, it cannot be restored.
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, &self.0);
    }
}

/// A line read key by key; `None` after Ctrl-C or Ctrl-D.
fn unshown_line(keys: impl Iterator<Item = io::Result<u8>>) -> Option<String> {
    let mut line = Vec::new();
    for key in keys {
        match key.ok()? {
            b'\r' | b'\n' => return String::from_utf8(line).ok(),
            3 | 4 => return None,
            8 | 127 => drop(line.pop()),
            21 => line.clear(),
            printable if printable >= 32 => line.push(printable),
            _ => {}
        }
    }
    None
}

impl Session<'_> {
    /// Whether there is a person to ask.
    pub(super) const fn can_ask(&self) -> bool {
        !matches!(self.answers, Answers::Nobody)
    }

    /// Refuses where no person can be asked, for commands that do much before they ask. With `yes` it never refuses.
    pub(super) fn must_ask(&self, yes: bool) -> Result<(), Wrong> {
        if yes || self.can_ask() { Ok(()) } else { Err(self.unasked()) }
    }

    /// Asks `question [y/N]`, unless `yes` is set.
    pub(super) fn confirm(&mut self, yes: bool, question: &str) -> Result<(), Wrong> {
        if yes {
            return Ok(());
        }
        let suffix = self.text("ask.yes_no", &[]);
        let answer = self.ask_or_end(&format!("{question} {suffix} "))?;
        if is_yes(&answer) { Ok(()) } else { Err(self.declined()) }
    }

    /// Asks the person to type `name` before something that cannot be undone, unless `yes` is set.
    pub(super) fn confirm_by_name(&mut self, yes: bool, question: &str, name: &str) -> Result<(), Wrong> {
        if yes {
            return Ok(());
        }
        let answer = self.ask_or_end(&format!("{question}: "))?;
        if answer.trim() == name.trim() {
            return Ok(());
        }
        let said = self.text("ask.other", &[("typed", &answer.trim()), ("wanted", &name.trim())]);
        Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Interrupted, said).into())
    }

    /// Asks until `read` accepts the answer; an empty answer means `default`. The error of `read` is a complete
    /// sentence.
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

    /// Asks like [`Session::ask`], without a default and without showing what is typed.
    pub(super) fn ask_hidden<T>(
        &mut self,
        question: &str,
        mut read: impl FnMut(&mut Self, &str) -> Result<T, String>,
    ) -> Result<T, Wrong> {
        for _ in 0..TRIES {
            if !self.can_ask() {
                return Err(self.unasked());
            }
            self.out.prompt(&format!("? {question}: "));
            let answer = self.answers.hidden_line().ok_or_else(|| self.declined())?;
            self.out.prompt("\n");
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
        let failure = FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, self.text("ask.nobody", &[]));
        failure.with_hint(self.text("ask.say_yes", &[])).into()
    }

    fn declined(&self) -> Wrong {
        FailureReport::new("VALIDATION_ERROR", ExitCode::Interrupted, self.text("ask.declined", &[])).into()
    }
}

/// Whether the answer means yes, in either language.
fn is_yes(answer: &str) -> bool {
    let answer = answer.trim().to_lowercase();
    Language::ALL.iter().any(|lang| lang.text("ask.yes", &[]).split(' ').any(|yes| yes == answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[u8]) -> Option<String> {
        unshown_line(keys.iter().map(|key| Ok(*key)))
    }

    #[test]
    fn yes_is_yes_in_either_language() {
        assert!(["y", "YES", " да ", "Д"].iter().all(|typed| is_yes(typed)));
        assert!(!["", "n", "нет", "yes please"].iter().any(|typed| is_yes(typed)));
    }

    #[test]
    fn keys_become_a_line_and_ctrl_c_none() {
        assert_eq!(typed(b"1:to\x7fken\r").as_deref(), Some("1:tken"));
        assert_eq!(typed(b"wrong\x15right\x1b\n").as_deref(), Some("right"));
        assert_eq!(typed(b"tok\x03en\n"), None);
        assert_eq!(typed(b"token"), None);
    }
}

//! The questions of a command, by how dangerous the command is: changing one code asks nothing, changing several things
//! asks y/N, a change that cannot be undone asks for a name. Without a terminal and without `--yes`, the command ends
//! with exit code 2 and has changed nothing.

use super::keyboard::Answers;
use super::output::{ExitCode, FailureReport};
use super::refuse::Wrong;
use super::session::Session;
use crate::language::Language;

/// The number of wrong answers after which a question ends.
const TRIES: usize = 3;

impl Session<'_> {
    /// Whether there is a person to ask.
    pub(super) const fn can_ask(&self) -> bool {
        !matches!(self.answers, Answers::Nobody)
    }

    /// Refuses with exit code 2 when no person can be asked, unless `yes` is set. Commands that work for long before
    /// their question call this first.
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

    /// Asks `question [Y/n]`; an empty answer means yes.
    pub(super) fn ask_yes(&mut self, question: &str) -> Result<bool, Wrong> {
        let suffix = self.text("ask.yes_default", &[]);
        let answer = self.ask_or_end(&format!("{question} {suffix} "))?;
        Ok(answer.trim().is_empty() || is_yes(&answer))
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

    /// Asks at most three times until `read` accepts the answer; an empty answer means `default`. The error of `read`
    /// is a complete sentence, which the person is shown.
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
            let (out, answers) = (&mut *self.out, &mut self.answers);
            let answer = answers.hidden_line(|| out.prompt(&format!("? {question}: ")));
            let answer = answer.ok_or_else(|| self.declined())?;
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
    means(answer, "ask.yes")
}

/// Whether the answer means «skip», in either language and keyboard layout.
pub(super) fn is_skip(answer: &str) -> bool {
    means(answer, "ask.skip")
}

/// Whether the answer is one of the words that a language has under `key`.
fn means(answer: &str, key: &str) -> bool {
    let answer = answer.trim().to_lowercase();
    Language::ALL.iter().any(|lang| lang.text(key, &[]).split(' ').any(|word| word == answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_is_yes_in_either_language() {
        assert!(["y", "YES", " да ", "Д"].iter().all(|typed| is_yes(typed)));
        assert!(["s", "S", "ы", "с"].iter().all(|typed| is_skip(typed)) && !is_skip(""));
        assert!(!["", "n", "нет", "yes please"].iter().any(|typed| is_yes(typed)));
    }
}

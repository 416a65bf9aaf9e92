//! Questions before something dangerous: yes for several things, the shop's name for everything. Asked only of a person
//! at a terminal; a script says `--yes` or gets exit 2.

use std::io::{BufRead, IsTerminal};

use super::output::{ExitCode, Failure};
use super::refuse::Wrong;
use super::session::Session;

/// What has to be typed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer<'a> {
    /// Yes, in either language.
    Yes,
    /// Exactly these words.
    Words(&'a str),
}

impl Answer<'_> {
    fn is(self, typed: &str) -> bool {
        match self {
            Self::Yes => YES.contains(&typed.trim().to_lowercase().as_str()),
            Self::Words(words) => typed.trim() == words.trim(),
        }
    }
}

const YES: [&str; 4] = ["y", "yes", "\u{434}", "\u{434}\u{430}"];

impl Session<'_> {
    /// Whether a person can be asked at all.
    ///
    /// # Errors
    /// Exit 2 with how to do without.
    pub(super) fn can_ask(&self) -> Result<(), Wrong> {
        if !self.no_input && std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
            return Ok(());
        }
        let message = self.text("ask.nobody", &[]);
        Err(Failure::new("VALIDATION_ERROR", ExitCode::Usage, message).with_hint(self.text("ask.say_yes", &[])).into())
    }

    /// Asks `question` and goes on only with the right answer.
    ///
    /// # Errors
    /// Exit 2: nobody to ask, or another answer.
    pub(super) fn ask(&mut self, question: &str, answer: Answer<'_>) -> Result<(), Wrong> {
        self.can_ask()?;
        self.out.question(question);
        let typed = first_line(&mut std::io::stdin().lock());
        if typed.is_some_and(|typed| answer.is(&typed)) {
            return Ok(());
        }
        Err(Failure::new("VALIDATION_ERROR", ExitCode::Usage, self.text("ask.other_answer", &[])).into())
    }
}

/// One line; `None` when there is no more.
fn first_line(from: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    from.read_line(&mut line).ok().filter(|read| *read > 0).map(|_| line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_answer_is_one() {
        assert!(["y\n", "YES", " да ", "Д"].iter().all(|typed| Answer::Yes.is(typed)));
        assert!(!["", "n", "нет", "yes please"].iter().any(|typed| Answer::Yes.is(typed)));
        let name = Answer::Words("Мармеладный дворик");
        assert!(name.is("Мармеладный дворик\r\n"));
        assert!(!["", "y", "мармеладный дворик"].iter().any(|typed| name.is(typed)));
    }

    #[test]
    fn the_end_of_input_is_no_answer() {
        assert_eq!(first_line(&mut "".as_bytes()), None);
        assert_eq!(first_line(&mut "a\nb\n".as_bytes()).as_deref(), Some("a\n"));
    }
}

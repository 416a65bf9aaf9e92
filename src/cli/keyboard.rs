//! Reads the answers to a command's questions from the terminal; `ask` asks the questions.

use std::io::{self, BufRead, IsTerminal, Read};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

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
    /// Looks whether a person is there to answer: stdin and stderr must both be a terminal.
    pub(super) fn detect() -> Self {
        if io::stdin().is_terminal() && io::stderr().is_terminal() { Self::Typed } else { Self::Nobody }
    }

    /// Whether a person can be shown something and type.
    pub(super) const fn is_at_terminal(&self) -> bool {
        !matches!(self, Self::Nobody)
    }

    /// The next line of the input, without its line break; `None` at the end of the input.
    pub(super) fn line(&mut self) -> Option<String> {
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

    /// Whether a line is entered, or the input has ended, without waiting for it. An entered line is read and dropped.
    pub(super) fn is_entered(&mut self) -> bool {
        match self {
            Self::Nobody => true,
            #[cfg(test)]
            Self::Given(answers) => answers.pop_front().is_none_or(|answer| answer.is_empty()),
            Self::Typed => {
                let stdin = io::stdin();
                let mut awaited = [PollFd::new(&stdin, PollFlags::IN)];
                // An interrupted poll is asked again by the caller.
                let is_ready = poll(&mut awaited, Some(&Timespec::default())).is_ok_and(|ready| ready > 0);
                is_ready && {
                    drop(self.line());
                    true
                }
            }
        }
    }

    /// The next line of the input, read without showing it on the terminal. `prompt` asks for it when the terminal does
    /// not show what is typed any more: an answer that is pasted at once would be seen.
    pub(super) fn hidden_line(&mut self, prompt: impl FnOnce()) -> Option<String> {
        let quiet = Quiet::begin();
        prompt();
        match (&self, quiet) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[u8]) -> Option<String> {
        unshown_line(keys.iter().map(|key| Ok(*key)))
    }

    #[test]
    fn keys_become_a_line_and_ctrl_c_none() {
        assert_eq!(typed(b"1:to\x7fken\r").as_deref(), Some("1:tken"));
        assert_eq!(typed(b"wrong\x15right\x1b\n").as_deref(), Some("right"));
        assert_eq!(typed(b"tok\x03en\n"), None);
        assert_eq!(typed(b"token"), None);
    }
}

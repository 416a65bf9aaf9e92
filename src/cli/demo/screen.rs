//! The demo in which a person takes part, on a plain terminal, line by line: it works in tmux, over SSH and through a
//! pipe.

use std::io::{BufRead, stdin};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::gate::Gate;
use super::line_editor::LineEditor;
use super::{not_played, on_a_runtime};
use crate::cli::output::{ExitCode, FailureReport, Format, Output, Tone, painted, safe_line};
use crate::cli::refuse::Wrong;
use crate::demo::Options;
use crate::demo::live::{self, Bubble, Key, Told};
use crate::demo::{Ending, Miss};
use crate::language::Language;

/// How far apart the lines about messages to others are.
const OTHERS_APART: Duration = Duration::from_secs(5);

/// Opens the demo's shop and runs until the person quits, which is a success. Lines are `width` columns long.
pub(super) fn play(out: &mut Output, width: u16, options: &Options) -> Result<(), Wrong> {
    let lang = options.language;
    let editor = if out.format() == Format::Human { LineEditor::open() } else { None };
    let (editor, lines) = match editor {
        Some((editor, lines)) => (Some(editor), lines),
        None => (None, typed()),
    };
    let width = usize::from(width);
    let mut screen = Screen { editor, out, width, is_asking: false, others: (0, 0), others_told: None, failure: None };
    let played = on_a_runtime(live::live(options, &Gate, lines, |told| screen.show(told)));
    screen.close();
    match played {
        Ok(Ending::Held | Ending::Interrupted) => Ok(()),
        Ok(Ending::Broken) => {
            let unknown =
                || FailureReport::new("INTERNAL_ERROR", ExitCode::Failure, lang.text("demo.interrupted", &[]));
            Err(screen.failure.unwrap_or_else(unknown).into())
        }
        Err(error) => Err(not_played(lang, &error).into()),
    }
}

/// The lines that the person types, until the input ends. Bytes that are not UTF-8 are shown as `�`.
fn typed() -> UnboundedReceiver<String> {
    let (tell, told) = unbounded_channel();
    std::thread::spawn(move || {
        let mut editor = stdin().lock();
        let mut line = Vec::new();
        while editor.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            if tell.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
            line.clear();
        }
    });
    told
}

/// Prints the events of the demo on the terminal.
struct Screen<'a> {
    out: &'a mut Output,
    /// `None`: lines come through a pipe, and there are no prompts.
    editor: Option<LineEditor>,
    width: usize,
    /// Whether a line is being typed.
    is_asking: bool,
    /// How many messages others got since something else was told, and how many of them were told.
    others: (usize, usize),
    /// When messages to others were told last.
    others_told: Option<Instant>,
    failure: Option<FailureReport>,
}

impl Screen<'_> {
    const fn lang(&self) -> Language {
        self.out.voice().lang
    }

    fn show(&mut self, told: Told) {
        match told {
            Told::Prompt(prompt) => return self.wait_for(&prompt),
            Told::Others(more) => return self.count(more),
            Told::Typed => self.is_asking = false,
            _ => {}
        }
        self.tell_others();
        (self.others, self.others_told) = ((0, 0), None);
        match told {
            Told::Preparing => self.faint_line(&self.lang().text("demo.live.preparing", &[])),
            Told::Opened(lines) => self.opened(&lines),
            Told::Chat { title, bubbles } => self.chat(&title, &bubbles),
            Told::Message(bubble) => self.bubble(&bubble),
            Told::Elsewhere { to, words } => self.block(["  ✉ ", "    "], &format!("{to}: {words}"), Tone::Warn),
            Told::Menu(rows) => self.rows(["  ⌨ ", "    "], &rows),
            Told::Pressed(caption) => self.faint_line(&format!("  [{caption}]")),
            Told::Toast(words) => self.block(["  ⓘ ", "    "], &words, Tone::Warn),
            Told::Tick(words) => self.block(["", "  "], &words, Tone::Good),
            Told::Note(words) => self.faint_line(&words),
            Told::Wrong(words) => self.say(&safe_line(&words), Tone::Bad),
            Told::Lines(lines) => lines.iter().for_each(|line| self.say(&safe_line(line), Tone::Plain)),
            Told::Command(command) => {
                self.faint_line(&format!("$ {command}"));
                if let Some(editor) = &self.editor {
                    editor.flush();
                }
            }
            Told::Closing => self.faint_line(&self.lang().text("demo.live.closing", &[])),
            Told::Broken(miss, kept) => self.broken(&miss, &kept.display().to_string()),
            Told::Prompt(_) | Told::Typed | Told::Others(_) => {}
        }
    }

    /// Asks for a line, behind the role that the person plays.
    fn wait_for(&mut self, prompt: &str) {
        let shown = painted(&format!("{} › ", safe_line(prompt)), Tone::Good, self.out.paints());
        if let Some(editor) = self.editor.as_ref().filter(|_| !self.is_asking) {
            editor.read_line(&shown);
            self.is_asking = true;
        }
    }

    /// Counts messages to others and tells of them at times, so that a broadcast is a few lines. A line that is written anew
    /// would be one, but what is printed while a line is being finished comes later, and would overwrite something else.
    fn count(&mut self, more: usize) {
        self.others.0 += more;
        if self.others_told.is_none_or(|told| told.elapsed() >= OTHERS_APART) {
            self.tell_others();
        }
    }

    /// Tells of messages to others, if there are some that were not told.
    fn tell_others(&mut self) {
        let (all, told) = self.others;
        if all > told {
            let count = i64::try_from(all).unwrap_or(i64::MAX);
            self.faint_line(&format!("  ✉ {}", self.lang().plural("demo.live.others", count, &[])));
            (self.others.1, self.others_told) = (all, Some(Instant::now()));
        }
    }

    /// Gives the terminal back. A line that is still being typed ends, and so does the mode for pasted text.
    fn close(&mut self) {
        drop(self.editor.take());
        if std::mem::take(&mut self.is_asking) {
            self.out.raw(b"\x1b[?2004l\n");
        }
    }

    fn opened(&mut self, lines: &[String]) {
        self.say("", Tone::Plain);
        for line in lines {
            self.say(&safe_line(line), Tone::Plain);
        }
        self.say("", Tone::Plain);
    }

    fn chat(&mut self, title: &str, bubbles: &[Bubble]) {
        let title = safe_line(title);
        let line = "─".repeat(64_usize.saturating_sub(title.chars().count()));
        self.say("", Tone::Plain);
        self.say(&format!("── {title} {line}"), Tone::Faint);
        bubbles.iter().for_each(|bubble| self.bubble(bubble));
    }

    /// Prints a message: a bot's with a bar at its left, a person's with the sign `›` before it.
    fn bubble(&mut self, bubble: &Bubble) {
        if !bubble.from_bot {
            return self.faint_line(&format!("› {}", bubble.text));
        }
        let first = if bubble.edited { "│✎ " } else { "│  " };
        let text = bubble.picture.iter().map(String::as_str).chain(bubble.text.lines()).collect::<Vec<_>>().join("\n");
        self.block([first, "│  "], &text, Tone::Plain);
        self.rows(["│  ", "│  "], &bubble.rows);
    }

    /// Prints text with a margin; the first line has a margin of its own.
    fn block(&mut self, [first, other]: [&str; 2], words: &str, tone: Tone) {
        let room = self.width.saturating_sub(other.chars().count() + 1);
        let lines = words.lines().flat_map(|line| wrapped(&safe_line(line), room)).collect::<Vec<_>>();
        for (at, line) in lines.iter().enumerate() {
            self.say(&format!("{}{line}", if at == 0 { first } else { other }), tone);
        }
    }

    fn rows(&mut self, margins: [&str; 2], rows: &[Vec<Key>]) {
        let lines = rows.iter().map(|keys| row(keys)).collect::<Vec<_>>().join("\n");
        self.block(margins, &lines, Tone::Plain);
    }

    fn broken(&mut self, miss: &Miss, kept: &str) {
        let lang = self.lang();
        let expected = lang.text("demo.miss.expected", &[("what", &miss.expected)]);
        let seen = lang.text("demo.miss.seen", &[("what", &miss.seen)]);
        let message = format!("{}\n{expected}\n{seen}", lang.text("demo.live.broken", &[]));
        let hint = lang.text("demo.kept", &[("path", &kept)]);
        self.failure = Some(FailureReport::new("INTERNAL_ERROR", ExitCode::Failure, message).with_hint(hint));
    }

    fn faint_line(&mut self, words: &str) {
        self.say(&safe_line(words), Tone::Faint);
    }

    fn say(&mut self, line: &str, tone: Tone) {
        let text = painted(line, tone, self.out.paints());
        self.print(format!("{text}\n"));
    }

    fn print(&mut self, text: String) {
        match &self.editor {
            Some(editor) => editor.print(text),
            None => self.out.raw(text.as_bytes()),
        }
    }
}

/// The buttons side by side as text, each with the number that presses it.
fn row(keys: &[Key]) -> String {
    let shown = keys.iter().map(|key| match key.number {
        Some(number) => format!("[{number}] {}", safe_line(&key.caption)),
        None => format!("[{}]", safe_line(&key.caption)),
    });
    shown.collect::<Vec<_>>().join("  ")
}

/// A line wrapped between words; no line is longer than `room` unless a word is.
fn wrapped(line: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let Some(last) = lines.last_mut() else { break };
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > room {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("incomprehensible a", 4), ["incomprehensible", "a"]);
        assert_eq!(wrapped("", 4), [""]);
        assert_eq!(wrapped("a b", 80), ["a b"]);
    }
}

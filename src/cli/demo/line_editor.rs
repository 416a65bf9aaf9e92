//! The line editor of the typed demo: lines with editing and a history. What bots write meanwhile is printed above the
//! line that is being typed.

use std::io::stdin;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use rustyline::{DefaultEditor, ExternalPrinter};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long `flush` waits. A text that arrives between two lines is shown only with the next prompt.
const PATIENCE: Duration = Duration::from_millis(200);

/// Two threads, which end with the process: one reads the line that is typed, one prints. A printer of the line editor
/// blocks until the editor has taken the text, and the editor takes none between two lines.
pub(super) struct LineEditor {
    ask: Sender<String>,
    print: Sender<Printed>,
    /// How the terminal was before: a line that is still being typed at the end of the demo leaves it changed.
    before: Option<Termios>,
}

/// What the printing thread gets.
enum Printed {
    Text(String),
    /// Everything before this is on the screen.
    Mark(SyncSender<()>),
}

impl LineEditor {
    /// The line editor, and the lines that are typed, until the input ends or Ctrl-C is pressed. `None`: this terminal has no
    /// lines that can be edited.
    pub(super) fn open() -> Option<(Self, UnboundedReceiver<String>)> {
        let before = tcgetattr(stdin()).ok();
        let mut editor = DefaultEditor::new().ok()?;
        let mut printer = editor.create_external_printer().ok()?;
        let (ask, asked) = channel();
        let (tell, told) = unbounded_channel();
        let (print, printed) = channel();
        std::thread::spawn(move || read(&mut editor, &asked, &tell));
        std::thread::spawn(move || show(&mut printer, &printed));
        Some((Self { ask, print, before }, told))
    }

    /// Reads one line behind this prompt.
    pub(super) fn read_line(&self, prompt: &str) {
        // A line editor that has ended has ended the lines as well.
        let _ = self.ask.send(prompt.to_owned());
    }

    /// Prints text above the line that is being typed; without one, where the cursor is.
    pub(super) fn print(&self, text: String) {
        // The thread ends only with the line editor.
        let _ = self.print.send(Printed::Text(text));
    }

    /// Waits until everything that was printed is on the screen, or for a moment.
    pub(super) fn flush(&self) {
        let (mark, marked) = sync_channel(1);
        if self.print.send(Printed::Mark(mark)).is_ok() {
            // What is not on the screen by then comes later.
            let _ = marked.recv_timeout(PATIENCE);
        }
    }
}

impl Drop for LineEditor {
    fn drop(&mut self) {
        self.flush();
        if let Some(before) = &self.before {
            // A terminal that is gone has nothing to restore.
            let _ = tcsetattr(stdin(), OptionalActions::Drain, before);
        }
    }
}

fn read(editor: &mut DefaultEditor, asked: &Receiver<String>, tell: &UnboundedSender<String>) {
    for prompt in asked {
        let Ok(line) = editor.readline(&prompt) else { return };
        // A line that the history does not take can be typed again.
        let _ = editor.add_history_entry(&line);
        if tell.send(line).is_err() {
            return;
        }
    }
}

fn show(printer: &mut impl ExternalPrinter, printed: &Receiver<Printed>) {
    for part in printed {
        match part {
            // A terminal that is gone ends the demo by its signal.
            Printed::Text(text) => drop(printer.print(text)),
            // A caller that waits no longer needs no mark.
            Printed::Mark(mark) => drop(mark.try_send(())),
        }
    }
}

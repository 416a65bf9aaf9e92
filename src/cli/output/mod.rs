//! The contract for output: stdout gets the result, stderr everything else, and only this module writes to stdout and
//! stderr. People get tables, colour and the shop's clock; a pipe gets TSV, `--json` one object, `--csv` a spreadsheet,
//! `-q` ids. Commands pass typed values and complete sentences; they never print.

mod csv;
mod format;
mod report;
mod safe;
mod table;

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;

use csv::Csv;
use format::Object;
pub use format::{differences, facts};
pub use report::{ChangeReport, ExitCode, FailureReport, NextCommand};
pub use safe::{line as safe_line, quoted, text as safe_text};
pub(super) use table::painted;

use crate::cause;
pub use crate::cell::{Cell, Column, Tone};
use crate::clock::Zone;
use crate::config::Environment;
use crate::language::Language;

/// The format of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Tables and sentences, for a terminal.
    Human,
    /// Tab-separated rows, English keys, nothing cut; what a pipe gets.
    Tsv,
    /// One JSON object.
    Json,
    /// CSV by RFC 4180; text that a spreadsheet would take for a formula is escaped.
    Csv,
    /// Only ids, one per line.
    Quiet,
}

/// The value of `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    /// Colour on a terminal that supports it.
    #[default]
    Auto,
    /// Colour always.
    Always,
    /// Colour never.
    Never,
}

/// The output flags of a command line.
#[derive(Debug, Clone, Copy, Default)]
pub struct Flags {
    /// Whether `--json` is set.
    pub json: bool,
    /// Whether `--csv` is set.
    pub csv: bool,
    /// Whether `-q` is set.
    pub quiet: bool,
    /// The value of `--color`.
    pub color: ColorChoice,
}

/// Where stdout and stderr lead.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// Whether stdout is a terminal.
    pub out: bool,
    /// Whether stderr is a terminal.
    pub err: bool,
    /// Whether colour may be used.
    pub color: bool,
    /// The number of columns of a line.
    pub width: u16,
}

impl Terminal {
    /// Examines the process's streams; the width comes from the terminal, else from `COLUMNS`, else it is 100.
    #[must_use]
    pub fn detect(environment: &Environment) -> Self {
        // A pseudo-terminal without a size reports 0.
        let measured = comfy_table::Table::new().width().filter(|width| *width > 0).or_else(|| environment.columns());
        Self {
            out: io::stdout().is_terminal(),
            err: io::stderr().is_terminal(),
            color: !environment.no_color(),
            width: measured.unwrap_or(100),
        }
    }

    /// Streams of which none is a terminal.
    #[must_use]
    pub const fn none() -> Self {
        Self { out: false, err: false, color: false, width: 100 }
    }
}

/// How values are written for people.
#[derive(Debug, Clone)]
pub struct Voice {
    /// The language of the output.
    pub lang: Language,
    /// The shop's time zone.
    pub zone: Zone,
    /// The ISO code of the shop's currency.
    pub currency: String,
}

/// A list and how each of its rows is shown.
pub struct List<'a, T> {
    /// The name of the list's schema: `dvorik.user.list/1`.
    pub schema: &'a str,
    /// The list's columns, declared once per noun.
    pub columns: &'a [Column<T>],
    /// The rows of this page of the list.
    pub items: &'a [T],
    /// The number of rows on all pages.
    pub total: u64,
    /// Reads the id of a row, which `-q` prints.
    pub id: fn(&T) -> String,
}

type Sink = Box<dyn Write + Send>;

/// Where results and messages go. Writing never fails the caller: when the reader of stdout is gone, further output is
/// dropped, and `finish` decides what that means for the exit code.
pub struct Output {
    format: Format,
    voice: Voice,
    pretty: bool,
    color_out: bool,
    color_err: bool,
    width: u16,
    out: Sink,
    err: Sink,
    broken: Option<ErrorKind>,
    draws: bool,
}

impl Output {
    /// An output over the process's streams.
    #[must_use]
    pub fn new(flags: Flags, terminal: Terminal, voice: Voice) -> Self {
        Self::over(flags, terminal, voice, (Box::new(io::stdout()), Box::new(io::stderr())))
    }

    /// An output whose two streams are kept for a test to read.
    #[must_use]
    pub fn captured(flags: Flags, terminal: Terminal, voice: Voice) -> (Self, Captured) {
        let captured = Captured::default();
        let sinks = (Box::new(captured.out.clone()) as Sink, Box::new(captured.err.clone()) as Sink);
        (Self::over(flags, terminal, voice, sinks), captured)
    }

    fn over(flags: Flags, terminal: Terminal, voice: Voice, (out, err): (Sink, Sink)) -> Self {
        let format = match flags {
            Flags { json: true, .. } => Format::Json,
            Flags { quiet: true, .. } => Format::Quiet,
            Flags { csv: true, .. } => Format::Csv,
            _ if terminal.out => Format::Human,
            _ => Format::Tsv,
        };
        let color = |is_terminal: bool| match flags.color {
            ColorChoice::Auto => is_terminal && terminal.color,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        let (color_out, color_err) = (color(terminal.out), color(terminal.err));
        let width = terminal.width.max(20);
        let draws = format == Format::Human && terminal.err;
        Self { format, voice, pretty: terminal.out, color_out, color_err, width, out, err, broken: None, draws }
    }

    /// Changes the language of everything printed from now on.
    pub const fn set_language(&mut self, lang: Language) {
        self.voice.lang = lang;
    }

    /// The format in which this output prints results.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Whether stdout gets colour.
    #[must_use]
    pub const fn paints(&self) -> bool {
        self.color_out
    }

    /// Whether stderr is a terminal that a progress bar may use.
    #[must_use]
    pub const fn draws(&self) -> bool {
        self.draws
    }

    /// How values are written for people.
    #[must_use]
    pub const fn voice(&self) -> &Voice {
        &self.voice
    }

    /// Whether the reader of stdout is gone: an endless command should end.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.broken.is_some()
    }

    /// Prints a list.
    pub fn list<T>(&mut self, list: &List<'_, T>) {
        let text = match self.format {
            Format::Human => return self.table(list),
            Format::Tsv => format::tsv(list.columns, list.items),
            Format::Csv => Csv::COMMA.table(list.columns, list.items),
            Format::Quiet => list.items.iter().map(|item| format!("{}\n", safe::line(&(list.id)(item)))).collect(),
            Format::Json => {
                let items = list.items.iter().map(|item| Object::of(list.columns, item)).collect();
                self.json(&format::list(list.schema, items, list.total))
            }
        };
        self.put(&text);
    }

    fn table<T>(&mut self, list: &List<'_, T>) {
        if list.items.is_empty() {
            return self.note(&self.voice.lang.text("output.empty", &[]));
        }
        let text = table::list(list, &self.voice, self.width, self.color_out);
        self.put(&text);
    }

    /// Prints one object: `{"schema", …columns}`, or a line per column for people.
    pub fn one<T>(&mut self, schema: &str, columns: &[Column<T>], item: &T, id: &str) {
        let text = match self.format {
            Format::Human => table::one(columns, item, &self.voice, self.color_out),
            Format::Tsv => format::tsv(columns, std::slice::from_ref(item)),
            Format::Csv => Csv::COMMA.table(columns, std::slice::from_ref(item)),
            Format::Quiet => format!("{}\n", safe::line(id)),
            Format::Json => self.json(&Object::of(columns, item).with_schema(schema)),
        };
        self.put(&text);
    }

    /// Prints a table of rows that belong to the object printed before; prints nothing when the table is empty.
    pub fn below<T>(&mut self, columns: &[Column<T>], items: &[T]) {
        self.below_of(columns, items, items.len() as u64);
    }

    /// Prints a table as [`Output::below`] does, of the first of `total` rows.
    pub fn below_of<T>(&mut self, columns: &[Column<T>], items: &[T], total: u64) {
        if !items.is_empty() {
            self.raw(b"\n");
            let id = |_: &T| String::new();
            self.list(&List { schema: "", columns, items, total, id });
        }
    }

    /// Prints what a command changed, and the command that undoes or continues the change.
    pub fn change(&mut self, change: &ChangeReport) {
        let text = match self.format {
            Format::Human => change.human(self.voice.lang, self.color_out),
            Format::Tsv | Format::Csv => change.machine(),
            Format::Quiet => format!("{}\n", safe::line(&change.id)),
            Format::Json => self.json(&change.json()),
        };
        self.put(&text);
    }

    /// Prints what a command would change. Nothing is changed, and the result says so (`changed` false, `dry_run`
    /// true).
    pub fn rehearsal(&mut self, change: &ChangeReport) {
        let rehearsed = ChangeReport { changed: false, next: Vec::new(), ..change.clone() };
        match self.format {
            Format::Json => {
                let text = self.json(&rehearsed.json().with("dry_run", Json::Bool(true)));
                self.put(&text);
            }
            _ => self.change(&rehearsed),
        }
        self.note(&self.voice.lang.text("output.dry_run", &[]));
    }

    /// Prints a complete JSON object under `--json`; for results that are neither list, object nor change. Other
    /// formats get `human`, which may be several lines; control characters in it are replaced.
    pub fn document(&mut self, json: &Json, human: &str) {
        let text = if self.format == Format::Json { self.json(json) } else { format!("{}\n", safe::text(human)) };
        self.put(&text);
    }

    /// Prints one line of a stream of JSON objects (progress, `--follow`); nothing in other formats.
    pub fn event(&mut self, json: &Json) {
        if self.format == Format::Json {
            self.put(&format!("{}\n", safe::json(&json.to_string())));
        }
    }

    /// Prints raw bytes as the result: a script of completions, an export, a picture.
    pub fn raw(&mut self, bytes: &[u8]) {
        if self.broken.is_none() {
            self.broken = self.out.write_all(bytes).and_then(|()| self.out.flush()).err().map(|error| error.kind());
        }
    }

    /// Prints a sentence beside the result, on stderr; nothing under `-q` and `--json`.
    pub fn note(&mut self, sentence: &str) {
        if !matches!(self.format, Format::Quiet | Format::Json) {
            self.complain(&format!("{}\n", safe::text(sentence)));
        }
    }

    /// Prints a question on stderr, whatever the format of the result: a person is there to read it.
    pub fn prompt(&mut self, question: &str) {
        self.complain(&safe::text(question));
    }

    /// Prints a refusal or failure on stderr. Returns its exit code.
    pub fn failure(&mut self, failure: &FailureReport) -> ExitCode {
        let text = match self.format {
            Format::Json => format!("{}\n", safe::json(&failure.json().to_string())),
            _ => failure.human(self.voice.lang, self.width, self.color_err),
        };
        self.complain(&text);
        failure.exit
    }

    /// Ends the output of a command. A reader that stopped early (`| head`) is no failure; a result that could not be
    /// written is a failure.
    pub fn finish(mut self, code: ExitCode) -> ExitCode {
        match self.broken {
            None | Some(ErrorKind::BrokenPipe) => code,
            Some(kind) => {
                let sentence =
                    self.voice.lang.text("output.unwritable", &[("why", &cause::said(&kind.into(), self.voice.lang))]);
                self.complain(&format!("✗ {sentence}\n"));
                if code == ExitCode::Ok { ExitCode::Failure } else { code }
            }
        }
    }

    fn json(&self, value: &impl serde::Serialize) -> String {
        let text = if self.pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
        // Values of this crate have string keys and finite numbers: they always serialise.
        format!("{}\n", safe::json(&text.unwrap_or_default()))
    }

    fn put(&mut self, text: &str) {
        self.raw(text.as_bytes());
    }

    fn complain(&mut self, text: &str) {
        // If stderr is closed, there is nowhere left to report to.
        let _gone = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }
}

/// The two streams of `Output::captured`.
#[derive(Debug, Clone, Default)]
pub struct Captured {
    out: Buffer,
    err: Buffer,
}

impl Captured {
    /// The text written to stdout so far.
    #[must_use]
    pub fn out(&self) -> String {
        self.out.text()
    }

    /// The text written to stderr so far.
    #[must_use]
    pub fn err(&self) -> String {
        self.err.text()
    }
}

#[derive(Debug, Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;

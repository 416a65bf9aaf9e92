//! `demo`: the shop as a page in a browser (`page`); with `--terminal` a person types what the people of the shop do
//! (`screen`); with `--headless` a scenario runs and is printed (`transcript`).

mod gate;
mod line_editor;
mod page;
mod screen;
mod transcript;

use std::io::{IsTerminal, stdin};

use super::args::Demo;
use super::output::{ExitCode, FailureReport, Format, Terminal};
use super::refuse::Wrong;
use super::session::Session;
use crate::cause;
use crate::demo::{Options, Scenario};
use crate::language::Language;

/// The command for a demo without a terminal.
const HEADLESS: &str = "dvorik demo --headless --scenario happy";

/// `demo`: serves the demo's page; `--terminal` opens it for a person at the terminal, `--headless` runs a scenario.
pub(super) fn demo(session: &mut Session<'_>, args: &Demo) -> Result<(), Wrong> {
    if args.terminal && !is_played(session) {
        let hint = session.text("demo.headless", &[("command", &HEADLESS)]);
        let message = session.text("demo.needs_terminal", &[]);
        return Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).with_hint(hint).into());
    }
    let language = session.out.voice().lang;
    let executable = std::env::current_exe().map_err(|error| not_played(language, &error))?;
    let scenario = Scenario::parse(&args.scenario).unwrap_or(Scenario::Happy);
    let (seed, paints, is_page) = (args.seed, session.out.paints(), !args.headless && !args.terminal);
    let port = if is_page { 0 } else { args.port.unwrap_or(0) };
    let options = Options { scenario, seed, language, port, paints, executable };
    if is_page {
        return page::play(session, args, options);
    }
    let width = Terminal::detect(&session.environment).width;
    if args.headless { transcript::play(session.out, &options) } else { screen::play(session.out, width, &options) }
}

/// Whether a person is there who can type and read.
fn is_played(session: &Session<'_>) -> bool {
    let format = session.out.format();
    let is_terminal = format == Format::Human && stdin().is_terminal();
    // Tests act as a person through a pipe.
    let stands_in = format == Format::Tsv && session.environment.names("DVORIK_TEST_TERMINAL");
    is_terminal || stands_in
}

fn not_played(lang: Language, why: &std::io::Error) -> FailureReport {
    FailureReport::new(
        "INTERNAL_ERROR",
        ExitCode::Failure,
        lang.text("demo.not_played", &[("why", &cause::said(why, lang))]),
    )
}

fn on_a_runtime<T>(work: impl Future<Output = std::io::Result<T>>) -> std::io::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

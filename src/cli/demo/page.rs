//! `demo` without `--terminal` and `--headless`: prints the address of the page, opens a browser, and waits for a signal.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use serde_json::json;

use super::gate::Gate;
use super::{not_played, on_a_runtime};
use crate::cli::args::Demo;
use crate::cli::output::{ExitCode, FailureReport, Format, Terminal};
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::config::Environment;
use crate::demo::page::{self, PageNews, PageOptions};
use crate::demo::{Ending, Options, history};

const SCHEMA: &str = "dvorik.demo.page/1";

/// Serves the page until a signal comes, which is a success.
pub(super) fn play(session: &mut Session<'_>, args: &Demo, options: Options) -> Result<(), Wrong> {
    let language = options.language;
    let format = session.out.format();
    let opens = !args.no_open && format == Format::Human && shows_windows(&session.environment);
    let ssh = session.environment.names("SSH_CONNECTION");
    let page = PageOptions { options, port: args.port, keep: args.keep.clone(), start: args.at, gate: &Gate };
    let mut failure = None;
    let out = &mut *session.out;
    let told = on_a_runtime(page::serve(&page, |news| match news {
        PageNews::Served { url, directory, telegram } => {
            let directory = directory.display().to_string();
            let served = json!({ "schema": SCHEMA, "url": url, "directory": directory, "telegram": telegram });
            match format {
                Format::Json => out.event(&served),
                Format::Quiet => out.raw(format!("{url}\n").as_bytes()),
                _ => {
                    let port = url.split(':').nth(2).and_then(|rest| rest.split('/').next()).unwrap_or_default();
                    let people = i64::try_from(history::PEOPLE).unwrap_or_default();
                    let people = language.plural("demo.live.people", people, &[]);
                    let mut lines = vec![
                        language.text("demo.served.at", &[("url", &url)]),
                        language.text("demo.served.what", &[("people", &people), ("days", &history::DAYS)]),
                    ];
                    lines.extend(ssh.then(|| language.text("demo.served.ssh", &[("port", &port)])));
                    out.raw(format!("{}\n", lines.join("\n")).as_bytes());
                }
            }
            if opens {
                open_browser(url);
            }
        }
        PageNews::Open => {}
        PageNews::Closing if format == Format::Human => {
            out.raw(format!("{}\n", language.text("demo.live.closing", &[])).as_bytes());
        }
        PageNews::Closing => {}
        PageNews::Broken(miss, kept) => {
            let expected = language.text("demo.miss.expected", &[("what", &miss.expected)]);
            let seen = language.text("demo.miss.seen", &[("what", &miss.seen)]);
            let message = format!("{}\n{expected}\n{seen}", language.text("demo.live.broken", &[]));
            let hint = language.text("demo.kept", &[("path", &kept.display())]);
            failure = Some(FailureReport::new("INTERNAL_ERROR", ExitCode::Failure, message).with_hint(hint));
        }
    }));
    match (told, failure) {
        (Ok(Ending::Held | Ending::Interrupted), _) => Ok(()),
        (Ok(Ending::Broken), Some(failure)) => Err(failure.into()),
        (Ok(Ending::Broken), None) => Err(not_played(language, &ErrorKind::Other.into()).into()),
        (Err(error), _) => Err(refused(language, args, &error).into()),
    }
}

/// Why the demo could not be set up: the port is taken, the directory is not empty, or the system's own reason.
fn refused(language: crate::language::Language, args: &Demo, error: &std::io::Error) -> FailureReport {
    let port = args.port.unwrap_or_default();
    let directory = args.keep.as_ref().map(|keep| keep.display().to_string()).unwrap_or_default();
    match error.kind() {
        ErrorKind::AddrInUse => {
            let message = language.text("demo.refused.port", &[("port", &port)]);
            let hint = language.text("demo.refused.port_hint", &[]);
            FailureReport::new("VALIDATION_ERROR", ExitCode::Retry, message).with_hint(hint)
        }
        ErrorKind::DirectoryNotEmpty => {
            let message = language.text("demo.refused.directory", &[("path", &directory)]);
            let hint = language.text("demo.refused.directory_hint", &[]);
            FailureReport::new("VALIDATION_ERROR", ExitCode::Conflict, message).with_hint(hint)
        }
        _ => not_played(language, error),
    }
}

/// Whether this person sees windows that the program opens: not over SSH, not into a pipe, not without a screen.
fn shows_windows(environment: &Environment) -> bool {
    let has_screen = cfg!(target_os = "macos") || environment.names("DISPLAY") || environment.names("WAYLAND_DISPLAY");
    has_screen && !environment.names("SSH_CONNECTION") && Terminal::detect(environment).out
}

/// Opens the address in the person's browser; the address is printed, too, so nothing is lost if there is none.
fn open_browser(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(program);
    // A thread waits for the program's end, so that no zombie process is left.
    if let Ok(mut child) = command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
        std::thread::spawn(move || child.wait());
    }
}

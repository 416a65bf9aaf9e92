//! The key that opens an encrypted copy: typed without being shown, or read from a file. It is never an argument of the
//! command line, where other users of the machine could read it.

use std::io::{self, Read};
use std::path::Path;

use super::output::{ExitCode, FailureReport};
use super::refuse::Wrong;
use super::session::Session;
use crate::encrypted_archive::{AgeIdentity, IS_BUILT_IN};
use crate::files::open_at_end_of_link;

/// The longest file of a key, in bytes.
const LONGEST_FILE: u64 = 4096;

/// The key in `file`; without a file the person at the terminal is asked for it.
///
/// # Errors
/// Exit code 2 when there is neither a file nor a person, or no key in the file; 130 when what was typed is no key.
pub(super) fn read(session: &mut Session<'_>, file: Option<&Path>) -> Result<AgeIdentity, Wrong> {
    must_be_built_in(session)?;
    let Some(file) = file else {
        if !session.can_ask() {
            let hint = session.text("backup.key_file_hint", &[]);
            return Err(usage(session.text("ask.nobody", &[])).with_hint(hint).into());
        }
        let question = session.text("backup.ask_key", &[]);
        return session.ask_hidden(&question, |session, typed| {
            AgeIdentity::parse(typed).ok_or_else(|| session.text("backup.not_a_key", &[]))
        });
    };
    let text = text_of(file).map_err(|error| session.unusable(file, &error, ("VALIDATION_ERROR", ExitCode::Usage)))?;
    // As `age-keygen` writes it: comments begin with #.
    let key: String = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let no_key = || usage(session.text("backup.no_key_in_file", &[("path", &file.display())]));
    Ok(AgeIdentity::parse(&key).ok_or_else(no_key)?)
}

/// Refuses in a build without the cargo feature `age`.
///
/// # Errors
/// Exit code 1.
pub(super) fn must_be_built_in(session: &Session<'_>) -> Result<(), Wrong> {
    if IS_BUILT_IN {
        return Ok(());
    }
    let message = session.text("backup.not_built_in", &[]);
    Err(FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Failure, message).into())
}

fn text_of(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    open_at_end_of_link(file)?.take(LONGEST_FILE).read_to_string(&mut text)?;
    Ok(text)
}

fn usage(message: String) -> FailureReport {
    FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message)
}

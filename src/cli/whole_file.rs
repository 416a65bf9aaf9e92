//! Writes a file that a person asked for: it appears whole or not at all, only its owner can read it, and an existing
//! one is replaced only on request.

use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use super::output::{ExitCode, FailureReport};
use super::refuse::Wrong;
use super::session::Session;
use crate::files::directory_of;

/// Refuses a file that exists already and must not be replaced. Commands that work for long before they write call this
/// first.
pub(super) fn must_be_free(session: &Session<'_>, path: &Path, replaces: bool) -> Result<(), Wrong> {
    if !replaces && path.symlink_metadata().is_ok() { Err(taken(session, path)) } else { Ok(()) }
}

/// Lets `fill` write a hidden file beside the target, then renames that file to the target. `put` of `fill` writes some
/// text.
pub(super) fn write<T>(
    session: &mut Session<'_>,
    (path, replaces): (&Path, bool),
    fill: impl FnOnce(&mut Session<'_>, &mut dyn FnMut(&Session<'_>, &str) -> Result<(), Wrong>) -> Result<T, Wrong>,
) -> Result<T, Wrong> {
    let unusable = |session: &Session<'_>, error: &std::io::Error| -> Wrong {
        session.unusable(path, error, ("INTERNAL_ERROR", ExitCode::Failure)).into()
    };
    let made = NamedTempFile::with_prefix_in(".dvorik-export-", directory_of(path));
    let mut part = made.map_err(|error| unusable(session, &error))?;
    let done =
        fill(session, &mut |session, text| part.write_all(text.as_bytes()).map_err(|error| unusable(session, &error)))?;
    part.as_file().sync_all().map_err(|error| unusable(session, &error))?;
    if replaces {
        part.persist(path).map_err(|error| unusable(session, &error.error))?;
        return Ok(done);
    }
    match part.persist_noclobber(path) {
        Ok(_) => Ok(done),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Err(taken(session, path)),
        Err(error) => Err(unusable(session, &error.error)),
    }
}

fn taken(session: &Session<'_>, path: &Path) -> Wrong {
    let message = session.text("export.taken", &[("path", &path.display())]);
    let hint = session.text("export.taken_hint", &[]);
    FailureReport::new("VALIDATION_ERROR", ExitCode::Conflict, message).with_hint(hint).into()
}

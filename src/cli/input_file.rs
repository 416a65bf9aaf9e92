//! Reads the file that a command is given: a regular file, or stdin, which is copied to a temporary file until it ends.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use super::output::{ExitCode, FailureReport};
use super::refuse::Wrong;
use super::session::Session;
use crate::files::open_regular;
use crate::secret::sha256_copy;

/// The bytes of the file at `path` and their SHA-256; `-` is stdin. A file of more than `most` bytes is refused with the
/// sentence `too_long` of the catalogue.
pub(super) fn contents(
    session: &Session<'_>,
    path: &Path,
    (most, too_long): (u64, &str),
) -> Result<(Vec<u8>, String), Wrong> {
    let file = opened(session, path, (most, too_long))?;
    let mut bytes = Vec::new();
    let copied = sha256_copy(&mut file.take(most + 1), &mut bytes);
    let (digest, length) = copied.map_err(|error| unusable(session, path, &error))?;
    if length > most { Err(refusal(session, path, too_long)) } else { Ok((bytes, digest)) }
}

/// Opens the file at `path` for reading; `-` is stdin. Refuses what [`contents`] refuses.
pub(super) fn opened(session: &Session<'_>, path: &Path, (most, too_long): (u64, &str)) -> Result<File, Wrong> {
    let opened = if path.as_os_str() == "-" { spooled(most).map(Some) } else { open_regular(path) };
    let file = match opened {
        Ok(Some(file)) => file,
        Ok(None) => return Err(refusal(session, path, "import.not_regular")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(session.unusable(path, &error, ("NOT_FOUND", ExitCode::NotFound)).into());
        }
        Err(error) => return Err(unusable(session, path, &error)),
    };
    let length = file.metadata().map_err(|error| unusable(session, path, &error))?.len();
    if length > most { Err(refusal(session, path, too_long)) } else { Ok(file) }
}

/// The refusal of a file that cannot be read.
pub(super) fn unusable(session: &Session<'_>, path: &Path, error: &io::Error) -> Wrong {
    session.unusable(path, error, ("VALIDATION_ERROR", ExitCode::Usage)).into()
}

fn refusal(session: &Session<'_>, path: &Path, key: &str) -> Wrong {
    let message = session.text(key, &[("path", &path.display())]);
    FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).into()
}

fn spooled(most: u64) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut io::stdin().lock().take(most + 1), &mut file)?;
    file.rewind()?;
    Ok(file)
}

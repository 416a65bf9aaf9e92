//! Local pictures, videos and files of broadcasts: copied once to `media/<sha256>` beside the database, so that exactly
//! the confirmed file is sent, even if the original changes.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::model::MediaType;
use crate::error::{Error, Refusal, Result};
use crate::files::{directory_of, give, make_private_directory, open_regular, sync_directory_of};
use crate::secret::sha256_copy;

const MOST_PHOTO: u64 = 10 * 1024 * 1024;
const MOST_FILE: u64 = 50 * 1024 * 1024;

/// A local file copied beside the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMedia {
    /// The file's SHA-256, which is its name beside the database.
    pub sha256: String,
    /// The file name that recipients see.
    pub name: String,
    /// The file's length, in bytes.
    pub bytes: u64,
}

/// The path of the copied file with this hash.
#[must_use]
pub fn path(database: &Path, sha256: &str) -> PathBuf {
    directory_of(database).join("media").join(sha256)
}

/// Copies a regular file beside the database. Telegram's limits: photos 10 MB, other files 50 MB.
///
/// # Errors
/// `BROADCAST_MEDIA_INVALID`: missing, not a regular file, empty, or too long; otherwise the system's description.
pub fn keep(from: &Path, kind: MediaType, database: &Path) -> Result<StoredMedia> {
    let shown = from.display().to_string();
    let file = open_regular(from).map_err(|error| odd("media.unreadable", &format!("{shown}: {error}")))?;
    let mut file = file.ok_or_else(|| odd("media.not_regular", &shown))?;
    let most = if kind == MediaType::Photo { MOST_PHOTO } else { MOST_FILE };
    let directory = directory_of(&path(database, "x"));
    let copied =
        make_private_directory(&directory, database).and_then(|()| copy(&mut file, most, &directory, database));
    let (sha256, bytes) = copied.map_err(|error| odd("media.unreadable", &format!("{shown}: {error}")))?;
    if bytes == 0 || bytes > most {
        // The copy of a file that cannot be sent is useless, but harmless if it stays.
        let _ = fs::remove_file(path(database, &sha256));
        return Err(odd(if bytes == 0 { "media.empty" } else { "media.too_long" }, &shown));
    }
    let name = from.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(StoredMedia { sha256, name, bytes })
}

fn copy(file: &mut fs::File, most: u64, directory: &Path, database: &Path) -> io::Result<(String, u64)> {
    let mut part = tempfile::Builder::new().prefix(".part-").tempfile_in(directory)?;
    let (sha256, bytes) = sha256_copy(&mut file.take(most + 1), &mut part)?;
    part.as_file().sync_all()?;
    let target = directory.join(&sha256);
    part.persist(&target).map_err(|error| error.error)?;
    give(&target, database)?;
    sync_directory_of(&target)?;
    Ok((sha256, bytes))
}

fn odd(reason: &'static str, what: &str) -> Error {
    Refusal::BroadcastMediaInvalid { reason, what: what.chars().take(200).collect() }.into()
}

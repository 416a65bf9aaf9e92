//! Checks a backup: whether it matches its checksum file and is a sound database. Changes nothing, and reads no file
//! beside the backup but the checksum file.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::{BackupError, BackupProblem, Facts, Form, Result};
use crate::db::OpenError;
use crate::db::backup::{Examined, differences, examine};
use crate::files::{open_regular, with_tail};
use crate::secret::sha256_copy;

/// The first bytes of every SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// The application id of dvorik in the header of a database file.
const APPLICATION: &[u8] = b"DVRK";
const HEADER: usize = 72;

/// Whether a backup file matches its checksum file, judged by the hash alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Soundness {
    /// The backup matches its checksum file.
    Whole,
    /// The backup does not match its checksum file, or cannot be read.
    Damaged,
    /// The backup has no checksum file.
    Unverified,
}

/// Compares a backup's hash with its checksum file.
#[must_use]
pub fn soundness(path: &Path) -> Soundness {
    let Some(facts) = Facts::of(path) else { return Soundness::Unverified };
    let hashed = open(path).map(|mut file| sha256_copy(&mut file, &mut std::io::sink()));
    match hashed {
        Ok(Ok(hashed)) if hashed == (facts.sha256, facts.bytes) => Soundness::Whole,
        _ => Soundness::Damaged,
    }
}

/// Checks a backup's hash, integrity, foreign keys and row counts.
///
/// # Errors
/// [`BackupError::Damaged`] names every fault; `NotRegular`, `Foreign`, `Newer`, `Unverified`, `Unusable`.
pub fn verify(path: &Path) -> Result<Facts> {
    let mut file = open(path)?;
    check_length(path, &file)?;
    let hashed = sha256_copy(&mut file, &mut std::io::sink()).map_err(|error| BackupError::io(path, &error))?;
    judge(path, &hashed, path)
}

/// Checks a backup without reading the whole file: that there is a checksum file, and that the backup has the length
/// stored in it.
///
/// # Errors
/// [`BackupError::Foreign`], [`BackupError::Unverified`], [`BackupError::Damaged`].
pub(super) fn check_length(path: &Path, file: &File) -> Result<()> {
    let length = file.metadata().map_err(|error| BackupError::io(path, &error))?.len();
    match Facts::of(path) {
        None if length > 0 && !looks_ours(file) => Err(BackupError::Foreign(path.to_owned())),
        None => Err(BackupError::Unverified(path.to_owned())),
        Some(facts) if facts.bytes != length => {
            let problem = BackupProblem { check: "sha256", what: String::new() };
            Err(damaged(path, Form::WithSidecar, vec![problem]))
        }
        Some(_) => Ok(()),
    }
}

/// Checks a bare file without reading the whole of it: that it has content and the header of a dvorik database, and that
/// nothing of the database is in another file.
///
/// # Errors
/// [`BackupError::Empty`], [`BackupError::Foreign`], [`BackupError::HasLog`].
pub(super) fn check_alone(path: &Path, file: &File) -> Result<()> {
    let length = file.metadata().map_err(|error| BackupError::io(path, &error))?.len();
    let has = |tail: &str| with_tail(path, tail).symlink_metadata().is_ok_and(|found| found.len() > 0);
    match length {
        0 => Err(BackupError::Empty(path.to_owned())),
        _ if !looks_ours(file) => Err(BackupError::Foreign(path.to_owned())),
        _ if has("-wal") || has("-journal") => Err(BackupError::HasLog(path.to_owned())),
        _ => Ok(()),
    }
}

/// Whether the header is that of a dvorik database.
fn looks_ours(file: &File) -> bool {
    let mut header = [0; HEADER];
    let is_whole = file.read_exact_at(&mut header, 0).is_ok();
    is_whole && header.starts_with(MAGIC) && header.ends_with(APPLICATION)
}

/// Opens a backup, which must be a regular file.
pub(super) fn open(path: &Path) -> Result<File> {
    match open_regular(path) {
        Ok(Some(file)) => Ok(file),
        Ok(None) => Err(BackupError::NotRegular(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(BackupError::NotFound { typed: path.display().to_string(), known: Vec::new() })
        }
        Err(error) => Err(BackupError::io(path, &error)),
    }
}

/// Checks that `file`, which has the hash and length `hashed`, is a sound database and matches the checksum file of the
/// backup `path`. Errors name `path`.
pub(super) fn judge(path: &Path, hashed: &(String, u64), file: &Path) -> Result<Facts> {
    let facts = Facts::of(path);
    let is_changed = facts.as_ref().is_some_and(|facts| (&facts.sha256, facts.bytes) != (&hashed.0, hashed.1));
    let mut problems = listed("sha256", is_changed.then(String::new));
    match examine(file) {
        Ok(seen) if seen.is_newer && !is_changed => return Err(BackupError::Newer(path.to_owned())),
        Ok(seen) => {
            problems.extend(faults(&seen));
            let expected = facts.as_ref().map(|facts| differences(&facts.counts, &seen.counts));
            problems.extend(listed("counts", expected.unwrap_or_default()));
        }
        // In a changed file other faults mean little: only the changed hash is reported.
        Err(_) if is_changed => {}
        Err(OpenError::Foreign(_)) => return Err(BackupError::Foreign(path.to_owned())),
        Err(error) => problems.extend(listed("integrity", [error.to_string()])),
    }
    match facts {
        _ if !problems.is_empty() => Err(damaged(path, Form::WithSidecar, problems)),
        None => Err(BackupError::Unverified(path.to_owned())),
        Some(facts) => Ok(facts),
    }
}

/// Checks that `file`, a copy of the bare file `path`, is a sound database of dvorik. Errors name `path`.
pub(super) fn judge_bare(path: &Path, file: &Path) -> Result<Examined> {
    let seen = examine(file).map_err(|error| match error {
        OpenError::Foreign(_) => BackupError::Foreign(path.to_owned()),
        error => damaged(path, Form::Bare, listed("integrity", [error.to_string()])),
    })?;
    if seen.is_newer {
        return Err(BackupError::Newer(path.to_owned()));
    }
    let problems = faults(&seen);
    if problems.is_empty() { Ok(seen) } else { Err(damaged(path, Form::Bare, problems)) }
}

/// The faults of a file, whatever vouches for it.
pub(super) fn faults(seen: &Examined) -> Vec<BackupProblem> {
    let mut problems = listed("integrity", seen.integrity.clone());
    problems.extend(listed("schema", seen.schema.clone()));
    problems.extend(listed("foreign_keys", seen.foreign_keys.clone()));
    problems
}

fn listed(check: &'static str, found: impl IntoIterator<Item = String>) -> Vec<BackupProblem> {
    found.into_iter().map(|what| BackupProblem { check, what }).collect()
}

fn damaged(path: &Path, form: Form, problems: Vec<BackupProblem>) -> BackupError {
    BackupError::Damaged { path: path.to_owned(), form, problems }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_is_told_from_one_that_cannot_be_reached() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file.db");
        std::fs::write(&file, "").unwrap();
        assert!(matches!(verify(&dir.path().join("no.db")), Err(BackupError::NotFound { .. })));
        assert!(matches!(verify(&file.join("no.db")), Err(BackupError::Unusable { .. })));
        assert!(matches!(verify(dir.path()), Err(BackupError::NotRegular(_))));
    }

    #[test]
    fn a_whole_sqlite_file_of_another_program_is_foreign() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("photos.db");
        let mut header = MAGIC.to_vec();
        header.resize(4096, 0);
        std::fs::write(&path, &header).unwrap();
        assert!(matches!(verify(&path), Err(BackupError::Foreign(_))));
        header.splice(HEADER - APPLICATION.len()..HEADER, APPLICATION.iter().copied());
        std::fs::write(&path, &header).unwrap();
        assert!(matches!(verify(&path), Err(BackupError::Unverified(_))));
    }

    #[test]
    fn of_a_file_with_another_hash_that_cannot_be_read_only_the_hash_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("shop.db");
        let now = crate::clock::Timestamp::parse("2026-11-22T09:00:00Z").unwrap();
        let copy = |part: &Path| {
            crate::db::migrate(part)?;
            Ok(crate::db::backup::Copied { counts: examine(part)?.counts, compared: true, migration: 1 })
        };
        crate::backup::save::save(&path, dir.path(), now, copy).unwrap();
        let length = usize::try_from(std::fs::metadata(&path).unwrap().len()).unwrap();
        std::fs::write(&path, vec![7; length]).unwrap();
        let Err(BackupError::Damaged { problems, .. }) = verify(&path) else { panic!("taken for sound") };
        assert_eq!(problems.iter().map(|problem| problem.check).collect::<Vec<_>>(), ["sha256"]);
    }
}

//! Makes a backup: the database is copied to a temporary name; the copy is checked, hashed, synced, and then renamed. A
//! failure leaves nothing behind; a power cut leaves either a whole backup or a hidden `….part`.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempPath};

use super::encrypted_copy::sweep_opened;
use super::file::{is_there, sidecar_of};
use super::left_out::SCRUBS;
use super::{BackupError, BackupKind, Facts, Result, drill};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::db::backup::{self as raw, Copied, CopyError};
use crate::files::{directory_of, give, make_private_directory, sync_directory_of};
use crate::secret::sha256_copy;

/// The prefix and suffix of an unfinished backup's name.
const PART: (&str, &str) = (".dvorik-", ".part");
/// A day in seconds.
const A_DAY: i64 = 24 * 60 * 60;

/// A backup that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The backup file's path.
    pub path: PathBuf,
    /// The facts in the backup's checksum file.
    pub facts: Facts,
}

/// Backs up the shop's database to the backup directory, or to `to` (a directory, or a file that must not exist). The
/// database may be in use and of an older schema; writers do not wait for the backup. The backup and its checksum file
/// have mode 0600.
///
/// # Errors
/// [`BackupError`]; no file is left behind.
pub fn create(config: &Config, to: Option<&Path>, now: Timestamp) -> Result<Made> {
    let database = &config.database.path;
    let target = match to {
        None => {
            let directory = &config.backup.dir;
            make_private_directory(directory, database).map_err(|error| BackupError::io(directory, &error))?;
            sweep(directory, now);
            drill::sweep(directory);
            sweep_opened(&directory_of(&config.database.path), now);
            BackupKind::Ordinary.free_path(directory, now)
        }
        Some(directory) if directory.is_dir() => BackupKind::Ordinary.free_path(directory, now),
        Some(file) => file.to_owned(),
    };
    save(&target, database, now, |part| raw::copy(database, part, &SCRUBS))
}

/// Makes the backup `target` of what `copy` writes. The files get the owner of the file `beside`.
pub(super) fn save(
    target: &Path,
    beside: &Path,
    now: Timestamp,
    copy: impl FnOnce(&Path) -> std::result::Result<Copied, CopyError>,
) -> Result<Made> {
    let sidecar = sidecar_of(target);
    if let Some(taken) = [target, &sidecar].into_iter().find(|path| is_there(path)) {
        return Err(BackupError::Exists(taken.to_owned()));
    }
    let part = part_beside(target)?.into_temp_path();
    let copied = copy(&part).map_err(|error| BackupError::copying(target, error))?;
    check_copy(&part, &copied)?;
    let facts = Facts::new(now, settle(&part, target, beside)?, copied);
    keep_sidecar(&facts, &sidecar, beside)?;
    if let Err(error) = part.persist_noclobber(target) {
        // A checksum file without a backup would block the name for the next backup.
        let _ = std::fs::remove_file(&sidecar);
        return Err(BackupError::io(target, &error.error));
    }
    sync_directory_of(target).map_err(|error| BackupError::io(target, &error))?;
    Ok(Made { path: target.to_owned(), facts })
}

/// Removes the unfinished files of killed backups that are more than a day old: no running backup takes that long.
fn sweep(directory: &Path, now: Timestamp) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_part = name.to_str().is_some_and(|name| name.starts_with(PART.0) && name.ends_with(PART.1));
        if is_part && entry.metadata().is_ok_and(|found| found.mtime() < now.plus(-A_DAY).0) {
            // A file that cannot be removed is harmless.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Makes an empty hidden file in the directory of `target`, mode 0600. Dropping the value removes the file.
fn part_beside(target: &Path) -> Result<NamedTempFile> {
    let directory = directory_of(target);
    let made = Builder::new().prefix(PART.0).suffix(PART.1).tempfile_in(&directory);
    made.map_err(|error| BackupError::io(&directory, &error))
}

/// Checks the copy on a separate connection.
fn check_copy(part: &TempPath, copied: &Copied) -> Result<()> {
    let seen = raw::examine(part)?;
    let mut problems = seen.integrity;
    problems.extend(seen.foreign_keys);
    problems.extend(raw::differences(&copied.counts, &seen.counts));
    if problems.is_empty() { Ok(()) } else { Err(BackupError::Unsound(problems)) }
}

/// Syncs the copy and sets its owner. Returns the copy's hash and length.
fn settle(part: &Path, target: &Path, beside: &Path) -> Result<(String, u64)> {
    let settled = File::open(part).and_then(|mut file| {
        let hashed = sha256_copy(&mut file, &mut std::io::sink())?;
        file.sync_all()?;
        give(part, beside)?;
        Ok(hashed)
    });
    settled.map_err(|error| BackupError::io(target, &error))
}

fn keep_sidecar(facts: &Facts, path: &Path, beside: &Path) -> Result<()> {
    let mut part = part_beside(path)?;
    let text = serde_json::to_string_pretty(facts).unwrap_or_default() + "\n";
    let written = part.write_all(text.as_bytes()).and_then(|()| part.as_file().sync_all());
    written.and_then(|()| give(part.path(), beside)).map_err(|error| BackupError::io(path, &error))?;
    part.persist_noclobber(path).map_err(|error| BackupError::io(path, &error.error)).map(drop)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn only_what_is_older_than_a_day_is_swept_away() {
        let dir = tempfile::tempdir().unwrap();
        let now = Timestamp::parse("2026-11-22T09:00:00Z").unwrap();
        let day = Duration::from_hours(24);
        let second = Duration::from_secs(1);
        let files = [
            (".dvorik-new.part", Duration::ZERO),
            (".dvorik-a-day-old.part", day),
            (".dvorik-older.part", day + second),
            (".dvorik-much-older.part", day * 40),
            (".dvorik-of-another-kind.db", day * 40),
            ("another-programs.part", day * 40),
        ];
        for (name, age) in files {
            let file = File::create(dir.path().join(name)).unwrap();
            let made = SystemTime::UNIX_EPOCH + Duration::from_secs(now.0.cast_unsigned()) - age;
            file.set_modified(made).unwrap();
        }
        sweep(dir.path(), now);
        let left =
            std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut left: Vec<_> = left.collect();
        left.sort();
        assert_eq!(
            left,
            [".dvorik-a-day-old.part", ".dvorik-new.part", ".dvorik-of-another-kind.db", "another-programs.part"]
        );
    }

    #[test]
    fn a_copy_that_differs_from_what_was_read_is_no_backup() {
        let dir = tempfile::tempdir().unwrap();
        let (target, now) = (dir.path().join("shop.db"), Timestamp::parse("2026-11-22T09:00:00Z").unwrap());
        let copy = |rows: i64| {
            move |part: &Path| {
                crate::db::migrate(part)?;
                let counts = raw::examine(part)?.counts;
                let counts = counts.into_iter().map(|(table, found)| (table, found + rows)).collect();
                Ok(Copied { counts, compared: true, migration: 1 })
            }
        };
        let refused = save(&target, dir.path(), now, copy(1));
        assert!(matches!(refused, Err(BackupError::Unsound(ref problems)) if !problems.is_empty()), "{refused:?}");
        assert!(!target.exists() && !sidecar_of(&target).exists());
        save(&target, dir.path(), now, copy(0)).unwrap();
    }
}

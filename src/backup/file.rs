//! Backups as files: their names, the checksum file beside each, and the backup directory. The code calls the checksum
//! file `sidecar`.

use std::ffi::OsStr;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{BackupError, Result};
use crate::clock::Timestamp;
use crate::db::backup::RowCounts;
use crate::db::{NEWEST_KNOWN_MIGRATION, has_no_log_of_its_own};
use crate::files::{open_regular, with_tail};

/// The value of `schema` in a checksum file.
const SCHEMA: &str = "dvorik.backup.file/1";
/// The longest checksum file, in bytes; a longer file is not a checksum file.
const LONGEST_SIDECAR: u64 = 1 << 20;
const PREFIX: &str = "dvorik-";
const BEFORE_RESTORE: &str = "before-restore-";

/// The content of a backup's checksum file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    schema: String,
    /// When the backup was made, as text.
    created_at: String,
    /// SHA-256 of the backup file, 64 hexadecimal digits.
    pub sha256: String,
    /// The backup file's length, in bytes.
    pub bytes: u64,
    /// The number of rows in each table of the backup.
    pub counts: RowCounts,
    /// Whether the number of rows was compared with that of the database: possible only if nothing was written during
    /// the backup.
    pub compared: bool,
    /// The version of dvorik that made the backup.
    pub version: String,
    /// The newest migration in the backup, 0 = none.
    pub migration: i64,
}

impl Facts {
    /// Facts of a backup made at `at` by this dvorik; `file` is the backup file's hash and length.
    pub(super) fn new(at: Timestamp, file: (String, u64), copied: crate::db::backup::Copied) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            created_at: at.to_string(),
            sha256: file.0,
            bytes: file.1,
            counts: copied.counts,
            compared: copied.compared,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            migration: copied.migration,
        }
    }

    /// The same facts of a file that was made at another time.
    pub(super) fn made_at(self, at: Timestamp) -> Self {
        Self { created_at: at.to_string(), ..self }
    }

    /// When the backup was made; `None` when the stored text is no timestamp.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        Timestamp::parse(&self.created_at)
    }

    /// The facts in the checksum file of the backup `path`; `None` when there is no checksum file or it is invalid.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let file = open_regular(&sidecar_of(path)).ok()??;
        let mut text = String::new();
        file.take(LONGEST_SIDECAR).read_to_string(&mut text).ok()?;
        Self::parse(&text)
    }

    /// Reads the content of a checksum file; `None` when it is invalid.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().filter(|facts: &Self| facts.schema == SCHEMA)
    }
}

/// Why a backup was made; part of the backup file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupKind {
    /// A person or the job `backup` made the backup.
    Ordinary,
    /// A restore made the backup from the database that it replaced.
    BeforeRestore,
}

impl BackupKind {
    /// The kind as a word: `ordinary`, `before_restore`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::BeforeRestore => "before_restore",
        }
    }

    /// The path of a new backup made at `at`: the first name in `directory` that neither a backup nor a checksum file
    /// has.
    pub(super) fn free_path(self, directory: &Path, at: Timestamp) -> PathBuf {
        let word = if self == Self::BeforeRestore { BEFORE_RESTORE } else { "" };
        let stamp: String = at.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
        let numbered = (2..).map(|number| format!("{PREFIX}{word}{stamp}-{number}.db"));
        let names = std::iter::once(format!("{PREFIX}{word}{stamp}.db")).chain(numbered);
        let mut paths = names.map(|name| directory.join(name));
        let is_free = |path: &PathBuf| !is_there(path) && !is_there(&sidecar_of(path));
        paths.find(is_free).unwrap_or_else(|| directory.to_owned())
    }
}

/// Whether the path exists, even as a dangling link.
pub(super) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// A backup in the backup directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The backup file's name.
    pub name: String,
    /// The backup file's path.
    pub path: PathBuf,
    /// Why the backup was made.
    pub kind: BackupKind,
    /// When the backup was made, read from its name.
    pub created_at: Timestamp,
    /// The backup file's length now, in bytes.
    pub bytes: u64,
}

/// The backups in `directory`, newest first; a directory that does not exist has none.
///
/// # Errors
/// [`BackupError::Unusable`].
pub fn list(directory: &Path) -> Result<Vec<Backup>> {
    let failed = |error: &std::io::Error| BackupError::io(directory, error);
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| failed(&error))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failed(&error))?;
        found.extend(backup_of(&entry.path()));
    }
    // Of two backups made in the same second, the numbered one is newer.
    found.sort_by_key(|backup| std::cmp::Reverse((backup.created_at, backup.name.len(), backup.name.clone())));
    Ok(found)
}

fn backup_of(path: &Path) -> Option<Backup> {
    let name = path.file_name().and_then(OsStr::to_str)?;
    let (kind, created_at) = read_name(name)?;
    let found = path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
    Some(Backup { name: name.to_owned(), path: path.to_owned(), kind, created_at, bytes: found.len() })
}

/// Reads the name of a backup, `dvorik-20261122T090000Z.db` or `dvorik-before-restore-20261122T090000Z-2.db`; `None`
/// for any other name.
fn read_name(name: &str) -> Option<(BackupKind, Timestamp)> {
    let rest = name.strip_prefix(PREFIX)?.strip_suffix(".db")?;
    let (kind, rest) = match rest.strip_prefix(BEFORE_RESTORE) {
        Some(rest) => (BackupKind::BeforeRestore, rest),
        None => (BackupKind::Ordinary, rest),
    };
    let (stamp, number) = rest.split_once('-').unwrap_or((rest, "2"));
    number.parse::<u32>().ok()?;
    let mut text = stamp.to_owned();
    // The marks of the timestamp are inserted from the end, so that the positions before them stay valid.
    for (at, mark) in [(13, ':'), (11, ':'), (6, '-'), (4, '-')] {
        // Also false for a position past the end.
        if !text.is_char_boundary(at) {
            return None;
        }
        text.insert(at, mark);
    }
    Some((kind, Timestamp::parse(&text)?))
}

/// The newest backup of the shop whose schema this program knows; `None` when there is none.
///
/// # Errors
/// The errors of [`list`].
pub fn newest_known(directory: &Path) -> Result<Option<Backup>> {
    let is_known = |path: &Path| Facts::of(path).is_some_and(|facts| facts.migration <= NEWEST_KNOWN_MIGRATION);
    let is_wanted = |backup: &Backup| backup.kind == BackupKind::Ordinary && is_known(&backup.path);
    Ok(list(directory)?.into_iter().find(is_wanted))
}

/// Whether the file at `path` is a backup under its own name, and not the database of a shop: a checksum file beside it
/// gives its length, and no process has served it. A backup that has been a shop's database since is that database.
#[must_use]
pub fn has_sidecar(path: &Path) -> bool {
    let bytes = path.metadata().map(|found| found.len()).ok();
    Facts::of(path).is_some_and(|facts| Some(facts.bytes) == bytes) && has_no_log_of_its_own(path)
}

/// Finds the backup that a person named: `last` (the newest ordinary one), a name in `directory` with or without `.db`,
/// or a path. For a path, only its existence is checked.
///
/// # Errors
/// [`BackupError::NotFound`].
pub fn get_by_ref(directory: &Path, typed: &str) -> Result<PathBuf> {
    let path = PathBuf::from(typed);
    // A path is not looked up among the backups of the directory.
    if path.components().count() > 1 {
        return if is_there(&path) { Ok(path) } else { Err(not_found(typed, &[])) };
    }
    let known = list(directory)?;
    if typed == "last" {
        let newest = known.iter().find(|backup| backup.kind == BackupKind::Ordinary);
        return newest.map(|backup| backup.path.clone()).ok_or_else(|| not_found(typed, &known));
    }
    let named = known.iter().find(|backup| backup.name == typed || backup.name.strip_suffix(".db") == Some(typed));
    let named = named.map(|backup| backup.path.clone());
    named
        .into_iter()
        .chain([path, directory.join(typed)])
        .find(|path| is_there(path))
        .ok_or_else(|| not_found(typed, &known))
}

fn not_found(typed: &str, known: &[Backup]) -> BackupError {
    let known = known.iter().map(|backup| backup.name.clone()).collect();
    BackupError::NotFound { typed: typed.chars().take(200).collect(), known }
}

/// The path of a backup's checksum file: `….json` for a backup `….db`, `<name>.json` for any other name.
pub(super) fn sidecar_of(path: &Path) -> PathBuf {
    if path.extension() == Some(OsStr::new("db")) { path.with_extension("json") } else { with_tail(path, ".json") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_when_and_why() {
        let at = Timestamp::parse("2026-11-22T09:00:00Z").unwrap();
        assert_eq!(read_name("dvorik-20261122T090000Z.db"), Some((BackupKind::Ordinary, at)));
        assert_eq!(read_name("dvorik-20261122T090000Z-12.db"), Some((BackupKind::Ordinary, at)));
        assert_eq!(read_name("dvorik-before-restore-20261122T090000Z.db"), Some((BackupKind::BeforeRestore, at)));
        for other in ["dvorik.db", "dvorik-.db", "dvorik-20261322T090000Z.db", "dvorik-20261122T090000Z-x.db"] {
            assert_eq!(read_name(other), None, "{other}");
        }
        for other in ["dvorik-20261122T090000Z.json", "dvorik-ддддддддд.db", "dvorik-2026.db", "shop.db"] {
            assert_eq!(read_name(other), None, "{other}");
        }
    }

    #[test]
    fn a_taken_name_is_numbered() {
        let dir = tempfile::tempdir().unwrap();
        let at = Timestamp::parse("2026-11-22T09:00:00Z").unwrap();
        let first = BackupKind::Ordinary.free_path(dir.path(), at);
        assert_eq!(first, dir.path().join("dvorik-20261122T090000Z.db"));
        std::fs::write(sidecar_of(&first), "").unwrap();
        assert_eq!(BackupKind::Ordinary.free_path(dir.path(), at), dir.path().join("dvorik-20261122T090000Z-2.db"));
    }

    #[test]
    fn only_a_name_is_looked_up_among_the_backups() {
        let dir = tempfile::tempdir().unwrap();
        let name = "dvorik-20261122T090000Z.db";
        std::fs::write(dir.path().join(name), "").unwrap();
        for typed in ["last", name, "dvorik-20261122T090000Z"] {
            assert_eq!(get_by_ref(dir.path(), typed).unwrap(), dir.path().join(name), "{typed}");
        }
        let known_to = |typed: &str| match get_by_ref(dir.path(), typed) {
            Err(BackupError::NotFound { known, .. }) => known,
            other => panic!("{typed}: {other:?}"),
        };
        assert_eq!(known_to("nowhere.db"), [name]);
        for path in ["./nowhere.db", "no/such/nowhere.db"] {
            assert_eq!(known_to(path), [""; 0], "{path}");
        }
    }
}

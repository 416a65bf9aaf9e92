//! A drill: a copy of the shop is restored into a private directory beside the backups, checked as a restore checks it,
//! compared with the shop's database row by row, and removed. It tells whether the copy would bring the shop back, and
//! what would be missing.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::named_params;
use rustix::fs::{Mode, OFlags};
use tempfile::TempDir;

use super::stage::{make_fit, stage};
use super::verify::{faults, judge_bare, open};
use super::{BackupError, BackupProblem, Form, Result, newest};
use crate::clock::{Now, Timestamp};
use crate::config::Config;
use crate::db::backup::examine;
use crate::db::{self, Failure, View};
use crate::files::{free_bytes, make_private_directory};
use crate::locks::{self, Lock};

/// The beginning of the name of a drill's directory.
const PREFIX: &str = ".dvorik-drill-";
/// What stays free on the disk beside the restored copy, in bytes: a full disk would stop the shop.
const RESERVE: u64 = 64 * 1024 * 1024;

// A row that was written before the drill began and that the copy lacks.
const USERS: &str = "SELECT count(*), min(l.created_at) FROM main.users l
    WHERE l.created_at <= :began AND NOT EXISTS (SELECT 1 FROM copy.users c WHERE c.id = l.id)";
const DISCOUNTS: &str = "SELECT count(*), min(l.created_at) FROM main.discounts l
    WHERE l.created_at <= :began AND NOT EXISTS (SELECT 1 FROM copy.discounts c WHERE c.id = l.id)";
const REDEMPTIONS: &str = "SELECT count(*), min(l.at) FROM main.redemptions l
    WHERE l.at <= :began AND NOT EXISTS (SELECT 1 FROM copy.redemptions c WHERE c.id = l.id)";
const DELIVERIES: &str = "SELECT count(*), min(coalesce(b.started_at, b.created_at))
     FROM main.deliveries l JOIN main.broadcasts b ON b.id = l.broadcast_id
    WHERE coalesce(b.started_at, b.created_at) <= :began AND NOT EXISTS
          (SELECT 1 FROM copy.deliveries c WHERE c.broadcast_id = l.broadcast_id AND c.user_id = l.user_id)";
const AUDIT_LOG: &str = "SELECT count(*), min(l.at) FROM main.audit_log l
    WHERE l.at <= :began AND NOT EXISTS (SELECT 1 FROM copy.audit_log c WHERE c.id = l.id)";

/// How many rows of the shop the copy lacks, by table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Missing {
    /// Customers.
    pub users: i64,
    /// Codes.
    pub discounts: i64,
    /// Redemptions.
    pub redemptions: i64,
    /// Recipients of broadcasts.
    pub deliveries: i64,
    /// Entries of the audit log.
    pub audit_log: i64,
}

/// How a whole copy differs from the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// The newest migration in the copy.
    pub migration: i64,
    /// For how many seconds the oldest row that the copy lacks has been missing, up to now while a daemon serves the
    /// shop, else up to the shop's newest row; 0 when no row is missing.
    pub behind_seconds: i64,
    /// How many rows the copy lacks.
    pub missing: Missing,
    /// When the newest row of the shop was written.
    pub newest_live: Option<Timestamp>,
    /// When the newest row of the copy was written.
    pub newest_copy: Option<Timestamp>,
}

/// What a drill found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drilled {
    /// The copy is damaged.
    Unsound(Vec<BackupProblem>),
    /// The copy would bring the shop back.
    Sound(Comparison),
}

/// A drill that has begun. Dropping this value removes the restored copy.
pub struct Drill<'c> {
    config: &'c Config,
    began: Timestamp,
    directory: TempDir,
    /// Held while the drill runs, so that no other drill sweeps its directory away.
    _lock: File,
}

impl<'c> Drill<'c> {
    /// Makes the private directory of a drill in the backup directory, after removing those that killed drills left.
    ///
    /// # Errors
    /// [`BackupError::Unusable`]; [`BackupError::NoRoom`] when the disk has no room for a second database.
    pub fn begin(config: &'c Config, now: Timestamp) -> Result<Self> {
        let (parent, database) = (&config.backup.dir, &config.database.path);
        make_private_directory(parent, database).map_err(|error| BackupError::io(parent, &error))?;
        sweep(parent);
        has_room(parent, database.metadata().map_or(0, |found| found.len()))?;
        let (directory, lock) = make(parent).map_err(|error| BackupError::io(parent, &error))?;
        Ok(Self { config, began: now, directory, _lock: lock })
    }

    /// The path at which another program restores the copy, for [`Drill::of_target`]; there is no file yet.
    #[must_use]
    pub fn target(&self) -> PathBuf {
        self.directory.path().join("copy.db")
    }

    /// Restores the backup or bare file `path`, and compares it.
    ///
    /// # Errors
    /// Every [`BackupError`] but `Damaged`, which is a result.
    pub fn of_file(self, path: &Path, form: Form) -> Result<Drilled> {
        let length = open(path)?.metadata().map_err(|error| BackupError::io(path, &error))?.len();
        has_room(&self.config.backup.dir, length)?;
        let staged = self.target();
        self.judge(stage(path, form, &staged, self.config, self.began).map(|staged| {
            let migrated = !staged.migrated.is_empty();
            (staged.facts.migration, migrated)
        }))
    }

    /// Compares the bare file that another program has restored at [`Drill::target`]. Errors name `source`.
    ///
    /// # Errors
    /// Every [`BackupError`] but `Damaged`, which is a result.
    pub fn of_target(self, source: &Path) -> Result<Drilled> {
        let staged = self.target();
        let fit = judge_bare(source, &staged).and_then(|seen| {
            let migrated = make_fit(source, &staged, self.config, self.began)?;
            Ok((seen.migration, !migrated.is_empty()))
        });
        self.judge(fit)
    }

    fn judge(&self, fit: Result<(i64, bool)>) -> Result<Drilled> {
        let (migration, is_migrated) = match fit {
            Ok(fit) => fit,
            Err(BackupError::Damaged { problems, .. }) => return Ok(Drilled::Unsound(problems)),
            Err(error) => return Err(error),
        };
        if is_migrated {
            let problems = faults(&examine(&self.target())?);
            if !problems.is_empty() {
                return Ok(Drilled::Unsound(problems));
            }
        }
        Ok(Drilled::Sound(self.compare(migration)?))
    }

    fn compare(&self, migration: i64) -> Result<Comparison> {
        let (copy, live) = (self.target(), &self.config.database.path);
        let at = (Now::at(self.began), self.config.timezone);
        let newest_copy = db::read_still(&copy, at, newest::of)?;
        let is_served = locks::holder(live, Lock::Serve)?.is_some();
        let (newest_live, (missing, oldest)) =
            db::read_beside::<_, Failure>(live, &copy, at, |view| Ok((newest::of(view)?, missing(view, self.began)?)))?;
        let until = if is_served { Some(self.began) } else { newest_live };
        let behind_seconds = oldest.zip(until).map_or(0, |(oldest, until)| until.0.saturating_sub(oldest.0).max(0));
        Ok(Comparison { migration, behind_seconds, missing, newest_live, newest_copy })
    }
}

/// What the copy lacks, and when the oldest row of it was written.
fn missing(view: &View<'_>, began: Timestamp) -> std::result::Result<(Missing, Option<Timestamp>), Failure> {
    let mut oldest: Option<String> = None;
    let mut count = |sql: &str| {
        let (count, since): (i64, Option<String>) =
            view.get(sql, named_params! { ":began": began }, |row| Ok((row.get(0)?, row.get(1)?)))?;
        oldest = oldest.iter().chain(&since).min().cloned();
        Ok::<_, Failure>(count)
    };
    let missing = Missing {
        users: count(USERS)?,
        discounts: count(DISCOUNTS)?,
        redemptions: count(REDEMPTIONS)?,
        deliveries: count(DELIVERIES)?,
        audit_log: count(AUDIT_LOG)?,
    };
    Ok((missing, oldest.as_deref().and_then(Timestamp::parse)))
}

/// Makes a drill's directory and locks it. Another drill that sweeps at this moment may remove the directory before it is
/// locked: then the next one is made.
fn make(parent: &Path) -> std::io::Result<(TempDir, File)> {
    loop {
        let directory = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        let locked = open_directory(directory.path()).and_then(|lock| match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            // A file system without locks of directories.
            Err(TryLockError::Error(error)) => Err(error),
        });
        match locked {
            Ok(Some(lock)) if directory.path().exists() => return Ok((directory, lock)),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
}

/// Opens a directory and nothing else: a link is not followed, and a pipe is not waited for.
fn open_directory(path: &Path) -> std::io::Result<File> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::RDONLY;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

/// Removes the directories of drills that were killed: no process holds their locks.
pub(super) fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_drill = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let Some(directory) = is_drill.then(|| open_directory(&entry.path()).ok()).flatten() else { continue };
        if directory.try_lock().is_ok() {
            // A directory that cannot be removed only takes space.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn has_room(parent: &Path, bytes: u64) -> Result<()> {
    let free = free_bytes(parent).map_err(|error| BackupError::io(parent, &error))?;
    let needed = needed(bytes);
    if free >= needed { Ok(()) } else { Err(BackupError::NoRoom { path: parent.to_owned(), bytes: needed }) }
}

/// How much must be free to restore a database of `bytes`: migrating may rewrite every page.
const fn needed(bytes: u64) -> u64 {
    bytes.saturating_mul(2).saturating_add(RESERVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_drill_left_is_swept_away_and_a_running_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let (killed, other) = (dir.path().join(".dvorik-drill-killed"), dir.path().join("drills"));
        for directory in [&killed, &other] {
            fs::create_dir(directory).unwrap();
            fs::write(directory.join("copy.db"), "a customer").unwrap();
        }
        let (running, lock) = make(dir.path()).unwrap();
        sweep(dir.path());
        assert!(!killed.exists() && other.join("copy.db").exists() && running.path().exists());
        drop(lock);
        sweep(dir.path());
        assert!(!running.path().exists());
    }

    #[test]
    fn a_drill_needs_room_for_two_databases_and_a_reserve() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(needed(10), 20 + RESERVE);
        assert!(has_room(dir.path(), 0).is_ok());
        assert!(matches!(has_room(dir.path(), u64::MAX / 4), Err(BackupError::NoRoom { .. })));
    }
}

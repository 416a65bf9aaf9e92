//! Replaces the shop's database by a backup. Every step that can fail works on a private copy of the backup in a
//! directory beside the database, while this process holds all locks of the database. The database itself is changed by
//! one rename at the end. Before that, a copy of the present database is kept, and what must not be reverted is carried
//! over from it (`carry`). Erasures made after the backup are repeated; letters that waited in the backup are not sent.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::carry::{CarriedOver, Lost, active, carry_over};
use super::file::{has_sidecar, sidecar_of};
use super::left_out::SCRUBS;
use super::save::save;
use super::stage::{Staged, stage};
use super::{BackupError, BackupKind, Facts, Form, Result};
use crate::audit;
use crate::broadcast;
use crate::clock::{Now, Timestamp, Zone};
use crate::config::Config;
use crate::db::backup::{self as raw, Alone, AloneError, Present};
use crate::db::{self, Failure, Pending, Tx, View};
use crate::discount;
use crate::erasure::{self, Erasures};
use crate::error::{Error, Result as ShopResult};
use crate::files::{directory_of, give, make_private_directory, sync_directory_of, with_tail};
use crate::locks::{self, Held, Lock};
use crate::outbox;
use crate::settings;
use crate::staff::Owner;

const NO_PEOPLE: &str = "SELECT NOT EXISTS (SELECT 1 FROM users) AND NOT EXISTS (SELECT 1 FROM discounts)
     AND NOT EXISTS (SELECT 1 FROM admins)";

/// Whether the database has no customer, no code and no admin, so that replacing the database loses nothing.
pub fn is_without_people(view: &View<'_>) -> ShopResult<bool> {
    Ok(view.find(NO_PEOPLE, [], |row| row.get(0))?.unwrap_or_default())
}

/// Why the program cannot know what happened in the shop after the backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnreadReason {
    /// There is no present database.
    Missing,
    /// The present database cannot be read.
    Damaged,
    /// A newer dvorik has migrated the present database.
    Newer,
}

/// What is known of the time between the backup and the restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// The present database was read: what is carried over from it, and what is lost.
    Known(CarriedOver, Lost),
    /// The present database could not be read, so codes redeemed after the backup was made may be redeemed again. The
    /// number counts the active codes in the backup.
    Unknown(UnreadReason, i64),
}

/// A backup that has passed every check, with the locks of the database that it will replace. Dropping this value
/// without [`Prepared::finish`] leaves everything unchanged.
pub struct Prepared {
    _locks: (Held, Held, fs::File),
    /// What is known of the time since the backup was made.
    pub outlook: Outlook,
    kept: Option<Keeping>,
    alone: Option<Alone>,
    /// The backup's path.
    pub path: PathBuf,
    /// The facts in the backup's checksum file.
    pub facts: Facts,
    _directory: TempDir,
    staged: PathBuf,
    live: PathBuf,
    migrated: Vec<String>,
    zone: Zone,
}

/// The copy of the present database, made before the restore; dropping this value removes the copy, unless the restore
/// is finished.
struct Keeping(Option<ReplacedDatabase>);

impl Drop for Keeping {
    fn drop(&mut self) {
        if let Some(kept) = &self.0 {
            for path in [kept.path.clone(), sidecar_of(&kept.path), with_tail(&kept.path, "-wal")] {
                // If the copy cannot be removed, it stays as one more backup.
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// The database that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacedDatabase {
    /// The path at which the replaced database is kept.
    pub path: PathBuf,
    /// Whether the kept file is a sound backup; otherwise it is the damaged database file, unchanged.
    pub is_sound: bool,
}

/// The result of a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The replaced database; `None` when there was no database before.
    pub kept: Option<ReplacedDatabase>,
    /// Migrations that were applied to the backup.
    pub migrated: Vec<String>,
    /// People erased since the backup, and now erased again.
    pub erased: usize,
    /// Codes that were active in the backup and are now revoked.
    pub voided: usize,
    /// Letters that waited in the backup. It is unknown whether they were delivered since, so they are not sent.
    pub held: usize,
    /// Whether copies of the shop were sent to the owners' chats, and are not sent any more: a restored shop on a test
    /// machine must not send itself.
    pub copies_off: bool,
}

/// Takes the database's locks, keeps a copy of the present database, and prepares the backup at `path` on a private
/// copy beside the database: migrates it if needed, and carries over what must not be reverted. The present database is
/// not changed. A bare file is judged by itself alone.
///
/// # Errors
/// Every [`BackupError`].
pub fn prepare(config: &Config, path: &Path, form: Form, now: Timestamp) -> Result<Prepared> {
    let database = &config.database.path;
    // The restored shop would take the backup's place, and the checksum file beside it would fit no more.
    if has_sidecar(database) {
        return Err(Failure::Kept.into());
    }
    let locks =
        (locks::take(database, Lock::Serve)?, locks::take(database, Lock::Sender)?, db::lock_migrations(database)?);
    // A rename would replace a symbolic link by a file and leave the linked database stale.
    let live = fs::canonicalize(database).unwrap_or_else(|_| database.clone());
    let directory = staging(&live)?;
    let staged = directory.path().join("dvorik.db");
    let Staged { facts, migrated } = stage(path, form, &staged, config, now)?;
    let at = (Now::at(now), config.timezone);
    let present = raw::alone(&live).map_err(|error| match error {
        AloneError::InUse => BackupError::InUse,
        AloneError::Open(error) => error.into(),
    })?;
    let (kept, alone) = Keeper { live: &live, keep_in: &config.backup.dir, now }.keep(present)?;
    let kept = kept.map(|kept| Keeping(Some(kept)));
    let replaced = readable(kept.as_ref(), directory.path());
    let look = |replaced: &std::result::Result<PathBuf, UnreadReason>| {
        raw::amend_beside(&staged, replaced.as_deref().ok(), at, |tx| match replaced {
            Ok(_) => carry_over(tx).map(|(carried, lost)| Outlook::Known(carried, lost)),
            Err(why) => active(tx).map(|codes| Outlook::Unknown(*why, codes)),
        })
    };
    let outlook = match look(&replaced) {
        // Of half a database as much is carried over as its tables allow; where one of these is missing, nothing is.
        Err(Failure::Incomplete(_)) if replaced.is_ok() => look(&Err(UnreadReason::Damaged))?,
        looked => looked?,
    };
    Ok(Prepared {
        _locks: locks,
        outlook,
        kept,
        alone,
        path: path.to_owned(),
        facts,
        _directory: directory,
        staged,
        live,
        migrated,
        zone: config.timezone,
    })
}

/// The path of a database with this program's schema from which the restore can read: the kept copy of the replaced
/// database, or a migrated copy of that in `directory`. The error says why there is none.
fn readable(kept: Option<&Keeping>, directory: &Path) -> std::result::Result<PathBuf, UnreadReason> {
    let kept = kept.and_then(|keeping| keeping.0.as_ref()).ok_or(UnreadReason::Missing)?;
    if !kept.is_sound {
        return Err(UnreadReason::Damaged);
    }
    match db::pending_at(&kept.path) {
        Ok(Some(Pending::None)) => Ok(kept.path.clone()),
        Ok(Some(Pending::Newer)) => Err(UnreadReason::Newer),
        Ok(None) => Err(UnreadReason::Missing),
        Ok(Some(Pending::Some(_))) => {
            let copy = directory.join("replaced.db");
            let copied = fs::copy(&kept.path, &copy).map_err(|_| UnreadReason::Damaged)?;
            tracing::debug!(bytes = copied, "the replaced database is migrated to be read");
            db::migrate(&copy).map(|_| copy).map_err(|_| UnreadReason::Damaged)
        }
        Err(_) => Err(UnreadReason::Damaged),
    }
}

impl Prepared {
    /// Replaces the present database by the prepared one, atomically. With `void`, every code that is active in the
    /// backup is revoked first.
    ///
    /// # Errors
    /// Every [`BackupError`]; the database is then unchanged.
    pub fn finish(mut self, now: Timestamp, by: &Owner, void: bool) -> Result<Restored> {
        let kept = self.kept.as_ref().and_then(|keeping| keeping.0.clone());
        let erasures = self.erasures(kept.as_ref(), now);
        let mut restored =
            Restored { kept, migrated: self.migrated.clone(), erased: 0, voided: 0, held: 0, copies_off: false };
        let at = (Now::at(now), self.zone);
        raw::amend(&self.staged, at, |tx| self.enter(tx, &erasures, (&mut restored, void), by)).map_err(storage)?;
        let model = if self.live.exists() { self.live.clone() } else { directory_of(&self.live) };
        give(&self.staged, &model).map_err(|error| BackupError::io(&self.staged, &error))?;
        match self.alone.take() {
            Some(alone) => alone.replace_with(&self.staged)?,
            None => raw::put_in_place(&self.staged, &self.live)?,
        }
        if let Some(keeping) = &mut self.kept {
            keeping.0 = None;
        }
        Ok(restored)
    }

    /// The erasures in the replaced database; none when it cannot be read.
    fn erasures(&self, kept: Option<&ReplacedDatabase>, now: Timestamp) -> Erasures {
        let Some(ReplacedDatabase { path, is_sound: true }) = kept else { return Erasures::default() };
        let read = db::read_still(path, (Now::at(now), self.zone), erasure::erasures);
        read.unwrap_or_else(|error: Error| {
            tracing::warn!(%error, "erasures made since the backup could not be read");
            Erasures::default()
        })
    }

    /// The first transaction in the restored database: marks waiting letters as `unknown`, pauses broadcasts, repeats
    /// erasures, stops copies to the owners' chats, revokes codes if `void`, and writes the audit entry. Counts what it
    /// did into `restored`.
    fn enter(
        &self,
        tx: &Tx<'_>,
        erasures: &Erasures,
        (restored, void): (&mut Restored, bool),
        by: &Owner,
    ) -> ShopResult<()> {
        let copies = settings::set(tx, &settings::BACKUP_TO_TELEGRAM, "false", by.actor())?;
        restored.copies_off = copies.before != copies.after;
        restored.held = outbox::hold_waiting(tx, "the database was restored from a backup")?;
        // It is unknown what was sent after the backup was made, so no broadcast may go on by itself.
        broadcast::recover(tx)?;
        let broadcasts = broadcast::hold_restored(tx)?;
        restored.erased = erasure::erase_again(tx, erasures, by.actor())?;
        restored.voided = if void { discount::void_live(tx, by.actor())? } else { 0 };
        let carried = match self.outlook {
            Outlook::Known(carried, _) => json!({
                "redemptions": carried.redemptions, "undos": carried.undos, "revocations": carried.revocations,
                "blocks": carried.blocks, "gifts": carried.gifts,
            }),
            Outlook::Unknown(..) => Value::Null,
        };
        audit::record(
            tx,
            &audit::Entry {
                actor: by.actor(),
                action: "restore_backup",
                entity: "backup",
                entity_id: self.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                before: json!({ "kept": restored.kept.as_ref().map(|kept| kept.path.display().to_string()) }),
                after: json!({
                    "created_at": self.facts.created_at().map(|at| at.to_string()), "sha256": self.facts.sha256,
                    "migrated": restored.migrated, "erased": restored.erased, "held": restored.held,
                    "broadcasts_held": broadcasts, "carried": carried, "voided": restored.voided,
                }),
            },
        )?;
        Ok(())
    }
}

/// Keeps a copy of the present database before it is replaced.
struct Keeper<'a> {
    live: &'a Path,
    keep_in: &'a Path,
    now: Timestamp,
}

impl Keeper<'_> {
    /// Keeps the present database: as a sound backup if it can be read, otherwise the damaged file itself. After a
    /// backup, the database stays locked exclusively, so that nothing is written between the copy and the replacement.
    fn keep(&self, present: Present) -> Result<(Option<ReplacedDatabase>, Option<Alone>)> {
        let alone = match present {
            Present::Missing => return Ok((None, None)),
            Present::Damaged(_) => return Ok((Some(self.keep_damaged()?), None)),
            Present::Alone(alone) => alone,
        };
        self.make_room()?;
        let target = BackupKind::BeforeRestore.free_path(self.keep_in, self.now);
        match save(&target, self.live, self.now, |part| alone.copy(part, &SCRUBS)) {
            Ok(made) => Ok((Some(ReplacedDatabase { path: made.path, is_sound: true }), Some(alone))),
            // The log of a damaged file is not folded: folding may fail, and `keep_damaged` keeps the log beside the
            // file.
            Err(BackupError::Unsound(_)) => Ok((Some(self.keep_damaged()?), None)),
            Err(error) => Err(error),
        }
    }

    fn make_room(&self) -> Result<()> {
        make_private_directory(self.keep_in, self.live).map_err(|error| BackupError::io(self.keep_in, &error))
    }

    /// Gives the damaged file and its log a second name (a hard link). Does not open the file, because SQLite has it
    /// locked.
    fn keep_damaged(&self) -> Result<ReplacedDatabase> {
        self.make_room()?;
        let name = BackupKind::BeforeRestore.free_path(Path::new(""), self.now).with_extension("damaged");
        // If the directory of backups is on another disk, a hard link there is impossible: then the second name is made
        // in the database's own directory.
        let (in_backups, beside) = (self.keep_in.join(&name), directory_of(self.live).join(&name));
        let link = |to: &Path| {
            fs::hard_link(self.live, to)?;
            let log = with_tail(self.live, "-wal");
            if log.exists() { fs::hard_link(log, with_tail(to, "-wal")) } else { Ok(()) }
        };
        let kept = link(&in_backups).map(|()| in_backups.clone()).or_else(|_| link(&beside).map(|()| beside.clone()));
        let kept = kept.map_err(|error| BackupError::io(&beside, &error))?;
        sync_directory_of(&kept).map_err(|error| BackupError::io(&kept, &error))?;
        Ok(ReplacedDatabase { path: kept, is_sound: false })
    }
}

fn storage(error: Error) -> BackupError {
    match error {
        Error::Storage(failure) => failure.into(),
        Error::Refused(refusal) => Failure::Internal(refusal.code().to_owned()).into(),
    }
}

/// Makes a private directory in the database's file system. Removes directories that killed restores left: the name
/// belongs to this database, and this process holds its locks.
fn staging(live: &Path) -> Result<TempDir> {
    let parent = directory_of(live);
    let prefix = format!(".{}.restore-", live.file_name().unwrap_or_default().to_string_lossy());
    let entries = fs::read_dir(&parent).map_err(|error| BackupError::io(&parent, &error))?;
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)) {
        // A directory that cannot be removed only takes space.
        let _ = fs::remove_dir_all(entry.path());
    }
    let made = tempfile::Builder::new().prefix(&prefix).tempdir_in(&parent);
    made.map_err(|error| BackupError::io(&parent, &error))
}

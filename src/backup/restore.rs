//! Puts a backup in the place of the shop's database. Everything that can be refused is refused on a private copy in a
//! directory beside the database, under all its locks; the database itself is touched by one rename at the end. What
//! was there is kept first, and what must not come back to life is carried over from it (`carry`). Erasures made since the
//! backup are made again, letters that were waiting then are held.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::carry::{CarriedOver, Lost, active, carry_over, void_live};
use super::file::sidecar_of;
use super::save::{SCRUBS, save};
use super::verify::{glance, judge, open};
use super::{BackupError, BackupKind, Facts, Result};
use crate::audit;
use crate::broadcast;
use crate::clock::{Timestamp, Zone};
use crate::config::Config;
use crate::db::backup::{self as raw, Alone, AloneError, Present};
use crate::db::{self, Failure, OpenError, Pending, Tx};
use crate::error::{Error, Result as ShopResult};
use crate::files::{directory_of, give, make_private_directory, sync_directory_of, with_tail};
use crate::locks::{self, Held, Lock};
use crate::outbox;
use crate::secret::sha256_copy;
use crate::shop::{self, Mismatch};
use crate::staff::Owner;
use crate::user::{self, Erasures};

/// Why what happened since the backup is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnreadReason {
    /// There is no database where the backup will be.
    Missing,
    /// It cannot be read.
    Damaged,
    /// A newer dvorik has migrated it.
    Newer,
}

/// What a restore means for what happened since the backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// The replaced database was read.
    Known(CarriedOver, Lost),
    /// It could not be: codes used since may be redeemed again. How many are active in the backup.
    Unknown(UnreadReason, i64),
}

/// A backup that has passed every check and waits, under the locks of the database it will replace. Dropped unfinished, it
/// leaves everything as it was.
pub struct Prepared {
    _locks: (Held, Held, fs::File),
    /// What happened since.
    pub outlook: Outlook,
    kept: Option<Keeping>,
    alone: Option<Alone>,
    /// The backup it came from.
    pub path: PathBuf,
    /// What is in it.
    pub facts: Facts,
    _directory: TempDir,
    staged: PathBuf,
    live: PathBuf,
    migrated: Vec<String>,
    zone: Zone,
}

/// What was kept of the present database; removed again unless the restore is finished.
struct Keeping(Option<ReplacedDatabase>);

impl Drop for Keeping {
    fn drop(&mut self) {
        if let Some(kept) = &self.0 {
            for path in [kept.path.clone(), sidecar_of(&kept.path), with_tail(&kept.path, "-wal")] {
                // What cannot be removed is one more backup.
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// The database that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacedDatabase {
    /// Where it is now.
    pub path: PathBuf,
    /// Whether it is a sound backup, not a damaged file as it was.
    pub is_sound: bool,
}

/// A shop that lives on from a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What was there; `None` when there was nothing.
    pub kept: Option<ReplacedDatabase>,
    /// Migrations that the backup needed.
    pub migrated: Vec<String>,
    /// People erased since the backup and now again.
    pub erased: usize,
    /// Codes that were active in the backup and were revoked.
    pub voided: usize,
    /// Letters that waited when the backup was made; nobody knows whether they were delivered, so they are not sent.
    pub held: usize,
}

/// Takes the database's locks, keeps what is there and makes the backup at `path` ready beside it, migrated if need be and
/// with what is carried over. The database is not touched.
///
/// # Errors
/// Every [`BackupError`].
pub fn prepare(config: &Config, path: &Path, now: Timestamp) -> Result<Prepared> {
    let database = &config.database.path;
    let locks =
        (locks::take(database, Lock::Serve)?, locks::take(database, Lock::Sender)?, db::lock_migrations(database)?);
    // A rename would replace a link by a file, and the disk it leads to would go stale.
    let live = fs::canonicalize(database).unwrap_or_else(|_| database.clone());
    let directory = staging(&live)?;
    let staged = directory.path().join("dvorik.db");
    let hashed = copy_in(path, &staged)?;
    let facts = judge(path, &hashed, &staged)?;
    let migrated = db::migrate(&staged).map_err(|error| unmigrated(path, &error))?.applied;
    let at = (now.millis(), config.timezone);
    if let Some(mismatch) = raw::amend(&staged, at, |tx| fits(tx, config))? {
        return Err(BackupError::Mismatch(mismatch));
    }
    let present = raw::alone(&live).map_err(|error| match error {
        AloneError::InUse => BackupError::InUse,
        AloneError::Open(error) => error.into(),
    })?;
    let (kept, alone) = Keeper { live: &live, keep_in: &config.backup.dir, now }.keep(present)?;
    let kept = kept.map(|kept| Keeping(Some(kept)));
    let replaced = readable(kept.as_ref(), directory.path());
    let outlook = raw::amend_beside(&staged, replaced.as_deref().ok(), at, |tx| match &replaced {
        Ok(_) => carry_over(tx).map(|(carried, lost)| Outlook::Known(carried, lost)),
        Err(why) => active(tx).map(|codes| Outlook::Unknown(*why, codes)),
    })?;
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

/// The replaced database as a still file of this binary's schema.
fn readable(kept: Option<&Keeping>, directory: &Path) -> std::result::Result<PathBuf, UnreadReason> {
    let kept = kept.and_then(|keeping| keeping.0.as_ref()).ok_or(UnreadReason::Missing)?;
    if !kept.is_sound {
        return Err(UnreadReason::Damaged);
    }
    match db::standing(&kept.path) {
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
    /// Puts the prepared database in the place of the present one, all at once. With `void`, no code that was active in
    /// the backup may be redeemed.
    ///
    /// # Errors
    /// Every [`BackupError`]; the database is then what it was.
    pub fn finish(mut self, now: Timestamp, by: &Owner, void: bool) -> Result<Restored> {
        let kept = self.kept.as_ref().and_then(|keeping| keeping.0.clone());
        let erasures = self.erasures(kept.as_ref(), now);
        let mut restored = Restored { kept, migrated: self.migrated.clone(), erased: 0, voided: 0, held: 0 };
        let at = (now.millis(), self.zone);
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

    /// Who was erased in the database that is replaced, as far as it can be read.
    fn erasures(&self, kept: Option<&ReplacedDatabase>, now: Timestamp) -> Erasures {
        let Some(ReplacedDatabase { path, is_sound: true }) = kept else { return Erasures::default() };
        let read = raw::read_still(path, (now.millis(), self.zone), user::erasures);
        read.unwrap_or_else(|error: Error| {
            tracing::warn!(%error, "erasures made since the backup could not be read");
            Erasures::default()
        })
    }

    /// The first thing that happens in the restored shop.
    fn enter(
        &self,
        tx: &Tx<'_>,
        erasures: &Erasures,
        (restored, void): (&mut Restored, bool),
        by: &Owner,
    ) -> ShopResult<()> {
        restored.held = outbox::hold_waiting(tx, "the database was restored from a backup")?;
        // What was sent since the backup is not known here: nothing of it may be sent again by itself.
        broadcast::recover(tx)?;
        let broadcasts = broadcast::hold_restored(tx)?;
        restored.erased = user::erase_again(tx, erasures, by.actor())?;
        restored.voided = if void { void_live(tx, by.actor())? } else { 0 };
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

/// Keeps what is there before it is replaced.
struct Keeper<'a> {
    live: &'a Path,
    keep_in: &'a Path,
    now: Timestamp,
}

impl Keeper<'_> {
    /// Keeps what is there: as a sound backup if it can be read, else the damaged file itself. A sound one stays ours
    /// alone, so that nothing is written between the copy and the replacement.
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
            // Folding a log into a damaged file may fail, and nothing waits for it: the log is kept beside it.
            Err(BackupError::Unsound(_)) => Ok((Some(self.keep_damaged()?), None)),
            Err(error) => Err(error),
        }
    }

    fn make_room(&self) -> Result<()> {
        make_private_directory(self.keep_in, self.live).map_err(|error| BackupError::io(self.keep_in, &error))
    }

    /// A second name for the damaged file and its log. It is not opened: that would be reading what SQLite has locked.
    fn keep_damaged(&self) -> Result<ReplacedDatabase> {
        self.make_room()?;
        let name = BackupKind::BeforeRestore.free_path(Path::new(""), self.now).with_extension("damaged");
        // Another disk takes no second name; then it stays beside the database.
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

/// A private directory in the database's file system. Those of restores that were killed are removed: its name is this
/// database's, and its locks are ours.
fn staging(live: &Path) -> Result<TempDir> {
    let parent = directory_of(live);
    let prefix = format!(".{}.restore-", live.file_name().unwrap_or_default().to_string_lossy());
    let entries = fs::read_dir(&parent).map_err(|error| BackupError::io(&parent, &error))?;
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)) {
        // What cannot be removed is in nobody's way.
        let _ = fs::remove_dir_all(entry.path());
    }
    let made = tempfile::Builder::new().prefix(&prefix).tempdir_in(&parent);
    made.map_err(|error| BackupError::io(&parent, &error))
}

/// Copies what was opened, not what the name may lead to later. Hash and length of it.
fn copy_in(path: &Path, staged: &Path) -> Result<(String, u64)> {
    let mut from = open(path)?;
    glance(path, &from)?;
    let mut to = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(staged)
        .map_err(|error| BackupError::io(staged, &error))?;
    sha256_copy(&mut from, &mut to).map_err(|error| BackupError::io(path, &error))
}

fn unmigrated(path: &Path, error: &OpenError) -> BackupError {
    BackupError::Unusable { path: path.to_owned(), reason: error.to_string() }
}

fn fits(tx: &Tx<'_>, config: &Config) -> std::result::Result<Option<Mismatch>, Failure> {
    shop::settle(tx, config.timezone, &config.currency, &config.shop_name).map_err(|error| match error {
        Error::Storage(failure) => failure,
        Error::Refused(refusal) => Failure::Internal(refusal.code().to_owned()),
    })
}

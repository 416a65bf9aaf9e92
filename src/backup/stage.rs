//! A private copy of a backup, made fit for use: copied once, judged, migrated, stripped of what no backup holds, and
//! compared with the config's zone and currency. A restore and a drill begin with it.

use std::fs::OpenOptions;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use super::left_out::SCRUBS;
use super::verify::{check_alone, check_length, judge, judge_bare, open};
use super::{BackupError, Facts, Form, Result, newest};
use crate::clock::{Now, Timestamp};
use crate::config::Config;
use crate::db::backup::{self as raw, Copied, Examined};
use crate::db::{self, Failure, OpenError, Tx};
use crate::error::Error;
use crate::secret::sha256_copy;
use crate::shop::{self, Mismatch};

/// Tables that Litestream adds to the databases that it copies; a shop that Litestream copies gets them anew.
const LITESTREAMS: [&str; 2] = ["DROP TABLE IF EXISTS _litestream_seq", "DROP TABLE IF EXISTS _litestream_lock"];

/// A private copy that is fit for use.
pub(super) struct Staged {
    /// The facts of the backup; those of a bare file are read from the file: it was made when its newest row was written.
    pub(super) facts: Facts,
    /// The migrations that ran.
    pub(super) migrated: Vec<String>,
}

/// Copies the backup at `path` to `staged`, judges the copy and makes it fit for use.
///
/// # Errors
/// Every [`BackupError`] of a file that cannot be trusted or is another shop's.
pub(super) fn stage(path: &Path, form: Form, staged: &Path, config: &Config, now: Timestamp) -> Result<Staged> {
    let mut facts = take_in(path, form, staged, now)?;
    let migrated = make_fit(path, staged, config, now)?;
    if form == Form::Bare {
        let newest = db::read_still(staged, (Now::at(now), config.timezone), newest::of)?;
        facts = facts.made_at(newest.unwrap_or(now));
    }
    Ok(Staged { facts, migrated })
}

/// Copies the backup at `path` to `staged` and judges the copy. The file is opened once, so a file that gets this name
/// later is not used.
fn take_in(path: &Path, form: Form, staged: &Path, now: Timestamp) -> Result<Facts> {
    let mut from = open(path)?;
    match form {
        Form::WithSidecar => check_length(path, &from)?,
        Form::Bare => check_alone(path, &from)?,
    }
    let unreadable = |error: std::io::Error| BackupError::io(path, &error);
    let state = |file: &std::fs::File| file.metadata().map(|found| (found.len(), found.mtime(), found.mtime_nsec()));
    let before = state(&from).map_err(unreadable)?;
    let mut to = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(staged)
        .map_err(|error| BackupError::io(staged, &error))?;
    let hashed = sha256_copy(&mut from, &mut to).map_err(unreadable)?;
    match form {
        Form::WithSidecar => judge(path, &hashed, staged),
        Form::Bare if state(&from).map_err(unreadable)? != before => Err(BackupError::Changing(path.to_owned())),
        Form::Bare => {
            let Examined { counts, migration, .. } = judge_bare(path, staged)?;
            Ok(Facts::new(now, hashed, Copied { counts, compared: false, migration }))
        }
    }
}

/// Migrates the judged copy of `path` if needed, removes Litestream's tables and what backups leave out (a bare file
/// still holds logins and the content of letters), and compares zone and currency. Returns the migrations that ran.
///
/// # Errors
/// [`BackupError::Mismatch`] for the copy of another shop; [`BackupError::Unusable`], [`BackupError::Storage`].
pub(super) fn make_fit(path: &Path, staged: &Path, config: &Config, now: Timestamp) -> Result<Vec<String>> {
    let migrated = db::migrate(staged).map_err(|error| unmigrated(path, &error))?.applied;
    let mismatch = raw::amend(staged, (Now::at(now), config.timezone), |tx| {
        for sql in LITESTREAMS.into_iter().chain(SCRUBS.map(|scrub| scrub.sql)) {
            tx.change(sql, [])?;
        }
        fits(tx, config)
    })?;
    mismatch.map_or(Ok(migrated), |mismatch| Err(BackupError::Mismatch(mismatch)))
}

fn unmigrated(path: &Path, error: &OpenError) -> BackupError {
    BackupError::Unusable { path: path.to_owned(), reason: error.into() }
}

fn fits(tx: &Tx<'_>, config: &Config) -> std::result::Result<Option<Mismatch>, Failure> {
    shop::adopt_config(tx, config.timezone, &config.currency, &config.shop_name).map_err(|error| match error {
        Error::Storage(failure) => failure,
        Error::Refused(refusal) => Failure::Internal(refusal.code().to_owned()),
    })
}

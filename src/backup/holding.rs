//! Which backups still hold an erased person, and for how long.

use chrono::{Days, NaiveDate};

use super::keep::Keep;
use super::{Backup, BackupKind, Result, Soundness, list, soundness};
use crate::clock::Timestamp;
use crate::config::Config;

/// Which backups still hold an erased person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holding {
    /// The names of the backups that hold the person, newest first.
    pub names: Vec<String>,
    /// The day on which the last backup that holds the person is pruned, if a backup is made every day from now on;
    /// `None` when no backup holds the person, or when one is never pruned because it does not match its checksum file.
    pub gone_on: Option<NaiveDate>,
}

/// The backups in the backup directory that were made after `since`, the person's registration. Copies of backups in
/// other places are not known to the program.
///
/// # Errors
/// [`super::BackupError::Unusable`].
pub fn holding(config: &Config, since: Timestamp, now: Timestamp) -> Result<Holding> {
    let all = list(&config.backup.dir)?;
    let held: Vec<&Backup> = all.iter().filter(|backup| backup.created_at >= since).collect();
    let names = held.iter().map(|backup| backup.name.clone()).collect();
    if held.is_empty() || held.iter().any(|backup| soundness(&backup.path) != Soundness::Whole) {
        return Ok(Holding { names, gone_on: None });
    }
    let most = u64::from(config.backup.keep_daily.get()) + 7 * u64::from(config.backup.keep_weekly.get()) + 8;
    Ok(Holding { names, gone_on: last_day(&Keep::of(config), all, (since, now), most) })
}

/// The day on which the last of the present backups made after `since` is removed, found by simulating a daily backup
/// for `most` days; `None` when one is still kept after that.
pub(super) fn last_day(
    keep: &Keep,
    present: Vec<Backup>,
    (since, now): (Timestamp, Timestamp),
    most: u64,
) -> Option<NaiveDate> {
    const DAY: i64 = 24 * 3600;
    let mut kept = keep.sort(present, now).kept;
    for day in 1..=most {
        let at = now.plus(DAY * i64::try_from(day).ok()?);
        let made =
            Backup { name: String::new(), path: "".into(), kind: BackupKind::Ordinary, created_at: at, bytes: 0 };
        kept.insert(0, made);
        kept = keep.sort(kept, at).kept;
        if !kept.iter().any(|backup| !backup.name.is_empty() && backup.created_at >= since) {
            return keep.day(now).checked_add_days(Days::new(day));
        }
    }
    None
}

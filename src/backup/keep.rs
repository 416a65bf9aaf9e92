//! Which backups are kept: the newest backup of each of the last days and weeks that have a backup, by the shop's
//! calendar; and the backups that restores made, for as many days. The choice is pure; only `thin_out` removes files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chrono::{Datelike, NaiveDate};

use super::file::sidecar_of;
use super::{Backup, BackupError, BackupKind, Result, Soundness, list, soundness};
use crate::clock::{Timestamp, Zone};
use crate::config::Config;
use crate::files::sync_directory_of;

/// Which backups are kept and which are removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thinning {
    /// The backups that are kept, newest first.
    pub kept: Vec<Backup>,
    /// The backups that are removed, newest first.
    pub removed: Vec<Backup>,
}

/// Chooses which backups of the backup directory are kept. A backup that does not match its checksum file is not
/// removed and does not count as the backup of its day or week: a person must look at it.
///
/// # Errors
/// [`BackupError::Unusable`].
pub fn thinning(config: &Config, now: Timestamp) -> Result<Thinning> {
    let all = list(&config.backup.dir)?;
    let (whole, doubtful): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|backup| soundness(&backup.path) == Soundness::Whole);
    let mut sorted = Keep::of(config).sort(whole, now);
    sorted.kept.extend(doubtful);
    sorted.kept.sort_by_key(|backup| std::cmp::Reverse((backup.created_at, backup.name.clone())));
    Ok(sorted)
}

/// Removes backups and their checksum files. Returns the bytes freed.
///
/// # Errors
/// [`BackupError::Unusable`] at the first file that cannot be removed.
pub fn thin_out(backups: &[Backup]) -> Result<u64> {
    for backup in backups {
        remove(&backup.path)?;
        // A checksum file without its backup is useless; if it stays, it only occupies a name.
        let _ = remove(&sidecar_of(&backup.path));
    }
    if let Some(backup) = backups.first() {
        sync_directory_of(&backup.path).map_err(|error| BackupError::io(&backup.path, &error))?;
    }
    Ok(backups.iter().map(|backup| backup.bytes).sum())
}

fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).map_err(|error| BackupError::io(path, &error))
}

pub(super) struct Keep {
    daily: u32,
    weekly: u32,
    zone: Zone,
}

impl Keep {
    /// The numbers of daily and weekly backups to keep, from the config.
    pub(super) fn of(config: &Config) -> Self {
        Self { daily: config.backup.keep_daily.get(), weekly: config.backup.keep_weekly.get(), zone: config.timezone }
    }

    /// Sorts backups into kept and removed ones. `all` is newest first.
    pub(super) fn sort(&self, all: Vec<Backup>, now: Timestamp) -> Thinning {
        let (mut days, mut weeks) = (BTreeSet::new(), BTreeSet::new());
        let mut sorted = Thinning::default();
        for backup in all {
            let day = self.zone.day(backup.created_at);
            let stays = match backup.kind {
                BackupKind::BeforeRestore => self.is_recent(day, now),
                BackupKind::Ordinary => {
                    // Both calls are needed, so no short-circuit: the newest backup of a day must also be counted for
                    // its week.
                    let of_day = newest_of(day, &mut days, self.daily);
                    let week = day.iso_week();
                    newest_of((week.year(), week.week()), &mut weeks, self.weekly) || of_day
                }
            };
            if stays { sorted.kept.push(backup) } else { sorted.removed.push(backup) }
        }
        sorted
    }

    /// The day of an instant by the shop's calendar.
    pub(super) fn day(&self, at: Timestamp) -> NaiveDate {
        self.zone.day(at)
    }

    fn is_recent(&self, day: NaiveDate, now: Timestamp) -> bool {
        (self.zone.day(now) - day).num_days() < i64::from(self.daily)
    }
}

/// Whether this backup is the first one of its day or week, and the day or week is one of the `most` newest. Called for
/// backups from the newest to the oldest; `seen` collects their days or weeks.
fn newest_of<T: Ord>(period: T, seen: &mut BTreeSet<T>, most: u32) -> bool {
    seen.len() < most as usize && seen.insert(period)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(day: &str, hour: u32, kind: BackupKind) -> Backup {
        let created_at = Timestamp::parse(&format!("{day}T{hour:02}:00:00Z")).unwrap();
        let name = format!("{day} {hour}");
        Backup { path: name.clone().into(), name, kind, created_at, bytes: 1 }
    }

    fn names(backups: &[Backup]) -> Vec<&str> {
        backups.iter().map(|backup| backup.name.as_str()).collect()
    }

    fn sort(daily: u32, weekly: u32, all: Vec<Backup>) -> Thinning {
        let now = Timestamp::parse("2026-11-22T20:00:00Z").unwrap();
        Keep { daily, weekly, zone: Zone::UTC }.sort(all, now)
    }

    #[test]
    fn the_newest_of_each_day_and_each_week_stays() {
        // 22.11.2026 is a Sunday.
        let days = ["2026-11-22", "2026-11-21", "2026-11-20", "2026-11-15", "2026-11-08", "2026-11-01"];
        let all: Vec<_> =
            days.iter().flat_map(|day| [12, 6].map(|hour| made(day, hour, BackupKind::Ordinary))).collect();
        let sorted = sort(2, 3, all);
        assert_eq!(names(&sorted.kept), ["2026-11-22 12", "2026-11-21 12", "2026-11-15 12", "2026-11-08 12"]);
        assert_eq!(sorted.removed.len(), 8);
    }

    #[test]
    fn a_gap_in_the_calendar_costs_no_backup() {
        let days = ["2026-11-22", "2026-09-01", "2026-03-01"];
        let sorted = sort(3, 0, days.map(|day| made(day, 1, BackupKind::Ordinary)).into());
        assert_eq!(sorted.removed, []);
    }

    #[test]
    fn the_day_the_last_copy_of_an_erased_person_goes_is_that_of_the_rules() {
        let now = Timestamp::parse("2026-11-22T20:00:00Z").unwrap();
        let last = |daily, weekly, since: &str, all: &[(&str, BackupKind)]| {
            let all = all.iter().map(|(day, kind)| made(day, 1, *kind)).collect();
            let since = Timestamp::parse(&format!("{since}T00:00:00Z")).unwrap();
            super::super::holding::last_day(&Keep { daily, weekly, zone: Zone::UTC }, all, (since, now), 100)
        };
        let today = [("2026-11-22", BackupKind::Ordinary), ("2026-11-14", BackupKind::Ordinary)];
        // A backup is made every day and seven are kept: on the 28th, the backup of the 22nd is the oldest of the
        // seven.
        assert_eq!(last(7, 0, "2026-11-20", &today), "2026-11-29".parse().ok());
        // The 22nd is a Sunday. Its backup is the newest of its week and is kept until four newer weeks have begun.
        assert_eq!(last(7, 4, "2026-11-20", &today), "2026-12-14".parse().ok());
        assert_eq!(last(1, 0, "2026-11-20", &today), "2026-11-23".parse().ok());
        let replaced = [("2026-11-22", BackupKind::BeforeRestore)];
        assert_eq!(last(7, 4, "2026-11-20", &replaced), "2026-11-29".parse().ok());
    }

    #[test]
    fn what_a_restore_replaced_goes_after_as_many_days() {
        let days = ["2026-11-22", "2026-11-21", "2026-11-20"];
        let sorted = sort(2, 9, days.map(|day| made(day, 1, BackupKind::BeforeRestore)).into());
        assert_eq!(names(&sorted.removed), ["2026-11-20 1"]);
    }
}

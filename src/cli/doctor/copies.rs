//! Checks the encrypted copies that the owners get, while they are switched on.

use super::{Findings, Level};
use crate::db::Database;
use crate::error::Error;
use crate::schedule::{self, Name};
use crate::settings::BACKUP_TO_TELEGRAM;

/// Checks whether the last nightly backup was sent. Where copies are switched off, there is nothing to check.
pub(super) fn examine(report: &mut Findings<'_, '_>, database: &Database) {
    let read = database.read(|view| Ok::<_, Error>((BACKUP_TO_TELEGRAM.is_on(view)?, schedule::list(view)?)));
    let Ok((true, jobs)) = read else { return };
    let job = jobs.iter().find(|job| job.name == Name::Backup);
    let copy = job.and_then(|job| job.facts.get("copy"));
    let is_too_large = copy.is_some_and(|copy| copy.get("too_large") == Some(&true.into()));
    match copy.and_then(|copy| copy.get("bytes")?.as_u64()) {
        _ if is_too_large => report.add(Level::Warn, ("copies", "too_large"), &[]),
        Some(bytes) => {
            let size = report.session.out.voice().lang.size(bytes);
            report.add(Level::Ok, ("copies", "sent"), &[("size", &size)]);
        }
        None => report.add(Level::Ok, ("copies", "none"), &[]),
    }
}

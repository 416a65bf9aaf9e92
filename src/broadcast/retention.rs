//! Deletes parts of old broadcasts: the recipients' rows of broadcasts that ended long ago, and local files that no
//! broadcast uses. Broadcasts, their counters and their redemptions stay for ever. Only the job `cleanup` calls this
//! module.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use rusqlite::named_params;

use super::media;
use super::model::BroadcastId;
use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::files::directory_of;
use crate::settings;

// Rows of recipients whose redemptions are attributed to the broadcast stay: the report needs the time of delivery.
macro_rules! forgettable {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            "d.wish IS NULL AND NOT EXISTS (SELECT 1 FROM redemptions r
                WHERE r.broadcast_id = d.broadcast_id AND r.user_id = d.user_id AND r.undone_at IS NULL)",
            $tail
        )
    };
}

const OVER: &str = forgettable!(
    "SELECT b.id FROM broadcasts b WHERE b.is_test IN (0, 1) AND b.status IN ('sent', 'error', 'canceled')
        AND b.finished_at < :before AND b.queued = 0 AND b.sending = 0
        AND EXISTS (SELECT 1 FROM deliveries d WHERE d.broadcast_id = b.id AND ",
    ") ORDER BY b.id LIMIT 1"
);
const FORGET: &str = forgettable!(
    "DELETE FROM deliveries WHERE broadcast_id = :id AND user_id IN (
        SELECT d.user_id FROM deliveries d WHERE d.broadcast_id = :id AND ",
    " ORDER BY d.user_id LIMIT 1000)"
);
const UNNAMED: &str = "SELECT sha256 FROM media WHERE created_at < :before
        AND sha256 NOT IN (SELECT media_sha256 FROM broadcasts WHERE media_sha256 IS NOT NULL) LIMIT 1000";
const FORGET_FILE_IDS: &str = "DELETE FROM media_files WHERE sha256 = :sha256";
const FORGET_MEDIA: &str = "DELETE FROM media WHERE sha256 = :sha256";
const KEPT: &str = "SELECT sha256 FROM media";

/// A local file younger than this many seconds is not deleted: the file is copied first, and the broadcast that uses it
/// may not be stored yet.
const YOUNG_S: i64 = 86_400;

/// Deletes the rows of up to 1,000 recipients of one broadcast that ended more than `log_retention_days` ago. The
/// broadcast's counters stay, and so do the rows of recipients whose redemptions are attributed to it. Returns how many
/// were deleted: fewer than 1,000 means that this broadcast is done; 0 means that all broadcasts are done.
pub fn forget_deliveries(tx: &Tx<'_>) -> Result<usize> {
    let before = tx.now().plus(-settings::LOG_RETENTION_DAYS.int(tx)? * 86_400);
    let mut gone = 0;
    while gone == 0 {
        let Some(id) = tx.find(OVER, named_params! { ":before": before }, |row| row.get::<_, BroadcastId>(0))? else {
            break;
        };
        gone = tx.change(FORGET, named_params! { ":id": id })?;
    }
    Ok(gone)
}

/// Deletes the rows of up to 1,000 local files that are more than a day old and that no broadcast uses. [`sweep_media`]
/// deletes the files themselves. Returns how many.
pub fn forget_media(tx: &Tx<'_>) -> Result<usize> {
    let before = tx.now().plus(-YOUNG_S);
    let unnamed: Vec<String> = tx.list(UNNAMED, named_params! { ":before": before }, |row| row.get(0))?;
    for sha256 in &unnamed {
        tx.change(FORGET_FILE_IDS, named_params! { ":sha256": sha256 })?;
        tx.change(FORGET_MEDIA, named_params! { ":sha256": sha256 })?;
    }
    Ok(unnamed.len())
}

/// The SHA-256 hashes of all local files that have a row, and so must be kept.
pub fn kept_media(view: &View<'_>) -> Result<HashSet<String>> {
    Ok(view.list(KEPT, [], |row| row.get(0))?.into_iter().collect())
}

/// Deletes files in `media/` beside `database` that are neither among `kept` nor copied within a day before `now`.
/// Returns how many.
///
/// # Errors
/// The system's error when the directory cannot be read; a file that cannot be deleted is left for the next time.
pub fn sweep_media(database: &Path, kept: &HashSet<String>, now: Timestamp) -> io::Result<usize> {
    let directory = directory_of(&media::path(database, "x"));
    let files = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        files => files?,
    };
    let mut gone = 0;
    for file in files {
        let file = file?;
        let is_kept = file.file_name().to_str().is_some_and(|name| kept.contains(name));
        if !is_kept && is_old(&file, now) && fs::remove_file(file.path()).is_ok() {
            gone += 1;
        }
    }
    Ok(gone)
}

fn is_old(file: &fs::DirEntry, now: Timestamp) -> bool {
    let Ok(about) = file.metadata() else { return false };
    let copied = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let copied = copied.and_then(|at| i64::try_from(at.as_secs()).ok());
    about.is_file() && copied.is_some_and(|at| now.0.saturating_sub(at) > YOUNG_S)
}

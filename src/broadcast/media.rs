//! Local pictures, videos and files of broadcasts. Each is copied once to `media/<sha256>` beside the database, so that
//! exactly the confirmed file is sent, even if the original changes; and uploaded to Telegram once, before the first
//! recipient.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rusqlite::named_params;

use super::model::{Broadcast, Media, MediaType};
use super::{content, store};
use crate::cause::Cause;
use crate::db::{Tx, View};
use crate::error::{Error, Refusal, Result};
use crate::files::{directory_of, give, make_private_directory, open_regular, sync_directory_of};
use crate::ids::TelegramId;
use crate::outbox::{self, Lane, Letter, LetterFate};
use crate::realm::Realm;
use crate::secret::sha256_copy;
use crate::texts;

const UPLOADER: &str =
    "SELECT u.telegram_id FROM admins a JOIN users u ON u.telegram_id = a.telegram_id AND u.is_test = :realm
    WHERE a.status = 'active' AND u.bot_blocked_at IS NULL ORDER BY a.role <> 'owner', a.id LIMIT 1";

const MOST_PHOTO: u64 = 10 * 1024 * 1024;
const MOST_FILE: u64 = 50 * 1024 * 1024;

/// A local file copied beside the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMedia {
    /// The file's SHA-256, which is its name beside the database.
    pub sha256: String,
    /// The file name that recipients see.
    pub name: String,
    /// The file's length, in bytes.
    pub bytes: u64,
}

/// The path of the copied file with this hash.
#[must_use]
pub fn path(database: &Path, sha256: &str) -> PathBuf {
    directory_of(database).join("media").join(sha256)
}

/// Copies a regular file beside the database. Telegram's limits: photos 10 MB, other files 50 MB.
///
/// # Errors
/// `BROADCAST_MEDIA_INVALID` when the file is missing, not a regular file, empty or too long, or when the system cannot
/// copy it (with the system's description).
pub fn keep(from: &Path, kind: MediaType, database: &Path) -> Result<StoredMedia> {
    let shown = from.display().to_string();
    let file = open_regular(from).map_err(|error| unread(&shown, &error))?;
    let mut file = file.ok_or_else(|| odd("media.not_regular", &shown))?;
    let most = if kind == MediaType::Photo { MOST_PHOTO } else { MOST_FILE };
    let directory = directory_of(&path(database, "x"));
    let copied =
        make_private_directory(&directory, database).and_then(|()| copy(&mut file, most, &directory, database));
    let (sha256, bytes) = copied.map_err(|error| unread(&shown, &error))?;
    if bytes == 0 || bytes > most {
        // A copy that cannot be deleted is harmless: no broadcast uses it.
        let _ = fs::remove_file(path(database, &sha256));
        return Err(odd(if bytes == 0 { "media.empty" } else { "media.too_long" }, &shown));
    }
    let name = from.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(StoredMedia { sha256, name, bytes })
}

fn unread(shown: &str, error: &io::Error) -> Error {
    match Cause::from(error).key() {
        Some(key) => odd(key, shown),
        None => odd("media.unreadable", &format!("{shown}: {error}")),
    }
}

fn copy(file: &mut fs::File, most: u64, directory: &Path, database: &Path) -> io::Result<(String, u64)> {
    let mut part = tempfile::Builder::new().prefix(".part-").tempfile_in(directory)?;
    let (sha256, bytes) = sha256_copy(&mut file.take(most + 1), &mut part)?;
    part.as_file().sync_all()?;
    let target = directory.join(&sha256);
    part.persist(&target).map_err(|error| error.error)?;
    give(&target, database)?;
    sync_directory_of(&target)?;
    Ok((sha256, bytes))
}

fn odd(reason: &'static str, what: &str) -> Error {
    Refusal::BroadcastMediaInvalid { reason, what: what.chars().take(200).collect() }.into()
}

/// The state of the upload of a broadcast's local file.
pub(super) enum UploadStep {
    /// The file is on its way to Telegram; the broadcast waits.
    UnderWay,
    /// The file cannot be uploaded.
    Failed {
        /// Why, as the note that the broadcast gets; `None` when Telegram refused the file.
        detail: Option<&'static str>,
    },
}

/// Uploads a local file once, by a letter to an admin who has started the customer bot. Until the upload has succeeded,
/// the broadcast sends nothing.
pub(super) fn upload(tx: &Tx<'_>, broadcast: &Broadcast) -> Result<UploadStep> {
    let realm = broadcast.draft.realm;
    let attempt = broadcast.send_at.map_or(0, |at| at.0);
    let key = format!("upload:{}:{attempt}", broadcast.id);
    match outbox::fate(tx, &key)? {
        Some(LetterFate::Waits) => return Ok(UploadStep::UnderWay),
        Some(LetterFate::Sent) => return Ok(UploadStep::Failed { detail: Some("upload_unread") }),
        Some(LetterFate::Failed) => return Ok(UploadStep::Failed { detail: None }),
        None => {}
    }
    let Some(chat) = uploader(tx, realm)? else {
        return Ok(UploadStep::Failed { detail: Some("no_uploader") });
    };
    let message = &broadcast.draft.message;
    let facts = [("first_name", ""), ("display_name", "")];
    let caption = texts::fill(tx, &message.body, &facts)?;
    let letter = Letter {
        bot: realm.customer_bot(),
        chat,
        lane: Lane::Automatic,
        payload: content::letter(tx, message, caption)?,
        dedupe_key: Some(key),
        usage_log: None,
    };
    outbox::enqueue(tx, &letter)?;
    Ok(UploadStep::UnderWay)
}

/// Refuses a broadcast whose local file is not uploaded yet, when no admin has started the customer bot: the upload
/// needs one.
///
/// # Errors
/// `BROADCAST_MEDIA_INVALID`.
pub(super) fn check_upload(view: &View<'_>, broadcast: &Broadcast) -> Result<()> {
    let (realm, media) = (broadcast.draft.realm, &broadcast.draft.message.media);
    let is_up = *media == Media::None || store::file_id(view, realm.customer_bot(), media)?.is_some();
    if is_up || uploader(view, realm)?.is_some() {
        return Ok(());
    }
    Err(Refusal::BroadcastMediaInvalid { reason: "media.no_uploader", what: String::new() })?
}

/// The chat of the admin to whom a local file is uploaded, an owner if possible; `None` when no admin has started the
/// customer bot.
fn uploader(view: &View<'_>, realm: Realm) -> Result<Option<TelegramId>> {
    Ok(view.find(UPLOADER, named_params! { ":realm": realm }, |row| row.get(0))?)
}

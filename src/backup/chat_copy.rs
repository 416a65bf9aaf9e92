//! The encrypted copy of the daily backup in the owners' chats with the staff bot. A file waits beside the database until
//! its letters are settled. When a copy has arrived, the chat's former copy is deleted, so that erased people do not
//! live on there.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};
use rusqlite::named_params;

use super::encrypted_copy::encrypt;
use super::{BackupError, Result};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::db::{Class as ReadClass, Database, Tx, View};
use crate::encrypted_archive::AgeRecipient;
use crate::error::Result as ShopResult;
use crate::files::{make_private_directory, with_tail};
use crate::outbox::{self, Claimed, Lane, Letter, Payload};
use crate::realm::Realm;
use crate::settings::{BACKUP_RECIPIENT, BACKUP_TO_TELEGRAM};
use crate::shop;
use crate::staff;
use crate::telegram::client::Keyboard;
use crate::telegram::reply::Class;
use crate::texts;

/// The longest copy that is sent, in bytes. Telegram takes files of up to 50 MB from a bot.
pub const MOST_IN_CHAT: u64 = 49_000_000;
/// The text under a copy.
const CAPTION: &str = "backup_sent";
/// The notice that the copy is longer than [`MOST_IN_CHAT`].
const TOO_LARGE: &str = "notice_backup_too_large";
/// A file without a letter is kept for so many seconds: its letters may be about to be written.
const YOUNG_S: i64 = 3600;
/// Telegram lets a bot delete a message for so long, in milliseconds.
const DELETABLE_MS: i64 = 48 * 3_600_000;

// The dedupe keys of these letters begin with `backup_copy:`; the index of dedupe keys finds them.
const NEEDED: &str = "SELECT json_extract(payload, '$.file') FROM outbox INDEXED BY outbox_once
    WHERE dedupe_key >= 'backup_copy:' AND dedupe_key < 'backup_copy;' AND kind = 'backup_copy'
      AND json_extract(payload, '$.file') IS NOT NULL";
const FORMER: &str = "SELECT message_id FROM outbox INDEXED BY outbox_once
    WHERE dedupe_key >= 'backup_copy:' AND dedupe_key < 'backup_copy;' AND kind = 'backup_copy'
      AND bot = :bot AND chat_id = :chat AND id < :id AND state = 'sent' AND message_id IS NOT NULL
      AND settled_ms > :since";

/// For whom copies are encrypted; `None` while no copies are sent.
pub fn copy_recipient(view: &View<'_>) -> ShopResult<Option<AgeRecipient>> {
    if !BACKUP_TO_TELEGRAM.is_on(view)? {
        return Ok(None);
    }
    Ok(BACKUP_RECIPIENT.text(view)?.and_then(|text| AgeRecipient::parse(&text)))
}

/// The path at which the copy with this file name waits.
#[must_use]
pub fn copy_path(database: &Path, name: &str) -> PathBuf {
    directory(database).join(name)
}

fn directory(database: &Path) -> PathBuf {
    with_tail(database, ".copies")
}

/// The name under which the copy of this day is stored and sent.
#[must_use]
pub fn copy_name(day: NaiveDate) -> String {
    format!("dvorik-{}.tar.zst.age", day.format("%Y%m%d"))
}

/// Makes the file of the day's copy of the backup `backup`. Returns its length in bytes; `None` when it would be longer
/// than [`MOST_IN_CHAT`]: then there is no file.
///
/// # Errors
/// [`BackupError`].
pub fn make_copy(config: &Config, backup: &Path, recipient: &AgeRecipient, day: NaiveDate) -> Result<Option<u64>> {
    let database = &config.database.path;
    let directory = directory(database);
    make_private_directory(&directory, database).map_err(|error| BackupError::io(&directory, &error))?;
    encrypt(config, backup, recipient, (&copy_path(database, &copy_name(day)), MOST_IN_CHAT))
}

/// Writes a letter with the day's copy to every active owner, once a day. Returns how many owners there are.
pub fn send_copy(tx: &Tx<'_>, day: NaiveDate, bytes: u64) -> ShopResult<usize> {
    let (date, size) = (shop::date(tx, day)?, shop::language(tx)?.size(bytes));
    let caption = texts::render(tx, CAPTION, &[("date", &date), ("size", &size)])?;
    let owners = staff::owners(tx)?;
    for owner in &owners {
        let payload = Payload::BackupCopy { file: copy_name(day), caption: caption.clone(), key: None };
        let letter = Letter {
            bot: Realm::Real.staff_bot(),
            chat: owner.telegram_id,
            lane: Lane::Automatic,
            payload: payload.of_text(CAPTION),
            dedupe_key: Some(format!("backup_copy:{day}:{}", owner.id)),
            usage_log: None,
        };
        outbox::enqueue(tx, &letter)?;
    }
    Ok(owners.len())
}

/// Tells every active owner that the copy is too long to be sent, once a week.
pub fn tell_too_large(tx: &Tx<'_>, day: NaiveDate) -> ShopResult<()> {
    let html = texts::render(tx, TOO_LARGE, &[])?;
    let week = day.iso_week();
    for owner in staff::owners(tx)? {
        let letter = Letter::automatic(Realm::Real.staff_bot(), owner.telegram_id, html.clone(), Keyboard::None);
        let mut letter = letter.of_text(TOO_LARGE);
        letter.dedupe_key = Some(format!("{TOO_LARGE}:{}-{}:{}", week.year(), week.week(), owner.id));
        outbox::enqueue(tx, &letter)?;
    }
    Ok(())
}

/// After a copy has arrived, deletes the chat's former copies that Telegram still lets the bot delete. Does nothing
/// after any other letter or answer.
pub fn delete_former_copies(tx: &Tx<'_>, letter: &Claimed, class: &Class) -> ShopResult<()> {
    if !matches!((&letter.payload, class), (Payload::BackupCopy { .. }, Class::Sent { .. })) {
        return Ok(());
    }
    let since = tx.now_ms().plus(-DELETABLE_MS);
    let params = named_params! { ":bot": letter.bot, ":chat": letter.chat, ":id": letter.id, ":since": since };
    let former: Vec<i64> = tx.list(FORMER, params, |row| row.get(0))?;
    for message_id in former {
        let deletion = Letter {
            bot: letter.bot,
            chat: letter.chat,
            lane: Lane::Automatic,
            payload: Payload::Delete { message_id },
            dedupe_key: Some(format!("delete:{}:{}:{message_id}", letter.bot, letter.chat)),
            usage_log: None,
        };
        outbox::enqueue(tx, &deletion)?;
    }
    Ok(())
}

/// Deletes the files whose letters are settled. A file without a letter stays for an hour. Returns how many.
///
/// # Errors
/// The storage failed. A file that cannot be deleted is left for the next call.
pub fn sweep_copies(db: &Database) -> ShopResult<usize> {
    let Ok(found) = fs::read_dir(directory(db.path())) else { return Ok(0) };
    let found: Vec<_> = found.flatten().collect();
    let needed: HashSet<String> = db.read_as(ReadClass::Bulk, |view| {
        Ok::<_, crate::error::Error>(view.list(NEEDED, [], |row| row.get(0))?.into_iter().collect())
    })?;
    let now = db.clock().now();
    let is_over = |entry: &&fs::DirEntry| {
        let is_needed = entry.file_name().to_str().is_some_and(|name| needed.contains(name));
        !is_needed && entry.metadata().is_ok_and(|about| is_old(&about, now))
    };
    Ok(found.iter().filter(is_over).filter(|entry| fs::remove_file(entry.path()).is_ok()).count())
}

fn is_old(about: &fs::Metadata, now: Timestamp) -> bool {
    about.is_file() && now.0.saturating_sub(about.mtime()) > YOUNG_S
}

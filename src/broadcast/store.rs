//! The SQL of the table `broadcasts`, of uploaded files and of pending bulk actions. The SQL of the recipients is in
//! `ledger`.

use rusqlite::types::FromSqlError;
use rusqlite::{Row, named_params};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::model::{
    Audience, Broadcast, BroadcastId, BulkKind, Confirmation, Counts, Draft, Media, MediaType, Message, PauseReason,
    PendingBulk, Status,
};
use crate::clock::{ShopMillis, Timestamp};
use crate::db::{Conditions, Failure, Slice, Tx, View, columns};
use crate::error::{Refusal, Result};
use crate::ids::{SegmentId, TemplateId, UserId, words};
use crate::realm::{BotName, Realm};
use crate::segment::Filter;

columns! {
    select: Broadcast as b from "broadcasts b" {
        id,
        draft: Draft {
            title, message = message(body, media_type, media_file_id, media_sha256, buttons, template_id),
            audience = audience(segment_id, filters, target_user_ids), realm = is_test, origin,
        },
        status, pause_reason, note, send_at, created_at, created_by,
        confirmed = confirmed(confirmed_hash, confirmed_count), started_at, finished_at, is_frozen = frozen, last_ms,
        counts: Counts { queued, sending, sent, failed, unknown, skipped, blocked }, pauses, pause_ms,
        pause_until = pause_until_ms, entered_for,
    }
}

const BY_ID: &str = select!("WHERE b.id = :id");
const LAST: &str = "SELECT max(id) FROM broadcasts WHERE is_test = :realm";
const CURRENT: &str = "SELECT id FROM broadcasts WHERE is_test = :realm
    ORDER BY status = 'sending' DESC, status = 'paused' DESC, coalesce(started_at, '') DESC, id DESC LIMIT 1";
const BY_TITLE: &str = "SELECT id FROM broadcasts WHERE is_test = :realm AND title = :title ORDER BY id DESC LIMIT 1";
const ROWS: &str = select!();
const TABLE: &str = "FROM broadcasts b";
const DUE: &str =
    select!("WHERE b.is_test = :realm AND b.status = 'scheduled' AND b.send_at <= :now ORDER BY b.send_at, b.id");
const NEXT_DUE: &str = "SELECT min(send_at) FROM broadcasts WHERE is_test = :realm AND status = 'scheduled'";
const UNFINISHED: &str =
    select!("WHERE b.is_test = :realm AND b.status IN ('scheduled', 'sending', 'paused') ORDER BY b.id");
const UPCOMING: &str = select!("WHERE b.is_test = :realm AND b.status = 'scheduled' ORDER BY b.send_at, b.id LIMIT 20");
const SENDING: &str = select!("WHERE b.is_test = :realm AND b.status = 'sending' ORDER BY b.id");
const AT_WORK: &str = select!(
    "WHERE b.is_test = :realm AND b.status IN ('sending', 'paused', 'scheduled') ORDER BY b.status = 'scheduled',
    b.send_at, b.id LIMIT 5"
);
const LEFT_OVER: &str = select!("WHERE b.is_test = :realm AND b.status = 'canceled' AND b.queued > 0 ORDER BY b.id");
const INSERT: &str = "INSERT INTO broadcasts (title, body, media_type, media_file_id, media_sha256, buttons, template_id,
        segment_id, filters, target_user_ids, is_test, origin, created_at, created_by)
    VALUES (:title, :body, :media_type, :file_id, :sha256, :buttons, :template, :segment, :filters, :people, :realm, :origin,
        :now, :by)";
const REWRITE: &str =
    "UPDATE broadcasts SET title = :title, body = :body, media_type = :media_type, media_file_id = :file_id,
        media_sha256 = :sha256, buttons = :buttons, template_id = :template, segment_id = :segment, filters = :filters,
        target_user_ids = :people WHERE id = :id";
const SET_STATUS: &str = "UPDATE broadcasts SET status = :status, pause_reason = :reason, note = :note,
        started_at = CASE WHEN :status = 'sending' THEN coalesce(started_at, :now) ELSE started_at END,
        finished_at = CASE WHEN :status IN ('sent', 'error', 'canceled') THEN :now ELSE NULL END
    WHERE id = :id AND status = :was";
const SET_TIME: &str = "UPDATE broadcasts SET send_at = :at WHERE id = :id";
const CONFIRM: &str =
    "UPDATE broadcasts SET confirmed_hash = :hash, confirmed_count = :count, confirmed_by = :by WHERE id = :id";
const SET_BODY: &str = "UPDATE broadcasts SET body = :body WHERE id = :id";
const CLEAR_NOTE: &str = "UPDATE broadcasts SET note = NULL WHERE id = :id AND status = 'paused'";
// The recipients' rows stay until the next freezing, which deletes them step by step.
const RESET: &str = "UPDATE broadcasts SET send_at = NULL, confirmed_hash = NULL, confirmed_count = NULL,
        confirmed_by = NULL, started_at = NULL, frozen = 0, entered_for = NULL WHERE id = :id";
const COUNT: &str =
    "UPDATE broadcasts SET queued = queued + :queued, sending = sending + :sending, sent = sent + :sent,
        failed = failed + :failed, unknown = unknown + :unknown, skipped = skipped + :skipped,
        blocked = blocked + :blocked, last_ms = coalesce(:last, last_ms) WHERE id = :id";
const PAUSED: &str = "UPDATE broadcasts SET pauses = pauses + (pause_until_ms < :now),
        pause_ms = pause_ms + max(0, :until - max(pause_until_ms, :now)), pause_until_ms = max(pause_until_ms, :until)
    WHERE id = :id";
const ENTERED_FOR: &str = "UPDATE broadcasts SET entered_for = :hash WHERE id = :id";
const UNCONFIRM: &str = "UPDATE broadcasts SET confirmed_hash = NULL, confirmed_count = NULL, confirmed_by = NULL
    WHERE status IN ('scheduled', 'sending', 'paused')";
const FROZEN: &str = "UPDATE broadcasts SET frozen = 1 WHERE id = :id";
const PUT_MEDIA: &str = "INSERT INTO media (sha256, name, bytes, created_at) VALUES (:sha256, :name, :bytes, :now)
    ON CONFLICT (sha256) DO NOTHING";
const MEDIA_NAME: &str = "SELECT name FROM media WHERE sha256 = :sha256";
const FILE_ID: &str = "SELECT file_id FROM media_files WHERE sha256 = :sha256 AND kind = :kind AND bot = :bot";
const PUT_FILE_ID: &str = "INSERT INTO media_files (sha256, kind, bot, file_id) VALUES (:sha256, :kind, :bot, :file_id)
    ON CONFLICT (sha256, kind, bot) DO UPDATE SET file_id = excluded.file_id";
const FORGET_FILE_ID: &str = "DELETE FROM media_files WHERE sha256 = :sha256 AND kind = :kind AND bot = :bot";

// A bulk action that sends rows again waits while its broadcast is paused; a recall or correction does not wait.
macro_rules! ready_bulk {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            " FROM broadcast_sweeps s JOIN broadcasts b ON b.id = s.broadcast_id
            WHERE b.is_test = :realm AND (s.kind IN ('recall', 'correct') OR b.status <> 'paused')",
            $tail
        )
    };
}

const NEXT_BULK: &str =
    ready_bulk!("SELECT s.id, s.broadcast_id, s.kind, s.classes, s.after, s.admin_id", " ORDER BY s.id LIMIT 1");
const ANY_BULK: &str = ready_bulk!("SELECT 1", " LIMIT 1");
const BULK_CLASSES: &str = "SELECT classes FROM broadcast_sweeps WHERE broadcast_id = :id AND kind = :kind";
const REQUEUES: &str =
    "SELECT 1 FROM broadcast_sweeps WHERE broadcast_id = :id AND kind IN ('retry_failed', 'resend_unknown') LIMIT 1";
const AMENDS: &str =
    "SELECT 1 FROM broadcast_sweeps WHERE broadcast_id = :id AND kind IN ('recall', 'correct') LIMIT 1";
const KEEP_BULK: &str = "INSERT INTO broadcast_sweeps (broadcast_id, kind, classes, after, admin_id)
    VALUES (:id, :kind, :classes, :after, :admin)";
const GO_ON_WITH_BULK: &str = "UPDATE broadcast_sweeps SET after = :after WHERE id = :sweep";
const BULK_DONE: &str = "DELETE FROM broadcast_sweeps WHERE id = :sweep";
const DROP_BULK: &str = "DELETE FROM broadcast_sweeps WHERE broadcast_id = :id AND kind = :kind";
const DROP_EVERY_BULK: &str = "DELETE FROM broadcast_sweeps";

/// The broadcast with this id.
///
/// # Errors
/// `BROADCAST_NOT_FOUND`.
pub fn get(view: &View<'_>, id: BroadcastId) -> Result<Broadcast> {
    let found = view.find(BY_ID, &[(":id", &id)], Broadcast::from_row)?;
    Ok(found.ok_or_else(|| Refusal::BroadcastNotFound(id.to_string()))?)
}

/// Finds the broadcast of a realm that a person entered: by id, as `last` (the newest), as `current` (the one being
/// sent, else a paused one, else the last one sent), or by title (the newest with that title).
///
/// # Errors
/// `BROADCAST_NOT_FOUND`.
pub fn get_by_ref(view: &View<'_>, realm: Realm, typed: &str) -> Result<Broadcast> {
    let typed = typed.trim();
    let id: Option<BroadcastId> = match typed.trim_start_matches('#').parse::<i64>() {
        Ok(id) => Some(BroadcastId(id)),
        Err(_) if typed.eq_ignore_ascii_case("last") => view.get(LAST, &[(":realm", &realm)], |row| row.get(0))?,
        Err(_) if typed == "current" => view.find(CURRENT, &[(":realm", &realm)], |row| row.get(0))?,
        Err(_) => view.find(BY_TITLE, named_params! { ":realm": realm, ":title": typed }, |row| row.get(0))?,
    };
    let not_found = || Refusal::BroadcastNotFound(typed.chars().take(64).collect());
    let found = get(view, id.ok_or_else(not_found)?)?;
    if found.draft.realm == realm { Ok(found) } else { Err(not_found())? }
}

words!(
    /// The order of broadcasts; a leading dash means descending.
    BroadcastSort {
        /// Oldest first.
        Oldest = "created_at",
        /// Newest first.
        Newest = "-created_at",
    }
);

/// Which broadcasts a list shows; a field that is `None` does not restrict it.
#[derive(Debug, Clone, Default)]
pub struct BroadcastFilter {
    /// Broadcasts in this status.
    pub status: Option<Status>,
    /// Broadcasts from this origin.
    pub origin: Option<super::model::Origin>,
    /// Broadcasts created at this instant or later.
    pub since: Option<Timestamp>,
    /// Broadcasts created before this instant.
    pub until: Option<Timestamp>,
    /// The order of the list; newest first by default.
    pub sort: Option<BroadcastSort>,
}

/// One page of the broadcasts of a realm that match, and the number of all matching broadcasts.
pub fn list(view: &View<'_>, realm: Realm, wanted: &BroadcastFilter, slice: Slice) -> Result<(Vec<Broadcast>, i64)> {
    let fitting = Conditions::of_realm("b.is_test", &realm, realm.is_test())
        .and("b.status = :status", ":status", wanted.status.as_ref())
        .and("b.origin = :origin", ":origin", wanted.origin.as_ref())
        .and("b.created_at >= :since", ":since", wanted.since.as_ref())
        .and("b.created_at < :until", ":until", wanted.until.as_ref());
    let order = if wanted.sort == Some(BroadcastSort::Oldest) { "ORDER BY b.id" } else { "ORDER BY b.id DESC" };
    Ok(fitting.page(view, (ROWS, TABLE, order), slice, Broadcast::from_row)?)
}

/// Scheduled broadcasts of a realm, the next one first; at most 20.
pub fn upcoming(view: &View<'_>, realm: Realm) -> Result<Vec<Broadcast>> {
    Ok(view.list(UPCOMING, &[(":realm", &realm)], Broadcast::from_row)?)
}

/// Scheduled broadcasts whose time has come.
pub(super) fn due(view: &View<'_>, realm: Realm) -> Result<Vec<Broadcast>> {
    Ok(view.list(DUE, named_params! { ":realm": realm, ":now": view.now() }, Broadcast::from_row)?)
}

/// Every broadcast that is scheduled, being sent or paused.
pub(super) fn unfinished(view: &View<'_>, realm: Realm) -> Result<Vec<Broadcast>> {
    Ok(view.list(UNFINISHED, &[(":realm", &realm)], Broadcast::from_row)?)
}

/// When the next scheduled broadcast of a realm is due; `None` when none is scheduled.
pub fn next_due(view: &View<'_>, realm: Realm) -> Result<Option<Timestamp>> {
    Ok(view.get(NEXT_DUE, &[(":realm", &realm)], |row| row.get(0))?)
}

/// Broadcasts of a realm with the status `sending`: their audience is being frozen, or their messages are being sent.
pub fn sending(view: &View<'_>, realm: Realm) -> Result<Vec<Broadcast>> {
    Ok(view.list(SENDING, &[(":realm", &realm)], Broadcast::from_row)?)
}

/// Broadcasts that are being sent, paused or scheduled, at most five: those being sent or paused first.
pub fn at_work(view: &View<'_>, realm: Realm) -> Result<Vec<Broadcast>> {
    Ok(view.list(AT_WORK, &[(":realm", &realm)], Broadcast::from_row)?)
}

/// Canceled broadcasts that still have queued rows.
pub fn left_over(view: &View<'_>, realm: Realm) -> Result<Vec<Broadcast>> {
    Ok(view.list(LEFT_OVER, &[(":realm", &realm)], Broadcast::from_row)?)
}

pub(super) fn insert(tx: &Tx<'_>, draft: &Draft, by: &str) -> Result<BroadcastId> {
    let (message, columns) = (&draft.message, Columns::of(draft));
    let id = tx.insert(
        INSERT,
        named_params! {
            ":title": draft.title, ":body": message.body, ":media_type": message.media.kind(), ":file_id": columns.file_id,
            ":sha256": columns.sha256, ":buttons": columns.buttons, ":template": message.template,
            ":segment": columns.segment, ":filters": columns.filters, ":people": columns.people,
            ":realm": draft.realm, ":origin": draft.origin, ":now": tx.now(), ":by": by,
        },
    )?;
    Ok(BroadcastId(id))
}

pub(super) fn rewrite(tx: &Tx<'_>, id: BroadcastId, draft: &Draft) -> Result<()> {
    let (message, columns) = (&draft.message, Columns::of(draft));
    tx.change(
        REWRITE,
        named_params! {
            ":id": id, ":title": draft.title, ":body": message.body, ":media_type": message.media.kind(),
            ":file_id": columns.file_id, ":sha256": columns.sha256, ":buttons": columns.buttons,
            ":template": message.template, ":segment": columns.segment, ":filters": columns.filters,
            ":people": columns.people,
        },
    )?;
    Ok(())
}

/// A draft in the form of the table's nullable columns.
struct Columns<'a> {
    file_id: Option<&'a str>,
    sha256: Option<&'a str>,
    buttons: String,
    segment: Option<SegmentId>,
    filters: Option<String>,
    people: Option<String>,
}

impl<'a> Columns<'a> {
    fn of(draft: &'a Draft) -> Self {
        let (file_id, sha256) = match &draft.message.media {
            Media::None => (None, None),
            Media::FileId(_, id) => (Some(id.as_str()), None),
            Media::Local(_, sha256) => (None, Some(sha256.as_str())),
        };
        let (segment, filters, people) = match &draft.audience {
            Audience::People(people) => (None, None, Some(json!(people).to_string())),
            Audience::Segment(id) => (Some(*id), None, None),
            Audience::Fitting(filter) => (None, Some(filter.to_json()), None),
        };
        Self { file_id, sha256, buttons: json!(draft.message.buttons).to_string(), segment, filters, people }
    }
}

/// A broadcast's new status, and why.
pub(super) struct StatusChange<'a> {
    pub(super) status: Status,
    pub(super) reason: Option<PauseReason>,
    pub(super) note: Option<&'a str>,
}

/// Changes a broadcast's status. Returns `false` and changes nothing when the status has changed since `broadcast` was
/// read.
pub(super) fn set_status(tx: &Tx<'_>, broadcast: &Broadcast, change: &StatusChange<'_>) -> Result<bool> {
    let changed = tx.change(
        SET_STATUS,
        named_params! {
            ":id": broadcast.id, ":was": broadcast.status, ":status": change.status, ":reason": change.reason,
            ":note": change.note, ":now": tx.now(),
        },
    )?;
    Ok(changed == 1)
}

pub(super) fn set_time(tx: &Tx<'_>, id: BroadcastId, at: Option<Timestamp>) -> Result<()> {
    tx.change(SET_TIME, named_params! { ":id": id, ":at": at })?;
    Ok(())
}

pub(super) fn set_body(tx: &Tx<'_>, id: BroadcastId, body: &str) -> Result<()> {
    tx.change(SET_BODY, named_params! { ":id": id, ":body": body })?;
    Ok(())
}

/// Deletes the note that says what Telegram refused, after the text was edited.
pub(super) fn clear_note(tx: &Tx<'_>, id: BroadcastId) -> Result<()> {
    tx.change(CLEAR_NOTE, &[(":id", &id)])?;
    Ok(())
}

/// Deletes the planned time, the confirmation and the record of the frozen audience, when a paused broadcast whose
/// message that no recipient has got becomes a draft again.
pub(super) fn reset(tx: &Tx<'_>, id: BroadcastId) -> Result<()> {
    tx.change(RESET, &[(":id", &id)])?;
    Ok(())
}

pub(super) fn confirm(tx: &Tx<'_>, id: BroadcastId, confirmation: &Confirmation, by: &str) -> Result<()> {
    let (hash, count) = (&confirmation.hash, confirmation.count);
    tx.change(CONFIRM, named_params! { ":id": id, ":hash": hash, ":count": count, ":by": by })?;
    Ok(())
}

/// Adds `by` to the broadcast's counters; `last` is when a message was settled, `None` when none was.
pub(super) fn count(tx: &Tx<'_>, id: BroadcastId, by: &Counts, last: Option<ShopMillis>) -> Result<()> {
    if *by == Counts::default() && last.is_none() {
        return Ok(());
    }
    tx.change(
        COUNT,
        named_params! {
            ":id": id, ":queued": by.queued, ":sending": by.sending, ":sent": by.sent, ":failed": by.failed,
            ":unknown": by.unknown, ":skipped": by.skipped, ":blocked": by.blocked, ":last": last,
        },
    )?;
    Ok(())
}

/// Adds to the broadcast's row a pause of `seconds` that Telegram asked for.
pub(super) fn note_pause(tx: &Tx<'_>, id: BroadcastId, seconds: u64) -> Result<()> {
    let ms = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000);
    let (now, until) = (tx.now_ms(), tx.now_ms().plus(ms));
    tx.change(PAUSED, named_params! { ":id": id, ":now": now, ":until": until })?;
    Ok(())
}

pub(super) fn set_entered_for(tx: &Tx<'_>, id: BroadcastId, hash: Option<&str>) -> Result<()> {
    tx.change(ENTERED_FOR, named_params! { ":id": id, ":hash": hash })?;
    Ok(())
}

/// Deletes the confirmation of every broadcast that has not ended.
pub(super) fn unconfirm_all(tx: &Tx<'_>) -> Result<()> {
    tx.change(UNCONFIRM, [])?;
    Ok(())
}

pub(super) fn set_frozen(tx: &Tx<'_>, id: BroadcastId) -> Result<()> {
    tx.change(FROZEN, &[(":id", &id)])?;
    Ok(())
}

/// Stores the row of a local file that was copied beside the database; does nothing when it has a row.
pub fn remember_media(tx: &Tx<'_>, sha256: &str, name: &str, bytes: u64) -> Result<()> {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    tx.change(PUT_MEDIA, named_params! { ":sha256": sha256, ":name": name, ":bytes": bytes, ":now": tx.now() })?;
    Ok(())
}

/// The name of a local file that recipients see; `None` when the file has no row.
pub fn media_name(view: &View<'_>, sha256: &str) -> Result<Option<String>> {
    Ok(view.find(MEDIA_NAME, &[(":sha256", sha256)], |row| row.get(0))?)
}

/// Telegram's `file_id` of the media for `bot`; `None` without media, and for a local file before its upload.
pub fn file_id(view: &View<'_>, bot: BotName, media: &Media) -> Result<Option<String>> {
    match media {
        Media::None => Ok(None),
        Media::FileId(_, id) => Ok(Some(id.clone())),
        Media::Local(kind, sha256) => {
            let params = named_params! { ":sha256": sha256, ":kind": kind, ":bot": bot };
            Ok(view.find(FILE_ID, params, |row| row.get(0))?)
        }
    }
}

/// Stores Telegram's `file_id` of a local file that was just uploaded.
pub fn remember_file_id(tx: &Tx<'_>, bot: BotName, (kind, sha256): (MediaType, &str), file_id: &str) -> Result<()> {
    let params = named_params! { ":sha256": sha256, ":kind": kind, ":bot": bot, ":file_id": file_id };
    tx.change(PUT_FILE_ID, params)?;
    Ok(())
}

/// Deletes the stored `file_id` of a local file, so that the file is uploaded again.
pub(super) fn forget_file_id(tx: &Tx<'_>, bot: BotName, media: &Media) -> Result<()> {
    if let Media::Local(kind, sha256) = media {
        tx.change(FORGET_FILE_ID, named_params! { ":sha256": sha256, ":kind": kind, ":bot": bot })?;
    }
    Ok(())
}

/// The oldest pending bulk action of a realm that does not wait for a paused broadcast.
pub(super) fn next_bulk(view: &View<'_>, realm: Realm) -> Result<Option<PendingBulk>> {
    Ok(view.find(NEXT_BULK, &[(":realm", &realm)], bulk_from_row)?)
}

/// Whether this realm has a pending bulk action that does not wait for a paused broadcast.
pub(super) fn is_bulk_pending(view: &View<'_>, realm: Realm) -> Result<bool> {
    Ok(view.find(ANY_BULK, &[(":realm", &realm)], |_| Ok(()))?.is_some())
}

/// Whether a pending bulk action still queues rows of this broadcast again, so that the broadcast cannot finish.
pub(super) fn is_requeueing(view: &View<'_>, id: BroadcastId) -> Result<bool> {
    Ok(view.find(REQUEUES, &[(":id", &id)], |_| Ok(()))?.is_some())
}

/// Whether a pending bulk action still marks delivered messages of this broadcast for recall or correction.
pub(super) fn is_amending(view: &View<'_>, id: BroadcastId) -> Result<bool> {
    Ok(view.find(AMENDS, &[(":id", &id)], |_| Ok(()))?.is_some())
}

/// The error classes of a pending bulk action; `None` when none of this kind is pending.
pub(super) fn bulk_classes(view: &View<'_>, id: BroadcastId, kind: BulkKind) -> Result<Option<Vec<String>>> {
    let stored = view.find(BULK_CLASSES, named_params! { ":id": id, ":kind": kind }, |row| row.get::<_, String>(0))?;
    Ok(stored.map(|stored| serde_json::from_str(&stored).unwrap_or_default()))
}

/// Stores a bulk action, which continues after the recipient `after`.
pub(super) fn keep_bulk(tx: &Tx<'_>, pending: &PendingBulk, after: UserId) -> Result<()> {
    let PendingBulk { broadcast, kind, classes, admin, .. } = pending;
    let classes = json!(classes).to_string();
    tx.change(
        KEEP_BULK,
        named_params! { ":id": broadcast, ":kind": kind, ":classes": classes, ":after": after, ":admin": admin },
    )?;
    Ok(())
}

/// Stores the recipient after whom a bulk action continues; `None` deletes the action, because no rows are left.
pub(super) fn go_on_with_bulk(tx: &Tx<'_>, pending: &PendingBulk, after: Option<UserId>) -> Result<()> {
    match after {
        Some(after) => tx.change(GO_ON_WITH_BULK, named_params! { ":sweep": pending.id, ":after": after })?,
        None => tx.change(BULK_DONE, named_params! { ":sweep": pending.id })?,
    };
    Ok(())
}

/// Deletes the broadcast's pending bulk action of this kind, if there is one.
pub(super) fn drop_bulk(tx: &Tx<'_>, id: BroadcastId, kind: BulkKind) -> Result<()> {
    tx.change(DROP_BULK, named_params! { ":id": id, ":kind": kind })?;
    Ok(())
}

/// Deletes every pending bulk action.
pub(super) fn drop_every_bulk(tx: &Tx<'_>) -> Result<()> {
    tx.change(DROP_EVERY_BULK, [])?;
    Ok(())
}

fn bulk_from_row(row: &Row<'_>) -> rusqlite::Result<PendingBulk> {
    let classes = serde_json::from_str(&row.get::<_, String>(3)?).unwrap_or_default();
    let (id, broadcast, kind) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(PendingBulk { id, broadcast, kind, classes, after: row.get(4)?, admin: row.get(5)? })
}

fn confirmed(hash: Option<String>, count: Option<i64>) -> rusqlite::Result<Option<Confirmation>> {
    Ok(hash.zip(count).map(|(hash, count)| Confirmation { hash, count }))
}

fn message(
    body: String,
    kind: MediaType,
    file_id: Option<String>,
    sha256: Option<String>,
    buttons: Option<String>,
    template: Option<TemplateId>,
) -> rusqlite::Result<Message> {
    let media = match (file_id, sha256) {
        (Some(file_id), _) => Media::FileId(kind, file_id),
        (None, Some(sha256)) => Media::Local(kind, sha256),
        (None, None) => Media::None,
    };
    Ok(Message { body, media, buttons: parsed(buttons)?, template })
}

fn audience(segment: Option<SegmentId>, filter: Option<String>, people: Option<String>) -> rusqlite::Result<Audience> {
    match (segment, filter) {
        (Some(id), _) => Ok(Audience::Segment(id)),
        (None, Some(filter)) => Ok(Audience::Fitting(Filter::parse(&filter).map_err(FromSqlError::other)?)),
        (None, None) => parsed(people).map(Audience::People),
    }
}

/// Reads a column with JSON. A missing value is an error: the schema guarantees that a broadcast has one.
fn parsed<T: DeserializeOwned>(stored: Option<String>) -> rusqlite::Result<T> {
    Ok(serde_json::from_str(&stored.unwrap_or_default()).map_err(FromSqlError::other)?)
}

/// The error for a bug: a row just written is missing.
pub(super) fn lost(what: &str) -> crate::error::Error {
    Failure::Internal(format!("{what} is not there")).into()
}

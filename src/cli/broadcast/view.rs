//! How a broadcast is shown: the columns, the facts of change reports, the next commands.

use serde_json::{Value as Json, json};

use crate::broadcast::{Audience, Broadcast, Link, Media, MediaType, Origin, PauseReason, Status};
use crate::cli::output::{Cell, Column, NextCommand, Tone};

pub(super) const COLUMNS: &[Column<Broadcast>] = &[
    Column::number("id", "column.id", |b| b.id.into()),
    Column::new("title", "column.title", |b| (&b.draft.title).into()),
    Column::new("status", "column.status", |b| status(b.status)),
    Column::detail("pause_reason", "column.reason", |b| b.pause_reason.map(reason).into()),
    Column::detail("note", "column.note", |b| (&b.note).into()),
    Column::new("send_at", "column.send_at", |b| b.send_at.into()),
    Column::number("total_recipients", "column.recipients", |b| b.counts.total().into()),
    Column::number("sent", "column.sent", |b| b.counts.sent.into()),
    Column::number("failed", "column.failed", |b| b.counts.failed.into()),
    Column::number("unknown", "column.unknown", |b| b.counts.unknown.into()),
    Column::detail("skipped", "column.skipped", |b| b.counts.skipped.into()),
    Column::detail("queued", "column.queued", |b| b.counts.queued.into()),
    Column::detail("sending", "column.sending", |b| b.counts.sending.into()),
    Column::new("origin", "column.origin", |b| origin(b.draft.origin)),
    Column::detail("body", "column.text", |b| (&b.draft.message.body).into()),
    Column::detail("media_type", "column.media", |b| media(b.draft.message.media.kind())),
    Column::detail("media_file_id", "column.file_id", |b| file_id(&b.draft.message.media)),
    Column::detail("buttons", "column.buttons", |b| Cell::Json(json!(b.draft.message.buttons))),
    Column::detail("template_id", "column.template", |b| b.draft.message.template.map(|id| id.0).into()),
    Column::detail("segment_id", "column.segment", |b| segment_id(&b.draft.audience)),
    Column::detail("filters", "column.filter", |b| filters(&b.draft.audience)),
    Column::detail("target_user_ids", "column.users", |b| people(&b.draft.audience)),
    Column::detail("created_at", "column.created_at", |b| b.created_at.into()),
    Column::detail("created_by", "column.created_by", |b| (&b.created_by).into()),
    Column::detail("started_at", "column.started_at", |b| b.started_at.into()),
    Column::detail("finished_at", "column.finished_at", |b| b.finished_at.into()),
    Column::detail("is_test", "column.is_test", |b| b.draft.realm.is_test().into()),
];

/// The facts of a broadcast that a change report shows.
pub(super) fn facts(b: &Broadcast) -> Json {
    json!({
        "id": b.id, "title": b.draft.title, "status": b.status.as_str(),
        "pause_reason": b.pause_reason.map(PauseReason::as_str), "send_at": b.send_at.map(|at| at.to_string()),
        "total_recipients": b.counts.total(), "queued": b.counts.queued, "sent": b.counts.sent,
        "failed": b.counts.failed, "unknown": b.counts.unknown, "skipped": b.counts.skipped,
    })
}

/// The next command `dvorik broadcast <verb> <id>`, ready to paste.
pub(super) fn on(words: &'static str, verb: &str, b: &Broadcast) -> NextCommand {
    let realm_flag = if b.draft.realm.is_test() { " --test-data" } else { "" };
    NextCommand { words, command: format!("dvorik broadcast {verb} {}{realm_flag}", b.id) }
}

/// A cell with the status of a broadcast.
pub(in crate::cli) fn status(status: Status) -> Cell {
    let (text, tone) = match status {
        Status::Draft => ("broadcast.status.draft", Tone::Plain),
        Status::Scheduled => ("broadcast.status.scheduled", Tone::Warn),
        Status::Sending => ("broadcast.status.sending", Tone::Good),
        Status::Paused => ("broadcast.status.paused", Tone::Warn),
        Status::Sent => ("broadcast.status.sent", Tone::Good),
        Status::Error => ("broadcast.status.error", Tone::Bad),
        Status::Canceled => ("broadcast.status.canceled", Tone::Faint),
    };
    Cell::Word { code: status.as_str(), text, tone }
}

fn reason(reason: PauseReason) -> Cell {
    let text = match reason {
        PauseReason::Admin => "broadcast.pause.admin",
        PauseReason::Late => "broadcast.pause.late",
        PauseReason::StopRule => "broadcast.pause.stop_rule",
        PauseReason::Flood => "broadcast.pause.flood",
    };
    Cell::Word { code: reason.as_str(), text, tone: Tone::Warn }
}

fn origin(origin: Origin) -> Cell {
    let text = match origin {
        Origin::Admin => "broadcast.origin.admin",
        Origin::Chat => "broadcast.origin.chat",
        Origin::Job => "broadcast.origin.job",
    };
    Cell::Word { code: origin.as_str(), text, tone: Tone::Plain }
}

pub(super) const fn media(kind: MediaType) -> Cell {
    let text = match kind {
        MediaType::None => "broadcast.media.none",
        MediaType::Photo => "broadcast.media.photo",
        MediaType::Video => "broadcast.media.video",
        MediaType::Document => "broadcast.media.document",
    };
    Cell::Word { code: kind.as_str(), text, tone: Tone::Plain }
}

fn file_id(media: &Media) -> Cell {
    if let Media::FileId(_, id) = media { Cell::Text(id.clone()) } else { Cell::Null }
}

fn segment_id(audience: &Audience) -> Cell {
    if let Audience::Segment(id) = audience { Cell::Int(id.0) } else { Cell::Null }
}

fn filters(audience: &Audience) -> Cell {
    let Audience::Fitting(filter) = audience else { return Cell::Null };
    Cell::Json(serde_json::from_str(&filter.to_json()).unwrap_or(Json::Null))
}

fn people(audience: &Audience) -> Cell {
    if let Audience::People(people) = audience { Cell::Json(json!(people)) } else { Cell::Null }
}

/// The number of buttons of a broadcast.
pub(super) fn buttons(rows: &[Vec<Link>]) -> i64 {
    i64::try_from(rows.iter().map(Vec::len).sum::<usize>()).unwrap_or(i64::MAX)
}

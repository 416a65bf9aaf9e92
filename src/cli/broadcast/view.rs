//! How a broadcast is shown: the columns, the facts of change reports, the next commands.

use serde_json::{Value as Json, json};

use crate::broadcast::{Audience, Broadcast, Link, Media, MediaType, Origin, PauseReason, Status};
use crate::cli::output::{Cell, Column, NextCommand, Tone};

pub(super) const COLUMNS: &[Column<Broadcast>] = &[
    Column::number("id", "column.id", |b| Cell::Id(b.id.0)),
    Column::new("title", "column.title", |b| Cell::Text(b.draft.title.clone())),
    Column::new("status", "column.status", |b| status(b.status)),
    Column::detail("pause_reason", "column.reason", |b| b.pause_reason.map_or(Cell::Null, reason)),
    Column::detail("note", "column.note", |b| b.note.clone().map_or(Cell::Null, Cell::Text)),
    Column::new("send_at", "column.send_at", |b| b.send_at.map_or(Cell::Null, Cell::Timestamp)),
    Column::number("total_recipients", "column.recipients", |b| Cell::Int(b.counts.total())),
    Column::number("sent", "column.sent", |b| Cell::Int(b.counts.sent)),
    Column::number("failed", "column.failed", |b| Cell::Int(b.counts.failed)),
    Column::number("unknown", "column.unknown", |b| Cell::Int(b.counts.unknown)),
    Column::detail("skipped", "column.skipped", |b| Cell::Int(b.counts.skipped)),
    Column::detail("queued", "column.queued", |b| Cell::Int(b.counts.queued)),
    Column::detail("sending", "column.sending", |b| Cell::Int(b.counts.sending)),
    Column::new("origin", "column.origin", |b| origin(b.draft.origin)),
    Column::detail("body", "column.text", |b| Cell::Text(b.draft.message.body.clone())),
    Column::detail("media_type", "column.media", |b| media(b.draft.message.media.kind())),
    Column::detail("media_file_id", "column.file_id", |b| file_id(&b.draft.message.media)),
    Column::detail("buttons", "column.buttons", |b| Cell::Json(json!(b.draft.message.buttons))),
    Column::detail("template_id", "column.template", |b| {
        b.draft.message.template.map_or(Cell::Null, |id| Cell::Int(id.0))
    }),
    Column::detail("segment_id", "column.segment", |b| segment_id(&b.draft.audience)),
    Column::detail("filters", "column.filter", |b| filters(&b.draft.audience)),
    Column::detail("target_user_ids", "column.users", |b| people(&b.draft.audience)),
    Column::detail("created_at", "column.created_at", |b| Cell::Timestamp(b.created_at)),
    Column::detail("created_by", "column.created_by", |b| Cell::Text(b.created_by.clone())),
    Column::detail("started_at", "column.started_at", |b| b.started_at.map_or(Cell::Null, Cell::Timestamp)),
    Column::detail("finished_at", "column.finished_at", |b| b.finished_at.map_or(Cell::Null, Cell::Timestamp)),
    Column::detail("is_test", "column.is_test", |b| Cell::Bool(b.draft.realm.is_test())),
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
    let world = if b.draft.realm.is_test() { " --test-data" } else { "" };
    NextCommand { words, command: format!("dvorik broadcast {verb} {}{world}", b.id) }
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

//! How a broadcast is shown: the columns, the facts of change reports, the next commands.

use serde_json::{Value as Json, json};

use crate::broadcast::{Audience, Broadcast, Link, Media, MediaType, Origin, PauseReason, Status};
use crate::cli::output::{CellValue, NextCommand, TableColumn, Tone};

pub(super) const COLUMNS: &[TableColumn<Broadcast>] = &[
    TableColumn::number("id", "column.id", |b| CellValue::Id(b.id.0)),
    TableColumn::new("title", "column.title", |b| CellValue::Text(b.draft.title.clone())),
    TableColumn::new("status", "column.status", |b| status(b.status)),
    TableColumn::detail("pause_reason", "column.reason", |b| b.pause_reason.map_or(CellValue::Null, reason)),
    TableColumn::detail("note", "column.note", |b| b.note.clone().map_or(CellValue::Null, CellValue::Text)),
    TableColumn::new("send_at", "column.send_at", |b| b.send_at.map_or(CellValue::Null, CellValue::Timestamp)),
    TableColumn::number("total_recipients", "column.recipients", |b| CellValue::Int(b.counts.total())),
    TableColumn::number("sent", "column.sent", |b| CellValue::Int(b.counts.sent)),
    TableColumn::number("failed", "column.failed", |b| CellValue::Int(b.counts.failed)),
    TableColumn::number("unknown", "column.unknown", |b| CellValue::Int(b.counts.unknown)),
    TableColumn::detail("skipped", "column.skipped", |b| CellValue::Int(b.counts.skipped)),
    TableColumn::detail("queued", "column.queued", |b| CellValue::Int(b.counts.queued)),
    TableColumn::detail("sending", "column.sending", |b| CellValue::Int(b.counts.sending)),
    TableColumn::new("origin", "column.origin", |b| origin(b.draft.origin)),
    TableColumn::detail("body", "column.text", |b| CellValue::Text(b.draft.message.body.clone())),
    TableColumn::detail("media_type", "column.media", |b| media(b.draft.message.media.kind())),
    TableColumn::detail("media_file_id", "column.file_id", |b| file_id(&b.draft.message.media)),
    TableColumn::detail("buttons", "column.buttons", |b| CellValue::Json(json!(b.draft.message.buttons))),
    TableColumn::detail("template_id", "column.template", |b| {
        b.draft.message.template.map_or(CellValue::Null, |id| CellValue::Int(id.0))
    }),
    TableColumn::detail("segment_id", "column.segment", |b| segment_id(&b.draft.audience)),
    TableColumn::detail("filters", "column.filter", |b| filters(&b.draft.audience)),
    TableColumn::detail("target_user_ids", "column.users", |b| people(&b.draft.audience)),
    TableColumn::detail("created_at", "column.created_at", |b| CellValue::Timestamp(b.created_at)),
    TableColumn::detail("created_by", "column.created_by", |b| CellValue::Text(b.created_by.clone())),
    TableColumn::detail("started_at", "column.started_at", |b| {
        b.started_at.map_or(CellValue::Null, CellValue::Timestamp)
    }),
    TableColumn::detail("finished_at", "column.finished_at", |b| {
        b.finished_at.map_or(CellValue::Null, CellValue::Timestamp)
    }),
    TableColumn::detail("is_test", "column.is_test", |b| CellValue::Bool(b.draft.realm.is_test())),
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
pub(in crate::cli) fn status(status: Status) -> CellValue {
    let (text, tone) = match status {
        Status::Draft => ("broadcast.status.draft", Tone::Plain),
        Status::Scheduled => ("broadcast.status.scheduled", Tone::Warn),
        Status::Sending => ("broadcast.status.sending", Tone::Good),
        Status::Paused => ("broadcast.status.paused", Tone::Warn),
        Status::Sent => ("broadcast.status.sent", Tone::Good),
        Status::Error => ("broadcast.status.error", Tone::Bad),
        Status::Canceled => ("broadcast.status.canceled", Tone::Faint),
    };
    CellValue::Word { code: status.as_str(), text, tone }
}

fn reason(reason: PauseReason) -> CellValue {
    let text = match reason {
        PauseReason::Admin => "broadcast.pause.admin",
        PauseReason::Late => "broadcast.pause.late",
        PauseReason::StopRule => "broadcast.pause.stop_rule",
        PauseReason::Flood => "broadcast.pause.flood",
    };
    CellValue::Word { code: reason.as_str(), text, tone: Tone::Warn }
}

fn origin(origin: Origin) -> CellValue {
    let text = match origin {
        Origin::Admin => "broadcast.origin.admin",
        Origin::Chat => "broadcast.origin.chat",
        Origin::Job => "broadcast.origin.job",
    };
    CellValue::Word { code: origin.as_str(), text, tone: Tone::Plain }
}

pub(super) const fn media(kind: MediaType) -> CellValue {
    let text = match kind {
        MediaType::None => "broadcast.media.none",
        MediaType::Photo => "broadcast.media.photo",
        MediaType::Video => "broadcast.media.video",
        MediaType::Document => "broadcast.media.document",
    };
    CellValue::Word { code: kind.as_str(), text, tone: Tone::Plain }
}

fn file_id(media: &Media) -> CellValue {
    if let Media::FileId(_, id) = media { CellValue::Text(id.clone()) } else { CellValue::Null }
}

fn segment_id(audience: &Audience) -> CellValue {
    if let Audience::Segment(id) = audience { CellValue::Int(id.0) } else { CellValue::Null }
}

fn filters(audience: &Audience) -> CellValue {
    let Audience::Fitting(filter) = audience else { return CellValue::Null };
    CellValue::Json(serde_json::from_str(&filter.to_json()).unwrap_or(Json::Null))
}

fn people(audience: &Audience) -> CellValue {
    if let Audience::People(people) = audience { CellValue::Json(json!(people)) } else { CellValue::Null }
}

/// The number of buttons of a broadcast.
pub(super) fn buttons(rows: &[Vec<Link>]) -> i64 {
    i64::try_from(rows.iter().map(Vec::len).sum::<usize>()).unwrap_or(i64::MAX)
}

//! `broadcast`: what is said, to whom, how far it is. `compose` writes drafts, `send` confirms and lets go, `change` holds,
//! cancels and mends, `follow` watches (and delivers, where no daemon does).

mod change;
mod compose;
mod follow;
mod send;

use serde_json::{Value as Json, json};

use super::args::{Broadcast as Verb, BroadcastRef, Broadcasts};
use super::output::{Column, List, Next, Tone, Value};
use super::refuse::Wrong;
use super::session::Session;
use crate::broadcast::{self, Audience, Broadcast, Link, Media, MediaType, Origin, PauseReason, Status, Wanted};
use crate::realm::Realm;

const COLUMNS: &[Column<Broadcast>] = &[
    Column::number("id", "column.id", |b| Value::Id(b.id.0)),
    Column::new("title", "column.title", |b| Value::Text(b.draft.title.clone())),
    Column::new("status", "column.status", |b| status(b.status)),
    Column::detail("pause_reason", "column.reason", |b| b.pause_reason.map_or(Value::Null, reason)),
    Column::detail("note", "column.note", |b| b.note.clone().map_or(Value::Null, Value::Text)),
    Column::new("send_at", "column.send_at", |b| b.send_at.map_or(Value::Null, Value::Timestamp)),
    Column::number("total_recipients", "column.recipients", |b| Value::Int(b.counts.total())),
    Column::number("sent", "column.sent", |b| Value::Int(b.counts.sent)),
    Column::number("failed", "column.failed", |b| Value::Int(b.counts.failed)),
    Column::number("unknown", "column.unknown", |b| Value::Int(b.counts.unknown)),
    Column::detail("skipped", "column.skipped", |b| Value::Int(b.counts.skipped)),
    Column::detail("queued", "column.queued", |b| Value::Int(b.counts.queued)),
    Column::detail("sending", "column.sending", |b| Value::Int(b.counts.sending)),
    Column::new("origin", "column.origin", |b| origin(b.draft.origin)),
    Column::detail("body", "column.text", |b| Value::Text(b.draft.message.body.clone())),
    Column::detail("media_type", "column.media", |b| media(b.draft.message.media.kind())),
    Column::detail("media_file_id", "column.file_id", |b| file_id(&b.draft.message.media)),
    Column::detail("buttons", "column.buttons", |b| Value::Json(json!(b.draft.message.buttons))),
    Column::detail("template_id", "column.template", |b| {
        b.draft.message.template.map_or(Value::Null, |id| Value::Int(id.0))
    }),
    Column::detail("segment_id", "column.segment", |b| segment_id(&b.draft.audience)),
    Column::detail("filters", "column.filter", |b| filters(&b.draft.audience)),
    Column::detail("target_user_ids", "column.users", |b| people(&b.draft.audience)),
    Column::detail("created_at", "column.created_at", |b| Value::Timestamp(b.created_at)),
    Column::detail("created_by", "column.created_by", |b| Value::Text(b.created_by.clone())),
    Column::detail("started_at", "column.started_at", |b| b.started_at.map_or(Value::Null, Value::Timestamp)),
    Column::detail("finished_at", "column.finished_at", |b| b.finished_at.map_or(Value::Null, Value::Timestamp)),
    Column::detail("is_test", "column.is_test", |b| Value::Bool(b.draft.realm.is_test())),
];

pub(super) fn obey(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, &args),
        Verb::Show(args) => show(session, &args),
        Verb::Create(args) => compose::create(session, &args),
        Verb::Edit(args) => compose::edit(session, &args),
        Verb::Estimate(args) => send::estimate(session, &args),
        Verb::Test(args) => change::test(session, &args),
        Verb::Send(args) => send::send(session, &args),
        Verb::Schedule(args) => send::schedule(session, &args),
        Verb::Resume(args) => send::resume(session, &args),
        Verb::Unschedule(args) => change::unschedule(session, &args),
        Verb::Pause(args) => change::pause(session, &args),
        Verb::Cancel(args) => change::cancel(session, &args),
        Verb::Status(args) => follow::status(session, &args),
        Verb::Report(args) => super::broadcast_report::report(session, &args),
        Verb::RetryFailed(args) => change::retry_failed(session, &args),
        Verb::ResendUnknown(args) => change::resend_unknown(session, &args),
        Verb::Recall(args) => change::recall(session, &args),
        Verb::Correct(args) => change::correct(session, &args),
    }
}

/// `broadcast list`.
pub(super) fn list(session: &mut Session<'_>, args: &Broadcasts) -> Result<(), Wrong> {
    let (since, until) = args.span.instants(session.config()?.timezone);
    let sort = if args.sort.is_oldest_first() { broadcast::Sort::Oldest } else { broadcast::Sort::Newest };
    let wanted = Wanted { status: args.status, origin: args.origin, since, until, sort: Some(sort) };
    let (items, total) =
        session.database()?.read(|view| broadcast::list(view, args.world.realm(), &wanted, args.page.slice()))?;
    let id = |b: &Broadcast| b.id.to_string();
    let total = total.unsigned_abs();
    session.out.list(&List { schema: "dvorik.broadcast.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

fn show(session: &mut Session<'_>, args: &BroadcastRef) -> Result<(), Wrong> {
    let found = find(session, args.world.realm(), &args.broadcast)?;
    session.out.one("dvorik.broadcast/1", COLUMNS, &found, &found.id.to_string());
    Ok(())
}

fn find(session: &Session<'_>, realm: Realm, typed: &str) -> Result<Broadcast, Wrong> {
    Ok(session.database()?.read(|view| broadcast::get_by_ref(view, realm, typed))?)
}

/// A broadcast as changes show it.
fn facts(b: &Broadcast) -> Json {
    json!({
        "id": b.id, "title": b.draft.title, "status": b.status.as_str(),
        "pause_reason": b.pause_reason.map(PauseReason::as_str), "send_at": b.send_at.map(|at| at.to_string()),
        "total_recipients": b.counts.total(), "queued": b.counts.queued, "sent": b.counts.sent,
        "failed": b.counts.failed, "unknown": b.counts.unknown, "skipped": b.counts.skipped,
    })
}

/// `dvorik broadcast <verb> <id>`, to be pasted.
fn on(words: &'static str, verb: &str, b: &Broadcast) -> Next {
    let world = if b.draft.realm.is_test() { " --test-data" } else { "" };
    Next { words, command: format!("dvorik broadcast {verb} {}{world}", b.id) }
}

pub(super) fn status(status: Status) -> Value {
    let (text, tone) = match status {
        Status::Draft => ("broadcast.status.draft", Tone::Plain),
        Status::Scheduled => ("broadcast.status.scheduled", Tone::Warn),
        Status::Sending => ("broadcast.status.sending", Tone::Good),
        Status::Paused => ("broadcast.status.paused", Tone::Warn),
        Status::Sent => ("broadcast.status.sent", Tone::Good),
        Status::Error => ("broadcast.status.error", Tone::Bad),
        Status::Canceled => ("broadcast.status.canceled", Tone::Faint),
    };
    Value::Word { code: status.as_str(), text, tone }
}

fn reason(reason: PauseReason) -> Value {
    let text = match reason {
        PauseReason::Admin => "broadcast.pause.admin",
        PauseReason::Late => "broadcast.pause.late",
        PauseReason::StopRule => "broadcast.pause.stop_rule",
        PauseReason::Flood => "broadcast.pause.flood",
    };
    Value::Word { code: reason.as_str(), text, tone: Tone::Warn }
}

fn origin(origin: Origin) -> Value {
    let text = match origin {
        Origin::Admin => "broadcast.origin.admin",
        Origin::Chat => "broadcast.origin.chat",
        Origin::Job => "broadcast.origin.job",
    };
    Value::Word { code: origin.as_str(), text, tone: Tone::Plain }
}

const fn media(kind: MediaType) -> Value {
    let text = match kind {
        MediaType::None => "broadcast.media.none",
        MediaType::Photo => "broadcast.media.photo",
        MediaType::Video => "broadcast.media.video",
        MediaType::Document => "broadcast.media.document",
    };
    Value::Word { code: kind.as_str(), text, tone: Tone::Plain }
}

fn file_id(media: &Media) -> Value {
    if let Media::FileId(_, id) = media { Value::Text(id.clone()) } else { Value::Null }
}

fn segment_id(audience: &Audience) -> Value {
    if let Audience::Segment(id) = audience { Value::Int(id.0) } else { Value::Null }
}

fn filters(audience: &Audience) -> Value {
    let Audience::Fitting(filter) = audience else { return Value::Null };
    Value::Json(serde_json::from_str(&filter.to_json()).unwrap_or(Json::Null))
}

fn people(audience: &Audience) -> Value {
    if let Audience::People(people) = audience { Value::Json(json!(people)) } else { Value::Null }
}

/// How many buttons there are.
fn buttons(rows: &[Vec<Link>]) -> i64 {
    i64::try_from(rows.iter().map(Vec::len).sum::<usize>()).unwrap_or(i64::MAX)
}

//! `broadcast estimate|send|schedule|resume`: shows the estimate, has an admin confirm exactly this estimate, and
//! starts.

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::{Value as Json, json};

use super::view::{buttons, facts, media, on};
use super::{find, follow};
use crate::broadcast::pace::BroadcastLimits;
use crate::broadcast::{self, Broadcast, Estimate, FREE_PER_SECOND, Status};
use crate::cli::args::values::{Moment, ResolvedInstant};
use crate::cli::args::{BroadcastRef, BroadcastSchedule, BroadcastSend};
use crate::cli::delivery::context;
use crate::cli::output::{ChangeReport, Column, ExitCode, FailureReport, Format};
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::clock::Timestamp;
use crate::error::Refusal;

/// `broadcast estimate`: prints how many customers the broadcast would reach, and how long it would take.
pub(super) fn estimate(session: &mut Session<'_>, args: &BroadcastRef) -> Result<(), Wrong> {
    let found = find(session, args.realm.realm(), &args.broadcast)?;
    let estimate = look(session, &found)?;
    if matches!(session.out.format(), Format::Human | Format::Json) {
        let human = describe(session, &found, &estimate);
        session.out.document(&document(&found, &estimate), &human);
    } else {
        session.out.one("dvorik.broadcast.estimate/1", COLUMNS, &estimate, &found.id.to_string());
    }
    Ok(())
}

const COLUMNS: &[Column<Estimate>] = &[
    Column::number("recipients", "column.recipients", |of| of.reach.reachable.into()),
    Column::number("muted", "column.left_muted", |of| of.reach.muted.into()),
    Column::number("bot_blocked", "column.left_blocked", |of| of.reach.bot_blocked.into()),
    Column::number("test", "column.left_test", |of| of.reach.test.into()),
    Column::number("seconds", "column.duration_s", |of| of.seconds.into()),
    Column::number("fastest_seconds", "column.fastest_s", |of| of.fastest.into()),
    Column::new("confirm_token", "column.value", |of| (&of.token).into()),
];

fn look(session: &Session<'_>, found: &Broadcast) -> Result<Estimate, Wrong> {
    Ok(session.database()?.read(|view| broadcast::estimate_of(view, found))?)
}

/// Checks after the answer that the audience is still the one of the estimate. The check runs outside the write lock,
/// because it counts all recipients.
fn look_again(session: &Session<'_>, found: &Broadcast, token: &str) -> Result<(), Wrong> {
    Ok(session.database()?.read(|view| broadcast::look_again(view, &broadcast::get(view, found.id)?, token))?)
}

fn document(found: &Broadcast, estimate: &Estimate) -> Json {
    let (reach, limits) = (&estimate.reach, estimate.limits);
    json!({
        "schema": "dvorik.broadcast.estimate/1", "id": found.id, "recipients": reach.reachable,
        "left_out": { "muted": reach.muted, "bot_blocked": reach.bot_blocked, "test": reach.test },
        "seconds": estimate.seconds, "fastest_seconds": estimate.fastest, "stars": estimate.stars,
        "rate_limit_per_minute": limits.per_minute, "rate_limit_per_hour": limits.per_hour,
        "confirm_token": estimate.token,
    })
}

/// The text of an estimate: what is sent, who is left out, how long it takes.
fn describe(session: &Session<'_>, found: &Broadcast, estimate: &Estimate) -> String {
    let (lang, voice, reach) = (session.out.voice().lang, session.out.voice(), &estimate.reach);
    let mut parts = vec![media(found.draft.message.media.kind()).human(voice)];
    let buttons = buttons(&found.draft.message.buttons);
    if buttons > 0 {
        parts.push(lang.plural("broadcast.buttons", buttons, &[]));
    }
    parts.push(lang.plural("broadcast.recipients", reach.reachable, &[]));
    let head = session.text("broadcast.head", &[("title", &found.draft.title), ("what", &parts.join(", "))]);
    let out = [("muted", reach.muted), ("bot_blocked", reach.bot_blocked), ("test", reach.test)];
    let out: Vec<String> = out
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(why, count)| session.text(&format!("broadcast.left_out.{why}"), &[("n", &lang.number(*count))]))
        .collect();
    let mut lines = vec![head];
    if !out.is_empty() {
        lines.push(session.text("broadcast.left_out.line", &[("who", &out.join(" · "))]));
    }
    lines.push(time(session, estimate));
    if estimate.stars > 0 {
        lines.push(session.text("broadcast.stars", &[("n", &lang.number(estimate.stars))]));
    }
    lines.join("\n")
}

fn time(session: &Session<'_>, estimate: &Estimate) -> String {
    let lang = session.out.voice().lang;
    let said = |seconds: i64| lang.duration(seconds.unsigned_abs());
    let rate = rate(session, estimate.limits);
    let own = session.text("broadcast.time", &[("rate", &rate), ("time", &said(estimate.seconds))]);
    let Some(fastest) = estimate.fastest else { return own };
    let command = session.pasted(&format!("dvorik settings set rate_limit_per_minute {}", FREE_PER_SECOND * 60));
    let words: [(&str, &dyn std::fmt::Display); 3] =
        [("rate", &FREE_PER_SECOND), ("time", &said(fastest)), ("command", &command)];
    format!("{own}\n  {}", session.text("broadcast.faster", &words))
}

fn rate(session: &Session<'_>, limits: BroadcastLimits) -> String {
    let lang = session.out.voice().lang;
    let minute = session.text("broadcast.per_minute", &[("n", &lang.number(limits.per_minute))]);
    if limits.per_hour == 0 {
        return minute;
    }
    format!("{minute}, {}", session.text("broadcast.per_hour", &[("n", &lang.number(limits.per_hour))]))
}

/// Shows the estimate and has the person type the number of recipients, unless `yes` is set.
fn agreed(session: &mut Session<'_>, found: &Broadcast, yes: bool) -> Result<Estimate, Wrong> {
    let estimate = look(session, found)?;
    if estimate.reach.reachable == 0 && !found.is_frozen {
        return Err(Refusal::BroadcastAudienceEmpty.into());
    }
    let yes = yes || session.rehearse;
    session.must_ask(yes)?;
    if !yes {
        let words = describe(session, found, &estimate);
        session.out.prompt(&format!("{words}\n"));
    }
    let count = estimate.reach.reachable.to_string();
    let shown = session.text("broadcast.type_count", &[("n", &count)]);
    session.confirm_by_name(yes, &shown, &count)?;
    look_again(session, found, &estimate.token)?;
    Ok(estimate)
}

/// `broadcast send`: starts the broadcast now and watches it.
pub(super) fn send(session: &mut Session<'_>, args: &BroadcastSend) -> Result<(), Wrong> {
    let found = find(session, args.realm.realm(), &args.broadcast)?;
    // Sending a broadcast that is being sent means watching it, or delivering it where no daemon does.
    if found.status == Status::Sending && !session.rehearse {
        return follow::follow(session, found.id, args.detach);
    }
    if !args.detach && !session.rehearse {
        follow::must_have_sender(session, &context(session)?, found.draft.realm)?;
    }
    let estimate = agreed(session, &found, args.yes)?;
    let (id, owner) = (found.id, session.owner());
    let sent = session.write(false, move |tx| broadcast::send(tx, id, &estimate.token, owner.actor()))?;
    let change = change(session, ("dvorik.broadcast.send/1", "broadcast.going"), &found, &sent);
    follow::after(session, change, sent.id, args.detach)
}

/// `broadcast schedule`: plans the start of a draft, after the same confirmation as `send`.
pub(super) fn schedule(session: &mut Session<'_>, args: &BroadcastSchedule) -> Result<(), Wrong> {
    let zone = session.config()?.timezone;
    let ResolvedInstant { at, later } = args.at.instant(zone).map_err(|gap| skipped(session, args.at, gap))?;
    let found = find(session, args.realm.realm(), &args.broadcast)?;
    // Checked before the question: the owner should not type the number of recipients for a time in the past.
    if at < session.now() {
        let value = session.out.voice().lang.date_time(at, zone);
        return Err(Refusal::Validation { field: "send_at", value, rule: "broadcast.rule.past" }.into());
    }
    let is_twice = later.map(|later| twice(session, at, later));
    if let Some(sentence) = &is_twice {
        session.out.note(sentence);
    }
    let estimate = agreed(session, &found, args.yes)?;
    let (id, owner) = (found.id, session.owner());
    let after =
        session.write(false, move |tx| broadcast::schedule(tx, id, Some(at), &estimate.token, owner.actor()))?;
    let mut change = change(session, ("dvorik.broadcast.schedule/1", "broadcast.scheduled"), &found, &after);
    change.next = vec![on("next.undo", "unschedule", &after)];
    session.tell_change(change);
    Ok(())
}

/// The refusal of a time that the shop's clock skips, with the times before and after the gap.
fn skipped(session: &Session<'_>, typed: Moment, (from, to): (NaiveDateTime, NaiveDateTime)) -> Wrong {
    let shown = |local: NaiveDateTime| local.format("%Y-%m-%d %H:%M").to_string();
    let typed = if let Moment::Local(local) = typed { shown(local) } else { String::new() };
    let zone = session.out.voice().zone.name();
    let last = shown(from - TimeDelta::minutes(1));
    let words: [(&str, &dyn std::fmt::Display); 4] =
        [("value", &typed), ("zone", &zone), ("last", &last), ("first", &shown(to))];
    let details = json!({ "field": "at", "value": typed, "last": last, "first": shown(to) });
    let failure =
        FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, session.text("broadcast.skipped_hour", &words));
    failure.with_details(details).into()
}

/// The note about a time that the shop's clock shows twice: which of the two instants was taken, and how to enter the
/// later one.
fn twice(session: &Session<'_>, at: Timestamp, later: Timestamp) -> String {
    let zone = session.out.voice().zone;
    let shown = |at| zone.local(at).format("%Y-%m-%d %H:%M").to_string();
    let exact = format!("{}{}", zone.local(later).format("%Y-%m-%dT%H:%M"), zone.offset(later));
    let words: [(&str, &dyn std::fmt::Display); 4] =
        [("value", &shown(at)), ("zone", &zone.name()), ("offset", &zone.offset(at)), ("other", &exact)];
    session.text("broadcast.hour_twice", &words)
}

/// `broadcast resume`: continues a paused broadcast. If the broadcast differs from what was confirmed, it must be
/// confirmed again.
pub(super) fn resume(session: &mut Session<'_>, args: &BroadcastSend) -> Result<(), Wrong> {
    let found = find(session, args.realm.realm(), &args.broadcast)?;
    let (id, owner) = (found.id, session.owner());
    let resumed = session.write(false, move |tx| broadcast::resume(tx, id, owner.actor()));
    let after = match resumed {
        Err(Wrong::Shop(crate::error::Error::Refused(Refusal::BroadcastConfirmationStale { .. }))) => {
            let estimate = agreed(session, &found, args.yes)?;
            let owner = session.owner();
            session.write(false, move |tx| broadcast::send(tx, id, &estimate.token, owner.actor()))?
        }
        resumed => resumed?,
    };
    let change = change(session, ("dvorik.broadcast.resume/1", "broadcast.going"), &found, &after);
    follow::after(session, change, after.id, args.detach)
}

fn change(
    session: &Session<'_>,
    (schema, key): (&'static str, &str),
    before: &Broadcast,
    after: &Broadcast,
) -> ChangeReport {
    let voice = session.out.voice();
    let at = after.send_at.map(|at| voice.lang.date_time(at, voice.zone)).unwrap_or_default();
    let words: [(&str, &dyn std::fmt::Display); 4] =
        [("id", &after.id), ("title", &after.draft.title), ("at", &at), ("zone", &voice.zone.name())];
    ChangeReport {
        schema,
        changed: true,
        before: facts(before),
        after: facts(after),
        id: after.id.to_string(),
        sentence: session.text(key, &words),
        next: vec![on("next.watch", "status --follow", after), on("next.stop", "pause", after)],
    }
}

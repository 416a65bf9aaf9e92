//! `report`: the weekly report, to read here or to send to admins now.

use serde_json::{Value as Json, json};

use super::args::ReportCommand as Verb;
use super::delivery::{context, deliver, undelivered, until_told, word};
use super::output::{ChangeReport, NextCommand};
use super::refuse::Wrong;
use super::session::Session;
use crate::report::weekly::{self, Weekly};
use crate::sender::drain::Load;

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::Preview => preview(session),
        Verb::Send => send(session),
    }
}

/// `report preview`: what `report send` would send, in Telegram's HTML.
fn preview(session: &mut Session<'_>) -> Result<(), Wrong> {
    let weekly = session.database()?.read(|view| weekly::report(view, view.zone().day(view.now())))?;
    let mut json = facts(&weekly);
    if let Some(object) = json.as_object_mut() {
        object.insert("schema".into(), json!("dvorik.report/1"));
        object.insert("html".into(), json!(weekly.html));
    }
    session.out.document(&json, &weekly.html);
    Ok(())
}

/// `report send`: sends the report to the admins of group `reports`, even if the schedule has sent it already.
fn send(session: &mut Session<'_>) -> Result<(), Wrong> {
    let context = context(session)?;
    let (weekly, told) = context.db.write(|tx| weekly::send(tx, tx.zone().day(tx.now())))?;
    let drained = until_told(async |stop| deliver(&context, (Load::Letters, None), stop).await)?;
    let count = i64::try_from(told).unwrap_or(i64::MAX);
    let (sentence, next) = if told > 0 {
        (session.out.voice().lang.plural("report.sent", count, &[]), "dvorik report preview")
    } else {
        (session.text("report.nobody", &[]), "dvorik admin list")
    };
    let mut after = facts(&weekly);
    if let Some(object) = after.as_object_mut() {
        object.insert("admins".into(), json!(told));
        object.insert("delivery".into(), json!(word(drained)));
    }
    session.tell_change(ChangeReport {
        schema: "dvorik.report.send/1",
        changed: told > 0,
        before: Json::Null,
        after,
        id: weekly.period.from.to_string(),
        sentence,
        next: vec![NextCommand { words: "next.look", command: next.to_owned() }],
    });
    undelivered(session, drained).map_or(Ok(()), |failure| Err(failure.into()))
}

fn facts(weekly: &Weekly) -> Json {
    json!({
        "from": weekly.period.from.to_string(), "to": weekly.period.to.to_string(), "redeemed": weekly.redeemed,
        "redeemed_before": weekly.redeemed_before,
    })
}

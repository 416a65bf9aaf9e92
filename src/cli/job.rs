//! `job`: the scheduled work of the shop. `job run` runs one job now, as cron would, and where no daemon runs it
//! delivers what is due before it ends, unless the job needs no Telegram.

use serde_json::{Value as Json, json};

use super::args::{Job as Verb, JobRun, Page};
use super::delivery::{context, deliver, no_sender, told_of, undelivered, until_told, word};
use super::output::{Cell, ChangeReport, Column, ExitCode, FailureReport, List, NextCommand, Tone, quoted};
use super::refuse::Wrong;
use super::session::Session;
use crate::daemon::ServeError;
use crate::jobs::{self, Ran};
use crate::language::closest;
use crate::realm::Realm;
use crate::schedule::{self, Cadence, JobStatus, Name, Outcome, Trigger};
use crate::sender::drain::{Drained, Load};

const COLUMNS: &[Column<JobStatus>] = &[
    Column::new("name", "column.job", |job| job.name.as_str().into()),
    Column::new("cadence", "column.cadence", |job| cadence(job.name)),
    Column::new("last_run_at", "column.last_run", |job| job.ended.map(crate::clock::ShopMillis::timestamp).into()),
    Column::new("result", "column.result", |job| job.outcome.map(outcome).into()),
    Column::number("count", "column.count", |job| job.count.into()),
    Column::number("duration_ms", "column.duration_ms", |job| job.duration_ms().into()),
    Column::new("next_due_at", "column.next_due", |job| job.next.into()),
    Column::detail("running", "column.running", |job| job.is_running.into()),
    Column::detail("failures", "column.failures", |job| job.failures.into()),
    Column::detail("error", "column.error", |job| (&job.error).into()),
    Column::detail("facts", "column.facts", |job| Cell::Json(job.facts.clone())),
];

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, args),
        Verb::Run(args) => run_job(session, &args),
        Verb::Crontab => crontab(session),
    }
}

/// `job list`: prints a page of the jobs.
pub(super) fn list(session: &mut Session<'_>, args: Page) -> Result<(), Wrong> {
    let all = session.database()?.read(schedule::list)?;
    let total = all.len() as u64;
    let items = args.of(all);
    let id = |job: &JobStatus| job.name.as_str().to_owned();
    session.out.list(&List { schema: "dvorik.job.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `job run`: runs one job now. Exit code 0 done or nothing to do, 6 partly done, 1 failed, 75 to be retried.
fn run_job(session: &mut Session<'_>, args: &JobRun) -> Result<(), Wrong> {
    let name = Name::parse(&args.name).ok_or_else(|| unknown(session, &args.name))?;
    let asked = if args.due { Trigger::BySchedule } else { Trigger::ByHand };
    let context = context(session)?;
    if name == Name::Broadcasts && !context.bots.iter().any(|(bot, _)| bot.is_for_customers()) {
        return Err(no_sender(session, Realm::Real).into());
    }
    let (ran, drained) = until_told(async |stop| {
        let ran = jobs::run(&context, name, asked, stop.clone()).await?;
        if !name.needs_telegram() && !has_written(&ran) {
            return Ok((ran, None));
        }
        let load = if name == Name::Broadcasts { Load::Everything } else { Load::Letters };
        let drained = deliver(&context, (load, None), stop).await?;
        Ok((ran, Some(drained)))
    })?;
    let change = done(session, name, &ran, drained);
    let wrong = wrong(session, name, &ran, drained);
    if !matches!(ran, Ran::Failed { .. } | Ran::Busy) {
        session.tell_change(change);
    }
    wrong.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Whether a job that needs no Telegram has written letters all the same: the encrypted copy of a backup, or the notice
/// of a failure.
fn has_written(ran: &Ran) -> bool {
    match ran {
        Ran::Done(report) => report.facts.get("copy").is_some_and(|copy| !copy.is_null()),
        Ran::Failed { .. } => true,
        _ => false,
    }
}

fn done(session: &Session<'_>, name: Name, ran: &Ran, drained: Option<Drained>) -> ChangeReport {
    let voice = session.out.voice();
    let (result, count, left_out, facts) = match ran {
        Ran::Done(report) if report.left_out > 0 => ("partly", report.count, report.left_out, report.facts.clone()),
        Ran::Done(report) if report.count > 0 => ("done", report.count, 0, report.facts.clone()),
        Ran::Done(report) => ("nothing", 0, 0, report.facts.clone()),
        Ran::NotDue { .. } => ("not_due", 0, 0, Json::Null),
        Ran::Busy => ("busy", 0, 0, Json::Null),
        Ran::Stopped => ("stopped", 0, 0, Json::Null),
        Ran::Failed { .. } => ("failed", 0, 0, Json::Null),
    };
    let next = if let Ran::NotDue { next } = ran { Some(*next) } else { None };
    let at = next.map_or_else(String::new, |next| voice.lang.date_time(next, voice.zone));
    let words: [(&str, &dyn std::fmt::Display); 3] = [("job", &name), ("next", &at), ("count", &count)];
    let mut lines = vec![session.text(&format!("job.ran.{result}"), &words)];
    if let Some(key) = drained.and_then(told_of) {
        lines.push(session.text(key, &[]));
    }
    ChangeReport {
        schema: "dvorik.job.run/1",
        changed: count > 0,
        before: Json::Null,
        after: json!({
            "name": name.as_str(), "result": result, "count": count, "left_out": left_out, "facts": facts,
            "next_due_at": next.map(|next| next.to_string()), "delivery": drained.map_or("none", word),
        }),
        id: name.as_str().to_owned(),
        sentence: lines.join("\n"),
        next: vec![NextCommand { words: "next.look", command: "dvorik job list".to_owned() }],
    }
}

fn wrong(session: &Session<'_>, name: Name, ran: &Ran, drained: Option<Drained>) -> Option<FailureReport> {
    let look = session.text("config.hint.run", &[("command", &"dvorik job list")]);
    match ran {
        Ran::Failed { why, is_passing } => {
            let (code, exit) = if *is_passing {
                ("SERVICE_UNAVAILABLE", ExitCode::Retry)
            } else {
                ("INTERNAL_ERROR", ExitCode::Failure)
            };
            let message = session.text("job.ran.failed", &[("job", &name), ("why", why)]);
            Some(FailureReport::new(code, exit, message).with_hint(look))
        }
        Ran::Busy => {
            let message = session.text("job.ran.busy", &[("job", &name)]);
            Some(FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Retry, message))
        }
        Ran::Stopped => Some(FailureReport::new(
            "SERVICE_UNAVAILABLE",
            ExitCode::Interrupted,
            session.text("job.ran.stopped", &[("job", &name)]),
        )),
        Ran::Done(report) if report.left_out > 0 => {
            let left_out = i64::try_from(report.left_out).unwrap_or(i64::MAX);
            let message = session.out.voice().lang.plural("job.left_out", left_out, &[("job", &name)]);
            Some(FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Partial, message).with_hint(look))
        }
        Ran::Done(_) | Ran::NotDue { .. } => drained.and_then(|drained| undelivered(session, drained)),
    }
}

fn unknown(session: &Session<'_>, typed: &str) -> FailureReport {
    let known: Vec<&str> = Name::ALL.iter().map(|name| name.as_str()).collect();
    let typed: String = typed.chars().take(64).collect();
    let mut message = session.text("job.unknown", &[("name", &typed)]);
    if let Some(near) = closest(&typed, known.iter().copied()) {
        message = format!("{message} {}", session.text("suggest.maybe", &[("word", &near)]));
    }
    let hint = session.text("config.hint.run", &[("command", &"dvorik job list")]);
    FailureReport::new("NOT_FOUND", ExitCode::NotFound, message).with_hint(hint).with_details(json!({ "known": known }))
}

/// `job crontab`: prints a line for cron for each job, ready to paste. Each line runs its job often, and the shop's own
/// clock and settings decide whether the job is due: cron does not know the shop's zone, nor a setting that changes the
/// hour.
fn crontab(session: &mut Session<'_>) -> Result<(), Wrong> {
    let program = std::env::current_exe().map_err(ServeError::System)?;
    let config = session.config()?.path.clone();
    let config = config.map(|path| path.canonicalize().unwrap_or(path));
    let mut command = quoted(&program.display().to_string());
    if let Some(path) = &config {
        command = format!("{command} --config {}", quoted(&path.display().to_string()));
    }
    // cron takes a bare % for the end of a command.
    let command = command.replace('%', "\\%");
    let line = |name: &Name| {
        let often =
            if matches!(name.cadence(), Cadence::Always | Cadence::EveryTick) { "* * * * *" } else { "*/10 * * * *" };
        format!("{often} {command} job run {name} --due >/dev/null")
    };
    let lines: Vec<String> = Name::ALL.iter().map(line).collect();
    let text = format!("# {}\n{}", session.text("job.crontab", &[]), lines.join("\n"));
    session.out.document(&json!({ "schema": "dvorik.job.crontab/1", "lines": lines }), &text);
    Ok(())
}

const fn cadence(name: Name) -> Cell {
    let (code, text) = match name.cadence() {
        Cadence::Always | Cadence::EveryTick => ("always", "job.cadence.always"),
        Cadence::Hourly => ("hourly", "job.cadence.hourly"),
        Cadence::Daily(_) => ("daily", "job.cadence.daily"),
        Cadence::Weekly(_) => ("weekly", "job.cadence.weekly"),
    };
    Cell::Word { code, text, tone: Tone::Plain }
}

const fn outcome(outcome: Outcome) -> Cell {
    let (text, tone) = match outcome {
        Outcome::Done => ("job.result.done", Tone::Good),
        Outcome::Partly => ("job.result.partly", Tone::Warn),
        Outcome::Nothing => ("job.result.nothing", Tone::Plain),
        Outcome::Failed => ("job.result.failed", Tone::Bad),
    };
    Cell::Word { code: outcome.as_str(), text, tone }
}

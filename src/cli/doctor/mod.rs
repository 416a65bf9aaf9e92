//! `doctor`: checks the whole installation and reports for each part whether it is sound, with the next command where
//! it is not. `machine` checks files, disk and database, `outside` heartbeat and Litestream, `telegram` bots, channel and
//! clock. Only `--fix` changes anything: it corrects file permissions.

mod copies;
mod erasure;
mod machine;
mod outside;
mod telegram;

pub(super) use machine::newest_backup;

use std::fmt::Display;

use super::args::Doctor;
use super::output::{Cell, Column, ExitCode, FailureReport, List, Tone};
use super::refuse::{self, Wrong};
use super::session::Session;
use crate::cause;
use crate::config::Config;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ok,
    Warn,
    Fail,
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq)]
struct Finding {
    /// The name of the check; never renamed.
    check: &'static str,
    level: Level,
    /// The name of the check's result; check and result form the key of the message's text.
    finding: &'static str,
    detail: String,
    /// The command that mends the finding.
    next: Option<String>,
}

const COLUMNS: &[Column<Finding>] = &[
    Column::new("status", "column.status", |found| match found.level {
        Level::Ok => Cell::Word { code: "ok", text: "doctor.ok", tone: Tone::Good },
        Level::Warn => Cell::Word { code: "warn", text: "doctor.warn", tone: Tone::Warn },
        Level::Fail => Cell::Word { code: "fail", text: "doctor.fail", tone: Tone::Bad },
    }),
    Column::new("check", "column.check", |found| found.check.into()),
    Column::detail("finding", "column.finding", |found| found.finding.into()),
    Column::new("detail", "column.detail", |found| (&found.detail).into()),
    Column::new("next", "column.next", |found| (&found.next).into()),
];

/// The findings of the checks so far.
struct Findings<'s, 'a> {
    session: &'s Session<'a>,
    found: Vec<Finding>,
}

impl Findings<'_, '_> {
    /// Adds a finding; its message is `doctor.<check>.<finding>`.
    fn add(&mut self, level: Level, (check, finding): (&'static str, &'static str), words: &[(&str, &dyn Display)]) {
        let detail = self.session.text(&format!("doctor.{check}.{finding}"), words);
        self.found.push(Finding { check, level, finding, detail, next: None });
    }

    /// Why something failed, as the sentence that a command would end with.
    fn why(&self, wrong: impl Into<Wrong>) -> String {
        refuse::failure(&wrong.into(), self.session.out.voice()).message
    }

    /// A system error in the reader's language.
    fn said(&self, error: &std::io::Error) -> String {
        cause::said(error, self.session.out.voice().lang)
    }

    /// Adds the command that mends the last finding.
    fn next(&mut self, command: impl Into<String>) {
        if let Some(last) = self.found.last_mut() {
            last.next = Some(self.session.pasted(&command.into()));
        }
    }
}

/// `doctor`: runs all checks. Exit code 1 when a check fails, with `--strict` also when a check only warns.
pub(super) fn doctor(session: &mut Session<'_>, args: Doctor) -> Result<(), Wrong> {
    let found = examine(session, args);
    let count =
        |level: Level| i64::try_from(found.iter().filter(|found| found.level == level).count()).unwrap_or(i64::MAX);
    let (failed, warned) = (count(Level::Fail), count(Level::Warn));
    let total = found.len() as u64;
    let id = |found: &Finding| found.check.to_owned();
    session.out.list(&List { schema: "dvorik.doctor/1", columns: COLUMNS, items: &found, total, id });
    if failed > 0 || (args.strict && warned > 0) {
        let lang = session.out.voice().lang;
        let (failures, warnings) =
            (lang.plural("doctor.failed", failed, &[]), lang.plural("doctor.warned", warned, &[]));
        let message = session.text("doctor.unsound", &[("failures", &failures), ("warnings", &warnings)]);
        let details = serde_json::json!({ "failed": failed, "warned": warned });
        return Err(FailureReport::new("SERVICE_UNAVAILABLE", ExitCode::Failure, message).with_details(details).into());
    }
    Ok(())
}

fn examine(session: &Session<'_>, args: Doctor) -> Vec<Finding> {
    let mut report = Findings { session, found: Vec::new() };
    let config = match config(&mut report, args) {
        Some(config) => config,
        None => return report.found,
    };
    machine::rights(&mut report, &config, args.fix);
    machine::space(&mut report, &config);
    let database = machine::database(&mut report, &config, args.deep);
    machine::backups(&mut report, &config);
    machine::daemon(&mut report, &config);
    machine::http(&mut report, &config);
    outside::heartbeat(&mut report, &config, database.as_ref(), args.offline);
    outside::litestream(&mut report, &config, database.as_ref());
    if let Some(database) = &database {
        machine::demo(&mut report, &config, database);
        machine::owner(&mut report, database);
        machine::work(&mut report, &config, database);
        machine::conflicts(&mut report, &config, database);
        machine::jobs(&mut report, database);
        machine::stored_times(&mut report, database);
        machine::texts(&mut report, database);
        copies::examine(&mut report, database);
        erasure::examine(&mut report, &config, database);
    }
    if !args.offline {
        telegram::examine(&mut report, &config, database.as_ref());
    }
    report.found
}

/// Loads the configuration; without a configuration nothing else can be checked.
fn config(report: &mut Findings<'_, '_>, args: Doctor) -> Option<Config> {
    let session = report.session;
    let loaded = match &session.config {
        Err(faults) if args.fix && machine::close_secrets(faults) => {
            Config::load(session.config_flag.as_deref(), &session.environment)
        }
        loaded => loaded.clone(),
    };
    let lang = session.out.voice().lang;
    match loaded {
        Ok(config) => {
            match &config.path {
                Some(path) => report.add(Level::Ok, ("config", "sound"), &[("path", &path.display())]),
                None => {
                    report.add(Level::Warn, ("config", "none"), &[]);
                    report.next("dvorik init");
                }
            }
            Some(config)
        }
        Err(faults) => {
            for fault in &faults.errors {
                report.add(Level::Fail, ("config", "faulty"), &[("fault", &fault.say(lang))]);
                if machine::is_open_to_others(fault) {
                    report.next("dvorik doctor --fix");
                }
            }
            None
        }
    }
}

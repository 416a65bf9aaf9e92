//! `migrate`: brings the database file to this program's schema.

use serde_json::{Value as Json, json};

use super::args::Migrate;
use super::output::{ChangeReport, NextCommand, quoted};
use super::refuse::Wrong;
use super::session::Session;
use crate::clock::Clock;
use crate::daemon::{self, ServeError};
use crate::db::{self, OpenError};

/// `migrate`: creates or migrates the database. With `--status`, prints how many migrations are pending.
pub(super) fn migrate(session: &mut Session<'_>, args: &Migrate) -> Result<(), Wrong> {
    let config = session.config()?;
    if args.status {
        return status(session);
    }
    let migrated = daemon::migrate(config, Clock::System)?;
    let path = config.database.path.display().to_string();
    let mut change = migrated_change(session, &migrated.done, path);
    if let Some(made) = migrated.backup {
        let file = made.path.display().to_string();
        if let Some(after) = change.after.as_object_mut() {
            after.insert("backup".into(), json!(file));
        }
        change.sentence = format!("{}\n{}", change.sentence, session.text("migrate.backup", &[("path", &file)]));
        let name = made.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        change
            .next
            .push(NextCommand { words: "next.back", command: format!("dvorik backup restore {}", quoted(&name)) });
    }
    session.tell_change(change);
    Ok(())
}

fn migrated_change(session: &Session<'_>, migrated: &db::Migrated, path: String) -> ChangeReport {
    let key = match (migrated.created, migrated.applied.is_empty()) {
        (true, _) => "migrate.created",
        (false, false) => "migrate.applied",
        (false, true) => "migrate.nothing",
    };
    let names = migrated.applied.join(", ");
    ChangeReport {
        schema: "dvorik.migrate/1",
        changed: migrated.created || !migrated.applied.is_empty(),
        before: Json::Null,
        after: json!({ "database": path, "created": migrated.created, "applied": migrated.applied, "backup": null }),
        sentence: session.text(key, &[("path", &path), ("names", &names)]),
        id: path,
        next: vec![NextCommand { words: "next.more", command: "dvorik serve".to_owned() }],
    }
}

fn status(session: &mut Session<'_>) -> Result<(), Wrong> {
    let config = session.config()?;
    let path = config.database.path.display().to_string();
    let pending = match daemon::look_into(config, Clock::System) {
        Ok(_) => 0,
        Err(OpenError::Pending { count, .. }) => i64::try_from(count).unwrap_or(i64::MAX),
        Err(error) => return Err(ServeError::Open(error).into()),
    };
    let human = match pending {
        0 => session.text("migrate.up_to_date", &[("path", &path)]),
        _ => session.out.voice().lang.plural("machine.pending", pending, &[("path", &path)]),
    };
    session.out.document(&json!({ "schema": "dvorik.migrate.status/1", "database": path, "pending": pending }), &human);
    Ok(())
}

//! `user erase`: erases a customer, and clears the files that still hold their data.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;

use crate::backup::{self, Holding};
use crate::cli::args::UserErase;
use crate::cli::output::{ChangeReport, ExitCode, FailureReport};
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::db::Database;
use crate::erasure;
use crate::erasure::remains::{self, Cleared, ClearingPace};
use crate::export;
use crate::locks::{self, Lock};
use crate::user;

/// The most tries to clear the database's files while the database is busy.
const CLEAR_TRIES: u32 = 40;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// `user erase`: erases a customer, after the person has entered the customer's name.
pub(super) fn erase(session: &mut Session<'_>, args: &UserErase) -> Result<(), Wrong> {
    let realm = args.realm.realm();
    let database = session.database()?;
    let key = session.erasure_key(&database)?.ok_or_else(|| no_key(session))?;
    let found = database.read(|view| user::get_by_ref(view, realm, &args.user))?;
    drop(database);
    let name = found.display_name.clone();
    if !args.care.dry_run {
        let question = session.text("user.erase_question", &[("name", &name)]);
        session.confirm_by_name(args.care.yes, &question, &name)?;
    }
    let (id, owner) = (found.id, session.owner());
    let hash = user::erased_hash(key.expose_secret(), realm, found.telegram_id);
    let erased = session.write(args.care.dry_run, move |tx| erasure::erase(tx, id, &hash, owner.actor()))?;
    if !args.care.dry_run {
        clear_files(&session.database()?)?;
    }
    let holding = backup::holding(session.config()?, found.created_at, session.now())?;
    let codes = i64::try_from(erased.codes).unwrap_or(i64::MAX);
    let mut lines = vec![session.out.voice().lang.plural("user.erased", codes, &[("name", &name)])];
    lines.extend(still_held(session, &holding));
    let change = ChangeReport {
        schema: "dvorik.user.erase/1",
        changed: true,
        before: json!({ "id": id }),
        after: json!({
            "id": id, "codes_revoked": erased.codes, "backups": holding.names,
            "backups_gone_on": holding.gone_on.map(|day| day.to_string()),
        }),
        id: id.to_string(),
        sentence: lines.join("\n"),
        next: Vec::new(),
    };
    session.tell(args.care.dry_run, change);
    Ok(())
}

/// The note about the backups that still contain an erased customer, and when the last of them is pruned.
fn still_held(session: &Session<'_>, holding: &Holding) -> Option<String> {
    let lang = session.out.voice().lang;
    let count = i64::try_from(holding.names.len()).ok().filter(|count| *count > 0)?;
    let names = holding.names.join(", ");
    let words: [(&str, &dyn std::fmt::Display); 1] = [("names", &names)];
    let last = match holding.gone_on {
        Some(day) => session.text("user.backups_gone_on", &[("day", &lang.date(day))]),
        None => session.text("user.backups_stay", &[]),
    };
    Some(format!("{} {last}", lang.plural("user.backups_hold", count, &words)))
}

/// Removes export files that name an erased customer, and erased data that is left in the database files. A running
/// daemon clears the database files by itself. What cannot be cleared now is cleared by the next daemon, the job
/// `cleanup` or `migrate`.
fn clear_files(database: &Database) -> Result<(), Wrong> {
    export::sweep(database)?;
    for _ in 0..CLEAR_TRIES {
        let is_served = !matches!(locks::holder(database.path(), Lock::Serve), Ok(None));
        if is_served || remains::clear(database, ClearingPace::Whole)? != Cleared::Busy {
            break;
        }
        std::thread::sleep(BETWEEN_TRIES);
    }
    Ok(())
}

fn no_key(session: &Session<'_>) -> Wrong {
    let message = session.text("user.erase_needs_key", &[]);
    let hint = session.text("user.erase_key_hint", &[]);
    FailureReport::new("VALIDATION_ERROR", ExitCode::Config, message).with_hint(hint).into()
}

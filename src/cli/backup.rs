//! `backup`: create, list, verify, drill, restore, prune, key. Restoring is the one command that replaces everything, so
//! it asks for the shop's name and tells the person how to go back.

mod drill;
mod key;
mod restore;

use std::path::Path;

use serde_json::{Value as Json, json};

use super::args::{BackupCommand as Args, BackupCreate, BackupPrune, BackupVerb, BackupVerify, Window};
use super::output::{Cell, ChangeReport, Column, Format, List, NextCommand, Tone, quoted};
use super::refuse::Wrong;
use super::session::Session;
use super::spinner::spinner;
use crate::backup::{self, Backup, BackupKind, Facts, Soundness, Thinning};

/// A backup in the list, and whether its file is unchanged.
struct Row {
    backup: Backup,
    soundness: Soundness,
}

const COLUMNS: &[Column<Row>] = &[
    Column::new("name", "column.name", |row| (&row.backup.name).into()),
    Column::new("created_at", "column.created_at", |row| row.backup.created_at.into()),
    Column::number("bytes", "column.bytes", |row| int(row.backup.bytes)),
    Column::new("state", "column.state", |row| soundness(row.soundness)),
    Column::new("kind", "column.kind", |row| kind(row.backup.kind)),
    Column::detail("path", "column.path", |row| row.backup.path.display().to_string().into()),
];

/// A backup that has passed every check.
struct Sound {
    path: String,
    facts: Facts,
}

const SOUND: &[Column<Sound>] = &[
    Column::new("path", "column.path", |sound| (&sound.path).into()),
    Column::new("ok", "column.state", |_| true.into()),
    Column::new("created_at", "column.created_at", |sound| sound.facts.created_at().into()),
    Column::number("bytes", "column.bytes", |sound| int(sound.facts.bytes)),
    Column::new("sha256", "column.sha256", |sound| (&sound.facts.sha256).into()),
    Column::new("counts", "column.counts", |sound| Cell::Json(json!(sound.facts.counts))),
    Column::new("compared", "column.compared", |sound| sound.facts.compared.into()),
    Column::new("version", "column.version", |sound| (&sound.facts.version).into()),
    Column::number("migration", "column.migration", |sound| sound.facts.migration.into()),
];

/// Runs `backup`, which means `backup create`, or `backup <verb>`.
pub(super) fn backup(session: &mut Session<'_>, args: &Args) -> Result<(), Wrong> {
    match &args.verb {
        None => create(session, &args.create),
        Some(BackupVerb::Create(args)) => create(session, args),
        Some(BackupVerb::List(args)) => list(session, args),
        Some(BackupVerb::Verify(args)) => verify(session, args),
        Some(BackupVerb::Drill(args)) => drill::drill(session, args),
        Some(BackupVerb::Restore(args)) => restore::restore(session, args),
        Some(BackupVerb::Prune(args)) => prune(session, args),
        Some(BackupVerb::Key) => key::key(session),
    }
}

/// `backup create`; prints only the path where stdout is no terminal, for `$(dvorik backup create)`.
fn create(session: &mut Session<'_>, args: &BackupCreate) -> Result<(), Wrong> {
    let bytes = session.config()?.database.path.metadata().map_or(0, |found| found.len());
    let spinner = spinner(session, "backup.copying", bytes);
    let made = backup::create(session.config()?, args.output.as_deref(), session.now())?;
    drop(spinner);
    let path = made.path.display().to_string();
    if session.out.format() == Format::Tsv {
        session.out.document(&Json::Null, &path);
        return Ok(());
    }
    let size = session.out.voice().lang.size(made.facts.bytes);
    let change = ChangeReport {
        schema: "dvorik.backup.create/1",
        changed: true,
        before: Json::Null,
        after: facts(&made.path, &made.facts),
        sentence: session.text("backup.made", &[("path", &path), ("size", &size)]),
        next: vec![NextCommand { words: "next.restore", command: command("restore", &made.path, session)? }],
        id: path,
    };
    session.tell_change(change);
    Ok(())
}

/// `backup list`. Every backup of the page is read to check that it is intact.
pub(super) fn list(session: &mut Session<'_>, args: &Window) -> Result<(), Wrong> {
    let all = backup::list(&session.config()?.backup.dir)?;
    let (page, total) = args.of((session.config()?.timezone, session.now()), all, |backup| backup.created_at);
    let row = |backup: Backup| Row { soundness: backup::soundness(&backup.path), backup };
    let items: Vec<Row> = page.into_iter().map(row).collect();
    let id = |row: &Row| row.backup.name.clone();
    session.out.list(&List { schema: "dvorik.backup.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `backup verify`: checks one backup; exit code 1 when anything is wrong with it.
fn verify(session: &mut Session<'_>, args: &BackupVerify) -> Result<(), Wrong> {
    let path = backup::get_by_ref(&session.config()?.backup.dir, &args.backup)?;
    let spinner = spinner(session, "backup.checking", path.metadata().map_or(0, |found| found.len()));
    let sound = Sound { facts: backup::verify(&path)?, path: path.display().to_string() };
    drop(spinner);
    if session.out.format() == Format::Human {
        let size = session.out.voice().lang.size(sound.facts.bytes);
        let sentence = session.text("backup.sound", &[("path", &sound.path), ("size", &size)]);
        session.out.document(&Json::Null, &sentence);
    } else {
        session.out.one("dvorik.backup.verify/1", SOUND, &sound, &sound.path);
    }
    Ok(())
}

/// `backup prune`: deletes the backups that the config does not keep any more.
fn prune(session: &mut Session<'_>, args: &BackupPrune) -> Result<(), Wrong> {
    let thinning = backup::thinning(session.config()?, session.now())?;
    let count = i64::try_from(thinning.removed.len()).unwrap_or(i64::MAX);
    if count > 1 && !args.yes && !args.dry_run {
        let question = session.out.voice().lang.plural("backup.ask_prune", count, &[]);
        session.confirm(args.yes, &question)?;
    }
    if !args.dry_run {
        backup::thin_out(&thinning.removed)?;
    }
    let change = pruned(session, &thinning, args.dry_run);
    session.tell_change(change);
    Ok(())
}

fn pruned(session: &Session<'_>, thinning: &Thinning, dry_run: bool) -> ChangeReport {
    let names = |backups: &[Backup]| backups.iter().map(|backup| backup.name.clone()).collect::<Vec<_>>();
    let (removed, lang) = (names(&thinning.removed), session.out.voice().lang);
    let count = i64::try_from(removed.len()).unwrap_or(i64::MAX);
    let kept = lang.number(i64::try_from(thinning.kept.len()).unwrap_or(i64::MAX));
    let key = match (removed.is_empty(), dry_run) {
        (true, _) => "backup.nothing_to_prune",
        (false, true) => "backup.would_prune",
        (false, false) => "backup.pruned",
    };
    let first = lang.plural(key, count, &[("kept", &kept)]);
    let sentence = std::iter::once(first).chain(removed.clone()).collect::<Vec<_>>().join("\n");
    ChangeReport {
        schema: "dvorik.backup.prune/1",
        changed: !dry_run && !removed.is_empty(),
        before: Json::Null,
        after: json!({ "removed": removed, "kept": names(&thinning.kept), "dry_run": dry_run }),
        id: removed.join("\n"),
        sentence,
        next: vec![NextCommand { words: "next.more", command: "dvorik backup list".to_owned() }],
    }
}

/// The keys of `dvorik.backup.verify/1` for a backup, without the result of the check.
fn facts(path: &Path, facts: &Facts) -> Json {
    let sound = Sound { path: path.display().to_string(), facts: facts.clone() };
    let columns = SOUND.iter().filter(|column| column.key != "ok");
    columns
        .map(|column| (column.key.to_owned(), (column.value)(&sound).json()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn int(number: u64) -> Cell {
    Cell::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The command `backup <verb>` for a backup: by its name where that is enough, else by its path.
fn command(verb: &str, path: &Path, session: &Session<'_>) -> Result<String, Wrong> {
    let is_at_home = path.parent() == Some(&session.config()?.backup.dir);
    let shown = if is_at_home { file_name(path) } else { path.display().to_string() };
    Ok(format!("dvorik backup {verb} {}", quoted(&shown)))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

const fn soundness(soundness: Soundness) -> Cell {
    let (code, text, tone) = match soundness {
        Soundness::Whole => ("ok", "backup.state.ok", Tone::Good),
        Soundness::Damaged => ("damaged", "backup.state.damaged", Tone::Bad),
        Soundness::Unverified => ("unverified", "backup.state.unverified", Tone::Warn),
    };
    Cell::Word { code, text, tone }
}

const fn kind(kind: BackupKind) -> Cell {
    let text = match kind {
        BackupKind::Ordinary => "backup.kind.ordinary",
        BackupKind::BeforeRestore => "backup.kind.before_restore",
    };
    Cell::Word { code: kind.as_str(), text, tone: Tone::Plain }
}

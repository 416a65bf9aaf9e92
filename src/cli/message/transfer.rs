//! `message export` and `message import`: all texts in one TOML file.

use std::fmt::Display;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::cli::args::{MessageExport, MessageImport};
use crate::cli::input_file;
use crate::cli::output::{ChangeReport, ExitCode, FailureReport, Format, NextCommand, quoted};
use crate::cli::refuse::{self, Wrong};
use crate::cli::session::Session;
use crate::cli::whole_file;
use crate::texts::{self, FaultyFile, Imported, TextFault};

/// The size limit of a file of texts: above all texts at their greatest lengths.
const MOST_BYTES: u64 = 4 << 20;

/// `message export`: prints the texts as TOML, or writes them to a file.
pub(super) fn export(session: &mut Session<'_>, args: &MessageExport) -> Result<(), Wrong> {
    let bodies = session.database()?.read(|view| texts::bodies(view, args.custom))?;
    let toml = texts::to_toml(&bodies);
    if args.output.as_os_str() == "-" {
        match session.out.format() {
            Format::Json => session.out.document(&json!({ "schema": "dvorik.message.export/1", "texts": bodies }), ""),
            _ => session.out.raw(toml.as_bytes()),
        }
        return Ok(());
    }
    whole_file::must_be_free(session, &args.output, args.force)?;
    whole_file::write(session, (&args.output, args.force), |session, put| put(session, &toml))?;
    let path = args.output.display().to_string();
    let count = i64::try_from(bodies.len()).unwrap_or(i64::MAX);
    let sentence = session.out.voice().lang.plural("message.exported", count, &[("path", &path)]);
    session.tell_change(ChangeReport {
        schema: "dvorik.message.export.file/1",
        changed: true,
        before: Json::Null,
        after: json!({ "file": path, "texts": bodies.len() }),
        sentence,
        next: vec![NextCommand { words: "next.import", command: format!("dvorik message import {}", quoted(&path)) }],
        id: path,
    });
    Ok(())
}

/// `message import`: changes the texts that differ from the file, after a question if they are several.
pub(super) fn import(session: &mut Session<'_>, args: &MessageImport) -> Result<(), Wrong> {
    let (bytes, _) = input_file::contents(session, &args.file, (MOST_BYTES, "message.too_long"))?;
    let Ok(file) = String::from_utf8(bytes) else {
        let message = session.text("message.not_utf8", &[("path", &args.file.display())]);
        return Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).into());
    };
    let bodies = texts::read(&file).map_err(|found| faulty(session, &args.file, &found))?;
    let imported = |session: &Session<'_>, rehearse| {
        let (bodies, owner) = (bodies.clone(), session.owner());
        session.write(rehearse, move |tx| texts::import(tx, &bodies, owner.actor()))
    };
    let foreseen = imported(session, true)?;
    if foreseen.changed.len() > 1 && !args.care.dry_run {
        let count = i64::try_from(foreseen.changed.len()).unwrap_or(i64::MAX);
        let question = session.out.voice().lang.plural("message.import_question", count, &[]);
        session.confirm(args.care.yes, &question)?;
    }
    let done = if args.care.dry_run { foreseen } else { imported(session, false)? };
    tell(session, &done, args.care.dry_run);
    Ok(())
}

fn tell(session: &mut Session<'_>, done: &Imported, rehearsed: bool) {
    let number = |count: usize| session.out.voice().lang.number(i64::try_from(count).unwrap_or(i64::MAX));
    let words: [(&str, &dyn Display); 3] =
        [("changed", &number(done.changed.len())), ("same", &number(done.same)), ("keys", &done.changed.join(", "))];
    let key = if done.changed.is_empty() { "message.import_same" } else { "message.imported" };
    let sentence = session.text(key, &words);
    let mut json = json!({
        "schema": "dvorik.message.import/1", "changed": done.changed.len(), "same": done.same, "texts": done.changed,
    });
    if let (true, Some(json)) = (rehearsed, json.as_object_mut()) {
        json.insert("dry_run".to_owned(), Json::Bool(true));
    }
    match session.out.format() {
        Format::Quiet => session.out.document(&json, &done.changed.join("\n")),
        _ => session.out.document(&json, &sentence),
    }
    if rehearsed {
        let said = session.text("output.dry_run", &[]);
        session.out.note(&said);
    }
}

/// The refusal of a faulty file, with every fault. Nothing is written: the repaired file is imported as a whole.
fn faulty(session: &Session<'_>, path: &Path, found: &FaultyFile) -> Wrong {
    let file = path.display().to_string();
    let (message, details) = match found {
        FaultyFile::Syntax { line, column, text, reason } => {
            let words: [(&str, &dyn Display); 5] =
                [("path", &file), ("line", line), ("column", column), ("text", text), ("reason", reason)];
            (session.text("message.not_toml", &words), json!({ "file": file, "line": line }))
        }
        FaultyFile::Faulty(faults) => {
            let told: Vec<(&str, FailureReport)> = faults.iter().map(|fault| told(session, fault)).collect();
            let count = i64::try_from(told.len()).unwrap_or(i64::MAX);
            let head = session.out.voice().lang.plural("message.import_faulty", count, &[("path", &file)]);
            let lines = told.iter().map(|(key, why)| format!("{key}: {}", why.message));
            let message = std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n");
            let faults: Vec<Json> =
                told.iter().map(|(key, why)| json!({ "key": key, "code": why.code, "message": why.message })).collect();
            (message, json!({ "file": file, "faults": faults }))
        }
    };
    let failure = FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).with_details(details);
    failure.with_hint(session.text("message.import_hint", &[])).into()
}

fn told<'f>(session: &Session<'_>, fault: &'f TextFault) -> (&'f str, FailureReport) {
    let why = Wrong::from(fault.why.clone());
    (&fault.key, refuse::failure(&why, session.out.voice()))
}

//! Messages of an import: faults of the file, results of its rows, and notes for the owner.

use std::fmt::Display;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::cli::args::ImportUsers;
use crate::cli::input_file;
use crate::cli::output::{ChangeReport, ExitCode, FailureReport, NextCommand, quoted};
use crate::cli::refuse::{self, Wrong};
use crate::cli::session::Session;
use crate::user::import::{Encoding, FileFault, First, Progress, Reading, RowTally, Unreadable};

/// The most rows listed for a person; a script gets all that are kept, a thousand.
const SHOWN: usize = 20;

/// The refusal of a file that cannot be read to its end. Nothing of it was written by the caller so far.
pub(super) fn unreadable(session: &Session<'_>, path: &Path, why: Unreadable) -> Wrong {
    match why {
        Unreadable::Failed(error) => input_file::unusable(session, path, &error),
        Unreadable::Changed => {
            let message = session.text("import.changed", &[("path", &path.display())]);
            let failure = FailureReport::new("VALIDATION_ERROR", ExitCode::Conflict, message);
            failure.with_hint(session.text("import.changed_hint", &[])).into()
        }
    }
}

/// The refusal of a faulty file. Nothing is written when a row is wrong: the repaired file is imported as a whole.
pub(super) fn faulty(session: &Session<'_>, args: &ImportUsers, reading: &Reading) -> Wrong {
    let lang = session.out.voice().lang;
    let file = args.file.display().to_string();
    let wrong = i64::try_from(reading.wrong).unwrap_or(i64::MAX);
    let mut lines = vec![lang.plural("import.faulty", wrong, &[("file", &file)])];
    lines.extend(reading.faults.iter().take(SHOWN).map(|fault| place(session, fault)));
    lines.extend(more(session, reading.faults.len()));
    let faults: Vec<Json> = reading.faults.iter().map(|fault| in_json(session, fault)).collect();
    let details = json!({ "file": file, "wrong": wrong, "right": reading.right, "faults": faults });
    let failure = FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, lines.join("\n")).with_details(details);
    let is_of_columns = reading.faults.iter().any(|fault| fault.rule == "import.rule.column");
    let hint = if is_of_columns { "import.map_hint" } else { "import.faulty_hint" };
    failure.with_hint(session.text(hint, &[])).into()
}

fn place(session: &Session<'_>, fault: &FileFault) -> String {
    let field = if fault.field == "row" { session.text("import.row", &[]) } else { fault.field.clone() };
    let rule = session.text(fault.rule, &[]);
    let words: [(&str, &dyn Display); 4] =
        [("line", &fault.line), ("field", &field), ("value", &fault.value), ("rule", &rule)];
    session.text(if fault.value.is_empty() { "import.fault_empty" } else { "import.fault" }, &words)
}

fn in_json(session: &Session<'_>, fault: &FileFault) -> Json {
    let message = session.text(fault.rule, &[]);
    json!({ "line": fault.line, "field": fault.field, "value": fault.value, "message": message })
}

fn more(session: &Session<'_>, total: usize) -> Option<String> {
    let rest = total.checked_sub(SHOWN).filter(|rest| *rest > 0)?;
    Some(session.text("import.more", &[("count", &session.out.voice().lang.number(i64::try_from(rest).ok()?))]))
}

/// The first of `total` as text, and how many more there are.
fn some_of<T>(session: &Session<'_>, (first, total): (&[T], usize), shown: impl Fn(&T) -> String) -> String {
    let first = first.iter().take(SHOWN).map(shown).collect::<Vec<_>>().join(", ");
    more(session, total).map_or(first.clone(), |more| format!("{first} {more}"))
}

/// The refusal when customers of the file exist already and `--on-conflict` says to fail then.
pub(super) fn taken(session: &Session<'_>, lines: &First<usize>) -> Wrong {
    let count = i64::try_from(lines.total).unwrap_or(i64::MAX);
    let shown = some_of(session, (&lines.first, lines.total), ToString::to_string);
    let message = session.out.voice().lang.plural("import.taken", count, &[("lines", &shown)]);
    let failure = FailureReport::new("VALIDATION_ERROR", ExitCode::Conflict, message);
    let details = json!({ "lines": lines.first, "known": count });
    failure.with_details(details).with_hint(session.text("import.taken_hint", &[])).into()
}

pub(super) fn stopped(session: &Session<'_>, wrong: &Wrong, done: usize, tally: RowTally) -> Wrong {
    let why = refuse::failure(wrong, session.out.voice());
    let message = session.text("import.stopped", &[("done", &done), ("why", &why.message)]);
    let details = json!({ "rows": done, "tally": tally.json() });
    let failure = FailureReport::new(why.code, ExitCode::Partial, message).with_details(details);
    failure.with_hint(session.text("import.stopped_hint", &[])).into()
}

/// Reports earlier imports that were killed before their end; called before anything is asked or written.
pub(super) fn unfinished(session: &mut Session<'_>, begun: &[Progress], digest: &str) {
    for progress in begun {
        let sentence = begun_before(session, progress, digest);
        let sentence = session.pasted(&sentence);
        session.out.note(&sentence);
    }
}

fn begun_before(session: &Session<'_>, progress: &Progress, digest: &str) -> String {
    let lang = session.out.voice().lang;
    let number = |count: usize| lang.number(i64::try_from(count).unwrap_or(i64::MAX));
    let (done, rows) = (number(progress.done), number(progress.rows));
    let file = quoted(&progress.file);
    let flags = if progress.is_test { " --test-data" } else { "" };
    let words: [(&str, &dyn Display); 4] = [("file", &file), ("done", &done), ("rows", &rows), ("flags", &flags)];
    session.text(if progress.digest == digest { "import.begun_this" } else { "import.begun_other" }, &words)
}

/// A note for the owner about a file that has no faults.
pub(super) struct Note {
    code: &'static str,
    sentence: String,
    details: Json,
}

pub(super) fn notes(session: &Session<'_>, reading: &Reading, begun: &[Progress], digest: &str) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |code, details, words: &[(&str, &dyn Display)]| {
        notes.push(Note { code, details, sentence: session.text(&format!("import.note.{code}"), words) });
    };
    if reading.encoding != Encoding::Utf8 {
        let name = reading.encoding.as_str();
        note("encoding", json!(name), &[("encoding", &name)]);
    }
    if let Some(line) = reading.unterminated {
        note("unterminated", json!([line]), &[("line", &line)]);
    }
    if !reading.ignored.is_empty() {
        let names = some_of(session, (&reading.ignored, reading.ignored.len()), |name| format!("«{name}»"));
        note("columns", json!(reading.ignored), &[("columns", &names)]);
    }
    let First { first, total } = &reading.same_phone;
    if *total > 0 {
        let and = session.text("import.and", &[]);
        let pairs = some_of(session, (first, *total), |(one, other)| format!("{one} {and} {other}"));
        note("same_phone", json!(first), &[("pairs", &pairs)]);
    }
    let First { first, total } = &reading.extensions;
    if *total > 0 {
        let lines = some_of(session, (first, *total), ToString::to_string);
        note("extensions", json!(first), &[("lines", &lines)]);
    }
    notes.extend(begun.iter().map(|progress| Note {
        code: "unfinished",
        sentence: String::new(),
        details: json!({ "file": progress.file, "rows": progress.rows, "done": progress.done,
            "is_this": progress.digest == digest }),
    }));
    notes
}

/// The summary of an import: the number of rows read, their results, and the notes.
pub(super) fn summary(session: &mut Session<'_>, args: &ImportUsers, (rows, tally): (usize, RowTally), notes: &[Note]) {
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    let mut lines = vec![counted(session, rows, tally)];
    if tally.created > 0 {
        lines.push(session.text("import.subscriptions", &[]));
    }
    let told: Vec<Json> = notes.iter().map(|note| json!({ "note": note.code, "details": note.details })).collect();
    let mut after = json!({
        "file": args.file.display().to_string(), "rows": rows, "wrong": 0,
        "on_conflict": args.on_conflict.as_str(), "is_test": args.realm.test_data, "notes": told,
    });
    if let (Some(after), Json::Object(counts)) = (after.as_object_mut(), tally.json()) {
        after.extend(counts);
    }
    let changed = tally.created + tally.updated > 0;
    let test_data = if args.realm.test_data { " --test-data" } else { "" };
    let look = NextCommand { words: "next.look", command: format!("dvorik user list{test_data}") };
    let change = ChangeReport {
        schema: "dvorik.import/1",
        changed,
        before: Json::Null,
        after,
        id: rows.to_string(),
        sentence: lines.join("\n"),
        next: if changed { vec![look] } else { Vec::new() },
    };
    session.tell(args.care.dry_run, change);
    for note in notes.iter().filter(|note| !note.sentence.is_empty()) {
        session.out.note(&note.sentence);
    }
}

fn counted(session: &Session<'_>, rows: i64, tally: RowTally) -> String {
    let lang = session.out.voice().lang;
    let counts = [
        ("import.created", tally.created),
        ("import.updated", tally.updated),
        ("import.unchanged", tally.unchanged),
        ("import.skipped", tally.skipped),
        ("import.erased", tally.erased),
    ];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0).map(|(key, count)| lang.plural(key, count, &[]));
    std::iter::once(lang.plural("import.rows", rows, &[])).chain(counts).collect::<Vec<_>>().join(" · ")
}

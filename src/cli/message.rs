//! `message`: the texts of the bots.

mod language;
mod transfer;

use serde_json::json;

use super::args::{MessageCheck, MessageCommand as Verb, MessageEdit, MessageRef, Page, TextArgs};
use super::editor;
use super::output::{Cell, ChangeReport, Column, ExitCode, FailureReport, List, NextCommand, Tone};
use super::refuse::{self, Wrong};
use super::session::Session;
use crate::cause;
use crate::texts::{self, StoredText};

/// The columns of the list, which shows the beginning of each text.
const COLUMNS: &[Column<StoredText>] = &[
    Column::new("key", "column.key", |text| text.key.into()),
    Column::new("title", "column.title", |text| text.title.into()),
    Column::new("is_custom", "column.is_custom", |text| text.is_custom.into()),
    Column::detail("body", "column.body", |text| (&text.body).into()),
];

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, &args),
        Verb::Show(args) => show(session, &args),
        Verb::Edit(args) => edit(session, &args),
        Verb::Reset(args) => reset(session, &args),
        Verb::Preview(args) => preview(session, &args),
        Verb::Check(args) => check(session, &args),
        Verb::Language(args) => language::change(session, &args),
        Verb::Export(args) => transfer::export(session, &args),
        Verb::Import(args) => transfer::import(session, &args),
    }
}

/// `message list`: prints a page of the texts.
pub(super) fn list(session: &mut Session<'_>, args: &Page) -> Result<(), Wrong> {
    let all = session.database()?.read(texts::list)?;
    let total = all.len() as u64;
    let items = args.of(all);
    let id = |text: &StoredText| text.key.to_owned();
    session.out.list(&List { schema: "dvorik.message.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `message show`: the text as it is stored, with its line breaks.
fn show(session: &mut Session<'_>, args: &MessageRef) -> Result<(), Wrong> {
    let found = session.database()?.read(|view| texts::get(view, &args.key))?;
    let json = json!({
        "schema": "dvorik.message/1", "key": found.key, "title": found.title, "is_custom": found.is_custom,
        "body": found.body, "placeholders": texts::placeholders(found.key),
    });
    session.out.document(&json, &found.body);
    let placeholders = texts::placeholders(found.key).iter().map(|name| format!("{{{{{name}}}}}")).collect::<Vec<_>>();
    let words: [(&str, &dyn std::fmt::Display); 2] = [("title", &found.title), ("names", &placeholders.join(" "))];
    let about = session.text("message.about", &words);
    session.out.note(&about);
    Ok(())
}

/// `message edit`: replaces a text, by one from the command line, from a file or from the person's editor.
fn edit(session: &mut Session<'_>, args: &MessageEdit) -> Result<(), Wrong> {
    let words = match (&args.text, &args.text_file) {
        (None, None) => typed(session, &args.key)?,
        (text, file) => session.words(&TextArgs { text: text.clone(), text_file: file.clone() })?,
    };
    let (key, owner) = (args.key.clone(), session.owner());
    let change = session.write(false, move |tx| texts::edit(tx, &key, &words, owner.actor()))?;
    tell(session, &change, "dvorik.message.edit/1");
    Ok(())
}

/// The text as it comes back from the person's editor.
fn typed(session: &Session<'_>, key: &str) -> Result<String, Wrong> {
    let found = session.database()?.read(|view| texts::get(view, key))?;
    if !session.answers.is_at_terminal() {
        let message = session.text("message.no_text", &[]);
        let hint = session.pasted(&session.text("message.no_text_hint", &[("key", &key)]));
        return Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).with_hint(hint).into());
    }
    let editor = session.environment.editor();
    editor::edit(&editor, &found.body).map_err(|why| {
        let message = session.text(
            "message.editor_failed",
            &[("editor", &editor), ("why", &cause::said(&why, session.out.voice().lang))],
        );
        FailureReport::new("VALIDATION_ERROR", ExitCode::Failure, message).into()
    })
}

/// `message reset`: puts back the text that the program ships.
fn reset(session: &mut Session<'_>, args: &MessageRef) -> Result<(), Wrong> {
    let (key, owner) = (args.key.clone(), session.owner());
    let change = session.write(false, move |tx| texts::reset(tx, &key, owner.actor()))?;
    tell(session, &change, "dvorik.message.reset/1");
    Ok(())
}

fn tell(session: &mut Session<'_>, change: &texts::TextChange, schema: &'static str) {
    let texts::TextChange { before, after } = change;
    let changed = before != after;
    let key = match (changed, after.is_custom) {
        (false, _) => "message.same",
        (true, true) => "message.edited",
        (true, false) => "message.reset",
    };
    let facts = |text: &StoredText| json!({ "key": text.key, "body": text.body, "is_custom": text.is_custom });
    let on = |words, verb: &str| NextCommand { words, command: format!("dvorik message {verb} {}", after.key) };
    let mut next = vec![on("next.look", "preview")];
    if changed && after.is_custom {
        next.push(on("next.reset", "reset"));
    }
    session.tell_change(ChangeReport {
        schema,
        changed,
        before: facts(before),
        after: facts(after),
        id: after.key.to_owned(),
        sentence: session.text(key, &[("title", &after.title)]),
        next,
    });
}

/// `message preview`: a text with example values, as Telegram HTML.
fn preview(session: &mut Session<'_>, args: &MessageRef) -> Result<(), Wrong> {
    let html = session.database()?.read(|view| texts::preview(view, &args.key))?;
    session.out.document(&json!({ "schema": "dvorik.message.preview/1", "key": args.key, "html": html }), &html);
    Ok(())
}

/// A text and the judge's verdict on it.
struct Judged {
    text: StoredText,
    failure: Option<FailureReport>,
    /// The gap that people would see in the text because a setting is missing; `None` without a gap.
    gap: Option<String>,
}

const JUDGED: &[Column<Judged>] = &[
    Column::new("key", "column.key", |of| of.text.key.into()),
    Column::new("status", "column.status", |of| match of.failure {
        None if of.gap.is_some() => Cell::Word { code: "warn", text: "doctor.warn", tone: Tone::Warn },
        None => Cell::Word { code: "ok", text: "status.ok", tone: Tone::Good },
        Some(_) => Cell::Word { code: "invalid", text: "status.invalid", tone: Tone::Bad },
    }),
    Column::detail("error", "column.error", |of| of.failure.as_ref().map(|why| why.code).into()),
    Column::new("message", "column.error", |of| of.failure.as_ref().map(|why| &why.message).or(of.gap.as_ref()).into()),
];

/// `message check`: checks one text or all texts; exit code 1 when Telegram would refuse one. A missing setting is a
/// warning.
fn check(session: &mut Session<'_>, args: &MessageCheck) -> Result<(), Wrong> {
    let texts = session.database()?.read(|view| {
        let texts = match &args.key {
            Some(key) => vec![texts::get(view, key)?],
            None => texts::list(view)?,
        };
        texts
            .into_iter()
            .map(|text| texts::gaps(view, &text.body).map(|gaps| (text, gaps)))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let judged: Vec<Judged> = texts.into_iter().map(|(text, gaps)| judge(session, text, &gaps)).collect();
    let (total, id) = (judged.len() as u64, |of: &Judged| of.text.key.to_owned());
    session.out.list(&List { schema: "dvorik.message.check/1", columns: JUDGED, items: &judged, total, id });
    let failed = judged.iter().filter(|of| of.failure.is_some()).count();
    match judged.into_iter().find_map(|of| of.failure) {
        None => Ok(()),
        Some(first) => {
            let message =
                session.out.voice().lang.plural("message.failed", i64::try_from(failed).unwrap_or(i64::MAX), &[]);
            let details = json!({ "failed": failed });
            Err(FailureReport::new(first.code, ExitCode::Failure, message).with_details(details).into())
        }
    }
}

fn judge(session: &Session<'_>, text: StoredText, gaps: &[&str]) -> Judged {
    let verdict = texts::check_body(text.key, &text.body).map_err(Wrong::from);
    let gap = (!gaps.is_empty()).then(|| session.text("message.gap", &[("names", &gaps.join(", "))]));
    Judged { failure: verdict.err().map(|wrong| refuse::failure(&wrong, session.out.voice())), text, gap }
}

//! `message language`: changes the language of the bots.

use serde_json::json;

use crate::bot_language::{self, LanguageChange};
use crate::cli::args::MessageLanguage;
use crate::cli::output::{ChangeReport, NextCommand};
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::language::Language;

/// `message language`: replaces every text that the shop has not changed, after a question.
pub(super) fn change(session: &mut Session<'_>, args: &MessageLanguage) -> Result<(), Wrong> {
    // The parser of arguments takes no other words than the codes of languages.
    let language = Language::parse(&args.language).unwrap_or(Language::Ru);
    let foreseen = changed(session, language, true)?;
    if args.care.dry_run || foreseen.before == foreseen.after {
        let change = report(session, &foreseen);
        session.tell(args.care.dry_run, change);
        return Ok(());
    }
    let question = said(session, "message.language_question", &foreseen);
    session.confirm(args.care.yes, &question)?;
    let done = changed(session, language, false)?;
    let change = report(session, &done);
    session.tell_change(change);
    Ok(())
}

fn changed(session: &Session<'_>, language: Language, rehearse: bool) -> Result<LanguageChange, Wrong> {
    let owner = session.owner();
    session.write(rehearse, move |tx| bot_language::change(tx, language, &owner))
}

fn report(session: &Session<'_>, change: &LanguageChange) -> ChangeReport {
    let changed = change.before != change.after;
    let on = |words, command: String| NextCommand { words, command };
    let undo = on("next.back", format!("dvorik message language {}", change.before.code()));
    ChangeReport {
        schema: "dvorik.message.language/1",
        changed,
        before: json!({ "language": change.before.code() }),
        after: json!({
            "language": change.after.code(), "replaced": change.replaced, "custom": change.custom,
            "templates": change.templates, "segments": change.segments,
        }),
        id: change.after.code().to_owned(),
        sentence: said(session, if changed { "message.language" } else { "message.language_same" }, change),
        next: if changed { vec![on("next.menus", "dvorik bot sync".to_owned()), undo] } else { Vec::new() },
    }
}

fn said(session: &Session<'_>, key: &str, change: &LanguageChange) -> String {
    let language = session.text(&format!("message.language_name.{}", change.after.code()), &[]);
    let number = |count: usize| session.out.voice().lang.number(i64::try_from(count).unwrap_or(i64::MAX));
    let words: [(&str, &dyn std::fmt::Display); 5] = [
        ("language", &language),
        ("replaced", &number(change.replaced)),
        ("custom", &number(change.custom)),
        ("templates", &number(change.templates)),
        ("segments", &number(change.segments)),
    ];
    session.text(key, &words)
}

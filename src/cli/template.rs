//! `template`: the templates of codes.

use serde_json::Value as Json;

use super::args::{OrNone, Page, Reminders, Template as Verb, TemplateCreate, TemplateEdit, TemplateRef};
use super::output::{Cell, ChangeReport, Column, List, NextCommand, differences, facts, quoted};
use super::refuse::Wrong;
use super::session::Session;
use crate::discount::model::Usage;
use crate::discount::template::{self, Recurrence, Reminder, Template, TemplateDraft};
use crate::money;

const COLUMNS: &[Column<Template>] = &[
    Column::detail("id", "column.id", |template| template.id.into()),
    Column::new("name", "column.key", |template| (&template.name).into()),
    Column::new("title", "column.title", |template| (&template.title).into()),
    Column::number("value", "column.value", |template| worth(template.value)),
    Column::detail("value_type", "column.value_type", |template| kind(template.value)),
    Column::number("duration_days", "column.duration_days", |template| template.duration_days.into()),
    Column::new("event", "column.event", |template| template.event.as_str().into()),
    Column::detail("usage_type", "column.usage_type", |template| template.usage.as_str().into()),
    Column::new("recurrence", "column.recurrence", |template| template.recurrence.map(Recurrence::word).into()),
    Column::detail("reminders", "column.reminders", |template| {
        Cell::List(template.reminders().iter().map(|day| day.word()).collect())
    }),
    Column::detail("message_key", "column.message_key", |template| (&template.message_key).into()),
    Column::new("is_active", "column.is_active", |template| template.is_active.into()),
];

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, &args),
        Verb::Show(args) => show(session, &args),
        Verb::Create(args) => create(session, &args),
        Verb::Edit(args) => edit(session, &args),
        Verb::Enable(args) => switch(session, &args, true),
        Verb::Disable(args) => switch(session, &args, false),
    }
}

/// `template list`: prints a page of the templates.
pub(super) fn list(session: &mut Session<'_>, args: &Page) -> Result<(), Wrong> {
    let all = session.database()?.read(template::list)?;
    let total = all.len() as u64;
    let items: Vec<Template> = args.of(all);
    let id = |template: &Template| template.name.clone();
    session.out.list(&List { schema: "dvorik.template.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `template show`: prints one template.
fn show(session: &mut Session<'_>, args: &TemplateRef) -> Result<(), Wrong> {
    let found = session.database()?.read(|view| template::get_by_ref(view, &args.template))?;
    session.out.one("dvorik.template/1", COLUMNS, &found, &found.name);
    Ok(())
}

/// `template create`: makes a template.
fn create(session: &mut Session<'_>, args: &TemplateCreate) -> Result<(), Wrong> {
    let (name, owner, more) = (args.name.clone(), session.owner(), &args.more);
    let draft = TemplateDraft {
        title: args.title.clone(),
        value: args.value,
        duration_days: args.days,
        event: args.event,
        usage: more.usage.unwrap_or(Usage::Single),
        recurrence: more.recurrence.as_ref().and_then(|OrNone(when)| *when),
        reminders: more.remind.clone().map(|Reminders(days)| days).unwrap_or_default(),
        message_key: more.message.clone().and_then(|OrNone(key)| key),
        is_active: true,
    };
    let made = session.write(false, move |tx| template::create(tx, &name, &draft, owner.actor()))?;
    let worth = made.value.shown(&session.out.voice().currency, session.out.voice().lang);
    let sentence = session.text("template.created", &[("template", &made.name), ("value", &worth)]);
    session.tell_change(ChangeReport {
        schema: "dvorik.template.create/1",
        changed: true,
        before: Json::Null,
        after: facts(COLUMNS, &made),
        id: made.name.clone(),
        sentence,
        next: vec![
            NextCommand { words: "next.more", command: format!("dvorik discount issue USER --template {}", made.name) },
            NextCommand { words: "next.undo", command: format!("dvorik template disable {}", made.name) },
        ],
    });
    Ok(())
}

/// `template edit`: changes only what the given options name; codes already issued keep their value.
fn edit(session: &mut Session<'_>, args: &TemplateEdit) -> Result<(), Wrong> {
    let (title, value, days, event) = (args.title.clone(), args.value, args.days, args.event);
    let more = args.more.clone();
    change(session, &args.template, "dvorik.template.edit/1", move |was| TemplateDraft {
        title: title.unwrap_or(was.title),
        value: value.unwrap_or(was.value),
        duration_days: days.unwrap_or(was.duration_days),
        event: event.unwrap_or(was.event),
        usage: more.usage.unwrap_or(was.usage),
        recurrence: more.recurrence.map_or(was.recurrence, |OrNone(when)| when),
        reminders: more.remind.map_or(was.reminders, |Reminders(days)| days),
        message_key: more.message.map_or(was.message_key, |OrNone(key)| key),
        is_active: was.is_active,
    })
}

/// `template enable` and `template disable`: a disabled template issues no codes.
fn switch(session: &mut Session<'_>, args: &TemplateRef, on: bool) -> Result<(), Wrong> {
    let schema = if on { "dvorik.template.enable/1" } else { "dvorik.template.disable/1" };
    change(session, &args.template, schema, move |was| TemplateDraft { is_active: on, ..was })
}

fn change(
    session: &mut Session<'_>,
    typed: &str,
    schema: &'static str,
    wanted: impl FnOnce(TemplateDraft) -> TemplateDraft + Send + 'static,
) -> Result<(), Wrong> {
    let (typed, owner) = (typed.to_owned(), session.owner());
    let (before, after) = session.write(false, move |tx| {
        let before = template::get_by_ref(tx, &typed)?;
        template::edit(tx, before.id, &wanted(before.draft()), owner.actor())
    })?;
    let changed = before != after;
    let differences = differences(COLUMNS, &before, &after, session.out.voice());
    let words: [(&str, &dyn std::fmt::Display); 2] = [("template", &after.name), ("changes", &differences)];
    let sentence = session.text(if changed { "template.edited" } else { "template.same" }, &words);
    let next = undo(&before, &after).into_iter().collect();
    let (was, is) = (facts(COLUMNS, &before), facts(COLUMNS, &after));
    session.tell_change(ChangeReport {
        schema,
        changed,
        before: was,
        after: is,
        id: after.name.clone(),
        sentence,
        next,
    });
    Ok(())
}

/// The command that restores a template's previous state.
fn undo(before: &Template, after: &Template) -> Option<NextCommand> {
    if before.is_active != after.is_active {
        let verb = if before.is_active { "enable" } else { "disable" };
        return Some(NextCommand { words: "next.undo", command: format!("dvorik template {verb} {}", after.name) });
    }
    let (was, is) = (flags(before), flags(after));
    let changed = was.into_iter().zip(is).filter(|(was, is)| was != is);
    let flags: String = changed.map(|((flag, value), _)| format!(" --{flag} {}", quoted(&value))).collect();
    let command = format!("dvorik template edit {}{flags}", after.name);
    (!flags.is_empty()).then_some(NextCommand { words: "next.undo", command })
}

/// The fields of a template as flags and values of the command line.
fn flags(template: &Template) -> [(&'static str, String); 8] {
    let none = || "none".to_owned();
    [
        ("title", template.title.clone()),
        ("value", template.value.typed()),
        ("event", template.event.as_str().to_owned()),
        ("days", template.duration_days.to_string()),
        ("recurrence", template.recurrence.map_or_else(none, Recurrence::word)),
        ("remind", Some(template.reminders()).filter(|days| !days.is_empty()).map_or_else(none, |days| joined(&days))),
        ("usage", template.usage.as_str().to_owned()),
        ("message", template.message_key.clone().unwrap_or_else(none)),
    ]
}

fn joined(days: &[Reminder]) -> String {
    days.iter().map(|day| day.word()).collect::<Vec<_>>().join(",")
}

/// A cell with the value of a code.
pub(super) const fn worth(value: money::DiscountValue) -> Cell {
    match value {
        money::DiscountValue::Percent(hundredths) => Cell::Percent(hundredths),
        money::DiscountValue::Fixed(money::Kopecks(kopecks)) => Cell::Kopecks(kopecks),
    }
}

/// A cell with the kind of a code's value: `percent` or `fixed`.
pub(super) const fn kind(value: money::DiscountValue) -> Cell {
    let tone = super::output::Tone::Plain;
    match value {
        money::DiscountValue::Percent(_) => Cell::Word { code: "percent", text: "value_type.percent", tone },
        money::DiscountValue::Fixed(_) => Cell::Word { code: "fixed", text: "value_type.fixed", tone },
    }
}

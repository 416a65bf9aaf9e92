//! `template`: what codes are made from.

use super::args::Page;
use super::output::{Column, List, Value};
use super::refuse::Wrong;
use super::session::Session;
use crate::discount::template::{self, Template};
use crate::money;

const COLUMNS: &[Column<Template>] = &[
    Column::detail("id", "column.id", |template| Value::Int(template.id.0)),
    Column::new("name", "column.key", |template| Value::Text(template.name.clone())),
    Column::new("title", "column.title", |template| Value::Text(template.title.clone())),
    Column::number("value", "column.value", |template| worth(template.value)),
    Column::detail("value_type", "column.value_type", |template| kind(template.value)),
    Column::number("duration_days", "column.duration_days", |template| Value::Int(template.duration_days.into())),
    Column::new("event", "column.event", |template| Value::Text(template.event.as_str().to_owned())),
    Column::detail("usage_type", "column.usage_type", |template| Value::Text(template.usage.as_str().to_owned())),
    Column::new("recurrence", "column.recurrence", |template| {
        template.recurrence.map_or(Value::Null, |recurrence| Value::Text(recurrence.word()))
    }),
    Column::new("is_active", "column.is_active", |template| Value::Bool(template.is_active)),
];

/// `template list`.
pub(super) fn list(session: &mut Session<'_>, args: &Page) -> Result<(), Wrong> {
    let all = session.database()?.read(template::list)?;
    let total = all.len() as u64;
    let items: Vec<Template> = args.of(all);
    let id = |template: &Template| template.name.clone();
    session.out.list(&List { schema: "dvorik.template.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// What a code takes off.
pub(super) const fn worth(value: money::Value) -> Value {
    match value {
        money::Value::Percent(hundredths) => Value::Percent(hundredths),
        money::Value::Fixed(money::Kopecks(kopecks)) => Value::Kopecks(kopecks),
    }
}

/// `percent` or `fixed`.
pub(super) const fn kind(value: money::Value) -> Value {
    let tone = super::output::Tone::Plain;
    match value {
        money::Value::Percent(_) => Value::Word { code: "percent", text: "value_type.percent", tone },
        money::Value::Fixed(_) => Value::Word { code: "fixed", text: "value_type.fixed", tone },
    }
}

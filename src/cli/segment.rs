//! `segment`: saved filters of customers, and previews of who matches.

use serde_json::{Value as Json, json};

use super::args::{
    Page, Segment as Verb, SegmentCreate, SegmentDelete, SegmentEdit, SegmentPreview, SegmentRef, Window,
};
use super::output::{
    Cell, ChangeReport, Column, ExitCode, FailureReport, Format, List, NextCommand, differences, facts, quoted,
};
use super::refuse::Wrong;
use super::session::Session;
use super::user::view;
use crate::broadcast;
use crate::error::Result as ShopResult;
use crate::realm::Realm;
use crate::segment::{self, Filter, Key, Preview, Segment, SegmentDraft};

const COLUMNS: &[Column<Segment>] = &[
    Column::number("id", "column.id", |segment| segment.id.into()),
    Column::new("name", "column.title", |segment| (&segment.name).into()),
    Column::new("filter", "column.filter", |segment| Cell::Json(json_of(&segment.filter))),
    Column::new("in_bot_menu", "column.in_bot_menu", |segment| segment.in_bot_menu.into()),
    Column::detail("is_preset", "column.is_preset", |segment| segment.is_preset.into()),
    Column::detail("created_at", "column.created_at", |segment| segment.created_at.into()),
    Column::detail("updated_at", "column.updated_at", |segment| segment.updated_at.into()),
];

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, &args),
        Verb::Show(args) => show(session, &args),
        Verb::Create(args) => create(session, &args),
        Verb::Edit(args) => edit(session, &args),
        Verb::Delete(args) => delete(session, &args),
        Verb::Preview(args) => preview(session, &args),
        Verb::Keys(args) => keys(session, &args),
    }
}

/// `segment list`: prints a page of the segments.
pub(super) fn list(session: &mut Session<'_>, args: &Window) -> Result<(), Wrong> {
    let all = session.database()?.read(segment::list)?;
    let (items, total) = args.of((session.config()?.timezone, session.now()), all, |segment| segment.created_at);
    let id = |segment: &Segment| segment.id.to_string();
    session.out.list(&List { schema: "dvorik.segment.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// A segment and how many customers match it now.
struct Counted {
    segment: Segment,
    people: i64,
}

const COUNTED: &[Column<Counted>] = &[
    Column::number("id", "column.id", |of| of.segment.id.into()),
    Column::new("name", "column.title", |of| (&of.segment.name).into()),
    Column::new("filter", "column.filter", |of| Cell::Json(json_of(&of.segment.filter))),
    Column::number("people", "column.people", |of| of.people.into()),
    Column::new("in_bot_menu", "column.in_bot_menu", |of| of.segment.in_bot_menu.into()),
    Column::new("is_preset", "column.is_preset", |of| of.segment.is_preset.into()),
    Column::new("created_at", "column.created_at", |of| of.segment.created_at.into()),
    Column::new("updated_at", "column.updated_at", |of| of.segment.updated_at.into()),
];

/// `segment show`: prints a segment, and how many customers match it now.
fn show(session: &mut Session<'_>, args: &SegmentRef) -> Result<(), Wrong> {
    let found = session.database()?.read(|view| {
        let segment = segment::get(view, &args.segment)?;
        let people = segment::count(view, Realm::Real, &segment.filter)?;
        Ok::<_, crate::error::Error>(Counted { segment, people })
    })?;
    session.out.one("dvorik.segment/1", COUNTED, &found, &found.segment.id.to_string());
    Ok(())
}

/// `segment create`: saves a filter under a name.
fn create(session: &mut Session<'_>, args: &SegmentCreate) -> Result<(), Wrong> {
    let filter = args.filter.filter()?.ok_or_else(|| nobody_named(session))?;
    let draft = SegmentDraft { name: args.name.clone(), filter, in_bot_menu: args.menu };
    let owner = session.owner();
    let (made, people) = session.write(args.dry_run, move |tx| {
        let made = segment::create(tx, &draft, owner.actor())?;
        let people = segment::count(tx, Realm::Real, &made.filter)?;
        Ok((made, people))
    })?;
    let sentence = session.out.voice().lang.plural("segment.created", people, &[("segment", &made.name)]);
    let change = ChangeReport {
        schema: "dvorik.segment.create/1",
        changed: true,
        before: Json::Null,
        after: facts(COLUMNS, &made),
        id: made.id.to_string(),
        sentence,
        next: vec![on("next.look", "preview", &made.name), on("next.undo", "delete", &made.name)],
    };
    session.tell(args.dry_run, change);
    Ok(())
}

/// `segment edit`: changes only what the given options name; a filter that is given replaces the segment's whole
/// filter.
fn edit(session: &mut Session<'_>, args: &SegmentEdit) -> Result<(), Wrong> {
    let (typed, name, filter) = (args.segment.clone(), args.name.clone(), args.filter.filter()?);
    let menu = (args.menu || args.no_menu).then_some(args.menu);
    let owner = session.owner();
    let (before, after) = session.write(args.dry_run, move |tx| {
        let before = segment::get(tx, &typed)?;
        let was = before.draft();
        let draft = SegmentDraft {
            name: name.unwrap_or(was.name),
            filter: filter.unwrap_or(was.filter),
            in_bot_menu: menu.unwrap_or(was.in_bot_menu),
        };
        segment::edit(tx, before.id, &draft, owner.actor())
    })?;
    let changed = before != after;
    let differences = differences(SHOWN, &before, &after, session.out.voice());
    let words: [(&str, &dyn std::fmt::Display); 2] = [("segment", &after.name), ("changes", &differences)];
    let sentence = session.text(if changed { "segment.edited" } else { "segment.same" }, &words);
    let next = undo(&before, &after).into_iter().collect();
    let (was, is) = (facts(COLUMNS, &before), facts(COLUMNS, &after));
    let (schema, id) = ("dvorik.segment.edit/1", after.id.to_string());
    session.tell(args.dry_run, ChangeReport { schema, changed, before: was, after: is, id, sentence, next });
    Ok(())
}

/// The columns of a segment in which people see a change.
const SHOWN: &[Column<Segment>] = &[
    Column::new("name", "column.title", |segment| (&segment.name).into()),
    Column::new("filter", "column.filter", |segment| segment.filter.to_json().into()),
    Column::new("in_bot_menu", "column.in_bot_menu", |segment| segment.in_bot_menu.into()),
];

/// The command that restores a segment's previous state.
fn undo(before: &Segment, after: &Segment) -> Option<NextCommand> {
    let mut flags = String::new();
    if before.name != after.name {
        flags.push_str(&format!(" --name {}", quoted(&before.name)));
    }
    if before.filter != after.filter {
        flags.push_str(&format!(" --filter {}", quoted(&before.filter.to_json())));
    }
    if before.in_bot_menu != after.in_bot_menu {
        flags.push_str(if before.in_bot_menu { " --menu" } else { " --no-menu" });
    }
    let command = format!("dvorik segment edit {}{flags}", after.id);
    (!flags.is_empty()).then_some(NextCommand { words: "next.undo", command })
}

/// `segment delete`: deletes a segment. The next command that is printed creates the segment again, under another id.
fn delete(session: &mut Session<'_>, args: &SegmentDelete) -> Result<(), Wrong> {
    let found = session.database()?.read(|view| segment::get(view, &args.segment))?;
    if !args.care.dry_run {
        let question = session.text("segment.delete_question", &[("segment", &found.name)]);
        session.confirm(args.care.yes, &question)?;
    }
    let (id, owner) = (found.id, session.owner());
    let gone = session.write(args.care.dry_run, move |tx| broadcast::delete_segment(tx, id, owner.actor()))?;
    let menu = if gone.in_bot_menu { " --menu" } else { "" };
    let (name, filter) = (quoted(&gone.name), quoted(&gone.filter.to_json()));
    let command = format!("dvorik segment create {name} --filter {filter}{menu}");
    let change = ChangeReport {
        schema: "dvorik.segment.delete/1",
        changed: true,
        before: facts(COLUMNS, &gone),
        after: Json::Null,
        id: gone.id.to_string(),
        sentence: session.text("segment.deleted", &[("segment", &gone.name)]),
        next: vec![NextCommand { words: "next.back", command }],
    };
    session.tell(args.care.dry_run, change);
    Ok(())
}

/// `segment preview`: shows who matches a saved segment, or a filter given by flags.
fn preview(session: &mut Session<'_>, args: &SegmentPreview) -> Result<(), Wrong> {
    let (realm, typed, sample) = (args.realm.realm(), args.segment.as_deref(), args.sample);
    let named = args.filter.filter()?;
    let (filter, seen, people) = session.database()?.read(|view| {
        let filter = match (named, typed) {
            (Some(filter), _) => filter,
            (None, typed) => segment::get(view, typed.unwrap_or_default())?.filter,
        };
        let mut seen = segment::preview(view, realm, &filter, sample)?;
        let sample = std::mem::take(&mut seen.sample);
        let people = sample.into_iter().map(|user| view::row(view, user)).collect::<ShopResult<Vec<_>>>()?;
        Ok::<_, crate::error::Error>((filter, seen, people))
    })?;
    match session.out.format() {
        Format::Json => {
            let reach = seen.reach;
            let left_out = json!({ "muted": reach.muted, "bot_blocked": reach.bot_blocked, "test": reach.test });
            let sample: Json = people.iter().map(|one| facts(view::COLUMNS, one)).collect();
            let json = json!({
                "schema": "dvorik.segment.preview/1", "filter": json_of(&filter), "total": reach.total,
                "reachable": reach.reachable, "left_out": left_out, "sample": sample,
            });
            session.out.document(&json, "");
        }
        Format::Human => {
            let words = told(session, &seen);
            session.out.document(&Json::Null, &words);
            session.out.below(view::COLUMNS, &people);
        }
        _ => {
            let (total, id) = (seen.reach.total.unsigned_abs(), |row: &view::Row| row.id().to_string());
            session.out.list(&List { schema: "", columns: view::COLUMNS, items: &people, total, id });
        }
    }
    Ok(())
}

/// How many customers match, and how many of them get no broadcast and why.
fn told(session: &Session<'_>, seen: &Preview) -> String {
    let (lang, reach) = (session.out.voice().lang, seen.reach);
    let mut lines = vec![lang.plural("segment.fit", reach.total, &[])];
    let left_out = [("muted", reach.muted), ("bot_blocked", reach.bot_blocked), ("test", reach.test)];
    let left_out = left_out.into_iter().filter(|(_, count)| *count > 0);
    let reasons: Vec<String> =
        left_out.map(|(why, count)| session.text(&format!("segment.{why}"), &[("n", &lang.number(count))])).collect();
    if !reasons.is_empty() {
        lines.push(session.text("segment.left_out", &[("reasons", &reasons.join(" · "))]));
        lines.push(lang.plural("segment.reachable", reach.reachable, &[]));
    }
    lines.join("\n")
}

/// `segment keys`: the keys that a filter may use.
fn keys(session: &mut Session<'_>, args: &Page) -> Result<(), Wrong> {
    let total = Key::ALL.len() as u64;
    let items = args.of(Key::ALL.to_vec());
    let lang = session.out.voice().lang;
    let items: Vec<Explained> = items
        .into_iter()
        .map(|key| Explained { key, about: lang.text(&format!("segment.key.{}", key.as_str()), &[]) })
        .collect();
    let id = |of: &Explained| of.key.as_str().to_owned();
    session.out.list(&List { schema: "dvorik.segment.keys/1", columns: KEYS, items: &items, total, id });
    Ok(())
}

/// A key of a filter with its meaning in the person's language.
struct Explained {
    key: Key,
    about: String,
}

const KEYS: &[Column<Explained>] = &[
    Column::new("key", "column.key", |of| of.key.as_str().into()),
    Column::detail("type", "column.type", |of| of.key.kind().into()),
    Column::new("example", "column.example", |of| of.key.example().into()),
    Column::new("flag", "column.flag", |of| flag(of.key).into()),
    Column::prose("column.about_key", |of| (&of.about).into()),
];

/// The command-line flag for a key of a filter.
const fn flag(key: Key) -> &'static str {
    match key {
        Key::All => "--all",
        Key::IsSubscribed => "--subscribed",
        Key::HasActiveDiscounts => "--has-discount",
        Key::Gender => "--gender female",
        Key::Age => "--age 25..35",
        Key::Registered => "--registered 2026-11-01..",
        Key::Tags => "--tag vip",
        Key::NotTags => "--not-tag vip",
        Key::Source => "--source direct",
        Key::Campaign => "--campaign vk",
        Key::BirthdayMonth => "--birthday-month 12",
        Key::BirthdayWithinDays => "--birthday-within 7d",
        Key::RedeemedWithinDays => "--redeemed-within 30d",
        Key::NotRedeemedWithinDays => "--not-redeemed-within 30d",
        Key::Redemptions => "--redemptions 1..3",
        Key::InactiveDays => "--inactive 60d",
        Key::Status => "--status blocked",
        Key::IsTest => "--test-data",
    }
}

/// The refusal of a command without a filter: it would select all customers.
pub(super) fn nobody_named(session: &Session<'_>) -> Wrong {
    let failure = FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, session.text("segment.no_filter", &[]));
    failure.with_hint(session.text("refusal_hint.SEGMENT_INVALID", &[])).into()
}

fn json_of(filter: &Filter) -> Json {
    let keys = Key::ALL.iter().filter_map(|key| Some((key.as_str().to_owned(), filter.value(*key)?)));
    Json::Object(keys.collect())
}

fn on(words: &'static str, verb: &str, name: &str) -> NextCommand {
    NextCommand { words, command: format!("dvorik segment {verb} {}", quoted(name)) }
}

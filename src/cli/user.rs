//! `user`: customers.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value as Json, json};

use super::args::{User as Verb, UserEdit, UserErase, UserMessage, UserRef, UserTag, Users};
use super::discount::{ATTEMPTS, attempt};
use super::output::{
    CellValue, ChangeReport, ExitCode, FailureReport, Format, List, NextCommand, TableColumn, Tone, differences, facts,
};
use super::page::{self, quoted};
use super::refuse::Wrong;
use super::session::Session;
use crate::backup::{self, Holding};
use crate::clock::Clock;
use crate::db::{Database, View};
use crate::direct_message;
use crate::discount::{self, Discount};
use crate::erasure;
use crate::erasure::remains::{self, Cleared, ClearingPace};
use crate::error::{Refusal, Result as ShopResult};
use crate::export;
use crate::ids::UserId;
use crate::locks::{self, Lock};
use crate::segment;
use crate::user::birthday::Unread;
use crate::user::{self, Country, CustomerFilter, Edit, Edited, PageSpec, Phone, Tag, User, UserStatus};

const SCHEMA: &str = "dvorik.user/1";
/// The most tries to clear the database's files while the database is busy.
const CLEAR_TRIES: u32 = 40;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// A customer and their tags.
pub(super) struct Row {
    user: User,
    tags: Vec<String>,
}

impl Row {
    /// The customer's row id.
    pub(super) const fn id(&self) -> UserId {
        self.user.id
    }
}

pub(super) const COLUMNS: &[TableColumn<Row>] = &[
    TableColumn::number("id", "column.id", |row| CellValue::Id(row.user.id.0)),
    TableColumn::detail("telegram_id", "column.telegram_id", |row| CellValue::Int(row.user.telegram_id.0)),
    TableColumn::new("username", "column.username", |row| text(row.user.username.as_deref())),
    TableColumn::new("first_name", "column.first_name", |row| text(row.user.first_name.as_deref())),
    TableColumn::new("last_name", "column.last_name", |row| text(row.user.last_name.as_deref())),
    TableColumn::new("phone", "column.phone", |row| text(row.user.phone.as_deref())),
    TableColumn::detail("gender", "column.gender", |row| gender(row.user.gender)),
    TableColumn::detail("birthday", "column.birthday", |row| {
        row.user.birthday.map_or(CellValue::Null, CellValue::Date)
    }),
    TableColumn::new("is_subscribed", "column.is_subscribed", |row| CellValue::Bool(row.user.is_subscribed)),
    TableColumn::detail("subscription_checked_at", "column.subscription_checked_at", |row| {
        row.user.subscription_checked_at.map_or(CellValue::Null, CellValue::Timestamp)
    }),
    TableColumn::detail("source", "column.source", |row| CellValue::Text(row.user.source.clone())),
    TableColumn::new("tags", "column.tags", |row| CellValue::List(row.tags.clone())),
    TableColumn::new("status", "column.status", |row| status(row.user.status)),
    TableColumn::detail("created_at", "column.created_at", |row| CellValue::Timestamp(row.user.created_at)),
    TableColumn::new("last_activity_at", "column.seen", |row| CellValue::Timestamp(row.user.last_activity_at)),
    TableColumn::detail("is_test", "column.is_test", |row| CellValue::Bool(row.user.realm.is_test())),
];

pub(super) fn obey(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, &args),
        Verb::Show(args) => show(session, &args),
        Verb::Edit(args) => edit(session, &args),
        Verb::Block(args) => set_status(session, &args, UserStatus::Blocked),
        Verb::Unblock(args) => set_status(session, &args, UserStatus::Active),
        Verb::Tag(args) => tag(session, &args),
        Verb::Message(args) => message(session, &args),
        Verb::Erase(args) => erase(session, &args),
        Verb::Export(args) => export(session, &args),
    }
}

/// `user list`.
pub(super) fn list(session: &mut Session<'_>, args: &Users) -> Result<(), Wrong> {
    let (since, until) = args.span.instants(session.config()?.timezone);
    let (realm, slice, picked) = (args.world.realm(), args.page.slice(), args.filter.filter()?);
    let (items, total) = session.database()?.read(|view| {
        let among = picked.as_ref().map(|filter| segment::known(view, realm, filter)).transpose()?;
        let realm = picked.as_ref().map_or(realm, |filter| filter.realm(realm));
        let filter = CustomerFilter { search: args.search.clone(), among, since, until, ..CustomerFilter::default() };
        let (users, total) = user::list(view, realm, &filter, PageSpec::new(args.sort, slice))?;
        let items = users.into_iter().map(|user| row(view, user)).collect::<ShopResult<Vec<_>>>()?;
        Ok::<_, crate::error::Error>((items, total))
    })?;
    let total = total.unsigned_abs();
    let id = |row: &Row| row.user.id.to_string();
    session.out.list(&List { schema: "dvorik.user.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// A customer with their tags; whether the customer blocked the bot is stored apart and shown as a tag.
pub(super) fn row(view: &View<'_>, user: User) -> ShopResult<Row> {
    let mut tags = user::tags(view, user.id)?;
    tags.extend(user.bot_blocked_at.map(|_| "blocked_bot".to_owned()));
    Ok(Row { user, tags })
}

/// `user show`: a customer with the valid codes and the latest attempts at the counter.
pub(super) fn show(session: &mut Session<'_>, args: &UserRef) -> Result<(), Wrong> {
    let (found, live, attempts) = session.database()?.read(|view| {
        let found = user::get_by_ref(view, args.world.realm(), &args.user)?;
        let (live, attempts) = (discount::list_live(view, found.id)?, discount::list_attempts_of_user(view, found.id)?);
        Ok::<_, crate::error::Error>((row(view, found)?, live, attempts))
    })?;
    match session.out.format() {
        Format::Json => {
            let mut json = facts(COLUMNS, &found);
            if let Some(json) = json.as_object_mut() {
                json.insert("schema".into(), json!(SCHEMA));
                json.insert("active_discounts".into(), live.iter().map(code).collect());
                json.insert("last_attempts".into(), attempts.iter().map(attempt).collect());
            }
            session.out.document(&json, "");
        }
        Format::Human => {
            session.out.one(SCHEMA, COLUMNS, &found, "");
            below(session, LIVE, &live);
            below(session, ATTEMPTS, &attempts);
        }
        _ => session.out.one(SCHEMA, COLUMNS, &found, &found.user.id.to_string()),
    }
    Ok(())
}

const LIVE: &[TableColumn<Discount>] = &[
    TableColumn::new("code", "column.code", |live| CellValue::Text(live.code.as_str().to_owned())),
    TableColumn::new("title", "column.title", |live| CellValue::Text(live.title.clone())),
    TableColumn::number("value", "column.value", |live| super::template::worth(live.value)),
    TableColumn::new("created_at", "column.created_at", |live| CellValue::Timestamp(live.created_at)),
    TableColumn::new("expires_at", "column.expires_at", |live| CellValue::Timestamp(live.expires_at)),
];

fn code(live: &Discount) -> Json {
    facts(LIVE, live)
}

/// Prints a table of what belongs to the object above; prints nothing when the table is empty.
pub(super) fn below<T>(session: &mut Session<'_>, columns: &[TableColumn<T>], items: &[T]) {
    if !items.is_empty() {
        session.out.raw(b"\n");
        let (total, id) = (items.len() as u64, |_: &T| String::new());
        session.out.list(&List { schema: "", columns, items, total, id });
    }
}

/// `user edit`.
fn edit(session: &mut Session<'_>, args: &UserEdit) -> Result<(), Wrong> {
    let config = session.config()?;
    let today = config.timezone.day(Clock::System.now());
    let country = Country::of(config.timezone, &config.currency);
    if let Some(Err(Unread::NoYear(example))) = args.birthday.as_deref().map(|typed| user::birthday::read(typed, today))
    {
        let message = session.text("user.birthday_no_year", &[("example", &crate::clock::human_date(example))]);
        return Err(FailureReport::new("BIRTHDAY_INVALID", ExitCode::Usage, message).into());
    }
    let birthday = args.birthday.as_deref().map(|typed| emptied(typed, |typed| birthday(typed, today))).transpose()?;
    let phone = args.phone.as_deref().map(|typed| emptied(typed, |typed| Phone::read(typed, country))).transpose()?;
    if let Some(extension) = phone.iter().flatten().find_map(|read| read.extension.as_ref()) {
        let note = session.text("user.extension", &[("extension", extension)]);
        session.out.note(&note);
    }
    let phone = phone.map(|read| read.map(|read| read.phone));
    let edit = Edit { birthday, phone, gender: args.gender, status: args.status };
    change(session, args.world.realm(), &args.user, edit, "dvorik.user.edit/1")
}

fn emptied<T>(typed: &str, read: impl FnOnce(&str) -> ShopResult<T>) -> ShopResult<Option<T>> {
    if typed.trim().is_empty() { Ok(None) } else { read(typed).map(Some) }
}

/// Parses a birthday: a date in the owner's form, or in any form that the bot reads.
fn birthday(typed: &str, today: chrono::NaiveDate) -> ShopResult<chrono::NaiveDate> {
    let spelt = page::date(typed).map_or_else(|_| typed.to_owned(), crate::clock::human_date);
    Ok(user::birthday::parse(&spelt, today).ok_or(Refusal::BirthdayInvalid)?)
}

/// `user block`, `user unblock`.
fn set_status(session: &mut Session<'_>, args: &UserRef, status: UserStatus) -> Result<(), Wrong> {
    let schema = if status == UserStatus::Blocked { "dvorik.user.block/1" } else { "dvorik.user.unblock/1" };
    change(session, args.world.realm(), &args.user, Edit { status: Some(status), ..Edit::default() }, schema)
}

fn change(
    session: &mut Session<'_>,
    realm: crate::realm::Realm,
    typed: &str,
    edit: Edit,
    schema: &'static str,
) -> Result<(), Wrong> {
    let (typed, owner) = (typed.to_owned(), session.owner());
    let (before, after) = session.write(false, move |tx| {
        let before = row(tx, user::get_by_ref(tx, realm, &typed)?)?;
        let Edited { after, .. } = user::edit(tx, before.user.id, &edit, owner.actor())?;
        Ok((before, row(tx, after)?))
    })?;
    let (was, is) = (facts(COLUMNS, &before), facts(COLUMNS, &after));
    let name = after.user.display_name();
    let changed = before.user != after.user;
    let differences = differences(COLUMNS, &before, &after, session.out.voice());
    let words: [(&str, &dyn std::fmt::Display); 2] = [("name", &name), ("changes", &differences)];
    let sentence = session.text(if changed { "user.edited" } else { "user.same" }, &words);
    let next = undo(&before.user, &after.user).into_iter().collect();
    session.tell_change(ChangeReport {
        schema,
        changed,
        before: was,
        after: is,
        id: after.user.id.to_string(),
        sentence,
        next,
    });
    Ok(())
}

/// The command that restores a customer's previous state.
fn undo(before: &User, after: &User) -> Option<NextCommand> {
    let mut flags = Vec::new();
    if before.birthday != after.birthday {
        flags.push(format!("--birthday {}", quoted(&before.birthday.map(|day| day.to_string()).unwrap_or_default())));
    }
    if before.phone != after.phone {
        flags.push(format!("--phone {}", quoted(before.phone.as_deref().unwrap_or_default())));
    }
    if before.gender != after.gender {
        flags.push(format!("--gender {}", before.gender.as_str()));
    }
    if before.status != after.status {
        flags.push(format!("--status {}", before.status.as_str()));
    }
    let command = format!("dvorik user edit {} {}{}", after.id, flags.join(" "), world(after));
    (!flags.is_empty()).then_some(NextCommand { words: "next.undo", command })
}

/// The flag that a command about a customer of the test bots needs.
fn world(user: &User) -> &'static str {
    if user.realm.is_test() { " --test-data" } else { "" }
}

/// `user tag`: a tag to add may have a `+` in front of it.
fn tag(session: &mut Session<'_>, args: &UserTag) -> Result<(), Wrong> {
    let parse = |typed: &String| Tag::parse(typed.strip_prefix('+').unwrap_or(typed));
    let add = args.add.iter().map(parse).collect::<ShopResult<Vec<_>>>()?;
    let remove = args.remove.iter().map(|typed| Tag::parse(typed)).collect::<ShopResult<Vec<_>>>()?;
    let (realm, typed, owner) = (args.world.realm(), args.user.clone(), session.owner());
    let (found, before, after) = session.write(false, move |tx| {
        let found = user::get_by_ref(tx, realm, &typed)?;
        let (before, after) = user::change_tags(tx, found.id, &add, &remove, owner.actor())?;
        Ok((found, before, after))
    })?;
    let lost: Vec<&str> = before.iter().filter(|tag| !after.contains(tag)).map(String::as_str).collect();
    let gained: Vec<&str> = after.iter().filter(|tag| !before.contains(tag)).map(String::as_str).collect();
    let shown = if after.is_empty() { "—".to_owned() } else { after.join(", ") };
    let sentence = session.text("user.tagged", &[("name", &found.display_name()), ("tags", &shown)]);
    let lost_again = lost.iter().map(|tag| format!(" {}", quoted(tag))).collect::<String>();
    let off = gained.iter().map(|tag| format!(" --remove {}", quoted(tag))).collect::<String>();
    let undo = NextCommand {
        words: "next.undo",
        command: format!("dvorik user tag {}{lost_again}{off}{}", found.id, world(&found)),
    };
    session.tell_change(ChangeReport {
        schema: "dvorik.user.tag/1",
        changed: before != after,
        before: json!({ "id": found.id, "tags": before }),
        after: json!({ "id": found.id, "tags": after }),
        id: found.id.to_string(),
        sentence,
        next: if before == after { Vec::new() } else { vec![undo] },
    });
    Ok(())
}

/// `user message`.
fn message(session: &mut Session<'_>, args: &UserMessage) -> Result<(), Wrong> {
    let (html, realm, typed, owner) =
        (session.words(&args.words)?, args.world.realm(), args.user.clone(), session.owner());
    let (found, written) = session.write(false, move |tx| {
        let found = user::get_by_ref(tx, realm, &typed)?;
        let written = direct_message::write(tx, &found, &html, owner.actor())?;
        Ok((found, written))
    })?;
    let mut sentence = session.text("user.messaged", &[("name", &found.display_name())]);
    if written.is_bot_blocked {
        sentence = format!("{sentence}\n{}", session.text("user.bot_blocked", &[]));
    }
    let show = NextCommand { words: "next.look", command: format!("dvorik user show {}{}", found.id, world(&found)) };
    session.tell_change(ChangeReport {
        schema: "dvorik.user.message/1",
        changed: true,
        before: Json::Null,
        after: json!({ "id": found.id, "queued": true, "bot_blocked": written.is_bot_blocked }),
        id: found.id.to_string(),
        sentence,
        next: vec![show],
    });
    Ok(())
}

/// `user erase`: the person must enter the customer's name.
fn erase(session: &mut Session<'_>, args: &UserErase) -> Result<(), Wrong> {
    let realm = args.world.realm();
    let database = session.database()?;
    let key = session.erasure_key(&database)?.ok_or_else(|| no_key(session))?;
    let found = database.read(|view| user::get_by_ref(view, realm, &args.user))?;
    drop(database);
    let name = found.display_name();
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
    let holding = backup::holding(session.config()?, found.created_at, Clock::System.now())?;
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

/// Removes export files that name an erased customer, and erased data that is left in the database files. A daemon does
/// so by itself; what cannot be cleared now is cleared by the next daemon, the job `cleanup` or `migrate`.
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

/// `user export`: prints JSON, whatever the format of the output.
fn export(session: &mut Session<'_>, args: &UserRef) -> Result<(), Wrong> {
    let (realm, typed, owner) = (args.world.realm(), args.user.clone(), session.owner());
    let all = session.write(false, move |tx| {
        let found = user::get_by_ref(tx, realm, &typed)?;
        erasure::export_person(tx, found.id, owner.actor())
    })?;
    session.out.document(&all, &format!("{all:#}"));
    Ok(())
}

fn text(text: Option<&str>) -> CellValue {
    text.map_or(CellValue::Null, |text| CellValue::Text(text.to_owned()))
}

const fn gender(gender: user::Gender) -> CellValue {
    let text = match gender {
        user::Gender::Male => "gender.male",
        user::Gender::Female => "gender.female",
        user::Gender::Unknown => "gender.unknown",
    };
    CellValue::Word { code: gender.as_str(), text, tone: Tone::Plain }
}

const fn status(status: UserStatus) -> CellValue {
    match status {
        UserStatus::Active => CellValue::Word { code: "active", text: "status.active", tone: Tone::Good },
        UserStatus::Blocked => CellValue::Word { code: "blocked", text: "status.blocked", tone: Tone::Bad },
    }
}

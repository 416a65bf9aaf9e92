//! `settings`: what the shop changes at run time.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::args::{Page, SettingRef, SettingSet, Settings as Verb};
use super::output::{Cell, ChangeReport, Column, List, NextCommand, quoted};
use super::refuse::Wrong;
use super::session::Session;
use super::telegram::wait;
use crate::clock::Clock;
use crate::daemon;
use crate::db::View;
use crate::error::Result as ShopResult;
use crate::jobs;
use crate::realm::BotName;
use crate::settings::{self, Setting};
use crate::{shop, staff};

/// How long Telegram's answer about the channel is waited for; the daemon asks again by itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// A setting, its present value, and its purpose.
struct Row {
    setting: &'static Setting,
    value: Json,
    default: Json,
    about: String,
}

const COLUMNS: &[Column<Row>] = &[
    Column::new("key", "column.key", |row| row.setting.key.into()),
    Column::new("value", "column.value_of_setting", |row| cell(&row.value)),
    Column::new("default", "column.default", |row| cell(&row.default)),
    Column::prose("column.about", |row| (&row.about).into()),
];

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::List(args) => list(session, &args),
        Verb::Get(args) => get(session, &args),
        Verb::Set(args) => set(session, &args),
        Verb::Unset(args) => unset(session, &args),
    }
}

/// `settings list`: prints a page of the settings.
fn list(session: &mut Session<'_>, args: &Page) -> Result<(), Wrong> {
    let all = session.database()?.read(|view| {
        let row = |setting| row(session, view, setting);
        settings::ALL.iter().map(row).collect::<ShopResult<Vec<_>>>()
    })?;
    let total = all.len() as u64;
    let items = args.of(all);
    let id = |row: &Row| row.setting.key.to_owned();
    session.out.list(&List { schema: "dvorik.settings.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

fn row(session: &Session<'_>, view: &View<'_>, setting: &'static Setting) -> ShopResult<Row> {
    let about = session.text(&format!("setting.about.{}", setting.key), &[]);
    Ok(Row { setting, value: setting.value(view)?, default: setting.default(shop::language(view)?), about })
}

/// `settings get`; `-q` prints only the value.
fn get(session: &mut Session<'_>, args: &SettingRef) -> Result<(), Wrong> {
    let setting = settings::get_by_key(&args.key)?;
    let row = session.database()?.read(|view| row(session, view, setting))?;
    session.out.one("dvorik.settings/1", COLUMNS, &row, &plain(&row.value));
    Ok(())
}

/// `settings set`: changes a setting. For a new channel, also says which link customers will see.
fn set(session: &mut Session<'_>, args: &SettingSet) -> Result<(), Wrong> {
    let (setting, typed, owner) = (settings::get_by_key(&args.key)?, args.value.clone(), session.owner());
    let change = session.write(false, move |tx| staff::change_setting(tx, setting, &typed, &owner))?;
    tell(session, &change, "dvorik.settings.set/1");
    if let Some(link) = &change.dropped_link {
        let dropped = session.text("settings.link_dropped", &[("link", link)]);
        session.out.note(&dropped);
    }
    if change.key == settings::TELEGRAM_CHANNEL_ID.key && change.before != change.after {
        let said = channel(session, &plain(&change.after))?;
        said.into_iter().for_each(|said| session.out.note(&said));
    }
    Ok(())
}

/// Asks Telegram for the link of a channel that is set by its numeric id, and says what customers will see.
fn channel(session: &mut Session<'_>, channel: &str) -> Result<Option<String>, Wrong> {
    if !channel.starts_with('-') {
        return Ok(None);
    }
    let config = session.config()?;
    let Some(token) = config.bots.customer.token.clone() else { return Ok(None) };
    let bot = daemon::make_bot(config, BotName::Customer, &token, &Clock::System);
    let asked = bot.map_err(|error| error.to_string()).and_then(|bot| {
        let asked = wait(async { tokio::time::timeout(PATIENCE, jobs::channel::ask(&bot, channel)).await });
        let asked = asked.map_err(|error| error.to_string())?.map_err(|late| late.to_string())?;
        asked.map_err(|error| error.description)
    });
    let found = match asked {
        Ok(found) => found,
        Err(why) => return Ok(Some(session.text("settings.channel_unasked", &[("why", &why)]))),
    };
    let link = found.link();
    session.write(false, move |tx| settings::remember_channel(tx, &found))?;
    Ok(Some(match link {
        Some(link) => session.text("settings.channel_found", &[("link", &link)]),
        None => session.text("settings.channel_without_link", &[]),
    }))
}

/// `settings unset`: sets a setting back to its default.
fn unset(session: &mut Session<'_>, args: &SettingRef) -> Result<(), Wrong> {
    let (setting, owner) = (settings::get_by_key(&args.key)?, session.owner());
    let change = session.write(false, move |tx| staff::unset_setting(tx, setting, &owner))?;
    tell(session, &change, "dvorik.settings.unset/1");
    Ok(())
}

fn tell(session: &mut Session<'_>, change: &settings::SettingChange, schema: &'static str) {
    let (before, after) = (plain(&change.before), plain(&change.after));
    let changed = change.before != change.after;
    let shown = |text: &str| if text.is_empty() { session.text("settings.unset", &[]) } else { text.to_owned() };
    let words: [(&str, &dyn std::fmt::Display); 3] =
        [("key", &change.key), ("before", &shown(&before)), ("after", &shown(&after))];
    let undo =
        NextCommand { words: "next.undo", command: format!("dvorik settings set {} {}", change.key, quoted(&before)) };
    session.tell_change(ChangeReport {
        schema,
        changed,
        before: json!({ "key": change.key, "value": change.before }),
        after: json!({ "key": change.key, "value": change.after }),
        id: change.key.to_owned(),
        sentence: session.text(if changed { "settings.set" } else { "settings.same" }, &words),
        next: if changed { vec![undo] } else { Vec::new() },
    });
}

/// The setting's value as a person would enter it.
fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn cell(value: &Json) -> Cell {
    match value {
        Json::Null => Cell::Null,
        Json::String(text) => Cell::Text(text.clone()),
        Json::Bool(is_so) => Cell::Bool(*is_so),
        Json::Array(items) => Cell::List(items.iter().map(plain).collect()),
        Json::Number(number) => number.as_i64().map_or_else(|| Cell::Json(value.clone()), Cell::Int),
        Json::Object(_) => Cell::Json(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn every_setting_says_what_it_is_for_in_both_languages() {
        let known = |setting: &Setting, lang: Language| lang.knows(&format!("setting.about.{}", setting.key));
        let mute = settings::ALL.iter().filter(|setting| !Language::ALL.iter().all(|lang| known(setting, *lang)));
        assert_eq!(mute.map(|setting| setting.key).collect::<Vec<_>>(), Vec::<&str>::new());
    }
}

//! `bot`: the shop's bots as Telegram knows them.

use secrecy::ExposeSecret;
use serde_json::{Value as Json, json};

use super::args::Page;
use super::output::{ChangeReport, Column, List, NextCommand};
use super::refuse::Wrong;
use super::session::Session;
use super::telegram::{failed, of_config, wait};
use crate::daemon;
use crate::db::Database;
use crate::error::Result as ShopResult;
use crate::realm::BotName;
use crate::telegram::client::{Bot, CallError};
use crate::{bot, shop};

/// A bot of the config, as the list shows it.
struct Row {
    name: BotName,
    username: Option<String>,
    /// The bot's Telegram id, which is the public part of its token.
    telegram_id: Option<i64>,
    has_token: bool,
    has_secret: bool,
}

const COLUMNS: &[Column<Row>] = &[
    Column::new("name", "column.bot", |row| row.name.as_str().into()),
    Column::new("username", "column.username", |row| row.username.as_ref().map(|name| format!("@{name}")).into()),
    Column::new("telegram_id", "column.telegram_id", |row| row.telegram_id.into()),
    Column::new("has_token", "column.has_token", |row| row.has_token.into()),
    Column::new("has_webhook_secret", "column.has_webhook_secret", |row| row.has_secret.into()),
    Column::new("is_test", "column.is_test", |row| row.name.realm().is_test().into()),
];

/// `bot list`: prints the bots of the config, without a call to Telegram.
pub(super) fn list(session: &mut Session<'_>, args: Page) -> Result<(), Wrong> {
    let config = session.config()?;
    let usernames = session.database()?.read(|view| {
        BotName::ALL.iter().map(|name| shop::bot_username(view, *name)).collect::<ShopResult<Vec<Option<String>>>>()
    })?;
    let row = |(name, username): (BotName, Option<String>)| {
        let settings = config.bots.each().into_iter().find(|(word, _)| *word == name.as_str()).map(|(_, bot)| bot)?;
        let token = settings.token.as_ref();
        let id = token.and_then(|token| token.expose_secret().split_once(':')?.0.parse().ok());
        let has_secret = settings.webhook_secret.is_some();
        Some(Row { name, username, telegram_id: id, has_token: token.is_some(), has_secret })
    };
    let all: Vec<Row> = BotName::ALL.iter().copied().zip(usernames).filter_map(row).collect();
    let total = all.len() as u64;
    let items = args.of(all);
    let id = |row: &Row| row.name.as_str().to_owned();
    session.out.list(&List { schema: "dvorik.bot.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `bot sync`: asks Telegram who the bots are, stores their usernames, registers their command menus.
pub(super) fn sync(session: &mut Session<'_>) -> Result<(), Wrong> {
    let (db, bots) = (session.database()?, of_config(session.config()?)?);
    let (mut before, mut after) = (serde_json::Map::new(), serde_json::Map::new());
    for (name, bot) in &bots {
        let known = db.read(|view| shop::bot_username(view, *name))?;
        let met = wait(set_up(&db, *name, bot))??;
        let username = met.map_err(|error| failed(session, *name, &error))?;
        before.insert(name.to_string(), json!(known));
        after.insert(name.to_string(), json!(username));
    }
    let names = after.values().filter_map(Json::as_str).map(|name| format!("@{name}")).collect::<Vec<_>>().join(", ");
    let change = ChangeReport {
        schema: "dvorik.bot.sync/1",
        changed: before != after,
        before: before.into(),
        after: after.into(),
        id: names.clone(),
        sentence: session.text("bot.synced", &[("names", &names)]),
        next: vec![NextCommand { words: "next.look", command: "dvorik bot list".to_owned() }],
    };
    session.tell_change(change);
    Ok(())
}

/// Asks Telegram for the bot's username, stores it, and registers the menus.
async fn set_up(db: &Database, name: BotName, bot: &Bot) -> ShopResult<Result<String, CallError>> {
    let username = match bot.get_me().await {
        Ok(me) => me.username,
        Err(error) => return Ok(Err(error)),
    };
    let kept = username.clone();
    db.write_async(move |tx| shop::remember_bot(tx, name, &kept)).await?;
    let menus = db.read(|view| bot::menus(view, name))?;
    let failed = daemon::register(bot, menus).await.into_iter().next();
    Ok(failed.map_or(Ok(username), |(_, error)| Err(error)))
}

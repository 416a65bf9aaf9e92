//! `webhook`: shows, sets and deletes the webhooks to which Telegram sends updates. `serve` sets the webhooks by
//! itself; these commands are for inspection and repair.

use serde_json::json;

use super::args::{Page, WebhookSet};
use super::output::{Cell, ChangeReport, Column, ExitCode, FailureReport, List, NextCommand};
use super::refuse::Wrong;
use super::session::Session;
use super::telegram::{failed, of_config, wait};
use crate::api::dispatch::Webhook;
use crate::clock::Timestamp;
use crate::config::Mode;
use crate::daemon::ServeError;
use crate::daemon::webhooks::{self, WebhookError};
use crate::realm::BotName;

const COLUMNS: &[Column<Webhook>] = &[
    Column::new("bot", "column.bot", |row| row.bot.as_str().into()),
    Column::new("url", "column.url", |row| Some(row.info.url.clone()).filter(|url| !url.is_empty()).into()),
    Column::detail("wanted", "column.wanted", |row| (&row.wanted).into()),
    Column::new("agrees", "column.agrees", |row| row.agrees.into()),
    Column::number("pending", "column.pending", |row| row.info.pending.into()),
    Column::new("last_error", "column.last_error", |row| (&row.info.last_error).into()),
    Column::new("last_error_at", "column.last_error_at", |row| row.info.last_error_at.map(Timestamp).into()),
    Column::detail("allowed_updates", "column.allowed_updates", |row| Cell::List(row.info.allowed.clone())),
];

/// `webhook info`: prints the webhooks that Telegram reports, and whether they are as the config wants.
pub(super) fn info(session: &mut Session<'_>, args: Page) -> Result<(), Wrong> {
    let config = session.config()?;
    let (db, bots) = (session.database()?, of_config(config)?);
    let all = wait(webhooks::look(config, &db, &bots))?.map_err(|error| wrong(session, error))?;
    let total = all.len() as u64;
    let items = args.of(all);
    let id = |row: &Webhook| row.bot.as_str().to_owned();
    session.out.list(&List { schema: "dvorik.webhook.info/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `webhook set`: sets the webhooks. If the config says that the bots poll, the command needs `--yes`, because polling
/// bots get no more updates.
pub(super) fn set(session: &mut Session<'_>, args: WebhookSet) -> Result<(), Wrong> {
    let config = session.config()?;
    if config.telegram.mode == Mode::Polling && !args.yes {
        let message = session.text("webhook.polls", &[]);
        let failure = FailureReport::new("VALIDATION_ERROR", ExitCode::Conflict, message);
        return Err(failure.with_hint(session.text("webhook.polls_hint", &[])).into());
    }
    if let Some((key, _)) = config.webhook_gaps().into_iter().next() {
        return Err(ServeError::WebhookGap(key).into());
    }
    let (db, bots) = (session.database()?, of_config(config)?);
    let was =
        wait(webhooks::set_all(config, &db, &bots, session.owner().actor()))?.map_err(|error| wrong(session, error))?;
    let (before, after) = urls(&was, |webhook| webhook.wanted.clone().unwrap_or_default());
    let base = config.telegram.webhook_base.clone().unwrap_or_default();
    let sentence = session.text("webhook.set", &[("url", &base)]);
    tell(session, "dvorik.webhook.set/1", (before, after), sentence, "dvorik webhook delete");
    Ok(())
}

/// `webhook delete`: deletes the webhooks; updates that wait at Telegram stay there.
pub(super) fn delete(session: &mut Session<'_>) -> Result<(), Wrong> {
    let config = session.config()?;
    let (db, bots) = (session.database()?, of_config(config)?);
    let was = wait(webhooks::delete_all(config, &db, &bots, session.owner().actor()))?
        .map_err(|error| wrong(session, error))?;
    let (before, after) = urls(&was, |_| String::new());
    let sentence = session.text("webhook.deleted", &[]);
    tell(session, "dvorik.webhook.delete/1", (before, after), sentence, "dvorik webhook set");
    Ok(())
}

fn wrong(session: &Session<'_>, (bot, error): (BotName, WebhookError)) -> Wrong {
    match error {
        WebhookError::Telegram(error) => failed(session, bot, &error).into(),
        WebhookError::Storage(error) => error.into(),
    }
}

fn urls(was: &[Webhook], is: impl Fn(&Webhook) -> String) -> (Urls, Urls) {
    let before = was.iter().map(|webhook| (webhook.bot.to_string(), json!(webhook.info.url)));
    (before.collect(), was.iter().map(|webhook| (webhook.bot.to_string(), json!(is(webhook)))).collect())
}

type Urls = serde_json::Map<String, serde_json::Value>;

fn tell(session: &mut Session<'_>, schema: &'static str, urls: (Urls, Urls), sentence: String, undo: &str) {
    let (before, after) = urls;
    let change = ChangeReport {
        schema,
        changed: before != after,
        id: after.keys().cloned().collect::<Vec<_>>().join(" "),
        before: before.into(),
        after: after.into(),
        sentence,
        next: vec![
            NextCommand { words: "next.undo", command: undo.to_owned() },
            NextCommand { words: "next.look", command: "dvorik webhook info".to_owned() },
        ],
    };
    session.tell_change(change);
}

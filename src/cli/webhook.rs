//! `webhook`: where Telegram pushes updates to. `serve` arranges that by itself; these commands are for looking and for
//! repairs.

use serde_json::json;

use super::args::{Page, WebhookSet};
use super::bot::{failed, of_config, wait};
use super::output::{Change, Column, ExitCode, Failure, List, Next, Value};
use super::refuse::Wrong;
use super::session::Session;
use crate::clock::Timestamp;
use crate::config::Mode;
use crate::daemon::ServeError;
use crate::daemon::webhooks::{self, Pushed, Trouble};
use crate::realm::BotName;
use crate::shop;
use crate::telegram::client::WebhookInfo;

/// What Telegram tells of a bot's webhook, beside what the config wants.
struct Row {
    bot: BotName,
    info: WebhookInfo,
    wanted: Option<String>,
    agrees: bool,
}

const COLUMNS: &[Column<Row>] = &[
    Column::new("bot", "column.bot", |row| Value::Text(row.bot.as_str().to_owned())),
    Column::new("url", "column.url", |row| Some(row.info.url.clone()).filter(|url| !url.is_empty()).into()),
    Column::detail("wanted", "column.wanted", |row| row.wanted.clone().into()),
    Column::new("agrees", "column.agrees", |row| Value::Bool(row.agrees)),
    Column::number("pending", "column.pending", |row| Value::Int(row.info.pending)),
    Column::new("last_error", "column.last_error", |row| row.info.last_error.clone().into()),
    Column::new("last_error_at", "column.last_error_at", |row| row.info.last_error_at.map(Timestamp).into()),
    Column::detail("allowed_updates", "column.allowed_updates", |row| Value::List(row.info.allowed.clone())),
];

/// `webhook info`.
pub(super) fn info(session: &mut Session<'_>, args: Page) -> Result<(), Wrong> {
    let config = session.config()?;
    let (db, bots) = (session.database()?, of_config(config)?);
    let mut all = Vec::new();
    for (bot, client) in bots {
        let info = wait(client.webhook_info())?.map_err(|error| failed(session, bot, &error))?;
        let mark = db.read(|view| shop::webhook_mark(view, bot))?;
        let pushed = Pushed::of(config, bot).filter(|_| config.telegram.mode == Mode::Webhook);
        let agrees = pushed.as_ref().map_or(info.url.is_empty(), |pushed| pushed.stands(&info, mark.as_deref()));
        all.push(Row { bot, info, wanted: pushed.map(|pushed| pushed.url), agrees });
    }
    let total = all.len() as u64;
    let items = args.of(all);
    let id = |row: &Row| row.bot.as_str().to_owned();
    session.out.list(&List { schema: "dvorik.webhook.info/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `webhook set`. A shop that polls would get no updates any more: that takes `--yes`.
pub(super) fn set(session: &mut Session<'_>, args: WebhookSet) -> Result<(), Wrong> {
    let config = session.config()?;
    if config.telegram.mode == Mode::Polling && !args.yes {
        let message = session.text("webhook.polls", &[]);
        let failure = Failure::new("VALIDATION_ERROR", ExitCode::Conflict, message);
        return Err(failure.with_hint(session.text("webhook.polls_hint", &[])).into());
    }
    if let Some((key, _)) = config.webhook_gaps().into_iter().next() {
        return Err(ServeError::WebhookGap(key).into());
    }
    let (db, bots) = (session.database()?, of_config(config)?);
    let (mut before, mut after) = (serde_json::Map::new(), serde_json::Map::new());
    for (bot, client) in bots {
        let Some(pushed) = Pushed::of(config, bot) else { continue };
        let known = wait(client.webhook_info())?.map_err(|error| failed(session, bot, &error))?;
        match wait(webhooks::set(&client, &db, bot, &pushed))? {
            Ok(()) => {}
            Err(Trouble::Telegram(error)) => return Err(failed(session, bot, &error).into()),
            Err(Trouble::Storage(error)) => return Err(error.into()),
        }
        before.insert(bot.to_string(), json!(known.url));
        after.insert(bot.to_string(), json!(pushed.url));
    }
    let base = config.telegram.webhook_base.clone().unwrap_or_default();
    let sentence = session.text("webhook.set", &[("url", &base)]);
    tell(session, "dvorik.webhook.set/1", (before, after), sentence, "dvorik webhook delete");
    Ok(())
}

/// `webhook delete`. What waits at Telegram stays there.
pub(super) fn delete(session: &mut Session<'_>) -> Result<(), Wrong> {
    let bots = of_config(session.config()?)?;
    let (mut before, mut after) = (serde_json::Map::new(), serde_json::Map::new());
    for (bot, client) in bots {
        let known = wait(client.webhook_info())?.map_err(|error| failed(session, bot, &error))?;
        wait(client.delete_webhook())?.map_err(|error| failed(session, bot, &error))?;
        before.insert(bot.to_string(), json!(known.url));
        after.insert(bot.to_string(), json!(""));
    }
    let sentence = session.text("webhook.deleted", &[]);
    tell(session, "dvorik.webhook.delete/1", (before, after), sentence, "dvorik webhook set");
    Ok(())
}

type Urls = serde_json::Map<String, serde_json::Value>;

fn tell(session: &mut Session<'_>, schema: &'static str, urls: (Urls, Urls), sentence: String, undo: &str) {
    let (before, after) = urls;
    let change = Change {
        schema,
        changed: before != after,
        id: after.keys().cloned().collect::<Vec<_>>().join(" "),
        before: before.into(),
        after: after.into(),
        sentence,
        next: vec![
            Next { words: "next.undo", command: undo.to_owned() },
            Next { words: "next.look", command: "dvorik webhook info".to_owned() },
        ],
    };
    session.tell_change(change);
}

//! `campaign`: links that bring people.

use serde_json::{Value as Json, json};

use super::args::{Create, Page};
use super::output::{Change, Column, List, Next, Value};
use super::refuse::Wrong;
use super::session::Session;
use crate::campaign::{self, Campaign, SourceKey};
use crate::discount::template;
use crate::realm::BotName;
use crate::shop;

/// A campaign and its link, once Telegram has told the bot's name.
struct Row {
    campaign: Campaign,
    link: Option<String>,
}

const COLUMNS: &[Column<Row>] = &[
    Column::detail("id", "column.id", |row| Value::Int(row.campaign.id.0)),
    Column::new("name", "column.title", |row| Value::Text(row.campaign.name.clone())),
    Column::new("source_key", "column.key", |row| Value::Text(row.campaign.key.as_str().to_owned())),
    Column::detail("template_id", "column.template", |row| {
        row.campaign.template.map_or(Value::Null, |template| Value::Int(template.0))
    }),
    Column::number("clicks", "column.clicks", |row| Value::Int(row.campaign.clicks)),
    Column::number("registrations", "column.registrations", |row| Value::Int(row.campaign.registrations)),
    Column::new("created_at", "column.created_at", |row| Value::Timestamp(row.campaign.created_at)),
    Column::new("tme_link", "column.link", |row| {
        row.link.as_ref().map_or(Value::Null, |link| Value::Text(link.clone()))
    }),
];

/// `campaign list`.
pub(super) fn list(session: &mut Session<'_>, args: &Page) -> Result<(), Wrong> {
    let (items, total, bot) = session.database()?.read(|view| {
        let (items, total) = campaign::list(view, args.limit, args.offset())?;
        Ok::<_, crate::error::Error>((items, total, shop::bot_username(view, BotName::Customer)?))
    })?;
    let items: Vec<Row> = items.into_iter().map(|campaign| row(campaign, bot.as_deref())).collect();
    let total = total.unsigned_abs();
    let id = |row: &Row| row.campaign.id.to_string();
    session.out.list(&List { schema: "dvorik.campaign.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `campaign create`.
pub(super) fn create(session: &mut Session<'_>, args: &Create) -> Result<(), Wrong> {
    let (name, key, owner) = (args.name.clone(), SourceKey::parse(&args.key)?, session.owner());
    let template = args.template.clone();
    let row = session.database()?.write(move |tx| {
        let template = template.map(|typed| template::get_by_ref(tx, &typed)).transpose()?;
        let made = campaign::create(tx, &name, key, template.map(|template| template.id), owner.actor())?;
        Ok::<_, crate::error::Error>(row(made, shop::bot_username(tx, BotName::Customer)?.as_deref()))
    })?;
    let change = created(session, &row);
    session.tell_change(change);
    Ok(())
}

fn created(session: &Session<'_>, row: &Row) -> Change {
    let Row { campaign, link } = row;
    let link_words = link.clone().unwrap_or_else(|| session.text("campaign.link_later", &[]));
    Change {
        schema: "dvorik.campaign.create/1",
        changed: true,
        before: Json::Null,
        after: json!({
            "id": campaign.id, "name": campaign.name, "source_key": campaign.key.as_str(),
            "template_id": campaign.template, "created_at": campaign.created_at.to_string(), "tme_link": link,
        }),
        id: campaign.id.to_string(),
        sentence: session.text("campaign.created", &[("name", &campaign.name), ("link", &link_words)]),
        next: vec![Next { words: "next.more", command: "dvorik campaign list".to_owned() }],
    }
}

fn row(campaign: Campaign, bot: Option<&str>) -> Row {
    Row { link: bot.map(|bot| campaign.key.link(bot)), campaign }
}

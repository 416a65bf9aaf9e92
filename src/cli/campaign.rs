//! `campaign`: links that bring customers.

use serde_json::{Value as Json, json};

use super::args::{Campaign as Verb, CampaignCreate, CampaignEdit, CampaignQr, CampaignRef, CampaignStats, Window};
use super::output::{Cell, ChangeReport, Column, List, NextCommand, differences, facts, quoted};
use super::qr;
use super::refuse::Wrong;
use super::session::Session;
use crate::campaign::{self, Campaign, SourceKey, Stats};
use crate::db::Slice;
use crate::discount::template;
use crate::realm::{BotName, Realm};
use crate::shop;

/// A campaign and its link; `None` until the username of the customer bot is known.
struct Row {
    campaign: Campaign,
    link: Option<String>,
}

const COLUMNS: &[Column<Row>] = &[
    Column::detail("id", "column.id", |row| row.campaign.id.into()),
    Column::new("name", "column.title", |row| (&row.campaign.name).into()),
    Column::new("source_key", "column.key", |row| row.campaign.key.as_str().into()),
    Column::detail("template_id", "column.template", |row| row.campaign.template.map(|id| id.0).into()),
    Column::number("clicks", "column.clicks", |row| row.campaign.clicks.into()),
    Column::number("registrations", "column.registrations", |row| row.campaign.registrations.into()),
    Column::new("created_at", "column.created_at", |row| row.campaign.created_at.into()),
    Column::new("tme_link", "column.link", |row| (&row.link).into()),
];

pub(super) fn run(session: &mut Session<'_>, verb: Verb) -> Result<(), Wrong> {
    match verb {
        Verb::Create(args) => create(session, &args),
        Verb::List(args) => list(session, &args),
        Verb::Show(args) => show(session, &args),
        Verb::Edit(args) => edit(session, &args),
        Verb::Stats(args) => stats(session, &args),
        Verb::Link(args) => link(session, &args),
        Verb::Qr(args) => qr(session, &args),
    }
}

/// `campaign list`: prints a page of the campaigns.
pub(super) fn list(session: &mut Session<'_>, args: &Window) -> Result<(), Wrong> {
    let (all, bot) = session.database()?.read(|view| {
        let (all, _) = campaign::list(view, Realm::Real, Slice::ALL)?;
        Ok::<_, crate::error::Error>((all, shop::bot_username(view, BotName::Customer)?))
    })?;
    let (items, total) = args.of((session.config()?.timezone, session.now()), all, |campaign| campaign.created_at);
    let items: Vec<Row> = items.into_iter().map(|campaign| row(campaign, bot.as_deref())).collect();
    let id = |row: &Row| row.campaign.id.to_string();
    session.out.list(&List { schema: "dvorik.campaign.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `campaign create`: makes a campaign and prints its link.
fn create(session: &mut Session<'_>, args: &CampaignCreate) -> Result<(), Wrong> {
    let (name, key, owner) = (args.name.clone(), SourceKey::parse(&args.key)?, session.owner());
    let template = args.template.clone();
    let row = session.write(false, move |tx| {
        let template = template.map(|typed| template::get_by_ref(tx, &typed)).transpose()?;
        let made = campaign::create(tx, &name, key, template.map(|template| template.id), owner.actor())?;
        Ok(row(made, shop::bot_username(tx, BotName::Customer)?.as_deref()))
    })?;
    let change = created(session, &row);
    session.tell_change(change);
    Ok(())
}

fn created(session: &Session<'_>, row: &Row) -> ChangeReport {
    let Row { campaign, link } = row;
    let link_words = link.clone().unwrap_or_else(|| session.text("campaign.link_later", &[]));
    ChangeReport {
        schema: "dvorik.campaign.create/1",
        changed: true,
        before: Json::Null,
        after: json!({
            "id": campaign.id, "name": campaign.name, "source_key": campaign.key.as_str(),
            "template_id": campaign.template, "created_at": campaign.created_at.to_string(), "tme_link": link,
        }),
        id: campaign.id.to_string(),
        sentence: session.text("campaign.created", &[("name", &campaign.name), ("link", &link_words)]),
        next: vec![NextCommand { words: "next.qr", command: format!("dvorik campaign qr {}", campaign.key.as_str()) }],
    }
}

fn found(session: &Session<'_>, typed: &str) -> Result<Row, Wrong> {
    let found = session.database()?.read(|view| {
        let found = campaign::get_by_ref(view, typed)?;
        Ok::<_, crate::error::Error>(row(found, shop::bot_username(view, BotName::Customer)?.as_deref()))
    })?;
    Ok(found)
}

/// `campaign show`: prints one campaign.
fn show(session: &mut Session<'_>, args: &CampaignRef) -> Result<(), Wrong> {
    let found = found(session, &args.campaign)?;
    session.out.one("dvorik.campaign/1", COLUMNS, &found, &found.campaign.id.to_string());
    Ok(())
}

/// `campaign edit`: the campaign's key stays the same, because it may be printed already.
fn edit(session: &mut Session<'_>, args: &CampaignEdit) -> Result<(), Wrong> {
    let (typed, name, wanted, owner) =
        (args.campaign.clone(), args.name.clone(), args.template.clone(), session.owner());
    let (before, after) = session.write(false, move |tx| {
        let before = campaign::get_by_ref(tx, &typed)?;
        let template = match wanted.as_deref() {
            None => before.template,
            Some("none" | "") => None,
            Some(typed) => Some(template::get_by_ref(tx, typed)?.id),
        };
        let name = name.unwrap_or_else(|| before.name.clone());
        let (before, after) = campaign::edit(tx, before, &name, template, owner.actor())?;
        let bot = shop::bot_username(tx, BotName::Customer)?;
        Ok((row(before, bot.as_deref()), row(after, bot.as_deref())))
    })?;
    let changed = before.campaign != after.campaign;
    let differences = differences(COLUMNS, &before, &after, session.out.voice());
    let words: [(&str, &dyn std::fmt::Display); 2] = [("name", &after.campaign.name), ("changes", &differences)];
    let sentence = session.text(if changed { "campaign.edited" } else { "campaign.same" }, &words);
    let (was, is) = (facts(COLUMNS, &before), facts(COLUMNS, &after));
    let id = after.campaign.id.to_string();
    let next = undo(&before.campaign, &after.campaign).into_iter().collect();
    let schema = "dvorik.campaign.edit/1";
    session.tell_change(ChangeReport { schema, changed, before: was, after: is, id, sentence, next });
    Ok(())
}

fn undo(before: &Campaign, after: &Campaign) -> Option<NextCommand> {
    let mut flags = String::new();
    if before.name != after.name {
        flags.push_str(&format!(" --name {}", quoted(&before.name)));
    }
    if before.template != after.template {
        let template = before.template.map_or_else(|| "none".to_owned(), |template| template.to_string());
        flags.push_str(&format!(" --template {template}"));
    }
    let command = format!("dvorik campaign edit {}{flags}", after.key.as_str());
    (!flags.is_empty()).then_some(NextCommand { words: "next.undo", command })
}

/// A campaign and the figures of the customers it brought.
struct Brought {
    campaign: Campaign,
    stats: Stats,
}

const BROUGHT: &[Column<Brought>] = &[
    Column::new("name", "column.title", |of| (&of.campaign.name).into()),
    Column::new("source_key", "column.key", |of| of.campaign.key.as_str().into()),
    Column::number("clicks", "column.clicks", |of| of.stats.clicks.into()),
    Column::number("visitors", "column.visitors", |of| of.stats.visitors.into()),
    Column::number("registrations", "column.registrations", |of| of.stats.registrations.into()),
    Column::number("discounts_issued", "stats.issued", |of| of.stats.issued.into()),
    Column::number("discounts_redeemed", "stats.redeemed", |of| of.stats.redeemed.into()),
    Column::number("conversion", "column.conversion", |of| of.stats.conversion().map(Cell::Share).into()),
];

/// `campaign stats`: prints the figures of the customers whom a campaign brought.
fn stats(session: &mut Session<'_>, args: &CampaignStats) -> Result<(), Wrong> {
    let brought = session.database()?.read(|view| {
        let campaign = campaign::get_by_ref(view, &args.campaign)?;
        let stats = campaign::stats(view, campaign.id, args.realm.realm())?;
        Ok::<_, crate::error::Error>(Brought { campaign, stats })
    })?;
    session.out.one("dvorik.campaign.stats/1", BROUGHT, &brought, &brought.stats.redeemed.to_string());
    Ok(())
}

/// `campaign link`: prints the link of a campaign.
fn link(session: &mut Session<'_>, args: &CampaignRef) -> Result<(), Wrong> {
    let found = found(session, &args.campaign)?;
    let link = found.link.ok_or_else(|| qr::no_bot(session))?;
    let json = json!({
        "schema": "dvorik.campaign.link/1", "source_key": found.campaign.key.as_str(), "tme_link": link,
    });
    session.out.document(&json, &link);
    Ok(())
}

/// `campaign qr`: draws the QR picture of a campaign's link.
fn qr(session: &mut Session<'_>, args: &CampaignQr) -> Result<(), Wrong> {
    let found = found(session, &args.campaign)?;
    let link = found.link.ok_or_else(|| qr::no_bot(session))?;
    qr::draw(session, "dvorik.campaign.qr/1", &found.campaign.name, &link, args.output.as_deref())
}

fn row(campaign: Campaign, bot: Option<&str>) -> Row {
    Row { link: bot.map(|bot| campaign.key.link(bot)), campaign }
}

//! Templates: what a code will be worth, for how long, how often, and which text brings it.

use rusqlite::{Row, named_params};
use serde_json::Value as Json;

use crate::db::View;
use crate::discount::model::Usage;
use crate::error::{Refusal, Result};
use crate::ids::{TemplateId, words};
use crate::money::Value;
use crate::settings;

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, name, title, value, value_type, duration_days, event, usage_type, recurrence, reminders,
             message_key, is_active FROM discount_templates ",
            $tail
        )
    };
}

const BY_ID: &str = select!("WHERE id = :id");
const BY_NAME: &str = select!("WHERE name = :name");
const ALL: &str = select!("ORDER BY id");
const ACTIVE_OF_EVENT: &str = select!("WHERE event = :event AND is_active = 1 LIMIT 2");

words!(
    /// What makes a template's codes come into being.
    Event {
        /// A proven subscription.
        Subscription = "subscription",
        /// A birthday.
        Birthday = "birthday",
        /// Somebody issues it by hand.
        Manual = "manual",
        /// A campaign link.
        Campaign = "campaign",
        /// A reminder.
        Reminder = "reminder",
        /// Somebody stayed away.
        Winback = "winback",
    }
);

/// How soon one customer may have another code of the same template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recurrence {
    /// The same day next month in the shop's zone, clamped to its last day.
    Monthly,
    /// So many times 24 hours later.
    Days(u32),
    /// The same day next year.
    Yearly,
}

impl Recurrence {
    /// Reads the stored JSON.
    #[must_use]
    pub fn from_json(json: &Json) -> Option<Self> {
        match json.get("type")?.as_str()? {
            "monthly" => Some(Self::Monthly),
            "yearly" => Some(Self::Yearly),
            "days" => Some(Self::Days(u32::try_from(json.get("value")?.as_u64()?).ok()?)),
            _ => None,
        }
    }

    /// As people and flags write it: `monthly`, `30d`, `yearly`.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Monthly => "monthly".into(),
            Self::Days(days) => format!("{days}d"),
            Self::Yearly => "yearly".into(),
        }
    }
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct Template {
    pub id: TemplateId,
    pub name: String,
    pub title: String,
    pub value: Value,
    pub duration_days: u32,
    pub event: Event,
    pub usage: Usage,
    pub recurrence: Option<Recurrence>,
    pub reminders: Json,
    pub message_key: Option<String>,
    pub is_active: bool,
}

/// Every template, oldest first. There are never more than a screenful.
///
/// # Errors
/// Storage only.
pub fn list(view: &View<'_>) -> Result<Vec<Template>> {
    Ok(view.list(ALL, [], from_row)?)
}

/// The template with this name, or this id.
///
/// # Errors
/// `TEMPLATE_NOT_FOUND` with the existing names.
pub fn get_by_ref(view: &View<'_>, typed: &str) -> Result<Template> {
    let typed = typed.trim();
    if let Some(template) = view.find(BY_NAME, named_params! { ":name": typed }, from_row)? {
        return Ok(template);
    }
    let by_id = typed.parse().map(TemplateId).ok();
    if let Some(template) = by_id.map(|id| find(view, id)).transpose()?.flatten() {
        return Ok(template);
    }
    let known = list(view)?.into_iter().map(|template| template.name).collect();
    Err(Refusal::TemplateNotFound { name: typed.chars().take(64).collect(), known })?
}

/// The template with this id.
///
/// # Errors
/// Storage only.
pub fn find(view: &View<'_>, id: TemplateId) -> Result<Option<Template>> {
    Ok(view.find(BY_ID, &[(":id", &id)], from_row)?)
}

/// The template of the subscription gift: the one named in settings, if active; else the only active one of the event.
///
/// # Errors
/// `TEMPLATE_INACTIVE` when there is none, or more than one to choose from.
pub fn for_subscription(view: &View<'_>) -> Result<Template> {
    let named = settings::DEFAULT_SUBSCRIPTION_TEMPLATE.value(view)?.as_i64().map(TemplateId);
    let named = named.map(|id| find(view, id)).transpose()?.flatten();
    if let Some(template) = named.filter(|template| template.is_active && template.event == Event::Subscription) {
        return Ok(template);
    }
    let active = view.list(ACTIVE_OF_EVENT, named_params! { ":event": Event::Subscription }, from_row)?;
    match <[Template; 1]>::try_from(active) {
        Ok([template]) => Ok(template),
        Err(_) => Err(Refusal::TemplateInactive(Event::Subscription.as_str().into()))?,
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Template> {
    let json = |text: String| serde_json::from_str::<Json>(&text).unwrap_or(Json::Null);
    let kind: String = row.get(4)?;
    let bad = || rusqlite::Error::InvalidColumnType(4, "value_type".into(), rusqlite::types::Type::Text);
    Ok(Template {
        id: row.get(0)?,
        name: row.get(1)?,
        title: row.get(2)?,
        value: Value::from_columns(row.get(3)?, &kind).ok_or_else(bad)?,
        duration_days: row.get(5)?,
        event: row.get(6)?,
        usage: row.get(7)?,
        recurrence: row.get::<_, Option<String>>(8)?.and_then(|text| Recurrence::from_json(&json(text))),
        reminders: json(row.get(9)?),
        message_key: row.get(10)?,
        is_active: row.get(11)?,
    })
}

//! Templates: what a code is worth, how long it lives, how often a customer gets one, and which text announces it.

use rusqlite::named_params;
use rusqlite::types::FromSqlError;
use serde_json::{Value as Json, json};

use crate::actor::Actor;
use crate::audit;
use crate::db::{Conditions, Slice, Tx, View, columns, from_json};
use crate::discount::model::Usage;
use crate::error::{Refusal, Result};
use crate::ids::{TemplateId, words};
use crate::language::Language;
use crate::money::DiscountValue;
use crate::settings;

columns! {
    select: Template from "discount_templates" {
        id, name, title, value = worth(value, value_type), duration_days, event, usage = usage_type,
        recurrence = recurrence(recurrence), reminders = from_json(reminders), message_key, is_active,
    }
}

const BY_ID: &str = select!("WHERE id = :id");
const BY_NAME: &str = select!("WHERE name = :name");
const ALL: &str = select!("ORDER BY id");
const ROWS: &str = select!();
const TABLE: &str = "FROM discount_templates";
const ACTIVE_OF_EVENT: &str = select!("WHERE event = :event AND is_active = 1 LIMIT 2");

const INSERT: &str = "INSERT INTO discount_templates (name, title, value, value_type, duration_days, event, usage_type,
        recurrence, reminders, message_key, is_active, created_at)
    VALUES (:name, :title, :value, :value_type, :days, :event, :usage, :recurrence, :reminders, :message_key, :active, :now)";
const UPDATE: &str = "UPDATE discount_templates SET title = :title, value = :value, value_type = :value_type,
        duration_days = :days, event = :event, usage_type = :usage, recurrence = :recurrence, reminders = :reminders,
        message_key = :message_key, is_active = :active WHERE id = :id";

const TITLE: &str = "UPDATE discount_templates SET title = :after WHERE name = :name AND title = :before";

/// The names of the templates that a new shop begins with; their titles are in the catalogue, below `seeded.template`.
const SEEDED: [&str; 3] = ["subscription", "birthday", "manual_10"];

words!(
    /// The event for which a template is used.
    Event as TemplateEvent {
        /// A customer proves a subscription.
        Subscription = "subscription",
        /// A customer has a birthday.
        Birthday = "birthday",
        /// An admin issues a code by hand.
        Manual = "manual",
        /// A customer opens a campaign link.
        Campaign = "campaign",
        /// A customer is reminded.
        Reminder = "reminder",
        /// A customer has not come for long.
        Winback = "winback",
    }
);

/// How soon a customer may get another code of the same template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recurrence {
    /// The same day of the next month in the shop's time zone, at most the month's last day.
    Monthly,
    /// This many times 24 hours after the last code.
    Days(u32),
    /// The same day of the next year.
    Yearly,
}

impl Recurrence {
    /// Reads a recurrence from its stored JSON; `None` for JSON of another form.
    #[must_use]
    pub fn from_json(json: &Json) -> Option<Self> {
        match json.get("type")?.as_str()? {
            "monthly" => Some(Self::Monthly),
            "yearly" => Some(Self::Yearly),
            "days" => Some(Self::Days(u32::try_from(json.get("value")?.as_u64()?).ok()?)),
            _ => None,
        }
    }

    /// Reads a recurrence as people enter it: `monthly`, `yearly`, `30d` (1–3650 days); `None` for anything else.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.trim() {
            "monthly" => Some(Self::Monthly),
            "yearly" => Some(Self::Yearly),
            days => days.strip_suffix('d')?.parse().ok().filter(|days| (1..=3650).contains(days)).map(Self::Days),
        }
    }

    /// The recurrence as stored JSON.
    #[must_use]
    pub fn to_json(self) -> Json {
        match self {
            Self::Monthly => json!({ "type": "monthly" }),
            Self::Yearly => json!({ "type": "yearly" }),
            Self::Days(days) => json!({ "type": "days", "value": days }),
        }
    }

    /// The recurrence as command-line flags write it: `monthly`, `30d`, `yearly`.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Monthly => "monthly".into(),
            Self::Days(days) => format!("{days}d"),
            Self::Yearly => "yearly".into(),
        }
    }
}

/// A row of `discount_templates`, from which codes are issued.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct Template {
    pub id: TemplateId,
    pub name: String,
    pub title: String,
    pub value: DiscountValue,
    pub duration_days: u32,
    pub event: Event,
    pub usage: Usage,
    pub recurrence: Option<Recurrence>,
    pub reminders: Json,
    pub message_key: Option<String>,
    pub is_active: bool,
}

/// The editable fields of a template: all but its name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct TemplateDraft {
    pub title: String,
    pub value: DiscountValue,
    pub duration_days: u32,
    pub event: Event,
    pub usage: Usage,
    pub recurrence: Option<Recurrence>,
    pub reminders: Vec<Reminder>,
    pub message_key: Option<String>,
    pub is_active: bool,
}

/// When a reminder of an unused code is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminder {
    /// This many days after the code was issued.
    AfterIssue(u32),
    /// This many days before the code expires.
    BeforeExpiry(u32),
}

impl Reminder {
    /// The offset in days as the table `discount_reminders` stores it: `7` (after issue), `-2` (before the end).
    #[must_use]
    pub fn days(self) -> i64 {
        match self {
            Self::AfterIssue(days) => i64::from(days),
            Self::BeforeExpiry(days) => -i64::from(days),
        }
    }

    /// Reads a reminder's offset: `7` (days after issue) or `-2` (days before the end), at most 3,650 days; `None` for
    /// anything else.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.trim().parse::<i32>().ok()? {
            days @ 1..=3650 => u32::try_from(days).ok().map(Self::AfterIssue),
            days @ -3650..=-1 => Some(Self::BeforeExpiry(days.unsigned_abs())),
            _ => None,
        }
    }

    /// The offset as command-line flags write it: `7`, `-2`.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::AfterIssue(days) => days.to_string(),
            Self::BeforeExpiry(days) => format!("-{days}"),
        }
    }

    fn to_json(self) -> Json {
        match self {
            Self::AfterIssue(days) => json!(days),
            Self::BeforeExpiry(days) => json!({ "before_expiry": days }),
        }
    }

    fn from_json(json: &Json) -> Option<Self> {
        let days = |json: &Json| json.as_u64().and_then(|days| u32::try_from(days).ok());
        days(json).map(Self::AfterIssue).or_else(|| days(json.get("before_expiry")?).map(Self::BeforeExpiry))
    }
}

impl Template {
    /// When customers are reminded of this template's codes.
    #[must_use]
    pub fn reminders(&self) -> Vec<Reminder> {
        let stored = self.reminders.as_array().map(Vec::as_slice).unwrap_or_default();
        stored.iter().filter_map(Reminder::from_json).collect()
    }

    /// The template's editable fields.
    #[must_use]
    pub fn draft(&self) -> TemplateDraft {
        TemplateDraft {
            title: self.title.clone(),
            value: self.value,
            duration_days: self.duration_days,
            event: self.event,
            usage: self.usage,
            recurrence: self.recurrence,
            reminders: self.reminders(),
            message_key: self.message_key.clone(),
            is_active: self.is_active,
        }
    }

    fn facts(&self) -> Json {
        json!({
            "name": self.name, "title": self.title, "value": self.value.hundredths(), "value_type": self.value.kind(),
            "duration_days": self.duration_days, "event": self.event.as_str(), "usage_type": self.usage.as_str(),
            "recurrence": self.recurrence.map(Recurrence::to_json), "reminders": self.reminders,
            "message_key": self.message_key, "is_active": self.is_active,
        })
    }
}

/// Creates a template, audited.
///
/// # Errors
/// `TEMPLATE_NAME_TAKEN`; `VALIDATION_ERROR` naming the field.
pub fn create(tx: &Tx<'_>, name: &str, draft: &TemplateDraft, by: &Actor) -> Result<Template> {
    let name = name.trim();
    let fits = (1..=48).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'));
    if !fits {
        Err(Refusal::Validation { field: "name", value: name.chars().take(48).collect(), rule: "rule.template_name" })?;
    }
    check(draft)?;
    if tx.find(BY_NAME, named_params! { ":name": name }, |_| Ok(()))?.is_some() {
        Err(Refusal::TemplateNameTaken(name.to_owned()))?;
    }
    let id = tx.insert(
        INSERT,
        named_params! {
            ":name": name, ":title": draft.title.trim(), ":value": draft.value.hundredths(),
            ":value_type": draft.value.kind(), ":days": draft.duration_days, ":event": draft.event, ":usage": draft.usage,
            ":recurrence": draft.recurrence.map(|r| r.to_json().to_string()), ":reminders": reminders_json(draft),
            ":message_key": draft.message_key, ":active": draft.is_active, ":now": tx.now(),
        },
    )?;
    let template = get_by_ref(tx, &id.to_string())?;
    record(tx, "create_template", Json::Null, &template, by)?;
    Ok(template)
}

/// Changes a template, audited. Codes issued before keep their value. Writes nothing when nothing changes. Returns the
/// template before and after.
///
/// # Errors
/// `TEMPLATE_NOT_FOUND`; `VALIDATION_ERROR` naming the field.
pub fn edit(tx: &Tx<'_>, id: TemplateId, draft: &TemplateDraft, by: &Actor) -> Result<(Template, Template)> {
    let before = get_by_ref(tx, &id.to_string())?;
    if before.draft() == *draft {
        return Ok((before.clone(), before));
    }
    check(draft)?;
    tx.change(
        UPDATE,
        named_params! {
            ":id": id, ":title": draft.title.trim(), ":value": draft.value.hundredths(),
            ":value_type": draft.value.kind(), ":days": draft.duration_days, ":event": draft.event, ":usage": draft.usage,
            ":recurrence": draft.recurrence.map(|r| r.to_json().to_string()), ":reminders": reminders_json(draft),
            ":message_key": draft.message_key, ":active": draft.is_active,
        },
    )?;
    let after = get_by_ref(tx, &id.to_string())?;
    record(tx, "update_template", before.facts(), &after, by)?;
    Ok((before, after))
}

/// Gives the templates that a shop begins with their titles in `language`, if they still have those of another
/// language. Returns how many titles were changed.
pub fn translate_titles(tx: &Tx<'_>, language: Language) -> Result<usize> {
    let mut changed = 0;
    for name in SEEDED {
        let title = |language: Language| language.text(&format!("seeded.template.{name}"), &[]);
        for before in Language::ALL.into_iter().filter(|other| *other != language).map(title) {
            let params = named_params! { ":name": name, ":before": before, ":after": title(language) };
            changed += tx.change(TITLE, params)?;
        }
    }
    Ok(changed)
}

fn check(draft: &TemplateDraft) -> Result<()> {
    let refuse = |field, value: String, rule| Err(Refusal::Validation { field, value, rule });
    let title = draft.title.trim();
    if title.is_empty() || title.chars().count() > 128 || title.contains(char::is_control) {
        return Ok(refuse("title", title.chars().take(40).collect(), "rule.name")?);
    }
    let worth = match draft.value {
        DiscountValue::Percent(hundredths) => (1..=10_000).contains(&hundredths),
        DiscountValue::Fixed(sum) => (1..=100_000_000).contains(&sum.0),
    };
    if !worth {
        return Ok(refuse("value", draft.value.typed(), "rule.value")?);
    }
    if !(1..=3650).contains(&draft.duration_days) {
        return Ok(refuse("days", draft.duration_days.to_string(), "rule.days")?);
    }
    match &draft.message_key {
        Some(key) if !crate::texts::exists(key) => Ok(refuse("message", key.clone(), "rule.message_key")?),
        _ => Ok(()),
    }
}

fn reminders_json(draft: &TemplateDraft) -> String {
    Json::Array(draft.reminders.iter().map(|reminder| reminder.to_json()).collect()).to_string()
}

fn record(tx: &Tx<'_>, action: &'static str, before: Json, after: &Template, by: &Actor) -> Result<()> {
    let (entity_id, facts) = (after.id.to_string(), after.facts());
    audit::record(tx, &audit::Entry { actor: by, action, entity: "template", entity_id, before, after: facts })
}

/// Every template, oldest first. A shop has few templates, so this list has no pages.
pub fn list(view: &View<'_>) -> Result<Vec<Template>> {
    Ok(view.list(ALL, [], Template::from_row)?)
}

/// Which templates a list shows; a field that is `None` does not restrict it.
#[derive(Debug, Clone, Copy, Default)]
pub struct TemplateFilter {
    /// Templates for this event.
    pub event: Option<Event>,
    /// Templates that are active (true) or inactive (false).
    pub is_active: Option<bool>,
}

/// One page of the templates that match, oldest first, and the number of all matching templates.
pub fn page(view: &View<'_>, filter: &TemplateFilter, slice: Slice) -> Result<(Vec<Template>, i64)> {
    let fitting = Conditions::new("id > :none", ":none", &0)
        .and("event = :event", ":event", filter.event.as_ref())
        .and("is_active = :active", ":active", filter.is_active.as_ref());
    Ok(fitting.page(view, (ROWS, TABLE, "ORDER BY id"), slice, Template::from_row)?)
}

/// The template with this name or this row id; a name is tried first.
///
/// # Errors
/// `TEMPLATE_NOT_FOUND` with the existing names.
pub fn get_by_ref(view: &View<'_>, typed: &str) -> Result<Template> {
    let typed = typed.trim();
    if let Some(template) = view.find(BY_NAME, named_params! { ":name": typed }, Template::from_row)? {
        return Ok(template);
    }
    let by_id = typed.parse().map(TemplateId).ok();
    if let Some(template) = by_id.map(|id| find(view, id)).transpose()?.flatten() {
        return Ok(template);
    }
    let known = list(view)?.into_iter().map(|template| template.name).collect();
    Err(Refusal::TemplateNotFound { name: typed.chars().take(64).collect(), known })?
}

/// The template with this row id.
pub fn find(view: &View<'_>, id: TemplateId) -> Result<Option<Template>> {
    Ok(view.find(BY_ID, &[(":id", &id)], Template::from_row)?)
}

/// The template of the subscription gift: the one that the setting names, if it is active and for subscriptions;
/// otherwise the only active template for subscriptions.
///
/// # Errors
/// `TEMPLATE_INACTIVE` when no template is active, or several are and the setting names none of them.
pub fn for_subscription(view: &View<'_>) -> Result<Template> {
    for_event(view, Event::Subscription, &settings::DEFAULT_SUBSCRIPTION_TEMPLATE)
}

/// The template of the birthday gift, chosen like that of [`for_subscription`].
///
/// # Errors
/// Those of [`for_subscription`].
pub fn for_birthday(view: &View<'_>) -> Result<Template> {
    for_event(view, Event::Birthday, &settings::DEFAULT_BIRTHDAY_TEMPLATE)
}

fn for_event(view: &View<'_>, event: Event, setting: &settings::Setting) -> Result<Template> {
    let named = setting.value(view)?.as_i64().map(TemplateId);
    let named = named.map(|id| find(view, id)).transpose()?.flatten();
    if let Some(template) = named.filter(|template| template.is_active && template.event == event) {
        return Ok(template);
    }
    let active = view.list(ACTIVE_OF_EVENT, named_params! { ":event": event }, Template::from_row)?;
    match <[Template; 1]>::try_from(active) {
        Ok([template]) => Ok(template),
        Err(_) => Err(Refusal::TemplateInactive(event.as_str().into()))?,
    }
}

/// The worth of a code, from the columns `value` and `value_type`.
pub(super) fn worth(value: i64, kind: String) -> rusqlite::Result<DiscountValue> {
    DiscountValue::from_columns(value, &kind).ok_or_else(|| FromSqlError::Other(kind.into()).into())
}

fn recurrence(stored: Option<String>) -> rusqlite::Result<Option<Recurrence>> {
    Ok(Recurrence::from_json(&from_json::<Json>(stored)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_for_a_template_names_an_event_that_exists() {
        let events = settings::ALL.iter().filter_map(|setting| match setting.rule {
            settings::Rule::Template(event) => Some(event),
            _ => None,
        });
        assert_eq!(events.map(Event::parse).collect::<Vec<_>>(), [Some(Event::Subscription), Some(Event::Birthday)]);
    }
}

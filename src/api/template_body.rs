//! A template of codes as JSON, with its recurrence and reminders.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::discount::model::Usage;
use crate::discount::template::{Event, Recurrence, Reminder, Template};
use crate::money::{DiscountValue, Kopecks};

/// The longest lifetime of a code, in days.
pub(super) const MOST_DAYS: i64 = 3650;

/// Whether a code's value is a percentage or an amount.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum ValueType {
    Percent,
    Fixed,
}

/// When a customer may get the next code of the template.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", try_from = "Map<String, Json>")]
pub(super) enum RecurrenceBody {
    Monthly {},
    Days { value: u32 },
    Yearly {},
}

/// Parsed by hand: a derived parser would also accept a list and ignore unknown fields.
impl TryFrom<Map<String, Json>> for RecurrenceBody {
    type Error = String;

    fn try_from(body: Map<String, Json>) -> Result<Self, String> {
        if let Some(other) = body.keys().find(|key| !matches!(key.as_str(), "type" | "value")) {
            return Err(format!("unknown field `{other}`"));
        }
        match (body.get("type").map(Json::as_str), body.get("value")) {
            (Some(Some("monthly")), None) => Ok(Self::Monthly {}),
            (Some(Some("yearly")), None) => Ok(Self::Yearly {}),
            (Some(Some("days")), Some(days)) => whole(days).map(|value| Self::Days { value }),
            (Some(Some("days")), None) => Err("missing field `value`".into()),
            (Some(Some("monthly" | "yearly")), Some(_)) => Err("unknown field `value`".into()),
            (None, _) => Err("missing field `type`".into()),
            _ => Err("the type is monthly, days or yearly".into()),
        }
    }
}

fn whole(days: &Json) -> Result<u32, String> {
    let whole = days.as_u64().and_then(|days| u32::try_from(days).ok());
    whole.ok_or_else(|| format!("a whole number is needed, 1–{MOST_DAYS}"))
}

impl From<RecurrenceBody> for Recurrence {
    fn from(body: RecurrenceBody) -> Self {
        match body {
            RecurrenceBody::Monthly {} => Self::Monthly,
            RecurrenceBody::Days { value } => Self::Days(value),
            RecurrenceBody::Yearly {} => Self::Yearly,
        }
    }
}

impl From<Recurrence> for RecurrenceBody {
    fn from(recurrence: Recurrence) -> Self {
        match recurrence {
            Recurrence::Monthly => Self::Monthly {},
            Recurrence::Days(value) => Self::Days { value },
            Recurrence::Yearly => Self::Yearly {},
        }
    }
}

/// A reminder this many days before the code expires.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, try_from = "Map<String, Json>")]
pub(super) struct BeforeExpiry {
    #[cfg_attr(test, schema(minimum = 1, maximum = 3650, example = 2))]
    before_expiry: u32,
}

impl TryFrom<Map<String, Json>> for BeforeExpiry {
    type Error = String;

    fn try_from(body: Map<String, Json>) -> Result<Self, String> {
        match (body.get("before_expiry"), body.len()) {
            (Some(days), 1) => whole(days).map(|before_expiry| Self { before_expiry }),
            _ => Err("before_expiry alone is needed".into()),
        }
    }
}

/// A reminder this many days after the code was issued.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct AfterIssue(u32);

/// When a reminder of an unused code is sent: days after the issue, or days before the code expires.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(untagged)]
pub(super) enum ReminderBody {
    AfterIssue(AfterIssue),
    BeforeExpiry(BeforeExpiry),
}

impl From<ReminderBody> for Reminder {
    fn from(body: ReminderBody) -> Self {
        match body {
            ReminderBody::AfterIssue(AfterIssue(days)) => Self::AfterIssue(days),
            ReminderBody::BeforeExpiry(BeforeExpiry { before_expiry }) => Self::BeforeExpiry(before_expiry),
        }
    }
}

impl From<Reminder> for ReminderBody {
    fn from(reminder: Reminder) -> Self {
        match reminder {
            Reminder::AfterIssue(days) => Self::AfterIssue(AfterIssue(days)),
            Reminder::BeforeExpiry(before_expiry) => Self::BeforeExpiry(BeforeExpiry { before_expiry }),
        }
    }
}

/// A template of codes.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct TemplateBody {
    id: i64,
    name: String,
    title: String,
    /// The value of a code: hundredths of a percent for `percent`, kopecks for `fixed`.
    value: i64,
    #[cfg_attr(test, schema(value_type = ValueType))]
    value_type: &'static str,
    duration_days: u32,
    event: Event,
    usage_type: Usage,
    /// The time after which a customer may get the next code. Null: no limit; for subscription and birthday, once ever.
    recurrence: Option<RecurrenceBody>,
    reminders: Vec<ReminderBody>,
    /// The key of the text that is sent with the code.
    message_key: Option<String>,
    is_active: bool,
}

impl From<Template> for TemplateBody {
    fn from(template: Template) -> Self {
        let reminders = template.reminders().into_iter().map(ReminderBody::from).collect();
        Self {
            id: template.id.0,
            name: template.name,
            title: template.title,
            value: template.value.hundredths(),
            value_type: template.value.kind(),
            duration_days: template.duration_days,
            event: template.event,
            usage_type: template.usage,
            recurrence: template.recurrence.map(RecurrenceBody::from),
            reminders,
            message_key: template.message_key,
            is_active: template.is_active,
        }
    }
}

/// The value of a code as a use-case takes it.
pub(super) const fn worth(value: i64, kind: ValueType) -> DiscountValue {
    match kind {
        ValueType::Percent => DiscountValue::Percent(value),
        ValueType::Fixed => DiscountValue::Fixed(Kopecks(value)),
    }
}

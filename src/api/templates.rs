//! `/discount-templates`: the templates from which codes are made. A template is never deleted, because codes refer to
//! it: DELETE deactivates it. Issued codes keep their values.

use axum::response::Response;
use serde::Deserialize;

use super::http::extract::{Body, Id, Listing, given, key, line, ranged};
use super::http::problem::{Problem, renamed};
use super::http::request::{Authorized, PostReply};
#[cfg(test)]
use super::openapi::schemas;
use super::template_body::{MOST_DAYS, RecurrenceBody, ReminderBody, TemplateBody, ValueType, worth};
use crate::access::Caller;
use crate::db::{Tx, View};
use crate::discount::model::Usage;
use crate::discount::template::{self, Event, Recurrence, Reminder, Template, TemplateDraft};
use crate::error::{Refusal, Result as ShopResult};
use crate::ids::TemplateId;
use crate::money::DiscountValue;
use crate::texts;

const MOST_VALUE: i64 = 100_000_000;
const MOST_REMINDERS: usize = 20;
/// Pairs of use-case name and API name: the use-case names the fields as the command's flags.
const NAMES: &[(&str, &str)] = &[("days", "duration_days"), ("message", "message_key")];

/// The filters of the list of templates.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct TemplateFilter {
    /// Only templates for this event.
    #[cfg_attr(test, param(inline))]
    event: Option<Event>,
    /// Only active or only inactive templates; all if absent.
    is_active: Option<bool>,
}

/// List templates, oldest first
///
/// The same for the real and the test bots: `is_test` changes nothing here.
#[cfg_attr(test, utoipa::path(get, path = "/discount-templates", tag = "discount_templates", params(schemas::PageParams, TemplateFilter),
    responses((status = 200, description = "One page", body = schemas::Page<TemplateBody>))))]
pub(super) async fn list(ask: Authorized, listing: Listing<TemplateFilter>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let TemplateFilter { event, is_active } = listing.filter;
        let filter = template::TemplateFilter { event, is_active };
        let (found, total) = template::page(view, &filter, listing.slice)?;
        Ok(listing.page_of(found.into_iter().map(TemplateBody::from).collect(), total))
    })
    .await
}

/// Show a template
#[cfg_attr(test, utoipa::path(get, path = "/discount-templates/{id}", tag = "discount_templates",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1)),
    responses((status = 200, description = "The template", body = TemplateBody))))]
pub(super) async fn one(ask: Authorized, id: Id) -> Result<Response, Problem> {
    ask.read(move |view, _| found(view, id.0).map(TemplateBody::from)).await
}

fn found(view: &View<'_>, id: i64) -> ShopResult<Template> {
    let missing = || Refusal::TemplateNotFound { name: id.to_string(), known: Vec::new() };
    Ok(template::find(view, TemplateId(id))?.ok_or_else(missing)?)
}

/// A new template of codes.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateCreate {
    /// The template's name for commands and scripts. It cannot be changed later.
    #[cfg_attr(test, schema(min_length = 1, max_length = 48, pattern = "^[a-z0-9_-]+$", example = "autumn_15"))]
    name: String,
    /// The template's title, which customers see.
    #[cfg_attr(test, schema(format = "line", max_length = 128, example = "Autumn 15 %"))]
    title: String,
    /// The value of a code: hundredths of a percent (at most 10,000), or kopecks.
    #[cfg_attr(test, schema(minimum = 1, maximum = 100_000_000, example = 1500))]
    value: i64,
    value_type: ValueType,
    /// The lifetime of a code in days; 7 if absent.
    #[serde(default = "week")]
    #[cfg_attr(test, schema(minimum = 1, maximum = 3650, default = 7))]
    duration_days: u32,
    event: Event,
    /// Whether a code can be redeemed once or many times; `single` if absent.
    #[serde(default)]
    usage_type: Option<Usage>,
    /// No reminders if absent.
    #[serde(default)]
    recurrence: Option<RecurrenceBody>,
    /// No reminders if absent.
    #[serde(default)]
    #[cfg_attr(test, schema(max_items = 20, example = json!([7, {"before_expiry": 2}])))]
    reminders: Vec<ReminderBody>,
    /// The key of the text that is sent with a code; the text of the event if absent.
    #[serde(default)]
    #[cfg_attr(test, schema(max_length = 64, example = "discount_issued"))]
    message_key: Option<String>,
    /// Whether codes of the template can be issued from the start.
    #[serde(default = "yes")]
    #[cfg_attr(test, schema(default = true))]
    is_active: bool,
}

const fn week() -> u32 {
    7
}

const fn yes() -> bool {
    true
}

/// Create a template
#[cfg_attr(test, utoipa::path(post, path = "/discount-templates", tag = "discount_templates", request_body = TemplateCreate,
    responses((status = 201, description = "Created", body = TemplateBody))))]
pub(super) async fn create(ask: Authorized, body: Body<TemplateCreate>) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    key("name", &wanted.name, 48, "_-")?;
    let (name, draft) = (wanted.name.clone(), draft_of(wanted));
    checked(&draft)?;
    ask.post(hash, move |tx, caller| {
        said_by(tx, &draft)?;
        let made = template::create(tx, &name, &draft, caller.manager()?.actor());
        Ok(PostReply::Created(TemplateBody::from(made.map_err(|error| renamed(error, NAMES))?)))
    })
    .await
}

fn draft_of(wanted: TemplateCreate) -> TemplateDraft {
    TemplateDraft {
        title: wanted.title,
        value: worth(wanted.value, wanted.value_type),
        duration_days: wanted.duration_days,
        event: wanted.event,
        usage: wanted.usage_type.unwrap_or(Usage::Single),
        recurrence: wanted.recurrence.map(Recurrence::from),
        reminders: wanted.reminders.into_iter().map(Reminder::from).collect(),
        message_key: wanted.message_key,
        is_active: wanted.is_active,
    }
}

/// Checks that the text that the template names exists.
fn said_by(view: &View<'_>, draft: &TemplateDraft) -> ShopResult<()> {
    draft.message_key.as_deref().map_or(Ok(()), |key| texts::get(view, key).map(drop))
}

/// Checks a template's fields as the OpenAPI document states.
fn checked(draft: &TemplateDraft) -> Result<(), Problem> {
    line("title", &draft.title, 128)?;
    ranged("value", draft.value.hundredths(), 1..=MOST_VALUE)?;
    ranged("duration_days", draft.duration_days.into(), 1..=MOST_DAYS)?;
    if let Some(Recurrence::Days(days)) = draft.recurrence {
        ranged("recurrence.value", days.into(), 1..=MOST_DAYS)?;
    }
    if draft.reminders.len() > MOST_REMINDERS {
        return Err(Problem::field("reminders", format!("at most {MOST_REMINDERS}")));
    }
    for (at, reminder) in draft.reminders.iter().enumerate() {
        ranged(&format!("reminders[{at}]"), reminder.days().abs(), 1..=MOST_DAYS)?;
    }
    let long = draft.message_key.as_ref().is_some_and(|key| key.chars().count() > 64);
    if long { Err(Problem::field("message_key", "at most 64 characters")) } else { Ok(()) }
}

/// The fields of a template to change; an absent field keeps its value, null clears it.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateEdit {
    #[serde(default)]
    #[cfg_attr(test, schema(format = "line", max_length = 128))]
    title: Option<String>,
    /// The value of a code: hundredths of a percent (at most 10,000), or kopecks.
    #[serde(default)]
    #[cfg_attr(test, schema(minimum = 1, maximum = 100_000_000))]
    value: Option<i64>,
    #[serde(default)]
    value_type: Option<ValueType>,
    #[serde(default)]
    #[cfg_attr(test, schema(minimum = 1, maximum = 3650))]
    duration_days: Option<u32>,
    #[serde(default)]
    event: Option<Event>,
    #[serde(default)]
    usage_type: Option<Usage>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schema(value_type = Option<RecurrenceBody>))]
    recurrence: Option<Option<RecurrenceBody>>,
    #[serde(default)]
    #[cfg_attr(test, schema(max_items = 20))]
    reminders: Option<Vec<ReminderBody>>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schema(value_type = Option<String>, max_length = 64))]
    message_key: Option<Option<String>>,
    #[serde(default)]
    is_active: Option<bool>,
}

impl TemplateEdit {
    fn over(self, was: TemplateDraft) -> TemplateDraft {
        let kind = if was.value.kind() == "percent" { ValueType::Percent } else { ValueType::Fixed };
        let value = self.value.unwrap_or_else(|| was.value.hundredths());
        let reminders = self.reminders.map(|all| all.into_iter().map(Reminder::from).collect());
        TemplateDraft {
            title: self.title.unwrap_or(was.title),
            value: worth(value, self.value_type.unwrap_or(kind)),
            duration_days: self.duration_days.unwrap_or(was.duration_days),
            event: self.event.unwrap_or(was.event),
            usage: self.usage_type.unwrap_or(was.usage),
            recurrence: self.recurrence.map_or(was.recurrence, |when| when.map(Recurrence::from)),
            reminders: reminders.unwrap_or(was.reminders),
            message_key: self.message_key.unwrap_or(was.message_key),
            is_active: self.is_active.unwrap_or(was.is_active),
        }
    }
}

/// Change a template
///
/// Codes that were issued keep their value.
#[cfg_attr(test, utoipa::path(patch, path = "/discount-templates/{id}", tag = "discount_templates", request_body = TemplateEdit,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1)),
    responses((status = 200, description = "Template changed", body = TemplateBody))))]
pub(super) async fn edit(ask: Authorized, id: Id, body: Body<TemplateEdit>) -> Result<Response, Problem> {
    checked(&body.value.shape())?;
    ask.write(move |tx, caller| changed(tx, id.0, caller, move |was| body.value.over(was))).await
}

impl TemplateEdit {
    /// A valid template with the given fields, so that each field is checked independently of the stored template.
    fn shape(&self) -> TemplateDraft {
        let sound = TemplateDraft {
            title: "-".into(),
            value: DiscountValue::Percent(1),
            duration_days: 1,
            event: Event::Manual,
            usage: Usage::Single,
            recurrence: None,
            reminders: Vec::new(),
            message_key: None,
            is_active: true,
        };
        self.clone().over(sound)
    }
}

/// Deactivate a template
///
/// No more codes of the template are issued; issued codes stay valid.
#[cfg_attr(test, utoipa::path(delete, path = "/discount-templates/{id}", tag = "discount_templates",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1)),
    responses((status = 200, description = "Template deactivated", body = TemplateBody))))]
pub(super) async fn disable(ask: Authorized, id: Id) -> Result<Response, Problem> {
    ask.write(move |tx, caller| changed(tx, id.0, caller, |was| TemplateDraft { is_active: false, ..was })).await
}

fn changed(
    tx: &Tx<'_>,
    id: i64,
    caller: &Caller,
    wanted: impl FnOnce(TemplateDraft) -> TemplateDraft,
) -> ShopResult<TemplateBody> {
    let (by, was) = (caller.manager()?, found(tx, id)?);
    let draft = wanted(was.draft());
    said_by(tx, &draft)?;
    let (_, after) = template::edit(tx, was.id, &draft, by.actor()).map_err(|error| renamed(error, NAMES))?;
    Ok(after.into())
}

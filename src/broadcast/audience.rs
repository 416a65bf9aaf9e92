//! The audience of a broadcast: who would get it now, how many customers these are, and how many of them the bot may
//! write to. `freeze` enters the audience into the ledger of recipients when the broadcast starts.

use rusqlite::named_params;
use serde_json::{Value, json};

use super::content;
use super::model::{Audience, Broadcast, Draft};
use crate::db::{View, columns};
use crate::error::{Refusal, Result};
use crate::ids::UserId;
use crate::realm::Realm;
use crate::segment::{self, Filter, Reach};

/// The most customers that an audience may list one by one.
pub const MOST_PEOPLE: usize = 5_000;
columns! {
    select_reach: Reach from "users" {
        total = "count(*)", reachable = "coalesce(sum(bot_blocked_at IS NULL AND muted_at IS NULL), 0)",
        muted = "coalesce(sum(bot_blocked_at IS NULL AND muted_at IS NOT NULL), 0)",
        bot_blocked = "coalesce(sum(bot_blocked_at IS NOT NULL), 0)",
        test = "(SELECT count(*) FROM users
            WHERE id IN (SELECT value FROM json_each(:ids)) AND is_test <> :realm AND telegram_id > 0)",
    }
}
const REACH_OF_PEOPLE: &str = select_reach!(
    "WHERE id IN (SELECT value FROM json_each(:ids)) AND is_test = :realm AND telegram_id > 0 AND status = 'active'"
);
const PEOPLE: &str = "SELECT id FROM users WHERE id IN (SELECT value FROM json_each(:ids)) AND is_test = :realm
    AND telegram_id > 0 AND status = 'active' ORDER BY id";
const NOBODY: &str = "SELECT value FROM json_each(:ids)
    WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = value AND telegram_id > 0) LIMIT 1";

/// How many customers of the audience would get the broadcast now, and how many are left out and why.
///
/// # Errors
/// `SEGMENT_NOT_FOUND` when the segment was deleted.
pub fn reach(view: &View<'_>, realm: Realm, audience: &Audience) -> Result<Reach> {
    match audience {
        Audience::Fitting(filter) => segment::reach(view, realm, filter),
        Audience::Segment(id) => segment::reach(view, realm, &segment::get_by_id(view, *id)?.filter),
        Audience::People(people) => {
            let ids = json!(people).to_string();
            Ok(view.get(REACH_OF_PEOPLE, named_params! { ":ids": ids, ":realm": realm }, Reach::from_row)?)
        }
    }
}

/// The customers who belong to the audience now, by ascending id. Customers whom the bot may not write to are included.
///
/// # Errors
/// `SEGMENT_NOT_FOUND` when the segment was deleted.
pub(super) fn members(view: &View<'_>, realm: Realm, audience: &Audience) -> Result<Vec<UserId>> {
    match audience {
        Audience::Fitting(filter) => segment::members(view, realm, filter),
        Audience::Segment(id) => segment::members(view, realm, &segment::get_by_id(view, *id)?.filter),
        Audience::People(people) => {
            let params = named_params! { ":ids": json!(people).to_string(), ":realm": realm };
            Ok(view.list(PEOPLE, params, |row| row.get(0))?)
        }
    }
}

/// The hash to which a confirmation is bound: of the whole message and the definition of the audience. A segment is
/// hashed as its filter, so that an edit of the segment requires a new confirmation.
///
/// # Errors
/// `SEGMENT_NOT_FOUND`.
pub fn hash(view: &View<'_>, draft: &Draft) -> Result<String> {
    let audience = match &draft.audience {
        Audience::People(people) => json!({ "people": people }),
        Audience::Segment(id) => json!({ "filter": segment::get_by_id(view, *id)?.filter.to_json() }),
        Audience::Fitting(filter) => json!({ "filter": filter.to_json() }),
    };
    let message = &draft.message;
    let media = match &message.media {
        super::model::Media::None => Value::Null,
        super::model::Media::FileId(kind, name) | super::model::Media::Local(kind, name) => {
            json!([kind.as_str(), name])
        }
    };
    let template = message.template.map(|id| worth(view, id)).transpose()?;
    let said = json!([message.body, media, message.buttons, template, draft.realm.is_test(), audience]);
    Ok(crate::secret::sha256(said.to_string()))
}

/// What a code of this template is worth, as a part of the hash: when the worth changes, the broadcast needs a new
/// confirmation.
fn worth(view: &View<'_>, id: crate::ids::TemplateId) -> Result<Value> {
    let template = crate::discount::template::find(view, id)?;
    Ok(template.map_or(json!(id), |of| {
        json!([id, of.value.kind(), of.value.hundredths(), of.duration_days, of.usage.as_str()])
    }))
}

/// Checks a whole draft: title, message and audience.
///
/// # Errors
/// `VALIDATION_ERROR` for the title, those of [`content::check`], `BROADCAST_TOO_LARGE`, `SEGMENT_NOT_FOUND`,
/// `TEMPLATE_NOT_FOUND`.
pub(super) fn check(view: &View<'_>, draft: &Draft) -> Result<()> {
    let title = draft.title.trim();
    if title.is_empty() || title.chars().count() > 128 || title.contains(char::is_control) {
        let value = title.chars().take(40).collect();
        Err(Refusal::Validation { field: "title", value, rule: "broadcast.rule.title" })?;
    }
    if let Some(id) = draft.message.template {
        check_template(view, id)?;
    }
    content::check(&draft.message)?;
    match &draft.audience {
        Audience::Segment(id) => check_realm(&segment::get_by_id(view, *id)?.filter, draft.realm),
        Audience::Fitting(filter) => check_realm(filter, draft.realm),
        Audience::People(people) if people.len() > MOST_PEOPLE => {
            Err(Refusal::BroadcastTooLarge { field: "target_user_ids", most: MOST_PEOPLE })?
        }
        Audience::People(_) => Ok(()),
    }
}

/// Checks that the customers whom an audience lists exist; an audience by filter or segment passes.
///
/// # Errors
/// `BROADCAST_TOO_LARGE`; `USER_NOT_FOUND` naming one customer who does not exist.
pub fn check_people(view: &View<'_>, audience: &Audience) -> Result<()> {
    let Audience::People(people) = audience else { return Ok(()) };
    if people.len() > MOST_PEOPLE {
        Err(Refusal::BroadcastTooLarge { field: "target_user_ids", most: MOST_PEOPLE })?;
    }
    let nobody: Option<UserId> = view.find(NOBODY, &[(":ids", &json!(people).to_string())], |row| row.get(0))?;
    match nobody {
        Some(id) => Err(Refusal::UserNotFound(id.to_string()))?,
        None => Ok(()),
    }
}

/// Refuses a filter that names the other realm: only the bots of their own realm write to customers.
fn check_realm(filter: &Filter, realm: Realm) -> Result<()> {
    if filter.realm(realm) == realm {
        return Ok(());
    }
    let (path, rule) = ("is_test".to_owned(), "rule.filter_world");
    Err(Refusal::SegmentInvalid { path, rule, range: String::new(), known: Vec::new() })?
}

fn check_template(view: &View<'_>, id: crate::ids::TemplateId) -> Result<()> {
    let missing = || Refusal::TemplateNotFound { name: id.to_string(), known: Vec::new() };
    let template = crate::discount::template::find(view, id)?.ok_or_else(missing)?;
    if template.is_active { Ok(()) } else { Err(Refusal::TemplateInactive(template.name))? }
}

/// Whether `recipients` exceed the number that was confirmed for the broadcast by more than 5 % plus 10.
pub(super) fn exceeds(broadcast: &Broadcast, recipients: i64) -> bool {
    outgrows(broadcast.confirmed.as_ref().map_or(0, |confirmed| confirmed.count), recipients)
}

/// Whether `recipients` exceed `agreed` by more than 5 % plus 10.
pub(super) const fn outgrows(agreed: i64, recipients: i64) -> bool {
    recipients.saturating_mul(100) > agreed.saturating_mul(105).saturating_add(1000)
}

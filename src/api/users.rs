//! `/users`: the list of customers, one customer with all details, and changes. Phones are shown only to callers who
//! may use them; the role readonly sees that a change was made, not its content.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::discount_body::{Attempt, DiscountBody};
use super::http::extract::{Body, Day, Id, Listing, Query, RealmParam, given, present};
use super::http::problem::{Problem, renamed};
use super::http::request::Authorized;
#[cfg(test)]
use super::openapi::schemas;
use super::search_cache::SearchCache;
use super::user_filter::{UserFilter, checked};
use crate::access::Caller;
use crate::audit;
use crate::campaign;
use crate::db::{Slice, Tx, View};
use crate::discount;
use crate::error::{Refusal, Result as ShopResult};
use crate::ids::UserId;
use crate::realm::Realm;
use crate::user::{self, Country, Edit, Gender, Phone, Tag, User, UserStatus};

/// How many codes are shown for one customer. The lists of codes have all of them.
const CODES: u32 = 100;
/// How many changes are shown for one customer.
const CHANGES: Slice = Slice { limit: 50, offset: 0 };

/// A customer.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct UserBody {
    id: i64,
    telegram_id: i64,
    username: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    /// The customer's phone; absent for callers who may not see phones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<String>, nullable, example = "+79141234567"))]
    phone: Option<Option<String>>,
    gender: Gender,
    #[cfg_attr(test, schema(format = Date))]
    birthday: Option<String>,
    is_subscribed: bool,
    #[cfg_attr(test, schema(format = DateTime))]
    subscription_checked_at: Option<String>,
    source: String,
    /// The customer's tags; `blocked_bot` is among them when the customer has blocked the bot.
    tags: Vec<String>,
    status: UserStatus,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    #[cfg_attr(test, schema(format = DateTime))]
    last_activity_at: String,
    is_test: bool,
}

impl UserBody {
    fn of(view: &View<'_>, user: User, caller: &Caller) -> ShopResult<Self> {
        let mut tags = user::tags(view, user.id)?;
        tags.extend(user.bot_blocked_at.map(|_| "blocked_bot".to_owned()));
        Ok(Self {
            id: user.id.0,
            telegram_id: user.telegram_id.0,
            username: user.username,
            first_name: user.first_name,
            last_name: user.last_name,
            phone: caller.sees_phones().then_some(user.phone),
            gender: user.gender,
            birthday: user.birthday.map(|day| day.to_string()),
            is_subscribed: user.is_subscribed,
            subscription_checked_at: user.subscription_checked_at.map(|at| at.to_string()),
            source: user.source,
            tags,
            status: user.status,
            created_at: user.created_at.to_string(),
            last_activity_at: user.last_activity_at.to_string(),
            is_test: user.realm.is_test(),
        })
    }
}

/// List customers
#[cfg_attr(test, utoipa::path(get, path = "/users", tag = "users", params(schemas::PageParams, UserFilter),
    responses((status = 200, description = "One page", body = schemas::Page<UserBody>))))]
pub(super) async fn list(
    ask: Authorized,
    State(searches): State<Arc<SearchCache>>,
    listing: Listing<UserFilter>,
) -> Result<Response, Problem> {
    checked(&listing.filter)?;
    let db = ask.db().clone();
    ask.read(move |view, caller| {
        let sought = listing.filter.sought(listing.realm, caller);
        let found = searches.find(&sought, db.data_version()?, || sought.find(view))?;
        let users = user::page(view, listing.realm, &found, listing.filter.cut(listing.slice))?;
        let items = users.into_iter().map(|user| UserBody::of(view, user, caller)).collect::<ShopResult<Vec<_>>>()?;
        Ok(listing.page_of(items, found.total()))
    })
    .await
}

/// A change of a customer's data.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct ChangeBody {
    #[cfg_attr(test, schema(format = DateTime))]
    at: String,
    /// The actor of the change; absent for the role readonly.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    action: String,
    /// The data before the change; absent for the role readonly.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<Object>))]
    before: Option<Value>,
    /// The data after the change; absent for the role readonly.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<Object>))]
    after: Option<Value>,
}

/// A campaign that brought the customer.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct CameBy {
    id: i64,
    source_key: String,
    name: String,
}

/// A customer with codes, attempts, campaigns and changes.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct UserWhole {
    #[serde(flatten)]
    user: UserBody,
    /// The customer's newest active codes (at most 100); among these, the first to expire first.
    active_discounts: Vec<DiscountBody>,
    /// The number of the customer's active codes.
    #[cfg_attr(test, schema(minimum = 0))]
    active_discounts_total: i64,
    /// The customer's codes in any state, newest first (at most 100).
    discount_history: Vec<DiscountBody>,
    /// The number of the customer's codes in any state.
    #[cfg_attr(test, schema(minimum = 0))]
    discount_history_total: i64,
    /// The last ten attempts at the customer's codes.
    usage: Vec<Attempt>,
    campaigns: Vec<CameBy>,
    /// Changes of the customer, newest first (at most 50).
    changes: Vec<ChangeBody>,
}

/// Show a customer with all details
#[cfg_attr(test, utoipa::path(get, path = "/users/{id}", tag = "users",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "The customer", body = UserWhole))))]
pub(super) async fn one(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    ask.read(move |view, caller| whole(view, found(view, world.realm(), id.0)?, caller)).await
}

/// The customer with this row id; an erased one, or one of the other realm, counts as not found.
pub(super) fn found(view: &View<'_>, realm: Realm, id: i64) -> ShopResult<User> {
    let user = user::get(view, UserId(id))?;
    let is_here = user.realm == realm && user.telegram_id.0 > 0;
    Ok(if is_here { user } else { Err(Refusal::UserNotFound(id.to_string()))? })
}

fn whole(view: &View<'_>, user: User, caller: &Caller) -> ShopResult<UserWhole> {
    let (id, campaign) = (user.id, user.campaign);
    let of_user = discount::CodeFilter { user: Some(id), ..discount::CodeFilter::default() };
    let newest = Slice { limit: CODES, offset: 0 };
    let (history, history_total) = discount::list(view, user.realm, &of_user, newest)?;
    let campaign = campaign.map(|id| campaign::get_by_ref(view, &id.to_string())).transpose()?;
    let came = |by: campaign::Campaign| CameBy { id: by.id.0, source_key: by.key.as_str().to_owned(), name: by.name };
    Ok(UserWhole {
        user: UserBody::of(view, user, caller)?,
        active_discounts: DiscountBody::all(view, &discount::list_newest_live(view, id, CODES)?)?,
        active_discounts_total: discount::count_live_of_user(view, id)?,
        discount_history: DiscountBody::all(view, &history)?,
        discount_history_total: history_total,
        usage: discount::list_attempts_of_user(view, id)?.into_iter().map(Attempt::from).collect(),
        campaigns: campaign.into_iter().map(came).collect(),
        changes: changes(view, id, caller)?,
    })
}

fn changes(view: &View<'_>, id: UserId, caller: &Caller) -> ShopResult<Vec<ChangeBody>> {
    let of_user = audit::AuditFilter {
        entity: Some("user".into()),
        entity_id: Some(id.to_string()),
        ..audit::AuditFilter::default()
    };
    let (found, _) = audit::list(view, &of_user, CHANGES)?;
    let sees = caller.sees_changes();
    let wire = |row: audit::Recorded| ChangeBody {
        at: row.at.to_string(),
        actor: sees.then_some(row.actor),
        action: row.action,
        before: sees.then_some(row.before),
        after: sees.then_some(row.after),
    };
    Ok(found.into_iter().map(wire).collect())
}

/// The fields of a customer to change; an absent field keeps its value, null clears a phone or a birthday.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct UserEdit {
    /// A valid phone number, as it is written in the shop's country. It is stored in E.164; an extension is dropped.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schema(value_type = Option<String>, nullable, max_length = 32, example = "8 914 123-45-67"))]
    phone: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schema(value_type = Gender))]
    gender: Option<Gender>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schema(value_type = Option<Day>, nullable, inline, example = "2002-02-03"))]
    birthday: Option<Option<Day>>,
    /// Whether the shop blocks the customer.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schema(value_type = UserStatus))]
    status: Option<UserStatus>,
    /// The complete list of the customer's tags, at most 20 of at most 32 characters.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schema(schema_with = schemas::tags))]
    tags: Option<Vec<String>>,
}

/// Change a customer
#[cfg_attr(test, utoipa::path(patch, path = "/users/{id}", tag = "users", request_body = UserEdit,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Customer changed", body = UserBody))))]
pub(super) async fn edit(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<UserEdit>,
) -> Result<Response, Problem> {
    ask.write(move |tx, caller| changed(tx, &found(tx, world.realm(), id.0)?, body.value, caller)).await
}

fn changed(tx: &Tx<'_>, user: &User, wanted: UserEdit, caller: &Caller) -> ShopResult<UserBody> {
    let by = caller.actor();
    let today = tx.zone().day(tx.now());
    let country = Country::of_shop(tx)?;
    let phone = wanted.phone.map(|phone| phone.map(|typed| Phone::parse(&typed, country)).transpose()).transpose()?;
    let birthday = wanted.birthday.map(|day| day.map(|day| born(day.0, today)).transpose()).transpose()?;
    let UserEdit { gender, status, .. } = wanted;
    if let Some(tags) = wanted.tags {
        let tags = tags.iter().map(|tag| Tag::parse(tag)).collect::<ShopResult<Vec<_>>>();
        let tags = tags.map_err(|error| renamed(error, &[("tag", "tags")]))?;
        user::set_tags(tx, user.id, &tags, &by)?;
    }
    let edited = user::edit(tx, user.id, &Edit { phone, gender, birthday, status }, &by)?;
    UserBody::of(tx, edited.after, caller)
}

/// Checks a birthday by the same rule as a birthday that a customer writes to the bot.
fn born(day: NaiveDate, today: NaiveDate) -> ShopResult<NaiveDate> {
    let typed = day.format("%d.%m.%Y").to_string();
    Ok(user::birthday::parse(&typed, today).ok_or(Refusal::BirthdayInvalid)?)
}

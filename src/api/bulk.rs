//! `/users/bulk`: tags and codes for many customers in one transaction.

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::http::extract::{Body, MANY, Query, RealmParam};
use super::http::problem::{Problem, renamed};
use super::http::request::{Authorized, PostReply};
#[cfg(test)]
use super::openapi::schemas;
use crate::bulk_edit::{self, BulkChange, MOST_PEOPLE};
use crate::db::View;
use crate::discount::template;
use crate::error::{Refusal, Result as ShopResult};
use crate::ids::UserId;
use crate::user::{MOST_TAGS, Tag};

/// A change of many customers.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct BulkBody {
    /// Row ids of customers; a repeated id counts once.
    #[cfg_attr(test, schema(min_items = 1, max_items = 1000, example = json!([1, 2])))]
    user_ids: Vec<i64>,
    /// Tags to add, of at most 32 characters.
    #[serde(default)]
    #[cfg_attr(test, schema(schema_with = schemas::tags))]
    add_tags: Vec<String>,
    /// Tags to remove; a tag that is also added is removed.
    #[serde(default)]
    #[cfg_attr(test, schema(schema_with = schemas::tags))]
    remove_tags: Vec<String>,
    /// The name or id of a template. Each customer gets a code of it; no message is sent.
    #[serde(default)]
    #[cfg_attr(test, schema(min_length = 1, max_length = 48, example = "manual_10"))]
    set_discount_from_template: Option<String>,
}

/// The outcome of a bulk edit for one customer.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct BulkOutcome {
    user_id: i64,
    /// Whether the change was made for this customer.
    ok: bool,
    /// The reason why this customer was not changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<schemas::ErrorCode>, nullable = false))]
    error: Option<&'static str>,
    /// The code of the template that the customer holds now, new or issued before.
    #[serde(skip_serializing_if = "Option::is_none")]
    discount_id: Option<i64>,
}

impl From<bulk_edit::BulkOutcome> for BulkOutcome {
    fn from(bulk_edit::BulkOutcome { user, done }: bulk_edit::BulkOutcome) -> Self {
        Self {
            user_id: user.0,
            ok: done.is_ok(),
            error: done.err().map(|code| code.as_str()),
            discount_id: done.ok().flatten().map(|id| id.0),
        }
    }
}

/// The outcomes of a bulk edit: one per customer, in the order of the request.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct BulkDone {
    items: Vec<BulkOutcome>,
    /// The number of customers that were changed.
    #[cfg_attr(test, schema(minimum = 0))]
    done: usize,
    /// The number of customers that were not changed.
    #[cfg_attr(test, schema(minimum = 0))]
    failed: usize,
}

impl BulkBody {
    fn users(&self) -> Result<Vec<UserId>, Problem> {
        if !(1..=MOST_PEOPLE).contains(&self.user_ids.len()) {
            return Err(Problem::field("user_ids", format!("1 to {MOST_PEOPLE} ids are needed")));
        }
        for (field, tags) in [("add_tags", &self.add_tags), ("remove_tags", &self.remove_tags)] {
            if tags.len() > MOST_TAGS {
                return Err(Problem::field(field, format!("at most {MOST_TAGS}")));
            }
        }
        let mut seen = std::collections::HashSet::new();
        Ok(self.user_ids.iter().filter(|id| seen.insert(**id)).copied().map(UserId).collect())
    }

    fn change(&self, view: &View<'_>) -> ShopResult<BulkChange> {
        let tags = |field, typed: &[String]| {
            let read = typed.iter().map(|tag| Tag::parse(tag)).collect::<ShopResult<Vec<_>>>();
            read.map_err(|error| renamed(error, &[("tag", field)]))
        };
        let template = self.set_discount_from_template.as_deref().map(|typed| template::get_by_ref(view, typed));
        let template = template.transpose()?;
        if let Some(off) = template.as_ref().filter(|template| !template.is_active) {
            Err(Refusal::TemplateInactive(off.name.clone()))?;
        }
        Ok(BulkChange {
            add: tags("add_tags", &self.add_tags)?,
            remove: tags("remove_tags", &self.remove_tags)?,
            template,
        })
    }
}

/// Change many customers
///
/// All changes are one transaction. A customer who cannot be changed, or does not exist, gets an `error` in the answer.
#[cfg_attr(test, utoipa::path(post, path = "/users/bulk", tag = "users", request_body = BulkBody, params(RealmParam),
    responses((status = 200, description = "One outcome per customer", body = BulkDone))))]
pub(super) async fn bulk(
    ask: Authorized,
    Query(world): Query<RealmParam>,
    body: Body<BulkBody, MANY>,
) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    let users = wanted.users()?;
    ask.post_many(hash, move |tx, caller| {
        let change = wanted.change(tx)?;
        let outcomes = bulk_edit::apply(tx, world.realm(), &users, &change, &caller.actor())?;
        let done = outcomes.iter().filter(|outcome| outcome.done.is_ok()).count();
        let failed = outcomes.len() - done;
        Ok(PostReply::Ok(BulkDone { items: outcomes.into_iter().map(BulkOutcome::from).collect(), done, failed }))
    })
    .await
}

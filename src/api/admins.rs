//! `/admins`: the people who manage the shop. An admin cannot be created by id: a person asks the staff bot, and an
//! owner decides. There is one list of requests, so `/admins/{id}/approve` and `/decline` take the id of a request, as
//! in `/admins/requests` (and `/cashiers`); all other routes here take the id of an admin.

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::campaigns::All;
use super::cashiers::{self, decided, nothing};
use super::http::extract::{Body, Id, Listing, Query, RealmParam, line};
use super::http::problem::Problem;
use super::http::request::{Authorized, PostReply};
#[cfg(test)]
use super::openapi::schemas;
use crate::access::{self, LOGIN_TOKEN_SECONDS};
use crate::error::Result as ShopResult;
use crate::export;
use crate::ids::AdminId;
use crate::staff::{self, Admin, AdminDecision, AdminEdit, Group, Role, StaffStatus};

/// Whether an admin is active or disabled.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum AdminStanding {
    Active,
    /// The admin is disabled.
    Suspended,
}

impl From<AdminStanding> for StaffStatus {
    fn from(word: AdminStanding) -> Self {
        match word {
            AdminStanding::Active => Self::Active,
            AdminStanding::Suspended => Self::Suspended,
        }
    }
}

/// An admin.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct AdminBody {
    id: i64,
    telegram_id: i64,
    name: String,
    username: Option<String>,
    role: Role,
    #[cfg_attr(test, schema(value_type = AdminStanding))]
    status: StaffStatus,
    notification_groups: Vec<Group>,
    can_broadcast_from_chat: bool,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
}

impl From<Admin> for AdminBody {
    fn from(admin: Admin) -> Self {
        Self {
            id: admin.id.0,
            telegram_id: admin.telegram_id.0,
            name: admin.name,
            username: admin.username,
            role: admin.role,
            status: admin.status,
            notification_groups: admin.groups,
            can_broadcast_from_chat: admin.can_broadcast_from_chat,
            created_at: admin.created_at.to_string(),
        }
    }
}

/// List admins, oldest first
///
/// The same for the real and the test bots: `is_test` changes nothing here.
#[cfg_attr(test, utoipa::path(get, path = "/admins", tag = "admins", params(schemas::PageParams),
    responses((status = 200, description = "One page", body = schemas::Page<AdminBody>))))]
pub(super) async fn list(ask: Authorized, listing: Listing<All>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let (found, total) = staff::list_admins(view, listing.slice.limit, listing.slice.offset)?;
        Ok(listing.page_of(found.into_iter().map(AdminBody::from).collect(), total))
    })
    .await
}

/// List pending requests, oldest first
///
/// The same list as `/cashiers/requests`: an owner decides whether a person becomes a cashier or an admin.
#[cfg_attr(test, utoipa::path(get, path = "/admins/requests", tag = "admins", params(schemas::PageParams),
    responses((status = 200, description = "One page", body = schemas::Page<schemas::CashierBody>))))]
pub(super) async fn requests(ask: Authorized, listing: Listing<All>) -> Result<Response, Problem> {
    ask.read(move |view, _| cashiers::waiting(view, &listing)).await
}

/// Show an admin
#[cfg_attr(test, utoipa::path(get, path = "/admins/{id}", tag = "admins",
    params(("id" = i64, Path, minimum = 1, description = "Row id of an admin", example = 1)),
    responses((status = 200, description = "The admin", body = AdminBody))))]
pub(super) async fn one(ask: Authorized, id: Id) -> Result<Response, Problem> {
    ask.read(move |view, _| staff::get_admin(view, AdminId(id.0)).map(AdminBody::from)).await
}

/// The fields of an admin to change; an absent field keeps its value.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct AdminChange {
    #[serde(default)]
    #[cfg_attr(test, schema(format = "line", max_length = 128))]
    name: Option<String>,
    #[serde(default)]
    role: Option<Role>,
    /// Whether the admin is active.
    #[serde(default)]
    status: Option<AdminStanding>,
    /// All groups of notifications that the admin gets; the list replaces the previous one.
    #[serde(default)]
    #[cfg_attr(test, schema(max_items = 6))]
    notification_groups: Option<Vec<Group>>,
    #[serde(default)]
    can_broadcast_from_chat: Option<bool>,
}

/// Change an admin
///
/// The change applies from the admin's next request. The last active owner cannot be demoted or disabled.
#[cfg_attr(test, utoipa::path(patch, path = "/admins/{id}", tag = "admins", request_body = AdminChange,
    params(("id" = i64, Path, minimum = 1, description = "Row id of an admin", example = 1)),
    responses((status = 200, description = "Admin changed", body = AdminBody))))]
pub(super) async fn edit(ask: Authorized, id: Id, body: Body<AdminChange>) -> Result<Response, Problem> {
    let AdminChange { name, role, status, notification_groups, can_broadcast_from_chat } = body.value;
    let status = status.map(StaffStatus::from);
    let powers = Powers { name, role, notification_groups, can_broadcast_from_chat };
    changed(ask, id, AdminEdit { status, ..powers.checked()? }).await
}

/// Disable an admin
///
/// All logins of the admin stop working immediately. The row is kept, because the audit log refers to it.
#[cfg_attr(test, utoipa::path(delete, path = "/admins/{id}", tag = "admins",
    params(("id" = i64, Path, minimum = 1, description = "Row id of an admin", example = 1)),
    responses((status = 200, description = "Admin disabled", body = AdminBody))))]
pub(super) async fn disable(ask: Authorized, id: Id) -> Result<Response, Problem> {
    changed(ask, id, AdminEdit { status: Some(StaffStatus::Suspended), ..AdminEdit::default() }).await
}

async fn changed(ask: Authorized, id: Id, edit: AdminEdit) -> Result<Response, Problem> {
    ask.write(move |tx, caller| {
        let decision = staff::edit_admin(tx, AdminId(id.0), &edit, &caller.owner()?, export::drop_of_admin)?;
        Ok(AdminBody::from(decision.after))
    })
    .await
}

/// The rights of a new admin.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Powers {
    /// The name of the admin; if absent, the name in the access request.
    #[serde(default)]
    #[cfg_attr(test, schema(format = "line", max_length = 128))]
    name: Option<String>,
    /// The role of the new admin; `readonly` if absent.
    #[serde(default)]
    role: Option<Role>,
    /// The groups of notifications that the admin gets; none if absent.
    #[serde(default)]
    #[cfg_attr(test, schema(max_items = 6))]
    notification_groups: Option<Vec<Group>>,
    /// Whether the admin may send broadcasts from the chat; false if absent.
    #[serde(default)]
    can_broadcast_from_chat: Option<bool>,
}

impl Powers {
    fn checked(self) -> Result<AdminEdit, Problem> {
        self.name.as_ref().map_or(Ok(()), |name| line("name", name, 128))?;
        if self.notification_groups.as_ref().is_some_and(|groups| groups.len() > Group::ALL.len()) {
            return Err(Problem::field("notification_groups", format!("at most {}", Group::ALL.len())));
        }
        let Self { name, role, notification_groups: groups, can_broadcast_from_chat } = self;
        Ok(AdminEdit { name, role, status: None, groups, can_broadcast_from_chat })
    }
}

/// An approved admin. It holds row ids and no names, because it is stored as the answer to a repeated request.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct MadeAdmin {
    /// The row id of the access request.
    request_id: i64,
    /// The row id of the admin.
    admin_id: i64,
    role: Role,
    /// Whether this request made the person an admin; false if nothing changed.
    changed: bool,
}

/// Approve a request as an admin
///
/// `id` is the row id of a request from `/admins/requests`. The person is notified.
#[cfg_attr(test, utoipa::path(post, path = "/admins/{id}/approve", tag = "admins", request_body = Powers,
    params(("id" = i64, Path, minimum = 1, description = "Row id of a request", example = 1), RealmParam),
    responses((status = 200, description = "Admin approved", body = MadeAdmin))))]
pub(super) async fn approve(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<Powers>,
) -> Result<Response, Problem> {
    let Body { value: powers, hash } = body;
    let edit = powers.checked()?;
    ask.post(hash, move |tx, caller| {
        let request = cashiers::found(tx, world.realm(), id.0)?;
        let AdminDecision { before, after } =
            staff::approve_admin(tx, request.id, &edit, &caller.owner()?, export::drop_of_admin)?;
        let (admin_id, role, changed) = (after.id.0, after.role, before.as_ref() != Some(&after));
        Ok(PostReply::Ok(MadeAdmin { request_id: request.id.0, admin_id, role, changed }))
    })
    .await
}

/// Decline a request
///
/// `id` is the row id of a request from `/admins/requests`. The same as declining it under `/cashiers`. The person is
/// notified.
#[cfg_attr(test, utoipa::path(post, path = "/admins/{id}/decline", tag = "admins",
    params(("id" = i64, Path, minimum = 1, description = "Row id of a request", example = 1), RealmParam),
    responses((status = 200, description = "Request declined", body = schemas::DecidedBody))))]
pub(super) async fn decline(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    decided(ask, (id, world), nothing(), staff::decline).await
}

/// A one-time login token. It is shown only once.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct LoginToken {
    admin_id: i64,
    /// The token for `POST /auth/login-token`; it works once.
    token: String,
    /// The lifetime of the token in seconds.
    #[cfg_attr(test, schema(example = 600))]
    expires_in: i64,
}

/// Create a one-time login token for an admin
///
/// Takes no `Idempotency-Key`, because a secret is never stored: each request makes another token. A token works once,
/// within ten minutes.
#[cfg_attr(test, utoipa::path(post, path = "/admins/{id}/tokens", tag = "admins", extensions(("x-unkeyed" = json!(true))),
    params(("id" = i64, Path, minimum = 1, description = "Row id of an admin", example = 1)),
    responses((status = 200, description = "Login token", body = LoginToken))))]
pub(super) async fn token(ask: Authorized, id: Id) -> Result<Response, Problem> {
    ask.write(move |tx, caller| -> ShopResult<LoginToken> {
        let token = access::issue_login_token(tx, AdminId(id.0), caller.owner()?.actor())?;
        Ok(LoginToken { admin_id: id.0, token, expires_in: LOGIN_TOKEN_SECONDS })
    })
    .await
}

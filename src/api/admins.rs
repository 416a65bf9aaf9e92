//! `/admins`: who manages the shop. Nobody is made an admin by id: somebody has asked the staff bot, and an owner decides.
//! There is one list of requests, so `/admins/{id}/approve` and `/decline` take the id of a request, as it stands in
//! `/admins/requests` (and in `/cashiers`); everything else here takes an admin's.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ask::{Ask, Reply};
use super::campaigns::All;
use super::cashiers::{self, CashierBody, DecidedBody, decided, nothing};
use super::problem::Problem;
use super::take::{Body, Id, Listing, Page, PageParams, Query, World, line};
use crate::error::Result as ShopResult;
use crate::ids::AdminId;
use crate::staff::{self, Admin, AdminDecision, AdminEdit, Group, LOGIN_TOKEN_SECONDS, Role, Standing};

/// What an admin may do.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RoleWord {
    /// Everything.
    Owner,
    /// Users, codes, texts, broadcasts.
    Marketing,
    /// Only looking.
    Readonly,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Owner => Self::Owner,
            RoleWord::Marketing => Self::Marketing,
            RoleWord::Readonly => Self::Readonly,
        }
    }
}

/// What an admin may be told of.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum GroupWord {
    Errors,
    Broadcasts,
    CashierLogs,
    Orders,
    Settings,
    Reports,
}

impl From<GroupWord> for Group {
    fn from(word: GroupWord) -> Self {
        match word {
            GroupWord::Errors => Self::Errors,
            GroupWord::Broadcasts => Self::Broadcasts,
            GroupWord::CashierLogs => Self::CashierLogs,
            GroupWord::Orders => Self::Orders,
            GroupWord::Settings => Self::Settings,
            GroupWord::Reports => Self::Reports,
        }
    }
}

/// Whether an admin may act.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AdminStanding {
    Active,
    /// Disabled.
    Suspended,
}

impl From<AdminStanding> for Standing {
    fn from(word: AdminStanding) -> Self {
        match word {
            AdminStanding::Active => Self::Active,
            AdminStanding::Suspended => Self::Suspended,
        }
    }
}

/// A person who manages the shop.
#[derive(Serialize, ToSchema)]
pub(super) struct AdminBody {
    id: i64,
    telegram_id: i64,
    name: String,
    username: Option<String>,
    #[schema(value_type = RoleWord)]
    role: &'static str,
    #[schema(value_type = AdminStanding)]
    status: &'static str,
    #[schema(value_type = Vec<GroupWord>)]
    notification_groups: Vec<&'static str>,
    can_broadcast_from_chat: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<Admin> for AdminBody {
    fn from(admin: Admin) -> Self {
        Self {
            id: admin.id.0,
            telegram_id: admin.telegram_id.0,
            name: admin.name,
            username: admin.username,
            role: admin.role.as_str(),
            status: admin.status.as_str(),
            notification_groups: admin.groups.iter().map(|group| group.as_str()).collect(),
            can_broadcast_from_chat: admin.can_broadcast_from_chat,
            created_at: admin.created_at.to_string(),
        }
    }
}

/// Admins, the first one first
///
/// They belong to both worlds.
#[utoipa::path(get, path = "/admins", tag = "admins", params(PageParams),
    responses((status = 200, description = "One page", body = Page<AdminBody>)))]
pub(super) async fn list(ask: Ask, listing: Listing<All>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let (found, total) = staff::list_admins(view, listing.slice.limit, listing.slice.offset)?;
        Ok(listing.page_of(found.into_iter().map(AdminBody::from).collect(), total))
    })
    .await
}

/// Requests nobody has decided, oldest first
///
/// The same list as `/cashiers/requests`: whoever decides says what somebody becomes.
#[utoipa::path(get, path = "/admins/requests", tag = "admins", params(PageParams),
    responses((status = 200, description = "One page", body = Page<CashierBody>)))]
pub(super) async fn requests(ask: Ask, listing: Listing<All>) -> Result<Response, Problem> {
    ask.read(move |view, _| cashiers::waiting(view, &listing)).await
}

/// One admin
#[utoipa::path(get, path = "/admins/{id}", tag = "admins",
    params(("id" = i64, Path, minimum = 1, description = "Row id of an admin", example = 1)),
    responses((status = 200, description = "The admin", body = AdminBody)))]
pub(super) async fn one(ask: Ask, id: Id) -> Result<Response, Problem> {
    ask.read(move |view, _| staff::get_admin(view, AdminId(id.0)).map(AdminBody::from)).await
}

/// What to change; a field that is not given stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AdminChange {
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    name: Option<String>,
    #[serde(default)]
    role: Option<RoleWord>,
    /// Whether they may act at all.
    #[serde(default)]
    status: Option<AdminStanding>,
    /// All they are to be told of.
    #[serde(default)]
    #[schema(max_items = 6)]
    notification_groups: Option<Vec<GroupWord>>,
    #[serde(default)]
    can_broadcast_from_chat: Option<bool>,
}

/// Change an admin
///
/// It holds at their next request. The last active owner stays one.
#[utoipa::path(patch, path = "/admins/{id}", tag = "admins", request_body = AdminChange,
    params(("id" = i64, Path, minimum = 1, description = "Row id of an admin", example = 1)),
    responses((status = 200, description = "The admin as they are now", body = AdminBody)))]
pub(super) async fn edit(ask: Ask, id: Id, body: Body<AdminChange>) -> Result<Response, Problem> {
    let AdminChange { name, role, status, notification_groups, can_broadcast_from_chat } = body.value;
    let status = status.map(Standing::from);
    let powers = Powers { name, role, notification_groups, can_broadcast_from_chat };
    changed(ask, id, AdminEdit { status, ..powers.checked()? }).await
}

/// Disable an admin
///
/// They are out at once, whatever login they hold. Nobody is deleted: the audit log knows them by their id.
#[utoipa::path(delete, path = "/admins/{id}", tag = "admins",
    params(("id" = i64, Path, minimum = 1, description = "Row id of an admin", example = 1)),
    responses((status = 200, description = "The admin, disabled", body = AdminBody)))]
pub(super) async fn disable(ask: Ask, id: Id) -> Result<Response, Problem> {
    changed(ask, id, AdminEdit { status: Some(Standing::Suspended), ..AdminEdit::default() }).await
}

async fn changed(ask: Ask, id: Id, edit: AdminEdit) -> Result<Response, Problem> {
    ask.write(move |tx, caller| {
        let decision = staff::edit_admin(tx, AdminId(id.0), &edit, &caller.owner()?)?;
        Ok(AdminBody::from(decision.after))
    })
    .await
}

/// What somebody who has asked may do from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Powers {
    /// What they are called; as they asked when not given.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    name: Option<String>,
    /// `readonly` when not given.
    #[serde(default)]
    role: Option<RoleWord>,
    /// Nothing when not given.
    #[serde(default)]
    #[schema(max_items = 6)]
    notification_groups: Option<Vec<GroupWord>>,
    /// No when not given.
    #[serde(default)]
    can_broadcast_from_chat: Option<bool>,
}

impl Powers {
    fn checked(self) -> Result<AdminEdit, Problem> {
        self.name.as_ref().map_or(Ok(()), |name| line("name", name, 128))?;
        if self.notification_groups.as_ref().is_some_and(|groups| groups.len() > Group::ALL.len()) {
            return Err(Problem::field("notification_groups", format!("at most {}", Group::ALL.len())));
        }
        let groups = self.notification_groups.map(|words| words.into_iter().map(Group::from).collect());
        let (role, can_broadcast_from_chat) = (self.role.map(Role::from), self.can_broadcast_from_chat);
        Ok(AdminEdit { name: self.name, role, status: None, groups, can_broadcast_from_chat })
    }
}

/// Somebody who was made an admin; names the rows and nobody, since it is kept for whoever asks again.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeAdmin {
    /// The request's row.
    request_id: i64,
    /// The admin's row.
    admin_id: i64,
    #[schema(value_type = RoleWord)]
    role: &'static str,
    /// Whether something is another than before.
    changed: bool,
}

/// Make somebody who asked an admin
///
/// `id` is that of a request, as in `/admins/requests`. They are told.
#[utoipa::path(post, path = "/admins/{id}/approve", tag = "admins", request_body = Powers,
    params(("id" = i64, Path, minimum = 1, description = "Row id of a request", example = 1), World),
    responses((status = 200, description = "They are", body = MadeAdmin)))]
pub(super) async fn approve(
    ask: Ask,
    id: Id,
    Query(world): Query<World>,
    body: Body<Powers>,
) -> Result<Response, Problem> {
    let Body { value: powers, hash } = body;
    let edit = powers.checked()?;
    ask.post(hash, move |tx, caller| {
        let request = cashiers::found(tx, world.realm(), id.0)?;
        let AdminDecision { before, after } = staff::approve_admin(tx, request.id, &edit, &caller.owner()?)?;
        let (admin_id, role, changed) = (after.id.0, after.role.as_str(), before.as_ref() != Some(&after));
        Ok(Reply::Ok(MadeAdmin { request_id: request.id.0, admin_id, role, changed }))
    })
    .await
}

/// Refuse a request
///
/// `id` is that of a request, as in `/admins/requests`; the same as declining it under `/cashiers`. They are told.
#[utoipa::path(post, path = "/admins/{id}/decline", tag = "admins",
    params(("id" = i64, Path, minimum = 1, description = "Row id of a request", example = 1), World),
    responses((status = 200, description = "Refused", body = DecidedBody)))]
pub(super) async fn decline(ask: Ask, id: Id, Query(world): Query<World>) -> Result<Response, Problem> {
    decided(ask, (id, world), nothing(), staff::decline).await
}

/// A one-time login token, shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct LoginToken {
    admin_id: i64,
    /// For `POST /auth/login-token`; works once.
    token: String,
    /// How long it works, in seconds.
    #[schema(example = 600)]
    expires_in: i64,
}

/// Make a one-time login token for an admin
///
/// A secret is never kept, so this takes no `Idempotency-Key`: asked again it makes another token, and each is good for one
/// login within its ten minutes.
#[utoipa::path(post, path = "/admins/{id}/tokens", tag = "admins", extensions(("x-unkeyed" = json!(true))),
    params(("id" = i64, Path, minimum = 1, description = "Row id of an admin", example = 1)),
    responses((status = 200, description = "The token", body = LoginToken)))]
pub(super) async fn token(ask: Ask, id: Id) -> Result<Response, Problem> {
    ask.write(move |tx, caller| -> ShopResult<LoginToken> {
        let token = staff::issue_login_token(tx, AdminId(id.0), caller.owner()?.actor())?;
        Ok(LoginToken { admin_id: id.0, token, expires_in: LOGIN_TOKEN_SECONDS })
    })
    .await
}

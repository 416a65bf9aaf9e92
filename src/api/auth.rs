//! `/auth`: logging in with the staff bot's one-time token, logging out, showing the admin who is logged in.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::http::admission::Admission;
use super::http::extract::Body;
use super::http::jwt;
use super::http::problem::{Problem, written};
use super::http::rate_limit::Guessing;
use super::http::request::{Authorized, PostReply};
#[cfg(test)]
use super::openapi::schemas;
use crate::access::{self, Caller, Credential, LOGIN_SECONDS, Login};
use crate::db::{Class, Failure, View};
use crate::secret;
use crate::staff::{self, Group, Role};

/// The one-time login token.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct OneTimeToken {
    /// The token from the staff bot or from `dvorik admin login`; it works once, within ten minutes.
    #[cfg_attr(test, schema(max_length = 256, example = "sTKh1a0Ww0vXG1l9sJYb9o3K7yQm2u4c"))]
    token: String,
}

/// A new login of an admin.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct LoggedIn {
    /// The login's token for `Authorization: Bearer …`.
    access_token: String,
    #[cfg_attr(test, schema(value_type = schemas::TokenType))]
    token_type: &'static str,
    /// The lifetime of the login in seconds.
    #[cfg_attr(test, schema(example = 86400))]
    expires_in: i64,
    /// The admin who logged in.
    admin: LoginAdmin,
}

/// The admin who is logged in.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct LoginAdmin {
    /// The row id of the admin.
    id: i64,
    /// The name of the admin.
    name: String,
    role: Role,
    /// Whether the admin may send broadcasts from the chat.
    can_broadcast_from_chat: bool,
    /// The notifications that the admin gets.
    notification_groups: Vec<Group>,
}

impl LoginAdmin {
    fn of(admin: &staff::Admin) -> Self {
        Self {
            id: admin.id.0,
            name: admin.name.clone(),
            role: admin.role,
            can_broadcast_from_chat: admin.can_broadcast_from_chat,
            notification_groups: admin.groups.clone(),
        }
    }
}

/// Log in with a one-time token
#[cfg_attr(test, utoipa::path(post, path = "/auth/login-token", tag = "auth", security(()), request_body = OneTimeToken,
    responses((status = 200, description = "Logged in", body = LoggedIn))))]
pub(super) async fn log_in(
    State(admission): State<Arc<Admission>>,
    guessing: Option<Extension<Guessing>>,
    body: Body<OneTimeToken>,
) -> Result<Response, Problem> {
    let key = admission.signing_key()?.clone();
    let token = body.value.token;
    if let Some(Extension(guessing)) = guessing {
        let mine = token.clone();
        let is_open = move |view: &View<'_>| access::is_login_open(view, &mine);
        let is_open = admission.db.read_async(Class::Admission, is_open).await?;
        if !is_open {
            return Err(guessing.refusal());
        }
    }
    let answer = admission.db.write_async(move |tx| {
        let admin = access::log_in(tx, &token)?;
        let login = Login { admin: admin.id, jti: secret::random_token(), expires_at: tx.now().plus(LOGIN_SECONDS) };
        let signed = jwt::sign(&login, tx.now(), &key);
        let access_token = signed.ok_or_else(|| Failure::Internal("a login could not be signed".into()))?;
        let admin = LoginAdmin::of(&admin);
        Ok::<_, crate::error::Error>(LoggedIn { access_token, token_type: "Bearer", expires_in: LOGIN_SECONDS, admin })
    });
    let text = serde_json::to_string(&answer.await?).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(written(200, text))
}

/// The confirmation of a logout.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct Done {
    /// Always true.
    ok: bool,
}

/// Log out
///
/// A service token cannot be logged out; revoke it with `dvorik token revoke`.
#[cfg_attr(test, utoipa::path(post, path = "/auth/logout", tag = "auth",
    responses((status = 200, description = "Logged out", body = Done))))]
pub(super) async fn log_out(ask: Authorized) -> Result<Response, Problem> {
    let shown = ask.shown().clone();
    ask.post(secret::sha256(""), move |tx, _| {
        if let Credential::Login(login) = &shown {
            access::log_out(tx, login)?;
        }
        Ok(PostReply::Ok(Done { ok: true }))
    })
    .await
}

/// Show the admin who is logged in
#[cfg_attr(test, utoipa::path(get, path = "/auth/me", tag = "auth",
    responses((status = 200, description = "The admin of this login", body = LoginAdmin))))]
pub(super) async fn me(ask: Authorized) -> Result<Response, Problem> {
    ask.read(|_, caller: &Caller| Ok(LoginAdmin::of(caller.admin()?))).await
}

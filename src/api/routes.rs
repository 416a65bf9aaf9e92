//! The table of contents of the admin API: every route, who may take it, and what it answers with beside the usual. The
//! check and the document are made from the same line.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::document::{guarded, head, open, or_by_key};
use super::{Door, auth, counter, discounts, internal, jobs, stats, users};
use crate::access::{Needs, Scope};
use crate::catalogue::Code as C;
use crate::staff::Role;

const EVERYBODY: Needs = Needs { roles: Role::ALL, scope: None };
const OWNER: Needs = Needs { roles: &[Role::Owner], scope: None };
const MANAGERS: Needs = Needs { roles: &[Role::Owner, Role::Marketing], scope: None };

impl Needs {
    /// Or a script with this scope.
    const fn or(self, scope: Scope) -> Self {
        Self { scope: Some(scope), ..self }
    }
}

/// Every route, and the document of them.
pub(super) fn all() -> OpenApiRouter<Door> {
    let api = logins().merge(figures()).merge(people()).merge(codes()).merge(work());
    OpenApiRouter::with_openapi(head()).nest("/api/v1", api).merge(inside())
}

/// The document as it is served.
pub(super) fn document() -> String {
    let (_, document) = all().split_for_parts();
    document.to_pretty_json().unwrap_or_default()
}

fn logins() -> OpenApiRouter<Door> {
    let login = [C::OneTimeTokenInvalid, C::OneTimeTokenUsed, C::OneTimeTokenExpired, C::AdminNotActive];
    OpenApiRouter::new()
        .routes(open(routes!(auth::log_in), &login))
        .routes(guarded(routes!(auth::log_out), EVERYBODY, &[]))
        .routes(guarded(routes!(auth::me), EVERYBODY, &[]))
}

fn figures() -> OpenApiRouter<Door> {
    let needs = EVERYBODY.or(Scope::StatsRead);
    OpenApiRouter::new()
        .routes(guarded(routes!(stats::dashboard), needs, &[]))
        .routes(guarded(routes!(stats::overview), needs, &[]))
        .routes(guarded(routes!(stats::cashiers), needs, &[]))
        .routes(guarded(routes!(stats::campaigns), needs, &[]))
        .routes(guarded(routes!(stats::templates), needs, &[]))
        .routes(guarded(routes!(stats::broadcasts), needs, &[]))
        .routes(guarded(routes!(stats::timeseries), needs, &[]))
}

fn people() -> OpenApiRouter<Door> {
    let edit = [C::UserNotFound, C::PhoneInvalid, C::BirthdayInvalid, C::TooManyTags, C::TagTooLong];
    OpenApiRouter::new()
        .routes(guarded(routes!(users::list), EVERYBODY.or(Scope::UsersRead), &[]))
        .routes(guarded(routes!(users::one), EVERYBODY.or(Scope::UsersRead), &[C::UserNotFound]))
        .routes(guarded(routes!(users::edit), MANAGERS, &edit))
}

fn codes() -> OpenApiRouter<Door> {
    let read = EVERYBODY.or(Scope::DiscountsRead);
    let till = OWNER.or(Scope::Redeem);
    let issue = [
        C::UserNotFound,
        C::UserBlocked,
        C::TemplateNotFound,
        C::TemplateInactive,
        C::RecurrenceNotReached,
        C::CodeSpaceExhausted,
    ];
    let counter = [
        C::CodeNotFound,
        C::CodeAlreadyUsed,
        C::CodeExpired,
        C::CodeRevoked,
        C::CustomerBlocked,
        C::CashierNotFound,
        C::CashierNotActive,
        C::CashierLocked,
    ];
    OpenApiRouter::new()
        .routes(guarded(routes!(discounts::list), read, &[]))
        .routes(guarded(routes!(discounts::one), read, &[C::CodeNotFound]))
        .routes(guarded(routes!(discounts::qr), read, &[C::CodeNotFound]))
        .routes(guarded(routes!(discounts::issue), MANAGERS.or(Scope::DiscountsIssue), &issue))
        .routes(guarded(routes!(counter::check), till, &counter))
        .routes(guarded(routes!(counter::redeem), till, &counter))
        .routes(guarded(routes!(counter::undo), till, &[C::CodeNotFound, C::NotFound, C::UndoWindowPassed]))
        .routes(guarded(
            routes!(counter::revoke),
            MANAGERS,
            &[C::CodeNotFound, C::CodeAlreadyUsed, C::CodeExpired, C::CodeRevoked],
        ))
}

fn work() -> OpenApiRouter<Door> {
    let needs = OWNER.or(Scope::JobsRun);
    OpenApiRouter::new().routes(guarded(routes!(jobs::list), needs, &[])).routes(guarded(
        routes!(jobs::run),
        needs,
        &[C::NotFound, C::IdempotencyInProgress],
    ))
}

/// What stands at the root, beside the admin API.
fn inside() -> OpenApiRouter<Door> {
    let telegram = [C::TelegramFailed, C::TelegramUnavailable];
    let change = [C::TelegramFailed, C::TelegramUnavailable, C::IdempotencyInProgress];
    OpenApiRouter::new()
        .routes(or_by_key(guarded(routes!(internal::set), OWNER, &change)))
        .routes(or_by_key(guarded(routes!(internal::delete), OWNER, &change)))
        .routes(or_by_key(guarded(routes!(internal::info), OWNER, &telegram)))
}

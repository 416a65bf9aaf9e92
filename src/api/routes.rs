//! The table of contents of the admin API: every route, who may take it, and what it answers with beside the usual. The
//! check and the document are made from the same line.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::document::{finished, guarded, head, open};
use super::{Door, auth, bulk, counter, discounts, export, people_verbs, stats, users};
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
    let api = logins().merge(figures()).merge(people()).merge(codes()).merge(verbs_of_people()).merge(exports());
    OpenApiRouter::with_openapi(head()).nest("/api/v1", api)
}

/// The document as it is served.
pub(super) fn document() -> String {
    let (_, document) = all().split_for_parts();
    finished(&document)
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

fn verbs_of_people() -> OpenApiRouter<Door> {
    let bulk = [C::TemplateNotFound, C::TemplateInactive, C::TagTooLong];
    let message = [C::UserNotFound, C::UserBlocked, C::TextHtmlInvalid];
    OpenApiRouter::new()
        .routes(guarded(routes!(bulk::bulk), MANAGERS, &bulk))
        .routes(guarded(routes!(people_verbs::message), MANAGERS, &message))
        .routes(guarded(routes!(people_verbs::export_one), OWNER, &[C::UserNotFound]))
        .routes(guarded(routes!(people_verbs::erase), OWNER, &[C::UserNotFound, C::CashierAlreadyExists]))
}

fn exports() -> OpenApiRouter<Door> {
    let needs = MANAGERS.or(Scope::Exports);
    OpenApiRouter::new()
        .routes(guarded(export::unsorted(routes!(export::users)), needs, &[]))
        .routes(guarded(export::unsorted(routes!(export::discounts)), needs, &[]))
        .routes(guarded(routes!(export::usage), needs, &[]))
        .routes(guarded(routes!(export::fetch), needs, &[C::ExportNotFound, C::ExportNotReady]))
        .routes(guarded(export::unsorted(routes!(export::send_users)), MANAGERS, &[C::PayloadTooLarge]))
        .routes(guarded(export::unsorted(routes!(export::send_discounts)), MANAGERS, &[C::PayloadTooLarge]))
        .routes(guarded(routes!(export::send_usage), MANAGERS, &[C::PayloadTooLarge]))
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

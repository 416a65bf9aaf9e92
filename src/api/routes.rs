//! The table of contents of the admin API: every route, who may take it, and what it answers with beside the usual. The
//! check and the document are made from the same line.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::document::{guarded, head, open};
use super::{Door, auth, broadcast_verbs, broadcasts, counter, deliveries, discounts, segments, stats, users};
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
    let api = logins().merge(figures()).merge(people()).merge(codes()).merge(groups()).merge(voice());
    OpenApiRouter::with_openapi(head()).nest("/api/v1", api)
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

fn groups() -> OpenApiRouter<Door> {
    let (invalid, missing) = ([C::SegmentInvalid], [C::SegmentNotFound]);
    let create = [C::SegmentInvalid, C::SegmentNameTaken];
    let edit = [C::SegmentInvalid, C::SegmentNameTaken, C::SegmentNotFound];
    OpenApiRouter::new()
        .routes(guarded(routes!(segments::list), EVERYBODY, &[]))
        .routes(guarded(routes!(segments::create), MANAGERS, &create))
        .routes(guarded(routes!(segments::try_out), MANAGERS, &invalid))
        .routes(guarded(routes!(segments::one), EVERYBODY, &missing))
        .routes(guarded(routes!(segments::edit), MANAGERS, &edit))
        .routes(guarded(routes!(segments::delete), MANAGERS, &[C::SegmentNotFound, C::SegmentInUse]))
        .routes(guarded(routes!(segments::preview), EVERYBODY, &missing))
}

fn voice() -> OpenApiRouter<Door> {
    let (read, missing) = (EVERYBODY.or(Scope::BroadcastsRead), C::BroadcastNotFound);
    let content = [
        C::BroadcastTextInvalid,
        C::BroadcastMediaInvalid,
        C::BroadcastTooLarge,
        C::SegmentInvalid,
        C::SegmentNotFound,
        C::TemplateNotFound,
        C::TemplateInactive,
        C::UserNotFound,
    ];
    let stored = [content.as_slice(), &[missing]].concat();
    let edit = [content.as_slice(), &[missing, C::BroadcastNotEditable]].concat();
    let step = [missing, C::BroadcastInvalidTransition];
    let stale = [missing, C::BroadcastInvalidTransition, C::BroadcastConfirmationStale];
    let confirm = [content.as_slice(), &stale, &[C::BroadcastAudienceEmpty]].concat();
    let mend = [missing, C::BroadcastInvalidTransition, C::BroadcastTextInvalid];
    let verbs = OpenApiRouter::new()
        .routes(guarded(routes!(broadcast_verbs::schedule), MANAGERS, &confirm))
        .routes(guarded(routes!(broadcast_verbs::unschedule), MANAGERS, &step))
        .routes(guarded(routes!(broadcast_verbs::test), MANAGERS, &[missing, C::AdminNotFound]))
        .routes(guarded(routes!(broadcast_verbs::send), OWNER, &confirm))
        .routes(guarded(routes!(broadcast_verbs::retry_failed), OWNER, &step))
        .routes(guarded(routes!(broadcast_verbs::resend_unknown), OWNER, &step))
        .routes(guarded(routes!(broadcast_verbs::pause), MANAGERS, &step))
        .routes(guarded(routes!(broadcast_verbs::resume), MANAGERS, &stale))
        .routes(guarded(routes!(broadcast_verbs::cancel), MANAGERS, &step))
        .routes(guarded(routes!(broadcast_verbs::recall), MANAGERS, &step))
        .routes(guarded(routes!(broadcast_verbs::correct), MANAGERS, &mend))
        .routes(guarded(routes!(deliveries::recipients), MANAGERS, &[missing]));
    OpenApiRouter::new()
        .routes(guarded(routes!(broadcasts::list), read, &[]))
        .routes(guarded(routes!(broadcasts::create), MANAGERS, &content))
        .routes(guarded(routes!(broadcasts::estimate), MANAGERS, &stored))
        .routes(guarded(routes!(broadcasts::one), read, &[missing]))
        .routes(guarded(routes!(broadcasts::edit), MANAGERS, &edit))
        .merge(verbs)
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

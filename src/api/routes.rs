//! The table of contents of the admin API: every route, its requirement, and its answers beside the usual ones. The
//! access check and the OpenAPI document are made from the same line.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::openapi::document::{finished, guarded, head, open, or_by_key, plain};
use super::{
    Door, admins, auth, broadcast_verbs, broadcasts, bulk, campaigns, cashiers, counter, deliveries, discounts, export,
    funnel, health, internal, jobs, logs, metrics, orders, people_verbs, segments, settings, stats, templates, texts,
    users, webhook,
};
use crate::access::{Requirement, Scope};
use crate::catalogue::Code as C;
use crate::staff::Role;

const EVERYBODY: Requirement = Requirement { roles: Role::ALL, scope: None };
const OWNER: Requirement = Requirement { roles: &[Role::Owner], scope: None };
const MANAGERS: Requirement = Requirement { roles: &[Role::Owner, Role::Marketing], scope: None };

impl Requirement {
    /// The same requirement, which also admits a script with this scope.
    const fn or(self, scope: Scope) -> Self {
        Self { scope: Some(scope), ..self }
    }
}

/// Every route, and the OpenAPI document that describes them.
pub(super) fn all() -> OpenApiRouter<Door> {
    let api = logins()
        .merge(figures())
        .merge(people())
        .merge(verbs_of_people())
        .merge(codes())
        .merge(offers())
        .merge(groups())
        .merge(broadcasting())
        .merge(staff())
        .merge(voice())
        .merge(records())
        .merge(exports())
        .merge(work());
    OpenApiRouter::with_openapi(head()).nest("/api/v1", api).merge(inside()).merge(root())
}

/// The OpenAPI document as it is served.
pub(super) fn document() -> String {
    let (_, document) = all().split_for_parts();
    finished(&document)
}

/// A path of the table of routes, and whether the internal key opens it.
#[cfg(test)]
pub(super) struct Listed {
    pub path: String,
    pub is_keyed: bool,
}

/// Every path of the table of routes, for tests of code that names paths elsewhere.
#[cfg(test)]
pub(super) fn paths() -> Vec<Listed> {
    let document: serde_json::Value = serde_json::from_str(&document()).unwrap();
    let is_keyed = |item: &serde_json::Value| item.to_string().contains(crate::api::openapi::document::INTERNAL_KEY);
    let paths = document["paths"].as_object().unwrap().iter();
    paths.map(|(path, item)| Listed { path: path.clone(), is_keyed: is_keyed(item) }).collect()
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
        .routes(guarded(routes!(funnel::funnel), needs, &[]))
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

fn groups() -> OpenApiRouter<Door> {
    let (invalid, missing) = ([C::SegmentInvalid], [C::SegmentNotFound]);
    let create = [C::SegmentInvalid, C::SegmentNameTaken];
    let edit = [C::SegmentInvalid, C::SegmentNameTaken, C::SegmentNotFound];
    OpenApiRouter::new()
        .routes(guarded(routes!(segments::list), EVERYBODY, &[]))
        .routes(guarded(routes!(segments::create), MANAGERS, &create))
        .routes(guarded(routes!(segments::try_out), EVERYBODY, &invalid))
        .routes(guarded(routes!(segments::one), EVERYBODY, &missing))
        .routes(guarded(routes!(segments::edit), MANAGERS, &edit))
        .routes(guarded(routes!(segments::delete), MANAGERS, &[C::SegmentNotFound, C::SegmentInUse]))
        .routes(guarded(routes!(segments::preview), EVERYBODY, &missing))
}

fn broadcasting() -> OpenApiRouter<Door> {
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
    let refused = [C::BroadcastTextInvalid, C::BroadcastMediaInvalid];
    let held = [stale.as_slice(), &refused, &[C::OwnerOnly]].concat();
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
        .routes(guarded(routes!(broadcast_verbs::resume), MANAGERS, &held))
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
        .routes(guarded(routes!(discounts::qr), read, &[C::CodeNotFound, C::NotFound]))
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

/// Routes of what the shop offers: templates of codes, and campaigns.
fn offers() -> OpenApiRouter<Door> {
    let made = [C::TemplateNotFound, C::CampaignKeyTaken];
    let edited = [C::CampaignNotFound, C::TemplateNotFound];
    let missing = &[C::CampaignNotFound];
    OpenApiRouter::new()
        .routes(guarded(routes!(templates::list), EVERYBODY, &[]))
        .routes(guarded(routes!(templates::create), MANAGERS, &[C::TemplateNameTaken, C::TextNotFound]))
        .routes(guarded(routes!(templates::one), EVERYBODY, &[C::TemplateNotFound]))
        .routes(guarded(routes!(templates::edit), MANAGERS, &[C::TemplateNotFound, C::TextNotFound]))
        .routes(guarded(routes!(templates::disable), MANAGERS, &[C::TemplateNotFound, C::TextNotFound]))
        .routes(guarded(routes!(campaigns::list), EVERYBODY, &[]))
        .routes(guarded(routes!(campaigns::create), MANAGERS, &made))
        .routes(guarded(routes!(campaigns::one), EVERYBODY, missing))
        .routes(guarded(routes!(campaigns::edit), MANAGERS, &edited))
        .routes(guarded(routes!(campaigns::stats), EVERYBODY, missing))
        .routes(guarded(routes!(campaigns::qr), EVERYBODY, &[C::CampaignNotFound, C::NotFound]))
}

fn staff() -> OpenApiRouter<Door> {
    let decided = &[C::CashierNotFound, C::CashierAlreadyExists];
    let edited = &[C::AdminNotFound, C::LastOwner];
    OpenApiRouter::new()
        .routes(guarded(routes!(cashiers::list), EVERYBODY, &[]))
        .routes(guarded(routes!(cashiers::requests), OWNER, &[]))
        .routes(guarded(routes!(cashiers::one), OWNER, &[C::CashierNotFound]))
        .routes(guarded(routes!(cashiers::rename), OWNER, &[C::CashierNotFound]))
        .routes(guarded(routes!(cashiers::approve), OWNER, decided))
        .routes(guarded(routes!(cashiers::activate), OWNER, decided))
        .routes(guarded(routes!(cashiers::decline), OWNER, decided))
        .routes(guarded(routes!(cashiers::suspend), OWNER, decided))
        .routes(guarded(routes!(cashiers::deactivate), OWNER, decided))
        .routes(guarded(routes!(admins::list), OWNER, &[]))
        .routes(guarded(routes!(admins::requests), OWNER, &[]))
        .routes(guarded(routes!(admins::one), OWNER, &[C::AdminNotFound]))
        .routes(guarded(routes!(admins::edit), OWNER, edited))
        .routes(guarded(routes!(admins::disable), OWNER, edited))
        .routes(guarded(routes!(admins::approve), OWNER, decided))
        .routes(guarded(routes!(admins::decline), OWNER, decided))
        .routes(guarded(routes!(admins::token), OWNER, &[C::AdminNotFound, C::AdminNotActive]))
}

/// Routes of the shop's settings and texts.
fn voice() -> OpenApiRouter<Door> {
    let changed = &[C::SettingNotFound, C::SettingInvalidValue, C::TemplateNotFound];
    let worded = &[C::TextNotFound, C::TextPlaceholderUnknown, C::TextHtmlInvalid];
    OpenApiRouter::new()
        .routes(guarded(routes!(settings::list), OWNER, &[]))
        .routes(guarded(routes!(settings::edit), OWNER, changed))
        .routes(guarded(routes!(settings::one), OWNER, &[C::SettingNotFound]))
        .routes(guarded(routes!(settings::set), OWNER, changed))
        .routes(guarded(routes!(texts::list), EVERYBODY, &[]))
        .routes(guarded(routes!(texts::one), EVERYBODY, &[C::TextNotFound]))
        .routes(guarded(routes!(texts::set), MANAGERS, worded))
        .routes(guarded(routes!(texts::reset), MANAGERS, &[C::TextNotFound]))
        .routes(guarded(routes!(texts::preview), MANAGERS, worded))
}

/// Routes of logs and orders.
fn records() -> OpenApiRouter<Door> {
    OpenApiRouter::new()
        .routes(guarded(routes!(logs::usage), EVERYBODY.or(Scope::DiscountsRead), &[]))
        .routes(guarded(routes!(logs::changes), OWNER, &[]))
        .routes(guarded(routes!(orders::list), EVERYBODY, &[]))
        .routes(guarded(routes!(orders::edit), MANAGERS, &[C::NotFound]))
}

fn work() -> OpenApiRouter<Door> {
    let needs = OWNER.or(Scope::JobsRun);
    OpenApiRouter::new().routes(guarded(routes!(jobs::list), needs, &[])).routes(guarded(
        routes!(jobs::run),
        needs,
        &[C::NotFound, C::IdempotencyInProgress],
    ))
}

/// The internal routes at the root, beside the admin API.
fn inside() -> OpenApiRouter<Door> {
    let telegram = [C::TelegramFailed, C::TelegramUnavailable];
    let change = [C::TelegramFailed, C::TelegramUnavailable, C::IdempotencyInProgress];
    OpenApiRouter::new()
        .routes(or_by_key(guarded(routes!(internal::set), OWNER, &change)))
        .routes(or_by_key(guarded(routes!(internal::delete), OWNER, &change)))
        .routes(or_by_key(guarded(routes!(internal::info), OWNER, &telegram)))
}

/// The routes that Telegram and a supervisor call: guarded by a secret, or not guarded.
fn root() -> OpenApiRouter<Door> {
    let pushed = [C::WebhookSecretInvalid, C::NotFound, C::ServiceUnavailable];
    let read =
        [C::Unauthorized, C::TokenInvalid, C::TokenExpired, C::TokenRevoked, C::ScopeMissing, C::ServiceUnavailable];
    OpenApiRouter::new()
        .routes(plain(routes!(webhook::main), &pushed))
        .routes(plain(routes!(webhook::auth), &pushed))
        .routes(plain(routes!(webhook::main_test), &pushed))
        .routes(plain(routes!(webhook::auth_test), &pushed))
        .routes(plain(routes!(health::health), &[]))
        .routes(plain(routes!(health::readyz), &[]))
        .routes(plain(routes!(metrics::metrics), &read))
}

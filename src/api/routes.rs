//! The table of contents of the admin API: every route, its requirement, and its answers beside the usual ones. The
//! access check and the OpenAPI document are made from the same line.

use axum::Extension;

use super::http::route::{Route, Routes, route};
#[cfg(test)]
use super::openapi::document;
use super::{
    admins, auth, broadcast_verbs, broadcasts, bulk, campaigns, cashiers, counter, deliveries, discounts, export,
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

/// Every route.
pub(super) fn all() -> Routes {
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
    api.below("/api/v1").merge(inside()).merge(root())
}

/// A route that admits callers who meet `needs`; `codes` are its answers beside the usual ones.
#[cfg_attr(not(test), expect(unused_variables, reason = "codes are for the OpenAPI document, which a test makes"))]
fn guarded(route: Route, needs: Requirement, codes: &[C]) -> Route {
    #[cfg(test)]
    let route = route.described_by(|about| document::guarded(about, needs, codes));
    Route { served: route.served.layer(Extension(needs)), ..route }
}

/// A guarded route that also accepts the internal key.
fn or_by_key(route: Route) -> Route {
    #[cfg(test)]
    let route = route.described_by(document::or_by_key);
    route
}

/// A route without a requirement.
#[cfg_attr(not(test), expect(unused_variables, reason = "codes are for the OpenAPI document, which a test makes"))]
fn open(route: Route, codes: &[C]) -> Route {
    #[cfg(test)]
    let route = route.described_by(|about| document::open(about, codes));
    route
}

/// A route at the root, which describes its own responses beside these codes.
#[cfg_attr(not(test), expect(unused_variables, reason = "codes are for the OpenAPI document, which a test makes"))]
fn plain(route: Route, codes: &[C]) -> Route {
    #[cfg(test)]
    let route = route.described_by(|about| document::plain(about, codes));
    route
}

/// A route that takes no order of its rows: they are exported in the order of their ids.
fn unsorted(route: Route) -> Route {
    #[cfg(test)]
    let route = route.described_by(document::unsorted);
    route
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
    let document: serde_json::Value = serde_json::from_str(&document::made()).unwrap();
    let is_keyed = |item: &serde_json::Value| item.to_string().contains(document::INTERNAL_KEY);
    let paths = document["paths"].as_object().unwrap().iter();
    paths.map(|(path, item)| Listed { path: path.clone(), is_keyed: is_keyed(item) }).collect()
}

fn logins() -> Routes {
    let login = [C::OneTimeTokenInvalid, C::OneTimeTokenUsed, C::OneTimeTokenExpired, C::AdminNotActive];
    Routes::default()
        .add(open(route!(post "/auth/login-token" auth::log_in), &login))
        .add(guarded(route!(post "/auth/logout" auth::log_out), EVERYBODY, &[]))
        .add(guarded(route!(get "/auth/me" auth::me), EVERYBODY, &[]))
}

fn figures() -> Routes {
    let needs = EVERYBODY.or(Scope::StatsRead);
    Routes::default()
        .add(guarded(route!(get "/dashboard" stats::dashboard), needs, &[]))
        .add(guarded(route!(get "/stats/overview" stats::overview), needs, &[]))
        .add(guarded(route!(get "/stats/funnel" funnel::funnel), needs, &[]))
        .add(guarded(route!(get "/stats/cashiers" stats::cashiers), needs, &[]))
        .add(guarded(route!(get "/stats/campaigns" stats::campaigns), needs, &[]))
        .add(guarded(route!(get "/stats/templates" stats::templates), needs, &[]))
        .add(guarded(route!(get "/stats/broadcasts" stats::broadcasts), needs, &[]))
        .add(guarded(route!(get "/stats/timeseries" stats::timeseries), needs, &[]))
}

fn people() -> Routes {
    let edit = [C::UserNotFound, C::PhoneInvalid, C::BirthdayInvalid, C::TooManyTags, C::TagTooLong];
    Routes::default()
        .add(guarded(route!(get "/users" users::list), EVERYBODY.or(Scope::UsersRead), &[]))
        .add(guarded(route!(get "/users/{id}" users::one), EVERYBODY.or(Scope::UsersRead), &[C::UserNotFound]))
        .add(guarded(route!(patch "/users/{id}" users::edit), MANAGERS, &edit))
}

fn verbs_of_people() -> Routes {
    let bulk = [C::TemplateNotFound, C::TemplateInactive, C::TagTooLong];
    let message = [C::UserNotFound, C::UserBlocked, C::TextHtmlInvalid];
    Routes::default()
        .add(guarded(route!(post "/users/bulk" bulk::bulk), MANAGERS, &bulk))
        .add(guarded(route!(post "/users/{id}/message" people_verbs::message), MANAGERS, &message))
        .add(guarded(route!(get "/users/{id}/export" people_verbs::export_one), OWNER, &[C::UserNotFound]))
        .add(guarded(
            route!(delete "/users/{id}" people_verbs::erase),
            OWNER,
            &[C::UserNotFound, C::CashierAlreadyExists],
        ))
}

fn exports() -> Routes {
    let needs = MANAGERS.or(Scope::Exports);
    Routes::default()
        .add(guarded(unsorted(route!(get "/export/users" export::users)), needs, &[]))
        .add(guarded(unsorted(route!(get "/export/discounts" export::discounts)), needs, &[]))
        .add(guarded(route!(get "/export/usage" export::usage), needs, &[]))
        .add(guarded(route!(get "/export/{task_id}" export::fetch), needs, &[C::ExportNotFound, C::ExportNotReady]))
        .add(guarded(
            unsorted(route!(post "/export/users/send-to-telegram" export::send_users)),
            MANAGERS,
            &[C::PayloadTooLarge],
        ))
        .add(guarded(
            unsorted(route!(post "/export/discounts/send-to-telegram" export::send_discounts)),
            MANAGERS,
            &[C::PayloadTooLarge],
        ))
        .add(guarded(route!(post "/export/usage/send-to-telegram" export::send_usage), MANAGERS, &[C::PayloadTooLarge]))
}

fn groups() -> Routes {
    let (invalid, missing) = ([C::SegmentInvalid], [C::SegmentNotFound]);
    let create = [C::SegmentInvalid, C::SegmentNameTaken];
    let edit = [C::SegmentInvalid, C::SegmentNameTaken, C::SegmentNotFound];
    Routes::default()
        .add(guarded(route!(get "/segments" segments::list), EVERYBODY, &[]))
        .add(guarded(route!(post "/segments" segments::create), MANAGERS, &create))
        .add(guarded(route!(post "/segments/preview" segments::try_out), EVERYBODY, &invalid))
        .add(guarded(route!(get "/segments/{id}" segments::one), EVERYBODY, &missing))
        .add(guarded(route!(patch "/segments/{id}" segments::edit), MANAGERS, &edit))
        .add(guarded(
            route!(delete "/segments/{id}" segments::delete),
            MANAGERS,
            &[C::SegmentNotFound, C::SegmentInUse],
        ))
        .add(guarded(route!(get "/segments/{id}/preview" segments::preview), EVERYBODY, &missing))
}

fn broadcasting() -> Routes {
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
    let verbs = Routes::default()
        .add(guarded(route!(post "/broadcasts/{id}/schedule" broadcast_verbs::schedule), MANAGERS, &confirm))
        .add(guarded(route!(post "/broadcasts/{id}/unschedule" broadcast_verbs::unschedule), MANAGERS, &step))
        .add(guarded(
            route!(post "/broadcasts/{id}/test" broadcast_verbs::test),
            MANAGERS,
            &[missing, C::AdminNotFound],
        ))
        .add(guarded(route!(post "/broadcasts/{id}/send" broadcast_verbs::send), OWNER, &confirm))
        .add(guarded(route!(post "/broadcasts/{id}/retry-failed" broadcast_verbs::retry_failed), OWNER, &step))
        .add(guarded(route!(post "/broadcasts/{id}/resend-unknown" broadcast_verbs::resend_unknown), OWNER, &step))
        .add(guarded(route!(post "/broadcasts/{id}/pause" broadcast_verbs::pause), MANAGERS, &step))
        .add(guarded(route!(post "/broadcasts/{id}/resume" broadcast_verbs::resume), MANAGERS, &held))
        .add(guarded(route!(post "/broadcasts/{id}/cancel" broadcast_verbs::cancel), MANAGERS, &step))
        .add(guarded(route!(post "/broadcasts/{id}/recall" broadcast_verbs::recall), MANAGERS, &step))
        .add(guarded(route!(post "/broadcasts/{id}/correct" broadcast_verbs::correct), MANAGERS, &mend))
        .add(guarded(route!(get "/broadcasts/{id}/deliveries" deliveries::recipients), MANAGERS, &[missing]));
    Routes::default()
        .add(guarded(route!(get "/broadcasts" broadcasts::list), read, &[]))
        .add(guarded(route!(post "/broadcasts" broadcasts::create), MANAGERS, &content))
        .add(guarded(route!(post "/broadcasts/estimate" broadcasts::estimate), MANAGERS, &stored))
        .add(guarded(route!(get "/broadcasts/{id}" broadcasts::one), read, &[missing]))
        .add(guarded(route!(patch "/broadcasts/{id}" broadcasts::edit), MANAGERS, &edit))
        .merge(verbs)
}

fn codes() -> Routes {
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
    Routes::default()
        .add(guarded(route!(get "/discounts" discounts::list), read, &[]))
        .add(guarded(route!(get "/discounts/{id}" discounts::one), read, &[C::CodeNotFound]))
        .add(guarded(route!(get "/discounts/{id}/qr" discounts::qr), read, &[C::CodeNotFound, C::NotFound]))
        .add(guarded(route!(post "/discounts" discounts::issue), MANAGERS.or(Scope::DiscountsIssue), &issue))
        .add(guarded(route!(post "/discounts/check" counter::check), till, &counter))
        .add(guarded(route!(post "/discounts/redeem" counter::redeem), till, &counter))
        .add(guarded(
            route!(post "/discounts/{id}/undo" counter::undo),
            till,
            &[C::CodeNotFound, C::NotFound, C::UndoWindowPassed],
        ))
        .add(guarded(
            route!(post "/discounts/{id}/revoke" counter::revoke),
            MANAGERS,
            &[C::CodeNotFound, C::CodeAlreadyUsed, C::CodeExpired, C::CodeRevoked],
        ))
}

/// Routes of what the shop offers: templates of codes, and campaigns.
fn offers() -> Routes {
    let made = [C::TemplateNotFound, C::CampaignKeyTaken];
    let edited = [C::CampaignNotFound, C::TemplateNotFound];
    let missing = &[C::CampaignNotFound];
    Routes::default()
        .add(guarded(route!(get "/discount-templates" templates::list), EVERYBODY, &[]))
        .add(guarded(
            route!(post "/discount-templates" templates::create),
            MANAGERS,
            &[C::TemplateNameTaken, C::TextNotFound],
        ))
        .add(guarded(route!(get "/discount-templates/{id}" templates::one), EVERYBODY, &[C::TemplateNotFound]))
        .add(guarded(
            route!(patch "/discount-templates/{id}" templates::edit),
            MANAGERS,
            &[C::TemplateNotFound, C::TextNotFound],
        ))
        .add(guarded(
            route!(delete "/discount-templates/{id}" templates::disable),
            MANAGERS,
            &[C::TemplateNotFound, C::TextNotFound],
        ))
        .add(guarded(route!(get "/campaigns" campaigns::list), EVERYBODY, &[]))
        .add(guarded(route!(post "/campaigns" campaigns::create), MANAGERS, &made))
        .add(guarded(route!(get "/campaigns/{id}" campaigns::one), EVERYBODY, missing))
        .add(guarded(route!(patch "/campaigns/{id}" campaigns::edit), MANAGERS, &edited))
        .add(guarded(route!(get "/campaigns/{id}/stats" campaigns::stats), EVERYBODY, missing))
        .add(guarded(route!(get "/campaigns/{id}/qr" campaigns::qr), EVERYBODY, &[C::CampaignNotFound, C::NotFound]))
}

fn staff() -> Routes {
    let decided = &[C::CashierNotFound, C::CashierAlreadyExists];
    let edited = &[C::AdminNotFound, C::LastOwner];
    Routes::default()
        .add(guarded(route!(get "/cashiers" cashiers::list), EVERYBODY, &[]))
        .add(guarded(route!(get "/cashiers/requests" cashiers::requests), OWNER, &[]))
        .add(guarded(route!(get "/cashiers/{id}" cashiers::one), OWNER, &[C::CashierNotFound]))
        .add(guarded(route!(patch "/cashiers/{id}" cashiers::rename), OWNER, &[C::CashierNotFound]))
        .add(guarded(route!(post "/cashiers/{id}/approve" cashiers::approve), OWNER, decided))
        .add(guarded(route!(post "/cashiers/{id}/activate" cashiers::activate), OWNER, decided))
        .add(guarded(route!(post "/cashiers/{id}/decline" cashiers::decline), OWNER, decided))
        .add(guarded(route!(post "/cashiers/{id}/suspend" cashiers::suspend), OWNER, decided))
        .add(guarded(route!(post "/cashiers/{id}/deactivate" cashiers::deactivate), OWNER, decided))
        .add(guarded(route!(get "/admins" admins::list), OWNER, &[]))
        .add(guarded(route!(get "/admins/requests" admins::requests), OWNER, &[]))
        .add(guarded(route!(get "/admins/{id}" admins::one), OWNER, &[C::AdminNotFound]))
        .add(guarded(route!(patch "/admins/{id}" admins::edit), OWNER, edited))
        .add(guarded(route!(delete "/admins/{id}" admins::disable), OWNER, edited))
        .add(guarded(route!(post "/admins/{id}/approve" admins::approve), OWNER, decided))
        .add(guarded(route!(post "/admins/{id}/decline" admins::decline), OWNER, decided))
        .add(guarded(route!(post "/admins/{id}/tokens" admins::token), OWNER, &[C::AdminNotFound, C::AdminNotActive]))
}

/// Routes of the shop's settings and texts.
fn voice() -> Routes {
    let changed = &[C::SettingNotFound, C::SettingInvalidValue, C::TemplateNotFound];
    let worded = &[C::TextNotFound, C::TextPlaceholderUnknown, C::TextHtmlInvalid];
    Routes::default()
        .add(guarded(route!(get "/settings" settings::list), OWNER, &[]))
        .add(guarded(route!(patch "/settings" settings::edit), OWNER, changed))
        .add(guarded(route!(get "/settings/{key}" settings::one), OWNER, &[C::SettingNotFound]))
        .add(guarded(route!(put "/settings/{key}" settings::set), OWNER, changed))
        .add(guarded(route!(get "/message-templates" texts::list), EVERYBODY, &[]))
        .add(guarded(route!(get "/message-templates/{key}" texts::one), EVERYBODY, &[C::TextNotFound]))
        .add(guarded(route!(put "/message-templates/{key}" texts::set), MANAGERS, worded))
        .add(guarded(route!(post "/message-templates/{key}/reset" texts::reset), MANAGERS, &[C::TextNotFound]))
        .add(guarded(route!(post "/message-templates/{key}/preview" texts::preview), MANAGERS, worded))
}

/// Routes of logs and orders.
fn records() -> Routes {
    Routes::default()
        .add(guarded(route!(get "/logs/discount-usage" logs::usage), EVERYBODY.or(Scope::DiscountsRead), &[]))
        .add(guarded(route!(get "/logs/audit" logs::changes), OWNER, &[]))
        .add(guarded(route!(get "/orders" orders::list), EVERYBODY, &[]))
        .add(guarded(route!(patch "/orders/{id}" orders::edit), MANAGERS, &[C::NotFound]))
}

fn work() -> Routes {
    let needs = OWNER.or(Scope::JobsRun);
    Routes::default().add(guarded(route!(get "/jobs" jobs::list), needs, &[])).add(guarded(
        route!(post "/jobs/{name}/run" jobs::run),
        needs,
        &[C::NotFound, C::IdempotencyInProgress],
    ))
}

/// The internal routes at the root, beside the admin API.
fn inside() -> Routes {
    let telegram = [C::TelegramFailed, C::TelegramUnavailable];
    let change = [C::TelegramFailed, C::TelegramUnavailable, C::IdempotencyInProgress];
    Routes::default()
        .add(or_by_key(guarded(route!(post "/internal/telegram/set-webhooks" internal::set), OWNER, &change)))
        .add(or_by_key(guarded(route!(post "/internal/telegram/delete-webhooks" internal::delete), OWNER, &change)))
        .add(or_by_key(guarded(route!(get "/internal/telegram/webhook-info" internal::info), OWNER, &telegram)))
}

/// The routes outside `/api/v1`: the webhooks, which check their secret themselves; `/health` and `/readyz`, open to every
/// client; `/metrics`, which checks its reader itself.
fn root() -> Routes {
    let pushed = [C::WebhookSecretInvalid, C::NotFound, C::ServiceUnavailable];
    let read =
        [C::Unauthorized, C::TokenInvalid, C::TokenExpired, C::TokenRevoked, C::ScopeMissing, C::ServiceUnavailable];
    Routes::default()
        .add(plain(route!(post "/bot/main/webhook" webhook::main), &pushed))
        .add(plain(route!(post "/bot/auth/webhook" webhook::auth), &pushed))
        .add(plain(route!(post "/bot/main-test/webhook" webhook::main_test), &pushed))
        .add(plain(route!(post "/bot/auth-test/webhook" webhook::auth_test), &pushed))
        .add(plain(route!(get "/health" health::health), &[]))
        .add(plain(route!(get "/readyz" health::readyz), &[]))
        .add(plain(route!(get "/metrics" metrics::metrics), &read))
}

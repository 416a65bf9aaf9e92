//! Makes the OpenAPI document, in a test; the program ships the result. What all operations share (allowed roles, error codes, the idempotency key) is written here
//! from the table of routes, so that the document matches what is enforced.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required, ServerBuilder,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::components::arranged;
use super::vocabulary::ErrorCode;
use crate::access::Requirement;
use crate::api::Door;
use crate::catalogue::Code;

const PROBLEM: &str = "application/problem+json";
pub(in crate::api) const INTERNAL_KEY: &str = "internal_key";

/// The codes that every operation may answer with.
const ALWAYS: &[Code] =
    &[Code::Internal, Code::HostInvalid, Code::MethodNotAllowed, Code::ServiceUnavailable, Code::RateLimitExceeded];
const WITH_TOKEN: &[Code] = &[Code::Unauthorized, Code::TokenInvalid, Code::TokenExpired, Code::TokenRevoked];

/// A refusal or a failure.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "the shape of `problem::Problem`, for the document")]
pub(in crate::api) struct ProblemShape {
    /// The type of the problem; always `about:blank`.
    r#type: String,
    /// The name of the HTTP status.
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// The error, as one sentence for people.
    detail: String,
    #[schema(value_type = ErrorCode, example = "CODE_NOT_FOUND")]
    code: String,
    /// The fields that are wrong, each with the rule that it breaks.
    errors: Vec<FieldProblem>,
    /// The request's id, as in the log.
    request_id: String,
    /// With `RECURRENCE_NOT_REACHED`: when the customer may get the next code; null if never.
    #[schema(format = DateTime)]
    next_date: Option<String>,
    /// With `CODE_ALREADY_USED`: when the code was redeemed.
    #[schema(format = DateTime, nullable = false)]
    redeemed_at: Option<String>,
    /// With `CODE_EXPIRED`: the last day on which the code was valid, in the shop's time zone.
    #[schema(format = Date, nullable = false)]
    last_day: Option<String>,
    /// With `CASHIER_LOCKED`: when the lock ends.
    #[schema(format = DateTime, nullable = false)]
    until: Option<String>,
    /// With `BROADCAST_INVALID_TRANSITION`, `BROADCAST_NOT_EDITABLE` and `CASHIER_ALREADY_EXISTS`: the present status
    /// of the broadcast or cashier.
    #[schema(nullable = false)]
    state: Option<String>,
    /// With `BROADCAST_CONFIRMATION_STALE`: how many recipients the broadcast has now.
    #[schema(minimum = 0, nullable = false)]
    recipients: Option<i64>,
    /// With `SEGMENT_IN_USE`: the names of the objects that use the segment.
    #[schema(nullable = false)]
    uses: Option<Vec<String>>,
    /// With `TEXT_PLACEHOLDER_UNKNOWN`: the placeholders that this text may use.
    #[schema(nullable = false)]
    allowed: Option<Vec<String>>,
}

/// A field of the request and what is wrong with it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of a member of `problem::Problem`, for the document")]
pub(in crate::api) struct FieldProblem {
    /// The path of the field in the request.
    field: String,
    /// The rule that the value breaks.
    message: String,
}

/// The groups of operations, in the order in which a reader needs them.
const TAGS: &[(&str, &str)] = &[
    ("auth", "Log in with a one-time token, log out, see the present admin."),
    ("stats", "Figures: the dashboard, the overview of a period, the funnel, series."),
    ("users", "Customers."),
    ("discounts", "Discount codes: issue, check, redeem, undo, revoke."),
    ("discount_templates", "Templates of discount codes."),
    ("segments", "Saved filters of customers."),
    ("broadcasts", "Broadcasts: drafts, estimates, confirmation, deliveries, corrections."),
    ("campaigns", "Links that bring customers, and their figures."),
    ("cashiers", "Cashiers and requests to become one."),
    ("admins", "Admins and requests to become one."),
    ("settings", "Settings of the shop."),
    ("message_templates", "The texts that the bots send."),
    ("logs", "The log of redemption attempts and the audit log."),
    ("orders", "Orders of VIP customers."),
    ("export", "Exports as CSV files."),
    ("jobs", "Scheduled jobs."),
    ("internal", "The webhooks that Telegram is told to use."),
    ("webhooks", "Where Telegram sends the updates of each bot."),
    ("health", "Whether the process runs, whether it can do its work, and metrics."),
];

/// The OpenAPI document without its routes.
pub(in crate::api) fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("dvorik")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("The admin API of a shop's loyalty system. Times are UTC, money is in kopecks."))
        .license(Some(LicenseBuilder::new().name(env!("CARGO_PKG_LICENSE")).identifier(Some("MIT")).build()))
        .build();
    let tag = |(name, about): &(&str, &str)| TagBuilder::new().name(*name).description(Some(*about)).build();
    let server = ServerBuilder::new().url("/").description(Some("The server that served this document")).build();
    let mut document = OpenApiBuilder::new()
        .info(info)
        .servers(Some([server]))
        .tags(Some(TAGS.iter().map(tag).collect::<Vec<_>>()))
        .build();
    let bearer =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A login or a service token")).build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let key = ApiKeyValue::with_description("X-Api-Key", "security.internal_api_key of the config");
    components.add_security_scheme(INTERNAL_KEY, SecurityScheme::ApiKey(ApiKey::Header(key)));
    let about = "The secret that the webhook was set with";
    let secret = ApiKeyValue::with_description("X-Telegram-Bot-Api-Secret-Token", about);
    components.add_security_scheme("telegram_secret", SecurityScheme::ApiKey(ApiKey::Header(secret)));
    let mut schemas = vec![(ProblemShape::name().into_owned(), ProblemShape::schema())];
    ProblemShape::schemas(&mut schemas);
    components.schemas.extend(schemas);
    document
}

/// The OpenAPI document, made from the table of routes.
pub(in crate::api) fn made() -> String {
    let routes = OpenApiRouter::with_openapi(head()).merge(crate::api::routes::all().described);
    let (_, document) = routes.split_for_parts();
    let document = arranged(serde_json::to_value(&document).unwrap());
    format!("{}\n", serde_json::to_string_pretty(&document).unwrap())
}

/// `DVORIK_WRITE_DOCS=1` writes the document anew.
#[test]
#[expect(clippy::disallowed_methods, reason = "whether a test writes what it compares is no configuration of the shop")]
fn the_document_is_the_one_that_the_program_ships() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
    let made = made();
    if std::env::var("DVORIK_WRITE_DOCS").is_ok() {
        std::fs::write(path, &made).unwrap();
    }
    assert!(std::fs::read_to_string(path).unwrap() == made, "docs/openapi.json is stale: make docs");
}

/// Documents a route with the requirement `needs`; `codes` are its answers beside the usual ones.
pub(in crate::api) fn guarded(
    route: UtoipaMethodRouter<Door>,
    needs: Requirement,
    codes: &[Code],
) -> UtoipaMethodRouter<Door> {
    let (schemas, mut paths, router) = route;
    let mut all: Vec<Code> = [ALWAYS, WITH_TOKEN, codes].concat();
    all.push(if needs.roles.len() == 1 { Code::OwnerOnly } else { Code::RoleForbidden });
    all.push(Code::ScopeMissing);
    let roles: Vec<&str> = needs.roles.iter().map(|role| role.as_str()).collect();
    let scopes: Vec<&str> = needs.scope.iter().map(|scope| scope.as_str()).collect();
    for post in paths.paths.values_mut().filter_map(|item| item.post.as_mut()).filter(|post| is_keyed(post)) {
        accept_key(post);
        all.push(Code::IdempotencyKeyReused);
    }
    for operation in paths.paths.values_mut().flat_map(operations) {
        name(operation);
        answer_with(operation, &all);
        let who = [("x-roles", json!(roles)), ("x-scopes", json!(scopes))];
        operation.extensions.get_or_insert_default().merge(Extensions::from_iter(who));
        operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("bearer", [])]);
    }
    (schemas, paths, router)
}

/// Documents a guarded route that also accepts the internal key.
pub(in crate::api) fn or_by_key(route: UtoipaMethodRouter<Door>) -> UtoipaMethodRouter<Door> {
    let (schemas, mut paths, router) = route;
    for operation in paths.paths.values_mut().flat_map(operations) {
        let key = SecurityRequirement::new::<_, [&str; 0], &str>(INTERNAL_KEY, []);
        operation.security.get_or_insert_default().push(key);
    }
    (schemas, paths, router)
}

/// Documents a route without a requirement.
pub(in crate::api) fn open(route: UtoipaMethodRouter<Door>, codes: &[Code]) -> UtoipaMethodRouter<Door> {
    let (schemas, mut paths, router) = route;
    let all = [ALWAYS, codes].concat();
    for operation in paths.paths.values_mut().flat_map(operations) {
        name(operation);
        answer_with(operation, &all);
    }
    (schemas, paths, router)
}

/// Documents a route at the root, which describes its own responses beside these codes.
pub(in crate::api) fn plain(route: UtoipaMethodRouter<Door>, codes: &[Code]) -> UtoipaMethodRouter<Door> {
    let (schemas, mut paths, router) = route;
    let all = [&[Code::Internal, Code::MethodNotAllowed, Code::RateLimitExceeded], codes].concat();
    for operation in paths.paths.values_mut().flat_map(operations) {
        name(operation);
        answer_with(operation, &all);
    }
    (schemas, paths, router)
}

/// Removes the list's order from the parameters: rows are exported in the order of their ids.
pub(in crate::api) fn unsorted((schemas, mut paths, router): UtoipaMethodRouter<Door>) -> UtoipaMethodRouter<Door> {
    for item in paths.paths.values_mut() {
        for operation in [item.get.as_mut(), item.post.as_mut()].into_iter().flatten() {
            if let Some(parameters) = operation.parameters.as_mut() {
                parameters.retain(|parameter| match parameter {
                    RefOr::T(parameter) => parameter.name != "sort",
                    RefOr::Ref(_) => true,
                });
            }
        }
    }
    (schemas, paths, router)
}

fn operations(item: &mut PathItem) -> Vec<&mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten().collect()
}

/// Names an operation: handlers are named by a verb, and the OpenAPI document puts the noun before it.
fn name(operation: &mut Operation) {
    let noun = operation.tags.as_ref().and_then(|tags| tags.first());
    if let (Some(noun), Some(verb)) = (noun, &operation.operation_id) {
        operation.operation_id = Some(format!("{noun}_{verb}"));
    }
}

/// Adds one response per HTTP status, with the error codes that it may carry.
fn answer_with(operation: &mut Operation, codes: &[Code]) {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    let mut all = codes.to_vec();
    if operation.request_body.is_some() {
        all.push(Code::PayloadTooLarge);
    }
    if operation.request_body.is_some() || operation.parameters.is_some() {
        all.push(Code::Validation);
    }
    all.sort_unstable();
    all.dedup();
    for code in all {
        by_status.entry(code.status()).or_default().push(code);
    }
    for (status, codes) in by_status {
        let words: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new()
            .description(
                codes
                    .iter()
                    .map(|code| format!("`{}`: {}", code.as_str(), code.meaning()))
                    .collect::<Vec<_>>()
                    .join(" "),
            )
            .content(PROBLEM, content)
            .extensions(Some(Extensions::from_iter([("x-codes", json!(words))])))
            .build();
        operation.responses.responses.insert(status.to_string(), RefOr::T(response));
    }
}

/// Whether a POST takes an idempotency key. An answer with a secret is never stored, so such a route is marked
/// `x-unkeyed`.
fn is_keyed(post: &Operation) -> bool {
    post.extensions.as_ref().is_none_or(|more| !more.contains_key("x-unkeyed"))
}

/// The contract of the idempotency key, as the OpenAPI document describes it.
const KEY_WORDS: &str = "The same key and body within 24 hours: the same answer, and the effect once. Kept are answers \
    with 2xx, 404 and 409. An answer with 400, 401, 403, 422, 429 or 5xx is not kept: the same key works again once the \
    cause is gone.";

fn accept_key(post: &mut Operation) {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(128));
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(KEY_WORDS))
        .schema(Some(text))
        .build();
    post.parameters.get_or_insert_default().push(RefOr::T(key));
}

//! The OpenAPI document: what is the same for every operation is written here from the table of routes (who may, which
//! codes it answers with, the idempotency key), so that the document cannot say other than what is enforced.

use std::collections::BTreeMap;

use axum::Extension;
use serde_json::{Value, json};
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::UtoipaMethodRouter;

use super::Door;
use crate::access::Needs;
use crate::catalogue::Code;

const PROBLEM: &str = "application/problem+json";
pub(super) const INTERNAL_KEY: &str = "internal_key";

/// What every operation may answer with.
const ALWAYS: &[Code] = &[Code::Internal, Code::ServiceUnavailable, Code::RateLimitExceeded];
const WITH_TOKEN: &[Code] = &[Code::Unauthorized, Code::TokenInvalid, Code::TokenExpired, Code::TokenRevoked];

/// A refusal or a failure.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "the shape of `problem::Problem`, for the document")]
pub(super) struct ProblemShape {
    /// Always `about:blank`.
    r#type: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// One sentence for people.
    detail: String,
    /// The code of the catalogue, never renamed.
    #[schema(example = "CODE_NOT_FOUND")]
    code: String,
    /// What is wrong, field by field.
    errors: Vec<FieldProblem>,
    /// The request's id, as in the log.
    request_id: String,
}

/// A field and what is wrong with it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of a member of `problem::Problem`, for the document")]
pub(super) struct FieldProblem {
    /// Its path in the request.
    field: String,
    /// What is wrong with it.
    message: String,
}

/// The document before its routes.
pub(super) fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("dvorik")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("The admin API of a shop's loyalty system. Times are UTC, money is in kopecks."))
        .build();
    let mut document = OpenApiBuilder::new().info(info).build();
    let bearer =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A login or a service token")).build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let key = ApiKeyValue::with_description("X-Api-Key", "security.internal_api_key of the config");
    components.add_security_scheme(INTERNAL_KEY, SecurityScheme::ApiKey(ApiKey::Header(key)));
    let mut schemas = vec![(ProblemShape::name().into_owned(), ProblemShape::schema())];
    ProblemShape::schemas(&mut schemas);
    components.schemas.extend(schemas);
    document
}

/// Bodies that need one of these fields at least, and not as null: no struct can say that.
const ONE_NEEDED: &[(&str, &[&str])] = &[("IssueBody", &["template_id", "template_name"])];

/// The document as it is served.
pub(super) fn finished(document: &OpenApi) -> String {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    for (schema, fields) in ONE_NEEDED {
        if let Some(Value::Object(schema)) = document.pointer_mut(&format!("/components/schemas/{schema}")) {
            let one =
                |field: &&str| json!({ "required": [field], "properties": { *field: { "not": { "type": "null" } } } });
            schema.insert("anyOf".to_owned(), fields.iter().map(one).collect());
        }
    }
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

/// A route only those may take whom `needs` names; `codes` is what it answers with beside the usual.
pub(super) fn guarded(route: UtoipaMethodRouter<Door>, needs: Needs, codes: &[Code]) -> UtoipaMethodRouter<Door> {
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
    (schemas, paths, router.layer(Extension(needs)))
}

/// A guarded route that the internal key opens, too.
pub(super) fn or_by_key(route: UtoipaMethodRouter<Door>) -> UtoipaMethodRouter<Door> {
    let (schemas, mut paths, router) = route;
    for operation in paths.paths.values_mut().flat_map(operations) {
        let key = SecurityRequirement::new::<_, [&str; 0], &str>(INTERNAL_KEY, []);
        operation.security.get_or_insert_default().push(key);
    }
    (schemas, paths, router)
}

/// A route anybody may take.
pub(super) fn open(route: UtoipaMethodRouter<Door>, codes: &[Code]) -> UtoipaMethodRouter<Door> {
    let (schemas, mut paths, router) = route;
    let all = [ALWAYS, codes].concat();
    for operation in paths.paths.values_mut().flat_map(operations) {
        name(operation);
        answer_with(operation, &all);
    }
    (schemas, paths, router)
}

fn operations(item: &mut PathItem) -> Vec<&mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten().collect()
}

/// Handlers are called as their verbs are; in the document the noun stands before.
fn name(operation: &mut Operation) {
    let noun = operation.tags.as_ref().and_then(|tags| tags.first());
    if let (Some(noun), Some(verb)) = (noun, &operation.operation_id) {
        operation.operation_id = Some(format!("{noun}_{verb}"));
    }
}

/// One response a status, with the codes it may carry.
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

/// An answer with a secret is never kept, so such a route says `x-unkeyed` and takes no key.
fn is_keyed(post: &Operation) -> bool {
    post.extensions.as_ref().is_none_or(|more| !more.contains_key("x-unkeyed"))
}

/// What a client may rely on.
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

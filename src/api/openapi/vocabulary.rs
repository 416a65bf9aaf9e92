//! The enums of the OpenAPI document that are not an enum of `words!`: the error codes, made from the catalogue's list,
//! and words that answers contain as literals.

use serde_json::json;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::filter_schema::schema;
use crate::catalogue::Code;

macro_rules! vocabulary {
    ($($shape:ident $about:literal $words:expr;)+) => {$(
        #[doc = $about]
        pub(in crate::api) struct $shape;

        impl ToSchema for $shape {}

        impl PartialSchema for $shape {
            fn schema() -> RefOr<Schema> {
                let words: Vec<&str> = $words;
                schema(json!({ "type": "string", "description": $about, "enum": words }))
            }
        }
    )+};
}

/// The schema of a file's bytes.
pub(in crate::api) struct Binary;

impl ToSchema for Binary {}

impl PartialSchema for Binary {
    fn schema() -> RefOr<Schema> {
        schema(json!({ "type": "string", "format": "binary" }))
    }
}

vocabulary! {
    ErrorCode "A code of the error catalogue. Codes are never renamed; new ones may be added."
        Code::ALL.iter().map(|code| code.as_str()).collect();
    RunOutcome "The outcome of a run. `not_due`: the job has run for this period; `running`: it is still running, and `GET /jobs` tells the outcome later."
        vec!["done", "partly", "nothing", "not_due", "running"];
    CadenceWord "The frequency of a job."
        vec!["always", "hourly", "daily", "weekly"];
    TokenType "The scheme of the `Authorization` header."
        vec!["Bearer"];
    WebhookOutcome "Telegram has accepted the change."
        vec!["ok"];
    ReadinessWord "Whether the shop can do its work."
        vec!["ready", "degraded", "not_ready"];
}

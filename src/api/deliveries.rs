//! `/broadcasts/{id}/deliveries`: the recipients of a broadcast, each with the status of its message, its reason and
//! the customer's name.

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::broadcasts::found;
use super::http::extract::{Id, Listing};
use super::http::problem::Problem;
use super::http::request::Authorized;
#[cfg(test)]
use super::openapi::schemas;
use crate::broadcast::{self, Deliveries, Delivery, Fate};

/// A recipient of a broadcast.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct DeliveryBody {
    user_id: i64,
    /// The name of the customer.
    user: String,
    status: Fate,
    /// The class of the failure (what Telegram's refusal means), or the reason why the recipient was skipped.
    class: Option<String>,
    /// The number of calls to Telegram for this recipient.
    attempt: i64,
    /// The id of the message in the recipient's chat.
    message_id: Option<i64>,
    /// Telegram's error code.
    error_code: Option<i64>,
    /// The error text of Telegram or of the operating system.
    error: Option<String>,
    #[cfg_attr(test, schema(format = DateTime))]
    settled_at: Option<String>,
    #[cfg_attr(test, schema(format = DateTime))]
    recalled_at: Option<String>,
}

impl From<Delivery> for DeliveryBody {
    fn from(of: Delivery) -> Self {
        Self {
            user_id: of.user.0,
            user: of.user_name,
            status: of.fate,
            class: of.class,
            attempt: of.attempt,
            message_id: of.message_id,
            error_code: of.error_code,
            error: of.error,
            settled_at: of.settled_at.map(|at| at.to_string()),
            recalled_at: of.recalled_at.map(|at| at.to_string()),
        }
    }
}

/// The filters of the list of recipients.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct DeliveryFilter {
    /// Only recipients with this status of their message.
    #[cfg_attr(test, param(inline))]
    status: Option<Fate>,
    /// Only recipients with this class of failure, or skipped for this reason.
    #[cfg_attr(test, param(min_length = 1, max_length = 32, pattern = "^[a-z_]+$", example = "blocked"))]
    class: Option<String>,
}

/// List the deliveries of a broadcast
///
/// By ascending user id. The rows of old broadcasts are deleted, except those of recipients with a redemption.
#[cfg_attr(test, utoipa::path(get, path = "/broadcasts/{id}/deliveries", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), schemas::PageParams, DeliveryFilter),
    responses((status = 200, description = "One page", body = schemas::Page<DeliveryBody>))))]
pub(super) async fn recipients(ask: Authorized, id: Id, listing: Listing<DeliveryFilter>) -> Result<Response, Problem> {
    let DeliveryFilter { status: fate, class } = listing.filter.clone();
    let is_word =
        |word: &String| (1..=32).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if class.as_ref().is_some_and(|class| !is_word(class)) {
        return Err(Problem::field("class", "1 to 32 small letters and underscores are needed"));
    }
    ask.read(move |view, _| {
        let found = found(view, listing.realm, id.0)?;
        let wanted = Deliveries { fate, class };
        let (rows, total) = broadcast::delivery_page(view, &found, &wanted, listing.slice)?;
        Ok(listing.page_of(rows.into_iter().map(DeliveryBody::from).collect(), total))
    })
    .await
}

//! `/message-templates`: every text of the bots. A new text is checked by Telegram's rules before it is stored; the
//! default text is shown beside the present one.

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::cashiers::nothing;
use super::http::extract::{Body, Listing, Name};
use super::http::problem::Problem;
use super::http::request::{Authorized, PostReply};
#[cfg(test)]
use super::openapi::schemas;
use crate::db::{Slice, View};
use crate::error::Result as ShopResult;
use crate::texts::{self, Kind, StoredText};

/// The size limit of a text, tags included: above any text that Telegram accepts.
const LONGEST: usize = 16_384;

/// A text of the bots.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct TextBody {
    key: &'static str,
    /// The title of the text.
    title: &'static str,
    kind: Kind,
    /// The present text: Telegram HTML with `{{placeholders}}`.
    body: String,
    /// The default text.
    default: &'static str,
    /// The placeholders that the text may use.
    placeholders: Vec<&'static str>,
    /// Whether the shop has changed the text.
    is_changed: bool,
}

impl From<StoredText> for TextBody {
    fn from(text: StoredText) -> Self {
        Self {
            key: text.key,
            title: text.title,
            kind: texts::kind(text.key),
            default: text.default,
            placeholders: texts::placeholders(text.key),
            is_changed: text.is_custom,
            body: text.body,
        }
    }
}

/// The filters of the list of texts.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct TextFilter {
    /// Only changed or only unchanged texts; all if absent.
    is_changed: Option<bool>,
}

/// List texts, in the order of keys
///
/// The same for the real and the test bots: `is_test` changes nothing here.
#[cfg_attr(test, utoipa::path(get, path = "/message-templates", tag = "message_templates", params(schemas::PageParams, TextFilter),
    responses((status = 200, description = "One page", body = schemas::Page<TextBody>))))]
pub(super) async fn list(ask: Authorized, listing: Listing<TextFilter>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let (found, total) = page(view, listing.filter.is_changed, listing.slice)?;
        Ok(listing.page_of(found.into_iter().map(TextBody::from).collect(), total))
    })
    .await
}

/// A page of the list of texts: reads all of them, because there are only a few hundred.
fn page(view: &View<'_>, is_changed: Option<bool>, slice: Slice) -> ShopResult<(Vec<StoredText>, i64)> {
    let mut all = texts::list(view)?;
    all.retain(|text| is_changed.is_none_or(|wanted| wanted == text.is_custom));
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let skipped = usize::try_from(slice.offset).unwrap_or(usize::MAX);
    Ok((all.into_iter().skip(skipped).take(slice.limit as usize).collect(), total))
}

/// Show a text
#[cfg_attr(test, utoipa::path(get, path = "/message-templates/{key}", tag = "message_templates",
    params(("key" = String, Path, min_length = 1, max_length = 64, description = "The key", example = "welcome")),
    responses((status = 200, description = "The text", body = TextBody))))]
pub(super) async fn one(ask: Authorized, key: Name) -> Result<Response, Problem> {
    ask.read(move |view, _| texts::get(view, &key.0).map(TextBody::from)).await
}

/// The new content of a text.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// The new text: Telegram HTML with `{{placeholders}}`.
    #[cfg_attr(test, schema(min_length = 1, max_length = 16384, example = "Hello, {{first_name}}!"))]
    body: String,
}

fn short(body: &str) -> Result<(), Problem> {
    let fits = (1..=LONGEST).contains(&body.chars().count());
    fits.then_some(()).ok_or_else(|| Problem::field("body", format!("1 to {LONGEST} characters are needed")))
}

/// Change a text
#[cfg_attr(test, utoipa::path(put, path = "/message-templates/{key}", tag = "message_templates", request_body = Words,
    params(("key" = String, Path, min_length = 1, max_length = 64, description = "The key", example = "welcome")),
    responses((status = 200, description = "The present text", body = TextBody))))]
pub(super) async fn set(ask: Authorized, key: Name, body: Body<Words>) -> Result<Response, Problem> {
    let words = body.value.body;
    short(&words)?;
    ask.write(move |tx, caller| {
        let change = texts::edit(tx, &key.0, &words, caller.manager()?.actor())?;
        Ok(TextBody::from(change.after))
    })
    .await
}

/// Reset a text to the default
#[cfg_attr(test, utoipa::path(post, path = "/message-templates/{key}/reset", tag = "message_templates",
    params(("key" = String, Path, min_length = 1, max_length = 64, description = "The key", example = "welcome")),
    responses((status = 200, description = "The present text", body = TextBody))))]
pub(super) async fn reset(ask: Authorized, key: Name) -> Result<Response, Problem> {
    ask.post(nothing(), move |tx, caller| {
        let change = texts::reset(tx, &key.0, caller.manager()?.actor())?;
        Ok(PostReply::Ok(TextBody::from(change.after)))
    })
    .await
}

/// A text to preview.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Draft {
    /// The text to preview: Telegram HTML with `{{placeholders}}`; the present text if absent.
    #[serde(default)]
    #[cfg_attr(test, schema(min_length = 1, max_length = 16384))]
    body: Option<String>,
}

/// The preview of a text.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct Preview {
    key: String,
    /// The text as Telegram HTML with example values.
    html: String,
}

/// Preview a text with example values
///
/// The text in the request is checked and shown, but not stored.
#[cfg_attr(test, utoipa::path(post, path = "/message-templates/{key}/preview", tag = "message_templates", request_body = Draft,
    params(("key" = String, Path, min_length = 1, max_length = 64, description = "The key", example = "welcome")),
    responses((status = 200, description = "Preview", body = Preview))))]
pub(super) async fn preview(ask: Authorized, key: Name, body: Body<Draft>) -> Result<Response, Problem> {
    let Body { value: Draft { body: words }, hash } = body;
    words.as_deref().map_or(Ok(()), short)?;
    ask.post(hash, move |tx, caller| {
        caller.manager()?;
        let html = match &words {
            Some(words) => texts::preview_of(tx, &key.0, words)?,
            None => texts::preview(tx, &key.0)?,
        };
        Ok(PostReply::Ok(Preview { key: key.0, html }))
    })
    .await
}

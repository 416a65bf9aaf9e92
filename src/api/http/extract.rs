//! Reads a request strictly: a JSON body of at most 64 KB, a query, an id in the path. An error names the field; an
//! unknown field is refused.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use chrono::{Datelike, NaiveDate};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use super::json::Strict;
use super::problem::Problem;
use crate::catalogue::Code;
use crate::db::Slice;
use crate::realm::Realm;
use crate::secret;

const BODY_LIMIT: usize = 64 * 1024;
/// A body must arrive within this time: it is at most a page of text.
const PATIENCE: Duration = Duration::from_secs(10);
const MOST_PER_PAGE: u32 = 100;
/// The deepest row of a paged list: deeper pages are slow, and a reader of a list does not go so far.
const DEEPEST: u64 = 10_000;

/// The size limit of a JSON body that lists many customers.
pub(in crate::api) const MANY: usize = 1024 * 1024;

/// A JSON body of at most `MOST` bytes, and its hash.
pub(in crate::api) struct Body<T, const MOST: usize = BODY_LIMIT> {
    /// The value parsed from the body.
    pub value: T,
    /// The hash of the body, by which a repeated request is recognised.
    pub hash: String,
}

impl<S: Send + Sync, T: DeserializeOwned, const MOST: usize> FromRequest<S> for Body<T, MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_json = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        let bytes = read(request.into_body(), MOST, PATIENCE).await?;
        if !is_json {
            return Err(Problem::field("Content-Type", "application/json is needed"));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| Problem::field("body", "this is not UTF-8"))?;
        let mut json = serde_json::Deserializer::from_str(text);
        let Strict(value) = parsed(&mut json, "body")?;
        json.end().map_err(|error| Problem::field("body", error.to_string()))?;
        // Serde would also accept a list of the fields in their order.
        if !value.is_object() {
            return Err(Problem::field("body", "a JSON object is needed"));
        }
        Ok(Self { value: parsed(value, "body")?, hash: secret::sha256(text) })
    }
}

async fn read(body: axum::body::Body, most: usize, patience: Duration) -> Result<Bytes, Problem> {
    let late = |_| Problem::field("body", "the body did not arrive in time");
    let read = tokio::time::timeout(patience, Limited::new(body, most).collect()).await.map_err(late)?;
    read.map(http_body_util::Collected::to_bytes).map_err(|error| {
        if error.is::<LengthLimitError>() {
            return Problem::saying(Code::PayloadTooLarge, format!("A body has at most {most} bytes here."));
        }
        Problem::field("body", "the body did not arrive whole")
    })
}

/// Parses a value; an error names the field.
fn parsed<'de, T: serde::Deserialize<'de>, D: serde::Deserializer<'de>>(from: D, whole: &str) -> Result<T, Problem>
where
    D::Error: std::fmt::Display,
{
    serde_path_to_error::deserialize(from).map_err(|error| {
        let (path, message) = (error.path().to_string(), error.inner().to_string());
        let named = ["unknown field", "missing field", "duplicate field"].iter().any(|how| message.starts_with(how));
        let unknown = message.split_once('`').filter(|_| named);
        let field = match unknown.and_then(|(_, rest)| rest.split('`').next()) {
            Some(name) if path == "." || path == name => name.to_owned(),
            Some(name) if path.ends_with(name) => path,
            Some(name) => format!("{path}.{name}"),
            None if path == "." => whole.to_owned(),
            None => path,
        };
        Problem::field(&field, worded(&message))
    })
}

/// Serde's message, reworded without names of the program's types.
fn worded(message: &str) -> String {
    let is_number = ["invalid digit", "cannot parse integer", "number too large", "number too small"];
    if is_number.iter().any(|known| message.contains(known)) {
        return "a whole number is needed".to_owned();
    }
    if message.starts_with("provided string was not") {
        return "true or false is needed".to_owned();
    }
    if let Some((given, possible)) =
        message.strip_prefix("unknown variant ").and_then(|rest| rest.split_once(", expected "))
    {
        let possible = possible.trim_start_matches("one of ").replace('`', "");
        return format!("{} is not a possible value: {possible}", given.replace('`', "\""));
    }
    let typed = ["invalid type: ", "invalid value: "].iter().find_map(|how| message.strip_prefix(how));
    let Some((given, expected)) = typed.and_then(|rest| rest.split_once(", expected ")) else {
        return message.to_owned();
    };
    let expected = expected.split(" at line ").next().unwrap_or(expected);
    let needed = match expected {
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number of 0 or more",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a string" | "a borrowed string" | "a character" => "a string",
        "a sequence" => "a list",
        other if other.starts_with("struct ") || other.starts_with("a map") || other.starts_with("internally") => {
            "an object"
        }
        other => other,
    };
    let given = ["string ", "integer ", "boolean ", "floating point "].iter().find_map(|kind| given.strip_prefix(kind));
    match given {
        Some(given) => format!("{needed} is needed, not {}", given.replace('`', "")),
        None => format!("{needed} is needed"),
    }
}

/// The page of a list.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(in crate::api) struct PageParams {
    /// The number of the page, from 1; `page` × `per_page` is at most 10,000.
    #[cfg_attr(test, param(minimum = 1, maximum = 10000, default = 1))]
    page: u32,
    /// The number of rows per page.
    #[cfg_attr(test, param(minimum = 1, maximum = 100, default = 20))]
    per_page: u32,
    /// Whether to list rows of the test bots instead of the real ones.
    #[cfg_attr(test, param(default = false, example = false))]
    is_test: bool,
}

impl Default for PageParams {
    fn default() -> Self {
        Self { page: 1, per_page: 20, is_test: false }
    }
}

/// The realm of a request.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(in crate::api) struct RealmParam {
    /// Whether to use rows of the test bots instead of the real ones.
    #[cfg_attr(test, param(default = false, example = false))]
    is_test: bool,
}

impl RealmParam {
    /// The realm that the request names.
    pub(in crate::api) const fn realm(self) -> Realm {
        Realm::from_is_test(self.is_test)
    }
}

impl From<RealmParam> for Realm {
    fn from(world: RealmParam) -> Self {
        world.realm()
    }
}

/// A list's query: the page, the realm, and the list's own filters.
pub(in crate::api) struct Listing<F> {
    /// How many rows to skip, and how many to return.
    pub slice: Slice,
    /// The realm of the rows.
    pub realm: Realm,
    /// The list's own filters.
    pub filter: F,
    page: PageParams,
}

impl<S: Send + Sync, F: DeserializeOwned + Send> FromRequestParts<S> for Listing<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let ours = ["page", "per_page", "is_test"];
        let (page, rest) = pairs(parts)?.into_iter().partition(|(name, _)| ours.contains(&name.as_str()));
        let page: PageParams = of_pairs(page)?;
        within("page", page.page, 1, u32::MAX)?;
        within("per_page", page.per_page, 1, MOST_PER_PAGE)?;
        let offset = u64::from(page.page - 1) * u64::from(page.per_page);
        if offset + u64::from(page.per_page) > DEEPEST {
            return Err(Problem::field("page", "page × per_page is at most 10,000"));
        }
        let (slice, realm) = (Slice { limit: page.per_page, offset }, Realm::from_is_test(page.is_test));
        Ok(Self { slice, realm, filter: of_pairs(rest)?, page })
    }
}

fn within(field: &str, given: u32, low: u32, high: u32) -> Result<(), Problem> {
    let refused = || Problem::field(field, format!("a whole number is needed, {low}–{high}"));
    (low..=high).contains(&given).then_some(()).ok_or_else(refused)
}

/// Checks that each given text has at least one character, at most its limit, and is not blank.
pub(in crate::api) fn lengths(texts: &[(&str, &Option<String>, usize)]) -> Result<(), Problem> {
    let bad = |text: &str, most| text.trim().is_empty() || text.chars().count() > most;
    match texts.iter().find(|(_, text, most)| text.as_ref().is_some_and(|text| bad(text, *most))) {
        Some((field, _, most)) => Err(Problem::field(field, format!("1 to {most} characters are needed"))),
        None => Ok(()),
    }
}

/// The order of a list that has only one: the newest row first.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(in crate::api) enum Newest {
    #[serde(rename = "-created_at")]
    First,
}

/// The query of a list without filters.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(in crate::api) struct Plain {
    /// The order of the list; only this one exists.
    #[cfg_attr(test, param(inline))]
    sort: Option<Newest>,
}

/// The query of a route that is not a list by pages.
pub(in crate::api) struct Query<F>(pub F);

impl<S: Send + Sync, F: DeserializeOwned + Send> FromRequestParts<S> for Query<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        of_pairs(pairs(parts)?).map(Self)
    }
}

/// The names and values of a query; a repeated name is refused.
pub(in crate::api) fn pairs(parts: &Parts) -> Result<Vec<(String, String)>, Problem> {
    let query = parts.uri.query().unwrap_or_default();
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(query).map_err(|error| Problem::field("query", error.to_string()))?;
    let mut seen = BTreeSet::new();
    match pairs.iter().find(|(name, _)| !seen.insert(name.clone())) {
        Some((twice, _)) => Err(Problem::field(twice, "given twice")),
        None => Ok(pairs),
    }
}

/// Parses the names and values of a query.
pub(in crate::api) fn of_pairs<F: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<F, Problem> {
    let text = serde_urlencoded::to_string(pairs).unwrap_or_default();
    parsed(serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes())), "query")
}

/// A day as `2026-11-22`, of the years 1900 to 2999.
#[derive(Debug, Clone, Copy)]
pub(in crate::api) struct Day(pub NaiveDate);

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let read = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
        let day = read.filter(|day| text.len() == 10 && (1900..=2999).contains(&day.year()));
        day.map(Self).ok_or_else(|| serde::de::Error::custom("a day such as 2026-11-22 is needed, 1900–2999"))
    }
}

/// The row id in the path.
pub(in crate::api) struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let refused = || Problem::field("id", "a whole number above zero is needed");
        let Path(id) = Path::<i64>::from_request_parts(parts, state).await.map_err(|_| refused())?;
        if id > 0 { Ok(Self(id)) } else { Err(refused()) }
    }
}

/// A name in the path: a key, a job, a kind.
pub(in crate::api) struct Name(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let refused = || Problem::field("path", "1 to 64 characters are needed");
        let Path(name) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| refused())?;
        if (1..=64).contains(&name.chars().count()) { Ok(Self(name)) } else { Err(refused()) }
    }
}

/// Deserializes a field so that null is distinguished from an absent field.
pub(in crate::api) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Deserializes a field that may be absent; refuses null.
pub(in crate::api) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// One page of a list.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[cfg_attr(test, schema(bound = "T: utoipa::ToSchema"))]
pub(in crate::api) struct Page<T> {
    /// The rows of this page.
    items: Vec<T>,
    /// The number of rows on all pages.
    #[cfg_attr(test, schema(minimum = 0))]
    total: i64,
    /// The number of this page, from 1.
    page: u32,
    /// The number of rows per page.
    per_page: u32,
}

impl<F> Listing<F> {
    /// A page of these rows, with the requested page number and size.
    pub(in crate::api) fn page_of<T>(&self, items: Vec<T>, total: i64) -> Page<T> {
        Page { items, total, page: self.page.page, per_page: self.page.per_page }
    }
}

/// Checks that the number in this field is within the range.
pub(in crate::api) fn ranged(field: &str, given: i64, range: RangeInclusive<i64>) -> Result<(), Problem> {
    let refused = || Problem::field(field, format!("a whole number is needed, {}–{}", range.start(), range.end()));
    range.contains(&given).then_some(()).ok_or_else(refused)
}

/// Checks that the text in this field is one line of 1 to `most` characters, not all blank. The field's schema says so by
/// the format `line`.
pub(in crate::api) fn line(field: &str, text: &str, most: usize) -> Result<(), Problem> {
    let is_line = !text.trim().is_empty() && text.chars().count() <= most && !text.contains(char::is_control);
    let refused = || Problem::field(field, format!("one line of 1 to {most} characters is needed"));
    is_line.then_some(()).ok_or_else(refused)
}

/// Checks that the key in this field has 1 to `most` small Latin letters, digits or signs in `more`.
pub(in crate::api) fn key(field: &str, text: &str, most: usize, more: &str) -> Result<(), Problem> {
    let fits = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || more.contains(sign);
    let is_key = (1..=most).contains(&text.len()) && text.chars().all(fits);
    let refused = || Problem::field(field, format!("1 to {most} characters are needed: a-z, 0-9 and {more}"));
    is_key.then_some(()).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use super::*;

    /// A client that sends one byte and then nothing.
    struct Trickle(bool);

    impl axum::body::HttpBody for Trickle {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
            if std::mem::replace(&mut self.0, true) {
                return Poll::Pending;
            }
            Poll::Ready(Some(Ok(hyper::body::Frame::data(Bytes::from_static(b"{")))))
        }
    }

    #[test]
    fn a_complaint_repeats_the_value_and_says_the_rule_in_words() {
        let said =
            |json: &str| parsed::<RealmParam, _>(&mut serde_json::Deserializer::from_str(json), "body").unwrap_err();
        let words = |problem: Problem| {
            let id = crate::api::http::request_id::RequestId::for_tests();
            problem.body(&id)["errors"][0]["message"].as_str().unwrap().to_owned()
        };
        assert_eq!(words(said(r#"{"is_test":"yes"}"#)), "true or false is needed, not \"yes\"");
        assert_eq!(worded("invalid type: string \"x\", expected i64"), "a whole number is needed, not \"x\"");
        assert_eq!(
            worded("invalid value: integer `-1`, expected u32"),
            "a whole number of 0 or more is needed, not -1"
        );
        assert_eq!(worded("invalid type: null, expected a string"), "a string is needed");
        assert_eq!(worded("invalid digit found in string"), "a whole number is needed");
        assert_eq!(worded("unknown variant `x`, expected one of `a`, `b`"), "\"x\" is not a possible value: a, b");
        assert_eq!(worded("unknown field `x`"), "unknown field `x`");
    }

    #[tokio::test]
    async fn a_body_that_trickles_is_given_up() {
        let refused = read(axum::body::Body::new(Trickle(false)), BODY_LIMIT, Duration::from_millis(1)).await;
        assert_eq!(refused.unwrap_err().status(), 422);
    }
}

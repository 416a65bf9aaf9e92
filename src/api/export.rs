//! `/export`: customers, codes and attempts as CSV. A short export is streamed as fast as the client reads; a long one
//! is made by the daemon and fetched by its id, or sent to the admin's chat.

use axum::extract::{FromRequestParts, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::request::Parts;
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::bots::Bots;
use super::discounts::DiscountFilter;
use super::http::extract::{Day, Name, of_pairs, pairs};
use super::http::problem::{Problem, written};
use super::http::request::{Authorized, PostReply};
use super::http::stream;
use super::user_filter::{UserFilter, checked};
use crate::access::Caller;
use crate::catalogue::Code;
use crate::db::{Failure, View};
use crate::discount::{self, Attempt};
use crate::error::Result as ShopResult;
use crate::export::{self, Ordered, Pick, Plan, Rows, Shape, UsageFilter};
use crate::ids::{CashierId, DiscountId, TelegramId};
use crate::realm::{BotName, Realm};
use crate::secret;

/// The limit of an export that is sent to a chat: more rows may exceed the 50 MB of a Telegram file.
const MOST_ROWS_FOR_TELEGRAM: i64 = 200_000;

/// The format of an export and its realm.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct SheetParams {
    /// Whether semicolons separate the cells, for Russian versions of Excel.
    #[cfg_attr(test, param(default = false, example = false))]
    excel: bool,
    /// Whether to export rows of the test bots instead of the real ones.
    #[cfg_attr(test, param(default = false, example = false))]
    is_test: bool,
}

/// The query of an export: its format, and the filters of the list of the same rows.
pub(super) struct ExportQuery<F> {
    sheet: SheetParams,
    filter: F,
    /// The filters as the audit log stores them; of the search text only its length.
    said: Value,
    hash: String,
}

impl<S: Send + Sync, F: DeserializeOwned + Send> FromRequestParts<S> for ExportQuery<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let hash = secret::sha256(parts.uri.query().unwrap_or_default());
        let (sheet, rest): (Vec<_>, Vec<_>) =
            pairs(parts)?.into_iter().partition(|(name, _)| ["excel", "is_test"].contains(&name.as_str()));
        if rest.iter().any(|(name, _)| name == "sort") {
            return Err(Problem::field("sort", "an export is in the order of its ids"));
        }
        let said = rest.iter().map(|(name, value)| {
            let value = if name == "search" { json!({ "length": value.chars().count() }) } else { json!(value) };
            (name.clone(), value)
        });
        let said = Value::Object(said.collect::<Map<_, _>>());
        Ok(Self { sheet: of_pairs(sheet)?, filter: of_pairs(rest)?, said, hash })
    }
}

/// The filters of an export of attempts.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct AttemptFilter {
    /// Only attempts with this result.
    #[cfg_attr(test, param(inline))]
    status: Option<Attempt>,
    /// Only attempts of this cashier.
    #[cfg_attr(test, param(minimum = 1))]
    cashier_id: Option<i64>,
    /// Only attempts on this day or later, in the shop's time zone.
    #[cfg_attr(test, param(inline, example = "2026-11-01"))]
    from: Option<Day>,
    /// Only attempts on this day or earlier, in the shop's time zone.
    #[cfg_attr(test, param(inline, example = "2026-11-30"))]
    to: Option<Day>,
}

/// Filters that select the rows of an export.
pub(super) trait Picks: Send + 'static {
    /// Checks the filters; an error names the query's own parameter.
    fn checked(&self) -> Result<(), Problem>;
    /// Selects the rows to export: those that the list with the same filters shows.
    fn pick(&self, view: &View<'_>, realm: Realm, caller: &Caller) -> ShopResult<Pick>;
}

impl Picks for UserFilter {
    fn checked(&self) -> Result<(), Problem> {
        checked(self)
    }

    fn pick(&self, view: &View<'_>, realm: Realm, caller: &Caller) -> ShopResult<Pick> {
        self.sought(realm, caller).find(view).map(Pick::Users)
    }
}

impl Picks for DiscountFilter {
    fn checked(&self) -> Result<(), Problem> {
        DiscountFilter::checked(self)
    }

    fn pick(&self, view: &View<'_>, realm: Realm, _: &Caller) -> ShopResult<Pick> {
        // Selects nothing, because no row has this id.
        let nothing = || discount::CodeFilter { id: Some(DiscountId(0)), ..discount::CodeFilter::default() };
        Ok(Pick::Discounts(self.of(view, realm)?.unwrap_or_else(nothing)))
    }
}

impl Picks for AttemptFilter {
    fn checked(&self) -> Result<(), Problem> {
        if self.cashier_id.is_some_and(|id| id < 1) {
            return Err(Problem::field("cashier_id", "a whole number above zero is needed"));
        }
        match (self.from, self.to) {
            (Some(from), Some(to)) if from.0 > to.0 => Err(Problem::field("from", "the beginning is after the end")),
            _ => Ok(()),
        }
    }

    fn pick(&self, _: &View<'_>, _: Realm, _: &Caller) -> ShopResult<Pick> {
        Ok(Pick::Usage(UsageFilter {
            status: self.status,
            cashier: self.cashier_id.map(CashierId),
            from: self.from.map(|day| day.0),
            to: self.to.map(|day| day.0),
        }))
    }
}

/// An export task.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct ExportTask {
    /// The id of the export for `GET /export/{task_id}`: for the same caller, for 24 hours.
    #[cfg_attr(test, schema(example = "bRk2hT5wQm8xZp3nVd7cLs"))]
    task_id: String,
    /// The number of rows of the export.
    #[cfg_attr(test, schema(minimum = 0))]
    rows: i64,
}

/// Export customers as CSV
///
/// UTF-8 with a byte order mark. For more than 10,000 rows the answer is 202 with the id of an export task.
#[cfg_attr(test, utoipa::path(get, path = "/export/users", tag = "export", params(SheetParams, UserFilter),
    responses((status = 200, description = "CSV", content((String = "text/csv"))),
        (status = 202, description = "A file is being made; `Location` is its address", body = ExportTask,
            headers(("Location" = String, description = "The address of the file, once it is made"))))))]
pub(super) async fn users(ask: Authorized, wanted: ExportQuery<UserFilter>) -> Result<Response, Problem> {
    hand_out(ask, wanted).await
}

/// Export codes as CSV
///
/// UTF-8 with a byte order mark. For more than 10,000 rows the answer is 202 with the id of an export task.
#[cfg_attr(test, utoipa::path(get, path = "/export/discounts", tag = "export", params(SheetParams, DiscountFilter),
    responses((status = 200, description = "CSV", content((String = "text/csv"))),
        (status = 202, description = "A file is being made; `Location` is its address", body = ExportTask,
            headers(("Location" = String, description = "The address of the file, once it is made"))))))]
pub(super) async fn discounts(ask: Authorized, wanted: ExportQuery<DiscountFilter>) -> Result<Response, Problem> {
    hand_out(ask, wanted).await
}

/// Export redemption attempts as CSV
///
/// UTF-8 with a byte order mark. For more than 10,000 rows the answer is 202 with the id of an export task.
#[cfg_attr(test, utoipa::path(get, path = "/export/usage", tag = "export", params(SheetParams, AttemptFilter),
    responses((status = 200, description = "CSV", content((String = "text/csv"))),
        (status = 202, description = "A file is being made; `Location` is its address", body = ExportTask,
            headers(("Location" = String, description = "The address of the file, once it is made"))))))]
pub(super) async fn usage(ask: Authorized, wanted: ExportQuery<AttemptFilter>) -> Result<Response, Problem> {
    hand_out(ask, wanted).await
}

/// Answers with the exported rows, or with the id of an export task. The audit row is committed before the first row is
/// sent.
async fn hand_out<F: Picks>(ask: Authorized, wanted: ExportQuery<F>) -> Result<Response, Problem> {
    let sheet = wanted.sheet;
    let rows = counted(ask.clone(), wanted).await?;
    let (theirs, db) = (rows.clone(), ask.db().clone());
    if rows.total > export::MOST_AT_ONCE {
        let ordered = ask.change(move |tx, by| export::order(tx, &theirs, sheet.excel, None, &by.actor()));
        let task = ExportTask { task_id: ordered.await?, rows: rows.total };
        let text = serde_json::to_string(&task).map_err(|error| Failure::Internal(error.to_string()))?;
        let mut response = written(202, text);
        if let Ok(place) = HeaderValue::from_str(&format!("/api/v1/export/{}", task.task_id)) {
            response.headers_mut().insert(LOCATION, place);
        }
        return Ok(response);
    }
    ask.change(move |tx, by| export::record(tx, &theirs, &by.actor())).await?;
    let shape = Shape::csv(sheet.excel);
    let name = rows.plan.file_name(&db.zone().day(db.clock().now()), shape);
    Ok(attached(stream::rows(db, rows, shape), &name))
}

async fn counted<F: Picks>(ask: Authorized, wanted: ExportQuery<F>) -> Result<Rows, Problem> {
    let ExportQuery { sheet, filter, said, .. } = wanted;
    filter.checked()?;
    let realm = Realm::from_is_test(sheet.is_test);
    ask.look(move |view, caller| {
        let pick = filter.pick(view, realm, caller)?;
        Rows::of(view, Plan { realm, pick, said })
    })
    .await
}

fn attached(body: axum::body::Body, name: &str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(attachment) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, attachment);
    }
    response
}

/// Fetch the file of an export
#[cfg_attr(test, utoipa::path(get, path = "/export/{task_id}", tag = "export",
    params(("task_id" = String, Path, min_length = 1, max_length = 64, description = "The id from the answer of the export",
        example = "bRk2hT5wQm8xZp3nVd7cLs")),
    responses((status = 200, description = "CSV", content((String = "text/csv"))))))]
pub(super) async fn fetch(ask: Authorized, id: Name) -> Result<Response, Problem> {
    let db = ask.db().clone();
    let opened = ask.look(move |view, caller| {
        Ok(match export::get_done(view, &id.0, &caller.actor())? {
            Ordered::No => Err(Code::ExportNotFound),
            Ordered::Waits => Err(Code::ExportNotReady),
            Ordered::Done(task) => Ok(task.id),
        })
    });
    let id = opened.await?.map_err(Problem::of)?;
    let opened = tokio::task::spawn_blocking(move || export::open(&db, &id));
    let opened = opened.await.map_err(|error| Failure::Internal(error.to_string()))??;
    let opened = opened.ok_or_else(|| Problem::of(Code::ExportNotFound))?;
    let name = opened.name.clone();
    Ok(attached(stream::file(opened), &name))
}

/// An export that is sent to a chat.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct ExportSent {
    /// The number of rows of the export.
    #[cfg_attr(test, schema(minimum = 0))]
    rows: i64,
    /// Always true: the file is made, then the staff bot sends it to the caller's chat.
    queued: bool,
}

/// Send customers as a file to the caller's chat
#[cfg_attr(test, utoipa::path(post, path = "/export/users/send-to-telegram", tag = "export", params(SheetParams, UserFilter),
    responses((status = 202, description = "Message queued", body = ExportSent))))]
pub(super) async fn send_users(
    ask: Authorized,
    State(bots): State<Bots>,
    wanted: ExportQuery<UserFilter>,
) -> Result<Response, Problem> {
    send(ask, &bots, wanted).await
}

/// Send codes as a file to the caller's chat
#[cfg_attr(test, utoipa::path(post, path = "/export/discounts/send-to-telegram", tag = "export", params(SheetParams, DiscountFilter),
    responses((status = 202, description = "Message queued", body = ExportSent))))]
pub(super) async fn send_discounts(
    ask: Authorized,
    State(bots): State<Bots>,
    wanted: ExportQuery<DiscountFilter>,
) -> Result<Response, Problem> {
    send(ask, &bots, wanted).await
}

/// Send redemption attempts as a file to the caller's chat
#[cfg_attr(test, utoipa::path(post, path = "/export/usage/send-to-telegram", tag = "export", params(SheetParams, AttemptFilter),
    responses((status = 202, description = "Message queued", body = ExportSent))))]
pub(super) async fn send_usage(
    ask: Authorized,
    State(bots): State<Bots>,
    wanted: ExportQuery<AttemptFilter>,
) -> Result<Response, Problem> {
    send(ask, &bots, wanted).await
}

async fn send<F: Picks>(ask: Authorized, bots: &Bots, wanted: ExportQuery<F>) -> Result<Response, Problem> {
    if !bots.has(BotName::Staff) {
        return Err(Problem::saying(Code::ServiceUnavailable, "The staff bot has no token: nobody can be written to."));
    }
    let (sheet, hash) = (wanted.sheet, wanted.hash.clone());
    let rows = counted(ask.clone(), wanted).await?;
    if rows.total > MOST_ROWS_FOR_TELEGRAM {
        let detail = format!("{} rows do not fit into a Telegram file; narrow the filter or fetch them.", rows.total);
        return Err(Problem::saying(Code::PayloadTooLarge, detail));
    }
    ask.post(hash, move |tx, caller| {
        let chat: TelegramId = caller.admin()?.telegram_id;
        export::order(tx, &rows, sheet.excel, Some(chat), &caller.actor())?;
        Ok(PostReply::Accepted(ExportSent { rows: rows.total, queued: true }))
    })
    .await
}

//! `/dashboard` and `/stats`: figures of a period in days of the shop. Customers' names are omitted for service tokens;
//! cashiers' names are shown to all callers.

use axum::response::Response;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::http::extract::{Day, Query, RealmParam};
use super::http::problem::Problem;
use super::http::request::Authorized;
use crate::access::Caller;
use crate::broadcast::Status;
use crate::db::View;
use crate::error::{Refusal, Result as ShopResult};
use crate::realm::Realm;
use crate::report::series::{self, SeriesGrouping};
use crate::report::sources::{self, MOST_SOURCES};
use crate::report::{self, LastRedemption, Overview, Period};

/// The length of a period if the request gives none, in days.
const DAYS: u64 = 30;
/// The longest period, in days.
const LONGEST: i64 = 3660;

/// A period of the shop's days.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct PeriodParams {
    /// The first day of the period; 30 days before the last day if absent.
    #[cfg_attr(test, param(inline, example = "2026-11-01"))]
    pub from: Option<Day>,
    /// The last day of the period, inclusive; today if absent.
    #[cfg_attr(test, param(inline, example = "2026-11-30"))]
    pub to: Option<Day>,
    /// Whether to count rows of the test bots instead of the real ones.
    #[cfg_attr(test, param(default = false, example = false))]
    pub is_test: bool,
}

/// A period, and how its figures are grouped.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct SeriesParams {
    /// The first day of the period; 30 days before the last day if absent.
    #[cfg_attr(test, param(inline, example = "2026-11-01"))]
    from: Option<Day>,
    /// The last day of the period, inclusive; today if absent.
    #[cfg_attr(test, param(inline, example = "2026-11-30"))]
    to: Option<Day>,
    /// How the figures are grouped: by a unit of time, or by the source of the customers; `day` if absent.
    #[cfg_attr(test, param(inline))]
    by: SeriesGrouping,
    /// Whether to count rows of the test bots instead of the real ones.
    #[cfg_attr(test, param(default = false, example = false))]
    is_test: bool,
}

impl PeriodParams {
    /// The realm and the period of these parameters; absent days are filled in from today.
    pub(super) fn of(&self, view: &View<'_>) -> ShopResult<(Realm, Period)> {
        let invalid =
            |field, day: NaiveDate| Refusal::Validation { field, value: day.to_string(), rule: "rule.filter_reversed" };
        let to = self.to.map_or_else(|| view.zone().day(view.now()), |day| day.0);
        let before = || to.checked_sub_days(Days::new(DAYS)).unwrap_or(to);
        let from = self.from.map_or_else(before, |day| day.0);
        if from > to {
            Err(invalid("from", from))?;
        }
        if (to - from).num_days() > LONGEST {
            Err(Refusal::Validation { field: "from", value: from.to_string(), rule: "rule.period_long" })?;
        }
        Ok((Realm::from_is_test(self.is_test), Period { from, to }))
    }
}

/// A scheduled broadcast.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct Upcoming {
    id: i64,
    title: String,
    #[cfg_attr(test, schema(format = DateTime))]
    send_at: Option<String>,
    recipients: Option<i64>,
}

/// A recent redemption.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct LastUsage {
    code: String,
    /// The name of the customer; null for service tokens.
    user_name: Option<String>,
    cashier_name: String,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
}

/// The figures of the dashboard.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct Dashboard {
    total_users: i64,
    subscribed_users: i64,
    active_discounts: i64,
    today_discount_usages: i64,
    upcoming_broadcasts: Vec<Upcoming>,
    last_discount_usages: Vec<LastUsage>,
}

/// The figures of the shop in a period.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct OverviewBody {
    #[cfg_attr(test, schema(format = Date))]
    from: String,
    #[cfg_attr(test, schema(format = Date))]
    to: String,
    /// The time zone of the shop, which defines the days.
    timezone: &'static str,
    users_total: i64,
    users_subscribed: i64,
    users_new: i64,
    users_bot_blocked: i64,
    discounts_issued: i64,
    /// The number of redeemed codes: the most important figure of the shop.
    discounts_redeemed: i64,
    discounts_active: i64,
    discounts_expired_unused: i64,
    /// Redeemed codes divided by issued codes, 0–1; null without issued codes.
    redemption_rate: Option<f64>,
    redeemed_today: i64,
    upcoming_broadcasts: Vec<Upcoming>,
    last_redemptions: Vec<LastUsage>,
}

fn upcoming(all: &Overview) -> Vec<Upcoming> {
    let wire = |waits: &report::Upcoming| Upcoming {
        id: waits.id.0,
        title: waits.title.clone(),
        send_at: waits.send_at.map(|at| at.to_string()),
        recipients: waits.recipients,
    };
    all.upcoming.iter().map(wire).collect()
}

fn last(all: &Overview, caller: &Caller) -> Vec<LastUsage> {
    let sees_names = caller.admin().is_ok();
    let wire = |last: &LastRedemption| LastUsage {
        code: last.code.clone(),
        user_name: sees_names.then(|| last.user.clone()),
        cashier_name: last.cashier.clone(),
        created_at: last.at.to_string(),
    };
    all.last.iter().map(wire).collect()
}

/// Show the dashboard
#[cfg_attr(test, utoipa::path(get, path = "/dashboard", tag = "stats", params(RealmParam),
    responses((status = 200, description = "The figures of today", body = Dashboard))))]
pub(super) async fn dashboard(ask: Authorized, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    ask.read(move |view, caller| {
        let today = view.zone().day(view.now());
        let all = report::overview(view, world.realm(), Period { from: today, to: today })?;
        Ok(Dashboard {
            total_users: all.users_total,
            subscribed_users: all.users_subscribed,
            active_discounts: all.active,
            today_discount_usages: all.redeemed_today,
            upcoming_broadcasts: upcoming(&all),
            last_discount_usages: last(&all, caller),
        })
    })
    .await
}

/// The overview of a period
#[cfg_attr(test, utoipa::path(get, path = "/stats/overview", tag = "stats", params(PeriodParams),
    responses((status = 200, description = "The figures", body = OverviewBody))))]
pub(super) async fn overview(ask: Authorized, Query(params): Query<PeriodParams>) -> Result<Response, Problem> {
    ask.read(move |view, caller| {
        let (realm, period) = params.of(view)?;
        let all = report::overview(view, realm, period)?;
        Ok(OverviewBody {
            from: period.from.to_string(),
            to: period.to.to_string(),
            timezone: view.zone().name(),
            users_total: all.users_total,
            users_subscribed: all.users_subscribed,
            users_new: all.users_new,
            users_bot_blocked: all.users_bot_blocked,
            discounts_issued: all.issued,
            discounts_redeemed: all.redeemed,
            discounts_active: all.active,
            discounts_expired_unused: all.expired_unused,
            redemption_rate: all.redemption_rate(),
            redeemed_today: all.redeemed_today,
            upcoming_broadcasts: upcoming(&all),
            last_redemptions: last(&all, caller),
        })
    })
    .await
}

/// The figures of a period.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[cfg_attr(test, schema(bound = "T: utoipa::ToSchema"))]
pub(super) struct Series<T> {
    #[cfg_attr(test, schema(format = Date))]
    from: String,
    #[cfg_attr(test, schema(format = Date))]
    to: String,
    items: Vec<T>,
}

async fn sliced<T: Serialize + Send + 'static>(
    ask: Authorized,
    params: PeriodParams,
    cut: impl FnOnce(&View<'_>, Realm, Period) -> ShopResult<Vec<T>> + Send + 'static,
) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let (realm, period) = params.of(view)?;
        let items = cut(view, realm, period)?;
        Ok(Series { from: period.from.to_string(), to: period.to.to_string(), items })
    })
    .await
}

/// The figures of a cashier, or of another actor who redeemed codes.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct OfCashier {
    name: String,
    redeemed: i64,
    /// The number of the cashier's redemptions with a receipt sum.
    with_amount: i64,
    /// The sum of the cashier's receipts in kopecks.
    amount: i64,
    /// The number of the cashier's redemptions whose message to the customer failed, e.g. because the bot is blocked.
    not_notified: i64,
}

/// Show redemptions by cashier
#[cfg_attr(test, utoipa::path(get, path = "/stats/cashiers", tag = "stats", params(PeriodParams),
    responses((status = 200, description = "The figures, most redemptions first", body = Series<OfCashier>))))]
pub(super) async fn cashiers(ask: Authorized, Query(params): Query<PeriodParams>) -> Result<Response, Problem> {
    let wire = |of: series::OfCashier| OfCashier {
        name: of.name,
        redeemed: of.redeemed,
        with_amount: of.with_amount,
        amount: of.amount,
        not_notified: of.not_notified,
    };
    sliced(ask, params, move |view, realm, period| {
        Ok(series::by_cashier(view, realm, period)?.into_iter().map(wire).collect())
    })
    .await
}

/// The figures of a campaign.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct OfCampaign {
    source_key: String,
    name: String,
    clicks: i64,
    registrations: i64,
    discounts_issued: i64,
    discounts_redeemed: i64,
}

/// Show figures by campaign
#[cfg_attr(test, utoipa::path(get, path = "/stats/campaigns", tag = "stats", params(PeriodParams),
    responses((status = 200, description = "The figures, most redemptions first", body = Series<OfCampaign>))))]
pub(super) async fn campaigns(ask: Authorized, Query(params): Query<PeriodParams>) -> Result<Response, Problem> {
    let wire = |of: series::OfCampaign| OfCampaign {
        source_key: of.key,
        name: of.name,
        clicks: of.clicks,
        registrations: of.registrations,
        discounts_issued: of.issued,
        discounts_redeemed: of.redeemed,
    };
    sliced(ask, params, move |view, realm, period| {
        Ok(series::by_campaign(view, realm, period)?.into_iter().map(wire).collect())
    })
    .await
}

/// The figures of a template.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct OfTemplate {
    name: String,
    title: String,
    discounts_issued: i64,
    discounts_redeemed: i64,
}

/// Show figures by template
#[cfg_attr(test, utoipa::path(get, path = "/stats/templates", tag = "stats", params(PeriodParams),
    responses((status = 200, description = "The figures, most redemptions first", body = Series<OfTemplate>))))]
pub(super) async fn templates(ask: Authorized, Query(params): Query<PeriodParams>) -> Result<Response, Problem> {
    let wire = |of: series::OfTemplate| OfTemplate {
        name: of.name,
        title: of.title,
        discounts_issued: of.issued,
        discounts_redeemed: of.redeemed,
    };
    sliced(ask, params, move |view, realm, period| {
        Ok(series::by_template(view, realm, period)?.into_iter().map(wire).collect())
    })
    .await
}

/// The figures of a broadcast.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct OfBroadcast {
    id: i64,
    title: String,
    status: Status,
    #[cfg_attr(test, schema(format = DateTime))]
    started_at: String,
    sent: i64,
    failed: i64,
    unknown: i64,
    discounts_issued: i64,
    discounts_redeemed: i64,
}

/// Show figures by broadcast
#[cfg_attr(test, utoipa::path(get, path = "/stats/broadcasts", tag = "stats", params(PeriodParams),
    responses((status = 200, description = "The figures, most redemptions first, at most 200", body = Series<OfBroadcast>))))]
pub(super) async fn broadcasts(ask: Authorized, Query(params): Query<PeriodParams>) -> Result<Response, Problem> {
    let wire = |of: series::OfBroadcast| OfBroadcast {
        id: of.id.0,
        title: of.title,
        status: of.status,
        started_at: of.started_at.to_string(),
        sent: of.sent,
        failed: of.failed,
        unknown: of.unknown,
        discounts_issued: of.issued,
        discounts_redeemed: of.redeemed,
    };
    sliced(ask, params, move |view, realm, period| {
        Ok(series::by_broadcast(view, realm, period)?.into_iter().map(wire).collect())
    })
    .await
}

/// The figures of one unit of time, or of one source.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct Slice {
    /// The unit: `2026-11-22`, `2026-W47`, `2026-11`, the hour `00`–`23`, or the weekday 1–7 from Monday; or the source,
    /// `direct` for none and `other` for the sources after the first 1,000.
    #[cfg_attr(test, schema(example = "2026-11-22"))]
    key: String,
    /// The number of issued codes; null for hours, because only the day of an issue is known.
    discounts_issued: Option<i64>,
    discounts_redeemed: i64,
    /// By source only: the number of customers who registered in the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    users_new: Option<i64>,
    /// In the item `other` only: how many sources it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    sources: Option<i64>,
}

/// Show issued and redeemed codes over time, or by source
///
/// With `by=source`, a customer counts under their first source; a code, under the source of the customer it was issued to;
/// a redemption, under the source of the customer who redeemed it. Erased customers keep their source, unless it
/// names them.
#[cfg_attr(test, utoipa::path(get, path = "/stats/timeseries", tag = "stats", params(SeriesParams),
    responses((status = 200, description = "Units of time in chronological order, empty ones included; or at most 1,000 sources, most redemptions first, then the item `other`", body = Series<Slice>))))]
pub(super) async fn timeseries(ask: Authorized, Query(params): Query<SeriesParams>) -> Result<Response, Problem> {
    let of_time = |of: series::TimeSlice| Slice {
        key: of.key,
        discounts_issued: of.issued,
        discounts_redeemed: of.redeemed,
        users_new: None,
        sources: None,
    };
    let of_source = |of: sources::OfSource| Slice {
        key: of.key,
        discounts_issued: Some(of.issued),
        discounts_redeemed: of.redeemed,
        users_new: Some(of.users_new),
        sources: of.sources,
    };
    let period = PeriodParams { from: params.from, to: params.to, is_test: params.is_test };
    sliced(ask, period, move |view, realm, period| {
        Ok(match params.by.time_unit() {
            Some(unit) => series::over_time(view, realm, period, unit)?.into_iter().map(of_time).collect(),
            None => sources::by_source(view, realm, period, MOST_SOURCES)?.into_iter().map(of_source).collect(),
        })
    })
    .await
}

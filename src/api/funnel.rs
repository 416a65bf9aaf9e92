//! `/stats/funnel`: how many customers reach each step from the bot to the counter.

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::http::extract::{Day, Query};
use super::http::problem::Problem;
use super::http::request::Authorized;
use super::stats::PeriodParams;
use crate::ids::words;
use crate::report::funnel::{self, FunnelStage, FunnelStep};
use crate::report::sources::{self, FunnelOfSource, MOST_SOURCES};

words!(
    /// How the funnel is grouped.
    FunnelGrouping {
        /// By the source of the customers.
        Source = "source",
    }
);

/// A period, and how its funnel is grouped.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct FunnelParams {
    /// The first day of the period; 30 days before the last day if absent.
    #[cfg_attr(test, param(inline, example = "2026-11-01"))]
    from: Option<Day>,
    /// The last day of the period, inclusive; today if absent.
    #[cfg_attr(test, param(inline, example = "2026-11-30"))]
    to: Option<Day>,
    /// `source` adds the funnel of each source in `items`.
    #[cfg_attr(test, param(inline))]
    by: Option<FunnelGrouping>,
    /// Whether to count rows of the test bots instead of the real ones.
    #[cfg_attr(test, param(default = false, example = false))]
    is_test: bool,
}

/// The number of customers who reached a step of the funnel.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct StepBody {
    key: FunnelStage,
    count: i64,
    /// The share of registered customers who reached the step, 0–1; null without registrations.
    share: Option<f64>,
}

/// The funnel of one source.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct SourceFunnel {
    /// The source in lower case without `ref_`: a campaign's key or another word; `direct` for none, `other` for the sources
    /// after the first 1,000.
    key: String,
    registered: i64,
    subscribed: i64,
    issued: i64,
    redeemed: i64,
    /// The redeemed divided by the registered, 0–1; null without registrations.
    share: Option<f64>,
    /// In the item `other` only: how many sources it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    sources: Option<i64>,
}

/// The funnel of a period.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct FunnelBody {
    #[cfg_attr(test, schema(format = Date))]
    from: String,
    #[cfg_attr(test, schema(format = Date))]
    to: String,
    /// The four steps, from registered to redeemed.
    steps: Vec<StepBody>,
    /// With `by=source` only: the funnel of each source, most registrations first.
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<SourceFunnel>>,
}

/// Show the funnel of customers who registered in a period
///
/// Counts everything these customers have done until now, also after the period.
#[cfg_attr(test, utoipa::path(get, path = "/stats/funnel", tag = "stats", params(FunnelParams),
    responses((status = 200, description = "The funnel", body = FunnelBody))))]
pub(super) async fn funnel(ask: Authorized, Query(params): Query<FunnelParams>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let whole = PeriodParams { from: params.from, to: params.to, is_test: params.is_test };
        let (realm, period) = whole.of(view)?;
        let step = |step: FunnelStep| StepBody { key: step.stage, count: step.count, share: step.share };
        let of_source = |of: FunnelOfSource| SourceFunnel {
            key: of.key,
            registered: of.registered,
            subscribed: of.subscribed,
            issued: of.issued,
            redeemed: of.redeemed,
            share: of.share,
            sources: of.sources,
        };
        let steps = funnel::funnel(view, realm, period)?.map(step).into();
        let items = match params.by {
            Some(FunnelGrouping::Source) => {
                let sources = sources::funnel_by_source(view, realm, period, MOST_SOURCES)?;
                Some(sources.into_iter().map(of_source).collect())
            }
            None => None,
        };
        Ok(FunnelBody { from: period.from.to_string(), to: period.to.to_string(), steps, items })
    })
    .await
}

//! `/stats/funnel`: how many customers reach each step from the bot to the counter.

use axum::response::Response;
use serde::Serialize;

use super::http::extract::Query;
use super::http::problem::Problem;
use super::http::request::Authorized;
use super::stats::PeriodParams;
use crate::report::funnel::{self, FunnelStage, FunnelStep};

/// The number of customers who reached a step of the funnel.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct StepBody {
    key: FunnelStage,
    count: i64,
    /// The share of registered customers who reached the step, 0–1; null without registrations.
    share: Option<f64>,
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
}

/// Show the funnel of customers who registered in a period
///
/// Counts everything these customers have done until now, also after the period.
#[cfg_attr(test, utoipa::path(get, path = "/stats/funnel", tag = "stats", params(PeriodParams),
    responses((status = 200, description = "The funnel", body = FunnelBody))))]
pub(super) async fn funnel(ask: Authorized, Query(params): Query<PeriodParams>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let (realm, period) = params.of(view)?;
        let wire = |step: FunnelStep| StepBody { key: step.stage, count: step.count, share: step.share };
        let steps = funnel::funnel(view, realm, period)?.map(wire).into();
        Ok(FunnelBody { from: period.from.to_string(), to: period.to.to_string(), steps })
    })
    .await
}

//! `/stats/funnel`: how many customers reach each step from the bot to the counter.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::http::extract::Query;
use super::http::problem::Problem;
use super::http::request::Authorized;
use super::stats::PeriodParams;
use crate::report::funnel;

/// The number of customers who reached a step of the funnel.
#[derive(Serialize, ToSchema)]
pub(super) struct StepBody {
    #[schema(value_type = StageWord)]
    key: &'static str,
    count: i64,
    /// The share of registered customers who reached the step, 0–1; null without registrations.
    share: Option<f64>,
}

/// A step of the funnel.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the shape of `report::funnel::Stage`, for the document")]
pub(super) enum StageWord {
    /// The customer started the bot in the period.
    Registered,
    /// The customer has proved a subscription to the channel.
    Subscribed,
    /// The customer was given a code.
    Issued,
    /// The customer used a code at the counter.
    Redeemed,
}

/// The funnel of a period.
#[derive(Serialize, ToSchema)]
pub(super) struct FunnelBody {
    #[schema(format = Date)]
    from: String,
    #[schema(format = Date)]
    to: String,
    /// The four steps, from registered to redeemed.
    steps: Vec<StepBody>,
}

/// Show the funnel of customers who registered in a period
///
/// Counts everything these customers have done until now, also after the period.
#[utoipa::path(get, path = "/stats/funnel", tag = "stats", params(PeriodParams),
    responses((status = 200, description = "The funnel", body = FunnelBody)))]
pub(super) async fn funnel(ask: Authorized, Query(params): Query<PeriodParams>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let (realm, period) = params.of(view)?;
        let wire =
            |step: funnel::FunnelStep| StepBody { key: step.stage.as_str(), count: step.count, share: step.share };
        let steps = funnel::funnel(view, realm, period)?.map(wire).into();
        Ok(FunnelBody { from: period.from.to_string(), to: period.to.to_string(), steps })
    })
    .await
}

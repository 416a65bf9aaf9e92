//! Arguments of `stats`.

use chrono::NaiveDate;
use clap::ValueEnum;

use super::shared::RealmArg;
use super::values::{self, Since};
use crate::report::series::SeriesGrouping;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Stats {
    #[arg(value_name = "VIEW", value_enum, default_value = "overview")]
    pub view: StatsView,
    #[arg(long, value_name = "SINCE", value_parser = values::since, conflicts_with_all = ["from", "to"])]
    pub since: Option<Since>,
    #[arg(long, value_name = "DATE", value_parser = values::date)]
    pub from: Option<NaiveDate>,
    #[arg(long, value_name = "DATE", value_parser = values::date)]
    pub to: Option<NaiveDate>,
    #[arg(long, value_name = "SLICE", value_parser = one_of!(SeriesGrouping))]
    pub by: Option<SeriesGrouping>,
    #[command(flatten)]
    pub realm: RealmArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum StatsView {
    Overview,
    Funnel,
    Cashiers,
    Campaigns,
    Templates,
    Broadcasts,
    Heatmap,
}

//! Arguments of `segment`.

use clap::Subcommand;

use super::filter::FilterArgs;
use super::shared::{Care, Page, RealmArg, Window};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Segment {
    List(Window),
    Show(SegmentRef),
    Create(SegmentCreate),
    Edit(SegmentEdit),
    Delete(SegmentDelete),
    Preview(SegmentPreview),
    Keys(Page),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SegmentRef {
    #[arg(value_name = "SEGMENT")]
    pub segment: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SegmentCreate {
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub filter: Box<FilterArgs>,
    #[arg(long)]
    pub menu: bool,
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// The arguments of `segment edit`: a filter that is given replaces the segment's whole filter.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SegmentEdit {
    #[arg(value_name = "SEGMENT")]
    pub segment: String,
    #[arg(long, value_name = "NAME", required_unless_present_any = ["filters", "menu", "no_menu"])]
    pub name: Option<String>,
    #[command(flatten)]
    pub filter: Box<FilterArgs>,
    #[arg(long)]
    pub menu: bool,
    #[arg(long, conflicts_with = "menu")]
    pub no_menu: bool,
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SegmentDelete {
    #[arg(value_name = "SEGMENT")]
    pub segment: String,
    #[command(flatten)]
    pub care: Care,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SegmentPreview {
    #[arg(value_name = "SEGMENT", required_unless_present = "filters", conflicts_with = "filters")]
    pub segment: Option<String>,
    #[command(flatten)]
    pub filter: Box<FilterArgs>,
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub sample: u32,
    #[command(flatten)]
    pub realm: RealmArg,
}

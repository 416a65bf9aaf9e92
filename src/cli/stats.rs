//! `stats`: figures of the shop. The most important one is the number of redeemed codes.

use serde_json::{Value as Json, json};

use super::args::values::Since;
use super::args::{Stats, StatsView};
use super::broadcast::view;
use super::output::{Cell, Column, ExitCode, FailureReport, Format, List, Tone, facts};
use super::refuse::Wrong;
use super::session::Session;
use crate::report::funnel::{self, FunnelStage, FunnelStep};
use crate::report::series::{
    self, OfBroadcast, OfCampaign, OfCashier, OfTemplate, OfWeekday, SeriesGrouping, TimeSlice,
};
use crate::report::sources::{self, FunnelOfSource, MOST_SOURCES, OfSource};
use crate::report::{self, LastRedemption, Overview, Period, Upcoming};

/// The default start of the period.
const DEFAULT: Since = Since::DaysAgo(30);

/// The columns of the overview: the same figures as in JSON, in one row; dots in a key stand for its levels.
const COLUMNS: &[Column<Overview>] = &[
    Column::new("from", "column.from", |all| all.period.from.into()),
    Column::new("to", "column.to", |all| all.period.to.into()),
    Column::new("discounts.redeemed", "stats.redeemed", |all| all.redeemed.into()),
    Column::new("discounts.issued", "stats.issued", |all| all.issued.into()),
    Column::new("discounts.redemption_rate", "stats.redemption_rate", |all| {
        all.redemption_rate().map(Cell::Share).into()
    }),
    Column::new("discounts.active", "stats.active", |all| all.active.into()),
    Column::new("discounts.expired_unused", "stats.expired_unused", |all| all.expired_unused.into()),
    Column::new("today.redeemed", "stats.redeemed_today", |all| all.redeemed_today.into()),
    Column::new("users.total", "stats.users", |all| all.users_total.into()),
    Column::new("users.new", "stats.users_new", |all| all.users_new.into()),
    Column::new("users.subscribed", "stats.users_subscribed", |all| all.users_subscribed.into()),
    Column::new("users.bot_blocked", "stats.users_bot_blocked", |all| all.users_bot_blocked.into()),
];

const LAST: &[Column<LastRedemption>] = &[
    Column::new("code", "column.code", |last| (&last.code).into()),
    Column::new("user", "column.user", |last| (&last.user).into()),
    Column::new("cashier", "column.cashier", |last| (&last.cashier).into()),
    Column::new("at", "column.redeemed_at", |last| last.at.into()),
];

const SLICES: &[Column<TimeSlice>] = &[
    Column::new("key", "column.slice", |of| (&of.key).into()),
    Column::number("issued", "stats.issued", |of| of.issued.into()),
    Column::number("redeemed", "stats.redeemed", |of| of.redeemed.into()),
];

const SOURCES: &[Column<OfSource>] = &[
    Column::new("key", "column.source", |of| (&of.key).into()),
    Column::number("users_new", "stats.users_new", |of| of.users_new.into()),
    Column::number("issued", "stats.issued", |of| of.issued.into()),
    Column::number("redeemed", "stats.redeemed", |of| of.redeemed.into()),
    Column::detail("sources", "column.sources", |of| of.sources.into()),
];

const SOURCE_STEPS: &[Column<FunnelOfSource>] = &[
    Column::new("key", "column.source", |of| (&of.key).into()),
    Column::number("registered", "stats.step.registered", |of| of.registered.into()),
    Column::number("subscribed", "stats.step.subscribed", |of| of.subscribed.into()),
    Column::number("issued", "stats.step.issued", |of| of.issued.into()),
    Column::number("redeemed", "stats.step.redeemed", |of| of.redeemed.into()),
    Column::number("share", "column.share", |of| of.share.map(Cell::Share).into()),
    Column::detail("sources", "column.sources", |of| of.sources.into()),
];

/// The most sources in a table.
const MOST_SHOWN: usize = 20;

const CASHIERS: &[Column<OfCashier>] = &[
    Column::new("key", "column.cashier", |of| (&of.name).into()),
    Column::number("redeemed", "stats.redeemed", |of| of.redeemed.into()),
    Column::number("with_amount", "stats.with_amount", |of| of.with_amount.into()),
    Column::number("amount", "column.spent", |of| Cell::Kopecks(of.amount)),
    Column::number("not_notified", "stats.not_notified", |of| of.not_notified.into()),
];

const CAMPAIGNS: &[Column<OfCampaign>] = &[
    Column::new("key", "column.key", |of| (&of.key).into()),
    Column::new("name", "column.title", |of| (&of.name).into()),
    Column::number("clicks", "column.clicks", |of| of.clicks.into()),
    Column::number("registrations", "column.registrations", |of| of.registrations.into()),
    Column::number("issued", "stats.issued", |of| of.issued.into()),
    Column::number("redeemed", "stats.redeemed", |of| of.redeemed.into()),
];

const TEMPLATES: &[Column<OfTemplate>] = &[
    Column::new("key", "column.key", |of| (&of.name).into()),
    Column::new("title", "column.title", |of| (&of.title).into()),
    Column::number("issued", "stats.issued", |of| of.issued.into()),
    Column::number("redeemed", "stats.redeemed", |of| of.redeemed.into()),
];

const BROADCASTS: &[Column<OfBroadcast>] = &[
    Column::new("key", "column.id", |of| of.id.to_string().into()),
    Column::new("title", "column.title", |of| (&of.title).into()),
    Column::detail("status", "column.status", |of| view::status(of.status)),
    Column::new("started_at", "column.started_at", |of| of.started_at.into()),
    Column::number("sent", "column.sent", |of| of.sent.into()),
    Column::detail("failed", "column.failed", |of| of.failed.into()),
    Column::detail("unknown", "column.unknown", |of| of.unknown.into()),
    Column::number("issued", "stats.issued", |of| of.issued.into()),
    Column::number("redeemed", "stats.redeemed", |of| of.redeemed.into()),
];

const STEPS: &[Column<FunnelStep>] = &[
    Column::new("key", "column.step", |step| stage(step.stage)),
    Column::number("count", "column.people", |step| step.count.into()),
    Column::number("share", "column.share", |step| step.share.map(Cell::Share).into()),
];

/// The redemptions of a weekday by hour, and the number in the busiest hour of the week.
struct HeatmapRow {
    of: OfWeekday,
    most: i64,
}

const WEEK: &[Column<HeatmapRow>] = &[
    Column::detail("key", "column.slice", |row| row.of.weekday.to_string().into()),
    Column::prose("column.weekday", |row| weekday(row.of.weekday)),
    Column::number("redeemed", "stats.redeemed", |row| Cell::Int(row.of.hours.iter().sum())),
    Column::detail("hours", "column.hours", |row| Cell::Json(json!(row.of.hours))),
    Column::prose("column.hours", |row| row.drawn().into()),
];

impl HeatmapRow {
    /// The hours of the day as one block each, from midnight on; a higher block means more redemptions.
    fn drawn(&self) -> String {
        const BLOCKS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let height = |count: i64| usize::try_from((count * 8 + self.most - 1) / self.most.max(1)).unwrap_or_default();
        self.of.hours.iter().map(|count| BLOCKS.get(height(*count)).copied().unwrap_or('█')).collect()
    }
}

const UPCOMING: &[Column<Upcoming>] = &[
    Column::number("id", "column.id", |waits| waits.id.into()),
    Column::new("title", "stats.upcoming", |waits| (&waits.title).into()),
    Column::new("send_at", "column.send_at", |waits| waits.send_at.into()),
    Column::number("recipients", "column.recipients", |waits| waits.recipients.into()),
];

/// `stats`: prints one of the views, over a period.
pub(super) fn stats(session: &mut Session<'_>, args: &Stats) -> Result<(), Wrong> {
    let (period, realm) = (period(session, args)?, args.realm.realm());
    let is_by_source = args.by == Some(SeriesGrouping::Source);
    if args.by.is_some() && args.view != StatsView::Overview && !(is_by_source && args.view == StatsView::Funnel) {
        let message = session.text("stats.by_of_overview", &[]);
        return Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).into());
    }
    let most = if session.out.format() == Format::Human { MOST_SHOWN } else { MOST_SOURCES };
    let database = session.database()?;
    match (args.view, args.by) {
        (StatsView::Overview, None) => overview(session, &database.read(|view| report::overview(view, realm, period))?),
        (StatsView::Overview, Some(by)) => match by.time_unit() {
            Some(unit) => {
                let items = database.read(|view| series::over_time(view, realm, period, unit))?;
                let id = |slice: &TimeSlice| slice.key.clone();
                list(session, period, &series_of("dvorik.stats.timeseries/1", SLICES, &items, id));
            }
            None => {
                let mut items = database.read(|view| sources::by_source(view, realm, period, most))?;
                items.iter_mut().for_each(|of| label_rest(session, &mut of.key, of.sources));
                let id = |of: &OfSource| of.key.clone();
                list(session, period, &series_of("dvorik.stats.timeseries/1", SOURCES, &items, id));
            }
        },
        (StatsView::Funnel, Some(_)) => {
            let mut items = database.read(|view| sources::funnel_by_source(view, realm, period, most))?;
            items.iter_mut().for_each(|of| label_rest(session, &mut of.key, of.sources));
            let id = |of: &FunnelOfSource| of.key.clone();
            list(session, period, &series_of("dvorik.stats.funnel_by_source/1", SOURCE_STEPS, &items, id));
        }
        (StatsView::Funnel, None) => funnel(session, &database.read(|view| funnel::funnel(view, realm, period))?),
        (StatsView::Heatmap, _) => {
            let week = database.read(|view| series::by_weekday_and_hour(view, realm, period))?;
            let most = week.iter().flat_map(|of| of.hours).max().unwrap_or_default();
            let items = week.map(|of| HeatmapRow { of, most });
            let id = |row: &HeatmapRow| row.of.weekday.to_string();
            list(session, period, &series_of("dvorik.stats.heatmap/1", WEEK, &items, id));
        }
        (StatsView::Cashiers, _) => {
            let items = database.read(|view| series::by_cashier(view, realm, period))?;
            let id = |of: &OfCashier| of.name.clone();
            list(session, period, &series_of("dvorik.stats.cashiers/1", CASHIERS, &items, id));
        }
        (StatsView::Campaigns, _) => {
            let items = database.read(|view| series::by_campaign(view, realm, period))?;
            let id = |of: &OfCampaign| of.key.clone();
            list(session, period, &series_of("dvorik.stats.campaigns/1", CAMPAIGNS, &items, id));
        }
        (StatsView::Templates, _) => {
            let items = database.read(|view| series::by_template(view, realm, period))?;
            let id = |of: &OfTemplate| of.name.clone();
            list(session, period, &series_of("dvorik.stats.templates/1", TEMPLATES, &items, id));
        }
        (StatsView::Broadcasts, _) => {
            let items = database.read(|view| series::by_broadcast(view, realm, period))?;
            let id = |of: &OfBroadcast| of.id.to_string();
            list(session, period, &series_of("dvorik.stats.broadcasts/1", BROADCASTS, &items, id));
        }
    }
    Ok(())
}

fn series_of<'a, T>(schema: &'a str, columns: &'a [Column<T>], items: &'a [T], id: fn(&T) -> String) -> List<'a, T> {
    List { schema, columns, items, total: items.len() as u64, id }
}

/// Prints a series of figures as a list; in JSON, with the period as well.
fn list<T>(session: &mut Session<'_>, period: Period, list: &List<'_, T>) {
    if session.out.format() != Format::Json {
        return session.out.list(list);
    }
    let zone = session.out.voice().zone.name();
    let json = json!({
        "schema": list.schema,
        "range": { "from": period.from.to_string(), "to": period.to.to_string(), "timezone": zone },
        "series": list.items.iter().map(|item| facts(list.columns, item)).collect::<Vec<_>>(),
    });
    session.out.document(&json, "");
}

/// `stats funnel`: prints how many customers reached each step.
fn funnel(session: &mut Session<'_>, steps: &[FunnelStep; 4]) {
    if session.out.format() == Format::Json {
        let steps: Vec<Json> = steps.iter().map(|step| facts(STEPS, step)).collect();
        return session.out.document(&json!({ "schema": "dvorik.stats.funnel/1", "steps": steps }), "");
    }
    let id = |step: &FunnelStep| step.count.to_string();
    session.out.list(&series_of("dvorik.stats.funnel/1", STEPS, steps, id));
}

/// In a table, labels the row of the remaining sources.
fn label_rest(session: &Session<'_>, key: &mut String, sources: Option<i64>) {
    if let Some(sources) = sources.filter(|_| session.out.format() == Format::Human) {
        *key = session.text("stats.other_sources", &[("n", &sources)]);
    }
}

const fn stage(stage: FunnelStage) -> Cell {
    let text = match stage {
        FunnelStage::Registered => "stats.step.registered",
        FunnelStage::Subscribed => "stats.step.subscribed",
        FunnelStage::Issued => "stats.step.issued",
        FunnelStage::Redeemed => "stats.step.redeemed",
    };
    Cell::Word { code: stage.as_str(), text, tone: Tone::Plain }
}

/// A cell with the name of a weekday; 1 = Monday.
const fn weekday(number: u32) -> Cell {
    let (code, text) = match number {
        1 => ("1", "stats.weekday.monday"),
        2 => ("2", "stats.weekday.tuesday"),
        3 => ("3", "stats.weekday.wednesday"),
        4 => ("4", "stats.weekday.thursday"),
        5 => ("5", "stats.weekday.friday"),
        6 => ("6", "stats.weekday.saturday"),
        _ => ("7", "stats.weekday.sunday"),
    };
    Cell::Word { code, text, tone: Tone::Plain }
}

fn overview(session: &mut Session<'_>, all: &Overview) {
    if session.out.format() == Format::Json {
        let json = document(all, session.out.voice().zone.name());
        return session.out.document(&json, "");
    }
    session.out.one("dvorik.stats.overview/1", COLUMNS, all, &all.redeemed.to_string());
    if session.out.format() == Format::Human {
        session.out.below(UPCOMING, &all.upcoming);
        session.out.below(LAST, &all.last);
    }
}

fn period(session: &Session<'_>, args: &Stats) -> Result<Period, Wrong> {
    let today = session.config()?.timezone.day(session.now());
    let to = args.to.unwrap_or(today);
    let from = match (args.from, args.since) {
        (Some(from), _) => from,
        (None, since) => since.unwrap_or(DEFAULT).day(to),
    };
    if from > to {
        let message = session.text("stats.backwards", &[("from", &from), ("to", &to)]);
        return Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).into());
    }
    Ok(Period { from, to })
}

fn document(all: &Overview, zone: &str) -> Json {
    let last = |last: &LastRedemption| json!({ "code": last.code, "user": last.user, "cashier": last.cashier, "at": last.at.to_string() });
    json!({
        "schema": "dvorik.stats.overview/1",
        "timezone": zone,
        "from": all.period.from.to_string(),
        "to": all.period.to.to_string(),
        "users": {
            "total": all.users_total, "subscribed": all.users_subscribed, "new": all.users_new,
            "bot_blocked": all.users_bot_blocked,
        },
        "discounts": {
            "issued": all.issued, "redeemed": all.redeemed, "active": all.active,
            "expired_unused": all.expired_unused, "redemption_rate": all.redemption_rate(),
        },
        "today": { "redeemed": all.redeemed_today },
        "upcoming_broadcasts": all.upcoming.iter().map(|waits| facts(UPCOMING, waits)).collect::<Vec<_>>(),
        "last_redemptions": all.last.iter().map(last).collect::<Vec<_>>(),
    })
}

//! `stats`: figures of the shop. The most important one is the number of redeemed codes.

use serde_json::{Value as Json, json};

use super::args::values::Since;
use super::args::{Stats, StatsView};
use super::broadcast::view;
use super::output::{CellValue, ExitCode, FailureReport, Format, List, TableColumn, Tone, facts};
use super::refuse::Wrong;
use super::session::Session;
use crate::clock::Clock;
use crate::report::funnel::{self, FunnelStage, FunnelStep};
use crate::report::series::{self, OfBroadcast, OfCampaign, OfCashier, OfTemplate, OfWeekday, TimeSlice};
use crate::report::{self, LastRedemption, Overview, Period, Upcoming};

/// The default start of the period.
const DEFAULT: Since = Since::DaysAgo(30);

/// The columns of the overview: the same figures as in JSON, in one row; dots in a key stand for its levels.
const COLUMNS: &[TableColumn<Overview>] = &[
    TableColumn::new("from", "column.from", |all| CellValue::Date(all.period.from)),
    TableColumn::new("to", "column.to", |all| CellValue::Date(all.period.to)),
    TableColumn::new("discounts.redeemed", "stats.redeemed", |all| CellValue::Int(all.redeemed)),
    TableColumn::new("discounts.issued", "stats.issued", |all| CellValue::Int(all.issued)),
    TableColumn::new("discounts.redemption_rate", "stats.redemption_rate", |all| {
        all.redemption_rate().map_or(CellValue::Null, CellValue::Share)
    }),
    TableColumn::new("discounts.active", "stats.active", |all| CellValue::Int(all.active)),
    TableColumn::new("discounts.expired_unused", "stats.expired_unused", |all| CellValue::Int(all.expired_unused)),
    TableColumn::new("today.redeemed", "stats.redeemed_today", |all| CellValue::Int(all.redeemed_today)),
    TableColumn::new("users.total", "stats.users", |all| CellValue::Int(all.users_total)),
    TableColumn::new("users.new", "stats.users_new", |all| CellValue::Int(all.users_new)),
    TableColumn::new("users.subscribed", "stats.users_subscribed", |all| CellValue::Int(all.users_subscribed)),
    TableColumn::new("users.bot_blocked", "stats.users_bot_blocked", |all| CellValue::Int(all.users_bot_blocked)),
];

const LAST: &[TableColumn<LastRedemption>] = &[
    TableColumn::new("code", "column.code", |last| CellValue::Text(last.code.as_str().to_owned())),
    TableColumn::new("user", "column.user", |last| CellValue::Text(last.user.clone())),
    TableColumn::new("cashier", "column.cashier", |last| CellValue::Text(last.cashier.clone())),
    TableColumn::new("at", "column.redeemed_at", |last| CellValue::Timestamp(last.at)),
];

const SLICES: &[TableColumn<TimeSlice>] = &[
    TableColumn::new("key", "column.slice", |of| CellValue::Text(of.key.clone())),
    TableColumn::number("issued", "stats.issued", |of| of.issued.map_or(CellValue::Null, CellValue::Int)),
    TableColumn::number("redeemed", "stats.redeemed", |of| CellValue::Int(of.redeemed)),
];

const CASHIERS: &[TableColumn<OfCashier>] = &[
    TableColumn::new("key", "column.cashier", |of| CellValue::Text(of.name.clone())),
    TableColumn::number("redeemed", "stats.redeemed", |of| CellValue::Int(of.redeemed)),
    TableColumn::number("with_amount", "stats.with_amount", |of| CellValue::Int(of.with_amount)),
    TableColumn::number("amount", "column.spent", |of| CellValue::Kopecks(of.amount)),
    TableColumn::number("not_notified", "stats.not_notified", |of| CellValue::Int(of.not_notified)),
];

const CAMPAIGNS: &[TableColumn<OfCampaign>] = &[
    TableColumn::new("key", "column.key", |of| CellValue::Text(of.key.clone())),
    TableColumn::new("name", "column.title", |of| CellValue::Text(of.name.clone())),
    TableColumn::number("clicks", "column.clicks", |of| CellValue::Int(of.clicks)),
    TableColumn::number("registrations", "column.registrations", |of| CellValue::Int(of.registrations)),
    TableColumn::number("issued", "stats.issued", |of| CellValue::Int(of.issued)),
    TableColumn::number("redeemed", "stats.redeemed", |of| CellValue::Int(of.redeemed)),
];

const TEMPLATES: &[TableColumn<OfTemplate>] = &[
    TableColumn::new("key", "column.key", |of| CellValue::Text(of.name.clone())),
    TableColumn::new("title", "column.title", |of| CellValue::Text(of.title.clone())),
    TableColumn::number("issued", "stats.issued", |of| CellValue::Int(of.issued)),
    TableColumn::number("redeemed", "stats.redeemed", |of| CellValue::Int(of.redeemed)),
];

const BROADCASTS: &[TableColumn<OfBroadcast>] = &[
    TableColumn::new("key", "column.id", |of| CellValue::Text(of.id.to_string())),
    TableColumn::new("title", "column.title", |of| CellValue::Text(of.title.clone())),
    TableColumn::detail("status", "column.status", |of| view::status(of.status)),
    TableColumn::new("started_at", "column.started_at", |of| CellValue::Timestamp(of.started_at)),
    TableColumn::number("sent", "column.sent", |of| CellValue::Int(of.sent)),
    TableColumn::detail("failed", "column.failed", |of| CellValue::Int(of.failed)),
    TableColumn::detail("unknown", "column.unknown", |of| CellValue::Int(of.unknown)),
    TableColumn::number("issued", "stats.issued", |of| CellValue::Int(of.issued)),
    TableColumn::number("redeemed", "stats.redeemed", |of| CellValue::Int(of.redeemed)),
];

const STEPS: &[TableColumn<FunnelStep>] = &[
    TableColumn::new("key", "column.step", |step| stage(step.stage)),
    TableColumn::number("count", "column.people", |step| CellValue::Int(step.count)),
    TableColumn::number("share", "column.share", |step| step.share.map_or(CellValue::Null, CellValue::Share)),
];

/// The redemptions of a weekday by hour, and the number in the busiest hour of the week.
struct Warmth {
    of: OfWeekday,
    most: i64,
}

const WEEK: &[TableColumn<Warmth>] = &[
    TableColumn::detail("key", "column.slice", |warmth| CellValue::Text(warmth.of.weekday.to_string())),
    TableColumn::prose("column.weekday", |warmth| weekday(warmth.of.weekday)),
    TableColumn::number("redeemed", "stats.redeemed", |warmth| CellValue::Int(warmth.of.hours.iter().sum())),
    TableColumn::detail("hours", "column.hours", |warmth| CellValue::Json(json!(warmth.of.hours))),
    TableColumn::prose("column.hours", |warmth| CellValue::Text(warmth.drawn())),
];

impl Warmth {
    /// The hours of the day as one block each, from midnight on; a higher block means more redemptions.
    fn drawn(&self) -> String {
        const BLOCKS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let height = |count: i64| usize::try_from((count * 8 + self.most - 1) / self.most.max(1)).unwrap_or_default();
        self.of.hours.iter().map(|count| BLOCKS.get(height(*count)).copied().unwrap_or('█')).collect()
    }
}

const UPCOMING: &[TableColumn<Upcoming>] = &[
    TableColumn::number("id", "column.id", |waits| CellValue::Id(waits.id.0)),
    TableColumn::new("title", "stats.upcoming", |waits| CellValue::Text(waits.title.clone())),
    TableColumn::new("send_at", "column.send_at", |waits| waits.send_at.into()),
    TableColumn::number("recipients", "column.recipients", |waits| waits.recipients.into()),
];

/// `stats`: prints one of the views, over a period.
pub(super) fn stats(session: &mut Session<'_>, args: &Stats) -> Result<(), Wrong> {
    let (period, realm) = (period(session, args)?, args.world.realm());
    if args.by.is_some() && args.view != StatsView::Overview {
        let message = session.text("stats.by_of_overview", &[]);
        return Err(FailureReport::new("VALIDATION_ERROR", ExitCode::Usage, message).into());
    }
    let database = session.database()?;
    match (args.view, args.by) {
        (StatsView::Overview, None) => overview(session, &database.read(|view| report::overview(view, realm, period))?),
        (StatsView::Overview, Some(by)) => {
            let items = database.read(|view| series::over_time(view, realm, period, by))?;
            let id = |slice: &TimeSlice| slice.key.clone();
            list(session, period, &series_of("dvorik.stats.timeseries/1", SLICES, &items, id));
        }
        (StatsView::Funnel, _) => funnel(session, &database.read(|view| funnel::funnel(view, realm, period))?),
        (StatsView::Heatmap, _) => {
            let week = database.read(|view| series::by_weekday_and_hour(view, realm, period))?;
            let most = week.iter().flat_map(|of| of.hours).max().unwrap_or_default();
            let items = week.map(|of| Warmth { of, most });
            let id = |warmth: &Warmth| warmth.of.weekday.to_string();
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

fn series_of<'a, T>(
    schema: &'a str,
    columns: &'a [TableColumn<T>],
    items: &'a [T],
    id: fn(&T) -> String,
) -> List<'a, T> {
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

const fn stage(stage: FunnelStage) -> CellValue {
    let text = match stage {
        FunnelStage::Registered => "stats.step.registered",
        FunnelStage::Subscribed => "stats.step.subscribed",
        FunnelStage::Issued => "stats.step.issued",
        FunnelStage::Redeemed => "stats.step.redeemed",
    };
    CellValue::Word { code: stage.as_str(), text, tone: Tone::Plain }
}

/// A cell with the name of a weekday; 1 = Monday.
const fn weekday(number: u32) -> CellValue {
    let (code, text) = match number {
        1 => ("1", "stats.weekday.monday"),
        2 => ("2", "stats.weekday.tuesday"),
        3 => ("3", "stats.weekday.wednesday"),
        4 => ("4", "stats.weekday.thursday"),
        5 => ("5", "stats.weekday.friday"),
        6 => ("6", "stats.weekday.saturday"),
        _ => ("7", "stats.weekday.sunday"),
    };
    CellValue::Word { code, text, tone: Tone::Plain }
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
    let today = session.config()?.timezone.day(Clock::System.now());
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
    let last = |last: &LastRedemption| json!({ "code": last.code.as_str(), "user": last.user, "cashier": last.cashier, "at": last.at.to_string() });
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

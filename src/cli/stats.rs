//! `stats`: figures. Every one leads to codes really redeemed.

use serde_json::{Value as Json, json};

use super::args::{Stats, StatsView};
use super::broadcast;
use super::output::{Column, ExitCode, Failure, Format, List, Tone, Value, facts};
use super::page::Since;
use super::refuse::Wrong;
use super::session::Session;
use super::user::below;
use crate::clock::Clock;
use crate::report::funnel::{self, Stage, Step};
use crate::report::series::{self, OfBroadcast, OfCampaign, OfCashier, OfTemplate, OfWeekday, Slice};
use crate::report::{self, LastRedemption, Overview, Period, Upcoming};

/// What `stats` tells about when nobody says.
const DEFAULT: Since = Since::DaysAgo(30);

/// The same figures as the JSON, in one row; the dots are its levels.
const COLUMNS: &[Column<Overview>] = &[
    Column::new("from", "column.from", |all| Value::Date(all.period.from)),
    Column::new("to", "column.to", |all| Value::Date(all.period.to)),
    Column::new("discounts.redeemed", "stats.redeemed", |all| Value::Int(all.redeemed)),
    Column::new("discounts.issued", "stats.issued", |all| Value::Int(all.issued)),
    Column::new("discounts.redemption_rate", "stats.redemption_rate", |all| {
        all.redemption_rate().map_or(Value::Null, Value::Share)
    }),
    Column::new("discounts.active", "stats.active", |all| Value::Int(all.active)),
    Column::new("discounts.expired_unused", "stats.expired_unused", |all| Value::Int(all.expired_unused)),
    Column::new("today.redeemed", "stats.redeemed_today", |all| Value::Int(all.redeemed_today)),
    Column::new("users.total", "stats.users", |all| Value::Int(all.users_total)),
    Column::new("users.new", "stats.users_new", |all| Value::Int(all.users_new)),
    Column::new("users.subscribed", "stats.users_subscribed", |all| Value::Int(all.users_subscribed)),
    Column::new("users.bot_blocked", "stats.users_bot_blocked", |all| Value::Int(all.users_bot_blocked)),
];

const LAST: &[Column<LastRedemption>] = &[
    Column::new("code", "column.code", |last| Value::Text(last.code.as_str().to_owned())),
    Column::new("user", "column.user", |last| Value::Text(last.user.clone())),
    Column::new("cashier", "column.cashier", |last| Value::Text(last.cashier.clone())),
    Column::new("at", "column.redeemed_at", |last| Value::Timestamp(last.at)),
];

const SLICES: &[Column<Slice>] = &[
    Column::new("key", "column.slice", |of| Value::Text(of.key.clone())),
    Column::number("issued", "stats.issued", |of| of.issued.map_or(Value::Null, Value::Int)),
    Column::number("redeemed", "stats.redeemed", |of| Value::Int(of.redeemed)),
];

const CASHIERS: &[Column<OfCashier>] = &[
    Column::new("key", "column.cashier", |of| Value::Text(of.name.clone())),
    Column::number("redeemed", "stats.redeemed", |of| Value::Int(of.redeemed)),
    Column::number("with_amount", "stats.with_amount", |of| Value::Int(of.with_amount)),
    Column::number("amount", "column.spent", |of| Value::Kopecks(of.amount)),
    Column::number("not_notified", "stats.not_notified", |of| Value::Int(of.not_notified)),
];

const CAMPAIGNS: &[Column<OfCampaign>] = &[
    Column::new("key", "column.key", |of| Value::Text(of.key.clone())),
    Column::new("name", "column.title", |of| Value::Text(of.name.clone())),
    Column::number("clicks", "column.clicks", |of| Value::Int(of.clicks)),
    Column::number("registrations", "column.registrations", |of| Value::Int(of.registrations)),
    Column::number("issued", "stats.issued", |of| Value::Int(of.issued)),
    Column::number("redeemed", "stats.redeemed", |of| Value::Int(of.redeemed)),
];

const TEMPLATES: &[Column<OfTemplate>] = &[
    Column::new("key", "column.key", |of| Value::Text(of.name.clone())),
    Column::new("title", "column.title", |of| Value::Text(of.title.clone())),
    Column::number("issued", "stats.issued", |of| Value::Int(of.issued)),
    Column::number("redeemed", "stats.redeemed", |of| Value::Int(of.redeemed)),
];

const BROADCASTS: &[Column<OfBroadcast>] = &[
    Column::new("key", "column.id", |of| Value::Text(of.id.to_string())),
    Column::new("title", "column.title", |of| Value::Text(of.title.clone())),
    Column::detail("status", "column.status", |of| broadcast::status(of.status)),
    Column::new("started_at", "column.started_at", |of| Value::Timestamp(of.started_at)),
    Column::number("sent", "column.sent", |of| Value::Int(of.sent)),
    Column::detail("failed", "column.failed", |of| Value::Int(of.failed)),
    Column::detail("unknown", "column.unknown", |of| Value::Int(of.unknown)),
    Column::number("issued", "stats.issued", |of| Value::Int(of.issued)),
    Column::number("redeemed", "stats.redeemed", |of| Value::Int(of.redeemed)),
];

const STEPS: &[Column<Step>] = &[
    Column::new("key", "column.step", |step| stage(step.stage)),
    Column::number("count", "column.people", |step| Value::Int(step.count)),
    Column::number("share", "column.share", |step| step.share.map_or(Value::Null, Value::Share)),
];

/// A weekday's hours, and the busiest hour of the week.
struct Warmth {
    of: OfWeekday,
    most: i64,
}

const WEEK: &[Column<Warmth>] = &[
    Column::detail("key", "column.slice", |warmth| Value::Text(warmth.of.weekday.to_string())),
    Column::prose("column.weekday", |warmth| weekday(warmth.of.weekday)),
    Column::number("redeemed", "stats.redeemed", |warmth| Value::Int(warmth.of.hours.iter().sum())),
    Column::detail("hours", "column.hours", |warmth| Value::Json(json!(warmth.of.hours))),
    Column::prose("column.hours", |warmth| Value::Text(warmth.drawn())),
];

impl Warmth {
    /// A block an hour, from midnight on, the higher the busier.
    fn drawn(&self) -> String {
        const BLOCKS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let height = |count: i64| usize::try_from((count * 8 + self.most - 1) / self.most.max(1)).unwrap_or_default();
        self.of.hours.iter().map(|count| BLOCKS.get(height(*count)).copied().unwrap_or('█')).collect()
    }
}

const UPCOMING: &[Column<Upcoming>] = &[
    Column::number("id", "column.id", |waits| Value::Id(waits.id.0)),
    Column::new("title", "stats.upcoming", |waits| Value::Text(waits.title.clone())),
    Column::new("send_at", "column.send_at", |waits| waits.send_at.into()),
    Column::number("recipients", "column.recipients", |waits| waits.recipients.into()),
];

/// `stats`.
pub(super) fn stats(session: &mut Session<'_>, args: &Stats) -> Result<(), Wrong> {
    let (period, realm) = (period(session, args)?, args.world.realm());
    if args.by.is_some() && args.view != StatsView::Overview {
        let message = session.text("stats.by_of_overview", &[]);
        return Err(Failure::new("VALIDATION_ERROR", ExitCode::Usage, message).into());
    }
    let database = session.database()?;
    match (args.view, args.by) {
        (StatsView::Overview, None) => overview(session, &database.read(|view| report::overview(view, realm, period))?),
        (StatsView::Overview, Some(by)) => {
            let items = database.read(|view| series::over_time(view, realm, period, by))?;
            let id = |slice: &Slice| slice.key.clone();
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

fn series_of<'a, T>(schema: &'a str, columns: &'a [Column<T>], items: &'a [T], id: fn(&T) -> String) -> List<'a, T> {
    List { schema, columns, items, total: items.len() as u64, id }
}

/// A series is a list everywhere but in JSON, where it names its period.
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

/// `stats funnel`.
fn funnel(session: &mut Session<'_>, steps: &[Step; 4]) {
    if session.out.format() == Format::Json {
        let steps: Vec<Json> = steps.iter().map(|step| facts(STEPS, step)).collect();
        return session.out.document(&json!({ "schema": "dvorik.stats.funnel/1", "steps": steps }), "");
    }
    let id = |step: &Step| step.count.to_string();
    session.out.list(&series_of("dvorik.stats.funnel/1", STEPS, steps, id));
}

const fn stage(stage: Stage) -> Value {
    let text = match stage {
        Stage::Registered => "stats.step.registered",
        Stage::Subscribed => "stats.step.subscribed",
        Stage::Issued => "stats.step.issued",
        Stage::Redeemed => "stats.step.redeemed",
    };
    Value::Word { code: stage.as_str(), text, tone: Tone::Plain }
}

/// 1 = Monday.
const fn weekday(number: u32) -> Value {
    let (code, text) = match number {
        1 => ("1", "stats.weekday.monday"),
        2 => ("2", "stats.weekday.tuesday"),
        3 => ("3", "stats.weekday.wednesday"),
        4 => ("4", "stats.weekday.thursday"),
        5 => ("5", "stats.weekday.friday"),
        6 => ("6", "stats.weekday.saturday"),
        _ => ("7", "stats.weekday.sunday"),
    };
    Value::Word { code, text, tone: Tone::Plain }
}

fn overview(session: &mut Session<'_>, all: &Overview) {
    if session.out.format() == Format::Json {
        let json = document(all, session.out.voice().zone.name());
        return session.out.document(&json, "");
    }
    session.out.one("dvorik.stats.overview/1", COLUMNS, all, &all.redeemed.to_string());
    if session.out.format() == Format::Human {
        below(session, UPCOMING, &all.upcoming);
        below(session, LAST, &all.last);
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
        return Err(Failure::new("VALIDATION_ERROR", ExitCode::Usage, message).into());
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

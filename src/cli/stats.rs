//! `stats`: figures. Every one leads to codes really redeemed.

use serde_json::{Value as Json, json};

use super::args::{Stats, StatsView};
use super::output::{Column, ExitCode, Failure, Format, List, Value};
use super::page::Since;
use super::refuse::Wrong;
use super::session::Session;
use crate::clock::Clock;
use crate::report::{self, LastRedemption, Overview, Period};

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

/// `stats`, `stats overview`.
pub(super) fn overview(session: &mut Session<'_>, args: &Stats) -> Result<(), Wrong> {
    let StatsView::Overview = args.view;
    let period = period(session, args)?;
    let all = session.database()?.read(|view| report::overview(view, args.world.realm(), period))?;
    if session.out.format() == Format::Json {
        let json = document(&all, session.out.voice().zone.name());
        session.out.document(&json, "");
        return Ok(());
    }
    session.out.one("dvorik.stats.overview/1", COLUMNS, &all, &all.redeemed.to_string());
    if session.out.format() == Format::Human && !all.last.is_empty() {
        let total = all.last.len() as u64;
        let id = |last: &LastRedemption| last.code.as_str().to_owned();
        session.out.list(&List { schema: "", columns: LAST, items: &all.last, total, id });
    }
    Ok(())
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
        "upcoming_broadcasts": [],
        "last_redemptions": all.last.iter().map(last).collect::<Vec<_>>(),
    })
}

//! What the stage reads from the shop's database: figures, and facts that tick the steps of the tour. A read that fails
//! shows nothing new; the next one follows in a moment.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use crate::broadcast::{self, BroadcastFilter};
use crate::clock::Timestamp;
use crate::db::{Database, Slice, View};
use crate::demo::tour::TourStep;
use crate::discount::{self, CodeFilter, Condition, SourceKind};
use crate::error::{Error, Result};
use crate::ids::{TelegramId, UserId};
use crate::queue_stats;
use crate::realm::{BotName, Realm};
use crate::report::series::TimeUnit;
use crate::report::{self, Period, series};
use crate::{qr, user};

/// How many days the chart shows.
const DAYS: u64 = 14;
/// How many codes, broadcasts and attempts are looked at.
const FEW: Slice = Slice { limit: 100, offset: 0 };

/// Standing redemptions of all time, of today, and of each of the last days.
pub(super) fn figures(database: &Database) -> Option<Value> {
    read(database, |view| {
        let today = view.zone().day(view.now());
        let first = today.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(today);
        let all = report::overview(view, Realm::Real, Period { from: NaiveDate::default(), to: today })?;
        let days = series::over_time(view, Realm::Real, Period { from: first, to: today }, TimeUnit::Day)?;
        let days: Vec<Value> = days.iter().map(|day| json!({ "day": day.key, "count": day.redeemed })).collect();
        Ok(json!({ "redeemed": all.redeemed, "today": all.redeemed_today, "days": days }))
    })
}

/// The steps of the tour that the database proves; `newcomer` is the Telegram id of the newcomer.
pub(super) fn proved(database: &Database, newcomer: i64) -> Vec<TourStep> {
    let steps = read(database, |view| {
        let mut steps = Vec::new();
        if let Some(user) = known(view, newcomer)? {
            let redeemed =
                CodeFilter { user: Some(user), condition: Some(Condition::Redeemed), ..CodeFilter::default() };
            if discount::count(view, Realm::Real, &redeemed)? > 0 {
                steps.push(TourStep::Redeem);
            }
            let attempts = discount::list_attempts_of_user(view, user)?;
            if attempts.iter().any(|attempt| attempt.status == discount::Attempt::AlreadyUsed) {
                steps.push(TourStep::Refuse);
            }
        }
        let sent = BroadcastFilter { status: Some(broadcast::Status::Sent), ..BroadcastFilter::default() };
        let sent = broadcast::list(view, Realm::Real, &sent, FEW)?.0;
        if sent.iter().any(|it| it.pauses > 0 && it.counts.settled() == it.counts.total()) {
            steps.push(TourStep::Send);
        }
        Ok(steps)
    });
    steps.unwrap_or_default()
}

/// Whether the customer has a birthday code.
pub(super) fn has_birthday_code(database: &Database, customer: i64) -> bool {
    let codes = codes_of(database, customer);
    codes.iter().any(|code| code.source_kind == SourceKind::Birthday)
}

/// The public id of the customer's code that this picture shows.
pub(super) fn code_of_picture(database: &Database, customer: i64, picture: &[u8]) -> Option<String> {
    codes_of(database, customer).into_iter().map(|code| code.public_id).find(|public_id| {
        let link = read(database, |view| discount::link(view, Realm::Real, public_id)).flatten();
        link.and_then(|link| qr::png(&link)).is_some_and(|drawn| drawn == picture)
    })
}

/// The public id of one of the codes that can be redeemed now; `any` chooses it.
pub(super) fn live_code(database: &Database, any: usize, now: Timestamp) -> Option<String> {
    let active = CodeFilter { condition: Some(Condition::Active), until: Some(now), ..CodeFilter::default() };
    let codes = read(database, |view| Ok(discount::list(view, Realm::Real, &active, FEW)?.0))?;
    let chosen = any.checked_rem(codes.len()).and_then(|at| codes.get(at));
    chosen.map(|code| code.public_id.clone())
}

/// How many updates are not handled and how many letters are not settled.
pub(super) fn unsettled(database: &Database) -> usize {
    let counted = read(database, |view| {
        let mut waiting = 0;
        for bot in [BotName::Customer, BotName::Staff] {
            let queues = queue_stats::of(view, bot)?;
            waiting += queues.updates + queues.letters;
        }
        Ok(waiting)
    });
    counted.and_then(|waiting| usize::try_from(waiting).ok()).unwrap_or(0)
}

fn codes_of(database: &Database, customer: i64) -> Vec<discount::Discount> {
    let codes = read(database, |view| {
        let Some(user) = known(view, customer)? else { return Ok(Vec::new()) };
        let of_user = CodeFilter { user: Some(user), ..CodeFilter::default() };
        Ok(discount::list(view, Realm::Real, &of_user, FEW)?.0)
    });
    codes.unwrap_or_default()
}

fn known(view: &View<'_>, telegram: i64) -> Result<Option<UserId>> {
    Ok(user::find_by_telegram(view, Realm::Real, TelegramId(telegram))?.map(|user| user.id))
}

fn read<T>(database: &Database, run: impl FnOnce(&View<'_>) -> Result<T>) -> Option<T> {
    database.read::<_, Error, _>(run).inspect_err(|error| tracing::debug!(%error, "the page cannot read the shop")).ok()
}

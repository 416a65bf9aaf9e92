//! Finds the customers who match a filter. For each key of the filter a set of customers is read from a covering index,
//! and the sets are intersected; a set has one bit a customer. Tags and codes are never joined with the wide `users`
//! rows, and nothing is sorted. The statements are fixed, values are bound.

use chrono::NaiveDate;
use rusqlite::{Params, named_params};
use serde_json::json;

use super::days::{birthdays_within, born_by, earlier};
use super::filter::{Filter, Range};
use crate::db::{Conditions, View};
use crate::error::Result;
use crate::ids::UserId;
use crate::realm::Realm;
use crate::user::{Tag, UserSet, UserStatus};

// Most filters use only columns that are in one index; naming this index fixes the plan, whatever the planner estimates
// for the other indexes.
const PLAIN: (&str, &str) =
    ("SELECT id FROM users INDEXED BY users_for_segments", "FROM users INDEXED BY users_for_segments");
const OF_SOURCE: (&str, &str) =
    ("SELECT id FROM users INDEXED BY users_by_source", "FROM users INDEXED BY users_by_source");
const TAGGED: &str = "SELECT user_id FROM user_tags WHERE tag IN (SELECT value FROM json_each(:tags))";
const HOLDING: &str = "SELECT user_id FROM discounts INDEXED BY discounts_live
    WHERE is_test = :realm AND expires_at > :now AND redeemed_at IS NULL AND revoked_at IS NULL";
const OF_CAMPAIGN: &str =
    "SELECT users.id FROM campaigns JOIN users ON users.campaign_id = campaigns.id WHERE campaigns.source_key = :key";
const REGISTERED: &str = "SELECT id FROM users INDEXED BY users_by_created
    WHERE is_test = :realm AND created_at >= :from AND created_at < :before";
const UNSEEN: &str = "SELECT id FROM users INDEXED BY users_by_activity
    WHERE is_test = :realm AND last_activity_at < :before";
const BORN: &str = "SELECT id FROM users INDEXED BY users_by_birthday
    WHERE is_test = :realm AND birthday_md BETWEEN :from AND :to";
const REDEEMED: &str = "SELECT user_id FROM redemptions INDEXED BY redemptions_by_day
    WHERE is_test = :realm AND day >= :day AND undone_at IS NULL AND user_id IS NOT NULL";
const BOT_BLOCKED: &str = "SELECT id FROM users INDEXED BY users_bot_blocked
    WHERE is_test = :realm AND bot_blocked_at IS NOT NULL";
const MUTED: &str = "SELECT id FROM users INDEXED BY users_muted WHERE is_test = :realm AND muted_at IS NOT NULL";

/// The lower bound of a range of days without a start; every day is greater.
const BEGINNING: &str = "";
const END: &str = "9999-12-31T23:59:59Z";

/// Which customers match a filter without `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DefaultStatus {
    /// Customers whom the shop has not blocked: for an audience.
    Active,
    /// All customers, also blocked ones.
    Anybody,
}

/// The active customers of the realm that match, or those of the filter's `status`. The filter's own `is_test`
/// overrides `realm`.
pub(super) fn matching(view: &View<'_>, realm: Realm, filter: &Filter) -> Result<UserSet> {
    matching_with(view, realm, filter, DefaultStatus::Active)
}

/// The customers of the realm that match; `unsaid` decides for a filter without `status`.
pub(super) fn matching_with(view: &View<'_>, realm: Realm, filter: &Filter, default: DefaultStatus) -> Result<UserSet> {
    let realm = filter.realm(realm);
    let people = plain(view, realm, filter, default)?;
    let people = by_tags(view, filter, people)?;
    let people = by_days(view, realm, filter, people)?;
    by_codes(view, realm, filter, people)
}

/// How many customers of the realm [`matching`] finds.
pub(super) fn count(view: &View<'_>, realm: Realm, filter: &Filter) -> Result<i64> {
    if is_plain(filter) {
        let whom = (filter.realm(realm), filter, DefaultStatus::Active);
        return with_conditions(view, whom, |fitting| Ok(fitting.count(view, index(filter).1)?));
    }
    Ok(matching(view, realm, filter)?.len())
}

/// Customers who have blocked the bot.
pub(super) fn bot_blocked(view: &View<'_>, realm: Realm) -> Result<UserSet> {
    set(view, BOT_BLOCKED, named_params! { ":realm": realm })
}

/// Customers who have muted promotions.
pub(super) fn muted(view: &View<'_>, realm: Realm) -> Result<UserSet> {
    set(view, MUTED, named_params! { ":realm": realm })
}

/// Whether the index `users_for_segments` alone can answer the filter.
fn is_plain(filter: &Filter) -> bool {
    let others = Filter {
        is_subscribed: None,
        gender: None,
        age: None,
        source: Vec::new(),
        status: None,
        is_test: None,
        ..filter.clone()
    };
    others == Filter::everybody()
}

/// How `users` is read: the beginning of the statement that lists ids, and the FROM clause of the one that counts. Both
/// name the index by source if the filter has sources, else the index that [`is_plain`] is about.
const fn index(filter: &Filter) -> (&'static str, &'static str) {
    if filter.source.is_empty() { PLAIN } else { OF_SOURCE }
}

fn plain(view: &View<'_>, realm: Realm, filter: &Filter, default: DefaultStatus) -> Result<UserSet> {
    with_conditions(view, (realm, filter, default), |fitting| {
        let mut users = UserSet::default();
        fitting.each(view, (index(filter).0, ""), |row| {
            users.insert(row.get(0)?);
            Ok(())
        })?;
        Ok(users)
    })
}

fn with_conditions<T>(
    view: &View<'_>,
    (realm, filter, default): (Realm, &Filter, DefaultStatus),
    then: impl FnOnce(&Conditions<'_>) -> Result<T>,
) -> Result<T> {
    let today = view.zone().day(view.now());
    let active = (default == DefaultStatus::Active).then_some(UserStatus::Active);
    let status = filter.status.or(active);
    let born_by_end = filter.age.map(|age| born_by(today, age.from.unwrap_or(0)).to_string());
    let born_after = filter.age.map(|age| age.to.map_or_else(String::new, |to| born_by(today, to + 1).to_string()));
    let sources = (!filter.source.is_empty()).then(|| json!(filter.source).to_string());
    let mut fitting = Conditions::new("is_test = :realm", ":realm", &realm)
        .and("status = :status", ":status", status.as_ref())
        .fixed(if status.is_some() { "telegram_id > 0" } else { "status IN ('active', 'blocked') AND telegram_id > 0" })
        .and("is_subscribed = :subscribed", ":subscribed", filter.is_subscribed.as_ref());
    if filter.is_subscribed.is_none() && filter.age.is_some() {
        // The condition excludes no customer. It lets SQLite use the index for the range of birthdays too, because the
        // birthday is the column of the index after `is_subscribed`.
        fitting = fitting.fixed("is_subscribed IN (0, 1)");
    }
    let fitting = fitting
        .and("birthday <= :born_by", ":born_by", born_by_end.as_ref())
        .and("birthday > :born_after", ":born_after", born_after.as_ref())
        .and("gender = :gender", ":gender", filter.gender.as_ref())
        .and("source_normalized IN (SELECT value FROM json_each(:sources))", ":sources", sources.as_ref());
    then(&fitting)
}

fn by_tags(view: &View<'_>, filter: &Filter, mut people: UserSet) -> Result<UserSet> {
    if !filter.tags.is_empty() {
        people = people.and(&tagged(view, &filter.tags)?);
    }
    if !filter.not_tags.is_empty() {
        people = people.without(&tagged(view, &filter.not_tags)?);
    }
    Ok(people)
}

fn tagged(view: &View<'_>, tags: &[Tag]) -> Result<UserSet> {
    let tags: Vec<&str> = tags.iter().map(Tag::as_str).collect();
    set(view, TAGGED, named_params! { ":tags": json!(tags).to_string() })
}

fn by_days(view: &View<'_>, realm: Realm, filter: &Filter, mut people: UserSet) -> Result<UserSet> {
    let today = view.zone().day(view.now());
    if let Some(range) = filter.registered {
        people = people.and(&registered(view, realm, range)?);
    }
    if let Some(days) = filter.inactive_days {
        let before = view.zone().start_of(day_after(earlier(today, days)));
        people = people.and(&set(view, UNSEEN, named_params! { ":realm": realm, ":before": before })?);
    }
    if let Some(month) = filter.birthday_month {
        people = people.and(&born(view, realm, &[(format!("{month:02}-01"), format!("{month:02}-31"))])?);
    }
    if let Some(days) = filter.birthday_within_days {
        people = people.and(&born(view, realm, &birthdays_within(today, days))?);
    }
    Ok(people)
}

fn registered(view: &View<'_>, realm: Realm, range: Range<NaiveDate>) -> Result<UserSet> {
    let start_of = |day| view.zone().start_of(day).to_string();
    let from = range.from.map_or_else(|| BEGINNING.to_owned(), start_of);
    let before = range.to.map_or_else(|| END.to_owned(), |to| start_of(day_after(to)));
    set(view, REGISTERED, named_params! { ":realm": realm, ":from": from, ":before": before })
}

fn born(view: &View<'_>, realm: Realm, stretches: &[(String, String)]) -> Result<UserSet> {
    let mut users = UserSet::default();
    for (from, to) in stretches {
        fill(&mut users, view, BORN, named_params! { ":realm": realm, ":from": from, ":to": to })?;
    }
    Ok(users)
}

fn by_codes(view: &View<'_>, realm: Realm, filter: &Filter, mut people: UserSet) -> Result<UserSet> {
    let today = view.zone().day(view.now());
    if let Some(key) = &filter.campaign {
        people = people.and(&set(view, OF_CAMPAIGN, named_params! { ":key": key.as_str() })?);
    }
    if let Some(holding) = filter.has_active_discounts {
        let holders = set(view, HOLDING, named_params! { ":realm": realm, ":now": view.now() })?;
        people = if holding { people.and(&holders) } else { people.without(&holders) };
    }
    if let Some(days) = filter.redeemed_within_days {
        people = people.and(&redeemed_since(view, realm, earlier(today, days))?);
    }
    if let Some(days) = filter.not_redeemed_within_days {
        people = people.without(&redeemed_since(view, realm, earlier(today, days))?);
    }
    match filter.redemptions {
        Some(range) => by_redemptions(view, realm, range, people),
        None => Ok(people),
    }
}

fn redeemed_since(view: &View<'_>, realm: Realm, day: NaiveDate) -> Result<UserSet> {
    set(view, REDEEMED, named_params! { ":realm": realm, ":day": day.to_string() })
}

/// The customers of `people` whose number of redemptions is in `range`. Customers without redemptions have no row in
/// `redemptions`: so a range that begins at 0 is computed as all of `people` minus those with more redemptions.
fn by_redemptions(view: &View<'_>, realm: Realm, range: Range<u32>, people: UserSet) -> Result<UserSet> {
    let mut times = Times::default();
    view.each(REDEEMED, named_params! { ":realm": realm, ":day": BEGINNING }, |row| {
        times.count(row.get(0)?);
        Ok(())
    })?;
    let (from, to) = (range.from.unwrap_or(0), range.to.unwrap_or(u32::MAX));
    Ok(match from {
        0 => people.without(&times.those(|times| times > to)),
        _ => people.and(&times.those(|times| (from..=to).contains(&times))),
    })
}

/// A count for each customer, indexed by row id; four bytes a customer.
#[derive(Default)]
struct Times(Vec<u32>);

impl Times {
    fn count(&mut self, user: UserId) {
        let Ok(at) = usize::try_from(user.0) else { return };
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        if let Some(times) = self.0.get_mut(at) {
            *times += 1;
        }
    }

    fn those(&self, fits: impl Fn(u32) -> bool) -> UserSet {
        let fitting = (0..).zip(&self.0).filter(|(_, times)| **times > 0 && fits(**times));
        fitting.map(|(id, _)| UserId(id)).collect()
    }
}

fn day_after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

fn set(view: &View<'_>, sql: &'static str, params: impl Params) -> Result<UserSet> {
    let mut users = UserSet::default();
    fill(&mut users, view, sql, params)?;
    Ok(users)
}

fn fill(users: &mut UserSet, view: &View<'_>, sql: &'static str, params: impl Params) -> Result<()> {
    view.each(sql, params, |row| {
        users.insert(row.get(0)?);
        Ok(())
    })?;
    Ok(())
}

//! The figures by source: where the customers came from who registered, were issued codes, and redeemed them. A customer
//! belongs to their first source for good; an erased customer keeps it, unless it names them, and then counts as `direct`.

use std::collections::HashMap;

use rusqlite::named_params;

use super::Period;
use super::funnel::{has_redeemed, has_subscribed, share, was_issued};
use crate::db::View;
use crate::error::Result;
use crate::realm::Realm;

// The rows of the period are read by an index and counted here: SQLite would sort them all to group them.
const NEW: &str = "SELECT source_normalized FROM users INDEXED BY users_by_created
    WHERE is_test = :realm AND created_at >= :begin AND created_at < :end";
const ISSUED: &str = "SELECT u.source_normalized
    FROM discounts d INDEXED BY discounts_by_day JOIN users u ON u.id = d.user_id
    WHERE d.is_test = :realm AND d.created_day >= :from AND d.created_day <= :to";
const REDEEMED: &str = "SELECT u.source_normalized
    FROM redemptions r INDEXED BY redemptions_by_day JOIN users u ON u.id = r.user_id
    WHERE r.is_test = :realm AND r.day >= :from AND r.day <= :to AND r.undone_at IS NULL";
const STEPS: &str = concat!(
    "SELECT u.source_normalized, ",
    has_subscribed!(),
    ", ",
    was_issued!(),
    ", ",
    has_redeemed!(),
    " FROM users u INDEXED BY users_by_created
    WHERE u.is_test = :realm AND u.created_at >= :begin AND u.created_at < :end"
);

/// The most sources listed in JSON, CSV and the API; the rest are one row.
pub const MOST_SOURCES: usize = 1_000;
/// The name of the row that holds the sources beyond the most that were asked for.
pub const OTHER: &str = "other";

/// The figures of one source in a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfSource {
    /// The source as `users.source_normalized` has it, `direct` for none; [`OTHER`] for the rest.
    pub key: String,
    /// In the row of the rest, how many sources it holds.
    pub sources: Option<i64>,
    /// Customers who registered in the period.
    pub users_new: i64,
    /// Codes issued in the period to customers of the source.
    pub issued: i64,
    /// Standing redemptions of the period by customers of the source.
    pub redeemed: i64,
}

/// The funnel of one source: the customers who registered in a period, and how far they have come since.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FunnelOfSource {
    /// The source as `users.source_normalized` has it, `direct` for none; [`OTHER`] for the rest.
    pub key: String,
    /// In the row of the rest, how many sources it holds.
    pub sources: Option<i64>,
    /// Customers who registered.
    pub registered: i64,
    /// Those who have proved a subscription.
    pub subscribed: i64,
    /// Those who were issued a code.
    pub issued: i64,
    /// Those who redeemed a code.
    pub redeemed: i64,
    /// The redeemed divided by the registered, 0–1; `None` when none registered.
    pub share: Option<f64>,
}

/// The figures by source, the source with the most redemptions first. After the first `most` sources the rest is one row.
pub fn by_source(view: &View<'_>, realm: Realm, period: Period, most: usize) -> Result<Vec<OfSource>> {
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let (begin, end) = view.zone().span(period.from, period.to);
    let by_instant = named_params! { ":realm": realm, ":begin": begin, ":end": end };
    let by_day = named_params! { ":realm": realm, ":from": from, ":to": to };
    let mut sources: HashMap<String, OfSource> = HashMap::new();
    for (statement, params, figure) in [
        (NEW, by_instant, (|of| &mut of.users_new) as fn(&mut OfSource) -> &mut i64),
        (ISSUED, by_day, |of| &mut of.issued),
        (REDEEMED, by_day, |of| &mut of.redeemed),
    ] {
        view.each(statement, params, |row| {
            count(&mut sources, row.get_ref(0)?.as_str()?, |of| *figure(of) += 1);
            Ok(())
        })?;
    }
    let mut items: Vec<OfSource> = sources.into_iter().map(|(key, of)| OfSource { key, ..of }).collect();
    items.sort_by(|one, other| {
        let order = |of: &OfSource| (-of.redeemed, -of.issued, -of.users_new);
        order(one).cmp(&order(other)).then_with(|| one.key.cmp(&other.key))
    });
    Ok(folded(items, most, |rest| OfSource {
        key: OTHER.to_owned(),
        sources: count_of(rest),
        users_new: rest.iter().map(|of| of.users_new).sum(),
        issued: rest.iter().map(|of| of.issued).sum(),
        redeemed: rest.iter().map(|of| of.redeemed).sum(),
    }))
}

/// The funnel by source, the source with the most registrations first. After the first `most` sources the rest is one row.
pub fn funnel_by_source(view: &View<'_>, realm: Realm, period: Period, most: usize) -> Result<Vec<FunnelOfSource>> {
    let (begin, end) = view.zone().span(period.from, period.to);
    let params = named_params! { ":realm": realm, ":begin": begin, ":end": end };
    let mut sources: HashMap<String, FunnelOfSource> = HashMap::new();
    view.each(STEPS, params, |row| {
        let (subscribed, issued, redeemed): (i64, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
        count(&mut sources, row.get_ref(0)?.as_str()?, |of: &mut FunnelOfSource| {
            of.registered += 1;
            of.subscribed += subscribed;
            of.issued += issued;
            of.redeemed += redeemed;
        });
        Ok(())
    })?;
    let with_share =
        |(key, of): (String, FunnelOfSource)| FunnelOfSource { key, share: share(of.redeemed, of.registered), ..of };
    let mut items: Vec<FunnelOfSource> = sources.into_iter().map(with_share).collect();
    items.sort_by(|one, other| {
        let order = |of: &FunnelOfSource| (-of.registered, -of.redeemed);
        order(one).cmp(&order(other)).then_with(|| one.key.cmp(&other.key))
    });
    Ok(folded(items, most, |rest| {
        let sum = |of: fn(&FunnelOfSource) -> i64| rest.iter().map(of).sum();
        let (registered, redeemed) = (sum(|of| of.registered), sum(|of| of.redeemed));
        let (subscribed, issued) = (sum(|of| of.subscribed), sum(|of| of.issued));
        let (key, share) = (OTHER.to_owned(), share(redeemed, registered));
        FunnelOfSource { key, sources: count_of(rest), registered, subscribed, issued, redeemed, share }
    }))
}

/// Changes the figures of a source, which begin at zero.
fn count<T: Default>(sources: &mut HashMap<String, T>, source: &str, change: impl FnOnce(&mut T)) {
    let source = if source.is_empty() { "direct" } else { source };
    if let Some(of) = sources.get_mut(source) {
        return change(of);
    }
    change(sources.entry(source.to_owned()).or_default());
}

/// The first `most` items, and the rest as one.
fn folded<T>(mut items: Vec<T>, most: usize, fold: impl FnOnce(&[T]) -> T) -> Vec<T> {
    let rest = items.split_off(most.min(items.len()));
    if !rest.is_empty() {
        items.push(fold(&rest));
    }
    items
}

fn count_of<T>(rest: &[T]) -> Option<i64> {
    i64::try_from(rest.len()).ok()
}

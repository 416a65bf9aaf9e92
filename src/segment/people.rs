//! Counts and samples the customers who match a filter, and counts those whom a broadcast leaves out.

use super::filter::Filter;
use super::fitting::{self, DefaultStatus};
use crate::db::View;
use crate::error::Result;
use crate::ids::UserId;
use crate::realm::Realm;
use crate::user::{self, User};

/// How many matching customers a broadcast reaches. `total = reachable + muted + bot_blocked`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// All matching customers.
    pub total: i64,
    /// Matching customers who would get the broadcast.
    pub reachable: i64,
    /// Matching customers who have muted promotions and have not blocked the bot.
    pub muted: i64,
    /// Matching customers who blocked the bot.
    pub bot_blocked: i64,
    /// Matching customers of the test bots; counted only when the broadcast is for real customers, and not part of
    /// `total`.
    pub test: i64,
}

/// A filter's counts and sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// How many customers match, and how many of them a broadcast leaves out.
    pub reach: Reach,
    /// A sample of the matching customers, spread over all of them, by ascending id.
    pub sample: Vec<User>,
}

/// How many customers match, including unreachable ones.
pub fn count(view: &View<'_>, realm: Realm, filter: &Filter) -> Result<i64> {
    fitting::count(view, realm, filter)
}

/// All matching customers, including unreachable ones, by ascending id, read from one snapshot. The list takes 8 bytes
/// a customer.
pub fn members(view: &View<'_>, realm: Realm, filter: &Filter) -> Result<Vec<UserId>> {
    Ok(fitting::matching(view, realm, filter)?.iter().collect())
}

/// All matching customers, for lists of customers instead of broadcasts: customers whom the shop has blocked are
/// included unless the filter has a `status`.
pub fn known(view: &View<'_>, realm: Realm, filter: &Filter) -> Result<user::UserSet> {
    fitting::matching_with(view, realm, filter, DefaultStatus::Anybody)
}

/// How many customers match, and how many of them a broadcast leaves out.
pub fn reach(view: &View<'_>, realm: Realm, filter: &Filter) -> Result<Reach> {
    let users = fitting::matching(view, realm, filter)?;
    reach_of(view, realm, filter, &users)
}

/// The counts of [`reach`], and a sample of up to `sample` customers.
pub fn preview(view: &View<'_>, realm: Realm, filter: &Filter, sample: u32) -> Result<Preview> {
    let users = fitting::matching(view, realm, filter)?;
    let reach = reach_of(view, realm, filter, &users)?;
    let step = usize::try_from(reach.total).unwrap_or(usize::MAX).div_ceil(sample.max(1) as usize).max(1);
    let chosen = users.iter().step_by(step).take(sample as usize);
    let sample = chosen.map(|id| user::get(view, id)).collect::<Result<Vec<_>>>()?;
    Ok(Preview { reach, sample })
}

fn reach_of(view: &View<'_>, asked: Realm, filter: &Filter, users: &user::UserSet) -> Result<Reach> {
    let realm = filter.realm(asked);
    let blocked = fitting::bot_blocked(view, realm)?.and(users);
    let muted = fitting::muted(view, realm)?.and(users).without(&blocked).len();
    let (total, bot_blocked) = (users.len(), blocked.len());
    let test = match realm {
        Realm::Real => fitting::count(view, Realm::Test, &filter.of_any_realm())?,
        Realm::Test => 0,
    };
    Ok(Reach { total, reachable: total - muted - bot_blocked, muted, bot_blocked, test })
}

//! Lists of codes with filter and order, and the list of attempts at one customer's codes.

use super::model::{Condition, Discount};
use super::store::{ATTEMPTS_OF_USER, Logged, ROWS};
use super::template::Event;
use crate::clock::Timestamp;
use crate::db::{Conditions, Slice, View};
use crate::error::Result;
use crate::ids::{CampaignId, DiscountId, TemplateId, UserId, words};
use crate::realm::Realm;
use crate::row_counts::{Counted, kept};

const TABLE: &str = "FROM discounts d";

impl Condition {
    /// The SQL condition for codes in this state. Like `rules::state`, the conditions let revoked come before redeemed,
    /// and redeemed before expired.
    const fn sql(self) -> &'static str {
        match self {
            Self::Active => "d.revoked_at IS NULL AND d.redeemed_at IS NULL AND d.expires_at > :now",
            Self::Redeemed => "d.revoked_at IS NULL AND d.redeemed_at IS NOT NULL",
            Self::Expired => "d.revoked_at IS NULL AND d.redeemed_at IS NULL AND d.expires_at <= :now",
            Self::Revoked => "d.revoked_at IS NOT NULL",
        }
    }

    const fn is_of_time(self) -> bool {
        matches!(self, Self::Active | Self::Expired)
    }
}

words!(
    /// The order of a list of codes; a minus reverses it.
    CodeSort {
        /// Oldest first.
        Id = "id",
        /// Newest first.
        IdDown = "-id",
        /// First to expire first.
        Expires = "expires_at",
        /// Last to expire first.
        ExpiresDown = "-expires_at",
    }
);

impl CodeSort {
    const fn sql(self) -> &'static str {
        match self {
            Self::Id => "ORDER BY d.id",
            Self::IdDown => "ORDER BY d.id DESC",
            Self::Expires => "ORDER BY d.expires_at, d.id",
            Self::ExpiresDown => "ORDER BY d.expires_at DESC, d.id DESC",
        }
    }
}

/// Which codes a list shows; a field that is `None` does not restrict it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeFilter {
    /// Codes of this customer.
    pub user: Option<UserId>,
    /// Only the code with this row id.
    pub id: Option<DiscountId>,
    /// Codes of customers whose first source is this campaign.
    pub campaign: Option<CampaignId>,
    /// Codes of templates for this event.
    pub event: Option<Event>,
    /// Codes of this template.
    pub template: Option<TemplateId>,
    /// Codes in this state now.
    pub condition: Option<Condition>,
    /// Codes issued at this instant or later.
    pub since: Option<Timestamp>,
    /// Codes issued before this instant.
    pub until: Option<Timestamp>,
    /// The order of the list; newest first by default.
    pub sort: Option<CodeSort>,
}

fn fitting<'v>(realm: &'v Realm, filter: &'v CodeFilter, now: &'v Timestamp) -> Conditions<'v> {
    // The few active codes are found by their index, which begins with the realm.
    let of_realm = match filter.condition {
        Some(Condition::Active) => Conditions::new("d.is_test = :realm", ":realm", realm),
        _ => Conditions::of_realm("d.is_test", realm, realm.is_test()),
    };
    let mut fitting = of_realm
        .and("d.user_id = :user", ":user", filter.user.as_ref())
        .and("d.id = :id", ":id", filter.id.as_ref())
        .and("d.user_id IN (SELECT id FROM users WHERE campaign_id = :campaign)", ":campaign", filter.campaign.as_ref())
        .and(
            "d.template_id IN (SELECT id FROM discount_templates WHERE event = :event)",
            ":event",
            filter.event.as_ref(),
        )
        .and("d.template_id = :template", ":template", filter.template.as_ref())
        .and("d.created_at >= :since", ":since", filter.since.as_ref())
        .and("d.created_at < :until", ":until", filter.until.as_ref());
    if let Some(condition) = filter.condition {
        fitting = fitting.fixed(condition.sql());
        if condition.is_of_time() {
            fitting = fitting.value(":now", now);
        }
    }
    fitting
}

/// One page of the codes of a realm that match, and the number of all matching codes.
pub fn list(view: &View<'_>, realm: Realm, filter: &CodeFilter, slice: Slice) -> Result<(Vec<Discount>, i64)> {
    let now = view.now();
    let order = filter.sort.unwrap_or(CodeSort::IdDown).sql();
    let found = fitting(&realm, filter, &now).rows(view, (ROWS, order), slice, Discount::from_row)?;
    Ok((found, count(view, realm, filter)?))
}

/// How many codes of a realm match. The state alone needs no reading of all codes: kept counts know it.
pub fn count(view: &View<'_>, realm: Realm, filter: &CodeFilter) -> Result<i64> {
    let state_alone = CodeFilter { condition: filter.condition, sort: filter.sort, ..CodeFilter::default() };
    if *filter != state_alone {
        return Ok(fitting(&realm, filter, &view.now()).count(view, TABLE)?);
    }
    let kept = |what| kept(view, what, realm);
    let active = || {
        let filter = CodeFilter { condition: Some(Condition::Active), ..CodeFilter::default() };
        fitting(&realm, &filter, &view.now()).count(view, TABLE)
    };
    Ok(match filter.condition {
        None => kept(Counted::OpenCodes)? + kept(Counted::RedeemedCodes)? + kept(Counted::RevokedCodes)?,
        Some(Condition::Active) => active()?,
        Some(Condition::Redeemed) => kept(Counted::RedeemedCodes)?,
        Some(Condition::Expired) => kept(Counted::OpenCodes)? - active()?,
        Some(Condition::Revoked) => kept(Counted::RevokedCodes)?,
    })
}

/// Matching codes of a realm with row ids above `after` and up to `last`, by ascending id.
pub fn list_between(
    view: &View<'_>,
    realm: Realm,
    filter: &CodeFilter,
    (after, last): (i64, i64),
) -> Result<Vec<Discount>> {
    let (now, mut found) = (view.now(), Vec::new());
    let fitting = fitting(&realm, filter, &now).and("d.id > :after", ":after", Some(&after)).and(
        "d.id <= :until_id",
        ":until_id",
        Some(&last),
    );
    fitting.each(view, (ROWS, CodeSort::Id.sql()), |row| {
        found.push(Discount::from_row(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// The last attempts at a customer's codes, newest first (at most 10).
pub fn list_attempts_of_user(view: &View<'_>, user: UserId) -> Result<Vec<Logged>> {
    Ok(view.list(ATTEMPTS_OF_USER, &[(":user", &user)], Logged::from_row)?)
}

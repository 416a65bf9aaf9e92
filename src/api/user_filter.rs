//! The filters of `/users`: the query as the client sent it, checked under the names of its own parameters, and
//! translated into a search.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::http::extract::lengths;
use super::http::problem::Problem;
use super::search_cache::Search;
use crate::access::Caller;
use crate::db::{Slice, View};
use crate::error::{Error, Refusal, Result as ShopResult};
use crate::ids::UserId;
use crate::realm::Realm;
use crate::segment;
use crate::user::{self, CustomerFilter, CustomerSort, Matches, PageSpec, UserStatus};

/// The filters of the list of customers.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct UserFilter {
    /// Part of a name or username, or of a phone for callers who may see phones; case and ё are ignored.
    #[cfg_attr(test, param(max_length = 100, example = "masha"))]
    search: Option<String>,
    /// Whether the customer is subscribed to the channel.
    is_subscribed: Option<bool>,
    /// Whether the customer holds an active code.
    has_active_discounts: Option<bool>,
    /// Only customers of this gender: `male`, `female`.
    #[cfg_attr(test, param(inline))]
    gender: Option<KnownGender>,
    /// The lowest age in full years, inclusive.
    #[cfg_attr(test, param(minimum = 0, maximum = 120))]
    age_from: Option<u32>,
    /// The highest age in full years, inclusive.
    #[cfg_attr(test, param(minimum = 0, maximum = 120))]
    age_to: Option<u32>,
    /// Only customers with a birthday in this month.
    #[cfg_attr(test, param(minimum = 1, maximum = 12))]
    birthday_month: Option<u32>,
    /// Only customers with this status; both if absent.
    #[cfg_attr(test, param(inline))]
    status: Option<UserStatus>,
    /// Only customers with this first source.
    #[cfg_attr(
        test,
        param(
            min_length = 1,
            max_length = 64,
            pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*[^\\s\\x00-\\x1f\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$"
        )
    )]
    source: Option<String>,
    /// Only customers with this tag.
    #[cfg_attr(
        test,
        param(
            min_length = 1,
            max_length = 32,
            pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*[^\\s\\x00-\\x1f\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$"
        )
    )]
    tag: Option<String>,
    /// Only customers registered by the campaign with this key.
    #[cfg_attr(test, param(min_length = 1, max_length = 48, pattern = "^[a-z0-9-]+$"))]
    campaign: Option<String>,
    /// The order of the list; `-created_at` if absent.
    #[cfg_attr(test, param(inline))]
    sort: Option<UserSort>,
    /// Only customers after the one with this row id, in the orders by `created_at`: to read beyond the last page.
    #[cfg_attr(test, param(minimum = 1))]
    after: Option<i64>,
}

/// A customer's gender, if it is known.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum KnownGender {
    Male,
    Female,
}

/// The order of customers; a leading dash means descending.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) enum UserSort {
    #[serde(rename = "created_at")]
    Created,
    #[serde(rename = "-created_at")]
    CreatedDown,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDown,
    #[serde(rename = "last_activity_at")]
    Activity,
    #[serde(rename = "-last_activity_at")]
    ActivityDown,
}

impl From<UserSort> for CustomerSort {
    fn from(sort: UserSort) -> Self {
        match sort {
            // Row ids follow the order of registration.
            UserSort::Created => Self::Id,
            UserSort::CreatedDown => Self::IdDown,
            UserSort::Name => Self::Name,
            UserSort::NameDown => Self::NameDown,
            UserSort::Activity => Self::Activity,
            UserSort::ActivityDown => Self::ActivityDown,
        }
    }
}

impl UserFilter {
    /// The query as a segment's filter, which selects the customers; `None` if the query has no filters.
    fn as_segment(&self) -> Option<Value> {
        let mut filter = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                filter.insert(key.to_owned(), value);
            }
        };
        put("is_subscribed", self.is_subscribed.map(Value::from));
        put("has_active_discounts", self.has_active_discounts.map(Value::from));
        put("gender", self.gender.map(|gender| json!(gender)));
        put("birthday_month", self.birthday_month.map(Value::from));
        put("status", self.status.map(|status| json!(status)));
        put("source", self.source.clone().map(Value::from));
        put("campaign", self.campaign.clone().map(Value::from));
        put("tags", self.tag.as_ref().map(|tag| json!([tag])));
        let ends = [("from", self.age_from), ("to", self.age_to)];
        let age: Map<String, Value> =
            ends.into_iter().filter_map(|(end, years)| Some((end.to_owned(), years?.into()))).collect();
        put("age", (!age.is_empty()).then_some(Value::Object(age)));
        (!filter.is_empty()).then_some(Value::Object(filter))
    }

    /// The search of this query for this caller: phones are searched only for callers who may see them.
    pub(super) fn sought(&self, realm: Realm, caller: &Caller) -> Search {
        let search = self.search.clone().filter(|search| !search.trim().is_empty());
        let filter = self.as_segment().map(|filter| filter.to_string());
        Search { realm, filter, search, names_only: !caller.sees_phones() }
    }

    /// The order and slice of a page of the list.
    pub(super) fn cut(&self, slice: Slice) -> PageSpec {
        PageSpec { after: self.after.map(UserId), ..PageSpec::new(self.sort.map(CustomerSort::from), slice) }
    }
}

impl Search {
    /// Runs the search in the database.
    pub(super) fn find(&self, view: &View<'_>) -> ShopResult<Matches> {
        let filter = self.filter.as_deref().map(segment::Filter::parse).transpose().map_err(of_query)?;
        let among = filter.map(|filter| segment::known(view, self.realm, &filter)).transpose()?;
        let (search, names_only) = (self.search.clone(), self.names_only);
        user::find(view, self.realm, &CustomerFilter { search, names_only, among, ..CustomerFilter::default() })
    }
}

/// A refusal of a segment's filter with the field named as in the query.
fn of_query(error: Error) -> Error {
    match error {
        Error::Refused(Refusal::SegmentInvalid { path, rule, .. }) => {
            let own = [("tags", "tag"), ("source", "source"), ("campaign", "campaign")];
            let field = own.into_iter().find(|(key, _)| path.starts_with(key)).map_or("query", |(_, field)| field);
            Refusal::Validation { field, value: String::new(), rule }.into()
        }
        other => other,
    }
}

/// Checks the filters, before the segment's checks; an error names the query's own parameter.
pub(super) fn checked(filter: &UserFilter) -> Result<(), Problem> {
    let years = [("age_from", filter.age_from), ("age_to", filter.age_to)];
    if let Some((field, _)) = years.into_iter().find(|(_, years)| years.is_some_and(|years| years > 120)) {
        return Err(Problem::field(field, "a whole number is needed, 0–120"));
    }
    if let (Some(from), Some(to)) = (filter.age_from, filter.age_to)
        && from > to
    {
        return Err(Problem::field("age_from", "the beginning is after the end"));
    }
    if filter.after.is_some_and(|id| id < 1) {
        return Err(Problem::field("after", "a whole number above zero is needed"));
    }
    if filter.after.is_some() && !matches!(filter.sort, None | Some(UserSort::Created | UserSort::CreatedDown)) {
        return Err(Problem::field("after", "goes with the orders created_at and -created_at"));
    }
    if filter.birthday_month.is_some_and(|month| !(1..=12).contains(&month)) {
        return Err(Problem::field("birthday_month", "a whole number is needed, 1–12"));
    }
    if filter.search.as_ref().is_some_and(|search| search.chars().count() > 100) {
        return Err(Problem::field("search", "at most 100 characters"));
    }
    let texts = [("source", &filter.source, 64), ("tag", &filter.tag, 32), ("campaign", &filter.campaign, 48)];
    lengths(&texts)
}

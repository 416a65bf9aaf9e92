//! Lists of customers. [`find`] finds the customers who match a filter; [`page`] reads one page of these customers. The
//! two functions are separate so that the API can cache the matches for the next page. Erased people are in no list.

use std::ops::ControlFlow;

use rusqlite::{Params, named_params};
use serde_json::json;

use super::{BY_ROW, Country, NAMED, Phone, SEEN, User, UserSet, folded, get};
use crate::clock::Timestamp;
use crate::db::{Conditions, Slice, View};
use crate::error::Result;
use crate::ids::{UserId, words};
use crate::realm::Realm;
use crate::row_counts::{Counted, kept};

const MATCHING: &str = "SELECT rowid FROM user_search WHERE user_search MATCH :query";
const NAMED_SO: &str =
    "SELECT id FROM users INDEXED BY users_by_name WHERE is_test = :realm AND instr(name_norm, :search) > 0";
const OF_TEST: &str = "SELECT id FROM users INDEXED BY users_by_created WHERE is_test = 1 AND telegram_id > 0";
const REGISTERED: &str = "SELECT id FROM users INDEXED BY users_by_created
    WHERE is_test = :realm AND created_at >= :since AND created_at < :until AND telegram_id > 0";
const END: &str = "9999-12-31T23:59:59Z";

/// The least number of characters that the full-text index can search, because it holds groups of three characters
/// (trigrams). A shorter name is searched for in the column `name_norm`.
const LETTERS: usize = 3;
/// Up to this many matches are sorted in the list's order; of more matches a page is read from the index of that order,
/// until the page is full.
const FEW: i64 = 2000;

/// Which customers a list shows; a field that is `None` does not restrict it.
#[derive(Debug, Clone, Default)]
pub struct CustomerFilter {
    /// A part of the customer's name or username, or at least three digits of their phone; case and ё do not matter.
    pub search: Option<String>,
    /// Whether `search` ignores phones, for callers who may not see phones.
    pub names_only: bool,
    /// Only these customers: those who match a segment's filter in the same realm.
    pub among: Option<UserSet>,
    /// Customers registered at this instant or later.
    pub since: Option<Timestamp>,
    /// Customers registered before this instant.
    pub until: Option<Timestamp>,
}

words!(
    /// The order of a list of customers; the words with a minus are the descending orders.
    CustomerSort {
        /// Oldest row first.
        Id = "id",
        /// Newest row first.
        IdDown = "-id",
        /// By name.
        Name = "name",
        /// By name, descending.
        NameDown = "-name",
        /// By the last visit, oldest first.
        Activity = "last_activity_at",
        /// By the last visit, newest first.
        ActivityDown = "-last_activity_at",
    }
);

macro_rules! sorted {
    ($sort:expr, $head:literal) => {
        match $sort {
            CustomerSort::Id => concat!($head, " ORDER BY id"),
            CustomerSort::IdDown => concat!($head, " ORDER BY id DESC"),
            CustomerSort::Name => concat!($head, " ORDER BY name_norm, id"),
            CustomerSort::NameDown => concat!($head, " ORDER BY name_norm DESC, id DESC"),
            CustomerSort::Activity => concat!($head, " ORDER BY last_activity_at, id"),
            CustomerSort::ActivityDown => concat!($head, " ORDER BY last_activity_at DESC, id DESC"),
        }
    };
}

/// Which of the matching customers are on a page, in which order.
#[derive(Debug, Clone, Copy)]
pub struct PageSpec {
    /// The order of the page.
    pub sort: CustomerSort,
    /// Only customers that come after this customer in the order; ignored unless the order is by id.
    pub after: Option<UserId>,
    /// How many customers to skip and to return.
    pub slice: Slice,
}

impl PageSpec {
    /// The page with this slice in this order; `None` = newest first.
    #[must_use]
    pub fn new(sort: Option<CustomerSort>, slice: Slice) -> Self {
        Self { sort: sort.unwrap_or(CustomerSort::IdDown), after: None, slice }
    }

    fn is_behind(&self, id: UserId) -> bool {
        match (self.after, self.sort) {
            (Some(after), CustomerSort::Id) => id > after,
            (Some(after), CustomerSort::IdDown) => id < after,
            _ => true,
        }
    }
}

/// The customers that match a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matches {
    /// All customers of the real shop, and how many there are.
    Everybody(i64),
    /// Only these customers.
    Some(UserSet),
}

impl Matches {
    /// How many customers match.
    #[must_use]
    pub fn total(&self) -> i64 {
        match self {
            Self::Everybody(total) => *total,
            Self::Some(users) => users.len(),
        }
    }
}

/// One page of the customers of a realm that match, and the number of all that match.
pub fn list(view: &View<'_>, realm: Realm, filter: &CustomerFilter, spec: PageSpec) -> Result<(Vec<User>, i64)> {
    let found = find(view, realm, filter)?;
    Ok((page(view, realm, &found, spec)?, found.total()))
}

/// The customers of a realm that match the filter.
pub fn find(view: &View<'_>, realm: Realm, filter: &CustomerFilter) -> Result<Matches> {
    let mut sets = Vec::from_iter(filter.among.clone());
    if let Some(search) = filter.search.as_deref() {
        sets.push(searched(view, realm, search, filter)?);
    }
    if filter.since.is_some() || filter.until.is_some() {
        sets.push(registered(view, realm, filter)?);
    }
    if sets.is_empty() && realm.is_test() {
        // Test customers are few. Their set is read first, because a page that is read in the order of row ids would
        // pass over all real customers.
        sets.push(set(view, OF_TEST, [])?);
    }
    match sets.into_iter().reduce(|all, set| all.and(&set)) {
        Some(users) => Ok(Matches::Some(users)),
        None => Ok(Matches::Everybody(kept(view, Counted::Users, realm)?)),
    }
}

/// The customers on one page of the matches.
pub fn page(view: &View<'_>, realm: Realm, found: &Matches, spec: PageSpec) -> Result<Vec<User>> {
    match found {
        Matches::Everybody(_) => page_of_all(view, realm, spec),
        Matches::Some(users) => {
            let ids = ids_of_page(view, realm, users, spec)?;
            let users = ids.into_iter().map(|id| get(view, id)).collect::<Result<Vec<_>>>()?;
            // A customer may have been erased since the search.
            Ok(users.into_iter().filter(|user| user.telegram_id.0 > 0).collect())
        }
    }
}

fn everybody(realm: &Realm) -> Conditions<'_> {
    Conditions::new("is_test = :realm", ":realm", realm).fixed("telegram_id > 0")
}

fn page_of_all(view: &View<'_>, realm: Realm, spec: PageSpec) -> Result<Vec<User>> {
    let behind = if spec.sort == CustomerSort::Id { "id > :after" } else { "id < :after" };
    let after = spec.after.filter(|_| matches!(spec.sort, CustomerSort::Id | CustomerSort::IdDown));
    let fitting = everybody(&realm).and(behind, ":after", after.as_ref());
    let head = match spec.sort {
        CustomerSort::Id | CustomerSort::IdDown => BY_ROW,
        CustomerSort::Name | CustomerSort::NameDown => NAMED,
        CustomerSort::Activity | CustomerSort::ActivityDown => SEEN,
    };
    Ok(fitting.rows(view, (head, sorted!(spec.sort, "")), spec.slice, User::from_row)?)
}

fn ids_of_page(view: &View<'_>, realm: Realm, users: &UserSet, spec: PageSpec) -> Result<Vec<UserId>> {
    let before = usize::try_from(spec.slice.offset).unwrap_or(usize::MAX);
    let some = spec.slice.limit as usize;
    Ok(match spec.sort {
        CustomerSort::Id => users.iter().filter(|id| spec.is_behind(*id)).skip(before).take(some).collect(),
        CustomerSort::IdDown => users.iter_down().filter(|id| spec.is_behind(*id)).skip(before).take(some).collect(),
        _ if users.len() <= FEW => {
            let ids: Vec<i64> = users.iter().map(|id| id.0).collect();
            let sql = sorted!(spec.sort, "SELECT id FROM users WHERE id IN (SELECT value FROM json_each(:ids))");
            let all: Vec<UserId> = view.list(sql, &[(":ids", &json!(ids).to_string())], |row| row.get(0))?;
            all.into_iter().skip(before).take(some).collect()
        }
        _ => walked(view, realm, users, (spec.sort, before, some))?,
    })
}

/// Reads the ids of a realm's customers in the list's order, from an index, until the page is full of customers of
/// `users`.
fn walked(
    view: &View<'_>,
    realm: Realm,
    users: &UserSet,
    (sort, before, some): (CustomerSort, usize, usize),
) -> Result<Vec<UserId>> {
    let (mut skipped, mut ids) = (0, Vec::with_capacity(some));
    let sql = sorted!(sort, "SELECT id FROM users WHERE is_test = :realm");
    view.each_until(sql, &[(":realm", &realm)], |row| {
        let id = row.get(0)?;
        if users.contains(id) && skipped < before {
            skipped += 1;
        } else if users.contains(id) {
            ids.push(id);
        }
        Ok(if ids.len() < some { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(ids)
}

fn registered(view: &View<'_>, realm: Realm, filter: &CustomerFilter) -> Result<UserSet> {
    let text = |at: Option<Timestamp>, none: &str| at.map_or_else(|| none.to_owned(), |at| at.to_string());
    let (since, until) = (text(filter.since, ""), text(filter.until, END));
    set(view, REGISTERED, named_params! { ":realm": realm, ":since": since, ":until": until })
}

fn searched(view: &View<'_>, realm: Realm, typed: &str, filter: &CustomerFilter) -> Result<UserSet> {
    let name = searched_name(typed);
    if name.contains('\0') {
        return Ok(UserSet::default());
    }
    if name.chars().count() < LETTERS {
        return set(view, NAMED_SO, named_params! { ":realm": realm, ":search": name });
    }
    let phrase = |column: &str, text: &str| format!("{column} : \"{}\"", text.replace('"', "\"\""));
    let mut query = phrase("name_norm", &name);
    for digits in searched_phones(typed, Country::of_shop(view)?).iter().filter(|_| !filter.names_only) {
        query = format!("{query} OR {}", phrase("phone", digits));
    }
    let found = set(view, MATCHING, &[(":query", &query)])?;
    let test = set(view, OF_TEST, [])?;
    Ok(if realm.is_test() { found.and(&test) } else { found.without(&test) })
}

/// The search text in the form of the column `name_norm`.
fn searched_name(typed: &str) -> String {
    let lower = folded(typed.trim());
    lower.strip_prefix('@').map_or(lower.clone(), ToOwned::to_owned)
}

/// What a search looks for in the column `phone`: the digits that were entered as a part of a phone, and the digits of
/// the whole phone that the text may be.
fn searched_phones(typed: &str, country: Country) -> Vec<String> {
    let is_phone = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | ' ');
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let part = (typed.chars().all(is_phone) && digits.len() >= LETTERS).then_some(digits);
    let whole = Phone::parse(typed, country).ok().map(|phone| phone.as_str().trim_start_matches('+').to_owned());
    part.into_iter().chain(whole).collect()
}

fn set(view: &View<'_>, sql: &'static str, params: impl Params) -> Result<UserSet> {
    let mut users = UserSet::default();
    view.each(sql, params, |row| {
        users.insert(row.get(0)?);
        Ok(())
    })?;
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_looked_for_by_its_digits() {
        let phones = |typed| searched_phones(typed, Country::RUSSIA);
        assert_eq!(phones("8 (914) 123-45-67"), ["89141234567", "79141234567"]);
        assert_eq!(phones("8.914.123.45.67"), ["79141234567"]);
        assert_eq!(phones("+7 914"), ["7914"]);
        assert_eq!(phones("45-67"), ["4567"]);
        assert_eq!([phones("45"), phones("user123"), phones("")].concat(), [] as [&str; 0]);
    }
}

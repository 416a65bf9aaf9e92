//! Customers in a list: which, in what order. Erased people are no customers any more and stand in no list.

use super::{Crowd, ROWS, User, folded, from_row, get};
use crate::clock::Timestamp;
use crate::db::{Conditions, Slice, View};
use crate::error::Result;
use crate::ids::words;
use crate::realm::Realm;

const TABLE: &str = "FROM users";
const BY_NAME: &str = "instr(name_norm, :search) > 0";
const BY_NAME_OR_PHONE: &str = "(instr(name_norm, :search) > 0 OR instr(coalesce(phone, ''), :search) > 0)";
const IDS: &str = "SELECT id FROM users";

/// Which customers; `None` does not restrict.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of a name, a username or a phone; case and ё do not matter.
    pub search: Option<String>,
    /// Whether `search` leaves phones alone: for those who may not see any.
    pub names_only: bool,
    /// Only these: whoever fits a segment's filter in the same realm.
    pub among: Option<Crowd>,
    /// Registered at this instant or later.
    pub since: Option<Timestamp>,
    /// Registered before this instant.
    pub until: Option<Timestamp>,
    /// The order; newest first when nobody says.
    pub sort: Option<Sort>,
}

words!(
    /// The order of a list of customers; a dash means the other way round.
    Sort {
        /// Oldest row first.
        Id = "id",
        /// Newest row first.
        IdDown = "-id",
        /// By name.
        Name = "name",
        /// By name, from the end of the alphabet.
        NameDown = "-name",
        /// Who has been away longest first.
        Activity = "last_activity_at",
        /// Who was here last first.
        ActivityDown = "-last_activity_at",
    }
);

impl Sort {
    const fn sql(self) -> &'static str {
        match self {
            Self::Id => "ORDER BY id",
            Self::IdDown => "ORDER BY id DESC",
            Self::Name => "ORDER BY name_norm, id",
            Self::NameDown => "ORDER BY name_norm DESC, id DESC",
            Self::Activity => "ORDER BY last_activity_at, id",
            Self::ActivityDown => "ORDER BY last_activity_at DESC, id DESC",
        }
    }
}

/// Customers of a realm that fit, and how many do.
///
/// # Errors
/// Storage only.
pub fn list(view: &View<'_>, realm: Realm, filter: &Filter, slice: Slice) -> Result<(Vec<User>, i64)> {
    let search = filter.search.as_deref().map(searched);
    let found_by = if filter.names_only { BY_NAME } else { BY_NAME_OR_PHONE };
    let fitting = Conditions::new("is_test = :realm", ":realm", &realm)
        .fixed("telegram_id > 0")
        .and(found_by, ":search", search.as_ref())
        .and("created_at >= :since", ":since", filter.since.as_ref())
        .and("created_at < :until", ":until", filter.until.as_ref());
    let order = filter.sort.unwrap_or(Sort::IdDown).sql();
    match &filter.among {
        Some(among) => page_among(view, &fitting, (IDS, order), among, slice),
        None => Ok(fitting.page(view, (ROWS, TABLE, order), slice, from_row)?),
    }
}

/// The same of those in a crowd: ids in their order, and only the rows of the page.
fn page_among(
    view: &View<'_>,
    fitting: &Conditions<'_>,
    statement: (&'static str, &'static str),
    among: &Crowd,
    slice: Slice,
) -> Result<(Vec<User>, i64)> {
    let mut ids = Vec::new();
    fitting.each(view, statement, |row| {
        let id = row.get(0)?;
        if among.contains(id) {
            ids.push(id);
        }
        Ok(())
    })?;
    let total = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let before = usize::try_from(slice.offset).unwrap_or(usize::MAX);
    let page = ids.into_iter().skip(before).take(slice.limit as usize);
    Ok((page.map(|id| get(view, id)).collect::<Result<_>>()?, total))
}

/// As `name_norm` and `phone` are stored.
fn searched(typed: &str) -> String {
    let lower = folded(typed.trim());
    lower.strip_prefix('@').map_or(lower.clone(), ToOwned::to_owned)
}

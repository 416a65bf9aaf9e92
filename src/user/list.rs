//! Customers in a list: which, in what order. Erased people are no customers any more and stand in no list.

use super::{Gender, ROWS, Status, Tag, User, folded, from_row};
use crate::campaign;
use crate::clock::Timestamp;
use crate::db::{Conditions, Slice, View};
use crate::error::Result;
use crate::ids::words;
use crate::realm::Realm;

const TABLE: &str = "FROM users";

/// Which customers; `None` does not restrict.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of a name, a username or a phone; case and ё do not matter.
    pub search: Option<String>,
    /// What brought them first, as typed.
    pub source: Option<String>,
    /// A tag they carry.
    pub tag: Option<Tag>,
    /// What the shop thinks of them.
    pub status: Option<Status>,
    /// Their gender.
    pub gender: Option<Gender>,
    /// Whether they are subscribed.
    pub subscribed: Option<bool>,
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
    let source = filter.source.as_deref().map(campaign::normalized);
    let tag = filter.tag.as_ref().map(Tag::as_str);
    let fitting = Conditions::new("is_test = :realm", ":realm", &realm)
        .fixed("telegram_id > 0")
        .and("(instr(name_norm, :search) > 0 OR instr(coalesce(phone, ''), :search) > 0)", ":search", search.as_ref())
        .and("source_normalized = :source", ":source", source.as_ref())
        .and("id IN (SELECT user_id FROM user_tags WHERE tag = :tag)", ":tag", tag.as_ref())
        .and("status = :status", ":status", filter.status.as_ref())
        .and("gender = :gender", ":gender", filter.gender.as_ref())
        .and("is_subscribed = :subscribed", ":subscribed", filter.subscribed.as_ref())
        .and("created_at >= :since", ":since", filter.since.as_ref())
        .and("created_at < :until", ":until", filter.until.as_ref());
    let order = filter.sort.unwrap_or(Sort::IdDown).sql();
    Ok(fitting.page(view, (ROWS, TABLE, order), slice, from_row)?)
}

/// As `name_norm` and `phone` are stored.
fn searched(typed: &str) -> String {
    let lower = folded(typed.trim());
    lower.strip_prefix('@').map_or(lower.clone(), ToOwned::to_owned)
}

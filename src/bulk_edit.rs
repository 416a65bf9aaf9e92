//! Bulk edit of customers: adds and removes tags, and issues each customer a code, in one transaction. When the shop
//! refuses one customer, nothing changes for that customer, the others are edited, and the refusal is that customer's
//! outcome.

use crate::actor::Actor;
use crate::catalogue::Code;
use crate::db::Tx;
use crate::discount::{self, IssueRequest, SourceKind, template::Template};
use crate::error::{Error, Refusal, Result};
use crate::ids::{DiscountId, UserId};
use crate::realm::Realm;
use crate::user::{self, Retagging, Tag};

/// The most customers of one bulk edit.
pub const MOST_PEOPLE: usize = 1000;

/// What a bulk edit does to each customer.
#[derive(Debug, Clone)]
pub struct BulkChange {
    /// Tags to add.
    pub add: Vec<Tag>,
    /// Tags to remove; a tag in both lists is removed.
    pub remove: Vec<Tag>,
    /// The template of the code to issue to each customer; `None` = no code. The customers are not told of the code.
    pub template: Option<Template>,
}

/// What the bulk edit did to one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkOutcome {
    /// The customer of this outcome.
    pub user: UserId,
    /// The customer's code, `None` if no code was to be issued; or the error code that says why nothing was done.
    pub done: std::result::Result<Option<DiscountId>, Code>,
}

/// Applies `change` to each of `users` in `realm`, with audit entries per customer. A refusal for one customer is that
/// customer's outcome and does not stop the others.
pub fn apply(tx: &Tx<'_>, realm: Realm, users: &[UserId], change: &BulkChange, by: &Actor) -> Result<Vec<BulkOutcome>> {
    let one = |user: &UserId| match apply_to(tx, realm, *user, change, by) {
        Ok(code) => Ok(BulkOutcome { user: *user, done: Ok(code) }),
        Err(Error::Refused(refusal)) => Ok(BulkOutcome { user: *user, done: Err(refusal.catalogued()) }),
        Err(failure) => Err(failure),
    };
    users.iter().map(one).collect()
}

/// Applies the change to one customer. Every check that may refuse comes before the first write.
fn apply_to(tx: &Tx<'_>, realm: Realm, id: UserId, change: &BulkChange, by: &Actor) -> Result<Option<DiscountId>> {
    let user = user::get(tx, id)?;
    if user.realm != realm || user.telegram_id.0 <= 0 {
        Err(Refusal::UserNotFound(id.to_string()))?;
    }
    let add: Vec<Tag> = change.add.iter().filter(|tag| !change.remove.contains(tag)).cloned().collect();
    let is_tagged = !add.is_empty() || !change.remove.is_empty();
    let tags = is_tagged.then(|| Retagging::of(tx, id, &add, &change.remove)).transpose()?;
    let code = change.template.as_ref().map(|template| {
        let request = IssueRequest { user: &user, template, source: (SourceKind::Manual, None), by };
        discount::issue(tx, &request).map(|issued| issued.discount().id)
    });
    let code = code.transpose()?;
    if let Some(tags) = tags {
        tags.write(tx, by)?;
    }
    Ok(code)
}

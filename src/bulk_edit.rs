//! Many customers at once: tags, and a code of a template for each. One transaction; whatever does not go for one of them is
//! that one's outcome and changes nothing about them, and nothing for the others.

use crate::actor::Actor;
use crate::catalogue::Code;
use crate::db::Tx;
use crate::discount::{self, IssueRequest, SourceKind, template::Template};
use crate::error::{Error, Refusal, Result};
use crate::ids::{DiscountId, UserId};
use crate::realm::Realm;
use crate::user::{self, Retagging, Tag};

/// So many people at once.
pub const MOST_PEOPLE: usize = 1000;

/// What is to be done with each.
#[derive(Debug, Clone)]
pub struct BulkChange {
    /// Tags they are to have.
    pub add: Vec<Tag>,
    /// Tags they are not to have; one that is also added stays off.
    pub remove: Vec<Tag>,
    /// What they are to get a code of. Nobody is told.
    pub template: Option<Template>,
}

/// What became of one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkOutcome {
    /// Whom it is about.
    pub user: UserId,
    /// The code they have of the template now, if one was to be given; or why nothing was done.
    pub done: std::result::Result<Option<DiscountId>, Code>,
}

/// Does `change` for each of `users` that is in `realm`. Audited person by person.
///
/// # Errors
/// Storage only; each person's refusal is their outcome.
pub fn apply(tx: &Tx<'_>, realm: Realm, users: &[UserId], change: &BulkChange, by: &Actor) -> Result<Vec<BulkOutcome>> {
    let one = |user: &UserId| match apply_to(tx, realm, *user, change, by) {
        Ok(code) => Ok(BulkOutcome { user: *user, done: Ok(code) }),
        Err(Error::Refused(refusal)) => Ok(BulkOutcome { user: *user, done: Err(refusal.catalogued()) }),
        Err(failure) => Err(failure),
    };
    users.iter().map(one).collect()
}

/// Everything that may refuse stands before the first write.
fn apply_to(tx: &Tx<'_>, realm: Realm, id: UserId, change: &BulkChange, by: &Actor) -> Result<Option<DiscountId>> {
    let user = user::get(tx, id)?;
    if user.realm != realm || user.telegram_id.0 <= 0 {
        Err(Refusal::UserNotFound(id.to_string()))?;
    }
    let add: Vec<Tag> = change.add.iter().filter(|tag| !change.remove.contains(tag)).cloned().collect();
    let is_tagged = !add.is_empty() || !change.remove.is_empty();
    let tags = is_tagged.then(|| Retagging::of(tx, id, &add, &change.remove)).transpose()?;
    let code = change.template.as_ref().map(|template| {
        let order = IssueRequest { user: &user, template, source: (SourceKind::Manual, None), by };
        discount::issue(tx, &order).map(|issued| issued.discount().id)
    });
    let code = code.transpose()?;
    if let Some(tags) = tags {
        tags.write(tx, by)?;
    }
    Ok(code)
}

//! Issuing codes: one use-case for bot, CLI, API and jobs. The transaction prevents double issues: no other writer
//! comes between reading the last code and writing the next one.

use serde_json::json;

use super::code::DiscountCode;
use super::model::{Discount, SourceKind, Usage};
use super::rules::{self, Limit};
use super::store::{self, NewDiscount};
use super::template::{self, Template};
use crate::actor::Actor;
use crate::audit;
use crate::db::Tx;
use crate::error::{Refusal, Result};
use crate::user::{self, User, UserStatus};

/// The most random codes tried before issuing fails with `CODE_SPACE_EXHAUSTED`.
const TRIES: usize = 5;

/// A request to issue a code.
pub struct IssueRequest<'a> {
    /// The customer who gets the code.
    pub user: &'a User,
    /// The template of the code.
    pub template: &'a Template,
    /// Why the code exists, and the id of what it was issued for.
    pub source: (SourceKind, Option<i64>),
    /// The person or script that issues the code.
    pub by: &'a Actor,
}

/// A code that the customer has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issued {
    /// The code was issued now.
    New(Discount),
    /// The code was issued before and is still valid; nothing changed.
    Live(Discount),
}

impl Issued {
    /// The customer's code, issued now or before.
    #[must_use]
    pub const fn discount(&self) -> &Discount {
        match self {
            Self::New(discount) | Self::Live(discount) => discount,
        }
    }
}

/// Issues one code. Every refusal comes before the first write.
///
/// # Errors
/// `TEMPLATE_INACTIVE`, `USER_BLOCKED`, `RECURRENCE_NOT_REACHED` with the next date, `CODE_SPACE_EXHAUSTED`.
pub fn issue(tx: &Tx<'_>, order: &IssueRequest<'_>) -> Result<Issued> {
    if !order.template.is_active {
        Err(Refusal::TemplateInactive(order.template.name.clone()))?;
    }
    if order.user.status == UserStatus::Blocked {
        Err(Refusal::UserBlocked)?;
    }
    if let Some(live) = within_recurrence(tx, order)? {
        return Ok(Issued::Live(live));
    }
    let discount = write_new(tx, order)?;
    record(tx, order, &discount)?;
    Ok(Issued::New(discount))
}

/// Issues the subscription gift to a customer with a proven subscription. `erased_hash` is the hash under which this
/// person would be stored if they had been erased: a gift from before an erasure counts, too.
///
/// # Errors
/// Those of [`issue`]; `TEMPLATE_INACTIVE` also when no template can be chosen.
pub fn issue_subscription_gift(tx: &Tx<'_>, user: &User, erased_hash: Option<&str>) -> Result<Issued> {
    let template = template::for_subscription(tx)?;
    let earlier = erased_hash.map(|hash| user::gift_before_erasure(tx, hash)).transpose()?.flatten();
    if let Some((_, last)) = earlier.filter(|(had, _)| *had == template.id) {
        match rules::limit(&template, last, tx.zone()) {
            Limit::From(next) if tx.now() < next => Err(Refusal::RecurrenceNotReached { next: Some(next) })?,
            Limit::Once => Err(Refusal::RecurrenceNotReached { next: None })?,
            Limit::From(_) | Limit::None => {}
        }
    }
    let by = Actor::Customer(user.id);
    issue(tx, &IssueRequest { user, template: &template, source: (SourceKind::Subscription, None), by: &by })
}

/// `None`: a new code may be issued. `Some`: too early, but the customer's live code is returned instead of a refusal.
fn within_recurrence(tx: &Tx<'_>, order: &IssueRequest<'_>) -> Result<Option<Discount>> {
    if let Some(had) = once_per_campaign(tx, order)? {
        return Ok(Some(had));
    }
    let Some(last) = store::last_of_template(tx, order.user.id, order.template.id)? else { return Ok(None) };
    let next = match rules::limit(order.template, last.created_at, tx.zone()) {
        Limit::None => return Ok(None),
        Limit::From(next) if tx.now() >= next => return Ok(None),
        Limit::From(next) => Some(next),
        Limit::Once => None,
    };
    match store::live_of_template(tx, order.user.id, order.template.id)? {
        Some(live) => Ok(Some(live)),
        None => Err(Refusal::RecurrenceNotReached { next })?,
    }
}

/// The customer's live code from this campaign. `None`: they had none. Refused when they had one that is not live any
/// more: a customer gets a campaign's code once, however often they open the campaign's link.
fn once_per_campaign(tx: &Tx<'_>, order: &IssueRequest<'_>) -> Result<Option<Discount>> {
    let (kind @ SourceKind::Campaign, Some(id)) = order.source else { return Ok(None) };
    if !store::exists_from_source(tx, order.user.id, kind, id)? {
        return Ok(None);
    }
    match store::live_of_template(tx, order.user.id, order.template.id)? {
        Some(live) => Ok(Some(live)),
        None => Err(Refusal::RecurrenceNotReached { next: None })?,
    }
}

/// Issues a new code without looking at earlier codes: the caller prevents double issues.
pub(super) fn write_new(tx: &Tx<'_>, order: &IssueRequest<'_>) -> Result<Discount> {
    let by = order.by.to_string();
    for _ in 0..TRIES {
        let new = NewDiscount {
            // 132 random bits, in characters that are safe in a link.
            public_id: &crate::secret::random_text(22),
            code: &DiscountCode::random(),
            user: order.user,
            template: order.template,
            source: order.source,
            by: &by,
        };
        if let Some(discount) = store::insert(tx, &new)? {
            return Ok(discount);
        }
    }
    Err(Refusal::CodeSpaceExhausted)?
}

/// Audits a code issued by an admin or a script; for other codes the code's row is enough.
fn record(tx: &Tx<'_>, order: &IssueRequest<'_>, discount: &Discount) -> Result<()> {
    if matches!(order.by, Actor::Customer(_) | Actor::Job(_)) {
        return Ok(());
    }
    audit::record(
        tx,
        &audit::Entry {
            actor: order.by,
            action: "issue_discount",
            entity: "discount",
            entity_id: discount.id.to_string(),
            before: serde_json::Value::Null,
            after: json!({
                "user_id": discount.user, "template": discount.template_name, "value": discount.value.hundredths(),
                "value_type": discount.value.kind(), "shared": discount.usage == Usage::Shared,
            }),
        },
    )
}

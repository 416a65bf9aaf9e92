//! Issuing codes: one use-case for bot, CLI, API and jobs. The write transaction prevents double issues: no other
//! writer comes between reading the customer's last code and writing the next one.

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
use crate::shop;
use crate::user::{self, User, UserStatus};

/// How many random codes are tried before issuing fails with `CODE_SPACE_EXHAUSTED`, because each is taken.
const TRIES: usize = 5;

/// A request to issue a code.
pub struct IssueRequest<'a> {
    /// The customer who gets the code.
    pub user: &'a User,
    /// The template of the code.
    pub template: &'a Template,
    /// Why the code exists, and the row id of the campaign or broadcast that it was issued for; `None` for other
    /// sources.
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
pub fn issue(tx: &Tx<'_>, request: &IssueRequest<'_>) -> Result<Issued> {
    if !request.template.is_active {
        Err(Refusal::TemplateInactive(request.template.name.clone()))?;
    }
    if request.user.status == UserStatus::Blocked {
        Err(Refusal::UserBlocked)?;
    }
    if let Some(live) = within_recurrence(tx, request)? {
        return Ok(Issued::Live(live));
    }
    let discount = write_new(tx, request)?;
    record(tx, request, &discount)?;
    Ok(Issued::New(discount))
}

/// Issues the subscription gift to a customer with a proven subscription. `erased_hash` is the hash under which an
/// erasure of this person would have been recorded: a gift from before an erasure counts, too.
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

/// Applies the template's recurrence. `None` when a new code may be issued. When it is too early for a new code, the
/// customer's live code is returned; without a live code, the request is refused.
fn within_recurrence(tx: &Tx<'_>, request: &IssueRequest<'_>) -> Result<Option<Discount>> {
    if let Some(had) = once_per_campaign(tx, request)? {
        return Ok(Some(had));
    }
    let Some(last) = store::last_of_template(tx, request.user.id, request.template.id)? else { return Ok(None) };
    let next = match rules::limit(request.template, last.created_at, tx.zone()) {
        Limit::None => return Ok(None),
        Limit::From(next) if tx.now() >= next => return Ok(None),
        Limit::From(next) => Some(next),
        Limit::Once => None,
    };
    match store::live_of_template(tx, request.user.id, request.template.id)? {
        Some(live) => Ok(Some(live)),
        None => Err(Refusal::RecurrenceNotReached { next })?,
    }
}

/// The customer's live code from this campaign; `None` when the campaign has given them no code (revoked codes do not
/// count), or the code does not come from a campaign. A customer whose code from this campaign is not live any more is
/// refused: they get a campaign's code once, however often they open its link.
fn once_per_campaign(tx: &Tx<'_>, request: &IssueRequest<'_>) -> Result<Option<Discount>> {
    let (kind @ SourceKind::Campaign, Some(id)) = request.source else { return Ok(None) };
    if !store::exists_from_source(tx, request.user.id, kind, id)? {
        return Ok(None);
    }
    match store::live_of_template(tx, request.user.id, request.template.id)? {
        Some(live) => Ok(Some(live)),
        None => Err(Refusal::RecurrenceNotReached { next: None })?,
    }
}

/// Issues a new code without looking at earlier codes: the caller must prevent double issues.
pub(super) fn write_new(tx: &Tx<'_>, request: &IssueRequest<'_>) -> Result<Discount> {
    let (by, language) = (request.by.to_string(), shop::language(tx)?);
    for _ in 0..TRIES {
        let new = NewDiscount {
            // 132 random bits, in characters that are safe in a link.
            public_id: &crate::secret::random_text(22),
            code: &DiscountCode::random(language),
            user: request.user,
            template: request.template,
            source: request.source,
            by: &by,
        };
        if let Some(discount) = store::insert(tx, &new)? {
            return Ok(discount);
        }
    }
    Err(Refusal::CodeSpaceExhausted)?
}

/// Records in the audit log a code that an admin or a script issued. Codes issued by a customer's action or a job are
/// not recorded there: their own row says enough.
fn record(tx: &Tx<'_>, request: &IssueRequest<'_>, discount: &Discount) -> Result<()> {
    if matches!(request.by, Actor::Customer(_) | Actor::Job(_)) {
        return Ok(());
    }
    audit::record(
        tx,
        &audit::Entry {
            actor: request.by,
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

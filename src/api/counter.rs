//! `/discounts` at the counter: check, redeem, undo; and revoke. Every attempt is logged, also a refused one. Answers
//! contain row ids and no names, because they are stored under idempotency keys.

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::discount_body::DiscountBody;
use super::discounts::found;
use super::http::extract::{Body, Id, Query, RealmParam};
use super::http::problem::Problem;
use super::http::request::{Authorized, PostReply};
use crate::access::Caller;
use crate::discount::{self, Checked, Redeemer, Redemption, Tell};
use crate::ids::CashierId;

/// The limit of a receipt's sum, in kopecks.
const MOST_AMOUNT: i64 = 100_000_000_000;

/// A code to check.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct CheckBody {
    /// The code as entered or scanned: any case, spaces, dashes, look-alike letters.
    #[cfg_attr(
        test,
        schema(
            min_length = 1,
            max_length = 64,
            pattern = r"[^\s\x00-\x1F\x7F-\x9F]",
            example = "\u{410}\u{411}\u{412}1234"
        )
    )]
    code: String,
    /// The row id of the cashier who checks the code; the caller if absent.
    #[serde(default)]
    #[cfg_attr(test, schema(minimum = 1))]
    cashier_id: Option<i64>,
}

/// A code to redeem.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RedeemBody {
    /// The code as entered or scanned: any case, spaces, dashes, look-alike letters.
    #[cfg_attr(
        test,
        schema(
            min_length = 1,
            max_length = 64,
            pattern = r"[^\s\x00-\x1F\x7F-\x9F]",
            example = "\u{410}\u{411}\u{412}1234"
        )
    )]
    code: String,
    /// The row id of the cashier who redeems the code; the caller if absent.
    #[serde(default)]
    #[cfg_attr(test, schema(minimum = 1))]
    cashier_id: Option<i64>,
    /// The sum of the receipt in kopecks.
    #[serde(default)]
    #[cfg_attr(test, schema(minimum = 0, maximum = 100_000_000_000_i64))]
    amount: Option<i64>,
}

fn stands(cashier: Option<i64>, caller: &Caller) -> Redeemer {
    cashier.map_or_else(|| Redeemer::Actor(caller.actor()), |id| Redeemer::Cashier(CashierId(id)))
}

fn typed(code: &str) -> Result<(), Problem> {
    let long = code.trim().is_empty() || code.chars().count() > 64;
    if long { Err(Problem::field("code", "1 to 64 characters are needed")) } else { Ok(()) }
}

/// A code that was checked.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct CheckedBody {
    discount: DiscountBody,
}

/// Check a code
///
/// The check is logged as an attempt, also when it is refused.
#[cfg_attr(test, utoipa::path(post, path = "/discounts/check", tag = "discounts", request_body = CheckBody, params(RealmParam),
    responses((status = 200, description = "The code can be redeemed", body = CheckedBody))))]
pub(super) async fn check(
    ask: Authorized,
    Query(world): Query<RealmParam>,
    body: Body<CheckBody>,
) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    typed(&wanted.code)?;
    ask.post(hash, move |tx, caller| {
        let by = stands(wanted.cashier_id, caller);
        Ok(match discount::check(tx, &by, world.realm(), &wanted.code, None)? {
            Checked::Card(card) => PostReply::Ok(CheckedBody { discount: DiscountBody::single(tx, &card.discount)? }),
            Checked::Refused(refusal, _) => PostReply::Refused(refusal),
        })
    })
    .await
}

/// A redemption of a code.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct RedeemedBody {
    redemption_id: i64,
    #[cfg_attr(test, schema(format = DateTime))]
    redeemed_at: String,
    /// Whether the code was redeemed now; false if this cashier redeemed it a moment ago.
    changed: bool,
    discount: DiscountBody,
}

/// Redeem a code
///
/// The press is logged as an attempt, also when it is refused. The customer is notified of a redemption.
#[cfg_attr(test, utoipa::path(post, path = "/discounts/redeem", tag = "discounts", request_body = RedeemBody, params(RealmParam),
    responses((status = 200, description = "Code redeemed", body = RedeemedBody))))]
pub(super) async fn redeem(
    ask: Authorized,
    Query(world): Query<RealmParam>,
    body: Body<RedeemBody>,
) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    typed(&wanted.code)?;
    if wanted.amount.is_some_and(|amount| !(0..=MOST_AMOUNT).contains(&amount)) {
        return Err(Problem::field("amount", format!("a whole number is needed, 0–{MOST_AMOUNT}")));
    }
    ask.post(hash, move |tx, caller| {
        let by = stands(wanted.cashier_id, caller);
        let (done, changed) = match discount::redeem_code(tx, &by, world.realm(), &wanted.code, wanted.amount)? {
            Redemption::Done(done) => (done, true),
            Redemption::Repeated(done) => (done, false),
            Redemption::Refused(refusal, _) => return Ok(PostReply::Refused(refusal)),
        };
        let discount = DiscountBody::single(tx, &discount::get(tx, done.discount.id)?)?;
        Ok(PostReply::Ok(RedeemedBody {
            redemption_id: done.id.0,
            redeemed_at: done.at.to_string(),
            changed,
            discount,
        }))
    })
    .await
}

/// The reason of an undo.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct UndoBody {
    /// The reason of the undo, kept with the redemption.
    #[serde(default)]
    #[cfg_attr(test, schema(max_length = 256))]
    reason: Option<String>,
    /// The row id of the cashier who undoes the redemption; the caller if absent.
    #[serde(default)]
    #[cfg_attr(test, schema(minimum = 1))]
    cashier_id: Option<i64>,
}

/// A redemption that was undone.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct UndoneBody {
    redemption_id: i64,
    /// The time of the redemption that was undone.
    #[cfg_attr(test, schema(format = DateTime))]
    redeemed_at: String,
    discount: DiscountBody,
}

/// Undo the last redemption of a code
#[cfg_attr(test, utoipa::path(post, path = "/discounts/{id}/undo", tag = "discounts", request_body = UndoBody,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Redemption undone; the code is active again unless it has expired", body = UndoneBody))))]
pub(super) async fn undo(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<UndoBody>,
) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    short("reason", wanted.reason.as_deref())?;
    ask.post(hash, move |tx, caller| {
        let code = found(tx, world, id.0)?;
        let undone = discount::undo_code(tx, &stands(wanted.cashier_id, caller), code.id, wanted.reason.as_deref())?;
        let (redemption_id, redeemed_at) = (undone.id.0, undone.redeemed_at.to_string());
        Ok(PostReply::Ok(UndoneBody {
            redemption_id,
            redeemed_at,
            discount: DiscountBody::single(tx, &undone.discount)?,
        }))
    })
    .await
}

fn short(field: &'static str, text: Option<&str>) -> Result<(), Problem> {
    let long = text.is_some_and(|text| text.chars().count() > 256);
    if long { Err(Problem::field(field, "at most 256 characters")) } else { Ok(()) }
}

/// The reason of a revocation.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RevokeBody {
    /// The reason of the revocation, kept in the audit log.
    #[serde(default)]
    #[cfg_attr(test, schema(max_length = 256))]
    reason: Option<String>,
    /// Whether the customer gets a message about the revocation.
    #[serde(default)]
    notify: bool,
}

/// Revoke an active code
#[cfg_attr(test, utoipa::path(post, path = "/discounts/{id}/revoke", tag = "discounts", request_body = RevokeBody,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Code revoked", body = CheckedBody))))]
pub(super) async fn revoke(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<RevokeBody>,
) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    short("reason", wanted.reason.as_deref())?;
    let tell = if wanted.notify { Tell::Customer } else { Tell::Nobody };
    ask.post(hash, move |tx, caller| {
        let code = found(tx, world, id.0)?;
        let revoked = discount::revoke(tx, &code, wanted.reason.as_deref(), tell, &caller.manager()?)?;
        Ok(PostReply::Ok(CheckedBody { discount: DiscountBody::single(tx, &revoked)? }))
    })
    .await
}

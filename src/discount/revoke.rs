//! Taking a code back. The customer is not told unless somebody decides to.

use serde_json::json;

use super::model::{Discount, State};
use super::{rules, store};
use crate::actor::Actor;
use crate::audit;
use crate::db::{Failure, Tx};
use crate::error::{Error, Refusal, Result};

/// The longest reason that is kept, in characters.
const REASON: usize = 256;

/// Takes an active code back, audited with its reason. Returns the code as it is now.
///
/// # Errors
/// `CODE_REVOKED`, `CODE_ALREADY_USED`, `CODE_EXPIRED`: only an active code can be revoked.
pub fn revoke(tx: &Tx<'_>, discount: &Discount, reason: Option<&str>, by: &Actor) -> Result<Discount> {
    match rules::state(discount, tx.now()) {
        State::Active => {}
        State::Revoked { .. } => Err(Refusal::CodeRevoked)?,
        State::Redeemed { at } => Err(Refusal::CodeAlreadyUsed { at, by_you: false })?,
        State::Expired { .. } => Err(Refusal::CodeExpired { last_day: tx.zone().last_day(discount.expires_at) })?,
    }
    let reason: Option<String> = reason.map(|reason| reason.trim().chars().take(REASON).collect());
    if !store::revoke(tx, discount.id, reason.as_deref())? {
        // Read in this very transaction: a miss is a bug.
        return Err(Error::Storage(Failure::Internal("an active code could not be revoked".into())));
    }
    audit::record(
        tx,
        &audit::Entry {
            actor: by,
            action: "revoke_discount",
            entity: "discount",
            entity_id: discount.id.to_string(),
            before: json!({ "status": "active" }),
            after: json!({ "status": "revoked", "reason": reason }),
        },
    )?;
    store::get(tx, discount.id)
}

//! The audit log: every change by an admin, the CLI or a token, with before and after. Never a secret in it.
//! Written in the transaction of the change itself.

use serde_json::Value;

use crate::actor::Actor;
use crate::db::Tx;
use crate::error::Result;

const RECORD: &str = "INSERT INTO audit_log (at, actor, action, entity, entity_id, before, after)
     VALUES (:at, :actor, :action, :entity, :entity_id, :before, :after)";

/// One thing that was changed.
pub struct Entry<'a> {
    /// Who did it.
    pub actor: &'a Actor,
    /// The verb, e.g. `approve_cashier`.
    pub action: &'static str,
    /// The noun, e.g. `cashier`.
    pub entity: &'static str,
    /// Which one.
    pub entity_id: String,
    /// What it was; `Null` when it did not exist.
    pub before: Value,
    /// What it is now.
    pub after: Value,
}

/// Writes one entry.
///
/// # Errors
/// Storage only.
pub fn record(tx: &Tx<'_>, entry: &Entry<'_>) -> Result<()> {
    let json = |value: &Value| (!value.is_null()).then(|| value.to_string());
    tx.insert(
        RECORD,
        rusqlite::named_params! {
            ":at": tx.now(),
            ":actor": entry.actor.to_string(),
            ":action": entry.action,
            ":entity": entry.entity,
            ":entity_id": entry.entity_id,
            ":before": json(&entry.before),
            ":after": json(&entry.after),
        },
    )?;
    Ok(())
}

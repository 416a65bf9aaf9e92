//! The audit log: every change by an admin, the CLI or a token, with before and after. Never a secret in it.
//! Written in the transaction of the change itself.

use serde_json::Value;

use crate::actor::Actor;
use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::ids::UserId;

const RECORD: &str = "INSERT INTO audit_log (at, actor, action, entity, entity_id, before, after)
     VALUES (:at, :actor, :action, :entity, :entity_id, :before, :after)";

const PERSONAL: &str =
    "INSERT INTO audit_personal (audit_id, user_id, before, after) VALUES (:id, :user, :before, :after)";
const LIST: &str = "SELECT a.id, a.at, a.actor, a.action, a.entity, a.entity_id, coalesce(p.before, a.before), coalesce(p.after, a.after)
    FROM audit_log a LEFT JOIN audit_personal p ON p.audit_id = a.id
    WHERE (:actor IS NULL OR a.actor = :actor) AND (:entity IS NULL OR a.entity = :entity)
      AND (:action IS NULL OR a.action = :action) AND a.id > :after
    ORDER BY a.id DESC LIMIT :limit OFFSET :offset";
const COUNT: &str = "SELECT count(*) FROM audit_log a
    WHERE (:actor IS NULL OR a.actor = :actor) AND (:entity IS NULL OR a.entity = :entity)
      AND (:action IS NULL OR a.action = :action) AND a.id > :after";

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
    write(tx, entry).map(drop)
}

/// Writes one entry about a customer: what changed stands in the log, the values beside it, where erasing finds them.
///
/// # Errors
/// Storage only.
pub fn record_personal(tx: &Tx<'_>, actor: &Actor, user: UserId, what: &Value, values: &(Value, Value)) -> Result<()> {
    let id = write(
        tx,
        &Entry {
            actor,
            action: "update_user",
            entity: "user",
            entity_id: user.to_string(),
            before: Value::Null,
            after: what.clone(),
        },
    )?;
    let (before, after) = (values.0.to_string(), values.1.to_string());
    tx.insert(PERSONAL, rusqlite::named_params! { ":id": id, ":user": user, ":before": before, ":after": after })?;
    Ok(())
}

/// An entry as lists show it.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct Recorded {
    pub id: i64,
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    pub entity: String,
    pub entity_id: Option<String>,
    pub before: Value,
    pub after: Value,
}

/// Which entries; `None` does not restrict. `after` is the last id already seen (0 = all).
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each field restricts the column of its name")]
pub struct Filter {
    pub actor: Option<String>,
    pub entity: Option<String>,
    pub action: Option<String>,
    pub after: i64,
}

/// Entries, newest first, and how many there are.
///
/// # Errors
/// Storage only.
pub fn list(view: &View<'_>, filter: &Filter, limit: u32, offset: u64) -> Result<(Vec<Recorded>, i64)> {
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null);
    let params = rusqlite::named_params! {
        ":actor": filter.actor, ":entity": filter.entity, ":action": filter.action, ":after": filter.after,
        ":limit": limit, ":offset": offset,
    };
    let items = view.list(LIST, params, |row| {
        Ok(Recorded {
            id: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            action: row.get(3)?,
            entity: row.get(4)?,
            entity_id: row.get(5)?,
            before: json(row.get(6)?),
            after: json(row.get(7)?),
        })
    })?;
    let params = rusqlite::named_params! {
        ":actor": filter.actor, ":entity": filter.entity, ":action": filter.action, ":after": filter.after,
    };
    Ok((items, view.get(COUNT, params, |row| row.get(0))?))
}

fn write(tx: &Tx<'_>, entry: &Entry<'_>) -> Result<i64> {
    let json = |value: &Value| (!value.is_null()).then(|| value.to_string());
    let id = tx.insert(
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
    Ok(id)
}

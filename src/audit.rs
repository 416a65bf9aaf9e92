//! The audit log: changes of the shop's data, each with its actor and the values before and after, never with a secret.
//! An entry is written in the transaction of the change.

use rusqlite::named_params;
use serde_json::Value;

use crate::actor::Actor;
use crate::clock::Timestamp;
use crate::db::{Conditions, Slice, Tx, View, columns, from_json};
use crate::error::Result;
use crate::ids::UserId;
use crate::realm::Realm;
use crate::row_counts::{Counted, kept};

const OLD: &str = "SELECT id FROM audit_log WHERE at < :before ORDER BY at LIMIT 1000";
const FORGET_PERSONAL: &str = "DELETE FROM audit_personal WHERE audit_id = :id";
const FORGET: &str = "DELETE FROM audit_log WHERE id = :id";
const RECORD: &str = "INSERT INTO audit_log (at, actor, action, entity, entity_id, before, after, request_id)
     VALUES (:at, :actor, :action, :entity, :entity_id, :before, :after, :request)";

const PERSONAL: &str =
    "INSERT INTO audit_personal (audit_id, user_id, before, after) VALUES (:id, :user, :before, :after)";
columns! {
    select: Recorded as a from "audit_log a LEFT JOIN audit_personal p ON p.audit_id = a.id" {
        id, at, actor, action, entity, entity_id, before = from_json("coalesce(p.before, a.before)"),
        after = from_json("coalesce(p.after, a.after)"), request = request_id,
    }
}
const ROWS: &str = select!();
const TABLE: &str = "FROM audit_log a";
const LAST: &str = "SELECT coalesce(max(id), 0) FROM audit_log";
const FORGET_VALUES: &str = "UPDATE audit_personal SET before = NULL, after = NULL WHERE user_id = :user";
const FORGET_NAMES: &str = "UPDATE audit_log SET before = json_remove(before, '$.name', '$.username'),
        after = json_remove(after, '$.name', '$.username') WHERE entity = :entity AND entity_id = :id";
const FORGET_REASONS: &str = "UPDATE audit_log SET before = json_remove(before, '$.reason'),
        after = json_remove(after, '$.reason') WHERE entity = :entity AND entity_id = :id";

/// One audited change.
pub struct Entry<'a> {
    /// Who made the change.
    pub actor: &'a Actor,
    /// What was done, e.g. `approve_cashier`.
    pub action: &'static str,
    /// The kind of row that was changed, e.g. `cashier`.
    pub entity: &'static str,
    /// The id of the changed row.
    pub entity_id: String,
    /// The row's value before the change; `Null` when the row did not exist.
    pub before: Value,
    /// The row's value after the change.
    pub after: Value,
}

/// Writes one audit entry.
pub fn record(tx: &Tx<'_>, entry: &Entry<'_>) -> Result<()> {
    write(tx, entry).map(drop)
}

/// Writes one audit entry about a customer: `audit_log` gets the names of the changed fields, and `audit_personal`,
/// which erasing empties, gets the values.
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

/// An audit entry as lists show it.
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
    pub request: Option<String>,
}

/// Which audit entries a list shows; a field that is `None` does not restrict it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Changes by this actor, in the stored form: `cli:root`.
    pub actor: Option<String>,
    /// Changes of this kind of row: `setting`.
    pub entity: Option<String>,
    /// Changes of the row with this id.
    pub entity_id: Option<String>,
    /// Changes with this action: `update_setting`.
    pub action: Option<String>,
    /// Entries written at this instant or later.
    pub since: Option<Timestamp>,
    /// Entries written before this instant.
    pub until: Option<Timestamp>,
    /// Entries with a greater id than this.
    pub after: Option<i64>,
    /// Entries with a smaller id than this: the next page of a list that begins with the newest.
    pub before: Option<i64>,
    /// Whether the oldest entry comes first instead of the newest.
    pub oldest_first: bool,
}

/// One page of the audit entries that match, and the number of all that match; newest first unless the filter says
/// otherwise.
pub fn list(view: &View<'_>, filter: &AuditFilter, slice: Slice) -> Result<(Vec<Recorded>, i64)> {
    let after = filter.after.unwrap_or_default();
    // The index finds the few entries of one row. Those of a kind of rows may be most of all, and are read in the order of
    // the list.
    let of_kind = if filter.entity_id.is_some() { "a.entity = :entity" } else { "+a.entity = :entity" };
    let fitting = Conditions::new("a.id > :after", ":after", &after)
        .and("a.id < :before", ":before", filter.before.as_ref())
        .and("a.actor = :actor", ":actor", filter.actor.as_ref())
        .and(of_kind, ":entity", filter.entity.as_ref())
        .and("a.entity_id = :entity_id", ":entity_id", filter.entity_id.as_ref())
        .and("a.action = :action", ":action", filter.action.as_ref())
        .and("a.at >= :since", ":since", filter.since.as_ref())
        .and("a.at < :until", ":until", filter.until.as_ref());
    let order = if filter.oldest_first { "ORDER BY a.id" } else { "ORDER BY a.id DESC" };
    let found = fitting.rows(view, (ROWS, order), slice, Recorded::from_row)?;
    let is_whole = *filter == AuditFilter { oldest_first: filter.oldest_first, ..AuditFilter::default() };
    let total = if is_whole { kept(view, Counted::Audit, Realm::Real)? } else { fitting.count(view, TABLE)? };
    Ok((found, total))
}

/// The id of the newest audit entry, 0 when there is none.
pub fn newest_id(view: &View<'_>) -> Result<i64> {
    Ok(view.get(LAST, [], |row| row.get(0))?)
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
            ":request": tx.request(),
        },
    )?;
    Ok(id)
}

/// Deletes up to 1,000 audit entries older than `before`, with their personal values. Returns how many entries.
pub fn forget_old(tx: &Tx<'_>, before: Timestamp) -> Result<usize> {
    let old: Vec<i64> = tx.list(OLD, named_params! { ":before": before }, |row| row.get(0))?;
    for id in &old {
        tx.change(FORGET_PERSONAL, named_params! { ":id": id })?;
        tx.change(FORGET, named_params! { ":id": id })?;
    }
    Ok(old.len())
}

/// Deletes the values before and after every change of a customer; the entries with the names of the fields stay.
pub fn forget_person(tx: &Tx<'_>, user: UserId) -> Result<()> {
    tx.change(FORGET_VALUES, named_params! { ":user": user })?;
    Ok(())
}

/// Deletes names and usernames from the audit entries about one cashier or admin.
pub fn forget_names(tx: &Tx<'_>, entity: &str, id: &str) -> Result<()> {
    tx.change(FORGET_NAMES, named_params! { ":entity": entity, ":id": id })?;
    Ok(())
}

/// Deletes the free text `reason`, which staff entered, from the audit entries about one row.
pub fn forget_reasons(tx: &Tx<'_>, entity: &str, id: &str) -> Result<()> {
    tx.change(FORGET_REASONS, named_params! { ":entity": entity, ":id": id })?;
    Ok(())
}

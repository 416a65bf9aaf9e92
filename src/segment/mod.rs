//! Segments: saved filters of customers, strict and audited. `filter` defines the keys, `parse` reads a filter from
//! JSON, `fitting` finds the customers who match, `people` counts and samples them, `preset` names those of a new shop,
//! `store` has the SQL. This file has the use-cases.

mod days;
mod filter;
mod fitting;
mod node;
mod parse;
mod people;
mod preset;
mod store;

use serde_json::{Value, json};

pub use filter::{Filter, Key, Unread};
pub use people::{Preview, Reach, count, known, members, preview, reach};
pub use preset::translate_names;

use crate::actor::Actor;
use crate::audit;
use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::error::{Refusal, Result};
use crate::ids::SegmentId;

const LONGEST_NAME: usize = 64;

/// A saved filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The segment's row id; not reused after deletion.
    pub id: SegmentId,
    /// The segment's name in lists and in the bot's menu.
    pub name: String,
    /// The segment's filter.
    pub filter: Filter,
    /// Whether the segment is offered to an admin who broadcasts from their chat with the customer bot.
    pub in_bot_menu: bool,
    /// Whether the segment was created with the database; such a segment can be changed and deleted as any other.
    pub is_preset: bool,
    /// When the segment was created.
    pub created_at: Timestamp,
    /// When the segment was last changed.
    pub updated_at: Timestamp,
}

/// The editable fields of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in Segment")]
pub struct SegmentDraft {
    pub name: String,
    pub filter: Filter,
    pub in_bot_menu: bool,
}

impl Segment {
    /// The segment's editable fields.
    #[must_use]
    pub fn draft(&self) -> SegmentDraft {
        SegmentDraft { name: self.name.clone(), filter: self.filter.clone(), in_bot_menu: self.in_bot_menu }
    }

    fn facts(&self) -> Value {
        json!({ "name": self.name, "filter": self.filter.to_json(), "in_bot_menu": self.in_bot_menu })
    }
}

/// Every segment, oldest first. The list has no pages, because a shop has few segments.
pub fn list(view: &View<'_>) -> Result<Vec<Segment>> {
    store::all(view)
}

/// The segments offered to an admin who broadcasts from their chat with the customer bot, oldest first.
pub fn menu(view: &View<'_>) -> Result<Vec<Segment>> {
    store::menu(view)
}

/// The segment with this name (case and ё do not matter) or this id.
///
/// # Errors
/// `SEGMENT_NOT_FOUND` with the existing names.
pub fn get(view: &View<'_>, reference: &str) -> Result<Segment> {
    if let Some(segment) = store::find_by_name(view, reference)? {
        return Ok(segment);
    }
    match reference.trim().parse().map(SegmentId) {
        Ok(id) => get_by_id(view, id),
        Err(_) => Err(store::not_found(view, reference.trim())?)?,
    }
}

/// The segment with this id.
///
/// # Errors
/// `SEGMENT_NOT_FOUND` with the existing names.
pub fn get_by_id(view: &View<'_>, id: SegmentId) -> Result<Segment> {
    match store::find(view, id)? {
        Some(segment) => Ok(segment),
        None => Err(store::not_found(view, &id.to_string())?)?,
    }
}

/// Creates a segment, audited.
///
/// # Errors
/// `VALIDATION_ERROR` for an invalid name; `SEGMENT_NAME_TAKEN`.
pub fn create(tx: &Tx<'_>, draft: &SegmentDraft, by: &Actor) -> Result<Segment> {
    let draft = checked(tx, draft, None)?;
    let made = get_by_id(tx, store::insert(tx, &draft)?)?;
    record(tx, by, ("create_segment", made.id), (Value::Null, made.facts()))?;
    Ok(made)
}

/// Changes a segment, audited. Writes nothing when nothing changes. Returns the segment before and after.
///
/// # Errors
/// `SEGMENT_NOT_FOUND`; `VALIDATION_ERROR` for an invalid name; `SEGMENT_NAME_TAKEN`.
pub fn edit(tx: &Tx<'_>, id: SegmentId, draft: &SegmentDraft, by: &Actor) -> Result<(Segment, Segment)> {
    let before = get_by_id(tx, id)?;
    let draft = checked(tx, draft, Some(id))?;
    if before.draft() == draft {
        return Ok((before.clone(), before));
    }
    store::update(tx, id, &draft)?;
    let after = get_by_id(tx, id)?;
    record(tx, by, ("update_segment", id), (before.facts(), after.facts()))?;
    Ok((before, after))
}

/// Deletes a segment, audited. Only `broadcast::delete_segment` calls this function, after it has removed the
/// references of broadcasts to the segment; while a reference exists, its foreign key makes the deletion fail.
pub fn delete(tx: &Tx<'_>, segment: &Segment, by: &Actor) -> Result<()> {
    store::delete(tx, segment.id)?;
    record(tx, by, ("delete_segment", segment.id), (segment.facts(), Value::Null))
}

/// Checks the name of a draft. Returns the draft with single spaces in the name. `own` is the segment that is edited,
/// which may keep its name.
fn checked(view: &View<'_>, draft: &SegmentDraft, own: Option<SegmentId>) -> Result<SegmentDraft> {
    let name = draft.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count())
        && !name.contains(char::is_control)
        // A name made of digits is refused: it would be read as an id.
        && !name.bytes().all(|byte| byte.is_ascii_digit());
    if !fits {
        let value = name.chars().take(40).collect();
        Err(Refusal::Validation { field: "name", value, rule: "rule.segment_name" })?;
    }
    match store::find_by_name(view, &name)? {
        Some(other) if Some(other.id) != own => Err(Refusal::SegmentNameTaken(other.name))?,
        _ => Ok(SegmentDraft { name, ..draft.clone() }),
    }
}

fn record(
    tx: &Tx<'_>,
    actor: &Actor,
    (action, id): (&'static str, SegmentId),
    (before, after): (Value, Value),
) -> Result<()> {
    audit::record(tx, &audit::Entry { actor, action, entity: "segment", entity_id: id.to_string(), before, after })
}

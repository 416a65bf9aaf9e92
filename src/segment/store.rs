//! Saved segments: rows with a name and a filter.

use rusqlite::{Row, named_params};

use super::{Filter, Segment, SegmentDraft};
use crate::db::{Tx, View};
use crate::error::{Refusal, Result};
use crate::ids::SegmentId;
use crate::user;

macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT id, name, filter, in_bot_menu, is_preset, created_at, updated_at FROM segments ", $tail)
    };
}

const BY_ID: &str = select!("WHERE id = :id");
const BY_NAME: &str = select!("WHERE name_norm = :norm");
const ALL: &str = select!("ORDER BY id");
const MENU: &str = select!("WHERE in_bot_menu = 1 ORDER BY id");
const INSERT: &str = "INSERT INTO segments (name, name_norm, filter, in_bot_menu, created_at, updated_at)
    VALUES (:name, :norm, :filter, :menu, :now, :now)";
const UPDATE: &str = "UPDATE segments SET name = :name, name_norm = :norm, filter = :filter, in_bot_menu = :menu,
    updated_at = :now WHERE id = :id";
const DELETE: &str = "DELETE FROM segments WHERE id = :id";

/// The normal form of a name, which must be unique: case, ё and repeated spaces do not matter.
pub(super) fn norm(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    user::folded(&words.join(" "))
}

pub(super) fn find(view: &View<'_>, id: SegmentId) -> Result<Option<Segment>> {
    view.find(BY_ID, &[(":id", &id)], read)?.transpose()
}

pub(super) fn find_by_name(view: &View<'_>, name: &str) -> Result<Option<Segment>> {
    view.find(BY_NAME, named_params! { ":norm": norm(name) }, read)?.transpose()
}

pub(super) fn all(view: &View<'_>) -> Result<Vec<Segment>> {
    view.list(ALL, [], read)?.into_iter().collect()
}

pub(super) fn menu(view: &View<'_>) -> Result<Vec<Segment>> {
    view.list(MENU, [], read)?.into_iter().collect()
}

pub(super) fn insert(tx: &Tx<'_>, draft: &SegmentDraft) -> Result<SegmentId> {
    let id = tx.insert(
        INSERT,
        named_params! {
            ":name": draft.name, ":norm": norm(&draft.name), ":filter": draft.filter.to_json(),
            ":menu": draft.in_bot_menu, ":now": tx.now(),
        },
    )?;
    Ok(SegmentId(id))
}

pub(super) fn update(tx: &Tx<'_>, id: SegmentId, draft: &SegmentDraft) -> Result<()> {
    tx.change(
        UPDATE,
        named_params! {
            ":id": id, ":name": draft.name, ":norm": norm(&draft.name), ":filter": draft.filter.to_json(),
            ":menu": draft.in_bot_menu, ":now": tx.now(),
        },
    )?;
    Ok(())
}

pub(super) fn delete(tx: &Tx<'_>, id: SegmentId) -> Result<()> {
    tx.change(DELETE, named_params! { ":id": id })?;
    Ok(())
}

pub(super) fn not_found(view: &View<'_>, typed: &str) -> Result<Refusal> {
    let known = all(view)?.into_iter().map(|segment| segment.name).collect();
    Ok(Refusal::SegmentNotFound { name: typed.chars().take(64).collect(), known })
}

/// Reads a segment's row; its filter is parsed as strictly as when it was written.
fn read(row: &Row<'_>) -> rusqlite::Result<Result<Segment>> {
    let filter: String = row.get(2)?;
    let (id, name) = (row.get(0)?, row.get(1)?);
    let (in_bot_menu, is_preset) = (row.get(3)?, row.get(4)?);
    let (created_at, updated_at) = (row.get(5)?, row.get(6)?);
    let whole = |filter| Segment { id, name, filter, in_bot_menu, is_preset, created_at, updated_at };
    Ok(Filter::parse(&filter).map(whole))
}

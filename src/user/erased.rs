//! What the shop remembers of each erased person: a keyed hash and the last subscription gift, so that no person gets a
//! second gift by erasing and returning, and no import creates the person again. The key is in the config, not in the
//! database: a stolen database file does not reveal who was erased. `crate::erasure` does the erasing.

use rusqlite::{Row, named_params};

use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::ids::{TelegramId, TemplateId};
use crate::realm::Realm;
use crate::secret;

const REMEMBER: &str = "INSERT INTO erased_people (hash, template_id, last_gift, erased_at)
    VALUES (:hash, :template, :last_gift, :now)
    ON CONFLICT (hash) DO UPDATE SET template_id = coalesce(excluded.template_id, template_id),
        last_gift = coalesce(excluded.last_gift, last_gift), erased_at = excluded.erased_at";
const REMEMBER_AGAIN: &str = "INSERT INTO erased_people (hash, template_id, last_gift, erased_at)
    VALUES (:hash, :template, :last_gift, :erased_at)
    ON CONFLICT (hash) DO UPDATE SET template_id = excluded.template_id, last_gift = excluded.last_gift,
        erased_at = excluded.erased_at WHERE excluded.erased_at > erased_people.erased_at";
const EARLIER_SELF: &str = "SELECT template_id, last_gift FROM erased_people
    WHERE hash = :hash AND template_id IS NOT NULL AND last_gift IS NOT NULL";
const IS_ERASED: &str = "SELECT 1 FROM erased_people WHERE hash = :hash";
const ALL: &str = "SELECT hash, template_id, last_gift, erased_at FROM erased_people";

/// What the shop remembers of one erased person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedPerson {
    /// The keyed hash of the person's Telegram id and realm.
    pub hash: String,
    /// The template of the person's last subscription gift; `None` = the person never got one, or the template is
    /// unknown.
    pub template: Option<TemplateId>,
    /// When the person got the last subscription gift; `None` = never.
    pub last_gift: Option<Timestamp>,
    /// When the person was erased.
    pub erased_at: Timestamp,
}

/// The hash under which an erased person is remembered; it cannot be computed without the config's key.
#[must_use]
pub fn erased_hash(key: &str, realm: Realm, id: TelegramId) -> String {
    secret::keyed_hash(key, &format!("{}:{id}", realm.customer_bot()))
}

/// Whether the person with this hash was ever erased; the person may be a customer again.
pub fn is_erased(view: &View<'_>, hash: &str) -> Result<bool> {
    Ok(view.find(IS_ERASED, named_params! { ":hash": hash }, |_| Ok(()))?.is_some())
}

/// The last subscription gift that a person got before they were erased: its template, and when they got it.
pub fn gift_before_erasure(view: &View<'_>, hash: &str) -> Result<Option<(TemplateId, Timestamp)>> {
    let found = view.find(EARLIER_SELF, named_params! { ":hash": hash }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found)
}

/// Everyone erased so far.
pub fn erased_people(view: &View<'_>) -> Result<Vec<ErasedPerson>> {
    Ok(view.list(ALL, [], from_row)?)
}

/// Remembers that the person with this hash is erased now, and their last subscription gift. Without a `gift`, the gift
/// of an earlier erasure stays remembered.
pub fn remember_erased(tx: &Tx<'_>, hash: &str, gift: Option<(TemplateId, Timestamp)>) -> Result<()> {
    let params = named_params! {
        ":hash": hash, ":template": gift.map(|(template, _)| template), ":last_gift": gift.map(|(_, at)| at),
        ":now": tx.now(),
    };
    tx.change(REMEMBER, params)?;
    Ok(())
}

/// Copies what another database remembers of an erased person, unless this database remembers a later erasure of the
/// same person.
pub fn remember_again(tx: &Tx<'_>, person: &ErasedPerson) -> Result<()> {
    let params = named_params! {
        ":hash": person.hash, ":template": person.template, ":last_gift": person.last_gift,
        ":erased_at": person.erased_at,
    };
    tx.change(REMEMBER_AGAIN, params)?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ErasedPerson> {
    Ok(ErasedPerson { hash: row.get(0)?, template: row.get(1)?, last_gift: row.get(2)?, erased_at: row.get(3)? })
}

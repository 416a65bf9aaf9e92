//! Changes of a customer, by an owner or by the customer. Personal values go into `audit_personal`, which erasing
//! empties; the row of `audit_log` has only the names of the changed fields.

use chrono::NaiveDate;
use rusqlite::named_params;
use serde_json::{Map, Value, json};

use super::{Phone, User, UserStatus, birthday, get};
use crate::actor::Actor;
use crate::audit;
use crate::db::{Tx, View};
use crate::error::{Refusal, Result};
use crate::ids::{UserId, words};

const SET: &str = "UPDATE users SET phone = :phone, gender = :gender, birthday = :birthday, birthday_md = :md,
        birthday_saved_at = CASE WHEN birthday IS NOT :birthday THEN :now ELSE birthday_saved_at END, status = :status
    WHERE id = :id";
const MUTE: &str = "UPDATE users SET muted_at = coalesce(muted_at, :now) WHERE id = :id";
const UNMUTE: &str = "UPDATE users SET muted_at = NULL WHERE id = :id";
const TAGS: &str = "SELECT tag FROM user_tags WHERE user_id = :id ORDER BY tag";
const ADD_TAG: &str = "INSERT INTO user_tags (user_id, tag) VALUES (:id, :tag) ON CONFLICT DO NOTHING";
const REMOVE_TAG: &str = "DELETE FROM user_tags WHERE user_id = :id AND tag = :tag";

/// The most tags of a customer.
pub const MOST_TAGS: usize = 20;
const LONGEST_TAG: usize = 32;
/// The tag of customers whose birthday was entered; deleting the birthday leaves the tag.
pub(super) const BIRTHDAY_SET: &str = "birthday_set";

words!(
    /// A customer's gender; `unknown` when it is not known.
    Gender as AnyGender {
        /// The customer is male.
        Male = "male",
        /// The customer is female.
        Female = "female",
        /// The customer's gender is not known.
        Unknown = "unknown",
    }
);

/// A tag: lower case, trimmed, at most 32 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(String);

impl Tag {
    /// Reads a tag as a person entered it.
    ///
    /// # Errors
    /// `TAG_TOO_LONG`; `VALIDATION_ERROR` for an empty tag or one with line breaks.
    pub fn parse(typed: &str) -> Result<Self> {
        let tag = typed.trim().to_lowercase();
        if tag.chars().count() > LONGEST_TAG {
            Err(Refusal::TagTooLong)?;
        }
        if tag.is_empty() || tag.contains(char::is_control) {
            Err(Refusal::Validation { field: "tag", value: tag.chars().take(40).collect(), rule: "rule.tag" })?;
        }
        Ok(Self(tag))
    }

    /// The tag's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The fields of a customer to change; a field that is `None` stays, and `Some(None)` empties a field.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// The customer's phone.
    pub phone: Option<Option<Phone>>,
    /// The customer's gender.
    pub gender: Option<Gender>,
    /// The customer's birthday.
    pub birthday: Option<Option<NaiveDate>>,
    /// The customer's status: active, or blocked by the shop.
    pub status: Option<UserStatus>,
}

/// A customer before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The customer before the change.
    pub before: User,
    /// The customer after the change.
    pub after: User,
}

/// Changes a customer, audited. Writes nothing when nothing changes.
///
/// # Errors
/// `USER_NOT_FOUND`.
pub fn edit(tx: &Tx<'_>, id: UserId, edit: &Edit, by: &Actor) -> Result<Edited> {
    let before = get(tx, id)?;
    let mut after = before.clone();
    if let Some(phone) = &edit.phone {
        after.phone = phone.as_ref().map(|phone| phone.as_str().to_owned());
    }
    if let Some(gender) = edit.gender {
        after.gender = gender;
    }
    if let Some(birthday) = edit.birthday {
        after.birthday = birthday;
    }
    if let Some(status) = edit.status {
        after.status = status;
    }
    if before != after {
        write(tx, &after)?;
        record(tx, &before, &after, by)?;
        if after.birthday.is_some() && tags(tx, id)?.len() < MOST_TAGS {
            add_tag(tx, id, BIRTHDAY_SET)?;
        }
    }
    Ok(Edited { before, after: get(tx, id)? })
}

fn write(tx: &Tx<'_>, user: &User) -> Result<()> {
    tx.change(
        SET,
        named_params! {
            ":id": user.id, ":phone": user.phone, ":gender": user.gender,
            ":birthday": user.birthday.map(|day| day.to_string()), ":md": user.birthday.map(birthday::month_day),
            ":now": tx.now(), ":status": user.status,
        },
    )?;
    Ok(())
}

/// Audits a change: the names of the fields go to `audit_log`, their values to `audit_personal`.
fn record(tx: &Tx<'_>, before: &User, after: &User, by: &Actor) -> Result<()> {
    let facts = |user: &User| {
        [
            ("phone", json!(user.phone)),
            ("gender", json!(user.gender.as_str())),
            ("birthday", json!(user.birthday.map(|day| day.to_string()))),
            ("status", json!(user.status.as_str())),
        ]
    };
    let (mut old, mut new, mut fields) = (Map::new(), Map::new(), Vec::new());
    for ((field, was), (_, is)) in facts(before).into_iter().zip(facts(after)) {
        if was != is {
            fields.push(field);
            old.insert(field.to_owned(), was);
            new.insert(field.to_owned(), is);
        }
    }
    audit::record_personal(tx, by, after.id, &json!({ "fields": fields }), &(Value::Object(old), Value::Object(new)))
}

/// Turns promotions (broadcasts) off or on for a customer. Codes, birthday gifts and replies still arrive.
pub fn set_muted(tx: &Tx<'_>, user: UserId, mute: Mute) -> Result<()> {
    match mute {
        Mute::On => tx.change(MUTE, named_params! { ":id": user, ":now": tx.now() })?,
        Mute::Off => tx.change(UNMUTE, named_params! { ":id": user })?,
    };
    Ok(())
}

/// Whether a customer mutes promotions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mute {
    /// The customer gets no promotions.
    On,
    /// The customer gets promotions.
    Off,
}

/// A customer's tags, in alphabetical order.
pub fn tags(view: &View<'_>, user: UserId) -> Result<Vec<String>> {
    Ok(view.list(TAGS, &[(":id", &user)], |row| row.get(0))?)
}

/// Adds and removes tags of a customer, audited. Returns the tags before and after.
///
/// # Errors
/// `TOO_MANY_TAGS` beyond 20.
pub fn change_tags(
    tx: &Tx<'_>,
    user: UserId,
    add: &[Tag],
    remove: &[Tag],
    by: &Actor,
) -> Result<(Vec<String>, Vec<String>)> {
    let change = Retagging::of(tx, user, add, remove)?;
    change.write(tx, by)?;
    Ok((change.before, change.after))
}

/// A checked change of a customer's tags that is not written yet, for callers that check other things before their
/// first write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retagging {
    user: UserId,
    before: Vec<String>,
    after: Vec<String>,
}

impl Retagging {
    /// The customer's tags without `remove` and with `add`. Writes nothing.
    ///
    /// # Errors
    /// `TOO_MANY_TAGS` beyond 20.
    pub fn of(view: &View<'_>, user: UserId, add: &[Tag], remove: &[Tag]) -> Result<Self> {
        let before = tags(view, user)?;
        let stays = |had: &&String| !remove.iter().any(|tag| tag.0 == **had);
        let mut after: Vec<String> = before.iter().filter(stays).cloned().collect();
        after.extend(add.iter().map(|tag| tag.0.clone()));
        after.sort_unstable();
        after.dedup();
        if after.len() > MOST_TAGS {
            Err(Refusal::TooManyTags)?;
        }
        Ok(Self { user, before, after })
    }

    /// Changes the tags, audited. Writes nothing when nothing changes.
    pub fn write(&self, tx: &Tx<'_>, by: &Actor) -> Result<()> {
        let Self { user, before, after } = self;
        if before == after {
            return Ok(());
        }
        for tag in before.iter().filter(|tag| !after.contains(tag)) {
            tx.change(REMOVE_TAG, named_params! { ":id": user, ":tag": tag })?;
        }
        for tag in after.iter().filter(|tag| !before.contains(tag)) {
            add_tag(tx, *user, tag)?;
        }
        let values = (json!({ "tags": before }), json!({ "tags": after }));
        audit::record_personal(tx, by, *user, &json!({ "fields": ["tags"] }), &values)
    }
}

/// Replaces all tags of a customer, audited. Returns the tags before and after.
///
/// # Errors
/// `TOO_MANY_TAGS` beyond 20.
pub fn set_tags(tx: &Tx<'_>, user: UserId, wanted: &[Tag], by: &Actor) -> Result<(Vec<String>, Vec<String>)> {
    let extra = |tag: &String| !wanted.iter().any(|kept| kept.0 == *tag);
    let remove: Vec<Tag> = tags(tx, user)?.into_iter().filter(extra).map(Tag).collect();
    change_tags(tx, user, wanted, &remove, by)
}

fn add_tag(tx: &Tx<'_>, user: UserId, tag: &str) -> Result<()> {
    tx.change(ADD_TAG, named_params! { ":id": user, ":tag": tag })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_lower_case_and_short() {
        assert_eq!(Tag::parse("  VIP ").unwrap().as_str(), "vip");
        assert!(Tag::parse(&"т".repeat(33)).is_err());
        assert!(Tag::parse(" ").is_err());
    }
}

//! Imports customers from an exported file. Unknown people become customers; people who are customers already are
//! skipped, updated, or stop the import, as the owner chooses. Erased people are not created again, and subscriptions
//! are not imported: only Telegram knows them. `read` turns the file into rows, with the help of `source`, `encoding`,
//! `lines`, `mapping`, `values` and `repeats`; this module writes the rows to the database, some hundreds a transaction;
//! `progress` stores how many rows are written.

mod encoding;
mod fault;
mod lines;
mod mapping;
mod progress;
mod read;
mod repeats;
mod source;
mod values;

use std::collections::HashMap;

use chrono::NaiveDate;
use rusqlite::named_params;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

pub use encoding::Encoding;
pub use fault::FileFault;
pub use mapping::{COLUMNS, Mapped};
pub use progress::{Progress, keep, unfinished};
pub use read::{CustomerFile, First, People, Reading, Terms};
pub use source::Unreadable;

use super::edit::BIRTHDAY_SET;
use super::{
    Edit, Gender, MOST_TAGS, Person, Phone, Tag, User, birthday, edit, erased_hash, find_by_telegram, is_erased,
    name_norm, normalized_source, set_tags, tags,
};
use crate::actor::Actor;
use crate::audit;
use crate::clock::Timestamp;
use crate::db::{Failure, Tx, View};
use crate::error::Result;
use crate::ids::{CampaignId, TelegramId, UserId, words};
use crate::realm::Realm;

const INSERT: &str = "INSERT INTO users (telegram_id, is_test, username, first_name, last_name, name_norm, phone, gender, birthday,
        birthday_md, birthday_saved_at, source, source_normalized, campaign_id, created_at, created_day, last_activity_at)
    VALUES (:telegram_id, :realm, :username, :first_name, :last_name, :norm, :phone, :gender, :birthday, :md,
        CASE WHEN :birthday IS NULL THEN NULL ELSE :now END, :source, :source_norm, :campaign, :created, :day, :last)
    ON CONFLICT (is_test, telegram_id) DO NOTHING RETURNING id";
const SET_SEARCH_ASIDE: &str = "INSERT INTO meta (key, value) VALUES ('search_aside', '1')";
const ENTER_INTO_SEARCH: &str = "INSERT INTO user_search (rowid, name_norm, phone)
    SELECT id, name_norm, phone FROM users WHERE id BETWEEN :first AND :last ORDER BY id";
const END_SEARCH_ASIDE: &str = "DELETE FROM meta WHERE key = 'search_aside'";
const TAG: &str = "INSERT INTO user_tags (user_id, tag) VALUES (:id, :tag) ON CONFLICT DO NOTHING";
const RENAME: &str = "UPDATE users SET username = :username, first_name = :first_name, last_name = :last_name,
        name_norm = :norm WHERE id = :id";

const ANYBODY_ERASED: &str = "SELECT 1 FROM erased_people LIMIT 1";

words!(
    /// What happens to people who are customers already.
    Conflict {
        /// The customers are not changed.
        Skip = "skip",
        /// The file's values replace the customers' present ones; fields without a value stay.
        Update = "update",
        /// Nothing is imported if any person in the file is a customer already.
        Fail = "fail",
    }
);

/// A person from a row of the file; a field for which the file has no value is `None` or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns of the file")]
pub struct Incoming {
    /// The line of the file on which the row begins.
    pub line: usize,
    pub telegram_id: TelegramId,
    pub username: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<Phone>,
    pub gender: Option<Gender>,
    pub birthday: Option<NaiveDate>,
    pub source: Option<String>,
    pub tags: Vec<Tag>,
    pub created_at: Option<Timestamp>,
    pub last_activity_at: Option<Timestamp>,
}

/// The options of an import.
#[derive(Debug, Clone)]
pub struct Import {
    /// The realm of the new customers.
    pub realm: Realm,
    /// What happens to people who are customers already.
    pub conflict: Conflict,
    /// The config's key of the hashes of erased people; `None` in a shop that has erased no person.
    pub key: Option<SecretString>,
    /// Finds the campaign of a source. Callers pass `campaign::find_by_key`; `campaign` is a later module, which this
    /// module may not use.
    pub campaign_of: fn(&View<'_>, &str) -> Result<Option<CampaignId>>,
}

/// What happens to a row of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFate {
    /// The customer is created.
    Created,
    /// The customer is changed.
    Updated,
    /// The customer has the row's values already.
    Unchanged,
    /// The customer exists and is not changed.
    Skipped,
    /// The person was erased and is not created again.
    Erased,
}

/// How many rows of the file have each [`RowFate`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the fates")]
pub struct RowTally {
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub skipped: i64,
    pub erased: i64,
}

impl RowTally {
    /// Counts one row of `fate`.
    pub const fn count(&mut self, fate: RowFate) {
        let counter = match fate {
            RowFate::Created => &mut self.created,
            RowFate::Updated => &mut self.updated,
            RowFate::Unchanged => &mut self.unchanged,
            RowFate::Skipped => &mut self.skipped,
            RowFate::Erased => &mut self.erased,
        };
        *counter += 1;
    }

    /// Adds the counts of `more`.
    pub const fn add(&mut self, more: Self) {
        self.created += more.created;
        self.updated += more.updated;
        self.unchanged += more.unchanged;
        self.skipped += more.skipped;
        self.erased += more.erased;
    }

    /// The counts as a JSON object.
    #[must_use]
    pub fn json(self) -> Value {
        let Self { created, updated, unchanged, skipped, erased } = self;
        json!({
            "created": created, "updated": updated, "unchanged": unchanged, "skipped": skipped, "erased": erased,
        })
    }
}

/// What would happen to each of `people` if they were imported now. Writes nothing.
pub fn foresee(view: &View<'_>, import: &Import, people: &[Incoming]) -> Result<Vec<RowFate>> {
    people.iter().map(|person| fate(view, import, person).map(|(fate, _)| fate)).collect()
}

/// Imports `people`; callers pass at most some hundreds a transaction. One audit entry holds the counts; each change of
/// an existing customer has an audit entry of its own.
pub fn import(tx: &Tx<'_>, import: &Import, people: &[Incoming], by: &Actor) -> Result<RowTally> {
    if import.key.is_none() && tx.find(ANYBODY_ERASED, [], |_| Ok(()))?.is_some() {
        Err(Failure::Internal(
            "a person was erased since this import began, which has no key of erased people".into(),
        ))?;
    }
    let mut campaigns = HashMap::new();
    let (others, created) = create_new(tx, import, people, &mut campaigns)?;
    let mut tally = RowTally { created, ..RowTally::default() };
    for person in others {
        let (fate, known) = fate(tx, import, person)?;
        match (fate, known) {
            (RowFate::Created, _) => create(tx, import, person, &mut campaigns).map(drop)?,
            (RowFate::Updated, Some(user)) => update(tx, &user, person, by)?,
            _ => {}
        }
        tally.count(fate);
    }
    record(tx, import, (people.len(), tally), by)?;
    Ok(tally)
}

/// The campaigns of sources; each source is looked up once.
type Campaigns<'p> = HashMap<&'p str, Option<CampaignId>>;

/// Creates those of `people` who are neither customers nor erased. Returns the others, and how many were created. No
/// customer is looked up first: the table refuses a second row. Names and phones are entered into the search index by one
/// statement for all, which costs a quarter of what one for each costs; until then the database refuses to change them.
fn create_new<'p>(
    tx: &Tx<'_>,
    import: &Import,
    people: &'p [Incoming],
    campaigns: &mut Campaigns<'p>,
) -> Result<(Vec<&'p Incoming>, i64)> {
    let (mut others, mut ids) = (Vec::new(), Vec::new());
    tx.change(SET_SEARCH_ASIDE, [])?;
    for person in people {
        let is_erased = is_erased_person(tx, import, person)?;
        match if is_erased { None } else { create(tx, import, person, campaigns)? } {
            Some(id) => ids.push(id),
            None => others.push(person),
        }
    }
    enter_into_search(tx, &ids)?;
    tx.change(END_SEARCH_ASIDE, [])?;
    Ok((others, i64::try_from(ids.len()).unwrap_or(i64::MAX)))
}

/// Enters customers into the search index who were created one after another, so that their ids have no gaps.
fn enter_into_search(tx: &Tx<'_>, ids: &[UserId]) -> Result<()> {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(()) };
    let entered = tx.change(ENTER_INTO_SEARCH, named_params! { ":first": first, ":last": last })?;
    if entered == ids.len() {
        return Ok(());
    }
    Err(Failure::Internal(format!("{entered} of {} customers were entered into the search index", ids.len())).into())
}

fn record(tx: &Tx<'_>, import: &Import, (rows, tally): (usize, RowTally), by: &Actor) -> Result<()> {
    let mut after = json!({ "rows": rows, "on_conflict": import.conflict.as_str(), "is_test": import.realm.is_test() });
    if let (Some(after), Value::Object(counts)) = (after.as_object_mut(), tally.json()) {
        after.extend(counts);
    }
    let (entity_id, before) = ("users".to_owned(), Value::Null);
    audit::record(tx, &audit::Entry { actor: by, action: "import", entity: "import", entity_id, before, after })
}

fn fate(view: &View<'_>, import: &Import, person: &Incoming) -> Result<(RowFate, Option<User>)> {
    let Some(user) = find_by_telegram(view, import.realm, person.telegram_id)? else {
        let is_erased = is_erased_person(view, import, person)?;
        return Ok((if is_erased { RowFate::Erased } else { RowFate::Created }, None));
    };
    let fate = match import.conflict {
        Conflict::Skip | Conflict::Fail => RowFate::Skipped,
        Conflict::Update if differs(view, &user, person)? => RowFate::Updated,
        Conflict::Update => RowFate::Unchanged,
    };
    Ok((fate, Some(user)))
}

/// Whether the person was ever erased; the person may be a customer again.
fn is_erased_person(view: &View<'_>, import: &Import, person: &Incoming) -> Result<bool> {
    import
        .key
        .as_ref()
        .map_or(Ok(false), |key| is_erased(view, &erased_hash(key.expose_secret(), import.realm, person.telegram_id)))
}

/// Creates a customer. `None`: the person is a customer already, and nothing is written.
fn create<'p>(
    tx: &Tx<'_>,
    import: &Import,
    person: &'p Incoming,
    campaigns: &mut Campaigns<'p>,
) -> Result<Option<UserId>> {
    let named = Person {
        id: person.telegram_id,
        username: person.username.clone(),
        first_name: person.first_name.clone(),
        last_name: person.last_name.clone(),
    };
    let source = person.source.as_deref().unwrap_or("direct");
    let campaign = match campaigns.get(source) {
        Some(known) => *known,
        None => *campaigns.entry(source).or_insert((import.campaign_of)(tx, source)?),
    };
    let created = person.created_at.unwrap_or_else(|| tx.now());
    let id = tx.find(
        INSERT,
        named_params! {
            ":telegram_id": person.telegram_id, ":realm": import.realm, ":username": person.username,
            ":first_name": person.first_name, ":last_name": person.last_name, ":norm": name_norm(&named),
            ":phone": person.phone.as_ref().map(Phone::as_str), ":gender": person.gender.unwrap_or(Gender::Unknown),
            ":birthday": person.birthday.map(|day| day.to_string()), ":md": person.birthday.map(birthday::month_day),
            ":now": tx.now(), ":source": source, ":source_norm": normalized_source(source),
            ":campaign": campaign, ":created": created,
            ":day": tx.zone().day(created).to_string(), ":last": person.last_activity_at.unwrap_or(created),
        },
        |row| row.get(0),
    )?;
    let Some(id) = id else { return Ok(None) };
    for tag in wanted_tags(person, person.birthday) {
        tx.change(TAG, named_params! { ":id": id, ":tag": tag.as_str() })?;
    }
    Ok(Some(id))
}

/// The tags of the row, and the tag of customers with a birthday if the customer has a birthday and room for another
/// tag.
fn wanted_tags(person: &Incoming, birthday: Option<NaiveDate>) -> Vec<Tag> {
    let mut tags = person.tags.clone();
    let own = birthday.and_then(|_| Tag::parse(BIRTHDAY_SET).ok());
    tags.extend(own.filter(|own| tags.len() < MOST_TAGS && !tags.contains(own)));
    tags
}

/// The customer's names after the row is applied; a name that the row lacks stays.
fn renamed(user: &User, person: &Incoming) -> Person {
    let said = |new: &Option<String>, old: &Option<String>| new.clone().or_else(|| old.clone());
    Person {
        id: user.telegram_id,
        username: said(&person.username, &user.username),
        first_name: said(&person.first_name, &user.first_name),
        last_name: said(&person.last_name, &user.last_name),
    }
}

fn names(person: &Person) -> [(&'static str, &Option<String>); 3] {
    [("username", &person.username), ("first_name", &person.first_name), ("last_name", &person.last_name)]
}

fn current_names(user: &User) -> Person {
    Person {
        id: user.telegram_id,
        username: user.username.clone(),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
    }
}

/// The fields that the row changes. A gender `unknown` in the file counts as no value and changes nothing.
fn changes(person: &Incoming) -> Edit {
    Edit {
        phone: person.phone.clone().map(Some),
        gender: person.gender.filter(|gender| *gender != Gender::Unknown),
        birthday: person.birthday.map(Some),
        status: None,
    }
}

fn differs(view: &View<'_>, user: &User, person: &Incoming) -> Result<bool> {
    let Edit { phone, gender, birthday, .. } = changes(person);
    let is_other = renamed(user, person) != current_names(user)
        || phone.flatten().is_some_and(|phone| user.phone.as_deref() != Some(phone.as_str()))
        || gender.is_some_and(|gender| user.gender != gender)
        || birthday.is_some_and(|birthday| user.birthday != birthday);
    Ok(is_other || retagged(view, user, person)?.is_some())
}

/// The tags to set, if the row has tags that differ from the customer's present ones.
fn retagged(view: &View<'_>, user: &User, person: &Incoming) -> Result<Option<Vec<Tag>>> {
    if person.tags.is_empty() {
        return Ok(None);
    }
    let (wanted, has) = (wanted_tags(person, person.birthday.or(user.birthday)), tags(view, user.id)?);
    let is_same = wanted.len() == has.len() && wanted.iter().all(|tag| has.iter().any(|has| has == tag.as_str()));
    Ok((!is_same).then_some(wanted))
}

fn update(tx: &Tx<'_>, user: &User, person: &Incoming, by: &Actor) -> Result<()> {
    let retagged = retagged(tx, user, person)?;
    rename(tx, user, &renamed(user, person), by)?;
    edit(tx, user.id, &changes(person), by)?;
    if let Some(tags) = retagged {
        set_tags(tx, user.id, &tags, by)?;
    }
    Ok(())
}

fn rename(tx: &Tx<'_>, user: &User, after: &Person, by: &Actor) -> Result<()> {
    let before = current_names(user);
    let changed: Vec<_> = names(&before).into_iter().zip(names(after)).filter(|(was, is)| was != is).collect();
    if changed.is_empty() {
        return Ok(());
    }
    tx.change(
        RENAME,
        named_params! {
            ":id": user.id, ":username": after.username, ":first_name": after.first_name,
            ":last_name": after.last_name, ":norm": name_norm(after),
        },
    )?;
    let fields: Vec<&str> = changed.iter().map(|((field, _), _)| *field).collect();
    let values = |pairs: Vec<(&str, &Option<String>)>| {
        Value::Object(pairs.into_iter().map(|(field, value)| (field.to_owned(), json!(value))).collect())
    };
    let (was, is): (Vec<_>, Vec<_>) = changed.into_iter().unzip();
    audit::record_personal(tx, by, user.id, &json!({ "fields": fields }), &(values(was), values(is)))
}

//! Customers: one row of `users` per person and realm, never deleted. This file creates and recognises customers,
//! stores what Telegram reports of their subscription, and finds a customer by what an owner enters. `edit` changes
//! customers, `birthday` and `phone` read entered values, `import` reads customers from a file, `forget` empties the
//! row of an erased customer, and `erased` remembers who was erased.

pub mod birthday;
mod user_set;
mod edit;
mod erased;
mod forget;
pub mod import;
mod list;
mod origin;
mod phone;
mod recheck;

use chrono::NaiveDate;
use rusqlite::named_params;

use crate::clock::Timestamp;
use crate::db::{Tx, View, columns};
use crate::error::{Refusal, Result};
use crate::ids::{CampaignId, TelegramId, UserId, words};
use crate::realm::Realm;
use crate::settings;
use crate::texts::{self, nameless};

columns! {
    select: User from "users" {
        id, telegram_id, realm = is_test, username, first_name, last_name,
        display_name = named(first_name, last_name, username, (nameless!())), phone, gender,
        birthday = date(birthday), status, is_subscribed, subscription_checked_at, bot_blocked_at, muted_at, source,
        campaign = campaign_id, created_at, last_activity_at,
    }
}

pub use edit::{Edit, Edited, Gender, MOST_TAGS, Mute, Retagging, Tag, change_tags, edit, set_muted, set_tags, tags};
pub use erased::{
    ErasedPerson, erased_hash, erased_people, gift_before_erasure, is_erased, remember_again, remember_erased,
};
pub use forget::forget_person;
pub use list::{CustomerFilter, CustomerSort, Matches, PageSpec, find, list, page};
pub use origin::{Origin, normalized_source};
pub use phone::{Country, Phone};
pub use recheck::{Subscriber, forget_checks, longest_unasked};
pub use user_set::UserSet;

/// The most digits of a row id that a person enters; a longer number without `tg:` is read as a phone.
const LONGEST_ROW_ID: usize = 9;
const BY_ID: &str = select!("WHERE id = :id");
const BY_TELEGRAM: &str = select!("WHERE is_test = :realm AND telegram_id = :telegram_id");
const BY_USERNAME: &str =
    select!("WHERE is_test = :realm AND username = :username COLLATE NOCASE ORDER BY last_activity_at DESC LIMIT 2");
const BY_PHONE: &str = select!("WHERE is_test = :realm AND phone = :phone LIMIT 2");
// Without `NOT INDEXED` SQLite's planner sorts a million rows instead of reading them by row id.
const BY_ROW: &str = select!("NOT INDEXED");
const NAMED: &str = select!("INDEXED BY users_by_name");
const SEEN: &str = select!("INDEXED BY users_by_activity");
const INSERT: &str = "INSERT INTO users (telegram_id, is_test, username, first_name, last_name, name_norm, source,
        source_normalized, campaign_id, created_at, created_day, last_activity_at)
    VALUES (:telegram_id, :realm, :username, :first_name, :last_name, :norm, :source, :source_norm, :campaign, :now, :day, :now)";
const REFRESH: &str =
    "UPDATE users SET username = coalesce(:username, username), first_name = coalesce(:first_name, first_name),
        last_name = coalesce(:last_name, last_name), name_norm = :norm, last_activity_at = :now, bot_blocked_at = NULL
    WHERE id = :id";
const SUBSCRIPTION: &str =
    "UPDATE users SET is_subscribed = :subscribed, subscription_checked_at = :now WHERE id = :id";
const ASKED: &str = "UPDATE users SET subscription_asked_at = :now WHERE id = :id";
const LEFT: &str = "UPDATE users SET is_subscribed = 0, subscription_checked_at = :now
    WHERE is_test = :realm AND telegram_id = :telegram_id AND is_subscribed = 1";
const CHECKED: &str = "INSERT INTO subscription_checks (user_id, checked_at, result) VALUES (:id, :now, :result)";
const BOT_BLOCKED: &str = "UPDATE users SET bot_blocked_at = :now
    WHERE is_test = :realm AND telegram_id = :telegram_id AND bot_blocked_at IS NULL";
const BOT_UNBLOCKED: &str =
    "UPDATE users SET bot_blocked_at = NULL WHERE is_test = :realm AND telegram_id = :telegram_id";

words!(
    /// Whether the shop blocks the customer.
    UserStatus {
        /// The shop does not block the customer.
        Active = "active",
        /// The shop blocks the customer: the bot does not serve them and their codes are refused.
        Blocked = "blocked",
    }
);

words!(
    /// The result of a subscription check.
    Subscription {
        /// Telegram reports that the person is a member of the channel.
        Subscribed = "subscribed",
        /// Telegram reports that the person is not a member of the channel.
        NotSubscribed = "not_subscribed",
        /// Telegram did not answer the request.
        Unavailable = "unavailable",
        /// No channel is set, or the bot may not read the channel's members.
        NotConfigured = "not_configured",
    }
);

/// A person as a Telegram update describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The person's Telegram id.
    pub id: TelegramId,
    /// The person's username without `@`.
    pub username: Option<String>,
    /// The person's first name; may be an empty string.
    pub first_name: Option<String>,
    /// The person's last name.
    pub last_name: Option<String>,
}

impl Person {
    /// The person's name: "first last", else username; `None` for a person without a name.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        full_name(self.first_name.as_deref(), self.last_name.as_deref(), self.username.as_deref())
    }

    /// The person's name as [`Person::name`]; for a person without a name, the text `nameless`.
    pub fn display_name(&self, view: &View<'_>) -> Result<String> {
        self.name().map_or_else(|| texts::caption(view, "nameless"), Ok)
    }

    /// How texts address the person: by the first name, else by the whole name; empty for a person without a name.
    #[must_use]
    pub fn salutation(&self) -> String {
        salutation(self.first_name.as_deref(), self.name())
    }
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration and product.md §4")]
pub struct User {
    pub id: UserId,
    pub telegram_id: TelegramId,
    pub realm: Realm,
    pub username: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// "First last", else username, else the text `nameless`.
    pub display_name: String,
    pub phone: Option<String>,
    pub gender: Gender,
    pub birthday: Option<NaiveDate>,
    pub status: UserStatus,
    pub is_subscribed: bool,
    pub subscription_checked_at: Option<Timestamp>,
    pub bot_blocked_at: Option<Timestamp>,
    pub muted_at: Option<Timestamp>,
    pub source: String,
    pub campaign: Option<CampaignId>,
    pub created_at: Timestamp,
    pub last_activity_at: Timestamp,
}

impl User {
    /// The customer's name: "first last", else username; `None` for a customer without a name.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        full_name(self.first_name.as_deref(), self.last_name.as_deref(), self.username.as_deref())
    }

    /// How texts address the customer: by the first name, else by the whole name; empty for a customer without a name.
    #[must_use]
    pub fn salutation(&self) -> String {
        salutation(self.first_name.as_deref(), self.name())
    }
}

/// How texts address a customer: by the first name, else by the whole name; empty when there is neither. A name of
/// spaces counts as missing.
#[must_use]
pub fn salutation(first: Option<&str>, name: Option<String>) -> String {
    let first = first.filter(|name| !name.trim().is_empty()).map(str::to_owned);
    first.or(name).unwrap_or_default()
}

/// The whole name: "first last", else username; `None` when there is neither.
#[must_use]
pub fn full_name(first: Option<&str>, last: Option<&str>, username: Option<&str>) -> Option<String> {
    let full = [first, last].into_iter().flatten().map(str::trim).filter(|part| !part.is_empty());
    let full = full.collect::<Vec<_>>().join(" ");
    if full.is_empty() { username.filter(|name| !name.is_empty()).map(str::to_owned) } else { Some(full) }
}

/// The display name of the person in a row, from three of its columns and `texts::nameless!`, which is the name of a
/// person without a name; a reader for `columns!`.
pub(crate) fn named(
    first: Option<String>,
    last: Option<String>,
    username: Option<String>,
    nameless: Option<String>,
) -> rusqlite::Result<String> {
    let [first, last, username] = [first, last, username].map(Option::unwrap_or_default);
    let name = full_name(Some(&first), Some(&last), Some(&username));
    Ok(name.or(nameless).unwrap_or_default())
}

/// The display name as in [`named`]; `None` when the row has no customer (LEFT JOIN).
pub(crate) fn named_if(
    user: Option<UserId>,
    first: Option<String>,
    last: Option<String>,
    username: Option<String>,
    nameless: Option<String>,
) -> rusqlite::Result<Option<String>> {
    user.map(|_| named(first, last, username, nameless)).transpose()
}

/// The person's names in the form that searches compare: lower case, ё→е, username included.
fn name_norm(person: &Person) -> String {
    let parts = [&person.first_name, &person.last_name, &person.username];
    let joined = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
    folded(&joined)
}

/// Text in the form that searches compare: lower case, ё→е.
#[must_use]
pub fn folded(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}

/// A customer who has written to the bot, known before or new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The customer's row, updated.
    pub user: User,
    /// Whether the row was created now.
    pub is_new: bool,
}

/// Finds a person by Telegram id or creates their row. Updates the names that the person has, sets the time of the last
/// visit to now, and clears `bot_blocked_at`. `origin` is the source of a new customer.
pub fn arrive(tx: &Tx<'_>, realm: Realm, person: &Person, origin: &Origin) -> Result<Arrival> {
    let known = find_by_telegram(tx, realm, person.id)?;
    let is_new = known.is_none();
    let id = match known {
        Some(user) => refresh(tx, &user, person)?,
        None => register(tx, realm, person, origin)?,
    };
    Ok(Arrival { user: get(tx, id)?, is_new })
}

fn register(tx: &Tx<'_>, realm: Realm, person: &Person, origin: &Origin) -> Result<UserId> {
    let id = tx.insert(
        INSERT,
        named_params! {
            ":telegram_id": person.id, ":realm": realm, ":username": person.username,
            ":first_name": person.first_name, ":last_name": person.last_name, ":norm": name_norm(person),
            ":source": origin.source, ":source_norm": origin.normalized(), ":campaign": origin.campaign,
            ":now": tx.now(), ":day": tx.today(),
        },
    )?;
    Ok(UserId(id))
}

fn refresh(tx: &Tx<'_>, user: &User, person: &Person) -> Result<UserId> {
    let non_empty = |new: &Option<String>, old: &Option<String>| new.clone().filter(|n| !n.is_empty()).or(old.clone());
    let merged = Person {
        id: person.id,
        username: non_empty(&person.username, &user.username),
        first_name: non_empty(&person.first_name, &user.first_name),
        last_name: non_empty(&person.last_name, &user.last_name),
    };
    tx.change(
        REFRESH,
        named_params! {
            ":id": user.id, ":username": merged.username, ":first_name": merged.first_name,
            ":last_name": merged.last_name, ":norm": name_norm(&merged), ":now": tx.now(),
        },
    )?;
    Ok(user.id)
}

/// Stores the result of a subscription check. Without an answer from Telegram, `is_subscribed` stays; only the history
/// of checks and the time of the last check, by which the nightly check orders customers, change.
pub fn record_subscription(tx: &Tx<'_>, user: UserId, found: Subscription) -> Result<()> {
    tx.insert(CHECKED, named_params! { ":id": user, ":now": tx.now(), ":result": found })?;
    tx.change(ASKED, named_params! { ":id": user, ":now": tx.now() })?;
    if matches!(found, Subscription::Subscribed | Subscription::NotSubscribed) {
        let subscribed = found == Subscription::Subscribed;
        tx.change(SUBSCRIPTION, named_params! { ":id": user, ":subscribed": subscribed, ":now": tx.now() })?;
    }
    Ok(())
}

/// Whether Telegram reported less than `subscription_cache_seconds` ago that this person is subscribed, so that it need
/// not be asked again.
pub fn subscription_is_fresh(view: &View<'_>, realm: Realm, id: TelegramId) -> Result<bool> {
    let known = find_by_telegram(view, realm, id)?.filter(|user| user.is_subscribed);
    let cached = settings::SUBSCRIPTION_CACHE_SECONDS.int(view)?;
    Ok(known.and_then(|user| user.subscription_checked_at).is_some_and(|at| view.now() < at.plus(cached)))
}

/// Records that a customer left the channel (update `chat_member`): the customer counts as not subscribed. Ignores
/// people who are not customers.
pub fn left_channel(tx: &Tx<'_>, realm: Realm, telegram_id: TelegramId) -> Result<()> {
    tx.change(LEFT, named_params! { ":realm": realm, ":telegram_id": telegram_id, ":now": tx.now() })?;
    Ok(())
}

/// Records that the customer blocked the bot (update `my_chat_member`, or answer 403 to a message).
pub fn bot_blocked(tx: &Tx<'_>, realm: Realm, telegram_id: TelegramId) -> Result<()> {
    tx.change(BOT_BLOCKED, named_params! { ":realm": realm, ":telegram_id": telegram_id, ":now": tx.now() })?;
    Ok(())
}

/// Records that the customer unblocked the bot.
pub fn bot_unblocked(tx: &Tx<'_>, realm: Realm, telegram_id: TelegramId) -> Result<()> {
    tx.change(BOT_UNBLOCKED, named_params! { ":realm": realm, ":telegram_id": telegram_id })?;
    Ok(())
}

/// The customer with this row id.
///
/// # Errors
/// `USER_NOT_FOUND`.
pub fn get(view: &View<'_>, id: UserId) -> Result<User> {
    let found = view.find(BY_ID, &[(":id", &id)], User::from_row)?;
    Ok(found.ok_or_else(|| Refusal::UserNotFound(id.to_string()))?)
}

/// The customer with this Telegram id.
pub fn find_by_telegram(view: &View<'_>, realm: Realm, id: TelegramId) -> Result<Option<User>> {
    Ok(view.find(BY_TELEGRAM, named_params! { ":realm": realm, ":telegram_id": id }, User::from_row)?)
}

/// Finds a customer by what an owner enters: `42`, `tg:123`, `@masha`, or a phone.
///
/// # Errors
/// `USER_NOT_FOUND`; `VALIDATION_ERROR` when two customers match.
pub fn get_by_ref(view: &View<'_>, realm: Realm, typed: &str) -> Result<User> {
    let typed = typed.trim();
    let not_found = || Refusal::UserNotFound(typed.chars().take(64).collect());
    let found = if let Some(id) = typed.strip_prefix("tg:").and_then(|id| id.parse().ok()) {
        find_by_telegram(view, realm, TelegramId(id))?.into_iter().collect()
    } else if let Some(username) = typed.strip_prefix('@') {
        view.list(BY_USERNAME, named_params! { ":realm": realm, ":username": username }, User::from_row)?
    } else if let Some(phone) = phone(view, typed)? {
        view.list(BY_PHONE, named_params! { ":realm": realm, ":phone": phone.as_str() }, User::from_row)?
    } else {
        let id = typed.parse().map_err(|_| not_found())?;
        view.find(BY_ID, &[(":id", &UserId(id))], User::from_row)?
            .filter(|user| user.realm == realm)
            .into_iter()
            .collect()
    };
    match <[User; 1]>::try_from(found) {
        Ok([user]) => Ok(user),
        Err(several) if several.len() > 1 => Err(Refusal::Validation {
            field: "user",
            value: typed.chars().take(64).collect(),
            rule: "rule.ambiguous_user",
        })?,
        Err(_) => Err(not_found())?,
    }
}

/// What an owner entered, read as a phone; `None` when it is no phone, or a number of at most 9 digits, which is a row
/// id.
fn phone(view: &View<'_>, typed: &str) -> Result<Option<Phone>> {
    let is_row_id = typed.len() <= LONGEST_ROW_ID && typed.bytes().all(|b| b.is_ascii_digit());
    if is_row_id { Ok(None) } else { Ok(Phone::parse(typed, Country::of_shop(view)?).ok()) }
}

fn date(stored: Option<String>) -> rusqlite::Result<Option<NaiveDate>> {
    Ok(stored.and_then(|day| day.parse().ok()))
}

//! Exporting and erasing everything about a person. Erasing removes every personal field and the Telegram id from all
//! tables, keeps anonymous figures correct, and leaves a keyed hash, so that nobody gets a second subscription gift by
//! erasing and returning. The key is in the config, not in the database: a stolen database file does not reveal who was
//! erased. An active cashier or admin is refused until their access is revoked; then their staff row keeps its id and
//! its figures, and loses its name.

use rusqlite::{ToSql, named_params};
use serde_json::{Value, json};

use super::traces::Traces;
use super::{User, get, remains, tags};
use crate::actor::Actor;
use crate::audit;
use crate::clock::Timestamp;
use crate::db::{Signal, Tx, View};
use crate::error::{Refusal, Result};
use crate::ids::{TelegramId, TemplateId, UserId};
use crate::realm::Realm;
use crate::secret;

/// Statements that erase a person's chat with one bot, with `:telegram_id` and `:bot`.
const FORGET_CHAT: &[&str] = &[
    "DELETE FROM conversation_states WHERE telegram_id = :telegram_id AND bot = :bot",
    // The update is marked done, not deleted: a handler that already has it in memory must find it done.
    "UPDATE updates SET raw = '{}', lane = 0, error = NULL, state = 'done' WHERE bot = :bot
        AND (lane = :telegram_id OR raw LIKE '%:' || :telegram_id || ',%' OR raw LIKE '%:' || :telegram_id || '}%')",
    "UPDATE outbox SET payload = '{\"kind\":\"gone\"}', chat_id = 0, error = NULL,
        state = CASE WHEN state IN ('queued', 'sending') THEN 'failed' ELSE state END
        WHERE chat_id = :telegram_id AND bot = :bot",
];
/// Statements that empty the customer's row and what belongs to it, with `:id`. Free text about a code is deleted
/// whole: it may name the holder in any form.
const FORGET_ROW: &[&str] = &[
    "DELETE FROM user_tags WHERE user_id = :id",
    "UPDATE audit_personal SET before = NULL, after = NULL WHERE user_id = :id",
    // The table `birthday_gifts` tells the birthday.
    "DELETE FROM birthday_gifts WHERE user_id = :id",
    "UPDATE deliveries SET error = NULL WHERE user_id = :id AND broadcast_id IN (SELECT id FROM broadcasts)",
    // Telegram's error text may quote the message.
    "UPDATE told SET reason = '' WHERE reason <> '' AND EXISTS (SELECT 1 FROM users WHERE id = :id)",
    "UPDATE discounts SET revoke_reason = NULL WHERE user_id = :id",
    "UPDATE redemptions SET undo_reason = NULL WHERE discount_id IN (SELECT id FROM discounts WHERE user_id = :id)",
    "UPDATE discount_usage_logs SET message = NULL WHERE discount_id IN (SELECT id FROM discounts WHERE user_id = :id)",
    "UPDATE audit_log SET before = json_remove(before, '$.reason'), after = json_remove(after, '$.reason')
      WHERE entity = 'discount' AND entity_id IN (SELECT CAST(id AS TEXT) FROM discounts WHERE user_id = :id)",
];
/// Exports of the realm, with `:realm`, may name the customer: their files are made again, and the old files are
/// deleted. An export that was sent to a chat, or failed, is not sent again: its row goes, and its file with it.
const FORGET_EXPORTS: &[&str] = &[
    "DELETE FROM exports WHERE is_test = :realm AND chat_id IS NOT NULL AND EXISTS (SELECT 1 FROM outbox
        WHERE dedupe_key IS NOT NULL AND dedupe_key = 'export:' || exports.id AND state NOT IN ('queued', 'sending'))",
    "UPDATE exports SET state = 'waiting', round = round + 1 WHERE is_test = :realm AND state <> 'failed'",
];
const REVOKE_CODES: &str = "UPDATE discounts SET revoked_at = :now, revoke_reason = 'erased', revoked_by = :by
      WHERE user_id = :id AND revoked_at IS NULL AND redeemed_at IS NULL AND expires_at > :now";
/// Empties the customer's row, which stays for the figures; the negative Telegram id belongs to no person.
const EMPTY_ROW: &str =
    "UPDATE users SET telegram_id = -id - 1000000000000, username = NULL, first_name = NULL, last_name = NULL,
        name_norm = '', phone = NULL, gender = 'unknown', birthday = NULL, birthday_md = NULL, status = 'blocked',
        birthday_saved_at = NULL, is_subscribed = 0, bot_blocked_at = NULL, muted_at = :now WHERE id = :id";
/// A customer's source is a campaign's key; it is emptied only if it names the person.
const EMPTY_SOURCE: &str = "UPDATE users SET source = 'direct', source_normalized = 'direct' WHERE id = :id";

// Texts of other people that may name the customer: cards and notices of the staff bot, messages of the staff, text
// entered at the counter, idempotency keys of a till.
const STAFF_LETTERS: &str =
    "SELECT id, payload FROM outbox WHERE bot = :bot AND payload NOT IN ('null', '{\"kind\":\"gone\"}')";
const HIDE_IN_LETTER: &str = "UPDATE outbox SET payload = :left WHERE id = :id";
const STAFF_UPDATES: &str = "SELECT id, raw FROM updates WHERE bot = :bot AND state <> 'done'";
const HIDE_IN_UPDATE: &str = "UPDATE updates SET raw = :left WHERE id = :id";
const MISTYPED: &str = "SELECT id, code_typed FROM discount_usage_logs WHERE status = 'not_found' AND is_test = :realm";
const HIDE_TYPED: &str = "UPDATE discount_usage_logs SET code_typed = '…' WHERE id = :id";
const KEPT_KEYS: &str = "SELECT actor, route, key, answer FROM idempotency_keys";
const FORGET_KEY: &str = "DELETE FROM idempotency_keys WHERE actor = :actor AND route = :route AND key = :key";
/// The JSON paths at which an update holds text that a person entered.
const TYPED: [&str; 2] = ["/message/text", "/message/caption"];

/// Statements that erase the person's rows in `cashiers` and `admins`, with `:telegram_id` and `:realm`. These people
/// are inactive already, except in a restored backup: there the statements suspend them.
const FORGET_STAFF: &[&str] = &[
    "UPDATE audit_log SET before = json_remove(before, '$.name', '$.username'), after = json_remove(after, '$.name', '$.username')
      WHERE entity = 'cashier' AND entity_id IN (SELECT CAST(id AS TEXT) FROM cashiers WHERE telegram_id = :telegram_id AND is_test = :realm)",
    // Admins belong to both realms; erasing a test customer does not touch them.
    "UPDATE audit_log SET before = json_remove(before, '$.name', '$.username'), after = json_remove(after, '$.name', '$.username')
      WHERE entity = 'admin' AND :realm = 0 AND entity_id IN (SELECT CAST(id AS TEXT) FROM admins WHERE telegram_id = :telegram_id)",
    "UPDATE cashiers SET telegram_id = -id - 1000000000000, name = '#' || id, username = NULL,
        status = iif(status = 'active', 'suspended', status) WHERE telegram_id = :telegram_id AND is_test = :realm",
    "DELETE FROM login_tokens WHERE :realm = 0 AND admin_id IN (SELECT id FROM admins WHERE telegram_id = :telegram_id)",
    "UPDATE admins SET telegram_id = -id - 1000000000000, name = '#' || id, username = NULL, groups = '[]',
        status = iif(status = 'active', 'suspended', status) WHERE telegram_id = :telegram_id AND :realm = 0",
];
const STAFF_NAMES: &str = "SELECT name FROM cashiers WHERE telegram_id = :telegram_id AND is_test = :realm
    UNION SELECT username FROM cashiers WHERE telegram_id = :telegram_id AND is_test = :realm AND username IS NOT NULL
    UNION SELECT name FROM admins WHERE telegram_id = :telegram_id AND :realm = 0
    UNION SELECT username FROM admins WHERE telegram_id = :telegram_id AND :realm = 0 AND username IS NOT NULL";
const CASHIER: &str =
    "SELECT id FROM cashiers WHERE telegram_id = :telegram_id AND is_test = :realm AND status = 'active'";
const ADMIN: &str = "SELECT id FROM admins WHERE telegram_id = :telegram_id AND :realm = 0 AND status = 'active'";
const LAST_GIFT: &str = "SELECT template_id, created_at FROM discounts
    WHERE user_id = :id AND source_kind = 'subscription' AND revoked_at IS NULL ORDER BY created_at DESC LIMIT 1";
const REMEMBER: &str = "INSERT INTO erased_people (hash, template_id, last_gift, erased_at)
    VALUES (:hash, :template, :last_gift, :now)
    ON CONFLICT (hash) DO UPDATE SET template_id = coalesce(excluded.template_id, template_id),
        last_gift = coalesce(excluded.last_gift, last_gift), erased_at = excluded.erased_at";
const EARLIER_SELF: &str = "SELECT template_id, last_gift FROM erased_people
    WHERE hash = :hash AND template_id IS NOT NULL AND last_gift IS NOT NULL";
const IS_ERASED: &str = "SELECT 1 FROM erased_people WHERE hash = :hash";
const DISCOUNTS: &str =
    "SELECT code, created_at, expires_at, redeemed_at, revoked_at FROM discounts WHERE user_id = :id ORDER BY id";
const CHECKS: &str = "SELECT checked_at, result FROM subscription_checks WHERE user_id = :id ORDER BY id";
// Found through tables with an index: attempts, clicks and deliveries have no index by customer.
const ATTEMPTS: &str = "SELECT at, status, code_typed FROM discount_usage_logs
    WHERE discount_id IN (SELECT id FROM discounts WHERE user_id = :id) ORDER BY id";
const ORDERS: &str = "SELECT created_at, status, updated_at FROM orders WHERE user_id = :id ORDER BY id";
const CLICKS: &str = "SELECT k.at, c.source_key, NULL FROM campaign_clicks k JOIN campaigns c ON c.id = k.campaign_id
    WHERE k.campaign_id IN (SELECT id FROM campaigns) AND k.user_id = :id ORDER BY k.id";
const DELIVERIES: &str = "SELECT b.title, d.state, d.class FROM deliveries d JOIN broadcasts b ON b.id = d.broadcast_id
    WHERE d.broadcast_id IN (SELECT id FROM broadcasts) AND d.user_id = :id ORDER BY d.broadcast_id";

const CAN_ERASE: &str = "SELECT 1 FROM sqlite_schema WHERE name = 'erased_people'";
const ERASED_ROWS: &str = "SELECT id, created_at FROM users WHERE telegram_id = -id - 1000000000000";
const ERASED_HASHES: &str = "SELECT hash, template_id, last_gift, erased_at FROM erased_people";
// Whether the customer is in this database: the same row of the same shop, not erased yet.
const STILL_SOMEBODY: &str = "SELECT 1 FROM users WHERE id = :id AND created_at = :created_at AND telegram_id > 0";
const REMEMBER_AGAIN: &str = "INSERT INTO erased_people (hash, template_id, last_gift, erased_at)
    VALUES (:hash, (SELECT id FROM discount_templates WHERE id = :template), :last_gift, :erased_at)
    ON CONFLICT (hash) DO UPDATE SET template_id = excluded.template_id, last_gift = excluded.last_gift,
        erased_at = excluded.erased_at WHERE excluded.erased_at > erased_people.erased_at";

/// The people erased from a database, to be erased again from a restored backup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasures {
    rows: Vec<(UserId, Timestamp)>,
    hashes: Vec<(String, Option<i64>, Option<String>, String)>,
}

/// Everyone erased so far; empty for a database from before erasing existed.
pub fn erasures(view: &View<'_>) -> Result<Erasures> {
    if view.find(CAN_ERASE, [], |_| Ok(()))?.is_none() {
        return Ok(Erasures::default());
    }
    let rows = view.list(ERASED_ROWS, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let hash = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    Ok(Erasures { rows, hashes: view.list(ERASED_HASHES, [], hash)? })
}

/// Erases the people of `erasures` whom a restored database still holds. Returns how many.
pub fn erase_again(tx: &Tx<'_>, erasures: &Erasures, by: &Actor) -> Result<usize> {
    for (hash, template, last_gift, erased_at) in &erasures.hashes {
        let params = named_params! {
            ":hash": hash, ":template": template, ":last_gift": last_gift, ":erased_at": erased_at,
        };
        tx.change(REMEMBER_AGAIN, params)?;
    }
    let mut erased = 0;
    for (id, created_at) in &erasures.rows {
        if tx.find(STILL_SOMEBODY, named_params! { ":id": id, ":created_at": created_at }, |_| Ok(()))?.is_some() {
            forget(tx, &get(tx, *id)?, by)?;
            erased += 1;
        }
    }
    Ok(erased)
}

/// The result of erasing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The customer's row, now emptied.
    pub id: UserId,
    /// How many live codes of the customer were revoked.
    pub codes: usize,
}

/// Erases a person. `hash` is the keyed hash of their Telegram id and realm; the caller holds the key.
///
/// # Errors
/// `USER_NOT_FOUND`; `CASHIER_ALREADY_EXISTS` while they are an active cashier or admin.
pub fn erase(tx: &Tx<'_>, id: UserId, hash: &str, by: &Actor) -> Result<Erased> {
    let user = get(tx, id)?;
    not_on_duty(tx, &user)?;
    let gift: Option<(TemplateId, Timestamp)> =
        tx.find(LAST_GIFT, &[(":id", &id)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    tx.change(
        REMEMBER,
        named_params! {
            ":hash": hash, ":template": gift.map(|(template, _)| template), ":last_gift": gift.map(|(_, at)| at),
            ":now": tx.now(),
        },
    )?;
    let codes = forget(tx, &user, by)?;
    audit::record(
        tx,
        &audit::Entry {
            actor: by,
            action: "erase_user",
            entity: "user",
            entity_id: id.to_string(),
            before: Value::Null,
            after: json!({ "codes_revoked": codes }),
        },
    )?;
    Ok(Erased { id, codes })
}

fn not_on_duty(view: &View<'_>, user: &User) -> Result<()> {
    let params = named_params! { ":telegram_id": user.telegram_id, ":realm": user.realm };
    let world = if user.realm.is_test() { " --test" } else { "" };
    for (sql, verb) in [(CASHIER, "cashier suspend"), (ADMIN, "admin disable")] {
        if let Some(id) = view.find(sql, params, |row| row.get::<_, i64>(0))? {
            Err(Refusal::UserIsStaff { command: format!("dvorik {verb} {id}{world}") })?;
        }
    }
    Ok(())
}

fn forget(tx: &Tx<'_>, user: &User, by: &Actor) -> Result<usize> {
    let staff = named_params! { ":telegram_id": user.telegram_id, ":realm": user.realm };
    let traces = Traces::of(user, &tx.list(STAFF_NAMES, staff, |row| row.get(0))?);
    for bot in [user.realm.customer_bot(), user.realm.staff_bot()] {
        run(tx, FORGET_CHAT, named_params! { ":telegram_id": user.telegram_id, ":bot": bot })?;
    }
    run(tx, FORGET_STAFF, staff)?;
    run(tx, FORGET_ROW, named_params! { ":id": user.id })?;
    hide(tx, user, &traces)?;
    let codes = named_params! { ":id": user.id, ":now": tx.now(), ":by": by.to_string() };
    let revoked = tx.change(REVOKE_CODES, codes)?;
    run(tx, FORGET_EXPORTS, named_params! { ":realm": user.realm })?;
    tx.signal(Signal::Exports);
    if traces.are_in(&user.source) {
        tx.change(EMPTY_SOURCE, named_params! { ":id": user.id })?;
    }
    tx.change(EMPTY_ROW, named_params! { ":id": user.id, ":now": tx.now() })?;
    remains::note_erasure(tx)?;
    Ok(revoked)
}

fn run(tx: &Tx<'_>, statements: &[&str], params: &[(&str, &dyn ToSql)]) -> Result<()> {
    statements.iter().try_for_each(|sql| tx.change(sql, params).map(drop))?;
    Ok(())
}

/// Removes the person from texts about other people and from messages that wait to be sent.
fn hide(tx: &Tx<'_>, user: &User, traces: &Traces) -> Result<()> {
    let text = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
    let bot = user.realm.staff_bot();
    for (id, payload) in tx.list(STAFF_LETTERS, named_params! { ":bot": bot }, text)? {
        if let Some(left) = traces.hidden_in_json(&payload, &[]) {
            tx.change(HIDE_IN_LETTER, named_params! { ":id": id, ":left": left })?;
        }
    }
    for (id, raw) in tx.list(STAFF_UPDATES, named_params! { ":bot": bot }, text)? {
        if let Some(left) = traces.hidden_in_json(&raw, &TYPED) {
            tx.change(HIDE_IN_UPDATE, named_params! { ":id": id, ":left": left })?;
        }
    }
    for (id, typed) in tx.list(MISTYPED, named_params! { ":realm": user.realm }, text)? {
        if traces.are_in(&typed) {
            tx.change(HIDE_TYPED, named_params! { ":id": id })?;
        }
    }
    let kept = |row: &rusqlite::Row<'_>| -> rusqlite::Result<[String; 4]> {
        Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
    };
    for [actor, route, key, answer] in tx.list(KEPT_KEYS, [], kept)? {
        if traces.are_in(&key) || traces.hidden(&answer).is_some() {
            tx.change(FORGET_KEY, named_params! { ":actor": actor, ":route": route, ":key": key })?;
        }
    }
    Ok(())
}

/// Everything the shop knows about a person, as JSON `{"schema":"dvorik.user.export/1","user":…,"tags":…,…}`. Audited:
/// personal data leaves the shop.
///
/// # Errors
/// `USER_NOT_FOUND`.
pub fn export(tx: &Tx<'_>, id: UserId, by: &Actor) -> Result<Value> {
    let (user, entity_id) = (get(tx, id)?, id.to_string());
    let (before, after) = (Value::Null, Value::Null);
    audit::record(tx, &audit::Entry { actor: by, action: "export_user", entity: "user", entity_id, before, after })?;
    gathered(tx, &user)
}

fn gathered(view: &View<'_>, user: &User) -> Result<Value> {
    let id = user.id;
    let text = |row: &rusqlite::Row<'_>, at: usize| row.get::<_, Option<String>>(at);
    let discounts = view.list(DISCOUNTS, &[(":id", &id)], |row| {
        Ok(json!({
            "code": text(row, 0)?, "created_at": text(row, 1)?, "expires_at": text(row, 2)?,
            "redeemed_at": text(row, 3)?, "revoked_at": text(row, 4)?,
        }))
    })?;
    let checks =
        view.list(CHECKS, &[(":id", &id)], |row| Ok(json!({ "checked_at": text(row, 0)?, "result": text(row, 1)? })))?;
    Ok(json!({
        "schema": "dvorik.user.export/1",
        "user": {
            "id": user.id, "telegram_id": user.telegram_id, "is_test": user.realm == Realm::Test,
            "username": user.username, "first_name": user.first_name, "last_name": user.last_name, "phone": user.phone,
            "gender": user.gender.as_str(), "birthday": user.birthday.map(|day| day.to_string()),
            "status": user.status.as_str(), "is_subscribed": user.is_subscribed,
            "subscription_checked_at": user.subscription_checked_at.map(|at| at.to_string()), "source": user.source,
            "bot_blocked_at": user.bot_blocked_at.map(|at| at.to_string()),
            "muted_at": user.muted_at.map(|at| at.to_string()),
            "created_at": user.created_at.to_string(), "last_activity_at": user.last_activity_at.to_string(),
        },
        "tags": tags(view, id)?,
        "discounts": discounts,
        "subscription_checks": checks,
        "attempts": told(view, ATTEMPTS, id, ["at", "status", "typed"])?,
        "orders": told(view, ORDERS, id, ["created_at", "status", "updated_at"])?,
        "campaign_clicks": told(view, CLICKS, id, ["at", "campaign", ""])?,
        "deliveries": told(view, DELIVERIES, id, ["broadcast", "state", "class"])?,
    }))
}

/// The rows of a statement with three text columns, as JSON under these keys; a column with an empty key is left out.
fn told(view: &View<'_>, sql: &'static str, id: UserId, keys: [&str; 3]) -> Result<Vec<Value>> {
    Ok(view.list(sql, &[(":id", &id)], |row| {
        let mut object = serde_json::Map::new();
        for (at, key) in keys.iter().enumerate().filter(|(_, key)| !key.is_empty()) {
            object.insert((*key).to_owned(), row.get::<_, Option<String>>(at)?.into());
        }
        Ok(Value::Object(object))
    })?)
}

/// The hash that stands for an erased person; without the config's key it cannot be computed.
#[must_use]
pub fn erased_hash(key: &str, realm: Realm, id: TelegramId) -> String {
    secret::keyed_hash(key, &format!("{}:{id}", realm.customer_bot()))
}

/// Whether a person with this hash was ever erased; they may have returned since.
pub fn is_erased(view: &View<'_>, hash: &str) -> Result<bool> {
    Ok(view.find(IS_ERASED, named_params! { ":hash": hash }, |_| Ok(()))?.is_some())
}

/// The last subscription gift that a person got before they were erased: its template, and when they got it.
pub fn gift_before_erasure(view: &View<'_>, hash: &str) -> Result<Option<(TemplateId, Timestamp)>> {
    let found = view.find(EARLIER_SELF, named_params! { ":hash": hash }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found)
}

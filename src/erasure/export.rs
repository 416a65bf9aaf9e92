//! Exports everything the shop knows about a person, so that the shop can give it to the person.

use serde_json::{Value, json};

use crate::actor::Actor;
use crate::audit;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::ids::UserId;
use crate::realm::Realm;
use crate::user::{self, User};

const DISCOUNTS: &str =
    "SELECT code, created_at, expires_at, redeemed_at, revoked_at FROM discounts WHERE user_id = :id ORDER BY id";
const CHECKS: &str = "SELECT checked_at, result FROM subscription_checks WHERE user_id = :id ORDER BY id";
// The statements for attempts, clicks and deliveries start from `discounts`, `campaigns` and `broadcasts`, because the
// tables of attempts, clicks and deliveries have no index by customer.
const ATTEMPTS: &str = "SELECT at, status, code_typed FROM discount_usage_logs
    WHERE discount_id IN (SELECT id FROM discounts WHERE user_id = :id) ORDER BY id";
const ORDERS: &str = "SELECT created_at, status, updated_at FROM orders WHERE user_id = :id ORDER BY id";
const CLICKS: &str = "SELECT k.at, c.source_key, NULL FROM campaign_clicks k JOIN campaigns c ON c.id = k.campaign_id
    WHERE k.campaign_id IN (SELECT id FROM campaigns) AND k.user_id = :id ORDER BY k.id";
const DELIVERIES: &str = "SELECT b.title, d.state, d.class FROM deliveries d JOIN broadcasts b ON b.id = d.broadcast_id
    WHERE d.broadcast_id IN (SELECT id FROM broadcasts) AND d.user_id = :id ORDER BY d.broadcast_id";

/// Everything the shop knows about a person, as JSON `{"schema":"dvorik.user.export/1","user":…,"tags":…,…}`. Audited:
/// personal data leaves the shop.
///
/// # Errors
/// `USER_NOT_FOUND`.
pub fn export_person(tx: &Tx<'_>, id: UserId, by: &Actor) -> Result<Value> {
    let (user, entity_id) = (user::get(tx, id)?, id.to_string());
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
        "tags": user::tags(view, id)?,
        "discounts": discounts,
        "subscription_checks": checks,
        "attempts": told(view, ATTEMPTS, id, ["at", "status", "typed"])?,
        "orders": told(view, ORDERS, id, ["created_at", "status", "updated_at"])?,
        "campaign_clicks": told(view, CLICKS, id, ["at", "campaign", ""])?,
        "deliveries": told(view, DELIVERIES, id, ["broadcast", "state", "class"])?,
    }))
}

/// The rows of a statement with three text columns, each row as a JSON object under these keys; a column with an empty
/// key is left out.
fn told(view: &View<'_>, sql: &'static str, id: UserId, keys: [&str; 3]) -> Result<Vec<Value>> {
    Ok(view.list(sql, &[(":id", &id)], |row| {
        let mut object = serde_json::Map::new();
        for (at, key) in keys.iter().enumerate().filter(|(_, key)| !key.is_empty()) {
            object.insert((*key).to_owned(), row.get::<_, Option<String>>(at)?.into());
        }
        Ok(Value::Object(object))
    })?)
}

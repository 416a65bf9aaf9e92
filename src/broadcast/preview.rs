//! Sends a broadcast as a test to one admin, who sees it as a recipient would, with an example code.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::BroadcastId;
use super::transition::record;
use super::{content, store};
use crate::actor::Actor;
use crate::db::{Tx, View};
use crate::discount::{code, template};
use crate::error::{Refusal, Result};
use crate::ids::TemplateId;
use crate::outbox::{self, Letter};
use crate::staff::Admin;
use crate::telegram::client::Keyboard;
use crate::{settings, shop, texts, user};

/// Puts a test of the broadcast to one admin into the outbox of the customer bot, whatever the broadcast's status. The
/// test has the admin's name and, if the broadcast brings a code, an example code: it issues none.
///
/// # Errors
/// `ADMIN_NOT_FOUND` when this admin has not started the customer bot.
pub fn test(tx: &Tx<'_>, id: BroadcastId, admin: &Admin, by: &Actor) -> Result<()> {
    let broadcast = store::get(tx, id)?;
    let (realm, message) = (broadcast.draft.realm, &broadcast.draft.message);
    let reader = user::find_by_telegram(tx, realm, admin.telegram_id)?;
    let reader = reader.ok_or_else(|| Refusal::AdminUnreached(admin.name.clone()))?;
    let example = message.template.map(|template| example(tx, template)).transpose()?.unwrap_or_default();
    let fact = |of: &str| example.get(of).cloned().unwrap_or_default();
    let first = reader.salutation();
    let facts = ["discount_code", "discount_value", "discount_expires_at", "discount_title"].map(|of| (of, fact(of)));
    let own = [("first_name", first.as_str()), ("display_name", reader.display_name.as_str())];
    let values: Vec<texts::Placeholder<'_>> =
        own.into_iter().chain(facts.iter().map(|(of, value)| (*of, value.as_str()))).collect();
    let html = texts::fill(tx, &message.body, &values)?;
    let payload = content::letter(tx, message, html)?;
    let letter =
        Letter { payload, ..Letter::automatic(realm.customer_bot(), admin.telegram_id, String::new(), Keyboard::None) };
    outbox::enqueue(tx, &letter)?;
    record(tx, ("test_broadcast", id), Value::Null, json!({ "admin_id": admin.id }), by)
}

/// The placeholder values of an example code of this template.
fn example(view: &View<'_>, id: TemplateId) -> Result<BTreeMap<&'static str, String>> {
    let Some(template) = template::find(view, id)? else { return Ok(BTreeMap::new()) };
    let end = view.zone().end_of_validity(view.now(), template.duration_days);
    let prefix = settings::CODE_PREFIX.text(view)?.unwrap_or_default();
    Ok(BTreeMap::from([
        ("discount_code", format!("{prefix}{}", code::example(shop::language(view)?))),
        ("discount_value", shop::worth(view, template.value)?),
        ("discount_expires_at", shop::date(view, view.zone().last_day(end))?),
        ("discount_title", template.title),
    ]))
}

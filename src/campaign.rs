//! Campaigns: the link that brings customers, its clicks, what these customers did, and the source that a `/start`
//! parameter names.

use crate::actor::Actor;
use crate::audit;
use crate::clock::Timestamp;
use crate::db::{Slice, Tx, View, columns};
use crate::error::{Refusal, Result};
use crate::ids::{CampaignId, TemplateId, UserId};
use crate::realm::Realm;
use crate::row_counts::kept_sum;
use crate::user::{self, Arrival, Origin, Person};

const INSERT: &str =
    "INSERT INTO campaigns (name, source_key, template_id, created_at) VALUES (:name, :key, :template, :at)";
const BY_KEY: &str = "SELECT id FROM campaigns WHERE source_key = :key";
const UPDATE: &str = "UPDATE campaigns SET name = :name, template_id = :template WHERE id = :id";
columns! {
    select_stats: Stats {
        clicks = (kept_sum!("clicks", ":id")),
        visitors = "(SELECT count(DISTINCT k.user_id) FROM campaign_clicks k JOIN users u ON u.id = k.user_id
            WHERE k.campaign_id = :id AND u.is_test = :realm)",
        registrations = (kept_sum!("registered", ":id")), issued = (kept_sum!("issued_campaign", ":id")),
        redeemed = (kept_sum!("redeemed_campaign", ":id")),
    }
}
const STATS: &str = select_stats!();
columns! {
    select: Campaign as c from "campaigns c" {
        id, name, key = stored_key(source_key), template = template_id, created_at,
        clicks = (kept_sum!("clicks", "c.id")), registrations = (kept_sum!("registered", "c.id")),
    }
}
const LIST: &str = select!("ORDER BY c.id DESC LIMIT :limit OFFSET :offset");
const BY_ID: &str = select!("WHERE c.id = :id");
const BY_REF: &str =
    select!("WHERE c.source_key = :typed OR c.id = :typed ORDER BY c.source_key = :typed DESC LIMIT 1");
const COUNT: &str = "SELECT count(*) FROM campaigns";
const TEMPLATE_OF: &str = "SELECT c.template_id FROM campaigns c JOIN discount_templates t ON t.id = c.template_id
   WHERE c.id = :id AND t.is_active = 1 AND t.event NOT IN ('subscription', 'birthday')";
const EVENT_OF: &str = "SELECT event FROM discount_templates WHERE id = :id";
const CLICK: &str =
    "INSERT INTO campaign_clicks (campaign_id, user_id, at, day, is_new) VALUES (:campaign, :user, :at, :day, :is_new)";

/// A campaign as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Row id.
    pub id: CampaignId,
    /// The campaign's name in lists.
    pub name: String,
    /// The key in the campaign's link.
    pub key: SourceKey,
    /// The template of the code that a customer gets through the link; `None` = the link gives no code.
    pub template: Option<TemplateId>,
    /// When the campaign was created.
    pub created_at: Timestamp,
    /// How many /start commands with the key arrived, also from existing customers.
    pub clicks: i64,
    /// How many customers have this campaign as their first source.
    pub registrations: i64,
}

/// A campaign's key, `[a-z0-9-]{1,48}`: the part of its link after `ref_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceKey(String);

impl SourceKey {
    /// Reads a key that a person entered: upper case becomes lower case, any other character outside `[a-z0-9-]` is
    /// refused.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`.
    pub fn parse(typed: &str) -> Result<Self> {
        let key = typed.trim().to_lowercase();
        let fits = (1..=48).contains(&key.len())
            && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let refuse = || Refusal::Validation { field: "key", value: key.clone(), rule: "rule.source_key" };
        Ok(if fits { Self(key) } else { Err(refuse())? })
    }

    /// The text of the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The campaign's link to the customer bot with this username.
    #[must_use]
    pub fn link(&self, bot_username: &str) -> String {
        format!("https://t.me/{bot_username}?start=ref_{}", self.0)
    }
}

/// Reads the parameter of /start: `ref_<key>[_tail]` names a source, the longest known key wins; with an unknown key,
/// the source is everything after `ref_`. Any other parameter is `direct`.
pub fn origin_of(view: &View<'_>, start: Option<&str>) -> Result<Origin> {
    let Some(rest) = start.and_then(|parameter| parameter.strip_prefix("ref_")).filter(|rest| !rest.is_empty()) else {
        return Ok(Origin::direct());
    };
    let lower = rest.to_lowercase();
    let mut candidate = lower.as_str();
    loop {
        if let Some(id) = find_by_key(view, candidate)? {
            return Ok(Origin { source: candidate.to_owned(), campaign: Some(id) });
        }
        match candidate.rsplit_once('_') {
            Some((shorter, _)) => candidate = shorter,
            None => break,
        }
    }
    tracing::info!(length = rest.len(), "a start link names an unknown source");
    Ok(Origin { source: rest.to_owned(), campaign: None })
}

/// The campaign with exactly this key.
pub fn find_by_key(view: &View<'_>, key: &str) -> Result<Option<CampaignId>> {
    Ok(view.find(BY_KEY, &[(":key", key)], |row| row.get(0))?)
}

/// A person opens the customer bot: finds or creates the customer as [`user::arrive`] does. `start` is the parameter of
/// /start: it decides a new customer's source and counts a campaign click.
pub fn arrive(tx: &Tx<'_>, realm: Realm, person: &Person, start: Option<&str>) -> Result<Arrival> {
    let origin = origin_of(tx, start)?;
    let arrival = user::arrive(tx, realm, person, &origin)?;
    if let Some(campaign) = origin.campaign {
        count_click(tx, campaign, arrival.user.id, arrival.is_new)?;
    }
    Ok(arrival)
}

fn count_click(tx: &Tx<'_>, campaign: CampaignId, user: UserId, newcomer: bool) -> Result<()> {
    tx.insert(
        CLICK,
        rusqlite::named_params! {
            ":campaign": campaign, ":user": user, ":at": tx.now(), ":day": tx.today(), ":is_new": newcomer,
        },
    )?;
    Ok(())
}

/// Creates a campaign, audited.
///
/// # Errors
/// `CAMPAIGN_KEY_TAKEN`; `VALIDATION_ERROR` for an empty or long name, or a template that a campaign may not use.
pub fn create(tx: &Tx<'_>, name: &str, key: SourceKey, template: Option<TemplateId>, by: &Actor) -> Result<Campaign> {
    let name = checked_name(name)?;
    if find_by_key(tx, key.as_str())?.is_some() {
        Err(Refusal::CampaignKeyTaken(key.as_str().to_owned()))?;
    }
    only_for_campaigns(tx, template)?;
    let created_at = tx.now();
    let id = CampaignId(tx.insert(
        INSERT,
        rusqlite::named_params! {
            ":name": name, ":key": key.as_str(), ":template": template, ":at": created_at,
        },
    )?);
    audit::record(
        tx,
        &audit::Entry {
            actor: by,
            action: "create_campaign",
            entity: "campaign",
            entity_id: id.to_string(),
            before: serde_json::Value::Null,
            after: serde_json::json!({ "name": name, "source_key": key.as_str(), "template_id": template }),
        },
    )?;
    Ok(Campaign { id, name, key, template, created_at, clicks: 0, registrations: 0 })
}

/// Campaigns, newest first, with their results in a realm, and the number of campaigns. A campaign's link serves both
/// realms.
pub fn list(view: &View<'_>, realm: Realm, slice: Slice) -> Result<(Vec<Campaign>, i64)> {
    let offset = i64::try_from(slice.offset).unwrap_or(i64::MAX);
    let page = rusqlite::named_params! { ":realm": realm, ":limit": slice.limit, ":offset": offset };
    let items = view.list(LIST, page, Campaign::from_row)?;
    Ok((items, view.get(COUNT, [], |row| row.get(0))?))
}

/// The results of a campaign in one realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// How many /start commands with the key arrived, also from existing customers.
    pub clicks: i64,
    /// How many different customers sent a /start command with the key.
    pub visitors: i64,
    /// How many customers have the campaign as their first source.
    pub registrations: i64,
    /// How many codes were issued to customers whose first source is the campaign.
    pub issued: i64,
    /// How many redemptions customers whose first source is the campaign have made, without undone redemptions.
    pub redeemed: i64,
}

impl Stats {
    /// `redeemed` divided by `registrations`; may be above 1, because a customer may redeem several codes; `None`
    /// without registrations.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share for reading; counts stay far below 2^52")]
    pub fn conversion(&self) -> Option<f64> {
        (self.registrations > 0).then(|| self.redeemed as f64 / self.registrations as f64)
    }
}

/// The results of a campaign in a realm.
pub fn stats(view: &View<'_>, id: CampaignId, realm: Realm) -> Result<Stats> {
    Ok(view.get(STATS, rusqlite::named_params! { ":id": id, ":realm": realm }, Stats::from_row)?)
}

/// The campaign with this row id, and its results in a realm.
///
/// # Errors
/// `CAMPAIGN_NOT_FOUND`.
pub fn get(view: &View<'_>, realm: Realm, id: CampaignId) -> Result<Campaign> {
    let found = view.find(BY_ID, rusqlite::named_params! { ":realm": realm, ":id": id }, Campaign::from_row)?;
    Ok(found.ok_or_else(|| Refusal::CampaignNotFound(id.to_string()))?)
}

/// Finds a campaign by its id or its key, with its results in the real shop.
///
/// # Errors
/// `CAMPAIGN_NOT_FOUND`.
pub fn get_by_ref(view: &View<'_>, typed: &str) -> Result<Campaign> {
    let key = typed.trim().to_lowercase();
    let found =
        view.find(BY_REF, rusqlite::named_params! { ":realm": Realm::Real, ":typed": key }, Campaign::from_row)?;
    Ok(found.ok_or_else(|| Refusal::CampaignNotFound(key.chars().take(64).collect()))?)
}

fn stored_key(key: String) -> rusqlite::Result<SourceKey> {
    Ok(SourceKey(key))
}

/// Changes a campaign's name or template, audited. The key stays, because posters with it are printed already. Writes
/// nothing when nothing changes. Returns the campaign before and after.
///
/// # Errors
/// `VALIDATION_ERROR` for an empty or long name, or a template that a campaign may not use.
pub fn edit(
    tx: &Tx<'_>,
    before: Campaign,
    name: &str,
    template: Option<TemplateId>,
    by: &Actor,
) -> Result<(Campaign, Campaign)> {
    let name = checked_name(name)?;
    if before.name == name && before.template == template {
        return Ok((before.clone(), before));
    }
    only_for_campaigns(tx, template)?;
    tx.change(UPDATE, rusqlite::named_params! { ":id": before.id, ":name": name, ":template": template })?;
    let facts = |campaign: &Campaign| serde_json::json!({ "name": campaign.name, "template_id": campaign.template });
    let after = Campaign { name, template, ..before.clone() };
    audit::record(
        tx,
        &audit::Entry {
            actor: by,
            action: "update_campaign",
            entity: "campaign",
            entity_id: before.id.to_string(),
            before: facts(&before),
            after: facts(&after),
        },
    )?;
    Ok((before, after))
}

/// Refuses a template that does not exist, or whose event is subscription or birthday: a press of the campaign's link
/// proves neither a subscription nor a birthday.
fn only_for_campaigns(view: &View<'_>, template: Option<TemplateId>) -> Result<()> {
    let Some(id) = template else { return Ok(()) };
    let event: Option<String> = view.find(EVENT_OF, &[(":id", &id)], |row| row.get(0))?;
    if event.is_none_or(|event| matches!(event.as_str(), "subscription" | "birthday")) {
        Err(Refusal::Validation { field: "template", value: id.to_string(), rule: "rule.campaign_template" })?;
    }
    Ok(())
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 128 || name.contains(char::is_control) {
        Err(Refusal::Validation { field: "name", value: name.chars().take(40).collect(), rule: "rule.name" })?;
    }
    Ok(name.to_owned())
}

/// The template of the code that a campaign's link gives; `None` when the campaign has no template, or its template is
/// inactive or of the subscription or birthday event.
pub fn template_of(view: &View<'_>, campaign: CampaignId) -> Result<Option<TemplateId>> {
    Ok(view.find(TEMPLATE_OF, &[(":id", &campaign)], |row| row.get(0))?)
}

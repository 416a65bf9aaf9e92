//! Campaigns: the link that brought somebody, its clicks, and which source a `/start` parameter names.

use crate::actor::Actor;
use crate::audit;
use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::error::{Refusal, Result};
use crate::ids::{CampaignId, TemplateId, UserId};

const INSERT: &str =
    "INSERT INTO campaigns (name, source_key, template_id, created_at) VALUES (:name, :key, :template, :at)";
const BY_KEY: &str = "SELECT id FROM campaigns WHERE source_key = :key";
const LIST: &str = "SELECT c.id, c.name, c.source_key, c.template_id, c.created_at,
        (SELECT count(*) FROM campaign_clicks k JOIN users u ON u.id = k.user_id
          WHERE k.campaign_id = c.id AND u.is_test = 0),
        (SELECT count(*) FROM users u WHERE u.campaign_id = c.id AND u.is_test = 0)
   FROM campaigns c ORDER BY c.id DESC LIMIT :limit OFFSET :offset";
const COUNT: &str = "SELECT count(*) FROM campaigns";
const TEMPLATE_OF: &str = "SELECT c.template_id FROM campaigns c JOIN discount_templates t ON t.id = c.template_id
   WHERE c.id = :id AND t.is_active = 1";
const CLICK: &str =
    "INSERT INTO campaign_clicks (campaign_id, user_id, at, day, is_new) VALUES (:campaign, :user, :at, :day, :is_new)";

/// A campaign as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Row id.
    pub id: CampaignId,
    /// What the shop calls it.
    pub name: String,
    /// The key in its link.
    pub key: SourceKey,
    /// The code newcomers get by the link alone.
    pub template: Option<TemplateId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Every /start with the key, also by people already known.
    pub clicks: i64,
    /// People whose first source it is.
    pub registrations: i64,
}

/// `[a-z0-9-]{1,48}`: the part of a campaign link after `ref_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceKey(String);

impl SourceKey {
    /// Reads a key; upper case is lowered, anything else outside the alphabet is refused.
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

    /// The key as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The link people press, for the customers' bot with this username.
    #[must_use]
    pub fn link(&self, bot_username: &str) -> String {
        format!("https://t.me/{bot_username}?start=ref_{}", self.0)
    }
}

/// Where a person came from, as told by the parameter of /start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What is kept as `users.source`.
    pub source: String,
    /// The campaign it belongs to, if the shop knows the key.
    pub campaign: Option<CampaignId>,
}

impl Origin {
    /// No parameter, or one that is not a source.
    #[must_use]
    pub fn direct() -> Self {
        Self { source: "direct".into(), campaign: None }
    }

    /// The source in lower case without spaces and `ref_`: what filters compare.
    #[must_use]
    pub fn normalized(&self) -> String {
        let lower: String = self.source.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
        lower.strip_prefix("ref_").map_or(lower.clone(), ToOwned::to_owned)
    }
}

/// Reads the parameter of /start: `ref_<key>[_tail]` names a source, the longest known key wins; an unknown key keeps
/// the whole rest. Anything else is `direct`.
///
/// # Errors
/// Storage only.
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

fn find_by_key(view: &View<'_>, key: &str) -> Result<Option<CampaignId>> {
    Ok(view.find(BY_KEY, &[(":key", key)], |row| row.get(0))?)
}

/// Counts one /start that named a campaign.
///
/// # Errors
/// Storage only.
pub fn count_click(tx: &Tx<'_>, campaign: CampaignId, user: UserId, newcomer: bool) -> Result<()> {
    tx.insert(
        CLICK,
        rusqlite::named_params! {
            ":campaign": campaign, ":user": user, ":at": tx.now(), ":day": tx.today(), ":is_new": newcomer,
        },
    )?;
    Ok(())
}

/// Makes a campaign, audited.
///
/// # Errors
/// `CAMPAIGN_KEY_TAKEN`; `VALIDATION_ERROR` for an empty or long name.
pub fn create(tx: &Tx<'_>, name: &str, key: SourceKey, template: Option<TemplateId>, by: &Actor) -> Result<Campaign> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 128 {
        Err(Refusal::Validation { field: "name", value: name.chars().take(40).collect(), rule: "rule.name" })?;
    }
    if find_by_key(tx, key.as_str())?.is_some() {
        Err(Refusal::CampaignKeyTaken(key.as_str().to_owned()))?;
    }
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
    Ok(Campaign { id, name: name.to_owned(), key, template, created_at, clicks: 0, registrations: 0 })
}

/// Campaigns, newest first, and how many there are.
///
/// # Errors
/// Storage only.
pub fn list(view: &View<'_>, limit: u32, offset: u64) -> Result<(Vec<Campaign>, i64)> {
    let page = rusqlite::named_params! { ":limit": limit, ":offset": i64::try_from(offset).unwrap_or(i64::MAX) };
    let items = view.list(LIST, page, |row| {
        Ok(Campaign {
            id: row.get(0)?,
            name: row.get(1)?,
            key: SourceKey(row.get(2)?),
            template: row.get(3)?,
            created_at: row.get(4)?,
            clicks: row.get(5)?,
            registrations: row.get(6)?,
        })
    })?;
    Ok((items, view.get(COUNT, [], |row| row.get(0))?))
}

/// The active template a campaign hands out by its link alone.
///
/// # Errors
/// Storage only.
pub fn template_of(view: &View<'_>, campaign: CampaignId) -> Result<Option<TemplateId>> {
    Ok(view.find(TEMPLATE_OF, &[(":id", &campaign)], |row| row.get(0))?)
}

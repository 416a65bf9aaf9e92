//! Chooses the subscribers (customers who follow the channel) about whom the nightly check asks Telegram next: those
//! whose last check is oldest.

use rusqlite::named_params;

use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::ids::{TelegramId, UserId};
use crate::realm::Realm;
use crate::telegram::client::CallError;
use crate::telegram::update::MemberStatus;
use crate::user::Subscription;

// A subscriber who was never checked has NULL, which sorts first.
const LONGEST_UNASKED: &str = "SELECT id, telegram_id FROM users
    WHERE is_test = :realm AND is_subscribed = 1 AND (subscription_asked_at IS NULL OR subscription_asked_at < :before)
    ORDER BY subscription_asked_at LIMIT :limit";
const FORGET: &str = "DELETE FROM subscription_checks WHERE id IN
    (SELECT id FROM subscription_checks WHERE checked_at < :before ORDER BY checked_at LIMIT 1000)";

impl Subscription {
    /// What Telegram's answer to getChatMember says about the subscription.
    #[must_use]
    pub fn of_answer(answer: &std::result::Result<MemberStatus, CallError>) -> Self {
        match answer {
            Ok(status) if status.is_subscribed() => Self::Subscribed,
            Ok(_) => Self::NotSubscribed,
            Err(error) if error.lacks_access() => Self::NotConfigured,
            Err(_) => Self::Unavailable,
        }
    }
}

/// A subscriber to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscriber {
    /// The subscriber's row.
    pub id: UserId,
    /// The subscriber's Telegram id.
    pub telegram_id: TelegramId,
}

/// Up to `limit` subscribers who were last checked before `before`, or never; the oldest check comes first.
pub fn longest_unasked(view: &View<'_>, realm: Realm, before: Timestamp, limit: usize) -> Result<Vec<Subscriber>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params = named_params! { ":realm": realm, ":before": before, ":limit": limit };
    Ok(view.list(LONGEST_UNASKED, params, |row| Ok(Subscriber { id: row.get(0)?, telegram_id: row.get(1)? }))?)
}

/// Deletes up to 1,000 subscription checks that are older than `log_retention_days`. Returns how many.
pub fn forget_checks(tx: &Tx<'_>) -> Result<usize> {
    let before = tx.now().plus(-crate::settings::LOG_RETENTION_DAYS.int(tx)? * 86_400);
    Ok(tx.change(FORGET, named_params! { ":before": before })?)
}

//! Reminders of unused codes: sent at the offsets that the template names, each once per code, and only while the code
//! is active. Muted customers still get reminders; customers who blocked the bot, or whom the shop blocked, do not.

use chrono::{Days, NaiveDate};
use rusqlite::named_params;

use super::letter;
use super::store;
use super::template::{self, Reminder, Template};
use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::ids::DiscountId;
use crate::outbox::{self, Lane, Letter};
use crate::realm::Realm;

macro_rules! due {
    ($which:literal, $tail:literal) => {
        concat!(
            "SELECT d.id FROM discounts d JOIN users u ON u.id = d.user_id WHERE ",
            $which,
            " AND d.redeemed_at IS NULL AND d.revoked_at IS NULL AND d.expires_at > :now
               AND u.status = 'active' AND u.bot_blocked_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM discount_reminders r WHERE r.discount_id = d.id AND r.days = :days) ",
            $tail
        )
    };
}

const DUE_AFTER_ISSUE: &str =
    due!("d.is_test = :realm AND d.created_day BETWEEN :from AND :to AND d.template_id = :template", "LIMIT :limit");
// No reminder is due on the day of issue: it would arrive only hours after the code.
const DUE_BEFORE_END: &str = due!(
    "d.is_test = :realm AND d.expires_at >= :from AND d.expires_at < :to AND d.created_day < :today
     AND d.template_id = :template",
    "LIMIT :limit"
);
const STILL_DUE: &str = due!("d.id = :id", "");
const REMINDED_TODAY: &str = "SELECT 1 FROM discount_reminders WHERE discount_id = :discount AND day = :today LIMIT 1";
const REMEMBER: &str = "INSERT INTO discount_reminders (discount_id, days, day) VALUES (:discount, :days, :today)";
const FORGET: &str = "DELETE FROM discount_reminders WHERE (discount_id, days) IN
    (SELECT r.discount_id, r.days FROM discount_reminders r JOIN discounts d ON d.id = r.discount_id
      WHERE r.day < :day AND d.expires_at < :now ORDER BY r.day LIMIT 1000)";

/// A reminder missed while the daemon was down is sent up to this many days late.
const CAUGHT_UP_DAYS: u64 = 3;
const TEXT: &str = "discount_reminder";

/// A reminder that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The code of which the customer is reminded.
    pub discount: DiscountId,
    /// Which of the template's reminders is due.
    pub reminder: Reminder,
}

/// Up to `limit` reminders due today in a realm.
pub fn due_reminders(view: &View<'_>, realm: Realm, limit: usize) -> Result<Vec<Due>> {
    let mut due = Vec::new();
    for template in template::list(view)? {
        for reminder in template.reminders() {
            let found = of_template(view, realm, (&template, reminder), limit - due.len())?;
            due.extend(found.into_iter().map(|discount| Due { discount, reminder }));
        }
    }
    Ok(due)
}

fn of_template(
    view: &View<'_>,
    realm: Realm,
    (template, reminder): (&Template, Reminder),
    limit: usize,
) -> Result<Vec<DiscountId>> {
    let today = view.zone().day(view.now());
    let before = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today).to_string();
    let (now, limit) = (view.now(), i64::try_from(limit).unwrap_or(i64::MAX));
    let found = match reminder {
        Reminder::AfterIssue(days) => {
            let days = u64::from(days);
            let params = named_params! {
                // The code is at least a day old, even if the offset is 0 days.
                ":realm": realm, ":from": before(days + CAUGHT_UP_DAYS), ":to": before(days.max(1)),
                ":template": template.id, ":now": now, ":days": reminder.days(), ":limit": limit,
            };
            view.list(DUE_AFTER_ISSUE, params, |row| row.get(0))?
        }
        Reminder::BeforeExpiry(days) => {
            // The code's last day is today + `days`, or up to three days sooner. The code expires at the midnight after
            // its last day.
            let end = |days: u64| -> Timestamp {
                view.zone().start_of(today.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX))
            };
            let last = u64::from(days) + 1;
            let params = named_params! {
                ":realm": realm, ":from": end(last.saturating_sub(CAUGHT_UP_DAYS)), ":to": end(last + 1),
                ":today": before(0), ":template": template.id, ":now": now, ":days": reminder.days(), ":limit": limit,
            };
            view.list(DUE_BEFORE_END, params, |row| row.get(0))?
        }
    };
    Ok(found)
}

/// Records a reminder from [`due_reminders`] as sent, and puts its message into the outbox unless the customer was
/// already reminded of the same code today. Returns whether a message was written; `false` also when the reminder is no
/// longer due.
pub fn remind(tx: &Tx<'_>, due: &Due) -> Result<bool> {
    let (id, days, today) = (due.discount, due.reminder.days(), tx.today());
    let params = named_params! { ":id": id, ":now": tx.now(), ":days": days };
    if tx.find(STILL_DUE, params, |_| Ok(()))?.is_none() {
        return Ok(false);
    }
    let named = named_params! { ":discount": id, ":today": today };
    let is_reminded = tx.find(REMINDED_TODAY, named, |_| Ok(()))?.is_some();
    tx.change(REMEMBER, named_params! { ":discount": id, ":days": days, ":today": today })?;
    if !is_reminded {
        let discount = store::get(tx, id)?;
        outbox::enqueue(
            tx,
            &Letter {
                bot: discount.realm.customer_bot(),
                chat: discount.customer.telegram_id,
                lane: Lane::Automatic,
                payload: letter::gift(tx, TEXT, &discount)?,
                dedupe_key: Some(format!("reminder:{id}:{days}")),
                usage_log: None,
            },
        )?;
    }
    Ok(!is_reminded)
}

/// Deletes up to 1,000 reminders that are older than the setting `log_retention_days` and whose codes have expired.
/// Returns how many.
pub fn forget_reminders(tx: &Tx<'_>) -> Result<usize> {
    let kept = u64::try_from(crate::settings::LOG_RETENTION_DAYS.int(tx)?).unwrap_or(u64::MAX);
    let day = tx.zone().day(tx.now()).checked_sub_days(Days::new(kept)).unwrap_or(NaiveDate::MIN);
    Ok(tx.change(FORGET, named_params! { ":day": day.to_string(), ":now": tx.now() })?)
}

//! The results of a broadcast: first the redemptions it brought, because they matter most; then who got the message,
//! who did not, and why.

use std::collections::BTreeMap;

use rusqlite::{Row, named_params};

use super::model::{Broadcast, BroadcastId, Fate};
use super::store;
use crate::attribution;
use crate::clock::{ShopMillis, Timestamp};
use crate::db::{Slice, View, columns};
use crate::error::Result;
use crate::ids::UserId;
use crate::texts::nameless;
use crate::user::named;

const REDEEMED: &str = "SELECT count(*), coalesce(sum(d.source_kind = 'broadcast' AND d.source_id = :id), 0),
        coalesce(sum(unixepoch(r.at) * 1000 <= l.settled_ms + :remembered), 0), count(r.amount), coalesce(sum(r.amount), 0)
    FROM redemptions r INDEXED BY redemptions_by_broadcast
    JOIN discounts d ON d.id = r.discount_id
    LEFT JOIN deliveries l ON l.broadcast_id = :id AND l.user_id = r.user_id AND l.state = 'sent'
    WHERE r.broadcast_id = :id AND r.undone_at IS NULL";
const ISSUED: &str = "SELECT count(*) FROM discounts INDEXED BY discounts_by_source
    WHERE source_kind = 'broadcast' AND source_id = :id";
// Reads only the rows with details: the counters in the broadcast's row count all other rows.
const TOLD: &str = "SELECT state, class, recalled_ms IS NOT NULL, corrected_ms IS NOT NULL, settled_ms, error_code, error
    FROM deliveries WHERE broadcast_id = :id AND (state IN ('failed', 'skipped', 'unknown') OR recalled_ms IS NOT NULL OR corrected_ms IS NOT NULL)";
columns! {
    select: Delivery as d from "deliveries d" {
        user = user_id, user_name = named("u.first_name", "u.last_name", "u.username", (nameless!())), fate = state, class, attempt,
        message_id, error_code, error, settled_at = instant(settled_ms), recalled_at = instant(recalled_ms),
    }
}
macro_rules! page {
    ($index:literal, $which:literal) => {
        select!(
            $index,
            "JOIN users u ON u.id = d.user_id WHERE d.broadcast_id = :id AND",
            $which,
            "AND :state IN ('', d.state) AND (:class IS NULL OR d.class = :class)
            ORDER BY d.user_id LIMIT :limit OFFSET :offset"
        )
    };
}

const DELIVERIES: &str = select!(
    "JOIN users u ON u.id = d.user_id WHERE d.broadcast_id = :id AND d.user_id > :after
    AND (:state IS NULL OR d.state = :state) ORDER BY d.user_id LIMIT :most"
);
// These statements name the indexes of the rare states: without that, the query planner would read all rows of the
// broadcast.
const PAGE: &str = page!("", "1 = 1");
const PAGE_QUEUED: &str = page!("INDEXED BY deliveries_queued", "d.state = 'queued'");
const PAGE_SENDING: &str = page!("INDEXED BY deliveries_in_flight", "d.state = 'sending'");
const PAGE_FAILED: &str = page!("INDEXED BY deliveries_failed", "d.state = 'failed'");
const PAGE_UNKNOWN: &str = page!("INDEXED BY deliveries_unknown", "d.state = 'unknown'");
const COUNT: &str = "SELECT count(*) FROM deliveries d WHERE d.broadcast_id = :id AND :state IN ('', d.state)
    AND (:class IS NULL OR d.class = :class)";

/// The results of a broadcast. Sums of money are in kopecks.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The broadcast itself, with its counters.
    pub broadcast: Broadcast,
    /// Redemptions attributed to the broadcast: of codes that it issued, and by customers to whom it was the last
    /// broadcast delivered.
    pub redeemed: i64,
    /// Redemptions of the broadcast's own codes.
    pub redeemed_by_code: i64,
    /// Attributed redemptions within seven days after the delivery to that customer.
    pub redeemed_within_7_days: i64,
    /// How many of the attributed redemptions have a receipt's sum.
    pub with_amount: i64,
    /// The total of the receipts' sums.
    pub amount: i64,
    /// Codes that the broadcast issued.
    pub issued: i64,
    /// The number of failed recipients by the class of Telegram's answer.
    pub failed: BTreeMap<String, i64>,
    /// The number of skipped recipients by reason.
    pub skipped: BTreeMap<String, i64>,
    /// The number of delivered messages that were recalled.
    pub recalled: i64,
    /// The number of delivered messages that were corrected.
    pub corrected: i64,
    /// The last message that failed or is unknown, and why; `None` when there is none.
    pub last_error: Option<LastError>,
}

/// Why a message was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastError {
    /// When the message failed or became unknown.
    pub at: Timestamp,
    /// The class of Telegram's answer.
    pub class: String,
    /// Telegram's `error_code`; `None` when the answer had none.
    pub code: Option<i64>,
    /// Telegram's error text, or the system's; `None` when the answer had none.
    pub words: Option<String>,
}

impl Report {
    /// The number of recipients who had blocked the bot or left Telegram.
    #[must_use]
    pub fn blocked(&self) -> i64 {
        self.broadcast.counts.blocked
    }

    /// Seconds from the broadcast's start to the last settled message, pauses included, at least 1; `None` before a
    /// message is settled.
    #[must_use]
    pub fn seconds(&self) -> Option<i64> {
        let (started, last) = (self.broadcast.started_at?, self.broadcast.last_ms?);
        Some(last.timestamp().0.saturating_sub(started.0).max(1))
    }

    /// Delivered messages per minute over [`Report::seconds`]; `None` before a message is settled.
    #[must_use]
    pub fn per_minute(&self) -> Option<i64> {
        self.seconds().map(|seconds| self.broadcast.counts.sent.saturating_mul(60) / seconds)
    }

    /// Redemptions per delivered message, 0–1; `None` when nothing was delivered.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share for reading; counts stay far below 2^52")]
    pub fn conversion(&self) -> Option<f64> {
        let sent = self.broadcast.counts.sent;
        (sent > 0).then(|| self.redeemed as f64 / sent as f64)
    }
}

/// The results of a broadcast so far. Reads the rows of all its recipients once.
///
/// # Errors
/// `BROADCAST_NOT_FOUND`.
pub fn report(view: &View<'_>, id: BroadcastId) -> Result<Report> {
    let broadcast = store::get(view, id)?;
    let params = named_params! { ":id": id, ":remembered": attribution::REMEMBERED_MS };
    let (redeemed, redeemed_by_code, redeemed_within_7_days, with_amount, amount) =
        view.get(REDEEMED, params, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?;
    let issued = view.get(ISSUED, &[(":id", &id)], |row| row.get(0))?;
    let mut report = Report {
        broadcast,
        redeemed,
        redeemed_by_code,
        redeemed_within_7_days,
        with_amount,
        amount,
        issued,
        failed: BTreeMap::new(),
        skipped: BTreeMap::new(),
        recalled: 0,
        corrected: 0,
        last_error: None,
    };
    view.each(TOLD, named_params! { ":id": id }, |row| report.take(row))?;
    Ok(report)
}

impl Report {
    fn take(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let class = || row.get::<_, Option<String>>(1).map(Option::unwrap_or_default);
        match row.get(0)? {
            Fate::Failed => *self.failed.entry(class()?).or_default() += 1,
            Fate::Skipped => *self.skipped.entry(class()?).or_default() += 1,
            _ => {}
        }
        if matches!(row.get(0)?, Fate::Failed | Fate::Unknown) {
            let at = row.get::<_, Option<ShopMillis>>(4)?.map(ShopMillis::timestamp);
            if let Some(at) = at.filter(|at| self.last_error.as_ref().is_none_or(|last| last.at <= *at)) {
                self.last_error = Some(LastError { at, class: class()?, code: row.get(5)?, words: row.get(6)? });
            }
        }
        self.recalled += i64::from(row.get::<_, bool>(2)?);
        self.corrected += i64::from(row.get::<_, bool>(3)?);
        Ok(())
    }
}

/// One recipient of a broadcast, as lists show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The recipient.
    pub user: UserId,
    /// The recipient's display name.
    pub user_name: String,
    /// The state of the recipient's row.
    pub fate: Fate,
    /// The class of Telegram's answer to a failed message, or why the row was skipped.
    pub class: Option<String>,
    /// How many calls were made for this recipient.
    pub attempt: i64,
    /// The id of the message in the recipient's chat.
    pub message_id: Option<i64>,
    /// Telegram's `error_code`; `None` when the answer had none.
    pub error_code: Option<i64>,
    /// Telegram's error text, or the system's; `None` when there is none.
    pub error: Option<String>,
    /// When the result for the recipient was stored; `None` before that.
    pub settled_at: Option<Timestamp>,
    /// When the message was recalled; `None` when it was not.
    pub recalled_at: Option<Timestamp>,
}

/// Recipients with ids above `after`, by ascending id, at most `most`; with `state`, only recipients in that state.
pub fn deliveries(
    view: &View<'_>,
    id: BroadcastId,
    state: Option<Fate>,
    after: UserId,
    most: u32,
) -> Result<Vec<Delivery>> {
    let params = named_params! { ":id": id, ":state": state, ":after": after, ":most": most };
    Ok(view.list(DELIVERIES, params, Delivery::from_row)?)
}

/// Which recipients a list shows; a field that is `None` does not restrict it.
#[derive(Debug, Clone, Default)]
pub struct Deliveries {
    /// Recipients in this state.
    pub fate: Option<Fate>,
    /// Recipients whose message failed with this class of answer, or who were skipped for this reason.
    pub class: Option<String>,
}

/// A page of the recipients that match, by ascending id, and the number of all matching recipients.
pub fn delivery_page(
    view: &View<'_>,
    broadcast: &Broadcast,
    wanted: &Deliveries,
    slice: Slice,
) -> Result<(Vec<Delivery>, i64)> {
    let id = broadcast.id;
    let state = wanted.fate.map_or("", Fate::as_str);
    let page = match wanted.fate {
        Some(Fate::Queued) => PAGE_QUEUED,
        Some(Fate::Sending) => PAGE_SENDING,
        Some(Fate::Failed) => PAGE_FAILED,
        Some(Fate::Unknown) => PAGE_UNKNOWN,
        Some(Fate::Sent | Fate::Skipped) | None => PAGE,
    };
    let offset = i64::try_from(slice.offset).unwrap_or(i64::MAX);
    let params = named_params! {
        ":id": id, ":state": state, ":class": wanted.class, ":limit": slice.limit, ":offset": offset,
    };
    let found = view.list(page, params, Delivery::from_row)?;
    let total = match wanted.fate {
        // The broadcast's counters do not tell the classes apart, and rows of an ended broadcast may have been deleted:
        // in both cases the rows themselves are counted.
        _ if wanted.class.is_some() || broadcast.finished_at.is_some() => {
            view.get(COUNT, named_params! { ":id": id, ":state": state, ":class": wanted.class }, |row| row.get(0))?
        }
        Some(fate) => *{ broadcast.counts }.of(fate),
        None => broadcast.counts.total(),
    };
    Ok((found, total))
}

fn instant(stored: Option<ShopMillis>) -> rusqlite::Result<Option<Timestamp>> {
    Ok(stored.map(ShopMillis::timestamp))
}

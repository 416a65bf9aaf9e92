//! A broadcast as JSON: its content, audience, progress and statistics.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::broadcast_draft::LinkBody;
#[cfg(test)]
use super::openapi::schemas;
use super::segments::written;
use crate::broadcast::{self, Audience, Broadcast, Media, MediaType, Origin, PauseReason, Report, Status};

/// A broadcast.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct BroadcastBody {
    id: i64,
    title: String,
    /// The message's text: Telegram HTML with placeholders.
    body: String,
    #[cfg_attr(test, schema(inline))]
    media_type: MediaType,
    /// Telegram's `file_id` of the message's media; null without media, or when the media is a file on the shop's
    /// machine.
    media_file_id: Option<String>,
    buttons: Vec<Vec<LinkBody>>,
    template_id: Option<i64>,
    segment_id: Option<i64>,
    #[cfg_attr(test, schema(value_type = Option<schemas::FilterShape>))]
    filters: Option<Value>,
    target_user_ids: Option<Vec<i64>>,
    /// The planned time, or the time at which the broadcast started.
    #[cfg_attr(test, schema(format = DateTime))]
    send_at: Option<String>,
    status: Status,
    /// The reason of the pause; null unless the broadcast is paused.
    pause_reason: Option<PauseReason>,
    /// The reason of the pause or failure, in one word.
    note: Option<String>,
    origin: Origin,
    /// The number of recipients; 0 before the start.
    #[cfg_attr(test, schema(minimum = 0))]
    total_recipients: i64,
    #[cfg_attr(test, schema(minimum = 0))]
    queued: i64,
    #[cfg_attr(test, schema(minimum = 0))]
    sending: i64,
    #[cfg_attr(test, schema(minimum = 0))]
    sent: i64,
    #[cfg_attr(test, schema(minimum = 0))]
    failed: i64,
    #[cfg_attr(test, schema(minimum = 0))]
    unknown: i64,
    #[cfg_attr(test, schema(minimum = 0))]
    skipped: i64,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    /// The actor who created the broadcast: `admin:1`, `cli:masha`, `job:winback`.
    created_by: String,
    #[cfg_attr(test, schema(format = DateTime))]
    started_at: Option<String>,
    #[cfg_attr(test, schema(format = DateTime))]
    finished_at: Option<String>,
    is_test: bool,
}

impl From<Broadcast> for BroadcastBody {
    fn from(of: Broadcast) -> Self {
        let (message, counts) = (of.draft.message, of.counts);
        let (segment_id, filters, target_user_ids) = match of.draft.audience {
            Audience::Segment(id) => (Some(id.0), None, None),
            Audience::Fitting(filter) => (None, Some(written(&filter)), None),
            Audience::People(people) => (None, None, Some(people.into_iter().map(|user| user.0).collect())),
        };
        let link = |link: broadcast::Link| LinkBody { text: link.text, url: link.url };
        Self {
            id: of.id.0,
            title: of.draft.title,
            body: message.body,
            media_type: message.media.kind(),
            media_file_id: if let Media::FileId(_, id) = message.media { Some(id) } else { None },
            buttons: message.buttons.into_iter().map(|row| row.into_iter().map(link).collect()).collect(),
            template_id: message.template.map(|id| id.0),
            segment_id,
            filters,
            target_user_ids,
            send_at: of.send_at.map(|at| at.to_string()),
            status: of.status,
            pause_reason: of.pause_reason,
            note: of.note,
            origin: of.draft.origin,
            total_recipients: counts.total(),
            queued: counts.queued,
            sending: counts.sending,
            sent: counts.sent,
            failed: counts.failed,
            unknown: counts.unknown,
            skipped: counts.skipped,
            created_at: of.created_at.to_string(),
            created_by: of.created_by,
            started_at: of.started_at.map(|at| at.to_string()),
            finished_at: of.finished_at.map(|at| at.to_string()),
            is_test: of.draft.realm.is_test(),
        }
    }
}

/// The statistics of a broadcast. Money is in kopecks.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct StatisticsBody {
    /// Redemptions of the broadcast's codes, and of customers whose last broadcast it was.
    redeemed: i64,
    /// Redemptions of the broadcast's own codes.
    redeemed_by_code: i64,
    redeemed_within_7_days: i64,
    /// Redemptions divided by delivered messages; null before the first delivery.
    conversion: Option<f64>,
    /// The number of codes issued by the broadcast.
    issued: i64,
    /// The number of the broadcast's redemptions with a receipt sum.
    with_amount: i64,
    amount: i64,
    /// The number of recipients who blocked the bot or left Telegram.
    blocked: i64,
    /// The number of delivered messages that were deleted.
    recalled: i64,
    /// The number of delivered messages whose text was corrected.
    corrected: i64,
    /// Seconds from the start of the broadcast to its last message, pauses included.
    seconds: Option<i64>,
    per_minute: Option<i64>,
    /// The number of failed recipients by class (what Telegram's refusal means).
    failed_by_class: BTreeMap<String, i64>,
    /// The number of skipped recipients by the reason for skipping them.
    skipped_by_reason: BTreeMap<String, i64>,
}

/// The error of a recipient's message.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct LastErrorBody {
    #[cfg_attr(test, schema(format = DateTime))]
    at: String,
    /// The class of the failure: what Telegram's refusal means.
    #[cfg_attr(test, schema(example = "blocked"))]
    class: String,
    /// Telegram's error code.
    error_code: Option<i64>,
    /// The error text of Telegram or of the operating system.
    error: Option<String>,
}

impl From<broadcast::LastError> for LastErrorBody {
    fn from(error: broadcast::LastError) -> Self {
        Self { at: error.at.to_string(), class: error.class, error_code: error.code, error: error.words }
    }
}

/// A broadcast with its statistics.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct BroadcastWhole {
    #[serde(flatten)]
    broadcast: BroadcastBody,
    statistics: StatisticsBody,
    /// The last message that failed, or whose delivery is unknown.
    last_error: Option<LastErrorBody>,
}

impl From<Report> for BroadcastWhole {
    fn from(of: Report) -> Self {
        let (blocked, seconds, per_minute, conversion) = (of.blocked(), of.seconds(), of.per_minute(), of.conversion());
        Self {
            broadcast: of.broadcast.into(),
            statistics: StatisticsBody {
                redeemed: of.redeemed,
                redeemed_by_code: of.redeemed_by_code,
                redeemed_within_7_days: of.redeemed_within_7_days,
                conversion,
                issued: of.issued,
                with_amount: of.with_amount,
                amount: of.amount,
                blocked,
                recalled: of.recalled,
                corrected: of.corrected,
                seconds,
                per_minute,
                failed_by_class: of.failed,
                skipped_by_reason: of.skipped,
            },
            last_error: of.last_error.map(LastErrorBody::from),
        }
    }
}

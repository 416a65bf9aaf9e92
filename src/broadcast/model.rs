//! The types of broadcasts. Every state is stored as a word; facts that belong to a state are in columns of their own.

use serde::{Deserialize, Serialize};

use crate::clock::{Millis, ShopMillis, Timestamp};
pub use crate::ids::BroadcastId;
use crate::ids::{AdminId, SegmentId, TemplateId, UserId, words};
use crate::realm::Realm;
use crate::segment::Filter;

words!(
    /// The status of a broadcast.
    Status as BroadcastStatus {
        /// An admin is writing the broadcast.
        Draft = "draft",
        /// The broadcast is confirmed and starts at its planned time.
        Scheduled = "scheduled",
        /// The sender works on the broadcast: its audience is being frozen, or its messages are being sent.
        Sending = "sending",
        /// The broadcast is paused: queued rows are not sent.
        Paused = "paused",
        /// Every row is settled.
        Sent = "sent",
        /// No recipient got the message: the audience could not be built, is empty, or no recipient could be reached.
        Error = "error",
        /// An admin canceled the broadcast: queued rows are skipped.
        Canceled = "canceled",
    }
);

words!(
    #[doc = "The reason of a pause: an admin paused it, it missed its time, too many messages failed, or Telegram \
        asked for long pauses."]
    PauseReason as PauseReasonWord {
        /// An admin paused the broadcast.
        Admin = "admin",
        /// The broadcast missed its time by more than the shop allows, differs from what was confirmed, has a larger
        /// audience than confirmed, or comes from a restored backup.
        Late = "late",
        /// Too many messages failed in a way that trying again does not fix, or the bot's token was refused.
        StopRule = "stop_rule",
        /// Telegram asked for long pauses.
        Flood = "flood",
    }
);

words!(
    /// The origin of a broadcast: written by an admin, sent from the chat, or made by a job.
    Origin as BroadcastOrigin {
        /// The command line or the API.
        Admin = "admin",
        /// An admin's message to the customer bot.
        Chat = "chat",
        /// A scheduled job.
        Job = "job",
    }
);

words!(
    /// The kind of media above the broadcast's text.
    MediaType {
        /// The message has no media.
        None = "none",
        /// A picture.
        Photo = "photo",
        /// A video.
        Video = "video",
        /// A file.
        Document = "document",
    }
);

words!(
    /// The status of a recipient's message.
    Fate as DeliveryStatus {
        /// The message waits for its call to Telegram.
        Queued = "queued",
        /// The call to Telegram is under way.
        Sending = "sending",
        /// Telegram accepted the message.
        Sent = "sent",
        /// Telegram refused the message.
        Failed = "failed",
        /// It is unknown whether the message was delivered; it is sent again only when an admin asks for that.
        Unknown = "unknown",
        /// The message is not sent, for a reason stored in the row.
        Skipped = "skipped",
    }
);

words!(
    /// What a bulk action does to the recipients' rows of a broadcast.
    BulkKind {
        /// Failed rows are sent again.
        RetryFailed = "retry_failed",
        /// Unknown rows are sent again.
        ResendUnknown = "resend_unknown",
        /// Delivered messages are deleted.
        Recall = "recall",
        /// Delivered messages get the broadcast's new text.
        Correct = "correct",
    }
);

/// The media of a message: a picture, video or file, by `file_id` or by hash.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Media {
    /// The message has no media.
    #[default]
    None,
    /// Telegram's `file_id`, which works for the customer bot of the broadcast's realm.
    FileId(MediaType, String),
    /// A local file by its SHA-256; the sender uploads it first.
    Local(MediaType, String),
}

impl Media {
    /// The type of the media.
    #[must_use]
    pub const fn kind(&self) -> MediaType {
        match self {
            Self::None => MediaType::None,
            Self::FileId(kind, _) | Self::Local(kind, _) => *kind,
        }
    }
}

/// A button that opens a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The button's caption.
    pub text: String,
    /// The URL that the button opens.
    pub url: String,
}

/// The audience of a broadcast.
#[derive(Debug, Clone, PartialEq)]
pub enum Audience {
    /// These customers, at most 5,000.
    People(Vec<UserId>),
    /// The customers who match a segment when the broadcast starts.
    Segment(SegmentId),
    /// The customers who match this filter when the broadcast starts.
    Fitting(Filter),
}

/// The message of a broadcast, before it is rendered for a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The text: Telegram HTML with placeholders.
    pub body: String,
    /// The media above the text.
    pub media: Media,
    /// Rows of link buttons below the text.
    pub buttons: Vec<Vec<Link>>,
    /// The template of the code that every recipient gets.
    pub template: Option<TemplateId>,
}

/// The content of a broadcast as an admin writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The broadcast's title in lists.
    pub title: String,
    /// The message that recipients get.
    pub message: Message,
    /// Who the broadcast is for.
    pub audience: Audience,
    /// The realm whose customers get the broadcast.
    pub realm: Realm,
    /// Where the broadcast comes from.
    pub origin: Origin,
}

/// The number of a broadcast's recipients in each state. The sum of the six states is the audience; `blocked` is a part
/// of `failed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the fields are the fates")]
pub struct Counts {
    pub queued: i64,
    pub sending: i64,
    pub sent: i64,
    pub failed: i64,
    pub unknown: i64,
    pub skipped: i64,
    /// Failed recipients who blocked the bot or left Telegram.
    pub blocked: i64,
}

impl Counts {
    /// The number of recipients.
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.queued + self.sending + self.sent + self.failed + self.unknown + self.skipped
    }

    /// The number of recipients whose rows are settled.
    #[must_use]
    pub const fn settled(&self) -> i64 {
        self.total() - self.queued - self.sending
    }

    /// The number of the recipients in this state, to be changed.
    pub const fn of(&mut self, fate: Fate) -> &mut i64 {
        match fate {
            Fate::Queued => &mut self.queued,
            Fate::Sending => &mut self.sending,
            Fate::Sent => &mut self.sent,
            Fate::Failed => &mut self.failed,
            Fate::Unknown => &mut self.unknown,
            Fate::Skipped => &mut self.skipped,
        }
    }
}

/// What an admin confirmed: the message, the audience, the number of recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Hash of the confirmed message and audience.
    pub hash: String,
    /// The number of recipients confirmed.
    pub count: i64,
}

/// A row of `broadcasts`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct Broadcast {
    pub id: BroadcastId,
    pub draft: Draft,
    pub status: Status,
    pub pause_reason: Option<PauseReason>,
    pub note: Option<String>,
    pub send_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub created_by: String,
    pub confirmed: Option<Confirmation>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub is_frozen: bool,
    /// The hash of the confirmation under which recipients were entered into the ledger; `None` before that.
    pub entered_for: Option<String>,
    pub last_ms: Option<ShopMillis>,
    pub counts: Counts,
    /// How often Telegram asked for a pause while the broadcast was sent.
    pub pauses: i64,
    /// The total length of the pauses that Telegram asked for, in milliseconds.
    pub pause_ms: i64,
    /// The end of the last pause that Telegram asked for; 0 when it asked for none.
    pub pause_until: Millis,
}

impl Broadcast {
    /// Whether the broadcast is scheduled or being sent.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        matches!(self.status, Status::Scheduled | Status::Sending)
    }
}

/// A stored bulk action that still has rows to handle.
#[derive(Debug)]
pub(super) struct PendingBulk {
    pub(super) id: i64,
    pub(super) broadcast: BroadcastId,
    pub(super) kind: BulkKind,
    pub(super) classes: Vec<String>,
    /// The recipient to continue after.
    pub(super) after: UserId,
    pub(super) admin: AdminId,
}

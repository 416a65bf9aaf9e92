//! The types of broadcasts. Every state is a word on the wire; what a state needs to know stands beside it.

use serde::{Deserialize, Serialize};

use crate::clock::{Millis, Timestamp};
pub use crate::ids::BroadcastId;
use crate::ids::{SegmentId, TemplateId, UserId, words};
use crate::realm::Realm;
use crate::segment::Filter;

words!(
    /// How far a broadcast is.
    Status {
        /// Being written.
        Draft = "draft",
        /// Confirmed; leaves at its time.
        Scheduled = "scheduled",
        /// The sender has it: its audience is being frozen, or its messages leave.
        Sending = "sending",
        /// Held; queued rows wait.
        Paused = "paused",
        /// Every row is settled.
        Sent = "sent",
        /// The audience could not be built, or nobody could be reached.
        Error = "error",
        /// Given up by an admin; what was queued is skipped.
        Canceled = "canceled",
    }
);

words!(
    /// Why a broadcast is held.
    PauseReason {
        /// Somebody said so.
        Admin = "admin",
        /// Its time was missed by more than the shop allows, or more people than were confirmed would get it.
        Late = "late",
        /// Too many messages failed in a way that will not mend itself.
        StopRule = "stop_rule",
        /// Telegram asked for long pauses.
        Flood = "flood",
    }
);

words!(
    /// Where a broadcast comes from.
    Origin {
        /// The command line or the API.
        Admin = "admin",
        /// An admin's message to the customers' bot.
        Chat = "chat",
        /// The product's own schedule.
        Job = "job",
    }
);

words!(
    /// What is sent above the text.
    MediaType {
        /// Nothing.
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
    /// What became of one recipient.
    Fate {
        /// Not called yet.
        Queued = "queued",
        /// The call is under way.
        Sending = "sending",
        /// Telegram has it.
        Sent = "sent",
        /// Telegram refused.
        Failed = "failed",
        /// Nobody knows; sent again only on command.
        Unknown = "unknown",
        /// Never called, for a reason.
        Skipped = "skipped",
    }
);

/// A picture, video or file by one of its two names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Media {
    /// None.
    #[default]
    None,
    /// Telegram's `file_id`, which works for the customers' bot of the broadcast's realm.
    FileId(MediaType, String),
    /// A local file by its SHA-256; the sender uploads it first.
    Local(MediaType, String),
}

impl Media {
    /// The kind of message.
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
    /// What stands on it.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

/// To whom.
#[derive(Debug, Clone, PartialEq)]
pub enum Audience {
    /// These people, at most 5,000.
    People(Vec<UserId>),
    /// Whoever fits a saved filter when the broadcast starts.
    Segment(SegmentId),
    /// Whoever fits this filter when the broadcast starts.
    Fitting(Filter),
}

/// What is said, above any recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Telegram HTML with placeholders.
    pub body: String,
    /// What stands above it.
    pub media: Media,
    /// Rows of links below it.
    pub buttons: Vec<Vec<Link>>,
    /// Whose code every recipient gets.
    pub template: Option<TemplateId>,
}

/// What somebody wants to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What people call it.
    pub title: String,
    /// What is said.
    pub message: Message,
    /// To whom.
    pub audience: Audience,
    /// In which world.
    pub realm: Realm,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where every recipient stands; the sum is the audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the fields are the fates")]
pub struct Counts {
    pub queued: i64,
    pub sending: i64,
    pub sent: i64,
    pub failed: i64,
    pub unknown: i64,
    pub skipped: i64,
    /// Those of `failed` who blocked the bot or left Telegram.
    pub blocked: i64,
}

impl Counts {
    /// How many there are.
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.queued + self.sending + self.sent + self.failed + self.unknown + self.skipped
    }

    /// How many are settled.
    #[must_use]
    pub const fn settled(&self) -> i64 {
        self.total() - self.queued - self.sending
    }

    /// The counter of a fate.
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

/// What an admin has confirmed: exactly this text to exactly this audience, so many people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Of content and audience.
    pub hash: String,
    /// How many people were to get it.
    pub count: i64,
}

/// A broadcast.
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
    /// The confirmation its ledger was entered under.
    pub entered_for: Option<String>,
    pub last_ms: Option<Millis>,
    pub counts: Counts,
    /// How often Telegram asked for a pause on the way.
    pub pauses: i64,
    /// How long these pauses were together.
    pub pause_ms: i64,
    /// When the last one is over.
    pub pause_until: Millis,
}

//! Everything the shop can decline, each with its catalogue code, and the error type of every use-case.
//! A refusal that must be remembered is a value (`Ok(Refused)`): an `Err` rolls its log row back.

use chrono::NaiveDate;

use crate::catalogue::Code;
use crate::clock::Timestamp;
use crate::db::{Failure, StorageError};

/// What a use-case fails with: the shop declined, or the storage failed. Every use-case may fail with [`Error::Storage`];
/// `# Errors` sections name the refusals only.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The shop declined.
    #[error("{}", .0.code())]
    Refused(Refusal),
    /// The storage failed; nothing was kept.
    #[error(transparent)]
    Storage(#[from] Failure),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Error {
    /// Whether the same call may succeed later: the storage failed for a while.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Storage(failure) if failure.is_passing())
    }
}

impl StorageError for Error {
    fn storage(&self) -> Option<&Failure> {
        match self {
            Self::Storage(failure) => Some(failure),
            Self::Refused(_) => None,
        }
    }
}

/// The result of every use-case.
pub type Result<T> = std::result::Result<T, Error>;

/// Why somebody is not let in at the API, or may not do what they ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthError {
    /// They brought no token.
    NoToken,
    /// Not one of ours.
    TokenInvalid,
    /// Its time is over.
    TokenExpired,
    /// Ended, or its admin may not act any more.
    TokenRevoked,
    /// No such login token.
    LoginUnknown,
    /// A login token works once.
    LoginUsed,
    /// A login token works for ten minutes.
    LoginExpired,
    /// Not with this role.
    Role,
    /// Not with these scopes.
    Scope,
}

impl AuthError {
    /// The entry of the catalogue.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::NoToken => Code::Unauthorized,
            Self::TokenInvalid => Code::TokenInvalid,
            Self::TokenExpired => Code::TokenExpired,
            Self::TokenRevoked => Code::TokenRevoked,
            Self::LoginUnknown => Code::OneTimeTokenInvalid,
            Self::LoginUsed => Code::OneTimeTokenUsed,
            Self::LoginExpired => Code::OneTimeTokenExpired,
            Self::Role => Code::RoleForbidden,
            Self::Scope => Code::ScopeMissing,
        }
    }
}

/// The six kinds of refusal; each door maps them once (HTTP status, exit code, tone of the answer).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The request itself is wrong.
    Invalid,
    /// What it names does not exist.
    NotFound,
    /// Whoever asks may not.
    Forbidden,
    /// The state of things says no.
    Conflict,
    /// Try again later.
    Unavailable,
    /// A bug or a broken machine.
    Internal,
}

/// Everything the shop can decline. Carries the facts an answer needs, never a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A field has a value that cannot be.
    Validation {
        /// The field.
        field: &'static str,
        /// What was given, shortened.
        value: String,
        /// Catalogue key of the rule it breaks.
        rule: &'static str,
    },
    /// No such customer.
    UserNotFound(String),
    /// The shop has blocked this customer; nothing is issued to them.
    UserBlocked,
    /// They work for the shop: what they may do must be taken from them before they can be forgotten.
    UserIsStaff {
        /// The command that does.
        command: String,
    },
    /// More than 20 tags.
    TooManyTags,
    /// A tag of more than 32 characters.
    TagTooLong,
    /// No phone reads like this.
    PhoneInvalid,
    /// No birthday reads like this, or it may not be changed any more.
    BirthdayInvalid,
    /// No code reads like this in this realm.
    CodeNotFound,
    /// A single code that has been redeemed.
    CodeAlreadyUsed {
        /// When.
        at: Timestamp,
        /// Whether by the one who asks.
        by_you: bool,
    },
    /// The code's last day is over.
    CodeExpired {
        /// Its last day.
        last_day: NaiveDate,
    },
    /// The shop took the code back.
    CodeRevoked,
    /// Five random codes were all taken.
    CodeSpaceExhausted,
    /// A cashier takes back their own redemption within ten minutes; later, and others', only an owner does.
    UndoWindowPassed,
    /// Nothing stands that could be taken back.
    NothingToUndo,
    /// The customer of this code is blocked by the shop.
    CustomerBlocked,
    /// It is too early for another code of this template; `None` = there will never be another.
    RecurrenceNotReached {
        /// When the next one may be issued.
        next: Option<Timestamp>,
    },
    /// No such template.
    TemplateNotFound {
        /// What was asked for.
        name: String,
        /// The existing names.
        known: Vec<String>,
    },
    /// Another template has this name.
    TemplateNameTaken(String),
    /// The template is switched off, or none is chosen for the event.
    TemplateInactive(String),
    /// No such cashier.
    CashierNotFound(String),
    /// Not (or no longer) allowed at the counter.
    CashierNotActive,
    /// Too many unknown codes in a row.
    CashierLocked {
        /// Until when.
        until: Timestamp,
    },
    /// The request cannot go from its present state to the wanted one.
    CashierState {
        /// The state it is in.
        status: &'static str,
    },
    /// No such admin.
    AdminNotFound(String),
    /// This admin has not opened the bot that is to write to them.
    AdminUnreached(String),
    /// The admin may not act.
    AdminNotActive,
    /// The last active owner cannot be demoted or disabled.
    LastOwner,
    /// No such order.
    OrderNotFound(String),
    /// No such text.
    TextNotFound {
        /// What was asked for.
        key: String,
        /// The existing keys.
        known: Vec<&'static str>,
    },
    /// The text names a placeholder it may not.
    TextPlaceholderUnknown {
        /// The placeholder.
        name: String,
        /// Those it may.
        allowed: Vec<String>,
    },
    /// Telegram would refuse the text.
    TextHtmlInvalid {
        /// Catalogue key of the reason.
        reason: &'static str,
        /// What is wrong, shortened.
        what: String,
    },
    /// Only an owner may.
    OwnerOnly,
    /// Not let in, or not with this role or scope.
    Barred(AuthError),
    /// No such service token.
    ServiceTokenNotFound(String),
    /// The idempotency key belongs to another request.
    IdempotencyKeyReused,
    /// No such campaign.
    CampaignNotFound(String),
    /// Another campaign has this key.
    CampaignKeyTaken(String),
    /// No such broadcast.
    BroadcastNotFound(String),
    /// Not from the state it is in.
    BroadcastInvalidTransition {
        /// What was asked.
        verb: &'static str,
        /// The state it is in.
        status: &'static str,
    },
    /// What has left the draft stays as it is.
    BroadcastNotEditable {
        /// The state it is in.
        status: &'static str,
    },
    /// Nobody would get it.
    BroadcastAudienceEmpty,
    /// The text, the audience or the time is another one than was confirmed.
    BroadcastConfirmationStale {
        /// How many would get it now.
        count: i64,
    },
    /// Telegram would refuse the text or the buttons, or it names what it may not.
    BroadcastTextInvalid {
        /// `body`, `buttons`.
        field: &'static str,
        /// Catalogue key of the reason.
        reason: &'static str,
        /// What is wrong, shortened.
        what: String,
    },
    /// The picture or file cannot be one.
    BroadcastMediaInvalid {
        /// Catalogue key of the reason.
        reason: &'static str,
        /// What is wrong, shortened.
        what: String,
    },
    /// Too many people named one by one, or too many buttons.
    BroadcastTooLarge {
        /// `target_user_ids`, `buttons`.
        field: &'static str,
        /// The most there may be.
        most: usize,
    },
    /// No such segment.
    SegmentNotFound {
        /// What was asked for.
        name: String,
        /// The existing names.
        known: Vec<String>,
    },
    /// A filter that cannot be.
    SegmentInvalid {
        /// Where in it: `age.from`, `tags[3]`; `filter` is the whole.
        path: String,
        /// Catalogue key of the rule it breaks.
        rule: &'static str,
        /// The numbers of the rule, e.g. `1–12`; may be empty.
        range: String,
        /// What may stand there, where the word is unknown.
        known: Vec<&'static str>,
    },
    /// Something that is still to be sent needs the segment.
    SegmentInUse {
        /// The segment.
        name: String,
        /// What uses it, as people call it.
        uses: Vec<String>,
    },
    /// Another segment has this name.
    SegmentNameTaken(String),
    /// No such setting.
    SettingNotFound {
        /// What was asked for.
        key: String,
        /// The existing keys.
        known: Vec<&'static str>,
    },
    /// The value breaks the setting's rule.
    SettingInvalidValue {
        /// The setting.
        key: &'static str,
        /// Catalogue key of the rule.
        rule: &'static str,
        /// The numbers of the rule, e.g. `1–1500`.
        range: String,
    },
}

impl Refusal {
    /// The catalogue code, never renamed.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.catalogued().as_str()
    }

    /// The entry of the catalogue.
    #[must_use]
    pub const fn catalogued(&self) -> Code {
        match self {
            Self::Validation { .. } => Code::Validation,
            Self::UserNotFound(_) => Code::UserNotFound,
            Self::UserBlocked => Code::UserBlocked,
            // The catalogue has no word of its own: the person stands in the shop's lists.
            Self::UserIsStaff { .. } => Code::CashierAlreadyExists,
            Self::TooManyTags => Code::TooManyTags,
            Self::TagTooLong => Code::TagTooLong,
            Self::PhoneInvalid => Code::PhoneInvalid,
            Self::BirthdayInvalid => Code::BirthdayInvalid,
            Self::UndoWindowPassed => Code::UndoWindowPassed,
            // The catalogue has no word of its own: what is asked for does not exist.
            Self::NothingToUndo | Self::OrderNotFound(_) | Self::ServiceTokenNotFound(_) => Code::NotFound,
            Self::TemplateNameTaken(_) => Code::TemplateNameTaken,
            Self::AdminNotFound(_) | Self::AdminUnreached(_) => Code::AdminNotFound,
            Self::AdminNotActive => Code::AdminNotActive,
            Self::LastOwner => Code::LastOwner,
            Self::TextNotFound { .. } => Code::TextNotFound,
            Self::TextPlaceholderUnknown { .. } => Code::TextPlaceholderUnknown,
            Self::TextHtmlInvalid { .. } => Code::TextHtmlInvalid,
            Self::CodeNotFound => Code::CodeNotFound,
            Self::CodeAlreadyUsed { .. } => Code::CodeAlreadyUsed,
            Self::CodeExpired { .. } => Code::CodeExpired,
            Self::CodeRevoked => Code::CodeRevoked,
            Self::CodeSpaceExhausted => Code::CodeSpaceExhausted,
            Self::CustomerBlocked => Code::CustomerBlocked,
            Self::RecurrenceNotReached { .. } => Code::RecurrenceNotReached,
            Self::TemplateNotFound { .. } => Code::TemplateNotFound,
            Self::TemplateInactive(_) => Code::TemplateInactive,
            Self::CashierNotFound(_) => Code::CashierNotFound,
            Self::CashierNotActive => Code::CashierNotActive,
            Self::CashierLocked { .. } => Code::CashierLocked,
            Self::CashierState { .. } => Code::CashierAlreadyExists,
            Self::OwnerOnly => Code::OwnerOnly,
            Self::Barred(bar) => bar.code(),
            Self::IdempotencyKeyReused => Code::IdempotencyKeyReused,
            Self::CampaignNotFound(_) => Code::CampaignNotFound,
            Self::CampaignKeyTaken(_) => Code::CampaignKeyTaken,
            Self::BroadcastNotFound(_) => Code::BroadcastNotFound,
            Self::BroadcastInvalidTransition { .. } => Code::BroadcastInvalidTransition,
            Self::BroadcastNotEditable { .. } => Code::BroadcastNotEditable,
            Self::BroadcastAudienceEmpty => Code::BroadcastAudienceEmpty,
            Self::BroadcastConfirmationStale { .. } => Code::BroadcastConfirmationStale,
            Self::BroadcastTextInvalid { .. } => Code::BroadcastTextInvalid,
            Self::BroadcastMediaInvalid { .. } => Code::BroadcastMediaInvalid,
            Self::BroadcastTooLarge { .. } => Code::BroadcastTooLarge,
            Self::SegmentNotFound { .. } => Code::SegmentNotFound,
            Self::SegmentInvalid { .. } => Code::SegmentInvalid,
            Self::SegmentInUse { .. } => Code::SegmentInUse,
            Self::SegmentNameTaken(_) => Code::SegmentNameTaken,
            Self::SettingNotFound { .. } => Code::SettingNotFound,
            Self::SettingInvalidValue { .. } => Code::SettingInvalidValue,
        }
    }

    /// Which of the six kinds this is.
    #[must_use]
    pub const fn kind(&self) -> RefusalKind {
        match self {
            Self::Validation { .. }
            | Self::SettingInvalidValue { .. }
            | Self::SegmentInvalid { .. }
            | Self::TooManyTags
            | Self::TagTooLong
            | Self::PhoneInvalid
            | Self::BirthdayInvalid
            | Self::TextPlaceholderUnknown { .. }
            | Self::BroadcastTextInvalid { .. }
            | Self::BroadcastMediaInvalid { .. }
            | Self::BroadcastTooLarge { .. }
            | Self::TextHtmlInvalid { .. }
            | Self::IdempotencyKeyReused => RefusalKind::Invalid,
            Self::UserNotFound(_)
            | Self::CodeNotFound
            | Self::TemplateNotFound { .. }
            | Self::CashierNotFound(_)
            | Self::CampaignNotFound(_)
            | Self::BroadcastNotFound(_)
            | Self::SettingNotFound { .. }
            | Self::SegmentNotFound { .. }
            | Self::ServiceTokenNotFound(_)
            | Self::NothingToUndo
            | Self::OrderNotFound(_)
            | Self::AdminNotFound(_)
            | Self::AdminUnreached(_)
            | Self::TextNotFound { .. } => RefusalKind::NotFound,
            Self::CashierNotActive | Self::OwnerOnly | Self::AdminNotActive | Self::Barred(_) => RefusalKind::Forbidden,
            Self::UserBlocked
            | Self::UserIsStaff { .. }
            | Self::UndoWindowPassed
            | Self::TemplateNameTaken(_)
            | Self::SegmentInUse { .. }
            | Self::SegmentNameTaken(_)
            | Self::LastOwner
            | Self::CodeAlreadyUsed { .. }
            | Self::CodeExpired { .. }
            | Self::CodeRevoked
            | Self::CustomerBlocked
            | Self::RecurrenceNotReached { .. }
            | Self::TemplateInactive(_)
            | Self::CashierState { .. }
            | Self::BroadcastInvalidTransition { .. }
            | Self::BroadcastNotEditable { .. }
            | Self::BroadcastAudienceEmpty
            | Self::BroadcastConfirmationStale { .. }
            | Self::CampaignKeyTaken(_) => RefusalKind::Conflict,
            Self::CodeSpaceExhausted | Self::CashierLocked { .. } => RefusalKind::Unavailable,
        }
    }
}

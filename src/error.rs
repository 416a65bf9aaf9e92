//! Everything the shop can decline, each with its catalogue code, and the error type of every use-case.
//! A refusal that must be remembered is a value (`Ok(Refused)`): an `Err` rolls its log row back.

use chrono::NaiveDate;

use crate::catalogue::Code;
use crate::clock::Timestamp;
use crate::db::{Failure, StorageError};

/// What a use-case fails with: the shop declined, or the storage failed. Every use-case may fail with
/// [`Error::Storage`]; `# Errors` sections name the refusals only.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The shop declined.
    #[error("{}", .0.code())]
    Refused(Refusal),
    /// The storage failed; nothing was written.
    #[error(transparent)]
    Storage(#[from] Failure),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Error {
    /// Whether the same call may succeed later, because the storage failure is temporary.
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

/// Why the API rejects a request's credential or the caller's rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthError {
    /// The request has no token.
    NoToken,
    /// The token is not one of this shop.
    TokenInvalid,
    /// The token has expired.
    TokenExpired,
    /// The token was revoked, or its admin is no longer active.
    TokenRevoked,
    /// Unknown login token.
    LoginUnknown,
    /// The login token was used already; it works once.
    LoginUsed,
    /// The login token is older than ten minutes.
    LoginExpired,
    /// The admin's role does not allow it.
    Role,
    /// The token's scopes do not allow it.
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
    /// The row it names does not exist.
    NotFound,
    /// The caller is not allowed to do it.
    Forbidden,
    /// The present state does not allow it.
    Conflict,
    /// Try again later.
    Unavailable,
    /// A bug or a broken machine.
    Internal,
}

/// Everything the shop can decline. Carries the facts an answer needs, never a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A field has an invalid value.
    Validation {
        /// The field.
        field: &'static str,
        /// The given value, shortened.
        value: String,
        /// Catalogue key of the rule it breaks.
        rule: &'static str,
    },
    /// No such customer.
    UserNotFound(String),
    /// The shop has blocked this customer; nothing is issued to them.
    UserBlocked,
    /// The person is an active cashier or admin: that access must be revoked before they can be erased.
    UserIsStaff {
        /// The command that revokes it.
        command: String,
    },
    /// More than 20 tags.
    TooManyTags,
    /// A tag of more than 32 characters.
    TagTooLong,
    /// Not a phone number.
    PhoneInvalid,
    /// Not a valid birthday, or the birthday can no longer be changed by the customer.
    BirthdayInvalid,
    /// No code with this text in this realm.
    CodeNotFound,
    /// A single code that has been redeemed.
    CodeAlreadyUsed {
        /// When it was redeemed.
        at: Timestamp,
        /// Whether the caller redeemed it.
        by_you: bool,
    },
    /// The code has expired.
    CodeExpired {
        /// Its last day.
        last_day: NaiveDate,
    },
    /// The shop revoked the code.
    CodeRevoked,
    /// Five random codes in a row were taken already.
    CodeSpaceExhausted,
    /// A cashier can undo only their own redemption, and only for ten minutes; an owner can undo any.
    UndoWindowPassed,
    /// There is no redemption to undo.
    NothingToUndo,
    /// The customer of this code is blocked by the shop.
    CustomerBlocked,
    /// It is too early for another code of this template; `None` = the customer never gets another.
    RecurrenceNotReached {
        /// When the next one may be issued.
        next: Option<Timestamp>,
    },
    /// No such template.
    TemplateNotFound {
        /// The given name.
        name: String,
        /// The existing names.
        known: Vec<String>,
    },
    /// Another template has this name.
    TemplateNameTaken(String),
    /// The template is inactive, or no template is chosen for the event.
    TemplateInactive(String),
    /// No such cashier.
    CashierNotFound(String),
    /// The cashier is not active.
    CashierNotActive,
    /// Too many unknown codes in a row.
    CashierLocked {
        /// Until when.
        until: Timestamp,
    },
    /// The cashier's status does not allow the change.
    CashierState {
        /// The present status.
        status: &'static str,
    },
    /// No such admin.
    AdminNotFound(String),
    /// This admin has not started the bot that would write to them.
    AdminUnreached(String),
    /// The admin is not active.
    AdminNotActive,
    /// The last active owner cannot be demoted or disabled.
    LastOwner,
    /// No such order.
    OrderNotFound(String),
    /// No such text.
    TextNotFound {
        /// The given key.
        key: String,
        /// The existing keys.
        known: Vec<&'static str>,
    },
    /// The text uses a placeholder that it may not use.
    TextPlaceholderUnknown {
        /// The placeholder.
        name: String,
        /// The placeholders it may use.
        allowed: Vec<String>,
    },
    /// Telegram would refuse the text.
    TextHtmlInvalid {
        /// Catalogue key of the reason.
        reason: &'static str,
        /// What is wrong, shortened.
        what: String,
    },
    /// Only an owner is allowed to do it.
    OwnerOnly,
    /// The API rejects the credential, the role or the scope.
    Barred(AuthError),
    /// No such service token.
    ServiceTokenNotFound(String),
    /// The idempotency key was used for another request.
    IdempotencyKeyReused,
    /// No such campaign.
    CampaignNotFound(String),
    /// Another campaign has this key.
    CampaignKeyTaken(String),
    /// No such broadcast.
    BroadcastNotFound(String),
    /// The broadcast's status does not allow the verb.
    BroadcastInvalidTransition {
        /// The verb.
        verb: &'static str,
        /// The present status.
        status: &'static str,
    },
    /// The broadcast can no longer be edited.
    BroadcastNotEditable {
        /// The present status.
        status: &'static str,
    },
    /// The audience is empty.
    BroadcastAudienceEmpty,
    /// The text, the audience or the time differs from what was confirmed.
    BroadcastConfirmationStale {
        /// How many customers would get it now.
        count: i64,
    },
    /// Telegram would refuse the text or the buttons, or the text uses an unknown placeholder.
    BroadcastTextInvalid {
        /// `body`, `buttons`.
        field: &'static str,
        /// Catalogue key of the reason.
        reason: &'static str,
        /// What is wrong, shortened.
        what: String,
    },
    /// The picture or file is not one that Telegram accepts.
    BroadcastMediaInvalid {
        /// Catalogue key of the reason.
        reason: &'static str,
        /// What is wrong, shortened.
        what: String,
    },
    /// Too many listed customers, or too many buttons.
    BroadcastTooLarge {
        /// `target_user_ids` or `buttons`.
        field: &'static str,
        /// The maximum.
        most: usize,
    },
    /// No such segment.
    SegmentNotFound {
        /// The given name.
        name: String,
        /// The existing names.
        known: Vec<String>,
    },
    /// An invalid filter.
    SegmentInvalid {
        /// The path of the fault: `age.from`, `tags[3]`; `filter` is the whole filter.
        path: String,
        /// Catalogue key of the rule it breaks.
        rule: &'static str,
        /// The numbers of the rule, e.g. `1–12`; may be empty.
        range: String,
        /// The allowed words, when the given word is unknown.
        known: Vec<&'static str>,
    },
    /// A broadcast that has not ended needs the segment.
    SegmentInUse {
        /// The segment.
        name: String,
        /// The titles of those broadcasts.
        uses: Vec<String>,
    },
    /// Another segment has this name.
    SegmentNameTaken(String),
    /// No such setting.
    SettingNotFound {
        /// The given key.
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
            // The catalogue has no code of its own for this: the person is in the shop's staff lists.
            Self::UserIsStaff { .. } => Code::CashierAlreadyExists,
            Self::TooManyTags => Code::TooManyTags,
            Self::TagTooLong => Code::TagTooLong,
            Self::PhoneInvalid => Code::PhoneInvalid,
            Self::BirthdayInvalid => Code::BirthdayInvalid,
            Self::UndoWindowPassed => Code::UndoWindowPassed,
            // The catalogue has no code of their own for these.
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

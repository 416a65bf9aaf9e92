//! Everything the shop can decline, each with its catalogue code, and the error type of every use-case. A refusal that
//! must leave a row, such as an attempt at the shop's counter, is an `Ok` value: an `Err` rolls the transaction back,
//! and the row with it.

use chrono::NaiveDate;

use crate::catalogue::Code;
use crate::clock::Timestamp;
use crate::db::{Failure, StorageError};

/// What a use-case fails with: the shop declined, or the storage failed. Every use-case may fail with
/// [`Error::Storage`]; `# Errors` sections name the refusals only.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The shop declined, for this reason.
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
    /// The token was not issued by this shop.
    TokenInvalid,
    /// The token has expired.
    TokenExpired,
    /// The token was revoked, or its admin is no longer active.
    TokenRevoked,
    /// The login token is unknown.
    LoginUnknown,
    /// The login token was used already; each works once.
    LoginUsed,
    /// The login token is older than ten minutes.
    LoginExpired,
    /// The admin's role does not allow the request.
    Role,
    /// The service token's scopes do not allow the request.
    Scope,
}

impl AuthError {
    /// The catalogue's error code for this reason.
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

/// The six kinds of refusal. A command's exit code follows from the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// A value in the request is invalid.
    Invalid,
    /// The row that the request names does not exist.
    NotFound,
    /// The caller is not allowed to make the request.
    Forbidden,
    /// The present state does not allow the request.
    Conflict,
    /// The request may succeed later.
    Unavailable,
    /// The program or the storage is broken. No [`Refusal`] has this kind.
    Internal,
}

/// Everything the shop can decline. A refusal carries the facts that an answer needs, never a sentence. A `String`
/// without a field name is the id, name or key that the caller gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A field has an invalid value.
    Validation {
        /// The field's name.
        field: &'static str,
        /// The given value, shortened.
        value: String,
        /// Catalogue key of the rule that the value breaks.
        rule: &'static str,
    },
    /// No customer has this id, username, phone or Telegram id.
    UserNotFound(String),
    /// The shop has blocked this customer; nothing is issued to them.
    UserBlocked,
    /// The person is an active cashier or admin: that access must be revoked before they can be erased.
    UserIsStaff {
        /// The command that revokes the person's access.
        command: String,
    },
    /// The customer would have more than 20 tags.
    TooManyTags,
    /// The tag has more than 32 characters.
    TagTooLong,
    /// The text is not a phone number.
    PhoneInvalid,
    /// The text is not a valid birthday, or the customer may no longer change their birthday.
    BirthdayInvalid,
    /// No code of this realm has this text.
    CodeNotFound,
    /// The code works once and has been redeemed.
    CodeAlreadyUsed {
        /// When the code was redeemed.
        at: Timestamp,
        /// Whether this caller redeemed the code.
        by_you: bool,
    },
    /// The code has expired.
    CodeExpired {
        /// The code's last day.
        last_day: NaiveDate,
    },
    /// The shop revoked the code.
    CodeRevoked,
    /// No code can be issued, because five random codes in a row existed already.
    CodeSpaceExhausted,
    /// A cashier can undo only their own redemption, and only for ten minutes; an owner can undo any.
    UndoWindowPassed,
    /// There is no redemption to undo.
    NothingToUndo,
    /// The customer of this code is blocked by the shop.
    CustomerBlocked,
    /// It is too early for another code of this template; if `next` is `None`, the customer never gets another.
    RecurrenceNotReached {
        /// When the next code may be issued.
        next: Option<Timestamp>,
    },
    /// No template has this name or id.
    TemplateNotFound {
        /// The given name.
        name: String,
        /// The names of the existing templates.
        known: Vec<String>,
    },
    /// Another template has this name.
    TemplateNameTaken(String),
    /// The template is inactive, or there is no active template for the event (subscription or birthday).
    TemplateInactive(String),
    /// No cashier has this id, name, username or Telegram id.
    CashierNotFound(String),
    /// The cashier is not active.
    CashierNotActive,
    /// The cashier entered too many unknown codes in a row and is locked out.
    CashierLocked {
        /// Until when the cashier is locked out.
        until: Timestamp,
    },
    /// The cashier's status does not allow the change.
    CashierState {
        /// The cashier's present status.
        status: &'static str,
    },
    /// No admin has this id, name, username or Telegram id.
    AdminNotFound(String),
    /// This admin has not started the bot through which the message would be sent.
    AdminUnreached(String),
    /// The admin is not active.
    AdminNotActive,
    /// The last active owner cannot be demoted or disabled.
    LastOwner,
    /// No order has this id.
    OrderNotFound(String),
    /// No text has this key.
    TextNotFound {
        /// The given key.
        key: String,
        /// The keys of the existing texts.
        known: Vec<&'static str>,
    },
    /// The text uses a placeholder that it may not use.
    TextPlaceholderUnknown {
        /// The placeholder's name.
        name: String,
        /// The placeholders that the text may use.
        allowed: Vec<String>,
    },
    /// Telegram would refuse the text.
    TextHtmlInvalid {
        /// Catalogue key of the reason.
        reason: &'static str,
        /// The piece of the text at fault, shortened.
        what: String,
    },
    /// Only an owner is allowed to make the request.
    OwnerOnly,
    /// The API rejects the credential, the role or the scope, for this reason.
    Barred(AuthError),
    /// No service token has this name.
    ServiceTokenNotFound(String),
    /// The idempotency key was used for another request.
    IdempotencyKeyReused,
    /// No campaign has this id or key.
    CampaignNotFound(String),
    /// Another campaign has this key.
    CampaignKeyTaken(String),
    /// No broadcast has this id.
    BroadcastNotFound(String),
    /// The broadcast's status does not allow the action.
    BroadcastInvalidTransition {
        /// The word of the action, e.g. `pause`.
        verb: &'static str,
        /// The broadcast's present status.
        status: &'static str,
    },
    /// The broadcast can no longer be edited.
    BroadcastNotEditable {
        /// The broadcast's present status.
        status: &'static str,
    },
    /// The audience is empty.
    BroadcastAudienceEmpty,
    /// The text, the audience or the time differs from what was confirmed.
    BroadcastConfirmationStale {
        /// How many customers would get the broadcast now.
        count: i64,
    },
    /// Telegram would refuse the text or the buttons, or the text uses an unknown placeholder.
    BroadcastTextInvalid {
        /// The part of the message at fault: `body`, `buttons`.
        field: &'static str,
        /// Catalogue key of the reason.
        reason: &'static str,
        /// The piece of the message at fault, shortened.
        what: String,
    },
    /// Telegram would refuse the picture, video or file.
    BroadcastMediaInvalid {
        /// Catalogue key of the reason.
        reason: &'static str,
        /// What is wrong with the file, shortened.
        what: String,
    },
    /// The request lists too many customers, or too many buttons.
    BroadcastTooLarge {
        /// The field with too many entries: `target_user_ids` or `buttons`.
        field: &'static str,
        /// The most entries that are allowed.
        most: usize,
    },
    /// No segment has this name or id.
    SegmentNotFound {
        /// The given name.
        name: String,
        /// The names of the existing segments.
        known: Vec<String>,
    },
    /// The filter of customers is invalid.
    SegmentInvalid {
        /// The path of the fault: `age.from`, `tags[3]`; `filter` is the whole filter.
        path: String,
        /// Catalogue key of the rule that the filter breaks.
        rule: &'static str,
        /// The range that the rule allows, e.g. `1–12`; empty for a rule without a range.
        range: String,
        /// The allowed words, when the given word is unknown; otherwise empty.
        known: Vec<&'static str>,
    },
    /// The segment cannot be deleted, because a broadcast that has not ended needs it.
    SegmentInUse {
        /// The segment's name.
        name: String,
        /// The titles of the broadcasts that need the segment.
        uses: Vec<String>,
    },
    /// Another segment has this name.
    SegmentNameTaken(String),
    /// No setting has this key.
    SettingNotFound {
        /// The given key.
        key: String,
        /// The keys of the existing settings.
        known: Vec<&'static str>,
    },
    /// The value breaks the setting's rule.
    SettingInvalidValue {
        /// The setting's key.
        key: &'static str,
        /// Catalogue key of the rule that the value breaks.
        rule: &'static str,
        /// The range or the maximum that the rule allows, e.g. `1–1500`; empty for a rule without numbers.
        range: String,
    },
}

impl Refusal {
    /// The catalogue code, never renamed.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.catalogued().as_str()
    }

    /// The refusal's entry in the error catalogue.
    #[must_use]
    pub const fn catalogued(&self) -> Code {
        match self {
            Self::Validation { .. } => Code::Validation,
            Self::UserNotFound(_) => Code::UserNotFound,
            Self::UserBlocked => Code::UserBlocked,
            // The catalogue has no code for this refusal alone; the person is an active cashier or admin.
            Self::UserIsStaff { .. } => Code::CashierAlreadyExists,
            Self::TooManyTags => Code::TooManyTags,
            Self::TagTooLong => Code::TagTooLong,
            Self::PhoneInvalid => Code::PhoneInvalid,
            Self::BirthdayInvalid => Code::BirthdayInvalid,
            Self::UndoWindowPassed => Code::UndoWindowPassed,
            // The catalogue has no separate codes for these refusals.
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

    /// Which of the six kinds this refusal is.
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

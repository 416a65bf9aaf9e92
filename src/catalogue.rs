//! The error catalogue: every error code that bots, API, jobs and commands answer with, each with its HTTP status and
//! its meaning. Codes are never renamed. `docs/errors.md` and the OpenAPI document are made from this list;
//! `error::Refusal` says which refusal has which code.

macro_rules! catalogue {
    ($($variant:ident $word:literal $status:literal $meaning:literal,)+) => {
        /// An error code of the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant),+
        }

        impl Code {
            /// Every error code, in the order of the catalogue.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as clients get it, e.g. `VALIDATION_ERROR`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The HTTP status of an answer with this code.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// What the code means, as one English sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}

catalogue! {
    Internal "INTERNAL_ERROR" 500 "An internal error; the log has the cause under the request id.",
    Validation "VALIDATION_ERROR" 422 "A field has a value that is not allowed; `errors` names the field and the rule.",
    NotFound "NOT_FOUND" 404 "The object does not exist.",
    MethodNotAllowed "METHOD_NOT_ALLOWED" 405 "The path does not support this method; `Allow` lists those it supports.",
    Unauthorized "UNAUTHORIZED" 401 "The token is missing.",
    Forbidden "FORBIDDEN" 403 "This is not permitted.",
    PayloadTooLarge "PAYLOAD_TOO_LARGE" 400 "The body is longer than this route takes.",
    HostInvalid "HOST_INVALID" 400 "The request names no host, several, or one that is not served here.",
    RateLimitExceeded "RATE_LIMIT_EXCEEDED" 429 "Too many requests; try again after the seconds in `Retry-After`.",
    IdempotencyKeyReused "IDEMPOTENCY_KEY_REUSED" 422 "The idempotency key was used with another request.",
    IdempotencyInProgress "IDEMPOTENCY_IN_PROGRESS" 409 "The first request with this idempotency key is still running.",
    ServiceUnavailable "SERVICE_UNAVAILABLE" 503 "Not possible at present; try again later.",
    UserNotFound "USER_NOT_FOUND" 404 "There is no such customer.",
    UserBlocked "USER_BLOCKED" 409 "The shop has blocked this customer.",
    TooManyTags "TOO_MANY_TAGS" 400 "A customer has at most 20 tags.",
    TagTooLong "TAG_TOO_LONG" 400 "A tag has at most 32 characters.",
    PhoneInvalid "PHONE_INVALID" 422 "The phone number is not valid.",
    BirthdayInvalid "BIRTHDAY_INVALID" 422 "The date of birth is not valid.",
    CodeNotFound "CODE_NOT_FOUND" 404 "There is no such code.",
    CodeAlreadyUsed "CODE_ALREADY_USED" 409 "The code was redeemed before; `redeemed_at` is the time.",
    CodeExpired "CODE_EXPIRED" 409 "The code has expired; `last_day` was its last day.",
    CodeRevoked "CODE_REVOKED" 409 "The code was revoked.",
    CodeSpaceExhausted "CODE_SPACE_EXHAUSTED" 503 "No free code was found in five tries.",
    RecurrenceNotReached "RECURRENCE_NOT_REACHED" 409 "The customer cannot get another code of this template yet; `next_date` is the time.",
    TemplateNotFound "TEMPLATE_NOT_FOUND" 404 "There is no such template.",
    TemplateInactive "TEMPLATE_INACTIVE" 400 "The template is inactive.",
    TemplateNameTaken "TEMPLATE_NAME_TAKEN" 409 "Another template has this name.",
    UndoWindowPassed "UNDO_WINDOW_PASSED" 409 "A cashier can undo a redemption only within ten minutes.",
    CustomerBlocked "CUSTOMER_BLOCKED" 409 "The customer of this code is blocked by the shop.",
    CashierNotFound "CASHIER_NOT_FOUND" 404 "There is no such cashier.",
    CashierNotActive "CASHIER_NOT_ACTIVE" 403 "The cashier is not active.",
    CashierLocked "CASHIER_LOCKED" 429 "Too many unknown codes in a row; the cashier is locked until `until`.",
    CashierAlreadyExists "CASHIER_ALREADY_EXISTS" 409 "The present status of the person does not allow this.",
    AdminNotFound "ADMIN_NOT_FOUND" 404 "There is no such admin.",
    AdminNotActive "ADMIN_NOT_ACTIVE" 403 "The admin is disabled.",
    LastOwner "LAST_OWNER" 409 "The last active owner cannot be demoted or disabled.",
    OwnerOnly "OWNER_ONLY" 403 "Only an owner may do this.",
    RoleForbidden "ROLE_FORBIDDEN" 403 "The role does not permit this.",
    ScopeMissing "SCOPE_MISSING" 403 "The service token lacks the scope.",
    TokenInvalid "TOKEN_INVALID" 401 "The token is not valid.",
    TokenExpired "TOKEN_EXPIRED" 401 "The token has expired.",
    TokenRevoked "TOKEN_REVOKED" 401 "The token was revoked, or its admin is disabled.",
    OneTimeTokenInvalid "ONE_TIME_TOKEN_INVALID" 401 "The login token is unknown.",
    OneTimeTokenUsed "ONE_TIME_TOKEN_USED" 401 "The login token was used before.",
    OneTimeTokenExpired "ONE_TIME_TOKEN_EXPIRED" 401 "The login token has expired; it works for ten minutes.",
    BroadcastNotFound "BROADCAST_NOT_FOUND" 404 "There is no such broadcast.",
    BroadcastInvalidTransition "BROADCAST_INVALID_TRANSITION" 409 "The present status of the broadcast does not allow this.",
    BroadcastNotEditable "BROADCAST_NOT_EDITABLE" 409 "Only a draft or a scheduled broadcast can be changed.",
    BroadcastAudienceEmpty "BROADCAST_AUDIENCE_EMPTY" 409 "The broadcast has no recipients.",
    BroadcastConfirmationStale "BROADCAST_CONFIRMATION_STALE" 409 "The text, the audience or the time differs from the confirmed one.",
    BroadcastTextInvalid "BROADCAST_TEXT_INVALID" 422 "Telegram would refuse the text or the buttons.",
    BroadcastMediaInvalid "BROADCAST_MEDIA_INVALID" 422 "The media file is not valid.",
    BroadcastTooLarge "BROADCAST_TOO_LARGE" 400 "Too many recipients are listed, or too many buttons.",
    SegmentNotFound "SEGMENT_NOT_FOUND" 404 "There is no such segment.",
    SegmentInvalid "SEGMENT_INVALID" 400 "The filter is not valid; `errors` names the path in it.",
    SegmentInUse "SEGMENT_IN_USE" 409 "The segment is in use; `uses` lists by what.",
    SegmentNameTaken "SEGMENT_NAME_TAKEN" 409 "Another segment has this name.",
    CampaignNotFound "CAMPAIGN_NOT_FOUND" 404 "There is no such campaign.",
    CampaignKeyTaken "CAMPAIGN_KEY_TAKEN" 409 "Another campaign has this key.",
    TextNotFound "TEXT_NOT_FOUND" 404 "There is no such text.",
    TextPlaceholderUnknown "TEXT_PLACEHOLDER_UNKNOWN" 422 "The text uses an unknown placeholder; `allowed` lists the known ones.",
    TextHtmlInvalid "TEXT_HTML_INVALID" 422 "Telegram would refuse the text.",
    SettingNotFound "SETTING_NOT_FOUND" 404 "There is no such setting.",
    SettingInvalidValue "SETTING_INVALID_VALUE" 400 "The value breaks the rule of the setting.",
    TelegramFailed "TELEGRAM_FAILED" 502 "Telegram refused the request.",
    TelegramUnavailable "TELEGRAM_UNAVAILABLE" 503 "Telegram cannot be reached.",
    WebhookSecretInvalid "WEBHOOK_SECRET_INVALID" 403 "The webhook's secret is missing or wrong.",
    ExportNotFound "EXPORT_NOT_FOUND" 404 "There is no such export.",
    ExportNotReady "EXPORT_NOT_READY" 409 "The export is still being made.",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_once_and_technical_failures_share_none_with_refusals() {
        let mut words: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| (400..=503).contains(&code.status()) && code.meaning().ends_with('.')));
    }
}

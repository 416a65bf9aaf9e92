//! The types of discounts. A code's state is not stored: it follows from the times in the code's row (revoked,
//! redeemed, expires), and each state carries its time.

use crate::clock::Timestamp;
use crate::discount::code::DiscountCode;
use crate::ids::{CashierId, DiscountId, TelegramId, TemplateId, UserId, words};
use crate::money::DiscountValue;
use crate::realm::Realm;
use crate::user;

words!(
    /// Whether a code can be redeemed once or many times.
    Usage as UsageType {
        /// The code may be redeemed once.
        Single = "single",
        /// The code may be redeemed any number of times until it expires.
        Shared = "shared",
    }
);

words!(
    /// The reason why the code was issued.
    SourceKind as SourceKindWord {
        /// Subscription gift.
        Subscription = "subscription",
        /// Birthday gift.
        Birthday = "birthday",
        /// An admin or the CLI issued it.
        Manual = "manual",
        /// The customer opened a campaign link.
        Campaign = "campaign",
        /// A broadcast brought the code.
        Broadcast = "broadcast",
        /// A friend's invitation (reserved).
        Referral = "referral",
        /// The code was issued to win a customer back.
        Winback = "winback",
    }
);

/// An issued code, with the fields of its customer that cashiers see and messages need.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct Discount {
    pub id: DiscountId,
    pub public_id: String,
    pub code: DiscountCode,
    /// The code in the letters in which the shop shows it, without the shop's prefix.
    pub code_text: String,
    pub user: UserId,
    pub template: TemplateId,
    pub template_name: String,
    pub title: String,
    pub realm: Realm,
    pub value: DiscountValue,
    pub usage: Usage,
    pub source_kind: SourceKind,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub redeemed_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub customer: CodeCustomer,
}

impl Discount {
    /// The code as people see it: with the shop's prefix before it.
    #[must_use]
    pub fn shown_code(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.code_text)
    }
}

/// The customer who holds a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeCustomer {
    /// The customer's display name.
    pub display_name: String,
    /// The customer's first name; the whole name when they have none; empty for a customer without a name.
    pub first_name: String,
    /// The customer's Telegram id.
    pub telegram_id: TelegramId,
    /// Whether the shop blocks the customer.
    pub status: user::UserStatus,
}

/// The state of a code at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeState {
    /// The shop revoked the code.
    Revoked {
        /// When the code was revoked.
        at: Timestamp,
    },
    /// The code was redeemed.
    Redeemed {
        /// When the code was redeemed.
        at: Timestamp,
    },
    /// The code has expired.
    Expired {
        /// When the code expired.
        at: Timestamp,
    },
    /// The code may be redeemed.
    Active,
}

words!(
    /// The status of a code.
    Condition as DiscountStatus {
        /// The code may be redeemed.
        Active = "active",
        /// The code was redeemed.
        Redeemed = "redeemed",
        /// The code's last day is over.
        Expired = "expired",
        /// The code was revoked.
        Revoked = "revoked",
    }
);

impl CodeState {
    /// The state without its time: what lists show and are filtered by.
    #[must_use]
    pub const fn condition(self) -> Condition {
        match self {
            Self::Revoked { .. } => Condition::Revoked,
            Self::Redeemed { .. } => Condition::Redeemed,
            Self::Expired { .. } => Condition::Expired,
            Self::Active => Condition::Active,
        }
    }
}

/// A redemption that has not been undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingRedemption {
    /// The redemption's row.
    pub id: crate::ids::RedemptionId,
    /// When the code was redeemed.
    pub at: Timestamp,
    /// The cashier who redeemed the code; `None` when no cashier did.
    pub cashier: Option<CashierId>,
    /// The actor (script, owner or shell) who redeemed the code; `None` when a cashier did.
    pub actor: Option<String>,
}

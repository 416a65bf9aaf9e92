//! The types of discounts. A state carries its facts; no state is stored twice.

use crate::clock::Timestamp;
use crate::discount::code::DiscountCode;
use crate::ids::{CashierId, DiscountId, TelegramId, TemplateId, UserId, words};
use crate::money::DiscountValue;
use crate::realm::Realm;
use crate::user;

words!(
    /// How often one code may be redeemed.
    Usage {
        /// Once.
        Single = "single",
        /// Any number of times until it expires.
        Shared = "shared",
    }
);

words!(
    /// Why a code exists.
    SourceKind {
        /// Subscription gift.
        Subscription = "subscription",
        /// Birthday gift.
        Birthday = "birthday",
        /// An admin or the CLI issued it.
        Manual = "manual",
        /// A campaign link.
        Campaign = "campaign",
        /// A broadcast.
        Broadcast = "broadcast",
        /// A friend's invitation (reserved).
        Referral = "referral",
        /// To win a customer back.
        Winback = "winback",
    }
);

/// An issued code, with what the counter needs to know of its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct Discount {
    pub id: DiscountId,
    pub public_id: String,
    pub code: DiscountCode,
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
    pub holder: Held,
}

/// The holder of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Their display name.
    pub display_name: String,
    /// Their first name; the display name when they have none.
    pub first_name: String,
    /// Their Telegram id.
    pub telegram_id: TelegramId,
    /// Whether the shop blocks them.
    pub status: user::UserStatus,
}

/// The state of a code at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeState {
    /// The shop revoked it.
    Revoked {
        /// When.
        at: Timestamp,
    },
    /// It was redeemed.
    Redeemed {
        /// When.
        at: Timestamp,
    },
    /// It has expired.
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// It may be redeemed.
    Active,
}

impl CodeState {
    /// The wire word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revoked { .. } => "revoked",
            Self::Redeemed { .. } => "redeemed",
            Self::Expired { .. } => "expired",
            Self::Active => "active",
        }
    }
}

/// A standing redemption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingRedemption {
    /// The row.
    pub id: crate::ids::RedemptionId,
    /// When.
    pub at: Timestamp,
    /// The cashier, if a cashier made it.
    pub cashier: Option<CashierId>,
    /// The actor, if no cashier made it.
    pub actor: Option<String>,
}

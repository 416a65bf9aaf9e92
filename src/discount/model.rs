//! The types of discounts. A state carries its facts; nothing stores a state twice.

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
        /// To win somebody back.
        Winback = "winback",
    }
);

/// A code in a customer's hand, with what the counter needs to know of its owner.
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

/// Who holds a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What to call them.
    pub display_name: String,
    /// What to call them among friends; the display name when they have no first name.
    pub first_name: String,
    /// Where to write to them.
    pub telegram_id: TelegramId,
    /// What the shop thinks of them.
    pub status: user::UserStatus,
}

/// What a code is at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeState {
    /// The shop took it back.
    Revoked {
        /// When.
        at: Timestamp,
    },
    /// It was used at the counter.
    Redeemed {
        /// When.
        at: Timestamp,
    },
    /// Its last day is over.
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

/// A redemption that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingRedemption {
    /// The row.
    pub id: crate::ids::RedemptionId,
    /// When.
    pub at: Timestamp,
    /// By which cashier, if by one.
    pub cashier: Option<CashierId>,
    /// By whom else.
    pub actor: Option<String>,
}

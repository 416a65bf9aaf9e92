//! The pure rules of discounts: which state a code is in, and when a customer may get the next one. Time is an
//! argument.

use crate::clock::{Timestamp, Zone};
use crate::discount::model::{CodeState, Discount};
use crate::discount::template::{Event, Recurrence, Template};

/// The state of a code at `at`. Order of the checks: revoked, redeemed, expired, active (product.md §5).
#[must_use]
pub fn state(discount: &Discount, at: Timestamp) -> CodeState {
    match (discount.revoked_at, discount.redeemed_at) {
        (Some(at), _) => CodeState::Revoked { at },
        (None, Some(at)) => CodeState::Redeemed { at },
        (None, None) if at >= discount.expires_at => CodeState::Expired { at: discount.expires_at },
        (None, None) => CodeState::Active,
    }
}

/// When a customer may get the next code of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// At any time.
    None,
    /// Never: one code per customer.
    Once,
    /// From this instant on.
    From(Timestamp),
}

/// When a template allows another code after one issued at `last`.
#[must_use]
pub fn limit(template: &Template, last: Timestamp, zone: Zone) -> Limit {
    match (template.recurrence, template.event) {
        (Some(Recurrence::Days(days)), _) => Limit::From(last.plus(i64::from(days) * 86_400)),
        (Some(Recurrence::Monthly), _) => Limit::From(zone.month_later(last)),
        (Some(Recurrence::Yearly), _) => Limit::From(zone.year_later(last)),
        (None, Event::Subscription | Event::Birthday) => Limit::Once,
        (None, _) => Limit::None,
    }
}

//! A discount code as JSON, and an attempt to check or redeem it.

use serde::Serialize;

#[cfg(test)]
use super::openapi::schemas;
use crate::db::View;
use crate::discount::model::Usage;
use crate::discount::{self, Condition, Discount, Logged, SourceKind};
use crate::error::Result as ShopResult;
use crate::settings;

/// A discount code.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct DiscountBody {
    id: i64,
    /// The code as shown to people, with the shop's prefix.
    code: String,
    user_id: i64,
    template_id: i64,
    template: String,
    title: String,
    /// The value of the code: hundredths of a percent for `percent`, kopecks for `fixed`.
    value: i64,
    #[cfg_attr(test, schema(value_type = schemas::ValueType))]
    value_type: &'static str,
    usage_type: Usage,
    status: Condition,
    source_kind: SourceKind,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    /// From this instant the code is expired; `last_day` is the day before in the shop's time zone.
    #[cfg_attr(test, schema(format = DateTime))]
    expires_at: String,
    #[cfg_attr(test, schema(format = Date))]
    last_day: String,
    #[cfg_attr(test, schema(format = DateTime))]
    redeemed_at: Option<String>,
    #[cfg_attr(test, schema(format = DateTime))]
    revoked_at: Option<String>,
    is_test: bool,
}

impl DiscountBody {
    fn of(view: &View<'_>, discount: &Discount, prefix: &str) -> Self {
        Self {
            id: discount.id.0,
            code: discount.shown_code(prefix),
            user_id: discount.user.0,
            template_id: discount.template.0,
            template: discount.template_name.clone(),
            title: discount.title.clone(),
            value: discount.value.hundredths(),
            value_type: discount.value.kind(),
            usage_type: discount.usage,
            status: discount::rules::state(discount, view.now()).condition(),
            source_kind: discount.source_kind,
            created_at: discount.created_at.to_string(),
            expires_at: discount.expires_at.to_string(),
            last_day: view.zone().last_day(discount.expires_at).to_string(),
            redeemed_at: discount.redeemed_at.map(|at| at.to_string()),
            revoked_at: discount.revoked_at.map(|at| at.to_string()),
            is_test: discount.realm.is_test(),
        }
    }

    /// A code as JSON; reads the shop's prefix.
    pub(super) fn single(view: &View<'_>, discount: &Discount) -> ShopResult<Self> {
        Ok(Self::of(view, discount, &prefix(view)?))
    }

    /// Several codes as JSON; reads the prefix once.
    pub(super) fn all(view: &View<'_>, discounts: &[Discount]) -> ShopResult<Vec<Self>> {
        let prefix = prefix(view)?;
        Ok(discounts.iter().map(|discount| Self::of(view, discount, &prefix)).collect())
    }
}

fn prefix(view: &View<'_>) -> ShopResult<String> {
    Ok(settings::CODE_PREFIX.text(view)?.unwrap_or_default())
}

/// An attempt to check or redeem a code.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct Attempt {
    #[cfg_attr(test, schema(format = DateTime))]
    at: String,
    status: discount::Attempt,
    /// The code as it was entered.
    typed: String,
    /// The name of the cashier who made the attempt, or the actor if it was no cashier.
    by: Option<String>,
    /// A note about the attempt, such as `user_not_notified` when the message to the customer failed.
    message: Option<String>,
}

impl From<Logged> for Attempt {
    fn from(logged: Logged) -> Self {
        let Logged { at, status, typed, by, message } = logged;
        Self { at: at.to_string(), status, typed, by, message }
    }
}

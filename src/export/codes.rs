//! Exports of codes: their columns, the same as in lists of codes.

use chrono::NaiveDate;

use crate::cell::Column;
use crate::db::View;
use crate::discount::{self, CodeFilter, Discount, rules};
use crate::error::Result;
use crate::realm::Realm;
use crate::settings;

// Two queries, because SQLite finds one end of an index, but reads all of it for both.
const ENDS: &str = "SELECT coalesce((SELECT min(id) FROM discounts), 1), coalesce((SELECT max(id) FROM discounts), 0)";

/// The values of one exported code.
pub(super) struct Code {
    discount: Discount,
    shown: String,
    status: &'static str,
    last_day: NaiveDate,
}

pub(super) const COLUMNS: &[Column<Code>] = &[
    Column::fact("id", |row| row.discount.id.into()),
    Column::fact("code", |row| (&row.shown).into()),
    Column::fact("user_id", |row| row.discount.user.into()),
    Column::fact("template_id", |row| row.discount.template.into()),
    Column::fact("template", |row| (&row.discount.template_name).into()),
    Column::fact("title", |row| (&row.discount.title).into()),
    Column::fact("value", |row| row.discount.value.hundredths().into()),
    Column::fact("value_type", |row| row.discount.value.kind().into()),
    Column::fact("usage_type", |row| row.discount.usage.as_str().into()),
    Column::fact("status", |row| row.status.into()),
    Column::fact("source_kind", |row| row.discount.source_kind.as_str().into()),
    Column::fact("created_at", |row| row.discount.created_at.into()),
    Column::fact("expires_at", |row| row.discount.expires_at.into()),
    Column::fact("last_day", |row| row.last_day.into()),
    Column::fact("redeemed_at", |row| row.discount.redeemed_at.into()),
    Column::fact("revoked_at", |row| row.discount.revoked_at.into()),
    Column::fact("is_test", |row| row.discount.realm.is_test().into()),
];

pub(super) fn ends(view: &View<'_>) -> Result<(i64, i64)> {
    Ok(view.get(ENDS, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

pub(super) fn between(view: &View<'_>, realm: Realm, filter: &CodeFilter, window: (i64, i64)) -> Result<Vec<Code>> {
    let prefix = settings::CODE_PREFIX.text(view)?.unwrap_or_default();
    let row = |discount: Discount| Code {
        shown: discount.shown_code(&prefix),
        status: rules::state(&discount, view.now()).condition().as_str(),
        last_day: view.zone().last_day(discount.expires_at),
        discount,
    };
    Ok(discount::list_between(view, realm, filter, window)?.into_iter().map(row).collect())
}

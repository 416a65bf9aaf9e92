//! Codes as rows, as lists show them.

use super::{Cell, Column};
use crate::db::View;
use crate::discount::{self, Discount, Filter, rules};
use crate::error::Result;
use crate::realm::Realm;
use crate::settings;

const ENDS: &str = "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM discounts";

/// A code as exported.
pub(super) struct Code {
    discount: Discount,
    shown: String,
    status: &'static str,
    last_day: String,
}

pub(super) const COLUMNS: &[Column<Code>] = &[
    Column { key: "id", cell: |row| Cell::Int(row.discount.id.0) },
    Column { key: "code", cell: |row| Cell::said(&row.shown) },
    Column { key: "user_id", cell: |row| Cell::Int(row.discount.user.0) },
    Column { key: "template_id", cell: |row| Cell::Int(row.discount.template.0) },
    Column { key: "template", cell: |row| Cell::said(&row.discount.template_name) },
    Column { key: "title", cell: |row| Cell::said(&row.discount.title) },
    Column { key: "value", cell: |row| Cell::Int(row.discount.value.hundredths()) },
    Column { key: "value_type", cell: |row| Cell::said(&row.discount.value.kind()) },
    Column { key: "usage_type", cell: |row| Cell::said(&row.discount.usage.as_str()) },
    Column { key: "status", cell: |row| Cell::said(&row.status) },
    Column { key: "source_kind", cell: |row| Cell::said(&row.discount.source_kind.as_str()) },
    Column { key: "created_at", cell: |row| Cell::said(&row.discount.created_at) },
    Column { key: "expires_at", cell: |row| Cell::said(&row.discount.expires_at) },
    Column { key: "last_day", cell: |row| Cell::said(&row.last_day) },
    Column { key: "redeemed_at", cell: |row| row.discount.redeemed_at.map_or(Cell::Null, |at| Cell::said(&at)) },
    Column { key: "revoked_at", cell: |row| row.discount.revoked_at.map_or(Cell::Null, |at| Cell::said(&at)) },
    Column { key: "is_test", cell: |row| Cell::Bool(row.discount.realm.is_test()) },
];

pub(super) fn ends(view: &View<'_>) -> Result<(i64, i64)> {
    Ok(view.get(ENDS, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

pub(super) fn between(view: &View<'_>, realm: Realm, filter: &Filter, window: (i64, i64)) -> Result<Vec<Code>> {
    let prefix = settings::CODE_PREFIX.text(view)?.unwrap_or_default();
    let row = |discount: Discount| Code {
        shown: discount.code.shown(&prefix),
        status: rules::state(&discount, view.now()).as_str(),
        last_day: view.zone().last_day(discount.expires_at).to_string(),
        discount,
    };
    Ok(discount::list_between(view, realm, filter, window)?.into_iter().map(row).collect())
}

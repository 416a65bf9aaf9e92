//! Exports of codes: the columns, the same as in lists.

use super::{Cell, ExportColumn};
use crate::db::View;
use crate::discount::{self, CodeFilter, Discount, rules};
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

pub(super) const COLUMNS: &[ExportColumn<Code>] = &[
    ExportColumn { key: "id", cell: |row| Cell::Int(row.discount.id.0) },
    ExportColumn { key: "code", cell: |row| Cell::said(&row.shown) },
    ExportColumn { key: "user_id", cell: |row| Cell::Int(row.discount.user.0) },
    ExportColumn { key: "template_id", cell: |row| Cell::Int(row.discount.template.0) },
    ExportColumn { key: "template", cell: |row| Cell::said(&row.discount.template_name) },
    ExportColumn { key: "title", cell: |row| Cell::said(&row.discount.title) },
    ExportColumn { key: "value", cell: |row| Cell::Int(row.discount.value.hundredths()) },
    ExportColumn { key: "value_type", cell: |row| Cell::said(&row.discount.value.kind()) },
    ExportColumn { key: "usage_type", cell: |row| Cell::said(&row.discount.usage.as_str()) },
    ExportColumn { key: "status", cell: |row| Cell::said(&row.status) },
    ExportColumn { key: "source_kind", cell: |row| Cell::said(&row.discount.source_kind.as_str()) },
    ExportColumn { key: "created_at", cell: |row| Cell::said(&row.discount.created_at) },
    ExportColumn { key: "expires_at", cell: |row| Cell::said(&row.discount.expires_at) },
    ExportColumn { key: "last_day", cell: |row| Cell::said(&row.last_day) },
    ExportColumn { key: "redeemed_at", cell: |row| row.discount.redeemed_at.map_or(Cell::Null, |at| Cell::said(&at)) },
    ExportColumn { key: "revoked_at", cell: |row| row.discount.revoked_at.map_or(Cell::Null, |at| Cell::said(&at)) },
    ExportColumn { key: "is_test", cell: |row| Cell::Bool(row.discount.realm.is_test()) },
];

pub(super) fn ends(view: &View<'_>) -> Result<(i64, i64)> {
    Ok(view.get(ENDS, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

pub(super) fn between(view: &View<'_>, realm: Realm, filter: &CodeFilter, window: (i64, i64)) -> Result<Vec<Code>> {
    let prefix = settings::CODE_PREFIX.text(view)?.unwrap_or_default();
    let row = |discount: Discount| Code {
        shown: discount.code.shown(&prefix),
        status: rules::state(&discount, view.now()).condition().as_str(),
        last_day: view.zone().last_day(discount.expires_at).to_string(),
        discount,
    };
    Ok(discount::list_between(view, realm, filter, window)?.into_iter().map(row).collect())
}

//! Maps the columns of a file to fields. Other programs name their columns differently; the owner gives the column map,
//! and nothing is guessed.

/// The columns of an export of customers. A file must have `telegram_id`; any other column may be missing, and the
/// order is free. `id` and `is_subscribed` are ignored: `id` is a row id of the shop that exported, and only Telegram
/// knows who is subscribed.
pub const COLUMNS: [&str; 14] = [
    "id",
    "telegram_id",
    "username",
    "first_name",
    "last_name",
    "phone",
    "gender",
    "birthday",
    "is_subscribed",
    "source",
    "tags",
    "created_at",
    "last_activity_at",
    "is_test",
];
/// Fields that are never imported, whatever their column is called.
const NOT_TAKEN: [&str; 2] = ["id", "is_subscribed"];

/// A column of another program's file and the field it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The name of the column in the file.
    pub column: String,
    /// The field that the column holds, one of [`COLUMNS`].
    pub field: &'static str,
}

/// What a column of the file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// The column holds this field.
    Field(&'static str),
    /// The column is ignored.
    Ignored,
    /// The column is unknown, which is a fault: an export has no such column, and there is no column map.
    Unknown,
}

impl Mapped {
    /// Reads an entry of the column map, `column=field`; the column's name may contain `=`. `None` for an unknown field
    /// or an empty name.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let (column, field) = typed.rsplit_once('=')?;
        let column = column.trim();
        let field = COLUMNS.into_iter().find(|one| *one == field.trim() && !NOT_TAKEN.contains(one))?;
        (!column.is_empty()).then(|| Self { column: column.to_owned(), field })
    }
}

/// What the column `name` holds. With a column map, columns that are neither in the map nor in an export are ignored.
pub(super) fn column(map: &[Mapped], name: &str) -> Column {
    let mapped = map.iter().find(|mapped| mapped.column == name).map(|mapped| mapped.field);
    match mapped.or_else(|| COLUMNS.into_iter().find(|column| *column == name)) {
        Some("id") => Column::Ignored,
        Some(field) => Column::Field(field),
        None if map.is_empty() => Column::Unknown,
        None => Column::Ignored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_names_a_column_and_a_field() {
        let map = ["Phone 1 - Value=phone", " a=b = first_name", "telegram_id=telegram_id"].map(Mapped::parse);
        let [Some(phone), Some(name), Some(id)] = map else { panic!("{map:?}") };
        assert_eq!((phone.column.as_str(), phone.field), ("Phone 1 - Value", "phone"));
        assert_eq!((name.column.as_str(), name.field), ("a=b", "first_name"));
        assert_eq!(id.field, "telegram_id");
        for wrong in ["Phone", "Phone=", "=phone", "Phone=telephone", "x=id", "x=is_subscribed"] {
            assert_eq!(Mapped::parse(wrong), None, "{wrong}");
        }
        assert_eq!(column(std::slice::from_ref(&phone), "Phone 1 - Value"), Column::Field("phone"));
        assert_eq!(column(&[phone], "Notes"), Column::Ignored);
        assert_eq!((column(&[], "Notes"), column(&[], "id")), (Column::Unknown, Column::Ignored));
    }
}

//! The macro `columns!` makes the columns of a SELECT and the reader of its rows from one list.

use rusqlite::Row;
use rusqlite::types::FromSql;
use serde::de::DeserializeOwned;

/// Declares the columns of a SELECT and the reader of its rows, as a list of the fields of a struct, each with its
/// column.
///
/// ```text
/// columns! {
///     select: Discount as d from "discounts d JOIN users u ON u.id = d.user_id" {
///         id, user = user_id, user_name = "u.name", value = worth(value, "d.value_type"),
///         counts: Counts { sent, failed },
///     }
/// }
/// const BY_ID: &str = select!("WHERE d.id = :id");
/// ```
///
/// This generates the macro `select!`, which expands to a literal of `SELECT d.id, d.user_id, …`, the FROM and the
/// clauses given as its arguments, and the function `Discount::from_row`, which reads the columns by their places in
/// the list. A field is read from
///
/// - `id`: the column of its name, here `d.id`;
/// - `user = user_id`: another column of `d`;
/// - `user_name = "u.name"`: any SQL (a `concat!` stands in parentheses);
/// - `value = worth(value, "d.value_type")`: several columns, by a function that returns a `rusqlite::Result`;
/// - `counts: Counts { … }`: the columns of a struct.
///
/// `as` is left out for a table without an alias, and `from` if the arguments of `select!` begin with `FROM`. The
/// compiler refuses a list that leaves out a field of the struct.
macro_rules! columns {
    ($select:ident: $row_type:ident $(as $alias:ident)? $(from $from:literal)? { $($fields:tt)+ }) => {
        $crate::db::columns!(@select ($) $select ($($alias)?) ($(, " FROM ", $from)?) { $($fields)+ });

        impl $row_type {
            pub(crate) fn from_row(row: &::rusqlite::Row<'_>) -> ::rusqlite::Result<Self> {
                let mut at = 0;
                Ok($crate::db::columns!(@read row at $row_type { $($fields)+ }))
            }
        }
    };

    // Defines the macro `select!`. `$d` stands for a dollar sign, because that macro has a repetition of its own.
    (@select ($d:tt) $select:ident $alias:tt ($($from:tt)*) $fields:tt) => {
        macro_rules! $select {
            ($d($d clause:expr),* $d(,)?) => {
                concat!("SELECT ", $crate::db::columns!(@list $alias $fields) $($from)* $d(, " ", $d clause)*)
            };
        }
    };

    // Makes the list of the columns, separated by commas, as one string literal.
    (@list $alias:tt
        { $($field:ident $(: $part:ident $fields:tt)? $(= $column:tt $(($($of:tt),+))?)?),+ $(,)? }) => {
        $crate::db::columns!(@join $alias $([$field $(: $fields)? $(= $column $(($($of),+))?)?])+)
    };
    (@join $alias:tt [$($first:tt)+] $([$($other:tt)+])*) => {
        concat!(
            $crate::db::columns!(@column $alias $($first)+)
            $(, ", ", $crate::db::columns!(@column $alias $($other)+))*
        )
    };
    (@column $alias:tt $field:ident : $fields:tt) => { $crate::db::columns!(@list $alias $fields) };
    (@column $alias:tt $field:ident = $make:ident ($($of:tt),+)) => { $crate::db::columns!(@join $alias $([$of])+) };
    (@column $alias:tt $field:ident = $column:tt) => { $crate::db::columns!(@column $alias $column) };
    (@column $alias:tt $sql:literal) => { $sql };
    (@column $alias:tt ($sql:expr)) => { $sql };
    (@column () $name:ident) => { stringify!($name) };
    (@column ($alias:ident) $name:ident) => { concat!(stringify!($alias), ".", stringify!($name)) };

    // Reads the struct. Rust evaluates the fields in the order in which they are written, which is the order of the
    // columns.
    (@read $row:ident $at:ident $row_type:ident
        { $($field:ident $(: $part:ident $fields:tt)? $(= $column:tt $(($($of:tt),+))?)?),+ $(,)? }) => {
        $row_type {
            $($field: $crate::db::columns!(@value $row $at $(: $part $fields)? $(= $column $(($($of),+))?)?)),+
        }
    };
    (@value $row:ident $at:ident : $part:ident $fields:tt) => {
        $crate::db::columns!(@read $row $at $part $fields)
    };
    (@value $row:ident $at:ident = $make:ident ($($of:tt),+)) => {
        $make($($crate::db::columns!(@value $row $at = $of)),+)?
    };
    (@value $row:ident $at:ident $(= $column:tt)?) => { $crate::db::next_column($row, &mut $at)? };
}

pub(crate) use columns;

/// The value of column number `at`; increments `at` to the next column.
pub(crate) fn next_column<T: FromSql>(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<T> {
    let value = row.get(*at)?;
    *at += 1;
    Ok(value)
}

/// Reads the JSON text of a column, for `columns!`. NULL, and text that does not parse, give the default value.
pub(crate) fn from_json<T: DeserializeOwned + Default>(stored: Option<String>) -> rusqlite::Result<T> {
    Ok(stored.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::from_json;

    #[derive(Debug, PartialEq)]
    struct Counts {
        sent: i64,
        failed: Option<i64>,
    }

    #[derive(Debug, PartialEq)]
    struct Letter {
        id: i64,
        chat: i64,
        size: String,
        name: String,
        counts: Counts,
        tags: Vec<String>,
    }

    columns! {
        select: Letter as l from "letters l JOIN chats c ON c.id = l.chat_id" {
            id, chat = chat_id, size = "length(l.body) || ' letters'", name = full("c.first", "c.last"),
            counts: Counts { sent, failed = "nullif(l.failed, 0)" }, tags = from_json(tags),
        }
    }
    const BY_ID: &str = select!("WHERE l.id = :id");
    const LAST: &str = select!("WHERE l.sent > 0", "ORDER BY l.id DESC LIMIT 1");

    columns! { select_counts: Counts { sent, failed } }
    const COUNTS: &str = select_counts!("FROM letters WHERE id = :id");
    const NO_COUNTS: &str = select_counts!();

    #[expect(clippy::needless_pass_by_value, reason = "a reader hands over what it has read")]
    fn full(first: Option<String>, last: String) -> rusqlite::Result<String> {
        first.map(|first| format!("{first} {last}")).ok_or(rusqlite::Error::QueryReturnedNoRows)
    }

    fn letters() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE chats (id INTEGER PRIMARY KEY, first TEXT, last TEXT);
                CREATE TABLE letters (failed INTEGER, sent INTEGER, tags TEXT, body TEXT, chat_id INTEGER, id INTEGER);
                INSERT INTO chats VALUES (7, 'Ann', 'Lee'), (8, NULL, 'Lee');
                INSERT INTO letters VALUES (0, 3, '[\"vip\"]', 'Hello', 7, 1), (2, 0, 'odd', 'Bye', 8, 2);",
            )
            .unwrap();
        connection
    }

    #[test]
    fn the_statement_lists_the_columns_in_the_order_of_the_fields() {
        let columns =
            "l.id, l.chat_id, length(l.body) || ' letters', c.first, c.last, l.sent, nullif(l.failed, 0), l.tags";
        let head = format!("SELECT {columns} FROM letters l JOIN chats c ON c.id = l.chat_id");
        assert_eq!(BY_ID, format!("{head} WHERE l.id = :id"));
        assert_eq!(LAST, format!("{head} WHERE l.sent > 0 ORDER BY l.id DESC LIMIT 1"));
        assert_eq!(COUNTS, "SELECT sent, failed FROM letters WHERE id = :id");
        assert_eq!(NO_COUNTS, "SELECT sent, failed");
    }

    #[test]
    fn every_field_is_read_from_its_column() {
        let counts = Counts { sent: 3, failed: None };
        let (size, name, tags) = ("5 letters".to_owned(), "Ann Lee".to_owned(), vec!["vip".to_owned()]);
        let read = letters().query_row(BY_ID, [1], Letter::from_row).unwrap();
        assert_eq!(read, Letter { id: 1, chat: 7, size, name, counts, tags });
        let read = letters().query_row(COUNTS, [2], Counts::from_row).unwrap();
        assert_eq!(read, Counts { sent: 0, failed: Some(2) });
    }

    #[test]
    fn what_a_function_cannot_read_fails_the_row() {
        let failed = letters().query_row(BY_ID, [2], Letter::from_row).unwrap_err();
        assert_eq!(failed, rusqlite::Error::QueryReturnedNoRows);
    }

    #[test]
    fn json_that_cannot_be_read_is_the_default() {
        assert_eq!(from_json::<Vec<i64>>(Some("[1, 2]".into())).unwrap(), [1, 2]);
        assert!(from_json::<Vec<i64>>(Some("odd".into())).unwrap().is_empty());
        assert!(from_json::<Vec<i64>>(None).unwrap().is_empty());
    }
}

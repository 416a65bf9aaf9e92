//! A file of people as rows: the CSV and the JSON lines that an export writes, told apart by their first character. Every
//! row is judged whole, so that whoever repairs the file reads of all that is wrong at once. Nothing is looked up here.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde_json::Value;

use super::Incoming;
use crate::clock::{Timestamp, human_date};
use crate::ids::TelegramId;
use crate::realm::Realm;
use crate::sheet::{listed, rows, unguarded};
use crate::user::{Country, Gender, MOST_TAGS, Phone, Tag, birthday};

/// The columns of an export of customers. A file may lack all but `telegram_id`, in any order; `id` is another shop's and
/// `is_subscribed` is Telegram's to say, so both are read past.
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
/// Shown on whoever has blocked the bot, and no tag: what Telegram says is not taken from a file.
const BLOCKED_BOT: &str = "blocked_bot";
/// As long as the names that come from Telegram.
const LONGEST_TEXT: usize = 256;
/// Telegram's ids have at most 52 bits.
const LARGEST_ID: i64 = 1 << 52;
/// So many faults are told one by one.
const MOST_FAULTS: usize = 1000;

/// What is wrong at one place of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line its row begins on, from 1.
    pub line: usize,
    /// The column; `row` for all of it.
    pub field: String,
    /// Catalogue key of the rule it breaks.
    pub rule: &'static str,
}

/// A file as read.
#[derive(Debug, Default)]
pub struct Reading {
    /// The rows nothing is wrong with.
    pub people: Vec<Incoming>,
    /// What is wrong, in the order of the file; the first thousand.
    pub faults: Vec<Fault>,
    /// How many rows are wrong.
    pub wrong: usize,
}

/// What rows are measured by.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// The world people are read for; a row of the other one is wrong.
    pub realm: Realm,
    /// Nothing can have happened later.
    pub now: Timestamp,
    /// The shop's day.
    pub today: NaiveDate,
    /// Where phones are typed without a country code.
    pub country: Country,
}

/// What a row says, by column. An empty cell says nothing.
#[derive(Default)]
struct Row {
    line: usize,
    texts: BTreeMap<&'static str, String>,
    tags: Vec<String>,
    faults: Vec<Fault>,
}

/// Reads a whole file.
#[must_use]
pub fn read(text: &str, terms: Terms) -> Reading {
    let text = text.trim_start_matches('\u{feff}');
    let found = if text.trim_start().starts_with('{') { objects(text) } else { sheet(text) };
    let (mut reading, mut seen) = (Reading::default(), HashMap::new());
    for row in found {
        let line = row.line;
        let (person, mut faults) = judged(row, terms);
        if let Some(person) = &person
            && seen.insert(person.telegram_id, line).is_some()
        {
            faults.push(fault(line, "telegram_id", "import.rule.twice"));
        }
        match person {
            Some(person) if faults.is_empty() => reading.people.push(person),
            _ => reading.wrong += 1,
        }
        let room = MOST_FAULTS.saturating_sub(reading.faults.len());
        reading.faults.extend(faults.into_iter().take(room));
    }
    reading
}

fn fault(line: usize, field: &str, rule: &'static str) -> Fault {
    Fault { line, field: field.chars().take(40).collect(), rule }
}

fn column(name: &str) -> Option<&'static str> {
    COLUMNS.into_iter().find(|column| *column == name)
}

/// JSON lines: an object each.
fn objects(text: &str) -> Vec<Row> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| object(at + 1, line)).collect()
}

fn object(line: usize, text: &str) -> Row {
    let mut row = Row { line, ..Row::default() };
    let Ok(Value::Object(fields)) = serde_json::from_str(text) else {
        row.faults.push(fault(line, "row", "import.rule.json"));
        return row;
    };
    for (key, value) in fields {
        match (column(&key), value) {
            (None, _) => row.faults.push(fault(line, &key, "import.rule.column")),
            (Some(_), Value::Null) => {}
            (Some(column), Value::String(text)) => row.say(column, &text),
            (Some(column), Value::Number(number)) => row.say(column, &number.to_string()),
            (Some(column), Value::Bool(is)) => row.say(column, &is.to_string()),
            (Some("tags"), Value::Array(tags)) if tags.iter().all(Value::is_string) => {
                row.tags = tags.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            }
            (Some(column), _) => row.faults.push(fault(line, column, "import.rule.kind")),
        }
    }
    row
}

/// CSV: the first row names the columns, empty cells behind them apart. When it does not, nothing else is read.
fn sheet(text: &str) -> Vec<Row> {
    let mut rows = rows(text).into_iter();
    let (line, names) = rows.next().unwrap_or((1, Vec::new()));
    let mut head = Row { line, ..Row::default() };
    let mut columns = Vec::new();
    let named = names.iter().rposition(|name| !name.trim().is_empty()).map_or(0, |last| last + 1);
    for name in names.iter().take(named).map(|name| name.trim()) {
        match column(name) {
            Some(column) if columns.contains(&column) => {
                head.faults.push(fault(line, name, "import.rule.column_twice"))
            }
            Some(column) => columns.push(column),
            None => head.faults.push(fault(line, name, "import.rule.column")),
        }
    }
    if head.faults.is_empty() && !columns.contains(&"telegram_id") {
        head.faults.push(fault(line, "telegram_id", "import.rule.no_column"));
    }
    if !head.faults.is_empty() {
        return vec![head];
    }
    let rows = rows.filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    rows.map(|(line, cells)| record(line, &columns, &cells)).collect()
}

/// Empty cells behind the last column are what spreadsheets leave there.
fn record(line: usize, columns: &[&'static str], cells: &[String]) -> Row {
    let mut row = Row { line, ..Row::default() };
    let beyond = cells.iter().skip(columns.len()).any(|cell| !cell.trim().is_empty());
    if cells.len() < columns.len() || beyond {
        row.faults.push(fault(line, "row", "import.rule.cells"));
        return row;
    }
    for (column, cell) in columns.iter().zip(cells) {
        row.say(column, &unguarded(cell));
    }
    row
}

impl Row {
    fn say(&mut self, column: &'static str, text: &str) {
        if column == "tags" {
            self.tags = listed(text);
        } else if !text.is_empty() {
            self.texts.insert(column, text.to_owned());
        }
    }

    /// What `field` says, read; nothing when it says nothing, or nothing that can be.
    fn take<T>(&mut self, field: &'static str, rule: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.texts.remove(field)?;
        let read = read(&text);
        if read.is_none() {
            self.faults.push(fault(self.line, field, rule));
        }
        read
    }

    fn name(&mut self, field: &'static str) -> Option<String> {
        self.take(field, "import.rule.text", text)
    }

    fn instant(&mut self, field: &'static str, now: Timestamp) -> Option<Timestamp> {
        self.take(field, "import.rule.instant", |text| {
            Timestamp::parse(text.trim()).filter(|at| (Timestamp(0)..=now).contains(at))
        })
    }

    fn tags(&mut self) -> Vec<Tag> {
        let mut tags: Vec<Tag> = Vec::new();
        for typed in std::mem::take(&mut self.tags).iter().filter(|tag| *tag != BLOCKED_BOT) {
            match Tag::parse(typed) {
                Ok(tag) if tags.contains(&tag) => {}
                Ok(tag) => tags.push(tag),
                Err(_) => self.faults.push(fault(self.line, "tags", "rule.tag")),
            }
        }
        if tags.len() > MOST_TAGS {
            self.faults.push(fault(self.line, "tags", "import.rule.tags"));
        }
        tags
    }
}

/// The person a row is about, and all that is wrong with it. A row that names nobody is wrong.
fn judged(mut row: Row, terms: Terms) -> (Option<Incoming>, Vec<Fault>) {
    if !row.faults.is_empty() {
        return (None, row.faults);
    }
    if !row.texts.contains_key("telegram_id") {
        row.faults.push(fault(row.line, "telegram_id", "import.rule.telegram_id"));
    }
    let telegram_id = row.take("telegram_id", "import.rule.telegram_id", telegram_id);
    row.take("is_test", "import.rule.bool", yes_or_no)
        .filter(|is_test| *is_test != terms.realm.is_test())
        .inspect(|_| row.faults.push(fault(row.line, "is_test", "import.rule.world")));
    row.take("is_subscribed", "import.rule.bool", yes_or_no);
    let person = Incoming {
        line: row.line,
        telegram_id: telegram_id.unwrap_or(TelegramId(0)),
        username: row.take("username", "import.rule.text", |name| text(name.trim().trim_start_matches('@'))),
        first_name: row.name("first_name"),
        last_name: row.name("last_name"),
        phone: row.take("phone", "import.rule.phone", |cell| Phone::parse(cell, terms.country).ok()),
        gender: row.take("gender", "import.rule.gender", |word| Gender::parse(&word.trim().to_lowercase())),
        birthday: row.take("birthday", "import.rule.birthday", |typed| born(typed.trim(), terms.today)),
        source: row.take("source", "import.rule.text", |source| text(source.trim())),
        tags: row.tags(),
        created_at: row.instant("created_at", terms.now),
        last_activity_at: row.instant("last_activity_at", terms.now),
    };
    (telegram_id.map(|_| person), row.faults)
}

fn telegram_id(typed: &str) -> Option<TelegramId> {
    let id = typed.trim().parse().ok()?;
    (1..LARGEST_ID).contains(&id).then_some(TelegramId(id))
}

/// Any text that people may be called by; only what no database column can hold is none.
fn text(text: &str) -> Option<String> {
    (text.chars().count() <= LONGEST_TEXT && !text.contains('\0')).then(|| text.to_owned())
}

/// `2002-02-03`, or as a Russian spreadsheet turns it: `03.02.2002`.
fn born(typed: &str, today: NaiveDate) -> Option<NaiveDate> {
    let spelt = typed.parse().map_or_else(|_| typed.to_owned(), human_date);
    birthday::parse(&spelt, today)
}

/// Also as a Russian spreadsheet turns it.
fn yes_or_no(typed: &str) -> Option<bool> {
    match typed.trim().to_lowercase().as_str() {
        "true" | "истина" | "1" => Some(true),
        "false" | "ложь" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> Terms {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        Terms {
            realm: Realm::Real,
            now: Timestamp::parse("2026-11-22T09:00:00Z").unwrap(),
            today,
            country: Country::RUSSIA,
        }
    }

    fn faults(text: &str) -> Vec<(usize, String, &'static str)> {
        let reading = read(text, terms());
        reading.faults.into_iter().map(|fault| (fault.line, fault.field, fault.rule)).collect()
    }

    #[test]
    fn what_a_russian_spreadsheet_makes_of_an_export_is_understood() {
        let text = "\u{feff}telegram_id;first_name;phone;birthday;is_test;tags;;\r\n\
                    42;'=Анна;79141234567;03.02.2002;ЛОЖЬ;vip, Новый;;\r\n;;;;;;;\r\n";
        let reading = read(text, terms());
        assert_eq!(reading.faults, [] as [Fault; 0]);
        let [person] = reading.people.as_slice() else { panic!("{reading:?}") };
        assert_eq!((person.line, person.telegram_id, person.first_name.as_deref()), (2, TelegramId(42), Some("=Анна")));
        assert_eq!(person.phone.as_ref().unwrap().as_str(), "+79141234567");
        assert_eq!(person.birthday, NaiveDate::from_ymd_opt(2002, 2, 3));
        assert_eq!(person.tags.iter().map(Tag::as_str).collect::<Vec<_>>(), ["vip", "новый"]);
    }

    #[test]
    fn every_fault_is_named_by_line_and_field() {
        let head = "telegram_id,first_name,phone,gender,birthday,tags,created_at,is_test\n";
        let long = "я".repeat(257);
        for (row, field, rule) in [
            (",Анна,,,,,,", "telegram_id", "import.rule.telegram_id"),
            ("0,,,,,,,", "telegram_id", "import.rule.telegram_id"),
            ("4.2E+11,,,,,,,", "telegram_id", "import.rule.telegram_id"),
            ("4503599627370496,,,,,,,", "telegram_id", "import.rule.telegram_id"),
            (&format!("1,{long},,,,,,"), "first_name", "import.rule.text"),
            ("1,\0,,,,,,", "first_name", "import.rule.text"),
            ("1,,7.9E+10,,,,,", "phone", "import.rule.phone"),
            ("1,,,woman,,,,", "gender", "import.rule.gender"),
            ("1,,,,2027-01-01,,,", "birthday", "import.rule.birthday"),
            ("1,,,,03.02.02,,,", "birthday", "import.rule.birthday"),
            (&format!("1,,,,,{},,", "т".repeat(33)), "tags", "rule.tag"),
            ("1,,,,,,2026-11-22T09:00:01Z,", "created_at", "import.rule.instant"),
            ("1,,,,,,22.11.2026,", "created_at", "import.rule.instant"),
            ("1,,,,,,,true", "is_test", "import.rule.world"),
            ("1,,,,,,,maybe", "is_test", "import.rule.bool"),
            ("1,,,,", "row", "import.rule.cells"),
            ("1,,,,,,,false,more", "row", "import.rule.cells"),
        ] {
            assert_eq!(faults(&format!("{head}{row}\n")), [(2, field.to_owned(), rule)], "{row}");
        }
        let twenty_one = (0..21).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(faults(&format!("telegram_id;tags\n7;{twenty_one}\n")), [(2, "tags".into(), "import.rule.tags")]);
        assert_eq!(faults("telegram_id\n7\n8\n7\n"), [(4, "telegram_id".into(), "import.rule.twice")]);
        let both = faults("telegram_id,gender,phone\n7,x,y\n");
        assert_eq!(both.iter().map(|(_, field, _)| field.as_str()).collect::<Vec<_>>(), ["phone", "gender"]);
    }

    #[test]
    fn columns_nobody_knows_are_no_columns() {
        assert_eq!(faults("telegram_id,note\n7,x\n"), [(1, "note".into(), "import.rule.column")]);
        assert_eq!(faults("telegram_id,phone,phone\n"), [(1, "phone".into(), "import.rule.column_twice")]);
        assert_eq!(faults("first_name\nx\n"), [(1, "telegram_id".into(), "import.rule.no_column")]);
        assert_eq!(faults("{\"telegram_id\":7,\"note\":1}\n"), [(1, "note".into(), "import.rule.column")]);
        assert_eq!(faults("{\"telegram_id\":7}\n\n{oops\n"), [(3, "row".into(), "import.rule.json")]);
        assert_eq!(faults("{\"telegram_id\":7,\"phone\":[]}\n"), [(1, "phone".into(), "import.rule.kind")]);
        assert_eq!(faults(""), [(1, "telegram_id".into(), "import.rule.no_column")]);
    }
}

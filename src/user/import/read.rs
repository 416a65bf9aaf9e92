//! Reads a file of customers: returns the valid rows, and every fault of the other rows, so that an owner can repair
//! the file after one reading. Does not use the database.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::Incoming;
use super::encoding::{Encoding, decoded};
use super::fault::{FileFault, fault};
use super::lines::{Row, lines};
use super::mapping::Mapped;
use super::values::{born, gender, telegram_id, text, username, whole, yes_or_no};
use crate::clock::Timestamp;
use crate::ids::TelegramId;
use crate::realm::Realm;
use crate::user::{Country, MOST_TAGS, Phone, Tag};

/// The marker of customers who blocked the bot, in the column of tags. It is not a tag: this state comes from Telegram,
/// not from a file.
const BLOCKED_BOT: &str = "blocked_bot";
/// The most faults reported one by one.
const MOST_FAULTS: usize = 1000;

/// The result of reading a file of customers.
#[derive(Debug, Default)]
pub struct Reading {
    /// The people of the valid rows.
    pub people: Vec<Incoming>,
    /// The faults, in the order of the file; at most the first thousand.
    pub faults: Vec<FileFault>,
    /// How many rows have faults.
    pub wrong: usize,
    /// The file's encoding.
    pub encoding: Encoding,
    /// The number of the last line, if the line does not end with a line break: the file may be cut off in its last
    /// value.
    pub unterminated: Option<usize>,
    /// The names of the columns that were ignored because the column map does not have them.
    pub ignored: Vec<String>,
    /// Pairs of lines with the same phone: the first line that has the phone, and a later one.
    pub same_phone: Vec<(usize, usize)>,
    /// Lines whose phone had an extension; the extension is dropped.
    pub extensions: Vec<usize>,
}

/// What a file's rows are checked against.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'m> {
    /// The realm of the import; a row of the other realm is a fault.
    pub realm: Realm,
    /// The present time; a later instant in the file is a fault.
    pub now: Timestamp,
    /// The shop's present day.
    pub today: NaiveDate,
    /// The country in whose format phones without a country code are read.
    pub country: Country,
    /// The column map for another program's file.
    pub map: &'m [Mapped],
}

/// Reads a whole file.
#[must_use]
pub fn read(bytes: Vec<u8>, terms: Terms<'_>) -> Reading {
    let (text, encoding) = match decoded(bytes) {
        Ok(decoded) => decoded,
        Err(fault) => return Reading { faults: vec![fault], wrong: 1, ..Reading::default() },
    };
    let found = lines(&text, terms.map);
    let mut reading =
        Reading { encoding, unterminated: found.unterminated, ignored: found.ignored, ..Reading::default() };
    let (mut ids, mut phones) = (HashMap::new(), HashMap::new());
    for row in found.rows {
        let line = row.line;
        let Judged { person, mut faults, has_extension } = judged(row, terms);
        if let Some(person) = &person {
            if let Some(before) = ids.insert(person.telegram_id, line) {
                let value = format!("{} ({before})", person.telegram_id.0);
                faults.push(fault(line, "telegram_id", &value, "import.rule.twice"));
            }
            if let Some(phone) = &person.phone {
                let first = *phones.entry(phone.as_str().to_owned()).or_insert(line);
                reading.same_phone.extend(Some((first, line)).filter(|_| first != line));
            }
        }
        reading.extensions.extend(Some(line).filter(|_| has_extension));
        match person {
            Some(person) if faults.is_empty() => reading.people.push(person),
            _ => reading.wrong += 1,
        }
        let room = MOST_FAULTS.saturating_sub(reading.faults.len());
        reading.faults.extend(faults.into_iter().take(room));
    }
    reading
}

impl Row {
    /// Takes the row's value of `field`. `None` when the row has no value, or an invalid value, which is added to the
    /// row's faults.
    fn take<T>(&mut self, field: &'static str, rule: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.texts.remove(field)?;
        let read = read(&text);
        if read.is_none() {
            self.blame(field, &text, rule);
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
                Err(_) => self.blame("tags", typed, "rule.tag"),
            }
        }
        if tags.len() > MOST_TAGS {
            self.blame("tags", &tags.len().to_string(), "import.rule.tags");
        }
        tags
    }
}

/// The person of a row, and every fault of the row.
struct Judged {
    person: Option<Incoming>,
    faults: Vec<FileFault>,
    has_extension: bool,
}

/// Checks a row. A missing Telegram id is a fault.
fn judged(mut row: Row, terms: Terms<'_>) -> Judged {
    if !row.faults.is_empty() {
        return Judged { person: None, faults: row.faults, has_extension: false };
    }
    if !row.texts.contains_key("telegram_id") {
        row.blame("telegram_id", "", "import.rule.telegram_id");
    }
    let telegram_id = row.take("telegram_id", "import.rule.telegram_id", telegram_id);
    let is_test = row.texts.get("is_test").cloned().unwrap_or_default();
    row.take("is_test", "import.rule.bool", yes_or_no)
        .filter(|is_test| *is_test != terms.realm.is_test())
        .inspect(|_| row.blame("is_test", &is_test, "import.rule.world"));
    row.take("is_subscribed", "import.rule.bool", yes_or_no);
    let phone = row.take("phone", "import.rule.phone", |cell| Phone::read(whole(cell.trim()), terms.country).ok());
    let has_extension = phone.as_ref().is_some_and(|read| read.extension.is_some());
    let person = Incoming {
        line: row.line,
        telegram_id: telegram_id.unwrap_or(TelegramId(0)),
        username: row.take("username", "import.rule.username", username),
        first_name: row.name("first_name"),
        last_name: row.name("last_name"),
        phone: phone.map(|read| read.phone),
        gender: row.take("gender", "import.rule.gender", gender),
        birthday: row.take("birthday", "import.rule.birthday", |typed| born(typed, terms.today)),
        source: row.take("source", "import.rule.text", |source| text(source.trim())),
        tags: row.tags(),
        created_at: row.instant("created_at", terms.now),
        last_activity_at: row.instant("last_activity_at", terms.now),
    };
    Judged { person: telegram_id.map(|_| person), faults: row.faults, has_extension }
}

#[cfg(test)]
mod tests;

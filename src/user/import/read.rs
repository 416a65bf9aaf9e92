//! Reads a file of customers twice: first it returns every fault of the file, so that an owner can repair the file after
//! one reading, and then the people of a file without faults. Neither the file nor its rows are in memory as a whole.
//! Does not use the database.

use std::cell::RefCell;
use std::io::{Read, Seek};

use chrono::NaiveDate;

use super::Incoming;
use super::encoding::{Coding, Detector, Encoding};
use super::fault::{FileFault, fault};
use super::lines::{Form, Lines, Notes, Row};
use super::mapping::Mapped;
use super::repeats::{Occurrence, Repeats};
use super::source::{Source, Text, Unreadable};
use super::values::{born, gender, telegram_id, text, username, whole, yes_or_no};
use crate::clock::Timestamp;
use crate::ids::TelegramId;
use crate::realm::Realm;
use crate::sheet::separator_of;
use crate::user::{Country, MOST_TAGS, Phone, Tag};

/// The marker of customers who blocked the bot, in the column of tags. It is not a tag: this state comes from Telegram,
/// not from a file.
const BLOCKED_BOT: &str = "blocked_bot";
/// The most faults, pairs and lines that are kept one by one.
const MOST_TOLD: usize = 1000;

/// The first thousand of something, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First<T> {
    /// The first thousand, in the order of the file.
    pub first: Vec<T>,
    /// How many there are.
    pub total: usize,
}

impl<T> Default for First<T> {
    fn default() -> Self {
        Self { first: Vec::new(), total: 0 }
    }
}

impl<T> First<T> {
    /// Adds the next one of the file.
    pub fn add(&mut self, next: T) {
        self.total += 1;
        if self.first.len() < MOST_TOLD {
            self.first.push(next);
        }
    }

    /// Adds one from anywhere in the file; `place` says where. The first ones are in order only after [`First::sort`].
    fn add_unordered<K: Ord>(&mut self, one: T, place: impl Fn(&T) -> K) {
        self.total += 1;
        self.first.push(one);
        if self.first.len() >= 2 * MOST_TOLD {
            self.sort(place);
        }
    }

    fn sort<K: Ord>(&mut self, place: impl Fn(&T) -> K) {
        self.first.sort_by_key(place);
        self.first.truncate(MOST_TOLD);
    }
}

/// The result of reading a file of customers to its end.
#[derive(Debug, Default)]
pub struct Reading {
    /// The faults, in the order of the file; at most the first thousand.
    pub faults: Vec<FileFault>,
    /// How many rows have faults.
    pub wrong: usize,
    /// How many rows have none.
    pub right: usize,
    /// The file's encoding.
    pub encoding: Encoding,
    /// The number of the last line, if the line does not end with a line break: the file may be cut off in its last
    /// value.
    pub unterminated: Option<usize>,
    /// The names of the columns that were ignored because the column map does not have them.
    pub ignored: Vec<String>,
    /// Pairs of lines with the same phone: the first line that has the phone, and a later one.
    pub same_phone: First<(usize, usize)>,
    /// Lines whose phone had an extension; the extension is dropped.
    pub extensions: First<usize>,
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

/// A file of customers. Its encoding and form are known; its rows are read from the beginning as often as needed.
pub struct CustomerFile<R> {
    source: Source<R>,
    digest: String,
    /// How the file is decoded and split into rows; else the place that no encoding fits.
    form: Result<(Coding, Form), FileFault>,
}

impl<R: Read + Seek> CustomerFile<R> {
    /// Reads the file once, to find its encoding and form.
    pub fn open(from: R) -> Result<Self, Unreadable> {
        let mut detector = Detector::default();
        let (mut source, digest) = Source::examined(from, |block| detector.take(block))?;
        let form = match detector.end() {
            Ok(coding) => Ok((coding, form(&mut source, coding)?)),
            Err(fault) => Err(fault),
        };
        Ok(Self { source, digest, form })
    }

    /// The SHA-256 of the file.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Reads the whole file. Passes the people of the rows without faults of their own to `each`; they may still repeat
    /// a person of an earlier row, which is known only at the end.
    pub fn check(&mut self, terms: Terms<'_>, mut each: impl FnMut(Incoming)) -> Result<Reading, Unreadable> {
        let (coding, form) = match &self.form {
            Ok(form) => *form,
            Err(fault) => return Ok(Reading { faults: vec![fault.clone()], wrong: 1, ..Reading::default() }),
        };
        let mut lines = Lines::new(self.source.text(coding)?, form, terms.map);
        let mut check = Check::default();
        for row in lines.by_ref() {
            let line = row.line;
            if let Some(person) = check.take(line, judged(row, terms))? {
                each(person);
            }
        }
        let notes = lines.notes;
        self.source.failure().map_or(Ok(()), Err)?;
        check.end(coding, notes)
    }

    /// The people of a file in which [`CustomerFile::check`] found no fault.
    pub fn people<'f>(&'f mut self, terms: Terms<'f>) -> Result<People<'f, R>, Unreadable> {
        let (coding, form) = *self.form.as_ref().map_err(|_| Unreadable::Changed)?;
        let text = self.source.text(coding)?;
        let failure = text.failure();
        Ok(People { lines: Lines::new(text, form, terms.map), terms, failure, is_broken: false })
    }
}

/// Finds the form of a file's rows by its text.
fn form<R: Read + Seek>(source: &mut Source<R>, coding: Coding) -> Result<Form, Unreadable> {
    let first = source.text(coding)?.find(|c| !c.is_whitespace());
    let form = match first {
        Some('{' | '[') => Form::Objects { end: if source.text(coding)?.any(|c| c == '\n') { '\n' } else { '\r' } },
        _ => {
            let (separator, skipped) = separator_of(source.text(coding)?);
            Form::Sheet { separator, skipped }
        }
    };
    source.failure().map_or(Ok(form), Err)
}

/// The people of a file, read one after another. After an error there are none.
pub struct People<'f, R: Read> {
    lines: Lines<'f, Text<'f, R>>,
    terms: Terms<'f>,
    failure: &'f RefCell<Option<Unreadable>>,
    is_broken: bool,
}

impl<R: Read> Iterator for People<'_, R> {
    type Item = Result<Incoming, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_broken {
            return None;
        }
        let row = self.lines.next();
        // When the text ends too early, the row may be only the beginning of one.
        let read = match (self.failure.take(), row) {
            (Some(failure), _) => Err(failure),
            (None, None) => return None,
            (None, Some(row)) => judged(row, self.terms).right().ok_or(Unreadable::Changed),
        };
        self.is_broken = read.is_err();
        Some(read)
    }
}

/// What is known of the rows so far.
#[derive(Default)]
struct Check {
    reading: Reading,
    ids: Repeats,
    phones: Repeats,
}

impl Check {
    /// Notes a row. Returns its person if the row has no fault of its own.
    fn take(&mut self, line: usize, row: Judged) -> Result<Option<Incoming>, Unreadable> {
        if let Some(person) = &row.person {
            let place = |value| Occurrence { value, line, is_wrong: !row.faults.is_empty() };
            self.ids.add(place(person.telegram_id.0.unsigned_abs()))?;
            // A number of E.164 has at most 15 digits.
            let phone = person.phone.as_ref().and_then(|phone| phone.as_str().trim_start_matches('+').parse().ok());
            phone.map_or(Ok(()), |phone| self.phones.add(place(phone)))?;
        }
        if row.has_extension {
            self.reading.extensions.add(line);
        }
        let room = MOST_TOLD.saturating_sub(self.reading.faults.len());
        self.reading.faults.extend(row.faults.iter().take(room).cloned());
        let person = row.right();
        *if person.is_some() { &mut self.reading.right } else { &mut self.reading.wrong } += 1;
        Ok(person)
    }

    fn end(self, coding: Coding, notes: Notes) -> Result<Reading, Unreadable> {
        let Self { mut reading, ids, phones } = self;
        reading.note_repeated_people(ids)?;
        let later = |(_, later): &(usize, usize)| *later;
        phones.find(|first, _, place| reading.same_phone.add_unordered((first.line, place.line), later))?;
        reading.same_phone.sort(later);
        (reading.encoding, reading.unterminated, reading.ignored) = (coding.name(), notes.unterminated, notes.ignored);
        Ok(reading)
    }
}

impl Reading {
    /// Blames each row whose person an earlier row has.
    fn note_repeated_people(&mut self, ids: Repeats) -> Result<(), Unreadable> {
        let mut twice = First::default();
        ids.find(|_, before, place| {
            let value = format!("{} ({})", place.value, before.line);
            twice.add_unordered(fault(place.line, "telegram_id", &value, "import.rule.twice"), |fault| fault.line);
            let seemed_right = usize::from(!place.is_wrong);
            self.right -= seemed_right;
            self.wrong += seemed_right;
        })?;
        // The sort is stable: the other faults of a row come before this one.
        self.faults.extend(twice.first);
        self.faults.sort_by_key(|fault| fault.line);
        self.faults.truncate(MOST_TOLD);
        Ok(())
    }
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

impl Judged {
    /// The person of a row without faults.
    fn right(self) -> Option<Incoming> {
        self.person.filter(|_| self.faults.is_empty())
    }
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

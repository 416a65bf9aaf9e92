//! Ninety days of a shop's life before the demo begins: 1,200 people come through campaigns, subscribe, get codes, and
//! bring some of them to one of three cashiers. The history is written through the shop's own use-cases, each act at
//! its own time, in one transaction. The same seed, language and time give the same history, except for the codes,
//! which are random.

mod calendar;
mod events;
mod names;
mod writer;

use builtin_telegram::Person;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::people::Roles;
use crate::clock::Timestamp;
use crate::db::Database;
use crate::error::Result;
use crate::language::Language;
use calendar::Calendar;
pub(super) use calendar::{at_the_counter, bustle, on_the_phone};
use writer::HistoryWriter;

/// How many customers the shop has had.
pub const PEOPLE: usize = 1200;
/// The first Telegram id of people who come after the history.
const NEWCOMER_ID: i64 = 550_000_000;
/// How many days ago the first customer of the history came.
pub const DAYS: u32 = 90;

/// People who come after the history; their Telegram ids are no one else's in the demo.
pub(super) fn newcomers(seed: u64, language: Language, count: usize) -> Vec<Person> {
    let mut rng = StdRng::seed_from_u64(seed.wrapping_add(3 << 32));
    let mut people = names::people(&mut rng, language, count);
    for (id, person) in (NEWCOMER_ID..).zip(&mut people) {
        person.id = id;
    }
    people
}

/// A customer of the history, as the built-in Telegram must know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resident {
    /// The customer's name and Telegram id.
    pub person: Person,
    /// Whether the customer follows the shop's channel.
    pub subscribed: bool,
    /// Whether the customer has blocked the customers' bot.
    pub blocked: bool,
}

/// Writes the history into a fresh database whose owner is the one of `Cast::of_seed(seed, language)`: channel,
/// campaigns, three cashiers and one person who waits for approval, and everything that people did until `now`. No
/// letter of the history is left to be sent. Blocks the thread; not for async code.
///
/// # Errors
/// A refusal, when the database is not fresh; a storage failure.
pub fn write(database: &Database, seed: u64, language: Language, now: Timestamp) -> Result<Vec<Resident>> {
    let roles = Roles::of_seed(seed, language);
    // The history has a random stream of its own: the people of the demo took the first numbers of this seed.
    let mut rng = StdRng::seed_from_u64(seed.wrapping_add(1 << 32));
    let people = names::people(&mut rng, language, PEOPLE);
    let calendar = Calendar::ending(database.zone(), now);
    let events = events::of(&mut rng, &calendar, people.len());
    database.write_bulk(move |tx| {
        let tx = &tx.with_shop_time(now);
        HistoryWriter::open(tx, &calendar, &roles, language)?.tell(people, &events)
    })
}

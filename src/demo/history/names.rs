//! The names of the generated customers, put together from the language catalogue: first names with the last names that
//! go with them; some people lack a last name or username, as in any real list.

use builtin_telegram::Person;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::language::Language;

/// Parts of Telegram usernames; a number is added to each.
const HANDLES: [&str; 16] = [
    "sunny", "marmelad", "kotik", "mama", "sweet", "fox", "vlad", "tiger", "sakura", "amur", "ocean", "zefir", "lucky",
    "rainy", "maple", "pearl",
];
/// The first Telegram id of the generated customers, above the ids of the other people of the demo.
const FIRST_ID: i64 = 600_000_000;

/// First names and the last names that go with them.
struct Stock {
    first: Vec<String>,
    last: Vec<String>,
}

impl Stock {
    fn of(language: Language, first: &str, last: &str) -> Self {
        let list = |key: &str| language.text(key, &[]).split(", ").map(str::to_owned).collect();
        Self { first: list(first), last: list(last) }
    }
}

/// Generates `count` people; no two have the same Telegram id.
pub(super) fn people(rng: &mut StdRng, language: Language, count: usize) -> Vec<Person> {
    let women = Stock::of(language, "demo.crowd.women", "demo.crowd.last_names_of_women");
    let men = Stock::of(language, "demo.crowd.men", "demo.crowd.last_names_of_men");
    let mut id = FIRST_ID;
    let mut person = || {
        id += rng.random_range(1..50_000);
        let stock = if rng.random_bool(0.7) { &women } else { &men };
        let handle = one_of(rng, &HANDLES).copied().unwrap_or_default();
        Person {
            id,
            first_name: one_of(rng, &stock.first).cloned().unwrap_or_default(),
            last_name: one_of(rng, &stock.last).filter(|_| rng.random_bool(0.8)).cloned(),
            username: Some(format!("{handle}{}", id % 100_000)).filter(|_| rng.random_bool(0.75)),
        }
    };
    (0..count).map(|_| person()).collect()
}

fn one_of<'a, T>(rng: &mut StdRng, all: &'a [T]) -> Option<&'a T> {
    all.get(rng.random_range(0..all.len().max(1)))
}

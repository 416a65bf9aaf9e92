//! The customers and cashiers that the page offers as the owners of its phones, and the shop owner's draft broadcast. Written
//! once, after the history.

use builtin_telegram::Person;
use chrono::{Datelike, Days, NaiveDate};

use super::phones::Contact;
use crate::broadcast::{self, Audience, Draft, Media, Message, Origin};
use crate::campaign;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::demo::history::Resident;
use crate::demo::people::{Roles, full_name};
use crate::discount::{self, template};
use crate::error::Result;
use crate::ids::TelegramId;
use crate::language::Language;
use crate::realm::Realm;
use crate::segment::Filter;
use crate::staff::Owner;
use crate::{settings, user};

/// The Telegram ids of the two people who are added to the history; no person of a seed has such an id.
const BIRTHDAY_ID: i64 = 590_000_001;
const SYMBOLS_ID: i64 = 590_000_002;
/// How long ago these two came, in seconds.
const CAME: i64 = 40 * 24 * 3600;
/// The template of the codes that the draft gives.
const TEMPLATE: &str = "manual_10";

/// The people of the demo that a person can play.
pub(super) struct Cast {
    /// The customers that are offered without a search; the newcomer is the first.
    pub customers: Vec<Contact>,
    pub cashiers: Vec<Contact>,
    pub owner: Contact,
    /// Whose birthday is on the day after the start.
    pub birthday: i64,
    /// The customers that must still be added to the built-in Telegram.
    pub added: Vec<Person>,
}

impl Cast {
    /// Whether this is the person who is shown first and has opened nothing yet.
    pub(super) fn is_newcomer(&self, id: i64) -> bool {
        self.customers.first().is_some_and(|first| first.id == id)
    }
}

/// Adds the people and the draft to the shop.
pub(super) fn write(
    tx: &Tx<'_>,
    roles: &Roles,
    residents: &[Resident],
    language: Language,
    now: Timestamp,
) -> Result<Cast> {
    let tx = &tx.with_shop_time(now);
    let word = |key: &str| language.text(&format!("demo.cast.{key}"), &[]);
    let contact = |person: &Person, note: &str| Contact { id: person.id, name: full_name(person), note: word(note) };
    let person = |id, first_name, last_name| Person { id, first_name, last_name, username: None };
    let birthday = person(BIRTHDAY_ID, word("birthday.name"), None);
    let symbols = person(SYMBOLS_ID, word("symbols.name"), None);
    let came = &tx.at(now.plus(-CAME));
    for person in [&birthday, &symbols] {
        arrive(came, person)?;
    }
    let tomorrow = tx.zone().day(now).checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    if let Some(known) = user::find_by_telegram(tx, Realm::Real, TelegramId(birthday.id))? {
        discount::save_own_birthday(came, &known, born(tomorrow))?;
    }
    draft(tx, roles, language)?;
    let mut customers = vec![contact(&roles.customer, "newcomer")];
    customers.extend(regular(tx, residents)?.map(|person| contact(person, "regular")));
    customers.extend([contact(&birthday, "birthday"), contact(&symbols, "symbols")]);
    let blocked = residents.iter().find(|resident| resident.blocked);
    customers.extend(blocked.map(|resident| contact(&resident.person, "blocked")));
    Ok(Cast {
        customers,
        cashiers: [&roles.cashier, &roles.second_cashier].map(|person| contact(person, "cashier")).to_vec(),
        owner: contact(&roles.owner, "owner"),
        birthday: birthday.id,
        added: vec![birthday, symbols],
    })
}

fn arrive(tx: &Tx<'_>, person: &Person) -> Result<()> {
    let first_name = Some(person.first_name.clone());
    let person = user::Person { id: TelegramId(person.id), username: None, first_name, last_name: None };
    campaign::arrive(tx, Realm::Real, &person, None).map(drop)
}

/// A birthday of a grown-up on this day of the year.
fn born(day: NaiveDate) -> NaiveDate {
    // 1992 was a leap year, so every day of a year existed in it.
    day.with_year(1992).unwrap_or(day)
}

/// The first customer of the history who holds a code and can be written to.
fn regular<'r>(tx: &Tx<'_>, residents: &'r [Resident]) -> Result<Option<&'r Person>> {
    for resident in residents.iter().filter(|resident| resident.subscribed && !resident.blocked) {
        let known = user::find_by_telegram(tx, Realm::Real, TelegramId(resident.person.id))?;
        let holds = known.map(|known| discount::count_live_of_user(tx, known.id)).transpose()?;
        if holds.is_some_and(|codes| codes > 0) {
            return Ok(Some(&resident.person));
        }
    }
    Ok(None)
}

/// A draft for everybody, ready to be sent, and a pace at which it is sent within a minute.
fn draft(tx: &Tx<'_>, roles: &Roles, language: Language) -> Result<()> {
    let owner = Owner::of_telegram(tx, TelegramId(roles.owner.id))?;
    settings::set(tx, &settings::RATE_LIMIT_PER_MINUTE, "1500", owner.actor())?;
    let template = template::get_by_ref(tx, TEMPLATE)?.id;
    let message = Message {
        body: language.text("demo.cast.draft.body", &[]),
        media: Media::None,
        buttons: Vec::new(),
        template: Some(template),
    };
    let draft = Draft {
        title: language.text("demo.cast.draft.title", &[]),
        message,
        audience: Audience::Fitting(Filter::everybody()),
        realm: Realm::Real,
        origin: Origin::Admin,
    };
    broadcast::create(tx, &draft, owner.actor()).map(drop)
}

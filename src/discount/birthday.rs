//! Birthday gifts: a customer gets at most one a calendar year and none within 300 days of another, also after a
//! restart, a repeated run, a changed birthday or a jump of the clock. The table `birthday_gifts` decides this, not the
//! template's recurrence: the recurrence would count from the day of issue, and after a gift given three days late it
//! would refuse the next year's gift on the birthday itself. A customer who blocked the bot gets the gift without a
//! message and finds it in «Мои скидки» when they return.

use chrono::{Datelike, Days, NaiveDate};
use rusqlite::named_params;

use super::issue::{IssueRequest, write_new};
use super::letter;
use super::model::SourceKind;
use super::template::{self, Template};
use crate::actor::Actor;
use crate::db::{Tx, View};
use crate::error::{Refusal, Result};
use crate::ids::UserId;
use crate::outbox::{self, Lane, Letter};
use crate::realm::Realm;
use crate::user::{self, Edit, User};

// A birthday code issued by hand counts as that year's gift. A customer who saves today's date as their birthday gets
// no gift for today: a birthday counts from the day after it was saved.
macro_rules! whose_day {
    ($who:literal, $tail:literal) => {
        concat!(
            "SELECT u.id FROM users u WHERE ",
            $who,
            " AND u.status = 'active' AND (u.birthday_saved_at IS NULL OR u.birthday_saved_at < :day_began)
              AND NOT EXISTS (SELECT 1 FROM birthday_gifts g WHERE g.user_id = u.id
                                 AND (g.year = :year OR abs(julianday(g.day) - julianday(:day)) < 300))
              AND NOT EXISTS (SELECT 1 FROM discounts d JOIN discount_templates t ON t.id = d.template_id
                               WHERE d.user_id = u.id AND t.event = 'birthday' AND d.source_kind <> 'birthday'
                                 AND d.revoked_at IS NULL AND (substr(d.created_day, 1, 4) = :year_word
                                     OR abs(julianday(d.created_day) - julianday(:day)) < 300)) ",
            $tail
        )
    };
}

const WHOSE_DAY: &str = whose_day!("u.is_test = :realm AND u.birthday_md = :md", "ORDER BY u.id");
const STILL_THEIRS: &str = whose_day!("u.id = :id AND u.birthday IS NOT NULL", "");
const REMEMBER: &str =
    "INSERT INTO birthday_gifts (user_id, year, day, discount_id) VALUES (:user, :year, :day, :discount)";
const FORGET: &str = "DELETE FROM birthday_gifts WHERE (user_id, year) IN
    (SELECT user_id, year FROM birthday_gifts WHERE year < :year LIMIT 1000)";
const HAS_BIRTHDAY_GIFT: &str = "SELECT 1 FROM discounts WHERE user_id = :id AND source_kind = 'birthday' LIMIT 1";

/// A gift that was missed, for example while the daemon was down, is given up to this many days after the birthday.
const CAUGHT_UP_DAYS: u64 = 3;
/// The key of the text for a gift whose template names no text.
const DEFAULT_TEXT: &str = "birthday_congrats";

/// A customer whose birthday gift is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Celebrated {
    /// The customer whose gift is due.
    pub user: UserId,
    /// The day of the birthday that the gift is for.
    pub day: NaiveDate,
}

/// Customers with a birthday on `day` or on the three days before it who have no gift for it yet, oldest day first.
pub fn whose_birthday(view: &View<'_>, realm: Realm, day: NaiveDate) -> Result<Vec<Celebrated>> {
    let mut due = Vec::new();
    for day in (0..=CAUGHT_UP_DAYS).rev().filter_map(|back| day.checked_sub_days(Days::new(back))) {
        for md in kept_on(day) {
            let params = named_params! {
                ":realm": realm, ":md": md, ":day_began": view.zone().start_of(day), ":year": day.year(),
                ":year_word": day.format("%Y").to_string(), ":day": day.to_string(),
            };
            due.extend(view.list(WHOSE_DAY, params, |row| Ok(Celebrated { user: row.get(0)?, day }))?);
        }
    }
    Ok(due)
}

/// Gives a customer from [`whose_birthday`] the gift and, if the bot may write to them, the congratulation. Returns
/// `false` when the gift is no longer due, for example because another process has given it.
///
/// # Errors
/// `TEMPLATE_INACTIVE` when no template can be chosen; `CODE_SPACE_EXHAUSTED`.
pub fn give_birthday_gift(tx: &Tx<'_>, due: &Celebrated) -> Result<bool> {
    let day = due.day;
    let params = named_params! {
        ":id": due.user, ":day_began": tx.zone().start_of(day), ":year": day.year(),
        ":year_word": day.format("%Y").to_string(), ":day": day.to_string(),
    };
    let is_theirs = tx.find(STILL_THEIRS, params, |_| Ok(()))?.is_some();
    if is_theirs {
        give(tx, &user::get(tx, due.user)?, day)?;
    }
    Ok(is_theirs)
}

/// The birthdays that are celebrated on `day`, as month and day: 29 February is celebrated on the 28th in common years.
fn kept_on(day: NaiveDate) -> Vec<String> {
    let own = user::birthday::month_day(day);
    let is_common = NaiveDate::from_ymd_opt(day.year(), 2, 29).is_none();
    if is_common && own == "02-28" { vec![own, "02-29".into()] } else { vec![own] }
}

fn give(tx: &Tx<'_>, user: &User, day: NaiveDate) -> Result<()> {
    let template = template::for_birthday(tx)?;
    let by = Actor::Job("birthdays");
    let request = IssueRequest { user, template: &template, source: (SourceKind::Birthday, None), by: &by };
    let discount = write_new(tx, &request)?;
    let params = named_params! {
        ":user": user.id, ":year": day.year(), ":day": day.to_string(), ":discount": discount.id,
    };
    tx.change(REMEMBER, params)?;
    if user.bot_blocked_at.is_none() {
        congratulate(tx, user, &template, &discount, day)?;
    }
    Ok(())
}

fn congratulate(
    tx: &Tx<'_>,
    user: &User,
    template: &Template,
    discount: &super::Discount,
    day: NaiveDate,
) -> Result<()> {
    let key = template.message_key.as_deref().unwrap_or(DEFAULT_TEXT);
    outbox::enqueue(
        tx,
        &Letter {
            bot: user.realm.customer_bot(),
            chat: user.telegram_id,
            lane: Lane::Automatic,
            payload: letter::gift(tx, key, discount)?,
            dedupe_key: Some(format!("birthday:{}:{}", user.id, day.year())),
            usage_log: None,
        },
    )
}

/// Whether the customer has had a birthday gift. After a gift, only an admin may change the birthday.
pub fn had_birthday_gift(view: &View<'_>, id: UserId) -> Result<bool> {
    Ok(view.find(HAS_BIRTHDAY_GIFT, &[(":id", &id)], |_| Ok(()))?.is_some())
}

/// Stores the birthday that the customer gave. After the first birthday gift only an admin changes it.
///
/// # Errors
/// `BIRTHDAY_INVALID` when the customer may no longer change it.
pub fn save_own_birthday(tx: &Tx<'_>, user: &User, day: NaiveDate) -> Result<User> {
    if user.birthday != Some(day) && had_birthday_gift(tx, user.id)? {
        Err(Refusal::BirthdayInvalid)?;
    }
    let change = Edit { birthday: Some(Some(day)), ..Edit::default() };
    Ok(user::edit(tx, user.id, &change, &Actor::Customer(user.id))?.after)
}

/// Deletes up to 1,000 rows of `birthday_gifts` from more than two calendar years ago. Returns how many.
pub fn forget_gifts(tx: &Tx<'_>) -> Result<usize> {
    let year = tx.zone().day(tx.now()).year() - 2;
    Ok(tx.change(FORGET, named_params! { ":year": year })?)
}

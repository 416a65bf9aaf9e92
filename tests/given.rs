//! What is true of a shop before a test begins, written by the library's own use-cases: what the shop itself cannot write
//! proves nothing about it. SQL stays where no use-case leads: rows of past years, thousands of people, broken rows.

use dvorik::actor::Actor;
use dvorik::campaign::{self, SourceKey};
use dvorik::db::{Database, Tx};
use dvorik::discount::template::{self, TemplateDraft};
use dvorik::error::{Refusal, Result};
use dvorik::export;
use dvorik::ids::{AdminId, CashierId, TelegramId, UserId};
use dvorik::realm::Realm;
use dvorik::staff::{self, AdminEdit, Owner};
use dvorik::user::{self, Edit, Mute, Person, Tag, User, UserStatus};
use tokio::task::block_in_place;

/// Who did what is given.
pub fn by() -> Actor {
    Actor::Cli("test".into())
}

/// Runs one use-case, which must succeed; also from a task of the runtime.
pub fn writes<T: Send + 'static>(db: &Database, run: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static) -> T {
    block_in_place(|| db.write(run)).unwrap()
}

/// A customer who has written to the bot, by this start parameter or by none. Telegram need not know them.
pub fn customer(db: &Database, realm: Realm, telegram_id: i64, start: Option<&'static str>) -> UserId {
    let first_name = Some(format!("Клиент {telegram_id}"));
    let person = Person { id: TelegramId(telegram_id), username: None, first_name, last_name: None };
    writes(db, move |tx| Ok(campaign::arrive(tx, realm, &person, start)?.user.id))
}

/// The customer of the real shop with this Telegram id.
fn known(tx: &Tx<'_>, telegram_id: i64) -> Result<User> {
    let found = user::find_by_telegram(tx, Realm::Real, TelegramId(telegram_id))?;
    Ok(found.ok_or_else(|| Refusal::UserNotFound(telegram_id.to_string()))?)
}

/// The customer wants no broadcasts.
pub fn mutes(db: &Database, telegram_id: i64) {
    writes(db, move |tx| user::set_muted(tx, known(tx, telegram_id)?.id, Mute::On));
}

/// The customer has blocked the bot.
pub fn blocks_bot(db: &Database, telegram_id: i64) {
    writes(db, move |tx| user::bot_blocked(tx, Realm::Real, known(tx, telegram_id)?.telegram_id));
}

/// The shop has blocked the customer, or let them in again.
pub fn has_status(db: &Database, telegram_id: i64, status: UserStatus) {
    let edit = Edit { status: Some(status), ..Edit::default() };
    writes(db, move |tx| user::edit(tx, known(tx, telegram_id)?.id, &edit, &by()));
}

/// The customer has these tags too.
pub fn has_tags(db: &Database, telegram_id: i64, tags: &[&str]) {
    let tags: Vec<Tag> = tags.iter().map(|tag| Tag::parse(tag).unwrap()).collect();
    writes(db, move |tx| user::change_tags(tx, known(tx, telegram_id)?.id, &tags, &[], &by()));
}

/// A campaign whose link has this key.
pub fn campaign(db: &Database, key: &str) {
    let key = SourceKey::parse(key).unwrap();
    writes(db, move |tx| campaign::create(tx, "Афиша", key, None, &by()));
}

/// A template with other terms.
pub fn template(db: &Database, name: &'static str, change: impl FnOnce(&mut TemplateDraft) + Send + 'static) {
    writes(db, move |tx| {
        let template = template::get_by_ref(tx, name)?;
        let mut draft = template.draft();
        change(&mut draft);
        template::edit(tx, template.id, &draft, &by())
    });
}

/// An owner has changed an admin.
pub fn admin(db: &Database, id: AdminId, edit: AdminEdit) {
    writes(db, move |tx| staff::edit_admin(tx, id, &edit, &Owner::of_shell("test"), export::drop_of_admin));
}

/// An owner has suspended a cashier, who is told.
pub fn suspends(db: &Database, cashier: CashierId) {
    writes(db, move |tx| staff::suspend(tx, cashier, &Owner::of_shell("test")));
}

/// An owner has let a cashier work again, who is told.
pub fn approves(db: &Database, cashier: CashierId) {
    writes(db, move |tx| staff::approve(tx, cashier, None, &Owner::of_shell("test")));
}

/// So many more codes of the person who holds code 1: `live` like it, each to expire a second after the one before, then
/// `used` older ones, redeemed. No use-case issues codes by the hundred.
pub fn more_codes(db: &Database, live: u32, used: u32) {
    let sql = format!(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {live} + {used})
         INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type, source_kind,
             created_at, created_day, created_by, expires_at, redeemed_at)
         SELECT printf('many-codes-%08d', n), printf('АБВ%04d', n), user_id, template_id, is_test, value, value_type,
             usage_type, 'manual', created_at, created_day, created_by,
             strftime('%Y-%m-%dT%H:%M:%SZ', expires_at, '+' || n || ' seconds'), iif(n > {live}, created_at, NULL)
         FROM n JOIN discounts d ON d.id = 1"
    );
    writes(db, move |tx| Ok(tx.change(&sql, [])?));
}

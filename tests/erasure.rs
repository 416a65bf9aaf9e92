//! Forgetting people: nothing personal is left in any table, figures stay, and nobody farms gifts by coming back.

mod proof;

use std::collections::BTreeSet;

use dvorik::actor::Actor;
use dvorik::clock::Zone;
use dvorik::db::{Failure, View, fold};
use dvorik::discount;
use dvorik::erasure::{self, Erased, remains};
use dvorik::error::{Error, Refusal, Result};
use dvorik::ids::{CashierId, TelegramId};
use dvorik::outbox::{self, Lane, Letter, Payload, Queue};
use dvorik::realm::{BotName, Realm};
use dvorik::report::{self, Period};
use dvorik::staff::{self, Owner};
use dvorik::telegram::client::Keyboard;
use dvorik::telegram::reply::Class;
use dvorik::user::{self, CustomerFilter, User};

use crate::counter::Shop;
use crate::harness::{count, texts};

const KEY: &str = "a key of the tests";

fn erase(shop: &Shop, user: &User) -> Result<Erased> {
    let (id, hash) = (user.id, user::erased_hash(KEY, user.realm, user.telegram_id));
    shop.db.write(move |tx| erasure::erase(tx, id, &hash, &Actor::Cli("root".into())))
}

/// Where in the whole database this text or number stands.
fn places(shop: &Shop, needle: &str) -> Vec<String> {
    let columns =
        "SELECT m.name || '.' || c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'";
    let holds = |column: &String| {
        let (table, name) = column.split_once('.').unwrap();
        let sql = format!("SELECT count(*) FROM \"{table}\" WHERE CAST(\"{name}\" AS TEXT) LIKE '%{needle}%'");
        count(&shop.db, &sql) > 0
    };
    texts(&shop.db, columns).into_iter().filter(holds).collect()
}

fn owner(view: &View<'_>) -> Result<Owner> {
    Owner::of_telegram(view, TelegramId(900))
}

#[test]
fn a_name_that_looks_like_a_code_is_hidden_where_a_cashier_typed_it() {
    let shop = Shop::open();
    let id = shop.customer(7_000_008).id;
    let named = "UPDATE users SET first_name = 'Ян', username = 'eva1990' WHERE id = ?1";
    let typed = "INSERT INTO discount_usage_logs (at, said_at, day, is_test, status, code_typed, actor)
        SELECT '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '2026-01-01', 0, 'not_found', value, 'test'
        FROM json_each('[\"eva1990\", \"Ян 1990\", \"АБВ1234\"]')";
    let user = shop.db.write(move |tx| {
        tx.change(named, [id])?;
        tx.change(typed, [])?;
        user::get(tx, id)
    });
    erase(&shop, &user.unwrap()).unwrap();
    let left = texts(&shop.db, "SELECT code_typed FROM discount_usage_logs WHERE status = 'not_found' ORDER BY id");
    assert_eq!(left, ["…", "…", "АБВ1234"]);
}

#[test]
fn somebody_who_works_for_the_shop_is_forgotten_once_their_access_is_gone() {
    let shop = Shop::open();
    let by = shop.cashier(7_000_007);
    let zina = shop.customer(7_000_007);
    let code = shop.code(&shop.customer(10));
    let done = shop.redeem(&by, code.code.as_str());
    assert!(matches!(done, discount::Redemption::Done(_)), "{done:?}");
    let refused = erase(&shop, &zina).unwrap_err();
    let command = "dvorik cashier suspend 1".to_owned();
    assert_eq!(refused, Error::Refused(Refusal::UserIsStaff { command }));

    shop.db.write(|tx| staff::suspend(tx, CashierId(1), &owner(tx)?)).unwrap();
    shop.db.write(|tx| outbox::hold_waiting(tx, "settled")).unwrap();
    assert!(!places(&shop, "7000007").is_empty(), "the search finds nothing at all");
    erase(&shop, &zina).unwrap();
    assert_eq!(places(&shop, "7000007"), Vec::<String>::new());
    let names = places(&shop, "Касса 7000007");
    assert_eq!(names, Vec::<String>::new());
    let period = Period { from: "2026-11-01".parse().unwrap(), to: "2026-11-30".parse().unwrap() };
    let counted = shop.db.read(|view| report::series::by_cashier(view, Realm::Real, period)).unwrap();
    assert_eq!(counted.iter().map(|of| (&*of.name, of.redeemed)).collect::<Vec<_>>(), [("#1", 1)]);
}

#[test]
fn an_active_admin_is_refused_and_a_test_customer_of_theirs_is_not() {
    let shop = Shop::open();
    let (real, test) = (shop.customer(900), shop.customer_in(Realm::Test, 900));
    let command = "dvorik admin disable 1".to_owned();
    assert_eq!(erase(&shop, &real).unwrap_err(), Error::Refused(Refusal::UserIsStaff { command }));
    erase(&shop, &test).unwrap();
    assert!(shop.db.read(owner).is_ok(), "the owner is still the owner");
}

#[test]
fn figures_stay_and_lists_hold_the_living() {
    let shop = Shop::open();
    let (anna, _) = (shop.customer(10), shop.customer(11));
    let (by, code) = (shop.cashier(1), shop.code(&anna));
    shop.redeem(&by, code.code.as_str());
    erase(&shop, &anna).unwrap();
    let day = Zone::parse("Asia/Vladivostok").unwrap().day(shop.clock.now());
    let all = shop.db.read(|view| report::overview(view, Realm::Real, Period { from: day, to: day })).unwrap();
    assert_eq!((all.users_total, all.users_new), (1, 2), "one is left of two who came");
    assert_eq!((all.issued, all.redeemed), (1, 1));
    let slice = dvorik::db::Slice { limit: 10, offset: 0 };
    let (_, total) = shop
        .db
        .read(|view| user::list(view, Realm::Real, &CustomerFilter::default(), user::PageSpec::new(None, slice)))
        .unwrap();
    assert_eq!(total, all.users_total);
}

#[test]
fn a_letter_in_flight_while_its_reader_is_erased_keeps_no_words_and_is_not_sent_again() {
    let shop = Shop::open();
    let anna = shop.customer(10);
    let write = |words: &'static str| {
        let letter = Letter::automatic(BotName::Customer, TelegramId(10), words.into(), Keyboard::None);
        shop.db.write(move |tx| outbox::enqueue(tx, &letter)).unwrap();
    };
    write("секрет в полёте");
    let claim = || {
        let queue = Queue::of(BotName::Customer, Lane::Automatic);
        shop.db.write(move |tx| outbox::claim(tx, &queue, 10)).unwrap()
    };
    let flying = claim().pop().unwrap();
    assert!(matches!(&flying.payload, Payload::Text { html, .. } if html.contains("секрет")));
    write("секрет в очереди");
    erase(&shop, &anna).unwrap();
    shop.db.write(move |tx| outbox::settle(tx, &flying, &Class::Unknown, None)).unwrap();
    assert!(claim().is_empty(), "nothing of it may be called any more");
    assert_eq!(places(&shop, "секрет"), Vec::<String>::new());
    let kept = texts(&shop.db, "SELECT state || ' ' || chat_id || ' ' || payload FROM outbox");
    assert_eq!(kept, [r#"failed 0 {"kind":"gone"}"#; 2]);
}

#[test]
fn erasing_twice_keeps_the_memory_of_the_last_gift() {
    let shop = Shop::open();
    let anna = shop.customer(10);
    let gift = |user: &User| {
        let user = user.clone();
        shop.db.write(move |tx| {
            let template = discount::template::get_by_ref(tx, "subscription")?;
            let (source, by) = ((discount::SourceKind::Subscription, None), Actor::Job("test"));
            discount::issue(tx, &discount::IssueRequest { user: &user, template: &template, source, by: &by })
        })
    };
    gift(&anna).unwrap();
    erase(&shop, &anna).unwrap();
    let back = shop.customer(10);
    assert_ne!(back.id, anna.id);
    erase(&shop, &back).unwrap();
    let hash = user::erased_hash(KEY, Realm::Real, TelegramId(10));
    let remembered = shop.db.read(|view| user::gift_before_erasure(view, &hash)).unwrap();
    assert_eq!(remembered.map(|(_, at)| at), Some(shop.clock.now()));
}

#[test]
fn an_erased_persons_hash_is_theirs_alone() {
    let shop = Shop::open();
    let hash = |key, realm, id| user::erased_hash(key, realm, TelegramId(id));
    let all = [
        hash(KEY, Realm::Real, 10),
        hash(KEY, Realm::Real, 11),
        hash(KEY, Realm::Test, 10),
        hash("another key of the tests", Realm::Real, 10),
    ];
    assert_eq!(BTreeSet::from(all.clone()).len(), 4, "{all:?}");
    let anna = shop.customer(10);
    erase(&shop, &anna).unwrap();
    let known = all.map(|hash| shop.db.read(|view| user::is_erased(view, &hash)).unwrap());
    assert_eq!(known, [true, false, false, false]);
}

#[test]
fn a_row_of_updates_never_takes_the_number_of_one_that_went() {
    let shop = Shop::open();
    let store = |id: i64| {
        let raw = serde_json::json!({ "update_id": id });
        shop.db.write(move |tx| dvorik::inbox::store(tx, BotName::Customer, &[raw])).unwrap();
    };
    store(1);
    let first = shop.count("SELECT max(id) FROM updates");
    let emptied: std::result::Result<usize, Failure> = shop.db.write(|tx| tx.change("DELETE FROM updates", []));
    assert_eq!(emptied.unwrap(), 1);
    store(2);
    assert!(shop.count("SELECT max(id) FROM updates") > first);
}

#[test]
fn a_file_is_rewritten_because_pages_that_were_rearranged_keep_copies_of_cells() {
    let shop = Shop::open();
    let path = shop.db.path().to_owned();
    // In an order that splits pages again and again, and rows that grow.
    let mut seed = 1_u64;
    let mut ids: Vec<u64> = (1..=4000).collect();
    for at in (1..ids.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ids.swap(at, (seed >> 33) as usize % (at + 1));
    }
    for id in &ids {
        shop.sql(&format!(
            "INSERT INTO users (id, telegram_id, is_test, username, first_name, name_norm, source, source_normalized,
                 created_at, created_day, last_activity_at)
             VALUES ({id}, {id}, 0, 'NAME{id:06}', '{}', 'NAME{id:06}', 'direct', 'direct', '2026-11-22T03:00:00Z',
                 '2026-11-22', '2026-11-22T03:00:00Z')",
            "x".repeat((id * 7919 % 97) as usize)
        ));
    }
    shop.sql("UPDATE users SET username = NULL, name_norm = ''");
    shop.db.write(remains::note_erasure).unwrap();
    let named = || {
        let found = std::process::Command::new("grep").args(["-oaE", "NAME[0-9]{6}"]).arg(&path).output().unwrap();
        found.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count()
    };
    assert!(fold::fold(&path).unwrap());
    let left = named();
    assert!(left > 0, "nothing is left, so rewriting is not needed any more");
    assert!(left < 400, "{left} of 4000 names are left: deleted cells are not overwritten");
    assert_eq!(shop.db.read(remains::due).unwrap(), remains::Due { count: 1, log: true, file: true });
    assert_eq!(remains::clear(&shop.db, remains::ClearingPace::Quick).unwrap(), remains::Cleared::All);
    assert_eq!(named(), 0);
    assert_eq!(shop.db.read(remains::due).unwrap(), remains::Due { count: 1, log: false, file: false });
}

#[test]
fn what_cannot_be_cleared_now_stays_due() {
    let shop = Shop::open();
    let anna = shop.customer(10);
    let (begun, wait) = std::sync::mpsc::channel();
    let (go, held) = std::sync::mpsc::channel::<()>();
    let db = shop.db.clone();
    let reader = std::thread::spawn(move || {
        db.read(|view| {
            view.get("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0))?;
            begun.send(()).unwrap();
            held.recv().unwrap();
            Ok::<_, Failure>(())
        })
    });
    wait.recv().unwrap();
    erase(&shop, &anna).unwrap();
    assert_eq!(remains::clear(&shop.db, remains::ClearingPace::Quick).unwrap(), remains::Cleared::Busy);
    assert!(shop.db.read(remains::due).unwrap().log);
    go.send(()).unwrap();
    reader.join().unwrap().unwrap();
    assert_eq!(remains::clear(&shop.db, remains::ClearingPace::Quick).unwrap(), remains::Cleared::All);
    let due = shop.db.read(remains::due).unwrap();
    assert_eq!((due.count, due.log, due.file), (1, false, false));
}

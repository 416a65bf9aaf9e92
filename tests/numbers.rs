//! The counter's promises at their numbers. `cargo test` keeps each at a size that takes a moment; `.ci/soak` asks for the
//! full one through the variable each test names.

use std::time::Instant;

use dvorik::db::{Failure, Tx};
use dvorik::discount::{self, Checked, Redeemer, Redemption};
use dvorik::error::Error;
use dvorik::realm::{BotName, Realm};
use serde_json::json;
use tokio::task::JoinSet;

use crate::counter::{Shop, redeem, sixty_four, why};
use crate::harness::{Someone, World, handle, number};

/// `DVORIK_TEST_ATTEMPTS` attempts (1,280) over a fiftieth as many codes, by 64 clients at once.
#[test]
fn many_attempts_at_many_codes_redeem_each_once_and_are_all_logged() {
    let attempts = usize::try_from(number("DVORIK_TEST_ATTEMPTS").unwrap_or(1280)).unwrap();
    let (each, codes) = (attempts / 64, attempts / 50);
    let shop = Shop::open();
    let cashiers: Vec<Redeemer> = (1..=64).map(|id| shop.cashier(id)).collect();
    let user = shop.customer(100);
    let codes: Vec<String> = shop.codes(&user, codes).iter().map(|code| code.as_str().to_owned()).collect();
    let begun = Instant::now();
    let outcomes = sixty_four(|n| {
        let first = n * codes.len() / 64;
        let mine = (first..first + each).map(|at| redeem(&shop.db, &cashiers[n], &codes[at % codes.len()]));
        mine.fold((0, 0), |(done, used), outcome| match outcome {
            Redemption::Done(_) => (done + 1, used),
            refused if why(&refused) == Some("CODE_ALREADY_USED") => (done, used + 1),
            strange => panic!("{strange:?}"),
        })
    });
    let took = begun.elapsed();
    println!("{} attempts over {} codes by 64 clients: {:.1} s", each * 64, codes.len(), took.as_secs_f64());
    let (done, used) = outcomes.iter().fold((0, 0), |(d, u), (done, used)| (d + done, u + used));
    assert_eq!((done, done + used), (codes.len(), each * 64), "each code once, and every attempt answered");
    let rows = |sql: &str| usize::try_from(shop.count(sql)).unwrap();
    assert_eq!(rows("SELECT count(*) FROM redemptions WHERE undone_at IS NULL"), codes.len());
    assert_eq!(rows("SELECT count(*) FROM discount_usage_logs WHERE status = 'success'"), codes.len());
    assert_eq!(rows("SELECT count(*) FROM discount_usage_logs"), each * 64);
}

/// `DVORIK_TEST_PEOPLE` customers (6), each of whom presses 64 times in one instant.
#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_presses_of_the_subscription_button_at_once_give_one_code() {
    let people = number("DVORIK_TEST_PEOPLE").unwrap_or(6).cast_signed();
    let w = World::closed().await;
    let desk = w.desk(BotName::Customer);
    let begun = Instant::now();
    for n in 0..people {
        let customer = w.customer("Анна");
        customer.subscribes();
        let mut presses = JoinSet::new();
        for press in 0..64 {
            let (desk, raw) = (desk.clone(), press_of(&customer, n * 64 + press));
            presses.spawn(async move { handle(&desk, raw).await });
        }
        assert_eq!(presses.join_all().await.len(), 64);
    }
    println!("64 presses by {people} customers: {:.1} s", begun.elapsed().as_secs_f64());
    assert_eq!(w.count("SELECT count(*) FROM discounts"), people);
    assert_eq!(w.count("SELECT count(DISTINCT user_id) FROM discounts"), people);
    assert_eq!(w.count("SELECT count(*) FROM outbox WHERE kind = 'qr_photo'"), 64 * people, "everybody was answered");
}

fn press_of(someone: &Someone, update_id: i64) -> serde_json::Value {
    let who = json!({ "id": someone.id, "is_bot": false, "first_name": "Анна" });
    let chat = json!({ "id": someone.id, "type": "private" });
    json!({ "update_id": update_id, "callback_query": {
        "id": update_id.to_string(), "from": who, "chat_instance": "1", "data": "check:subscription",
        "message": { "message_id": 1, "date": 1_795_000_000, "chat": chat, "text": "x" } } })
}

/// What a hand or an eye may take a character of a code for, by its place.
fn look_alikes(place: usize, character: char) -> Vec<char> {
    let letters = [
        ("А", "Aaа"),
        ("В", "Bbв"),
        ("С", "Ccс"),
        ("Е", "EeеЁё"),
        ("Н", "Hhн"),
        ("К", "Kkк"),
        ("М", "Mmм"),
        ("О", "Ooо0"),
        ("Р", "Ppр"),
        ("Т", "Ttт"),
        ("Х", "Xxх"),
        ("У", "Yyу"),
        ("З", "3з"),
        ("Ч", "4ч"),
    ];
    let digits = [("0", "OoОо"), ("3", "Зз"), ("4", "Чч")];
    let table: &[(&str, &str)] = if place < 3 { &letters } else { &digits };
    let found = table.iter().find(|(known, _)| known.contains(character));
    found.map_or(vec![character], |(known, twins)| known.chars().chain(twins.chars()).collect())
}

/// Every way to write a code with one character mistaken, and every way to mistake all that can be.
fn mistaken(code: &str) -> Vec<String> {
    let characters: Vec<char> = code.chars().collect();
    let choices: Vec<Vec<char>> = characters.iter().enumerate().map(|(at, c)| look_alikes(at, *c)).collect();
    let mut typed = Vec::new();
    for (at, twins) in choices.iter().enumerate() {
        typed.extend(twins.iter().map(|twin| {
            let mut one = characters.clone();
            one[at] = *twin;
            one.into_iter().collect::<String>()
        }));
    }
    for n in 0..5 {
        typed.push(choices.iter().map(|twins| twins[n % twins.len()]).collect());
    }
    typed.sort();
    typed.dedup();
    typed
}

/// `DVORIK_TEST_LOOK_ALIKES` codes (150), all of them alive at once, with every look-alike in every place.
#[test]
fn every_look_alike_of_every_code_is_that_code_and_no_other() {
    let wanted = usize::try_from(number("DVORIK_TEST_LOOK_ALIKES").unwrap_or(150)).unwrap();
    let shop = Shop::open();
    let (by, user) = (shop.cashier(1), shop.customer(100));
    let mut written = 0;
    for code in shop.codes(&user, wanted) {
        let (by, typed) = (by.clone(), mistaken(code.as_str()));
        written += typed.len();
        let read = move |tx: &Tx<'_>| {
            for typed in typed {
                let Checked::Card(card) = discount::check(tx, &by, Realm::Real, &typed, None)? else {
                    return Err(Error::Storage(Failure::Internal(format!("{typed} is not {code:?}"))));
                };
                assert_eq!(card.discount.code, code, "{typed}");
            }
            Ok(())
        };
        shop.db.write_bulk(read).unwrap();
    }
    println!("{wanted} codes in {written} spellings");
    assert_eq!(usize::try_from(shop.count("SELECT count(*) FROM discount_usage_logs")).unwrap(), written);
}

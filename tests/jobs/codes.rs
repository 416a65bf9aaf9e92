//! Birthday gifts and reminders: who gets them, and who does not.

use chrono::NaiveDate;
use dvorik::actor::Actor;
use dvorik::discount::template::{self, Reminder};
use dvorik::discount::{self, IssueRequest, SourceKind};
use dvorik::ids::UserId;
use dvorik::jobs::{JobContext, Ran};
use dvorik::schedule::Name;
use dvorik::user::{self, Edit, UserStatus};

use super::{DAY, HOUR, change, did, noon, process, runs, somebody};
use crate::given::{self, writes};
use crate::harness::{World, count, texts};

fn is_born_on(kit: &JobContext, user: UserId, day: &str) {
    let birthday: NaiveDate = day.parse().unwrap();
    let change = Edit { birthday: Some(Some(birthday)), ..Edit::default() };
    writes(&kit.db, move |tx| user::edit(tx, user, &change, &Actor::Cli("test".into())));
}

fn gifts(kit: &JobContext) -> Vec<String> {
    texts(
        &kit.db,
        "SELECT u.telegram_id || '' FROM discounts d JOIN users u ON u.id = d.user_id
        WHERE d.source_kind = 'birthday' ORDER BY d.id",
    )
}

fn told(kit: &JobContext, words: &'static str) -> Vec<String> {
    let all = texts(
        &kit.db,
        "SELECT chat_id || ' ' || coalesce(json_extract(payload, '$.caption'), '') FROM outbox ORDER BY id",
    );
    all.into_iter()
        .filter(|letter| letter.contains(words))
        .map(|letter| letter.split(' ').next().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_birthday_counts_from_the_day_after_it_was_saved() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    let (anna, boris) = (somebody(&kit, 1), somebody(&kit, 2));
    is_born_on(&kit, anna, "1990-11-22");
    is_born_on(&kit, boris, "1990-11-23");
    runs(&kit, Name::Birthdays).await;
    assert_eq!(gifts(&kit), Vec::<String>::new(), "it was entered today");
    for _ in 0..4 {
        clock.advance_ms(DAY);
        runs(&kit, Name::Birthdays).await;
        assert_eq!(gifts(&kit), ["2"]);
    }
    clock.advance_ms(361 * DAY);
    runs(&kit, Name::Birthdays).await;
    assert_eq!(gifts(&kit), ["2", "1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gift_is_everybodys_but_the_words_need_an_open_bot() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    for id in 1..=5 {
        let user = somebody(&kit, id);
        is_born_on(&kit, user, "1990-11-23");
    }
    given::mutes(&kit.db, 2);
    given::blocks_bot(&kit.db, 3);
    given::has_status(&kit.db, 4, UserStatus::Blocked);
    change(&kit.db, "UPDATE users SET is_test = 1 WHERE telegram_id = 5");
    clock.advance_ms(DAY);
    let ran = runs(&kit, Name::Birthdays).await;
    assert_eq!(did(&ran).unwrap().count, 3);
    assert_eq!(gifts(&kit), ["1", "2", "3"]);
    assert_eq!(told(&kit, "С днём рождения, Клиент"), ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_issued_by_hand_for_the_birthday_is_that_years_gift() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    let anna = somebody(&kit, 1);
    is_born_on(&kit, anna, "1990-11-24");
    writes(&kit.db, move |tx| {
        let (user, template) = (user::get(tx, anna)?, template::for_birthday(tx)?);
        let by = Actor::Cli("test".into());
        discount::issue(
            tx,
            &IssueRequest { user: &user, template: &template, source: (SourceKind::Manual, None), by: &by },
        )
    });
    clock.advance_ms(2 * DAY);
    runs(&kit, Name::Birthdays).await;
    assert_eq!(gifts(&kit), Vec::<String>::new());
    clock.advance_ms(365 * DAY);
    runs(&kit, Name::Birthdays).await;
    assert_eq!(gifts(&kit), ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_template_admins_are_told_when_it_is_somebodys_day_and_the_day_is_made_good() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    given::template(&kit.db, "birthday", |template| template.is_active = false);
    assert!(did(&runs(&kit, Name::Birthdays).await).is_some(), "nobody's day: nothing to complain of");
    let anna = somebody(&kit, 1);
    is_born_on(&kit, anna, "1990-11-23");
    clock.advance_ms(DAY);
    for _ in 0..3 {
        assert!(matches!(runs(&kit, Name::Birthdays).await, Ran::Failed { .. }));
        clock.advance_ms(HOUR);
    }
    let notices = texts(&kit.db, "SELECT json_extract(payload, '$.html') FROM outbox ORDER BY id");
    assert_eq!(notices.iter().filter(|words| words.contains("default_birthday_template_id")).count(), 1, "{notices:?}");
    given::template(&kit.db, "birthday", |template| template.is_active = true);
    runs(&kit, Name::Birthdays).await;
    assert_eq!(gifts(&kit), ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_comes_once_at_its_hour_while_the_code_is_active() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    given::template(&kit.db, "manual_10", |template| {
        template.reminders = vec![Reminder::AfterIssue(3), Reminder::BeforeExpiry(2)];
    });
    for id in 1..=6 {
        let user = somebody(&kit, id);
        writes(&kit.db, move |tx| {
            let (user, template) = (user::get(tx, user)?, template::get_by_ref(tx, "manual_10")?);
            let by = Actor::Cli("test".into());
            discount::issue(
                tx,
                &IssueRequest { user: &user, template: &template, source: (SourceKind::Manual, None), by: &by },
            )
        });
    }
    given::mutes(&kit.db, 2);
    given::blocks_bot(&kit.db, 3);
    given::has_status(&kit.db, 4, UserStatus::Blocked);
    change(
        &kit.db,
        "UPDATE discounts SET redeemed_at = created_at WHERE user_id IN (SELECT id FROM users WHERE telegram_id = 5)",
    );
    change(
        &kit.db,
        "UPDATE discounts SET revoked_at = created_at WHERE user_id IN (SELECT id FROM users WHERE telegram_id = 6)",
    );
    // Issued on the 22nd at noon, valid up to the 29th; the hour of reminders is 11.
    let mut heard = Vec::new();
    for hour in 0..9 * 24 {
        runs(&kit, Name::Reminders).await;
        let all = told(&kit, "ждёт").len();
        if heard.last().is_none_or(|(_, before)| *before < all) && all > 0 {
            heard.push((hour, all));
        }
        clock.advance_ms(HOUR);
    }
    let after = |days: i64| days * 24 - 1;
    assert_eq!(heard, [(after(3), 2), (after(5), 4)]);
    assert_eq!(told(&kit, "ждёт"), ["1", "2", "1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_missed_while_nobody_was_up_are_one_message() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    given::template(&kit.db, "manual_10", |template| {
        template.reminders = vec![Reminder::AfterIssue(3), Reminder::AfterIssue(4), Reminder::BeforeExpiry(2)];
    });
    let user = somebody(&kit, 1);
    writes(&kit.db, move |tx| {
        let (user, template) = (user::get(tx, user)?, template::get_by_ref(tx, "manual_10")?);
        let by = Actor::Cli("test".into());
        discount::issue(
            tx,
            &IssueRequest { user: &user, template: &template, source: (SourceKind::Manual, None), by: &by },
        )
    });
    clock.advance_ms(5 * DAY);
    for _ in 0..30 {
        runs(&kit, Name::Reminders).await;
        clock.advance_ms(HOUR);
    }
    assert_eq!(told(&kit, "ждёт"), ["1"]);
    assert_eq!(count(&kit.db, "SELECT count(*) FROM discount_reminders"), 3);
}

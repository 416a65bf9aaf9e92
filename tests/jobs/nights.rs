//! What is done when nobody looks: subscriptions asked about again, old rows forgotten, the weekly report.

use builtin_telegram::{ChatMemberStatus, Fault};
use dvorik::jobs::Ran;
use dvorik::realm::BotName;
use dvorik::schedule::{Name, Trigger};
use dvorik::settings;
use dvorik::user;

use super::{DAY, HOUR, asks, change, did, is_done, noon, process, runs, somebody};
use crate::given::writes;
use crate::harness::{CHANNEL, SHOP, World, count, texts};

#[tokio::test(flavor = "multi_thread")]
async fn who_has_left_the_channel_is_no_subscriber_after_the_night() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    for id in 2001..=2040 {
        somebody(&kit, id);
        w.tg.add_person(builtin_telegram::Person { id, first_name: "К".into(), ..Default::default() });
        w.tg.set_member(CHANNEL, id, if id > 2030 { ChatMemberStatus::Left } else { ChatMemberStatus::Member });
    }
    change(&kit.db, "UPDATE users SET is_subscribed = 1, subscription_checked_at = '2026-11-01T00:00:00Z'");
    let ran = runs(&kit, Name::Subscriptions).await;
    assert_eq!(did(&ran).unwrap().count, 40);
    assert_eq!(count(&kit.db, "SELECT count(*) FROM users WHERE is_subscribed = 1"), 30);
    assert_eq!(count(&kit.db, "SELECT count(*) FROM users WHERE is_subscribed = 0 AND telegram_id > 2030"), 10);
    assert_eq!(count(&kit.db, "SELECT count(*) FROM subscription_checks"), 40);
    clock.advance_ms(HOUR);
    assert!(!is_done(&runs(&kit, Name::Subscriptions).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_away_changes_nobody_and_a_bot_without_rights_is_told() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    for id in 2001..=2020 {
        somebody(&kit, id);
    }
    change(&kit.db, "UPDATE users SET is_subscribed = 1");
    w.tg.fault(Fault::ServerErrorJson(502).always().on_method("getChatMember"));
    assert!(matches!(runs(&kit, Name::Subscriptions).await, Ran::Failed { is_passing: true, .. }));
    w.tg.clear_faults();
    w.tg.set_bot_is_channel_admin(CHANNEL, SHOP, false);
    assert!(matches!(asks(&kit, Name::Subscriptions, Trigger::ByHand).await, Ran::Failed { .. }));
    assert_eq!(count(&kit.db, "SELECT count(*) FROM users WHERE is_subscribed = 1"), 20);
    let told = texts(&kit.db, "SELECT json_extract(payload, '$.html') FROM outbox");
    assert_eq!(told.iter().filter(|words| words.contains("бот в нём не администратор")).count(), 1, "{told:?}");
    w.tg.set_bot_is_channel_admin(CHANNEL, SHOP, true);
    assert_eq!(did(&asks(&kit, Name::Subscriptions, Trigger::ByHand).await).unwrap().count, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_without_a_channel_or_bots_is_not_complained_about() {
    let w = World::closed().await;
    let clock = noon();
    let mut kit = process(&w, &clock);
    somebody(&kit, 2001);
    change(&kit.db, "UPDATE users SET is_subscribed = 1");
    w.sets(&settings::TELEGRAM_CHANNEL_ID, "");
    assert_eq!(did(&runs(&kit, Name::Subscriptions).await).unwrap().count, 0);
    w.sets(&settings::TELEGRAM_CHANNEL_ID, CHANNEL);
    kit.bots.retain(|(name, _)| *name == BotName::Staff);
    clock.advance_ms(DAY);
    assert_eq!(did(&runs(&kit, Name::Subscriptions).await).unwrap().count, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_had_its_time_goes_and_redemptions_stay() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    let anna = somebody(&kit, 1);
    for sql in [
        "INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type, source_kind, created_at,
            created_day, created_by, expires_at, redeemed_at)
         SELECT 'p234567890123456', 'АБВ1234', u.id, t.id, 0, 1000, 'percent', 'single', 'manual', '2024-01-01T00:00:00Z', '2024-01-01',
            'x', '2024-01-09T00:00:00Z', '2024-01-02T00:00:00Z' FROM users u, discount_templates t WHERE t.name = 'manual_10'",
        "INSERT INTO redemptions (discount_id, is_single, is_test, actor, at, day, hour)
         SELECT id, 1, 0, 'cli:x', '2024-01-02T00:00:00Z', '2024-01-02', 10 FROM discounts",
        // 1,500 misses and one success of long ago, a miss of today.
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
         INSERT INTO discount_usage_logs (at, said_at, day, is_test, status, code_typed)
         SELECT '2024-01-02T00:00:00Z', '2024-01-02T00:00:00Z', '2024-01-02', 0, 'not_found', i FROM n",
        "INSERT INTO discount_usage_logs (at, said_at, day, is_test, status, code_typed, redemption_id)
         SELECT '2024-01-02T00:00:00Z', '2024-01-02T00:00:00Z', '2024-01-02', 0, 'success', 'x', id FROM redemptions",
        "INSERT INTO discount_usage_logs (at, said_at, day, is_test, status, code_typed)
         VALUES ('2026-11-22T00:00:00Z', '2026-11-22T00:00:00Z', '2026-11-22', 0, 'not_found', 'y')",
        // A letter about the success was settled long ago; one about a miss still waits.
        "INSERT INTO outbox (bot, chat_id, lane, kind, payload, not_before_ms, state, usage_log_id, created_ms, settled_ms)
         SELECT 'customer', 1, 1, 'text', '{}', 0, 'sent', max(id), 0, 1 FROM discount_usage_logs WHERE status = 'success'",
        "INSERT INTO outbox (bot, chat_id, lane, kind, payload, not_before_ms, usage_log_id, created_ms)
         SELECT 'customer', 1, 1, 'text', '{}', 0, min(id), 0 FROM discount_usage_logs",
        "INSERT INTO audit_log (at, actor, action, entity) VALUES ('2024-01-02T00:00:00Z', 'x', 'x', 'x')",
        "INSERT INTO audit_personal (audit_id, user_id) SELECT a.id, u.id FROM audit_log a, users u",
        "INSERT INTO audit_log (at, actor, action, entity) VALUES ('2026-11-01T00:00:00Z', 'x', 'x', 'x')",
        "INSERT INTO subscription_checks (user_id, checked_at, result) SELECT id, '2024-01-02T00:00:00Z', 'subscribed' FROM users",
        "INSERT INTO birthday_gifts (user_id, year, day, discount_id) SELECT u.id, 2020, '2020-01-01', d.id FROM users u, discounts d",
        "INSERT INTO discount_reminders (discount_id, days, day) SELECT id, 2, '2024-01-05' FROM discounts",
    ] {
        change(&kit.db, sql);
    }
    writes(&kit.db, move |tx| user::record_subscription(tx, anna, user::Subscription::Subscribed));
    let ran = runs(&kit, Name::Cleanup).await;
    let facts = &did(&ran).unwrap().facts;
    for (what, gone) in [
        ("attempts", 1499),
        ("outbox", 1),
        ("audit", 1),
        ("subscription_checks", 1),
        ("birthday_gifts", 1),
        ("reminders", 1),
    ] {
        assert_eq!(facts[what], gone, "{what}: {facts}");
    }
    for (sql, stay) in [
        ("SELECT count(*) FROM redemptions", 1),
        ("SELECT count(*) FROM discounts", 1),
        ("SELECT count(*) FROM discount_usage_logs", 3),
        ("SELECT count(*) FROM audit_log WHERE actor = 'x'", 1),
        ("SELECT count(*) FROM subscription_checks", 1),
    ] {
        assert_eq!(count(&kit.db, sql), stay, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_monday_at_ten_admins_who_want_reports_read_last_weeks_figures() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    change(
        &kit.db,
        "INSERT INTO admins (telegram_id, name, role, status, groups, created_at)
         VALUES (901, 'Марк', 'marketing', 'active', '[\"reports\"]', '2026-11-01T00:00:00Z'),
                (902, 'Рита', 'readonly', 'active', '[\"errors\"]', '2026-11-01T00:00:00Z')",
    );
    somebody(&kit, 1);
    writes(&kit.db, dvorik::schedule::insert_missing);
    clock.advance_ms(21 * HOUR);
    runs(&kit, Name::Report).await;
    assert_eq!(count(&kit.db, "SELECT count(*) FROM outbox"), 0, "09:00");
    clock.advance_ms(HOUR);
    for _ in 0..3 {
        runs(&kit, Name::Report).await;
    }
    let sent = texts(
        &kit.db,
        "SELECT bot || ' ' || chat_id || ' ' || json_extract(payload, '$.html') FROM outbox ORDER BY chat_id",
    );
    assert_eq!(sent.len(), 2, "{sent:?}");
    for (letter, to) in sent.iter().zip([900, 901]) {
        let expected = format!(
            "staff {to} Неделя 16.11.2026 – 22.11.2026\nПогашено скидок: <b>0</b> (неделей раньше 0)\nВыдано: 0 (было 0)\nНовых клиентов: 1 (было 0)\n"
        );
        assert!(letter.starts_with(&expected), "{letter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_telegram_never_answers_about_hold_up_nobody_and_accuse_nobody() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    for id in 2001..=2020 {
        somebody(&kit, id);
        w.tg.add_person(builtin_telegram::Person { id, first_name: "К".into(), ..Default::default() });
        w.tg.set_member(CHANNEL, id, ChatMemberStatus::Member);
    }
    // The first six in the queue: more than are asked about at once.
    for id in 2001..=2006 {
        let fault =
            if id % 2 == 0 { Fault::ServerErrorJson(500) } else { Fault::BadRequest("USER_ID_STRANGE".to_owned()) };
        w.tg.fault(fault.always().on_method("getChatMember").about(id));
    }
    change(&kit.db, "UPDATE users SET is_subscribed = 1");
    let asked = |id: i64| {
        let about = |r: &&std::sync::Arc<builtin_telegram::Receipt>| {
            r.method == "getChatMember" && r.params["user_id"].as_i64() == Some(id)
        };
        w.tg.receipts().iter().filter(about).count()
    };
    for night in 1..=3 {
        let ran = asks(&kit, Name::Subscriptions, Trigger::ByHand).await;
        let did = did(&ran).unwrap_or_else(|| panic!("night {night}: {ran:?}"));
        assert_eq!((did.count, did.left_out), (14, 6), "night {night}");
        assert_eq!((asked(2001), asked(2020)), (night, night));
        clock.advance_ms(DAY);
    }
    assert_eq!(count(&kit.db, "SELECT count(*) FROM users WHERE is_subscribed = 1"), 20);
    assert_eq!(count(&kit.db, "SELECT count(*) FROM outbox"), 0, "the bot has its rights: nobody is told otherwise");
}

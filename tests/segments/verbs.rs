//! Segments as rows: presets, names, the bot's menu, the audit.

use dvorik::actor::Actor;
use dvorik::broadcast;
use dvorik::error::{Error, Refusal, Result};
use dvorik::realm::Realm;
use dvorik::segment::{self, Filter, Segment, SegmentDraft};

use super::Shop;
use crate::given;
use crate::harness::{count, texts};

fn by() -> Actor {
    Actor::Cli("test".into())
}

fn draft(name: &str, filter: &str) -> SegmentDraft {
    SegmentDraft { name: name.into(), filter: Filter::parse(filter).unwrap(), in_bot_menu: false }
}

impl Shop {
    fn open() -> Self {
        Self::open_at("2026-11-22T03:00:00Z")
    }

    fn creates(&self, name: &str) -> Result<Segment> {
        let draft = draft(name, r#"{"tags":["vip"]}"#);
        self.db.write(move |tx| segment::create(tx, &draft, &by()))
    }

    fn gets(&self, reference: &str) -> Result<Segment> {
        self.db.read(|view| segment::get(view, reference))
    }
}

fn refusal<T: std::fmt::Debug>(done: Result<T>) -> Refusal {
    match done {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_new_shop_has_its_presets_and_each_is_a_filter_that_runs() {
    let shop = Shop::open();
    let all = shop.db.read(segment::list).unwrap();
    let names: Vec<&str> = all.iter().map(|segment| segment.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Все",
            "Подписчики",
            "Не подписанные",
            "Без активных скидок",
            "С активными скидками",
            "Мужчины",
            "Женщины",
            "18–34",
            "35 и старше",
            "VIP"
        ]
    );
    for segment in &all {
        assert!(segment.is_preset);
        let stored = texts(&shop.db, &format!("SELECT filter FROM segments WHERE id = {}", segment.id));
        assert_eq!(stored, [segment.filter.to_json()], "a preset is stored as it would be written");
        assert_eq!(shop.db.read(|view| segment::count(view, Realm::Real, &segment.filter)), Ok(0));
        assert_eq!(shop.gets(&segment.name).as_ref(), Ok(segment));
    }
    assert_eq!(count(&shop.db, "SELECT count(*) FROM segments WHERE created_at = updated_at"), 10);
}

#[test]
fn the_menu_is_what_is_marked_in_order() {
    let shop = Shop::open();
    let menu = || shop.db.read(segment::menu).unwrap().into_iter().map(|segment| segment.name).collect::<Vec<_>>();
    let presets = ["Все", "Подписчики", "Не подписанные", "Без активных скидок", "С активными скидками", "VIP"];
    assert_eq!(menu(), presets);
    let women = shop.gets("женщины").unwrap();
    let shown = SegmentDraft { in_bot_menu: true, ..women.draft() };
    shop.db.write(move |tx| segment::edit(tx, women.id, &shown, &by())).unwrap();
    assert_eq!(menu()[5..], ["Женщины", "VIP"]);
}

#[test]
fn a_segment_answers_to_its_name_in_any_case_and_to_its_number() {
    let shop = Shop::open();
    let made = shop.creates("  Ёлки   и чай ").unwrap();
    assert_eq!(made.name, "Ёлки и чай");
    for reference in ["елки и ЧАЙ", " Ёлки и чай", &made.id.to_string()] {
        assert_eq!(shop.gets(reference).as_ref(), Ok(&made), "{reference}");
    }
    for reference in ["", "0", "-1", "99", "елки", "99999999999999999999"] {
        assert!(matches!(refusal(shop.gets(reference)), Refusal::SegmentNotFound { .. }), "{reference}");
    }
}

#[test]
fn a_name_that_is_taken_or_no_name_is_refused() {
    let shop = Shop::open();
    assert_eq!(refusal(shop.creates("vip")), Refusal::SegmentNameTaken("VIP".into()));
    for name in ["", "  ", "12", "\u{7}", &"я".repeat(65)] {
        assert_eq!(refusal(shop.creates(name)).code(), "VALIDATION_ERROR", "{name:?}");
    }
    let vip = shop.gets("VIP").unwrap();
    let (renamed, id) = (SegmentDraft { name: "все".into(), ..vip.draft() }, vip.id);
    let taken = shop.db.write(move |tx| segment::edit(tx, id, &renamed, &by()));
    assert_eq!(refusal(taken), Refusal::SegmentNameTaken("Все".into()));
    let own = SegmentDraft { name: "Vip".into(), ..vip.draft() };
    assert_eq!(shop.db.write(move |tx| segment::edit(tx, id, &own, &by())).unwrap().1.name, "Vip");
}

#[test]
fn every_change_is_audited_and_none_is_not() {
    let shop = Shop::open();
    let made = shop.creates("Чай").unwrap();
    let id = made.id;
    let same = made.draft();
    shop.db.write(move |tx| segment::edit(tx, id, &same, &by())).unwrap();
    shop.db.write(move |tx| segment::edit(tx, id, &draft("Кофе", r#"{"all":true}"#), &by())).unwrap();
    shop.db.write(move |tx| broadcast::delete_segment(tx, id, &by())).unwrap();
    let audited = texts(
        &shop.db,
        "SELECT action || ' ' || entity_id || ' ' || coalesce(before, '-') || ' ' || coalesce(after, '-')
           FROM audit_log WHERE entity = 'segment' ORDER BY id",
    );
    let tea = r#"{"filter":"{\"tags\":[\"vip\"]}","in_bot_menu":false,"name":"Чай"}"#;
    let coffee = r#"{"filter":"{\"all\":true}","in_bot_menu":false,"name":"Кофе"}"#;
    assert_eq!(
        audited,
        [
            format!("create_segment 11 - {tea}"),
            format!("update_segment 11 {tea} {coffee}"),
            format!("delete_segment 11 {coffee} -"),
        ]
    );
    assert!(matches!(refusal(shop.gets("11")), Refusal::SegmentNotFound { .. }), "a deleted segment is gone");
    assert_eq!(shop.creates("Снова").unwrap().id.0, 12, "its number is never given again");
}

#[test]
fn those_left_out_are_counted_once_and_test_people_apart() {
    let shop = Shop::open();
    let person = |id: i64, test: i64, blocked: &str, muted: &str| {
        format!(
            "INSERT INTO users (id, telegram_id, is_test, name_norm, source, source_normalized, created_at, created_day,
                last_activity_at, bot_blocked_at, muted_at)
             VALUES ({id}, {id}, {test}, '', 'direct', 'direct', '2026-01-01T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00Z',
                {blocked}, {muted})"
        )
    };
    let at = "'2026-01-01T00:00:00Z'";
    let rows =
        [(0, "NULL", "NULL"), (0, at, "NULL"), (0, "NULL", at), (0, at, at), (1, "NULL", "NULL"), (1, at, "NULL")];
    shop.sql((1..).zip(rows).map(|(id, (test, blocked, muted))| person(id, test, blocked, muted)).collect());
    let reach = |realm, json: &str| {
        let filter = Filter::parse(json).unwrap();
        let reach = shop.db.read(|view| segment::reach(view, realm, &filter)).unwrap();
        [reach.total, reach.reachable, reach.muted, reach.bot_blocked, reach.test]
    };
    assert_eq!(reach(Realm::Real, r#"{"all":true}"#), [4, 1, 1, 2, 2], "a person who did both has blocked the bot");
    assert_eq!(reach(Realm::Real, r#"{"is_test":false}"#), [4, 1, 1, 2, 2]);
    assert_eq!(reach(Realm::Test, r#"{"all":true}"#), [2, 1, 0, 1, 0]);
    assert_eq!(reach(Realm::Real, r#"{"is_test":true}"#), [2, 1, 0, 1, 0], "the filter's own word goes first");
    assert_eq!(reach(Realm::Test, r#"{"is_test":false}"#), [4, 1, 1, 2, 2]);
}

#[test]
fn a_sample_is_of_the_asked_size_and_from_all_over() {
    let shop = Shop::open();
    for id in 1..=10 {
        given::customer(&shop.db, Realm::Real, id, None);
    }
    for (sample, ids) in
        [(0, vec![]), (1, vec![1]), (3, vec![1, 5, 9]), (10, (1..=10).collect()), (99, (1..=10).collect())]
    {
        let seen = shop.db.read(|view| segment::preview(view, Realm::Real, &Filter::everybody(), sample)).unwrap();
        assert_eq!(seen.sample.iter().map(|user| user.id.0).collect::<Vec<i64>>(), ids, "{sample}");
        assert_eq!(seen.reach.total, 10);
    }
}

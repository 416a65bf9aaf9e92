//! What came of broadcasts: `broadcast report`, `stats broadcasts`, and those to come in the overview.

use dvorik::broadcast::{Audience, Draft};
use dvorik::campaign;
use dvorik::discount::template;
use dvorik::ids::{TelegramId, UserId};
use dvorik::realm::Realm;
use dvorik::telegram::reply::Class;
use dvorik::user::{self, Person};
use serde_json::{Value, json};

use super::shop::{Shop, keys};
use crate::broadcasts::{draft, touch};
use crate::harness;

/// Masha, Anna and four others; the second of those wants no broadcasts.
fn six(shop: &Shop) -> Vec<UserId> {
    let more = |tx: &dvorik::db::Tx<'_>| {
        for id in 50..54 {
            let first_name = Some(format!("Гость {id}"));
            let person = Person { id: TelegramId(id), username: None, first_name, last_name: None };
            let user = campaign::arrive(tx, Realm::Real, &person, None)?.user;
            if id == 51 {
                user::set_muted(tx, user.id, user::Mute::On)?;
            }
        }
        Ok::<_, dvorik::error::Error>(())
    };
    shop.database().write(more).unwrap();
    let ids = "SELECT CAST(id AS TEXT) FROM users WHERE is_test = 0 ORDER BY id";
    harness::texts(&shop.database(), ids).iter().map(|id| UserId(id.parse().unwrap())).collect()
}

/// A broadcast whose code the first four get, of which one has blocked the bot and one is in doubt.
fn sent(shop: &Shop) -> Vec<UserId> {
    let people = six(shop);
    let template = shop.database().read(|view| template::get_by_ref(view, "manual_10")).unwrap().id;
    let mut said = Draft { title: "Ярмарка".into(), audience: Audience::People(people.clone()), ..draft("") };
    said.message.body = "Ваш код {{discount_code}}".into();
    said.message.template = Some(template);
    let (blocked, doubted) = (people[2], people[4]);
    touch::delivers(&shop.database(), said, move |user| match user {
        user if user == blocked => Class::Blocked,
        user if user == doubted => Class::Unknown,
        _ => Class::Sent { message_id: Some(7) },
    });
    people
}

#[test]
fn a_report_tells_who_came_first_and_then_who_got_it_and_why_others_did_not() {
    let shop = Shop::open();
    let people = sent(&shop);
    let hard = harness::texts(&shop.database(), "SELECT code FROM discounts WHERE user_id = 1").remove(0);
    assert_eq!(shop.runs(&["discount", "redeem", &hard, "--amount", "150"]).code, 0);
    let soft = shop.code("manual_10");
    assert_eq!(shop.runs(&["discount", "redeem", &soft]).code, 0);

    let report = shop.runs(&["broadcast", "report", "--json"]).json();
    let facts = |all: &Value, names: &[&str]| names.iter().map(|name| all[*name].clone()).collect::<Vec<_>>();
    assert_eq!(report["schema"], "dvorik.broadcast.report/1");
    let came = ["redeemed", "redeemed_by_code", "redeemed_within_7_days", "issued", "with_amount", "amount"];
    assert_eq!(facts(&report, &came), [2, 1, 2, 5, 1, 15_000].map(Value::from));
    let got = ["total_recipients", "sent", "failed", "blocked", "unknown", "skipped", "queued", "sending"];
    assert_eq!(facts(&report, &got), [6, 3, 1, 1, 1, 1, 0, 0].map(Value::from));
    assert_eq!(report["failed_by_class"], json!({ "blocked": 1 }));
    assert_eq!(report["skipped_by_reason"], json!({ "muted": 1 }));
    assert!(report["seconds"].as_i64().unwrap() >= 1 && report["per_minute"].is_i64(), "{report}");
    assert_eq!(shop.runs(&["broadcast", "report", "Ярмарка", "-q"]).out, "2\n", "the number that matters");

    let failed = shop.runs(&["broadcast", "report", "last", "--failed", "--json"]).json();
    assert_eq!(failed["schema"], "dvorik.broadcast.delivery.list/1");
    assert_eq!((&failed["total"], &failed["items"][0]["user_id"]), (&1.into(), &people[2].0.into()));
    assert_eq!((&failed["items"][0]["state"], &failed["items"][0]["class"]), (&"failed".into(), &"blocked".into()));
    let page = |page: &str| {
        let got = ["broadcast", "report", "last", "--state", "sent", "--limit", "2", "--page", page, "-q"];
        shop.runs(&got).out
    };
    assert_eq!((page("1"), page("2"), page("3")), ("1\n2\n".into(), format!("{}\n", people[5]), String::new()));
    assert_eq!(shop.runs(&["broadcast", "report", "4040"]).code, 3);
    assert_eq!(shop.runs(&["broadcast", "report", "last", "--failed", "--state", "sent"]).code, 2);
}

#[test]
fn figures_by_broadcast_and_broadcasts_to_come_are_told() {
    let shop = Shop::open();
    let empty = shop.runs(&["stats", "broadcasts", "--json"]).json();
    assert_eq!((&empty["schema"], &empty["series"]), (&"dvorik.stats.broadcasts/1".into(), &json!([])));
    sent(&shop);
    let code = harness::texts(&shop.database(), "SELECT code FROM discounts WHERE user_id = 1").remove(0);
    assert_eq!(shop.runs(&["discount", "redeem", &code]).code, 0);
    let told = shop.runs(&["stats", "broadcasts", "--json"]).json();
    let series = &told["series"][0];
    let all = ["failed", "issued", "key", "redeemed", "sent", "started_at", "status", "title", "unknown"];
    assert_eq!(keys(series), all);
    let figures = ["key", "sent", "issued", "redeemed"].map(|name| series[name].clone());
    assert_eq!(json!(figures), json!(["1", 3, 5, 1]));
    let past = shop.runs(&["stats", "broadcasts", "--from", "2020-01-01", "--to", "2020-12-31", "--json"]).json();
    assert_eq!(past["series"], json!([]));
    assert_eq!(shop.runs(&["stats", "broadcasts", "--test-data", "--json"]).json()["series"], json!([]));

    assert_eq!(shop.runs(&["broadcast", "create", "Завтра", "--text", "Скоро", "--all"]).code, 0);
    let at = ["broadcast", "schedule", "last", "--at", "2099-12-01 10:00", "--yes"];
    let scheduled = shop.runs(&at);
    assert_eq!(scheduled.code, 0, "{}", scheduled.err);
    let upcoming = shop.runs(&["stats", "--json"]).json()["upcoming_broadcasts"].clone();
    let waits = json!({ "id": 2, "title": "Завтра", "send_at": "2099-12-01T00:00:00Z", "recipients": 4 });
    assert_eq!(upcoming, json!([waits]));
}

#[test]
fn a_time_that_a_clock_change_skips_or_repeats_is_named() {
    let shop = Shop::bare();
    let config = std::fs::read_to_string(shop.path("config.toml")).unwrap();
    shop.configures(&format!("timezone = \"Europe/Berlin\"\n{config}"));
    assert_eq!(shop.runs(&["migrate"]).code, 0);
    let masha = super::shop::person(42, "Маша", None);
    shop.database().write(move |tx| dvorik::campaign::arrive(tx, Realm::Real, &masha, None).map(drop)).unwrap();
    let schedules = |at: &str| {
        shop.changes("broadcast create Час --text Привет --all", "dvorik.broadcast.create/1");
        shop.runs(&["broadcast", "schedule", "last", "--at", at, "--yes"])
    };
    let skipped = schedules("2027-03-28 02:30");
    assert_eq!(skipped.code, 2);
    for told in ["--at «2027-03-28 02:30»", "Europe/Berlin", "2027-03-28 01:59", "2027-03-28 03:00"] {
        assert!(skipped.err.contains(told), "{told}: {}", skipped.err);
    }
    let twice = schedules("2098-10-26 02:30");
    assert_eq!(twice.code, 0, "{}", twice.err);
    assert!(twice.err.contains("бывает дважды") && twice.err.contains("UTC+02:00"), "{}", twice.err);
    assert!(twice.err.contains("--at 2098-10-26T02:30+01:00"), "{}", twice.err);
    for (at, instant) in [
        ("2098-10-26 02:30", "2098-10-26T00:30:00Z"),
        ("2098-10-26T02:30+01:00", "2098-10-26T01:30:00Z"),
        ("2098-12-01T10:00+0300", "2098-12-01T07:00:00Z"),
        ("2098-12-01 10:00Z", "2098-12-01T10:00:00Z"),
        ("2098-12-01 10:00", "2098-12-01T09:00:00Z"),
    ] {
        shop.changes("broadcast create Час --text Привет --all", "dvorik.broadcast.create/1");
        let ran = shop.runs(&["broadcast", "schedule", "last", "--at", at, "--yes", "--json"]);
        assert_eq!(ran.code, 0, "{at}: {}", ran.err);
        assert_eq!(ran.json()["after"]["send_at"], instant, "{at}");
    }
}

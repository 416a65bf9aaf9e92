//! `import users`: what `export users` wrote comes back, whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{FileExt, symlink};
use std::process::Stdio;
use std::time::Instant;

use dvorik::campaign;
use dvorik::db::{Failure, Tx};
use dvorik::error::Error;
use dvorik::export::ExportKind;
use dvorik::ids::TelegramId;
use dvorik::realm::Realm;
use dvorik::staff::Owner;
use dvorik::user::import::COLUMNS;
use dvorik::user::{self, Country, Edit, Gender, Person, Phone, Tag};
use serde_json::{Value, json};

use super::shop::{Shop, person, words};
use crate::harness::{PATIENCE, Ran};

/// A shop with a database and nobody in it.
fn empty() -> Shop {
    let shop = Shop::bare();
    assert_eq!(shop.runs(&["migrate"]).code, 0);
    shop
}

fn imports(shop: &Shop, text: &str, flags: &str) -> Ran {
    fs::write(shop.path("in.csv"), text).unwrap();
    shop.runs(&[vec!["import", "users", "in.csv", "--json"], words(flags)].concat())
}

/// Everybody as exported, by Telegram id, without what belongs to one database or to Telegram.
fn everybody(shop: &Shop) -> BTreeMap<i64, Value> {
    let ran = shop.runs(&words("export users --format jsonl"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let mut all = BTreeMap::new();
    for line in ran.out.lines() {
        let mut person: Value = serde_json::from_str(line).unwrap();
        let fields = person.as_object_mut().unwrap();
        fields.remove("id");
        fields.remove("is_subscribed");
        fields["tags"].as_array_mut().unwrap().retain(|tag| tag != "blocked_bot");
        all.insert(fields["telegram_id"].as_i64().unwrap(), person);
    }
    all
}

const NAMES: [&str; 24] = [
    "Маша",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tтаб",
    "\rвозврат",
    "'=уже с апострофом",
    "''+дважды",
    "'просто апостроф",
    "＝полная ширина",
    "две\nстроки",
    "две\r\nстроки",
    "кавычка \" внутри",
    "\"в кавычках\"",
    "a,b;c",
    "\u{202e}סרוא",
    "محمد",
    "👩‍👩‍👧‍👦",
    " пробелы вокруг ",
    "NULL",
    "true",
    "007",
    "{\"json\":1}",
];
const PHONES: [&str; 9] = [
    "+79141234567",
    "+4930123456",
    "+81312345678",
    "+97122345678",
    "+380441234567",
    "+8801712345678",
    "+74232222222",
    "+14155550100",
    "+390612345678",
];
const TAGS: [&str; 7] = ["vip", "a,b", "say \"hi\"", "=1+1", "x;y", "новый", "'=t"];

/// A thousand people whom no spreadsheet should meet.
fn fill(shop: &Shop) {
    let fill = |tx: &Tx<'_>| {
        let owner = Owner::of_shell("test");
        for n in 0..1000_usize {
            let name = |n: usize| Some(NAMES[n % NAMES.len()].to_owned()).filter(|_| !n.is_multiple_of(7));
            let who = Person {
                id: TelegramId(5_000_000_000 + i64::try_from(n).unwrap()),
                username: Some(format!("user_{n}")).filter(|_| !n.is_multiple_of(3)),
                first_name: name(n),
                last_name: name(n / 5),
            };
            let start = ["ref_=evil", "ref_flyer-7", "", "ref_a,b"][n % 4];
            let found = campaign::arrive(tx, Realm::Real, &who, Some(start))?.user;
            let birthday = chrono::NaiveDate::from_yo_opt(1930 + i32::try_from(n % 90).unwrap(), 1);
            let edit = Edit {
                phone: (!n.is_multiple_of(2)).then(|| Phone::parse(PHONES[n % PHONES.len()], Country::RUSSIA).ok()),
                gender: Some(Gender::ALL[n % 3]),
                birthday: (!n.is_multiple_of(5)).then_some(birthday),
                status: None,
            };
            user::edit(tx, found.id, &edit, owner.actor())?;
            let tags: Vec<Tag> = TAGS.iter().take(n % 8).map(|tag| Tag::parse(tag).unwrap()).collect();
            user::change_tags(tx, found.id, &tags, &[], owner.actor())?;
            if n.is_multiple_of(10) {
                user::bot_blocked(tx, Realm::Real, who.id)?;
            }
        }
        tx.change(
            "UPDATE users SET created_at = '2024-02-29T15:30:00Z', created_day = '2024-03-01', last_activity_at = '2025-01-01T00:00:00Z'
             WHERE id % 3 = 0",
            [],
        )?;
        Ok::<_, Error>(())
    };
    shop.database().write(fill).unwrap();
}

#[test]
fn the_columns_of_both_ways_are_the_same() {
    assert_eq!(ExportKind::Users.keys(), COLUMNS);
}

#[test]
fn a_thousand_hostile_people_come_back_as_they_were() {
    let shop = Shop::bare();
    assert_eq!(shop.runs(&["migrate"]).code, 0);
    fill(&shop);
    let sent = everybody(&shop);
    assert_eq!(sent.len(), 1000);
    for flags in ["", "--excel", "--format jsonl"] {
        let exported = shop.runs(&[vec!["export", "users"], words(flags)].concat());
        let taken = empty();
        let ran = imports(&taken, &exported.out, "");
        assert_eq!(ran.code, 0, "{flags}: {}", ran.err);
        assert_eq!(ran.json()["after"]["created"], 1000, "{flags}");
        let came = everybody(&taken);
        for (id, person) in &sent {
            assert_eq!(came.get(id), Some(person), "{flags}");
        }
        assert_eq!(came.len(), sent.len());
        // Once more, nothing is to be done.
        assert_eq!(
            imports(&taken, &exported.out, "--on-conflict update").json()["after"]["unchanged"],
            1000,
            "{flags}"
        );
    }
}

#[test]
fn a_newcomer_is_as_if_they_had_come_by_themselves() {
    let shop = Shop::open();
    shop.changes("campaign create Листовка --key flyer", "dvorik.campaign.create/1");
    let text = "telegram_id,first_name,birthday,is_subscribed,source,tags,created_at\n\
                500,Ёлка,2002-02-03,true,flyer,VIP,2024-02-29T23:30:00Z\n";
    let ran = imports(&shop, text, "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let said = ran.json();
    assert_eq!((&said["schema"], &said["changed"]), (&json!("dvorik.import/1"), &json!(true)));
    let wanted = json!({
        "file": "in.csv", "rows": 1, "created": 1, "updated": 0, "unchanged": 0, "skipped": 0, "erased": 0, "wrong": 0,
        "on_conflict": "skip", "is_test": false, "notes": [],
    });
    assert_eq!(said["after"], wanted);
    let shown = shop.runs(&["user", "show", "tg:500", "--json"]).json();
    assert_eq!(shown["is_subscribed"], false, "only Telegram says so");
    assert_eq!((&shown["tags"], &shown["source"]), (&json!(["birthday_set", "vip"]), &json!("flyer")));
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE telegram_id = 500 AND birthday_md = '02-03' AND birthday_saved_at IS NOT NULL"), 1);
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE telegram_id = 500 AND created_day = '2024-03-01'"), 1);
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE telegram_id = 500 AND campaign_id IS NOT NULL"), 1);
    assert_eq!(shop.runs(&["user", "list", "--search", "елка", "--json"]).json()["total"], 1);
}

#[test]
fn whoever_is_there_stays_is_changed_or_stands_in_the_way() {
    let shop = Shop::open();
    shop.changes("user tag 1 old", "dvorik.user.tag/1");
    let text = "telegram_id,first_name,last_name,phone,gender,birthday,source,tags\n\
                42,Мария,,+4930123456,female,1990-05-06,leaflet,\"vip,new\"\n500,Новая,,,,,,\n";
    let before = everybody(&shop);
    let failed = imports(&shop, text, "--on-conflict fail");
    assert_eq!((failed.code, &failed.error()["details"]), (5, &json!({ "lines": [2], "known": 1 })));
    assert_eq!(everybody(&shop), before, "nobody is written, not even who would have gone");
    let skipped = imports(&shop, text, "");
    assert_eq!((&skipped.json()["after"]["created"], &skipped.json()["after"]["skipped"]), (&json!(1), &json!(1)));
    assert_eq!(everybody(&shop)[&42], before[&42]);
    let updated = imports(&shop, text, "--on-conflict update");
    assert_eq!((updated.code, &updated.json()["after"]["updated"]), (0, &json!(1)), "{}", updated.err);
    let masha = everybody(&shop)[&42].clone();
    for (field, value) in [
        ("first_name", json!("Мария")),
        ("username", json!("masha_k")),
        ("phone", json!("+4930123456")),
        ("gender", json!("female")),
        ("birthday", json!("1990-05-06")),
        ("source", json!("direct")),
        ("tags", json!(["birthday_set", "new", "vip"])),
    ] {
        assert_eq!(masha[field], value, "{field}");
    }
    // What a file does not say takes nothing back.
    let silent = imports(&shop, "telegram_id,phone,gender,birthday,tags\n42,,unknown,,\n", "--on-conflict update");
    assert_eq!(silent.json()["after"]["unchanged"], 1);
    assert_eq!(everybody(&shop)[&42], masha);
}

#[test]
fn many_are_changed_only_after_a_question() {
    let shop = Shop::open();
    let text = "telegram_id,gender\n42,female\n43,female\n";
    assert_eq!(imports(&shop, text, "--on-conflict update").code, 2);
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE gender = 'female'"), 0);
    assert_eq!(imports(&shop, text, "--on-conflict update --dry-run").code, 0);
    assert_eq!(imports(&shop, text, "--on-conflict update --yes").json()["after"]["updated"], 2);
}

#[test]
fn one_wrong_row_keeps_the_whole_file_out() {
    let shop = Shop::open();
    let text = "telegram_id;phone;birthday\r\n500;79141234567;\r\n501;12;2999-01-01\r\n42;;\r\n";
    let refused = imports(&shop, text, "--on-conflict update");
    assert_eq!(refused.code, 2, "{}", refused.err);
    let details = &refused.error()["details"];
    let places: Vec<_> = details["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["line"].clone(), fault["field"].clone()))
        .collect();
    assert_eq!(places, [(json!(3), json!("phone")), (json!(3), json!("birthday"))]);
    assert_eq!((&details["wrong"], &details["right"]), (&json!(1), &json!(2)));
    assert_eq!(shop.counts("SELECT count(*) FROM users"), 3);
    let told = shop.runs(&words("import users in.csv --lang ru"));
    assert!(told.err.contains("строка 3, phone «12»: такого телефона не бывает"), "{}", told.err);
    assert!(told.err.contains("в файле in.csv"), "{}", told.err);
    assert!(told.err.contains("Ничего не записано"), "{}", told.err);
}

#[test]
fn a_rehearsal_tells_the_same_and_writes_nothing() {
    let shop = Shop::open();
    let text = "telegram_id,gender\n42,female\n500,male\n";
    let rehearsed = imports(&shop, text, "--on-conflict update -n").json();
    assert_eq!((&rehearsed["changed"], &rehearsed["dry_run"]), (&json!(false), &json!(true)));
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE gender <> 'unknown'"), 0);
    assert_eq!(shop.counts("SELECT count(*) FROM audit_log"), 0);
    assert_eq!(imports(&shop, text, "--on-conflict update").json()["after"], rehearsed["after"]);
}

#[test]
fn it_is_audited_by_numbers() {
    let shop = Shop::open();
    imports(&shop, "telegram_id,first_name,phone\n42,Мария,\n500,Новая,89141234567\n", "--on-conflict update");
    let audited = shop.runs(&words("audit list --action import --json")).json();
    let entry = &audited["items"][0];
    assert_eq!((&audited["total"], &entry["before"]), (&json!(1), &Value::Null));
    let wanted = json!({
        "rows": 2, "created": 1, "updated": 1, "unchanged": 0, "skipped": 0, "erased": 0, "on_conflict": "update",
        "is_test": false,
    });
    assert_eq!(entry["after"], wanted);
    // What was changed of somebody stands with them, where erasing finds it.
    assert_eq!(shop.counts("SELECT count(*) FROM audit_personal WHERE user_id = 1"), 1);
    let personal = "SELECT count(*) FROM audit_log WHERE after LIKE '%9141234567%' OR after LIKE '%Мария%' OR after LIKE '%Новая%'";
    assert_eq!(shop.counts(personal), 0);
}

#[test]
fn people_are_taken_in_for_one_world_at_a_time() {
    let shop = Shop::open();
    let test = "telegram_id,first_name,is_test\n500,Проба,true\n";
    assert_eq!(imports(&shop, test, "").error()["details"]["faults"][0]["field"], "is_test");
    assert_eq!(imports(&shop, "telegram_id,is_test\n500,false\n", "--test-data").code, 2);
    assert_eq!(imports(&shop, test, "--test-data").json()["after"]["created"], 1);
    // The same Telegram account is somebody else in the other world.
    assert_eq!(imports(&shop, "telegram_id\n500\n", "").json()["after"]["created"], 1);
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE telegram_id = 500 AND is_test = 1"), 1);
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE telegram_id = 500"), 2);
}

#[test]
fn an_old_file_does_not_bring_back_who_asked_to_be_forgotten() {
    let shop = Shop::open();
    let config = fs::read_to_string(shop.path("config.toml")).unwrap();
    shop.configures(&format!("{config}[security]\njwt_secret = \"{}\"\n", "0123456789abcdef".repeat(4)));
    let exported = shop.runs(&words("export users")).out;
    assert_eq!(shop.runs(&words("user erase 1 --yes")).code, 0);
    let said = imports(&shop, &exported, "--on-conflict update").json();
    assert_eq!((&said["after"]["erased"], &said["after"]["created"]), (&json!(1), &json!(0)));
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE telegram_id = 42"), 0);
    // Who has come back by themselves is somebody again.
    let masha = person(42, "Маша", None);
    shop.database().write(move |tx| campaign::arrive(tx, Realm::Real, &masha, None).map(drop)).unwrap();
    let said = imports(&shop, &exported, "--on-conflict update").json();
    assert_eq!((&said["after"]["erased"], &said["after"]["updated"]), (&json!(0), &json!(1)));
}

#[test]
fn only_a_regular_file_is_read() {
    let shop = Shop::open();
    assert_eq!(shop.runs(&words("import users nowhere.csv")).code, 3);
    fs::write(shop.path("real.csv"), "telegram_id\n500\n").unwrap();
    symlink(shop.path("real.csv"), shop.path("link.csv")).unwrap();
    let fifo = shop.path("pipe.csv");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    fs::write(shop.path("half.csv"), b"telegram_id,first_name\n500,\xd0\xa1\xd0\n").unwrap();
    for name in ["link.csv", "pipe.csv", ".", "half.csv"] {
        let refused = shop.runs(&["import", "users", name, "--json"]);
        assert_eq!(
            (refused.code, &refused.error()["code"]),
            (2, &json!("VALIDATION_ERROR")),
            "{name}: {}",
            refused.err
        );
    }
    assert_eq!(shop.counts("SELECT count(*) FROM users"), 3);
    assert_eq!(shop.runs(&words("import users real.csv")).code, 0);
}

/// A file that users sent, imported as it is.
fn imports_case(shop: &Shop, name: &str, flags: &str) -> Ran {
    let file = format!("{}/tests/cases/{name}", env!("CARGO_MANIFEST_DIR"));
    shop.runs(&[vec!["import", "users", &file, "--lang", "ru"], words(flags)].concat())
}

#[test]
fn what_is_torn_is_refused_with_its_place_and_nothing_is_written() {
    let shop = empty();
    for (name, told) in [
        ("i06d_quote_tags.csv", "строка 2, tags «vip"),
        ("i06f_truncated.csv", "строка 3, first_name «Бор»: кавычка открыта и не закрыта"),
        ("i05_mac_cr.csv", "строка 3, phone «xx»"),
        ("i15_google.csv", "у клиента должен быть telegram_id"),
        ("i26b_dupkey.jsonl", "строка 1, first_name «Б»: поле названо дважды"),
        ("i11_x1.csv", "строка 2, phone «8914123456»"),
    ] {
        let ran = imports_case(&shop, name, "");
        assert_eq!(ran.code, 2, "{name}: {}", ran.err);
        assert!(ran.err.contains(told) && ran.err.contains(name), "{name}: {}", ran.err);
    }
    assert!(imports_case(&shop, "i15_google.csv", "").err.contains("--map"));
    assert_eq!(shop.counts("SELECT count(*) FROM users"), 0);
}

#[test]
fn what_the_owner_should_know_of_a_file_is_in_the_summary() {
    let shop = empty();
    let twins = imports_case(&shop, "i12_dup_phone.csv", "");
    assert_eq!(twins.code, 0, "{}", twins.err);
    assert!(twins.err.contains("Один телефон у двух клиентов, строки: 2 и 3."), "{}", twins.err);
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE phone = '+79141234567'"), 2);
    let cyrillic = imports_case(&shop, "i01_cp1251.csv", "--json").json();
    assert_eq!(cyrillic["after"]["notes"], json!([{ "note": "encoding", "details": "windows-1251" }]));
    assert_eq!(everybody(&shop)[&9101]["first_name"], "Анна");
    let cut = imports(&shop, "telegram_id,first_name\n500,Анна\n501,Бор", "").json();
    assert_eq!(cut["after"]["notes"], json!([{ "note": "unterminated", "details": [3] }]));
    assert_eq!(cut["after"]["created"], 2);
    let mapped = "Name,Id,Phone\nАнна,502,89140000001\n";
    fs::write(shop.path("other.csv"), mapped).unwrap();
    let ran = shop.runs(&["import", "users", "other.csv", "--map", "Id=telegram_id", "--map", "Phone=phone", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.json()["after"]["notes"], json!([{ "note": "columns", "details": ["Name"] }]));
    assert_eq!(everybody(&shop)[&502]["phone"], "+79140000001");
    let wrong = shop.runs(&["import", "users", "other.csv", "--map", "Id=telegramid", "--lang", "ru"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("нужно столбец=поле"), "{}", wrong.err);
}

#[test]
fn hostile_names_come_back_by_csv_and_by_excel() {
    let shop = empty();
    let names = imports_case(&shop, "i16_names.jsonl", "");
    assert_eq!(names.code, 0, "{}", names.err);
    let sent = everybody(&shop);
    assert!(sent.len() > 20);
    for flags in ["", "--excel"] {
        let exported = shop.runs(&[vec!["export", "users"], words(flags)].concat());
        let taken = empty();
        assert_eq!(imports(&taken, &exported.out, "").code, 0, "{flags}");
        assert_eq!(everybody(&taken), sent, "{flags}");
        let again = imports(&shop, &exported.out, "--on-conflict update").json();
        assert_eq!(again["after"]["unchanged"], json!(sent.len()), "{flags}");
    }
}

#[test]
fn a_file_comes_through_stdin_whole_or_not_at_all() {
    let shop = empty();
    let pipes = |text: &str| {
        let mut command = shop.command(&["import", "users", "-", "--json"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        child.wait_with_output().unwrap().status.code()
    };
    let right: String = (1..=300).map(|id| format!("{id}\n")).collect();
    assert_eq!(pipes(&format!("telegram_id\n{right}\"9")), Some(2));
    assert_eq!(shop.counts("SELECT count(*) FROM users"), 0);
    assert_eq!(pipes(&format!("telegram_id\n{right}")), Some(0));
    assert_eq!(shop.counts("SELECT count(*) FROM users"), 300);
}

#[test]
fn a_killed_import_is_told_and_finished_by_the_same_file() {
    const ROWS: i64 = 20_000;
    let shop = empty();
    let rows: String = (1..=ROWS).map(|id| format!("{id},Имя {id}\n")).collect();
    fs::write(shop.path("many.csv"), format!("telegram_id,first_name\n{rows}")).unwrap();
    let mut import = shop.command(&["import", "users", "many.csv"]).stdout(Stdio::null()).spawn().unwrap();
    let database = shop.database();
    let count = || database.read::<_, Failure, _>(|view| view.get("SELECT count(*) FROM users", [], |row| row.get(0)));
    let until = Instant::now() + PATIENCE;
    while count().unwrap() == 0_i64 {
        assert!(Instant::now() < until && import.try_wait().unwrap().is_none(), "no row was seen while it ran");
    }
    import.kill().unwrap();
    import.wait().unwrap();
    let done: i64 = count().unwrap();
    assert!(done > 0 && done < ROWS, "{done}");

    fs::write(shop.path("other.csv"), "telegram_id\n900001\n").unwrap();
    let other = shop.runs(&words("import users other.csv --lang ru"));
    let lang = dvorik::language::Language::Ru;
    let told = format!("из файла many.csv записано строк {} из {}", lang.number(done), lang.number(ROWS));
    assert!(
        other.err.contains(&told) && other.err.contains("import users many.csv --on-conflict skip"),
        "{}",
        other.err
    );
    let again = shop.runs(&words("import users many.csv --on-conflict skip --json")).json();
    assert_eq!((&again["after"]["skipped"], &again["after"]["created"]), (&json!(done), &json!(ROWS - done)));
    let note =
        json!({ "note": "unfinished", "details": { "file": "many.csv", "rows": ROWS, "done": done, "is_this": true } });
    assert_eq!(again["after"]["notes"], json!([note]));
    assert_eq!(count().unwrap(), ROWS + 1);
    let after = shop.runs(&words("import users many.csv -n --json")).json();
    assert_eq!(after["after"]["notes"], json!([]), "nothing is left to finish");
}

#[test]
fn a_file_that_changes_while_it_is_imported_is_told() {
    const ROWS: i64 = 20_000;
    let shop = empty();
    let rows: String = (1..=ROWS).map(|id| format!("{id},Имя {id}\n")).collect();
    let text = format!("telegram_id,first_name\n{rows}");
    fs::write(shop.path("many.csv"), &text).unwrap();
    let mut import = shop.command(&["import", "users", "many.csv", "--lang", "ru", "--json"]);
    let mut import = import.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let database = shop.database();
    let count = || database.read::<_, Failure, _>(|view| view.get("SELECT count(*) FROM users", [], |row| row.get(0)));
    let until = Instant::now() + PATIENCE;
    while count().unwrap() == 0_i64 {
        assert!(Instant::now() < until && import.try_wait().unwrap().is_none(), "no row was seen while it ran");
    }
    let last = text.len() - "20000\n".len();
    fs::File::options().write(true).open(shop.path("many.csv")).unwrap().write_all_at(b"9", last as u64).unwrap();
    let ended = import.wait_with_output().unwrap();
    let said: Value = serde_json::from_slice(&ended.stderr).unwrap();
    let done: i64 = count().unwrap();
    assert_eq!((ended.status.code(), &said["error"]["details"]["rows"]), (Some(6), &json!(done)), "{said}");
    assert!(done > 0 && done < ROWS, "{done}");
    let message = said["error"]["message"].as_str().unwrap();
    assert!(message.starts_with(&format!("Записано строк: {done}")) && message.contains("Файл изменился"), "{message}");
    assert_eq!(shop.counts("SELECT count(*) FROM users WHERE telegram_id > 19999"), 0);
    // The rest of the file as it is now.
    let again = shop.runs(&words("import users many.csv --on-conflict skip --json")).json();
    assert_eq!((&again["after"]["skipped"], &again["after"]["created"]), (&json!(done), &json!(ROWS - done)));
}

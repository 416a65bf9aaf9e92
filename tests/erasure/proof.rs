//! The proof: a person who has touched everything is erased, and nothing of them is left in any column or in the bytes of
//! any file but earlier backups. `columns.txt` says of every column of the database whether it ever holds a person's data;
//! a new column must be added there, and one that holds a person's data must be touched here before it may be forgotten.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use builtin_telegram::Person;
use dvorik::actor::Actor;
use dvorik::idempotency::{self, StoredAnswer, Ticket};
use dvorik::ids::{AdminId, TelegramId};
use dvorik::inbox;
use dvorik::outbox::{self, Letter};
use dvorik::realm::{BotName, Realm};
use dvorik::settings;
use dvorik::staff::AdminEdit;
use dvorik::telegram::client::Keyboard;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::given;
use crate::harness::{OWNER, PATIENCE, Ran, SHOP, STAFF, Someone, World, becomes_true, code_in, count, texts};

/// Needs six bytes, so that its bytes are nobody else's.
const ID: i64 = 7_412_345_678;
const FIRST: &str = "Занзибара";
const LAST: &str = "Квасолапова";
const USERNAME: &str = "zanzibara_kv";
const FORMER_NAME: &str = "Прежнеимя";
const AT_THE_COUNTER: &str = "Кассирзанзи";
const PHONE: &str = "+79147654321";
const TAG: &str = "кумазанзи";
/// In every spelling that is used below; small letters as searches keep them.
const NEEDLES: [&str; 16] = [
    "7412345678",
    FIRST,
    "занзибара",
    LAST,
    "квасолапова",
    USERNAME,
    FORMER_NAME,
    "прежнеимя",
    AT_THE_COUNTER,
    TAG,
    "9147654321",
    "914 765-43-21",
    "9140000011",
    "1990-05-07",
    "07.05.1990",
    "1991-06-08",
];

const SENT: &str = "sent-to-a-chat-0000000";
const FETCHED: &str = "waits-to-be-fetched-00";

const JWT: &str = "jwt_secret = \"signs-logins-signs-logins-signs-logins\"";
const OWN_KEY: &str = "erasure_key = \"knows-the-erased-knows-the-erased\"";

fn ran(w: &World, line: &str) -> Ran {
    let ran = w.ran(&line.split_whitespace().map(|word| word.trim_matches('~')).collect::<Vec<_>>());
    assert_eq!(ran.code, 0, "{line}: {}", ran.err);
    ran
}

/// Every column of every table, but for what SQLite and the full-text index keep for themselves.
fn columns(w: &World) -> BTreeSet<String> {
    let sql = "SELECT m.name || '.' || c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'user_search_%'";
    w.texts(sql).into_iter().collect()
}

/// The columns that hold anything of the person now.
fn holding(w: &World) -> BTreeSet<String> {
    let db = w.db();
    let holds = |column: &String| {
        let (table, name) = column.split_once('.').unwrap();
        let like = NEEDLES.map(|needle| format!("CAST(\"{name}\" AS TEXT) LIKE '%{needle}%'")).join(" OR ");
        count(&db, &format!("SELECT count(*) FROM \"{table}\" WHERE {like}")) > 0
    };
    columns(w).into_iter().filter(holds).collect()
}

/// The columns of `columns.txt` with this word behind them.
fn listed(word: &str) -> BTreeSet<String> {
    let lines = include_str!("columns.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pairs = lines.map(|line| line.split_once(' ').unwrap());
    pairs.filter(|(_, is)| word.is_empty() || is.trim() == word).map(|(column, _)| column.to_owned()).collect()
}

/// Files under `directory` whose bytes hold anything of the person, but for those called like `but`. Read by another
/// process: reading the database here would drop the locks SQLite has on it.
fn raw(directory: &Path, but: &[&str]) -> Vec<String> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    let as_integer = hex(ID.to_be_bytes().get(3..).unwrap());
    let texts = NEEDLES.iter().map(|needle| (*needle, hex(needle.as_bytes())));
    let mut found = Vec::new();
    for (needle, pattern) in texts.chain([("the id as SQLite's integer", as_integer)]) {
        let grep = Command::new("grep").args(["-rlaP", &pattern]).arg(directory).env("LC_ALL", "C").output().unwrap();
        let paths = String::from_utf8(grep.stdout).unwrap();
        let others = paths.lines().filter(|path| !but.iter().any(|name| path.ends_with(name)));
        found.extend(others.map(|path| format!("{needle} in {path}")));
    }
    found
}

/// Somebody who has been a customer, a cashier and an admin, has used everything and was written about everywhere.
async fn lives(w: &World) {
    let person = w.someone(SHOP, Person { id: ID, first_name: FORMER_NAME.into(), ..Person::default() });
    person.opens(Some("ref_zanzibara_kv"));
    person.hears("Привет").await;
    let (last_name, username) = (Some(LAST.into()), Some(USERNAME.into()));
    w.tg.add_person(Person { id: ID, first_name: FIRST.into(), last_name, username });
    person.subscribes();
    person.presses("Проверить подписку");
    let gift = person.hears("Вы подписаны").await;
    let code = code_in(&gift);
    person.presses("Указать дату рождения");
    person.hears("Напишите дату").await;
    person.says("07.05.1990");
    w.waits_for_count("SELECT count(*) > 0 FROM users WHERE birthday = '1990-05-07'", 1).await;
    ran(w, &format!("user edit tg:{ID} --phone 8(914)000-00-11 --gender female --birthday 08.06.1991"));
    ran(w, &format!("user edit tg:{ID} --phone {PHONE} --birthday 07.05.1990"));
    ran(w, &format!("user tag tg:{ID} vip {TAG}"));
    person.presses("Мои скидки");
    person.hears("действует до").await;
    person.presses("Оформить заказ");
    w.owner().hears_ever(LAST).await;
    at_the_counter(w, &code).await;
    behind_the_counter(w).await;
    reads_broadcast(w, &person).await;
    std::fs::write(w.file("in.csv"), format!("telegram_id,phone\n{ID},+79140000011\n{ID}1,{PHONE}\n")).unwrap();
    ran(w, "import users in.csv --on-conflict update");
    w.changes(format!("DELETE FROM users WHERE telegram_id = {ID}1"));
    ran(w, &format!("user edit tg:{ID} --phone {PHONE}"));
    std::fs::remove_file(w.file("in.csv")).unwrap();
}

async fn at_the_counter(w: &World, code: &str) {
    let cashier = w.cashier("Пётр").await;
    cashier.says(code);
    cashier.hears(LAST).await;
    cashier.presses("Погасить");
    cashier.hears("Погашено").await;
    // The press brings the card's words along.
    ran(w, &format!("discount undo {code} --reason {LAST}"));
    let issued = ran(w, &format!("discount issue tg:{ID} --template manual_10 --json")).json();
    let other = issued["after"]["code"].as_str().unwrap().to_owned();
    ran(w, &format!("discount revoke {other} --reason {FIRST}"));
    let mistyped = w.ran(&["discount", "check", "8 914 765-43-21"]);
    assert_ne!(mistyped.code, 0, "{}", mistyped.out);
}

async fn behind_the_counter(w: &World) {
    let person = Someone { bot: STAFF, ..w.someone(SHOP, person()) };
    person.says("/start");
    person.hears("Запрос отправлен").await;
    ran(w, "cashier approve 2");
    person.hears("вы кассир").await;
    ran(w, &format!("cashier edit 2 --name {AT_THE_COUNTER}"));
    ran(w, "cashier suspend 2");
    w.changes(format!(
        "INSERT INTO admins (telegram_id, name, username, role, status, groups, created_at)
         VALUES ({ID}, '{FIRST}', '{USERNAME}', 'readonly', 'suspended', '[]', '2026-11-01T00:00:00Z')"
    ));
    w.changes(format!(
        "INSERT INTO audit_log (at, actor, action, entity, entity_id, before, after) VALUES ('2026-11-01T00:00:00Z',
         'cli:root', 'edit_admin', 'admin', '2', '{{\"name\":\"{FORMER_NAME}\"}}', '{{\"name\":\"{FIRST}\"}}')"
    ));
    w.changes(format!("INSERT INTO login_tokens (hash, admin_id, expires_ms) VALUES ('{}', 2, 0)", "0".repeat(64)));
    w.changes(format!("INSERT INTO invitation_misses (telegram_id, at_ms) VALUES ({ID}, 0)"));
}

async fn reads_broadcast(w: &World, person: &Someone) {
    w.sets(&settings::AUTO_BROADCAST_FROM_ADMINS, "true");
    w.sets(&settings::RATE_LIMIT_PER_MINUTE, "1500");
    given::admin(&w.db(), AdminId(1), AdminEdit { can_broadcast_from_chat: Some(true), ..AdminEdit::default() });
    let olga = w.someone(SHOP, Person { id: OWNER, first_name: "Ольга".into(), ..Person::default() });
    olga.opens(None);
    olga.hears("Привет").await;
    olga.says("Новинки, {{first_name}}!");
    let groups = olga.hears("Кому отправить").await;
    olga.presses_under(&groups, "Все");
    let card = olga.hears("получателей").await;
    olga.presses_under(&card, "Отправить");
    person.hears(&format!("Новинки, {FIRST}!")).await;
    let mine = format!("user_id = (SELECT id FROM users WHERE telegram_id = {ID})");
    w.waits_for_count(&format!("SELECT count(*) > 0 FROM deliveries WHERE state = 'sent' AND {mine}"), 1).await;
    w.changes(format!("UPDATE deliveries SET error = 'chat {ID} not found' WHERE {mine}"));
}

fn person() -> Person {
    let (last_name, username) = (Some(LAST.into()), Some(USERNAME.into()));
    Person { id: ID, first_name: FIRST.into(), last_name, username }
}

/// What is there only while nobody serves: updates and letters that wait, a question nobody has answered, a gift.
fn waits(w: &World) {
    let user = w.count(&format!("SELECT id FROM users WHERE telegram_id = {ID}"));
    w.changes(format!(
        "INSERT INTO birthday_gifts (user_id, year, day, discount_id) SELECT {user}, 1990, '1990-05-07', min(id) FROM discounts"
    ));
    for bot in ["customer", "staff"] {
        w.changes(format!(
            "INSERT INTO conversation_states (bot, telegram_id, state, payload, expires_ms)
             VALUES ('{bot}', {ID}, 'awaiting_birthday', '{{\"text\":\"{FIRST}\"}}', 9999999999999)"
        ));
    }
    let says = |update_id: i64, from: i64, text: &str| -> Value {
        json!({ "update_id": update_id, "message": {
            "message_id": 1, "date": 1_795_000_000, "chat": { "id": from, "type": "private" },
            "from": { "id": from, "is_bot": false, "first_name": if from == ID { FIRST } else { "Пётр" } }, "text": text,
            "reply_to_message": { "message_id": 2, "text": format!("{FIRST} {LAST}") },
        } })
    };
    let mine = [says(9001, ID, "/start"), says(9002, ID, PHONE)];
    let staffs = [says(9003, 1002, &format!("{LAST} {PHONE}")), says(9004, 1002, FIRST)];
    let (name, html) = (format!("{FIRST} {LAST}"), |text: &str| (text.to_owned(), Keyboard::None));
    let letter = move |bot, chat, text: String| {
        let (text, keyboard) = html(&text);
        Letter::automatic(bot, TelegramId(chat), text, keyboard)
    };
    let write = move |tx: &dvorik::db::Tx<'_>| {
        inbox::store(tx, BotName::Customer, &mine)?;
        inbox::store(tx, BotName::Staff, &staffs)?;
        outbox::enqueue(tx, &letter(BotName::Staff, OWNER, format!("Заказ: <b>{name}</b> @{USERNAME}")))?;
        outbox::enqueue(tx, &letter(BotName::Customer, ID, format!("Здравствуйте, {FIRST}!")))?;
        let ticket = Ticket { route: "POST /api/v1/discounts".into(), key: format!("for-{ID}"), body: "0".repeat(64) };
        idempotency::keep(tx, &Actor::Admin(AdminId(1)), &ticket, &StoredAnswer { status: 201, answer: "{}".into() })
    };
    block_in_place(|| w.db().write(write)).unwrap();
    w.change("UPDATE updates SET state = 'parked' WHERE update_id IN (9002, 9004)");
    // One export went to a chat, one waits to be fetched; both files name them.
    for (id, chat) in [(SENT, "900"), (FETCHED, "NULL")] {
        w.changes(format!(
            "INSERT INTO exports (id, actor, kind, is_test, is_excel, plan, said, chat_id, state, created_ms) SELECT
             '{id}', 'admin:1', 'users', 0, 0, '{{}}', '{{}}', {chat}, 'done', max(received_ms) FROM updates"
        ));
        let directory = w.file("dvorik.db.exports");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(format!("{id}-1")), format!("{ID},{FIRST}\n")).unwrap();
    }
    w.changes(format!(
        "INSERT INTO outbox (bot, chat_id, lane, kind, payload, dedupe_key, not_before_ms, state, created_ms, settled_ms)
         VALUES ('staff', {OWNER}, 1, 'gone', '{{\"kind\":\"gone\"}}', 'export:{SENT}', 0, 'sent', 0, 9999999999999)"
    ));
    w.changes(format!("UPDATE updates SET error = 'about {ID}' WHERE update_id = 9002"));
    w.changes(format!("UPDATE outbox SET error = 'chat {ID} not found' WHERE chat_id = {ID}"));
    w.changes(format!(
        "INSERT INTO told (what, bot, about, reason, at_ms) VALUES ('notice_letter_refused', 'customer', 'welcome', 'about {ID}', 0)"
    ));
}

async fn a_shop_with_a_key() -> World {
    let mut w = World::closed().await;
    w.reconfigures(&[("[http]\n", &format!("[security]\n{JWT}\n{OWN_KEY}\n[http]\n"))]);
    // Others, whose names split the pages that the person's stand in.
    w.change(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
         INSERT INTO users (telegram_id, is_test, username, first_name, name_norm, source, source_normalized, created_at,
           created_day, last_activity_at, bot_blocked_at)
         SELECT 500000 + i, 0, 'u' || hex(randomblob(6)), 'Имя', 'имя ' || hex(randomblob(9)), 'direct', 'direct',
           '2026-11-22T03:00:00Z', '2026-11-22', '2026-11-22T03:00:00Z', '2026-11-22T03:00:00Z' FROM n",
    );
    w
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_is_listed_as_a_persons_or_not() {
    let w = World::closed().await;
    let (all, listed) = (columns(&w), listed(""));
    let new: Vec<_> = all.difference(&listed).collect();
    assert!(
        new.is_empty(),
        "add to tests/erasure/columns.txt, and a person's data to `forget_person` of the table's owner and this proof: {new:?}"
    );
    let gone: Vec<_> = listed.difference(&all).collect();
    assert!(gone.is_empty(), "not in the database: {gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_erased_person_is_left_in_any_column_or_file() {
    let mut w = a_shop_with_a_key().await;
    w.serves().await;
    lives(&w).await;
    w.stops().await;
    let whole = "SELECT count(*) FROM updates WHERE state = 'done' AND (raw <> '{}' OR lane <> 0)";
    assert_eq!(w.count(whole), 0, "what has been handled keeps its number alone");
    waits(&w);
    assert_eq!(holding(&w), listed("person"), "left: what this person has touched; right: columns.txt");
    let before = ran(&w, "backup -q").out;
    let older = before.trim().rsplit('/').next().unwrap().to_owned();
    let directory = w.file("");
    assert!(!raw(&directory, &[&older]).is_empty(), "the search finds nothing at all");

    let erased = ran(&w, &format!("user erase tg:{ID} --yes --json")).json();
    assert_eq!(erased["after"]["backups"], json!([older]));
    assert!(erased["after"]["backups_gone_on"].is_string(), "{erased}");
    assert_eq!(holding(&w), BTreeSet::new());
    assert_eq!(erased["after"]["codes_revoked"], 1, "the code that was taken back by mistake was live again");
    assert_eq!(w.count("SELECT count(*) FROM discounts WHERE revoked_at IS NULL AND redeemed_at IS NULL"), 0);
    assert_eq!(w.count("SELECT count(*) FROM users WHERE birthday_md = '05-07'"), 0);
    assert_eq!(w.count("SELECT count(*) FROM login_tokens"), 0);
    assert_eq!(w.texts("SELECT id || ' ' || state || ' ' || round FROM exports"), [format!("{FETCHED} waiting 2")]);
    assert_eq!(w.count("SELECT count(*) FROM birthday_gifts"), 0);
    assert_eq!(raw(&directory, &[&older]), Vec::<String>::new(), "right after the command");

    w.serves().await;
    w.waits_for_count("SELECT count(*) FROM updates WHERE state = 'queued'", 0).await;
    w.waits_for_count("SELECT count(*) > 0 FROM exports WHERE state = 'done'", 1).await;
    // Somebody else has the file open, so that it is not the last connection's end that empties the log.
    let other = w.db();
    assert_eq!(count(&other, "SELECT count(*) FROM exports"), 1);
    w.stops().await;
    let log = std::fs::metadata(w.file("dvorik.db-wal")).map_or(0, |found| found.len());
    assert_eq!(log, 0, "the log is empty after a stop");
    assert_eq!(raw(&directory, &[&older]), Vec::<String>::new(), "after a stop");
    ran(&w, "backup -q");
    assert_eq!(raw(&directory, &[&older]), Vec::<String>::new(), "with the next backup");
    let kept = texts(&w.db(), "SELECT code_typed FROM discount_usage_logs WHERE status = 'not_found'");
    assert_eq!(kept, ["…"], "the attempt itself stays");
    let letters =
        texts(&w.db(), &format!("SELECT payload FROM outbox WHERE chat_id = {OWNER} AND payload LIKE '%Заказ:%'"));
    assert!(letters.iter().all(|letter| letter.contains("<b>…</b> @…")), "{letters:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_go_while_the_daemon_works_as_soon_as_no_reader_needs_them() {
    let mut w = a_shop_with_a_key().await;
    w.serves().await;
    let person = w.someone(SHOP, person());
    person.opens(None);
    person.hears("Привет").await;
    ran(&w, &format!("user edit tg:{ID} --phone {PHONE}"));
    let reader = w.locks_database_for_reading();
    ran(&w, &format!("user erase tg:{ID} --yes"));
    assert_eq!(holding(&w), BTreeSet::new());
    let directory = w.file("");
    assert!(!raw(&directory, &[]).is_empty(), "an old snapshot is still read");
    drop(reader);
    let is_gone = becomes_true(PATIENCE, async || raw(&directory, &[]).is_empty()).await;
    assert!(is_gone, "{:?}", raw(&directory, &[]));
    w.stops().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_login_secret_brings_nobody_back_and_a_wrong_key_is_refused() {
    let mut w = a_shop_with_a_key().await;
    w.serves().await;
    let person = w.someone(SHOP, person());
    person.opens(None);
    person.hears("Привет").await;
    person.subscribes();
    person.presses("Проверить подписку");
    person.hears("Вы подписаны").await;
    ran(&w, &format!("user erase tg:{ID} --yes"));
    w.stops().await;
    std::fs::write(w.file("in.csv"), format!("telegram_id,first_name\n{ID},{FIRST}\n")).unwrap();
    w.reconfigures(&[(JWT, &JWT.replace("logins", "others"))]);
    let imported = ran(&w, "import users in.csv --json").json();
    assert_eq!((&imported["after"]["erased"], &imported["after"]["created"]), (&json!(1), &json!(0)));
    w.serves().await;
    person.opens(None);
    person.hears("Привет").await;
    person.presses("Проверить подписку");
    person.hears("Следующ").await;
    assert_eq!(w.count("SELECT count(*) FROM discounts WHERE revoked_at IS NULL"), 0, "no gift is farmed");
    w.stops().await;

    // Without its line the login secret stands in, and is not the key; nor is any other.
    let other = OWN_KEY.replace("knows", "seeks");
    for (from, to) in [(OWN_KEY, "# no key"), ("# no key", &*other)] {
        w.reconfigures(&[(from, to)]);
        for command in [&["user", "erase", "1", "--yes"][..], &["import", "users", "in.csv"]] {
            let refused = w.ran(command);
            assert_eq!((refused.code, refused.err.contains("erasure_key")), (78, true), "{command:?}: {}", refused.err);
        }
        assert_eq!(doctor(&w)["status"], "fail");
    }
    w.serves().await;
    w.owner().hears_ever("Ключ стёртых людей").await;
    w.stops().await;
    w.reconfigures(&[(&*other, OWN_KEY)]);
    assert_eq!(doctor(&w)["status"], "ok");
    ran(&w, "import users in.csv");
}

/// What `doctor` says about erased people.
fn doctor(w: &World) -> Value {
    let found = w.ran(&["doctor", "--offline", "--json"]).json();
    found["items"].as_array().unwrap().iter().find(|item| item["check"] == "erasure").unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_of_before_keeps_its_login_secret_as_the_key_by_the_line_doctor_names() {
    let mut w = World::closed().await;
    w.reconfigures(&[("[http]\n", &format!("[security]\n{JWT}\n[http]\n"))]);
    given::customer(&w.db(), Realm::Real, 77, None);
    ran(&w, "user erase tg:77 --yes");
    let warned = doctor(&w);
    assert_eq!((&warned["status"], &warned["finding"]), (&json!("warn"), &json!("shared")));
    let command = warned["next"].as_str().unwrap();
    let added = Command::new("sh").args(["-c", command]).output().unwrap();
    assert!(added.status.success(), "{command}: {added:?}");
    let secret = JWT.split('"').nth(1).unwrap();
    w.reconfigures(&[(
        &*format!("{JWT}\nerasure_key = \"{secret}\"\n"),
        &*format!("{}\nerasure_key = \"{secret}\"\n", JWT.replace("logins", "others")),
    )]);
    assert_eq!(doctor(&w)["status"], "ok");
    std::fs::write(w.file("in.csv"), "telegram_id\n77\n").unwrap();
    assert_eq!(ran(&w, "import users in.csv --json").json()["after"]["erased"], 1);
}

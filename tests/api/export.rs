//! Rows that leave the shop: who may take which, how they are written, and that no file outlives its time.

use std::path::PathBuf;

use builtin_telegram::Receipt;
use dvorik::access::Scope;
use dvorik::staff::Role;
use reqwest::Method;
use serde_json::json;

use super::bulk::crowd;
use super::{Api, Said};
use crate::given;
use crate::harness::{OWNER, PATIENCE, becomes_true};

const HEAD: &str = "\u{feff}id,telegram_id,username,first_name,last_name,phone,gender,birthday,is_subscribed,source,tags,created_at,last_activity_at,is_test\r\n";

async fn text(api: &Api, path: &str, token: &str) -> (u16, String) {
    let said = api.request(Method::GET, path, token).send().await.unwrap();
    let status = said.status().as_u16();
    if status == 200 {
        assert_eq!(said.headers()["content-type"], "text/csv; charset=utf-8");
        assert!(said.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\""));
    }
    (status, String::from_utf8(said.bytes().await.unwrap().to_vec()).unwrap())
}

fn ids(csv: &str) -> Vec<i64> {
    csv.lines().skip(1).map(|line| line.split([',', ';']).next().unwrap().parse().unwrap()).collect()
}

/// The file of a finished export.
async fn fetched(api: &Api, id: &str, token: &str) -> String {
    let mut said = (0, String::new());
    let is_ready = async || {
        said = text(api, &format!("/export/{id}"), token).await;
        !(said.0 == 409 && said.1.contains("EXPORT_NOT_READY"))
    };
    assert!(becomes_true(PATIENCE, is_ready).await && said.0 == 200, "{said:?}");
    said.1
}

fn directory(api: &Api) -> PathBuf {
    let mut name = api.w.config().database.path.clone().into_os_string();
    name.push(".exports");
    name.into()
}

fn files(api: &Api) -> usize {
    std::fs::read_dir(directory(api)).map_or(0, |files| files.count())
}

async fn until_no_file_is_left(api: &Api) {
    assert!(becomes_true(PATIENCE, async || files(api) == 0).await, "a file stayed");
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_written_exactly_and_safely() {
    let api = Api::open().await;
    crowd(&api, 4);
    api.w.change(
        "UPDATE users SET username = 'anna', first_name = '=cmd()', last_name = 'a,b;\"c\"', phone = '+79141234567',
           gender = 'female', birthday = '2000-12-05', is_subscribed = 1, source = '＝1' WHERE id = 1",
    );
    api.w.change("UPDATE users SET phone = '+4930123456', bot_blocked_at = '2026-11-22T03:00:00Z' WHERE id = 2");
    given::has_tags(&api.w.db(), 500_001, &["vip", "a"]);
    api.w.change("UPDATE users SET telegram_id = -3 - 1000000000000 WHERE id = 3");
    api.w.change("UPDATE users SET is_test = 1 WHERE id = 4");
    let owner = api.of(Role::Owner).await;
    let (status, csv) = text(&api, "/export/users", &owner).await;
    let at = "2026-11-22T03:00:00Z";
    let anna = format!(
        "1,500001,anna,'=cmd(),\"a,b;\"\"c\"\"\",89141234567,female,2000-12-05,true,'＝1,\"a,vip\",{at},{at},false\r\n"
    );
    let second = format!("2,500002,,Имя 2,,'+4930123456,unknown,,false,direct,blocked_bot,{at},{at},false\r\n");
    assert_eq!((status, csv), (200, format!("{HEAD}{anna}{second}")));
    let (_, excel) = text(&api, "/export/users?excel=true&search=anna", &owner).await;
    assert_eq!(excel.lines().next().unwrap(), HEAD.trim_end().replace(',', ";"));
    assert_eq!(ids(&excel), [0_i64; 0], "the search reads the folded name");
    assert_eq!(ids(&text(&api, "/export/users?is_test=true", &owner).await.1), [4]);
    assert_eq!(ids(&text(&api, "/export/users?search=4123456", &owner).await.1), [1]);
    assert_eq!(ids(&text(&api, "/export/users?tag=vip&gender=female", &owner).await.1), [1]);
    assert_eq!(ids(&text(&api, "/export/users?status=blocked", &owner).await.1), [0_i64; 0]);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_export_is_audited_without_what_was_searched_for() {
    let api = Api::open().await;
    crowd(&api, 5);
    let (marketing, script) = (api.of(Role::Marketing).await, api.token(&[Scope::Exports]));
    assert_eq!(text(&api, "/export/users?search=%D0%B8%D0%BC%D1%8F&gender=male", &marketing).await.0, 200);
    assert_eq!(text(&api, "/export/usage", &script).await.0, 200);
    let audited = api.w.texts("SELECT actor || ' ' || action || ' ' || entity_id || ' ' || after FROM audit_log WHERE entity = 'export' ORDER BY id");
    assert_eq!(audited, [
        "admin:2 export users {\"filter\":{\"gender\":\"male\",\"search\":{\"length\":3}},\"is_test\":false,\"rows\":0}",
        "token:script-0 export usage {\"filter\":{},\"is_test\":false,\"rows\":0}",
    ].map(|line| line.to_owned()));
    for (who, path) in
        [(api.of(Role::Readonly).await, "/export/users"), (api.token(&[Scope::UsersRead]), "/export/users")]
    {
        assert_eq!(text(&api, path, &who).await.0, 403);
    }
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_and_attempts_are_filtered_as_their_lists_are() {
    let api = Api::open().await;
    let (_, code) = api.w.customer_with_code("Анна").await;
    let (owner, till) = (api.of(Role::Owner).await, api.token(&[Scope::Redeem]));
    assert_eq!(api.post("/discounts/redeem", &till, json!({ "code": code, "amount": 5000 })).await.status, 200);
    assert_eq!(api.post("/discounts/redeem", &till, json!({ "code": "=HYPERLINK" })).await.status, 404);
    assert_eq!(api.post("/discounts", &owner, json!({ "user_id": 1, "template_name": "manual_10" })).await.status, 201);
    for (query, found) in [
        ("", vec![1, 2]),
        ("?status=active", vec![2]),
        ("?status=redeemed&user_id=1", vec![1]),
        ("?template=manual_10", vec![2]),
        ("?template=none", vec![]),
        ("?is_test=true", vec![]),
        ("?event=subscription", vec![1]),
    ] {
        let (status, csv) = text(&api, &format!("/export/discounts{query}"), &owner).await;
        assert_eq!((status, ids(&csv)), (200, found), "{query}");
    }
    let (_, usage) = text(&api, "/export/usage", &owner).await;
    assert!(
        usage.starts_with("\u{feff}id,at,status,typed,discount_id,user_id,cashier_id,by,amount,is_test,message\r\n")
    );
    assert!(usage.contains(",success,") && usage.contains(",token:script-0,5000,false,\r\n"), "{usage}");
    assert!(usage.contains(",not_found,'=HYPERLINK,,,,token:script-0,,false,\r\n"), "{usage}");
    for (query, count) in [
        ("?status=success", 1),
        ("?status=expired", 0),
        ("?cashier_id=7", 0),
        ("?from=2020-01-01", 2),
        ("?to=2020-01-01", 0),
    ] {
        assert_eq!(ids(&text(&api, &format!("/export/usage{query}"), &owner).await.1).len(), count, "{query}");
    }
    for (path, field) in [
        ("/export/users?sort=name", "sort"),
        ("/export/users?page=2", "page"),
        ("/export/users?age_from=200", "age_from"),
        ("/export/users?excel=yes", "excel"),
        ("/export/discounts?user_id=0", "user_id"),
        ("/export/usage?status=gone", "status"),
        ("/export/usage?cashier_id=0", "cashier_id"),
        ("/export/usage?from=2026-02-01&to=2026-01-01", "from"),
    ] {
        let said = api.get(path, &owner).await;
        assert_eq!((said.code(), said.field()), ("VALIDATION_ERROR", field), "{path}");
    }
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_long_becomes_a_file_for_whoever_asked_and_goes_after_a_day() {
    let mut api = Api::open().await;
    crowd(&api, 12_000);
    let (owner, other) = (api.of(Role::Owner).await, api.of(Role::Owner).await);
    assert_eq!(ids(&text(&api, "/export/users?is_test=true", &owner).await.1).len(), 1200, "short is not waited for");
    let said: Said = api.get("/export/users?excel=true", &owner).await;
    assert_eq!((said.status, &said.json["rows"]), (202, &json!(10_800)), "{}", said.json);
    let id = said.json["task_id"].as_str().unwrap().to_owned();
    let csv = fetched(&api, &id, &owner).await;
    let expected: Vec<i64> = (1..=12_000).filter(|id| id % 10 != 0).collect();
    assert_eq!(ids(&csv), expected);
    assert!(csv.starts_with("\u{feff}id;telegram_id;"));
    let file = std::fs::read_dir(directory(&api)).unwrap().next().unwrap().unwrap();
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(directory(&api)).unwrap().permissions().mode() & 0o777, 0o700);
    for (who, task) in
        [(&other, id.as_str()), (&owner, "unknown"), (&owner, "%00"), (&api.token(&[Scope::Exports]), &*id)]
    {
        assert_eq!(api.get(&format!("/export/{task}"), who).await.code(), "EXPORT_NOT_FOUND", "{task}");
    }
    assert_eq!(
        api.w.count("SELECT count(*) FROM audit_log WHERE entity = 'export' AND json_extract(after, '$.rows') = 10800"),
        1
    );
    // What was being made when the daemon stopped is made by the next.
    api.w.stops().await;
    api.w.change("UPDATE exports SET state = 'waiting'");
    std::fs::write(file.path(), "half").unwrap();
    api.w.serves().await;
    assert_eq!(fetched(&api, &id, &owner).await, csv);
    api.w.change("UPDATE exports SET created_ms = created_ms - 86400001");
    assert_eq!(api.get(&format!("/export/{id}"), &owner).await.code(), "EXPORT_NOT_FOUND");
    assert_eq!(api.get("/export/users", &owner).await.status, 202);
    api.w.change("UPDATE exports SET created_ms = created_ms - 86400001");
    assert_eq!(api.w.ran(&["job", "run", "cleanup"]).code, 0);
    until_no_file_is_left(&api).await;
    assert_eq!(api.w.count("SELECT count(*) FROM exports"), 0);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_erased_stays_in_a_file_and_no_backup_has_one() {
    let api = Api::open().await;
    crowd(&api, 12_000);
    let owner = api.of(Role::Owner).await;
    let id = api.get("/export/users", &owner).await.json["task_id"].as_str().unwrap().to_owned();
    assert!(fetched(&api, &id, &owner).await.contains(",Имя 7,"));
    let stale = std::fs::read_dir(directory(&api)).unwrap().next().unwrap().unwrap().path();
    let made = api.w.ran(&["--json", "backup"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let backup = made.json()["after"]["path"].as_str().unwrap().to_owned();
    assert_eq!(rows_of(&backup), 0);
    assert_eq!(api.call(Method::DELETE, "/users/7", &owner, None).await.status, 200);
    let again = fetched(&api, &id, &owner).await;
    assert!(!again.contains(",Имя 7,") && again.contains(",Имя 8,"));
    assert!(!stale.exists());
    api.w.ends().await;
}

#[expect(clippy::disallowed_methods, reason = "a backup is read as any other program would")]
fn rows_of(backup: &str) -> i64 {
    let connection = rusqlite::Connection::open(backup).unwrap();
    connection.query_row("SELECT count(*) FROM exports", [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_gets_the_file_in_their_chat() {
    let api = Api::open().await;
    crowd(&api, 3);
    let admin = api.admin(Role::Marketing);
    api.w.changes(format!("UPDATE admins SET telegram_id = {} WHERE id = {admin}", OWNER + 1));
    let marketing = api.login(admin).await;
    let _person = api.w.someone(
        crate::harness::STAFF,
        builtin_telegram::Person { id: OWNER + 1, first_name: "Марк".into(), ..Default::default() },
    );
    api.w.tg.has_started(crate::harness::STAFF, OWNER + 1);
    let call = || async {
        let call = api.request(Method::POST, "/export/users/send-to-telegram?excel=true", &marketing);
        super::heard(call.header("Idempotency-Key", "once").send().await.unwrap()).await
    };
    let (one, two) = (call().await, call().await);
    assert_eq!((one.status, &one.json), (202, &json!({ "rows": 3, "queued": true })));
    assert_eq!(two.json, one.json);
    let of_them = |receipt: &Receipt| receipt.method == "sendDocument" && receipt.chat_id == Some(OWNER + 1);
    let sent = api.w.tg.wait_receipt(of_them, PATIENCE).await.expect("a document");
    assert!(sent.delivered, "{}", sent.params);
    let name = sent.params["document"]["file_name"].as_str().unwrap();
    assert!(name.starts_with("users-2") && name.ends_with(".csv"), "{name}");
    assert!(sent.params["document"]["file_size"].as_u64().unwrap() > 200, "{}", sent.params);
    assert_eq!(api.w.count("SELECT count(*) FROM exports"), 1);
    let script = api.token(&[Scope::Exports]);
    let said = api.post("/export/users/send-to-telegram", &script, json!({})).await;
    assert_eq!((said.status, said.code()), (403, "SCOPE_MISSING"));
    api.w.ends().await;
}

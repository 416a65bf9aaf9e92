//! Slow reads beside the counter: they take nothing from it, they end, and they do not hold up a stop.

use std::time::{Duration, Instant};

use dvorik::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Api;
use crate::harness::{PATIENCE, number};

/// A list that is not answered within this time waits for a reader.
const MOMENT: Duration = Duration::from_millis(300);

/// From here on, `GET /segments` reads for ever.
fn read_segments_for_ever(api: &Api) {
    // At once: nothing of this program opens a database that lacks a table.
    let replace = "ALTER TABLE segments RENAME TO real_segments;
         CREATE VIEW segments AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
         SELECT real_segments.* FROM n CROSS JOIN real_segments WHERE n.i < 0;
         COMMIT";
    api.w.locks_database().execute_batch(replace).unwrap();
}

struct Heard {
    status: u16,
    retry_after: bool,
    detail: String,
}

async fn list(request: reqwest::RequestBuilder) -> Heard {
    let answer = request.timeout(PATIENCE).send().await.unwrap();
    let (status, retry_after) = (answer.status().as_u16(), answer.headers().contains_key("retry-after"));
    let body: Value = answer.json().await.unwrap();
    Heard { status, retry_after, detail: body["detail"].as_str().unwrap_or_default().to_owned() }
}

/// So many endless lists, once no other list gets a reader any more.
async fn endless(api: &Api, owner: &str, count: usize) -> JoinSet<Heard> {
    let mut lists = JoinSet::new();
    for _ in 0..count {
        lists.spawn(list(api.request(Method::GET, "/segments", owner)));
    }
    let began = Instant::now();
    while api.request(Method::GET, "/campaigns", owner).timeout(MOMENT).send().await.is_ok() {
        assert!(began.elapsed() < PATIENCE, "other lists are answered");
    }
    lists
}

/// So many codes of the customer 1, ready to be redeemed.
fn codes(api: &Api, count: i64) -> Vec<String> {
    api.w.changes(format!(
        "WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {count})
         INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type,
             source_kind, created_at, created_day, created_by, expires_at)
         SELECT printf('public-id-%010d', id), 'АЯЯ' || printf('%04d', id), 1, 1, 0, 1000, 'percent', 'single', 'manual',
             '2026-11-22T03:00:00Z', '2026-11-22', 'test', '2999-01-01T00:00:00Z' FROM n"
    ));
    api.w.texts("SELECT code FROM discounts WHERE code LIKE 'АЯЯ%' ORDER BY code")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counter_the_bots_and_health_do_not_wait_for_lists() {
    let api = Api::open().await;
    let (customer, code) = api.w.customer_with_code("Анна").await;
    let cashier = api.w.cashier("Вера").await;
    let owner = api.of(Role::Owner).await;
    let codes = codes(&api, 20);
    read_segments_for_ever(&api);
    let mut lists = endless(&api, &owner, 64).await;
    for code in codes {
        let redeemed = api.post("/discounts/redeem", &owner, json!({ "code": code })).await;
        assert_eq!(redeemed.status, 200, "{}", redeemed.json);
    }
    cashier.says(&code);
    cashier.hears("Анна").await;
    cashier.presses("Погасить");
    customer.hears("использован").await;
    for path in ["/readyz", "/metrics"] {
        let answer = api.http.get(format!("{}{path}", api.w.http())).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
    }
    assert!(lists.try_join_next().is_none(), "a list was over before the counter was served");
    let heard = lists.join_all().await;
    assert!(heard.iter().all(|heard| heard.status == 503 && heard.retry_after), "no list is answered for ever");
    let late = heard.iter().filter(|heard| heard.detail.contains("longer than 10 seconds")).count();
    assert!((1..=8).contains(&late), "{late} reads of 64 have had a reader");
    assert!(heard.iter().filter(|heard| heard.detail.contains("at once")).count() == 64 - late);
    assert_eq!(api.get("/campaigns", &owner).await.status, 200, "the readers are free again");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_breaks_off_what_is_being_read() {
    let mut api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    read_segments_for_ever(&api);
    let lists = endless(&api, &owner, 2).await;
    api.w.stops().await;
    for heard in lists.join_all().await {
        assert!(heard.status == 503 && heard.detail.contains("stopping"), "{} {}", heard.status, heard.detail);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_gives_its_reader_back() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    read_segments_for_ever(&api);
    let mut lists = endless(&api, &owner, 2).await;
    lists.shutdown().await;
    assert_eq!(api.get("/campaigns", &owner).await.status, 200, "before the deadline of the reads");
    api.w.ends().await;
}

/// `DVORIK_TEST_PEOPLE` customers (2,000) with a code each, `DVORIK_TEST_SALES` redemptions (40) at 20 a second, beside 64
/// clients that ask for the slowest lists one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_clients_of_slow_lists_fail_no_redemption() {
    let (people, sales) = (number("DVORIK_TEST_PEOPLE").unwrap_or(2000), number("DVORIK_TEST_SALES").unwrap_or(40));
    let api = Api::configured("rate_limit_per_second = 0\n").await;
    api.w.customer_with_code("Анна").await;
    api.w.changes(format!(
        "WITH RECURSIVE n (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM n WHERE id < {people})
         INSERT INTO users (id, telegram_id, is_test, first_name, name_norm, source, source_normalized, created_at,
             created_day, last_activity_at)
         SELECT id, 5000000000 + id, 0, 'Мария', 'мария', 'direct', 'direct', '2026-11-22T03:00:00Z', '2026-11-22',
             '2026-11-22T03:00:00Z' FROM n"
    ));
    api.w.change(
        "INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type, source_kind,
             created_at, created_day, created_by, expires_at)
         SELECT printf('public-id-%010d', 1000000 + id), substr('БВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ', 1 + id / 10000, 1) || 'ЯЯ'
             || printf('%04d', id % 10000), id, 1, 0, 1000, 'percent', 'single', 'manual', created_at, created_day, 'test',
             '2999-01-01T00:00:00Z' FROM users",
    );
    let owner = api.of(Role::Owner).await;
    let codes = codes(&api, sales.cast_signed());
    let slow = ["/discounts?per_page=100", "/users?search=%D0%BC%D0%B0%D1%80%D0%B8%D1%8F&sort=name", "/stats/overview"];
    let mut clients = JoinSet::new();
    for client in 0..64 {
        let request = api.request(Method::GET, slow[client % slow.len()], &owner);
        clients.spawn(async move {
            loop {
                let status = request.try_clone().unwrap().send().await.unwrap().status().as_u16();
                assert!([200, 503].contains(&status), "{status}");
            }
        });
    }
    let mut took = Vec::new();
    // A counter at work: a code is redeemed every 50 ms, however long the last one took.
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    for code in codes {
        tick.tick().await;
        let began = Instant::now();
        let redeemed = api.post("/discounts/redeem", &owner, json!({ "code": code })).await;
        assert_eq!(redeemed.status, 200, "{}", redeemed.json);
        took.push(began.elapsed());
    }
    took.sort_unstable();
    println!(
        "{people} customers, 64 clients of lists: redemption median {:?}, worst {:?}",
        took[took.len() / 2],
        took.last()
    );
    assert!(clients.try_join_next().is_none(), "a client of lists has ended");
    clients.shutdown().await;
    api.w.ends().await;
}

//! The admin API in numbers: `cargo bench --bench api [-- WORD…]` runs the figures whose name contains one of the
//! words. The daemon is the release binary; its clients are threads of this process, each with an open connection over
//! loopback, and share two cores with the daemon. Each figure is the median of five runs with the minimum and the
//! maximum.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench is read by a person and stops where it cannot go on"
)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dvorik::access::{self, Scope};
use dvorik::clock::{Clock, Zone};
use dvorik::db::Failure;
use dvorik::staff::Owner;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use figure::{Figure, RUNS};
use harness::World;

mod figure;
#[path = "../tests/harness.rs"]
#[expect(dead_code, reason = "the tests' world; a bench needs little of it")]
mod harness;

const CONNECTIONS: usize = 32;

const FIRST: &str = r#"["анна","мария","ольга","елена","наталья","татьяна","ирина","светлана","екатерина","юлия",
    "александр","алексей","дмитрий","сергей","андрей","максим","иван","михаил","николай","павел"]"#;
const LAST: &str = r#"["иван","петр","сидор","смирн","кузнец","попов","васильк","соколов","михайл","новик","федор","мороз",
    "волк","алексе","лебед","семен","егор","павл","козл","степан","никола","орл","андре","макар","никит","захар"]"#;
/// Inserts the customers, whose columns are computed from the row's id. The multipliers share no factor with the
/// moduli, so no two columns correlate.
const USERS: &str = "WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < :people),
      p (id, a, b, c, d) AS (SELECT id, id * 48271 % 1009, id * 69621 % 4093, id * 16807 % 509, id * 39373 % 21599 FROM n),
      q AS (SELECT *, json_extract(:first, '$[' || (a % 20) || ']') AS name,
          json_extract(:last, '$[' || (b % 26) || ']') || json_extract(:last, '$[' || (d % 26) || ']') || 'ова' AS family FROM p)
    INSERT INTO users (id, telegram_id, is_test, username, first_name, last_name, name_norm, phone, gender, birthday, birthday_md,
        status, is_subscribed, source, source_normalized, created_at, created_day, last_activity_at)
    SELECT id, 5000000000 + id, 0, 'user' || id, name, family, name || ' ' || family || ' user' || id,
        '+79' || printf('%09d', id * 7919 % 1000000000),
        CASE a % 3 WHEN 0 THEN 'male' WHEN 1 THEN 'female' ELSE 'unknown' END,
        CASE WHEN b % 10 < 6 THEN date('1950-01-01', '+' || d || ' days') END,
        CASE WHEN b % 10 < 6 THEN strftime('%m-%d', date('1950-01-01', '+' || d || ' days')) END,
        iif(c % 20 = 0 AND id > 25000, 'blocked', 'active'), 0, iif(a % 5 < 3, 'direct', 'src' || a % 40), iif(a % 5 < 3, 'direct', 'src' || a % 40),
        strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || (b % 730) || ' days'), date('now', '-' || (b % 730) || ' days'),
        strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || (c % 365) || ' days') FROM q";
const TAGS: [&str; 2] = [
    "INSERT INTO user_tags SELECT id, 'vip' FROM users WHERE id * 7919 % 1013 < 50",
    "INSERT INTO user_tags SELECT id, 'coffee' FROM users WHERE id * 104729 % 1019 < 100",
];
/// Inserts a code for each of the first 50,000 customers, spelt from the customer's id in the form that the program
/// gives to codes.
const CODES: &str =
    "INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type,
        source_kind, created_at, created_day, created_by, expires_at)
    SELECT printf('public-id-%010d', id), substr('АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ', 1 + id / 10000 % 28, 1) || 'ЯЯ'
        || printf('%04d', id % 10000), id, 1, 0, 1000, 'percent', 'single', 'manual', created_at, created_day, 'bench',
        '2999-01-01T00:00:00Z' FROM users WHERE id <= 50000";

/// The slowest requests of the API: each reads most rows of a large table.
const SLOWEST: [&str; 6] = [
    "/stats/funnel?from={year}-01-01",
    "/stats/timeseries?by=cashier&from={year}-01-01",
    "/users?search=%D0%BE%D0%B2%D0%B0&page={n}",
    "/users?has_active_discounts=false&sort=-last_activity_at&page={n}",
    "/users?age_from=19&age_to=70&gender=female&sort=name&page={n}",
    "/discounts?status=active&sort=-expires_at&page={n}",
];
/// How long redemptions are measured beside the slow requests.
const BESIDE: Duration = Duration::from_secs(20);
/// The pause between two redemptions: 20 a second.
const BETWEEN: Duration = Duration::from_millis(50);

const FILTERED: [&str; 8] = [
    "/users?tag=vip",
    "/users?gender=female&age_from=25&age_to=40",
    "/users?source=direct&tag=coffee&sort=name",
    "/users?status=active&birthday_month=12",
    "/users?search=%D0%BC%D0%B0%D1%80%D0%B8%D1%8F",
    "/users?search=%D1%81%D0%BE%D0%BA%D0%BE%D0%BB&gender=male",
    "/users?has_active_discounts=true&sort=-last_activity_at",
    "/users?age_from=30&page=3",
];

fn main() {
    // Cargo passes `--bench` too, which is no name of a figure.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    figure::head();
    runtime.block_on(async {
        if wanted("50,000") {
            large().await;
        }
        if wanted("1,000,000") {
            huge().await;
        }
        if wanted("slowest") {
            beside_slow_requests().await;
        }
    });
}

/// A shop with a running daemon and a service token for its API.
struct Served {
    world: World,
    daemon: Child,
    token: String,
}

impl Served {
    async fn open(people: i64) -> Self {
        let mut world = World::closed().await;
        let free = harness::free_address();
        world.reconfigures(&[("listen = \"127.0.0.1:0\"", &format!("listen = \"{free}\""))]);
        let db = world.db();
        let token = tokio::task::block_in_place(|| {
            db.write_bulk(move |tx| {
                tx.change(USERS, rusqlite::named_params! { ":people": people, ":first": FIRST, ":last": LAST })?;
                for sql in TAGS {
                    tx.change(sql, [])?;
                }
                tx.change(CODES, [])
            })
            .unwrap_or_else(|error: Failure| panic!("{error}"));
            let scopes = [Scope::UsersRead, Scope::StatsRead, Scope::Redeem];
            db.write(move |tx| access::create_token(tx, "bench", &scopes, None, &Owner::of_shell("bench"))).unwrap().1
        });
        let daemon = start(&world).await;
        Self { world, daemon, token }
    }

    fn clients(&self, many: usize) -> Vec<Client> {
        (0..many).map(|_| Client::connect(&self.world.config().http.listen.to_string(), &self.token)).collect()
    }
}

async fn start(world: &World) -> Child {
    let mut daemon = world.command().stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(daemon.stderr.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains(" ready") {
            // The lines must be read on: the daemon blocks when the pipe of its log is full.
            #[expect(clippy::disallowed_methods, reason = "ends with the daemon whose log it reads")]
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return daemon;
        }
    }
    panic!("the daemon has ended: {:?}", daemon.wait().await);
}

/// A minimal HTTP client with one open connection: it shares the cores with the daemon, so it must cost little.
struct Client {
    stream: TcpStream,
    head: String,
    buffer: Vec<u8>,
}

impl Client {
    fn connect(address: &str, token: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let head = format!("host: {address}\r\nauthorization: Bearer {token}\r\n");
        Self { stream, head, buffer: vec![0; 256 * 1024] }
    }

    /// Sends a GET, whose answer must be a 200. Returns the milliseconds until the last byte of the answer.
    fn get(&mut self, path: &str) -> f64 {
        self.call(&format!("GET /api/v1{path} HTTP/1.1\r\n{}\r\n", self.head))
    }

    /// Sends a GET and reads its answer, whatever its status; false when the connection has ended.
    fn tries(&mut self, path: &str) -> bool {
        self.send(&format!("GET /api/v1{path} HTTP/1.1\r\n{}\r\n", self.head)).is_some()
    }

    fn post(&mut self, path: &str, body: &str) -> f64 {
        let length = body.len();
        let head = &self.head;
        self.call(&format!(
            "POST /api/v1{path} HTTP/1.1\r\n{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    }

    fn call(&mut self, request: &str) -> f64 {
        let begun = Instant::now();
        let answer = self.send(request).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{request} {}", String::from_utf8_lossy(answer));
        begun.elapsed().as_secs_f64() * 1000.0
    }

    /// The answer to a request; `None` when the connection has ended.
    fn send(&mut self, request: &str) -> Option<&[u8]> {
        self.stream.write_all(request.as_bytes()).ok()?;
        let mut have = 0;
        loop {
            let more = self.stream.read(&mut self.buffer[have..]).ok().filter(|more| *more > 0)?;
            have += more;
            let seen = &self.buffer[..have];
            let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&seen[..end]).unwrap().to_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
            if have == end + 4 + length.trim().parse::<usize>().unwrap() {
                return Some(&self.buffer[..have]);
            }
        }
    }
}

/// All clients call until `calls` calls are made. Returns calls per second and the sorted duration of each call.
fn storm(clients: &mut [Client], calls: usize, call: impl Fn(&mut Client, usize) -> f64 + Sync) -> (f64, Vec<f64>) {
    let (next, gate) = (AtomicUsize::new(0), Barrier::new(clients.len() + 1));
    let (next, gate, call) = (&next, &gate, &call);
    let (took, whole) = std::thread::scope(|scope| {
        let threads: Vec<_> = clients
            .iter_mut()
            .map(|client| {
                scope.spawn(move || {
                    gate.wait();
                    let mut took = Vec::new();
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= calls {
                            return took;
                        }
                        took.push(call(client, n));
                    }
                })
            })
            .collect();
        gate.wait();
        let begun = Instant::now();
        let took: Vec<f64> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        (took, begun.elapsed())
    });
    let mut took = took;
    took.sort_by(f64::total_cmp);
    (calls as f64 / whole.as_secs_f64(), took)
}

fn p99(took: &[f64]) -> f64 {
    took[took.len() * 99 / 100]
}

async fn large() {
    let served = Served::open(50_000).await;
    let mut clients = served.clients(CONNECTIONS);
    let mut rate = Figure::new("GET /users, 20 rows, filtered, 32 connections", "/s", "≥ 1500");
    let mut tail = Figure::new("GET /users, the same, p99", "ms", "< 40");
    let mut overview = Figure::new("GET /stats/overview, one connection, p99 of 500", "ms", "< 30");
    let mut redeemed = Figure::new("POST /discounts/redeem, 32 connections", "/s", "≥ 1000");
    for run in 0..RUNS {
        let (each, took) = storm(&mut clients, 10_000, |client, n| client.get(FILTERED[n % FILTERED.len()]));
        rate.runs.push(each);
        tail.runs.push(p99(&took));
        overview.runs.push(p99(&storm(&mut clients[..1], 500, |client, _| client.get("/stats/overview")).1));
        let (each, _) = storm(&mut clients, 5000, |client, n| {
            let id = 1 + run * 5000 + n;
            let letter = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ".chars().nth(id / 10_000 % 28).unwrap();
            client.post("/discounts/redeem", &format!(r#"{{"code":"{letter}ЯЯ{:04}"}}"#, id % 10_000))
        });
        redeemed.runs.push(each);
    }
    let rows = served.world.count("SELECT count(*) FROM redemptions");
    assert_eq!(rows, (RUNS * 5000) as i64, "every answer has its row");
    for figure in [rate, tail, overview, redeemed] {
        figure.print();
    }
    drop(served.daemon);
}

/// Measures searches among 1,000,000 customers. No two calls ask the same, so no call profits from a cached search.
async fn huge() {
    let served = Served::open(1_000_000).await;
    let mut filtered = Figure::new("GET /users of 1,000,000, filters, never the same, p99 of 400", "ms", "< 150");
    let mut named = Figure::new("GET /users of 1,000,000, name searches, never the same, p99", "ms", "< 150");
    let mut middle = Figure::new("the same searches, median", "ms", "");
    let (first, last): (Vec<String>, Vec<String>) =
        (serde_json::from_str(FIRST).unwrap(), serde_json::from_str(LAST).unwrap());
    let mut clients = served.clients(2);
    for run in 0..RUNS {
        let (_, took) = storm(&mut clients, 400, |client, n| {
            let (n, sort) = (n + run * 400, ["created_at", "-created_at", "name", "-last_activity_at"][n % 4]);
            client.get(&match n % 4 {
                0 => format!("/users?age_from={}&sort={sort}&page={}", 18 + n % 50, 1 + n % 90),
                1 => format!("/users?tag=coffee&age_to={}&sort={sort}", 20 + n % 60),
                2 => format!("/users?source=src{}&gender=female&sort={sort}", n % 40),
                _ => format!("/users?sort={sort}&page={}", 1 + n % 400),
            })
        });
        filtered.runs.push(p99(&took));
        let (_, took) = storm(&mut clients, 400, |client, n| {
            let n = n + run * 400;
            let word: String = match n % 4 {
                0 => first[n % 20].chars().take(3 + n % 3).collect(),
                1 => format!("{}{}", last[n % 26], last[n / 26 % 26]),
                2 => format!("user{}", n * 997),
                _ => format!("{} {}", first[n % 20], last[n % 26]),
            };
            let query: String = form_urlencoded::byte_serialize(word.as_bytes()).collect();
            client.get(&format!("/users?search={query}&per_page={}", 1 + n % 100))
        });
        named.runs.push(p99(&took));
        middle.runs.push(took[took.len() / 2]);
    }
    for figure in [filtered, named, middle] {
        figure.print();
    }
    drop(served.daemon);
}

/// Redeems 20 codes a second among 1,000,000 customers while 64 connections repeat the slowest requests, whose answers may
/// be 200 or 503; then sends SIGTERM while they go on.
async fn beside_slow_requests() {
    let mut served = Served::open(1_000_000).await;
    let (slow, mut till) = (served.clients(64), served.clients(1).remove(0));
    let (over, answered) = (&AtomicBool::new(false), &AtomicUsize::new(0));
    let pid = rustix::process::Pid::from_raw(i32::try_from(served.daemon.id().unwrap()).unwrap()).unwrap();
    let year = chrono::Datelike::year(&Zone::UTC.day(Clock::System.now())) - 3;
    let (took, told) = std::thread::scope(|scope| {
        for (first, mut client) in slow.into_iter().enumerate() {
            scope.spawn(move || {
                for n in first.. {
                    let path = SLOWEST[n % SLOWEST.len()].replace("{n}", &(1 + n % 50).to_string());
                    if over.load(Ordering::Relaxed) || !client.tries(&path.replace("{year}", &year.to_string())) {
                        return;
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let (begun, mut took) = (Instant::now(), Vec::new());
        while begun.elapsed() < BESIDE {
            let n = took.len();
            std::thread::sleep((begun + BETWEEN * u32::try_from(n).unwrap()).saturating_duration_since(Instant::now()));
            took.push(till.post("/discounts/redeem", &format!(r#"{{"code":"АЯЯ{:04}"}}"#, 1 + n)));
        }
        let told = Instant::now();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        over.store(true, Ordering::Relaxed);
        (took, told)
    });
    served.daemon.wait().await.unwrap();
    let ended = told.elapsed().as_secs_f64() * 1000.0;
    let mut took = took;
    took.sort_by(f64::total_cmp);
    println!(
        "{} redemptions at 20/s beside 64 connections of the slowest requests ({} answered): p50 {:.1} ms, p99 {:.1} ms, \
         most {:.1} ms; SIGTERM heeded in {ended:.0} ms",
        took.len(),
        answered.load(Ordering::Relaxed),
        took[took.len() / 2],
        p99(&took),
        took[took.len() - 1],
    );
}

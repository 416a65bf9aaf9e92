//! What does not get past the door: too much, too often, too slowly, or nothing anybody could read.

use dvorik::access::Scope;
use dvorik::staff::Role;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Api, heard};
use crate::harness::PATIENCE;

/// What one connection is answered, as it stands on the wire.
async fn raw(api: &Api, sent: &str) -> String {
    let mut stream = TcpStream::connect(api.w.http().trim_start_matches("http://")).await.unwrap();
    // The other end may have said what it thinks, and gone, before everything is written.
    let _ = stream.write_all(sent.as_bytes()).await;
    let mut said = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut said)).await.expect("an end of the connection");
    String::from_utf8_lossy(&said).into_owned()
}

fn status(said: &str) -> u16 {
    said.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("{said}"))
}

fn asks(line: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_nobody_can_read_is_refused_and_its_part_is_named() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let get = |path: String| {
        let line =
            format!("GET /api/v1{path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nAuthorization: Bearer {owner}");
        let api = &api;
        async move { raw(api, &format!("{line}\r\n\r\n")).await }
    };
    for (path, field) in [
        ("/users/%zz".to_owned(), "path"),
        ("/users/%ff".to_owned(), "path"),
        ("/users?search=%".to_owned(), "query"),
        ("/users?search=%ff".to_owned(), "query"),
        ("/users?search=%c3%28".to_owned(), "query"),
        (format!("/users?search={}", "a".repeat(16_000)), "path"),
        (format!("/{}", "a".repeat(16_000)), "path"),
    ] {
        let said = get(path.clone()).await;
        assert_eq!(status(&said), 422, "{path}: {said}");
        assert!(
            said.contains("VALIDATION_ERROR") && said.contains(&format!("\"field\":\"{field}\"")),
            "{path}: {said}"
        );
        assert!(
            said.contains("application/problem+json") && said.contains("x-content-type-options: nosniff"),
            "{said}"
        );
    }
    assert_eq!(status(&get("/users?search=%D0%90%20b".to_owned()).await), 200);
    let endless = raw(&api, &asks(&format!("GET /{}", "a".repeat(100_000)))).await;
    assert!((400..500).contains(&status(&endless)), "{endless}");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_headers_is_answered_4xx() {
    let api = Api::open().await;
    let many: String = (0..500).map(|n| format!("X-Flood-{n}: 1\r\n")).collect();
    let large = format!("X-Flood: {}\r\n", "a".repeat(200_000));
    for headers in [many, large] {
        let said = raw(&api, &format!("GET /health HTTP/1.1\r\nHost: shop\r\n{headers}\r\n")).await;
        assert!((400..500).contains(&status(&said)), "{said}");
    }
    for broken in ["GET /health HTTP/9.9\r\n\r\n", "hello\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n", "\0\0\0\0\r\n\r\n"] {
        let said = raw(&api, broken).await;
        assert!(said.is_empty() || (400..500).contains(&status(&said)), "{broken}: {said}");
    }
    assert_eq!(status(&raw(&api, &asks("GET /health")).await), 200);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_gets_a_sane_answer_on_every_path() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    for (method, path, allowed) in [
        ("TRACE", "/api/v1/users", "GET,HEAD"),
        ("FOO", "/api/v1/users", "GET,HEAD"),
        ("OPTIONS", "/api/v1/users", "GET,HEAD"),
        ("PUT", "/api/v1/discounts", "GET,HEAD,POST"),
        ("DELETE", "/api/v1/jobs/cleanup/run", "POST"),
        ("POST", "/metrics", "GET,HEAD"),
        ("POST", "/api/redoc", "GET,HEAD"),
    ] {
        let said = raw(&api, &asks(&format!("{method} {path}"))).await;
        assert_eq!(status(&said), 405, "{method} {path}: {said}");
        assert!(said.contains("METHOD_NOT_ALLOWED"), "{said}");
        let allow = said.lines().find_map(|line| line.strip_prefix("allow: ")).unwrap_or_default();
        let sorted = |list: &str| {
            let mut words: Vec<String> = list.split(',').map(|word| word.trim().to_owned()).collect();
            words.sort_unstable();
            words
        };
        assert_eq!(sorted(allow), sorted(allowed), "{method} {path}: {said}");
    }
    let head = api.request(Method::HEAD, "/users", &owner).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.headers()["content-type"].to_str().unwrap()), (200, "application/json"));
    assert_eq!(head.text().await.unwrap(), "");
    let head = api.request(Method::HEAD, "/users", "").send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.text().await.unwrap()), (401, String::new()));
    let nowhere = raw(&api, &asks("FOO /api/v1/nowhere")).await;
    assert_eq!(status(&nowhere), 404);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_login_tokens_is_told_to_wait_and_whoever_is_in_stays_in() {
    let api = Api::open().await;
    let owner = api.of(Role::Owner).await;
    let script = api.token(&[Scope::StatsRead]);
    assert_eq!(api.get("/dashboard", &script).await.status, 200);
    let mut heard_so_far = Vec::new();
    while heard_so_far.last() != Some(&429) {
        assert!(heard_so_far.len() < 200, "nobody stops the guessing");
        heard_so_far.push(api.post("/auth/login-token", "", json!({ "token": "x" })).await.status);
    }
    assert!(heard_so_far.len() > 10, "people may be wrong a few times");
    let sent = api.request(Method::POST, "/auth/login-token", "").json(&json!({ "token": "x" })).send().await.unwrap();
    let wait: u64 = sent.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(heard(sent).await.code(), "RATE_LIMIT_EXCEEDED");
    assert_eq!(api.get("/auth/me", &owner).await.status, 200);
    assert_eq!(api.get("/dashboard", &script).await.status, 200);
    let admin = api.admin(Role::Owner);
    let good = json!({ "token": api.login_token(admin) });
    assert_eq!(api.post("/auth/login-token", "", good.clone()).await.status, 200, "a good token is no guess");
    assert_eq!(api.post("/auth/login-token", "", good).await.status, 429, "used up, it is");
    api.w.ends().await;
}

/// Every path that the document opens with the internal key.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_the_internal_key_is_told_to_wait() {
    let api = Api::open().await;
    let document: Value =
        api.http.get(format!("{}/api/openapi.json", api.w.http())).send().await.unwrap().json().await.unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let keyed: Vec<&String> =
        paths.filter(|(_, item)| item.to_string().contains("internal_key")).map(|(path, _)| path).collect();
    assert!(keyed.len() >= 3, "{keyed:?}");
    let mut guesses = tokio::task::JoinSet::new();
    let mut heard = std::collections::BTreeSet::new();
    for guess in 0..3000 {
        let method = if guess % 3 == 0 { Method::GET } else { Method::POST };
        let request = api.http.request(method, format!("{}{}", api.w.http(), keyed[guess % keyed.len()]));
        let request = request.header("X-Api-Key", format!("guess-{guess}"));
        guesses.spawn(async move { request.send().await.unwrap().status().as_u16() });
        if guesses.len() >= 32 {
            heard.insert(guesses.join_next().await.unwrap().unwrap());
        }
    }
    heard.extend(guesses.join_all().await);
    assert!(heard.contains(&429), "nobody stops the guessing: {heard:?}");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_and_an_address_may_ask_only_so_often() {
    let api = Api::configured("trusted_proxies = [\"127.0.0.1\"]\nrate_limit_per_second = 1\n").await;
    let token = api.token(&[Scope::StatsRead]);
    let from = |address: &'static str, token: &str| {
        let call = api.request(Method::GET, "/dashboard", token).header("X-Forwarded-For", address);
        async move { heard(call.send().await.unwrap()).await }
    };
    let mut said = Vec::new();
    for _ in 0..8 {
        said.push(from("198.51.100.1", &token).await.status);
    }
    assert_eq!(said[..2], [200, 200], "a burst of two seconds");
    assert!(said.contains(&429), "{said:?}");
    // The address is free, the token is not.
    let other = from("198.51.100.2", &token).await;
    let other = if other.status == 200 { from("198.51.100.3", &token).await } else { other };
    let other = if other.status == 200 { from("198.51.100.4", &token).await } else { other };
    assert_eq!((other.status, other.code()), (429, "RATE_LIMIT_EXCEEDED"));
    assert_eq!(from("198.51.100.5", "").await.status, 401, "somebody else from elsewhere is heard");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_a_busy_shop_is_no_flood() {
    let api = Api::open().await;
    let token = api.token(&[Scope::StatsRead]);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let call = api.request(Method::GET, "/auth/me", &token);
        tasks.spawn(async move {
            let mut refused = 0;
            for _ in 0..20 {
                refused += u32::from(call.try_clone().unwrap().send().await.unwrap().status() == 429);
            }
            refused
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().sum::<u32>(), 0);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_as_guarded_as_answers() {
    let api = Api::open().await;
    for line in ["GET /api/v1/users", "GET /nowhere", "FOO /health", "GET /api/v1/users/%zz", "POST /bot/main/webhook"]
    {
        let said = raw(&api, &asks(line)).await;
        for header in [
            "x-content-type-options: nosniff",
            "x-frame-options: DENY",
            "referrer-policy: no-referrer",
            "content-security-policy: default-src 'none'",
            "cache-control: no-store",
            "x-request-id: ",
        ] {
            assert!(said.contains(header), "{line}: {header}: {said}");
        }
        let body: Value = serde_json::from_str(said.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert!(body["code"].is_string(), "{body}");
    }
    api.w.ends().await;
}

fn called(version: &str, path: &str, hosts: &[&str]) -> String {
    let hosts: String = hosts.iter().map(|host| format!("Host: {host}\r\n")).collect();
    format!("GET {path} {version}\r\n{hosts}Connection: close\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_names_one_host() {
    let api = Api::open().await;
    for (version, hosts) in [
        ("HTTP/1.1", vec![]),
        ("HTTP/1.1", vec!["shop", "shop"]),
        ("HTTP/1.0", vec!["a", "b"]),
        ("HTTP/1.1", vec!["a b"]),
    ] {
        for path in ["/health", "/api/v1/users", "/nowhere"] {
            let said = raw(&api, &called(version, path, &hosts)).await;
            assert_eq!(status(&said), 400, "{version} {path} {hosts:?}: {said}");
        }
    }
    let said = raw(&api, &called("HTTP/1.1", "/health", &["shop", "other"])).await;
    assert!(said.contains("HOST_INVALID") && said.contains("application/problem+json"), "{said}");
    assert_eq!(status(&raw(&api, &called("HTTP/1.0", "/health", &[])).await), 200);
    assert_eq!(
        status(&raw(&api, &called("HTTP/1.1", "/health", &["any.example"])).await),
        200,
        "no names are configured"
    );
    api.w.ends().await;
}

/// DNS rebinding: a page whose own name was pointed at 127.0.0.1 reaches this machine, and calls it by that name.
#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_open_to_this_machine_by_its_own_names_only() {
    let api = Api::open().await;
    for (path, host, expected) in [
        ("/metrics", "localhost:8000", 200),
        ("/metrics", "127.0.0.1", 200),
        ("/metrics", "[::1]:1", 200),
        ("/metrics", "evil.example", 401),
        ("/metrics", "localhost.evil.example", 401),
        ("http://evil.example/metrics", "localhost", 401),
    ] {
        let said = raw(&api, &called("HTTP/1.1", path, &[host])).await;
        assert_eq!(status(&said), expected, "{path} {host}: {said}");
    }
    let script = api.token(&[Scope::StatsRead]);
    let asked = api.http.get(format!("{}/metrics", api.w.http())).header("Host", "evil.example").bearer_auth(&script);
    assert_eq!(asked.send().await.unwrap().status().as_u16(), 200, "whoever shows a token may use any name");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn configured_names_are_the_only_ones_served() {
    let api = Api::configured("hosts = [\"shop.example\", \"203.0.113.5\"]\n").await;
    for (host, expected) in [
        ("shop.example", 200),
        ("SHOP.example.:443", 200),
        ("203.0.113.5:8000", 200),
        ("evil.example", 400),
        ("sub.shop.example", 400),
        ("127.0.0.1:8000", 200),
    ] {
        for path in ["/health", "/api/openapi.json"] {
            let said = raw(&api, &called("HTTP/1.1", path, &[host])).await;
            assert_eq!(status(&said), expected, "{path} {host}: {said}");
        }
    }
    api.w.ends().await;
}

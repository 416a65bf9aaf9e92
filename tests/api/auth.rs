//! Coming in: once by a login token, then by what we have signed and nothing else, as long as the database agrees.

use dvorik::access::Scope;
use dvorik::export;
use dvorik::staff::{self, AdminEdit, Owner, Role, StaffStatus};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, KEY, heard};
use crate::given;
use crate::harness::plain_http;

const LONG_FROM_NOW: i64 = 32_000_000_000;

fn claims(admin: i64) -> Value {
    json!({
        "iss": "dvorik", "aud": "dvorik-api", "sub": format!("admin:{admin}"), "jti": "0123456789abcdef0123",
        "iat": 1_700_000_000, "exp": LONG_FROM_NOW,
    })
}

fn signed(claims: &Value, algorithm: Algorithm, key: &str) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(key.as_bytes())).unwrap()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let letter = |bits: u32| char::from(LETTERS[(bits & 63) as usize]);
    let group = |chunk: &[u8]| {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(*chunk.get(at).unwrap_or(&0)));
        [bits >> 18, bits >> 12, bits >> 6, bits].map(letter).into_iter().take(chunk.len() + 1).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// Signed with our key, under a header of the forger's choice.
fn forged(header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, KEY.as_bytes());
    let signature = aws_lc_rs::hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", base64(signature.as_ref()))
}

fn with(mut claims: Value, key: &str, value: Value) -> Value {
    claims[key] = value;
    claims
}

fn without(mut claims: Value, key: &str) -> Value {
    claims.as_object_mut().unwrap().remove(key);
    claims
}

fn bad_claims() -> Vec<Value> {
    let good = || claims(1);
    let mut bad: Vec<Value> = ["iss", "aud", "sub", "jti", "exp"].map(|key| without(good(), key)).into();
    bad.extend(["iss", "aud", "sub", "jti", "exp"].map(|key| with(good(), key, Value::Null)));
    let wrong = [
        ("exp", json!("32000000000")),
        ("exp", json!(1.5)),
        ("exp", json!(1_700_000_000)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!(18_446_744_073_709_551_615_u64)),
        ("exp", json!([LONG_FROM_NOW])),
        ("aud", json!("dvorik")),
        ("aud", json!("other-api")),
        ("aud", json!(["other-api"])),
        ("aud", json!(["dvorik-api", "other-api"])),
        ("iss", json!("other")),
        ("iss", json!(["dvorik"])),
        ("sub", json!("1")),
        ("sub", json!(1)),
        ("sub", json!("admin:")),
        ("sub", json!("admin:999")),
        ("sub", json!("admin:-1")),
        ("sub", json!("token:script")),
        ("sub", json!("cli:root")),
        ("jti", json!("")),
        ("jti", json!("short")),
        ("jti", json!("x".repeat(65))),
        ("jti", json!(7)),
    ];
    bad.extend(wrong.into_iter().map(|(key, value)| with(good(), key, value)));
    bad
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_with_a_bad_token() {
    let api = Api::open().await;
    let good = signed(&claims(1), Algorithm::HS256, KEY);
    assert_eq!(api.get("/auth/me", &good).await.status, 200, "the test's own claims are the right ones");
    assert_eq!(forged(&json!({ "alg": "HS256", "typ": "JWT" }), &claims(1)).split('.').count(), 3);
    assert_eq!(api.get("/auth/me", &forged(&json!({ "alg": "HS256" }), &claims(1))).await.status, 200);

    let mut bad: Vec<String> = bad_claims().iter().map(|claims| signed(claims, Algorithm::HS256, KEY)).collect();
    bad.extend([Algorithm::HS384, Algorithm::HS512].map(|other| signed(&claims(1), other, KEY)));
    let headers = [
        json!({ "alg": "none" }),
        json!({ "alg": "None" }),
        json!({ "alg": "NONE" }),
        json!({ "alg": "hs256" }),
        json!({ "alg": "RS256" }),
        json!({ "alg": "ES256" }),
        json!({ "alg": "EdDSA" }),
        json!({ "alg": "HS384" }),
        json!({ "alg": null }),
        json!({}),
        json!([]),
    ];
    bad.extend(headers.iter().map(|header| forged(header, &claims(1))));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let none = base64(json!({ "alg": "none" }).to_string().as_bytes());
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    bad.extend([
        signed(&claims(1), Algorithm::HS256, "another-secret-another-secret-another"),
        signed(&claims(1), Algorithm::HS256, ""),
        message.to_owned(),
        format!("{message}."),
        format!("{message}.{flipped}{}", &signature[1..]),
        format!("{message}.{}", &signature[1..]),
        format!("{good}.{signature}"),
        format!("{none}.{}.", message.split_once('.').unwrap().1),
        "x".into(),
        "..".into(),
        "a.b.c".into(),
        "a.b.c.d".into(),
        "null".into(),
        "a".repeat(5000),
        "dvt_".into(),
        format!("dvt_{}", "A".repeat(32)),
        "dvt_' OR 1=1 --".into(),
    ]);
    assert!(bad.len() >= 40, "{}", bad.len());
    for token in &bad {
        let said = api.get("/auth/me", token).await;
        assert_eq!(said.status, 401, "{token}: {}", said.json);
    }
    for header in ["", "Basic b3duZXI6MQ==", "Bearer", "Bearer ", &good, "Token x"] {
        let sent = api.http.get(api.url("/auth/me")).header("Authorization", header).send().await.unwrap();
        assert_eq!(heard(sent).await.status, 401, "«{header}»");
    }
    let twice = api.request(Method::GET, "/auth/me", &good).header("Authorization", "Bearer x").send().await.unwrap();
    assert_eq!(heard(twice).await.status, 401);
    assert_eq!(api.get("/auth/me", "").await.code(), "UNAUTHORIZED");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_token_works_once_and_for_ten_minutes() {
    let api = Api::open().await;
    let admin = api.admin(Role::Marketing);
    let (token, late) = (api.login_token(admin), api.login_token(admin));
    let body = |token: &str| json!({ "token": token });
    let said = api.post("/auth/login-token", "", body(&token)).await;
    assert_eq!(
        (said.status, &said.json["token_type"], &said.json["expires_in"]),
        (200, &json!("Bearer"), &json!(86400))
    );
    assert_eq!((&said.json["admin"]["role"], &said.json["admin"]["id"]), (&json!("marketing"), &json!(admin.0)));
    assert_eq!(api.post("/auth/login-token", "", body(&token)).await.code(), "ONE_TIME_TOKEN_USED");
    assert_eq!(api.post("/auth/login-token", "", body("x")).await.code(), "ONE_TIME_TOKEN_INVALID");
    api.w.change("UPDATE login_tokens SET expires_ms = 1 WHERE used_ms IS NULL");
    assert_eq!(api.post("/auth/login-token", "", body(&late)).await.code(), "ONE_TIME_TOKEN_EXPIRED");
    assert_eq!(api.w.count("SELECT count(*) FROM audit_log WHERE action = 'log_in'"), 1);
    let logged = api.w.texts("SELECT coalesce(after, '') FROM audit_log").concat();
    assert!(!logged.contains(&token), "a token is in the audit log");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_with_one_login_token_are_one_login() {
    let api = Api::open().await;
    let token = json!({ "token": api.login_token(api.admin(Role::Readonly)) });
    let calls = (0..20).map(|_| api.request(Method::POST, "/auth/login-token", "").json(&token).send());
    let mut tasks = tokio::task::JoinSet::new();
    calls.for_each(|call| drop(tasks.spawn(call)));
    let statuses: Vec<u16> = tasks.join_all().await.into_iter().map(|said| said.unwrap().status().as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ended_is_out_at_the_next_call() {
    let api = Api::open().await;
    let admin = api.admin(Role::Owner);
    let (one, other) = (api.login(admin).await, api.login(admin).await);
    assert_eq!(api.call(Method::POST, "/auth/logout", &one, None).await.status, 200);
    assert_eq!(api.get("/auth/me", &one).await.code(), "TOKEN_REVOKED");
    assert_eq!(api.get("/auth/me", &other).await.status, 200, "another login of the same admin stays");
    given::admin(&api.w.db(), admin, AdminEdit { role: Some(Role::Readonly), ..AdminEdit::default() });
    assert_eq!(api.get("/auth/me", &other).await.json["role"], "readonly", "the role is the database's");
    assert_eq!(api.post("/discounts", &other, json!({})).await.code(), "ROLE_FORBIDDEN");
    given::admin(&api.w.db(), admin, suspended());
    assert_eq!(api.get("/auth/me", &other).await.code(), "TOKEN_REVOKED");
    let token = api.token(&[Scope::StatsRead]);
    assert_eq!(api.get("/dashboard", &token).await.status, 200);
    api.w.change("UPDATE service_tokens SET expires_at = '2020-01-01T00:00:00Z'");
    assert_eq!(api.get("/dashboard", &token).await.code(), "TOKEN_EXPIRED");
    api.w.change("UPDATE service_tokens SET revoked_at = '2020-01-01T00:00:00Z'");
    assert_eq!(api.get("/dashboard", &token).await.code(), "TOKEN_REVOKED");
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nobody_logs_in_and_the_key_is_named() {
    let mut w = crate::harness::World::closed().await;
    w.serves().await;
    let api = Api { w, http: plain_http() };
    let said = api.post("/auth/login-token", "", json!({ "token": "x" })).await;
    assert_eq!((said.status, said.code()), (503, "SERVICE_UNAVAILABLE"));
    assert!(said.json["detail"].as_str().unwrap().contains("security.jwt_secret"), "{}", said.json);
    assert_eq!(api.get("/auth/me", "a.b.c").await.status, 503);
    let token = api.token(&[Scope::StatsRead]);
    assert_eq!(api.get("/dashboard", &token).await.status, 200, "scripts need no key");
    api.w.ends().await;
}

fn suspended() -> AdminEdit {
    AdminEdit { status: Some(StaffStatus::Suspended), ..AdminEdit::default() }
}

/// How many use-cases of the daemon wait for the writer.
async fn waiting(api: &Api) -> i64 {
    let text = api.http.get(format!("{}/metrics", api.w.http())).send().await.unwrap().text().await.unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("dvorik_database_writes_waiting "));
    line.unwrap_or_else(|| panic!("{text}")).parse::<f64>().unwrap().round() as i64
}

/// The token is good when the request comes to the door, and is not when its turn to write comes.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_let_out_while_their_request_waits_changes_nothing() {
    let api = Api::open().await;
    api.w.customer_with_code("Анна").await;
    let issue = json!({ "user_id": 1, "template_name": "manual_10" });
    for (method, path, body) in
        [(Method::POST, "/discounts", issue.clone()), (Method::PUT, "/settings/birthday_hour", json!({ "value": 12 }))]
    {
        let admin = api.admin(Role::Owner);
        let owner = api.login(admin).await;
        // Another process holds the write lock, and takes the admin out before it lets go.
        let (holds, is_held) = std::sync::mpsc::channel();
        let (let_go, lets_go) = std::sync::mpsc::channel::<()>();
        let db = api.w.db();
        let other = std::thread::spawn(move || {
            db.write(move |tx| {
                staff::edit_admin(tx, admin, &suspended(), &Owner::of_shell("test"), export::drop_of_admin)?;
                holds.send(()).unwrap();
                lets_go.recv().unwrap();
                Ok::<_, dvorik::error::Error>(())
            })
        });
        tokio::task::block_in_place(|| is_held.recv()).unwrap();
        let (before, request) = (waiting(&api).await, api.request(method, path, &owner).json(&body));
        let asking = tokio::task::JoinSet::from_iter([async move { heard(request.send().await.unwrap()).await }]);
        let began = std::time::Instant::now();
        while waiting(&api).await <= before {
            assert!(began.elapsed() < crate::harness::PATIENCE, "the request does not reach the writer");
        }
        let_go.send(()).unwrap();
        let said = asking.join_all().await.remove(0);
        assert_eq!((said.status, said.code()), (401, "TOKEN_REVOKED"), "{path}: {}", said.json);
        other.join().unwrap().unwrap();
    }
    assert_eq!(api.w.count("SELECT count(*) FROM discounts WHERE source_kind = 'manual'"), 0);
    assert_eq!(api.w.count("SELECT count(*) FROM settings WHERE key = 'birthday_hour'"), 0);
    api.w.ends().await;
}

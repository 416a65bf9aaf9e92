//! The admin API from outside: a served shop, people with roles, scripts with scopes.

mod admission;
mod attack;
mod auth;
mod bulk;
mod broadcasts;
pub mod document;
mod export;
pub mod matrix;
mod offers;
mod once;
mod schema;
mod reads;
mod records;
mod segments;
mod edge;
mod jobs;
mod metrics;
mod pages;
mod shop;
mod voice;
mod wrong;

use dvorik::access::{self, Scope};
use dvorik::actor::Actor;
use dvorik::ids::AdminId;
use dvorik::staff::{Owner, Role};
use reqwest::{Method, Response};
use serde_json::Value;

use crate::harness::{World, plain_http};

pub const KEY: &str = "not-a-secret-not-a-secret-not-a-secret";

/// A served shop and somebody to talk to it.
pub struct Api {
    pub w: World,
    pub http: reqwest::Client,
}

/// What was answered.
pub struct Said {
    pub status: u16,
    pub json: Value,
}

impl Said {
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    pub fn field(&self) -> &str {
        self.json["errors"][0]["field"].as_str().unwrap_or_default()
    }
}

impl Api {
    pub async fn open() -> Self {
        Self::configured("").await
    }

    /// With more lines under `[http]`.
    pub async fn configured(http: &str) -> Self {
        let mut w = World::closed().await;
        w.reconfigures(&[("[http]\n", &format!("[security]\njwt_secret = \"{KEY}\"\n[http]\n{http}"))]);
        w.serves().await;
        Self { w, http: plain_http() }
    }

    /// An active admin of this role besides the first owner.
    pub fn admin(&self, role: Role) -> AdminId {
        let groups = "[]";
        let telegram = 70_000 + self.w.count("SELECT count(*) FROM admins");
        self.w.changes(format!(
            "INSERT INTO admins (telegram_id, name, role, status, groups, created_at) VALUES
             ({telegram}, 'Admin {telegram}', '{}', 'active', '{groups}', '2026-11-22T03:00:00Z')",
            role.as_str()
        ));
        AdminId(self.w.count("SELECT max(id) FROM admins"))
    }

    pub fn login_token(&self, admin: AdminId) -> String {
        let db = self.w.db();
        let by = Actor::Cli("test".into());
        tokio::task::block_in_place(|| db.write(move |tx| access::issue_login_token(tx, admin, &by))).unwrap()
    }

    /// A login of this admin.
    pub async fn login(&self, admin: AdminId) -> String {
        let body = serde_json::json!({ "token": self.login_token(admin) });
        let said = self.call(Method::POST, "/auth/login-token", "", Some(body)).await;
        assert_eq!(said.status, 200, "{}", said.json);
        said.json["access_token"].as_str().unwrap().to_owned()
    }

    /// A login of a new admin of this role.
    pub async fn of(&self, role: Role) -> String {
        self.login(self.admin(role)).await
    }

    /// A new service token.
    pub fn token(&self, scopes: &[Scope]) -> String {
        let (db, scopes) = (self.w.db(), scopes.to_vec());
        let name = format!("script-{}", self.w.count("SELECT count(*) FROM service_tokens"));
        let made = tokio::task::block_in_place(|| {
            db.write(move |tx| access::create_token(tx, &name, &scopes, None, &Owner::of_shell("test")))
        });
        made.unwrap().1
    }

    pub fn url(&self, path: &str) -> String {
        let base = if path.starts_with("/internal/") || is_at_the_root(path) { "" } else { "/api/v1" };
        format!("{}{base}{path}", self.w.http())
    }

    pub fn request(&self, method: Method, path: &str, token: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, self.url(path));
        if token.is_empty() { request } else { request.bearer_auth(token) }
    }

    pub async fn call(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> Said {
        let request = self.request(method, path, token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        heard(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str, token: &str) -> Said {
        self.call(Method::GET, path, token, None).await
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Said {
        self.call(Method::POST, path, token, Some(body)).await
    }
}

/// What Telegram, a supervisor and Prometheus call.
pub fn is_at_the_root(path: &str) -> bool {
    path.starts_with("/bot/") || ["/health", "/readyz", "/metrics"].contains(&path)
}

/// Every answer with a body is JSON, and every refusal a whole problem.
pub async fn heard(response: Response) -> Said {
    let status = response.status().as_u16();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    let json: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    if status >= 400 {
        assert_eq!(kind.as_deref(), Some("application/problem+json"), "{status} {text}");
        assert_eq!((json["status"].as_u64(), json["request_id"].as_str()), (Some(status.into()), Some(&*id)), "{text}");
        let code = dvorik::catalogue::Code::ALL.iter().find(|code| json["code"] == code.as_str());
        assert_eq!(code.map(|code| code.status()), Some(status), "{text}");
    }
    Said { status, json }
}

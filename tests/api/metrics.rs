//! `/metrics`: what an owner would want to be woken for, and nothing of a person.

use std::collections::BTreeMap;

use dvorik::access::Scope;
use dvorik::metrics;
use dvorik::staff::Role;
use serde_json::json;

use super::{Api, heard};
use crate::harness::{World, plain_http};

async fn text(api: &Api) -> String {
    let said = api.http.get(format!("{}/metrics", api.w.http())).send().await.unwrap();
    assert_eq!(said.status(), 200);
    assert_eq!(said.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    said.text().await.unwrap()
}

/// Every sample by its name and labels.
fn samples(text: &str) -> BTreeMap<&str, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.rsplit_once(' ').unwrap()).map(|(name, value)| (name, value.parse().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_the_shop_is_counted() {
    let mut api = Api::open().await;
    api.w.stops().await;
    api.w.serves_by_schedule().await;
    let (_, code) = api.w.customer_with_code("Анна").await;
    let till = api.token(&[Scope::Redeem]);
    let before = text(&api).await;
    assert_eq!(samples(&before)[r#"dvorik_redemption_attempts_total{result="success"}"#], 0.0);
    for typed in [&*code, &*code, "ЯЯЯ0000"] {
        api.post("/discounts/redeem", &till, json!({ "code": typed })).await;
    }
    let all = text(&api).await;
    let now = samples(&all);
    for (result, count) in [("success", 1.0), ("already_used", 1.0), ("not_found", 1.0), ("expired", 0.0)] {
        assert_eq!(now[&*format!("dvorik_redemption_attempts_total{{result=\"{result}\"}}")], count, "{result}");
    }
    let route = r#"dvorik_http_requests_total{method="POST",route="/api/v1/discounts/redeem",status="200"}"#;
    assert!(now[route] >= 1.0);
    for (name, least) in [
        (r#"dvorik_updates_handled_total{bot="customer",result="done"}"#, 1.0),
        (r#"dvorik_messages_total{bot="customer",lane="reply",class="sent"}"#, 1.0),
        (r#"dvorik_http_request_duration_seconds_count{method="POST",route="/api/v1/discounts/redeem"}"#, 3.0),
        ("dvorik_database_commit_seconds_count", 1.0),
        ("dvorik_database_batch_size_count", 1.0),
        ("dvorik_database_up", 1.0),
        ("process_resident_memory_bytes", 1e6),
        ("process_open_fds", 4.0),
        ("dvorik_disk_free_bytes", 1.0),
        (r#"dvorik_database_bytes{file="database"}"#, 4096.0),
        (r#"dvorik_gate_rate_per_second{bot="customer"}"#, 1.0),
    ] {
        assert!(now.get(name).copied().unwrap_or(-1.0) >= least, "{name}: {:?}", now.get(name));
    }
    for name in [
        r#"dvorik_loop_silent_seconds{loop="scheduler"}"#,
        r#"dvorik_loop_silent_seconds{loop="http"}"#,
        r#"dvorik_gate_closed_seconds{bot="customer",lane="all"}"#,
        r#"dvorik_letters_oldest_seconds{bot="staff"}"#,
        r#"dvorik_updates_waiting{bot="staff"}"#,
        r#"dvorik_broadcast_recipients{outcome="queued"}"#,
        r#"dvorik_broadcasts{status="sending"}"#,
        r#"dvorik_job_failures{job="backup"}"#,
        "dvorik_database_writes_waiting",
        "dvorik_uptime_seconds",
    ] {
        assert!(now.contains_key(name), "{name}");
    }
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_in_the_list_with_its_help_and_labels_and_names_nobody() {
    let api = Api::open().await;
    let (_, code) = api.w.customer_with_code("Неповторимая").await;
    let owner = api.of(Role::Owner).await;
    for path in ["/users/1", "/users/777777", "/nowhere/777777", "/discounts?code=ABC", "/users?search=Неповторимая"]
    {
        api.get(path, &owner).await;
    }
    let all = text(&api).await;
    for wrong in ["777777", "Неповторимая", &code, "ABC", &owner] {
        assert!(!all.contains(wrong), "{wrong} is in the metrics");
    }
    for line in all.lines().filter(|line| !line.is_empty()) {
        let name = line.trim_start_matches("# HELP ").trim_start_matches("# TYPE ");
        let name = name.split(['{', ' ']).next().unwrap();
        let of = |metric: &&metrics::Metric| {
            ["", "_bucket", "_sum", "_count"].iter().any(|tail| name.strip_suffix(tail) == Some(metric.name))
        };
        let known = metrics::ALL.iter().find(of).unwrap_or_else(|| panic!("{line} is in no list"));
        if let Some(help) = line.strip_prefix("# HELP ") {
            assert_eq!(help, format!("{} {}", known.name, known.help));
        } else if let Some((_, labels)) = line.split_once('{') {
            for label in labels.rsplit_once('}').unwrap().0.split("\",") {
                let word = label.split('=').next().unwrap();
                assert!(known.labels.contains(&word) || word == "le", "{line}: the label {word}");
            }
        }
    }
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_do_not_read_them() {
    let api = Api::configured("trusted_proxies = [\"127.0.0.1\"]\n").await;
    let (stats, till) = (api.token(&[Scope::StatsRead]), api.token(&[Scope::Redeem]));
    let looker = api.of(Role::Readonly).await;
    for (token, status, code) in [
        ("", 401, "UNAUTHORIZED"),
        ("nonsense", 401, "TOKEN_INVALID"),
        (&till, 403, "SCOPE_MISSING"),
        (&stats, 200, ""),
        (&looker, 200, ""),
    ] {
        let call = api.http.get(format!("{}/metrics", api.w.http())).header("X-Forwarded-For", "198.51.100.1");
        let call = if token.is_empty() { call } else { call.bearer_auth(token) };
        let said = heard(call.send().await.unwrap()).await;
        assert_eq!((said.status, said.code()), (status, code), "{token}");
    }
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_nobody_declared_everybody_is_a_stranger() {
    let api = Api::open().await;
    for name in ["X-Forwarded-For", "Forwarded", "X-Real-IP"] {
        let call = api.http.get(format!("{}/metrics", api.w.http())).header(name, "127.0.0.1");
        assert_eq!(heard(call.send().await.unwrap()).await.status, 401, "{name}");
    }
    api.w.ends().await;
}

#[test]
fn the_list_of_metrics_is_as_kept() {
    let mut text = String::from(
        "# Metrics\n\nWhat `GET /metrics` tells, for this machine itself or a token with `stats:read`. Made from \
         `src/metrics.rs`; alerts to begin with are in `contrib/prometheus-rules.yml`.\n\n| Metric | Kind | Labels | Meaning |\n\
         |---|---|---|---|\n",
    );
    for metric in metrics::ALL {
        let kind = match metric.kind {
            metrics::MetricKind::Counter => "counter",
            metrics::MetricKind::Gauge => "gauge",
            metrics::MetricKind::Histogram(_) => "histogram",
        };
        let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        text.push_str(&format!("| `{}` | {kind} | {} | {} |\n", metric.name, labels.join(" "), metric.help));
    }
    super::document::is_kept("metrics.md", &text);
    let rules = include_str!("../../contrib/prometheus-rules.yml");
    for word in rules.split(|letter: char| !(letter.is_ascii_lowercase() || letter == '_')) {
        let is_known = |name: &str| metrics::ALL.iter().any(|metric| metric.name == name);
        if word.starts_with("dvorik_") {
            assert!(is_known(word.trim_end_matches("_bucket")), "{word} is in the alerts and in no list");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_the_rest_is_told() {
    let mut w = World::closed().await;
    w.serves().await;
    let api = Api { w, http: plain_http() };
    // A table that no loop of the daemon needs: it would end for it.
    api.w.locks_database().execute_batch("ALTER TABLE discount_usage_logs RENAME TO hidden; COMMIT").unwrap();
    let all = text(&api).await;
    let now = samples(&all);
    assert_eq!(now["dvorik_database_up"], 0.0);
    assert!(!all.contains("dvorik_broadcasts{") && now.contains_key("dvorik_uptime_seconds"));
    // Nothing of this program opens a database that lacks a table.
    api.w.locks_database().execute_batch("ALTER TABLE hidden RENAME TO discount_usage_logs; COMMIT").unwrap();
    assert_eq!(samples(&text(&api).await)["dvorik_database_up"], 1.0);
    api.w.ends().await;
}

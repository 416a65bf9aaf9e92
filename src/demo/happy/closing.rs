//! The owner's evening: figures, the log of attempts, a clean stop, and the built-in Telegram's judgement of the bots.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::demo::PATIENCE;
use crate::demo::fixture::{ActOutcome, Fixture, expect, expect_json};
use crate::demo::report::Miss;

/// The figures show one code issued and one redeemed today: an undone redemption does not count.
pub(super) async fn figures(fixture: &mut Fixture) -> ActOutcome {
    let stats = fixture.shell(&["stats", "overview", "--json"]).await?;
    for (pointer, expected) in [
        ("/users/total", json!(1)),
        ("/users/subscribed", json!(1)),
        ("/discounts/issued", json!(1)),
        ("/discounts/redeemed", json!(1)),
        ("/discounts/active", json!(0)),
        ("/today/redeemed", json!(1)),
        ("/last_redemptions/0/code", json!(fixture.known("code"))),
    ] {
        expect_json(&stats, pointer, &expected)?;
    }
    Ok(vec![fixture.say("demo.seen.figures")])
}

/// The campaign shows one click and one registration.
pub(super) async fn campaign_figures(fixture: &mut Fixture) -> ActOutcome {
    let list = fixture.shell(&["campaign", "list", "--json"]).await?;
    expect_json(&list, "/total", &json!(1))?;
    expect_json(&list, "/items/0/clicks", &json!(1))?;
    expect_json(&list, "/items/0/registrations", &json!(1))?;
    Ok(vec![fixture.say("demo.seen.campaign")])
}

/// Every attempt of the day is in the log exactly once, also those around the crash.
pub(super) async fn attempts(fixture: &mut Fixture) -> ActOutcome {
    let code = fixture.known("code");
    let shown = fixture.shell(&["discount", "show", &code, "--json"]).await?;
    let items = shown.pointer("/attempts").and_then(Value::as_array);
    let mut counted = BTreeMap::<&str, usize>::new();
    for status in items.into_iter().flatten().filter_map(|item| item.get("status")?.as_str()) {
        *counted.entry(status).or_default() += 1;
    }
    let expected =
        BTreeMap::from([("already_used", 2), ("checked", 2), ("repeated", 1), ("success", 2), ("undone", 1)]);
    let line = |counted: &BTreeMap<&str, usize>| {
        counted.iter().map(|(status, count)| format!("{status} ×{count}")).collect::<Vec<_>>().join(" · ")
    };
    expect(counted == expected, line(&expected), line(&counted))?;
    Ok(vec![line(&counted)])
}

/// The owner sends SIGTERM, and the daemon ends by itself with exit code 0.
pub(super) async fn stop(fixture: &mut Fixture) -> ActOutcome {
    let mut daemon = fixture.daemon.take().ok_or_else(|| Miss::new("serve", "—"))?;
    daemon.terminate().map_err(|error| Miss::new("SIGTERM", error.to_string()))?;
    let ended = tokio::time::timeout(PATIENCE, daemon.ended()).await;
    let status = match ended {
        Ok(status) => status.map_err(|error| Miss::new("exit 0", error.to_string()))?,
        Err(_) => return Err(Miss::new(format!("< {} s", PATIENCE.as_secs()), daemon.last_words())),
    };
    expect(status.success(), "exit 0", format!("{status}\n{}", daemon.last_words()))?;
    Ok(vec!["exit 0".to_owned()])
}

/// The bots made only calls that Telegram allows: none was unknown or malformed.
pub(super) async fn judge(fixture: &mut Fixture) -> ActOutcome {
    let violations = fixture.telegram.violations();
    expect(violations.is_empty(), "0", violations.join("\n"))?;
    Ok(vec![fixture.language.plural(
        "demo.seen.calls",
        i64::try_from(fixture.telegram.receipt_count()).unwrap_or(0),
        &[],
    )])
}

//! Two cashiers ask for access; the owner lets one in by a button and the other by a command.

use serde_json::json;

use crate::demo::cast::full_name;
use crate::demo::pattern::{self, caption};
use crate::demo::stage::{Outcome, STAFF_BOT, Seen, Stage, expect, expect_json};
use crate::telegram::builtin::Person;

/// Whoever writes to the staff bot first makes a request.
pub(super) async fn request(stage: &mut Stage) -> Outcome {
    let cashier = stage.cast.cashier.clone();
    ask(stage, &cashier).await
}

/// The owner is told who asks, with the buttons that answer.
pub(super) async fn notice(stage: &mut Stage) -> Outcome {
    let cashier = stage.cast.cashier.clone();
    told_of(stage, &cashier).await
}

/// The press puts the decision in the place of the question.
pub(super) async fn approve_by_button(stage: &mut Stage) -> Outcome {
    let owner = stage.cast.owner.id;
    stage.press(STAFF_BOT, owner, caption("button.approve_cashier"))?;
    let answer = stage.hears(STAFF_BOT, owner).await?;
    pattern::read("staff_request_approved", &answer.text, &[("display_name", &stage.known("cashier"))])?;
    expect(answer.edited && answer.buttons.is_empty(), stage.say("demo.miss.edited"), format!("{answer:?}"))?;
    Ok(stage.shown(&answer))
}

/// The cashier may work.
pub(super) async fn cashier_told(stage: &mut Stage) -> Outcome {
    let cashier = stage.cast.cashier.id;
    approved(stage, cashier).await
}

/// A second one asks; the owner is told again.
pub(super) async fn second_request(stage: &mut Stage) -> Outcome {
    let cashier = stage.cast.second_cashier.clone();
    let seen = ask(stage, &cashier).await?;
    told_of(stage, &cashier).await?;
    Ok(seen)
}

/// A command from another process decides; the running daemon carries the news.
pub(super) async fn approve_by_command(stage: &mut Stage) -> Outcome {
    let reference = format!("tg:{}", stage.cast.second_cashier.id);
    let till = stage.say("demo.till");
    let changed = stage.shell(&["cashier", "approve", &reference, "--name", &till]).await?;
    expect_json(&changed, "/changed", &json!(true))?;
    expect_json(&changed, "/after/name", &json!(till))?;
    expect_json(&changed, "/after/status", &json!("active"))?;
    Ok(vec![format!("{till}: active")])
}

/// The second cashier may work.
pub(super) async fn second_cashier_told(stage: &mut Stage) -> Outcome {
    let cashier = stage.cast.second_cashier.id;
    approved(stage, cashier).await
}

async fn ask(stage: &mut Stage, cashier: &Person) -> Outcome {
    let words = stage.say("demo.hello");
    stage.telegram.says(STAFF_BOT, cashier.id, &words);
    let answer = stage.hears(STAFF_BOT, cashier.id).await?;
    pattern::read("staff_request_sent", &answer.text, &[])?;
    Ok(stage.shown(&answer))
}

async fn told_of(stage: &mut Stage, cashier: &Person) -> Outcome {
    let notice = stage.hears(STAFF_BOT, stage.cast.owner.id).await?;
    let username = format!("@{}", cashier.username.as_deref().unwrap_or_default());
    let known = [("display_name", &*full_name(cashier)), ("username", &username)];
    pattern::read("staff_request_notice", &notice.text, &known)?;
    let shown: Vec<_> = notice.buttons.iter().flatten().map(|button| button.caption.as_str()).collect();
    let wanted = [caption("button.approve_cashier"), caption("button.decline")];
    expect(wanted.iter().all(|caption| shown.contains(caption)), format!("{wanted:?}"), format!("{shown:?}"))?;
    Ok(stage.shown(&notice))
}

async fn approved(stage: &mut Stage, cashier: i64) -> Result<Seen, crate::demo::report::Miss> {
    let answer = stage.hears(STAFF_BOT, cashier).await?;
    pattern::read("cashier_approved", &answer.text, &[])?;
    Ok(stage.shown(&answer))
}

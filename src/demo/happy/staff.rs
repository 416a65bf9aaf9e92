//! Two cashiers ask for access; the owner approves one by a button and the other by a command.

use builtin_telegram::Person;
use serde_json::json;

use crate::demo::fixture::{ActOutcome, Fixture, STAFF_BOT, Seen, expect, expect_json};
use crate::demo::people::full_name;

/// The person's first message to the staff bot makes an access request.
pub(super) async fn request(fixture: &mut Fixture) -> ActOutcome {
    let cashier = fixture.roles.cashier.clone();
    ask(fixture, &cashier).await
}

/// The staff bot tells the owner who asks, with the buttons for a decision.
pub(super) async fn notice(fixture: &mut Fixture) -> ActOutcome {
    let cashier = fixture.roles.cashier.clone();
    told_of(fixture, &cashier).await
}

/// The owner's press of a button replaces the message about the request by the decision.
pub(super) async fn approve_by_button(fixture: &mut Fixture) -> ActOutcome {
    let owner = fixture.roles.owner.id;
    fixture.press(STAFF_BOT, owner, fixture.caption("button.approve_cashier"))?;
    let answer = fixture.hears(STAFF_BOT, owner).await?;
    fixture.read("staff_request_approved", &answer.text, &[("display_name", &fixture.known("cashier"))])?;
    expect(answer.edited && answer.buttons.is_empty(), fixture.say("demo.miss.edited"), format!("{answer:?}"))?;
    Ok(fixture.shown(&answer))
}

/// The cashier is told that the owner approved the request.
pub(super) async fn cashier_told(fixture: &mut Fixture) -> ActOutcome {
    let cashier = fixture.roles.cashier.id;
    approved(fixture, cashier).await
}

/// A second person asks for access; the staff bot tells the owner again.
pub(super) async fn second_request(fixture: &mut Fixture) -> ActOutcome {
    let cashier = fixture.roles.second_cashier.clone();
    let seen = ask(fixture, &cashier).await?;
    told_of(fixture, &cashier).await?;
    Ok(seen)
}

/// The owner decides by a command in another process; the running daemon delivers the message.
pub(super) async fn approve_by_command(fixture: &mut Fixture) -> ActOutcome {
    let reference = format!("tg:{}", fixture.roles.second_cashier.id);
    let till = fixture.say("demo.till");
    let changed = fixture.shell(&["cashier", "approve", &reference, "--name", &till]).await?;
    expect_json(&changed, "/changed", &json!(true))?;
    expect_json(&changed, "/after/name", &json!(till))?;
    expect_json(&changed, "/after/status", &json!("active"))?;
    Ok(vec![format!("{till}: active")])
}

/// The second cashier is told that the owner approved the request.
pub(super) async fn second_cashier_told(fixture: &mut Fixture) -> ActOutcome {
    let cashier = fixture.roles.second_cashier.id;
    approved(fixture, cashier).await
}

async fn ask(fixture: &mut Fixture, cashier: &Person) -> ActOutcome {
    let words = fixture.say("demo.hello");
    fixture.telegram.says(STAFF_BOT, cashier.id, &words);
    let answer = fixture.hears(STAFF_BOT, cashier.id).await?;
    fixture.read("staff_request_sent", &answer.text, &[])?;
    Ok(fixture.shown(&answer))
}

async fn told_of(fixture: &mut Fixture, cashier: &Person) -> ActOutcome {
    let notice = fixture.hears(STAFF_BOT, fixture.roles.owner.id).await?;
    let username = format!("@{}", cashier.username.as_deref().unwrap_or_default());
    let known = [("display_name", &*full_name(cashier)), ("username", &username)];
    fixture.read("staff_request_notice", &notice.text, &known)?;
    let shown: Vec<_> = notice.buttons.iter().flatten().map(|button| button.caption.as_str()).collect();
    let wanted = [fixture.caption("button.approve_cashier"), fixture.caption("button.decline")];
    expect(wanted.iter().all(|caption| shown.contains(caption)), format!("{wanted:?}"), format!("{shown:?}"))?;
    Ok(fixture.shown(&notice))
}

async fn approved(fixture: &mut Fixture, cashier: i64) -> Result<Seen, crate::demo::report::Miss> {
    let answer = fixture.hears(STAFF_BOT, cashier).await?;
    fixture.read("cashier_approved", &answer.text, &[])?;
    Ok(fixture.shown(&answer))
}

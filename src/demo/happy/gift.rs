//! The customer: the campaign link, the channel, the code and its picture, the birthday.

use crate::demo::pattern::{self, caption};
use crate::demo::report::Miss;
use crate::demo::stage::{CHANNEL, CUSTOMER_BOT, Outcome, STAFF_BOT, Stage, expect};
use crate::discount::code::DiscountCode;
use crate::qr;
use crate::telegram::builtin::{ChatMemberStatus, ShownMessage};

/// What the customers' menu offers once there is a channel.
const MENU: [&str; 5] =
    ["button.my_discounts", "button.check_subscription", "button.birthday", "button.channel", "button.help"];

/// The link of the campaign opens the bot: a welcome by name, and the menu.
pub(super) async fn welcome(stage: &mut Stage) -> Outcome {
    let (customer, link) = (stage.cast.customer.clone(), stage.known("link"));
    let payload = link.split_once("?start=").map(|(_, payload)| payload);
    stage.telegram.opens_link(CUSTOMER_BOT, customer.id, payload);
    let answer = stage.hears(CUSTOMER_BOT, customer.id).await?;
    pattern::read("welcome", &answer.text, &[("first_name", &customer.first_name)])?;
    let menu = stage.telegram.reply_keyboard(CUSTOMER_BOT, customer.id);
    for key in MENU {
        let there = menu.iter().flatten().any(|shown| shown == caption(key));
        expect(there, format!("[{}]", caption(key)), format!("{menu:?}"))?;
    }
    let keys = menu.iter().map(|row| row.iter().map(|key| format!("[{key}]")).collect::<Vec<_>>().join(" "));
    Ok(stage.shown(&answer).into_iter().chain(keys).collect())
}

/// A press of the button alone proves nothing: Telegram is asked, and says no.
pub(super) async fn not_subscribed(stage: &mut Stage) -> Outcome {
    let answer = check_subscription(stage).await?;
    pattern::read("not_subscribed", &answer.text, &[])?;
    let address = format!("https://t.me/{}", CHANNEL.trim_start_matches('@'));
    let buttons: Vec<_> = answer.buttons.iter().flatten().collect();
    let leads = buttons.iter().any(|b| b.caption == caption("button.channel") && b.url.as_ref() == Some(&address));
    let again = buttons.iter().any(|b| b.caption == caption("button.check_subscription") && b.data.is_some());
    expect(
        leads && again,
        format!("[{}] → {address}, [{}]", caption("button.channel"), caption("button.check_subscription")),
        format!("{buttons:?}"),
    )?;
    Ok(stage.shown(&answer))
}

/// The customer follows the channel; now the same press brings the code with its picture.
pub(super) async fn code(stage: &mut Stage) -> Outcome {
    stage.telegram.set_member(CHANNEL, stage.cast.customer.id, ChatMemberStatus::Member);
    let answer = check_subscription(stage).await?;
    let said = pattern::read("subscription_success", &answer.text, &[])?;
    let code = said.of("discount_code");
    expect(DiscountCode::exact(code).is_some(), stage.say("demo.miss.code"), code)?;
    expect(answer.media == Some("photo"), "photo", format!("{:?}", answer.media))?;
    stage.learn("code", code);
    stage.learn("value", said.of("discount_value"));
    stage.learn("until", said.of("discount_expires_at"));
    stage.learn("picture", answer.file_id.clone().unwrap_or_default());
    Ok(stage.shown(&answer))
}

/// «Мои скидки» names the code; the picture sent before leads a cashier to exactly this one.
pub(super) async fn my_discounts(stage: &mut Stage) -> Outcome {
    let customer = stage.cast.customer.id;
    stage.press(CUSTOMER_BOT, customer, caption("button.my_discounts"))?;
    let answer = stage.hears(CUSTOMER_BOT, customer).await?;
    let (code, value, until) = (stage.known("code"), stage.known("value"), stage.known("until"));
    let known = [("discount_code", &*code), ("discount_value", &value), ("discount_expires_at", &until)];
    let said = pattern::read("discount_line", &answer.text, &known)?;
    stage.learn("title", said.of("discount_title"));
    let data = answer.buttons.iter().flatten().find_map(|button| button.data.as_deref()?.strip_prefix("qr:"));
    let public_id = data.ok_or_else(|| Miss::new("[qr:…]", format!("{:?}", answer.buttons)))?;
    let link = format!("https://t.me/{STAFF_BOT}?start=d_{public_id}");
    let picture = stage.telegram.file_bytes(&stage.known("picture"));
    expect(picture.is_some() && picture == qr::png(&link), format!("QR {link}"), stage.say("demo.miss.picture"))?;
    Ok(stage.shown(&answer))
}

/// The menu asks for the birthday; «cancel» stands under the question.
pub(super) async fn birthday(stage: &mut Stage) -> Outcome {
    let customer = stage.cast.customer.id;
    stage.press(CUSTOMER_BOT, customer, caption("button.birthday"))?;
    let question = stage.hears(CUSTOMER_BOT, customer).await?;
    pattern::read("birthday_ask", &question.text, &[])?;
    let cancel = caption("button.cancel");
    let there = question.buttons.iter().flatten().any(|button| button.caption == cancel);
    expect(there, format!("[{cancel}]"), format!("{:?}", question.buttons))?;
    Ok(stage.shown(&question))
}

/// The answer may be in words.
pub(super) async fn birthday_saved(stage: &mut Stage) -> Outcome {
    let (customer, typed) = (stage.cast.customer.id, stage.say("demo.birthday"));
    stage.telegram.says(CUSTOMER_BOT, customer, &typed);
    stage.learn("birthday", typed);
    let answer = stage.hears(CUSTOMER_BOT, customer).await?;
    pattern::read("birthday_saved", &answer.text, &[])?;
    Ok(stage.shown(&answer))
}

async fn check_subscription(stage: &mut Stage) -> Result<ShownMessage, Miss> {
    let customer = stage.cast.customer.id;
    stage.press(CUSTOMER_BOT, customer, caption("button.check_subscription"))?;
    stage.hears(CUSTOMER_BOT, customer).await
}

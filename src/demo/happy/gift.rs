//! The customer's part: the campaign link, the channel, the code and its picture, the birthday.

use builtin_telegram::{ChatMemberStatus, ShownMessage};

use crate::demo::fixture::{ActOutcome, CHANNEL, CUSTOMER_BOT, Fixture, STAFF_BOT, expect};
use crate::demo::report::Miss;
use crate::discount::code;
use crate::qr;

/// The customers' menu once there is a channel.
const MENU: [&str; 5] =
    ["button.my_discounts", "button.check_subscription", "button.birthday", "button.channel", "button.help"];

/// The campaign's link opens the bot, which welcomes the customer by name and shows the menu.
pub(super) async fn welcome(fixture: &mut Fixture) -> ActOutcome {
    let (customer, link) = (fixture.roles.customer.clone(), fixture.known("link"));
    let payload = link.split_once("?start=").map(|(_, payload)| payload);
    fixture.telegram.opens_link(CUSTOMER_BOT, customer.id, payload);
    let answer = fixture.hears(CUSTOMER_BOT, customer.id).await?;
    fixture.read("welcome", &answer.text, &[("first_name", &customer.first_name)])?;
    let menu = fixture.telegram.reply_keyboard(CUSTOMER_BOT, customer.id);
    for key in MENU {
        let there = menu.iter().flatten().any(|shown| shown == fixture.caption(key));
        expect(there, format!("[{}]", fixture.caption(key)), format!("{menu:?}"))?;
    }
    let keys = menu.iter().map(|row| row.iter().map(|key| format!("[{key}]")).collect::<Vec<_>>().join(" "));
    Ok(fixture.shown(&answer).into_iter().chain(keys).collect())
}

/// The customer presses the button without following the channel: the bot asks Telegram, which answers that there is no
/// subscription.
pub(super) async fn not_subscribed(fixture: &mut Fixture) -> ActOutcome {
    let answer = check_subscription(fixture).await?;
    fixture.read("not_subscribed", &answer.text, &[])?;
    let address = format!("https://t.me/{}", CHANNEL.trim_start_matches('@'));
    let buttons: Vec<_> = answer.buttons.iter().flatten().collect();
    let leads =
        buttons.iter().any(|b| b.caption == fixture.caption("button.channel") && b.url.as_ref() == Some(&address));
    let again = buttons.iter().any(|b| b.caption == fixture.caption("button.check_subscription") && b.data.is_some());
    expect(
        leads && again,
        format!(
            "[{}] → {address}, [{}]",
            fixture.caption("button.channel"),
            fixture.caption("button.check_subscription")
        ),
        format!("{buttons:?}"),
    )?;
    Ok(fixture.shown(&answer))
}

/// The customer joins the channel; now a press of the same button brings the code with its picture.
pub(super) async fn code(fixture: &mut Fixture) -> ActOutcome {
    fixture.telegram.set_member(CHANNEL, fixture.roles.customer.id, ChatMemberStatus::Member);
    let answer = check_subscription(fixture).await?;
    let said = fixture.read("subscription_success", &answer.text, &[])?;
    let code = said.of("discount_code");
    expect(code::read(code, "").plain.is_some(), fixture.say("demo.miss.code"), code)?;
    expect(answer.media == Some("photo"), "photo", format!("{:?}", answer.media))?;
    fixture.learn("code", code);
    fixture.learn("value", said.of("discount_value"));
    fixture.learn("until", said.of("discount_expires_at"));
    fixture.learn("picture", answer.file_id.clone().unwrap_or_default());
    Ok(fixture.shown(&answer))
}

/// «Мои скидки» shows the code. The picture that the bot sent before holds the link by which a cashier gets the same
/// code.
pub(super) async fn my_discounts(fixture: &mut Fixture) -> ActOutcome {
    let customer = fixture.roles.customer.id;
    fixture.press(CUSTOMER_BOT, customer, fixture.caption("button.my_discounts"))?;
    let answer = fixture.hears(CUSTOMER_BOT, customer).await?;
    let (code, value, until) = (fixture.known("code"), fixture.known("value"), fixture.known("until"));
    let known = [("discount_code", &*code), ("discount_value", &value), ("discount_expires_at", &until)];
    let said = fixture.read("discount_line", &answer.text, &known)?;
    fixture.learn("title", said.of("discount_title"));
    let data = answer.buttons.iter().flatten().find_map(|button| button.data.as_deref()?.strip_prefix("qr:"));
    let public_id = data.ok_or_else(|| Miss::new("[qr:…]", format!("{:?}", answer.buttons)))?;
    let link = format!("https://t.me/{STAFF_BOT}?start=d_{public_id}");
    let picture = fixture.telegram.file_bytes(&fixture.known("picture"));
    expect(picture.is_some() && picture == qr::png(&link), format!("QR {link}"), fixture.say("demo.miss.picture"))?;
    Ok(fixture.shown(&answer))
}

/// The menu asks for the birthday; the question has a «cancel» button.
pub(super) async fn birthday(fixture: &mut Fixture) -> ActOutcome {
    let customer = fixture.roles.customer.id;
    fixture.press(CUSTOMER_BOT, customer, fixture.caption("button.birthday"))?;
    let question = fixture.hears(CUSTOMER_BOT, customer).await?;
    fixture.read("birthday_ask", &question.text, &[])?;
    let cancel = fixture.caption("button.cancel");
    let there = question.buttons.iter().flatten().any(|button| button.caption == cancel);
    expect(there, format!("[{cancel}]"), format!("{:?}", question.buttons))?;
    Ok(fixture.shown(&question))
}

/// The customer may write the birthday in words.
pub(super) async fn birthday_saved(fixture: &mut Fixture) -> ActOutcome {
    let (customer, typed) = (fixture.roles.customer.id, fixture.say("demo.birthday"));
    fixture.telegram.says(CUSTOMER_BOT, customer, &typed);
    fixture.learn("birthday", typed);
    let answer = fixture.hears(CUSTOMER_BOT, customer).await?;
    fixture.read("birthday_saved", &answer.text, &[])?;
    Ok(fixture.shown(&answer))
}

async fn check_subscription(fixture: &mut Fixture) -> Result<ShownMessage, Miss> {
    let customer = fixture.roles.customer.id;
    fixture.press(CUSTOMER_BOT, customer, fixture.caption("button.check_subscription"))?;
    fixture.hears(CUSTOMER_BOT, customer).await
}

//! At the counter: the code is typed carelessly, redeemed, undone, redeemed again, and refused from then on, even after
//! `kill -9`.

use builtin_telegram::ShownMessage;

use crate::demo::fixture::{ActOutcome, CUSTOMER_BOT, Fixture, STAFF_BOT, expect};
use crate::demo::report::Miss;

/// The cashier types the code in lower case, with Latin look-alikes, a blank and a dash; it is recognised. The card
/// names the customer and what the code gives.
pub(super) async fn card(fixture: &mut Fixture) -> ActOutcome {
    let typed = carelessly(&fixture.known("code"));
    fixture.learn("typed", &typed);
    let card = show_card(fixture).await?;
    Ok(fixture.shown(&card))
}

/// The card is replaced by the text about the redemption, with the time and the button that undoes it.
pub(super) async fn redeem(fixture: &mut Fixture) -> ActOutcome {
    let receipt = press_redeem(fixture).await?;
    Ok(fixture.shown(&receipt))
}

/// The customer gets a message about the redemption in the customer bot.
pub(super) async fn customer_told(fixture: &mut Fixture) -> ActOutcome {
    let answer = fixture.hears(CUSTOMER_BOT, fixture.roles.customer.id).await?;
    fixture.read("discount_used_user", &answer.text, &[("discount_code", &fixture.known("code"))])?;
    Ok(fixture.shown(&answer))
}

/// The cashier undoes a mistaken redemption, which is possible for ten minutes.
pub(super) async fn undo(fixture: &mut Fixture) -> ActOutcome {
    let cashier = fixture.roles.cashier.id;
    fixture.press(STAFF_BOT, cashier, fixture.caption("button.undo"))?;
    let answer = fixture.hears(STAFF_BOT, cashier).await?;
    fixture.read("discount_undone_cashier", &answer.text, &[("discount_code", &fixture.known("code"))])?;
    expect(
        answer.message_id.to_string() == fixture.known("card"),
        fixture.say("demo.miss.edited"),
        format!("{answer:?}"),
    )?;
    Ok(fixture.shown(&answer))
}

/// The customer gets a message about the undo as well.
pub(super) async fn undo_told(fixture: &mut Fixture) -> ActOutcome {
    let answer = fixture.hears(CUSTOMER_BOT, fixture.roles.customer.id).await?;
    fixture.read("discount_undone_user", &answer.text, &[("discount_code", &fixture.known("code"))])?;
    Ok(fixture.shown(&answer))
}

/// The code works again: there is a new card, and then a new redemption.
pub(super) async fn redeem_again(fixture: &mut Fixture) -> ActOutcome {
    show_card(fixture).await?;
    let receipt = press_redeem(fixture).await?;
    customer_told(fixture).await?;
    Ok(fixture.shown(&receipt))
}

/// The cashier types the same code once more: the bot refuses the code and says when it was redeemed.
pub(super) async fn refused(fixture: &mut Fixture) -> ActOutcome {
    let cashier = fixture.roles.cashier.id;
    fixture.telegram.says(STAFF_BOT, cashier, &fixture.known("typed"));
    refusal(fixture, cashier, "code_already_used_by_you").await
}

/// The daemon is killed at the moment when the second cashier sends a message, and started again: the message is
/// answered, and the redemption is still known.
pub(super) async fn crash(fixture: &mut Fixture) -> ActOutcome {
    let cashier = fixture.roles.second_cashier.id;
    fixture.telegram.says(STAFF_BOT, cashier, &fixture.known("code"));
    if let Some(mut daemon) = fixture.daemon.take() {
        daemon.kill().await.map_err(|error| Miss::new("kill -9", error.to_string()))?;
    }
    fixture.open_shop().await?;
    refusal(fixture, cashier, "code_already_used").await
}

/// The cashier's phone still shows the card of the redeemed code, and the cashier presses its button: the press is
/// answered, and nothing changes.
pub(super) async fn old_button(fixture: &mut Fixture) -> ActOutcome {
    let (cashier, card, data) = (fixture.roles.cashier.id, fixture.known("card"), fixture.known("button"));
    let message_id = card.parse().unwrap_or_default();
    let press = fixture.telegram.presses(STAFF_BOT, cashier, message_id, &data);
    let is_answer = |query: &serde_json::Value| query.as_str() == Some(&press);
    fixture
        .receipt(
            |r| r.method == "answerCallbackQuery" && r.params.get("callback_query_id").is_some_and(is_answer),
            "answerCallbackQuery",
        )
        .await?;
    let shown = fixture.telegram.chat_view(STAFF_BOT, cashier).into_iter().find(|m| m.message_id == message_id);
    let shown = shown.ok_or_else(|| Miss::new(&card, "—"))?;
    expect(shown.text == fixture.known("receipt"), fixture.known("receipt"), &shown.text)?;
    Ok(fixture.shown(&shown))
}

async fn show_card(fixture: &mut Fixture) -> Result<ShownMessage, Miss> {
    let cashier = fixture.roles.cashier.id;
    fixture.telegram.says(STAFF_BOT, cashier, &fixture.known("typed"));
    let card = fixture.hears(STAFF_BOT, cashier).await?;
    let known = of_card(fixture);
    fixture.read("code_card_percent", &card.text, &borrowed(&known))?;
    let button = card.buttons.iter().flatten().find(|button| button.caption == fixture.caption("button.redeem"));
    let data = button.and_then(|button| button.data.clone());
    fixture.learn(
        "button",
        data.ok_or_else(|| Miss::new(fixture.caption("button.redeem"), format!("{:?}", card.buttons)))?,
    );
    fixture.learn("card", card.message_id.to_string());
    Ok(card)
}

async fn press_redeem(fixture: &mut Fixture) -> Result<ShownMessage, Miss> {
    let cashier = fixture.roles.cashier.id;
    fixture.press(STAFF_BOT, cashier, fixture.caption("button.redeem"))?;
    let answer = fixture.hears(STAFF_BOT, cashier).await?;
    let known = of_card(fixture);
    let said = fixture.read("discount_used_cashier", &answer.text, &borrowed(&known))?;
    expect(
        answer.message_id.to_string() == fixture.known("card"),
        fixture.say("demo.miss.edited"),
        format!("{answer:?}"),
    )?;
    let time = said.of("time");
    expect(chrono::NaiveTime::parse_from_str(time, "%H:%M").is_ok(), "HH:MM", time)?;
    fixture.learn("time", time);
    fixture.learn("receipt", &answer.text);
    Ok(answer)
}

async fn refusal(fixture: &mut Fixture, cashier: i64, key: &str) -> ActOutcome {
    let answer = fixture.hears(STAFF_BOT, cashier).await?;
    let (code, time) = (fixture.known("code"), fixture.known("time"));
    fixture.read(key, &answer.text, &[("discount_code", &code), ("time", &time)])?;
    Ok(fixture.shown(&answer))
}

/// The values of the placeholders in the texts for a cashier, for the code of the demo.
fn of_card(fixture: &Fixture) -> [(&'static str, String); 5] {
    [
        ("display_name", fixture.known("customer")),
        ("discount_title", fixture.known("title")),
        ("discount_value", fixture.known("value")),
        ("discount_expires_at", fixture.known("until")),
        ("discount_code", fixture.known("code")),
    ]
}

fn borrowed<'a>(known: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    known.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// The letters А В С Е Н К М О Р Т Х У, each with the Latin letter that looks the same.
const TWINS: [(char, char); 12] = [
    ('\u{410}', 'a'),
    ('\u{412}', 'b'),
    ('\u{421}', 'c'),
    ('\u{415}', 'e'),
    ('\u{41d}', 'h'),
    ('\u{41a}', 'k'),
    ('\u{41c}', 'm'),
    ('\u{41e}', 'o'),
    ('\u{420}', 'p'),
    ('\u{422}', 't'),
    ('\u{425}', 'x'),
    ('\u{423}', 'y'),
];

/// The code as a person types it in a hurry: lower case, Latin letters where they look the same, a blank and a dash.
fn carelessly(code: &str) -> String {
    let twin = |c: char| TWINS.iter().find(|(russian, _)| *russian == c).map(|(_, latin)| *latin);
    let hurried = |(place, c): (usize, char)| {
        let separator = match place {
            3 => Some(' '),
            5 => Some('-'),
            _ => None,
        };
        separator.into_iter().chain(twin(c).or_else(|| c.to_lowercase().next()))
    };
    code.chars().enumerate().flat_map(hurried).collect()
}

#[cfg(test)]
mod tests {
    use super::carelessly;
    use crate::discount::code::{DiscountCode, read};
    use crate::language::Language;

    #[test]
    fn careless_typing_differs_from_the_code_and_still_reads_as_it() {
        assert_eq!(carelessly("АБВ1234"), "aбb 12-34");
        for _ in 0..100 {
            for language in Language::ALL {
                let code = DiscountCode::random(language);
                assert_eq!(read(&carelessly(&code.spelled(language)), "").plain, Some(code));
            }
        }
    }
}

//! At the counter: the code is typed carelessly, redeemed, taken back, redeemed again, refused ever after, even across
//! `kill -9`.

use crate::demo::pattern::{self, caption};
use crate::demo::report::Miss;
use crate::demo::stage::{CUSTOMER_BOT, Outcome, STAFF_BOT, Stage, expect};
use crate::telegram::builtin::ShownMessage;

/// Lower case, Latin look-alikes, a blank and a dash: still the code. The card says whose it is and what it gives.
pub(super) async fn card(stage: &mut Stage) -> Outcome {
    let typed = carelessly(&stage.known("code"));
    stage.learn("typed", &typed);
    let card = show_card(stage).await?;
    Ok(stage.shown(&card))
}

/// The card becomes the receipt, with the time and the button that takes it back.
pub(super) async fn redeem(stage: &mut Stage) -> Outcome {
    let receipt = press_redeem(stage).await?;
    Ok(stage.shown(&receipt))
}

/// The customer hears of it in the other bot.
pub(super) async fn customer_told(stage: &mut Stage) -> Outcome {
    let answer = stage.hears(CUSTOMER_BOT, stage.cast.customer.id).await?;
    pattern::read("discount_used_user", &answer.text, &[("discount_code", &stage.known("code"))])?;
    Ok(stage.shown(&answer))
}

/// A press too many is taken back by the cashier, for ten minutes.
pub(super) async fn undo(stage: &mut Stage) -> Outcome {
    let cashier = stage.cast.cashier.id;
    stage.press(STAFF_BOT, cashier, caption("button.undo"))?;
    let answer = stage.hears(STAFF_BOT, cashier).await?;
    pattern::read("discount_undone_cashier", &answer.text, &[("discount_code", &stage.known("code"))])?;
    expect(answer.message_id.to_string() == stage.known("card"), stage.say("demo.miss.edited"), format!("{answer:?}"))?;
    Ok(stage.shown(&answer))
}

/// The customer hears of that, too.
pub(super) async fn undo_told(stage: &mut Stage) -> Outcome {
    let answer = stage.hears(CUSTOMER_BOT, stage.cast.customer.id).await?;
    pattern::read("discount_undone_user", &answer.text, &[("discount_code", &stage.known("code"))])?;
    Ok(stage.shown(&answer))
}

/// The code works again: a new card, a new receipt.
pub(super) async fn redeem_again(stage: &mut Stage) -> Outcome {
    show_card(stage).await?;
    let receipt = press_redeem(stage).await?;
    customer_told(stage).await?;
    Ok(stage.shown(&receipt))
}

/// The same code again: no, and since when.
pub(super) async fn refused(stage: &mut Stage) -> Outcome {
    let cashier = stage.cast.cashier.id;
    stage.telegram.says(STAFF_BOT, cashier, &stage.known("typed"));
    refusal(stage, cashier, "code_already_used_by_you").await
}

/// The daemon is killed in the moment the second cashier's message goes out, and started again: the message is answered,
/// and the redemption is still known.
pub(super) async fn crash(stage: &mut Stage) -> Outcome {
    let cashier = stage.cast.second_cashier.id;
    stage.telegram.says(STAFF_BOT, cashier, &stage.known("code"));
    if let Some(mut daemon) = stage.daemon.take() {
        daemon.kill().await.map_err(|error| Miss::new("kill -9", error.to_string()))?;
    }
    stage.open_shop().await?;
    refusal(stage, cashier, "code_already_used").await
}

/// The button of the redeemed card, pressed on a phone that still shows it: answered, and nothing changes.
pub(super) async fn old_button(stage: &mut Stage) -> Outcome {
    let (cashier, card, data) = (stage.cast.cashier.id, stage.known("card"), stage.known("button"));
    let message_id = card.parse().unwrap_or_default();
    let press = stage.telegram.presses(STAFF_BOT, cashier, message_id, &data);
    let is_answer = |query: &serde_json::Value| query.as_str() == Some(&press);
    stage
        .receipt(
            |r| r.method == "answerCallbackQuery" && r.params.get("callback_query_id").is_some_and(is_answer),
            "answerCallbackQuery",
        )
        .await?;
    let shown = stage.telegram.chat_view(STAFF_BOT, cashier).into_iter().find(|m| m.message_id == message_id);
    let shown = shown.ok_or_else(|| Miss::new(&card, "—"))?;
    expect(shown.text == stage.known("receipt"), stage.known("receipt"), &shown.text)?;
    Ok(stage.shown(&shown))
}

async fn show_card(stage: &mut Stage) -> Result<ShownMessage, Miss> {
    let cashier = stage.cast.cashier.id;
    stage.telegram.says(STAFF_BOT, cashier, &stage.known("typed"));
    let card = stage.hears(STAFF_BOT, cashier).await?;
    let known = of_card(stage);
    pattern::read("code_card_percent", &card.text, &borrowed(&known))?;
    let button = card.buttons.iter().flatten().find(|button| button.caption == caption("button.redeem"));
    let data = button.and_then(|button| button.data.clone());
    stage.learn("button", data.ok_or_else(|| Miss::new(caption("button.redeem"), format!("{:?}", card.buttons)))?);
    stage.learn("card", card.message_id.to_string());
    Ok(card)
}

async fn press_redeem(stage: &mut Stage) -> Result<ShownMessage, Miss> {
    let cashier = stage.cast.cashier.id;
    stage.press(STAFF_BOT, cashier, caption("button.redeem"))?;
    let answer = stage.hears(STAFF_BOT, cashier).await?;
    let known = of_card(stage);
    let said = pattern::read("discount_used_cashier", &answer.text, &borrowed(&known))?;
    expect(answer.message_id.to_string() == stage.known("card"), stage.say("demo.miss.edited"), format!("{answer:?}"))?;
    let time = said.of("time");
    expect(chrono::NaiveTime::parse_from_str(time, "%H:%M").is_ok(), "HH:MM", time)?;
    stage.learn("time", time);
    stage.learn("receipt", &answer.text);
    Ok(answer)
}

async fn refusal(stage: &mut Stage, cashier: i64, key: &str) -> Outcome {
    let answer = stage.hears(STAFF_BOT, cashier).await?;
    let (code, time) = (stage.known("code"), stage.known("time"));
    pattern::read(key, &answer.text, &[("discount_code", &code), ("time", &time)])?;
    Ok(stage.shown(&answer))
}

/// What the gift has promised, under the names of the texts at the counter.
fn of_card(stage: &Stage) -> [(&'static str, String); 5] {
    [
        ("display_name", stage.known("customer")),
        ("discount_title", stage.known("title")),
        ("discount_value", stage.known("value")),
        ("discount_expires_at", stage.known("until")),
        ("discount_code", stage.known("code")),
    ]
}

fn borrowed<'a>(known: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    known.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// А В С Е Н К М О Р Т Х У, each with the Latin letter that looks the same.
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

/// As typed in a hurry: lower case, Latin letters where they look the same, a blank and a dash.
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

    #[test]
    fn careless_typing_differs_from_the_code_and_still_reads_as_it() {
        assert_eq!(carelessly("АБВ1234"), "aбb 12-34");
        for _ in 0..100 {
            let code = DiscountCode::random();
            assert_eq!(read(&carelessly(code.as_str()), "").plain, Some(code));
        }
    }
}

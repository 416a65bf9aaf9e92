//! Renders the results of use-cases as messages: fills in texts from the database and adds keyboards.

use crate::db::View;
use crate::discount::{Discount, RedeemedCode, RedemptionCard};
pub(super) use crate::discount::{facts, gift};
use crate::error::{Refusal, Result};
use crate::outbox::Payload;
use crate::telegram::client::{Button, Keyboard};
pub(super) use crate::texts::customer_menu as menu;
use crate::user::User;
use crate::{settings, shop, texts};

/// A text of the bots with its keyboard, as a message.
pub(super) fn text(
    view: &View<'_>,
    key: &str,
    values: &[texts::Placeholder<'_>],
    keyboard: Keyboard,
) -> Result<Payload> {
    Ok(Payload::text(texts::render(view, key, values)?, keyboard).of_text(key))
}

/// The placeholders with the customer's names.
pub(super) fn names(user: &User) -> [(&'static str, String); 2] {
    [("first_name", user.salutation()), ("display_name", user.display_name.clone())]
}

/// The values of placeholders as `texts::render` takes them.
pub(super) fn pairs<'a>(values: &'a [(&'static str, String)]) -> Vec<texts::Placeholder<'a>> {
    values.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// The buttons «Перейти в канал» and «Проверить подписку», under a message.
pub(super) fn subscribe_buttons(view: &View<'_>) -> Result<Keyboard> {
    let mut rows = Vec::new();
    if let Some(link) = settings::channel_link(view)? {
        rows.push(vec![Button::url(texts::caption(view, "button.channel")?, link)]);
    }
    rows.push(vec![Button::callback(texts::caption(view, "button.check_subscription")?, "check:subscription")]);
    Ok(Keyboard::Inline(rows))
}

/// The redemption card for a cashier, with the button «Погасить».
pub(super) fn card(view: &View<'_>, card: &RedemptionCard) -> Result<Payload> {
    let key = match card.discount.value {
        crate::money::DiscountValue::Percent(_) => "code_card_percent",
        crate::money::DiscountValue::Fixed(_) => "code_card_fixed",
    };
    let facts = facts(view, &card.discount)?;
    let redeem = Button::callback(texts::caption(view, "button.redeem")?, format!("redeem:{}", card.id.as_str()));
    text(view, key, &pairs(&facts), Keyboard::Inline(vec![vec![redeem]]))
}

/// The text «Погашено ✅ 14:05», which replaces the card.
pub(super) fn redeemed(view: &View<'_>, done: &RedeemedCode, keyboard: Keyboard) -> Result<Payload> {
    let time = view.zone().local(done.at).format("%H:%M").to_string();
    let facts = facts(view, &done.discount)?;
    let mut values = pairs(&facts);
    values.push(("time", &time));
    text(view, "discount_used_cashier", &values, keyboard)
}

/// The button «Отменить» under a redemption; a cashier's press works for ten minutes.
pub(super) fn undo_button(view: &View<'_>, card: &str) -> Result<Keyboard> {
    let undo = Button::callback(texts::caption(view, "button.undo")?, format!("undo:{card}"));
    Ok(Keyboard::Inline(vec![vec![undo]]))
}

/// One line that says why a code, or the press of a button, is refused.
pub(super) fn refusal(view: &View<'_>, refusal: &Refusal, discount: Option<&Discount>) -> Result<String> {
    let prefix = settings::CODE_PREFIX.text(view)?.unwrap_or_default();
    let code = discount.map(|discount| discount.shown_code(&prefix)).unwrap_or_default();
    let time = |at| view.zone().local(at).format("%H:%M").to_string();
    let render = |values: &[texts::Placeholder<'_>]| texts::render(view, refusal_key(refusal), values);
    match refusal {
        Refusal::CodeAlreadyUsed { at: when, .. } => {
            let (date, time) = (shop::date(view, view.zone().day(*when))?, time(*when));
            render(&[("discount_code", &code), ("date", &date), ("time", &time)])
        }
        Refusal::CodeExpired { last_day } => {
            render(&[("discount_code", &code), ("date", &shop::date(view, *last_day)?)])
        }
        Refusal::CashierLocked { until } => render(&[("until", &time(*until))]),
        Refusal::CodeRevoked | Refusal::CustomerBlocked => render(&[("discount_code", &code)]),
        _ => render(&[]),
    }
}

/// The same line as [`refusal`] returns, as a message.
pub(super) fn refused(view: &View<'_>, refused: &Refusal, discount: Option<&Discount>) -> Result<Payload> {
    let html = refusal(view, refused, discount)?;
    Ok(Payload::text(html, Keyboard::None).of_text(refusal_key(refused)))
}

const fn refusal_key(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::CodeAlreadyUsed { by_you: true, .. } => "code_already_used_by_you",
        Refusal::CodeAlreadyUsed { .. } => "code_already_used",
        Refusal::CodeExpired { .. } => "code_expired",
        Refusal::CashierLocked { .. } => "cashier_locked",
        Refusal::CodeNotFound => "code_not_found",
        Refusal::CodeRevoked => "code_revoked",
        Refusal::CustomerBlocked => "code_customer_blocked",
        Refusal::CashierNotActive => "cashier_not_active",
        Refusal::UndoWindowPassed => "undo_too_late",
        Refusal::NothingToUndo => "nothing_to_undo",
        Refusal::OwnerOnly => "owner_only",
        Refusal::CashierState { .. } => "staff_already_decided",
        _ => "try_again",
    }
}

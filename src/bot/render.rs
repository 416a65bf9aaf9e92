//! Outcomes as messages: texts from the database filled in, and the keyboards under them.

use crate::clock::human_date;
use crate::db::View;
use crate::discount::{Card, Discount, Done};
pub(super) use crate::discount::{facts, gift};
use crate::error::{Refusal, Result};
use crate::outbox::Payload;
use crate::telegram::client::{Button, Keyboard};
pub(super) use crate::texts::customer_menu as menu;
use crate::user::User;
use crate::{settings, texts};

/// A text with its keyboard.
pub(super) fn text(view: &View<'_>, key: &str, values: &[texts::Value<'_>], keyboard: Keyboard) -> Result<Payload> {
    Ok(Payload::Text { html: texts::render(view, key, values)?, keyboard })
}

/// The names a text to a customer may use.
pub(super) fn names(user: &User) -> [(&'static str, String); 2] {
    let display = user.display_name();
    [("first_name", user.first_name.clone().unwrap_or_else(|| display.clone())), ("display_name", display)]
}

/// Borrowed pairs, as `texts::render` takes them.
pub(super) fn pairs<'a>(values: &'a [(&'static str, String)]) -> Vec<texts::Value<'a>> {
    values.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// «Перейти в канал» and «Проверить подписку», under a message.
pub(super) fn subscribe_buttons(view: &View<'_>) -> Result<Keyboard> {
    let mut rows = Vec::new();
    if let Some(link) = settings::channel_link(view)? {
        rows.push(vec![Button::url(texts::caption(view, "button.channel")?, link)]);
    }
    rows.push(vec![Button::callback(texts::caption(view, "button.check_subscription")?, "check:subscription")]);
    Ok(Keyboard::Inline(rows))
}

/// The card a cashier is shown, with «Погасить».
pub(super) fn card(view: &View<'_>, card: &Card) -> Result<(String, Keyboard)> {
    let key = match card.discount.value {
        crate::money::Value::Percent(_) => "code_card_percent",
        crate::money::Value::Fixed(_) => "code_card_fixed",
    };
    let html = texts::render(view, key, &pairs(&facts(view, &card.discount)?))?;
    let redeem = Button::callback(texts::caption(view, "button.redeem")?, format!("redeem:{}", card.id.as_str()));
    Ok((html, Keyboard::Inline(vec![vec![redeem]])))
}

/// «Погашено ✅ 14:05» in place of the card.
pub(super) fn redeemed(view: &View<'_>, done: &Done) -> Result<String> {
    let time = view.zone().local(done.at).format("%H:%M").to_string();
    let facts = facts(view, &done.discount)?;
    let mut values = pairs(&facts);
    values.push(("time", &time));
    texts::render(view, "discount_used_cashier", &values)
}

/// One line that says why a code is not taken.
pub(super) fn refusal(view: &View<'_>, refusal: &Refusal, discount: Option<&Discount>) -> Result<String> {
    let prefix = settings::CODE_PREFIX.text(view)?.unwrap_or_default();
    let code = discount.map(|discount| discount.code.shown(&prefix)).unwrap_or_default();
    let at = |at| (human_date(view.zone().day(at)), view.zone().local(at).format("%H:%M").to_string());
    let render = |key: &str, values: &[texts::Value<'_>]| texts::render(view, key, values);
    match refusal {
        Refusal::CodeAlreadyUsed { at: when, by_you } => {
            let key = if *by_you { "code_already_used_by_you" } else { "code_already_used" };
            let (date, time) = at(*when);
            render(key, &[("discount_code", &code), ("date", &date), ("time", &time)])
        }
        Refusal::CodeExpired { last_day } => {
            render("code_expired", &[("discount_code", &code), ("date", &human_date(*last_day))])
        }
        Refusal::CashierLocked { until } => render("cashier_locked", &[("until", &at(*until).1)]),
        Refusal::CodeNotFound => render("code_not_found", &[]),
        Refusal::CodeRevoked => render("code_revoked", &[("discount_code", &code)]),
        Refusal::CustomerBlocked => render("code_customer_blocked", &[("discount_code", &code)]),
        Refusal::CashierNotActive => render("cashier_not_active", &[]),
        Refusal::OwnerOnly => render("owner_only", &[]),
        Refusal::CashierState { .. } => render("staff_already_decided", &[]),
        _ => render("try_again", &[]),
    }
}

//! What the bots have done: messages on the phones, notices, the log of calls, and the steps of the tour that a delivery shows.

use std::time::{Duration, Instant};

use builtin_telegram::{Answer, Receipt, ShownMessage};
use serde_json::{Value, json};

use super::Stage;
use super::breakdown::PAUSE_S;
use crate::demo::fixture::CUSTOMER_BOT;
use crate::demo::stage::phones::Phone;
use crate::demo::stage::{POSTER, facts};
use crate::demo::tour::TourStep;

/// How many calls of the bots the page shows.
const MOST_CALLS: usize = 200;

impl Stage<'_> {
    /// Shows what the bots have done since the last time.
    pub(super) fn hear(&mut self) {
        let fresh = self.telegram().receipts_since(self.next);
        for receipt in &fresh {
            self.next = receipt.seq + 1;
            self.show_call(receipt);
            self.crowd.hear(&self.fixture.telegram, receipt);
            self.hear_one(receipt);
        }
        self.show_taken();
        self.show_daemon();
    }

    /// Adds a call to the log of calls.
    pub(super) fn show_call(&mut self, receipt: &Receipt) {
        let of_phone = |phone: &&Phone| phone.name.bot() == &*receipt.bot && Some(phone.owner.id) == receipt.chat_id;
        let whose = self.phones.iter().find(of_phone).map(|phone| phone.owner.name.clone());
        let is_person = receipt.chat_id.is_some_and(|chat| chat > 0);
        let people = u8::from(is_person && whose.is_none());
        let call = json!({
            "seq": receipt.seq, "at": receipt.at_ms, "bot": format!("@{}", receipt.bot), "method": receipt.method,
            "whose": whose, "people": people, "is_message": receipt.is_message(), "answer": answer(&receipt.answer),
        });
        if self.calls.len() == MOST_CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back(call.clone());
        self.hub.emit("call", &call);
    }

    pub(super) fn hear_one(&mut self, receipt: &Receipt) {
        if matches!(receipt.answer, Answer::Refused { code: 429, .. }) && self.faults.armed {
            self.faults.armed = false;
            self.faults.pause_until = Some(Instant::now() + Duration::from_secs(PAUSE_S.into()));
            self.emit_faults();
        }
        if receipt.method == "answerCallbackQuery" {
            return self.show_toast(receipt);
        }
        let Some(chat) = receipt.chat_id.filter(|_| receipt.delivered) else { return };
        let at = self.phones.iter().position(|phone| phone.name.bot() == &*receipt.bot && phone.owner.id == chat);
        let is_new = receipt.is_message();
        let before = self.waiting.len();
        self.waiting.retain(|(bot, person)| !(is_new && *bot == &*receipt.bot && *person == chat));
        if self.waiting.len() < before {
            self.tick(TourStep::Crash);
        }
        if is_new && &*receipt.bot == CUSTOMER_BOT {
            self.note_delivery(chat, receipt);
        }
        let telegram = self.fixture.telegram.clone();
        let Some(phone) = at.and_then(|at| self.phones.get_mut(at)) else { return };
        let name = phone.name;
        if receipt.method == "deleteMessage" {
            self.hub.emit("delete", &json!({ "phone": name.code(), "id": receipt.message_id }));
            return;
        }
        let message: Option<ShownMessage> = receipt.message_id.and_then(|id| phone.message(&telegram, id));
        let Some(message) = message else { return };
        let event = json!({ "phone": name.code(), "message": phone.message_json(&message) });
        let keyboard = phone.new_keyboard(&telegram);
        self.hub.emit(if is_new { "message" } else { "edit" }, &event);
        if let Some(keyboard) = keyboard {
            self.hub.emit("keyboard", &keyboard);
        }
    }

    /// Ticks the steps of the tour that a delivered message shows.
    pub(super) fn note_delivery(&mut self, chat: i64, receipt: &Receipt) {
        if self.cast.is_newcomer(chat) {
            let of_person = |message: &ShownMessage| !message.from_bot && message.raw == format!("/start {}", POSTER);
            if self.telegram().chat_view(CUSTOMER_BOT, chat).iter().any(of_person) {
                self.tick(TourStep::Come);
            }
            if receipt.method == "sendPhoto" {
                self.tick(TourStep::Code);
            }
        }
        if chat == self.cast.birthday && facts::has_birthday_code(&self.database, chat) {
            self.tick(TourStep::Birthday);
        }
    }

    /// Shows the notice that Telegram puts over the chat for a moment after a press; an empty one ends the waiting.
    pub(super) fn show_toast(&mut self, receipt: &Receipt) {
        let query = receipt.params.get("callback_query_id").and_then(Value::as_str);
        let of_press = |phone: &Phone| phone.pressed.iter().position(|(press, _)| Some(press.as_str()) == query);
        let found = self.phones.iter_mut().find_map(|phone| of_press(phone).map(|at| (phone, at)));
        let Some((phone, at)) = found else { return };
        let (_, message) = phone.pressed.remove(at);
        let text = receipt.params.get("text").and_then(Value::as_str).unwrap_or_default();
        let alert = receipt.params.get("show_alert").and_then(Value::as_bool).unwrap_or(false);
        let event = json!({ "phone": phone.name.code(), "text": text, "alert": alert, "message_id": message });
        self.hub.emit("toast", &event);
    }

    /// Shows which messages the bots have taken: all of them, once no update waits.
    pub(super) fn show_taken(&mut self) {
        let telegram = self.fixture.telegram.clone();
        for phone in &mut self.phones {
            if phone.taken < phone.said && telegram.pending_updates(phone.name.bot()) == 0 {
                phone.taken = phone.said;
                self.hub.emit("taken", &json!({ "phone": phone.name.code(), "up_to": phone.taken }));
            }
        }
    }
}

fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Ok => "ok".to_owned(),
        Answer::Refused { code, description } => format!("{code}: {description}"),
        Answer::Broken(_) => "—".to_owned(),
    }
}

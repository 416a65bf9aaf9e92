//! What the people of the phones do: write, press buttons, open links, join the channel, block the bot; and whose phone it is.

use builtin_telegram::ChatMemberStatus;
use serde_json::{Value, json};

use super::Stage;
use super::breakdown::DaemonState;
use crate::demo::fixture::{CHANNEL, CUSTOMER_BOT};
use crate::demo::stage::act::{Denial, LinkSource};
use crate::demo::stage::phones::{Contact, Phone, PhoneName, is_member};
use crate::demo::stage::{POSTER, facts};
use crate::demo::tour::TourStep;

/// How many people a search finds.
const MOST_FOUND: usize = 20;
/// The longest message that a person may write, in characters; Telegram's own limit.
const MOST_TEXT: usize = 4096;

impl Stage<'_> {
    pub(super) fn phone(&self, name: PhoneName) -> &Phone {
        let [customer, cashier, owner] = &self.phones;
        match name {
            PhoneName::Customer => customer,
            PhoneName::Cashier => cashier,
            PhoneName::Owner => owner,
        }
    }

    pub(super) fn phone_mut(&mut self, name: PhoneName) -> &mut Phone {
        let [customer, cashier, owner] = &mut self.phones;
        match name {
            PhoneName::Customer => customer,
            PhoneName::Cashier => cashier,
            PhoneName::Owner => owner,
        }
    }

    /// The person of the phone writes to the bot. A message to a blocked bot unblocks it, as in the app.
    pub(super) fn say(&mut self, name: PhoneName, text: &str) -> Result<(), Denial> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > MOST_TEXT {
            return Err(Denial::invalid(self.word("wrong.text")));
        }
        let phone = self.phone(name);
        let (bot, person) = (name.bot(), phone.owner.id);
        let was_blocked = self.telegram().has_blocked(bot, person);
        let id = self.telegram().says(bot, person, text);
        self.wrote(name, id);
        if was_blocked {
            self.emit_phone(name);
        }
        Ok(())
    }

    /// Shows a message that the person of the phone has written, and notes that it waits for the bot.
    pub(super) fn wrote(&mut self, name: PhoneName, id: i64) {
        self.phone_mut(name).said = id;
        self.note_waiting();
        if self.daemon != DaemonState::Up {
            self.waiting.push((name.bot(), self.phone(name).owner.id));
        }
        let telegram = self.fixture.telegram.clone();
        let phone = self.phone(name);
        let Some(message) = phone.message(&telegram, id) else { return };
        let event = json!({ "phone": name.code(), "message": phone.message_json(&message) });
        self.hub.emit("message", &event);
    }

    /// Counts something that a person has done while the daemon was down.
    pub(super) fn note_waiting(&mut self) {
        if self.daemon != DaemonState::Up
            && let Some(recovery) = &mut self.recovery
        {
            recovery.waited += 1;
        }
    }

    pub(super) fn press(
        &mut self,
        name: PhoneName,
        message_id: i64,
        (row, column): (usize, usize),
        caption: &str,
    ) -> Result<(), Denial> {
        let telegram = self.fixture.telegram.clone();
        let phone = self.phone_mut(name);
        let message = phone.message(&telegram, message_id);
        let button = message.as_ref().and_then(|message| message.buttons.get(row)?.get(column));
        let button = button.filter(|button| button.caption == caption);
        match button.and_then(|button| button.data.as_deref()) {
            Some(data) => {
                let press = telegram.presses(name.bot(), phone.owner.id, message_id, data);
                phone.pressed.push((press, message_id));
                self.note_waiting();
                Ok(())
            }
            None => Err(Denial::invalid(self.word("wrong.button"))),
        }
    }

    pub(super) fn open(&mut self, name: PhoneName, link: LinkSource) -> Result<(), Denial> {
        let payload = match (link, name) {
            (LinkSource::Poster, PhoneName::Customer) => POSTER.to_owned(),
            (LinkSource::Qr, PhoneName::Cashier) => {
                let customer = self.phone(PhoneName::Customer).owner.id;
                let chat = self.telegram().chat_view(CUSTOMER_BOT, customer);
                let picture = chat.into_iter().rev().find_map(|message| message.file_id);
                let picture = picture.and_then(|id| self.telegram().file_bytes(&id));
                let code = picture.and_then(|picture| facts::code_of_picture(&self.database, customer, &picture));
                format!("d_{}", code.ok_or_else(|| Denial::busy(self.word("wrong.no_qr")))?)
            }
            _ => return Err(Denial::invalid(self.word("wrong.link"))),
        };
        let person = self.phone(name).owner.id;
        let id = self.telegram().opens_link(name.bot(), person, Some(&payload));
        self.wrote(name, id);
        Ok(())
    }

    pub(super) fn join(&mut self, join: bool) {
        let status = if join { ChatMemberStatus::Member } else { ChatMemberStatus::Left };
        let person = self.phone(PhoneName::Customer).owner.id;
        self.telegram().set_member(CHANNEL, person, status);
        if self.cast.is_newcomer(person) && is_member(self.telegram(), person) {
            self.tick(TourStep::Join);
        }
        self.emit_phone(PhoneName::Customer);
    }

    pub(super) fn block(&mut self, on: bool) {
        let person = self.phone(PhoneName::Customer).owner.id;
        if on {
            self.telegram().blocks(CUSTOMER_BOT, person);
        } else {
            self.telegram().unblocks(CUSTOMER_BOT, person);
        }
        self.emit_phone(PhoneName::Customer);
    }

    pub(super) fn pick(&mut self, name: PhoneName, person: i64) -> Result<(), Denial> {
        let offered = match name {
            PhoneName::Customer => self.cast.customers.iter().chain(&self.people).find(|it| it.id == person),
            PhoneName::Cashier => self.cast.cashiers.iter().find(|it| it.id == person),
            PhoneName::Owner => None,
        };
        let Some(contact) = offered.cloned() else { return Err(Denial::invalid(self.word("wrong.person"))) };
        let telegram = self.fixture.telegram.clone();
        self.phone_mut(name).give_to(contact, &telegram);
        self.emit_phone(name);
        Ok(())
    }

    pub(super) fn find_people(&self, sought: &str) -> Vec<Value> {
        let sought = sought.trim().to_lowercase();
        let fits = |contact: &&Contact| {
            !sought.is_empty() && (contact.name.to_lowercase().contains(&sought) || contact.id.to_string() == sought)
        };
        self.people.iter().filter(fits).take(MOST_FOUND).map(Contact::json).collect()
    }

    pub(super) fn emit_phone(&mut self, name: PhoneName) {
        let event = self.phone_json(name);
        self.hub.emit("phone", &event);
    }

    pub(super) fn phone_json(&self, name: PhoneName) -> Value {
        let phone = self.phone(name);
        let poster = self.cast.is_newcomer(phone.owner.id).then_some("poster");
        phone.json(self.telegram(), poster)
    }
}

//! A running demo in which a person takes part: the current chat, the effect of a typed line, and what the bots did
//! since the screen last changed.

use std::time::Duration;

use builtin_telegram::{ChatMemberStatus, Receipt};
use tokio::sync::mpsc::UnboundedReceiver;

use super::desk::{self, Desk, Press};
use super::phrase::{self, Phrase};
use super::told::{Key, Told};
use crate::clock::Clock;
use crate::daemon;
use crate::db::View;
use crate::demo::fixture::{CHANNEL, CUSTOMER_BOT, Fixture, STAFF_BOT};
use crate::demo::people::full_name;
use crate::demo::report::{Miss, Role};
use crate::demo::settle::{NamesById, config};
use crate::demo::{history, process};
use crate::discount;
use crate::error::Error;
use crate::ids::TelegramId;
use crate::realm::Realm;
use crate::user;

/// The longest single wait for something to happen; after it the wait starts anew.
const LONG: Duration = Duration::from_secs(24 * 3600);
/// The most characters shown of a message in a chat that is not open.
const GLIMPSE: usize = 160;

/// The next event: a typed line (`None` when the input has ended), something a bot has done (`News`), or the end of the
/// daemon with its last words.
enum SessionEvent {
    Line(Option<String>),
    News,
    Died(String),
}

/// The state of a running demo in which a person takes part.
pub(super) struct Session<'a, E> {
    fixture: &'a mut Fixture,
    names: NamesById,
    desks: [Desk; 3],
    /// The index of the chat that is open, in `desks`.
    at: usize,
    in_shell: bool,
    in_channel: bool,
    blocks: bool,
    /// The number of the first receipt (the record of a bot's call) that has not been shown.
    next: u64,
    /// The keyboard below the chat as it was shown last.
    menu: Vec<Vec<Key>>,
    /// Telegram's id of the person's press, until a bot answers the press.
    pressed: Option<String>,
    ear: &'a mut E,
}

impl<'a, E: FnMut(Told)> Session<'a, E> {
    /// A demo that begins in the customer's chat; messages that bots wrote before are not shown as new.
    pub(super) fn new(fixture: &'a mut Fixture, names: NamesById, ear: &'a mut E) -> Self {
        let (desks, next) = (desk::all(&fixture.roles), fixture.telegram.receipt_count());
        let (menu, pressed) = (Vec::new(), None);
        Self {
            fixture,
            names,
            desks,
            at: 0,
            in_shell: false,
            in_channel: false,
            blocks: false,
            next,
            menu,
            pressed,
            ear,
        }
    }

    /// Shows what the demo is and what to try.
    pub(super) fn open(&mut self) {
        let people = i64::try_from(history::PEOPLE).unwrap_or_default();
        let facts = [
            ("people", self.fixture.language.plural("demo.live.people", people, &[])),
            ("check", self.fixture.caption("button.check_subscription").to_owned()),
        ];
        for (name, value) in facts {
            self.fixture.learn(name, value);
        }
        let lines = ["what", "who", "customer", "cashier", "owner"];
        let lines = lines.map(|line| self.fixture.say(&format!("demo.live.opening.{line}"))).to_vec();
        (self.ear)(Told::Opened(lines));
        self.show_prompt();
    }

    /// Handles typed lines and events until the person quits or the input ends.
    ///
    /// # Errors
    /// The daemon has ended.
    pub(super) async fn run_until_quit(&mut self, mut lines: UnboundedReceiver<String>) -> Result<(), Miss> {
        loop {
            match self.next(&mut lines).await {
                SessionEvent::News => self.hear(),
                SessionEvent::Died(why) => return Err(Miss::new("dvorik serve", why)),
                SessionEvent::Line(None) => return Ok(()),
                SessionEvent::Line(Some(line)) => {
                    self.tell(Told::Typed);
                    match phrase::read(&line, self.in_shell) {
                        Phrase::Quits => return Ok(()),
                        phrase => self.act(phrase).await?,
                    }
                }
            }
            self.show_prompt();
        }
    }

    async fn next(&mut self, lines: &mut UnboundedReceiver<String>) -> SessionEvent {
        let (telegram, next) = (self.fixture.telegram.clone(), self.next);
        let daemon = self.fixture.daemon.as_mut();
        let dies = async {
            match daemon {
                Some(daemon) => {
                    let status = daemon.ended().await.map_or_else(|error| error.to_string(), |it| it.to_string());
                    format!("{status}\n{}", daemon.last_words())
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = telegram.wait_past(next, LONG) => SessionEvent::News,
            line = lines.recv() => SessionEvent::Line(line),
            why = dies => SessionEvent::Died(why),
        }
    }

    async fn act(&mut self, phrase: Phrase) -> Result<(), Miss> {
        match phrase {
            Phrase::Nothing => self.show_menu(),
            Phrase::Says(text) => self.say(&text),
            Phrase::Presses(number) => self.press(number),
            Phrase::Becomes(role) => self.become_one(role),
            Phrase::OpensShell => {
                self.in_shell = true;
                self.note("demo.live.note.shell");
            }
            Phrase::Runs(words) => self.run(&words).await?,
            Phrase::Channel => self.join_or_leave(),
            Phrase::Blocks => self.block_or_unblock(),
            Phrase::Scans => self.scan().await?,
            Phrase::Help => {
                let help = self.fixture.say("demo.live.help");
                self.tell(Told::Help(help.lines().map(str::to_owned).collect()));
            }
            Phrase::Unknown(word) => {
                self.fixture.learn("word", word);
                self.wrong("demo.live.wrong.word");
            }
            Phrase::Unclosed => self.wrong("demo.live.wrong.quote"),
            Phrase::Quits => {}
        }
        Ok(())
    }

    fn desk(&self) -> Desk {
        let [customer, ..] = self.desks;
        self.desks.get(self.at).copied().unwrap_or(customer)
    }

    fn tell(&mut self, told: Told) {
        (self.ear)(told);
    }

    fn note(&mut self, key: &str) {
        let note = self.fixture.say(key);
        self.tell(Told::Note(note));
    }

    fn wrong(&mut self, key: &str) {
        let wrong = self.fixture.say(key);
        self.tell(Told::Wrong(wrong));
    }

    fn show_prompt(&mut self) {
        let prompt = if self.in_shell { "dvorik".to_owned() } else { self.name_of(self.desk().role) };
        self.tell(Told::Prompt(prompt));
    }

    /// The word for the role, and the name of the person in this role.
    fn name_of(&self, role: Role) -> String {
        let name = self.fixture.roles.person(role).map(full_name).unwrap_or_default();
        format!("{} {name}", self.fixture.say(&format!("demo.role.{}", role.code())))
    }

    fn show_menu(&mut self) {
        self.menu = self.desk().menu(&self.fixture.telegram);
        if !self.menu.is_empty() {
            self.tell(Told::Menu(self.menu.clone()));
        }
    }

    /// Sends a message to the bot. A message to a blocked bot unblocks it, as in the app.
    fn say(&mut self, text: &str) {
        let desk = self.desk();
        self.blocks &= desk.bot != CUSTOMER_BOT;
        self.fixture.telegram.says(desk.bot, desk.person, text);
    }

    fn press(&mut self, number: usize) {
        let desk = self.desk();
        let presses = desk.presses(&self.fixture.telegram);
        let Some(press) = number.checked_sub(1).and_then(|at| presses.get(at)) else {
            self.fixture.learn("number", number.to_string());
            return self.wrong("demo.live.wrong.button");
        };
        match press {
            Press::Says(caption) => {
                self.tell(Told::Pressed(caption.clone()));
                self.say(caption);
            }
            Press::Inline { message_id, data, caption } => {
                self.tell(Told::Pressed(caption.clone()));
                self.pressed = Some(self.fixture.telegram.presses(desk.bot, desk.person, *message_id, data));
            }
            Press::Opens { url, caption } => {
                self.tell(Told::Pressed(caption.clone()));
                self.fixture.learn("url", url);
                self.note("demo.live.note.opens");
            }
        }
    }

    /// Opens another role's chat and shows its last messages.
    fn become_one(&mut self, role: Role) {
        self.in_shell = false;
        self.at = self.desks.iter().position(|desk| desk.role == role).unwrap_or(self.at);
        let (desk, picture) = (self.desk(), self.fixture.say("demo.seen.picture"));
        let title = format!("{} · @{}", self.name_of(role), desk.bot);
        let bubbles = desk.recent(&self.fixture.telegram, &picture);
        let is_new = bubbles.is_empty();
        self.tell(Told::Chat { title, bubbles });
        if is_new {
            self.note(&format!("demo.live.note.empty.{}", role.code()));
        }
        self.show_menu();
    }

    /// Shows what the bots have done since the last time.
    fn hear(&mut self) {
        let fresh = self.fixture.telegram.receipts_since(self.next);
        for receipt in &fresh {
            self.next = receipt.seq + 1;
            self.hear_one(receipt);
        }
    }

    fn hear_one(&mut self, receipt: &Receipt) {
        if receipt.method == "answerCallbackQuery" {
            return self.hear_toast(receipt);
        }
        let is_news = receipt.is_message() || (receipt.delivered && receipt.method.starts_with("editMessage"));
        let Some(chat) = receipt.chat_id.filter(|_| is_news) else { return };
        let all = self.fixture.telegram.chat_view(&receipt.bot, chat);
        let Some(message) = all.iter().find(|message| Some(message.message_id) == receipt.message_id) else { return };
        let at = self.desks.iter().position(|desk| desk.bot == &*receipt.bot && desk.person == chat);
        let Some((at, desk)) = at.and_then(|at| Some((at, self.desks.get_mut(at)?))) else {
            let to = self.names.get(&chat).cloned().unwrap_or_else(|| chat.to_string());
            return self.tell(Told::Elsewhere { to, words: glimpse(&message.text) });
        };
        desk.heard(message);
        let desk = *desk;
        if at != self.at {
            let call = self.fixture.say(&format!("demo.live.call.{}", desk.role.code()));
            let to = format!("{} · {call}", self.name_of(desk.role));
            return self.tell(Told::Elsewhere { to, words: glimpse(&message.text) });
        }
        let bubble = desk.bubble(&self.fixture.telegram, message, &self.fixture.say("demo.seen.picture"));
        self.tell(Told::Message(bubble));
        if desk.menu(&self.fixture.telegram) != self.menu {
            self.show_menu();
        }
    }

    /// Shows the notice that Telegram puts over the chat for a moment after a press.
    fn hear_toast(&mut self, receipt: &Receipt) {
        let text = |name: &str| receipt.params.get(name).and_then(serde_json::Value::as_str);
        if text("callback_query_id") == self.pressed.as_deref() {
            self.pressed = None;
            if let Some(toast) = text("text").filter(|toast| !toast.is_empty()) {
                self.tell(Told::Toast(toast.to_owned()));
            }
        }
    }

    async fn run(&mut self, words: &[String]) -> Result<(), Miss> {
        let shown: Vec<&str> = words.iter().map(String::as_str).collect();
        self.tell(Told::Command(process::typed(&shown)));
        self.fixture.shop.show(words).await
    }

    fn join_or_leave(&mut self) {
        self.in_channel = !self.in_channel;
        let status = if self.in_channel { ChatMemberStatus::Member } else { ChatMemberStatus::Left };
        self.fixture.telegram.set_member(CHANNEL, self.fixture.roles.customer.id, status);
        self.note(if self.in_channel { "demo.live.note.joined" } else { "demo.live.note.left" });
    }

    fn block_or_unblock(&mut self) {
        self.blocks = !self.blocks;
        let customer = self.fixture.roles.customer.id;
        if self.blocks {
            self.fixture.telegram.blocks(CUSTOMER_BOT, customer);
        } else {
            self.fixture.telegram.unblocks(CUSTOMER_BOT, customer);
        }
        self.note(if self.blocks { "demo.live.note.blocked" } else { "demo.live.note.unblocked" });
    }

    /// Scans the QR picture of the customer's code with the cashier's phone: the picture holds a link that opens the
    /// staff bot.
    async fn scan(&mut self) -> Result<(), Miss> {
        let (config, customer) = (config(self.fixture)?, TelegramId(self.fixture.roles.customer.id));
        let found = tokio::task::spawn_blocking(move || {
            daemon::open(&config, Clock::System).ok()?.read(|view| live_code(view, customer)).ok()?
        });
        let Some(public_id) = found.await.ok().flatten() else {
            self.wrong("demo.live.wrong.scan");
            return Ok(());
        };
        if self.desk().role != Role::Cashier {
            self.become_one(Role::Cashier);
        }
        self.note("demo.live.note.scans");
        let payload = format!("d_{public_id}");
        self.fixture.telegram.opens_link(STAFF_BOT, self.fixture.roles.cashier.id, Some(&payload));
        Ok(())
    }
}

/// The public id of the customer's first valid code, as its QR picture holds it.
fn live_code(view: &View<'_>, customer: TelegramId) -> Result<Option<String>, Error> {
    let Some(user) = user::find_by_telegram(view, Realm::Real, customer)? else { return Ok(None) };
    Ok(discount::list_live(view, user.id, 1)?.into_iter().next().map(|code| code.public_id))
}

/// The beginning of a message, on one line.
fn glimpse(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(GLIMPSE) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

//! What happens on the page: what people and the owner do, what the bots answer, faults, the daemon's ends and starts,
//! and the figures. One task does everything in order; each change is an event for every window.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use builtin_telegram::{Answer, BuiltinTelegram, ChatMemberStatus, Fault, Receipt, ShownMessage};
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;
use tokio::time::{MissedTickBehavior, interval};

use super::cast::Cast;
use super::crowd::Crowd;
use super::door::{Call, Denial, FaultKind, LinkSource, PageAct, Spin};
use super::hub::Hub;
use super::phones::{Contact, Phone, PhoneName, is_member};
use super::terminal::{Output, Terminal};
use super::{CommandGate, facts};
use crate::clock::Clock;
use crate::db::{Database, Failure, set_demo_clock};
use crate::demo::fixture::{CHANNEL, CUSTOMER_BOT, Fixture, STAFF_BOT};
use crate::demo::report::Miss;
use crate::demo::tour::{Tour, TourStep};
use crate::demo::{Signals, history, process};

/// The longest single wait for something to happen; after it the wait starts anew.
const LONG: Duration = Duration::from_secs(24 * 3600);
/// How often the stage looks at the figures, at faults that end by themselves, and at the daemon.
const LOOK: Duration = Duration::from_millis(250);
/// How many calls of the bots the page shows.
const MOST_CALLS: usize = 200;
/// How many people a search finds.
const MOST_FOUND: usize = 20;
/// The longest message that a person may write, in characters; Telegram's own limit.
const MOST_TEXT: usize = 4096;
/// The seconds of the pause that Telegram asks for.
const PAUSE_S: u32 = 7;
/// A fast clock runs on for so long when no window is open.
const UNWATCHED: Duration = Duration::from_secs(60);
/// How long Telegram is out of reach.
const UNREACHABLE: Duration = Duration::from_secs(30);
/// How long the daemon stays down after it was killed, and before each further start when it ends at once.
const RESTARTS: [Duration; 5] = [
    Duration::from_secs(3),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(4),
];

/// Whether the daemon works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DaemonState {
    /// It was started at this instant; the calls from this number on are its own.
    Starting {
        since: Instant,
        receipt: u64,
    },
    Up,
    /// It was killed, and is started at this instant.
    Down {
        until: Instant,
    },
    /// It has ended by itself.
    Dead,
}

/// What waited when the daemon was started after a kill.
#[derive(Debug, Clone, Copy)]
struct Recovery {
    seconds: Option<f64>,
    waited: usize,
}

/// A change of the shop's clock.
#[derive(Debug, Clone, Copy)]
enum ClockChange {
    /// How many times faster it runs.
    Rate(i64),
    /// It runs on by so many hours, within as many seconds.
    Spin { hours: i64 },
}

/// Faults that are under way.
#[derive(Debug, Default)]
struct Faults {
    /// Telegram asks for a pause at the next message.
    armed: bool,
    pause_until: Option<Instant>,
    unreachable_until: Option<Instant>,
}

/// The running demo of the page.
pub(super) struct Stage<'a> {
    fixture: &'a mut Fixture,
    database: Database,
    gate: &'a dyn CommandGate,
    hub: Hub,
    phones: [Phone; 3],
    cast: Cast,
    /// Everybody who can be searched.
    people: Vec<Contact>,
    crowd: Crowd,
    tour: Tour,
    began: Instant,
    /// How long the tour took, once it is over.
    took: Option<Duration>,
    daemon: DaemonState,
    /// How often the daemon has been started since it was last up.
    starts: usize,
    recovery: Option<Recovery>,
    /// What the page says about the last recovery.
    recovered: Value,
    faults: Faults,
    terminal: Terminal,
    /// The bots and people of messages that were written while the daemon was down.
    waiting: Vec<(&'static str, i64)>,
    calls: VecDeque<Value>,
    /// The number of the first call that has not been shown.
    next: u64,
    figures: Value,
    data_version: i64,
    /// The rate of the clock that is shown, and whether it spins.
    shown_rate: (i64, bool),
    /// When a window was last open.
    watched: Instant,
}

impl<'a> Stage<'a> {
    /// The opened shop. Calls of the bots before now are not shown.
    pub(super) fn new(
        fixture: &'a mut Fixture,
        database: Database,
        gate: &'a dyn CommandGate,
        hub: Hub,
        (cast, people, crowd): (Cast, Vec<Contact>, Crowd),
    ) -> Self {
        let first = |contacts: &[Contact]| contacts.first().cloned();
        let nobody = || cast.owner.clone();
        let phones = [
            Phone::new(PhoneName::Customer, first(&cast.customers).unwrap_or_else(nobody)),
            Phone::new(PhoneName::Cashier, first(&cast.cashiers).unwrap_or_else(nobody)),
            Phone::new(PhoneName::Owner, cast.owner.clone()),
        ];
        let next = fixture.telegram.receipt_count();
        Self {
            fixture,
            database,
            gate,
            hub,
            phones,
            cast,
            people,
            crowd,
            tour: Tour::default(),
            began: Instant::now(),
            took: None,
            daemon: DaemonState::Up,
            starts: 0,
            recovery: None,
            recovered: Value::Null,
            faults: Faults::default(),
            terminal: Terminal::new(),
            waiting: Vec::new(),
            calls: VecDeque::new(),
            next,
            figures: Value::Null,
            data_version: -1,
            shown_rate: (1, false),
            watched: Instant::now(),
        }
    }

    /// Handles calls of the page and events of the shop until a signal comes.
    pub(super) async fn run(&mut self, calls: &mut Receiver<Call>, signals: &mut Signals) {
        enum StageEvent {
            News,
            Call(Option<Call>),
            Output(Output),
            DaemonEnded(String),
            Look,
            Signal,
        }
        self.count();
        let state = self.state();
        self.hub.emit("state", &state);
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let (telegram, next) = (self.fixture.telegram.clone(), self.next);
            let daemon = self.fixture.daemon.as_mut();
            let ends = async {
                match daemon {
                    Some(daemon) => daemon.ended().await.map_or_else(|error| error.to_string(), |it| it.to_string()),
                    None => std::future::pending().await,
                }
            };
            let event = tokio::select! {
                biased;
                () = signals.any() => StageEvent::Signal,
                why = ends => StageEvent::DaemonEnded(why),
                call = calls.recv() => StageEvent::Call(call),
                _ = telegram.wait_past(next, LONG) => StageEvent::News,
                output = self.terminal.next() => StageEvent::Output(output),
                _ = look.tick() => StageEvent::Look,
            };
            match event {
                StageEvent::Signal | StageEvent::Call(None) => return,
                StageEvent::News => self.hear(),
                StageEvent::Call(Some(call)) => self.answer(call).await,
                StageEvent::Output(output) => self.print(output).await,
                StageEvent::DaemonEnded(why) => self.daemon_ended(&why),
                StageEvent::Look => self.look().await,
            }
        }
    }

    fn telegram(&self) -> &BuiltinTelegram {
        &self.fixture.telegram
    }

    fn word(&self, key: &str) -> String {
        self.fixture.say(&format!("demo.page.{key}"))
    }

    async fn answer(&mut self, call: Call) {
        match call {
            // A window that is gone needs no answer.
            Call::Stream(last, tell) => {
                let state = self.state();
                let _ = tell.send(self.hub.subscribe(last, || state));
            }
            Call::Act(act, tell) => {
                let done = self.act(act).await;
                let _ = tell.send(done);
            }
        }
    }

    async fn act(&mut self, act: PageAct) -> Result<Value, Denial> {
        match act {
            PageAct::Say { phone, text } => self.say(phone, &text)?,
            PageAct::Press { phone, message_id, row, column } => self.press(phone, message_id, (row, column))?,
            PageAct::Open { phone, link } => self.open(phone, link)?,
            PageAct::Channel { join } => self.join(join),
            PageAct::Block { on } => self.block(on),
            PageAct::Pick { phone, person } => self.pick(phone, person)?,
            PageAct::FindPeople(sought) => return Ok(json!({ "people": self.find_people(&sought) })),
            PageAct::Clock { rate, spin: None } => {
                self.change_clock(ClockChange::Rate(rate.unwrap_or(1))).await?;
            }
            PageAct::Clock { spin: Some(spin), .. } => {
                let hours = if spin == Spin::Hour { 1 } else { 24 };
                self.change_clock(ClockChange::Spin { hours }).await?;
            }
            PageAct::Life { on } => {
                self.crowd.is_on = on;
                self.hub.emit("life", &json!({ "on": on }));
            }
            PageAct::Fault { kind } => self.cause(kind).await?,
            PageAct::Restart {} => self.restart()?,
            PageAct::Run { line, columns } => self.run_command(&line, columns)?,
            PageAct::Type { line } => {
                if !self.terminal.type_line(&line) {
                    return Err(Denial::busy(self.word("wrong.unread")));
                }
            }
            PageAct::Stop {} => self.terminal.interrupt(),
            PageAct::Complete { line } => {
                let (start, words) = self.gate.complete(&line, &self.fixture.shop.file("config.toml"));
                return Ok(json!({ "start": start, "words": words }));
            }
        }
        Ok(json!({}))
    }

    fn phone(&self, name: PhoneName) -> &Phone {
        let [customer, cashier, owner] = &self.phones;
        match name {
            PhoneName::Customer => customer,
            PhoneName::Cashier => cashier,
            PhoneName::Owner => owner,
        }
    }

    fn phone_mut(&mut self, name: PhoneName) -> &mut Phone {
        let [customer, cashier, owner] = &mut self.phones;
        match name {
            PhoneName::Customer => customer,
            PhoneName::Cashier => cashier,
            PhoneName::Owner => owner,
        }
    }

    /// The person of the phone writes to the bot. A message to a blocked bot unblocks it, as in the app.
    fn say(&mut self, name: PhoneName, text: &str) -> Result<(), Denial> {
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
    fn wrote(&mut self, name: PhoneName, id: i64) {
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
    fn note_waiting(&mut self) {
        if self.daemon != DaemonState::Up
            && let Some(recovery) = &mut self.recovery
        {
            recovery.waited += 1;
        }
    }

    fn press(&mut self, name: PhoneName, message_id: i64, (row, column): (usize, usize)) -> Result<(), Denial> {
        let telegram = self.fixture.telegram.clone();
        let phone = self.phone_mut(name);
        let message = phone.message(&telegram, message_id);
        let button = message.as_ref().and_then(|message| message.buttons.get(row)?.get(column));
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

    fn open(&mut self, name: PhoneName, link: LinkSource) -> Result<(), Denial> {
        let payload = match (link, name) {
            (LinkSource::Poster, PhoneName::Customer) => super::POSTER.to_owned(),
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

    fn join(&mut self, join: bool) {
        let status = if join { ChatMemberStatus::Member } else { ChatMemberStatus::Left };
        let person = self.phone(PhoneName::Customer).owner.id;
        self.telegram().set_member(CHANNEL, person, status);
        if self.cast.is_newcomer(person) && is_member(self.telegram(), person) {
            self.tick(TourStep::Join);
        }
        self.emit_phone(PhoneName::Customer);
    }

    fn block(&mut self, on: bool) {
        let person = self.phone(PhoneName::Customer).owner.id;
        if on {
            self.telegram().blocks(CUSTOMER_BOT, person);
        } else {
            self.telegram().unblocks(CUSTOMER_BOT, person);
        }
        self.emit_phone(PhoneName::Customer);
    }

    fn pick(&mut self, name: PhoneName, person: i64) -> Result<(), Denial> {
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

    fn find_people(&self, sought: &str) -> Vec<Value> {
        let sought = sought.trim().to_lowercase();
        let fits = |contact: &&Contact| {
            !sought.is_empty() && (contact.name.to_lowercase().contains(&sought) || contact.id.to_string() == sought)
        };
        self.people.iter().filter(fits).take(MOST_FOUND).map(Contact::json).collect()
    }

    fn emit_phone(&mut self, name: PhoneName) {
        let event = self.phone_json(name);
        self.hub.emit("phone", &event);
    }

    fn phone_json(&self, name: PhoneName) -> Value {
        let phone = self.phone(name);
        let poster = self.cast.is_newcomer(phone.owner.id).then_some("poster");
        phone.json(self.telegram(), poster)
    }

    /// Shows what the bots have done since the last time.
    fn hear(&mut self) {
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
    fn show_call(&mut self, receipt: &Receipt) {
        let of_phone = |phone: &&Phone| phone.name.bot() == &*receipt.bot && Some(phone.owner.id) == receipt.chat_id;
        let whose = self.phones.iter().find(of_phone).map(|phone| phone.owner.name.clone());
        let is_person = receipt.chat_id.is_some_and(|chat| chat > 0);
        let people = u8::from(is_person && whose.is_none());
        let call = json!({
            "seq": receipt.seq, "at": receipt.at_ms, "bot": format!("@{}", receipt.bot), "method": receipt.method,
            "whose": whose, "people": people, "answer": answer(&receipt.answer),
        });
        if self.calls.len() == MOST_CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back(call.clone());
        self.hub.emit("call", &call);
    }

    fn hear_one(&mut self, receipt: &Receipt) {
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
    fn note_delivery(&mut self, chat: i64, receipt: &Receipt) {
        if self.cast.is_newcomer(chat) {
            let of_person =
                |message: &ShownMessage| !message.from_bot && message.raw == format!("/start {}", super::POSTER);
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
    fn show_toast(&mut self, receipt: &Receipt) {
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
    fn show_taken(&mut self) {
        let telegram = self.fixture.telegram.clone();
        for phone in &mut self.phones {
            if phone.taken < phone.said && telegram.pending_updates(phone.name.bot()) == 0 {
                phone.taken = phone.said;
                self.hub.emit("taken", &json!({ "phone": phone.name.code(), "up_to": phone.taken }));
            }
        }
    }

    /// What is looked at again and again: figures, faults that end by themselves, the daemon.
    async fn look(&mut self) {
        self.count();
        self.crowd.play(&self.fixture.telegram, &self.database);
        self.watch_clock().await;
        self.show_taken();
        self.show_daemon();
        self.terminal.end_if_too_long();
        let now = Instant::now();
        if self.faults.pause_until.is_some_and(|until| until <= now) {
            self.faults.pause_until = None;
            self.emit_faults();
        }
        if self.faults.unreachable_until.is_some_and(|until| until <= now) {
            self.reach_again();
        }
        if matches!(self.daemon, DaemonState::Down { until } if until <= now) {
            self.start_daemon();
        }
        self.recover();
    }

    /// Shows the figures, and ticks the steps that the database proves, when the database has changed.
    fn count(&mut self) {
        let version = self.database.data_version().unwrap_or(self.data_version);
        if version == self.data_version {
            return;
        }
        self.data_version = version;
        if let Some(figures) = facts::figures(&self.database).filter(|figures| *figures != self.figures) {
            self.figures = figures;
            self.hub.emit("count", &self.figures);
        }
        let newcomer = self.cast.customers.first().map_or(0, |contact| contact.id);
        for step in facts::proved(&self.database, newcomer) {
            self.tick(step);
        }
    }

    fn tick(&mut self, step: TourStep) {
        if self.tour.tick(step) {
            if self.tour.is_over() {
                self.took = Some(self.began.elapsed());
            }
            let tour = self.tour_json();
            self.hub.emit("tour", &tour);
        }
    }

    async fn cause(&mut self, kind: FaultKind) -> Result<(), Denial> {
        match kind {
            FaultKind::Rate => {
                if !self.faults.armed {
                    self.faults.armed = true;
                    let fault = Fault::TooManyRequests { retry_after: PAUSE_S };
                    self.telegram().fault(fault.next(1).on_sends().for_bot(CUSTOMER_BOT));
                }
            }
            FaultKind::Network => {
                self.telegram().set_reachable(false);
                self.faults.unreachable_until = Some(Instant::now() + UNREACHABLE);
            }
            FaultKind::NetworkEnd => {
                self.reach_again();
                return Ok(());
            }
            FaultKind::Kill => self.kill_daemon().await?,
        }
        self.emit_faults();
        Ok(())
    }

    fn reach_again(&mut self) {
        self.telegram().set_reachable(true);
        self.faults.unreachable_until = None;
        self.emit_faults();
    }

    async fn kill_daemon(&mut self) -> Result<(), Denial> {
        let Some(mut daemon) = self.fixture.daemon.take() else {
            return Err(Denial::busy(self.word("wrong.daemon_down")));
        };
        // A daemon that has just ended is killed as well.
        let _ = daemon.kill().await;
        self.starts = 0;
        // What waited for a daemon that is killed again still waits.
        let waited = self.recovery.map_or(0, |recovery| recovery.waited);
        self.recovery = Some(Recovery { seconds: None, waited });
        self.recovered = Value::Null;
        self.be_down();
        Ok(())
    }

    /// Leaves the daemon down for a while, or for good after too many starts.
    fn be_down(&mut self) {
        self.daemon = match RESTARTS.get(self.starts) {
            Some(pause) => DaemonState::Down { until: Instant::now() + *pause },
            None => DaemonState::Dead,
        };
        self.emit_daemon();
    }

    fn daemon_ended(&mut self, why: &str) {
        let last = self.fixture.daemon.take().map(|daemon| daemon.last_words()).unwrap_or_default();
        tracing::debug!(why, last, "the daemon of the demo has ended");
        match (self.daemon, self.recovery) {
            // After a kill the start is tried again.
            (DaemonState::Starting { .. }, Some(_)) => self.be_down(),
            _ => {
                self.daemon = DaemonState::Dead;
                self.emit_daemon();
            }
        }
    }

    fn restart(&mut self) -> Result<(), Denial> {
        if !matches!(self.daemon, DaemonState::Dead) {
            return Err(Denial::busy(self.word("wrong.daemon_up")));
        }
        self.starts = 0;
        self.start_daemon();
        Ok(())
    }

    fn start_daemon(&mut self) {
        self.starts += 1;
        let receipt = self.telegram().receipt_count();
        if let Some(recovery) = &mut self.recovery {
            recovery.waited += facts::unsettled(&self.database);
        }
        match self.fixture.spawn_daemon() {
            Ok(()) => self.daemon = DaemonState::Starting { since: Instant::now(), receipt },
            Err(Miss { seen, .. }) => {
                tracing::error!(seen, "the daemon of the demo cannot be started");
                self.daemon = DaemonState::Dead;
            }
        }
        self.emit_daemon();
    }

    /// Notes that the daemon works again: both bots have introduced themselves.
    fn show_daemon(&mut self) {
        let DaemonState::Starting { since, receipt } = self.daemon else { return };
        let calls = self.telegram().receipts_since(receipt);
        let introduced = |bot: &str| calls.iter().any(|call| &*call.bot == bot && call.method == "setMyCommands");
        if !(introduced(CUSTOMER_BOT) && introduced(STAFF_BOT)) {
            return;
        }
        self.daemon = DaemonState::Up;
        if let Some(recovery) = &mut self.recovery {
            recovery.seconds = Some(since.elapsed().as_secs_f64());
        }
        self.emit_daemon();
        self.recover();
    }

    /// Notes how long it took until the daemon worked again, and that everything which waited for it is answered.
    fn recover(&mut self) {
        let Some(recovery) = self.recovery else { return };
        let Some(seconds) = recovery.seconds else { return };
        let pending = [CUSTOMER_BOT, STAFF_BOT].map(|bot| self.telegram().pending_updates(bot)).iter().sum::<usize>();
        let left = pending + facts::unsettled(&self.database);
        if left == 0 {
            let seconds = (seconds * 10.0).round() / 10.0;
            self.recovered = json!({ "seconds": seconds, "waited": recovery.waited, "answered": recovery.waited });
            self.recovery = None;
            self.emit_faults();
        }
    }

    fn run_command(&mut self, line: &str, columns: u16) -> Result<(), Denial> {
        if self.terminal.is_running() {
            return Err(Denial::busy(self.word("wrong.terminal_busy")));
        }
        let words = self.gate.admit(line, self.fixture.language).map_err(Denial::forbidden)?;
        let command = self.fixture.shop.at_a_terminal(&words);
        let shown = process::typed(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let failed = |error: std::io::Error| {
            let (status, code) = (StatusCode::SERVICE_UNAVAILABLE, "NOT_READY");
            Denial { status, code, message: error.to_string() }
        };
        self.terminal.start(&shown, command, columns).map_err(failed)?;
        let event = self.term_json("", true);
        self.hub.emit("term", &event);
        Ok(())
    }

    async fn print(&mut self, output: Output) {
        let text = match output {
            Output::Text(text) => {
                self.terminal.keep(&text);
                text
            }
            Output::Closed => {
                self.terminal.end().await;
                String::new()
            }
        };
        let event = self.term_json(&text, false);
        self.hub.emit("term", &event);
    }

    fn term_json(&self, output: &str, start: bool) -> Value {
        let terminal = &self.terminal;
        json!({
            "running": terminal.is_running(), "line": terminal.line, "output": output, "echo": terminal.echoes(),
            "exit": terminal.exit, "start": start,
        })
    }

    fn tour_json(&self) -> Value {
        let steps = TourStep::ALL.map(|step| json!({ "id": step.name(), "done": self.tour.is_done(step) }));
        json!({ "steps": steps, "seconds": self.took.map(|took| took.as_secs()) })
    }

    fn daemon_json(&self) -> Value {
        let until = match self.daemon {
            DaemonState::Down { until } => Some(left_ms(until)),
            _ => None,
        };
        let state = match self.daemon {
            DaemonState::Starting { .. } => "starting",
            DaemonState::Up => "up",
            DaemonState::Down { .. } => "down",
            DaemonState::Dead => "dead",
        };
        let log = if self.daemon == DaemonState::Dead { self.fixture.shop.last_words() } else { String::new() };
        json!({ "state": state, "log": log.lines().collect::<Vec<_>>(), "restarting_ms": until })
    }

    fn emit_daemon(&mut self) {
        let daemon = self.daemon_json();
        self.hub.emit("daemon", &daemon);
        self.emit_faults();
    }

    fn fault_json(&self) -> Value {
        json!({
            "armed": self.faults.armed, "rate": self.faults.pause_until.map(left_ms),
            "network": self.faults.unreachable_until.map(left_ms),
            "killed": matches!(self.daemon, DaemonState::Down { .. } | DaemonState::Starting { .. }), "report": self.recovered,
        })
    }

    fn emit_faults(&mut self) {
        let faults = self.fault_json();
        self.hub.emit("fault", &faults);
    }

    /// Writes a new course of the shop's clock, which every process of the demo reads. It is calculated once the write lock
    /// is held: it begins in a moment, and a wait for the lock would use that moment up.
    async fn change_clock(&mut self, change: ClockChange) -> Result<(), Denial> {
        let Clock::Demo(clock) = self.database.clock().clone() else {
            return Err(Denial::busy(self.word("wrong.no_clock")));
        };
        let written = self.database.write_async(move |tx| {
            let now = Clock::System.now_ms();
            if clock.rate_at(now).1 {
                return Ok(false);
            }
            let pieces = match change {
                ClockChange::Rate(rate) => clock.with_rate(rate, now),
                ClockChange::Spin { hours } => clock.with_spin(hours, now),
            };
            set_demo_clock(tx, &pieces)?;
            Ok(true)
        });
        match written.await.map_err(|error: Failure| Denial::not_ready(error.to_string()))? {
            false => Err(Denial::busy(self.word("wrong.spinning"))),
            true => {
                self.database.reload_clock();
                self.emit_clock();
                Ok(())
            }
        }
    }

    /// Shows the clock when its rate has changed.
    fn emit_clock(&mut self) {
        let rate = self.rate();
        if rate != self.shown_rate {
            self.shown_rate = rate;
            let clock = self.clock_json();
            self.hub.emit("clock", &clock);
        }
    }

    /// Shows the clock; a fast clock that nobody watches runs at the usual rate again.
    async fn watch_clock(&mut self) {
        self.emit_clock();
        let rate = self.rate();
        if self.hub.readers() > 0 {
            self.watched = Instant::now();
        } else if rate == (60, false) && self.watched.elapsed() > UNWATCHED {
            // The next look tries again if this fails.
            let _ = self.change_clock(ClockChange::Rate(1)).await;
        }
    }

    fn rate(&self) -> (i64, bool) {
        match self.database.clock() {
            Clock::Demo(clock) => clock.rate_at(self.database.clock().now_ms()),
            Clock::System | Clock::Manual(_) => (1, false),
        }
    }

    fn clock_json(&self) -> Value {
        let (rate, is_spinning) = self.rate();
        json!({ "shop_ms": self.database.clock().both().shop.0, "rate": rate, "spinning": is_spinning })
    }

    /// Everything that a new window shows.
    fn state(&self) -> Value {
        let contacts = |contacts: &[Contact]| contacts.iter().map(Contact::json).collect::<Vec<_>>();
        let [customer, cashier, owner] = PhoneName::ALL.map(|name| self.phone_json(name));
        json!({
            "shop": {
                "name": self.fixture.language.text("shop.default_name", &[]), "customer_bot": format!("@{CUSTOMER_BOT}"),
                "staff_bot": format!("@{STAFF_BOT}"), "zone": self.database.zone().name(),
                "customers": history::PEOPLE, "days": history::DAYS,
            },
            "opening": null,
            "phones": { "customer": customer, "cashier": cashier, "owner": owner },
            "people": contacts(&self.cast.customers), "cashiers": contacts(&self.cast.cashiers),
            "clock": self.clock_json(), "daemon": self.daemon_json(), "count": self.figures,
            "term": { "running": self.terminal.is_running(), "line": self.terminal.line, "output": self.terminal.shown,
                "echo": self.terminal.echoes(), "exit": self.terminal.exit, "start": true },
            "tour": self.tour_json(), "fault": self.fault_json(), "life": self.crowd.is_on, "calls": self.calls,
        })
    }
}

/// How long it is until an instant, in milliseconds.
fn left_ms(until: Instant) -> u64 {
    u64::try_from(until.saturating_duration_since(Instant::now()).as_millis()).unwrap_or(0)
}

fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Ok => "ok".to_owned(),
        Answer::Refused { code, description } => format!("{code}: {description}"),
        Answer::Broken(_) => "—".to_owned(),
    }
}

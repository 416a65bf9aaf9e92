//! A running demo in which a person takes part: the current chat and the effect of a typed line. Everything but commands
//! reaches the shop through the stage.

use std::collections::BTreeMap;
use std::fmt::Display;

use builtin_telegram::BuiltinTelegram;
use serde_json::Value;
use tokio::sync::mpsc::{Sender, UnboundedReceiver};
use tokio::sync::oneshot;

use super::desk::{self, Desk, Press};
use super::phrase::{self, ClockWord, Phrase};
use super::told::{Key, Told};
use crate::clock::Zone;
use crate::demo::fixture::{CHANNEL, CUSTOMER_BOT, Fixture};
use crate::demo::people::{Roles, full_name};
use crate::demo::process::{self, Commands};
use crate::demo::report::{Miss, Role};
use crate::demo::stage::{FaultKind, LinkSource, Opened, PhoneName, StageAct, StageRequest, is_member};
use crate::demo::tour::TourStep;
use crate::demo::{ForegroundFlag, Options, history};
use crate::language::Language;

/// The state of a running demo in which a person takes part.
pub(super) struct Session<'a, E> {
    pub(super) telegram: BuiltinTelegram,
    pub(super) desks: [Desk; 3],
    /// The index of the chat that is open, in `desks`.
    pub(super) at: usize,
    /// The keyboard below the chat as it was shown last.
    pub(super) menu: Vec<Vec<Key>>,
    /// The steps of the tour that were told as done.
    pub(super) done: Vec<TourStep>,
    /// The faults as they were told of last.
    pub(super) faults: Value,
    pub(super) daemon_is_up: bool,
    pub(super) zone: Zone,
    roles: Roles,
    pub(super) language: Language,
    caption: &'static str,
    commands: Commands,
    in_shell: bool,
    /// Facts for the texts of the language catalogue.
    facts: BTreeMap<&'static str, String>,
    stage: Sender<StageRequest>,
    foreground: ForegroundFlag,
    ear: &'a mut E,
}

impl<'a, E: FnMut(Told)> Session<'a, E> {
    /// A demo that begins in the customer's chat.
    pub(super) fn new(
        fixture: &Fixture,
        (opened, options): (&Opened, &Options),
        stage: Sender<StageRequest>,
        foreground: ForegroundFlag,
        ear: &'a mut E,
    ) -> Self {
        let roles = fixture.roles.clone();
        let facts = [
            ("customer", full_name(&roles.customer)),
            ("cashier", full_name(&roles.cashier)),
            ("channel", CHANNEL.to_owned()),
        ];
        Self {
            telegram: fixture.telegram.clone(),
            desks: desk::all(&roles),
            at: 0,
            menu: Vec::new(),
            done: Vec::new(),
            faults: Value::Null,
            daemon_is_up: true,
            zone: opened.database.zone(),
            roles,
            language: options.language,
            caption: fixture.caption("button.check_subscription"),
            commands: fixture.shop.commands(),
            in_shell: false,
            facts: facts.into(),
            stage,
            foreground,
            ear,
        }
    }

    /// Shows what the demo is and what to try.
    pub(super) fn open(&mut self) {
        let people = i64::try_from(history::PEOPLE).unwrap_or_default();
        self.learn("people", self.language.plural("demo.live.people", people, &[]));
        self.learn("check", self.caption);
        let lines = ["what", "who", "customer", "cashier", "owner"];
        let lines = lines.map(|line| self.say(&format!("demo.live.opening.{line}"))).to_vec();
        self.tell(Told::Opened(lines));
        self.show_prompt();
    }

    /// Handles typed lines and events until the person quits or the input ends.
    ///
    /// # Errors
    /// The daemon has ended.
    pub(super) async fn run_until_quit(
        &mut self,
        mut lines: UnboundedReceiver<String>,
        mut events: UnboundedReceiver<(&'static str, Value)>,
    ) -> Result<(), Miss> {
        loop {
            tokio::select! {
                biased;
                event = events.recv() => match event {
                    Some((kind, event)) => self.hear(kind, &event)?,
                    None => return Ok(()),
                },
                line = lines.recv() => {
                    let Some(line) = line else { return Ok(()) };
                    self.tell(Told::Typed);
                    // Pasted text may have several lines; an empty one is a line as well.
                    let lines = if line.trim().is_empty() { vec![""] } else { line.lines().collect() };
                    for line in lines {
                        match phrase::read(line, self.in_shell) {
                            Phrase::Quits => return Ok(()),
                            phrase => self.act(phrase).await,
                        }
                    }
                }
            }
            self.show_prompt();
        }
    }

    async fn act(&mut self, phrase: Phrase) {
        match phrase {
            Phrase::Nothing => self.show_menu(),
            Phrase::Says(text) => {
                let phone = self.desk().phone;
                self.ask(StageAct::Say { phone, text }).await;
            }
            Phrase::Presses(number) => self.press(number).await,
            Phrase::Becomes(role) => self.become_one(role),
            Phrase::OpensShell => {
                self.in_shell = true;
                self.note("demo.live.note.shell");
            }
            Phrase::Runs(words) => self.run(&words).await,
            Phrase::Channel => self.join_or_leave().await,
            Phrase::Blocks => self.block_or_unblock().await,
            Phrase::Scans => self.scan().await,
            Phrase::Clock(word) => self.change_clock(word).await,
            Phrase::UnknownClock => self.wrong("demo.live.wrong.clock"),
            Phrase::RefusesNext => drop(self.ask(StageAct::Fault { kind: FaultKind::Rate }).await),
            Phrase::Network => {
                let is_down = self.faults.get("network").is_some_and(|left| !left.is_null());
                let kind = if is_down { FaultKind::NetworkEnd } else { FaultKind::Network };
                self.ask(StageAct::Fault { kind }).await;
            }
            Phrase::Kills => drop(self.ask(StageAct::Fault { kind: FaultKind::Kill }).await),
            Phrase::Tour => self.show_tour(),
            Phrase::Help => {
                let help = self.say("demo.live.help");
                self.tell(Told::Lines(help.lines().map(str::to_owned).collect()));
            }
            Phrase::Unknown(word) => {
                self.learn("word", word);
                self.wrong("demo.live.wrong.word");
            }
            Phrase::Unclosed => self.wrong("demo.live.wrong.quote"),
            Phrase::Quits => {}
        }
    }

    /// Asks the stage; tells why if it refuses. Returns the answer, an object, or `None`.
    async fn ask(&mut self, act: StageAct) -> Option<Value> {
        let (tell, told) = oneshot::channel();
        // A stage that is gone has ended the demo.
        self.stage.send(StageRequest::Act(act, tell)).await.ok()?;
        match told.await.ok()? {
            Ok(answer) => Some(answer),
            Err(denial) => {
                self.tell(Told::Wrong(denial.message));
                None
            }
        }
    }

    pub(super) fn desk(&self) -> Desk {
        let [customer, ..] = self.desks;
        self.desks.get(self.at).copied().unwrap_or(customer)
    }

    pub(super) fn tell(&mut self, told: Told) {
        (self.ear)(told);
    }

    /// The text `key` of the language catalogue with the known facts filled in.
    pub(super) fn say(&self, key: &str) -> String {
        let known: Vec<(&str, &dyn Display)> = self.facts.iter().map(|(name, value)| (*name, value as _)).collect();
        self.language.text(key, &known)
    }

    /// Remembers a fact for the texts.
    pub(super) fn learn(&mut self, name: &'static str, value: impl Into<String>) {
        self.facts.insert(name, value.into());
    }

    pub(super) fn note(&mut self, key: &str) {
        let note = self.say(key);
        self.tell(Told::Note(note));
    }

    fn wrong(&mut self, key: &str) {
        let wrong = self.say(key);
        self.tell(Told::Wrong(wrong));
    }

    fn show_prompt(&mut self) {
        let prompt = if self.in_shell { "dvorik".to_owned() } else { self.name_of(self.desk().role) };
        self.tell(Told::Prompt(prompt));
    }

    /// The word for the role, and the name of the person in this role.
    pub(super) fn name_of(&self, role: Role) -> String {
        let name = self.roles.person(role).map(full_name).unwrap_or_default();
        format!("{} {name}", self.say(&format!("demo.role.{}", role.code())))
    }

    pub(super) fn show_menu(&mut self) {
        self.menu = self.desk().menu(&self.telegram);
        if !self.menu.is_empty() {
            self.tell(Told::Menu(self.menu.clone()));
        }
    }

    async fn press(&mut self, number: usize) {
        let desk = self.desk();
        let presses = desk.presses(&self.telegram);
        let Some(press) = number.checked_sub(1).and_then(|at| presses.get(at)) else {
            self.learn("number", number.to_string());
            return self.wrong("demo.live.wrong.button");
        };
        let phone = desk.phone;
        match press {
            Press::Says(caption) => {
                self.tell(Told::Pressed(caption.clone()));
                self.ask(StageAct::Say { phone, text: caption.clone() }).await;
            }
            Press::Inline { message_id, row, column, caption } => {
                let (message_id, row, column, caption) = (*message_id, *row, *column, caption.clone());
                self.tell(Told::Pressed(caption.clone()));
                self.ask(StageAct::Press { phone, message_id, row, column, caption }).await;
            }
            Press::Opens { url, caption } => {
                self.tell(Told::Pressed(caption.clone()));
                self.learn("url", url);
                self.note("demo.live.note.opens");
            }
        }
    }

    /// Opens another role's chat and shows its last messages.
    fn become_one(&mut self, role: Role) {
        self.in_shell = false;
        self.at = self.desks.iter().position(|desk| desk.role == role).unwrap_or(self.at);
        let (desk, picture) = (self.desk(), self.say("demo.seen.picture"));
        let title = format!("{} · @{}", self.name_of(role), desk.bot());
        let bubbles = desk.recent(&self.telegram, &picture);
        let is_new = bubbles.is_empty();
        self.tell(Told::Chat { title, bubbles });
        if is_new {
            self.note(&format!("demo.live.note.empty.{}", role.code()));
        }
        self.show_menu();
    }

    /// Runs a command that has the terminal until it ends. Ctrl-C is for the command then, not for the demo.
    async fn run(&mut self, words: &[String]) {
        let shown: Vec<&str> = words.iter().map(String::as_str).collect();
        let ended = {
            let _guard = self.foreground.enter();
            self.tell(Told::Command(process::typed(&shown)));
            self.commands.show(words).await
        };
        if let Err(miss) = ended {
            self.tell(Told::Wrong(miss.seen));
        }
    }

    async fn join_or_leave(&mut self) {
        let join = !is_member(&self.telegram, self.roles.customer.id);
        if self.ask(StageAct::Channel { join }).await.is_some() {
            self.note(if join { "demo.live.note.joined" } else { "demo.live.note.left" });
        }
    }

    async fn block_or_unblock(&mut self) {
        let on = !self.telegram.has_blocked(CUSTOMER_BOT, self.roles.customer.id);
        if self.ask(StageAct::Block { on }).await.is_some() {
            self.note(if on { "demo.live.note.blocked" } else { "demo.live.note.unblocked" });
        }
    }

    /// Scans the QR picture on the customer's phone with the cashier's: the picture holds a link that opens the staff bot.
    async fn scan(&mut self) {
        if self.desk().role != Role::Cashier {
            self.become_one(Role::Cashier);
        }
        if self.ask(StageAct::Open { phone: PhoneName::Cashier, link: LinkSource::Qr }).await.is_some() {
            self.note("demo.live.note.scans");
        }
    }

    async fn change_clock(&mut self, word: Option<ClockWord>) {
        let act = match word {
            Some(ClockWord::Rate(rate)) => StageAct::Clock { rate: Some(rate), spin: None },
            Some(ClockWord::Spin(spin)) => StageAct::Clock { rate: None, spin: Some(spin) },
            None => StageAct::ShowClock,
        };
        let answer = self.ask(act).await;
        if let Some(clock) = answer.filter(|_| word.is_none()) {
            self.show_clock(&clock);
        }
    }

    fn show_tour(&mut self) {
        let lines = TourStep::ALL.iter().enumerate().map(|(at, step)| {
            let (sign, kind) = if self.done.contains(step) { ("✓", "done") } else { (" ", "todo") };
            let words = self.say(&format!("demo.live.tour.{kind}.{}", step.name()));
            format!("  {sign} {}. {words}", at + 1)
        });
        let lines = lines.collect();
        self.tell(Told::Lines(lines));
    }
}

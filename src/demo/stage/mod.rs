//! What happens in a demo with people, for its page and for the typed demo: what people and the owner do, what the bots answer, faults, the daemon's ends and starts,
//! and the figures. One task does everything in order; each change is an event for every window.

mod act;
mod breakdown;
mod cast;
mod crowd;
mod facts;
mod hub;
mod news;
mod opening;
mod people;
mod phones;
mod shop_time;
mod terminal;

use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

use builtin_telegram::BuiltinTelegram;
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;
use tokio::time::{MissedTickBehavior, interval};

use breakdown::{DaemonState, Faults, Recovery};
use shop_time::ClockChange;

use cast::Cast;
use crowd::Crowd;
use phones::{Contact, Phone};
use terminal::{Output, Terminal};

use crate::db::Database;
use crate::demo::fixture::{CUSTOMER_BOT, Fixture, STAFF_BOT};
use crate::demo::tour::{Tour, TourStep};
use crate::demo::{Signals, history, process};
use crate::language::Language;

pub(super) use act::{Denial, DenialKind, FaultKind, LinkSource, Spin, StageAct, StageRequest};
pub(super) use hub::Hub;
pub(super) use opening::{Opened, open};
pub(super) use phones::{PhoneName, is_member};

/// The start parameter of the link on the poster, of a campaign that the history has.
pub(super) const POSTER: &str = "ref_flyer";

/// What the stage needs to know of the command line, which this module does not know.
pub trait CommandGate {
    /// The words of a line that was typed into the terminal, without the program's name.
    ///
    /// # Errors
    /// The sentence that says why the command may not be run here.
    fn admit(&self, line: &str, language: Language) -> Result<Vec<String>, String>;

    /// How the line may go on, for the shop with this config: the character where the last word begins, and the words
    /// that fit there.
    fn complete(&self, line: &str, config: &Path) -> (usize, Vec<String>);
}

/// The longest single wait for something to happen; after it the wait starts anew.
const LONG: Duration = Duration::from_secs(24 * 3600);
/// How often the stage looks at the figures, at faults that end by themselves, and at the daemon.
const LOOK: Duration = Duration::from_millis(250);

/// The running demo.
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
    /// When a window or the typed demo was last connected.
    watched: Instant,
}
impl<'a> Stage<'a> {
    /// The opened shop. Calls of the bots before now are not shown.
    pub(super) fn new(fixture: &'a mut Fixture, gate: &'a dyn CommandGate, hub: Hub, opened: Opened) -> Self {
        let Opened { database, cast, people, crowd } = opened;
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

    /// Handles requests of the page or the typed demo and events of the shop until a signal comes.
    pub(super) async fn run(&mut self, requests: &mut Receiver<StageRequest>, signals: &mut Signals) {
        enum StageEvent {
            News,
            Request(Option<StageRequest>),
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
                request = requests.recv() => StageEvent::Request(request),
                _ = telegram.wait_past(next, LONG) => StageEvent::News,
                output = self.terminal.next() => StageEvent::Output(output),
                _ = look.tick() => StageEvent::Look,
            };
            match event {
                StageEvent::Signal | StageEvent::Request(None) => return,
                StageEvent::News => self.hear(),
                StageEvent::Request(Some(request)) => self.answer(request).await,
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

    async fn answer(&mut self, request: StageRequest) {
        match request {
            // A window that is gone needs no answer.
            StageRequest::Stream(last, tell) => {
                let state = self.state();
                let _ = tell.send(self.hub.subscribe(last, || state));
            }
            StageRequest::Act(act, tell) => {
                let done = self.act(act).await;
                let _ = tell.send(done);
            }
        }
    }

    async fn act(&mut self, act: StageAct) -> Result<Value, Denial> {
        match act {
            StageAct::Say { phone, text } => self.say(phone, &text)?,
            StageAct::Press { phone, message_id, row, column, caption } => {
                self.press(phone, message_id, (row, column), &caption)?;
            }
            StageAct::Open { phone, link } => self.open(phone, link)?,
            StageAct::Channel { join } => self.join(join),
            StageAct::Block { on } => self.block(on),
            StageAct::Pick { phone, person } => self.pick(phone, person)?,
            StageAct::FindPeople(sought) => return Ok(json!({ "people": self.find_people(&sought) })),
            StageAct::ShowClock => return Ok(self.clock_json()),
            StageAct::Clock { rate, spin: None } => {
                self.change_clock(ClockChange::Rate(rate.unwrap_or(1))).await?;
            }
            StageAct::Clock { spin: Some(spin), .. } => {
                let hours = if spin == Spin::Hour { 1 } else { 24 };
                self.change_clock(ClockChange::Spin { hours }).await?;
            }
            StageAct::Life { on } => {
                self.crowd.is_on = on;
                self.hub.emit("life", &json!({ "on": on }));
            }
            StageAct::Fault { kind } => self.cause(kind).await?,
            StageAct::Restart {} => self.restart()?,
            StageAct::Run { line, columns } => self.run_command(&line, columns)?,
            StageAct::Type { line } => {
                if !self.terminal.type_line(&line) {
                    return Err(Denial::busy(self.word("wrong.unread")));
                }
            }
            StageAct::Stop {} => self.terminal.interrupt(),
            StageAct::Complete { line } => {
                let (start, words) = self.gate.complete(&line, &self.fixture.shop.file("config.toml"));
                return Ok(json!({ "start": start, "words": words }));
            }
        }
        Ok(json!({}))
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

    fn run_command(&mut self, line: &str, columns: u16) -> Result<(), Denial> {
        if self.terminal.is_running() {
            return Err(Denial::busy(self.word("wrong.terminal_busy")));
        }
        let words = self.gate.admit(line, self.fixture.language).map_err(Denial::forbidden)?;
        let command = self.fixture.shop.commands().at_a_terminal(&words);
        let shown = process::typed(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let failed = |error: std::io::Error| Denial::not_ready(error.to_string());
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

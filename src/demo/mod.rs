//! `dvorik demo`: the real daemon and the real commands, as child processes, against the built-in Telegram in a
//! temporary directory. The demo is either a scenario, which is a list of small steps with one expectation each, or
//! (`live`) a person who types. It prints nothing: the caller passes a callback for events. Never touches a real shop:
//! the child processes get no variable of the caller's environment.

mod people;
mod happy;
pub mod history;
pub mod live;
pub mod page;
mod pattern;
mod process;
mod report;
mod fixture;
mod life;
mod settle;
mod stage;
mod tour;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::language::Language;
use fixture::Fixture;
use process::Shop;

pub use live::split_line;
pub use report::{Event, Miss, Role, StepReport, Summary};
pub use stage::CommandGate;

/// How long a wait may take before the step counts as broken.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The options of a demo.
#[derive(Debug, Clone)]
pub struct Options {
    /// The scenario to run.
    pub scenario: Scenario,
    /// The seed that chooses the people; the same seed gives the same names and Telegram ids.
    pub seed: u64,
    /// The language of the narration, of the people and of the bots.
    pub language: Language,
    /// The port of the built-in Telegram on loopback; 0 is any free port.
    pub port: u16,
    /// Whether commands in a demo with a person may use colour.
    pub paints: bool,
    /// The program that the demo runs: `dvorik` itself.
    pub executable: PathBuf,
}

/// A scenario of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// From the campaign link to the refusal of the used code, with a `kill -9` in between.
    Happy,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 1] = [Self::Happy];

    /// The scenario's name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Happy => "happy",
        }
    }

    /// The scenario with this name; `None` if there is none.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }

    const fn steps(self) -> &'static [fixture::Step] {
        match self {
            Self::Happy => happy::STEPS,
        }
    }

    /// The names of the scenario's steps, in order.
    pub fn step_names(self) -> impl Iterator<Item = &'static str> {
        self.steps().iter().map(|step| step.name)
    }
}

/// The Telegram id of the owner that this seed chooses: `history::write` needs a database with this owner.
#[must_use]
pub fn owner_of_seed(seed: u64, language: Language) -> i64 {
    people::Roles::of_seed(seed, language).owner.id
}

/// How the run of a scenario ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every step's expectation was met; the temporary directory is deleted.
    Held,
    /// A step's expectation was not met; the temporary directory is kept for inspection.
    Broken,
    /// SIGINT, SIGTERM or SIGHUP came; the temporary directory is deleted.
    Interrupted,
}

/// Runs a scenario and passes each step to `ear` as it ends. Starts and ends child processes; opens a port on loopback.
///
/// # Errors
/// The demo cannot be set up: no temporary directory, no port, no signals.
pub async fn play(options: &Options, mut ear: impl FnMut(Event)) -> std::io::Result<Ending> {
    let mut signals = Signals::listen()?;
    let shop = Shop::prepare(options)?;
    let mut fixture = Fixture::set(shop, options).await?;
    ear(Event::Opened { scenario: options.scenario, seed: options.seed, telegram: fixture.telegram.base_url() });
    let start = Instant::now();
    let told = {
        let telling = tell(&mut fixture, options.scenario, &mut ear);
        tokio::select! {
            told = telling => Some(told),
            () = signals.any() => None,
        }
    };
    fixture.strike().await;
    let Some((steps, failed)) = told else {
        fixture.shop.remove()?;
        return Ok(Ending::Interrupted);
    };
    let kept = if failed.is_some() { Some(fixture.shop.keep()) } else { fixture.shop.remove().map(|()| None)? };
    let seconds = start.elapsed().as_secs_f64();
    let ending = if failed.is_some() { Ending::Broken } else { Ending::Held };
    ear(Event::Ended(Summary { steps, failed, seconds, kept }));
    Ok(ending)
}

/// The signals that end a demo from outside: Ctrl-C, SIGTERM, a closed terminal.
struct Signals {
    streams: [Signal; 3],
    foreground: ForegroundFlag,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [one, two, three] = kinds.map(signal);
        Ok(Self { streams: [one?, two?, three?], foreground: ForegroundFlag::default() })
    }

    /// The flag that is set while a command has the terminal.
    fn foreground(&self) -> ForegroundFlag {
        self.foreground.clone()
    }

    /// Waits for a signal. Ctrl-C while a command has the terminal is for that command.
    async fn any(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.streams;
        loop {
            tokio::select! {
                _ = interrupt.recv() => {
                    if !self.foreground.is_set() {
                        return;
                    }
                }
                _ = terminate.recv() => return,
                _ = hangup.recv() => return,
            }
        }
    }
}

/// For so long after the end of a command Ctrl-C still counts as meant for it: the signal that has ended the command may be
/// seen after the command's end.
const AFTER_COMMAND: Duration = Duration::from_secs(1);

/// Whether a command has the terminal.
#[derive(Debug, Clone, Default)]
struct ForegroundFlag(Arc<Mutex<Foreground>>);

#[derive(Debug, Clone, Copy, Default)]
enum Foreground {
    #[default]
    Demo,
    Command,
    /// A command had it until this instant.
    CommandUntil(Instant),
}

/// While this value lives, a command has the terminal.
struct ForegroundGuard(ForegroundFlag);

impl ForegroundFlag {
    fn enter(&self) -> ForegroundGuard {
        self.set(Foreground::Command);
        ForegroundGuard(self.clone())
    }

    fn set(&self, to: Foreground) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }

    /// Whether Ctrl-C is meant for a command.
    fn is_set(&self) -> bool {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Foreground::Demo => false,
            Foreground::Command => true,
            Foreground::CommandUntil(end) => end.elapsed() < AFTER_COMMAND,
        }
    }
}

impl Drop for ForegroundGuard {
    fn drop(&mut self) {
        self.0.set(Foreground::CommandUntil(Instant::now()));
    }
}

/// Runs the steps until one fails. Returns how many steps ran, and the name of the step that failed.
async fn tell(fixture: &mut Fixture, scenario: Scenario, ear: &mut impl FnMut(Event)) -> (usize, Option<&'static str>) {
    let mut played = 0;
    for step in scenario.steps() {
        played += 1;
        let report = fixture.play(played, step).await;
        let held = report.outcome.is_ok();
        ear(Event::Step(report));
        if !held {
            return (played, Some(step.name));
        }
    }
    (played, None)
}

#[cfg(test)]
mod tests;

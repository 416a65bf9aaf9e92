//! `dvorik demo`: the real daemon and the real commands, as child processes, against the built-in Telegram in a temporary
//! directory. A scenario is a list of small steps, each with one expectation; this module plays it and tells what
//! everybody did and saw. It prints nothing: whoever calls hands in an ear. Never touches a real shop: the children see
//! no variable of the caller's environment.

mod cast;
mod happy;
pub mod history;
mod pattern;
mod process;
mod report;
mod stage;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::language::Language;
use process::Shop;
use stage::Stage;

pub use report::{Event, Miss, Role, StepReport, Summary};

/// How long anybody waits for anything before the step counts as broken.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What is to be played.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which story.
    pub scenario: Scenario,
    /// Chooses the people; the same seed gives the same names and Telegram ids.
    pub seed: u64,
    /// The language of the narration. The bots speak the shop's language, Russian.
    pub language: Language,
    /// The program that is played: `dvorik` itself.
    pub executable: PathBuf,
}

/// A story the demo can play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// From the campaign link to the second refusal, with a `kill -9` in between.
    Happy,
}

impl Scenario {
    /// Every story.
    pub const ALL: [Self; 1] = [Self::Happy];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Happy => "happy",
        }
    }

    /// Reads a name; anything else is `None`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }

    const fn steps(self) -> &'static [stage::Step] {
        match self {
            Self::Happy => happy::STEPS,
        }
    }

    /// The names of its steps, in order.
    pub fn step_names(self) -> impl Iterator<Item = &'static str> {
        self.steps().iter().map(|step| step.name)
    }
}

/// The Telegram id of the owner this seed chooses: `history::write` needs a database that is theirs.
#[must_use]
pub fn owner_of_seed(seed: u64, language: Language) -> i64 {
    cast::Cast::of_seed(seed, language).owner.id
}

/// How a play ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every step held; the temporary directory is gone.
    Held,
    /// A step did not hold; the temporary directory is kept for whoever looks into it.
    Broken,
    /// SIGINT or SIGTERM came; the temporary directory is gone.
    Interrupted,
}

/// Plays a scenario and tells `ear` of each step as it ends. Starts and ends child processes; opens a port on loopback.
///
/// # Errors
/// The stage cannot be set: no temporary directory, no port, no signals.
pub async fn play(options: &Options, mut ear: impl FnMut(Event)) -> std::io::Result<Ending> {
    let mut signals = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
    let shop = Shop::prepare(&options.executable, options.language)?;
    let mut stage = Stage::set(shop, options).await?;
    ear(Event::Opened { scenario: options.scenario, seed: options.seed, telegram: stage.telegram.base_url() });
    let start = Instant::now();
    let told = {
        let telling = tell(&mut stage, options.scenario, &mut ear);
        tokio::select! {
            told = telling => Some(told),
            () = any(&mut signals) => None,
        }
    };
    stage.strike().await;
    let Some((steps, failed)) = told else {
        stage.shop.remove()?;
        return Ok(Ending::Interrupted);
    };
    let kept = if failed.is_some() { Some(stage.shop.keep()) } else { stage.shop.remove().map(|()| None)? };
    let seconds = start.elapsed().as_secs_f64();
    let ending = if failed.is_some() { Ending::Broken } else { Ending::Held };
    ear(Event::Ended(Summary { steps, failed, seconds, kept }));
    Ok(ending)
}

async fn any([one, other]: &mut [Signal; 2]) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}

/// Plays step by step until one does not hold: how many were played, and the name of the broken one.
async fn tell(stage: &mut Stage, scenario: Scenario, ear: &mut impl FnMut(Event)) -> (usize, Option<&'static str>) {
    let mut played = 0;
    for step in scenario.steps() {
        played += 1;
        let report = stage.play(played, step).await;
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

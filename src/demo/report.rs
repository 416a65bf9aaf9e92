//! The events of a scenario: typed facts with sentences that are already in the person's language.

use std::path::PathBuf;
use std::time::Duration;

use super::Scenario;

/// An event of a scenario.
#[derive(Debug, Clone)]
pub enum Event {
    /// The demo is set up.
    Opened {
        /// The scenario that runs.
        scenario: Scenario,
        /// The seed that chose the people.
        seed: u64,
        /// The address of the built-in Telegram.
        telegram: String,
    },
    /// A step has run.
    Step(StepReport),
    /// The scenario has ended.
    Ended(Summary),
}

/// Who acts in a step of a demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The shop's owner.
    Owner,
    /// A customer.
    Customer,
    /// The cashier who redeems.
    Cashier,
    /// The cashier who tries to redeem the code after it was redeemed.
    SecondCashier,
    /// The daemon, `dvorik serve`.
    Daemon,
    /// The built-in Telegram, which judges the bots' calls.
    Telegram,
}

impl Role {
    /// The word for the role in JSON and in the language catalogue.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Customer => "customer",
            Self::Cashier => "cashier",
            Self::SecondCashier => "second_cashier",
            Self::Daemon => "daemon",
            Self::Telegram => "telegram",
        }
    }
}

/// The report of one step.
#[derive(Debug, Clone)]
pub struct StepReport {
    /// The number of the step, from 1.
    pub number: usize,
    /// The step's name, never translated.
    pub name: &'static str,
    /// The heading of the step's chapter.
    pub chapter: String,
    /// The role that acts in the step.
    pub who: Role,
    /// Role and name of the person or program that acts.
    pub person: String,
    /// The place of the step: the bot or the command line; empty when it is neither.
    pub place: String,
    /// The sentence about the act.
    pub does: String,
    /// The sentence about what is expected.
    pub claim: String,
    /// What people saw, line by line; or what was expected and what was seen instead.
    pub outcome: Result<Vec<String>, Miss>,
    /// The time from the act to its result.
    pub took: Duration,
}

/// What a step expected and did not find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The fact that was expected.
    pub expected: String,
    /// What was seen instead.
    pub seen: String,
}

impl Miss {
    /// A miss from what was expected and what was seen.
    pub(super) fn new(expected: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { expected: expected.into(), seen: seen.into() }
    }
}

/// The summary of a scenario that has ended.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The number of steps that ran, the failed one included.
    pub steps: usize,
    /// The name of the step whose expectation was not met; `None` if every step's was.
    pub failed: Option<&'static str>,
    /// The seconds from the first step to the last.
    pub seconds: f64,
    /// The temporary directory, if it is kept.
    pub kept: Option<PathBuf>,
}

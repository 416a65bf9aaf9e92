//! The events of a play: typed facts with sentences already in the person's language.

use std::path::PathBuf;
use std::time::Duration;

use super::Scenario;

/// An event of a play.
#[derive(Debug, Clone)]
pub enum Event {
    /// The setup is done.
    Opened {
        /// The story that is played.
        scenario: Scenario,
        /// The seed that chose the people.
        seed: u64,
        /// The address of the built-in Telegram.
        telegram: String,
    },
    /// A step was played.
    Step(StepReport),
    /// The play has ended.
    Ended(Summary),
}

/// Who acts in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The shop's owner.
    Owner,
    /// A customer.
    Customer,
    /// The cashier who redeems.
    Cashier,
    /// The cashier whose attempt comes too late.
    SecondCashier,
    /// `dvorik serve`.
    Daemon,
    /// The built-in Telegram as the judge of what bots sent.
    Telegram,
}

impl Role {
    /// The word in JSON and in the catalogue.
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

/// One step as it went.
#[derive(Debug, Clone)]
pub struct StepReport {
    /// From 1.
    pub number: usize,
    /// Its name, never translated.
    pub name: &'static str,
    /// The heading it belongs under.
    pub chapter: String,
    /// Who acts.
    pub who: Role,
    /// Role and name of the one who acts.
    pub person: String,
    /// Where: the bot or the command line; empty when it is neither.
    pub place: String,
    /// What they did.
    pub does: String,
    /// What has to hold.
    pub claim: String,
    /// What they saw, line by line; or what was expected and seen instead.
    pub outcome: Result<Vec<String>, Miss>,
    /// The time from the act to its result.
    pub took: Duration,
}

/// A step that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The detail that was expected.
    pub expected: String,
    /// What was there instead.
    pub seen: String,
}

impl Miss {
    /// A miss from its two sides.
    pub(super) fn new(expected: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { expected: expected.into(), seen: seen.into() }
    }
}

/// The end of a play.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Steps played, the broken one included.
    pub steps: usize,
    /// The step that did not hold.
    pub failed: Option<&'static str>,
    /// From the first step to the last.
    pub seconds: f64,
    /// The temporary directory, when it is still there.
    pub kept: Option<PathBuf>,
}

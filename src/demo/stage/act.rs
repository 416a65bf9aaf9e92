//! What a person asks of the stage, on the page or in the typed demo, and the answer.

use serde::Deserialize;
use serde_json::Value;
use tokio::sync::oneshot;

use super::hub::EventStream;
use super::phones::PhoneName;

/// What a person asks for. On the page: the name of a POST, and the fields of its body.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::demo) enum StageAct {
    Say {
        phone: PhoneName,
        text: String,
    },
    Press {
        phone: PhoneName,
        message_id: i64,
        row: usize,
        column: usize,
        /// The button's caption; the press is refused if the bot has replaced the button.
        caption: String,
    },
    Open {
        phone: PhoneName,
        link: LinkSource,
    },
    Channel {
        join: bool,
    },
    Block {
        on: bool,
    },
    Pick {
        phone: PhoneName,
        person: i64,
    },
    /// Of the two fields exactly one is given.
    Clock {
        rate: Option<i64>,
        spin: Option<Spin>,
    },
    Fault {
        kind: FaultKind,
    },
    Life {
        on: bool,
    },
    Restart {},
    Run {
        line: String,
        columns: u16,
    },
    Type {
        line: String,
    },
    Stop {},
    Complete {
        line: String,
    },
    /// Asked for by a GET.
    #[serde(skip)]
    FindPeople(String),
    /// Asked for by the typed demo.
    #[serde(skip)]
    ShowClock,
}

/// Where a phone takes a link from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::demo) enum LinkSource {
    /// The poster on the wall.
    Poster,
    /// The picture on the customer's phone.
    Qr,
}

/// How far the shop's clock is to run on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::demo) enum Spin {
    Hour,
    Day,
}

/// A fault that a person can cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::demo) enum FaultKind {
    /// Telegram asks for a pause at the next message.
    Rate,
    /// Telegram is out of reach.
    Network,
    /// Telegram is in reach again.
    NetworkEnd,
    /// The daemon is killed.
    Kill,
}

/// Why something that was asked for is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::demo) struct Denial {
    pub kind: DenialKind,
    /// A sentence for the person.
    pub message: String,
}

/// The kind of a denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::demo) enum DenialKind {
    /// What was asked for does not exist or has a wrong form.
    Invalid,
    /// The caller may not ask for it.
    Forbidden,
    /// Something else is under way.
    Busy,
    /// The shop does not run yet, or no longer.
    NotReady,
    /// The caller asks too often.
    TooMany,
}

impl Denial {
    pub(in crate::demo) fn invalid(message: impl Into<String>) -> Self {
        Self { kind: DenialKind::Invalid, message: message.into() }
    }

    pub(in crate::demo) fn forbidden(message: impl Into<String>) -> Self {
        Self { kind: DenialKind::Forbidden, message: message.into() }
    }

    pub(in crate::demo) fn busy(message: impl Into<String>) -> Self {
        Self { kind: DenialKind::Busy, message: message.into() }
    }

    pub(in crate::demo) fn not_ready(message: impl Into<String>) -> Self {
        Self { kind: DenialKind::NotReady, message: message.into() }
    }

    pub(in crate::demo) fn too_many(message: impl Into<String>) -> Self {
        Self { kind: DenialKind::TooMany, message: message.into() }
    }
}

/// A request on its way to the stage.
pub(in crate::demo) enum StageRequest {
    /// Do something; the answer is a JSON object.
    Act(StageAct, oneshot::Sender<Result<Value, Denial>>),
    /// Open a stream of events, after the event with this number if there is one.
    Stream(Option<u64>, oneshot::Sender<Option<EventStream>>),
}

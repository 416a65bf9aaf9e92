//! What a played demo tells its listener, ready to be shown: sentences in the listener's language, messages with their
//! buttons numbered.

use crate::demo::report::{Miss, Role};

/// Something to show.
#[derive(Debug, Clone)]
pub enum Told {
    /// The shop is being set up; this takes a moment.
    Preparing,
    /// The shop is open: what this is, and what to try.
    Opened(Vec<String>),
    /// Somebody else's chat is at hand now.
    Chat {
        /// Who writes, and where.
        title: String,
        /// The end of the conversation.
        bubbles: Vec<Bubble>,
    },
    /// A message in the chat at hand.
    Message(Bubble),
    /// A message to somebody who is not at hand: to whom, and what.
    Elsewhere {
        /// Who got it, and how to become them.
        to: String,
        /// Its words.
        words: String,
    },
    /// The keyboard below the chat, row by row.
    Menu(Vec<Vec<Key>>),
    /// The button that was pressed.
    Pressed(String),
    /// The line Telegram shows over the chat after a press.
    Toast(String),
    /// Something worth knowing.
    Note(String),
    /// Something that did not work.
    Wrong(String),
    /// What may be typed, line by line.
    Help(Vec<String>),
    /// A line has been typed: what stood before it is spent.
    Typed,
    /// Whose turn it is: what stands before the line to be typed.
    Turn(String),
    /// A command is about to write to the same screen by itself.
    Command(String),
    /// The shop closes.
    Closing,
    /// The shop is broken, and where its files are.
    Broken(Miss, std::path::PathBuf),
}

/// A message on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bubble {
    /// Whose it is.
    pub who: Role,
    /// Written by the bot, not by them.
    pub from_bot: bool,
    /// An earlier message that reads otherwise now.
    pub edited: bool,
    /// A picture comes with it.
    pub picture: Option<String>,
    /// What it says.
    pub text: String,
    /// Rows of buttons.
    pub rows: Vec<Vec<Key>>,
}

/// A button and the number that presses it; one that is out of reach has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What to type.
    pub number: Option<usize>,
    /// What it says.
    pub caption: String,
}

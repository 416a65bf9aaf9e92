//! The output of a played demo, ready to be shown: sentences in the person's language, messages with their buttons
//! numbered.

use crate::demo::report::{Miss, Role};

/// Something to show.
#[derive(Debug, Clone)]
pub enum Told {
    /// The shop is being set up; this takes a moment.
    Preparing,
    /// The shop is open: what this is, and what to try.
    Opened(Vec<String>),
    /// Another chat is open now.
    Chat {
        /// Whose chat it is, and with which bot.
        title: String,
        /// The end of the conversation.
        bubbles: Vec<Bubble>,
    },
    /// A message in the open chat.
    Message(Bubble),
    /// A message in a chat that is not open.
    Elsewhere {
        /// Who got it, and how to switch to them.
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
    /// A line has been typed, so the prompt is used up.
    Typed,
    /// The prompt, which says whose turn it is.
    Turn(String),
    /// A command is about to write to the same screen.
    Command(String),
    /// The shop closes.
    Closing,
    /// The shop is broken; where its files are.
    Broken(Miss, std::path::PathBuf),
}

/// A message on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bubble {
    /// The person whose chat it is in.
    pub who: Role,
    /// Written by the bot, not by the person.
    pub from_bot: bool,
    /// An earlier message that was edited.
    pub edited: bool,
    /// A picture comes with it.
    pub picture: Option<String>,
    /// What it says.
    pub text: String,
    /// Rows of buttons.
    pub rows: Vec<Vec<Key>>,
}

/// A button and the number that presses it; a button out of reach has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What to type.
    pub number: Option<usize>,
    /// What it says.
    pub caption: String,
}

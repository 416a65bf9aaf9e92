//! The output of a demo in which a person takes part, ready to be shown: sentences in the person's language, messages
//! with their buttons numbered.

use crate::demo::report::{Miss, Role};

/// One part of the output.
#[derive(Debug, Clone)]
pub enum Told {
    /// The shop is being set up, which takes a moment.
    Preparing,
    /// The shop is open: the lines say what the demo is and what to try.
    Opened(Vec<String>),
    /// Another chat is open now.
    Chat {
        /// Whose chat it is, and with which bot.
        title: String,
        /// The last messages of the chat.
        bubbles: Vec<Bubble>,
    },
    /// A message in the open chat.
    Message(Bubble),
    /// The number of new messages to customers who are on no phone.
    Others(usize),
    /// A step of the tour is done.
    Tick(String),
    /// A message in a chat that is not open.
    Elsewhere {
        /// Who got the message, and how to switch to that chat.
        to: String,
        /// The beginning of the message's text.
        words: String,
    },
    /// The keyboard below the chat, row by row.
    Menu(Vec<Vec<Key>>),
    /// The caption of the button that was pressed.
    Pressed(String),
    /// The line that Telegram shows over the chat after a press.
    Toast(String),
    /// A sentence with a fact that helps the person.
    Note(String),
    /// A sentence about something that did not work.
    Wrong(String),
    /// Lines that were asked for: what may be typed, or the steps of the tour.
    Lines(Vec<String>),
    /// A line has been typed, so the prompt is used up.
    Typed,
    /// The prompt, which names the role that the person plays.
    Prompt(String),
    /// This command has the terminal from now on, until the next prompt.
    Command(String),
    /// The shop closes.
    Closing,
    /// The shop does not work: why, and the directory of its files.
    Broken(Miss, std::path::PathBuf),
}

/// A message on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bubble {
    /// The person whose chat it is in.
    pub who: Role,
    /// Whether the bot wrote the message, not the person.
    pub from_bot: bool,
    /// Whether it is an earlier message that was edited.
    pub edited: bool,
    /// The text that stands for the message's picture; `None` without a picture.
    pub picture: Option<String>,
    /// The text of the message.
    pub text: String,
    /// The rows of the message's buttons.
    pub rows: Vec<Vec<Key>>,
}

/// A button and the number that presses it; a button out of reach has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The number to type for the button; `None` if it cannot be pressed.
    pub number: Option<usize>,
    /// The caption of the button.
    pub caption: String,
}

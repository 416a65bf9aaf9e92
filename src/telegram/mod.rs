//! Telegram: a client for the Bot API, the classes of Telegram's answers, the rate limiter that calls wait for, the
//! judge of texts and links, and update types that never fail to decode. These modules know nothing of the shop. The
//! Bot API server for tests and the demo is the crate `builtin-telegram`.

pub mod client;
pub mod gate;
pub mod judge;
pub mod reply;
pub mod update;

//! Telegram: a client for the Bot API, the classes of its answers, the rate limiter that every call passes, and
//! tolerant update types. These modules know nothing of the shop. The Bot API server for tests and the demo is the crate
//! `builtin-telegram`.

pub mod client;
pub mod gate;
pub mod judge;
pub mod reply;
pub mod update;

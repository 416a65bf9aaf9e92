//! Telegram: a client for the Bot API, the classes of its answers, the rate limiter that every call passes, tolerant
//! update types, and a built-in Bot API server for tests and the demo. These modules know nothing of the shop.

pub mod builtin;
pub mod client;
pub mod gate;
pub mod judge;
pub mod reply;
pub mod update;

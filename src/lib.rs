//! `dvorik`: loyalty and communication for a shop on Telegram. The modules in reading order.

// ground: knows no word of the shop
pub mod clock;
pub mod config;
pub mod language;
pub mod telegram;

// doors: how the world gets in
pub mod cli;

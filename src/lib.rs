//! `dvorik`: loyalty and communication for a shop on Telegram. The modules in reading order.

// ground: knows no word of the shop
pub mod clock;
pub mod config;
pub mod db;
pub mod ids;
pub mod language;
pub mod locks;
pub mod logging;
pub mod money;
pub mod qr;
pub mod telegram;

// nouns: types, rules, SQL and use-cases; synchronous
pub mod actor;
pub mod audit;
pub mod campaign;
pub mod discount;
pub mod error;
pub mod inbox;
pub mod outbox;
pub mod realm;
pub mod report;
pub mod settings;
pub mod shop;
pub mod staff;
pub mod texts;
pub mod user;

// doors: how the world gets in
pub mod bot;
pub mod cli;
pub mod jobs;

// wiring
pub mod daemon;

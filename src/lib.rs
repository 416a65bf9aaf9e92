//! `dvorik`: loyalty and communication for a shop on Telegram. The modules in reading order.

// ground: knows no word of the shop
pub mod clock;
pub mod config;
pub mod db;
pub mod ids;
pub mod language;
pub mod money;
pub mod qr;
pub mod telegram;

// nouns: types, rules, SQL and use-cases; synchronous
pub mod realm;
pub mod error;
pub mod actor;
pub mod audit;
pub mod settings;
pub mod shop;
pub mod texts;
pub mod campaign;
pub mod inbox;
pub mod user;
pub mod outbox;
pub mod staff;
pub mod discount;
pub mod report;

// doors: how the world gets in
pub mod bot;
pub mod cli;
pub mod jobs;

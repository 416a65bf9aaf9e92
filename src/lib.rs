//! `dvorik`: loyalty and communication for a shop on Telegram. The modules in reading order: a module may use those
//! above it, never those below (`tests/architecture.rs` reads this file).

// ground: independent of the shop
pub mod clock;
pub mod heartbeat;
pub mod language;
pub mod cause;
pub mod files;
pub mod secret;
pub mod encrypted_archive;
pub mod config;
pub mod logging;
pub mod locks;
pub mod money;
pub mod metrics;
pub mod qr;
pub mod sheet;
pub mod cell;
pub mod db;
pub mod telegram;

// nouns: types, rules, SQL and use-cases; synchronous
pub mod ids;
pub mod realm;
pub mod catalogue;
pub mod error;
pub mod actor;
pub mod row_counts;
pub mod audit;
pub mod shop;
pub mod settings;
pub mod texts;
pub mod inbox;
pub mod user;
pub mod retry;
pub mod outbox;
pub mod gates;
pub mod conflicts;
pub mod last_heartbeat;
pub mod litestream;
pub mod staff;
pub mod undelivered;
pub mod access;
pub mod idempotency;
pub mod direct_message;
pub mod order;
pub mod conversation;
pub mod attribution;
pub mod discount;
pub mod campaign;
pub mod segment;
pub mod bot_language;
pub mod bulk_edit;
pub mod export;
pub mod broadcast;
pub mod report;
pub mod erasure;
pub mod backup;
pub mod schedule;
pub mod queue_stats;

// delivery: the loops that send, used by every door and by commands
pub mod sender;

// doors: where requests, updates and jobs enter
pub mod bot;
pub mod jobs;
pub mod api;

// wiring: the daemon and the demo, which start the loops and the doors
pub mod daemon;
pub mod demo;

// command line: uses all modules above; `serve` and `demo` are commands
pub mod cli;

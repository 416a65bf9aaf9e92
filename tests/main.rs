//! The one integration binary: house rules, config, and every door from outside.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says so by failing"
)]

mod api;
mod architecture;
mod backup;
mod bare;
mod browser;
mod broadcasts;
mod bots;
mod cli;
mod config;
mod conflict;
mod counter;
mod demo;
mod demo_bad_input;
mod demo_colours;
mod demo_endurance;
mod demo_page;
mod doctor;
mod disk;
mod drill;
mod crash;
#[cfg(feature = "age")]
mod encrypted_copy;
mod erasure;
mod files_document;
mod given;
mod hangup;
mod heartbeat;
mod harness;
mod import_mutants;
mod invitations;
mod jobs;
mod letters;
mod numbers;
mod offsite;
mod one_file;
mod outage;
mod outages;
mod page_links;
mod people;
mod plans;
mod power;
mod reference_document;
mod restore;
mod row_counts;
mod schema_document;
mod segments;
mod silence;
mod sources;
mod typed_demo;
mod webhook;

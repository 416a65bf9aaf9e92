//! The one integration binary: a module per door, and the world they play in.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers fail the test"
)]

mod bots;
mod config;
mod counter;
mod harness;

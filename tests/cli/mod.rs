//! The command line as scripts, cron and the daemon's supervisor meet it: the real binary, its pipes, its exit codes,
//! its files.

mod commands;
mod daemon;
mod init;
mod pages;
pub mod shop;
mod wrong;

//! The command line as scripts, cron and the daemon's supervisor meet it: the real binary, its pipes, its exit codes,
//! its files.

mod codes;
mod commands;
mod daemon;
mod export;
mod import;
mod init;
mod pages;
mod people;
mod rules;
pub mod shop;
mod texts;
mod voice;
mod words;
mod wrong;

//! `dvorik`: loyalty and communication for a shop on Telegram, in one binary on one SQLite file.
//!
//! `dvorik init` makes a configuration and a database, `dvorik serve` runs the two bots, and every other command works
//! on the same database, with or without a running daemon. This file only sets up the process; [`dvorik::cli`] reads
//! the command line and returns the exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use dvorik::cli;
use dvorik::config::Environment;
use rustix::fs::Mode;

fn main() -> ExitCode {
    // Every file created from here on holds personal data: other users of the machine may not read it.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    // Fails only if a TLS provider is installed already, and TLS works with that provider, too.
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    cli::run(&args, Environment::read()).into()
}

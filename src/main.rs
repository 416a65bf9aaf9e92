//! `dvorik`: loyalty and communication for a shop on Telegram, in one binary on one SQLite file.
//!
//! `dvorik init` makes a configuration and a database, `dvorik serve` runs the two bots, every other command works on the
//! same database whether the daemon runs or not. This file only readies the process; [`dvorik::cli`] reads the command
//! line and answers with the exit code.

use std::process::ExitCode;

use dvorik::cli;
use dvorik::config::Environment;
use rustix::fs::Mode;

fn main() -> ExitCode {
    // Whatever is created from here on holds people's data: nobody else on the machine may read it.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    // A second provider is refused, which is as good: there is one.
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    cli::run(std::env::args_os().skip(1).collect(), Environment::read()).into()
}

//! Where the log goes and how it looks. Only this crate's own events are logged at the chosen level; what libraries say
//! below a warning is dropped, because it may quote requests with their token.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LogLevel};

/// Starts logging to stderr. A second call in one process changes nothing.
pub fn start(level: LogLevel, format: LogFormat) {
    let filter = EnvFilter::new(format!("warn,dvorik={}", level.name()));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // The journal has its own clock and colours.
    let _ = match format {
        LogFormat::Pretty => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
        LogFormat::Journald => builder.without_time().with_ansi(false).try_init(),
    };
}

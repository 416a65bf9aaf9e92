//! Where the daemon's log is written, and in which format. The chosen level holds for this program's own events. Of the
//! events of libraries only warnings and errors are written, because the others may quote requests with a bot's token.

use std::io::IsTerminal;
use std::sync::OnceLock;

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LogLevel};

/// A function that changes the level of the running log.
type SetLevel = Box<dyn Fn(LogLevel) + Send + Sync>;

static CHANGE: OnceLock<SetLevel> = OnceLock::new();

/// Starts logging to stderr. A second call in one process changes nothing.
pub fn start(level: LogLevel, format: LogFormat) {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(level))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // `reload` fails only while the process is ending, so its result is ignored.
    macro_rules! begin {
        ($builder:expr) => {{
            let builder = $builder.with_filter_reloading();
            let handle = builder.reload_handle();
            if builder.try_init().is_ok() {
                let change = Box::new(move |level| drop(handle.reload(filter(level))));
                let _ = CHANGE.set(change);
            }
        }};
    }
    // The systemd journal adds the time and the colours itself.
    match format {
        LogFormat::Pretty => begin!(builder),
        LogFormat::Json => begin!(builder.json()),
        LogFormat::Journald => begin!(builder.without_time().with_ansi(false)),
    }
}

/// Changes the log level from now on.
pub fn set_level(level: LogLevel) {
    if let Some(change) = CHANGE.get() {
        change(level);
    }
}

fn filter(level: LogLevel) -> EnvFilter {
    let level = level.name();
    EnvFilter::new(format!("warn,dvorik={level},builtin_telegram={level}"))
}

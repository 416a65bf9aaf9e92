//! Where the daemon's log is written, and in which format. The chosen level holds for this program's own events. Of the
//! events of libraries only warnings and errors are written, because the others may quote requests with a bot's token.

use std::io::IsTerminal;
use std::sync::OnceLock;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, registry, reload};

use crate::config::{LogFormat, LogLevel};

/// A function that changes the level of the running log.
type SetLevel = Box<dyn Fn(LogLevel) + Send + Sync>;

static CHANGE: OnceLock<SetLevel> = OnceLock::new();

/// Starts logging to stderr. A second call in one process changes nothing.
pub fn start(level: LogLevel, format: LogFormat) {
    let (filter, handle) = reload::Layer::new(filter(level));
    let lines = layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    // The systemd journal adds the time and the colours itself.
    let lines = match format {
        LogFormat::Pretty => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
        LogFormat::Journald => lines.without_time().with_ansi(false).boxed(),
    };
    if registry().with(filter).with(lines).try_init().is_ok() {
        // `reload` fails only while the process is ending, so its result is ignored.
        let _ = CHANGE.set(Box::new(move |level| drop(handle.reload(self::filter(level)))));
    }
}

/// Changes the log level from now on.
pub fn set_level(level: LogLevel) {
    if let Some(change) = CHANGE.get() {
        change(level);
    }
}

fn filter(level: LogLevel) -> Targets {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new().with_default(LevelFilter::WARN).with_target("dvorik", level).with_target("builtin_telegram", level)
}

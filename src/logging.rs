//! Where the log is written and in which format. Only this program's own events are logged at the chosen level; what
//! libraries log below a warning is dropped, because it may quote requests with their token.

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
    // The systemd journal adds time and colours itself.
    let lines = match format {
        LogFormat::Pretty => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
        LogFormat::Journald => lines.without_time().with_ansi(false).boxed(),
    };
    if registry().with(filter).with(lines).try_init().is_ok() {
        // The level cannot be changed any more only when the process is ending.
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

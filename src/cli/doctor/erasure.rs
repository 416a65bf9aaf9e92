//! Checks about erased customers: whether the shop would recognise them, and whether their data is gone from the files.

use std::path::Path;

use secrecy::ExposeSecret;

use super::{Findings, Level};
use crate::cli::output::quoted;
use crate::config::Config;
use crate::db::Database;
use crate::erasure::key::{self, Fit};
use crate::erasure::remains;
use crate::secret;

/// Checks the erasure key, then the files.
pub(super) fn examine(report: &mut Findings<'_, '_>, config: &Config, database: &Database) {
    let key = config.security.erasure_key().map(ExposeSecret::expose_secret);
    let found = database.read(|view| Ok::<_, crate::error::Error>((key::fit(view, key)?, remains::due(view)?)));
    let (fit, due) = match found {
        Ok(found) => found,
        Err(error) => return report.add(Level::Fail, ("erasure", "unknown"), &[("why", &report.why(error))]),
    };
    let before = report.found.len();
    match fit {
        Fit::Wrong => report.add(Level::Fail, ("erasure", "wrong"), &[]),
        Fit::Missing => report.add(Level::Fail, ("erasure", "missing"), &[]),
        Fit::Unneeded => {
            let line = format!("erasure_key = \"{}\"", secret::random_text(43));
            report.add(Level::Warn, ("erasure", "unset"), &[("line", &line)]);
        }
        Fit::Fits | Fit::New if config.security.own_erasure_key.is_none() => shared(report, config),
        Fit::Fits | Fit::New => {}
    }
    if due.file {
        let bytes = config.database.path.metadata().map_or(0, |found| found.len());
        let megabytes = bytes.saturating_mul(2).div_ceil(1 << 20);
        report.add(Level::Warn, ("erasure", "remains"), &[("megabytes", &megabytes)]);
        report.next("dvorik job run cleanup");
    }
    if report.found.len() == before {
        report.add(Level::Ok, ("erasure", "sound"), &[]);
    }
}

/// The warning that the secret that signs logins also serves as the erasure key. The warning shows a command that adds
/// the key to the config, and not the line to add, because that line holds the secret.
fn shared(report: &mut Findings<'_, '_>, config: &Config) {
    let text = config.path.as_deref().and_then(|path| Some((path, std::fs::read_to_string(path).ok()?)));
    let named = |key: &str| {
        let (path, text) = text.as_ref()?;
        let line = text.lines().find(|line| line.trim_start().starts_with(&format!("{key} = \"")))?;
        let value = line.split('"').nth(1).filter(|value| !value.is_empty())?;
        Some((*path, value.to_owned()))
    };
    if let Some((_, file)) = named("jwt_secret_file") {
        let line = format!("erasure_key_file = \"{file}\"");
        return report.add(Level::Warn, ("erasure", "shared_line"), &[("line", &line)]);
    }
    report.add(Level::Warn, ("erasure", "shared"), &[]);
    if let Some((path, _)) = named("jwt_secret") {
        report.next(add_line(path));
    }
}

fn add_line(path: &Path) -> String {
    let sed = r#"/^ *erasure_key *= *""/d; s/^ *jwt_secret *= *\("[^"]*"\).*/&\nerasure_key = \1/"#;
    format!("sed -i '{sed}' {}", quoted(&path.display().to_string()))
}

//! For `init` over an existing database: decides whether the database may be replaced, and removes it.

use super::ServeError;
use crate::backup;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Database, View};
use crate::error::Error;
use crate::files::with_tail;
use crate::locks::{self, Lock};
use crate::shop;

/// The shop in a database that is there before `init`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentShop {
    /// The zone that is stored.
    pub timezone: String,
    /// The currency that is stored.
    pub currency: String,
    /// Whether it has a customer, a code or an admin.
    pub has_people: bool,
}

/// The shop in the database of a config, which may lack migrations; `None` when no zone is stored in it yet.
///
/// # Errors
/// [`ServeError::Storage`].
pub fn present_shop(config: &Config, clock: &Clock) -> Result<Option<PresentShop>, ServeError> {
    let at = (clock.both(), config.timezone);
    Ok(db::read_of_any_schema(&config.database.path, at, |view| {
        let Some(timezone) = shop::timezone(view)? else { return Ok(None) };
        let (currency, has_people) = (shop::currency(view)?, !backup::is_without_people(view)?);
        Ok::<_, Error>(Some(PresentShop { timezone, currency, has_people }))
    })?)
}

/// Whether the database of a config has no customer, no code and no admin.
///
/// # Errors
/// [`ServeError::Open`], [`ServeError::Storage`].
pub fn is_without_people(config: &Config, clock: Clock) -> Result<bool, ServeError> {
    Ok(Database::open(&config.database.path, config.timezone, clock)?.read(backup::is_without_people)?)
}

/// The zone and the currency that the database of a config has.
///
/// # Errors
/// [`ServeError::Open`], [`ServeError::Storage`].
pub fn zone_and_currency(config: &Config, clock: Clock) -> Result<(String, String), ServeError> {
    let database = Database::open(&config.database.path, config.timezone, clock)?;
    let zone = |view: &View<'_>| Ok::<_, Error>(shop::timezone(view)?.unwrap_or_default());
    Ok(database.read(|view| Ok::<_, Error>((zone(view)?, shop::currency(view)?)))?)
}

/// Removes a database whose zone or currency is not the config's, if it has no people. Returns whether it was removed.
///
/// # Errors
/// [`ServeError::Locked`] while a daemon serves it; [`ServeError::Open`], [`ServeError::Storage`],
/// [`ServeError::System`].
pub fn discard_without_people(config: &Config, clock: Clock) -> Result<bool, ServeError> {
    let _nobody_serves_it = locks::take(&config.database.path, Lock::Serve)?;
    let database = Database::open(&config.database.path, config.timezone, clock)?;
    let removable = database.read(backup::is_without_people)?;
    drop(database);
    if removable {
        for tail in ["", "-wal", "-shm"] {
            match std::fs::remove_file(with_tail(&config.database.path, tail)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
    }
    Ok(removable)
}

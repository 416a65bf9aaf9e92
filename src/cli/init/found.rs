//! Looks at what lies where the shop shall be, before `init` asks or writes anything: a database that it would refuse,
//! or a directory that it could not write to, is told before the questions about the shop.

use std::path::PathBuf;

use super::wizard::is_said;
use super::{Place, has_people, unwritable};
use crate::backup;
use crate::cli::refuse::{self, Wrong};
use crate::cli::session::Session;
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon::{self, PresentShop, ServeError};
use crate::db::{self, Failure, OpenError};
use crate::error::Error;
use crate::files::{directory_of, must_be_writable};
use crate::shop::Mismatch;

/// The shop in the database that the new configuration will name, with the database's path; `None` when there is no
/// database, or nothing in it.
/// A zone or currency that was said must be the one of a database with people.
///
/// # Errors
/// Exit code 78: the file is no database of dvorik, damaged or of a newer dvorik; or what was said contradicts it; or a
/// directory cannot be written to.
pub(super) fn look(
    session: &Session<'_>,
    place: &Place,
    may_replace: bool,
) -> Result<Option<(PathBuf, PresentShop)>, Wrong> {
    let (mut config, _) = Config::of_environment(&session.environment).map_err(Wrong::Config)?;
    config.database.path = database_of(session, place);
    let path = &config.database.path;
    // A service's directories are made when the questions are answered.
    if place.service.is_none() {
        for file in [&place.path, path] {
            must_be_writable(&directory_of(file)).map_err(|error| unwritable(session, file, &error))?;
        }
    }
    if backup::has_sidecar(path) {
        return Err(Error::from(Failure::Kept).into());
    }
    let is_there = db::usable_at(path).map_err(|error| unusable(session, error))?;
    if !is_there {
        return Ok(None);
    }
    let Some(shop) = daemon::present_shop(&config, &Clock::System)? else { return Ok(None) };
    if shop.has_people && session.can_ask() {
        for (key, stored, configured) in [
            ("timezone", &shop.timezone, config.timezone.name().to_owned()),
            ("currency", &shop.currency, config.currency.clone()),
        ] {
            if is_said(session, key) && *stored != configured {
                let found = Mismatch { key, stored: stored.clone(), configured };
                return Err(has_people(session, path, &found, (&shop.timezone, &shop.currency), may_replace));
            }
        }
    }
    Ok(Some((config.database.path, shop)))
}

/// The path that the new configuration will give the database: what was said, else the service's, else beside the
/// configuration.
fn database_of(session: &Session<'_>, place: &Place) -> PathBuf {
    let said = is_said(session, "database.path").then(|| Config::of_environment(&session.environment).ok()).flatten();
    match (said, &place.service) {
        (Some((config, _)), _) => config.database.path,
        (None, Some(service)) => service.database(),
        (None, None) => directory_of(&place.path).join("dvorik.db"),
    }
}

/// The refusal of a file that is no database of this shop. There is no configuration yet whose key could be changed.
fn unusable(session: &Session<'_>, error: OpenError) -> Wrong {
    if !matches!(error, OpenError::Foreign(_) | OpenError::Unusable { .. }) {
        return ServeError::Open(error).into();
    }
    let failure = refuse::failure(&ServeError::Open(error).into(), session.out.voice());
    failure.with_hint(session.text("init.foreign_hint", &[])).into()
}

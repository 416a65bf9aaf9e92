//! Writes the history of the shop, and makes its people known to the built-in Telegram. For the forms of the demo in which
//! a person takes part.

use builtin_telegram::ChatMemberStatus;

use super::fixture::{CHANNEL, CUSTOMER_BOT, Fixture, STAFF_BOT};
use super::history::Resident;
use super::report::Miss;
use super::{Options, history};
use crate::clock::{Clock, Timestamp};
use crate::config::{Config, Environment};
use crate::daemon;

/// Writes the history, which ends at `now`, and adds its people to the built-in Telegram.
pub(super) async fn settle(fixture: &Fixture, options: &Options, now: Timestamp) -> Result<Vec<Resident>, Miss> {
    let broken = |why: String| Miss::new("90 d", why);
    let (config, seed, language) = (config(fixture)?, options.seed, options.language);
    let written = tokio::task::spawn_blocking(move || {
        let database = daemon::open(&config, Clock::System).map_err(|error| error.to_string())?;
        history::write(&database, seed, language, now).map_err(|error| error.to_string())
    });
    let residents = written.await.map_err(|error| broken(error.to_string()))?.map_err(broken)?;
    let telegram = &fixture.telegram;
    for resident in &residents {
        let id = resident.person.id;
        telegram.add_person(resident.person.clone());
        telegram.has_started(CUSTOMER_BOT, id);
        if resident.subscribed {
            telegram.set_member(CHANNEL, id, ChatMemberStatus::Member);
        }
        if resident.blocked {
            telegram.blocks(CUSTOMER_BOT, id);
        }
    }
    for person in fixture.roles.staff() {
        telegram.add_person(person.clone());
        telegram.has_started(STAFF_BOT, person.id);
    }
    Ok(residents)
}

/// The configuration that `init` has written.
pub(super) fn config(fixture: &Fixture) -> Result<Config, Miss> {
    let path = fixture.shop.file("config.toml");
    let nothing: [(&str, &str); 0] = [];
    let directory = path.parent().unwrap_or(&path).to_owned();
    let loaded = Config::load(Some(&path), &Environment::from_pairs(nothing).in_directory(&directory));
    loaded.map_err(|errors| Miss::new("config.toml", format!("{errors:?}")))
}

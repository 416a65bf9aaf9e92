//! The demo in which a person takes part: the same setup as a scenario, with a history, and typed lines instead of
//! steps. Lines come in through a channel, output goes to a callback; nothing here reads the keyboard or prints.

mod desk;
mod session;
mod phrase;
mod told;

use std::collections::HashMap;

use builtin_telegram::ChatMemberStatus;
use tokio::sync::mpsc::UnboundedReceiver;

use super::fixture::{CHANNEL, CUSTOMER_BOT, Fixture, STAFF_BOT};
use super::people::full_name;
use super::process::Shop;
use super::report::Miss;
use super::{Ending, Options, Signals, history};
use crate::clock::Clock;
use crate::config::{Config, Environment};
use crate::daemon;
use session::Session;
pub use told::{Bubble, Key, Told};

/// Opens a shop with a history and lets the person who types `lines` act as customer, cashier and owner, until the
/// person quits, the lines end, or a signal comes. Starts and ends child processes, opens a port on loopback.
///
/// # Errors
/// The demo cannot be set up: no temporary directory, no port, no signals.
pub async fn live(
    options: &Options,
    lines: UnboundedReceiver<String>,
    mut ear: impl FnMut(Told),
) -> std::io::Result<Ending> {
    let mut signals = Signals::listen()?;
    let shop = Shop::prepare(options)?;
    let mut fixture = Fixture::set(shop, options).await?;
    ear(Told::Preparing);
    let played = {
        let playing = play(&mut fixture, options, lines, &mut ear);
        tokio::select! {
            played = playing => played,
            () = signals.any() => Ok(()),
        }
    };
    if played.is_ok() {
        ear(Told::Closing);
    }
    fixture.close().await;
    match played {
        Ok(()) => fixture.shop.remove().map(|()| Ending::Held),
        Err(miss) => {
            ear(Told::Broken(miss, fixture.shop.keep()));
            Ok(Ending::Broken)
        }
    }
}

async fn play(
    fixture: &mut Fixture,
    options: &Options,
    lines: UnboundedReceiver<String>,
    ear: &mut impl FnMut(Told),
) -> Result<(), Miss> {
    fixture.found().await?;
    let names = settle(fixture, options).await?;
    fixture.open_shop().await?;
    let mut session = Session::new(fixture, names, ear);
    session.open();
    session.run_until_quit(lines).await
}

/// The names of people by Telegram id.
type NamesById = HashMap<i64, String>;

/// Writes the history and adds its people to the built-in Telegram. Returns their names.
async fn settle(fixture: &Fixture, options: &Options) -> Result<NamesById, Miss> {
    let broken = |why: String| Miss::new("90 d", why);
    let (config, seed, language) = (config(fixture)?, options.seed, options.language);
    let written = tokio::task::spawn_blocking(move || {
        let database = daemon::open(&config, Clock::System).map_err(|error| error.to_string())?;
        history::write(&database, seed, language, Clock::System.now()).map_err(|error| error.to_string())
    });
    let residents = written.await.map_err(|error| broken(error.to_string()))?.map_err(broken)?;
    let (telegram, mut names) = (&fixture.telegram, NamesById::new());
    for resident in residents {
        let id = resident.person.id;
        names.insert(id, full_name(&resident.person));
        telegram.add_person(resident.person);
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
        names.insert(person.id, full_name(person));
    }
    Ok(names)
}

/// The configuration that `init` has written.
fn config(fixture: &Fixture) -> Result<Config, Miss> {
    let path = fixture.shop.file("config.toml");
    let nothing: [(&str, &str); 0] = [];
    let directory = path.parent().unwrap_or(&path).to_owned();
    let loaded = Config::load(Some(&path), &Environment::from_pairs(nothing).in_directory(&directory));
    loaded.map_err(|errors| Miss::new("config.toml", format!("{errors:?}")))
}

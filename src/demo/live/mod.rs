//! The demo in which a person takes part: the same setup as a scenario, with a history, and typed lines instead of
//! steps. Lines come in through a channel, output goes to a callback; nothing here reads the keyboard or prints.

mod desk;
mod session;
mod phrase;
mod told;

use tokio::sync::mpsc::UnboundedReceiver;

use super::fixture::Fixture;
use super::process::Shop;
use super::report::Miss;
use super::settle::settle;
use super::{Ending, Options, Signals};
use crate::clock::Clock;
pub use phrase::split as split_line;
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
    let (_, names) = settle(fixture, options, Clock::System.now()).await?;
    fixture.open_shop().await?;
    let mut session = Session::new(fixture, names, ear);
    session.open();
    session.run_until_quit(lines).await
}

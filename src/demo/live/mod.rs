//! The demo at a terminal: the same stage as the page's, and typed lines instead of requests. Lines come in through a
//! channel, output goes to a callback; nothing here reads the keyboard or prints.

mod desk;
mod events;
mod phrase;
mod session;
mod told;

use tokio::sync::mpsc::{UnboundedReceiver, channel};

use builtin_telegram::Keep;

use super::fixture::Fixture;
use super::process::Shop;
use super::report::Miss;
use super::stage::{CommandGate, Hub, Stage, open};
use super::{Ending, Options, Signals};
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
    gate: &dyn CommandGate,
    lines: UnboundedReceiver<String>,
    mut ear: impl FnMut(Told),
) -> std::io::Result<Ending> {
    let mut signals = Signals::listen()?;
    let shop = Shop::prepare(options)?;
    let mut fixture = Fixture::set(shop, options).await?;
    fixture.telegram.keep_receipts(Keep::Recent);
    ear(Told::Preparing);
    let played = play(&mut fixture, (options, gate), lines, &mut signals, &mut ear).await;
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
    (options, gate): (&Options, &dyn CommandGate),
    lines: UnboundedReceiver<String>,
    signals: &mut Signals,
    ear: &mut impl FnMut(Told),
) -> Result<(), Miss> {
    let opened = {
        let opening = open(fixture, options, None);
        tokio::select! {
            opened = opening => opened?,
            () = signals.any() => return Ok(()),
        }
    };
    let mut hub = Hub::default();
    let events = hub.follow();
    let (requests, mut requested) = channel(1);
    let mut session = Session::new(fixture, (&opened, options), requests, signals.foreground(), ear);
    let mut stage = Stage::new(fixture, gate, hub, opened);
    session.open();
    tokio::select! {
        ended = session.run_until_quit(lines, events) => ended,
        () = stage.run(&mut requested, signals) => Ok(()),
    }
}

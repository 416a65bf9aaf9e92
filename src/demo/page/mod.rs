//! The demo as a page in a browser: two phones, the owner's terminal, faults and a tour, served on this machine alone by
//! the process that also is the built-in Telegram. The shop's daemon is a child process, and everything that happens on
//! the page reaches it as an update of Telegram or as a command.

mod cast;
mod crowd;
mod door;
mod facts;
mod hub;
mod phones;
mod stage;
mod terminal;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use builtin_telegram::Keep;
use chrono::NaiveDateTime;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Receiver, channel};

use super::fixture::{CUSTOMER_BOT, Fixture, SHOP};
use super::people::full_name;
use super::process::Shop;
use super::report::Miss;
use super::settle::{config, settle};
use super::{Ending, Options, Signals, history};
use crate::clock::{Clock, ClockPiece, Instants, Timestamp, Zone};
use crate::daemon;
use crate::db::{Database, set_demo_clock};
use crate::language::Language;
use crate::{qr, secret};
use cast::Cast;
use crowd::Crowd;
use door::{Call, Denial, Door};
use hub::Hub;
use phones::Contact;
use stage::Stage;

/// The port of the page, unless it is taken.
const PORT: u16 = 8099;
/// The length of the token in the page's address: 132 random bits.
const TOKEN: usize = 22;
/// The start parameter of the link on the poster, of a campaign that the history has.
const POSTER: &str = "ref_flyer";
/// When the shop's clock starts, in seconds after midnight: 14:05, when people come to a shop.
const START: i64 = 14 * 3600 + 5 * 60;
/// How many requests may wait.
const MOST_WAITING: usize = 64;
const PAGE: &str = include_str!("assets/page.html");

/// What the page needs to know of the command line, which this module does not know.
pub trait CommandGate {
    /// The words of a line that was typed into the terminal, without the program's name.
    ///
    /// # Errors
    /// The sentence that says why the command may not be run here.
    fn admit(&self, line: &str, language: Language) -> Result<Vec<String>, String>;

    /// How the line may go on, for the shop with this config: the character where the last word begins, and the words
    /// that fit there.
    fn complete(&self, line: &str, config: &Path) -> (usize, Vec<String>);
}

/// The options of the page.
pub struct PageOptions<'a> {
    /// The options that it shares with the other forms of the demo; the built-in Telegram takes any free port.
    pub options: Options,
    /// The port of the page; `None`: the usual one, or any free port if that is taken.
    pub port: Option<u16>,
    /// An empty or missing directory in which the shop is made and left; `None`: a temporary one.
    pub keep: Option<PathBuf>,
    /// When the shop's clock starts, by the wall of the shop; `None`: today at five past two in the afternoon.
    pub start: Option<NaiveDateTime>,
    /// Which commands the terminal runs.
    pub gate: &'a dyn CommandGate,
}

/// One part of the output.
#[derive(Debug)]
pub enum PageNews<'a> {
    /// The page answers at this address; the shop is being opened.
    Served {
        /// The address, with its token.
        url: &'a str,
        /// The shop's directory.
        directory: &'a Path,
        /// The address of the built-in Telegram.
        telegram: &'a str,
    },
    /// The shop is open.
    Open,
    /// The demo closes.
    Closing,
    /// The shop cannot be opened: why, and the directory that is left.
    Broken(Miss, PathBuf),
}

/// Serves the page until a signal comes. Starts and ends child processes; opens two ports on loopback.
///
/// # Errors
/// The demo cannot be set up: no directory, no port (`AddrInUse` when `port` is given and taken), no signals.
pub async fn serve(page: &PageOptions<'_>, mut ear: impl FnMut(PageNews<'_>)) -> std::io::Result<Ending> {
    let mut signals = Signals::listen()?;
    let (listener, address) = listen(page.port).await?;
    let shop = match &page.keep {
        Some(directory) => Shop::prepare_in(&page.options, directory)?,
        None => Shop::prepare(&page.options)?,
    };
    let mut fixture = Fixture::set(shop, &page.options).await?;
    let (calls, mut called) = channel(MOST_WAITING);
    let token = secret::random_text(TOKEN);
    let url = format!("http://{address}/{token}/");
    let telegram = fixture.telegram.clone();
    telegram.keep_receipts(Keep::Recent);
    let door = Door {
        port: address.port(),
        page: with_words(page.options.language),
        telegram: telegram.clone(),
        poster: qr::png(&format!("https://t.me/{CUSTOMER_BOT}?start={POSTER}")),
        calls,
        pace: Mutex::new((Instant::now(), 0)),
        token,
    };
    ear(PageNews::Served { url: &url, directory: &fixture.shop.file(""), telegram: &telegram.base_url() });
    let served = axum::serve(listener, door::router(Arc::new(door)));
    let played = {
        let playing = play(&mut fixture, page, (&mut called, &mut signals), &mut ear);
        tokio::select! {
            played = playing => played,
            ended = served.into_future() => Err(Miss::new("HTTP", format!("{ended:?}"))),
        }
    };
    ear(PageNews::Closing);
    let closing = fixture.close();
    tokio::select! {
        () = closing => {}
        // A second signal does not wait for the daemon.
        () = signals.any() => {}
    }
    fixture.strike().await;
    match played {
        Ok(()) if page.keep.is_some() => fixture.shop.keep(),
        Ok(()) => return fixture.shop.remove().map(|()| Ending::Held),
        Err(miss) => {
            ear(PageNews::Broken(miss, fixture.shop.keep()));
            return Ok(Ending::Broken);
        }
    };
    Ok(Ending::Held)
}

/// Listens on loopback at the given port, which must be free, or at the usual port or any other.
async fn listen(port: Option<u16>) -> std::io::Result<(TcpListener, SocketAddr)> {
    let bind = |port| TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port)));
    let listener = match port {
        Some(port) => bind(port).await?,
        None => match bind(PORT).await {
            Ok(listener) => listener,
            Err(_) => bind(0).await?,
        },
    };
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// The page with all its words in both languages.
fn with_words(language: Language) -> String {
    let words: BTreeMap<&str, _> = Language::ALL.map(|of| (of.code(), of.texts_under("demo.page."))).into();
    let words = json!({ "lang": language.code(), "words": words }).to_string().replace('<', "\\u003c");
    PAGE.replace("__LANG__", language.code()).replace("__WORDS__", &words)
}

/// Opens the shop and lets the stage run until a signal comes.
async fn play(
    fixture: &mut Fixture,
    page: &PageOptions<'_>,
    (calls, signals): (&mut Receiver<Call>, &mut Signals),
    ear: &mut impl FnMut(PageNews<'_>),
) -> Result<(), Miss> {
    let mut hub = Hub::default();
    let opened = {
        let language = page.options.language;
        let mut opening = Box::pin(open(fixture, page));
        loop {
            tokio::select! {
                biased;
                () = signals.any() => return Ok(()),
                opened = &mut opening => break opened?,
                Some(call) = calls.recv() => answer_while_opening(call, &mut hub, language),
            }
        }
    };
    ear(PageNews::Open);
    let (database, cast, people) = opened;
    let offered = |id: i64| cast.customers.iter().any(|contact| contact.id == id);
    let customers = people.iter().map(|contact| contact.id).filter(|id| !offered(*id)).collect();
    let cashier = fixture.roles.third_cashier.id;
    let crowd = Crowd::new((page.options.seed, page.options.language), &database, (customers, cashier));
    Stage::new(fixture, database, page.gate, hub, (cast, people, crowd)).run(calls, signals).await;
    Ok(())
}

/// Makes the shop, its history and its people, and starts the daemon.
async fn open(fixture: &mut Fixture, page: &PageOptions<'_>) -> Result<(Database, Cast, Vec<Contact>), Miss> {
    fixture.found_in(SHOP).await?;
    let options = &page.options;
    let config = config(fixture)?;
    let start = start(page.start, config.timezone);
    let (residents, _) = settle(fixture, options, start).await?;
    let people = residents.iter().map(|resident| Contact {
        id: resident.person.id,
        name: full_name(&resident.person),
        note: String::new(),
    });
    let people: Vec<Contact> = people.collect();
    let broken = |why: String| Miss::new(format!("{} d", history::DAYS), why);
    let (roles, language) = (fixture.roles.clone(), options.language);
    let written = tokio::task::spawn_blocking(move || {
        let database = daemon::open(&config, Clock::System).map_err(|error| error.to_string())?;
        let pieces = [ClockPiece { from_ms: Clock::System.now_ms().0, shop_ms: start.millis().0, rate: 1 }];
        let write = database.write(move |tx| {
            set_demo_clock(tx, &pieces)?;
            cast::write(tx, &roles, &residents, language, start)
        });
        let cast = write.map_err(|error| error.to_string())?;
        // Opened again, the database has the shop's clock.
        drop(database);
        let database = daemon::open(&config, Clock::System).map_err(|error| error.to_string())?;
        Ok((database, cast))
    });
    let (database, cast) = written.await.map_err(|error| broken(error.to_string()))?.map_err(broken)?;
    // It was not set before: a shop is opened once.
    let _ = fixture.clock.set(database.clock().clone());
    for person in &cast.added {
        fixture.telegram.add_person(person.clone());
        fixture.telegram.has_started(CUSTOMER_BOT, person.id);
    }
    fixture.open_shop().await?;
    Ok((database, cast, people))
}

/// The instant at which the shop's clock starts.
fn start(local: Option<NaiveDateTime>, zone: Zone) -> Timestamp {
    let today = zone.start_of(zone.day(Clock::System.now())).plus(START);
    match local.map(|local| zone.instants(local)) {
        None => today,
        Some(Instants::One(at) | Instants::Two(at, _)) => at,
        Some(Instants::Never { to, .. }) => zone.start_of(to.date()),
    }
}

/// Answers a request while the shop is being opened.
fn answer_while_opening(call: Call, hub: &mut Hub, language: Language) {
    let opening = language.text("demo.page.opening", &[]);
    match call {
        // A window that is gone needs no answer.
        Call::Stream(last, tell) => {
            let _ = tell.send(hub.subscribe(last, || opening_state(&opening)));
        }
        Call::Act(_, tell) => {
            let _ = tell.send(Err(Denial::not_ready(opening)));
        }
    }
}

fn opening_state(opening: &str) -> Value {
    json!({ "opening": opening })
}

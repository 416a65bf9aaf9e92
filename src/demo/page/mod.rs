//! The demo as a page in a browser: two phones, the owner's terminal, faults and a tour, served on this machine alone by
//! the process that also is the built-in Telegram. The shop's daemon is a child process, and everything that happens on
//! the page reaches it as an update of Telegram or as a command.

mod door;

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

use super::fixture::{CUSTOMER_BOT, Fixture};
use super::process::Shop;
use super::report::Miss;
use super::stage::{CommandGate, Denial, Hub, POSTER, Stage, StageRequest, open};
use super::{Ending, Options, Signals};
use crate::language::Language;
use crate::{qr, secret};
use door::Door;

/// The port of the page, unless it is taken.
const PORT: u16 = 8099;
/// The length of the token in the page's address: 132 random bits.
const TOKEN: usize = 22;
/// How many requests may wait.
const MOST_WAITING: usize = 64;
const PAGE: &str = include_str!("assets/page.html");

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
    let (requests, mut requested) = channel(MOST_WAITING);
    let token = secret::random_text(TOKEN);
    let url = format!("http://{address}/{token}/");
    let telegram = fixture.telegram.clone();
    telegram.keep_receipts(Keep::Recent);
    let door = Door {
        port: address.port(),
        page: with_words(page.options.language),
        telegram: telegram.clone(),
        too_long: page.options.language.text("demo.page.wrong.long", &[]),
        poster: qr::png(&format!("https://t.me/{CUSTOMER_BOT}?start={POSTER}")),
        requests,
        pace: Mutex::new((Instant::now(), 0)),
        token,
    };
    ear(PageNews::Served { url: &url, directory: &fixture.shop.file(""), telegram: &telegram.base_url() });
    let served = axum::serve(listener, door::router(Arc::new(door)));
    let played = {
        let playing = play(&mut fixture, page, (&mut requested, &mut signals), &mut ear);
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
    (requests, signals): (&mut Receiver<StageRequest>, &mut Signals),
    ear: &mut impl FnMut(PageNews<'_>),
) -> Result<(), Miss> {
    let mut hub = Hub::default();
    let opened = {
        let language = page.options.language;
        let mut opening = Box::pin(open(fixture, &page.options, page.start));
        loop {
            tokio::select! {
                biased;
                () = signals.any() => return Ok(()),
                opened = &mut opening => break opened?,
                Some(request) = requests.recv() => answer_while_opening(request, &mut hub, language),
            }
        }
    };
    ear(PageNews::Open);
    Stage::new(fixture, page.gate, hub, opened).run(requests, signals).await;
    Ok(())
}

/// Answers a request while the shop is being opened.
fn answer_while_opening(request: StageRequest, hub: &mut Hub, language: Language) {
    let opening = language.text("demo.page.opening", &[]);
    match request {
        // A window that is gone needs no answer.
        StageRequest::Stream(last, tell) => {
            let _ = tell.send(hub.subscribe(last, || opening_state(&opening)));
        }
        StageRequest::Act(_, tell) => {
            let _ = tell.send(Err(Denial::not_ready(opening)));
        }
    }
}

fn opening_state(opening: &str) -> Value {
    json!({ "opening": opening })
}

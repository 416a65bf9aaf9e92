//! The setup of a demo: the built-in Telegram with its people, the shop with its daemon, and the facts that steps have
//! learned. Steps act on the setup and read what people see. Each wait is for a receipt (the built-in Telegram's record
//! of something a bot did) and ends at once when the daemon dies.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use builtin_telegram::{BuiltinTelegram, Receipt, ShownMessage};
use serde_json::{Value, json};

use super::pattern::{self, Found};
use super::people::{Roles, full_name};
use super::process::{Daemon, Shop, typed};
use super::report::{Miss, Role, StepReport};
use super::{Options, PATIENCE};
use crate::clock::{Clock, Zone};
use crate::language::Language;

/// The username of the customer bot.
pub(super) const CUSTOMER_BOT: &str = "marmelad_demo_bot";
/// The username of the staff bot.
pub(super) const STAFF_BOT: &str = "marmelad_demo_staff_bot";
/// The customer bot's token, which the built-in Telegram accepts; no real token looks like it.
const CUSTOMER_TOKEN: &str = "1000001:builtin-customer-token";
/// The staff bot's token.
const STAFF_TOKEN: &str = "1000002:builtin-staff-token";
/// The username of the shop's channel.
pub(super) const CHANNEL: &str = "@marmelad_demo";
const CHANNEL_ID: i64 = -1_001_000_000_001;

/// What people saw in a step, line by line.
pub(super) type Seen = Vec<String>;
/// The result of a step: the lines that people saw, or what was expected and what was seen instead.
pub(super) type ActOutcome = Result<Seen, Miss>;
/// The function that performs a step.
pub(super) type Act = for<'a> fn(&'a mut Fixture) -> Pin<Box<dyn Future<Output = ActOutcome> + 'a>>;

/// Where a step happens: in the shell, in a chat with one of the bots, or in neither of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Shell,
    CustomerBot,
    StaffBot,
    Nowhere,
}

/// A step of the demo: one small act with one expectation. Its texts are in the language catalogue under
/// `demo.step.<name>`: `does` and `holds`.
pub(super) struct Step {
    pub name: &'static str,
    pub chapter: &'static str,
    pub who: Role,
    pub place: Place,
    pub act: Act,
}

/// The running demo: its people, the built-in Telegram, the shop and its daemon.
pub(super) struct Fixture {
    pub language: Language,
    pub roles: Roles,
    pub telegram: BuiltinTelegram,
    pub shop: Shop,
    pub daemon: Option<Daemon>,
    /// The clock of the shop, by which the built-in Telegram dates messages; the machine's until it is set.
    pub clock: Arc<OnceLock<Clock>>,
    /// Facts that earlier steps have learned (codes, times, links); the narration uses them too.
    facts: BTreeMap<&'static str, String>,
    /// For a bot and a person: the number of the first receipt (the record of a bot's call) that the person has not
    /// read.
    unread: BTreeMap<(&'static str, i64), u64>,
    /// The command that the step has run, as a person would type it.
    command: Option<String>,
}

impl Fixture {
    /// Starts the built-in Telegram and adds the people to it.
    pub(super) async fn set(shop: Shop, options: &Options) -> std::io::Result<Self> {
        let address = ([127, 0, 0, 1], options.port).into();
        let clock = Arc::new(OnceLock::new());
        let of_shop = Arc::clone(&clock);
        let shop_ms = move || of_shop.get().unwrap_or(&Clock::System).both().shop.0;
        let telegram = BuiltinTelegram::start(address, shop_ms).await?;
        let roles = Roles::of_seed(options.seed, options.language);
        telegram.add_bot(CUSTOMER_TOKEN, CUSTOMER_BOT);
        telegram.add_bot(STAFF_TOKEN, STAFF_BOT);
        telegram.add_channel(CHANNEL_ID, Some(CHANNEL), &options.language.text("shop.default_name", &[]));
        telegram.set_bot_is_channel_admin(CHANNEL, CUSTOMER_BOT, true);
        for person in roles.people() {
            telegram.add_person(person.clone());
        }
        let facts = [
            ("owner", full_name(&roles.owner)),
            ("customer", full_name(&roles.customer)),
            ("cashier", full_name(&roles.cashier)),
            ("second_cashier", full_name(&roles.second_cashier)),
            ("channel", CHANNEL.to_owned()),
        ];
        let (facts, unread) = (facts.into(), BTreeMap::new());
        Ok(Self {
            language: options.language,
            roles,
            telegram,
            shop,
            daemon: None,
            clock,
            facts,
            unread,
            command: None,
        })
    }

    /// Creates a configuration and a database with `init`, which gets its values only from the environment. The shop is in
    /// a zone whose day does not end during the demo.
    pub(super) async fn found(&mut self) -> Result<(), Miss> {
        self.found_in(quiet_zone()).await
    }

    /// Does what [`Fixture::found`] does, in the zone with this name.
    pub(super) async fn found_in(&mut self, zone: &str) -> Result<(), Miss> {
        let (telegram, owner) = (self.telegram.base_url(), self.roles.owner.id.to_string());
        let variables = [
            ("DVORIK_BOTS__CUSTOMER__TOKEN", CUSTOMER_TOKEN),
            ("DVORIK_BOTS__STAFF__TOKEN", STAFF_TOKEN),
            ("DVORIK_OWNER_TELEGRAM_ID", &owner),
            ("DVORIK_TELEGRAM__API_BASE", &telegram),
            ("DVORIK_TIMEZONE", zone),
            ("DVORIK_LANG", self.language.code()),
            ("DVORIK_SHOP_NAME", &self.language.text("shop.default_name", &[])),
        ];
        self.shell_with(&["init", "--no-input"], &variables).await.map(drop)
    }

    /// Tells the daemon to stop and waits for its end; then ends the built-in Telegram.
    pub(super) async fn close(&mut self) {
        if let Some(daemon) = &mut self.daemon {
            // A daemon that cannot be signalled, or does not end, is killed below.
            let _ = daemon.terminate();
            let _ = tokio::time::timeout(PATIENCE, daemon.ended()).await;
        }
        self.strike().await;
    }

    /// Ends the daemon, if it still runs, and the built-in Telegram.
    pub(super) async fn strike(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            // Dropping the daemon kills it as well.
            let _ = daemon.kill().await;
        }
        self.telegram.stop().await;
    }

    /// Runs one step and reports its result and duration.
    pub(super) async fn play(&mut self, number: usize, step: &Step) -> StepReport {
        self.command = None;
        let start = Instant::now();
        let outcome = (step.act)(self).await;
        let took = start.elapsed();
        let does = self.command.take().unwrap_or_else(|| self.say(&format!("demo.step.{}.does", step.name)));
        let role = self.say(&format!("demo.role.{}", step.who.code()));
        let name = self.roles.person(step.who).map(|person| format!(" {}", full_name(person))).unwrap_or_default();
        StepReport {
            number,
            name: step.name,
            chapter: self.say(&format!("demo.chapter.{}", step.chapter)),
            who: step.who,
            person: format!("{role}{name}"),
            place: self.place(step.place),
            does,
            claim: self.say(&format!("demo.step.{}.holds", step.name)),
            outcome,
            took,
        }
    }

    fn place(&self, place: Place) -> String {
        match place {
            Place::Shell => self.say("demo.place.shell"),
            Place::CustomerBot => format!("@{CUSTOMER_BOT}"),
            Place::StaffBot => format!("@{STAFF_BOT}"),
            Place::Nowhere => String::new(),
        }
    }

    /// The text `key` of the language catalogue with the known facts filled in.
    pub(super) fn say(&self, key: &str) -> String {
        let known: Vec<(&str, &dyn Display)> = self.facts.iter().map(|(name, value)| (*name, value as _)).collect();
        self.language.text(key, &known)
    }

    /// Matches a message against the bots' default text `key`, with the `known` values in place of their placeholders.
    ///
    /// # Errors
    /// The message has other words than the text, or gives one placeholder two values.
    pub(super) fn read(&self, key: &str, message: &str, known: &[(&str, &str)]) -> Result<Found, Miss> {
        pattern::read(self.language, key, message, known)
    }

    /// A button's caption as `dvorik` ships it.
    pub(super) fn caption(&self, key: &str) -> &'static str {
        pattern::caption(self.language, key)
    }

    /// Remembers a fact for later steps and for the narration.
    pub(super) fn learn(&mut self, name: &'static str, value: impl Into<String>) {
        self.facts.insert(name, value.into());
    }

    /// A fact that an earlier step has learned; empty when no step has learned it.
    pub(super) fn known(&self, name: &str) -> String {
        self.facts.get(name).cloned().unwrap_or_default()
    }

    /// Runs a command of `dvorik` as the owner would enter it.
    pub(super) async fn shell(&mut self, arguments: &[&str]) -> Result<Value, Miss> {
        self.shell_with(arguments, &[]).await
    }

    /// Runs a command like `shell`, with these variables in its environment.
    pub(super) async fn shell_with(&mut self, arguments: &[&str], variables: &[(&str, &str)]) -> Result<Value, Miss> {
        self.command = Some(typed(arguments));
        self.shop.run(arguments, variables).await
    }

    /// Starts the daemon and waits until both bots have called Telegram and receive updates.
    pub(super) async fn open_shop(&mut self) -> Result<(), Miss> {
        let since = self.telegram.receipt_count();
        self.spawn_daemon()?;
        for bot in [CUSTOMER_BOT, STAFF_BOT] {
            let introduced =
                |r: &Receipt| r.seq >= since && &*r.bot == bot && r.method == "setMyCommands" && r.delivered;
            self.receipt(introduced, &format!("@{bot}: setMyCommands")).await?;
            // A bot asks for updates only when its start is complete. The update pushed here means nothing to the shop;
            // the bot's acknowledgement of it shows that the bot is ready.
            self.telegram.pushes_raw(bot, json!({ "poll": {} }));
            let listens = self.telegram.wait_acknowledged(bot, PATIENCE).await;
            expect(listens, format!("@{bot}: getUpdates"), self.silence())?;
        }
        Ok(())
    }

    /// Starts the daemon and does not wait for it.
    pub(super) fn spawn_daemon(&mut self) -> Result<(), Miss> {
        self.daemon = Some(self.shop.serve(&["serve", "--migrate"])?);
        Ok(())
    }

    fn silence(&self) -> String {
        self.language.text("demo.miss.silence", &[("seconds", &PATIENCE.as_secs())])
    }

    /// Waits for the first receipt (the record of a bot's call) that `wanted` accepts; earlier receipts count as well.
    ///
    /// # Errors
    /// There is no such receipt within [`PATIENCE`], or the daemon ends.
    pub(super) async fn receipt(
        &mut self,
        wanted: impl Fn(&Receipt) -> bool,
        what: &str,
    ) -> Result<Arc<Receipt>, Miss> {
        let silence = self.silence();
        let waiting = self.telegram.wait_receipt(wanted, PATIENCE);
        let Some(daemon) = self.daemon.as_mut() else {
            return waiting.await.ok_or_else(|| Miss::new(what, silence));
        };
        tokio::select! {
            biased;
            found = waiting => found.ok_or_else(|| Miss::new(what, silence)),
            ended = daemon.ended() => {
                let status = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
                let died = self.language.text("demo.miss.died", &[("status", &status)]);
                Err(Miss::new(what, format!("{died}\n{}", daemon.last_words())))
            }
        }
    }

    /// Waits for the next message (or edited message) that this person has not read yet.
    pub(super) async fn hears(&mut self, bot: &'static str, person: i64) -> Result<ShownMessage, Miss> {
        let from = self.unread.get(&(bot, person)).copied().unwrap_or(0);
        let unread = |r: &Receipt| {
            let news = r.is_message() || (r.delivered && r.method == "editMessageText");
            news && r.seq >= from && &*r.bot == bot && r.chat_id == Some(person)
        };
        let what = self.language.text("demo.miss.message", &[("bot", &bot)]);
        let receipt = self.receipt(unread, &what).await?;
        self.unread.insert((bot, person), receipt.seq + 1);
        let shown = self.telegram.chat_view(bot, person).into_iter().find(|m| Some(m.message_id) == receipt.message_id);
        shown.ok_or_else(|| Miss::new(what, "—"))
    }

    /// Presses the newest button with this caption.
    pub(super) fn press(&self, bot: &'static str, person: i64, caption: &str) -> Result<String, Miss> {
        self.telegram.presses_button(bot, person, caption).map_err(|why| Miss::new(format!("[{caption}]"), why))
    }

    /// A message as a person sees it, line by line: the picture, the text, and each row of buttons.
    pub(super) fn shown(&self, message: &ShownMessage) -> Seen {
        let picture = message.media.map(|_| self.say("demo.seen.picture"));
        let words = message.text.lines().map(str::to_owned);
        let buttons = message.buttons.iter().map(|row| row.iter().map(|button| format!("[{}]", button.caption)));
        picture.into_iter().chain(words).chain(buttons.map(|row| row.collect::<Vec<_>>().join(" "))).collect()
    }
}

/// The time zone of the shop.
pub(super) const SHOP: &str = "Asia/Vladivostok";

/// A time zone in which the day does not end during the demo: the last steps ask what was redeemed today.
fn quiet_zone() -> &'static str {
    const ELSEWHERE: &str = "Europe/Moscow";
    let is_late = Zone::parse(SHOP).is_some_and(|zone| zone.hour(Clock::System.now()) == 23);
    if is_late { ELSEWHERE } else { SHOP }
}

/// Fails unless `holds`.
pub(super) fn expect(holds: bool, expected: impl Display, seen: impl Display) -> Result<(), Miss> {
    if holds { Ok(()) } else { Err(Miss::new(expected.to_string(), seen.to_string())) }
}

/// Fails unless the JSON value under `pointer` is `expected`.
pub(super) fn expect_json(document: &Value, pointer: &str, expected: &Value) -> Result<(), Miss> {
    let seen = document.pointer(pointer).unwrap_or(&Value::Null);
    expect(seen == expected, format!("{pointer} = {expected}"), format!("{pointer} = {seen}"))
}

/// The string under `pointer` in a JSON document; a [`Miss`] when there is none.
pub(super) fn text_at(document: &Value, pointer: &str) -> Result<String, Miss> {
    let found = document.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| Miss::new(pointer, document.to_string()))
}

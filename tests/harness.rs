//! The world of the tests that go the whole way: a directory, the built-in Telegram, a config on disk, and the daemon
//! in this process or as the real binary. People act in words (`anna.subscribes()`, `anna.presses("…")`) and wait only
//! through the built-in Telegram; what the shop remembers is read from its database.

use std::fs::File;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use builtin_telegram::{BuiltinTelegram, ChatMemberStatus, Person, Receipt};
use dvorik::actor::Actor;
use dvorik::bot::{Desk, intake};
use dvorik::clock::Clock;
use dvorik::config::{Config, Environment};
use dvorik::daemon::{self, Options, ServeError};
use dvorik::db::Database;
use dvorik::inbox::{self, InboxId};
use dvorik::language::Language;
use dvorik::realm::BotName;
use dvorik::settings;
use dvorik::telegram::gate::Limits;
use dvorik::telegram::update::{self, Update};
use dvorik::texts as texts_of_program;
use rustix::process::{Pid, Signal};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, block_in_place};

/// A loopback address with a free port. For a server that must know its port before it starts, and for a client whose
/// connection must be refused. The port is below 32768: from there on the system gives ports to connections and to servers
/// that bind port 0, so a concurrent test could get the same port. No two calls return the same address.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    // Two processes of tests begin at different ports.
    let first = u64::from(std::process::id() % 100) * 100;
    std::iter::repeat_with(|| u16::try_from(20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000).unwrap())
        .map(|port| SocketAddr::from(([127, 0, 0, 1], port)))
        .find(|address| std::net::TcpListener::bind(address).is_ok())
        .unwrap()
}

/// The customers' bot.
pub const SHOP: &str = "dvorik_shop_bot";
/// The cashiers' and owner's bot.
pub const STAFF: &str = "dvorik_staff_bot";
/// The test pair.
pub const SHOP_TEST: &str = "dvorik_shop_test_bot";
pub const STAFF_TEST: &str = "dvorik_staff_test_bot";
pub const CHANNEL: &str = "@dvorik_channel";
pub const OWNER: i64 = 900;
/// Longer than anything here takes; a test that fails waits this long once.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The shortest and the longest pause between two looks of [`becomes_true`].
const GLANCE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(200));

/// Telegram answers, so this is how long a stop may take.
const DRAIN: Duration = Duration::from_secs(10);

/// The database of a new shop in each language, which the tests of this process copy: migrating costs more than many of them.
static NEW_SHOP: [OnceLock<Vec<u8>>; 2] = [OnceLock::new(), OnceLock::new()];

/// Looks again and again until `is_so` answers true; false when it has not within `patience`.
///
/// For what no event announces: a row, a file, an answer. The built-in Telegram wakes whoever waits for a call. A look
/// follows the last one after a sixteenth of the whole wait so far: soon at first, and cheaply in a long wait.
pub async fn becomes_true(patience: Duration, mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let began = Instant::now();
    let looking = async {
        while !is_so().await {
            // No event says when to look; see above.
            tokio::time::sleep((began.elapsed() / 16).clamp(GLANCE.0, GLANCE.1)).await;
        }
    };
    tokio::time::timeout(patience, looking).await.is_ok()
}

/// Kills a process that has not ended `MOST` after this was made, unless this is dropped before: a test whose process
/// waits for ever fails by it, and the suite does not hang.
pub struct Deadline {
    _ended: std::sync::mpsc::Sender<()>,
}

impl Deadline {
    const MOST: Duration = Duration::from_secs(180);

    pub fn of(process: &std::process::Child) -> Self {
        let (ended, is_ended) = std::sync::mpsc::channel();
        let pid = Pid::from_child(process);
        std::thread::spawn(move || {
            if is_ended.recv_timeout(Self::MOST) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                let _gone_already = rustix::process::kill_process(pid, Signal::KILL);
            }
        });
        Self { _ended: ended }
    }
}

/// Runs a command to its end; one that does not end is killed, and its output says so.
///
/// # Panics
/// It did not end by itself.
pub fn ends_in_time(command: &mut std::process::Command) -> std::process::Output {
    let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _deadline = Deadline::of(&process);
    let output = process.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some(), "{command:?} did not end by itself: {}, {said}", output.status);
    output
}

/// An HTTP client for `http://` addresses: it does not read the system's certificates, which takes longer than the rest of
/// many tests.
pub fn plain_http() -> reqwest::Client {
    reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap()
}

/// The command gets none of this machine's variables, but for what the loader and a faked clock read (`.ci/at`).
pub fn forgets_machine(command: &mut std::process::Command) {
    command.env_clear().envs(Environment::of_the_loader());
}

/// A shop, its Telegram and its daemon.
pub struct World {
    pub tg: BuiltinTelegram,
    /// The language of the bots.
    pub language: Language,
    dir: TempDir,
    config: Config,
    daemon: Option<Here>,
    /// Beside the daemon of this process, for [`World::texts`]: opening a database anew takes longer than most questions.
    beside: Mutex<Option<Database>>,
    process: Option<Child>,
    next_id: AtomicI64,
}

/// What one run of the binary left behind.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }

    /// Under `--json`.
    pub fn error(&self) -> Value {
        let error: Value = serde_json::from_str(&self.err).unwrap_or_else(|error| panic!("{error}: {}", self.err));
        error["error"].clone()
    }
}

/// The daemon inside this process.
struct Here {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ServeError>>,
}

impl World {
    /// A shop with a channel and a serving daemon.
    pub async fn open() -> Self {
        let mut world = Self::closed().await;
        world.serves().await;
        world
    }

    /// The same with bots that speak this language.
    pub async fn open_in(language: Language) -> Self {
        let mut world = Self::closed_in(language).await;
        world.serves().await;
        world
    }

    /// The same before the daemon has started.
    pub async fn closed() -> Self {
        Self::closed_in(Language::Ru).await
    }

    pub async fn closed_in(language: Language) -> Self {
        let world = Self::bare_in(language).await;
        let [russian, english] = &NEW_SHOP;
        let new = if language == Language::Ru { russian } else { english };
        let shop = block_in_place(|| new.get_or_init(|| world.makes_shop()));
        keep_private(&world.config.database.path, shop);
        world
    }

    /// Makes the database of a new shop that knows its channel; the whole file.
    fn makes_shop(&self) -> Vec<u8> {
        daemon::migrate(&self.config, Clock::System).unwrap();
        self.sets(&settings::TELEGRAM_CHANNEL_ID, CHANNEL);
        let path = &self.config.database.path;
        assert!(!path.with_extension("db-wal").exists(), "the shop is not in one file");
        std::fs::read(path).unwrap()
    }

    /// A config and a Telegram; the database is not made yet.
    pub async fn bare() -> Self {
        Self::bare_in(Language::Ru).await
    }

    async fn bare_in(language: Language) -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let tg = BuiltinTelegram::start(any, || Clock::System.now_ms().0).await.unwrap();
        tg.add_bot("1000001:builtin-customer-token", SHOP);
        tg.add_bot("1000002:builtin-staff-token", STAFF);
        tg.add_channel(-1_001_000_000_001, Some(CHANNEL), "Дворик");
        tg.set_bot_is_channel_admin(CHANNEL, SHOP, true);
        let olga = if language == Language::Ru { "Ольга" } else { "Olga" };
        tg.add_person(Person { id: OWNER, first_name: olga.into(), ..Person::default() });
        tg.has_started(STAFF, OWNER);
        let dir = tempfile::tempdir().unwrap();
        let config = write_config(dir.path(), &tg.base_url(), language, "");
        Self {
            tg,
            language,
            dir,
            config,
            daemon: None,
            beside: Mutex::default(),
            process: None,
            next_id: AtomicI64::new(1001),
        }
    }

    /// From the next start on, Telegram pushes updates: also to the test pair of bots. The secrets are `<bot>-secret`.
    pub fn takes_webhooks(&mut self) {
        self.tg.add_bot("1000003:builtin-customer-test-token", SHOP_TEST);
        self.tg.add_bot("1000004:builtin-staff-test-token", STAFF_TEST);
        // The port must be known before the daemon has bound it: Telegram is told of it.
        let free = free_address();
        let more = r#"[bots.customer_test]
token = "1000003:builtin-customer-test-token"
webhook_secret = "customer_test-secret"
[bots.staff_test]
token = "1000004:builtin-staff-test-token"
webhook_secret = "staff_test-secret"
"#;
        write_config(self.dir.path(), &self.tg.base_url(), self.language, more);
        self.reconfigures(&[
            (
                "mode = \"polling\"\nwebhook_base = \"\"",
                &format!("mode = \"webhook\"\nwebhook_base = \"http://{free}\""),
            ),
            ("listen = \"127.0.0.1:0\"", &format!("listen = \"{free}\"")),
            ("customer-token\"\n", "customer-token\"\nwebhook_secret = \"customer-secret\"\n"),
            ("staff-token\"\n", "staff-token\"\nwebhook_secret = \"staff-secret\"\n"),
        ]);
    }

    /// Changes the config's text; it counts from the next start on.
    pub fn reconfigures(&mut self, changes: &[(&str, &str)]) {
        let path = self.dir.path().join("config.toml");
        let mut text = std::fs::read_to_string(&path).unwrap();
        for (old, new) in changes {
            assert!(text.contains(old), "{old} is not in {text}");
            text = text.replace(old, new);
        }
        self.config = keep_config(self.dir.path(), &text);
    }

    /// Starts the daemon in this process, without its scheduler: whether a job is due by now depends on the hour.
    pub async fn serves(&mut self) {
        self.serves_with(Options { migrate: true, no_scheduler: true, ..Options::default() }).await;
    }

    /// The same with the scheduler.
    pub async fn serves_by_schedule(&mut self) {
        self.serves_with(Options { migrate: true, ..Options::default() }).await;
    }

    async fn serves_with(&mut self, options: Options) {
        let (stop, told) = oneshot::channel();
        let (ready, is_ready) = oneshot::channel();
        let config = self.config.clone();
        #[expect(clippy::disallowed_methods, reason = "the daemon under test; `stops` awaits its end")]
        let task = tokio::spawn(async move {
            let told = async { drop(told.await) };
            daemon::serve_until(&config, options, |at| ready.send(at).unwrap(), told).await
        });
        let Ok(address) = is_ready.await else { panic!("the daemon does not start: {:?}", task.await) };
        self.daemon = Some(Here { address, stop, task });
    }

    /// The running daemon's HTTP door: `http://127.0.0.1:PORT`.
    pub fn http(&self) -> String {
        format!("http://{}", self.daemon.as_ref().expect("a running daemon").address)
    }

    /// Stops the daemon as SIGTERM does.
    pub async fn stops(&mut self) {
        drop(self.beside.lock().unwrap().take());
        let Here { stop, task, .. } = self.daemon.take().expect("a running daemon");
        stop.send(()).expect("the daemon has ended by itself");
        tokio::time::timeout(PATIENCE, task).await.expect("a stop within patience").unwrap().unwrap();
    }

    /// Runs one command of the real binary with this shop's config.
    pub fn ran(&self, args: &[&str]) -> Ran {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_dvorik"));
        command.arg("-c").arg(self.file("config.toml")).args(args).current_dir(self.dir.path());
        forgets_machine(&mut command);
        let output = block_in_place(|| ends_in_time(command.stdin(Stdio::null())));
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// A file of the shop's directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Starts the real binary; does not wait until it is ready. Its log is appended to a file.
    pub fn runs(&mut self) {
        let log = File::options().create(true).append(true).open(self.log_path()).unwrap();
        self.process = Some(self.command().stderr(log).spawn().unwrap());
    }

    /// `dvorik serve` for this shop, with no word of this machine in its environment.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dvorik"));
        command.arg("serve").arg("--migrate").arg("-c").arg(self.dir.path().join("config.toml"));
        forgets_machine(command.as_std_mut());
        command.env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Waits until the real binary has logged these words.
    pub async fn waits_for_log(&self, words: &str) {
        self.waits_for_log_times(words, 1).await;
    }

    /// Waits until the real binary, over all its lives, has logged these words so often.
    pub async fn waits_for_log_times(&self, words: &str, times: usize) {
        let is_logged = becomes_true(PATIENCE, async || self.log().matches(words).count() >= times).await;
        assert!(is_logged, "«{words}» was not logged {times} times:\n{}", self.log());
    }

    /// Waits until the real binary has ended by itself; its exit code.
    pub async fn has_ended(&mut self) -> Option<i32> {
        let mut process = self.process.take().expect("a running process");
        tokio::time::timeout(PATIENCE, process.wait()).await.expect("an end within patience").unwrap().code()
    }

    /// Waits until no update waits to be handled.
    pub async fn handles_everything(self) -> Self {
        self.waits_for_count("SELECT count(*) FROM updates WHERE state = 'queued'", 0).await;
        self
    }

    /// Waits until the query counts so many.
    pub async fn waits_for_count(&self, sql: &str, wanted: i64) {
        let db = self.db();
        let is_so = becomes_true(4 * PATIENCE, async || count(&db, sql) == wanted).await;
        assert!(is_so, "{sql}: {} and not {wanted}", count(&db, sql));
    }

    /// Another process holds the database's write lock until this is dropped.
    #[expect(clippy::disallowed_methods, reason = "a stranger's connection, without the pragmas of the product")]
    pub fn locks_database(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(&self.config.database.path).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        connection
    }

    /// Another process reads the database as it is now until this is dropped.
    #[expect(clippy::disallowed_methods, reason = "a stranger's connection, without the pragmas of the product")]
    pub fn locks_database_for_reading(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(&self.config.database.path).unwrap();
        connection.execute_batch("BEGIN; SELECT count(*) FROM users").unwrap();
        connection
    }

    /// kill -9, and waits until the process is gone.
    pub async fn is_killed(&mut self) {
        let mut process = self.process.take().expect("a running process");
        if let Some(status) = process.try_wait().unwrap() {
            panic!("the daemon has ended by itself: {status}\n{}", self.log());
        }
        process.kill().await.unwrap();
    }

    /// SIGTERM, and the exit code.
    pub async fn terminates(&mut self) -> Option<i32> {
        let mut process = self.process.take().expect("a running process");
        let id = i32::try_from(process.id().expect("it runs")).unwrap();
        rustix::process::kill_process(Pid::from_raw(id).unwrap(), Signal::TERM).unwrap();
        let ended = tokio::time::timeout(DRAIN, process.wait()).await;
        ended.unwrap_or_else(|_| panic!("no end within {DRAIN:?} of SIGTERM\n{}", self.log())).unwrap().code()
    }

    /// What the binary has written so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.dir.path().join("serve.log")
    }

    /// The end of every story: the daemon stops cleanly, no update failed even once, and the bots did nothing no
    /// honest client does.
    pub async fn ends(mut self) -> Self {
        for bot in [SHOP, STAFF] {
            assert!(self.tg.wait_acknowledged(bot, PATIENCE).await, "{bot} has left updates lying");
        }
        self.stops().await;
        assert_eq!(self.tg.violations(), Vec::<String>::new());
        let troubled = "SELECT error FROM updates WHERE attempts > 0 OR state = 'parked'";
        assert_eq!(self.texts(troubled), Vec::<String>::new(), "updates that failed");
        self
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The shop's database, opened as a command would.
    pub fn db(&self) -> Database {
        block_in_place(|| daemon::open(&self.config, Clock::System)).unwrap()
    }

    /// A bot at work without its queues, for updates that are to be handled one by one.
    pub fn desk(&self, name: BotName) -> Desk {
        let bots = self.config.bots.each();
        let (_, bot) = bots.into_iter().find(|(word, _)| *word == name.as_str()).unwrap();
        let bot = daemon::make_bot(&self.config, name, bot.token.as_ref().unwrap(), &Clock::System).unwrap();
        bot.set_limits(Limits { per_second: 1000, ..Limits::default() });
        Desk { name, bot, db: self.db(), erasure_key: None }
    }

    /// The first column of a query as texts.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        texts(&self.beside(), sql)
    }

    /// The single number a query gives.
    pub fn count(&self, sql: &str) -> i64 {
        count(&self.beside(), sql)
    }

    /// The shop's database; the same while a daemon of this process serves.
    fn beside(&self) -> Database {
        if self.daemon.is_none() {
            return self.db();
        }
        self.beside.lock().unwrap().get_or_insert_with(|| self.db()).clone()
    }

    /// Runs one writing statement behind the daemon's back, as another process would.
    pub fn change(&self, sql: &'static str) {
        self.changes(sql.to_owned());
    }

    /// The same with a statement made for the occasion.
    pub fn changes(&self, sql: String) {
        block_in_place(|| self.db().write(move |tx| tx.change(&sql, []))).unwrap();
    }

    /// For what waits after a doubtful try, so many milliseconds more have passed, as if another process had set the
    /// machine's clock for it alone.
    pub fn lets_pass(&self, ms: i64) {
        self.changes(format!(
            "UPDATE outbox SET not_before_ms = not_before_ms - {ms}, doubted_ms = doubted_ms - {ms}
            WHERE state IN ('queued', 'sending') AND doubts > 0"
        ));
    }

    pub fn sets(&self, setting: &'static settings::Setting, value: &str) {
        let value = value.to_owned();
        let by = Actor::Cli("test".into());
        block_in_place(|| self.db().write(move |tx| settings::set(tx, setting, &value, &by))).unwrap();
    }

    /// Somebody who has not met any bot yet.
    pub fn customer(&self, first_name: &str) -> Someone {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.someone(SHOP, Person { id, first_name: first_name.into(), ..Person::default() })
    }

    pub fn someone(&self, bot: &'static str, person: Person) -> Someone {
        let id = person.id;
        self.tg.add_person(person);
        Someone { tg: self.tg.clone(), bot, id, seen: AtomicU64::new(0) }
    }

    /// As many newcomers as wanted, also for tasks that outlive a borrow of the world.
    pub fn people(&self) -> impl Fn() -> Someone + Send + 'static + use<> {
        let (tg, first) = (self.tg.clone(), self.next_id.fetch_add(1_000_000, Ordering::Relaxed));
        let next = AtomicI64::new(first);
        move || {
            let id = next.fetch_add(1, Ordering::Relaxed);
            tg.add_person(Person { id, first_name: format!("Клиент {id}"), ..Person::default() });
            Someone { tg: tg.clone(), bot: SHOP, id, seen: AtomicU64::new(0) }
        }
    }

    /// A person at the staff bot's door.
    pub fn stranger(&self, first_name: &str) -> Someone {
        Someone { bot: STAFF, ..self.customer(first_name) }
    }

    /// The owner, who has opened the staff bot before.
    pub fn owner(&self) -> Someone {
        Someone { tg: self.tg.clone(), bot: STAFF, id: OWNER, seen: AtomicU64::new(0) }
    }

    /// A cashier who has asked and been approved by the owner.
    pub async fn cashier(&self, first_name: &str) -> Someone {
        let cashier = self.stranger(first_name);
        cashier.says("/start");
        cashier.hears(&self.words("staff_request_sent")).await;
        self.owner().decides(first_name, self.caption("button.approve_cashier")).await;
        cashier.hears(&self.words("cashier_approved")).await;
        cashier
    }

    /// A customer with a subscription gift in hand, and its code.
    pub async fn customer_with_code(&self, first_name: &str) -> (Someone, String) {
        let customer = self.customer(first_name);
        customer.opens(None);
        customer.hears(&self.words("welcome")).await;
        customer.subscribes();
        customer.presses(self.caption("button.check_subscription"));
        let gift = customer.hears(&self.words("subscription_success")).await;
        let code = code_in(&gift);
        (customer, code)
    }

    /// A button's caption as the program ships it in the language of these bots.
    pub fn caption(&self, key: &str) -> &'static str {
        texts_of_program::seeds(self.language)
            .get(key)
            .map(|seed| seed.body.as_str())
            .unwrap_or_else(|| panic!("{key}"))
    }

    /// The longest piece of a shipped text in which nothing is filled in and nothing may be left out.
    pub fn words(&self, key: &str) -> String {
        let mut rest = String::new();
        let mut left = self.caption(key);
        while let Some((before, part)) = left.split_once("{{#") {
            rest = format!("{rest}{before}<>");
            left = part.split_once("{{/").and_then(|(_, after)| after.split_once("}}")).map_or("", |(_, after)| after);
        }
        let rest = format!("{rest}{left}").replace("{{", "<").replace("}}", ">");
        let pieces = rest.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, words)| words));
        pieces.flat_map(str::lines).map(str::trim).max_by_key(|piece| piece.len()).unwrap_or_default().to_owned()
    }
}

/// A person in front of one bot. `seen` is where in Telegram's ledger their attention begins: at their last act, then
/// after each message they heard.
pub struct Someone {
    pub tg: BuiltinTelegram,
    pub bot: &'static str,
    pub id: i64,
    pub seen: AtomicU64,
}

impl Someone {
    /// Acts in a way of their own: what they hear counts from now.
    pub fn says_nothing(&self) {
        self.looks_up();
    }

    fn looks_up(&self) {
        self.seen.store(self.tg.receipt_count(), Ordering::Relaxed);
    }

    pub fn says(&self, text: &str) {
        self.looks_up();
        self.tg.says(self.bot, self.id, text);
    }

    /// Opens the bot's link and presses START.
    pub fn opens(&self, payload: Option<&str>) {
        self.looks_up();
        self.tg.opens_link(self.bot, self.id, payload);
    }

    /// Presses the newest button with this caption.
    pub fn presses(&self, caption: &str) {
        self.looks_up();
        self.tg.presses_button(self.bot, self.id, caption).unwrap();
    }

    /// Presses a button under a certain message.
    pub fn presses_under(&self, message: &Receipt, caption: &str) {
        let data = buttons(message).into_iter().find(|(text, _)| text.contains(caption));
        let (_, data) = data.unwrap_or_else(|| panic!("no button {caption} in {:?}", message.params));
        self.presses_data(message.message_id.unwrap(), &data);
    }

    /// Presses a button that may not exist.
    pub fn presses_data(&self, message_id: i64, data: &str) {
        self.looks_up();
        self.tg.presses(self.bot, self.id, message_id, data);
    }

    pub fn subscribes(&self) {
        self.tg.set_member(CHANNEL, self.id, ChatMemberStatus::Member);
    }

    /// As an owner: presses the button of the request that names somebody.
    pub async fn decides(&self, name: &str, caption: &str) {
        let notice = self.hears_ever(name).await;
        self.presses_under(&notice, caption);
    }

    /// As [`Someone::hears`], but gives up after `patience`.
    pub async fn may_hear(&self, words: &str, patience: Duration) -> Option<Arc<Receipt>> {
        let from = self.seen.load(Ordering::Relaxed);
        let heard = self.tg.wait_receipt(|receipt| receipt.seq >= from && self.reads(receipt, words), patience).await?;
        self.seen.store(heard.seq + 1, Ordering::Relaxed);
        Some(heard)
    }

    /// Whether this call shows these words to them.
    pub fn reads(&self, receipt: &Receipt, words: &str) -> bool {
        is_shown_to(receipt, self) && plain(receipt).is_some_and(|text| text.contains(words))
    }

    /// The next message or edit since their last act that contains these words (as the bot wrote them, markup and
    /// all).
    pub async fn hears(&self, words: &str) -> Arc<Receipt> {
        let heard = self.hears_from(self.seen.load(Ordering::Relaxed), words).await;
        self.seen.store(heard.seq + 1, Ordering::Relaxed);
        heard
    }

    /// The first such message there ever was.
    pub async fn hears_ever(&self, words: &str) -> Arc<Receipt> {
        self.hears_from(0, words).await
    }

    async fn hears_from(&self, from: u64, words: &str) -> Arc<Receipt> {
        let wanted = |receipt: &Receipt| receipt.seq >= from && self.reads(receipt, words);
        let heard = self.tg.wait_receipt(wanted, PATIENCE).await;
        heard.unwrap_or_else(|| panic!("{} never heard «{words}» but {:#?}", self.id, self.heard_since(from)))
    }

    /// What they were shown from this call on, oldest first.
    pub fn heard_since(&self, from: u64) -> Vec<String> {
        let receipts = self.tg.receipts_since(from);
        let shown = receipts.iter().filter(|receipt| is_shown_to(receipt, self));
        shown.filter_map(|receipt| plain(receipt)).collect()
    }

    /// The answer to a press, as the little line or alert over the chat; empty when it only stops the clock.
    pub async fn is_told(&self, words: &str) -> Arc<Receipt> {
        let from = self.seen.load(Ordering::Relaxed);
        let wanted = |receipt: &Receipt| {
            receipt.seq >= from
                && receipt.method == "answerCallbackQuery"
                && receipt.text().unwrap_or_default().contains(words)
        };
        self.tg.wait_receipt(wanted, PATIENCE).await.unwrap_or_else(|| panic!("{} was never told «{words}»", self.id))
    }
}

/// Stores and handles one update as the daemon does, without its queues between.
pub async fn handle(desk: &Desk, raw: Value) {
    let (name, stored, id) = (desk.name, raw.clone(), update::update_id(&raw));
    desk.db.write_async(move |tx| inbox::store(tx, name, &[stored])).await.unwrap();
    let Some(queued) = find_queued(desk, id) else { return };
    let update = Update::from_value(&raw);
    let handled = intake::handle_one(desk, queued, &update).await;
    handled.unwrap_or_else(|error| panic!("{error}: {raw}"));
}

fn find_queued(desk: &Desk, update_id: Option<i64>) -> Option<InboxId> {
    let sql = "SELECT id FROM updates WHERE bot = :bot AND update_id = :id AND state = 'queued'";
    let params = rusqlite::named_params! { ":bot": desk.name, ":id": update_id };
    desk.db.read(|view| view.find(sql, params, |row| row.get(0))).unwrap_or_else(|e: dvorik::db::Failure| panic!("{e}"))
}

fn is_shown_to(receipt: &Receipt, someone: &Someone) -> bool {
    let shows = receipt.is_message() || receipt.method.starts_with("editMessage");
    receipt.delivered && shows && receipt.chat_id == Some(someone.id) && &*receipt.bot == someone.bot
}

/// What a call says: names as people wrote them, and plain spaces between a number and its unit.
fn plain(receipt: &Receipt) -> Option<String> {
    let text = receipt.text()?.replace('\u{a0}', " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    Some(text.replace("&amp;", "&"))
}

/// Captions and data of the inline buttons a message carries.
pub fn buttons(message: &Receipt) -> Vec<(String, String)> {
    let rows = message.params.pointer("/reply_markup/inline_keyboard").and_then(|rows| rows.as_array());
    let all = rows.into_iter().flatten().filter_map(|row| row.as_array()).flatten();
    let text = |button: &Value, name: &str| button.get(name).and_then(|v| v.as_str()).map(str::to_owned);
    all.map(|button| (text(button, "text").unwrap(), text(button, "callback_data").unwrap_or_default())).collect()
}

/// The code a message shows.
pub fn code_in(message: &Receipt) -> String {
    let text = message.text().unwrap();
    let code = text.split_once("<code>").and_then(|(_, rest)| rest.split_once("</code>"));
    code.unwrap_or_else(|| panic!("no code in {text}")).0.to_owned()
}

/// A number from the environment, by which `.ci/soak` asks for more than `cargo test` does.
#[expect(clippy::disallowed_methods, reason = "how hard a test tries is no configuration of the shop")]
pub fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

pub fn texts(db: &Database, sql: &str) -> Vec<String> {
    db.read(|view| view.list(sql, [], |row| row.get(0))).unwrap_or_else(|e: dvorik::db::Failure| panic!("{sql}: {e}"))
}

pub fn count(db: &Database, sql: &str) -> i64 {
    db.read(|view| view.get(sql, [], |row| row.get(0))).unwrap_or_else(|e: dvorik::db::Failure| panic!("{sql}: {e}"))
}

fn write_config(dir: &Path, api_base: &str, language: Language, more: &str) -> Config {
    let (lang, shop_name) = (language.code(), language.text("shop.default_name", &[]));
    let text = format!(
        r#"lang = "{lang}"
timezone = "Asia/Vladivostok"
shop_name = "{shop_name}"
owner_telegram_id = {OWNER}
[http]
listen = "127.0.0.1:0"
[telegram]
api_base = "{api_base}"
mode = "polling"
webhook_base = ""
[bots.customer]
token = "1000001:builtin-customer-token"
[bots.staff]
token = "1000002:builtin-staff-token"
{more}"#
    );
    keep_config(dir, &text)
}

/// Writes a file that only its owner can read, as the product keeps its own.
fn keep_private(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn keep_config(dir: &Path, text: &str) -> Config {
    let path = dir.join("config.toml");
    keep_private(&path, text.as_bytes());
    let nothing: [(&str, &str); 0] = [];
    let environment = Environment::from_pairs(nothing).in_directory(dir);
    Config::load(Some(&path), &environment).unwrap_or_else(|errors| panic!("{errors:?}"))
}

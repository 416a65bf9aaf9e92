//! The built-in Telegram: a Bot API server inside the product, real HTTP on a real port, used by tests, benches and the
//! demo. It checks what bots send (lengths, HTML, buttons, file ids, unknown parameters), records every call, breaks
//! answers on demand, and lets people write, press buttons and block bots. It knows nothing of the shop and shares no
//! parsing code with the client that it checks. Callers use it through a [`BuiltinTelegram`].
//!
//! A file imports only files of its own line and of the lines above it:
//!
//! - `method`, `faults`, `refusal`, `call_log`, `limits`: faults, refusals, the records of calls, rate limits;
//! - `params`, `link`, `html`, `plain`, `message`, `markup`: a call's parameters, and the checks of its content;
//! - `person`, `member`, `queue`, `shared_state`, `bot`: the state that all bots share, and the state of one bot;
//! - `call_context`, `send`, `edit`, `chats`, `files`, `setup`, `catalogue`: a call under execution, and the methods;
//! - `state`: the whole state, and its lock;
//! - `wire`, `webhook`, `server`: HTTP; `people`, `view`, `receipts`, `network`: the methods of [`BuiltinTelegram`].

mod bot;
mod catalogue;
mod chats;
mod edit;
mod faults;
mod files;
mod html;
mod call_log;
mod limits;
mod link;
mod markup;
mod member;
mod message;
mod method;
mod network;
mod params;
mod people;
mod person;
mod plain;
mod queue;
mod receipts;
mod refusal;
mod call_context;
mod send;
mod server;
mod setup;
mod shared_state;
mod view;
mod webhook;
mod wire;
mod state;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use call_log::{Answer, Keep, Receipt};
pub use faults::{Fault, FaultRule};
pub use limits::Limits;
pub use member::ChatMemberStatus;
pub use person::Person;
pub use view::{ShownButton, ShownMessage};

use state::Server;

/// How long `stop` waits for connections to end by themselves.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// A running Bot API server. Clones are handles to the same server, which stops when the last handle is dropped.
/// Methods take a bot's username without `@`, in any letter case. With the name of an unknown bot a method does
/// nothing, and the name is noted in [`BuiltinTelegram::violations`].
#[derive(Clone)]
pub struct BuiltinTelegram {
    inner: Arc<ServerState>,
}

struct ServerState {
    server: Arc<Server>,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for ServerState {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl BuiltinTelegram {
    /// Binds `address` (port 0 = any free port) and starts serving. Dates in messages and recorded calls come from
    /// `now_ms`, which returns milliseconds since the Unix epoch. Waits (long polls, latency) always take real time.
    ///
    /// # Errors
    /// The system's error when the address cannot be bound.
    pub async fn start(address: SocketAddr, now_ms: impl Fn() -> i64 + Send + 'static) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let server = Arc::new(Server::new(Box::new(now_ms), stopped));
        #[expect(clippy::disallowed_methods, reason = "the server's one task; its end is awaited in stop")]
        let task = tokio::spawn(server::run(Arc::clone(&server), listener));
        Ok(Self { inner: Arc::new(ServerState { server, address, stop, task: Mutex::new(Some(task)) }) })
    }

    /// `http://127.0.0.1:PORT`, without a trailing slash: the value for `telegram.api_base`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.inner.address)
    }

    /// Stops accepting, ends waiting polls and returns when the port is free. Calling it again does nothing.
    pub async fn stop(&self) {
        self.inner.stop.send_replace(true);
        let task = self.inner.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut task) = task
            && tokio::time::timeout(STOP_PATIENCE, &mut task).await.is_err()
        {
            task.abort();
        }
    }

    /// Registers a bot and returns its id, the number before the colon of `token` (0 when there is no number). Adding
    /// the same token again renames the bot and changes nothing else.
    pub fn add_bot(&self, token: &str, username: &str) -> i64 {
        self.state().add_bot(token, username)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, state::TelegramState> {
        self.inner.server.state()
    }

    fn server(&self) -> &Server {
        &self.inner.server
    }
}

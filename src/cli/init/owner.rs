//! How `init` finds the shop's owner: prints an invitation's link and, at a terminal, runs the staff bot until the
//! owner has opened the link.

use std::time::Duration;

use super::Met;
use crate::cli::output::Format;
use crate::cli::refuse::Wrong;
use crate::cli::session::Session;
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon::{self, ServeError};
use crate::qr;
use crate::realm::BotName;
use crate::staff::{self, Admin, Role};

/// How long `init` waits for the owner.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// What `init` knows of the owner at its end.
#[derive(Default)]
pub(super) struct Ownership {
    pub is_known: bool,
    /// The link of an invitation that is still open.
    pub link: Option<String>,
}

/// Makes an invitation for the owner, unless the shop has an owner or the staff bot's username is not known. With
/// `link_only` the link is only returned; at a terminal it is shown and `init` waits for the owner.
pub(super) fn find(session: &mut Session<'_>, config: &Config, met: &Met, link_only: bool) -> Result<Ownership, Wrong> {
    let database = daemon::open(config, Clock::System)?;
    if !database.read(staff::owners)?.is_empty() {
        return Ok(Ownership { is_known: true, link: None });
    }
    let Some(username) = username(met).filter(|_| link_only || session.can_ask()) else {
        return Ok(Ownership::default());
    };
    let by = session.owner();
    let link = database.write(move |tx| staff::invite(tx, Role::Owner, &by))?.link(username);
    drop(database);
    if link_only {
        return Ok(Ownership { is_known: false, link: Some(link) });
    }
    show(session, &link);
    match wait(session, config)? {
        Some(owner) => {
            let username = owner.username.map(|name| format!(" (@{name})")).unwrap_or_default();
            let said = session.text("init.owner_found", &[("name", &owner.name), ("username", &username)]);
            session.out.note(&said);
            Ok(Ownership { is_known: true, link: None })
        }
        None => Ok(Ownership::default()),
    }
}

fn username(met: &Met) -> Option<&str> {
    met.iter().find(|(name, _)| *name == BotName::Staff).and_then(|(_, username)| username.as_deref())
}

fn show(session: &mut Session<'_>, link: &str) {
    if session.out.format() == Format::Human {
        let blocks = qr::blocks(link).unwrap_or_default();
        session.out.raw(blocks.as_bytes());
    }
    let said = session.text("init.owner_link", &[("link", &link)]);
    session.out.prompt(&format!("{said}\n"));
}

/// Runs the staff bot until the owner is there. `None`: the person at the terminal pressed Enter, ten minutes passed, or
/// the bot could not run now.
fn wait(session: &mut Session<'_>, config: &Config) -> Result<Option<Admin>, Wrong> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(ServeError::System)?;
    let answers = &mut session.answers;
    Ok(runtime.block_on(daemon::wait_for_owner(config, PATIENCE, || answers.is_entered()))?)
}

//! The bots of the shop that have a token, as the routes ask for them.

use std::slice::Iter;
use std::sync::Arc;

use super::http::problem::Problem;
use crate::catalogue::Code;
use crate::realm::BotName;
use crate::telegram::client::Bot;

/// The bots that have a token. Clones share them.
#[derive(Clone)]
pub(super) struct Bots(Arc<[(BotName, Bot)]>);

impl Bots {
    pub(super) fn new(bots: Vec<(BotName, Bot)>) -> Self {
        Self(bots.into())
    }

    /// The bots with their names.
    pub(super) fn iter(&self) -> Iter<'_, (BotName, Bot)> {
        self.0.iter()
    }

    /// Whether the shop has this bot.
    pub(super) fn has(&self, bot: BotName) -> bool {
        self.iter().any(|(name, _)| *name == bot)
    }

    /// Why there is no link to this bot: the shop does not have it, or its username is not known yet.
    pub(super) fn nameless(&self, bot: BotName) -> Problem {
        if self.has(bot) {
            return Problem::saying(Code::ServiceUnavailable, format!("The name of {bot} is not known yet.")).after(1);
        }
        Problem::saying(Code::NotFound, format!("The shop has no bot {bot}."))
    }
}

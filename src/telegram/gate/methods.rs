//! Methods that neither send nor edit a message. Telegram limits each such method separately, so a 429 to one of them
//! closes only that method, and other calls do not wait. Used by `gate`.

use crate::clock::Millis;

macro_rules! methods {
    ($($variant:ident $name:literal $doc:literal)+) => {
        /// A Bot API method that neither sends nor edits a message.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Method {
            $(#[doc = $doc] $variant),+
        }

        impl Method {
            /// Every method, in the order in which [`ClosedMethods`] stores them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The method's name in the Bot API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

methods! {
    GetMe "getMe" "Who the bot is."
    DeleteWebhook "deleteWebhook" "Push updates nowhere."
    SetWebhook "setWebhook" "Push updates to an address."
    GetWebhookInfo "getWebhookInfo" "Where updates are pushed to."
    SetMyCommands "setMyCommands" "A menu of commands."
    GetChat "getChat" "A chat's name and link."
    GetChatMember "getChatMember" "A person's place in a chat."
    AnswerCallbackQuery "answerCallbackQuery" "The answer to a pressed button."
    DeleteMessage "deleteMessage" "A message is taken back."
}

impl Method {
    /// The method of this name, exactly as [`Method::as_str`] gives it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|method| method.as_str() == name)
    }
}

/// Until when each method is closed, in milliseconds since the epoch; 0: the method was never closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClosedMethods([i64; Method::ALL.len()]);

impl ClosedMethods {
    /// Until when this method is closed; a past time: it may be called.
    #[must_use]
    pub fn until(&self, method: Method) -> Millis {
        Millis(self.0.get(method as usize).copied().unwrap_or_default())
    }

    /// Closes a method until `until`, or longer if it is closed for longer already.
    pub fn close(&mut self, method: Method, until: Millis) {
        if let Some(known) = self.0.get_mut(method as usize) {
            *known = (*known).max(until.0);
        }
    }

    /// The methods that have been closed, each with the end of its closure.
    pub fn each(&self) -> impl Iterator<Item = (Method, Millis)> {
        Method::ALL.iter().map(|method| (*method, self.until(*method))).filter(|(_, until)| until.0 > 0)
    }

    /// Moves all times by `ms`, because the clock was set back.
    pub(super) fn shift(&mut self, ms: i64) {
        for until in self.0.iter_mut().filter(|until| **until > 0) {
            *until = until.saturating_add(ms);
        }
    }
}

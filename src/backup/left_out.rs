//! What no backup holds: secrets, the content of settled letters, exports.

use crate::db::backup::Scrub;
use crate::{access, export, outbox, shop, staff};

/// What is removed from every backup: secrets, the content of settled letters, exports.
pub(super) const SCRUBS: [Scrub; 7] = [
    access::LOGIN_TOKENS_LEFT_OUT,
    staff::INVITATIONS_LEFT_OUT,
    staff::MISSES_LEFT_OUT,
    access::TOKENS_LEFT_OUT,
    outbox::LETTERS_LEFT_OUT,
    shop::KEY_LEFT_OUT,
    export::EXPORTS_LEFT_OUT,
];

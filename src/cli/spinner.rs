//! A spinner for long work on a large file whose progress is not known: what is done, and for how long.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::session::Session;
use crate::db::examine::MOST_READ_UNASKED;

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// A spinner; dropping it clears its line.
pub(super) struct Spinner(ProgressBar);

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Shows the text `key`, which names the file's size, while a file of `bytes` is worked on. `None` for a small file, and
/// where nothing may be drawn.
pub(super) fn spinner(session: &Session<'_>, key: &str, bytes: u64) -> Option<Spinner> {
    if !session.out.draws() || bytes <= MOST_READ_UNASKED {
        return None;
    }
    let size = session.out.voice().lang.size(bytes);
    let style = ProgressStyle::with_template("{spinner} {msg} · {elapsed}").ok()?;
    let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style);
    spinner.set_message(session.text(key, &[("size", &size)]));
    spinner.enable_steady_tick(TICK);
    Some(Spinner(spinner))
}

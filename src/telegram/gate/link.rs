//! Whether Telegram can be reached, and how patiently to try again: 1, 2, 4 … 60 s, one call at a time. Only for
//! `gate`.

const LONGEST_S: i64 = 60;
const DOUBTS: u32 = 3;
/// A trying call that is not heard of for so long is given up (a send times out after 30 s).
const TRY_MS: i64 = 45_000;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Link {
    /// Calls lost on the way since the last answer.
    doubts: u32,
    down: Option<Down>,
}

#[derive(Debug)]
struct Down {
    wait_s: i64,
    until: i64,
    tried_at: Option<i64>,
}

impl Link {
    pub const fn is_up(&self) -> bool {
        self.down.is_none()
    }

    /// From when on a call may go.
    pub fn open_at(&self, now: i64) -> i64 {
        match &self.down {
            None => i64::MIN,
            Some(Down { tried_at: Some(at), .. }) if now >= at.saturating_add(TRY_MS) => i64::MIN,
            Some(Down { tried_at: Some(at), .. }) => at.saturating_add(TRY_MS),
            Some(Down { until, .. }) => *until,
        }
    }

    /// A call went out; while the connection is lost it is the one that tries.
    pub fn try_out(&mut self, now: i64) {
        if let Some(down) = &mut self.down {
            down.tried_at = Some(now);
        }
    }

    /// The call that was to try is not made: the next one may.
    pub fn not_tried(&mut self, at: i64) {
        if let Some(down) = &mut self.down {
            down.tried_at.take_if(|tried| *tried == at);
        }
    }

    /// Failures of calls that were under way when the connection was lost do not count twice.
    pub fn lost(&mut self, now: i64) {
        let wait_s = match &self.down {
            Some(down) if now < down.until => return,
            Some(down) => down.wait_s.saturating_mul(2).min(LONGEST_S),
            None => 1,
        };
        self.down = Some(Down { wait_s, until: now.saturating_add(wait_s.saturating_mul(1000)), tried_at: None });
    }

    pub fn doubt(&mut self, now: i64) {
        self.doubts = self.doubts.saturating_add(1);
        if self.doubts >= DOUBTS || self.down.is_some() {
            self.lost(now);
        }
    }

    /// True when it had been lost.
    pub const fn found(&mut self) -> bool {
        let was_down = self.down.is_some();
        *self = Self { doubts: 0, down: None };
        was_down
    }

    pub fn shift(&mut self, ms: i64) {
        if let Some(down) = &mut self.down {
            down.until = down.until.saturating_add(ms);
            down.tried_at = down.tried_at.map(|at| at.saturating_add(ms));
        }
    }
}

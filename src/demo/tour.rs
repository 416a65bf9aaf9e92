//! The tour of the demo: eight steps. A step is done when its fact has happened, by whatever action and in whatever order,
//! and stays done. Pure.

/// The steps of the tour, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TourStep {
    /// The newcomer opens the poster's link and the bot answers.
    Come,
    /// The newcomer joins the channel.
    Join,
    /// The picture with the newcomer's code is delivered.
    Code,
    /// A cashier redeems that code.
    Redeem,
    /// The same code is refused as used.
    Refuse,
    /// A broadcast is sent, although Telegram asks for a pause meanwhile.
    Send,
    /// A message that was written while the daemon was down is answered.
    Crash,
    /// A birthday gift is issued by itself.
    Birthday,
}

impl TourStep {
    /// All steps, in their order.
    pub(super) const ALL: [Self; 8] =
        [Self::Come, Self::Join, Self::Code, Self::Redeem, Self::Refuse, Self::Send, Self::Crash, Self::Birthday];

    /// The step's name in the page and in the language catalogue.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Come => "come",
            Self::Join => "join",
            Self::Code => "code",
            Self::Redeem => "redeem",
            Self::Refuse => "refuse",
            Self::Send => "send",
            Self::Crash => "crash",
            Self::Birthday => "birthday",
        }
    }
}

/// Which steps are done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tour {
    done: Vec<TourStep>,
}

impl Tour {
    /// Marks a step as done. Returns whether it was not done before.
    pub(super) fn tick(&mut self, step: TourStep) -> bool {
        let is_new = !self.is_done(step);
        if is_new {
            self.done.push(step);
        }
        is_new
    }

    /// Whether the step is done.
    pub(super) fn is_done(&self, step: TourStep) -> bool {
        self.done.contains(&step)
    }

    /// Whether every step is done.
    pub(super) fn is_over(&self) -> bool {
        self.done.len() == TourStep::ALL.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_done_in_any_order_once_and_for_good() {
        let mut tour = Tour::default();
        for step in TourStep::ALL.into_iter().rev() {
            assert!(!tour.is_over());
            assert!(tour.tick(step) && !tour.tick(step));
            assert!(tour.is_done(step));
        }
        assert!(tour.is_over());
    }
}

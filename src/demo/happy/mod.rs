//! The story of a code: the shop opens, a customer gets a code, two cashiers are approved, the code is redeemed, undone
//! and redeemed again. From then on the code is refused, whatever happens to the process. Each step is a function; each
//! chapter is a file.

mod closing;
mod counter;
mod gift;
mod opening;
mod staff;

use super::fixture::{Place, Step};
use super::report::Role;

macro_rules! steps {
    ($($chapter:ident { $($name:ident: $who:ident, $place:ident;)+ })+) => {
        &[$($(Step {
            name: stringify!($name),
            chapter: stringify!($chapter),
            who: Role::$who,
            place: Place::$place,
            act: |fixture| Box::pin($chapter::$name(fixture)),
        }),+),+]
    };
}

/// The steps of the scenario by chapter: each with its name, the role that acts, and the place.
pub(super) const STEPS: &[Step] = steps! {
    opening {
        init: Owner, Shell;
        serve: Daemon, Nowhere;
        owner_ready: Owner, StaffBot;
        channel: Owner, Shell;
        campaign: Owner, Shell;
    }
    gift {
        welcome: Customer, CustomerBot;
        not_subscribed: Customer, CustomerBot;
        code: Customer, CustomerBot;
        my_discounts: Customer, CustomerBot;
        birthday: Customer, CustomerBot;
        birthday_saved: Customer, CustomerBot;
    }
    staff {
        request: Cashier, StaffBot;
        notice: Owner, StaffBot;
        approve_by_button: Owner, StaffBot;
        cashier_told: Cashier, StaffBot;
        second_request: SecondCashier, StaffBot;
        approve_by_command: Owner, Shell;
        second_cashier_told: SecondCashier, StaffBot;
    }
    counter {
        card: Cashier, StaffBot;
        redeem: Cashier, StaffBot;
        customer_told: Customer, CustomerBot;
        undo: Cashier, StaffBot;
        undo_told: Customer, CustomerBot;
        redeem_again: Cashier, StaffBot;
        refused: Cashier, StaffBot;
        crash: SecondCashier, StaffBot;
        old_button: Cashier, StaffBot;
    }
    closing {
        figures: Owner, Shell;
        campaign_figures: Owner, Shell;
        attempts: Owner, Shell;
        stop: Daemon, Nowhere;
        judge: Telegram, Nowhere;
    }
};

//! Cashiers and admins: requests for access, owners' decisions, the notices that admins get (`admin`), and one-time
//! links that make admins and cashiers (`invitation`). Proofs of rights (`Owner`, `Manager`, `CanSend`) are made here from a row; a use-case that takes a proof cannot be called
//! without the check.

mod admin;
mod cashier;
mod forget;
mod invitation;
mod request;
mod setting;

use crate::actor::Actor;
use crate::db::View;
use crate::error::{AuthError, Refusal, Result};
use crate::ids::{TelegramId, words};

pub use admin::{
    Admin, AdminDecision, AdminEdit, Group, Notice, approve_admin, edit_admin, ensure_first_owner, find_admin,
    find_admin_by_id, get_admin, get_admin_by_ref, has_owner, learn_names, list_admins, owner_in_reach, owners,
    tell_admins, tell_admins_through, tell_html,
};
pub use cashier::{
    Cashier, CashierScope, Decision, approve, decline, find_cashier, get_cashier, get_cashier_by_ref, list_cashiers,
    list_requests, rename, suspend,
};
pub use forget::{forget_person, names_of};
pub use invitation::{
    Acceptance, INVITATION_PREFIX, INVITATION_SECONDS, INVITATIONS_LEFT_OUT, Invitation, MISSES_LEFT_OUT,
    accept_invitation, forget_old_invitations, invite, invite_cashier,
};
pub use request::{AccessRequest, ask, get_open_request, request_buttons};
pub use setting::{change_setting, put_setting, unset_setting};

words!(
    /// The status of a cashier, an admin or an access request.
    #[cfg_attr(test, schema(description = "The status of a cashier or an access request."))]
    StaffStatus as StandingWord {
        /// The person has asked; an owner has not decided yet.
        Requested = "requested",
        /// The person may work.
        Active = "active",
        /// The person was suspended or disabled by an owner.
        Suspended = "suspended",
        /// The person was declined and may ask again after a day.
        Declined = "declined",
    }
);

words!(
    /// The role of an admin.
    Role as RoleWord {
        /// The admin may do everything.
        Owner = "owner",
        /// The admin may manage users, codes, texts, broadcasts.
        Marketing = "marketing",
        /// The admin may only read.
        Readonly = "readonly",
    }
);

impl Role {
    /// The role of the two that permits more.
    #[must_use]
    pub const fn or_higher(self, other: Self) -> Self {
        match (self, other) {
            (Self::Owner, _) | (_, Self::Owner) => Self::Owner,
            (Self::Marketing, _) | (_, Self::Marketing) => Self::Marketing,
            (Self::Readonly, Self::Readonly) => Self::Readonly,
        }
    }
}

/// Proof that the caller is an owner. The proof is made from an active owner's row, or for a shell on the machine.
#[derive(Debug, Clone)]
pub struct Owner(Actor);

impl Owner {
    /// The owner who sits at a shell of the machine: shell access is owner access.
    #[must_use]
    pub fn of_shell(os_user: &str) -> Self {
        Self(Actor::Cli(os_user.to_owned()))
    }

    /// The owner with this Telegram id.
    ///
    /// # Errors
    /// `OWNER_ONLY` for anyone else.
    pub fn of_telegram(view: &View<'_>, id: TelegramId) -> Result<Self> {
        let admin = find_admin(view, id)?.filter(|a| a.role == Role::Owner && a.status == StaffStatus::Active);
        Ok(admin.map(|a| Self(Actor::Admin(a.id))).ok_or(Refusal::OwnerOnly)?)
    }

    /// The owner in this row of `admins`.
    ///
    /// # Errors
    /// `OWNER_ONLY` for anyone else.
    pub fn of_admin(admin: &Admin) -> Result<Self> {
        let is_owner = admin.role == Role::Owner && admin.status == StaffStatus::Active;
        Ok(if is_owner { Self(Actor::Admin(admin.id)) } else { Err(Refusal::OwnerOnly)? })
    }

    /// The owner as the actor for audit rows.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.0
    }
}

/// Proof that the caller may manage customers and their codes: an owner or a marketing admin.
#[derive(Debug, Clone)]
pub struct Manager {
    actor: Actor,
    is_owner: bool,
}

impl Manager {
    /// The manager in this row of `admins`.
    ///
    /// # Errors
    /// `ROLE_FORBIDDEN` for anyone else.
    pub fn of_admin(admin: &Admin) -> Result<Self> {
        let may = admin.role != Role::Readonly && admin.status == StaffStatus::Active;
        let is_owner = admin.role == Role::Owner;
        Ok(if may { Self { actor: Actor::Admin(admin.id), is_owner } } else { Err(Refusal::Barred(AuthError::Role))? })
    }

    /// The manager as the actor for audit rows.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whether the manager is an owner.
    #[must_use]
    pub const fn is_owner(&self) -> bool {
        self.is_owner
    }
}

impl From<Owner> for Manager {
    fn from(owner: Owner) -> Self {
        Self { actor: owner.0, is_owner: true }
    }
}

/// Proof that the caller may broadcast from their chat with the customer bot.
#[derive(Debug, Clone)]
pub struct CanSend(Actor);

impl CanSend {
    /// The active admin with this Telegram id, if an owner has allowed the admin to broadcast from their chat with the
    /// customer bot; never a readonly admin.
    pub fn from_chat(view: &View<'_>, id: TelegramId) -> Result<Option<Self>> {
        let may = |a: &Admin| a.status == StaffStatus::Active && a.role != Role::Readonly && a.can_broadcast_from_chat;
        Ok(find_admin(view, id)?.filter(may).map(|a| Self(Actor::Admin(a.id))))
    }

    /// The admin as the actor for audit rows.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.0
    }
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 128 || name.contains(char::is_control) {
        Err(Refusal::Validation { field: "name", value: name.chars().take(40).collect(), rule: "rule.name" })?;
    }
    Ok(name.to_owned())
}

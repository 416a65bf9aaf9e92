//! The actor: who makes a change, in the form stored in audit rows, redemptions and codes.

use crate::ids::{AdminId, CashierId, UserId};

/// Who makes a change. `Display` gives the stored form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person with a shell on the machine: `cli:<os user>`. Shell access is owner access.
    Cli(String),
    /// An admin: `admin:<id>`.
    Admin(AdminId),
    /// A cashier: `cashier:<id>`.
    Cashier(CashierId),
    /// A customer who acts for themselves: `customer:<id>`.
    Customer(UserId),
    /// A script with a service token: `token:<name>`.
    Token(String),
    /// A scheduled job: `job:<name>`.
    Job(&'static str),
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cli(user) => write!(f, "cli:{user}"),
            Self::Admin(id) => write!(f, "admin:{id}"),
            Self::Cashier(id) => write!(f, "cashier:{id}"),
            Self::Customer(id) => write!(f, "customer:{id}"),
            Self::Token(name) => write!(f, "token:{name}"),
            Self::Job(name) => write!(f, "job:{name}"),
        }
    }
}

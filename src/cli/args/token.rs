//! Arguments of `token`.

use clap::Subcommand;

use super::shared::Window;
use super::values;
use crate::access::Scope;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Token {
    Create(TokenCreate),
    List(Window),
    Revoke(TokenRef),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TokenCreate {
    #[arg(value_name = "NAME")]
    pub name: String,
    #[arg(long, value_name = "SCOPES", required = true, value_parser = scopes)]
    pub scope: Scopes,
    #[arg(long, value_name = "SPAN", value_parser = values::lifetime, conflicts_with = "days")]
    pub expires: Option<u32>,
    /// The older name of the flag `--expires`.
    #[arg(long, hide = true, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: Option<u32>,
}

/// Scopes from a comma-separated list, as one argument.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Scopes(pub Vec<Scope>);

fn scopes(typed: &str) -> Result<Scopes, &'static str> {
    let words = typed.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(Scope::parse).collect::<Option<_>>().map(Scopes).ok_or("cli.not_scopes")
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TokenRef {
    #[arg(value_name = "TOKEN")]
    pub token: String,
}

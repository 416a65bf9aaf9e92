//! Access to the API: admins with a login, scripts with a service token. The database decides at every request whether
//! a token is still valid. The API passes the [`Credential`] of a request and the [`Requirement`] of its route.

use rusqlite::named_params;
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::audit;
use crate::clock::{Millis, Timestamp};
use crate::db::backup::Scrub;
use crate::db::{Tx, View, columns};
use crate::error::{AuthError, Refusal, Result};
use crate::ids::{AdminId, TelegramId, words};
use crate::realm::Realm;
use crate::secret;
use crate::staff::{self, Admin, Manager, Owner, Role, StaffStatus};

columns! {
    select: ServiceToken from "service_tokens" {
        name, scopes = known(scopes), created_at, created_by, expires_at, revoked_at,
    }
}

const BY_HASH: &str = select!("WHERE hash = :hash");
const BY_NAME: &str = select!("WHERE name = :name");
const LIST: &str = select!("ORDER BY id");
const PUT: &str = "INSERT INTO service_tokens (name, hash, scopes, created_at, created_by, expires_at)
    VALUES (:name, :hash, :scopes, :now, :by, :expires) ON CONFLICT (name) DO NOTHING";
const REVOKE: &str = "UPDATE service_tokens SET revoked_at = :now WHERE name = :name AND revoked_at IS NULL";
const PUT_TOKEN: &str = "INSERT INTO login_tokens (hash, admin_id, expires_ms) VALUES (:hash, :admin, :expires)";
const FORGET_TOKENS: &str = "DELETE FROM login_tokens WHERE expires_ms < :before";
const LOGIN: &str = "SELECT admin_id, expires_ms, used_ms FROM login_tokens WHERE hash = :hash";
const USE_LOGIN: &str = "UPDATE login_tokens SET used_ms = :now WHERE hash = :hash AND used_ms IS NULL";
const END: &str = "INSERT INTO ended_logins (jti, expires_ms) VALUES (:jti, :expires) ON CONFLICT DO NOTHING";
const ENDED: &str = "SELECT 1 FROM ended_logins WHERE jti = :jti";
const FORGET_ENDED: &str = "DELETE FROM ended_logins WHERE jti IN
    (SELECT jti FROM ended_logins WHERE expires_ms < :now ORDER BY expires_ms LIMIT 1000)";
const FORGET_LOGINS: &str = "DELETE FROM login_tokens
    WHERE :realm = 0 AND admin_id IN (SELECT id FROM admins WHERE telegram_id = :telegram_id)";

/// The prefix of a service token, by which people and secret scanners recognise it.
pub const TOKEN_PREFIX: &str = "dvt_";
/// A login lasts this long, in seconds.
pub const LOGIN_SECONDS: i64 = 24 * 3600;

/// The lifetime of a login token, in seconds.
pub const LOGIN_TOKEN_SECONDS: i64 = 10 * 60;

/// How long old login tokens are kept, in milliseconds, so that a late or second use gets its own refusal.
const LOGIN_TOKENS_KEPT_MS: i64 = 24 * 3600 * 1000;

/// Backups leave out login tokens, even their hashes.
pub const LOGIN_TOKENS_LEFT_OUT: Scrub = Scrub { table: "login_tokens", sql: "DELETE FROM login_tokens" };

/// Backups hold the rows of service tokens as revoked, with made-up hashes: a restored shop issues new tokens.
pub const TOKENS_LEFT_OUT: Scrub = Scrub {
    table: "service_tokens",
    sql: "UPDATE service_tokens SET hash = printf('%064d', id), revoked_at = coalesce(revoked_at, created_at)",
};

words!(
    /// What a script with a service token may be allowed to do.
    Scope {
        /// Reading figures.
        StatsRead = "stats:read",
        /// Reading customers, without their phones.
        UsersRead = "users:read",
        /// Reading codes.
        DiscountsRead = "discounts:read",
        /// Issuing codes.
        DiscountsIssue = "discounts:issue",
        /// Checking and redeeming codes.
        Redeem = "redeem",
        /// Reading broadcasts.
        BroadcastsRead = "broadcasts:read",
        /// Exports, with personal data.
        Exports = "exports",
        /// Starting jobs.
        JobsRun = "jobs:run",
    }
);

/// A service token of a script, as lists show it; the text of the token is not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct ServiceToken {
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    pub created_by: String,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// The claims of a login (a JWT). The code that makes this value has verified the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The admin who logged in.
    pub admin: AdminId,
    /// The login's id, under which logging out ends the login.
    pub jti: String,
    /// When the login ends.
    pub expires_at: Timestamp,
}

/// The credential of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A login of an admin.
    Login(Login),
    /// The text of a service token.
    Token(String),
}

/// Who may call a route: an admin with one of these roles, or a script with this scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// Admins with one of these roles are allowed.
    pub roles: &'static [Role],
    /// Scripts with this scope are allowed; `None` = no script is.
    pub scope: Option<Scope>,
}

/// The authenticated caller, as the database knows them now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// An active admin.
    Admin(Admin),
    /// A script.
    Script(ServiceToken),
}

impl Caller {
    /// The caller as the actor for audit rows.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Admin(admin) => Actor::Admin(admin.id),
            Self::Script(token) => Actor::Token(token.name.clone()),
        }
    }

    /// Whether the caller may see customers' phones: owners and marketing admins may, readonly admins and scripts may
    /// not.
    #[must_use]
    pub fn sees_phones(&self) -> bool {
        matches!(self, Self::Admin(admin) if admin.role != Role::Readonly)
    }

    /// Whether the caller sees the old and new values of a customer's changed fields, not only which fields changed.
    #[must_use]
    pub fn sees_changes(&self) -> bool {
        self.sees_phones()
    }

    /// The admin who made the request; a script is refused.
    ///
    /// # Errors
    /// `ROLE_FORBIDDEN`.
    pub fn admin(&self) -> Result<&Admin> {
        match self {
            Self::Admin(admin) => Ok(admin),
            Self::Script(_) => Err(Refusal::Barred(AuthError::Role))?,
        }
    }

    /// Proof that the caller is an owner.
    ///
    /// # Errors
    /// `OWNER_ONLY`.
    pub fn owner(&self) -> Result<Owner> {
        match self {
            Self::Admin(admin) => Owner::of_admin(admin),
            Self::Script(_) => Err(Refusal::OwnerOnly)?,
        }
    }

    /// Proof that the caller is an owner or a marketing admin.
    ///
    /// # Errors
    /// `ROLE_FORBIDDEN`.
    pub fn manager(&self) -> Result<Manager> {
        Manager::of_admin(self.admin()?)
    }

    fn has(&self, needs: &Requirement) -> Result<()> {
        let bar = match self {
            Self::Admin(admin) if needs.roles.contains(&admin.role) => return Ok(()),
            Self::Script(token) if needs.scope.is_some_and(|scope| token.scopes.contains(&scope)) => return Ok(()),
            Self::Admin(_) if needs.roles == [Role::Owner] => Refusal::OwnerOnly,
            Self::Admin(_) => Refusal::Barred(AuthError::Role),
            Self::Script(_) => Refusal::Barred(AuthError::Scope),
        };
        Err(bar)?
    }
}

/// Authenticates a credential and checks the route's requirement.
///
/// # Errors
/// `TOKEN_INVALID`, `TOKEN_EXPIRED`, `TOKEN_REVOKED`; `ROLE_FORBIDDEN`, `OWNER_ONLY` or `SCOPE_MISSING`.
pub fn admit(view: &View<'_>, shown: &Credential, needs: &Requirement) -> Result<Caller> {
    let caller = match shown {
        Credential::Login(login) => Caller::Admin(admin_of(view, login)?),
        Credential::Token(token) => Caller::Script(script_of(view, token)?),
    };
    caller.has(needs)?;
    Ok(caller)
}

fn admin_of(view: &View<'_>, login: &Login) -> Result<Admin> {
    if view.now() >= login.expires_at {
        Err(Refusal::Barred(AuthError::TokenExpired))?;
    }
    let ended = view.find(ENDED, &[(":jti", &login.jti)], |_| Ok(()))?.is_some();
    let admin = if ended { None } else { staff::find_admin_by_id(view, login.admin)? };
    let active = admin.filter(|admin| admin.status == StaffStatus::Active);
    Ok(active.ok_or(Refusal::Barred(AuthError::TokenRevoked))?)
}

fn script_of(view: &View<'_>, token: &str) -> Result<ServiceToken> {
    let found = view.find(BY_HASH, &[(":hash", &secret::sha256(token))], ServiceToken::from_row)?;
    let found = found.ok_or(Refusal::Barred(AuthError::TokenInvalid))?;
    if found.revoked_at.is_some() {
        Err(Refusal::Barred(AuthError::TokenRevoked))?;
    }
    if found.expires_at.is_some_and(|at| view.now() >= at) {
        Err(Refusal::Barred(AuthError::TokenExpired))?;
    }
    Ok(found)
}

/// Makes a one-time login token for an active admin: valid for 10 minutes and for one use; only its hash is stored. The
/// caller shows the returned token once and does not store it.
///
/// # Errors
/// `ADMIN_NOT_FOUND`, `ADMIN_NOT_ACTIVE`.
pub fn issue_login_token(tx: &Tx<'_>, id: AdminId, by: &Actor) -> Result<String> {
    let admin = staff::get_admin(tx, id)?;
    if admin.status != StaffStatus::Active {
        Err(Refusal::AdminNotActive)?;
    }
    tx.change(FORGET_TOKENS, named_params! { ":before": tx.now_ms().plus(-LOGIN_TOKENS_KEPT_MS) })?;
    let token = secret::random_token();
    let (hash, expires) = (secret::sha256(&token), tx.now_ms().plus(LOGIN_TOKEN_SECONDS * 1000));
    tx.change(PUT_TOKEN, named_params! { ":hash": hash, ":admin": id, ":expires": expires })?;
    record(tx, by, "issue_login_token", ("admin", id.to_string()), Value::Null)?;
    Ok(token)
}

/// Whether this one-time login token can be used now. Reads only, so that guesses cost no write.
pub fn is_login_open(view: &View<'_>, token: &str) -> Result<bool> {
    let open = view.find(LOGIN, &[(":hash", &secret::sha256(token))], |row| {
        Ok(row.get::<_, Option<i64>>(2)?.is_none() && view.now_ms() < row.get::<_, Millis>(1)?)
    })?;
    Ok(open.unwrap_or(false))
}

/// Uses up a one-time login token. Audited. Returns the admin who logs in.
///
/// # Errors
/// `ONE_TIME_TOKEN_INVALID`, `ONE_TIME_TOKEN_USED`, `ONE_TIME_TOKEN_EXPIRED`; `ADMIN_NOT_ACTIVE`.
pub fn log_in(tx: &Tx<'_>, token: &str) -> Result<Admin> {
    let hash = secret::sha256(token);
    let found = tx.find(LOGIN, &[(":hash", &hash)], |row| {
        Ok((row.get::<_, AdminId>(0)?, row.get::<_, Millis>(1)?, row.get::<_, Option<i64>>(2)?))
    })?;
    let (id, expires, used) = found.ok_or(Refusal::Barred(AuthError::LoginUnknown))?;
    if used.is_some() {
        Err(Refusal::Barred(AuthError::LoginUsed))?;
    }
    if tx.now_ms() >= expires {
        Err(Refusal::Barred(AuthError::LoginExpired))?;
    }
    let admin = staff::get_admin(tx, id)?;
    if admin.status != StaffStatus::Active {
        Err(Refusal::AdminNotActive)?;
    }
    if tx.change(USE_LOGIN, named_params! { ":hash": hash, ":now": tx.now_ms() })? != 1 {
        Err(Refusal::Barred(AuthError::LoginUsed))?;
    }
    record(tx, &Actor::Admin(admin.id), "log_in", ("admin", admin.id.to_string()), Value::Null)?;
    Ok(admin)
}

/// Deletes the one-time login tokens of an admin who is erased. Does nothing in the test realm, because admins belong
/// to the real shop.
pub fn forget_person(tx: &Tx<'_>, realm: Realm, telegram_id: TelegramId) -> Result<()> {
    tx.change(FORGET_LOGINS, named_params! { ":realm": realm, ":telegram_id": telegram_id })?;
    Ok(())
}

/// Ends a login early. Audited. Ending a login that has ended changes nothing.
pub fn log_out(tx: &Tx<'_>, login: &Login) -> Result<()> {
    tx.change(FORGET_ENDED, named_params! { ":now": tx.shop_ms() })?;
    let ended = tx.change(END, named_params! { ":jti": login.jti, ":expires": login.expires_at.millis() })? == 1;
    if ended {
        record(tx, &Actor::Admin(login.admin), "log_out", ("admin", login.admin.to_string()), Value::Null)?;
    }
    Ok(())
}

/// Makes a service token for a script. Returns its row and its text; the caller shows the text once and does not store
/// it. Audited.
///
/// # Errors
/// `VALIDATION_ERROR` for an invalid or taken name, no scope, or an expiry in the past.
pub fn create_token(
    tx: &Tx<'_>,
    name: &str,
    scopes: &[Scope],
    expires_at: Option<Timestamp>,
    by: &Owner,
) -> Result<(ServiceToken, String)> {
    let invalid = |field, rule| Refusal::Validation { field, value: name.chars().take(64).collect(), rule };
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(1..=48).contains(&name.len()) || !name.bytes().all(good) {
        Err(invalid("name", "rule.source_key"))?;
    }
    if scopes.is_empty() {
        Err(invalid("scopes", "rule.token_scopes"))?;
    }
    if expires_at.is_some_and(|at| at <= tx.now()) {
        Err(invalid("expires", "rule.token_expires"))?;
    }
    let token = format!("{TOKEN_PREFIX}{}", secret::random_token());
    let params = named_params! {
        ":name": name, ":hash": secret::sha256(&token), ":scopes": words_of(scopes).to_string(), ":now": tx.now(),
        ":by": by.actor().to_string(), ":expires": expires_at,
    };
    if tx.change(PUT, params)? == 0 {
        Err(invalid("name", "rule.token_name"))?;
    }
    let after = json!({ "scopes": words_of(scopes), "expires_at": expires_at.map(|at| at.to_string()) });
    record(tx, by.actor(), "create_token", ("service_token", name.to_owned()), after)?;
    Ok((get_token(tx, name)?, token))
}

/// Every service token ever made, oldest first. The list has no pages, because a shop has few tokens.
pub fn list_tokens(view: &View<'_>) -> Result<Vec<ServiceToken>> {
    Ok(view.list(LIST, [], ServiceToken::from_row)?)
}

/// Revokes a service token at once. Audited. Returns the token before and after.
///
/// # Errors
/// `NOT_FOUND`.
pub fn revoke_token(tx: &Tx<'_>, name: &str, by: &Owner) -> Result<(ServiceToken, ServiceToken)> {
    let before = get_token(tx, name)?;
    if tx.change(REVOKE, named_params! { ":name": name, ":now": tx.now() })? == 1 {
        record(tx, by.actor(), "revoke_token", ("service_token", name.to_owned()), json!({ "revoked": true }))?;
    }
    Ok((before, get_token(tx, name)?))
}

fn get_token(view: &View<'_>, name: &str) -> Result<ServiceToken> {
    let found = view.find(BY_NAME, &[(":name", &name)], ServiceToken::from_row)?;
    Ok(found.ok_or_else(|| Refusal::ServiceTokenNotFound(name.chars().take(64).collect()))?)
}

fn words_of(scopes: &[Scope]) -> Value {
    scopes.iter().map(|scope| scope.as_str()).collect()
}

fn record(tx: &Tx<'_>, actor: &Actor, action: &'static str, of: (&'static str, String), after: Value) -> Result<()> {
    let (entity, entity_id) = of;
    audit::record(tx, &audit::Entry { actor, action, entity, entity_id, before: Value::Null, after })
}

/// Reads the stored scopes; a word that this version of the program does not know is left out.
fn known(stored: Option<String>) -> rusqlite::Result<Vec<Scope>> {
    Ok(crate::db::from_json::<Vec<String>>(stored)?.iter().filter_map(|word| Scope::parse(word)).collect())
}

//! Rules of all commands: a command that changes something has `-n` and `-y`, and the help of each command has an
//! example and its exit codes. `tests/cli/rules.rs` walks the command tree and lists the few exceptions.

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::language::Language;

/// The id in clap of the argument `-n`, the same in every command.
const DRY_RUN: &str = "dry_run";
const YES: &str = "yes";

/// Commands whose whole effect is one transaction, or that have a dry run of their own: they have `-n` and `-y`.
const WRITERS: &[&str] = &[
    "admin approve",
    "admin decline",
    "admin disable",
    "admin edit",
    "admin enable",
    "broadcast cancel",
    "broadcast correct",
    "broadcast create",
    "broadcast edit",
    "broadcast pause",
    "broadcast recall",
    "broadcast resend-unknown",
    "broadcast resume",
    "broadcast retry-failed",
    "broadcast schedule",
    "broadcast send",
    "broadcast test",
    "broadcast unschedule",
    "campaign create",
    "campaign edit",
    "cashier activate",
    "cashier approve",
    "cashier decline",
    "cashier edit",
    "cashier suspend",
    "discount extend",
    "discount issue",
    "discount redeem",
    "discount revoke",
    "discount undo",
    "message edit",
    "message import",
    "message language",
    "message reset",
    "order edit",
    "segment create",
    "segment delete",
    "segment edit",
    "settings set",
    "settings unset",
    "template create",
    "template disable",
    "template edit",
    "template enable",
    "token revoke",
    "user block",
    "user edit",
    "user erase",
    "user message",
    "user tag",
    "user unblock",
];

/// An example of each command, and the exit codes with which it may end beside 0, 1, 2 and 78.
const EXAMPLES: &[(&str, &str, &[u8])] = &[
    ("admin approve", "dvorik admin approve @anna --role marketing --notify errors,reports", &[3, 5, 75]),
    ("admin decline", "dvorik admin decline @anna", &[3, 5, 75]),
    ("admin disable", "dvorik admin disable 2", &[3, 5, 75]),
    ("admin edit", "dvorik admin edit 2 --role readonly", &[3, 5, 75]),
    ("admin enable", "dvorik admin enable 2", &[3, 5, 75]),
    ("admin invite", "dvorik admin invite --role owner", &[5, 75]),
    ("admin list", "dvorik admin list --sort -created_at", &[]),
    ("admin login", "dvorik admin login 1", &[3, 5, 75]),
    ("admin show", "dvorik admin show 1", &[3]),
    ("audit list", "dvorik audit list --since 7d --actor admin:1", &[]),
    ("backup", "dvorik backup", &[75]),
    ("backup create", "dvorik backup create -o /mnt/usb/shop.db", &[75]),
    ("backup drill", "dvorik backup drill --litestream /etc/dvorik/litestream.yml", &[3, 75]),
    ("backup key", "dvorik backup key", &[5, 75, 130]),
    ("backup list", "dvorik backup list --since 30d", &[]),
    ("backup prune", "dvorik backup prune -n", &[75]),
    ("backup restore", "dvorik backup restore last", &[3, 5, 75]),
    ("backup verify", "dvorik backup verify last", &[3]),
    ("bot list", "dvorik bot list", &[75]),
    ("bot sync", "dvorik bot sync", &[75]),
    ("broadcast cancel", "dvorik broadcast cancel 12", &[3, 5, 75]),
    ("broadcast correct", "dvorik broadcast correct 12 --text 'Until Sunday!'", &[3, 5, 6, 75]),
    ("broadcast create", "dvorik broadcast create Fair --text 'Until Sunday!' --subscribed", &[3, 5, 75]),
    ("broadcast edit", "dvorik broadcast edit last --title 'Big fair'", &[3, 5, 75]),
    ("broadcast estimate", "dvorik broadcast estimate last", &[3]),
    ("broadcast list", "dvorik broadcast list --status sent --since 30d --sort created_at", &[]),
    ("broadcast pause", "dvorik broadcast pause 12", &[3, 5, 75]),
    ("broadcast recall", "dvorik broadcast recall 12", &[3, 5, 6, 75]),
    ("broadcast report", "dvorik broadcast report last --failed", &[3]),
    ("broadcast resend-unknown", "dvorik broadcast resend-unknown 12", &[3, 5, 6, 75, 130]),
    ("broadcast resume", "dvorik broadcast resume 12", &[3, 5, 6, 75, 130]),
    ("broadcast retry-failed", "dvorik broadcast retry-failed 12 --class never_started", &[3, 5, 6, 75, 130]),
    ("broadcast schedule", "dvorik broadcast schedule last --at '2026-12-01 10:00'", &[3, 5, 75]),
    ("broadcast send", "dvorik broadcast send last -n", &[3, 5, 6, 75, 130]),
    ("broadcast show", "dvorik broadcast show last", &[3]),
    ("broadcast status", "dvorik broadcast status current --follow", &[3, 130]),
    ("broadcast test", "dvorik broadcast test last --to @anna", &[3, 5, 75]),
    ("broadcast unschedule", "dvorik broadcast unschedule 12", &[3, 5, 75]),
    ("campaign create", "dvorik campaign create Leaflet --key leaflet", &[3, 5, 75]),
    ("campaign edit", "dvorik campaign edit leaflet --name 'Leaflet at the door'", &[3, 5, 75]),
    ("campaign link", "dvorik campaign link leaflet", &[3, 75]),
    ("campaign list", "dvorik campaign list --since 2026-11-01", &[]),
    ("campaign qr", "dvorik campaign qr leaflet -o leaflet.pdf", &[3, 75]),
    ("campaign show", "dvorik campaign show leaflet", &[3]),
    ("campaign stats", "dvorik campaign stats leaflet", &[3]),
    ("cashier activate", "dvorik cashier activate 1", &[3, 5, 75]),
    ("cashier approve", "dvorik cashier approve 1 --name 'Till 1'", &[3, 5, 75]),
    ("cashier decline", "dvorik cashier decline 1", &[3, 5, 75]),
    ("cashier edit", "dvorik cashier edit 1 --name 'Till 2'", &[3, 5, 75]),
    ("cashier invite", "dvorik cashier invite --name 'Till 1'", &[5, 75]),
    ("cashier list", "dvorik cashier list --status requested --since 7d", &[]),
    ("cashier show", "dvorik cashier show 1", &[3]),
    ("cashier suspend", "dvorik cashier suspend 1", &[3, 5, 75]),
    ("completions", "dvorik completions bash --dynamic", &[]),
    ("demo", "dvorik demo --seed 7 --no-open", &[5, 75]),
    ("discount check", "dvorik discount check ABC1234", &[3, 5, 75]),
    ("discount extend", "dvorik discount extend ABC1234 --until 2026-12-31", &[3, 5, 75]),
    ("discount issue", "dvorik discount issue @anna --template manual_10", &[3, 5, 6, 75]),
    ("discount list", "dvorik discount list --status active --since 30d --sort expires_at", &[3]),
    ("discount qr", "dvorik discount qr ABC1234 -o code.png", &[3, 75]),
    ("discount redeem", "dvorik discount redeem ABC1234 --cashier 1 --amount 1500", &[3, 4, 5, 75]),
    ("discount revoke", "dvorik discount revoke ABC1234 --reason 'issued twice'", &[3, 5, 6, 75]),
    ("discount show", "dvorik discount show ABC1234", &[3]),
    ("discount undo", "dvorik discount undo ABC1234", &[3, 5, 75]),
    ("doctor", "dvorik doctor --offline", &[]),
    ("export discounts", "dvorik export discounts -o discounts.csv", &[75]),
    ("export usage", "dvorik export usage --format jsonl", &[75]),
    ("export users", "dvorik export users -o users.csv --subscribed", &[75]),
    ("import users", "dvorik import users users.csv --dry-run", &[6, 75]),
    ("init", "dvorik init", &[3, 5, 75, 130]),
    ("job crontab", "dvorik job crontab", &[]),
    ("job list", "dvorik job list", &[]),
    ("job run", "dvorik job run backup", &[3, 75]),
    ("man", "dvorik man -o man", &[]),
    ("message check", "dvorik message check", &[3]),
    ("message edit", "dvorik message edit welcome", &[3, 75]),
    ("message export", "dvorik message export -o texts.toml", &[5]),
    ("message import", "dvorik message import texts.toml -n", &[3, 75]),
    ("message language", "dvorik message language en -n", &[75]),
    ("message list", "dvorik message list", &[]),
    ("message preview", "dvorik message preview welcome", &[3]),
    ("message reset", "dvorik message reset welcome", &[3, 75]),
    ("message show", "dvorik message show welcome", &[3]),
    ("migrate", "dvorik migrate --status", &[75]),
    ("order edit", "dvorik order edit 1 --status processing", &[3, 75]),
    ("order list", "dvorik order list --since 7d --sort created_at", &[]),
    ("outbox list", "dvorik outbox list", &[]),
    ("outbox retry", "dvorik outbox retry --state unknown", &[3, 5, 75]),
    ("report preview", "dvorik report preview", &[]),
    ("report send", "dvorik report send", &[75]),
    ("segment create", "dvorik segment create Women --gender female", &[5, 75]),
    ("segment delete", "dvorik segment delete Women", &[3, 5, 75]),
    ("segment edit", "dvorik segment edit Women --menu", &[3, 5, 75]),
    ("segment keys", "dvorik segment keys", &[]),
    ("segment list", "dvorik segment list --sort -created_at", &[]),
    ("segment preview", "dvorik segment preview --subscribed --age 25..35", &[3]),
    ("segment show", "dvorik segment show Women", &[3]),
    ("serve", "dvorik serve --migrate", &[75]),
    ("settings get", "dvorik settings get birthday_hour", &[3]),
    ("settings list", "dvorik settings list", &[]),
    ("settings set", "dvorik settings set birthday_hour 10", &[3, 75]),
    ("settings unset", "dvorik settings unset birthday_hour", &[3, 75]),
    ("stats", "dvorik stats cashiers --since 7d", &[]),
    ("status", "dvorik status", &[]),
    ("template create", "dvorik template create spring --title Spring --value 15%", &[5, 75]),
    ("template disable", "dvorik template disable spring", &[3, 75]),
    ("template edit", "dvorik template edit spring --days 14", &[3, 75]),
    ("template enable", "dvorik template enable spring", &[3, 75]),
    ("template list", "dvorik template list", &[]),
    ("template show", "dvorik template show spring", &[3]),
    ("token create", "dvorik token create till --scope redeem --expires 90d", &[5, 75]),
    ("token list", "dvorik token list --since 30d", &[]),
    ("token revoke", "dvorik token revoke till", &[3, 75]),
    ("user block", "dvorik user block @masha", &[3, 75]),
    ("user edit", "dvorik user edit @masha --phone +79141234567", &[3, 75]),
    ("user erase", "dvorik user erase @masha -n", &[3, 5, 75]),
    ("user export", "dvorik user export @masha", &[3, 75]),
    ("user list", "dvorik user list --tag vip --since 30d --sort -created_at", &[3]),
    ("user message", "dvorik user message @masha --text 'Your order is ready'", &[3, 5, 75]),
    ("user show", "dvorik user show @masha", &[3]),
    ("user tag", "dvorik user tag @masha vip --remove new", &[3, 75]),
    ("user unblock", "dvorik user unblock @masha", &[3, 75]),
    ("webhook delete", "dvorik webhook delete", &[75]),
    ("webhook info", "dvorik webhook info", &[75]),
    ("webhook set", "dvorik webhook set", &[75]),
];

/// The command tree with `-n` and `-y` added to commands that write and do not declare them.
pub(super) fn careful(command: Command) -> Command {
    within(command, "")
}

fn within(command: Command, path: &str) -> Command {
    let missing = |command: &Command, id: &str| {
        WRITERS.contains(&path) && command.get_arguments().all(|arg| arg.get_id().as_str() != id)
    };
    let flag = |id: &'static str, short: char, long: &'static str| {
        Arg::new(id).short(short).long(long).action(ArgAction::SetTrue)
    };
    let mut command = command;
    if missing(&command, DRY_RUN) {
        command = command.arg(flag(DRY_RUN, 'n', "dry-run"));
    }
    if missing(&command, YES) {
        command = command.arg(flag(YES, 'y', "yes"));
    }
    command.mut_subcommands(|inner| {
        let path = if path.is_empty() { inner.get_name().to_owned() } else { format!("{path} {}", inner.get_name()) };
        within(inner, &path)
    })
}

/// The command tree without hidden commands: plurals such as `users` can be entered but are not listed.
pub(super) fn shown(command: &Command) -> Command {
    let arguments: Vec<Arg> = command.get_arguments().cloned().collect();
    let verbs: Vec<Command> = command.get_subcommands().filter(|inner| !inner.is_hide_set()).cloned().collect();
    let root = Command::new(command.get_name().to_owned()).version(env!("CARGO_PKG_VERSION"));
    root.subcommand_required(true).arg_required_else_help(true).args(arguments).subcommands(verbs)
}

/// Whether the command was entered with `-n`.
pub(super) fn is_rehearsed(matches: &ArgMatches) -> bool {
    let mut at = matches;
    while let Some((_, inner)) = at.subcommand() {
        at = inner;
    }
    at.try_get_one::<bool>(DRY_RUN).ok().flatten().copied().unwrap_or_default()
}

/// The exit codes of a command, in ascending order; of the program itself, all that any command has.
pub(super) fn exit_codes(path: &str) -> Vec<u8> {
    let own = EXAMPLES.iter().filter(|(verb, _, _)| path.is_empty() || *verb == path).flat_map(|(_, _, codes)| *codes);
    let mut all: Vec<u8> = own.chain(&[0, 1, 2, 78]).copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The end of a command's help: an example, unless the help has its own, and its exit codes.
pub(super) fn epilogue(path: &str, own: Option<String>, lang: Language) -> Option<String> {
    let (_, example, _) = EXAMPLES.iter().find(|(verb, _, _)| *verb == path)?;
    let example = own.unwrap_or_else(|| format!("{}:\n  {example}\n", lang.text("help.heading.example", &[])));
    let said = |code: &u8| format!("{code} {}", lang.text(&format!("help.exit.{code}"), &[]));
    let codes: Vec<String> = exit_codes(path).iter().map(said).collect();
    Some(format!(
        "{}\n{}:\n  {}",
        example.trim_end().to_owned() + "\n",
        lang.text("help.heading.exit", &[]),
        codes.join(" · ")
    ))
}

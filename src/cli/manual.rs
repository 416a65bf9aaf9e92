//! `completions` and `man`: made from the command tree itself; the manual in English, with `--lang ru` in Russian. The
//! files in `completions/`, `man/` and `man/ru/` are their output; a test compares them. To make them anew:
//!
//! ```text
//! dvorik man -o man
//! dvorik man --lang ru -o man/ru
//! dvorik completions bash > completions/dvorik.bash
//! dvorik completions zsh > completions/_dvorik
//! dvorik completions fish > completions/dvorik.fish
//! dvorik completions elvish > completions/dvorik.elv
//! dvorik completions powershell > completions/_dvorik.ps1
//! ```

use std::fs;
use std::path::Path;

use clap::builder::Resettable;
use clap::{Command, CommandFactory};

use super::args::{Args, Completions, Man};
use super::complete;
use super::localize;
use super::output::ExitCode;
use super::refuse::Wrong;
use super::rules;
use super::session::Session;
use crate::language::Language;

/// `completions`: prints the script of a shell; with `--dynamic` a script that asks the program, which knows the shop's
/// names.
pub(super) fn completions(session: &mut Session<'_>, args: &Completions) -> Result<(), Wrong> {
    if let Some(script) = complete::script(&args.shell.to_string()).filter(|_| args.dynamic) {
        session.out.raw(&script);
        return Ok(());
    }
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut tree(Language::En), "dvorik", &mut script);
    session.out.raw(&script);
    Ok(())
}

/// `man`: prints the first page, or writes every page to a file under `-o`. The pages are in English unless `--lang`
/// says otherwise: a file for a package does not depend on who makes it.
pub(super) fn man(session: &mut Session<'_>, args: &Man) -> Result<(), Wrong> {
    let pages = pages(session.lang_flag.unwrap_or(Language::En));
    match (&args.output, pages.first()) {
        (Some(directory), _) => {
            save(&pages, directory)
                .map_err(|error| session.unusable(directory, &error, ("INTERNAL_ERROR", ExitCode::Failure)))?;
            let count = i64::try_from(pages.len()).unwrap_or(i64::MAX);
            let path = directory.display();
            let sentence = session.out.voice().lang.plural("man.saved", count, &[("path", &path)]);
            session.out.note(&sentence);
        }
        (None, Some((_, page))) => session.out.raw(page),
        (None, None) => {}
    }
    Ok(())
}

fn save(pages: &[(String, Vec<u8>)], directory: &Path) -> std::io::Result<()> {
    fs::create_dir_all(directory)?;
    pages.iter().try_for_each(|(name, page)| fs::write(directory.join(name), page))
}

/// File name and page of the program and of every visible command; the program comes first.
fn pages(lang: Language) -> Vec<(String, Vec<u8>)> {
    let mut pages = Vec::new();
    collect(&tree(lang), "dvorik", lang, &mut pages);
    pages
}

/// The commands without `help`, whose copy of the tree would double every file.
fn tree(lang: Language) -> Command {
    localize::localized(rules::careful(rules::shown(&Args::command()).disable_help_subcommand(true)), lang)
}

fn collect(command: &Command, name: &str, lang: Language, pages: &mut Vec<(String, Vec<u8>)>) {
    let bare = command.clone().name(name.to_owned()).after_help(Resettable::Reset);
    let mut page = Vec::new();
    // Writing into memory does not fail.
    if clap_mangen::Man::new(bare).date("").render(&mut page).is_ok() {
        let path = name.replacen("dvorik", "", 1).replace('-', " ");
        let page = format!("{}{}", headed(&String::from_utf8_lossy(&page), lang), end(command, path.trim(), lang));
        pages.push((format!("{name}.1"), page.into_bytes()));
    }
    let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set());
    for inner in inner {
        collect(inner, &format!("{name}-{}", inner.get_name()), lang, pages);
    }
}

/// The headings that clap writes in English, with their keys in the language catalogue.
const HEADINGS: [(&str, &str); 7] = [
    (".SH NAME", "man.heading.name"),
    (".SH SYNOPSIS", "man.heading.synopsis"),
    (".SH DESCRIPTION", "man.heading.description"),
    (".SH OPTIONS", "man.heading.options"),
    (".SH ARGUMENTS", "man.heading.arguments"),
    (".SH SUBCOMMANDS", "man.heading.subcommands"),
    (".SH VERSION", "man.heading.version"),
];

/// The page with its headings in `lang`.
fn headed(page: &str, lang: Language) -> String {
    let line = |line: &str| match HEADINGS.iter().find(|(english, _)| *english == line) {
        Some((_, key)) => format!("{}\n", heading(key, lang)),
        None => format!("{line}\n"),
    };
    page.lines().map(line).collect()
}

fn heading(key: &str, lang: Language) -> String {
    let words = lang.text(key, &[]).to_uppercase();
    if words.contains(' ') { format!(".SH \"{words}\"") } else { format!(".SH {words}") }
}

/// What a page has after clap's own sections: examples, exit status, environment, files.
fn end(command: &Command, path: &str, lang: Language) -> String {
    let mut end = String::new();
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let exit = format!("{}:", lang.text("help.heading.exit", &[]));
    let examples: Vec<&str> =
        help.lines().take_while(|line| *line != exit).filter(|line| line.starts_with("  ")).map(str::trim).collect();
    if !examples.is_empty() {
        end += &format!("{}\n.nf\n", heading("man.heading.examples", lang));
        end.extend(examples.iter().map(|example| format!("{}\n", escaped(example))));
        end += ".fi\n";
    }
    let codes = rules::exit_codes(path).into_iter();
    let codes: Vec<(String, String)> =
        codes.map(|code| (code.to_string(), lang.text(&format!("help.exit.{code}"), &[]))).collect();
    end += &section("man.heading.exit", &codes, lang);
    let said = |(name, key): &(&str, &str)| ((*name).to_owned(), lang.text(key, &[]));
    end += &section("man.heading.environment", &ENVIRONMENT.iter().map(said).collect::<Vec<_>>(), lang);
    end + &section("man.heading.files", &FILES.iter().map(said).collect::<Vec<_>>(), lang)
}

const ENVIRONMENT: [(&str, &str); 5] = [
    ("DVORIK_CONFIG", "man.env.config"),
    ("DVORIK_SECTION__KEY", "man.env.key"),
    ("DVORIK_LANG", "man.env.lang"),
    ("NO_COLOR", "man.env.no_color"),
    ("CREDENTIALS_DIRECTORY", "man.env.credentials"),
];

const FILES: [(&str, &str); 4] = [
    ("./config.toml, ~/.config/dvorik/config.toml, /etc/dvorik/config.toml", "man.file.config"),
    ("/etc/dvorik/SHOP.toml", "man.file.shop"),
    ("dvorik.db, dvorik.db-wal, dvorik.db-shm", "man.file.database"),
    ("backups/", "man.file.backups"),
];

fn section(key: &str, entries: &[(String, String)], lang: Language) -> String {
    let entry = |(name, text): &(String, String)| format!(".TP\n\\fB{}\\fR\n{}\n", escaped(name), escaped(text));
    format!("{}\n{}", heading(key, lang), entries.iter().map(entry).collect::<String>())
}

/// A line of text as roff: backslashes, hyphens, and a dot or an apostrophe at the start mean something else there.
fn escaped(line: &str) -> String {
    let text = line.replace('\\', "\\\\").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

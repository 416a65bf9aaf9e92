//! `completions` and `man`: made from the command tree itself, always in English. The files in `completions/` and
//! `man/` are their output; a test compares them. To make them anew:
//!
//! ```text
//! dvorik man -o man
//! dvorik completions bash > completions/dvorik.bash
//! dvorik completions zsh > completions/_dvorik
//! dvorik completions fish > completions/dvorik.fish
//! dvorik completions elvish > completions/dvorik.elv
//! dvorik completions powershell > completions/_dvorik.ps1
//! ```

use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory};

use super::args::{Args, Completions, Man};
use super::complete;
use super::localize;
use super::output::{ExitCode, FailureReport};
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
    clap_complete::generate(args.shell, &mut tree(), "dvorik", &mut script);
    session.out.raw(&script);
    Ok(())
}

/// `man`: prints the first page, or writes every page to a file under `-o`.
pub(super) fn man(session: &mut Session<'_>, args: &Man) -> Result<(), Wrong> {
    let pages = pages();
    match (&args.output, pages.first()) {
        (Some(directory), _) => {
            save(&pages, directory).map_err(|error| {
                let words: [(&str, &dyn std::fmt::Display); 2] = [("path", &directory.display()), ("why", &error)];
                FailureReport::new("INTERNAL_ERROR", ExitCode::Failure, session.text("machine.unusable", &words))
            })?;
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
fn pages() -> Vec<(String, Vec<u8>)> {
    let mut pages = Vec::new();
    collect(&tree(), "dvorik", &mut pages);
    pages
}

/// The commands without `help`, whose copy of the tree would double every file.
fn tree() -> Command {
    localize::localized(rules::careful(rules::shown(&Args::command()).disable_help_subcommand(true)), Language::En)
}

fn collect(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) {
    let man = clap_mangen::Man::new(command.clone().name(name.to_owned())).date("");
    let mut page = Vec::new();
    // Writing into memory does not fail.
    if man.render(&mut page).is_ok() {
        pages.push((format!("{name}.1"), page));
    }
    let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set());
    for inner in inner {
        collect(inner, &format!("{name}-{}", inner.get_name()), pages);
    }
}

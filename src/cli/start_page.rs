//! What `dvorik` alone prints: the commands, grouped by what they are for.

use super::output::safe_line;
use crate::language::Language;

/// The groups: the key of their name in the language catalogue, and their commands.
const GROUPS: [(&str, &[&str]); 5] = [
    ("start_page.daily", &["discount", "user", "stats", "status"]),
    ("start_page.broadcasts", &["broadcast", "segment", "campaign", "message", "template"]),
    ("start_page.people", &["cashier", "admin", "token", "order", "audit"]),
    (
        "start_page.service",
        &[
            "serve", "doctor", "backup", "job", "migrate", "settings", "bot", "webhook", "outbox", "report", "export",
            "import",
        ],
    ),
    START,
];
const START: (&str, &[&str]) = ("start_page.start", &["init", "demo"]);
/// The most columns that a line has.
const WIDTH: usize = 80;

/// The page, at most 24 lines of 80 columns. `shop` is the shop's name; without a shop the page begins with how to make
/// one.
pub(super) fn page(lang: Language, shop: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let title = match shop {
        Some(shop) => format!("dvorik {version} · {} · {}", safe_line(shop), lang.text("start_page.about", &[])),
        None => format!("dvorik {version}"),
    };
    let groups = GROUPS.into_iter().filter(|group| shop.is_some() || *group != START);
    let first = shop.is_none().then_some(START);
    let help = format!("help {}", lang.text("start_page.command", &[]));
    let mut rows: Vec<(String, Vec<&str>)> =
        first.into_iter().chain(groups).map(|(name, commands)| (lang.text(name, &[]), commands.to_vec())).collect();
    rows.push((lang.text("start_page.more", &[]), vec![&help]));
    let margin = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0) + 2;
    let mut text = format!("{}\n", shortened(&title));
    for (name, commands) in rows {
        let mut line = format!("{name:margin$}");
        for command in commands {
            if line.chars().count() + command.chars().count() > WIDTH {
                text.push_str(&format!("{}\n", line.trim_end()));
                line = " ".repeat(margin);
            }
            line.push_str(command);
            line.push(' ');
        }
        text.push_str(&format!("{}\n", line.trim_end()));
    }
    text
}

/// A long name of a shop is cut, so that the line fits.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        Some(_) => line.chars().take(WIDTH - 1).chain(['…']).collect(),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::Args;

    #[test]
    fn every_command_stands_there_once_and_the_page_fits_a_screen() {
        let tree = Args::command();
        let is_plural = |name: &str| name.strip_suffix('s').is_some_and(|one| tree.find_subcommand(one).is_some());
        let names = tree.get_subcommands().map(|command| command.get_name().to_owned());
        let mut wanted: Vec<String> =
            names.filter(|name| !is_plural(name) && !["completions", "man"].contains(&&**name)).collect();
        let mut told: Vec<String> =
            GROUPS.iter().flat_map(|(_, commands)| commands.iter().map(|it| (*it).to_owned())).collect();
        wanted.sort();
        told.sort();
        assert_eq!(told, wanted);
        for lang in Language::ALL {
            for shop in [None, Some("Мармеладный дворик"), Some(&*"Ж".repeat(200))] {
                let page = page(lang, shop);
                assert!(page.lines().count() <= 24 && page.lines().all(|line| line.chars().count() <= WIDTH), "{page}");
                assert!(!page.contains("start_page."), "{page}");
            }
        }
        assert!(page(Language::Ru, None).lines().nth(1).unwrap().contains("init demo"));
    }
}

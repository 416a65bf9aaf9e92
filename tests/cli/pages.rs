//! Help, manual pages, completions.

use std::fs;
use std::path::Path;

use dvorik::language::Language;

use super::shop::Shop;

#[test]
fn help_is_there_for_every_command_in_both_languages() {
    let shop = Shop::bare();
    let mut paths = vec![Vec::<String>::new()];
    collect(&dvorik::cli::command(Language::En), &mut Vec::new(), &mut paths);
    assert!(paths.len() > 25, "{paths:?}");
    let mut russian = String::new();
    for path in &paths {
        for (lang, heading) in [("ru", "Использование: dvorik"), ("en", "Usage: dvorik")] {
            let args: Vec<&str> = path.iter().map(String::as_str).chain(["--help", "--lang", lang]).collect();
            let ran = shop.runs(&args);
            assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
            assert!(ran.out.contains(heading), "{args:?}: {}", ran.out);
            if lang == "ru" {
                let page = if path.is_empty() { ran.out } else { without_shared(&ran.out) };
                let command = ["dvorik", &path.join(" ")].join(" ");
                russian += &format!("$ {}\n{page}\n", command.trim_end());
            }
        }
    }
    // The English pages are compared as `man/`.
    insta::assert_snapshot!("help_ru", russian);
    assert_eq!(shop.runs(&["--version"]).out, format!("dvorik {}\n", env!("CARGO_PKG_VERSION")));
    assert!(shop.runs(&["help", "discount", "issue"]).out.contains("--template"));
    for alone in [&[][..], &["--lang", "ru"], &["--color", "never"]] {
        let page = shop.runs(alone);
        assert_eq!((page.code, &*page.err), (0, ""), "{alone:?}");
        assert!(page.out.contains("скидки и рассылки в Telegram\nКаждый день"), "{}", page.out);
    }
    assert_eq!((shop.runs(&["--json"]).error()["exit"].clone(), shop.runs(&["-q"]).code), (2.into(), 2));
    assert_eq!(shop.runs(&["discount", "--json"]).error()["exit"], 2);
}

/// A page without the parameters of every command; the first page shows them.
fn without_shared(page: &str) -> String {
    let Some((own, shared)) = page.split_once("\nОбщие параметры:\n") else { return page.to_owned() };
    let examples = shared.split_once("\n\n").map_or("", |(_, examples)| examples);
    format!("{own}\n{examples}")
}

fn collect(command: &clap::Command, path: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        path.push(inner.get_name().to_owned());
        paths.push(path.clone());
        collect(inner, path, paths);
        path.pop();
    }
}

#[test]
fn manual_pages_and_completions_are_fresh() {
    let shop = Shop::bare();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ran = shop.runs(&["man", "-o", "pages"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    let advice = "make them anew as src/cli/manual.rs says";
    assert!(files(&shop.path("pages")) == files(&root.join("man")), "man/ is stale: {advice}");
    assert_eq!(shop.runs(&["man", "-o", "russian", "--lang", "ru"]).code, 0);
    assert!(files(&shop.path("russian")) == files(&root.join("man/ru")), "man/ru/ is stale: {advice}");
    for (name, page) in files(&root.join("man/ru")) {
        let english = page.lines().filter(|line| line.starts_with(".SH") && !line.contains(is_cyrillic));
        assert_eq!(english.count(), 0, "{name} has an English heading");
    }
    for (name, page) in files(&root.join("man")) {
        assert!(!page.contains(is_cyrillic), "{name} has a Russian letter");
        for heading in [".SH \"EXIT STATUS\"", ".SH ENVIRONMENT", ".SH FILES"] {
            assert!(page.contains(heading), "{name} lacks {heading}");
        }
    }
    assert_eq!(shop.runs(&["man"]).out.as_bytes(), fs::read(root.join("man/dvorik.1")).unwrap());
    let shells = [
        ("bash", "dvorik.bash"),
        ("zsh", "_dvorik"),
        ("fish", "dvorik.fish"),
        ("elvish", "dvorik.elv"),
        ("powershell", "_dvorik.ps1"),
    ];
    for (shell, file) in shells {
        let script = shop.runs(&["completions", shell, "--lang", "ru"]).out;
        let kept = fs::read_to_string(root.join("completions").join(file)).unwrap();
        assert!(script == kept, "completions/{file} is stale: {advice}");
    }
    assert_eq!(fs::read_dir(root.join("completions")).unwrap().count(), shells.len());
}

fn is_cyrillic(letter: char) -> bool {
    ('а'..='я').contains(&letter) || ('А'..='Я').contains(&letter)
}

fn files(directory: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file());
    let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut files: Vec<_> = entries.map(|entry| (name(&entry), fs::read_to_string(entry.path()).unwrap())).collect();
    files.sort();
    assert!(files.len() > 20, "{}", files.len());
    files
}

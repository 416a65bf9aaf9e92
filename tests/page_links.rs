//! The pages for people: a page and its translation have the same command blocks, links lead to files, and what
//! `docs/security.md` names as a proof exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages: those at the top of the repository, and `docs/`.
fn pages() -> Vec<PathBuf> {
    let pages = ["", "docs", "docs/adr"].iter().flat_map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let mut pages: Vec<PathBuf> = pages.map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|end| end == "md"));
    assert!(pages.len() > 20, "{pages:?}");
    pages
}

/// The fenced blocks of a page whose language is a shell's or TOML, without the words around them.
fn blocks(page: &str) -> Vec<String> {
    let (mut blocks, mut inside) = (Vec::new(), false);
    for line in page.lines() {
        if line.starts_with("```") {
            inside = !inside && (line == "```sh" || line == "```toml");
            if inside {
                blocks.push(String::new());
            }
        } else if let (true, Some(block)) = (inside, blocks.last_mut()) {
            *block += &format!("{line}\n");
        }
    }
    blocks
}

/// A line of a block without its comment, which is in the page's language.
fn command(line: &str) -> &str {
    let line = line.split_once("  #").map_or(line, |(command, _)| command).trim_end();
    if line.starts_with('#') { "" } else { line }
}

#[test]
fn a_page_and_its_translation_have_the_same_commands() {
    let mut pairs = 0;
    for russian in pages() {
        let Some(stem) = russian.to_str().unwrap().strip_suffix(".ru.md") else { continue };
        let english = PathBuf::from(format!("{stem}.md"));
        let [russian_blocks, english_blocks] =
            [&russian, &english].map(|path| blocks(&fs::read_to_string(path).unwrap()));
        assert_eq!(russian_blocks.len(), english_blocks.len(), "{}", russian.display());
        for (one, other) in russian_blocks.iter().zip(&english_blocks) {
            let [one, other] = [one, other].map(|block| block.lines().map(command).collect::<Vec<_>>());
            assert_eq!(one, other, "{}", russian.display());
        }
        pairs += 1;
    }
    assert!(pairs >= 5, "{pairs}");
}

#[test]
fn links_of_the_pages_lead_to_files() {
    let mut dead = Vec::new();
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        for link in page.split("](").skip(1).filter_map(|rest| rest.split([')', ' ', '#']).next()) {
            let is_outside = link.is_empty() || link.contains("://") || link.starts_with("mailto:");
            if !is_outside && !path.parent().unwrap().join(link).exists() {
                dead.push(format!("{}: {link}", path.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert_eq!(dead, Vec::<String>::new());
}

#[test]
fn what_the_security_page_calls_a_proof_exists() {
    let tests: BTreeSet<String> = rust_files()
        .flat_map(|(_, whole)| {
            let names =
                whole.split("fn ").skip(1).map(|rest| rest.split(['(', '<']).next().unwrap_or_default().to_owned());
            names.collect::<Vec<_>>()
        })
        .collect();
    let page = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let mut proofs = 0;
    for list in page.split("<!-- held by:").skip(1).filter_map(|rest| rest.split("-->").next()) {
        for proof in
            list.split([',', ';']).map(|proof| proof.trim().trim_matches('`')).filter(|proof| !proof.is_empty())
        {
            let name = proof.rsplit("::").next().unwrap();
            let exists = root().join(proof).exists() || tests.contains(name);
            assert!(exists, "docs/security.md names {proof}, which does not exist");
            proofs += 1;
        }
    }
    assert!(proofs > 50, "{proofs}");
}

/// Every Rust file, with its text.
fn rust_files() -> impl Iterator<Item = (String, String)> {
    let (mut folders, mut files) = (["tests", "src", "crates"].map(|folder| root().join(folder)).to_vec(), Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|end| end == "rs") {
                files.push((entry.display().to_string(), fs::read_to_string(entry).unwrap()));
            }
        }
    }
    files.into_iter()
}

//! The index of the program's files: each file with the first sentence of its head, by folder, kept in `docs/files.md`.
//! `DVORIK_WRITE_DOCS=1` writes it anew.

use std::fmt::Write;

use super::api::document::is_kept;
use super::architecture::program_files;

/// The first sentence of a file's head, on one line.
fn first_sentence(path: &str, whole: &str) -> String {
    let lines: Vec<&str> = whole.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let paragraph = lines.split(|line| line.is_empty()).next().unwrap_or_default().join(" ");
    assert!(!paragraph.is_empty(), "{path} does not say what is in it");
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    paragraph[..end].replace('|', "\\|")
}

#[test]
fn the_index_of_files_is_as_kept() {
    let mut index = String::from(
        "# Files\n\nEvery file of the program with the first sentence of its head. The code map in \
         [ARCHITECTURE.md](../ARCHITECTURE.md) says where to look first; search this page for a word when the map does not \
         say. Made by `tests/files_document.rs`.\n",
    );
    let mut folder = None;
    for (path, whole) in program_files() {
        let (parent, name) = path.rsplit_once('/').unwrap();
        if folder.as_deref() != Some(parent) {
            write!(index, "\n## `{parent}/`\n\n| File | What is in it |\n|---|---|\n").unwrap();
            folder = Some(parent.to_owned());
        }
        writeln!(index, "| `{name}` | {} |", first_sentence(&path, &whole)).unwrap();
    }
    is_kept("files.md", &index);
}

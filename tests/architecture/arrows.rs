//! Which file of the program uses which. Imports and paths are read from the source and followed through the module
//! tree, also through names that a file only re-exports, to the file that declares what is used.

use std::collections::{BTreeMap, BTreeSet};

/// That one file uses another.
#[derive(Debug, PartialEq, Eq)]
pub struct Arrow {
    pub from: String,
    pub to: String,
    /// Where the file says so, from 1.
    pub line: usize,
    /// What the file says: `super::view::status`.
    pub path: String,
}

/// A word or sign of a source text. Not a comment, a text or a character.
#[derive(Clone, Copy)]
struct Token<'t> {
    text: &'t str,
    line: usize,
}

/// The path of a `use` tree and the name it gets; `None` for `*`.
#[derive(Debug, PartialEq, Eq)]
struct Import {
    name: Option<String>,
    path: Vec<String>,
}

/// What a file says outside its test modules.
#[derive(Default)]
struct Reading {
    file: String,
    /// Names declared at the top level.
    declares: BTreeSet<String>,
    imports: Vec<Import>,
    /// Every path, those of imports too, with its line.
    paths: Vec<(Vec<String>, usize)>,
}

/// The files by module: `src/cli/user` is `src/cli/user.rs` or `src/cli/user/mod.rs`, `src` is `src/lib.rs`.
struct ModuleTree(BTreeMap<String, Reading>);

/// What begins a test module, before its name and `{`.
const TEST_MODULE: [&str; 8] = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];
/// A chain of re-exports longer than this is a circle.
const LONGEST_CHAIN: usize = 16;

fn tokens(code: &str) -> Vec<Token<'_>> {
    let (mut found, mut line, mut rest) = (Vec::new(), 1, code);
    while !rest.is_empty() {
        let (length, is_token) = first_token(rest);
        let (text, behind) = rest.split_at(length);
        found.extend(is_token.then_some(Token { text, line }));
        line += text.bytes().filter(|byte| *byte == b'\n').count();
        rest = behind;
    }
    found
}

/// The length of what `code` begins with, and whether it is a token: not a comment, a text, a character or a space.
fn first_token(code: &str) -> (usize, bool) {
    let through = |end: &str, from: usize| code[from..].find(end).map_or(code.len(), |at| from + at + end.len());
    let word = code.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(code.len());
    let behind = &code[word..];
    let marks = behind.len() - behind.trim_start_matches('#').len();
    match &code[..word] {
        "r" | "br" | "cr" if behind[marks..].starts_with('"') => {
            (through(&format!("\"{}", "#".repeat(marks)), word + marks + 1), false)
        }
        "" | "b" | "c" if behind.starts_with('"') => {
            let mut end = word + 1;
            while code.as_bytes()[end] != b'"' {
                end += if code.as_bytes()[end] == b'\\' { 2 } else { 1 };
            }
            (end + 1, false)
        }
        "" | "b" if behind.starts_with("'\\") => (through("'", word + 3), false),
        "" | "b" if behind.starts_with('\'') && behind.chars().nth(2) == Some('\'') => (through("'", word + 1), false),
        "" if code.starts_with("//") => (through("\n", 0), false),
        "" if code.starts_with("/*") => (through("*/", 2), false),
        "" if code.starts_with("::") => (2, true),
        "" => {
            let sign = code.chars().next().unwrap();
            (sign.len_utf8(), !sign.is_whitespace())
        }
        _ => (word, true),
    }
}

/// The tokens behind the block that begins with the first `{`.
fn behind_block<'s, 't>(mut rest: &'s [Token<'t>]) -> &'s [Token<'t>] {
    let mut depth = 0;
    while let [token, after @ ..] = rest {
        rest = after;
        match token.text {
            "{" => depth += 1,
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            _ => {}
        }
    }
    rest
}

/// Reads one `use` tree that continues the path `before`. Returns the tokens behind it.
fn use_tree<'s, 't>(mut rest: &'s [Token<'t>], before: &[String], found: &mut Vec<Import>) -> &'s [Token<'t>] {
    let mut path = before.to_vec();
    let mut name = None;
    while let [token, after @ ..] = rest {
        match token.text {
            "," | "}" | ";" => break,
            "::" => rest = after,
            "{" => {
                rest = after;
                while rest[0].text != "}" {
                    rest = use_tree(rest, &path, found);
                    rest = if rest[0].text == "," { &rest[1..] } else { rest };
                }
                return &rest[1..];
            }
            "*" => {
                found.push(Import { name: None, path });
                return after;
            }
            "as" => {
                name = Some(after[0].text.to_owned());
                rest = &after[1..];
            }
            word => {
                path.push(word.to_owned());
                rest = after;
            }
        }
    }
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    found.push(Import { name: name.or_else(|| path.last().cloned()), path });
    rest
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn reading(file: &str, code: &str) -> Reading {
    let tokens = tokens(code);
    let mut read = Reading { file: file.to_owned(), ..Reading::default() };
    let (mut rest, mut depth, mut before) = (tokens.as_slice(), 0, "");
    while let [token, after @ ..] = rest {
        let text = |at: usize| rest.get(at).map_or("", |token| token.text);
        if TEST_MODULE.iter().enumerate().all(|(at, sign)| text(at) == *sign) && text(9) == "{" {
            rest = behind_block(rest);
            continue;
        }
        rest = after;
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            // The path of `pub(in path)` says who may use an item, and uses nothing.
            "in" if before == "(" => rest = &after[after.iter().position(|token| token.text == ")").unwrap()..],
            // `use<'a>` captures a lifetime.
            "use" if text(1) != "<" => {
                let known = read.imports.len();
                rest = use_tree(after, &[], &mut read.imports);
                read.paths.extend(read.imports[known..].iter().map(|import| (import.path.clone(), token.line)));
            }
            word if is_word(word) => {
                let keywords = ["struct", "enum", "union", "trait", "type", "fn", "const", "static", "mod"];
                if depth == 0 && keywords.contains(&before) {
                    read.declares.insert(word.to_owned());
                }
                let mut path = vec![word.to_owned()];
                while let [colons, next, behind @ ..] = rest
                    && colons.text == "::"
                    && is_word(next.text)
                {
                    path.push(next.text.to_owned());
                    rest = behind;
                }
                read.paths.extend(Some((path, token.line)).filter(|(path, _)| path.len() > 1));
            }
            _ => {}
        }
        before = token.text;
    }
    read
}

fn module_of(file: &str) -> &str {
    let module = file.strip_suffix(".rs").unwrap();
    module.strip_suffix("/mod").or_else(|| module.strip_suffix("/lib")).unwrap_or(module)
}

fn parent(module: &str) -> &str {
    module.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn child(module: &str, name: &str) -> String {
    format!("{module}/{name}")
}

impl ModuleTree {
    fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(file, code)| (module_of(file).to_owned(), reading(file, code))).collect())
    }

    /// The module in which a path of the module `own` starts, and the rest of the path. `None` for a path into another
    /// crate.
    fn start<'p>(&self, own: &str, path: &'p [String]) -> Option<(String, &'p [String])> {
        match path.first()?.as_str() {
            "crate" => {
                let above: usize = own.split('/').take_while(|word| *word != "src").map(|word| word.len() + 1).sum();
                Some((own[..above + "src".len()].to_owned(), &path[1..]))
            }
            "self" => Some((own.to_owned(), &path[1..])),
            "super" => {
                let ups = path.iter().take_while(|word| *word == "super").count();
                Some(((0..ups).fold(own, |module, _| parent(module)).to_owned(), &path[ups..]))
            }
            first => self.has(own, first).then(|| (own.to_owned(), path)),
        }
    }

    /// Whether `name` is a child or an import of the module, or declared in it.
    fn has(&self, module: &str, name: &str) -> bool {
        let read = &self.0[module];
        read.declares.contains(name)
            || read.imports.iter().any(|import| import.name.as_deref() == Some(name))
            || self.0.contains_key(&child(module, name))
    }

    /// The path under which the module imports `name`.
    fn import(&self, module: &str, name: &str) -> Option<Vec<String>> {
        let imports = &self.0[module].imports;
        if let Some(import) = imports.iter().find(|import| import.name.as_deref() == Some(name)) {
            return Some(import.path.clone());
        }
        imports.iter().filter(|import| import.name.is_none()).find_map(|import| {
            let (start, rest) = self.start(module, &import.path)?;
            let target = rest.iter().fold(start, |module, name| child(&module, name));
            let is_there = self.0.contains_key(&target) && self.has(&target, name);
            is_there.then(|| [import.path.as_slice(), &[name.to_owned()]].concat())
        })
    }

    /// The files that a path of the module `own` leads to: the one that declares what is meant, and those that re-export
    /// it on the way.
    fn follow(&self, own: &str, path: &[String], chain: usize) -> BTreeSet<&str> {
        let Some((mut module, rest)) = self.start(own, path).filter(|_| chain < LONGEST_CHAIN) else {
            return BTreeSet::new();
        };
        let mut passed = BTreeSet::new();
        for (at, name) in rest.iter().enumerate() {
            let below = child(&module, name);
            if self.0.contains_key(&below) {
                module = below;
                continue;
            }
            if !self.0[&module].declares.contains(name)
                && let Some(path) = self.import(&module, name)
            {
                let path = [path, rest[at + 1..].to_vec()].concat();
                passed.extend(self.follow(&module, &path, chain + 1));
            }
            break;
        }
        passed.insert(&self.0[&module].file);
        passed
    }
}

/// Every arrow between two of the files, as often as the source says it. A file is its path from the repository's root
/// and its text; test files are the caller's to leave out.
pub fn between(files: &[(&str, &str)]) -> Vec<Arrow> {
    let tree = ModuleTree::of(files);
    let mut found = Vec::new();
    for (own, read) in &tree.0 {
        for (path, line) in &read.paths {
            for to in tree.follow(own, path, 0).into_iter().filter(|to| *to != read.file) {
                found.push(Arrow { from: read.file.clone(), to: to.to_owned(), line: *line, path: path.join("::") });
            }
        }
    }
    found
}

/// Whether the module of one of the files holds the other.
fn is_above(one: &str, other: &str) -> bool {
    let (one, other) = (child(module_of(one), ""), child(module_of(other), ""));
    one.starts_with(&other) || other.starts_with(&one)
}

/// The groups of files in which each file leads to each other one, printed with the arrows inside. Arrows between a
/// module and one below it in the module tree do not count.
pub fn rings(arrows: &[Arrow]) -> Vec<String> {
    let mut leads: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for arrow in arrows.iter().filter(|arrow| !is_above(&arrow.from, &arrow.to)) {
        leads.entry(&arrow.from).or_default().insert(&arrow.to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = leads.keys().map(|from| (*from, reachable(&leads, from))).collect();
    let mut rings: BTreeSet<Vec<&str>> = BTreeSet::new();
    for (from, all) in &reached {
        let is_back = |to: &&&str| reached.get(**to).is_some_and(|all| all.contains(from));
        let ring: Vec<&str> = all.iter().filter(is_back).copied().collect();
        rings.extend(Some(ring).filter(|ring| !ring.is_empty()));
    }
    rings.iter().map(|ring| printed(ring, arrows)).collect()
}

/// The files to which `from` leads in one or more steps; with `from` itself only if it stands in a ring.
fn reachable<'a>(leads: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &str) -> BTreeSet<&'a str> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(file) = open.pop() {
        for to in leads.get(file).into_iter().flatten() {
            if found.insert(*to) {
                open.push(to);
            }
        }
    }
    found
}

fn printed(ring: &[&str], arrows: &[Arrow]) -> String {
    let inside = arrows.iter().filter(|arrow| {
        let is_inside = |file: &str| ring.contains(&file);
        is_inside(&arrow.from) && is_inside(&arrow.to) && !is_above(&arrow.from, &arrow.to)
    });
    let said: BTreeMap<(&str, &str), &Arrow> = inside.map(|arrow| ((&*arrow.from, &*arrow.to), arrow)).collect();
    let lines = said.values().map(|a| format!("    {}:{} -> {} ({})", a.from, a.line, a.to, a.path));
    format!("{} files use each other:\n{}", ring.len(), lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn imports_and_paths_are_read_as_the_compiler_reads_them() {
    let read = reading(
        "src/a.rs",
        r##"//! use crate::comment;
use crate::{
    b::{self, C, d::{E as F, self as g}}, // use crate::comment;
    h,
};
pub(in crate::z) use super::super::i::*;
use ::std::fmt as _;
/* use crate::comment; */
const TEXT: &str = "use crate::text; \" crate::text";
const RAW: &str = r#"use crate::"raw";"#;
const SIGN: (char, char, char) = ('"', '\'', '\u{7f}');
pub fn f<'a>(x: &'a h::J) -> impl Fn() + use<'a> {
    use self::k::l;
    g::m::<crate::n::O>(x, self.p, if x { 'q' } else { "" });
}
#[cfg(test)]
mod tests {
    use crate::tested;
    fn t() { { crate::tested::u() } }
}
struct V(super::W);
"##,
    );
    let import = |name: Option<&str>, path: &str| Import {
        name: name.map(str::to_owned),
        path: path.split("::").map(str::to_owned).collect(),
    };
    let imports = [
        import(Some("b"), "crate::b"),
        import(Some("C"), "crate::b::C"),
        import(Some("F"), "crate::b::d::E"),
        import(Some("g"), "crate::b::d"),
        import(Some("h"), "crate::h"),
        import(None, "super::super::i"),
        import(Some("_"), "std::fmt"),
        import(Some("l"), "self::k::l"),
    ];
    assert_eq!(read.imports, imports);
    let paths: Vec<(String, usize)> = read.paths.iter().map(|(path, line)| (path.join("::"), *line)).collect();
    let others = paths.iter().filter(|(path, _)| imports.iter().all(|import| import.path.join("::") != *path));
    let others: Vec<(&str, usize)> = others.map(|(path, line)| (path.as_str(), *line)).collect();
    assert_eq!(others, [("h::J", 12), ("g::m", 14), ("crate::n::O", 14), ("super::W", 21)]);
    assert_eq!(read.declares, ["RAW", "SIGN", "TEXT", "V", "f"].map(str::to_owned).into());
}

#[test]
fn a_ring_is_found_through_re_exports_aliases_and_nested_imports() {
    let arrows = between(&[
        ("src/lib.rs", "pub mod a; pub mod z;"),
        ("src/a/mod.rs", "mod b; mod c; mod d; mod e; pub use b::Thing; pub use d::*; use e::last;"),
        ("src/a/b.rs", "use super::{c::{self as see}}; pub struct Thing; fn f() { see::g() } type X = super::Other;"),
        ("src/a/c.rs", "pub fn g() { super::last() }"),
        ("src/a/d.rs", "pub enum Other { A(crate::z::Z) }"),
        ("src/a/e.rs", "pub fn last() -> crate::a::Thing { Thing }"),
        ("src/z.rs", "use std::fmt; pub struct Z;"),
    ]);
    let leads = |from: &str, to: &str| arrows.iter().any(|arrow| arrow.from == from && arrow.to == to);
    assert!(leads("src/a/b.rs", "src/a/c.rs"), "a nested import with another name");
    assert!(leads("src/a/c.rs", "src/a/e.rs"), "an import of the parent module");
    assert!(leads("src/a/e.rs", "src/a/b.rs") && leads("src/a/e.rs", "src/a/mod.rs"), "a re-export and who re-exports");
    assert!(leads("src/a/b.rs", "src/a/d.rs"), "a re-export of every name");
    assert!(leads("src/a/d.rs", "src/z.rs") && arrows.iter().all(|arrow| arrow.from != "src/z.rs"));
    let rings = rings(&arrows);
    assert_eq!(rings.len(), 1, "{rings:?}");
    let ring = [
        "3 files use each other:",
        "    src/a/b.rs:1 -> src/a/c.rs (see::g)",
        "    src/a/c.rs:1 -> src/a/e.rs (super::last)",
        "    src/a/e.rs:1 -> src/a/b.rs (crate::a::Thing)",
    ];
    assert_eq!(rings[0], ring.join("\n"));
}

//! Every table has one owner among the nouns (`owners.txt`): the owner alone writes it, and no noun above the owner reads
//! it. The statements are found in the string literals of `src/`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use super::{assert_none, is_test_file, modules_of, rings, sources};

/// What a statement does with a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Access {
    Reads,
    Writes,
}

/// The lines of `owners.txt`.
#[derive(Default)]
pub struct Owners {
    /// Table and owner, in the order of the file.
    pub tables: Vec<(String, String)>,
    /// Key of `meta` and its owner.
    pub keys: Vec<(String, String)>,
    /// Noun, what it does, table.
    exceptions: BTreeSet<(String, Access, String)>,
}

impl Owners {
    pub fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/architecture/owners.txt");
        let mut owners = Self::default();
        for line in fs::read_to_string(path).unwrap().lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            owners.take(line);
        }
        owners
    }

    fn take(&mut self, line: &str) {
        let (said, reason) = line.split_once(" because ").map_or((line, None), |(said, why)| (said, Some(why)));
        match *said.split(' ').collect::<Vec<_>>() {
            [key, owner] if key.starts_with("meta.") => {
                self.keys.push((key.replacen("meta.", "", 1), owner.to_owned()))
            }
            [table, owner] => self.tables.push((table.to_owned(), owner.to_owned())),
            [noun, verb @ ("reads" | "writes"), ref tables @ ..] if reason.is_some_and(|reason| reason.len() > 20) => {
                let access = if verb == "reads" { Access::Reads } else { Access::Writes };
                let of_noun = tables.iter().map(|table| (noun.to_owned(), access, (*table).to_owned()));
                self.exceptions.extend(of_noun);
            }
            _ => panic!("owners.txt: no line is written like this: {line}"),
        }
    }

    fn of(&self, table: &str) -> Option<&str> {
        self.tables.iter().find(|(name, _)| name == table).map(|(_, owner)| owner.as_str())
    }
}

/// The tables of `docs/schema.sql`.
fn schema() -> BTreeSet<String> {
    let sql = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema.sql")).unwrap();
    let made = sql
        .lines()
        .filter_map(|line| line.strip_prefix("CREATE TABLE ").or_else(|| line.strip_prefix("CREATE VIRTUAL TABLE ")));
    let tables: BTreeSet<String> = made.map(|rest| rest.split(' ').next().unwrap().replace('"', "")).collect();
    assert!(tables.len() > 40, "the schema was not found");
    tables
}

/// The string literals of a Rust file. Comments, characters and lifetimes are none; an escape counts as a space, except an
/// escaped quote.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(next) = rest.find(['"', '/', '\'', 'r']) {
        let (before, from) = rest.split_at(next);
        let is_in_word = before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
        let hashes = from.get(1..).unwrap().chars().take_while(|c| *c == '#').count();
        rest = if from.starts_with("//") {
            from.find('\n').map_or("", |end| &from[end..])
        } else if from.starts_with("/*") {
            from.find("*/").map_or("", |end| &from[end + 2..])
        } else if from.starts_with('r') && !is_in_word && from[1 + hashes..].starts_with('"') {
            let (body, end) = (&from[2 + hashes..], format!("\"{}", "#".repeat(hashes)));
            let (literal, rest) = body.split_once(&end).unwrap();
            found.push(literal.to_owned());
            rest
        } else if let Some(body) = from.strip_prefix('"') {
            let (literal, rest) = quoted(body);
            found.push(literal);
            rest
        } else if let Some(character) = from.strip_prefix("'\\") {
            character.get(1..).and_then(|tail| tail.split_once('\'')).map_or("", |(_, rest)| rest)
        } else {
            // After a quotation mark in single quotes there is another one; after a lifetime's there is none.
            let skipped = if from.starts_with('\'') && from.chars().nth(2) == Some('\'') { 3 } else { 1 };
            let at = from.char_indices().nth(skipped).map_or(from.len(), |(at, _)| at);
            &from[at..]
        };
    }
    found
}

/// The literal that begins here, and what follows its closing quote.
fn quoted(body: &str) -> (String, &str) {
    let (mut literal, mut chars) = (String::new(), body.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (literal, &body[at + 1..]),
            '\\' => literal.push(if chars.next().is_some_and(|(_, c)| c == '"') { '"' } else { ' ' }),
            c => literal.push(c),
        }
    }
    panic!("a literal has no end: {literal}");
}

/// The words of a statement: names with their dots, and each comma and bracket.
fn words(literal: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for c in literal.chars().filter(|c| *c != '"') {
        let is_part = c.is_ascii_alphanumeric() || c == '_' || c == '.';
        match words.last_mut() {
            Some(word) if is_part && is_open => word.push(c),
            _ if is_part || matches!(c, ',' | '(' | ')') => words.push(c.to_string()),
            _ => {}
        }
        is_open = is_part;
    }
    words
}

/// What the statements of a literal do with which tables. A name is empty when the literal ends before it.
fn accesses(literal: &str) -> Vec<(Access, String)> {
    let words = words(literal);
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let before = |at: usize, back: usize| at.checked_sub(back).map_or("", word);
    let mut found = Vec::new();
    for (at, verb) in words.iter().enumerate() {
        match verb.as_str() {
            "INTO" if matches!(before(at, 1), "INSERT" | "REPLACE") || before(at, 2) == "OR" => {
                found.push((Access::Writes, word(at + 1).to_owned()));
            }
            "UPDATE" if before(at, 1) != "DO" => {
                let name = if word(at + 1) == "OR" { at + 3 } else { at + 1 };
                found.push((Access::Writes, word(name).to_owned()));
            }
            "FROM" if before(at, 1) == "DELETE" => found.push((Access::Writes, word(at + 1).to_owned())),
            "FROM" => found.extend(listed(&words[at + 1..]).into_iter().map(|table| (Access::Reads, table))),
            "JOIN" => found.push((Access::Reads, word(at + 1).to_owned())),
            _ => {}
        }
    }
    found
}

/// The tables after a FROM: one, or several with commas between them, each with or without an alias.
fn listed(words: &[String]) -> Vec<String> {
    let mut found = vec![words.first().cloned().unwrap_or_default()];
    let mut left = words.get(1..).unwrap_or_default();
    loop {
        left = match left {
            [word, alias, rest @ ..] if word == "AS" && alias != "," => rest,
            [alias, rest @ ..] if alias.starts_with(|c: char| c.is_ascii_lowercase()) => rest,
            [comma, table, rest @ ..] if comma == "," => {
                found.push(table.clone());
                rest
            }
            _ => return found,
        };
    }
}

/// What a statement in `src/` does with a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Statement {
    path: String,
    module: String,
    access: Access,
    table: String,
}

/// Every statement in `src/`. A name with `main.` is the shop's table; one with `temp.` or `replaced.` (the other database
/// of a restore) is none of it.
static STATEMENTS: LazyLock<Vec<Statement>> = LazyLock::new(|| {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| !is_test_file(source)) {
        let code = source.whole.split("\n#[cfg(test)]\nmod tests {\n").next().unwrap();
        for (access, name) in literals(code).iter().flat_map(|literal| accesses(literal)) {
            let table = name.strip_prefix("main.").unwrap_or(&name).to_owned();
            if !table.starts_with("temp.") && !table.starts_with("replaced.") {
                found.push(Statement { path: source.path.clone(), module: source.module().to_owned(), access, table });
            }
        }
    }
    let count = |wanted| found.iter().filter(|of: &&Statement| of.access == wanted).count();
    let (writes, reads) = (count(Access::Writes), count(Access::Reads));
    assert!(writes > 150 && reads > 300, "{writes} writes and {reads} reads were found in src/");
    found
});

/// The statements that break the rule of their access: a write by another module than the owner, a read of a table that
/// belongs to a later module. Exceptions are among them.
fn rule_breakers(owners: &Owners, access: Access) -> Vec<&'static Statement> {
    let order: Vec<String> = rings().into_iter().flat_map(|(_, modules)| modules).collect();
    let place = |name: &str| order.iter().position(|module| module == name);
    let of_access = STATEMENTS.iter().filter(|of| of.access == access && of.table != "meta");
    let breaks = |of: &&Statement| match (access, owners.of(&of.table)) {
        (Access::Writes, owner) => owner != Some(of.module.as_str()),
        (Access::Reads, Some(owner)) => place(&of.module) < place(owner),
        // Names that are no tables, as `json_each`, may be read. A name that the literal does not hold may not, except in
        // `db`, which counts the rows of any table.
        (Access::Reads, None) => of.table.is_empty() && of.module != "db",
    };
    of_access.filter(breaks).collect()
}

/// Fails for every statement that breaks the rule of its access and is no exception.
fn assert_kept(access: Access) {
    let owners = Owners::read();
    let breakers = rule_breakers(&owners, access);
    let listed = |of: &&&Statement| owners.exceptions.contains(&(of.module.clone(), access, of.table.clone()));
    let broken = breakers.iter().filter(|of| !listed(of));
    let told = broken.map(|of| {
        let owner = owners.of(&of.table).unwrap_or("no noun");
        format!("{}: {access:?} «{}», which belongs to {owner}", of.path, of.table)
    });
    assert_none(&told.collect::<Vec<_>>());
}

#[test]
fn statements_are_found_however_they_are_written() {
    let code = r##"
        // "UPDATE comments SET x = 1", and a word's apostrophe
        const A: &str = "INSERT INTO a (x)
            VALUES (:x) ON CONFLICT DO UPDATE SET x = 1 WHERE y IN (SELECT z FROM b AS q, c JOIN d ON true)";
        const B: &str = select!("INSERT OR REPLACE INTO e SELECT 'it''s' FROM main.f");
        fn quotes<'a>(c: char) -> bool { c == '"' || c == '\'' || c == '\\' }
        const C: &str = r#"UPDATE OR IGNORE "g" SET x = 'a "word"'"#;
        const D: &str = concat!("DELETE FROM \
            h WHERE x = \"y\"", "UPDATE ", table!());
    "##;
    let found: Vec<String> = literals(code)
        .iter()
        .flat_map(|literal| accesses(literal))
        .map(|(access, table)| format!("{access:?} {table}"))
        .collect();
    let writes = ["Writes a", "Writes e", "Writes g", "Writes h", "Writes "];
    let reads = ["Reads b", "Reads c", "Reads d", "Reads main.f"];
    assert_eq!(found.iter().filter(|found| found.starts_with('W')).collect::<Vec<_>>(), writes);
    assert_eq!(found.iter().filter(|found| found.starts_with('R')).collect::<Vec<_>>(), reads);
}

#[test]
fn every_table_and_every_exception_in_the_list_of_owners_is_needed() {
    let (owners, schema, nouns) = (Owners::read(), schema(), modules_of("nouns"));
    let mut broken = Vec::new();
    let mut seen = BTreeSet::from(["meta".to_owned()]);
    for (table, owner) in &owners.tables {
        if !schema.contains(table) || !seen.insert(table.clone()) {
            broken.push(format!("owners.txt: {table} is no table, or stands there twice"));
        }
        if !nouns.contains(owner) {
            broken.push(format!("owners.txt: {owner}, the owner of {table}, is no noun"));
        }
    }
    broken.extend(schema.difference(&seen).map(|table| format!("owners.txt: {table} has no owner")));
    let breakers = [Access::Reads, Access::Writes].into_iter().flat_map(|access| rule_breakers(&owners, access));
    let used = breakers.map(|of| (of.module.clone(), of.access, of.table.clone())).collect();
    for unused in owners.exceptions.difference(&used) {
        broken.push(format!("owners.txt: no statement needs the exception {unused:?}"));
    }
    assert_none(&broken);
}

#[test]
fn a_table_is_written_by_its_owner_alone() {
    assert_kept(Access::Writes);
}

#[test]
fn a_noun_reads_no_table_of_a_later_noun() {
    assert_kept(Access::Reads);
}

/// `meta` is a table of keys, and each key belongs to one noun.
#[test]
fn a_key_of_meta_is_used_by_its_owner_alone() {
    let owners = Owners::read();
    let on_meta = STATEMENTS.iter().filter(|of| of.table == "meta");
    let with_meta: BTreeSet<&str> = on_meta.map(|of| of.path.as_str()).collect();
    assert!(with_meta.len() > 5, "the statements on meta were not found");
    let (mut broken, mut users) = (Vec::new(), BTreeMap::<&str, BTreeSet<&str>>::new());
    let all = sources();
    for source in all.iter().filter(|source| with_meta.contains(source.path.as_str())) {
        let literals = literals(&source.whole);
        let has = |key: &str| literals.iter().any(|text| text.starts_with(key) || text.contains(&format!("'{key}")));
        let keys: Vec<&str> = owners.keys.iter().map(|(key, _)| key.as_str()).filter(|key| has(key)).collect();
        if keys.is_empty() {
            broken.push(format!("{}: owners.txt has no key of meta that this file uses", source.path));
        }
        for key in keys {
            users.entry(key).or_default().insert(source.module());
        }
    }
    for (key, owner) in &owners.keys {
        let used = users.remove(key.as_str()).unwrap_or_default();
        if used != BTreeSet::from([owner.as_str()]) {
            broken.push(format!("owners.txt: meta.{key} belongs to {owner}, and is used by {used:?}"));
        }
    }
    assert_none(&broken);
}

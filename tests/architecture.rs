//! The house rules that a compiler does not know. Each reads the tree and names the line that breaks it.

pub mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

mod arrows;

use arrows::Arrow;

/// A source file without its comments and its test module.
struct Source {
    path: String,
    code: String,
    whole: String,
}

impl Source {
    /// The module of lib.rs, or the crate in `crates/`, that this file belongs to.
    fn module(&self) -> &str {
        let inside = self.path.strip_prefix("src/").or_else(|| self.path.strip_prefix("crates/")).unwrap();
        inside.split('/').next().unwrap().trim_end_matches(".rs")
    }

    fn breaks(&self, what: &str) -> Option<String> {
        let line = self.code.lines().position(|line| line.contains(what))?;
        Some(format!("{}:{}: {what}", self.path, line + 1))
    }
}

/// The files of the program and of the crates in `crates/`.
fn sources() -> Vec<Source> {
    let read = |(path, whole): (String, String)| Source { path, code: stripped(&whole), whole };
    ["src", "crates"].into_iter().flat_map(rust_files).map(read).collect()
}

/// Path and text of every file of the program and of the crates that is not named after tests, folder by folder.
pub fn program_files() -> Vec<(String, String)> {
    let is_named_after_tests = |path: &str| path.ends_with("tests.rs") || path.contains("/tests/");
    let mut files: Vec<_> = ["src", "crates"].into_iter().flat_map(rust_files).collect();
    files.retain(|(path, _)| !is_named_after_tests(path));
    files.sort_by(|(one, _), (other, _)| one.rsplit_once('/').cmp(&other.rsplit_once('/')));
    files
}

/// The Rust files below a folder of the repository: path from the root, and text.
fn rust_files(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let whole = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), whole));
            }
        }
    }
    assert!(found.len() > 30, "the tree was not found");
    found
}

/// The text with its line numbers, without comments and without what only tests compile.
fn stripped(whole: &str) -> String {
    let code = outside_tests(whole);
    let code = code.lines().map(|line| match line.find("//") {
        Some(at) if !line.get(..at).unwrap().contains('"') => line.get(..at).unwrap(),
        _ => line,
    });
    code.collect::<Vec<_>>().join("\n")
}

/// The text with its line numbers, in which each item, field or statement after `#[cfg(test)]` is left empty.
fn outside_tests(whole: &str) -> String {
    let mut code = Vec::new();
    let mut lines = whole.lines();
    while let Some(line) = lines.next() {
        code.push(line);
        let indent = line.len() - line.trim_start().len();
        if line.trim() != "#[cfg(test)]" {
            continue;
        }
        for inside in lines.by_ref() {
            code.push("");
            // rustfmt ends an item, a field or a statement on a line that is indented as its first one.
            let is_outer = inside.len() - inside.trim_start().len() == indent;
            if is_outer && inside.ends_with([';', ',', '}']) {
                break;
            }
        }
    }
    code.join("\n")
}

#[test]
fn what_only_tests_compile_is_left_out() {
    let whole = "#[cfg(test)]\nuse a::{\n    b,\n};\nuse c;\nstruct D {\n    #[cfg(test)]\n    e: a::E,\n    f: F,\n}\n\
        #[cfg(test)]\nimpl D {\n    fn g() {}\n}\nfn h() {}\n";
    let left: Vec<String> = outside_tests(whole).lines().map(str::to_owned).filter(|line| !line.is_empty()).collect();
    let kept =
        ["#[cfg(test)]", "use c;", "struct D {", "    #[cfg(test)]", "    f: F,", "}", "#[cfg(test)]", "fn h() {}"];
    assert_eq!(left, kept);
    assert_eq!(outside_tests(whole).lines().count(), whole.lines().count());
}

/// The sections of lib.rs: ring name and its modules, in order.
fn rings() -> Vec<(String, Vec<String>)> {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let mut rings: Vec<(String, Vec<String>)> = Vec::new();
    for line in lib.lines() {
        if let Some(comment) = line.strip_prefix("// ") {
            rings.push((comment.split(':').next().unwrap().to_owned(), Vec::new()));
        } else if let Some(name) = line.strip_prefix("pub mod ") {
            rings.last_mut().unwrap().1.push(name.trim_end_matches(';').to_owned());
        }
    }
    rings
}

fn modules_of(ring: &str) -> Vec<String> {
    rings().into_iter().find(|(name, _)| name == ring).map(|(_, modules)| modules).unwrap()
}

/// Whether only tests compile the file: it is named so, or its module is declared below `#[cfg(test)]`.
fn is_test_file(source: &Source) -> bool {
    source.path.ends_with("tests.rs") || source.path.contains("/tests/") || TEST_MODULES.contains(&source.path)
}

static TEST_MODULES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut found = BTreeSet::new();
    for (path, whole) in rust_files("src").into_iter().chain(rust_files("crates")) {
        let folder =
            path.strip_suffix("/mod.rs").or(path.strip_suffix("/lib.rs")).or(path.strip_suffix(".rs")).unwrap();
        for (first, second) in whole.lines().zip(whole.lines().skip(1)) {
            let name = second.split("mod ").nth(1).and_then(|rest| rest.strip_suffix(';'));
            if let Some(name) = name.filter(|_| first == "#[cfg(test)]") {
                found.insert(format!("{folder}/{name}.rs"));
                found.insert(format!("{folder}/{name}/mod.rs"));
            }
        }
    }
    assert!(found.len() > 20, "the test modules were not found");
    found
});

fn assert_none(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

/// Which file of the program uses which, tests left out.
static ARROWS: LazyLock<Vec<Arrow>> = LazyLock::new(|| {
    let all = sources();
    let files = all.iter().filter(|source| !is_test_file(source));
    let files: Vec<(&str, &str)> = files.map(|source| (source.path.as_str(), source.code.as_str())).collect();
    let arrows = arrows::between(&files);
    assert!(files.len() > 350 && arrows.len() > 10_000, "{} files, {} arrows were found", files.len(), arrows.len());
    arrows
});

/// The order of the files inside a module is not declared: there [`no_two_files_use_each_other`] is enough.
#[test]
fn a_module_uses_only_those_above_it() {
    let order: Vec<String> = rings().into_iter().flat_map(|(_, modules)| modules).collect();
    let all = sources();
    let modules: BTreeMap<&str, &str> = all.iter().map(|source| (source.path.as_str(), source.module())).collect();
    let place = |module: &str| order.iter().position(|name| name == module);
    let doors = modules_of("doors");
    let is_door = |module: &str| doors.iter().any(|door| door == module);
    let (mut count, mut broken) = (0, Vec::new());
    for Arrow { from, to, line, path } in ARROWS.iter() {
        let (own, used) = (modules[from.as_str()], modules[to.as_str()]);
        let (Some(own_place), Some(used_place)) = (place(own), place(used)) else { continue };
        count += 1;
        if used_place > own_place || (is_door(own) && is_door(used) && own != used) {
            broken.push(format!("{from}:{line}: uses {used} ({path})"));
        }
    }
    assert!(count > 10_000, "{count} arrows between modules of lib.rs were found");
    assert_none(&broken);
}

/// Two files that use each other are read as one; a ring of five is read as one, too. A module and a file below it may
/// use each other.
#[test]
fn no_two_files_use_each_other() {
    assert_none(&arrows::rings(&ARROWS));
}

#[test]
fn nouns_are_synchronous_and_know_no_framework() {
    let nouns = modules_of("nouns");
    let words = ["async ", ".await", "tokio::", "axum::", "clap::", "tgbot::", "reqwest::", "println!", "std::thread"];
    let all = sources();
    let of_nouns = all.iter().filter(|source| nouns.contains(&source.module().to_owned()));
    assert_none(&of_nouns.flat_map(|source| words.iter().filter_map(|word| source.breaks(word))).collect::<Vec<_>>());
}

#[test]
fn sql_stands_only_in_nouns_and_the_database_ring() {
    let mut allowed = modules_of("nouns");
    allowed.push("db".to_owned());
    let verbs = ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE ", "\"CREATE ", "\"PRAGMA "];
    let all = sources();
    let others = all.iter().filter(|source| !allowed.contains(&source.module().to_owned()) && !is_test_file(source));
    assert_none(&others.flat_map(|source| verbs.iter().filter_map(|verb| source.breaks(verb))).collect::<Vec<_>>());
}

#[test]
fn every_power_has_one_room() {
    let rooms = [
        ("Utc::now", vec!["clock"]),
        ("SystemTime", vec!["clock"]),
        ("env::var", vec!["config"]),
        ("Connection::open", vec!["db"]),
        ("tokio::spawn", vec!["builtin-telegram"]),
        ("print!(", vec!["cli"]),
        ("println!(", vec!["cli"]),
    ];
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !is_test_file(source)) {
        for (what, allowed) in &rooms {
            if !allowed.contains(&source.module()) {
                broken.extend(source.breaks(what));
            }
        }
    }
    assert_none(&broken);
}

/// A handler of the bots returns its effect, so that it cannot forget to mark the update as done, nor mark it alone.
#[test]
fn an_updates_effect_is_written_by_intake_alone() {
    let all = sources();
    let handlers = all.iter().filter(|source| source.module() == "bot" && source.path != "src/bot/intake.rs");
    let writes = [".write(", ".write_async(", ".write_bulk", "handle_once("];
    assert_none(&handlers.flat_map(|source| writes.iter().filter_map(|word| source.breaks(word))).collect::<Vec<_>>());
    let intake = all.iter().find(|source| source.path == "src/bot/intake.rs").unwrap();
    assert!(intake.breaks("inbox::handle_once(").is_some());
}

/// A process that the suite starts sees the suite's clock, also a faked one: `.ci/at` fakes it by variables.
#[test]
fn tests_start_processes_with_the_clock_they_have_themselves() {
    let rooms = ["tests/harness.rs", "tests/architecture.rs"];
    let cleared = rust_files("tests")
        .into_iter()
        .filter(|(path, whole)| !rooms.contains(&path.as_str()) && whole.contains(".env_clear()"))
        .map(|(path, _)| format!("{path}: take harness::forgets_machine"));
    assert_none(&cleared.collect::<Vec<_>>());
}

/// The tests that let time pass, and what for. Every other wait ends with what it waits for: `harness::becomes_true`.
const LETS_TIME_PASS: [(&str, &str); 7] = [
    ("tests/harness.rs", "the pause between two looks of `becomes_true`"),
    ("tests/api/reads.rs", "the pace of a counter beside slow lists"),
    ("tests/broadcasts/rate.rs", "how long two processes send before one of them is ended"),
    ("tests/crash.rs", "the random moment of a kill"),
    ("tests/one_file.rs", "the random moment of a stop"),
    ("tests/outage.rs", "how long another process holds the database"),
    ("tests/outages.rs", "how long a fault lasts, and the pace of letters"),
];

/// A fixed pause is too short on a busy machine and too long on every other one.
#[test]
fn tests_do_not_sleep() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src", "crates", "tests"].into_iter().filter(|folder| root.join(folder).is_dir());
    let (mut broken, mut listed) = (Vec::new(), BTreeMap::from(LETS_TIME_PASS));
    for (path, whole) in folders.flat_map(rust_files).filter(|(path, _)| path != "tests/architecture.rs") {
        let allowed = LETS_TIME_PASS.iter().any(|(listed, _)| *listed == path);
        let lines: Vec<&str> = whole.lines().collect();
        for number in first_line_of_tests(&path, &lines)..lines.len() {
            let code = lines[number].split("//").next().unwrap();
            if !["sleep", "park_timeout", "interval("].iter().any(|word| code.contains(word)) {
                continue;
            }
            listed.remove(path.as_str());
            let has_reason = number > 0 && lines[number - 1].trim_start().starts_with("//");
            if !(allowed && has_reason) {
                broken.push(format!(
                    "{path}:{}: wait by harness::becomes_true, or say on the line above why time itself passes, \
                     and list the file",
                    number + 1
                ));
            }
        }
    }
    broken.extend(listed.keys().map(|path| format!("{path}: lets no time pass; take it off the list")));
    assert_none(&broken);
}

/// Where the lines begin that are compiled for tests alone; behind the last line when there are none.
fn first_line_of_tests(path: &str, lines: &[&str]) -> usize {
    if path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("tests.rs") {
        return 0;
    }
    lines.iter().position(|line| *line == "#[cfg(test)]").unwrap_or(lines.len())
}

#[test]
fn russian_stands_only_where_it_belongs() {
    // Alphabets and words people type are data: codes, yes and no, ё as е in search.
    let allowed = ["src/discount/code.rs", "src/texts/mod.rs", "src/language/", "src/settings.rs", "src/user/"];
    let is_russian = |line: &str| line.chars().any(|c| ('\u{400}'..='\u{4ff}').contains(&c));
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !is_test_file(source)) {
        if allowed.iter().any(|path| source.path.starts_with(path)) {
            continue;
        }
        for (number, line) in source.code.lines().enumerate().filter(|(_, line)| is_russian(line)) {
            broken.push(format!("{}:{}: {line}", source.path, number + 1));
        }
    }
    assert_none(&broken);
}

#[test]
fn every_file_says_what_lives_in_it() {
    let all = sources();
    let silent = all.iter().filter(|source| !is_test_file(source) && !source.whole.starts_with("//!"));
    assert_none(&silent.map(|source| format!("{}: no `//!` at its top", source.path)).collect::<Vec<_>>());
}

#[test]
fn no_file_is_named_after_nothing() {
    let empty = ["utils", "util", "helpers", "helper", "common", "manager", "service", "misc"];
    let all = sources();
    let named =
        all.iter().filter(|source| empty.contains(&Path::new(&source.path).file_stem().unwrap().to_str().unwrap()));
    assert_none(&named.map(|source| source.path.clone()).collect::<Vec<_>>());
}

/// A line that was moved is noticed here, and not when the faults are planted the next time.
#[test]
fn every_planted_fault_applies_and_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let inside: Vec<_> = ["src", "crates"].into_iter().flat_map(rust_files).collect();
    let is_inside = |name: &str| {
        inside.iter().any(|(path, whole)| {
            path.contains(&format!("/{name}/"))
                || path.ends_with(&format!("/{name}.rs"))
                || whole.contains(&format!("fn {name}"))
        })
    };
    let (mut count, mut broken, mut found) = (0, Vec::new(), BTreeMap::new());
    for entry in fs::read_dir(root.join("tests/mutants")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ext| ext != "patch") {
            continue;
        }
        count += 1;
        let patch = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        let applied =
            Command::new("git").args(["apply", "--check", "--recount", "-C1"]).arg(&path).current_dir(root).output();
        let applied = applied.expect("git applies the patches of this test: install it");
        if !applied.status.success() {
            broken.push(format!("{name}: {}", String::from_utf8_lossy(&applied.stderr).trim()));
        }
        let (first, second) = (patch.lines().next().unwrap_or_default(), patch.lines().nth(1).unwrap_or_default());
        let filters: Vec<&str> =
            match first.strip_prefix("test: --test suite ").or_else(|| first.strip_prefix("test: --lib ")) {
                Some(filters) => filters.split_whitespace().filter(|word| *word != "--").collect(),
                None => Vec::new(),
            };
        if filters.is_empty() || !second.starts_with("why: ") {
            broken.push(format!(
                "{name}: its first two lines are `test: --test suite …` or `test: --lib …`, and `why: …`"
            ));
        }
        for filter in filters {
            let is_there = if first.starts_with("test: --lib ") {
                filter.split("::").filter(|part| !part.is_empty()).all(is_inside)
            } else {
                *found.entry(filter.to_owned()).or_insert_with(|| is_listed(filter))
            };
            if !is_there {
                broken.push(format!("{name}: no test is called {filter}"));
            }
        }
    }
    assert!(count > 90, "{count} patches were found");
    assert_none(&broken);
}

/// A list that begins with `is_test = :realm` is read by an index of that column, whole, and sorted for each page.
/// `Conditions::of_realm` says why. The exceptions read an index that begins with the realm on purpose.
#[test]
fn no_list_is_read_by_an_index_of_the_realm() {
    let on_purpose = ["src/user/list.rs", "src/staff/cashier.rs", "src/segment/fitting.rs", "src/discount/list.rs"];
    let is_so = |(_, whole): &(String, String)| {
        whole.contains("Conditions::new(\"is_test") || whole.contains(".is_test = :realm\", \":realm\"")
    };
    let found: Vec<String> = rust_files("src").into_iter().filter(is_so).map(|(path, _)| path).collect();
    let named: Vec<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(named.len(), on_purpose.len(), "{named:?}");
    assert!(named.iter().all(|path| on_purpose.iter().any(|file| path.ends_with(file))), "{named:?}");
}

/// A name that fits no test leaves nothing out: the test that it meant runs, under another name.
#[test]
fn the_fast_set_leaves_out_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let makefile = fs::read_to_string(root.join("Makefile")).unwrap().replace("\\\n", " ");
    let units = makefile.lines().find_map(|line| line.strip_prefix("SLOW_UNITS = ")).unwrap();
    let slow = fs::read_to_string(root.join("tests/slow.txt")).unwrap();
    let slow: Vec<&str> = slow.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(units.split_whitespace().count() > 0 && !slow.is_empty());
    let listed = Command::new(std::env::current_exe().unwrap()).arg("--list").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let listed: Vec<&str> = listed.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    let program = rust_files("src");
    let is_unit = |name: &&str| program.iter().any(|(_, whole)| whole.contains(&format!("fn {name}(")));
    let missing = slow.into_iter().filter(|name| !listed.contains(name));
    let missing = missing.chain(units.split_whitespace().filter(|name| !is_unit(name)));
    assert_none(&missing.map(|name| format!("no test is called {name}")).collect::<Vec<_>>());
}

/// Whether a test of this suite has such a name.
fn is_listed(filter: &str) -> bool {
    let listed = Command::new(std::env::current_exe().unwrap()).args(["--list", filter]).output().unwrap();
    String::from_utf8_lossy(&listed.stdout).lines().any(|line| line.ends_with(": test"))
}

/// The names of types that a file declares: `struct`, `enum`, `type`, `trait` and the enums of `words!`.
fn declared(code: &str) -> Vec<String> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let words: Vec<&str> = line.split_whitespace().filter(|word| !word.starts_with("pub")).collect();
        let associated = line.starts_with(' ') && words.first() == Some(&"type");
        let after = |word: &str| words.iter().position(|found| *found == word).and_then(|at| words.get(at + 1));
        let name = ["struct", "enum", "type", "trait"].iter().find_map(|word| after(word)).filter(|_| !associated);
        let of_words = line.strip_suffix(" {").and_then(|line| line.trim().split(" as ").next()).filter(|name| {
            name.chars().all(char::is_alphanumeric)
                && lines[number.saturating_sub(6)..number].iter().any(|line| line.trim() == "words!(")
        });
        if let Some(name) = name.copied().or(of_words) {
            let name: String = name.chars().take_while(|c| c.is_alphanumeric()).collect();
            if name.starts_with(char::is_uppercase) {
                found.push(name);
            }
        }
    }
    found
}

/// A name that three modules declare has three meanings. `Error` is each module's own; `Row` is a row of its table.
#[test]
fn no_type_name_is_declared_in_more_than_two_modules() {
    let mut modules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources().iter().filter(|source| !is_test_file(source)) {
        for name in declared(&source.code) {
            modules.entry(name).or_default().insert(source.path.clone());
        }
    }
    assert!(modules.len() > 500, "the declarations were not found");
    let allowed = ["Error", "Row"];
    let crowded = modules.iter().filter(|(name, files)| files.len() > 2 && !allowed.contains(&name.as_str()));
    assert_none(&crowded.map(|(name, files)| format!("{name}: {files:?}")).collect::<Vec<_>>());
}

#[test]
fn a_broadcasts_status_has_one_writer() {
    let all = sources();
    let sql = all.iter().filter(|source| source.path != "src/broadcast/store.rs");
    let elsewhere = sql.filter_map(|source| {
        let code = source.code.split_whitespace().collect::<Vec<_>>().join(" ");
        code.contains("UPDATE broadcasts SET status").then(|| format!("{}: writes the status", source.path))
    });
    let calls = all.iter().filter(|source| source.path != "src/broadcast/transition.rs");
    let round = calls.filter_map(|source| source.breaks("store::set_status("));
    assert_none(&elsewhere.chain(round).collect::<Vec<_>>());
    let transition = all.iter().find(|source| source.path == "src/broadcast/transition.rs").unwrap();
    assert!(transition.breaks("store::set_status(").is_some() && transition.breaks("next(").is_some());
}

//! Files of customers, mutated by the thousand: cut off at every byte, quotes, separators, line breaks and bytes put in and
//! taken out. What is not certain is refused; what is taken has the rows that Python's strict csv reader finds.

use std::fmt::Write;
use std::io::Cursor;
use std::process::{Command, Stdio};

use dvorik::clock::Timestamp;
use dvorik::realm::Realm;
use dvorik::sheet;
use dvorik::user::Country;
use dvorik::user::import::{CustomerFile, Reading, Terms};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Deserialize;

use crate::harness::number;

const FILES: [&str; 5] = [
    "telegram_id,first_name,tags,last_name\n\
     9301,Анна,\"vip, Новый\",Белова\n\
     9302,\"Борис \"\"Боб\"\"\",vip,\n\
     9303,Вера,,\"О'Нил, мл.\"\n",
    "telegram_id;first_name;tags\r\n9301;Анна;\"vip\"\r\n9302;;new\r\n\r\n9303;\"Вера; Ким\";\"\"\r\n",
    "telegram_id\tfirst_name\tsource\r9301\tAnna\t\"x\"\r9302\t\"B\tc\"\tleaflet\r",
    "sep=|\ntelegram_id|first_name|id\n9301|Ёлка|\"two\nlines\"\n9302|\"\"|2",
    "{\"telegram_id\":9301,\"first_name\":\"Анна\",\"tags\":[\"vip\"]}\n\
     {\"telegram_id\":9302,\"first_name\":\"Борис \\\"Боб\\\"\"}\n{\"telegram_id\":9303,\"last_name\":null}\n",
];

/// What Python says of a file, by rules of its own: see the program.
#[derive(Debug, Deserialize)]
struct Verdict {
    /// Why it must be refused.
    fault: Option<String>,
    /// The rows of a sheet that may be taken.
    rows: Option<Vec<Vec<String>>>,
    /// Whether its last row has no line break behind it.
    unterminated: bool,
}

/// Reads lines of `separator hex`; answers with a JSON array. The grammar of RFC 4180 finds quotes that are not certain,
/// `csv.reader(strict=True)` finds the rows.
const JUDGE: &str = r#"
import csv, io, json, re, sys

def pairs(found):
    if len({key for key, _ in found}) < len(found):
        raise ValueError("twice")
    return dict(found)

def judge(separator, data):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return {"fault": "character", "unterminated": False}
    ends = re.split("\r\n|\n|\r", text)
    unterminated = bool(ends[-1].strip())
    if text.lstrip()[:1] in ("{", "["):
        try:
            for line in text.split("\n" if "\n" in text else "\r"):
                if line.strip() and not isinstance(json.loads(line, object_pairs_hook=pairs), dict):
                    raise ValueError("no object")
        except ValueError:
            return {"fault": "json", "unterminated": unterminated}
        return {"unterminated": unterminated}
    if re.match("(?:sep|SEP)=[;,\t|](?:[\r\n]|$)", text):
        text = re.sub("^....[;,\t|](?:\r\n|\n|\r)?", "", text)
    s = re.escape(separator)
    cell = '(?:"(?:[^"]|"")*"|[^"\r\n' + s + ']*)'
    row = f"{cell}(?:{s}{cell})*"
    if not re.fullmatch(f"{row}(?:(?:\r\n|\n|\r){row})*", text):
        return {"fault": "quote", "unterminated": unterminated}
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True) if row]
    named = [row for row in rows if any(cell.strip() for cell in row)]
    if not named:
        return {"fault": "empty", "unterminated": unterminated}
    head = [name.strip() for name in named[0]]
    while head and not head[-1]:
        head.pop()
    for row in named[1:]:
        if len(row) < len(head):
            return {"fault": "cells", "unterminated": unterminated}
        if any("\n" in cell or "\r" in cell for name, cell in zip(head, row) if name != "id"):
            return {"fault": "line_break", "unterminated": unterminated}
    is_named = any(cell.strip() for cell in rows[-1])
    return {"rows": rows, "unterminated": is_named and text[-1] not in "\r\n"}

lines = sys.stdin.read().split("\n")
print(json.dumps([judge(chr(int(line.split()[0])), bytes.fromhex((line.split() + [""])[1])) for line in lines if line]))
"#;

/// A byte string near `file`.
fn mutated(rng: &mut StdRng, file: &str) -> Vec<u8> {
    let mut bytes = file.as_bytes().to_vec();
    for _ in 0..rng.random_range(1..=3) {
        let at = rng.random_range(0..=bytes.len());
        let put: &[u8] = match rng.random_range(0..9) {
            0..=2 => b"\"",
            3 => b"\"\"",
            4 => [b",".as_slice(), b";", b"\t", b"|"][rng.random_range(0..4)],
            5 => [b"\n".as_slice(), b"\r", b"\r\n"][rng.random_range(0..3)],
            6 => {
                bytes.truncate(at);
                continue;
            }
            7 => b" ",
            _ => {
                if at < bytes.len() {
                    bytes.remove(at);
                }
                continue;
            }
        };
        bytes.splice(at..at, put.iter().copied());
    }
    bytes
}

fn mutants(count: usize) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> =
        FILES.iter().flat_map(|file| (0..file.len()).map(|at| file.as_bytes()[..at].to_vec())).collect();
    let seed = number("DVORIK_TEST_SEED").unwrap_or(10);
    let mut rng = StdRng::seed_from_u64(seed);
    while all.len() < count {
        let file = FILES[all.len() % FILES.len()];
        all.push(mutated(&mut rng, file));
    }
    all
}

fn separator(bytes: &[u8]) -> char {
    sheet::separator(&String::from_utf8_lossy(bytes)).0
}

fn judged(mutants: &[Vec<u8>]) -> Vec<Verdict> {
    let mut asked = String::new();
    for bytes in mutants {
        write!(asked, "{} ", u32::from(separator(bytes))).unwrap();
        bytes.iter().for_each(|byte| write!(asked, "{byte:02x}").unwrap());
        asked.push('\n');
    }
    let mut python = Command::new("python3");
    let python = python.args(["-c", JUDGE]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.spawn().expect("python3 judges this test: install it");
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, asked.as_bytes()).unwrap());
    let said = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(said.status.success());
    serde_json::from_slice(&said.stdout).unwrap()
}

fn reads(bytes: &[u8]) -> Reading {
    let now = Timestamp::parse("2026-11-29T11:00:00Z").unwrap();
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 29).unwrap();
    let terms = Terms { realm: Realm::Real, now, today, country: Country::RUSSIA, map: &[] };
    CustomerFile::open(Cursor::new(bytes)).unwrap().check(terms, |_| {}).unwrap()
}

#[test]
fn what_is_not_certain_is_refused_and_the_rest_is_what_python_reads() {
    let mutants = mutants(usize::try_from(number("DVORIK_TEST_MUTANTS").unwrap_or(2000)).unwrap());
    let (mut refused, mut taken) = (0, 0);
    for (bytes, verdict) in mutants.iter().zip(judged(&mutants)) {
        let shown = String::from_utf8_lossy(bytes);
        let reading = reads(bytes);
        if let Some(fault) = &verdict.fault {
            assert!(!reading.faults.is_empty(), "{fault} was taken: {shown:?}");
            assert!(reading.faults.iter().all(|fault| fault.line >= 1), "{:?}", reading.faults);
            refused += 1;
            continue;
        }
        if let Some(rows) = verdict.rows {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let (separator, below, before) = sheet::separator(&text);
            let read =
                sheet::rows(below, separator, before + 1).unwrap_or_else(|(_, flaw)| panic!("{flaw:?}: {text:?}"));
            let read: Vec<Vec<String>> = read.into_iter().map(|row| row.cells).collect();
            assert_eq!(read, rows, "{shown:?}");
        }
        if reading.faults.is_empty() {
            assert_eq!(reading.unterminated.is_some(), verdict.unterminated, "{shown:?}");
            taken += 1;
        }
    }
    eprintln!("{} mutants: {refused} had to be refused, {taken} were taken", mutants.len());
    assert!(refused > mutants.len() / 10 && taken > mutants.len() / 20, "{refused} {taken} of {}", mutants.len());
}

use std::io::{Cursor, SeekFrom};
use std::ops::Deref;
use std::rc::Rc;

use super::*;
use crate::user::import::source::BLOCK;

fn terms(map: &[Mapped]) -> Terms<'_> {
    let today = NaiveDate::from_ymd_opt(2026, 11, 29).unwrap();
    let now = Timestamp::parse("2026-11-29T11:00:00Z").unwrap();
    Terms { realm: Realm::Real, now, today, country: Country::RUSSIA, map }
}

/// A file that is read to its end, with the people of its right rows.
#[derive(Debug)]
struct Whole {
    people: Vec<Incoming>,
    reading: Reading,
}

impl Deref for Whole {
    type Target = Reading;

    fn deref(&self) -> &Reading {
        &self.reading
    }
}

/// Reads a file twice, as an import does.
fn read(file: Vec<u8>, terms: Terms<'_>) -> Whole {
    let mut file = CustomerFile::open(Cursor::new(file)).unwrap();
    let (mut right, mut people) = (Vec::new(), Vec::new());
    let reading = file.check(terms, |person| right.push(person)).unwrap();
    if reading.wrong == 0 {
        people = file.people(terms).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!((&people, people.len()), (&right, reading.right));
    }
    Whole { people, reading }
}

fn reads(file: impl Into<Vec<u8>>) -> Whole {
    read(file.into(), terms(&[]))
}

/// The line, field and rule of each fault; the rule is given without the common prefix.
fn faults(file: impl Into<Vec<u8>>) -> Vec<(usize, String, &'static str)> {
    let rule = |fault: &FileFault| fault.rule.strip_prefix("import.rule.").unwrap_or(fault.rule);
    reads(file).faults.iter().map(|fault| (fault.line, fault.field.clone(), rule(fault))).collect()
}

/// The bytes of a file that a user of the program sent, from `tests/cases`.
macro_rules! case {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/cases/", $name)).as_slice()
    };
}

fn the_one(file: &[u8]) -> Incoming {
    let reading = reads(file);
    assert_eq!(reading.faults, [] as [FileFault; 0]);
    let [person] = reading.people.as_slice() else { panic!("{reading:?}") };
    person.clone()
}

#[test]
fn what_a_russian_spreadsheet_makes_of_an_export_is_understood() {
    let text = "\u{feff}telegram_id;first_name;phone;birthday;is_test;tags;;\r\n\
                42;'=Анна;79141234567;03.02.2002;ЛОЖЬ;vip, Новый;;\r\n;;;;;;;\r\n";
    let person = the_one(text.as_bytes());
    assert_eq!((person.line, person.telegram_id, person.first_name.as_deref()), (2, TelegramId(42), Some("=Анна")));
    assert_eq!(person.phone.as_ref().unwrap().as_str(), "+79141234567");
    assert_eq!(person.birthday, NaiveDate::from_ymd_opt(2002, 2, 3));
    assert_eq!(person.tags.iter().map(Tag::as_str).collect::<Vec<_>>(), ["vip", "новый"]);
}

#[test]
fn what_is_certain_in_other_programs_files_is_read() {
    for (file, encoding, id, line) in [
        (case!("i01_cp1251.csv"), Encoding::Windows1251, 9101, 2),
        (case!("i03_bom_semicolon.csv"), Encoding::Utf8, 9103, 2),
        (case!("i04_sep_line.csv"), Encoding::Utf8, 9104, 3),
        (case!("i04b_blank_first.csv"), Encoding::Utf8, 9105, 3),
    ] {
        let person = the_one(file);
        assert_eq!((reads(file).encoding, person.telegram_id.0, person.line), (encoding, id, line));
        assert_eq!(person.first_name.as_deref(), Some("Анна"));
    }
    let utf16: Vec<u8> =
        "\u{feff}telegram_id\tfirst_name\r\n7\tАнна\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!((the_one(&utf16).first_name.as_deref(), reads(utf16).encoding), (Some("Анна"), Encoding::Utf16));
    assert_eq!(the_one(case!("i14_06.csv")).birthday, NaiveDate::from_ymd_opt(2002, 2, 3));

    let genders: Vec<_> = reads(case!("i13_gender.csv")).people.iter().filter_map(|person| person.gender).collect();
    let (male, female) = (crate::user::Gender::Male, crate::user::Gender::Female);
    assert_eq!(genders, [male, female, male, female, male, male, female]);

    let spaced = reads(case!("i31c_spaces.csv"));
    assert_eq!(spaced.faults, [] as [FileFault; 0]);
    let names: Vec<_> = spaced.people.iter().map(|person| person.first_name.as_deref()).collect();
    assert_eq!(names, [Some("Анна"), None]);

    let pandas = reads(case!("pd_rt.csv"));
    assert_eq!((pandas.faults.len(), pandas.people.len()), (0, 6));
    assert_eq!(pandas.people[0].phone.as_ref().unwrap().as_str(), "+79141234567");
}

#[test]
fn what_is_not_certain_is_refused_where_it_stands() {
    let of = |line, field: &str, rule| vec![(line, field.to_owned(), rule)];
    assert_eq!(faults(case!("i06d_quote_tags.csv")), of(2, "tags", "quote_open"));
    assert_eq!(faults(case!("i06f_truncated.csv")), of(3, "first_name", "quote_open"));
    assert_eq!(faults(case!("i05_mac_cr.csv")), of(3, "phone", "phone"));
    assert_eq!(faults(case!("i11_x1.csv")), of(2, "phone", "phone"));
    assert_eq!(faults(case!("i11_x4.csv")), of(2, "phone", "phone"));
    assert_eq!(faults(case!("i26b_dupkey.jsonl")), of(1, "first_name", "key_twice"));
    assert_eq!(faults(case!("i15_google.csv"))[0], (1, "telegram_id".to_owned(), "no_column"));
    assert_eq!(faults("telegram_id,tags\n7,\"a\nb\"\n"), of(2, "tags", "line_break"));
    assert_eq!(faults("telegram_id,tags\n7,\"a\"b\n"), of(2, "tags", "quote_behind"));
    assert_eq!(faults("telegram_id,tags\n7,a\"b\n"), of(2, "tags", "quote_bare"));
    assert_eq!(faults("telegram_id,tags\n7,\"\"\"a\"\n"), of(2, "tags", "tag_quote"));
    assert_eq!(faults("telegram_id,tags\n7\n"), of(2, "row", "cells"));
    assert_eq!(faults("telegram_id,first_name\n7,Анна\n".as_bytes()[..32].to_vec()), of(2, "row", "character"));
    assert_eq!(faults("{\"telegram_id\":7}\n{\"telegram_id\":8,\"first_n"), of(2, "row", "json"));
    assert_eq!(faults("{\"telegram_id\":7}\r{\"telegram_id\":x}\r"), of(2, "row", "json"));
    assert_eq!(faults("[{\"telegram_id\":7}]"), of(1, "row", "json"));
    let open = &reads(case!("i06d_quote_tags.csv")).faults[0];
    assert_eq!(open.value, "vip\\n9302,Борис,vip\\n9303,Вера,new\\n");
}

#[test]
fn what_the_owner_should_know_is_told() {
    let reading = reads("telegram_id,first_name\n9307,Анна\n9308,Бор");
    assert_eq!((reading.people.len(), reading.unterminated), (2, Some(3)));
    assert_eq!(reads("telegram_id,first_name\n9307,Анна\n").unterminated, None);
    assert_eq!(reads("{\"telegram_id\":7}\r\n{\"telegram_id\":8}").unterminated, Some(2));
    let twins = reads(case!("i12_dup_phone.csv"));
    assert_eq!((twins.people.len(), &twins.same_phone.first), (2, &vec![(2, 3)]));
    assert_eq!(reads("telegram_id,phone\n7,8 914 123-45-67 доб. 5\n").extensions.first, [2]);
}

#[test]
fn columns_of_another_program_are_read_by_a_map() {
    let map =
        ["Id=telegram_id", "Given Name=first_name", "Phone 1 - Value=phone"].map(|pair| Mapped::parse(pair).unwrap());
    let file = "Name,Given Name,Notes,Phone 1 - Value,Id\nАнна Белова,Анна,\"two\nlines\",8 (914) 123-45-67,42\n";
    let reading = read(file.into(), terms(&map));
    assert_eq!((&reading.faults, &reading.ignored), (&vec![], &vec!["Name".to_owned(), "Notes".to_owned()]));
    let [person] = reading.people.as_slice() else { panic!() };
    assert_eq!((person.telegram_id.0, person.first_name.as_deref()), (42, Some("Анна")));
    assert_eq!(person.phone.as_ref().unwrap().as_str(), "+79141234567");
    let absent = read("Id\n42\n".into(), terms(&map)).reading.faults;
    let fields: Vec<_> = absent.iter().map(|fault| (fault.field.as_str(), fault.rule)).collect();
    assert_eq!(fields, [("Given Name", "import.rule.map_column"), ("Phone 1 - Value", "import.rule.map_column")]);
    let json = read("{\"Id\":42,\"Given Name\":\"Анна\",\"x\":[1]}\n".into(), terms(&map));
    assert_eq!((json.people.len(), &json.ignored), (1, &vec!["x".to_owned()]));
}

#[test]
fn every_fault_is_named_by_line_and_field() {
    let head = "telegram_id,first_name,phone,gender,birthday,tags,created_at,is_test,username\n";
    let long = "я".repeat(257);
    for (row, field, rule) in [
        (",Анна,,,,,,,", "telegram_id", "telegram_id"),
        ("0,,,,,,,,", "telegram_id", "telegram_id"),
        ("4.2E+11,,,,,,,,", "telegram_id", "telegram_id"),
        ("4503599627370496,,,,,,,,", "telegram_id", "telegram_id"),
        (&format!("1,{long},,,,,,,"), "first_name", "text"),
        ("1,\0,,,,,,,", "first_name", "text"),
        ("1,,7.9E+10,,,,,,", "phone", "phone"),
        ("1,,,woman,,,,,", "gender", "gender"),
        ("1,,,,2027-01-01,,,,", "birthday", "birthday"),
        ("1,,,,03.02.02,,,,", "birthday", "birthday"),
        (&format!("1,,,,,{},,,", "т".repeat(33)), "tags", "rule.tag"),
        ("1,,,,,,2026-11-29T11:00:01Z,,", "created_at", "instant"),
        ("1,,,,,,22.11.2026,,", "created_at", "instant"),
        ("1,,,,,,,true,", "is_test", "world"),
        ("1,,,,,,,maybe,", "is_test", "bool"),
        ("1,,,,,,,,https://vk.com/x", "username", "username"),
        ("1,,,,", "row", "cells"),
        ("1,,,,,,,false,x,more", "row", "cells"),
    ] {
        assert_eq!(faults(format!("{head}{row}\n")), [(2, field.to_owned(), rule)], "{row}");
    }
    let twenty_one = (0..21).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    assert_eq!(faults(format!("telegram_id;tags\n7;\"{twenty_one}\"\n")), [(2, "tags".into(), "tags")]);
    assert_eq!(faults("telegram_id\n7\n8\n7\n"), [(4, "telegram_id".into(), "twice")]);
    let both = faults("telegram_id,gender,phone\n7,x,y\n");
    assert_eq!(both.iter().map(|(_, field, _)| field.as_str()).collect::<Vec<_>>(), ["phone", "gender"]);
    let values: Vec<_> =
        reads("telegram_id,gender,phone\n7,x,y\n").reading.faults.into_iter().map(|fault| fault.value).collect();
    assert_eq!(values, ["y", "x"]);
}

#[test]
fn columns_nobody_knows_are_no_columns() {
    assert_eq!(faults("telegram_id,note\n7,x\n"), [(1, "note".into(), "column")]);
    assert_eq!(faults("telegram_id,phone,phone\n"), [(1, "phone".into(), "column_twice")]);
    assert_eq!(faults("first_name\nx\n"), [(1, "telegram_id".into(), "no_column")]);
    assert_eq!(faults("{\"telegram_id\":7,\"note\":1}\n"), [(1, "note".into(), "column")]);
    assert_eq!(faults("{\"telegram_id\":7}\n\n{oops\n"), [(3, "row".into(), "json")]);
    assert_eq!(faults("{\"telegram_id\":7,\"phone\":[]}\n"), [(1, "phone".into(), "kind")]);
    assert_eq!(faults(""), [(1, "telegram_id".into(), "no_column")]);
}

#[test]
fn a_person_who_comes_twice_is_found_however_wrong_the_rows_are() {
    let file = "telegram_id,gender\n7,\n8,x\n7,y\n8,\n7,\n9,\n";
    let rules: Vec<_> = faults(file).into_iter().map(|(line, _, rule)| (line, rule)).collect();
    assert_eq!(rules, [(3, "gender"), (4, "gender"), (4, "twice"), (5, "twice"), (6, "twice")]);
    let reading = reads(file);
    assert_eq!((reading.wrong, reading.right), (4, 2));
    let values: Vec<_> = reading.faults.iter().filter(|fault| fault.rule.ends_with("twice")).collect();
    assert_eq!(values.iter().map(|fault| fault.value.as_str()).collect::<Vec<_>>(), ["7 (2)", "8 (3)", "7 (4)"]);
}

#[test]
fn of_many_faults_and_pairs_the_first_thousand_are_named() {
    let rows: String =
        (1..=3000).map(|id| format!("{},{},+79140000001\n", id % 1500, if id % 3 == 0 { "x" } else { "" })).collect();
    let reading = reads(format!("telegram_id,gender,phone\n{rows}"));
    assert_eq!((reading.wrong, reading.faults.len()), (2000, 1000));
    let lines: Vec<_> = reading.faults.iter().map(|fault| fault.line).collect();
    assert!(lines.is_sorted() && lines[..2] == [4, 7] && lines[999] > 1500);
    assert_eq!(reading.same_phone.first[..2], [(2, 3), (2, 4)]);
    assert_eq!((reading.same_phone.first.len(), reading.same_phone.first[999]), (1000, (2, 1002)));
}

#[test]
fn a_row_without_an_end_is_refused_by_its_beginning() {
    let long = "x".repeat(400_000);
    assert_eq!(faults(format!("telegram_id,first_name\n7,{long}\n8,\n")), [(2, "row".into(), "row_long")]);
    assert_eq!(faults(format!("telegram_id,{long}\n8,\n")), [(1, "row".into(), "row_long")]);
    assert_eq!(faults(format!("{{\"telegram_id\":7,\"first_name\":\"{long}\"}}\n")), [(1, "row".into(), "row_long")]);
    assert_eq!(faults(format!("telegram_id,tags\n7,\"{long}\n")), [(2, "tags".into(), "quote_open")]);
}

/// A file in memory that counts how far it is read, and that a test can change.
#[derive(Clone)]
struct Watched {
    bytes: Rc<RefCell<Vec<u8>>>,
    at: Rc<RefCell<usize>>,
}

impl Watched {
    fn new(text: &str) -> Self {
        Self { bytes: Rc::new(RefCell::new(text.as_bytes().to_vec())), at: Rc::default() }
    }
}

impl std::io::Read for Watched {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.borrow().get(*self.at.borrow()..).unwrap_or_default().read(into)?;
        *self.at.borrow_mut() += read;
        Ok(read)
    }
}

impl Seek for Watched {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let SeekFrom::Start(at) = to else { panic!("{to:?}") };
        *self.at.borrow_mut() = usize::try_from(at).unwrap();
        Ok(at)
    }
}

/// Many rows in each form, and the position behind each row.
fn many() -> [(String, Vec<usize>); 2] {
    let texts = [("telegram_id,first_name\n", "", ",Имя\n"), ("", "{\"telegram_id\":", ",\"first_name\":\"Имя\"}\n")];
    texts.map(|(head, before, behind)| {
        let (mut text, mut ends) = (head.to_owned(), Vec::new());
        for id in 1..=30_000 {
            text.push_str(&format!("{before}{id}{behind}"));
            ends.push(text.len());
        }
        assert!(text.len() > 4 * BLOCK);
        (text, ends)
    })
}

#[test]
fn a_file_is_read_no_further_than_a_block_beyond_the_row() {
    for (text, ends) in many() {
        let file = Watched::new(&text);
        let at = Rc::clone(&file.at);
        let mut file = CustomerFile::open(file).unwrap();
        let mut checked = 0;
        let reading = file.check(terms(&[]), |_| {
            assert!(*at.borrow() <= ends[checked] + BLOCK + 4);
            checked += 1;
        });
        assert_eq!((reading.unwrap().right, checked), (30_000, 30_000));
        for (person, end) in file.people(terms(&[])).unwrap().zip(ends) {
            assert!(person.is_ok() && *at.borrow() <= end + BLOCK + 4);
        }
    }
}

#[test]
fn no_row_of_a_changed_block_is_taken() {
    for (text, ends) in many() {
        let file = Watched::new(&text);
        let bytes = Rc::clone(&file.bytes);
        let mut file = CustomerFile::open(file).unwrap();
        let place = 2 * BLOCK + 77;
        bytes.borrow_mut()[place] ^= 1;
        assert!(matches!(file.check(terms(&[]), |_| {}), Err(Unreadable::Changed)));
        bytes.borrow_mut()[place] ^= 1;
        assert_eq!(file.check(terms(&[]), |_| {}).unwrap().wrong, 0);
        bytes.borrow_mut()[place] ^= 1;
        let people: Vec<_> = file.people(terms(&[])).unwrap().collect();
        let (last, before) = people.split_last().unwrap();
        assert!(matches!(last, Err(Unreadable::Changed)) && before.iter().all(Result::is_ok));
        assert!(before.len() > 3000 && ends[before.len() - 1] <= 2 * BLOCK, "{}", before.len());
        bytes.borrow_mut().truncate(ends[9]);
        let people: Vec<_> = file.people(terms(&[])).unwrap().collect();
        assert!(matches!(people.as_slice(), [Err(Unreadable::Changed)]), "a file that was written anew");
    }
}

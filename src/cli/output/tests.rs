use super::*;
use crate::clock::Timestamp;

struct Person {
    id: i64,
    name: &'static str,
    seen: Option<&'static str>,
    spent: i64,
    blocked: bool,
    tags: &'static [&'static str],
}

const COLUMNS: [Column<Person>; 6] = [
    Column::number("id", "column.id", |person: &Person| Cell::Int(person.id)),
    Column::new("name", "column.name", |person: &Person| Cell::from(person.name)),
    Column::new("last_activity_at", "column.seen", |person: &Person| person.seen.and_then(Timestamp::parse).into()),
    Column::number("spent", "column.spent", |person: &Person| Cell::Kopecks(person.spent)),
    Column::new("status", "column.status", |person: &Person| match person.blocked {
        true => Cell::Word { code: "blocked", text: "status.blocked", tone: Tone::Bad },
        false => Cell::Word { code: "active", text: "status.active", tone: Tone::Good },
    }),
    Column::new("tags", "column.tags", |person: &Person| {
        Cell::List(person.tags.iter().map(ToString::to_string).collect())
    }),
];

const PEOPLE: [Person; 2] = [
    Person {
        id: 8412,
        name: "Маша\tК.\u{1b}[2J",
        seen: Some("2026-11-22T04:05:00Z"),
        spent: 123_450,
        blocked: false,
        tags: &["vip", "сладкое"],
    },
    Person { id: 7, name: "=cmd()", seen: None, spent: -100, blocked: true, tags: &[] },
];

fn voice(lang: Language) -> Voice {
    Voice { lang, zone: Zone::parse("Asia/Vladivostok").unwrap(), currency: String::from("RUB") }
}

const SCREEN: Terminal = Terminal { out: true, err: true, color: true, width: 100 };
const PLAIN: Terminal = Terminal { out: true, err: true, color: false, width: 100 };

fn printed(flags: Flags, terminal: Terminal, act: impl FnOnce(&mut Output)) -> (String, String) {
    let (mut output, captured) = Output::captured(flags, terminal, voice(Language::Ru));
    act(&mut output);
    assert_eq!(output.finish(ExitCode::Ok), ExitCode::Ok);
    (captured.out(), captured.err())
}

fn people(output: &mut Output) {
    let id = |person: &Person| person.id.to_string();
    output.list(&List { schema: "dvorik.person.list/1", columns: &COLUMNS, items: &PEOPLE, total: 8412, id });
}

fn flags(set: impl FnOnce(&mut Flags)) -> Flags {
    let mut flags = Flags::default();
    set(&mut flags);
    flags
}

#[test]
fn people_read_a_table_on_the_shops_clock() {
    let (out, err) = printed(Flags::default(), PLAIN, people);
    let lines: Vec<String> = out.replace('\u{a0}', " ").lines().map(|line| line.trim_end().to_owned()).collect();
    assert_eq!(
        lines,
        [
            "   ID  Имя          Последний раз          Сумма  Статус        Метки",
            "─────────────────────────────────────────────────────────────────────────────",
            "8 412  Маша К.�[2J  22.11.2026 14:05  1 234,50 ₽  активен       vip, сладкое",
            "    7  =cmd()       —                       -1 ₽  заблокирован  —",
            "показано 2 из 8 412 · время: Asia/Vladivostok",
        ]
    );
    assert_eq!(err, "");
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let (out, _) = printed(Flags::default(), SCREEN, people);
    assert!(out.contains('\u{1b}'));
    let never = flags(|flags| flags.color = ColorChoice::Never);
    assert!(!printed(never, SCREEN, people).0.contains('\u{1b}'));
    assert!(!printed(Flags::default(), Terminal::none(), people).0.contains('\u{1b}'));
}

#[test]
fn a_pipe_gets_untruncated_tsv_with_english_keys_and_utc() {
    let (out, _) = printed(Flags::default(), Terminal::none(), people);
    assert_eq!(
        out,
        "id\tname\tlast_activity_at\tspent\tstatus\ttags\n\
         8412\tМаша\\tК.\\x1b[2J\t2026-11-22T04:05:00Z\t123450\tactive\tvip,сладкое\n\
         7\t=cmd()\t\t-100\tblocked\t\n"
    );
}

#[test]
fn a_spreadsheet_gets_no_formula() {
    let (out, _) = printed(flags(|flags| flags.csv = true), PLAIN, people);
    let last = out.lines().last().unwrap();
    assert_eq!(last, "7,'=cmd(),,-100,blocked,");
}

#[test]
fn json_is_one_object_with_schema_items_and_total() {
    let (out, _) = printed(flags(|flags| flags.json = true), Terminal::none(), people);
    assert!(out.starts_with("{\"schema\":\"dvorik.person.list/1\",\"items\":[{\"id\":8412,\"name\":"));
    let value: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(value["total"], 8412);
    assert_eq!(value["items"][0]["name"], PEOPLE[0].name);
    assert_eq!(value["items"][0]["last_activity_at"], "2026-11-22T04:05:00Z");
    assert_eq!(value["items"][1]["last_activity_at"], Json::Null);
    assert_eq!(value["items"][0]["tags"], serde_json::json!(["vip", "сладкое"]));
}

#[test]
fn quiet_is_ids_only() {
    assert_eq!(printed(flags(|flags| flags.quiet = true), PLAIN, people).0, "8412\n7\n");
}

#[test]
fn an_empty_list_says_so_beside_the_result() {
    let none = |output: &mut Output| {
        let id = |person: &Person| person.id.to_string();
        output.list(&List { schema: "dvorik.person.list/1", columns: &COLUMNS, items: &[], total: 0, id });
    };
    assert_eq!(printed(Flags::default(), PLAIN, none), (String::new(), String::from("Ничего не найдено.\n")));
    assert_eq!(
        printed(flags(|flags| flags.json = true), Terminal::none(), none).0,
        "{\"schema\":\"dvorik.person.list/1\",\"items\":[],\"total\":0}\n"
    );
}

#[test]
fn one_object_is_a_line_per_key() {
    let one = |output: &mut Output| output.one("dvorik.person/1", &COLUMNS, &PEOPLE[0], "8412");
    let (out, _) = printed(Flags::default(), PLAIN, one);
    assert!(out.contains("Имя            Маша К.�[2J\n"), "{out}");
    assert!(out.ends_with("время: Asia/Vladivostok\n"));
    let (out, _) = printed(flags(|flags| flags.json = true), Terminal::none(), one);
    assert!(out.starts_with("{\"schema\":\"dvorik.person/1\",\"id\":8412,"));
}

#[test]
fn a_change_is_told_with_the_command_that_undoes_it() {
    let change = ChangeReport {
        schema: "dvorik.discount.issue/1",
        changed: true,
        before: Json::Null,
        after: serde_json::json!({ "code": "ВКМ4821" }),
        id: String::from("ВКМ4821"),
        sentence: String::from("ВКМ4821 · 15 % · Маша К. · до 29.11.2026 · сообщение поставлено в очередь"),
        next: vec![NextCommand { words: "next.revoke", command: String::from("dvorik discount revoke ВКМ4821") }],
    };
    let (out, _) = printed(Flags::default(), PLAIN, |output| output.change(&change));
    assert_eq!(
        out,
        "✓ ВКМ4821 · 15 % · Маша К. · до 29.11.2026 · сообщение поставлено в очередь\n  Отозвать: dvorik discount revoke ВКМ4821\n"
    );
    let (out, _) = printed(flags(|flags| flags.json = true), Terminal::none(), |output| output.change(&change));
    assert_eq!(
        out,
        "{\"schema\":\"dvorik.discount.issue/1\",\"changed\":true,\"before\":null,\"after\":{\"code\":\"ВКМ4821\"},\"next\":[\"dvorik discount revoke ВКМ4821\"]}\n"
    );
    assert_eq!(printed(flags(|flags| flags.quiet = true), PLAIN, |output| output.change(&change)).0, "ВКМ4821\n");
}

#[test]
fn a_failure_goes_to_stderr_with_its_exit_code() {
    let failure =
        FailureReport::new("TEMPLATE_NOT_FOUND", ExitCode::NotFound, "Нет шаблона «birthdy». Возможно, «birthday»?");
    let tell = |output: &mut Output| assert_eq!(output.failure(&failure), ExitCode::NotFound);
    let (out, err) = printed(Flags::default(), PLAIN, tell);
    assert_eq!(out, "");
    assert_eq!(err, "✗ Нет шаблона «birthdy». Возможно, «birthday»?                                  [код 3]\n");
    let (out, err) = printed(flags(|flags| flags.json = true), Terminal::none(), tell);
    assert_eq!(out, "");
    let error = &serde_json::from_str::<Json>(&err).unwrap()["error"];
    assert_eq!(
        (&error["code"], &error["exit"], &error["hint"]),
        (&"TEMPLATE_NOT_FOUND".into(), &3.into(), &Json::Null)
    );
}

struct Broken(ErrorKind);

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_left_is_no_failure_but_a_full_disk_is() {
    let end = |kind, code| {
        let sinks = (Box::new(Broken(kind)) as Sink, Box::new(Broken(ErrorKind::BrokenPipe)) as Sink);
        let mut output = Output::over(Flags::default(), Terminal::none(), voice(Language::En), sinks);
        people(&mut output);
        assert!(output.is_closed());
        output.finish(code)
    };
    assert_eq!(end(ErrorKind::BrokenPipe, ExitCode::Ok), ExitCode::Ok);
    assert_eq!(end(ErrorKind::BrokenPipe, ExitCode::NotFound), ExitCode::NotFound);
    assert_eq!(end(ErrorKind::StorageFull, ExitCode::Ok), ExitCode::Failure);
}

#[test]
fn a_table_never_runs_over_the_screen() {
    for width in [20, 40, 60, 77] {
        let (out, _) = printed(Flags::default(), Terminal { width, ..PLAIN }, |output| {
            let id = |person: &Person| person.id.to_string();
            let columns = &COLUMNS[..3];
            output.list(&List { schema: "dvorik.person.list/1", columns, items: &PEOPLE, total: 2, id });
        });
        let widest = out.lines().filter(|line| !line.contains("время")).map(|line| line.chars().count()).max();
        assert!(widest <= Some(usize::from(width)), "{width}:\n{out}");
    }
}

#[test]
fn a_broken_configuration_is_told_with_every_fault() {
    let env = Environment::from_pairs([("DVORIK_LANG", "xx"), ("DVORIK_LOG__LEVEL", "loud")]);
    let env = env.in_directory(std::path::Path::new("/nonexistent"));
    let faults = crate::config::Config::load(None, &env).unwrap_err();
    let failure = FailureReport::of_config(&faults, Language::Ru);
    let (_, err) = printed(Flags::default(), PLAIN, |output| assert_eq!(output.failure(&failure).number(), 78));
    assert!(err.starts_with("✗ DVORIK_LANG lang: нужно одно из: ru, en") && err.lines().count() == 2, "{err}");
    assert_eq!(failure.details[1]["place"], "DVORIK_LOG__LEVEL");
}

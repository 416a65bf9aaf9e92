//! The language of the bots, and all texts as one file.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;

use dvorik::actor::Actor;
use dvorik::language::Language;
use dvorik::texts::{self, Kind};
use dvorik::{discount, segment};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::shop::{Shop, words};

const AUDITED: &str = "SELECT count(*) FROM audit_log WHERE action = 'change_language'";
const PRESETS: [&str; 10] = [
    "everybody",
    "subscribers",
    "not_subscribed",
    "no_discounts",
    "with_discounts",
    "men",
    "women",
    "from_18_to_34",
    "from_35",
    "vip",
];
const TEMPLATES: [&str; 3] = ["subscription", "birthday", "manual_10"];

impl Shop {
    fn in_language(lang: &str) -> Self {
        let shop = Self::bare();
        shop.configures(&format!("lang = \"{lang}\"\n[bots.customer]\ntoken = \"7700700:canary-customer-token\"\n"));
        assert_eq!(shop.runs(&["migrate"]).code, 0);
        shop
    }

    fn segments(&self) -> Vec<String> {
        self.database().read(segment::list).unwrap().into_iter().map(|segment| segment.name).collect()
    }

    fn titles(&self) -> Vec<String> {
        self.database().read(discount::template::list).unwrap().into_iter().map(|template| template.title).collect()
    }

    fn bodies(&self) -> BTreeMap<String, String> {
        self.database().read(|view| texts::bodies(view, false)).unwrap()
    }

    /// What the program ships in this language, of everything that a new shop begins with.
    fn speaks(&self, language: Language) {
        let shipped: BTreeMap<String, String> =
            texts::seeds(language).iter().map(|(key, seed)| (key.clone(), seed.body.clone())).collect();
        assert_eq!(self.bodies(), shipped);
        let said = |of: &str, name: &str| language.text(&format!("seeded.{of}.{name}"), &[]);
        assert_eq!(self.titles(), TEMPLATES.map(|name| said("template", name)));
        assert_eq!(self.segments(), PRESETS.map(|name| said("segment", name)));
    }
}

#[test]
fn a_new_shop_speaks_the_language_of_its_config_and_keeps_it() {
    for (lang, language) in [("ru", Language::Ru), ("en", Language::En)] {
        let shop = Shop::in_language(lang);
        shop.speaks(language);
        let other = if lang == "ru" { "en" } else { "ru" };
        shop.configures(&format!("lang = \"{other}\"\n[bots.customer]\ntoken = \"7700700:canary-customer-token\"\n"));
        assert_eq!(shop.runs(&["migrate"]).code, 0);
        shop.speaks(language);
        assert_eq!(shop.counts("SELECT count(*) FROM meta WHERE key = 'texts_lang'"), 1);
    }
}

#[test]
fn the_language_is_changed_after_a_question_and_changed_back() {
    let shop = Shop::open();
    let refused = shop.runs(&words("message language en --lang en"));
    assert_eq!(refused.code, 2, "{}", refused.err);
    let rehearsed = shop.changes("message language en -n", "dvorik.message.language/1");
    assert_eq!((&rehearsed["changed"], &rehearsed["dry_run"]), (&json!(false), &json!(true)));
    shop.speaks(Language::Ru);
    assert_eq!(shop.counts(AUDITED), 0);
    let changed = shop.changes("message language en --yes", "dvorik.message.language/1");
    let total = texts::seeds(Language::En).len();
    assert_eq!(changed["before"], json!({ "language": "ru" }));
    let after = json!({ "language": "en", "replaced": total, "custom": 0, "templates": 3, "segments": 8 });
    assert_eq!((&changed["changed"], &changed["after"]), (&json!(true), &after));
    assert_eq!(changed["next"], json!(["dvorik bot sync", "dvorik message language ru"]));
    shop.speaks(Language::En);
    assert_eq!(shop.counts(AUDITED), 1);
    assert_eq!(shop.changes("message language en", "dvorik.message.language/1")["changed"], false);
    assert_eq!(shop.counts(AUDITED), 1);
    assert_eq!(shop.runs(&words("message language ru -y")).code, 0);
    shop.speaks(Language::Ru);
    assert_eq!(shop.runs(&words("message language de")).code, 2);
}

#[test]
fn what_the_shop_has_changed_itself_stays_in_every_language() {
    let shop = Shop::open();
    for line in [
        "message edit welcome --text Ура",
        "template edit manual_10 --title Десятка",
        "segment edit Мужчины --name Парни",
        "segment create women --gender female",
    ] {
        assert_eq!(shop.runs(&words(line)).code, 0, "{line}");
    }
    let changed = shop.changes("message language en --yes", "dvorik.message.language/1");
    let after = &changed["after"];
    let total = texts::seeds(Language::En).len() - 1;
    assert_eq!(
        (&after["replaced"], &after["custom"], &after["templates"], &after["segments"]),
        (&json!(total), &json!(1), &json!(2), &json!(6))
    );
    assert_eq!(shop.bodies()["welcome"], "Ура");
    assert!(shop.titles().contains(&"Десятка".to_owned()), "{:?}", shop.titles());
    let segments = shop.segments();
    for kept in ["Парни", "Женщины", "women"] {
        assert!(segments.contains(&kept.to_owned()), "{kept} in {segments:?}");
    }
    let listed = shop.runs(&words("message show welcome --json")).json();
    assert_eq!((&listed["is_custom"], &listed["title"]), (&json!(true), &json!("Welcome")));
    assert_eq!(shop.runs(&words("message reset welcome")).code, 0);
    assert_eq!(shop.bodies()["welcome"], texts::seeds(Language::En)["welcome"].body);
}

#[test]
fn all_texts_go_out_as_a_file_and_come_back() {
    let shop = Shop::open();
    assert_eq!(shop.runs(&words("message edit help --text Спросите_нас")).code, 0);
    let printed = shop.runs(&words("message export")).out;
    assert_eq!(texts::read(&printed).unwrap(), shop.bodies());
    let own = shop.runs(&words("message export --custom")).out;
    assert_eq!(own, "[texts]\nhelp = \"Спросите_нас\"\n");
    let json = shop.runs(&words("message export --custom --json")).json();
    assert_eq!(
        (&json["schema"], &json["texts"]),
        (&json!("dvorik.message.export/1"), &json!({ "help": "Спросите_нас" }))
    );
    let saved = shop.changes("message export -o texts.toml", "dvorik.message.export.file/1");
    assert_eq!(saved["after"]["texts"], shop.bodies().len());
    assert_eq!(fs::read_to_string(shop.path("texts.toml")).unwrap(), printed);
    assert_eq!(shop.runs(&words("message export -o texts.toml")).code, 5);
    assert_eq!(shop.runs(&words("message export -o texts.toml --force")).code, 0);

    let audited = shop.counts("SELECT count(*) FROM audit_log");
    let same = shop.runs(&words("message import texts.toml --json")).json();
    let nothing =
        json!({ "schema": "dvorik.message.import/1", "changed": 0, "same": shop.bodies().len(), "texts": [] });
    assert_eq!(same, nothing);
    assert_eq!(shop.counts("SELECT count(*) FROM audit_log"), audited, "nothing changed");

    let shipped = &texts::seeds(Language::Ru)["help"].body;
    fs::write(shop.path("one.toml"), format!("[texts]\nhelp = {}\n", json!(shipped))).unwrap();
    let one = shop.runs(&words("message import one.toml --json"));
    assert_eq!(one.json(), json!({ "schema": "dvorik.message.import/1", "changed": 1, "same": 0, "texts": ["help"] }));
    let shown = shop.runs(&words("message show help --json")).json();
    assert_eq!((&shown["body"], &shown["is_custom"]), (&json!(shipped), &json!(false)), "it is the shipped text again");

    fs::write(shop.path("two.toml"), "[texts]\nhelp = \"A\"\nbutton.help = \"B\"\n").unwrap();
    let asked = shop.runs(&words("message import two.toml --json"));
    assert_eq!(asked.code, 2, "{}", asked.err);
    let rehearsed = shop.runs(&words("message import two.toml -n --json")).json();
    assert_eq!((&rehearsed["changed"], &rehearsed["dry_run"]), (&json!(2), &json!(true)));
    assert_eq!(shop.bodies()["help"], *shipped);
    let audited = shop.counts("SELECT count(*) FROM audit_log WHERE action = 'update_text'");
    let told = shop.runs(&words("message import two.toml --yes --lang en"));
    assert!(told.out.contains("Texts changed: 2 (button.help, help) · the same already: 0"), "{}", told.out);
    assert_eq!(shop.counts("SELECT count(*) FROM audit_log WHERE action = 'update_text'"), audited + 2);
    assert_eq!((&*shop.bodies()["help"], &*shop.bodies()["button.help"]), ("A", "B"));
}

#[test]
fn a_file_with_faults_names_them_all_and_writes_nothing() {
    let shop = Shop::open();
    let before = shop.bodies();
    fs::write(
        shop.path("texts.toml"),
        "[texts]\nunmuted = \"Good\"\nwelcome = \"Hi {{phone}}\"\nmuted = \"<b>Quiet\"\nhelp = 7\nnobody = \"x\"\n",
    )
    .unwrap();
    let refused = shop.runs(&words("message import texts.toml --yes --json --lang en"));
    assert_eq!(refused.code, 2, "{}", refused.err);
    let error = refused.error();
    let faults = error["details"]["faults"].as_array().unwrap();
    let told: Vec<(&str, &str)> =
        faults.iter().map(|fault| (fault["key"].as_str().unwrap(), fault["code"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [
            ("help", "VALIDATION_ERROR"),
            ("muted", "TEXT_HTML_INVALID"),
            ("nobody", "TEXT_NOT_FOUND"),
            ("welcome", "TEXT_PLACEHOLDER_UNKNOWN"),
        ]
    );
    let said = shop.runs(&words("message import texts.toml --yes --lang en")).err;
    for words in
        ["4 faults", "help: ", "muted: ", "nobody: ", "welcome: ", "placeholder \"phone\"", "dvorik message export"]
    {
        assert!(said.contains(words), "{words} in {said}");
    }
    for (file, bytes, words) in [
        ("cut.toml", &b"[texts]\nhelp = \"Hi"[..], "line 2"),
        ("latin.toml", b"[texts]\nhelp = \"\xff\"\n", "UTF-8"),
        ("other.toml", b"help = \"Hi\"\n", "[texts]"),
    ] {
        fs::write(shop.path(file), bytes).unwrap();
        let refused = shop.runs(&["message", "import", file, "--yes", "--lang", "en"]);
        assert!(refused.code == 2 && refused.err.contains(words), "{file}: {} {}", refused.code, refused.err);
    }
    assert_eq!(shop.runs(&words("message import missing.toml --yes")).code, 3);
    assert_eq!(shop.bodies(), before);
    assert_eq!(shop.counts("SELECT count(*) FROM audit_log WHERE entity = 'text'"), 0);
}

/// Whatever the shop has written into its texts, a file of them changes nothing when it comes back.
#[test]
fn a_round_trip_changes_nothing() {
    let shop = Shop::in_language("en");
    let database = shop.database();
    let keys: Vec<String> = texts::seeds(Language::En)
        .iter()
        .filter(|(_, seed)| seed.kind == Kind::Text)
        .map(|(key, _)| key.clone())
        .collect();
    let edits = proptest::collection::vec((0..keys.len(), "[ -~а-яё«»\n\t\r😀]{1,60}"), 1..12);
    let mut runner = TestRunner::new(Config { cases: 48, ..Config::default() });
    let written = Cell::new(0);
    runner
        .run(&edits, |edits| {
            for (at, words) in edits {
                let (key, by) = (keys[at].clone(), Actor::Cli("test".into()));
                let is_taken = database.write(move |tx| texts::edit(tx, &key, &words, &by)).is_ok();
                written.set(written.get() + u32::from(is_taken));
            }
            let before = database.read(texts::list).unwrap();
            let file = texts::to_toml(&database.read(|view| texts::bodies(view, false)).unwrap());
            let (bodies, by) = (texts::read(&file).unwrap(), Actor::Cli("test".into()));
            let imported = database.write(move |tx| texts::import(tx, &bodies, &by)).unwrap();
            prop_assert_eq!((imported.changed, imported.same), (Vec::new(), before.len()));
            prop_assert_eq!(database.read(texts::list).unwrap(), before);
            Ok(())
        })
        .unwrap();
    assert!(written.get() > 48, "{} texts were changed", written.get());
}

#[test]
fn a_shop_of_before_keeps_its_russian_bots() {
    for (is_made, expected) in [(true, Some("ru".to_owned())), (false, None)] {
        let shop = rusqlite::Connection::open_in_memory().unwrap();
        shop.execute_batch(include_str!("../../migrations/V1__first_slice.sql")).unwrap();
        if is_made {
            shop.execute_batch("INSERT INTO meta VALUES ('timezone', 'Europe/Berlin')").unwrap();
        }
        shop.execute_batch(include_str!("../../migrations/V18__texts_language.sql")).unwrap();
        let mut stored = shop.prepare("SELECT value FROM meta WHERE key = 'texts_lang'").unwrap();
        let stored: Option<String> = stored.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).next();
        assert_eq!(stored, expected, "{is_made}");
    }
}

//! Customers in lists: a search over three-letter indexes finds exactly those whose name or phone holds the words, in
//! every order and on every page, and nothing of an erased name is left in it. An import fills the indexes as single
//! customers do.

use std::io::Cursor;

use dvorik::actor::Actor;
use dvorik::campaign;
use dvorik::db::{Failure, Slice, Tx};
use dvorik::error::Error;
use dvorik::ids::{TelegramId, UserId};
use dvorik::realm::Realm;
use dvorik::user::import::{Conflict, CustomerFile, Import, Incoming, RowFate, RowTally, Terms};
use dvorik::user::{self, Country, CustomerFilter, CustomerSort, PageSpec, UserSet};

use crate::counter::Shop;

const LETTERS: [&str; 9] = ["а", "б", "ё", "\"", "*", "-", " ", "Й", "%"];

/// Names of few letters, so that most searches find somebody; every fifth is a test customer.
fn peopled(shop: &Shop, many: u64) -> Vec<(i64, Realm, String, String)> {
    let letter = |n: u64| LETTERS[(n % LETTERS.len() as u64) as usize];
    let mut people = Vec::new();
    for n in 1..=many {
        let mut seed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let name: String = (0..3 + n % 5)
            .map(|_| {
                seed = seed.rotate_left(13).wrapping_mul(31);
                letter(seed >> 40)
            })
            .collect();
        let norm = user::folded(&name);
        let (realm, phone) = (Realm::from_is_test(n % 5 == 0), format!("+7{:010}", seed % 10_000_000_000));
        shop.sql(&format!(
            "INSERT INTO users (id, telegram_id, is_test, first_name, name_norm, phone, source, source_normalized,
                 created_at, created_day, last_activity_at)
             VALUES ({n}, {}, {}, 'x', '{norm}', '{phone}', 'direct', 'direct', '2026-11-22T03:00:00Z', '2026-11-22',
                 strftime('%Y-%m-%dT%H:%M:%SZ', '2026-11-22', '-' || ({n} * 7 % 90) || ' days'))",
            9_000_000 + n,
            i32::from(realm.is_test()),
        ));
        people.push((n as i64, realm, norm, phone));
    }
    people
}

fn found(shop: &Shop, realm: Realm, filter: &CustomerFilter, cut: PageSpec) -> (Vec<i64>, i64) {
    let (users, total) = shop.db.read(|view| user::list(view, realm, filter, cut)).unwrap();
    (users.into_iter().map(|user| user.id.0).collect(), total)
}

#[test]
fn a_search_finds_exactly_those_who_hold_the_words() {
    let shop = Shop::open();
    let people = peopled(&shop, 300);
    let words = [
        "а",
        "аб",
        "аба",
        "ёЁ",
        "\"",
        "\"*",
        "б\"-",
        "-й ",
        "%",
        "й%а",
        "ааааа",
        "е\"а",
        "@аб",
        "AND",
        "79",
        "790",
        "8 (9",
        "+7",
    ];
    let mut hits = 0;
    for (word, names_only, realm) in words
        .iter()
        .flat_map(|word| [true, false].map(|only| (word, only)))
        .flat_map(|(w, o)| [Realm::Real, Realm::Test].map(|r| (w, o, r)))
    {
        let digits: String = word.chars().filter(char::is_ascii_digit).collect();
        let is_phone = !names_only && digits.len() >= 3 && word.chars().all(|c| "0123456789+-() ".contains(c));
        let trimmed = user::folded(word.trim());
        let name = trimmed.strip_prefix('@').unwrap_or(&trimmed);
        let holds = |(_, of, norm, phone): &&(i64, Realm, String, String)| {
            *of == realm && (norm.contains(name) || is_phone && phone.contains(&digits))
        };
        let expected: Vec<i64> = people.iter().filter(holds).map(|person| person.0).collect();
        let filter = CustomerFilter { search: Some((*word).to_owned()), names_only, ..CustomerFilter::default() };
        let cut = PageSpec::new(Some(CustomerSort::Id), Slice { limit: 1000, offset: 0 });
        assert_eq!(found(&shop, realm, &filter, cut), (expected.clone(), expected.len() as i64), "{word:?}");
        hits += expected.len();
    }
    assert!(hits > 500, "{hits}: the searches found next to nobody");
    let nul = CustomerFilter { search: Some("а\0б".into()), ..CustomerFilter::default() };
    assert_eq!(found(&shop, Realm::Real, &nul, PageSpec::new(None, Slice { limit: 9, offset: 0 })), (vec![], 0));
}

#[test]
fn pages_of_every_order_hold_everybody_once() {
    let shop = Shop::open();
    let people = peopled(&shop, 300);
    let of = |realm| people.iter().filter(move |person| person.1 == realm).map(|person| person.0);
    let odd: UserSet = of(Realm::Real).filter(|id| id % 2 == 1).map(UserId).collect();
    for (sort, among) in CustomerSort::ALL.iter().flat_map(|sort| [None, Some(odd.clone())].map(|among| (*sort, among)))
    {
        let filter = CustomerFilter { among: among.clone(), ..CustomerFilter::default() };
        let whole = found(&shop, Realm::Real, &filter, PageSpec::new(Some(sort), Slice { limit: 1000, offset: 0 })).0;
        let mut paged = Vec::new();
        for page in 0..50 {
            paged.extend(
                found(&shop, Realm::Real, &filter, PageSpec::new(Some(sort), Slice { limit: 7, offset: page * 7 })).0,
            );
        }
        assert_eq!(paged, whole, "{sort:?}");
        let mut sorted = whole.clone();
        sorted.sort_unstable();
        let expected: Vec<i64> = of(Realm::Real).filter(|id| among.is_none() || id % 2 == 1).collect();
        assert_eq!(sorted, expected, "{sort:?}");
        if matches!(sort, CustomerSort::Id | CustomerSort::IdDown) {
            let cut =
                PageSpec { after: Some(UserId(whole[41])), ..PageSpec::new(Some(sort), Slice { limit: 5, offset: 0 }) };
            assert_eq!(found(&shop, Realm::Real, &filter, cut).0, whole[42..47], "{sort:?}");
        }
    }
}

#[test]
fn the_two_ways_to_sort_a_crowd_agree() {
    let shop = Shop::open();
    let many = 2500;
    peopled(&shop, many);
    let few: UserSet = (1..=1999).map(UserId).collect();
    let more: UserSet = (1..=many as i64).map(UserId).collect();
    for sort in [CustomerSort::Name, CustomerSort::NameDown, CustomerSort::Activity, CustomerSort::ActivityDown] {
        let of = |among: &UserSet| {
            let filter = CustomerFilter { among: Some(among.clone()), ..CustomerFilter::default() };
            found(&shop, Realm::Real, &filter, PageSpec::new(Some(sort), Slice { limit: 5000, offset: 0 })).0
        };
        let walked: Vec<i64> = of(&more).into_iter().filter(|id| *id <= 1999).collect();
        let sorted: Vec<i64> = of(&few).into_iter().filter(|id| id % 5 != 0).collect();
        assert_eq!(walked, sorted, "{sort:?}");
    }
}

#[test]
fn nothing_of_a_name_stays_in_the_index() {
    let shop = Shop::open();
    let anna = shop.customer(10);
    shop.sql(&format!("UPDATE users SET name_norm = 'щукина', phone = '+79140000001' WHERE id = {}", anna.id));
    // «щу» without its first byte, which it shares with the term before it.
    let letters = "SELECT count(*) FROM user_search_data WHERE instr(block, X'89D183') > 0";
    assert!(shop.count(letters) > 0 && shop.count("SELECT count(*) FROM user_search('\"щук\"')") == 1);
    let hash = user::erased_hash("a key of the tests", anna.realm, anna.telegram_id);
    let id = anna.id;
    shop.db.write(move |tx| dvorik::erasure::erase(tx, id, &hash, &Actor::Cli("root".into()))).unwrap();
    assert_eq!(shop.count(letters), 0);
    assert_eq!(shop.count("SELECT count(*) FROM user_search('\"щук\" OR \"914\"')"), 0);
}

/// What the index holds: each three letters, with their row, column and place.
fn indexed(shop: &Shop) -> Vec<(String, i64, String, i64)> {
    let read = |tx: &Tx<'_>| {
        tx.change("CREATE VIRTUAL TABLE temp.letters USING fts5vocab (main, user_search, instance)", [])?;
        let all = tx.list("SELECT term, doc, col, offset FROM temp.letters ORDER BY 1, 2, 3, 4", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        tx.change("DROP TABLE temp.letters", [])?;
        Ok::<_, Failure>(all)
    };
    shop.db.write(read).unwrap()
}

fn incoming(shop: &Shop, file: &str) -> Vec<Incoming> {
    let now = shop.clock.now();
    let (today, country) = (shop.db.zone().day(now), Country::RUSSIA);
    let terms = Terms { realm: Realm::Real, now, today, country, map: &[] };
    let mut file = CustomerFile::open(Cursor::new(file.as_bytes().to_vec())).unwrap();
    file.people(terms).unwrap().collect::<Result<_, _>>().unwrap()
}

fn import(conflict: Conflict, key: Option<&str>) -> Import {
    Import { realm: Realm::Real, conflict, key: key.map(Into::into), campaign_of: campaign::find_by_key }
}

fn imported(shop: &Shop, import: Import, people: Vec<Incoming>) -> Result<RowTally, Error> {
    shop.db.write_bulk(move |tx| user::import::import(tx, &import, &people, &Actor::Cli("root".into())))
}

#[test]
fn an_import_leaves_the_index_that_a_rebuild_makes() {
    let shop = Shop::open();
    peopled(&shop, 40);
    let row = |n: i64| format!("{},Ёлка {n},Иванова,+7914{n:07},\n", 9_000_000 + n);
    for rows in [1..=30, 20..=300, 301..=301, 290..=600] {
        let file = format!("telegram_id,first_name,last_name,phone,tags\n{}", rows.map(row).collect::<String>());
        imported(&shop, import(Conflict::Update, None), incoming(&shop, &file)).unwrap();
        // SQLite compares the index with the table.
        shop.sql("INSERT INTO user_search (user_search, rank) VALUES ('integrity-check', 1)");
    }
    let before = indexed(&shop);
    shop.sql("INSERT INTO user_search (user_search) VALUES ('rebuild')");
    let after = indexed(&shop);
    assert!(before == after && before.len() > 5000, "{} and {} places", before.len(), after.len());
    let search = |words: &str| {
        let filter = CustomerFilter { search: Some(words.to_owned()), ..CustomerFilter::default() };
        found(&shop, Realm::Real, &filter, PageSpec::new(None, Slice { limit: 1, offset: 0 })).1
    };
    assert_eq!((search("елка 599"), search("9140000301"), search("иванова") > 500), (1, 1, true));
    assert_eq!(shop.count("SELECT count(*) FROM meta WHERE key = 'search_aside'"), 0);
}

#[test]
fn no_name_changes_while_the_index_lacks_it() {
    let shop = Shop::open();
    let anna = shop.customer(10).id;
    for change in
        ["UPDATE users SET name_norm = 'щукина'", "UPDATE users SET phone = '+79140000001'", "DELETE FROM users"]
    {
        let refused = shop.db.write(move |tx| {
            tx.change("INSERT INTO meta (key, value) VALUES ('search_aside', '1')", [])?;
            tx.change(&format!("{change} WHERE id = {anna}"), []).map(drop)
        });
        let Err(Failure::Internal(why)) = refused else { panic!("{change}: {refused:?}") };
        assert!(why.contains("the search index is incomplete"), "{change}: {why}");
    }
    let allowed = shop.db.write(move |tx| {
        tx.change("INSERT INTO meta (key, value) VALUES ('search_aside', '1')", [])?;
        tx.change(&format!("UPDATE users SET gender = 'female' WHERE id = {anna}"), [])?;
        tx.change("DELETE FROM meta WHERE key = 'search_aside'", []).map(drop)
    });
    allowed.unwrap_or_else(|failure: Failure| panic!("{failure}"));
}

#[test]
fn who_is_erased_while_an_import_runs_is_not_created() {
    const KEY: &str = "a key of the tests";
    let shop = Shop::open();
    let people = incoming(&shop, "telegram_id,first_name\n500,Анна\n501,Борис\n");
    let foreseen =
        |key| shop.db.read(|view| user::import::foresee(view, &import(Conflict::Skip, key), &people)).unwrap();
    assert_eq!(foreseen(Some(KEY)), [RowFate::Created; 2]);
    let hash = user::erased_hash(KEY, Realm::Real, TelegramId(500));
    shop.db.write(move |tx| user::remember_erased(tx, &hash, None)).unwrap();
    let without_key = imported(&shop, import(Conflict::Skip, None), people.clone());
    assert!(matches!(without_key, Err(Error::Storage(Failure::Internal(_)))), "{without_key:?}");
    let tally = imported(&shop, import(Conflict::Skip, Some(KEY)), people.clone()).unwrap();
    assert_eq!(tally, RowTally { created: 1, erased: 1, ..RowTally::default() });
    assert_eq!(shop.count("SELECT count(*) FROM users WHERE telegram_id IN (500, 501)"), 1);
}

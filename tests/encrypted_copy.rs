//! Encrypted copies of backups: what is in one, who can open it, and what is refused.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dvorik::backup::{self, BackupError, decrypt, encrypt};
use dvorik::clock::Clock;
use dvorik::encrypted_archive::{AgeIdentity, AgeRecipient};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::test_runner::TestRunner;
use secrecy::ExposeSecret;
use tar::{EntryType, Header};

use crate::backup::{backs_up, files, raw_sha, sidecar};
use crate::cli::shop::Shop;
use crate::harness::{Deadline, forgets_machine};

const TOKEN: &str = "1000001:canary-of-the-customer-bot";
const ERASURE_KEY: &str = "canary-of-the-erasure-key-0123456789abcdef";

fn configured() -> Shop {
    let shop = Shop::open();
    shop.configures(&format!(
        "lang = \"ru\"\nshop_name = \"Дворик\"\n[bots.customer]\ntoken = \"{TOKEN}\"\n[security]\nerasure_key = \"{ERASURE_KEY}\"\n"
    ));
    shop
}

fn key() -> (AgeIdentity, AgeRecipient) {
    let identity = AgeIdentity::generate().unwrap();
    let recipient = AgeRecipient::parse(&identity.recipient()).unwrap();
    (identity, recipient)
}

/// An encrypted copy of a new backup of the shop, and its key.
fn copied(shop: &Shop) -> (PathBuf, AgeIdentity, PathBuf) {
    let (identity, recipient) = key();
    let (made, copy) = (backs_up(shop), shop.path("copy.tar.zst.age"));
    let bytes = encrypt(&shop.config(), &made, &recipient, (&copy, u64::MAX)).unwrap().unwrap();
    assert_eq!(fs::metadata(&copy).unwrap().len(), bytes);
    (copy, identity, made)
}

#[test]
fn a_copy_holds_the_backup_and_every_secret_and_shows_none() {
    let shop = configured();
    let (copy, identity, made) = copied(&shop);
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = fs::read(&copy).unwrap();
    for secret in [TOKEN, ERASURE_KEY, "Дворик", "SQLite format 3"] {
        assert!(!bytes.windows(secret.len()).any(|found| found == secret.as_bytes()), "{secret} can be read");
    }
    let there = tempfile::tempdir().unwrap();
    let opened = decrypt(&copy, &identity, there.path(), Clock::System.now()).unwrap();
    assert_eq!(fs::read(&opened.database).unwrap(), fs::read(&made).unwrap());
    assert_eq!(fs::read(sidecar(&opened.database)).unwrap(), fs::read(sidecar(&made)).unwrap());
    backup::verify(&opened.database).unwrap();
    let text = opened.config.expose_secret();
    assert!(text.contains(TOKEN) && text.contains(ERASURE_KEY) && text.contains("shop_name = \"Дворик\""), "{text}");
    let inside = opened.database.parent().unwrap().to_owned();
    assert_eq!(fs::metadata(&inside).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(!fs::read_dir(&inside).unwrap().any(|entry| entry.unwrap().file_name() == "config.toml"));
    drop(opened);
    assert!(!inside.exists());
}

/// The owner's other tools: age of Debian, and tar.
#[test]
fn the_stock_tools_open_twenty_copies_of_twenty() {
    let shop = configured();
    let there = tempfile::tempdir().unwrap();
    let piped = |command: &mut Command, input: &[u8]| {
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("apt-get install age tar");
        let mut to = process.stdin.take().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || to.write_all(input).unwrap());
            let output = process.wait_with_output().unwrap();
            assert!(output.status.success(), "{command:?}: {}", output.status);
            output.stdout
        })
    };
    for number in 0..20 {
        assert_eq!(shop.runs(&["campaign", "create", "x", "--key", &format!("key{number}")]).code, 0);
        let (copy, identity, made) = copied(&shop);
        let key = there.path().join("key.txt");
        fs::write(&key, format!("# paper\n{}\n", identity.secret().expose_secret())).unwrap();
        let compressed = piped(Command::new("age").arg("-d").arg("-i").arg(&key), &fs::read(&copy).unwrap());
        let packed = zstd::decode_all(compressed.as_slice()).unwrap();
        let into = there.path().join(number.to_string());
        fs::create_dir(&into).unwrap();
        piped(Command::new("tar").arg("-x").current_dir(&into), &packed);
        // What comes out is a backup that restore takes.
        let restored = shop.runs(&["backup", "restore", into.join("dvorik.db").to_str().unwrap(), "--yes"]);
        assert_eq!(restored.code, 0, "{}", restored.err);
        assert_eq!(fs::read(into.join("dvorik.db")).unwrap(), fs::read(&made).unwrap());
        assert!(fs::read_to_string(into.join("config.toml")).unwrap().contains(TOKEN));
    }
}

/// Refused, and nothing is left in the directory.
fn refuses(copy: &Path, identity: &AgeIdentity) -> BackupError {
    let there = tempfile::tempdir().unwrap();
    let Err(error) = decrypt(copy, identity, there.path(), Clock::System.now()) else {
        panic!("{} was opened", copy.display())
    };
    assert_eq!(fs::read_dir(there.path()).unwrap().count(), 0, "{error} left something behind");
    error
}

/// What may happen to a file on its way.
#[derive(Debug, Clone)]
enum Harm {
    Flip(u8),
    CutOff,
    Insert(u8),
}

#[test]
fn a_copy_that_was_changed_or_cut_off_at_any_place_is_refused() {
    let shop = configured();
    let (copy, identity, _) = copied(&shop);
    let whole = fs::read(&copy).unwrap();
    let harmed = shop.path("harmed.tar.zst.age");
    let harm = prop_oneof![(1..=255u8).prop_map(Harm::Flip), Just(Harm::CutOff), any::<u8>().prop_map(Harm::Insert)];
    // The header is short beside the rest, but each of its parts is checked elsewhere.
    let place = prop_oneof![1 => 0..600usize, 2 => 0..whole.len()];
    let mut runner = TestRunner::new(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() });
    let refused = |(place, harm): (usize, Harm)| {
        let mut bytes = whole.clone();
        match harm {
            Harm::Flip(bits) => bytes[place] ^= bits,
            Harm::CutOff => bytes.truncate(place),
            Harm::Insert(byte) => bytes.insert(place, byte),
        }
        // Inserting a byte beside an equal one is not told from inserting it elsewhere; the file changes all the same.
        assert_ne!(bytes, whole);
        fs::write(&harmed, bytes).unwrap();
        refuses(&harmed, &identity);
        Ok(())
    };
    runner.run(&(place, harm), refused).unwrap();
    for tail in [&b"x"[..], &whole] {
        fs::write(&harmed, [&whole, tail].concat()).unwrap();
        refuses(&harmed, &identity);
    }
    for length in [0, 1, whole.len() - 1, whole.len() - 16] {
        fs::write(&harmed, &whole[..length]).unwrap();
        refuses(&harmed, &identity);
    }
}

#[test]
fn another_key_opens_nothing_and_what_is_not_encrypted_is_told_apart() {
    let shop = configured();
    let (copy, identity, made) = copied(&shop);
    for _ in 0..200 {
        assert!(matches!(refuses(&copy, &key().0), BackupError::WrongKey(path) if path == copy));
    }
    assert!(matches!(refuses(&made, &identity), BackupError::NotEncrypted(path) if path == made));
    assert!(matches!(refuses(&shop.path("no"), &identity), BackupError::NotFound { .. }));
    std::os::unix::fs::symlink(&copy, shop.path("link")).unwrap();
    assert!(matches!(refuses(&shop.path("link"), &identity), BackupError::NotRegular(_)));
}

/// An archive as somebody would forge it who knows the public half of the key.
struct Forger {
    packed: Vec<u8>,
    sidecar: Vec<u8>,
    database: Vec<u8>,
}

impl Forger {
    fn of(made: &Path) -> Self {
        Self { packed: Vec::new(), sidecar: fs::read(sidecar(made)).unwrap(), database: fs::read(made).unwrap() }
    }

    /// Any entry, also one that no library would write.
    fn entry(mut self, name: &[u8], kind: EntryType, content: &[u8]) -> Self {
        let mut header = Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(kind);
        header.set_mode(0o600);
        header.set_size(content.len() as u64);
        header.set_cksum();
        self.packed.extend_from_slice(header.as_bytes());
        self.packed.extend_from_slice(content);
        self.packed.resize(self.packed.len().next_multiple_of(512), 0);
        self
    }

    fn sidecar(self) -> Self {
        let sidecar = self.sidecar.clone();
        self.entry(b"dvorik.json", EntryType::Regular, &sidecar)
    }

    fn config(self) -> Self {
        self.entry(b"config.toml", EntryType::Regular, b"lang = \"ru\"\n")
    }

    fn database(self) -> Self {
        let database = self.database.clone();
        self.entry(b"dvorik.db", EntryType::Regular, &database)
    }

    fn ends(mut self) -> Vec<u8> {
        self.packed.extend_from_slice(&[0; 1024]);
        self.packed
    }
}

/// Encrypts what is already compressed.
fn sealed(compressed: &[u8], recipient: &str) -> Vec<u8> {
    let recipient: age::x25519::Recipient = recipient.parse().unwrap();
    age::encrypt(&recipient, compressed).unwrap()
}

fn compressed(packed: &[u8]) -> Vec<u8> {
    zstd::encode_all(packed, 1).unwrap()
}

#[test]
fn an_archive_of_anything_else_is_refused() {
    let shop = configured();
    let made = backs_up(&shop);
    let (identity, _) = key();
    let recipient = identity.recipient();
    let path = shop.path("forged.tar.zst.age");
    let keep = |bytes: &[u8]| fs::write(&path, sealed(bytes, &recipient)).unwrap();
    let new = || Forger::of(&made);

    keep(&compressed(&new().sidecar().config().database().ends()));
    let there = tempfile::tempdir().unwrap();
    assert!(
        decrypt(&path, &identity, there.path(), Clock::System.now()).is_ok(),
        "the forger's own work is not refused for another reason"
    );

    let whole = || new().sidecar().config().database();
    let before = || new().sidecar().config();
    let database = new().database;
    let longer = [&database[..], b"x"].concat();
    let mut other = database.clone();
    *other.last_mut().unwrap() ^= 1;
    let long = vec![b' '; (1 << 20) + 1];
    let file = EntryType::Regular;
    let mut forged: Vec<(&str, Vec<u8>)> = vec![
        ("a file more", whole().entry(b"notes.txt", file, b"x").ends()),
        ("the database twice", whole().database().ends()),
        ("a directory", whole().entry(b"etc", EntryType::Directory, b"").ends()),
        ("another order", new().config().sidecar().database().ends()),
        ("the database first", new().database().sidecar().config().ends()),
        ("no database", before().ends()),
        ("nothing", new().ends()),
        ("a longer database", before().entry(b"dvorik.db", file, &longer).ends()),
        ("a shorter database", before().entry(b"dvorik.db", file, &database[..4096]).ends()),
        ("another database", before().entry(b"dvorik.db", file, &other).ends()),
        ("an endless sidecar", new().entry(b"dvorik.json", file, &long).config().database().ends()),
        ("a sidecar of another program", new().entry(b"dvorik.json", file, b"{}").config().database().ends()),
        ("an endless config", new().sidecar().entry(b"config.toml", file, &long).database().ends()),
        ("a config that is no text", new().sidecar().entry(b"config.toml", file, b"\xff").database().ends()),
        ("no end", before().packed),
        ("a tail", [whole().ends(), b"x".to_vec()].concat()),
        (
            "a longer name by an extension",
            before().entry(b"././@LongLink", EntryType::GNULongName, b"dvorik.db\0").database().ends(),
        ),
        (
            "a name by an extension",
            before().entry(b"pax", EntryType::XHeader, b"18 path=dvorik.db\n").database().ends(),
        ),
        (
            "a global extension",
            new().entry(b"pax", EntryType::XGlobalHeader, b"18 path=dvorik.db\n").sidecar().config().database().ends(),
        ),
    ];
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Directory,
        EntryType::Fifo,
        EntryType::Char,
        EntryType::Block,
        EntryType::GNUSparse,
        EntryType::Continuous,
    ] {
        forged.push(("another type", before().entry(b"dvorik.db", kind, &database).ends()));
    }
    for name in ["../dvorik.db", "/dvorik.db", "./dvorik.db", "a/dvorik.db", "dvorik.db/", "DVORIK.DB", "dvorik.db.."] {
        forged.push((name, before().entry(name.as_bytes(), file, &database).ends()));
    }
    for (what, packed) in forged {
        keep(&compressed(&packed));
        let error = refuses(&path, &identity);
        assert!(matches!(error, BackupError::Damaged { .. }), "{what}: {error}");
    }
    let packed = whole().ends();
    for (what, bytes) in [
        ("nothing inside", Vec::new()),
        ("not compressed", packed.clone()),
        ("cut off inside", compressed(&packed)[..2000].to_vec()),
        ("a tail behind the frame", [compressed(&packed), b"tail".to_vec()].concat()),
        ("a second archive", [compressed(&packed), compressed(&packed)].concat()),
        ("a window that takes all memory", {
            let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
            encoder.window_log(27).unwrap();
            encoder.write_all(&packed).unwrap();
            encoder.finish().unwrap()
        }),
    ] {
        keep(&bytes);
        let error = refuses(&path, &identity);
        assert!(matches!(error, BackupError::Damaged { .. }), "{what}: {error}");
    }
    assert_eq!(raw_sha(&fs::read(&made).unwrap()).len(), 64);
}

#[test]
fn a_copy_that_would_be_too_long_is_given_up_early_and_leaves_nothing() {
    let shop = configured();
    let (_, recipient) = key();
    let (made, copy) = (backs_up(&shop), shop.path("copy.age"));
    let written = |most| encrypt(&shop.config(), &made, &recipient, (&copy, most)).unwrap();
    let bytes = written(u64::MAX).unwrap();
    // The header holds a part of random length, which keeps programs that read age files honest.
    assert!(written(bytes + 10_000).is_some());
    fs::remove_file(&copy).unwrap();
    let before = files(&shop, "");
    for most in [bytes - 10_000, 1000, 0] {
        assert_eq!(written(most), None);
        assert_eq!(files(&shop, ""), before);
    }
}

#[test]
fn what_a_killed_command_has_opened_goes_after_a_day() {
    let shop = configured();
    let (copy, identity, _) = copied(&shop);
    let there = tempfile::tempdir().unwrap();
    for name in [".dvorik-opened-old", "another-directory"] {
        fs::create_dir(there.path().join(name)).unwrap();
    }
    let left = |now| {
        drop(decrypt(&copy, &identity, there.path(), now).unwrap());
        fs::read_dir(there.path()).unwrap().count()
    };
    let now = Clock::System.now();
    assert_eq!((left(now), left(now.plus(86_300))), (2, 2));
    assert_eq!(left(now.plus(86_500)), 1);
}

#[test]
fn a_full_disk_or_a_missing_sidecar_leaves_no_half_copy() {
    let shop = configured();
    let (_, recipient) = key();
    let made = backs_up(&shop);
    let before = files(&shop, "");
    let missing = shop.path("no/such/copy.age");
    assert!(matches!(
        encrypt(&shop.config(), &made, &recipient, (&missing, u64::MAX)),
        Err(BackupError::Unusable { .. })
    ));
    fs::remove_file(sidecar(&made)).unwrap();
    let refused = encrypt(&shop.config(), &made, &recipient, (&shop.path("copy.age"), u64::MAX));
    assert!(matches!(refused, Err(BackupError::Unverified(path)) if path == made));
    assert_eq!(files(&shop, ""), before);
}

/// Runs a command at a terminal, as a person who answers each question after reading what is shown. Returns the exit code
/// and all that was shown.
fn talks(shop: &Shop, command: &str, mut answer: impl FnMut(&str) -> String) -> (i32, String) {
    let line = format!("{} {command}", env!("CARGO_BIN_EXE_dvorik"));
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(shop.path(""));
    forgets_machine(&mut script);
    script.env("PATH", "/usr/bin:/bin").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = script.spawn().unwrap();
    let _deadline = Deadline::of(&running);
    let (mut to, mut from) = (running.stdin.take().unwrap(), running.stdout.take().unwrap());
    let (mut shown, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let read = from.read(&mut part).unwrap();
        if read == 0 {
            break;
        }
        shown.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&shown);
        // Each question is one write, and ends with a space.
        if text.ends_with(": ") || text.ends_with("] ") {
            writeln!(to, "{}", answer(&text)).unwrap();
            shown.push(b'\n');
        }
    }
    let code = running.wait().unwrap().code().unwrap();
    (code, String::from_utf8(shown).unwrap())
}

/// The key on the screen.
fn shown_key(text: &str) -> String {
    let at = text.rfind("AGE-SECRET-KEY-1").expect("a key is shown");
    text[at..].split_whitespace().next().unwrap().to_owned()
}

fn recipient_of(shop: &Shop) -> String {
    shop.runs(&["settings", "get", "backup_recipient", "-q"]).out.trim().to_owned()
}

#[test]
fn a_key_is_shown_once_at_a_terminal_and_only_its_public_half_is_kept() {
    let shop = configured();
    let refused = shop.runs(&["backup", "key"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{}", refused.err);
    assert!(!refused.err.contains("AGE-SECRET-KEY-1") && recipient_of(&shop).is_empty());

    let (code, shown) = talks(&shop, "backup key", |_| "ABCDEF".to_owned());
    assert!(code == 130 && shown.matches("другой конец").count() == 3, "{code} {shown}");
    assert_eq!(recipient_of(&shop), "", "what is not on paper is not kept");

    let mut key = String::new();
    let (code, shown) = talks(&shop, "backup key > out.txt", |text| {
        key = shown_key(text);
        key[key.len() - 6..].to_lowercase()
    });
    assert_eq!(code, 0, "{shown}");
    assert_eq!((key.len(), shown.matches(&key).count()), (74, 1));
    assert!(shown.contains("Запишите на бумагу") && shown.contains('█'), "{shown}");
    let recipient = AgeIdentity::parse(&key).unwrap().recipient();
    assert_eq!(recipient_of(&shop), recipient);
    let out = fs::read_to_string(shop.path("out.txt")).unwrap();
    assert!(out.contains(&recipient) && !out.contains("AGE-SECRET-KEY-1"), "{out}");
    for file in fs::read_dir(shop.path("")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(key.len()).any(|found| found == key.as_bytes()), "{} has the key", file.display());
    }

    let (code, shown) = talks(&shop, "backup key", |_| "n".to_owned());
    assert!(code == 130 && !shown.contains("AGE-SECRET-KEY-1"), "{shown}");
    assert_eq!(recipient_of(&shop), recipient);
    let another = |text: &str| {
        if text.contains("AGE-SECRET-KEY-1") { shown_key(text)[68..].to_owned() } else { "y".to_owned() }
    };
    let (code, shown) = talks(&shop, "backup key", another);
    assert_eq!(code, 0, "{shown}");
    assert_ne!(recipient_of(&shop), recipient);
}

#[test]
fn no_copy_is_sent_without_a_key_that_opens_it() {
    let shop = configured();
    let on = ["settings", "set", "backup_to_telegram", "true", "--json"];
    let refused = shop.runs(&on);
    assert_eq!((refused.code, &refused.error()["code"]), (2, &"SETTING_INVALID_VALUE".into()));
    assert!(refused.err.contains("dvorik backup key"), "{}", refused.err);
    let recipient = key().0.recipient();
    let secret = key().0.secret().expose_secret().to_owned();
    let other = recipient.replace(&recipient[20..22], if &recipient[20..22] == "qq" { "pp" } else { "qq" });
    for typed in ["age1", "ssh-ed25519 AAAA", &recipient.to_uppercase(), &other, &secret] {
        let refused = shop.runs(&["settings", "set", "backup_recipient", typed, "--json"]);
        assert_eq!((refused.code, &refused.error()["code"]), (2, &"SETTING_INVALID_VALUE".into()), "{typed}");
        assert!(!refused.err.contains(&secret[20..]), "the key is shown");
    }
    for args in [["settings", "set", "backup_recipient", &recipient], ["settings", "set", "backup_to_telegram", "true"]]
    {
        assert_eq!(shop.runs(&args).code, 0);
    }
    let refused = shop.runs(&["settings", "unset", "backup_recipient", "--json"]);
    assert_eq!((refused.code, &refused.error()["code"]), (2, &"SETTING_INVALID_VALUE".into()));
    assert_eq!(recipient_of(&shop), recipient);
    for args in [&["settings", "set", "backup_to_telegram", "false"][..], &["settings", "unset", "backup_recipient"]] {
        assert_eq!(shop.runs(args).code, 0);
    }
}

/// The key in a file, as a person writes it from paper.
fn kept_key(shop: &Shop, identity: &AgeIdentity) -> String {
    let secret = identity.secret();
    let (one, two) = secret.expose_secret().split_at(40);
    fs::write(shop.path("key.txt"), format!("# paper\n{one}\n{two}\n")).unwrap();
    "key.txt".to_owned()
}

fn switches_on(shop: &Shop, identity: &AgeIdentity) {
    let recipient = identity.recipient();
    for (key, value) in [("backup_recipient", recipient.as_str()), ("backup_to_telegram", "true")] {
        assert_eq!(shop.runs(&["settings", "set", key, value]).code, 0);
    }
}

/// The shop sends copies, and has a letter and a broadcast that wait.
fn sends_copies(shop: &Shop, identity: &AgeIdentity) {
    switches_on(shop, identity);
    let letter = "INSERT INTO outbox (bot, chat_id, lane, kind, payload, not_before_ms, created_ms)
        VALUES ('customer', 42, 1, 'text', '{\"kind\":\"text\",\"html\":\"Привет\",\"keyboard\":\"none\"}', 0, 0)";
    shop.database().write::<_, dvorik::db::Failure, _>(move |tx| tx.change(letter, []).map(drop)).unwrap();
}

const HELD: &str = "SELECT count(*) FROM outbox WHERE state = 'unknown'";

#[test]
fn a_restore_from_a_copy_replaces_the_database_alone_with_everything_held() {
    let shop = configured();
    let (identity, recipient) = key();
    sends_copies(&shop, &identity);
    let made = backs_up(&shop);
    encrypt(&shop.config(), &made, &recipient, (&shop.path("copy.age"), u64::MAX)).unwrap();
    fs::remove_dir_all(shop.path("backups")).unwrap();
    assert_eq!(shop.runs(&["campaign", "create", "Листовка", "--key", "leaflet"]).code, 0);
    let settings = fs::read(shop.path("config.toml")).unwrap();
    let file = kept_key(&shop, &identity);

    shop_refuses(&shop, &["backup", "restore", "copy.age", "--yes"], 2, "--key-file");
    shop_refuses(&shop, &["backup", "restore", "copy.age", "--yes", "--key-file", "no.txt"], 2, "no.txt");
    shop_refuses(&shop, &["backup", "restore", "copy.age", "--yes", "--key-file", "config.toml"], 2, "config.toml");
    let other = shop.path("other.txt");
    fs::write(&other, key().0.secret().expose_secret()).unwrap();
    shop_refuses(&shop, &["backup", "restore", "copy.age", "--yes", "--key-file", "other.txt"], 1, "другим ключом");
    fs::write(shop.path("cut.age"), &fs::read(shop.path("copy.age")).unwrap()[..3000]).unwrap();
    shop_refuses(&shop, &["backup", "restore", "cut.age", "--yes", "--key-file", &file], 1, "cut.age");
    shop_refuses(&shop, &["backup", "restore", "dvorik.db", "--yes", "--key-file", &file], 2, "не зашифрованная");

    let ran = shop.runs(&["backup", "restore", "copy.age", "--yes", "--key-file", &file, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let after = &ran.json()["after"];
    assert_eq!((&after["held"], &after["copies_off"]), (&1.into(), &true.into()));
    assert!(after["backup"].as_str().unwrap().ends_with("copy.age"));
    assert_eq!((shop.counts(HELD), shop.counts("SELECT count(*) FROM campaigns")), (1, 0));
    let audited = "SELECT count(*) FROM audit_log WHERE action = 'restore_backup' AND entity_id = 'copy.age'";
    assert_eq!(shop.counts(audited), 1);
    assert_eq!(shop.runs(&["settings", "get", "backup_to_telegram", "-q"]).out, "false\n");
    assert_eq!(recipient_of(&shop), identity.recipient());
    assert_eq!(fs::read(shop.path("config.toml")).unwrap(), settings);
    assert!(files(&shop, "").iter().all(|name| !name.starts_with('.')), "{:?}", files(&shop, ""));
    // A person types the key.
    let (code, shown) = talks(&shop, "backup restore copy.age", |text| {
        if text.contains("Дворик") {
            "Дворик".to_owned()
        } else {
            identity.secret().expose_secret().to_lowercase()
        }
    });
    assert!(code == 0 && !shown.to_uppercase().contains("AGE-SECRET-KEY-1"), "{shown}");
}

fn shop_refuses(shop: &Shop, args: &[&str], code: i32, words: &str) {
    crate::backup::refuses(shop, args, code, words);
}

//! Encrypted copies of backups: what is in one, who can open it, and what is refused.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dvorik::backup::{self, BackupError, decrypt, encrypt};
use dvorik::clock::{Clock, Timestamp};
use dvorik::encrypted_archive::{AgeIdentity, AgeRecipient};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::test_runner::TestRunner;
use secrecy::ExposeSecret;
use tar::{EntryType, Header};

use crate::backup::{backs_up, files, sidecar};
use crate::cli::shop::{Shop, keys, nowhere, words};
use crate::harness::{Deadline, forgets_machine, number};

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
    // Longer than a chunk of 64 KiB, each of which is authentic by itself.
    let noise = "INSERT INTO user_tags (user_id, tag) SELECT 1, hex(randomblob(16)) FROM
        (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000) SELECT i FROM n)";
    shop.database().write::<_, dvorik::db::Failure, _>(move |tx| tx.change(noise, []).map(drop)).unwrap();
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
    // The header ends with the line of its MAC; a nonce of 16 bytes follows, then chunks of 64 KiB and 16 bytes each. Cut off
    // behind a chunk, what is left is authentic.
    let mac = whole.windows(5).position(|bytes| bytes == b"\n--- ").unwrap() + 1;
    let first = mac + whole[mac..].iter().position(|byte| *byte == b'\n').unwrap() + 1 + 16;
    let ends: Vec<usize> = (first..whole.len()).step_by(65_552).collect();
    assert!(ends.len() > 4, "{ends:?}");
    for length in [0, 1, whole.len() - 1, whole.len() - 16].into_iter().chain(ends) {
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
    // A header that never ends would be read for hours: age reads it anew after every line.
    let endless = shop.path("endless.age");
    let lines = "A".repeat(64) + "\n";
    fs::write(&endless, format!("age-encryption.org/v1\n-> X25519 A\n{}", lines.repeat(20_000))).unwrap();
    assert!(matches!(refuses(&endless, &identity), BackupError::Damaged { .. }));
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
    // Each file is named after what is wrong with it.
    let keep = |what: &str, bytes: &[u8]| {
        let path = shop.path(&format!("{}.age", what.replace('/', "|")));
        fs::write(&path, sealed(bytes, &recipient)).unwrap();
        path
    };
    let new = || Forger::of(&made);

    let path = keep("nothing", &compressed(&new().sidecar().config().database().ends()));
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
        let error = refuses(&keep(what, &compressed(&packed)), &identity);
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
        let error = refuses(&keep(what, &bytes), &identity);
        assert!(matches!(error, BackupError::Damaged { .. }), "{what}: {error}");
    }
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

/// So many customers, each with a code.
const CUSTOMERS: [&str; 2] = [
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)
     INSERT INTO users (telegram_id, is_test, username, first_name, last_name, name_norm, phone, source, source_normalized,
            is_subscribed, created_at, created_day, last_activity_at)
     SELECT 10000000 + i * 48271 % 900000001, 0, 'user' || i * 69621 % 4093, 'Имя' || i % 1009, 'Фамилия' || i % 4093,
            'имя' || i % 1009 || ' фамилия' || i % 4093, printf('+79%09d', i * 48271 % 900000001), 'direct', 'direct', i % 2,
            strftime('%Y-%m-%dT%H:%M:%SZ', '2026-11-22', '-' || (i * 31 % 30000) || ' minutes'), '2026-11-22',
            '2026-11-22T00:00:00Z' FROM n",
    "INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type, source_kind,
            created_at, created_day, created_by, expires_at)
     SELECT hex(randomblob(11)), printf('%07d', id), id, 1, 0, 1000, 'percent', 'single', 'subscription', created_at,
            created_day, 'x', '2026-12-01T00:00:00Z' FROM users WHERE telegram_id > 10000000 AND :many > 0",
];

/// Runs a command and returns the most memory it took, in megabytes, and its CPU time, in seconds.
fn measured(shop: &Shop, args: &[&str]) -> (u64, f64) {
    const JUDGE: &str = "import resource, subprocess, sys; \
        subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); \
        used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_maxrss // 1024, used.ru_utime + used.ru_stime)";
    let mut command = Command::new("python3");
    command.args(["-c", JUDGE, env!("CARGO_BIN_EXE_dvorik")]).args(args).current_dir(shop.path(""));
    forgets_machine(&mut command);
    let output = command.env("PATH", "/usr/bin:/bin").output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let (megabytes, seconds) = printed.trim().split_once(' ').unwrap();
    (megabytes.parse().unwrap(), seconds.parse().unwrap())
}

/// `.ci/soak` asks for a million customers.
#[test]
fn a_copy_of_a_large_shop_takes_little_memory_to_make_and_to_open() {
    let many = number("DVORIK_TEST_PEOPLE").unwrap_or(20_000).cast_signed();
    let shop = configured();
    shop.configures(&format!(
        "{}[bots.staff]\ntoken = \"1000002:canary-of-the-staff-bot\"\n",
        fs::read_to_string(shop.path("config.toml")).unwrap()
    ));
    let (identity, recipient) = key();
    switches_on(&shop, &identity);
    let fill = move |tx: &dvorik::db::Tx<'_>| {
        CUSTOMERS.iter().try_for_each(|sql| tx.change(sql, &[(":many", &many)]).map(drop))
    };
    shop.database().write_bulk::<_, dvorik::db::Failure, _>(fill).unwrap();
    let made = backs_up(&shop);
    let begun = std::time::Instant::now();
    let bytes = encrypt(&shop.config(), &made, &recipient, (&shop.path("copy.age"), u64::MAX)).unwrap().unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    let raw = fs::metadata(&made).unwrap().len();
    // The shop has no owner to send it to.
    let making = measured(&shop, &["job", "run", "backup"]);
    let copies = fs::read_dir(shop.path("dvorik.db.copies")).unwrap().count();
    assert_eq!(copies, usize::from(bytes < backup::MOST_IN_CHAT), "{copies} files of {bytes} bytes");
    let file = kept_key(&shop, &identity);
    let new = nowhere();
    let (copy, paper) = (shop.path("copy.age"), shop.path(&file));
    let opening = measured(&new, &["init", "--from", copy.to_str().unwrap(), "--key-file", paper.to_str().unwrap()]);
    let megabyte = 1_000_000.0;
    println!(
        "{many} customers: database {:.1} MB, copy {:.1} MB in {seconds:.1} s; job run backup {} MB in {:.1} s; init --from {} MB in {:.1} s",
        raw as f64 / megabyte,
        bytes as f64 / megabyte,
        making.0,
        making.1,
        opening.0,
        opening.1
    );
    assert!(making.0 < 150 && opening.0 < 150, "{making:?} {opening:?}");
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
    // The file system's clock: the suite may run with another one.
    let made = fs::metadata(there.path().join(".dvorik-opened-old")).unwrap();
    let now = Timestamp(std::os::unix::fs::MetadataExt::mtime(&made));
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
const QUEUED: &str = "SELECT count(*) FROM outbox WHERE state = 'queued'";

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

/// The encrypted copy of a shop that sends copies, and its key in a file: all that is left of the former machine.
fn left() -> (Vec<u8>, AgeIdentity) {
    let shop = configured();
    let (identity, recipient) = key();
    sends_copies(&shop, &identity);
    shop.code("manual_10");
    encrypt(&shop.config(), &backs_up(&shop), &recipient, (&shop.path("copy.age"), u64::MAX)).unwrap();
    (fs::read(shop.path("copy.age")).unwrap(), identity)
}

#[test]
fn a_new_machine_gets_the_shop_and_its_secrets_from_the_copy_and_the_paper() {
    let (copy, identity) = left();
    let shop = nowhere();
    fs::write(shop.path("copy.age"), &copy).unwrap();
    let file = kept_key(&shop, &identity);
    let ran = shop.runs(&["init", "--from", "copy.age", "--key-file", &file, "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let made = ran.json();
    assert_eq!(made["schema"], "dvorik.init.from/1");
    assert_eq!(
        keys(&made["after"]),
        words("active_codes config copies_off copy created_at database held migrated sha256")
    );
    assert_eq!((&made["after"]["active_codes"], &made["after"]["held"]), (&1.into(), &2.into()));
    assert_eq!((&made["after"]["copies_off"], &made["next"][0]), (&true.into(), &"dvorik doctor".into()));
    for name in ["config.toml", "dvorik.db"] {
        assert_eq!(fs::metadata(shop.path(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    let text = fs::read_to_string(shop.path("config.toml")).unwrap();
    assert!(text.contains(TOKEN) && text.contains(ERASURE_KEY), "{text}");
    assert_eq!(shop.counts("SELECT count(*) FROM users"), 3);
    assert_eq!((shop.counts(HELD), shop.counts(QUEUED)), (2, 0));
    assert_eq!(shop.runs(&["settings", "get", "backup_to_telegram", "-q"]).out, "false\n");
    assert_eq!(shop.runs(&["settings", "set", "backup_to_telegram", "true"]).code, 0);
    let left: Vec<_> = files(&shop, "").into_iter().filter(|name| !name.contains(".lock")).collect();
    assert_eq!(left, ["config.toml", "copy.age", "dvorik.db", "key.txt"]);

    let again = shop.runs(&["init", "--from", "copy.age", "--key-file", &file]);
    assert_eq!(again.code, 5, "{}", again.err);
    fs::remove_file(shop.path("config.toml")).unwrap();
    shop_refuses(&shop, &["init", "--from", "copy.age", "--key-file", &file], 5, "dvorik.db");
    assert!(!shop.path("config.toml").exists() && !shop.path("config.toml.new").exists());
}

#[test]
fn a_person_types_the_key_and_is_told_what_to_look_at() {
    let (copy, identity) = left();
    let shop = nowhere();
    fs::write(shop.path("copy.age"), &copy).unwrap();
    let mut tries = 0;
    let (code, shown) = talks(&shop, "init --from copy.age --lang ru --config etc.toml", |_| {
        tries += 1;
        if tries == 1 { "AGE-SECRET-KEY-1".to_owned() } else { identity.secret().expose_secret().to_owned() }
    });
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains(identity.secret().expose_secret()) && shown.contains("Это не ключ"), "{shown}");
    for words in ["Действует 1 код", "--void-live", "не будут отправлены", "Копии в Telegram выключены", "doctor"]
    {
        assert!(shown.contains(words), "«{words}» is not in {shown}");
    }
    assert!(shop.path("etc.toml").is_file() && shop.path("dvorik.db").is_file());
}

#[test]
fn nothing_is_written_on_a_new_machine_unless_the_copy_is_whole_and_the_key_its_own() {
    let (copy, identity) = left();
    let shop = nowhere();
    let file = kept_key(&shop, &identity);
    fs::write(shop.path("other.txt"), key().0.secret().expose_secret()).unwrap();
    let mut flipped = copy.clone();
    flipped[copy.len() / 2] ^= 1;
    for (name, bytes) in [("whole", &copy[..]), ("cut", &copy[..copy.len() - 1]), ("flipped", &flipped), ("empty", b"")]
    {
        fs::write(shop.path(name), bytes).unwrap();
    }
    let before = files(&shop, "");
    for (args, code) in [
        (["init", "--from", "whole", "--key-file", "other.txt"], 1),
        (["init", "--from", "cut", "--key-file", &file], 1),
        (["init", "--from", "flipped", "--key-file", &file], 1),
        (["init", "--from", "empty", "--key-file", &file], 2),
        (["init", "--from", "no", "--key-file", &file], 3),
        (["init", "--from", "whole", "--key-file", "no"], 2),
        (["init", "--from", "whole", "--force", "--no-input"], 2),
    ] {
        let ran = shop.runs(&args);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{args:?}: {}", ran.err);
        assert_eq!(files(&shop, ""), before, "{args:?}");
    }
    assert_eq!(shop.runs(&["init", "--from", "whole"]).code, 2, "nobody can be asked for the key");
    assert_eq!(files(&shop, ""), before);
}

#[test]
fn the_environment_of_a_new_machine_says_where_the_shop_lies() {
    let (copy, identity) = left();
    let shop = nowhere();
    fs::write(shop.path("copy.age"), &copy).unwrap();
    fs::create_dir(shop.path("etc")).unwrap();
    let file = kept_key(&shop, &identity);
    let made = shop.runs_with(
        &["init", "--from", "copy.age", "--key-file", &file, "--config", "etc/shop.toml"],
        &[("DVORIK_DATABASE__PATH", "data/shop.db"), ("DVORIK_CURRENCY", "RUB")],
    );
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(shop.path("data/shop.db").is_file());
    // From here on the file speaks for itself, wherever the command is run.
    let status = shop.runs(&["user", "list", "-q", "--config", "etc/shop.toml"]);
    assert_eq!((status.code, status.out.lines().count()), (0, 2), "{}", status.err);
    let elsewhere = nowhere();
    fs::write(elsewhere.path("copy.age"), &copy).unwrap();
    let file = kept_key(&elsewhere, &identity);
    let refused = elsewhere
        .runs_with(&["init", "--from", "copy.age", "--key-file", &file], &[("DVORIK_TIMEZONE", "Europe/Moscow")]);
    assert_eq!(refused.code, 78, "{}", refused.err);
    assert!(!elsewhere.path("config.toml").exists() && !elsewhere.path("dvorik.db").exists());
}

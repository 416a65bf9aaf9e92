//! A disk that is really full: a database on a file system of two megabytes. Mounting one needs root; without it the
//! page limit in `db::writer`'s own test stands for the same failure.

use std::path::Path;
use std::process::Command;

use dvorik::campaign;
use dvorik::clock::{Clock, Zone};
use dvorik::db::{self, Database, Failure, Slice};
use dvorik::error::Error;
use dvorik::ids::TelegramId;
use dvorik::realm::Realm;
use dvorik::user::{self, CustomerFilter, Person};

/// A small file system, gone when dropped.
pub struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    pub fn mount() -> Option<Self> {
        Self::of(2)
    }

    pub fn of(mebibytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs"])
            .arg(dir.path())
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(dir))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn arrive(database: &Database, id: i64) -> Result<(), Error> {
    let person =
        Person { id: TelegramId(id), username: None, first_name: Some("Анна ".repeat(40)), last_name: None };
    database.write(move |tx| campaign::arrive(tx, Realm::Real, &person, None).map(drop))
}

#[test]
fn a_full_disk_confirms_nothing_it_does_not_keep_and_recovers_by_itself() {
    let Some(disk) = SmallDisk::of(3) else { return };
    let path = disk.path().join("shop.db");
    // Before the migration: the space of its log is free only when no process that another test just starts has it open.
    let ballast = disk.path().join("ballast");
    std::fs::write(&ballast, vec![0; 512 * 1024]).unwrap();
    db::migrate(&path).unwrap();
    let database = Database::open(&path, Zone::parse("Asia/Vladivostok").unwrap(), Clock::System).unwrap();

    let mut kept = Vec::new();
    let refused = (1..100_000).find(|id| arrive(&database, *id).map(|()| kept.push(*id)).is_err()).unwrap();
    let error = arrive(&database, refused).unwrap_err();
    assert!(matches!(&error, Error::Storage(Failure::Full | Failure::Unavailable(_))), "{error}");

    std::fs::remove_file(ballast).unwrap();
    arrive(&database, refused).unwrap();
    kept.push(refused);
    let everybody = Slice { limit: u32::MAX, offset: 0 };
    let stored = database
        .read(|view| user::list(view, Realm::Real, &CustomerFilter::default(), user::PageSpec::new(None, everybody)))
        .unwrap()
        .0;
    let mut stored: Vec<i64> = stored.iter().map(|user| user.telegram_id.0).collect();
    stored.sort_unstable();
    assert_eq!(stored, kept);
}

//! Segments straight on the database: who fits, what is refused, what stands. No Telegram.

mod agreement;
mod migration;
mod parsing;
mod verbs;

use dvorik::clock::{Clock, Timestamp, Zone};
use dvorik::db::{self, Database, Failure};
use dvorik::ids::TelegramId;
use dvorik::staff;
use tempfile::TempDir;

const OWNER: TelegramId = TelegramId(900);

/// A shop at an instant.
struct Shop {
    _dir: TempDir,
    db: Database,
}

impl Shop {
    fn open_at(now: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("shop.db");
        db::migrate(&path).unwrap();
        let clock = Clock::manual(Timestamp::parse(now).unwrap());
        let db = Database::open(&path, Zone::parse("Asia/Vladivostok").unwrap(), clock).unwrap();
        db.write(|tx| staff::ensure_first_owner(tx, OWNER)).unwrap();
        Self { _dir: dir, db }
    }

    /// Runs statements in one transaction.
    fn sql(&self, statements: Vec<String>) {
        let run = move |tx: &db::Tx<'_>| statements.iter().try_for_each(|sql| tx.change(sql, []).map(drop));
        self.db.write(run).unwrap_or_else(|e: Failure| panic!("{e}"));
    }
}

//! Files only their owner may read. Run as root beside somebody else's database, what is created is given to them: a
//! lock file owned by root would keep the shop's own daemon out.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::Path;

/// Opens `path` for reading and writing, created with mode 0600 if need be. Created by root, it gets the owner of
/// `beside`, or of the directory when there is no such file yet.
///
/// # Errors
/// The system's own.
pub fn open_private(path: &Path, beside: &Path) -> std::io::Result<File> {
    let existed = path.exists();
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    if !existed && rustix::process::geteuid().is_root() {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let model = if path != beside && beside.exists() { beside } else { directory };
        let owner = model.metadata()?;
        chown(path, Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(file)
}

/// Bytes that this user may still write to the file system of `path`.
///
/// # Errors
/// The system's own.
pub fn free_bytes(path: &Path) -> std::io::Result<u64> {
    let stat = rustix::fs::statvfs(path)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_made_by_root_belongs_to_whom_the_database_belongs_to() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("shop.db");
        std::fs::write(&database, "").unwrap();
        chown(&database, Some(4242), Some(4242)).unwrap();
        let lock = dir.path().join("shop.db.serve.lock");
        open_private(&lock, &database).unwrap();
        let made = lock.metadata().unwrap();
        assert_eq!((made.uid(), made.gid(), made.mode() & 0o777), (4242, 4242, 0o600));
    }
}

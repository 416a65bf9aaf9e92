//! Opens and creates files that only their owner may read. When root runs a command on another user's database, the
//! files that it creates are given to that user: a lock file owned by root would keep the shop's own daemon from
//! starting.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown, lchown};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, OFlags};
use rustix::io::Errno;

#[expect(clippy::cast_possible_wrap, reason = "the flags are small")]
const NO_LINK: i32 = OFlags::NOFOLLOW.bits() as i32;

/// The system's error codes when a symbolic link (with `O_NOFOLLOW`) and a socket are opened.
const NOT_REGULAR: [i32; 2] = [Errno::LOOP.raw_os_error(), Errno::NXIO.raw_os_error()];

/// Opens `path` for reading and writing; a missing file is created with mode 0600. A file created by root gets the
/// owner of `beside`, or of the directory when `beside` does not exist yet.
///
/// # Errors
/// The system's own error.
pub fn open_private(path: &Path, beside: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600).custom_flags(NO_LINK);
    match options.clone().create_new(true).open(path) {
        Ok(file) => {
            give_open(&file, path, beside)?;
            Ok(file)
        }
        // Another user may own the directory: root follows no link there and writes to nothing but a file.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let file = options.open(path)?;
            if file.metadata()?.is_file() { Ok(file) } else { Err(ErrorKind::InvalidInput.into()) }
        }
        Err(error) => Err(error),
    }
}

/// As root, gives `path` to the owner of `beside`, or of its own directory when `beside` does not exist; a link is not
/// followed. Otherwise does nothing.
///
/// # Errors
/// The system's own error.
pub fn give(path: &Path, beside: &Path) -> io::Result<()> {
    match owner_for(path, beside)? {
        Some((user, group)) => lchown(path, Some(user), Some(group)),
        None => Ok(()),
    }
}

/// Does what [`give`] does for a file that is open, whatever lies at `path` now.
///
/// # Errors
/// The system's own error.
pub fn give_open(file: &File, path: &Path, beside: &Path) -> io::Result<()> {
    match owner_for(path, beside)? {
        Some((user, group)) => fchown(file, Some(user), Some(group)),
        None => Ok(()),
    }
}

/// The user and the group that a new file `path` is given to; `None` unless the process is root's.
fn owner_for(path: &Path, beside: &Path) -> io::Result<Option<(u32, u32)>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let model = if path != beside && beside.exists() { beside.to_owned() } else { directory_of(path) };
    let owner = model.metadata()?;
    Ok(Some((owner.uid(), owner.gid())))
}

/// Creates a directory and its missing parents with mode 0700. When root creates them, they are given to the owner of
/// `beside`.
///
/// # Errors
/// The system's own error; also when something other than a directory has this name.
pub fn make_private_directory(path: &Path, beside: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = directory_of(path);
    if parent != path {
        make_private_directory(&parent, beside)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        // The new directory's name must survive a power cut, not only the files in the directory.
        Ok(()) => give(path, beside).and_then(|()| sync_directory_of(path)),
        // Another process made the directory first.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(ErrorKind::NotADirectory.into()),
        Err(error) => Err(error),
    }
}

/// Opens a regular file for reading; `None` for a symbolic link, a directory, a pipe or a socket. Opening a pipe does
/// not wait for its writer.
///
/// # Errors
/// The system's own error.
pub fn open_regular(path: &Path) -> io::Result<Option<File>> {
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
    match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => Ok(file.metadata()?.is_file().then_some(file)),
        // The last part of the path is a symbolic link, or a socket.
        Err(error) if error.raw_os_error().is_some_and(|code| NOT_REGULAR.contains(&code)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Opens a regular file for reading; a symbolic link is followed. Pipes, sockets and devices are refused, without
/// waiting for the other end of a pipe.
///
/// # Errors
/// The system's own error; `IsADirectory`, and `InvalidInput` for anything else that is not a regular file.
pub fn open_at_end_of_link(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(|error| match error.raw_os_error() {
        // The path is a socket.
        Some(code) if NOT_REGULAR.get(1) == Some(&code) => ErrorKind::InvalidInput.into(),
        _ => error,
    })?;
    let found = file.metadata()?;
    if found.is_file() {
        return Ok(file);
    }
    Err(if found.is_dir() { ErrorKind::IsADirectory } else { ErrorKind::InvalidInput }.into())
}

/// Whether this process may make files in `directory`.
///
/// # Errors
/// The system's own error when it may not.
pub fn must_be_writable(directory: &Path) -> io::Result<()> {
    if !directory.metadata()?.is_dir() {
        return Err(ErrorKind::NotADirectory.into());
    }
    Ok(rustix::fs::access(directory, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Syncs the directory of `path`, so that names of files created or renamed in it survive a power cut.
///
/// # Errors
/// The system's own error.
pub fn sync_directory_of(path: &Path) -> io::Result<()> {
    File::open(directory_of(path))?.sync_all()
}

/// The directory that contains `path`; `.` for a bare name.
#[must_use]
pub fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        Some(_) => PathBuf::from("."),
        None => path.to_owned(),
    }
}

/// The path `path` with `tail` added at its end.
#[must_use]
pub fn with_tail(path: &Path, tail: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(tail);
    PathBuf::from(name)
}

/// How many bytes an ordinary user may still write to the file system of `path`.
///
/// # Errors
/// The system's own error.
pub fn free_bytes(path: &Path) -> std::io::Result<u64> {
    let stat = rustix::fs::statvfs(path)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::chown;

    use super::*;

    #[test]
    fn a_private_file_is_never_made_or_written_behind_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let (target, link) = (directory.path().join("target"), directory.path().join("shop.db.serve.lock"));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(open_private(&link, &link).is_err());
        assert!(!target.exists(), "nothing is made where the link leads");
        std::fs::write(&target, "kept").unwrap();
        assert!(open_private(&link, &link).is_err());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "kept");
        assert!(open_private(&target, &target).is_ok());
        assert!(open_private(directory.path(), directory.path()).is_err(), "a directory");
    }

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
        let deep = dir.path().join("one/two");
        make_private_directory(&deep, &database).unwrap();
        for made in [deep.metadata().unwrap(), deep.parent().unwrap().metadata().unwrap()] {
            assert_eq!((made.uid(), made.gid(), made.mode() & 0o777), (4242, 4242, 0o700));
        }
    }

    #[test]
    fn only_a_regular_file_is_opened() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link, pipe) = (dir.path().join("file"), dir.path().join("link"), dir.path().join("pipe"));
        std::fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
        assert!(open_regular(&file).unwrap().is_some());
        for other in [&link, &pipe, &dir.path().to_owned()] {
            assert!(open_regular(other).unwrap().is_none(), "{}", other.display());
        }
        assert!(open_at_end_of_link(&file).is_ok() && open_at_end_of_link(&link).is_ok());
        let socket = dir.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let refused = |path: &Path| open_at_end_of_link(path).unwrap_err().kind();
        assert_eq!(refused(dir.path()), ErrorKind::IsADirectory);
        for other in [pipe.as_path(), socket.as_path(), Path::new("/dev/zero")] {
            assert_eq!(refused(other), ErrorKind::InvalidInput, "{}", other.display());
        }
    }
}

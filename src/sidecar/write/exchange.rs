//! Replaces a file only if it is still the one meant, however late another program has replaced it.

use std::fs;
use std::io;
use std::path::Path;

use crate::sidecar::write::file::Temporary;

impl Temporary {
    /// Puts it in the place of a file that `is_it` recognises. Where the system exchanges two names in one
    /// step, it looks at what it has taken away, and puts back what another program has put there since
    /// anyone looked. Returns whether the file was replaced.
    pub(crate) fn replace(
        self,
        to: &Path,
        is_it: impl Fn(&fs::Metadata) -> bool,
    ) -> io::Result<bool> {
        if exchange(self.path(), to).is_err() {
            // Not every file system can, and `to` may have gone.
            let is_there = fs::symlink_metadata(to).is_ok_and(|now| is_it(&now));
            return match is_there {
                true => self.rename(to).map(|()| true),
                false => Ok(false),
            };
        }
        if fs::symlink_metadata(self.path()).is_ok_and(|old| is_it(&old)) {
            // What was replaced goes with `self`.
            return Ok(true);
        }
        match exchange(self.path(), to) {
            Ok(()) => Ok(false),
            Err(error) => {
                // It is not ours to remove.
                self.leave();
                Err(error)
            }
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_at_the_last_moment_stays() {
        let folder = tempfile::tempdir().unwrap();
        let photo = folder.path().join("IMG.JPG");
        fs::write(&photo, "old").unwrap();
        let new = |bytes: &[u8]| Temporary::write(folder.path(), bytes, None).unwrap();
        let is_of = |length: u64| move |found: &fs::Metadata| found.len() == length;
        assert!(new(b"newer").replace(&photo, is_of(3)).unwrap());
        assert_eq!(fs::read(&photo).unwrap(), b"newer");
        // Another program has replaced it meanwhile.
        assert!(!new(b"newest").replace(&photo, is_of(3)).unwrap());
        assert_eq!(fs::read(&photo).unwrap(), b"newer");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        // It has gone, and does not come back.
        fs::remove_file(&photo).unwrap();
        assert!(!new(b"newest").replace(&photo, is_of(5)).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_came_at_the_last_moment_stays_and_its_target_too() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let (photo, target) = (folder.path().join("IMG.JPG"), outside.path().join("other"));
        fs::write(&target, "other").unwrap();
        std::os::unix::fs::symlink(&target, &photo).unwrap();
        let new = Temporary::write(folder.path(), b"new", None).unwrap();
        assert!(!new.replace(&photo, fs::Metadata::is_file).unwrap());
        assert_eq!(fs::read_link(&photo).unwrap(), target);
        assert_eq!(fs::read(&target).unwrap(), b"other");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

//! Puts a repaired library in the place of the damaged one.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::store::paths::with_suffix;

/// Replaces the old file with the new one, and returns the old file's new path. If that fails, the old
/// file is back.
pub(super) fn swap(path: &Path, new: &Path) -> io::Result<PathBuf> {
    let kept = unused(path)?;
    let mut moved = Vec::new();
    let put_back = |moved: Vec<&str>, error| {
        for suffix in moved {
            // Under its new name it is not lost either.
            let _ = fs::rename(with_suffix(&kept, suffix), with_suffix(path, suffix));
        }
        Err(error)
    };
    // Without its changes beside it, the old file is not whole, and the new one must not get them.
    for suffix in ["-wal", "-shm", ""] {
        match fs::rename(with_suffix(path, suffix), with_suffix(&kept, suffix)) {
            Ok(()) => moved.push(suffix),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return put_back(moved, error),
        }
    }
    // Between the two renames there is no library, which is harmless: both files are complete and
    // have names.
    match fs::rename(new, path) {
        Ok(()) => Ok(kept),
        Err(error) => put_back(moved, error),
    }
}

/// A name for the damaged file that nothing has.
fn unused(path: &Path) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let kept = with_suffix(path, &format!(".damaged-{number}"));
        match kept.symlink_metadata() {
            Ok(_) => number += 1,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(kept),
            Err(error) => return Err(error),
        }
    }
}

/// Removes a library's file and what SQLite has beside it.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        match fs::remove_file(with_suffix(path, suffix)) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_the_new_file_cannot_take_the_place_the_old_one_is_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library");
        let all = ["", "-wal", "-shm"].map(|suffix| with_suffix(&path, suffix));
        for file in &all {
            fs::write(file, file.to_str().unwrap()).unwrap();
        }
        let taken = with_suffix(&path, ".damaged-1");
        fs::write(&taken, "an older one").unwrap();
        swap(&path, &folder.path().join("missing")).unwrap_err();
        for file in &all {
            assert_eq!(fs::read_to_string(file).unwrap(), file.to_str().unwrap());
        }
        let new = folder.path().join("new");
        fs::write(&new, "new").unwrap();
        let kept = swap(&path, &new).unwrap();
        assert_eq!(kept, with_suffix(&path, ".damaged-2"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert!(!all[1].exists() && with_suffix(&kept, "-wal").exists());
        assert_eq!(fs::read_to_string(taken).unwrap(), "an older one");
    }
}

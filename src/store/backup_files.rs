//! The files of backups: `LIBRARY.backups/TIME-OCCASION.library.gz`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::store::paths::with_suffix;
use crate::store::temp_folder::TEMPORARY;

/// How their names end.
pub(super) const EXTENSION: &str = ".library.gz";
/// The number of backups kept for each occasion.
const KEPT: usize = 5;
/// No backup takes that long to make.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 3600);
/// How the names of daily ones end before that.
pub(super) const DAILY: &str = "daily";

/// A backup's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BackupFile {
    /// Its path.
    pub(crate) path: PathBuf,
    /// The time in UTC and the occasion: `2026-11-28T02-14-07-123Z-daily`.
    pub(crate) name: String,
}

impl BackupFile {
    pub(super) fn is_daily(&self) -> bool {
        self.name.ends_with(DAILY)
    }
}

/// Returns the backups of the library at `library`, the newest first.
pub(crate) fn backups(library: &Path) -> Vec<BackupFile> {
    listed(&folder_of(library)).unwrap_or_default()
}

/// The folder with a library's backups.
pub(super) fn folder_of(library: &Path) -> PathBuf {
    with_suffix(library, ".backups")
}

/// Returns the backups in that folder, the newest first.
///
/// # Errors
/// If it is there and cannot be read.
pub(super) fn listed(folder: &Path) -> io::Result<Vec<BackupFile>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(name) = name.and_then(|name| name.strip_suffix(EXTENSION)) {
            let name = name.to_owned();
            found.push(BackupFile { path, name });
        }
    }
    found.sort_by(|a, b| b.name.cmp(&a.name));
    Ok(found)
}

/// Returns the backups to remove: all but the newest of each occasion.
pub(super) fn surplus(newest_first: &[BackupFile]) -> Vec<&BackupFile> {
    let (daily, before): (Vec<_>, Vec<_>) = newest_first.iter().partition(|file| file.is_daily());
    daily
        .into_iter()
        .skip(KEPT)
        .chain(before.into_iter().skip(KEPT))
        .collect()
}

/// Removes the folders in which killed programs were making a backup.
pub(super) fn remove_leftovers(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_temporary = entry.file_name().to_string_lossy().starts_with(TEMPORARY);
        let made = entry.metadata().and_then(|metadata| metadata.modified());
        let age = made.ok().and_then(|time| time.elapsed().ok());
        if is_temporary && age.is_some_and(|age| age > LEFTOVER_AGE) {
            // If this fails, the next backup tries again.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_a_killed_program_left_goes_after_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let made = ["taglens-old", "taglens-new", "old"].map(|name| folder.path().join(name));
        for path in &made {
            std::fs::create_dir(path).unwrap();
            std::fs::write(path.join("library"), "half").unwrap();
        }
        let long_ago = SystemTime::now() - 2 * LEFTOVER_AGE;
        for path in [&made[0], &made[2]] {
            let folder = std::fs::File::open(path).unwrap();
            folder.set_modified(long_ago).unwrap();
        }
        remove_leftovers(folder.path());
        assert_eq!(made.map(|path| path.exists()), [false, true, true]);
    }

    #[test]
    fn five_of_each_kind_stay() {
        let file = |n: usize, what: &str| BackupFile {
            path: PathBuf::new(),
            name: format!("2026-11-{n:02}T00-00-00Z-{what}"),
        };
        let mut all: Vec<BackupFile> = (1..9)
            .flat_map(|n| [file(n, "daily"), file(n, "before-restore")])
            .collect();
        all.reverse();
        let gone: Vec<&str> = surplus(&all).iter().map(|f| f.name.as_str()).collect();
        assert_eq!(gone.len(), 6);
        assert!(gone.iter().all(|name| name < &"2026-11-04"), "{gone:?}");
    }
}

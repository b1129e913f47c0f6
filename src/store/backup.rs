//! Backups of what cannot be rebuilt from photos: decisions, vocabularies, folders, and the journal
//! of exports.
//!
//! They are compressed files in the folder `LIBRARY.backups`. Each is a small library without
//! files, embeddings and tags, so anything that opens a library can open it. A backup gets its name
//! only after it was read back in full.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tempfile::TempDir;

use crate::core::date::{day, file_name_time};
use crate::store::backup_files::{
    BackupFile, DAILY, EXTENSION, backups, folder_of, listed, remove_leftovers, surplus,
};
use crate::store::guard::{self, GUARDED};
use crate::store::packed::{pack, unpack};
use crate::store::temp_folder::{private, temp_folder_in};
use crate::store::{Depth, Store, StoreError, now_ms, rows};

/// How long a daily backup is assumed to exist without a check.
const LOOK: Duration = Duration::from_secs(3600);

/// The occasion of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// Once a day, before the first change.
    Daily,
    /// Before a step that changes much, with a name such as `vocabulary-import`.
    Before(&'static str),
}

impl fmt::Display for Occasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Daily => f.write_str(DAILY),
            Self::Before(step) => write!(f, "before-{step}"),
        }
    }
}

/// An open backup.
pub(crate) struct Backup {
    store: Store,
    _folder: TempDir,
}

impl Backup {
    /// Opens a backup, or a copy of a whole library, and checks it.
    ///
    /// # Errors
    /// If it cannot be read or is damaged.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let wrong = |what: String| StoreError::BackupFile {
            path: path.to_path_buf(),
            what,
        };
        let unread = |source| StoreError::BackupUnread {
            path: path.to_path_buf(),
            source,
        };
        let folder = temp_folder_in(&std::env::temp_dir()).map_err(unread)?;
        let unpacked = folder.path().join("library");
        unpack(path, &unpacked).map_err(|error| match error.raw_os_error() {
            Some(_) => unread(error),
            None => wrong(format!("cannot be read: {error}")),
        })?;
        let store = Store::open_existing(&unpacked)?;
        match store.damage(Depth::Whole)?.into_iter().next() {
            None => Ok(Self {
                store,
                _folder: folder,
            }),
            Some(what) => Err(wrong(format!("is damaged: {what}"))),
        }
    }

    /// Returns the newest intact backup of the library at `library`.
    ///
    /// # Errors
    /// If one that may be intact cannot be read now: an older one has less.
    pub(crate) fn newest(library: &Path) -> Result<Option<(BackupFile, Self)>, StoreError> {
        let path = folder_of(library);
        let unread = |source| StoreError::BackupUnread {
            path: path.clone(),
            source,
        };
        for file in listed(&path).map_err(unread)? {
            match Self::open(&file.path) {
                Ok(backup) => return Ok(Some((file, backup))),
                Err(error) if error.is_unavailable() => return Err(error),
                Err(_) => {}
            }
        }
        Ok(None)
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.store.connection
    }
}

impl Store {
    /// Makes today's backup, unless there is one already or nothing to keep.
    ///
    /// # Errors
    /// As [`Store::back_up`].
    pub(crate) fn back_up_daily(&self) -> Result<(), StoreError> {
        let today = day(now_ms().saturating_mul(1_000_000));
        let has_one = |file: &BackupFile| file.is_daily() && file.name.starts_with(&today);
        match backups(&self.path).iter().any(has_one) {
            true => Ok(()),
            false => self.back_up(Occasion::Daily).map(drop),
        }
    }

    /// Like [`Store::back_up_daily`], unless the backups were checked recently. A failed backup
    /// does not prevent writing.
    pub(super) fn back_up_now_and_then(&self) {
        if self.backed_up.get().is_some_and(|at| at.elapsed() < LOOK) {
            return;
        }
        self.backed_up.set(Some(Instant::now()));
        if let Err(error) = self.back_up_daily() {
            tracing::warn!("no backup was made today: {error}");
        }
    }

    /// Makes a backup before a step that changes much, unless the library is damaged: the step may
    /// be its repair.
    ///
    /// # Errors
    /// As [`Store::back_up`], except for damage.
    pub(crate) fn back_up_before(&self, step: &'static str) -> Result<(), StoreError> {
        match self.back_up(Occasion::Before(step)) {
            Ok(_) | Err(StoreError::Damaged { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Backs up what cannot be rebuilt from photos, and removes old backups. Returns `None` if
    /// there is nothing to back up.
    ///
    /// # Errors
    /// If something that a backup holds is damaged, or the backup cannot be written; then old backups
    /// stay.
    pub(crate) fn back_up(&self, occasion: Occasion) -> Result<Option<BackupFile>, StoreError> {
        let any = "SELECT EXISTS (SELECT 1 FROM decisions) OR EXISTS (SELECT 1 FROM vocabularies)
                       OR EXISTS (SELECT 1 FROM exports) OR EXISTS (SELECT 1 FROM learning)";
        if self.frozen.is_some() || !self.connection.query_row(any, [], |row| row.get(0))? {
            return Ok(None);
        }
        if let Some(what) = self.damage(Depth::BackedUp)?.into_iter().next() {
            return Err(StoreError::damaged(what));
        }
        let folder = folder_of(&self.path);
        let name = format!("{}-{occasion}", file_name_time(now_ms()));
        let path = folder.join(format!("{name}{EXTENSION}"));
        let failed = |error: io::Error| StoreError::BackupFile {
            path: path.clone(),
            what: format!("cannot be written: {error}"),
        };
        private().recursive(true).create(&folder).map_err(failed)?;
        remove_leftovers(&folder);
        let work = temp_folder_in(&folder).map_err(failed)?;
        let (small, packed) = (work.path().join("library"), work.path().join("packed"));
        self.write_small(&small)?;
        pack(&small, &packed).map_err(failed)?;
        Backup::open(&packed)?;
        std::fs::rename(&packed, &path).map_err(failed)?;
        sync_folder(&folder);
        for old in surplus(&backups(&self.path)) {
            // If this fails, the next backup tries again.
            let _ = std::fs::remove_file(&old.path);
        }
        Ok(Some(BackupFile { path, name }))
    }

    /// Writes the data into a new library, with the same ids.
    fn write_small(&self, path: &Path) -> Result<(), StoreError> {
        let mut small = Self::open(path)?;
        self.at_one_moment(|from| {
            small.write(|w| {
                let from = &from.connection;
                rows::copy(
                    from,
                    w.connection,
                    "folders",
                    "folders",
                    &["id", "path", "added_ms"],
                )?;
                let decided = "(SELECT id, hash, picture FROM photos
                                WHERE id IN (SELECT photo_id FROM decisions))";
                rows::copy(
                    from,
                    w.connection,
                    decided,
                    "photos",
                    &["id", "hash", "picture"],
                )?;
                for guarded in GUARDED {
                    let intact = format!("intact_{}", guarded.table);
                    let columns = guarded.columns();
                    rows::copy(from, w.connection, &intact, guarded.table, &columns)?;
                    let noted = guard::noted(from, guarded.table)?;
                    if noted != Some(guard::counted(w.connection, &guarded)?) {
                        let what = format!("rows of `{}` are missing", guarded.table);
                        return Err(StoreError::damaged(what));
                    }
                }
                Ok(())
            })
        })
    }
}

/// Makes a rename survive a power cut, if the system can.
fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::photo::ContentHash;
    use crate::store::{Decision, Origin, Verdict};

    fn library(folder: &Path) -> Store {
        let mut store = Store::open(&folder.join("library.sqlite")).unwrap();
        store
            .write(|w| {
                w.add_folder(Path::new("/photos"))?;
                for n in 0..20 {
                    let photo = w.photo_of(&ContentHash::new([n; 32]))?;
                    let yes = Decision::now(Verdict::Accepted, Origin::Person);
                    w.decide(photo, w.label("dog")?, Some(yes))?;
                }
                Ok(())
            })
            .unwrap();
        store
    }

    #[test]
    fn a_backup_is_a_library_with_what_was_said() {
        let folder = tempfile::tempdir().unwrap();
        let store = library(folder.path());
        let made = store.back_up(Occasion::Before("test")).unwrap().unwrap();
        assert!(made.name.ends_with("Z-before-test"), "{}", made.name);
        let backup = Backup::open(&made.path).unwrap();
        assert_eq!(
            backup.store.decisions().unwrap(),
            store.decisions().unwrap()
        );
        assert_eq!(backup.store.folders().unwrap(), store.folders().unwrap());
        let left = std::fs::read_dir(made.path.parent().unwrap()).unwrap();
        assert_eq!(left.count(), 1, "what it was made with is gone");
    }

    #[test]
    fn the_first_change_of_a_day_makes_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = library(folder.path());
        assert_eq!(backups(&store.path), []);
        store.back_up_daily().unwrap();
        store.back_up_daily().unwrap();
        assert_eq!(backups(&store.path).len(), 1);
        std::fs::remove_file(&backups(&store.path)[0].path).unwrap();
        store.backed_up.set(None);
        store.write(|w| w.label("cat")).unwrap();
        let made = backups(&store.path);
        assert_eq!(made.len(), 1);
        let backup = Backup::open(&made[0].path).unwrap();
        assert_eq!(
            backup.store.label("cat").unwrap(),
            None,
            "before the change"
        );
    }

    #[test]
    fn a_damaged_library_pushes_no_good_backup_out() {
        let folder = tempfile::tempdir().unwrap();
        let store = library(folder.path());
        store.back_up(Occasion::Daily).unwrap();
        let raw = Connection::open(&store.path).unwrap();
        raw.execute("UPDATE decisions SET accepted = 0 WHERE photo_id = 3", [])
            .unwrap();
        let error = store.back_up(Occasion::Daily).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        store.back_up_before("test").unwrap();
        assert_eq!(backups(&store.path).len(), 1);
    }

    #[test]
    fn of_backups_made_one_after_the_other_the_last_is_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let store = library(folder.path());
        for _ in 0..5 {
            let daily = store.back_up(Occasion::Daily).unwrap().unwrap();
            assert_eq!(backups(&store.path)[0], daily);
            let before = store.back_up(Occasion::Before("test")).unwrap().unwrap();
            assert_eq!(backups(&store.path)[0], before);
        }
    }

    #[test]
    fn backups_that_cannot_be_listed_do_not_count_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = library(folder.path());
        assert!(Backup::newest(&store.path).unwrap().is_none());
        std::fs::write(folder_of(&store.path), "not a folder").unwrap();
        let error = Backup::newest(&store.path).err().unwrap();
        assert!(error.is_unavailable(), "{error}");
    }

    #[test]
    fn a_damaged_backup_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let store = library(folder.path());
        let made = store.back_up(Occasion::Daily).unwrap().unwrap();
        let whole = std::fs::read(&made.path).unwrap();
        let newer = made
            .path
            .with_file_name(format!("9999-01-01-daily{EXTENSION}"));
        let unpacked = |name: &str, from: &Path| {
            let to = folder.path().join(name);
            unpack(from, &to).map(|()| std::fs::read(&to).unwrap())
        };
        let right = unpacked("right", &made.path).unwrap();
        for place in (20..whole.len()).step_by(97) {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x10;
            std::fs::write(&newer, bytes).unwrap();
            // Some bits of the packed format mean nothing.
            if let Ok(bytes) = unpacked(&place.to_string(), &newer) {
                assert!(bytes == right, "byte {place}");
            }
        }
        std::fs::write(&newer, &whole[..whole.len() / 2]).unwrap();
        let (newest, _) = Backup::newest(&store.path).unwrap().unwrap();
        assert_eq!(newest, made);
    }
}
